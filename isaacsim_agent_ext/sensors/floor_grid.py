"""The walkable floor as cells: what coverage is counted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_FINE = 5  # samples along a cell's side; odd, so that one is in its middle
_LEAST_SAMPLES = _FINE * _FINE // 4  # a cell counts when a quarter of it is walkable
_STOREY = 1.5  # [m] between surfaces above each other; less than any headroom
_EDGE = 1e-6  # of a triangle's barycentric coordinates, so that no sample falls between two triangles


@dataclass(frozen=True, eq=False)
class FloorGrid:
    """Square cells over the walkable floor, those of several storeys above each other kept apart.

    Attributes:
        cells: ``(n, 3)`` float64 for each cell the walkable point nearest to its middle [m].
        samples: ``(m, 3)`` float64 points on the walkable floor, a fifth of a cell apart, neighbours near each
            other in the order [m].
    """

    cells: np.ndarray
    samples: np.ndarray


def grid_floor(triangles: np.ndarray, resolution: float) -> FloorGrid:
    """Divide a surface into cells.

    The grid starts at the lower corner of the surface's bounds. A cell of which less than a quarter is walkable does
    not count, unless that holds for all.

    Args:
        triangles: ``(n, 3, 3)`` the surface, such as `NavMesh.triangles` gives it [m].
        resolution: Length of a cell's side [m].
    """
    triangles = np.asarray(triangles, dtype=np.float64).reshape(-1, 3, 3)
    step = resolution / _FINE
    origin = triangles[:, :, :2].min(axis=(0, 1), initial=np.inf)  # of nothing: unused
    columns, heights = _sample(triangles, origin, step)
    columns, heights = _one_per_storey(columns, heights)
    if len(columns) == 0:
        return FloorGrid(np.zeros((0, 3)), np.zeros((0, 3)))
    samples = np.concatenate([origin + (columns + 0.5) * step, heights[:, None]], axis=1)

    square = columns // _FINE
    order = np.lexsort((heights, square[:, 1], square[:, 0]))
    samples, square = samples[order], square[order]
    height = samples[:, 2]
    # A slope stays one cell: its samples rise by less than a storey from one to the next.
    starts = np.flatnonzero(
        np.concatenate([[True], (square[1:] != square[:-1]).any(axis=1) | (np.diff(height) > _STOREY)])
    )
    cell = np.repeat(np.arange(len(starts)), np.diff([*starts, len(samples)]))
    middle = origin + (square + 0.5) * resolution
    off_middle = np.linalg.norm(samples[:, :2] - middle, axis=1).round(9)
    nearest = np.lexsort((off_middle, cell))[starts]
    enough = np.bincount(cell) >= _LEAST_SAMPLES
    return FloorGrid(samples[nearest[enough] if enough.any() else nearest], samples)


def _sample(triangles: np.ndarray, origin: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the column ``(m, 2)`` and the height ``(m,)`` of each point of a lattice that lies in a triangle."""
    all_columns, all_heights = [np.zeros((0, 2), dtype=np.int64)], [np.zeros(0)]
    for a, b, c in triangles:
        u, v = (b - a)[:2], (c - a)[:2]
        area = u[0] * v[1] - u[1] * v[0]
        if abs(area) < 1e-12:
            continue
        corners = (np.array([a, b, c])[:, :2] - origin) / step - 0.5
        first, last = np.ceil(corners.min(axis=0) - _EDGE), np.floor(corners.max(axis=0) + _EDGE)
        x, y = (np.arange(low, high + 1) for low, high in zip(first, last, strict=True))
        columns = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.int64)
        offset = origin + (columns + 0.5) * step - a[:2]
        along_u = (offset[:, 0] * v[1] - offset[:, 1] * v[0]) / area
        along_v = (u[0] * offset[:, 1] - u[1] * offset[:, 0]) / area
        inside = (along_u >= -_EDGE) & (along_v >= -_EDGE) & (along_u + along_v <= 1 + _EDGE)
        all_columns.append(columns[inside])
        all_heights.append((a[2] + along_u * (b[2] - a[2]) + along_v * (c[2] - a[2]))[inside])
    return np.concatenate(all_columns), np.concatenate(all_heights)


def _one_per_storey(columns: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop what lies in two triangles because it lies on their common edge."""
    order = np.lexsort((heights, columns[:, 1], columns[:, 0]))
    columns, heights = columns[order], heights[order]
    same = (columns[1:] == columns[:-1]).all(axis=1) & (np.diff(heights) <= _STOREY)
    keep = np.concatenate([[True], ~same]) if len(columns) else np.zeros(0, dtype=bool)
    return columns[keep], heights[keep]

"""Which of a surface's separate parts people can be on: floors stay, roofs and the tops of things go."""

from __future__ import annotations

import numpy as np

_GRID = 0.5  # [m] resolution at which one part is compared with what lies below it
_SAMPLES_PER_SQUARE_METRE = 30.0
_MOST_SAMPLES = 400_000
_LOWEST = np.inf


def parts_to_keep(
    triangles: np.ndarray, areas: np.ndarray, components: np.ndarray, *, climb: float, min_area: float
) -> np.ndarray:
    """Return the components that are floor.

    Parts with a named area always stay, whatever they are: the stage asks for them. Of the others,

    - parts smaller than ``min_area`` go, unless there is no larger one,
    - parts that stand over, or are surrounded by, lower floor that stays go: nobody can get up there, so they are the
      roof of a building, the deck of a lorry or the top of a container. Parts are looked at from the lowest up.

    Args:
        triangles: ``(n, 3, 3)`` surface [m].
        areas: ``(n,)`` area numbers, 1 for floor without a name.
        components: ``(n,)`` connected part of each triangle, counted from 0.
        climb: Highest step [m]: what is lower by less is not below.
        min_area: Smallest part to keep [m^2].
    """
    count = int(components.max()) + 1
    sizes = 0.5 * np.linalg.norm(
        np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]).astype(np.float64), axis=1
    )
    part_sizes = np.bincount(components, sizes, minlength=count)
    named = np.bincount(components, areas > 1, minlength=count) > 0
    large = part_sizes >= min(min_area, part_sizes.max())
    if count == 1 or (large | named).sum() == 1:
        return np.flatnonzero(large | named)

    points, owners = _sample(triangles, sizes, components)
    edges, edge_owners = _boundary(triangles, components)
    lower = np.min(points[:, :2], axis=0)
    below = _HeightMap(lower, np.max(points[:, :2], axis=0))
    heights = np.bincount(owners, points[:, 2], minlength=count) / np.maximum(np.bincount(owners, minlength=count), 1)

    keep = []
    for part in np.lexsort((np.arange(count), heights)):
        if not (large[part] or named[part]):
            continue
        inside, rim = points[owners == part], edges[edge_owners == part]
        over = below.lower_floor(inside, climb, spread=0).mean() if len(inside) else 0.0
        around = below.lower_floor(rim, climb, spread=2).mean() if len(rim) else 0.0
        if not named[part] and max(over, around) > 0.5:
            continue
        keep.append(int(part))
        below.add(inside)
    return np.array(sorted(keep), dtype=np.int64)


class _HeightMap:
    """The lowest floor so far in each cell of a grid seen from above."""

    def __init__(self, lower: np.ndarray, upper: np.ndarray):
        self._origin = lower - 3 * _GRID
        shape = np.ceil((upper - lower) / _GRID).astype(int) + 7
        self._lowest = np.full(shape, _LOWEST)

    def add(self, points: np.ndarray) -> None:
        np.minimum.at(self._lowest, self._cells(points), points[:, 2])

    def lower_floor(self, points: np.ndarray, climb: float, *, spread: int) -> np.ndarray:
        """Return for each point whether there is floor more than a step lower within ``spread`` cells ``(n,)``."""
        lowest = self._lowest
        for axis in (0, 1):
            lowest = np.min([np.roll(lowest, shift, axis) for shift in range(-spread, spread + 1)], axis=0)
        return lowest[self._cells(points)] < points[:, 2] - climb

    def _cells(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cells = ((points[:, :2] - self._origin) / _GRID).astype(int)
        return cells[:, 0], cells[:, 1]


def _sample(triangles: np.ndarray, sizes: np.ndarray, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return evenly spread points ``(n, 3)`` and the part of each: the same ones every time."""
    cumulative = np.cumsum(sizes)
    count = int(np.clip(cumulative[-1] * _SAMPLES_PER_SQUARE_METRE, 1, _MOST_SAMPLES))
    chosen = np.searchsorted(cumulative, (np.arange(count) + 0.5) / count * cumulative[-1])
    chosen = np.minimum(chosen, len(triangles) - 1)
    # Additive recurrence with the plastic number (Roberts 2018): even in the plane, and needs no generator.
    steps = np.arange(count)[:, None] * np.array([0.7548776662466927, 0.5698402909980532]) % 1.0
    root = np.sqrt(steps[:, :1])
    a, b, c = (triangles[chosen, corner].astype(np.float64) for corner in range(3))
    points = (1 - root) * a + root * (1 - steps[:, 1:]) * b + root * steps[:, 1:] * c
    return points, components[chosen]


def _boundary(triangles: np.ndarray, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points along the edges that only one triangle has ``(n, 3)``, and the part of each."""
    starts = triangles.reshape(-1, 3)
    ends = triangles[:, [1, 2, 0]].reshape(-1, 3)
    keys = np.round(np.stack([starts, ends], axis=1) * 1000).astype(np.int64)
    swap = (keys[:, 0] != keys[:, 1]).argmax(axis=1)
    rows = np.arange(len(keys))
    flipped = keys[rows, 0, swap] > keys[rows, 1, swap]
    keys[flipped] = keys[flipped][:, ::-1]
    _, inverse, uses = np.unique(keys.reshape(-1, 6), axis=0, return_inverse=True, return_counts=True)
    rim = uses[inverse.reshape(-1)] == 1
    starts, ends, owners = starts[rim].astype(np.float64), ends[rim].astype(np.float64), np.repeat(components, 3)[rim]
    pieces = np.maximum(1, np.ceil(np.linalg.norm(ends - starts, axis=1) / _GRID)).astype(int)
    edge = np.repeat(np.arange(len(starts)), pieces)
    position = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = ((position + 0.5) / pieces[edge])[:, None]
    return starts[edge] * (1 - along) + ends[edge] * along, owners[edge]

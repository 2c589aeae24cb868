"""Convex outlines seen from above, rounded by a radius: which of them overlap.

A disc is a point with a radius, a box four corners without one, a wall the two ends of a line. Only additions,
multiplications and divisions are used, so a run does not depend on the processor's vector instructions.
"""

from __future__ import annotations

import numpy as np

_CHUNK = 2048  # pairs whose axes and places along them stay in a processor's cache


def overlap(points: np.ndarray, radii: np.ndarray, others: np.ndarray, other_radii: np.ndarray) -> np.ndarray:
    """Return which outlines overlap or touch, pair by pair, exactly.

    Two convex outlines are apart when some line separates them (the separating axis theorem); then the distance from
    the corners of each to the edges of the other decides whether their radii bridge the gap.

    Args:
        points: ``(n, k, 2)`` corners in order; the last may be repeated to fill up [m].
        radii: ``(n,)`` what the outlines are rounded by [m].
        others: ``(n, j, 2)`` [m].
        other_radii: ``(n,)`` [m].

    Returns:
        ``(n,)`` bool.
    """
    meet = np.empty(len(points), bool)
    for start in range(0, len(points), _CHUNK):
        some = slice(start, start + _CHUNK)
        meet[some] = _overlap(points[some], radii[some] + other_radii[some], others[some])
    return meet


def _overlap(points: np.ndarray, reach: np.ndarray, others: np.ndarray) -> np.ndarray:
    meet = ~_separated(points, others)
    apart = np.flatnonzero(~meet & (reach > 0.0))
    near, far = points[apart], others[apart]
    gap = np.minimum(_corner_to_edge(near, far), _corner_to_edge(far, near))
    meet[apart] = gap <= reach[apart] * reach[apart]
    return meet


def convex_outline(points: np.ndarray) -> np.ndarray:
    """Return the corners ``(k, 2)`` of the convex hull of points ``(n, 2)``, counter-clockwise (Andrew, 1979)."""
    ordered = np.unique(np.asarray(points, np.float64), axis=0)
    if len(ordered) < 3:
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return np.array(lower[:-1] + upper[:-1])


def filled_up(outlines: np.ndarray, count: int) -> np.ndarray:
    """Return outlines ``(..., k, 2)`` as ``(..., count, 2)``, the last corner repeated."""
    missing = count - outlines.shape[-2]
    return np.concatenate([outlines, np.repeat(outlines[..., -1:, :], missing, axis=-2)], axis=-2)


def _chain(points: np.ndarray) -> list[tuple[float, float]]:
    """Return the corners of one side of the hull of sorted points."""
    corners: list[tuple[float, float]] = []
    for x, y in points.tolist():
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0.0:
                break
            corners.pop()
        corners.append((x, y))
    return corners


def _separated(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which pairs of outlines, taken without their radii, have a line between them."""
    edges = np.concatenate([_edges(points), _edges(others)], axis=1)
    # Along the edges too, and from one to the other: outlines may be mere lines or points.
    axes = np.concatenate([edges, edges[..., ::-1] * [-1.0, 1.0], others[:, :1] - points[:, :1]], axis=1)
    ours, theirs = _along(axes, points), _along(axes, others)
    gap = np.maximum(theirs.min(axis=2) - ours.max(axis=2), ours.min(axis=2) - theirs.max(axis=2))
    separated: np.ndarray = (gap > 0.0).any(axis=1)
    return separated


def _edges(points: np.ndarray) -> np.ndarray:
    return np.roll(points, -1, axis=1) - points


def _along(axes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the places ``(n, a, k)`` of points along axes."""
    x, y = points[:, None, :, 0], points[:, None, :, 1]
    places: np.ndarray = axes[..., 0, None] * x + axes[..., 1, None] * y
    return places


def _corner_to_edge(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the least squared distance ``(n,)`` from a corner of the first to an edge of the second [m²]."""
    edges = _edges(others)[:, None]
    to_corner = points[:, :, None] - others[:, None]
    squared = (edges * edges).sum(axis=3)
    share = (to_corner * edges).sum(axis=3) / np.where(squared > 0.0, squared, 1.0)
    missing = to_corner - np.clip(share, 0.0, 1.0)[..., None] * edges
    least: np.ndarray = (missing * missing).sum(axis=3).min(axis=(1, 2))
    return least

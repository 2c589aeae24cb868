"""Convex outlines seen from above, rounded by a radius: which of them overlap, and by how much.

A disc is a point with a radius, a box four corners without one, a wall the two ends of a line. Only additions,
multiplications, divisions and square roots are used, so a run does not depend on the processor's vector instructions.
"""

from __future__ import annotations

import numpy as np

_CHUNK = 4096  # pairs whose axes and places along them stay in a processor's cache


def overlap(points: np.ndarray, radii: np.ndarray, others: np.ndarray, other_radii: np.ndarray) -> np.ndarray:
    """Return which outlines overlap or touch ``(n,)`` bool, pair by pair; arguments as of `clearance`."""
    meet: np.ndarray = clearance(points, radii, others, other_radii) <= 0.0
    return meet


def clearance(points: np.ndarray, radii: np.ndarray, others: np.ndarray, other_radii: np.ndarray) -> np.ndarray:
    """Return how far outlines are apart, pair by pair, or how deep they overlap.

    Two convex outlines are apart when some line separates them (the separating axis theorem). The distance is then the
    least one from a corner of either to an edge of the other. If there is no such line, the least overlap along the
    normals of their edges is how far one has to move to leave the other.

    Args:
        points: ``(n, k, 2)`` corners in order; the last may be repeated to fill up [m].
        radii: ``(n,)`` what the outlines are rounded by [m].
        others: ``(n, j, 2)`` [m].
        other_radii: ``(n,)`` [m].

    Returns:
        ``(n,)`` distance between the rounded outlines [m]; negative when they overlap. Whether they do stays as it is
        until a corner has moved as far.
    """
    points, others = _without_repeats(points), _without_repeats(others)
    apart = np.empty(len(points))
    for start in range(0, len(points), _CHUNK):
        some = slice(start, start + _CHUNK)
        # Corners first: NumPy is fast along the long last axis only.
        apart[some] = _clearance(points[some].transpose(2, 1, 0).copy(), others[some].transpose(2, 1, 0).copy())
    return apart - (radii + other_radii)


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


def _clearance(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the signed distance ``(n,)`` of outlines ``(2, k, n)`` and ``(2, j, n)``, taken without their radii."""
    apart = np.full(points.shape[2], -np.inf)
    for edges in (_edges(points), _edges(others)):
        for number in range(edges.shape[1] if edges.shape[1] > 1 else 0):
            x, y = edges[0, number], edges[1, number]
            # Along the edges too: outlines may be mere lines.
            for axis in ((-y, x), (x, y)):
                np.fmax(apart, _gap(axis, points, others), out=apart)
    away = np.flatnonzero((apart > 0.0) | np.isneginf(apart))  # two points have no edges, but a distance
    near, far = points[..., away], others[..., away]
    squared = np.minimum(_corner_to_edge(near, far), _corner_to_edge(far, near))
    apart[away] = np.sqrt(squared)
    return apart


def _without_repeats(points: np.ndarray) -> np.ndarray:
    """Return outlines ``(n, k, 2)`` without the last corners that all of them repeat."""
    while points.shape[1] > 1 and (points[:, -1] == points[:, -2]).all():
        points = points[:, :-1]
    return points


def _edges(points: np.ndarray) -> np.ndarray:
    edges: np.ndarray = np.roll(points, -1, axis=1) - points
    return edges


def _gap(axis: tuple[np.ndarray, np.ndarray], points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the gap ``(n,)`` between outlines along an axis; NaN where it has no length."""
    x, y = axis
    ours, theirs = x * points[0] + y * points[1], x * others[0] + y * others[1]
    gap = np.maximum(theirs.min(axis=0) - ours.max(axis=0), ours.min(axis=0) - theirs.max(axis=0))
    length = np.sqrt(x * x + y * y)
    return np.divide(gap, length, out=np.full(len(gap), np.nan), where=length > 0.0)


def _corner_to_edge(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the least squared distance ``(n,)`` from a corner of the first to an edge of the second [m²]."""
    edges = _edges(others)
    least = np.full(points.shape[2], np.inf)
    for number in range(others.shape[1]):
        x, y = edges[0, number], edges[1, number]
        squared = x * x + y * y
        to_x, to_y = points[0] - others[0, number], points[1] - others[1, number]
        share = np.clip((to_x * x + to_y * y) / np.where(squared > 0.0, squared, 1.0), 0.0, 1.0)
        miss_x, miss_y = to_x - share * x, to_y - share * y
        np.minimum(least, (miss_x * miss_x + miss_y * miss_y).min(axis=0), out=least)
    return least

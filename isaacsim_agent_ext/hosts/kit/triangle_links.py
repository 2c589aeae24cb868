"""Which triangles of a floor one can walk between, and where: edges that lie along each other, seen from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

APART = 0.03
"""Edges within this distance of each other are one place [m]."""

STEP = 0.5
"""Highest step over an edge [m]."""

NARROWEST = 0.02
"""Shorter overlaps of edges are no way through [m]."""


@dataclass(frozen=True, eq=False, slots=True)
class Portal:
    """A way from one triangle into another.

    Attributes:
        to: The other triangle.
        edge: The edge of the first one it lies on, 0 to 2.
        left: ``(3,)`` its left end, seen walking through [m].
        right: ``(3,)`` its right end [m].
        span: Where the portal begins and ends on the edge, as shares of it.
    """

    to: int
    edge: int
    left: np.ndarray
    right: np.ndarray
    span: tuple[float, float]

    def distance(self, point: np.ndarray) -> float:
        """Return how far a point ``(2,)`` is from the portal, seen from above [m]."""
        along = (self.left - self.right)[:2]
        offset = point - self.right[:2]
        share = np.clip(float(offset @ along) / max(float(along @ along), 1e-12), 0.0, 1.0)
        return float(np.hypot(*(offset - share * along)))

    def holds(self, point: np.ndarray) -> bool:
        """Return whether a point ``(2,)`` lies on the portal, up to `APART`."""
        return self.distance(point) <= APART


def link(corners: np.ndarray) -> list[list[Portal]]:
    """Return each triangle's portals.

    Args:
        corners: ``(n, 3, 3)`` triangles, counter-clockwise seen from above [m].
    """
    start = corners.reshape(-1, 3)
    end = np.roll(corners, -1, axis=1).reshape(-1, 3)
    portals: list[list[Portal]] = [[] for _ in range(len(corners))]
    one, other = _near_edges(start[:, :2], end[:, :2])
    if not len(one):
        return portals
    along = end[one] - start[one]
    length = np.hypot(along[:, 0], along[:, 1])
    unit = along[:, :2] / length[:, None]
    from_start = np.stack([start[other] - start[one], end[other] - start[one]], axis=1)
    places = np.einsum("nik,nk->ni", from_start[..., :2], unit)
    sides = np.abs(from_start[..., 0] * unit[:, None, 1] - from_start[..., 1] * unit[:, None, 0])
    low, high = np.maximum(places[:, 1], 0.0), np.minimum(places[:, 0], length)
    facing = places[:, 0] > places[:, 1]  # neighbours run along a shared edge in opposite directions
    found = facing & (sides.max(axis=1) < APART) & (high - low > NARROWEST)
    for row in np.flatnonzero(found):
        a, b = low[row] / length[row], high[row] / length[row]
        right, left = start[one[row]] + a * along[row], start[one[row]] + b * along[row]
        back = end[other[row]] - start[other[row]]
        whole = places[row, 1] - places[row, 0]
        heights = [start[other[row], 2] + back[2] * ((at - places[row, 0]) / whole) for at in (low[row], high[row])]
        if abs(heights[0] - right[2]) > STEP or abs(heights[1] - left[2]) > STEP:
            continue
        # Walking out over a counter-clockwise edge, its start is on the right.
        portals[one[row] // 3].append(
            Portal(int(other[row] // 3), int(one[row] % 3), left=left, right=right, span=(float(a), float(b)))
        )
    return portals


def wall_segments(corners: np.ndarray, portals: Sequence[Sequence[Portal]]) -> np.ndarray:
    """Return the parts ``(n, 2, 3)`` of edges that no portal covers [m]."""
    segments = []
    for index, triangle in enumerate(corners):
        for edge in range(3):
            a, b = triangle[edge], triangle[(edge + 1) % 3]
            length = max(float(np.hypot(*(b - a)[:2])), 1e-9)
            at = 0.0
            spans = sorted(portal.span for portal in portals[index] if portal.edge == edge)
            for low, high in (*spans, (1.0, 1.0)):
                if (low - at) * length > NARROWEST:
                    segments.append((a + at * (b - a), a + low * (b - a)))
                at = max(at, high)
    return np.array(segments, np.float64).reshape(-1, 2, 3)


def _near_edges(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of edges of different triangles whose bounding boxes touch, each pair in both orders."""
    lower, upper = np.minimum(start, end) - APART, np.maximum(start, end) + APART
    cell = max(float(np.median(np.hypot(*(end - start).T))), 0.1)
    first = np.floor(lower / cell).astype(np.int64)
    last = np.floor(upper / cell).astype(np.int64)
    cells: dict[tuple[int, int], list[int]] = {}
    for edge in range(len(start)):
        for x in range(first[edge, 0], last[edge, 0] + 1):
            for y in range(first[edge, 1], last[edge, 1] + 1):
                cells.setdefault((x, y), []).append(edge)
    found = []
    for members in cells.values():
        edges = np.array(members)
        one, other = np.meshgrid(edges, edges, indexing="ij")
        touching = (
            (one // 3 != other // 3)
            & (lower[one] <= upper[other]).all(axis=-1)
            & (lower[other] <= upper[one]).all(axis=-1)
        )
        found.append(one[touching] * len(start) + other[touching])
    pairs = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return pairs // len(start), pairs % len(start)

"""Casting rays with NumPy alone, where neither Embree nor a Warp that we know is there, as in Isaac Sim's own Python.

Triangles lie in the leaves of a complete binary tree, in the order of a space-filling curve (Karras, 2012, without the
hierarchy's own shape); rays go down it level by level, many at once. That is about a hundred times slower than Embree.
"""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.render.geometry import pack_scene
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

LEAF = 8
"""Triangles in a leaf."""

_PAIRS = 1 << 20
"""Pairs of rays and boxes looked at at once."""

_PARALLEL = 1e-12


class NumpyRayCaster:
    """Answers as `isaacsim_agent_ext.render.raycast.RayCaster` does."""

    def __init__(self, snapshot: SceneSnapshot):
        """Build the tree over the static geometry and the rest pose of what moves."""
        packed = pack_scene(snapshot)
        corners = packed.points[packed.triangles].astype(np.float64)
        order = np.argsort(_curve(corners.mean(axis=1)), kind="stable")
        leaves = max(1, -(-len(order) // LEAF))
        self._depth = int(np.ceil(np.log2(leaves)))
        places = LEAF << self._depth
        self._triangle = np.full(places, -1, np.int64)
        self._triangle[: len(order)] = order
        self._corners = np.zeros((places, 3, 3))
        self._corners[: len(order)] = corners[order]
        self._owner = packed.instance
        low, high = np.full((places, 3), np.inf), np.full((places, 3), -np.inf)
        low[: len(order)], high[: len(order)] = self._corners[: len(order)].min(1), self._corners[: len(order)].max(1)
        self._boxes = [(low.reshape(-1, LEAF, 3).min(axis=1), high.reshape(-1, LEAF, 3).max(axis=1))]
        for _ in range(self._depth):
            low, high = self._boxes[0]
            self._boxes.insert(0, (low.reshape(-1, 2, 3).min(axis=1), high.reshape(-1, 2, 3).max(axis=1)))

    def cast(
        self, origins: np.ndarray, directions: np.ndarray, *, max_distance: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find what each ray meets first; see `isaacsim_agent_ext.render.raycast.RayCaster.cast`."""
        origins = np.asarray(origins, np.float64)
        directions = np.asarray(directions, np.float64)
        directions = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), _PARALLEL)
        distance = np.full(len(origins), min(float(max_distance), 1e9))
        hit = np.full(len(origins), -1, np.int64)
        at_once = max(1, _PAIRS >> 8)
        for first in range(0, len(origins), at_once):
            part = slice(first, first + at_once)
            distance[part], hit[part] = self._cast(origins[part], directions[part], distance[part])
        owners = np.where(hit >= 0, self._owner[hit], np.int32(-1)) if len(self._owner) else hit
        return np.where(hit >= 0, distance, np.inf).astype(np.float32), owners.astype(np.int32)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _cast(self, origins: np.ndarray, directions: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(divide="ignore"):
            inverse = 1.0 / directions
        best, hit = reach.copy(), np.full(len(origins), -1, np.int64)
        stack = [(0, np.arange(len(origins)), np.zeros(len(origins), np.int64))]
        while stack:
            level, rays, nodes = stack.pop()
            low, high = self._boxes[level]
            inside = _meets(origins[rays], inverse[rays], low[nodes], high[nodes], best[rays])
            rays, nodes = rays[inside], nodes[inside]
            if not len(rays):
                continue
            if level == self._depth:
                self._meet_triangles(origins, directions, rays, nodes, best, hit)
            else:
                children = (np.tile(rays, 2), np.concatenate([2 * nodes, 2 * nodes + 1]))
                pieces = -(-len(children[0]) // _PAIRS)
                stack += [
                    (level + 1, *piece) for piece in zip(*(np.array_split(c, pieces) for c in children), strict=True)
                ]
        return best, hit

    def _meet_triangles(
        self,
        origins: np.ndarray,
        directions: np.ndarray,
        rays: np.ndarray,
        leaves: np.ndarray,
        best: np.ndarray,
        hit: np.ndarray,
    ) -> None:
        """Intersect rays with the triangles of leaves (Moeller and Trumbore, 1997)."""
        places = (leaves[:, None] * LEAF + np.arange(LEAF)).ravel()
        rays = np.repeat(rays, LEAF)
        a, b, c = (self._corners[places, corner] for corner in range(3))
        direction, offset = directions[rays], origins[rays] - a
        one, two = b - a, c - a
        across = np.cross(direction, two)
        size = (one * across).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            u = (offset * across).sum(axis=1) / size
            other = np.cross(offset, one)
            v = (direction * other).sum(axis=1) / size
            t = (two * other).sum(axis=1) / size
            found = (np.abs(size) > _PARALLEL) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < best[rays])
        rays, t, triangles = rays[found], t[found], self._triangle[places[found]]
        nearest = np.lexsort((triangles, t))[::-1]  # the last one written to a ray is the nearest
        best[rays[nearest]], hit[rays[nearest]] = t[nearest], triangles[nearest]


def _curve(points: np.ndarray) -> np.ndarray:
    """Return each point's place along a Z-order curve."""
    if not len(points):
        return np.zeros(0, np.int64)
    low = points.min(axis=0)
    cells = ((points - low) / np.maximum(np.ptp(points, axis=0).max(), _PARALLEL) * 1023).astype(np.int64)
    code = np.zeros(len(points), np.int64)
    for bit in range(10):
        for axis in range(3):
            code |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return code


def _meets(
    origins: np.ndarray, inverse: np.ndarray, low: np.ndarray, high: np.ndarray, reach: np.ndarray
) -> np.ndarray:
    """Return which rays get into their boxes within their reach."""
    with np.errstate(invalid="ignore"):
        near, far = (low - origins) * inverse, (high - origins) * inverse
    # A ray along a side of its box gives 0 times inf: such an axis decides nothing.
    along = np.isnan(near) | np.isnan(far)
    enter = np.where(along, -np.inf, np.minimum(near, far)).max(axis=1)
    leave = np.where(along, np.inf, np.maximum(near, far)).min(axis=1)
    return np.asarray((enter <= leave) & (leave >= 0) & (enter <= reach) & (low[:, 0] <= high[:, 0]))

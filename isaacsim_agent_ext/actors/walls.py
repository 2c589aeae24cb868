"""Walls as half-planes of velocities, so that nobody dodges another person into a wall.

The NavMesh tells distances but not directions, so an actor that has to deviate feels its surroundings with a fan of
straight rays. Two neighbouring rays that end on the same wall give its line. Walls do not move: an actor keeps
what it felt until it has walked a little.
"""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.navigation.navmesh import NavMesh

_FEEL_REACH = 1.0  # [m]
_REFRESH_DISTANCE = 0.12  # [m]
_STOP_TIME = 0.3  # [s] an actor may use up its distance to the wall in this time
_SLACK = 0.03  # [m]
_TOUCHING = 0.03  # [m]
_MOST_WALLS = 3


def _fan() -> np.ndarray:
    """Return 16 unit directions ``(16, 2)`` counter-clockwise, exact without trigonometry (5-12-13 triangles)."""
    diagonal = np.sqrt(0.5)
    quadrant = [(1.0, 0.0), (12 / 13, 5 / 13), (diagonal, diagonal), (5 / 13, 12 / 13)]
    turns = [lambda x, y: (x, y), lambda x, y: (-y, x), lambda x, y: (-x, -y), lambda x, y: (y, -x)]
    return np.array([turn(x, y) for turn in turns for x, y in quadrant])


_FAN = _fan()
_NEXT = np.arange(1, len(_FAN) + 1) % len(_FAN)  # the next ray for each


class WallSense:
    """What each actor knows about the walls near it.

    Args:
        navmesh: The walkable surface; its edges are the walls.
        count: Number of actors.
    """

    def __init__(self, navmesh: NavMesh, count: int):
        self._navmesh = navmesh
        self._felt_at = np.full((count, 2), np.inf)
        # Each wall as outward normal · p <= level.
        self._normals = np.zeros((2, _MOST_WALLS, count))
        self._levels = np.full((_MOST_WALLS, count), np.inf)

    def half_planes(self, positions: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the wall half-planes of some actors.

        Args:
            positions: ``(n, 3)`` of all actors [m].
            rows: ``(k,)`` actor indices.

        Returns:
            Normals ``(2, walls, k)`` that point away from the walls, and offsets ``(walls, k)`` [m/s], never positive:
            standing still is always allowed.
        """
        moved = positions[rows, :2] - self._felt_at[rows]
        stale = rows[~(moved[:, 0] ** 2 + moved[:, 1] ** 2 < _REFRESH_DISTANCE**2)]
        if len(stale):
            self._feel(positions, stale)
        nx, ny = self._normals[:, :, rows]
        distance = self._levels[:, rows] - (nx * positions[rows, 0] + ny * positions[rows, 1])
        offsets = -(np.maximum(distance, 0.0) + _SLACK) / _STOP_TIME
        return np.stack([-nx, -ny]), offsets

    def _feel(self, positions: np.ndarray, rows: np.ndarray) -> None:
        self._felt_at[rows] = positions[rows, :2]
        self._normals[:, :, rows] = 0.0
        self._levels[:, rows] = np.inf
        rows = rows[self._navmesh.distance_to_wall(positions[rows], reach=_FEEL_REACH) < _FEEL_REACH]
        if not len(rows):
            return
        starts = np.repeat(positions[rows], len(_FAN), axis=0)
        ends = starts.copy()
        ends[:, :2] += np.tile(_FAN * _FEEL_REACH, (len(rows), 1))
        free = self._navmesh.raycast(starts, ends).reshape(len(rows), len(_FAN))

        # Lines through the ends of neighbouring rays, relative to the actor.
        here = _FAN * free[:, :, None] * _FEEL_REACH
        there = here[:, _NEXT]
        edge_x, edge_y = there[..., 0] - here[..., 0], there[..., 1] - here[..., 1]
        length = np.sqrt(edge_x**2 + edge_y**2)
        safe = np.maximum(length, 1e-9)
        nx, ny = edge_y / safe, -edge_x / safe
        distance = nx * here[..., 0] + ny * here[..., 1]
        # A wall counts when the actor stands square to it: the foot of the perpendicular lies between the two rays.
        # A pair of rays of which one ends on something nearer gives a slanted line that fails this.
        foot = -(here[..., 0] * edge_x + here[..., 1] * edge_y) / safe
        both = (free < 1.0) & (free[:, _NEXT] < 1.0)
        is_wall = both & (foot >= -0.25 * length) & (foot <= 1.25 * length) & (length > 1e-6)
        distance = np.where(is_wall, distance, np.inf)

        # A corner that sticks out is no line: what is nearer than every wall is kept off by the ray that found it.
        # Too near for that, all rays that end at once tell together where the wall is.
        touching = free * _FEEL_REACH < _TOUCHING
        into_x, into_y = (touching * _FAN[:, 0]).sum(axis=1), (touching * _FAN[:, 1]).sum(axis=1)
        size = np.sqrt(into_x**2 + into_y**2)
        touches = size > 0.5
        hit = free.argmin(axis=1)
        length = free.min(axis=1) * _FEEL_REACH
        sticks_out = (length < distance.min(axis=1)) & (length < _FEEL_REACH)
        nx = np.column_stack([nx, np.where(touches, into_x / np.maximum(size, 1e-9), _FAN[hit, 0])])
        ny = np.column_stack([ny, np.where(touches, into_y / np.maximum(size, 1e-9), _FAN[hit, 1])])
        last = np.where(touches, 0.0, np.where(sticks_out, length, np.inf))
        distance = np.column_stack([distance, last])
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :_MOST_WALLS]
        pick = (np.arange(len(rows))[:, None], nearest)
        found = distance[pick]
        exists = np.isfinite(found)
        nx, ny = np.where(exists, nx[pick], 0.0), np.where(exists, ny[pick], 0.0)
        level = np.where(exists, found, np.inf) + nx * positions[rows, 0, None] + ny * positions[rows, 1, None]
        self._normals[0, :, rows] = nx
        self._normals[1, :, rows] = ny
        self._levels[:, rows] = level.T

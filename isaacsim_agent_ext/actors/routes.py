"""Routes: the shortest paths that actors follow, kept for all of them side by side."""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.navigation.navmesh import NavMesh

SHOULDER_ROOM = 0.2
"""A path bends around a corner this far from it [m], so that nobody scrapes along the wall."""

CORNER_DEVIATION = 0.25
"""How far from a corner of the path [m] the curve around it may pass; sets the speed in the turn."""

_LATERAL_ACCELERATION = 1.5  # [m/s²] that people are willing to feel in a turn
_PASSING_DISTANCE = 0.15  # [m] a corner this close is behind
_LOOK_DISTANCE = 1.0  # [m] from here on the leg after a corner is looked for
_CHECK_INTERVAL = 15  # [steps] between checks whether the next corners are in sight


def shape_path(points: np.ndarray, navmesh: NavMesh) -> np.ndarray:
    """Return a path with its inner corners moved away from the walls they touch.

    A shortest path touches the inside of every bend. Each corner is moved to the outside of its bend by up to
    `SHOULDER_ROOM`, unless a leg would then leave the surface. Points that do not bend the path are dropped where
    the floor is level.

    Args:
        points: ``(n, 3)`` corners [m].
        navmesh: The surface the path lies on.

    Returns:
        ``(m, 3)`` corners, first and last unchanged.
    """
    points = _without_repeats(np.asarray(points, np.float64))
    if len(points) < 3:
        return points
    leg = np.diff(points[:, :2], axis=0)
    length = np.sqrt(leg[:, 0] ** 2 + leg[:, 1] ** 2)
    direction = leg / np.maximum(length, 1e-9)[:, None]
    bend = direction[1:] - direction[:-1]  # points to the inside of each bend
    sharpness = np.sqrt(bend[:, 0] ** 2 + bend[:, 1] ** 2)
    room = SHOULDER_ROOM * np.minimum(1.0, 2.0 * sharpness)
    room = np.minimum(room, 0.3 * np.minimum(length[1:], length[:-1]))
    shaped = points.copy()
    wish = points[1:-1].copy()
    wish[:, :2] -= bend / np.maximum(sharpness, 1e-9)[:, None] * room[:, None]
    shaped[1:-1] = navmesh.move_along_surface(points[1:-1], wish)

    blocked = navmesh.raycast(shaped[:-1], shaped[1:]) < 1.0
    touched = np.zeros(len(points), bool)
    touched[:-1] |= blocked
    touched[1:] |= blocked
    shaped[touched] = points[touched]
    return shaped


def cut_path(points: np.ndarray, length: float) -> np.ndarray:
    """Return the first ``length`` metres of a path ``(n, 3)``; all of it when it is shorter."""
    legs = _leg_lengths(points)
    along = np.concatenate([[0.0], np.cumsum(legs)])
    if length >= along[-1]:
        return points
    leg = max(int(np.searchsorted(along, length, "right")) - 1, 0)
    share = (length - along[leg]) / legs[leg]
    end = points[leg] + (points[leg + 1] - points[leg]) * share
    return _without_repeats(np.concatenate([points[: leg + 1], end[None]]))


def path_length(points: np.ndarray) -> float:
    """Return the length of a path ``(n, 3)`` [m]."""
    return float(_leg_lengths(points).sum())


def _leg_lengths(points: np.ndarray) -> np.ndarray:
    legs = np.diff(points, axis=0)
    return np.sqrt((legs * legs).sum(axis=1))


def _without_repeats(points: np.ndarray) -> np.ndarray:
    """Drop corners that are within a centimetre of the one before; both ends stay."""
    keep = np.ones(len(points), bool)
    keep[1:] = _leg_lengths(points) > 0.01
    keep[-1] = True
    if len(points) > 2 and np.abs(points[-1] - points[-2]).max() <= 0.01:
        keep[-2] = False
    keep[0] = True
    return points[keep]


class Routes:
    """The routes of all actors as padded arrays, and how far each of them has come.

    Args:
        count: Number of actors.
    """

    def __init__(self, count: int):
        self.active = np.zeros(count, bool)
        self.index = np.zeros(count, np.int64)
        self.last = np.zeros(count, np.int64)
        self._age = np.zeros(count, np.int64)
        self._allocate(count, 8)

    def _allocate(self, count: int, depth: int) -> None:
        self.corners = np.zeros((count, depth, 3))
        self._after = np.zeros((count, depth))  # [m] from each corner to the goal
        self._corner_speed = np.zeros((count, depth))  # [m/s] allowed at each corner; 0 at the goal

    def set(self, actor: int, points: np.ndarray) -> None:
        """Give an actor a route of ``(n, 3)`` corners, of which the first is where it stands."""
        ahead = slice(1, None) if len(points) > 1 else slice(None)
        corner_speeds = _corner_speeds(points)[ahead]
        points = points[ahead]
        size = len(points)
        depth = self.corners.shape[1]
        if size > depth:
            old = self.corners, self._after, self._corner_speed
            self._allocate(len(self.active), max(2 * depth, size))
            for new, previous in zip((self.corners, self._after, self._corner_speed), old, strict=True):
                new[:, :depth] = previous
        self.corners[actor, :size] = points
        legs = _leg_lengths(points)
        self._after[actor, :size] = np.concatenate([np.cumsum(legs[::-1])[::-1], [0.0]])
        self._corner_speed[actor, :size] = corner_speeds
        self.index[actor], self.last[actor], self._age[actor] = 0, size - 1, 0
        self.active[actor] = True

    def clear(self, actor: int) -> None:
        """Take an actor's route away."""
        self.active[actor] = False

    def goal(self, actor: int) -> np.ndarray:
        """Return the end of an actor's route ``(3,)`` [m]."""
        return self.corners[actor, self.last[actor]].copy()

    def remaining(self, positions: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the distance that is left to walk ``(k,)`` [m] of the actors ``rows``."""
        index = self.index[rows]
        to = self.corners[rows, index] - positions[rows]
        return np.sqrt(to[:, 0] ** 2 + to[:, 1] ** 2) + self._after[rows, index]

    def advance(self, positions: np.ndarray, rows: np.ndarray, navmesh: NavMesh) -> np.ndarray:
        """Turn to the next corner where it is in sight, and find who has been pushed off its route.

        Args:
            positions: ``(n, 3)`` of all actors [m].
            rows: Actors with an active route.
            navmesh: Asked for lines of sight.

        Returns:
            Actors that no longer see the corner they walk to and need a new path.
        """
        self._age[rows] += 1
        index = self.index[rows]
        to = self.corners[rows, index] - positions[rows]
        distance = np.sqrt(to[:, 0] ** 2 + to[:, 1] ** 2)
        inner = index < self.last[rows]
        due = self._age[rows] % _CHECK_INTERVAL == 0
        look = np.flatnonzero(inner & ((distance < _LOOK_DISTANCE) | due))
        passed = inner & (distance < _PASSING_DISTANCE)
        watch = rows[np.flatnonzero(due & ~passed)]
        if not len(look) and not len(watch):
            return watch
        seeing = rows[look]
        starts = np.concatenate([positions[seeing], positions[watch]])
        ends = np.concatenate([self.corners[seeing, index[look] + 1], self.corners[watch, self.index[watch]]])
        in_sight = navmesh.raycast(starts, ends) >= 1.0
        next_in_sight, corner_in_sight = in_sight[: len(look)], in_sight[len(look) :]
        turn = next_in_sight | passed[look]
        self.index[seeing[turn]] += 1
        return watch[~corner_in_sight & ~np.isin(watch, seeing[turn])]

    def steer(
        self, positions: np.ndarray, rows: np.ndarray, speeds: np.ndarray, braking: np.ndarray, step: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return direction ``(k, 2)`` and speed ``(k,)`` [m/s] that bring the actors ``rows`` along their routes.

        The speed falls towards sharp corners and the goal such that ``braking`` [m/s²] suffices, and is such that the
        goal is hit exactly.
        """
        index = self.index[rows]
        to = self.corners[rows, index] - positions[rows]
        distance = np.sqrt(to[:, 0] ** 2 + to[:, 1] ** 2)
        direction = to[:, :2] / np.maximum(distance, 1e-9)[:, None]
        at_corner = self._corner_speed[rows, index]
        speed = np.minimum(speeds, np.sqrt(at_corner * at_corner + 2.0 * braking * distance))
        to_goal = np.where(index == self.last[rows], distance, np.inf)
        # A sharp corner beyond the next one matters too when the two are close together.
        following = np.minimum(index + 1, self.last[rows])
        beyond = distance + self._after[rows, index] - self._after[rows, following]
        at_following = self._corner_speed[rows, following]
        speed = np.minimum(speed, np.sqrt(at_following * at_following + 2.0 * braking * beyond))
        return direction, np.minimum(speed, to_goal / step)


def _corner_speeds(points: np.ndarray) -> np.ndarray:
    """Return the speed ``(n,)`` [m/s] at which each corner can be taken within `CORNER_DEVIATION`; 0 at both ends.

    A circle that touches both legs of a bend of angle φ and passes the corner at distance δ has the radius
    δ / (1/cos(φ/2) - 1).
    """
    speeds = np.zeros(len(points))
    leg = np.diff(points[:, :2], axis=0)
    direction = leg / np.maximum(np.sqrt(leg[:, 0] ** 2 + leg[:, 1] ** 2), 1e-9)[:, None]
    cosine = direction[:-1, 0] * direction[1:, 0] + direction[:-1, 1] * direction[1:, 1]
    half = np.sqrt(np.maximum((1.0 + cosine) / 2.0, 1e-3))
    radius = CORNER_DEVIATION / np.maximum(1.0 / half - 1.0, 1e-6)
    speeds[1:-1] = np.sqrt(_LATERAL_ACCELERATION * radius)
    return speeds

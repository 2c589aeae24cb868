"""Routes: the shortest paths that actors follow, kept for all of them side by side."""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.navigation.navmesh import NavMesh

SHOULDER_ROOM = 0.35
"""A path goes around a corner at up to this distance [m], so that nobody scrapes along the wall."""

CORNER_DEVIATION = 0.5 * SHOULDER_ROOM
"""How far inside that the curve around the corner passes [m]."""

_CURVE = np.linspace(0.0, 1.0, 6)  # where a curve is sampled
_LATERAL_ACCELERATION = 1.5  # [m/s²] that people are willing to feel in a turn
_ONE_BEND = 0.6  # [m] corners closer together are one bend
_LEAD = 0.25  # [m] a corner this close counts as passed, so that walkers look a little ahead
_CHECK_INTERVAL = 15  # [steps] between checks whether the next corner is in sight


def shape_path(points: np.ndarray, navmesh: NavMesh) -> np.ndarray:
    """Return a path that takes corners in curves and at some distance, as people do.

    A shortest path touches the inside of every bend. Each of its corners is moved outwards and replaced by a
    parabola that touches both legs; where that leaves the surface the corner stays as it is.

    Args:
        points: ``(n, 3)`` corners [m].
        navmesh: The surface the path lies on.

    Returns:
        ``(m, 3)`` corners, first and last unchanged.
    """
    points = _without_repeats(np.asarray(points, np.float64))
    if len(points) < 3:
        return points
    corners = points[1:-1]
    into, out, shorter = _legs_at_corners(points)
    bend = out - into  # to the inside of the bend; its length is twice the sine of half the angle
    sharpness = np.sqrt((bend * bend).sum(axis=1))
    room = np.minimum(SHOULDER_ROOM * np.minimum(1.0, 2.0 * sharpness), 0.3 * shorter)
    wish = corners.copy()
    wish[:, :2] -= bend / np.maximum(sharpness, 1e-9)[:, None] * room[:, None]
    moved = np.concatenate([points[:1], navmesh.move_along_surface(corners, wish), points[-1:]])

    into, out, shorter = _legs_at_corners(moved)
    gained = np.sqrt(((moved[1:-1] - corners) ** 2).sum(axis=1))
    # Half the way back to the corner: a parabola with tangents of length t passes t * sharpness / 4 inside its corner.
    tangent = np.minimum(2.0 * gained / np.maximum(sharpness, 1e-3), 0.45 * shorter)[:, None, None]
    share = _CURVE[:, None]
    curves = np.repeat(moved[1:-1, None], len(_CURVE), axis=1)
    curves[..., :2] += tangent * (share**2 * out[:, None] - (1.0 - share) ** 2 * into[:, None])

    shaped = np.concatenate([points[:1], curves.reshape(-1, 3), points[-1:]])
    corner = np.concatenate([[0], np.repeat(np.arange(1, len(points) - 1), len(_CURVE)), [len(points) - 1]])
    blocked = navmesh.raycast(shaped[:-1], shaped[1:]) < 1.0
    kept = np.union1d(corner[:-1][blocked], corner[1:][blocked])
    back = np.isin(corner, kept)
    shaped[back] = points[corner[back]]
    return _without_repeats(shaped)


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
        self.index = np.zeros(count, np.int64)
        self.last = np.zeros(count, np.int64)
        self._age = np.zeros(count, np.int64)
        self._allocate(count, 8)

    def _allocate(self, count: int, depth: int) -> None:
        self.corners = np.zeros((count, depth, 3))
        self._leg = np.zeros((count, depth, 2))  # direction of the leg that leads to each corner
        self._after = np.zeros((count, depth))  # [m] from each corner to the goal
        self._corner_speed = np.zeros((count, depth))  # [m/s] allowed at each corner; 0 at the goal

    def set(self, actor: int, points: np.ndarray) -> None:
        """Give an actor a route of ``(n, 3)`` corners, of which the first is where it stands."""
        if len(points) == 1:
            points = np.repeat(points, 2, axis=0)
        size = len(points) - 1
        depth = self.corners.shape[1]
        if size > depth:
            old = self.corners, self._leg, self._after, self._corner_speed
            self._allocate(len(self.index), max(2 * depth, size))
            new = self.corners, self._leg, self._after, self._corner_speed
            for wider, previous in zip(new, old, strict=True):
                wider[:, :depth] = previous
        self.corners[actor, :size] = points[1:]
        self._leg[actor, :size] = _directions(points)[0]
        legs = _leg_lengths(points)
        self._after[actor, :size] = np.append(np.cumsum(legs[:0:-1])[::-1], 0.0)
        self._corner_speed[actor, :size] = _corner_speeds(points)[1:]
        self.index[actor], self.last[actor], self._age[actor] = 0, size - 1, 0

    def goal(self, actor: int) -> np.ndarray:
        """Return the end of an actor's route ``(3,)`` [m]."""
        return self.corners[actor, self.last[actor]].copy()

    def corner(self, actor: int) -> np.ndarray:
        """Return the corner that an actor walks to ``(3,)`` [m]."""
        return self.corners[actor, self.index[actor]].copy()

    def ahead(self, actor: int, position: np.ndarray) -> np.ndarray:
        """Return the way ``(n, 3)`` that is before an actor, its position ``(3,)`` first [m]."""
        return np.concatenate([position[None], self.corners[actor, self.index[actor] : self.last[actor] + 1]])

    def remaining(self, positions: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the distance that is left to walk ``(k,)`` [m] of the actors ``rows``."""
        index = self.index[rows]
        to = self.corners[rows, index] - positions[rows]
        return np.sqrt(to[:, 0] ** 2 + to[:, 1] ** 2) + self._after[rows, index]

    def advance(self, positions: np.ndarray, rows: np.ndarray, navmesh: NavMesh) -> np.ndarray:
        """Turn to the next corner where one has been reached, and find who has been pushed off its route.

        Args:
            positions: ``(n, 3)`` of all actors [m].
            rows: The actors that walk.
            navmesh: Asked for lines of sight.

        Returns:
            Actors that no longer see the corner they walk to and need a new path.
        """
        self._age[rows] += 1
        index = self.index[rows]
        to = self.corners[rows, index] - positions[rows]
        leg = self._leg[rows, index]
        passed = (index < self.last[rows]) & (to[:, 0] * leg[:, 0] + to[:, 1] * leg[:, 1] < _LEAD)
        self.index[rows] = index + passed
        watch = rows[self._age[rows] % _CHECK_INTERVAL == 0]
        if not len(watch):
            return watch
        return watch[navmesh.raycast(positions[watch], self.corners[watch, self.index[watch]]) < 1.0]

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
        # A sharp corner beyond the next one matters too when the two are close together.
        following = np.minimum(index + 1, self.last[rows])
        beyond = distance + self._after[rows, index] - self._after[rows, following]
        speed = np.minimum(speeds, _braking_speed(self._corner_speed[rows, index], distance, braking, step))
        speed = np.minimum(speed, _braking_speed(self._corner_speed[rows, following], beyond, braking, step))
        to_goal = np.where(index == self.last[rows], distance, np.inf)
        return direction, np.minimum(speed, to_goal / step)


def _braking_speed(final: np.ndarray, distance: np.ndarray, braking: np.ndarray, step: float) -> np.ndarray:
    """Return the speed from which constant braking in whole steps leads to the final speed after the distance."""
    half = 0.5 * braking * step
    return np.sqrt(half * half + final * final + 2.0 * braking * distance) - half


def _directions(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit directions ``(n - 1, 2)`` and the lengths ``(n - 1,)`` [m] of a path's legs seen from above."""
    leg = np.diff(points[:, :2], axis=0)
    length = np.sqrt(leg[:, 0] ** 2 + leg[:, 1] ** 2)
    return leg / np.maximum(length, 1e-9)[:, None], length


def _legs_at_corners(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each inner corner the directions into and out of it ``(n - 2, 2)`` and its shorter leg [m]."""
    direction, length = _directions(points)
    return direction[:-1], direction[1:], np.minimum(length[:-1], length[1:])


def _corner_speeds(points: np.ndarray) -> np.ndarray:
    """Return the speed ``(n,)`` [m/s] at which each corner can be taken within `CORNER_DEVIATION`; 0 at both ends.

    A circle that touches both legs of a bend of angle φ and passes the corner at distance δ has the radius
    δ / (1/cos(φ/2) - 1).
    """
    speeds = np.zeros(len(points))
    if len(points) < 3:
        return speeds
    direction, length = _directions(points)
    # Corners close together are one bend, from the leg before the first to the leg after the last.
    begins = np.flatnonzero(np.concatenate([[True], length[1:-1] > _ONE_BEND]))
    ends = np.append(begins[1:], len(points) - 2)
    into, out = direction[begins], direction[ends]
    cosine = into[:, 0] * out[:, 0] + into[:, 1] * out[:, 1]
    half = np.sqrt(np.maximum((1.0 + cosine) / 2.0, 1e-3))
    radius = CORNER_DEVIATION / np.maximum(1.0 / half - 1.0, 1e-6)
    speeds[1:-1] = np.repeat(np.sqrt(_LATERAL_ACCELERATION * radius), ends - begins)
    return speeds

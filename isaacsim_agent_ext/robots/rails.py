"""Rails: the path a robot drives on exactly, shaped for its drive, with the speed allowed at each corner."""

from __future__ import annotations

import math

import numpy as np

from isaacsim_agent_ext.actors.drive import Drive
from isaacsim_agent_ext.actors.routes import shape_path
from isaacsim_agent_ext.navigation.navmesh import NavMesh

_STRAIGHT = 0.05  # [m] a corner this near to the straight line past it is dropped when the line is free
_LATERAL_ACCELERATION = 0.8  # [m/s²] in curves
_SHORTEST_LEG = 1e-3  # [m]


def shape_for(drive: Drive, points: np.ndarray, navmesh: NavMesh) -> np.ndarray:
    """Return a shortest path ``(n, 3)`` as a robot with that drive takes it: straight legs, or curves."""
    if not drive.plans_on_navmesh:
        return points[[0, -1]]
    if drive.differential:
        return straightened(points, navmesh)
    return shape_path(points, navmesh)


def straightened(points: np.ndarray, navmesh: NavMesh) -> np.ndarray:
    """Return a path ``(n, 3)`` without the corners that hardly turn, so that a robot need not stop there."""
    points = np.asarray(points, np.float64)
    kept = [points[0]]
    for index in range(1, len(points) - 1):
        start, corner, end = kept[-1], points[index], points[index + 1]
        leg, to = end[:2] - start[:2], corner[:2] - start[:2]
        length = max(math.sqrt(leg @ leg), 1e-9)
        off = abs(leg[0] * to[1] - leg[1] * to[0]) / length
        free = off < _STRAIGHT and navmesh.raycast(start[None], end[None])[0] >= 1.0
        if not free and math.sqrt(to @ to) > _SHORTEST_LEG:
            kept.append(corner)
    return np.array([*kept, points[-1]])


class Rails:
    """A path, and how far along it a robot is.

    Args:
        points: ``(n, 3)`` corners, of which the first is where the robot stands [m].
        drive: What the robot can do at corners.
    """

    def __init__(self, points: np.ndarray, drive: Drive):
        self.points = points
        self.leg = 1
        self._corner_speed = [0.0] * len(points)
        if not drive.differential:
            for index in range(1, len(points) - 1):
                self._corner_speed[index] = _curve_speed(points[index - 1 : index + 2])

    @property
    def goal(self) -> np.ndarray:
        """``(3,)`` end of the path [m]."""
        return self.points[-1]

    @property
    def corner(self) -> np.ndarray:
        """``(3,)`` the corner the robot drives to [m]."""
        return self.points[self.leg]

    @property
    def corner_speed(self) -> float:
        """Speed at which that corner may be passed [m/s]; 0 where the robot has to stop."""
        return self._corner_speed[self.leg]

    @property
    def last(self) -> bool:
        """Whether that corner is the end."""
        return self.leg == len(self.points) - 1

    def remaining(self, position: np.ndarray) -> float:
        """Return the distance left to the end from a position ``(3,)`` on the present leg [m]."""
        rest = np.diff(np.concatenate([position[None, :2], self.points[self.leg :, :2]]), axis=0)
        return float(np.sqrt((rest * rest).sum(axis=1)).sum())

    def allowed_speed(self, position: np.ndarray, braking: float, step: float) -> float:
        """Return the speed from which constant braking suffices for every corner ahead [m/s]."""
        allowed, distance, here = math.inf, 0.0, position
        for index in range(self.leg, len(self.points)):
            leg = self.points[index, :2] - here[:2]
            distance += math.sqrt(leg @ leg)
            allowed = min(allowed, braking_speed(self._corner_speed[index], distance, braking, step))
            if self._corner_speed[index] == 0.0 or distance > 3.0:
                break
            here = self.points[index]
        return allowed

    def ahead(self, position: np.ndarray, reach: float) -> np.ndarray:
        """Return the corners ``(n, 2)`` from a position on up to a distance [m], the position first."""
        points, left = [position[:2]], reach
        for index in range(self.leg, len(self.points)):
            leg = self.points[index, :2] - points[-1]
            length = math.sqrt(leg @ leg)
            if length >= left:
                points.append(points[-1] + leg * (left / length))
                break
            points.append(self.points[index, :2])
            left -= length
        return np.array(points)


def braking_speed(final: float, distance: float, braking: float, step: float) -> float:
    """Return the speed from which constant braking in whole steps leads to the final speed after the distance."""
    half = 0.5 * braking * step
    return math.sqrt(half * half + final * final + 2.0 * braking * max(distance, 0.0)) - half


def _curve_speed(corner: np.ndarray) -> float:
    """Return the speed through the middle of three points ``(3, 3)``, taken as part of a circle [m/s]."""
    into, out = corner[1, :2] - corner[0, :2], corner[2, :2] - corner[1, :2]
    before, after = math.sqrt(into @ into), math.sqrt(out @ out)
    chord = out / max(after, 1e-9) - into / max(before, 1e-9)
    turn = math.sqrt(chord @ chord)
    if turn > 1.2:  # sharper than 75 degrees is no curve
        return 0.05
    radius = 0.5 * (before + after) / max(turn, 1e-6)
    return max(0.05, math.sqrt(_LATERAL_ACCELERATION * radius))

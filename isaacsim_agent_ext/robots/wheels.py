"""Wheels and casters that turn with the motion of the robot they carry.

A robot's joints are told apart by their names: a *swivel* turns about the vertical to where it is pulled, a *wheel* or
*caster* rolls about the robot's lateral axis, everything else stays as it is. A wheel stands on the floor, so its
radius is the height of its axle. Motion is worked out in the robot's own frame: +x forward, +y left, z up, the origin
on the floor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.state import ActorState

_SHORTEST_TRAIL = 0.05  # [m] of travel in which a swivel turns to where it is pulled
_SMALLEST_WHEEL = 0.01  # [m]
_JUMP = 1.0  # [m] a longer step is a jump to another place, in which nothing rolls


@dataclass(frozen=True, eq=False, kw_only=True)
class Joint:
    """A moving part of a robot.

    Attributes:
        prim_path: Its prim; all that is below it moves with it.
        origin: ``(3,)`` float64 in the robot's frame at rest [m].
        parent: The joint above it, as an index into the robot's joints, or -1.
        swivels: Whether it turns about the vertical; else it rolls.
        trails: Whether it is a caster, whose wheel trails behind the pivot; an axle without trail steers both ways.
    """

    prim_path: str
    origin: np.ndarray
    parent: int
    swivels: bool
    trails: bool = False


def moving_joints(prim_paths: Sequence[str], origins: Sequence[np.ndarray]) -> tuple[Joint, ...]:
    """Return those of a robot's joints that turn with its motion, parents before children.

    Args:
        prim_paths: All joints.
        origins: ``(3,)`` each, in the robot's frame at rest [m].
    """
    places = dict(zip(prim_paths, origins, strict=True))
    chosen = [path for path in sorted(places) if _swivels(path) or (_rolls(path) and places[path][2] > _SMALLEST_WHEEL)]
    joints: list[Joint] = []
    for path in chosen:
        above = [index for index, joint in enumerate(joints) if path.startswith(joint.prim_path + "/")]
        below = [places[other] for other in chosen if other.startswith(path + "/")]
        offset = [math.hypot(*(place - places[path])[:2]) for place in below]
        trails = len(below) == 1 and offset[0] > 1e-3
        joints.append(
            Joint(
                prim_path=path,
                origin=places[path],
                parent=above[-1] if above else -1,
                swivels=_swivels(path),
                trails=trails,
            )
        )
    return tuple(joints)


def _swivels(path: str) -> bool:
    return "swivel" in path.rpartition("/")[2].lower()


def _rolls(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return "wheel" in name or "caster" in name


class WheelTurner:
    """The wheels of one robot: `advance` follows the simulation step by step, `poses` tells where the parts are.

    Args:
        joints: Parents before children.
    """

    def __init__(self, joints: Sequence[Joint]):
        self._joints = tuple(joints)
        self._angles = [0.0] * len(self._joints)
        self._before: ActorState | None = None

    def advance(self, state: ActorState) -> None:
        """Follow one step; the first call says where the robot starts."""
        before, self._before = self._before, state
        if before is None:
            return
        turned = math.remainder(state.yaw - before.yaw, math.tau)
        middle = before.yaw + 0.5 * turned
        step = state.position - before.position
        if math.hypot(step[0], step[1]) > _JUMP:
            return
        forward = float(step[0] * math.cos(middle) + step[1] * math.sin(middle))
        left = float(step[1] * math.cos(middle) - step[0] * math.sin(middle))
        for index, joint in enumerate(self._joints):
            steered = self._angles[joint.parent] if joint.parent >= 0 else 0.0
            place = self._place(joint)
            along, across = forward - turned * place[1], left + turned * place[0]
            if joint.swivels:
                self._swivel(index, joint, along, across)
            else:
                rolled = along * math.cos(steered) + across * math.sin(steered)
                self._angles[index] = math.remainder(self._angles[index] + rolled / joint.origin[2], math.tau)

    def _place(self, joint: Joint) -> np.ndarray:
        """Return where a joint is now in the robot's frame ``(3,)`` [m]."""
        if joint.parent < 0:
            return joint.origin
        moved: np.ndarray = np.append(joint.origin, 1.0) @ self.poses()[joint.parent]
        return moved[:3]

    def _swivel(self, index: int, joint: Joint, along: float, across: float) -> None:
        travel = math.hypot(along, across)
        if travel < 1e-9:
            return
        off = math.remainder(math.atan2(across, along) - self._angles[index], math.tau)
        if not joint.trails:  # it rolls backwards as well as forwards
            off = math.remainder(off, math.pi)
        share = 1.0 - math.exp(-travel / _SHORTEST_TRAIL)
        self._angles[index] = math.remainder(self._angles[index] + off * share, math.tau)

    def poses(self) -> list[np.ndarray]:
        """Return for each joint a ``(4, 4)`` matrix from the robot's frame at rest to where its parts are in it now."""
        poses: list[np.ndarray] = []
        for joint, angle in zip(self._joints, self._angles, strict=True):
            own = _about(joint.origin, angle, vertical=joint.swivels)
            poses.append(own @ poses[joint.parent] if joint.parent >= 0 else own)
        return poses


def _about(origin: np.ndarray, angle: float, *, vertical: bool) -> np.ndarray:
    """Return the turn about the vertical, or the roll forwards about the lateral axis, through a point."""
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.eye(4)
    if vertical:
        turn[:2, :2] = [[cos, sin], [-sin, cos]]
    else:
        turn[np.ix_([0, 2], [0, 2])] = [[cos, -sin], [sin, cos]]
    turn[3, :3] = origin - origin @ turn[:3, :3]
    return turn

"""The moving parts of a robot: wheels and casters turn with its motion, lifts move by recorded animations.

A robot's joints are told apart by their names: a *swivel* turns about the vertical to where it is pulled, a *wheel* or
*caster* rolls about the robot's lateral axis. Everything else stays as it is, or moves as was recorded for the state
that the robot is in, and stays where it got to. A wheel stands on the floor, so its radius is the height of its axle.
Motion is worked out in the robot's own frame: +x forward, +y left, z up, the origin on the floor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.state import ActorState

_SHORTEST_TRAIL = 0.05  # [m] of travel in which a swivel turns to where it is pulled
_SMALLEST_WHEEL = 0.01  # [m]
_BLEND = 0.3  # [s] in which a part goes to where its animation begins
_JUMP = 1.0  # [m] a longer step is a jump to another place, in which nothing rolls


@dataclass(frozen=True, eq=False, kw_only=True)
class Motion:
    """How a joint moves in one state.

    Attributes:
        times: ``(n,)`` ascending, from 0 [s].
        poses: ``(n, 4, 4)`` from the robot's frame at rest to where the part is in it [m].
    """

    times: np.ndarray
    poses: np.ndarray

    def at(self, time: float) -> np.ndarray:
        """Return the pose ``(4, 4)`` at a time, that of the end after the end."""
        after = int(np.searchsorted(self.times, time))
        if after == 0 or after == len(self.times):
            end: np.ndarray = self.poses[min(after, len(self.times) - 1)]
            return end
        before = after - 1
        share = (time - self.times[before]) / (self.times[after] - self.times[before])
        return _mixed(self.poses[before], self.poses[after], float(share))


@dataclass(frozen=True, eq=False, kw_only=True)
class Joint:
    """A moving part of a robot.

    Attributes:
        prim_path: Its prim; all that is below it moves with it.
        origin: ``(3,)`` float64 in the robot's frame at rest [m].
        parent: The joint above it, as an index into the robot's joints, or -1.
        swivels: Whether it turns about the vertical; else it rolls.
        trails: Whether it is a caster, whose wheel trails behind the pivot; an axle without trail steers both ways.
        motions: Of a part that moves by recorded animations, those by state.
    """

    prim_path: str
    origin: np.ndarray
    parent: int
    swivels: bool
    trails: bool = False
    motions: Mapping[str, Motion] = field(default_factory=dict)


def moving_joints(
    prim_paths: Sequence[str],
    origins: Sequence[np.ndarray],
    motions: Mapping[str, Mapping[str, Motion]] | None = None,
) -> tuple[Joint, ...]:
    """Return those of a robot's joints that move, parents before children.

    Args:
        prim_paths: All joints.
        origins: ``(3,)`` each, in the robot's frame at rest [m].
        motions: Recorded animations by joint and state; wheels and swivels need none.
    """
    recorded = motions or {}
    places = dict(zip(prim_paths, origins, strict=True))
    turning = [path for path in places if _swivels(path) or (_rolls(path) and places[path][2] > _SMALLEST_WHEEL)]
    chosen = sorted({*turning, *recorded})
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
                motions={} if path in turning else recorded[path],
            )
        )
    return tuple(joints)


def _swivels(path: str) -> bool:
    return "swivel" in path.rpartition("/")[2].lower()


def _rolls(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return "wheel" in name or "caster" in name


class JointMover:
    """The joints of one robot: `advance` follows the simulation step by step, `poses` tells where the parts are.

    Args:
        joints: Parents before children.
    """

    def __init__(self, joints: Sequence[Joint]):
        self._joints = tuple(joints)
        self._angles = [0.0] * len(self._joints)
        self._before: ActorState | None = None
        self._played = {index: np.eye(4) for index, joint in enumerate(self._joints) if joint.motions}
        self._began = dict(self._played)
        self._machine = ""
        self._since = 0.0

    def advance(self, state: ActorState) -> None:
        """Follow one step; the first call says where the robot starts."""
        before, self._before = self._before, state
        self._play(state.machine)
        if before is not None:
            self._turn(before, state)

    def _play(self, machine: str) -> None:
        """Move what moves by animation; where the state has none, it stays."""
        self._since += STEP
        if machine != self._machine:
            self._machine, self._since, self._began = machine, 0.0, dict(self._played)
        for index in self._played:
            motion = self._joints[index].motions.get(machine)
            if motion is not None:
                share = min(1.0, self._since / _BLEND)
                self._played[index] = _mixed(self._began[index], motion.at(self._since), share)

    def _turn(self, before: ActorState, state: ActorState) -> None:
        """Turn wheels and swivels by one step's motion."""
        turned = math.remainder(state.yaw - before.yaw, math.tau)
        middle = before.yaw + 0.5 * turned
        step = state.position - before.position
        if math.hypot(step[0], step[1]) > _JUMP:
            return
        forward = float(step[0] * math.cos(middle) + step[1] * math.sin(middle))
        left = float(step[1] * math.cos(middle) - step[0] * math.sin(middle))
        for index, joint in enumerate(self._joints):
            if joint.motions:
                continue
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
        for index, (joint, angle) in enumerate(zip(self._joints, self._angles, strict=True)):
            played = self._played.get(index)
            own = _about(joint.origin, angle, vertical=joint.swivels) if played is None else played
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


def _mixed(one: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """Return the rigid pose ``(4, 4)`` a share of the way from one to the other."""
    mixed: np.ndarray = one + (other - one) * share
    if not np.array_equal(one[:3, :3], other[:3, :3]):
        left, _, right = np.linalg.svd(mixed[:3, :3])
        mixed[:3, :3] = left @ right
    return mixed

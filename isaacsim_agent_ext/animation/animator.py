"""People in motion: from what the simulation says about each actor to joint matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.animation.footwork import Footwork, in_body, in_world, on_curve
from isaacsim_agent_ext.animation.kinematics import Hierarchy
from isaacsim_agent_ext.animation.legs import solve_legs
from isaacsim_agent_ext.animation.mixer import Mixer
from isaacsim_agent_ext.animation.motion_library import MotionLibrary
from isaacsim_agent_ext.animation.rig import Rig, build_rigs, hips_from_pelvis
from isaacsim_agent_ext.animation.seating import CLIP, Seats
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.scene.snapshot import Skeleton

STEP = 1.0 / 30.0
"""Length of a simulation step [s]."""

REACH = 0.998
"""Longest a leg is stretched before the pelvis comes down, as a share of its length."""

SLACK = 0.6
"""How fast the swinging leg of a runner loses that hold on the pelvis, per share of its swing; it stays short then."""

JUMP = 1.0
"""A step longer than this [m] is a jump to another place, not a movement."""


@dataclass(frozen=True, eq=False)
class Poses:
    """Everybody's pose in one frame, in the order of the actors.

    Attributes:
        skinning: For each actor ``(joints, 4, 4)`` float32 from bind space to the world.
        joint_positions: For each actor ``(joints, 3)`` float32 world positions [m].
    """

    skinning: tuple[np.ndarray, ...]
    joint_positions: tuple[np.ndarray, ...]


def actor_transform(state: ActorState) -> np.ndarray:
    """Return the ``(4, 4)`` float64 root-to-world matrix of an actor: on the floor, facing along its heading."""
    return root_transform(state.position, state.yaw)


def root_transform(position: np.ndarray, yaw: float) -> np.ndarray:
    """Return the ``(4, 4)`` float64 root-to-world matrix of an actor that stands at ``position`` and faces ``yaw``."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    matrix = np.eye(4)
    matrix[0, :2] = cos, sin
    matrix[1, :2] = -sin, cos
    matrix[3, :3] = position
    return matrix


@dataclass(frozen=True, eq=False)
class _Placement:
    """What is known about people before their legs are bent; one row per person.

    Attributes:
        members: Which of the actors.
        local: ``(people, library joints, 4)`` rotations relative to the parents.
        hips: ``(people, 3)`` as in `MotionClip.hips`.
        feet: ``(people, 2, 6)`` in the body's frame [m].
        slack: ``(people, 2)`` how much further than its length a leg may seem to reach, as a share.
        roots: ``(people, 4, 4)`` from the body's frame to the world.
    """

    members: np.ndarray
    local: np.ndarray
    hips: np.ndarray
    feet: np.ndarray
    slack: np.ndarray
    roots: np.ndarray


class Animator:
    """Animates people by the motion library.

    `advance` follows the simulation step by step and is cheap; `pose` works out joint matrices for the present
    step and changes nothing, so a pose depends on the steps taken and not on which of them were looked at.
    """

    def __init__(self, skeletons: Sequence[Skeleton], library: MotionLibrary | None, specs: Sequence[ActorSpec]):
        """Prepare everybody.

        Args:
            skeletons: One per actor, at rest where the actor spawns.
            library: The clips; None is allowed when nobody is to be animated.
            specs: The actors.

        Raises:
            AssetError: A skeleton cannot take the library's poses.
            ValueError: There are not as many skeletons as actors, or no library for them.
        """
        if len(skeletons) != len(specs):
            raise ValueError(f"{len(skeletons)} skeletons for {len(specs)} actors; each needs its own")
        if specs and library is None:
            raise ValueError("animating people needs a motion library")
        self._count = len(specs)
        self._started = False
        if library is None or not specs:
            return
        self._library = library
        self._numbers = {name: number for number, name in enumerate(library.names)}
        self._joints = {name: number for number, name in enumerate(library.joints)}
        self._hierarchy = Hierarchy(library.parents)
        self._rigs = build_rigs(skeletons, [root_transform(spec.position, spec.yaw) for spec in specs], library)
        self._legs = np.zeros(self._count)
        for members, rig in self._rigs:
            self._legs[members] = rig.legs.length
        offsets = np.array([stream(0, "animation", spec.name).random() for spec in specs])
        self._mixer = Mixer(library, self._legs, offsets)
        self._footwork = Footwork(self._legs)
        self._position = np.zeros((self._count, 3))
        self._yaw = np.zeros(self._count)
        self._sideways = np.zeros(self._count)
        self._seats = Seats(())

    def advance(self, states: Sequence[ActorState]) -> None:
        """Follow one step of the simulation; the first call says where everybody starts.

        Args:
            states: One per actor, in the order of the specs.

        Raises:
            AssetError: A state asks for a clip that the library does not have.
        """
        if not self._count:
            return
        position = np.array([state.position for state in states], dtype=np.float64)
        yaw = np.array([state.yaw for state in states], dtype=np.float64)
        velocity = np.array([state.velocity for state in states], dtype=np.float64)
        self._seats = seats = Seats(states)
        animation = np.array([self._clip_index(state.animation) for state in states])
        animation = np.where(seats.share > 0.0, self._numbers.get(CLIP, animation), animation)
        time = np.array([state.animation_time for state in states], dtype=np.float64)
        if not self._started:
            turn = np.array([state.turn_rate for state in states], dtype=np.float64)
            self._mixer.start(animation, time, np.hypot(velocity[:, 0], velocity[:, 1]), turn)
            moved = np.ones(self._count, dtype=bool)
            self._started = True
        else:
            step = position - self._position
            distance = np.hypot(step[:, 0], step[:, 1])
            moved = distance > JUMP
            turned = (yaw - self._yaw + np.pi) % (2.0 * np.pi) - np.pi
            self._mixer.advance(STEP, animation, time, np.where(moved, 0.0, distance), np.where(moved, 0.0, turned))
            heading = np.arctan2(step[:, 1], step[:, 0]) - yaw
            heading = (heading + np.pi) % (2.0 * np.pi) - np.pi
            goal = np.where(distance > 0.1 * STEP, heading, 0.0)
            self._sideways += (goal - self._sideways) * 0.25
        self._position, self._yaw = position, yaw
        self._step_feet(moved)

    def _clip_index(self, name: str) -> int:
        number = self._numbers.get(name)
        return self._library.index(name) if number is None else number

    def _step_feet(self, moved: np.ndarray) -> None:
        mixer = self._mixer
        target = in_world(self._placed_feet(), self._position, self._yaw)
        contacts = mixer.contacts()
        duty = contacts[..., 1] - contacts[..., 0]
        since = (mixer.phase[:, None] - contacts[..., 0]) % 1.0
        stepping = mixer.gait_weight > 0.05
        stance = since < duty
        swing = np.clip((since - duty) / np.maximum(1.0 - duty, 1e-3), 0.0, 1.0)
        swing_step = mixer.step / np.maximum(1.0 - duty.mean(axis=1), 1e-3)
        if moved.any():
            self._footwork.reset(target, stance | ~stepping[:, None], moved)
        self._footwork.advance(STEP, target, self._position[:, 2], stepping, stance, swing, swing_step)

    def _placed_feet(self) -> np.ndarray:
        """Return where the clips have the feet, in the bodies' frames [m]."""
        mixer = self._mixer
        feet = mixer.feet()
        feet[..., :3] *= self._legs[:, None, None]
        along = np.cos(self._sideways)[:, None]
        feet[..., 1] += feet[..., 0] * np.sin(self._sideways)[:, None]
        feet[..., 0] *= along
        fast = mixer.speed > 0.3
        curvature = np.where(fast, mixer.turn / np.maximum(mixer.speed, 0.3), 0.0)
        return on_curve(feet, curvature * np.clip((mixer.speed - 0.3) / 0.3, 0.0, 1.0))

    def pose(self) -> Poses:
        """Return everybody's pose after the latest step."""
        if not self._count:
            return Poses((), ())
        if not self._started:
            raise RuntimeError("advance has to be called before pose")
        local, hips = self._mixer.body()
        feet = in_body(self._footwork.world, self._position, self._yaw)
        roots = np.array([root_transform(p, y) for p, y in zip(self._position, self._yaw, strict=True)])
        skinning: list[np.ndarray] = [np.empty(0)] * self._count
        positions: list[np.ndarray] = [np.empty(0)] * self._count
        slack = np.where(self._footwork.planted, 0.0, np.minimum(SLACK * self._footwork.progress, 0.2))
        slack *= np.clip(2.0 * self._mixer.gait_weight - 1.0, 0.0, 1.0)[:, None]
        for members, rig in self._rigs:
            placed = _Placement(members, local[members], hips[members], feet[members], slack[members], roots[members])
            matrices, joints = self._pose_rig(rig, placed)
            for row, actor in enumerate(members.tolist()):
                skinning[actor], positions[actor] = matrices[row], joints[row]
        return Poses(tuple(skinning), tuple(positions))

    def _pose_rig(self, rig: Rig, placed: _Placement) -> tuple[np.ndarray, np.ndarray]:
        """Return matrices and joint positions of the people who share a rig."""
        world = self._seats.lean(placed.members, self._hierarchy.world_rotations(placed.local))
        turn = world[:, self._joints["pelvis"]]
        centre = rig.legs.hip.mean(axis=1) * [1.0, 1.0, 0.0] + placed.hips * rig.legs.length[:, None]
        centre[:, 2] += rig.legs.ankle[..., 2].mean(axis=1)
        centre = self._seats.hips(placed.members, centre, placed.roots, rig.legs.length)
        pelvis = centre - hips_from_pelvis(rig, np.zeros_like(centre), turn).mean(axis=1)
        feet = placed.feet
        pelvis[:, 2] -= _overreach(rig, hips_from_pelvis(rig, pelvis, turn), feet, placed.slack)
        legs = solve_legs(
            rig.legs,
            hips_from_pelvis(rig, pelvis, turn),
            turn,
            feet[..., :3],
            feet[..., 3],
            feet[..., 4],
            feet[..., 5],
        )
        for name, rotations in (("thigh", legs.thigh), ("calf", legs.calf), ("foot", legs.foot), ("ball", legs.ball)):
            for k, side in enumerate("lr"):
                world[:, self._joints[f"{name}_{side}"]] = rotations[:, k]
        turned, positions = rig.place(world, pelvis)
        matrices, positions = rig.skinning(turned, positions, placed.roots)
        return matrices.astype(np.float32), positions.astype(np.float32)


def _overreach(rig: Rig, hips: np.ndarray, feet: np.ndarray, slack: np.ndarray) -> np.ndarray:
    """Return by how much the hips must come down for the legs to reach their feet ``(skeletons,)`` [m]."""
    cos, sin = np.cos(feet[..., 3]), np.sin(feet[..., 3])
    offset = rig.legs.ankle_offset(feet[..., 4])
    ankle = feet[..., :3] + np.stack([cos * offset[..., 0], sin * offset[..., 0], offset[..., 2]], axis=-1)
    gap = hips - ankle
    limit = REACH * (1.0 + slack) * (rig.legs.upper + rig.legs.lower)
    room = np.sqrt(np.maximum(limit**2 - gap[..., 0] ** 2 - gap[..., 1] ** 2, 0.0))
    return np.clip((gap[..., 2] - room).max(axis=1), 0.0, 0.25)

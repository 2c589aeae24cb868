"""Bodies and what moves them: from a few angles over time to joint rotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from pxr import Gf

from isaacsim_agent_ext.animation.kinematics import IDENTITY_WXYZ, about, conjugate, multiply, quaternions, rotate
from isaacsim_agent_ext.animation.legs import LegShape, solve_legs
from tools.assets.makehuman import ROOT, BodyShape, MakeHuman
from tools.assets.makehuman_clothes import SOLE

FINGERS = ("index", "middle", "ring", "pinky")
X, Y, Z = np.eye(3)
SIDES = "lr"
SIGNS = np.array([1.0, -1.0])

REFERENCE = BodyShape(
    gender=0.5, age=30.0, muscle=0.5, weight=0.5, ancestry={"caucasian": 1.0}, height=1.75, details={}
)
"""The body the clips are made for; its leg length is the unit in which a player scales them."""


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
        """Return a joint's number."""
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


def angles(roll: np.ndarray | float, pitch: np.ndarray | float, yaw: np.ndarray | float) -> np.ndarray:
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

    pelvis = np.broadcast_to(angles(*motion.pelvis_angles), (samples, 4))
    chest = np.broadcast_to(angles(*motion.chest_angles), (samples, 4))
    head = np.broadcast_to(angles(*motion.head_angles), (samples, 4))
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
    local, pelvis = joint_rotations(rig, standing(rig, 1))
    return local[0], pelvis[0]


def standing(rig: Skeleton, samples: int, **changes: object) -> Motion:
    """Return standing at ease, feet hip-wide and turned out a little."""
    ground, yaw = stand_feet(samples)
    base = {
        "pelvis": np.tile([0.0, 0.0, -stand_drop(rig)], (samples, 1)),
        "ground": ground,
        "foot_yaw": yaw,
        "foot_pitch": np.zeros((samples, 2)),
    }
    return Motion(**{**base, **changes})  # type: ignore[arg-type]


def stand_drop(rig: Skeleton) -> float:
    """Return how far the pelvis of a standing body is below the bind pose's [m]; knees are not quite locked."""
    legs = rig.legs
    return float((legs.hip[:, 2] - legs.ankle[:, 2] - 0.992 * legs.length).mean())


def stand_feet(samples: int) -> tuple[np.ndarray, np.ndarray]:
    ground = np.tile([[-0.02, 0.1, 0.0], [-0.02, -0.1, 0.0]], (samples, 1, 1))
    return ground, np.tile(np.radians(7.0) * SIGNS, (samples, 1))


def cycle(samples: int) -> np.ndarray:
    """Return phases from 0 up to but not including 1."""
    return np.arange(samples) / samples


def wave(phase: np.ndarray, peak: float = 0.0) -> np.ndarray:
    """Return one cosine per cycle with its maximum at a phase."""
    return np.cos(2.0 * np.pi * (phase - peak))


def bump(phase: np.ndarray, keys: Sequence[tuple[float, float]]) -> np.ndarray:
    """Interpolate smoothly, with flat tangents, through (phase, value) keys of a cycle."""
    at = np.array([k for k, _ in keys])
    values = np.array([v for _, v in keys])
    index = np.clip(np.searchsorted(at, phase, side="right") - 1, 0, len(at) - 2)
    t = np.clip((phase - at[index]) / (at[index + 1] - at[index]), 0.0, 1.0)
    t = t * t * (3.0 - 2.0 * t)
    return values[index] + t * (values[index + 1] - values[index])


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


def loop(rig: Skeleton, motion: Motion, duration: float, **attributes: object) -> Clip:
    rotations, pelvis = joint_rotations(rig, motion)
    for k in range(1, len(rotations)):  # neighbouring samples take the short way round
        rotations[k] *= np.where((rotations[k] * rotations[k - 1]).sum(axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    return Clip(
        rotations=np.concatenate([rotations, rotations[:1]]),
        pelvis=np.concatenate([pelvis, pelvis[:1]]),
        duration=duration,
        **attributes,  # type: ignore[arg-type]
    )


def rest_transforms(rig: Skeleton, rotations: np.ndarray, pelvis: np.ndarray) -> list[Gf.Matrix4d]:
    """Return a pose as USD writes a rest pose: matrices relative to the parents."""
    offsets = rig.offsets.copy()
    offsets[rig.index("pelvis")] = pelvis
    return [
        Gf.Matrix4d(1.0).SetRotate(Gf.Quatd(*q.tolist())).SetTranslateOnly(Gf.Vec3d(*p.tolist()))
        for q, p in zip(rotations, offsets, strict=True)
    ]

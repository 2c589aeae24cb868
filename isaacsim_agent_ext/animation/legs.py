"""Feet that roll over heel and ball, and the legs that follow them.

A foot is described by where it would stand if it were flat, and by how far it has rolled from there: a negative
pitch lifts the toes and pivots about the heel, a positive one lifts the heel and pivots about the ball of the foot
while the toes stay flat. A planted foot therefore keeps its flat position whatever its pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.animation.kinematics import about, bend_limb, multiply, quaternions, rotate

HEEL_SHARE = 0.42
"""How far the heel reaches behind the ankle, as a share of the distance from ankle to ball."""

Y_AXIS = np.array([0.0, 1.0, 0.0])
Z_AXIS = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class LegShape:
    """Both legs of one or several people in the bind pose, left before right.

    Attributes:
        hip: ``(..., 2, 3)`` position of the hip joints [m].
        knee: ``(..., 2, 3)`` position of the knees [m].
        ankle: ``(..., 2, 3)`` position of the ankles [m].
        ball: ``(..., 2, 3)`` position of the balls of the feet [m].
    """

    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    ball: np.ndarray

    @property
    def upper(self) -> np.ndarray:
        """``(..., 2)`` length of the thighs [m]."""
        return np.linalg.norm(self.knee - self.hip, axis=-1)

    @property
    def lower(self) -> np.ndarray:
        """``(..., 2)`` length of the lower legs [m]."""
        return np.linalg.norm(self.ankle - self.knee, axis=-1)

    @property
    def length(self) -> np.ndarray:
        """``(...)`` length of a leg from hip to ankle [m], the mean of both sides."""
        return (self.upper + self.lower).mean(axis=-1)

    def ankle_offset(self, pitch: np.ndarray) -> np.ndarray:
        """Return ``(..., 2, 3)`` from the flat foot's ground point to the ankle, for pitches ``(..., 2)`` [rad].

        The ground point lies below the ankle of the flat foot; x points along the foot.
        """
        height = self.ankle[..., 2]
        reach = np.linalg.norm((self.ball - self.ankle)[..., :2], axis=-1)
        rolling = pitch > 0.0
        pivot_x = np.where(rolling, reach, -HEEL_SHARE * reach)
        pivot_z = np.where(rolling, self.ball[..., 2], 0.0)
        cos, sin = np.cos(pitch), np.sin(pitch)
        x, z = -pivot_x, height - pivot_z
        return np.stack([pivot_x + cos * x + sin * z, np.zeros_like(x), pivot_z - sin * x + cos * z], axis=-1)


@dataclass(frozen=True, eq=False)
class LegPose:
    """World rotations of leg joints as quaternions w, x, y, z, ``(..., 2, 4)`` each."""

    thigh: np.ndarray
    calf: np.ndarray
    foot: np.ndarray
    ball: np.ndarray


def foot_rotation(yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return the world rotation of feet with a heading and a pitch [rad]."""
    return multiply(about(Z_AXIS, yaw), about(Y_AXIS, pitch))


def ankle_position(legs: LegShape, ground: np.ndarray, yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return ``(..., 2, 3)`` ankle positions of feet given as flat ground points, headings and pitches."""
    return ground + rotate(about(Z_AXIS, yaw), legs.ankle_offset(pitch))


def solve_legs(
    legs: LegShape,
    hips: np.ndarray,
    pelvis: np.ndarray,
    ground: np.ndarray,
    yaw: np.ndarray,
    pitch: np.ndarray,
    toe_bend: np.ndarray,
) -> LegPose:
    """Bend legs so that the feet are where they should be.

    Args:
        legs: Bind pose.
        hips: ``(..., 2, 3)`` hip joints [m].
        pelvis: ``(..., 4)`` world rotation of the pelvis.
        ground: ``(..., 2, 3)`` ground points of the flat feet [m].
        yaw: ``(..., 2)`` headings of the feet [rad].
        pitch: ``(..., 2)`` how far the feet have rolled [rad].
        toe_bend: ``(..., 2)`` how far the toes are bent up [rad].
    """
    goal = ankle_position(legs, ground, yaw, pitch)
    # Knees bend about a sideways axis, halfway between the pelvis' and the foot's, however high the foot is lifted.
    sideways = rotate(about(Z_AXIS, yaw), Y_AXIS) + rotate(pelvis, Y_AXIS)[..., None, :]
    hint = np.cross(goal - hips, sideways)
    knee, ankle = bend_limb(hips, goal, legs.upper, legs.lower, hint)
    axis = ankle - hips
    side = hint - (hint * axis).sum(axis=-1, keepdims=True) * axis / (axis * axis).sum(axis=-1, keepdims=True)
    hinge = np.cross(side, axis)
    foot = foot_rotation(yaw, pitch)
    return LegPose(
        thigh=_bone_rotation(legs.knee - legs.hip, knee - hips, hinge),
        calf=_bone_rotation(legs.ankle - legs.knee, ankle - knee, hinge),
        foot=foot,
        ball=multiply(foot, about(Y_AXIS, -toe_bend)),
    )


def _bone_rotation(bind: np.ndarray, posed: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Return the rotation that turns a bone with its hinge along +Y into a posed bone with a given hinge."""
    return quaternions(np.swapaxes(_frame(bind, Y_AXIS), -1, -2) @ _frame(posed, hinge))


def _frame(bone: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Return ``(..., 3, 3)`` row vectors: along the bone, the hinge made perpendicular to it, and their product."""
    x = bone / np.linalg.norm(bone, axis=-1, keepdims=True)
    y = hinge - (hinge * x).sum(axis=-1, keepdims=True) * x
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    return np.stack([x, y, np.cross(x, y)], axis=-2)

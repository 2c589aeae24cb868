"""Clips for people who walk, run, push and turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from isaacsim_agent_ext.animation.kinematics import about, rotate
from tools.assets.makehuman_pose import (
    SIGNS,
    ArmPose,
    Clip,
    Motion,
    Skeleton,
    Z,
    angles,
    cycle,
    loop,
    stand_drop,
    standing,
    wave,
)

SAMPLES = 30
"""Samples per cycle."""


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
    for (t0, v0, m0), (t1, v1, m1) in pairwise(keys):
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


def gait_clip(rig: Skeleton, gait: Gait) -> Clip:
    p = cycle(SAMPLES)
    phases = np.stack([p, (p + 0.5) % 1.0], axis=1)
    ground = np.zeros((SAMPLES, 2, 3))
    pitch = np.zeros((SAMPLES, 2))
    for k in range(2):
        path, pitch[:, k] = _foot_cycle(gait, rig, phases[:, k])
        out = np.clip((phases[:, k] - gait.duty) / (1.0 - gait.duty), 0.0, 1.0)
        ground[:, k] = np.stack([path[:, 0], SIGNS[k] * (gait.width + 0.012 * np.sin(np.pi * out)), path[:, 1]], axis=1)
    middle = 0.5 * gait.duty
    highest = middle if gait.duty > 0.5 else 0.5 * (gait.duty + 0.5)
    yaw = -np.radians(gait.pelvis_yaw) * wave(p)
    tilt = np.radians(gait.pelvis_list) * wave(p, middle)
    pelvis_angles = (tilt, np.radians(0.35 * gait.lean), yaw)
    bob = gait.bob * wave(2.0 * p, 2.0 * highest)
    sway = gait.sway * wave(p, middle)
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
            np.radians(gait.lean) + 0.012 * wave(2.0 * p, 2.0 * highest),
            np.radians(gait.chest_yaw) * wave(p),
        ),
        head_angles=(0.0, np.radians(0.35 * gait.lean) - 0.01 * wave(2.0 * p, 2.0 * highest), 0.0 * p),
        arms=_gait_arms(gait, p),
    )
    contacts = ((0.0, gait.duty), (0.5, 0.5 + gait.duty))
    return loop(rig, motion, gait.period, speed=gait.speed, contacts=contacts)


def _pelvis_height(
    rig: Skeleton,
    gait: Gait,
    pelvis: np.ndarray,
    pelvis_angles: Sequence[np.ndarray | float],
    ground: np.ndarray,
    pitch: np.ndarray,
    phases: np.ndarray,
) -> float:
    """Return the greatest height at which no standing leg is stretched beyond the gait's reach [m]."""
    rotation = np.broadcast_to(angles(*pelvis_angles), (len(pelvis), 4))
    hips = np.stack([rig["thigh_l"], rig["thigh_r"]]) - rig["pelvis"]
    hips = (pelvis + rig["pelvis"])[:, None] + rotate(rotation[:, None], hips)
    gap = ground + rig.legs.ankle_offset(pitch) - hips
    limit = gait.reach * (rig.legs.upper + rig.legs.lower)
    room = np.sqrt(np.maximum(limit**2 - gap[..., 0] ** 2 - gap[..., 1] ** 2, 0.0)) + gap[..., 2]
    return float(room[phases <= gait.duty].min())


def _gait_arms(gait: Gait, p: np.ndarray) -> tuple[ArmPose, ArmPose]:
    if gait.push:
        arm = ArmPose(
            swing=0.62, spread=0.10, turn=0.12, elbow=0.95 + 0.04 * wave(2.0 * p), twist=1.25, curl=0.95, wrist=-0.35
        )
        return arm, arm
    arms = []
    for k in range(2):
        forward = -wave(p - 0.5 * k, 0.02)  # each arm swings with the opposite leg
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


def turn(rig: Skeleton, sign: float) -> Clip:
    """Turn on the spot: the feet stand still while the body turns over them, and step round in turn."""
    angle, period, duty = np.radians(75.0), 1.1, 0.66
    p = cycle(SAMPLES)
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
    motion = standing(
        rig,
        SAMPLES,
        pelvis=np.stack(
            [0.0 * p, 0.022 * wave(p, 0.5 * duty), -stand_drop(rig) - 0.012 + 0.006 * wave(2.0 * p, duty)], axis=1
        ),
        ground=ground,
        foot_yaw=yaw + np.radians(7.0) * SIGNS,
        foot_pitch=pitch,
        pelvis_angles=(0.02 * wave(p, 0.5 * duty), 0.0, 0.0 * p),
        chest_angles=(0.0, 0.03, np.full(SAMPLES, 0.10 * sign)),
        head_angles=(0.0, 0.03, np.full(SAMPLES, 0.32 * sign)),
    )
    contacts = ((0.0, duty), (0.5, 0.5 + duty))
    return loop(rig, motion, period, turn_rate=sign * angle / period, contacts=contacts)

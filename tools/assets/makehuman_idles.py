"""Clips for people who stand or sit."""

from __future__ import annotations

import numpy as np

from tools.assets.makehuman_pose import ArmPose, Clip, Skeleton, bump, cycle, loop, stand_feet, standing, wave

SAMPLES = 30
"""Samples per second or so: people who stand move slowly."""


def idle(rig: Skeleton) -> Clip:
    samples, duration = 2 * SAMPLES, 7.0
    p = cycle(samples)
    shift, breath = wave(p, 0.2), wave(2.0 * p, 0.1)
    motion = standing(rig, samples)
    pelvis = motion.pelvis + np.stack([0.004 * wave(p, 0.55), 0.022 * shift, -0.004 * np.abs(shift)], axis=1)
    arms = tuple(
        ArmPose(
            swing=0.04 + 0.015 * wave(p, 0.4 + 0.3 * k),
            spread=0.15 + 0.01 * breath,
            elbow=0.25 + 0.03 * wave(p, 0.7 * k),
        )
        for k in range(2)
    )
    return loop(
        rig,
        standing(
            rig,
            samples,
            pelvis=pelvis,
            pelvis_angles=(0.035 * shift, 0.0, 0.03 * wave(p, 0.3)),
            chest_angles=(-0.012 * shift, 0.03 - 0.012 * breath, -0.01 * wave(p, 0.3)),
            head_angles=(0.01 * wave(p, 0.9), 0.03 + 0.02 * wave(p, 0.6), 0.06 * wave(p, 0.35)),
            breath=0.012 * breath,
            arms=arms,
        ),
        duration,
    )


def look_around(rig: Skeleton) -> Clip:
    samples, duration = 2 * SAMPLES, 6.0
    p = cycle(samples)
    yaw = bump(p, ((0.0, 0.0), (0.18, 0.95), (0.34, 0.85), (0.58, -0.95), (0.76, -0.8), (1.0, 0.0)))
    tilt = bump(p, ((0.0, 0.02), (0.25, 0.12), (0.5, -0.06), (0.7, 0.1), (1.0, 0.02)))
    shift = yaw / 0.95
    motion = standing(rig, samples)
    return loop(
        rig,
        standing(
            rig,
            samples,
            pelvis=motion.pelvis + np.stack([0.0 * p, 0.015 * shift, 0.0 * p], axis=1),
            pelvis_angles=(0.02 * shift, 0.0, 0.10 * shift),
            chest_angles=(0.0, 0.03, 0.32 * shift),
            head_angles=(0.03 * shift, tilt, yaw),
            breath=0.01 * wave(2.0 * p),
        ),
        duration,
    )


def wave_hand(rig: Skeleton) -> Clip:
    samples, duration = 3 * SAMPLES, 3.6
    p = cycle(samples)
    raised = bump(p, ((0.0, 0.0), (0.22, 1.0), (0.76, 1.0), (1.0, 0.0)))
    shake = (
        raised * np.sin(2.0 * np.pi * 6.0 * (p - 0.22)) * bump(p, ((0.2, 0.0), (0.28, 1.0), (0.72, 1.0), (0.8, 0.0)))
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
    motion = standing(rig, samples)
    return loop(
        rig,
        standing(
            rig,
            samples,
            pelvis=motion.pelvis + np.stack([0.0 * p, 0.012 * raised, 0.0 * p], axis=1),
            chest_angles=(-0.03 * raised, 0.02, -0.04 * raised),
            head_angles=(0.03 * raised, 0.0, 0.0),
            arms=(rest, arm),
        ),
        duration,
        fade=0.5,
    )


def sit(rig: Skeleton) -> Clip:
    samples, duration = 2 * SAMPLES, 6.0
    p = cycle(samples)
    breath = wave(2.0 * p)
    seat = 0.50 - rig["pelvis"][2]
    ground, yaw = stand_feet(samples)
    ground = ground + np.array([0.10, 0.0, 0.0])
    arms = tuple(
        ArmPose(swing=0.30, spread=0.16, turn=0.25, elbow=0.85 + 0.01 * breath, twist=1.1, curl=0.25) for _ in range(2)
    )
    return loop(
        rig,
        standing(
            rig,
            samples,
            pelvis=np.tile([-0.32, 0.0, seat], (samples, 1)),
            ground=ground,
            foot_yaw=yaw,
            pelvis_angles=(0.0, -0.12, 0.0),
            chest_angles=(0.0, 0.04 - 0.012 * breath, 0.02 * wave(p)),
            head_angles=(0.0, 0.05 + 0.02 * wave(p, 0.3), 0.12 * wave(p, 0.6)),
            breath=0.012 * breath,
            arms=arms,
        ),
        duration,
        fade=0.9,
    )

"""Feet that stay where they are put down: the state behind steps, starts, stops and turns."""

from __future__ import annotations

import numpy as np

STEP_TIME = 0.42
"""Duration of a step that somebody standing takes to bring a foot under the body [s]."""

STEP_LIFT = 0.05
"""Height of such a step [m]."""

STRAY, STRAY_ANGLE = 0.06, 0.30
"""How far a foot of somebody standing may be from where it belongs before it steps there [m], [rad]."""

OVERSTRETCH = 0.40
"""How far a planted foot may lag behind its clip before it lets go early [leg lengths]."""

SWAY_LIMIT = 1.5
"""Tightest curve that foot paths are bent for [1/m]."""


class Footwork:
    """Both feet of many actors.

    A planted foot keeps its place and heading in the world, whatever the body does; clips only roll it. When its
    time in the clip is over it swings: it follows the clip, and the distance by which it was off when it left the
    floor melts away until it lands. Somebody standing steps wherever a foot is not where it belongs.

    Arrays are ``(actors, 2)``, left before right. Every value depends on the sequence of steps only.
    """

    def __init__(self, legs: np.ndarray):
        """Take the leg lengths ``(actors,)`` [m]."""
        count = len(legs)
        self._legs = legs[:, None]
        self.planted = np.ones((count, 2), dtype=bool)
        self.held = np.zeros((count, 2, 4))
        """World x, y, z [m] and heading [rad] of planted feet; where a swing began for the others."""
        self._strayed = np.zeros((count, 2, 4))
        self.progress = np.ones((count, 2))
        self.world = np.zeros((count, 2, 6))
        """World x, y, z [m], heading, pitch and toe bend [rad] of both feet at present."""

    def reset(self, target: np.ndarray, planted: np.ndarray, actors: np.ndarray) -> None:
        """Put the feet of some actors (a mask) where their clips have them."""
        self.planted[actors] = planted[actors]
        self.held[actors] = target[actors][..., :4]
        self._strayed[actors] = 0.0
        self.progress[actors] = 0.0
        self.world[actors] = target[actors]

    def advance(
        self,
        dt: float,
        target: np.ndarray,
        floor: np.ndarray,
        stepping: np.ndarray,
        stance: np.ndarray,
        swing: np.ndarray,
        swing_step: np.ndarray,
    ) -> None:
        """Advance by one step.

        Args:
            dt: Length of the step [s].
            target: ``(actors, 2, 6)`` where the clips have the feet, in the world; as in `world`.
            floor: ``(actors,)`` height of the floor [m].
            stepping: ``(actors,)`` whether gaits move the feet.
            stance: ``(actors, 2)`` whether the foot stands in its gait.
            swing: ``(actors, 2)`` how far the foot's swing is in its gait, 0..1.
            swing_step: ``(actors,)`` by how much of a swing the gaits advance in this step.
        """
        away = target[..., :4] - self.held
        away[..., 3] = _wrapped(away[..., 3])
        distance = np.hypot(away[..., 0], away[..., 1])
        gait = stepping[:, None]

        overstretched = distance > OVERSTRETCH * self._legs
        astray = np.maximum(distance / (STRAY * self._legs / 0.9), np.abs(away[..., 3]) / STRAY_ANGLE)
        worst = astray >= np.flip(astray, axis=1) + np.array([1e-9, 0.0])
        settled = self.planted.all(axis=1, keepdims=True)
        release = self.planted & np.where(gait, ~stance | overstretched, settled & worst & (astray > 1.0))
        self._strayed[release] = self.world[release][:, :4] - target[release][:, :4]
        self._strayed[release, 3] = _wrapped(self._strayed[release, 3])
        self.planted &= ~release
        self.progress[release] = 0.0

        # What is left of the swing is covered at the gait's pace, so that the foot arrives as the gait lands it.
        remaining = np.maximum(1.0 - (swing - swing_step[:, None]), 1e-3)
        paced = (1.0 - self.progress) * np.clip(swing_step[:, None] / remaining, 0.0, 1.0)
        quick = dt / np.where(gait, 0.5 * STEP_TIME, STEP_TIME)
        pace = np.where(gait & ~stance, paced, quick)
        swinging = ~self.planted
        self.progress = np.where(swinging, np.minimum(self.progress + pace, 1.0), self.progress)

        left = 1.0 - _ease(self.progress)
        hop = np.where(gait & ~stance, 0.0, STEP_LIFT * np.sin(np.pi * self.progress) ** 2)
        swung = target.copy()
        swung[..., :4] += self._strayed * left[..., None]
        swung[..., 2] += hop
        swung[..., 2] = np.maximum(swung[..., 2], floor[:, None])
        land = swinging & np.where(gait, stance & (self.progress > 0.98), self.progress >= 1.0)
        self.held[land] = swung[land][:, :4]
        self.held[..., 2] = np.where(land, floor[:, None], self.held[..., 2])
        self.planted |= land

        standing = target.copy()
        standing[..., :4] = self.held
        self.world = np.where(self.planted[..., None], standing, swung)


def on_curve(feet: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Bend foot paths made for straight walking along a curve.

    Args:
        feet: ``(actors, 2, 6)`` in the body's frame [m].
        curvature: ``(actors,)`` positive to the left [1/m].
    """
    k = np.clip(curvature, -SWAY_LIMIT, SWAY_LIMIT)[:, None]
    bent = feet.copy()
    x, y = feet[..., 0], feet[..., 1]
    angle = k * x
    # A point at arc length x from the body and y to its side, on circles around the same centre.
    straight = np.abs(k) < 1e-6
    radius = 1.0 / np.where(straight, 1.0, k)
    bent[..., 0] = np.where(straight, x, (radius - y) * np.sin(angle))
    bent[..., 1] = np.where(straight, y, radius - (radius - y) * np.cos(angle))
    bent[..., 3] = feet[..., 3] + angle
    return bent


def in_world(feet: np.ndarray, position: np.ndarray, yaw: np.ndarray) -> np.ndarray:
    """Carry feet ``(actors, 2, 6)`` from the body's frame into the world [m]."""
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    world = feet.copy()
    world[..., 0] = position[:, None, 0] + cos * feet[..., 0] - sin * feet[..., 1]
    world[..., 1] = position[:, None, 1] + sin * feet[..., 0] + cos * feet[..., 1]
    world[..., 2] = position[:, None, 2] + feet[..., 2]
    world[..., 3] = feet[..., 3] + yaw[:, None]
    return world


def in_body(world: np.ndarray, position: np.ndarray, yaw: np.ndarray) -> np.ndarray:
    """Undo `in_world`."""
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    dx, dy = world[..., 0] - position[:, None, 0], world[..., 1] - position[:, None, 1]
    feet = world.copy()
    feet[..., 0] = cos * dx + sin * dy
    feet[..., 1] = -sin * dx + cos * dy
    feet[..., 2] = world[..., 2] - position[:, None, 2]
    feet[..., 3] = world[..., 3] - yaw[:, None]
    return feet


def _wrapped(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


def _ease(t: np.ndarray) -> np.ndarray:
    return t * t * (3.0 - 2.0 * t)

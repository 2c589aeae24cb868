"""Which clips play, how strongly, and where in them everybody is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isaacsim_agent_ext.animation.kinematics import normalized
from isaacsim_agent_ext.animation.motion_library import FEET, MotionLibrary

SMOOTHING = 0.10
"""Time constant of the speed and the rate of turn that clips are chosen by [s]."""

STILL, MOVING = 0.05, 0.30
"""Speeds between which standing turns into walking [m/s]."""

SETTLED, TURNING = 0.25, 0.80
"""Rates between which standing turns into turning on the spot [rad/s]."""

CUT = 1e-4
"""Clips with less weight are not evaluated."""


class Mixer:
    """Blend weights, clip times and the common phase of all gaits, for many actors at once.

    Gaits share one phase, 0 where the left foot is put down, so that feet agree wherever two of them are blended.
    The phase advances by distance covered (or angle turned) over the blended stride, each scaled by the person's
    leg length.
    """

    def __init__(self, library: MotionLibrary, legs: np.ndarray, offsets: np.ndarray):
        """Start everybody at rest.

        Args:
            library: The clips.
            legs: ``(actors,)`` leg length [m].
            offsets: ``(actors,)`` where in the idle clip and in the first step each starts, 0..1.
        """
        clips = library.clips
        self._clips = clips
        self._legs = legs
        self._durations = np.array([clip.duration for clip in clips])
        self._fades = np.array([clip.fade for clip in clips])
        self._contacts = np.array([clip.contacts for clip in clips])
        self._speeds = np.array([clip.speed for clip in clips])
        self._angles = np.array([clip.turn_rate * clip.duration for clip in clips])
        self.is_gait = (self._speeds > 0.0) | (self._angles != 0.0)
        gaits = [k for k in np.argsort(self._speeds, kind="stable") if self._speeds[k] > 0.0]
        # The ordinary gaits; any other clip with a speed, such as pushing, is played only when asked for.
        self._ladder = np.array([k for k in gaits if clips[k].name.startswith(("walk", "jog", "run"))] or gaits)
        self._idle = library.index("idle")
        self._turns = tuple(self._turn_clip(sign) for sign in (1.0, -1.0))
        self._offsets = offsets
        count = len(legs)
        self.weights = np.zeros((count, len(clips)))
        self.weights[:, self._idle] = 1.0
        self.times = np.zeros((count, len(clips)))
        self.phase = np.zeros(count)
        self.step = np.zeros(count)
        self.speed = np.zeros(count)
        self.turn = np.zeros(count)
        self._moving = np.zeros(count, dtype=bool)

    def _turn_clip(self, sign: float) -> int:
        fitting = [k for k in range(len(self._clips)) if self._angles[k] * sign > 0.0]
        return fitting[0] if fitting else self._idle

    def start(self, animation: np.ndarray, time: np.ndarray, speed: np.ndarray, turn: np.ndarray) -> None:
        """Take the first states as they are, without blending in."""
        self.speed, self.turn = speed.copy(), turn.copy()
        self.times[:] = time[:, None]
        self.weights = self._wanted(animation)
        moving = self.gait_weight > 0.5
        self.phase = np.where(moving, self._offsets, 0.0)
        self._moving = moving

    def advance(
        self, dt: float, animation: np.ndarray, time: np.ndarray, distance: np.ndarray, turned: np.ndarray
    ) -> None:
        """Advance by one step.

        Args:
            dt: Length of the step [s].
            animation: ``(actors,)`` clip to play when standing.
            time: ``(actors,)`` since it was asked for [s].
            distance: ``(actors,)`` covered in the step [m].
            turned: ``(actors,)`` change of heading in the step [rad].
        """
        follow = 1.0 - np.exp(-dt / SMOOTHING)
        self.speed += (distance / dt - self.speed) * follow
        self.turn += (turned / dt - self.turn) * follow
        wanted = self._wanted(animation)
        change = np.clip(wanted - self.weights, -dt / self._fades, dt / self._fades)
        weights = np.maximum(self.weights + change, 0.0)
        self.weights = weights / weights.sum(axis=1, keepdims=True)
        self.times += dt
        rows = np.arange(len(animation))
        self.times[rows, animation] = time

        self.step = self._phase_step(distance, turned)
        starting = ~self._moving & (self.gait_weight > 0.02) & (self.step > 0.0)
        if starting.any():
            # Stand on one foot and begin with the other one in the middle of its swing: to the left with the left.
            duty = self.contacts()[:, :, 1] - self.contacts()[:, :, 0]
            left = np.where(np.abs(turned) > 0.01, turned > 0.0, self._offsets < 0.5)
            first = 0.5 * (1.0 + duty[:, 0])
            self.phase = np.where(starting, np.where(left, first, first + 0.5), self.phase)
        self._moving = np.where(self.gait_weight < 0.01, False, self._moving | starting)
        self.phase = (self.phase + self.step) % 1.0

    def _wanted(self, animation: np.ndarray) -> np.ndarray:
        """Return the weights that fit the present speed and rate of turn."""
        count = len(animation)
        rows = np.arange(count)
        weights = np.zeros((count, len(self._clips)))
        moving = _ease((self.speed - STILL) / (MOVING - STILL))
        turning = _ease((np.abs(self.turn) - SETTLED) / (TURNING - SETTLED)) * (1.0 - moving)
        speeds = self._speeds[self._ladder]
        relative = np.clip(self.speed / self._legs, speeds[0], speeds[-1])
        above = np.clip(np.searchsorted(speeds, relative), min(1, len(speeds) - 1), len(speeds) - 1)
        below = np.maximum(above - 1, 0)
        gap = np.maximum(speeds[above] - speeds[below], 1e-9)
        share = np.where(above > below, (relative - speeds[below]) / gap, 1.0)
        own_gait = self._speeds[animation] > 0.0
        np.add.at(weights, (rows, self._ladder[below]), np.where(own_gait, 0.0, moving * (1.0 - share)))
        np.add.at(weights, (rows, self._ladder[above]), np.where(own_gait, 0.0, moving * share))
        np.add.at(weights, (rows, animation), np.where(own_gait, moving, 0.0))
        np.add.at(weights, (rows, np.where(self.turn > 0.0, *self._turns)), turning)
        standing = np.where(self.is_gait[animation], self._idle, animation)
        np.add.at(weights, (rows, standing), 1.0 - moving - turning)
        return weights

    @property
    def gait_weight(self) -> np.ndarray:
        """``(actors,)`` share of clips in which the feet step."""
        return self.weights[:, self.is_gait].sum(axis=1)

    def contacts(self) -> np.ndarray:
        """Return ``(actors, 2, 2)`` phases at which each foot is put down and lifted, blended over the gaits."""
        weights = np.where(self.is_gait, self.weights, 0.0)
        total = weights.sum(axis=1)
        fallback = self._contacts[self._ladder[0]]
        blended = np.einsum("ac,cst->ast", weights, self._contacts) / np.maximum(total, 1e-9)[:, None, None]
        return np.where((total > 1e-6)[:, None, None], blended, fallback)

    def _phase_step(self, distance: np.ndarray, turned: np.ndarray) -> np.ndarray:
        """Return by how much of a cycle the gaits advance."""
        strides = self._speeds * self._durations
        walking = np.where(strides > 0.0, self.weights, 0.0)
        turning = np.where(self._angles != 0.0, self.weights, 0.0)
        walk, turn = walking.sum(axis=1), turning.sum(axis=1)
        total = np.maximum(walk + turn, 1e-9)
        # Half-hearted steps are shorter, but never so short that feet would patter.
        stride = walking @ strides / np.maximum(walk, 1e-9) * self._legs * np.maximum(walk, 0.5)
        angle = turning @ np.abs(self._angles) / np.maximum(turn, 1e-9)
        by_distance = np.where(walk > 1e-6, distance / np.maximum(stride, 1e-6), 0.0)
        by_angle = np.where(turn > 1e-6, np.abs(turned) / np.maximum(angle, 1e-6), 0.0)
        return np.minimum((walk * by_distance + turn * by_angle) / total, 0.2)

    def _samples(self, clip: int, actors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return for some actors the two samples of a clip they are between, and how far."""
        count = len(self._clips[clip].hips) - 1
        if self.is_gait[clip]:
            at = self.phase[actors]
        else:
            at = self.times[actors, clip] / self._durations[clip]
            if clip == self._idle:
                at = at + self._offsets[actors]
            at = at % 1.0 if self._clips[clip].loop else np.minimum(at, 1.0)
        position = at * count
        low = np.minimum(position.astype(np.int64), count - 1)
        return low, low + 1, position - low

    def feet(self) -> np.ndarray:
        """Return ``(actors, 2, 6)`` blended feet as in `MotionClip.feet`."""
        feet = np.zeros((len(self._legs), 2, FEET))
        for clip, actors, weights in self._active():
            low, high, t = self._samples(clip, actors)
            track = self._clips[clip].feet
            value = track[low] + (track[high] - track[low]) * t[:, None, None]
            feet[actors] += weights[:, None, None] * value
        return feet

    def body(self) -> tuple[np.ndarray, np.ndarray]:
        """Return blended rotations ``(actors, joints, 4)`` and hips ``(actors, 3)`` as in `MotionClip`."""
        count = len(self._legs)
        rotations = np.zeros((count, self._clips[0].rotations.shape[1], 4))
        hips = np.zeros((count, 3))
        for clip, actors, weights in self._active():
            low, high, t = self._samples(clip, actors)
            track, path = self._clips[clip].rotations, self._clips[clip].hips
            value = track[low] + (track[high] - track[low]) * t[:, None, None]
            # Opposite quaternions are the same rotation; add up those on the same side.
            side = np.where((value * rotations[actors]).sum(axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
            rotations[actors] += weights[:, None, None] * side * value
            hips[actors] += weights[:, None] * (path[low] + (path[high] - path[low]) * t[:, None])
        return normalized(rotations), hips

    def _active(self) -> Sequence[tuple[int, np.ndarray, np.ndarray]]:
        """Return the clips that play, with the actors who play them and their weights, which add up to 1."""
        strong = np.where(self.weights > CUT, self.weights, 0.0)
        strong = strong / strong.sum(axis=1, keepdims=True)
        result = []
        for clip in np.nonzero(strong.any(axis=0))[0].tolist():
            actors = np.nonzero(strong[:, clip])[0]
            result.append((clip, actors, strong[actors, clip]))
        return result


def _ease(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)

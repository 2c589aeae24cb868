"""How bodies get onto seats: hips that are led to the seat, and the lean that keeps the balance meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.kinematics import about, multiply

CLIP = "sit"
"""The clip that who sits plays, if the motion library has it."""

FLESH = 0.10
"""Height of the hip joints above the seat [leg lengths]."""

LEAN = 0.55
"""How far the body leans forward half-way down [rad]."""

BACK_FIRST = 1.25
"""How much sooner the hips are above the seat than on it."""


class Seats:
    """Where everybody sits in a step.

    Attributes:
        share: ``(actors,)`` from 0, standing, to 1, seated.
        point: ``(actors, 3)`` where on the seat, in the world [m].
    """

    def __init__(self, states: Sequence[ActorState]):
        self.share = np.array([0.0 if state.seating is None else state.seating.share for state in states])
        self.point = np.array([np.zeros(3) if state.seating is None else state.seating.point for state in states])

    def hips(self, members: np.ndarray, centre: np.ndarray, roots: np.ndarray, legs: np.ndarray) -> np.ndarray:
        """Return where the middle of some people's hip joints is, in their bodies' frames ``(n, 3)`` [m].

        Args:
            members: Which of the actors.
            centre: ``(n, 3)`` where their clips have it.
            roots: ``(n, 4, 4)`` from the bodies' frames to the world.
            legs: ``(n,)`` leg lengths [m].
        """
        share = self.share[members]
        if not share.any():
            return centre
        away = self.point[members] - roots[:, 3, :3]
        seat = np.einsum("ni,nji->nj", away, roots[:, :3, :3])
        seat[:, 2] += FLESH * legs
        across, down = _ease(np.minimum(BACK_FIRST * share, 1.0)), _ease(share)
        return centre + (seat - centre) * np.stack([across, across, down], axis=-1)

    def lean(self, members: np.ndarray, rotations: np.ndarray) -> np.ndarray:
        """Return the rotations ``(n, joints, 4)`` of some people's joints in their bodies' frames, leaning forward."""
        share = self.share[members]
        if not share.any():
            return rotations
        angle = LEAN * np.sin(np.pi * share) ** 2
        return multiply(about([0.0, 1.0, 0.0], angle)[:, None], rotations)


def _ease(t: np.ndarray) -> np.ndarray:
    return t * t * (3.0 - 2.0 * t)

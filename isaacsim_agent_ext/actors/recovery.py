"""Getting on when the way is blocked: notice that somebody makes no progress, and look for a way around.

A walker without progress asks whoever stands in its way to step aside; every other time it also takes the best of a few
random detours. Each time it waits longer, and when nothing has helped it gives its goal up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PATIENCE = 30
"""Steps without progress before a walker looks for a way around; half as many more after each of the first attempts."""

ATTEMPTS = 20
"""Ways around that are tried before a walker gives up."""

_MOST_PATIENT = 4  # attempts after which the patience grows no more
_PROGRESS = 0.1  # [m] nearer to the goal than ever since the last attempt
_RELIEF = 1.5  # [m] nearer than ever at the last attempt, which is then forgotten
_STEP_ASIDE = 30  # [steps]
_TURNING = 20  # [steps] somebody may need to turn around before there can be any progress


@dataclass(frozen=True, eq=False, slots=True)
class Blocked:
    """Who is blocked after a step; actor indices in ascending order."""

    retrying: np.ndarray
    hopeless: np.ndarray


class StallWatch:
    """How long each actor has been without progress.

    Args:
        count: Number of actors.

    Attributes:
        stalled: ``(n,)`` steps without progress.
        attempts: ``(n,)`` what has been tried since there was much progress.
        aside: ``(n, 2)`` velocities of those who step aside [m/s].
    """

    def __init__(self, count: int):
        self._best = np.full(count, np.inf)  # since the last attempt, whose way may be longer
        self._best_ever = np.full(count, np.inf)
        self._best_at_attempt = np.full(count, np.inf)
        self._aside_left = np.zeros(count, np.int64)
        self.aside = np.zeros((count, 2))
        self.stalled = np.zeros(count, np.int64)
        self.attempts = np.zeros(count, np.int64)

    @property
    def stepping_aside(self) -> np.ndarray:
        """``(n,)`` whether an actor that stands makes room for somebody, with the velocity in `aside`."""
        return self._aside_left > 0

    def restart(self, actor: int) -> None:
        """Forget an actor's troubles: it has a new goal, or none."""
        self._best[actor] = self._best_ever[actor] = self._best_at_attempt[actor] = np.inf
        self.stalled[actor], self.attempts[actor] = -_TURNING, 0

    def retry(self, actor: int) -> None:
        """Note that an actor tries another way, which may be longer."""
        self._best[actor] = np.inf
        self._best_at_attempt[actor] = self._best_ever[actor]
        self.stalled[actor] = 0
        self.attempts[actor] += 1

    def step_aside(self, actors: np.ndarray, velocities: np.ndarray) -> None:
        """Let actors that stand step aside for a moment, with velocities ``(k, 2)`` [m/s]."""
        self._aside_left[actors] = _STEP_ASIDE
        self.aside[actors] = velocities

    def observe(self, rows: np.ndarray, remaining: np.ndarray) -> Blocked:
        """Take note of the distances left ``(k,)`` [m] of the walking actors ``rows``, once per step."""
        self._aside_left = np.maximum(self._aside_left - 1, 0)
        progress = remaining < self._best[rows] - _PROGRESS
        self._best[rows] = np.where(progress, remaining, self._best[rows])
        self._best_ever[rows] = np.minimum(self._best_ever[rows], remaining)
        relieved = self._best_ever[rows] < self._best_at_attempt[rows] - _RELIEF
        attempts = np.where(relieved, 0, self.attempts[rows])
        stalled = np.where(progress, 0, self.stalled[rows] + 1)
        self.attempts[rows], self.stalled[rows] = attempts, stalled
        late, spent = stalled >= PATIENCE + PATIENCE // 2 * np.minimum(attempts, _MOST_PATIENT), attempts >= ATTEMPTS
        return Blocked(rows[late & ~spent], rows[late & spent])

"""Getting on when the way is blocked: notice that somebody makes no progress, and escalate.

After a moment a blocked walker steps aside and whoever stands in its way makes room; then it tries another way; when
that has not helped several times it gives its goal up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PATIENCE = 30
"""Steps without progress before a walker steps aside, and those who stand in its way with it."""

RETRY_AFTER = 110
"""Steps without progress before it tries another way."""

ATTEMPTS = 3
"""Other ways tried before it gives up."""

_PROGRESS = 0.1  # [m] nearer to the goal than ever since the last attempt
_RELIEF = 1.5  # [m] nearer than ever at the last attempt, which is then forgotten
_SIDESTEP = 30  # [steps]
_MAKE_ROOM = 45  # [steps]


@dataclass(frozen=True, eq=False, slots=True)
class Blocked:
    """Who needs what after a step; actor indices in ascending order."""

    impatient: np.ndarray
    retrying: np.ndarray
    hopeless: np.ndarray


class StallWatch:
    """How long each actor has been without progress.

    Args:
        count: Number of actors.
    """

    def __init__(self, count: int):
        self._best = np.full(count, np.inf)  # since the last attempt, whose way may be longer
        self._best_ever = np.full(count, np.inf)
        self._best_at_attempt = np.full(count, np.inf)
        self.stalled = np.zeros(count, np.int64)
        self._attempts = np.zeros(count, np.int64)
        self.sidestep = np.zeros(count)  # 1: to the left, -1: to the right, 0: not at all
        self._sidestep_left = np.zeros(count, np.int64)
        self._room_left = np.zeros(count, np.int64)

    @property
    def making_room(self) -> np.ndarray:
        """``(n,)`` whether an actor that stands makes room for somebody."""
        return self._room_left > 0

    def restart(self, actor: int) -> None:
        """Forget an actor's troubles: it has a new goal, or none."""
        self._best[actor] = self._best_ever[actor] = self._best_at_attempt[actor] = np.inf
        self.stalled[actor] = self._attempts[actor] = self._sidestep_left[actor] = 0
        self.sidestep[actor] = 0.0

    def retry(self, actor: int) -> None:
        """Note that an actor tries another way, which may be longer."""
        self._best[actor] = np.inf
        self._best_at_attempt[actor] = self._best_ever[actor]
        self.stalled[actor] = 0
        self._attempts[actor] += 1

    def step_aside(self, actor: int, side: float) -> None:
        """Let a walker step to one side for a moment: 1 to its left, -1 to its right."""
        self.sidestep[actor] = side
        self._sidestep_left[actor] = _SIDESTEP

    def make_room(self, actors: np.ndarray) -> None:
        """Let actors that stand give way for a moment."""
        self._room_left[actors] = _MAKE_ROOM

    def observe(self, rows: np.ndarray, remaining: np.ndarray) -> Blocked:
        """Take note of the distances left ``(k,)`` [m] of the walking actors ``rows``, once per step."""
        self._room_left = np.maximum(self._room_left - 1, 0)
        self._sidestep_left = np.maximum(self._sidestep_left - 1, 0)
        self.sidestep = np.where(self._sidestep_left > 0, self.sidestep, 0.0)

        progress = remaining < self._best[rows] - _PROGRESS
        self._best[rows] = np.where(progress, remaining, self._best[rows])
        self._best_ever[rows] = np.minimum(self._best_ever[rows], remaining)
        relieved = self._best_ever[rows] < self._best_at_attempt[rows] - _RELIEF
        self._attempts[rows] = np.where(relieved, 0, self._attempts[rows])
        stalled = np.where(progress, 0, self.stalled[rows] + 1)
        self.stalled[rows] = stalled
        late = stalled >= RETRY_AFTER
        spent = self._attempts[rows] >= ATTEMPTS
        return Blocked(rows[stalled == PATIENCE], rows[late & ~spent], rows[late & spent])

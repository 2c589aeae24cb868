"""Who has been stuck: somebody who wants to get on and has hardly moved for a long time, whatever was tried."""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.neighbors import SAME_FLOOR

STUCK_STEPS = 300
"""Steps without progress after which an actor counts as stuck."""

_PROGRESS = 0.75  # [m] seen from above, in any direction: stepping back and forth is none
_IN_THE_WAY = 0.5  # [m] between bodies


class StuckWatch:
    """Watches everybody's progress.

    Args:
        count: Number of actors.
    """

    def __init__(self, count: int):
        self._since = np.zeros(count, np.int64)
        self._place = np.full((count, 2), np.inf)

    def observe(self, wanting: np.ndarray, positions: np.ndarray) -> list[int]:
        """Return who has become stuck in this step, once until the next progress.

        Args:
            wanting: ``(n,)`` who is on the way, and was so before this step.
            positions: ``(n, 3)`` where everybody is [m].
        """
        moved = positions[:, :2] - self._place
        getting_on = ~wanting | ~((moved * moved).sum(axis=1) < _PROGRESS * _PROGRESS)
        self._place[getting_on] = positions[getting_on, :2]
        self._since = np.where(getting_on, 0, self._since + 1)
        stuck: list[int] = np.flatnonzero(self._since == STUCK_STEPS).tolist()
        return stuck


def in_the_way(actor: int, bodies: Bodies) -> int | None:
    """Return who stands so near an actor that nobody can pass between, the nearest of them; None for nobody."""
    apart = bodies.position - bodies.position[actor]
    gap = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2) - bodies.radius - bodies.radius[actor]
    gap[np.abs(apart[:, 2]) > SAME_FLOOR] = np.inf
    gap[actor] = np.inf
    nearest = int(gap.argmin())
    return nearest if gap[nearest] <= _IN_THE_WAY else None

"""What moving outlines touch of the shapes that never move.

Looking at every shape near everybody in every step would take seconds on a stage with hundreds of thousands of
collision triangles. Two facts make it cheap. Who has not moved far has the same shapes around as before; and two
outlines that are a distance apart, or overlap by one, stay so until one of them has moved as far.
"""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.actors.outlines import clearance
from isaacsim_agent_ext.actors.shape_grid import ShapeGrid

_AROUND = 0.4
"""How far beyond an outline shapes are taken for near, and how far it moves before they are looked for again [m]."""

_ABOVE = 0.04
"""The same for heights [m]; less than feet are above what of a floor can be touched."""

_SURELY = 1e-9
"""What rounding may have added to a distance moved [m]."""


class RestingShapes:
    """Shapes that never move, and who touches which of them.

    Args:
        things: ``(n,)`` whose parts they are.
        outlines: ``(n, k, 2)`` [m].
        radii: ``(n,)`` what the outlines are rounded by [m].
        heights: ``(n, 2)`` bottoms and tops [m].
        reacts: ``(kinds, n)`` bool, which shapes matter to watches of which kind.
    """

    def __init__(
        self, things: np.ndarray, outlines: np.ndarray, radii: np.ndarray, heights: np.ndarray, reacts: np.ndarray
    ):
        self._things, self._outlines, self._radii, self._heights = things, outlines, radii, heights
        self._reacts = reacts
        self._grid = ShapeGrid(outlines.min(axis=1) - radii[:, None], outlines.max(axis=1) + radii[:, None])
        self._last: np.ndarray | None = None  # outlines and heights in the step before, as `_places` has them
        self._watches = self._shapes = np.empty(0, np.int64)  # pairs that are near, and what is known of each:
        self._touch = np.empty(0, bool)
        self._until = np.empty(0)  # how far the watch has moved in all when that may change [m]

    def touching(
        self, outlines: np.ndarray, radii: np.ndarray, heights: np.ndarray, kinds: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return which watches touch which things, sorted, each pair once.

        Args:
            outlines: ``(m, j, 2)`` the watches; the same ones in every call [m].
            radii: ``(m,)`` what they are rounded by [m].
            heights: ``(m, 2)`` their bottoms and tops [m].
            kinds: ``(m,)`` row of ``reacts`` of each.
        """
        places = _places(outlines, heights)
        if self._last is None:
            self._last, self._moved = places, np.zeros(len(places))
            self._found_at = np.full_like(places, np.inf)  # where each watch was when what is near was looked for
        self._moved += _distance(places, self._last)
        self._last = places
        with np.errstate(invalid="ignore"):
            away = np.abs(places - self._found_at)
            lost = (away[:, -1] > _ABOVE) | (_distance(places, self._found_at) > _AROUND)
        lost |= ~np.isfinite(self._found_at[:, 0])
        if lost.any():
            self._look_around(np.flatnonzero(lost), lost, outlines, radii, heights, kinds)
            self._found_at[lost] = places[lost]
        due = np.flatnonzero(self._moved[self._watches] > self._until)
        watches, shapes = self._watches[due], self._shapes[due]
        apart = clearance(outlines[watches], radii[watches], self._outlines[shapes], self._radii[shapes])
        upwards = _apart_upwards(heights[watches], self._heights[shapes])
        self._touch[due] = (apart <= 0.0) & (upwards < 0.0)
        self._until[due] = self._moved[watches] + np.abs(np.maximum(apart, upwards)) - _SURELY
        count = np.int64(self._things.max(initial=0) + 1)
        found = np.unique(self._watches[self._touch] * count + self._things[self._shapes[self._touch]])
        return found // count, found % count

    def _look_around(
        self,
        some: np.ndarray,
        lost: np.ndarray,
        outlines: np.ndarray,
        radii: np.ndarray,
        heights: np.ndarray,
        kinds: np.ndarray,
    ) -> None:
        """Find the shapes near some watches anew; nothing is known of these pairs yet."""
        reach = radii[some, None] + _AROUND
        asked, shapes = self._grid.near(outlines[some].min(axis=1) - reach, outlines[some].max(axis=1) + reach)
        watches = some[asked]
        kept = self._reacts[kinds[watches], shapes]
        kept &= _apart_upwards(heights[watches], self._heights[shapes]) <= _ABOVE
        stay = ~lost[self._watches]
        self._watches = np.concatenate([self._watches[stay], watches[kept]])
        self._shapes = np.concatenate([self._shapes[stay], shapes[kept]])
        fresh = int(kept.sum())
        self._touch = np.concatenate([self._touch[stay], np.zeros(fresh, bool)])
        self._until = np.concatenate([self._until[stay], np.full(fresh, -1.0)])


def _places(outlines: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return corners and bottoms side by side ``(m, 2 j + 1)`` [m]."""
    return np.concatenate([outlines.reshape(len(outlines), -1), heights[:, :1]], axis=1)


def _distance(places: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return how far corners have moved at most, by the sum of both axes and upwards ``(m,)`` [m]."""
    away = np.abs(places - before)
    corners = away[:, :-1].reshape(len(away), -1, 2).sum(axis=2).max(axis=1, initial=0.0)
    moved: np.ndarray = corners + away[:, -1]
    return moved


def _apart_upwards(heights: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how far pairs of heights ``(n, 2)`` are apart, or how deep they overlap [m]."""
    apart: np.ndarray = np.maximum(others[:, 0] - heights[:, 1], heights[:, 0] - others[:, 1])
    return apart

"""Which of many shapes that never move are near a place: a grid over the floor."""

from __future__ import annotations

import numpy as np

CELL = 2.0
"""Edge of a grid cell [m]."""

_STRIDE = np.int64(1 << 31)
_MOST_CELLS = 256
"""A shape over more cells than this counts as near everything."""


class ShapeGrid:
    """Bounding rectangles sorted into cells.

    Args:
        low: ``(n, 2)`` least corner of each shape [m].
        high: ``(n, 2)`` largest corner [m].
    """

    def __init__(self, low: np.ndarray, high: np.ndarray):
        first, last = _cells(low), _cells(high)
        size = last - first + 1
        wide = size[:, 0] * size[:, 1] > _MOST_CELLS
        self._low, self._high, self._first = low, high, first
        self._wide = np.flatnonzero(wide)
        narrow = np.flatnonzero(~wide)
        which, keys = _covered(first[narrow], size[narrow])
        order = np.argsort(keys, kind="stable")
        self._keys, self._shapes = keys[order], narrow[which[order]]

    def near(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of a rectangle asked for and a shape whose bounding rectangle meets it, each once.

        Args:
            low: ``(m, 2)`` least corner of each rectangle [m].
            high: ``(m, 2)`` largest corner [m].

        Returns:
            Two int64 arrays of one length.
        """
        first = _cells(low)
        asked, keys = _covered(first, _cells(high) - first + 1)
        start, stop = np.searchsorted(self._keys, keys, "left"), np.searchsorted(self._keys, keys, "right")
        cell, place = runs(start, stop - start)
        asked, shapes = asked[cell], self._shapes[place]
        # Two rectangles may share many cells; the first of those is where they are counted.
        once = _key(np.maximum(first[asked], self._first[shapes])) == keys[cell]
        wide = np.int64(len(self._wide))
        asked = np.concatenate([asked[once], np.repeat(np.arange(len(low)), wide)])
        shapes = np.concatenate([shapes[once], np.tile(self._wide, len(low))])
        meet = (self._low[shapes] <= high[asked]).all(axis=1) & (self._high[shapes] >= low[asked]).all(axis=1)
        return asked[meet], shapes[meet]


def runs(start: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every place of runs of indices, and of which run it is.

    Args:
        start: ``(n,)`` first index of each run.
        count: ``(n,)`` its length.
    """
    run = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(run)) - np.repeat(np.cumsum(count) - count, count)
    return run, start[run] + within


def _cells(points: np.ndarray) -> np.ndarray:
    return np.floor(points / CELL).astype(np.int64)


def _covered(first: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys of all cells of rectangles of cells, and whose each is."""
    which, place = runs(np.zeros(len(first), np.int64), size[:, 0] * size[:, 1])
    column, row = place // size[which, 1], place % size[which, 1]
    return which, _key(first[which] + np.stack([column, row], axis=1))


def _key(cells: np.ndarray) -> np.ndarray:
    keys: np.ndarray = cells[:, 0] * _STRIDE + cells[:, 1]
    return keys

"""Which actors are near each other: a uniform grid over the floor, searched for all actors at once."""

from __future__ import annotations

import numpy as np

_STRIDE = np.int64(1 << 31)
"""Cells of one grid column share a block of keys this long, so keys sort by column, then by row."""

SAME_FLOOR = 1.5
"""Actors whose heights differ by more [m] are on different floors and never meet."""


def neighbor_pairs(positions: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Return every unordered pair of actors on one floor that are at most ``reach`` apart seen from above.

    The grid has a fixed origin and the order of the pairs depends on the cells alone, so that actors elsewhere never
    change the order in which two neighbours are treated.

    Args:
        positions: ``(n, 3)`` [m].
        reach: Largest centre distance [m], which is also the size of a grid cell.

    Returns:
        Two int64 arrays of one length, the first and the second actor of each pair, ``first < second``.
    """
    count = len(positions)
    x, y, z = positions[:, 0], positions[:, 1], positions[:, 2]
    column = np.floor(x / reach).astype(np.int64)
    row = np.floor(y / reach).astype(np.int64)
    keys = column * _STRIDE + row
    order = np.argsort(keys, kind="stable")
    keys = keys[order]

    # Half of the neighbourhood is enough to see each pair once: the rest of an actor's own cell and the cell above
    # are one run of the sorted keys, the three cells of the next column another.
    start = np.concatenate([np.arange(1, count + 1), np.searchsorted(keys, keys + (_STRIDE - 1), "left")])
    stop = np.concatenate(
        [np.searchsorted(keys, keys + 1, "right"), np.searchsorted(keys, keys + (_STRIDE + 1), "right")]
    )
    run = stop - start
    total = int(run.sum())
    if total == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    within = np.arange(total) - np.repeat(np.cumsum(run) - run, run)
    one = order[np.repeat(np.arange(2 * count) % count, run)]
    other = order[np.repeat(start, run) + within]

    dx, dy = x[other] - x[one], y[other] - y[one]
    near = (dx * dx + dy * dy <= reach * reach) & (np.abs(z[other] - z[one]) <= SAME_FLOOR)
    one, other = one[near], other[near]
    return np.minimum(one, other), np.maximum(one, other)

"""Choosing few sets that cover much."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np


def greedy_cover(sets: Sequence[np.ndarray], size: int) -> Iterator[tuple[int, int]]:
    """Yield sets, each time the one that adds most elements not covered yet, until none is left.

    Where that leaves a choice, the elements covered once count, then those covered twice, and so on: sets that add
    nothing new back up what is covered least. The last tie goes to the earlier set.

    The gain of a set only ever shrinks (the objective is monotone and submodular), so that the greedy choice covers
    at least 1 - 1/e of the best choice of as many sets (Nemhauser, Wolsey and Fisher, 1978, "An analysis of
    approximations for maximizing submodular set functions"), and an old gain is an upper bound: only the sets on top
    of the queue are looked at again (Minoux, 1978, "Accelerated greedy algorithms for maximizing submodular set
    functions").

    Args:
        sets: Elements of each set, without repeats, as indices below ``size``.
        size: Number of elements.

    Yields:
        Index of the set, and how many elements it covers first.
    """
    times = np.zeros(size, dtype=np.int64)
    worth = np.ones(size)
    again = 1.0 / (size + 1)  # all elements once more are worth less than a new one
    queue = [(-float(len(elements)), index) for index, elements in enumerate(sets)]
    heapq.heapify(queue)
    while queue:
        _, index = queue[0]
        current = (-float(worth[sets[index]].sum()), index)
        heapq.heapreplace(queue, current)
        if queue[0] != current:  # another may be worth more by now
            continue
        heapq.heappop(queue)
        elements = sets[index]
        yield index, int((times[elements] == 0).sum())
        times[elements] += 1
        worth[elements] *= again

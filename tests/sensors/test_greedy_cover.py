import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from isaacsim_agent_ext.sensors.greedy_cover import greedy_cover

SIZE = 12
collections = st.lists(st.sets(st.integers(0, SIZE - 1)), min_size=1, max_size=8)


def arrays(sets):
    return [np.array(sorted(elements), dtype=np.int32) for elements in sets]


@given(collections)
def test_each_set_adds_most(sets):
    left, seen = set(range(len(sets))), set()
    for index, gain in greedy_cover(arrays(sets), SIZE):
        assert gain == len(sets[index] - seen) == max(len(sets[other] - seen) for other in left)
        left.remove(index)
        seen |= sets[index]
    assert not left


@given(collections, st.integers(1, 4))
def test_the_greedy_bound_holds(sets, count):
    gains = [gain for _, gain in itertools.islice(greedy_cover(arrays(sets), SIZE), count)]
    choices = itertools.combinations(sets, min(count, len(sets)))
    best = max(len(set().union(*choice)) for choice in choices)
    assert sum(gains) >= (1 - 1 / np.e) * best


def test_what_is_covered_least_comes_next():
    sets = arrays([{0, 1, 2, 3}, {0, 1}, {4, 5, 6}, {2, 3, 4, 5, 6}])
    order = [index for index, _ in greedy_cover(sets, 7)]
    assert order == [3, 0, 2, 1]
    assert [gain for _, gain in greedy_cover(sets, 7)][2:] == [0, 0]


def test_ties_go_to_the_earlier_set():
    assert [index for index, _ in greedy_cover(arrays([{0}, {1}, {2}]), 3)] == [0, 1, 2]

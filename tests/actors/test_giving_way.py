"""People who meet where they cannot pass: one goes back, and everybody gets through."""

import numpy as np
import pytest

OVERLAP = 0.01 + 1e-9


def check(walkers, log, *, within):
    assert log.gaps.min() >= -OVERLAP
    assert not walkers.given_up
    assert not walkers.crowd.walking.any()
    missed = np.linalg.norm(log.position[-1, :, :2] - np.array(walkers.goals), axis=1)
    assert missed.max() < 1.0  # beside a goal that is taken
    assert len(log.position) < within


@pytest.fixture
def passage(floor):
    """Two rooms joined by a passage 6 m long in which nobody can pass."""
    return floor((0, 0, 16, 6), [(5, 0, 11, 2.8), (5, 3.2, 11, 6)])


def test_one_of_two_who_meet_in_a_narrow_passage_goes_back(passage, people):
    walkers = people.Walkers(passage, [(3, 3), (15.5, 3)], [(15, 3), (1, 3)], 1.2, [0, np.pi])
    log = walkers.run(1800)
    check(walkers, log, within=1200)
    # The first is deeper in the passage when they meet, so the second backs out of it.
    assert (np.diff(log.position[:, 1, 0]) > 0.01).sum() > 30
    assert walkers.arrived[0] < walkers.arrived[1]


def test_who_comes_back_is_let_out_by_those_behind(passage, people):
    starts = [(2.0, 3), (15, 3), (15.6, 3), (15.6, 3.6), (15, 2.4)]
    goals = [(15, 3), (1, 1), (1, 2), (1, 4), (1, 5)]
    walkers = people.Walkers(passage, starts, goals, 1.2, [0, *[np.pi] * 4])
    check(walkers, walkers.run(3600), within=2700)


def test_two_groups_get_through_a_narrow_passage(passage, people):
    starts = [(x, y) for x in (1, 2) for y in (1, 3, 5)] + [(x, y) for x in (14, 15) for y in (1, 3, 5)]
    goals = [(16 - x, y) for x, y in starts]
    walkers = people.Walkers(passage, starts, goals, np.linspace(0.9, 1.4, 12), [0] * 6 + [np.pi] * 6)
    check(walkers, walkers.run(5400), within=4500)


def test_whoever_wants_into_a_dead_end_lets_out_who_is_in_there(floor, people):
    dead_end = floor((0, 0, 10, 4), [(4, 0.4, 10, 4)])
    walkers = people.Walkers(dead_end, [(8.5, 0.2), (3.5, 0.2)], [(1, 3), (9.8, 0.2)], 1.2)
    check(walkers, walkers.run(2400), within=1500)


def test_giving_way_repeats_bit_by_bit(passage, people):
    starts, goals = [(1, 3), (2, 3), (15.5, 3), (14.5, 3)], [(15, 3), (14, 2), (1, 3), (2, 2)]
    runs = [people.Walkers(passage, starts, goals, 1.2).run(900, until_done=False) for _ in range(2)]
    assert runs[0].position.tobytes() == runs[1].position.tobytes()

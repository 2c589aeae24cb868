"""Many people in one place: nobody overlaps, nobody crosses a wall, everybody gets through."""

import numpy as np
import pytest

OVERLAP = 0.01 + 1e-9


def scattered(rng, count, box, taken=()):
    """Random places in a box (x0, y0, x1, y1), at least 0.62 m apart."""
    places = list(taken)
    while len(places) < count + len(taken):
        point = rng.uniform(box[:2], box[2:])
        if all(np.hypot(*(point - other)) > 0.62 for other in places):
            places.append(point)
    return places[len(taken) :]


def crossed_walls(navmesh, log):
    """Number of single steps from one side of a wall to the other, and of positions off the floor.

    Sliding around the corner of a wall may cut it by a hair: what counts is how far it is to walk.
    """
    before, after = log.position[:-1].reshape(-1, 3), log.position[1:].reshape(-1, 3)
    crossed = 0
    for k in np.flatnonzero((before != after).any(axis=1) & (navmesh.raycast(before, after) < 1.0)):
        way = navmesh.path(before[k], after[k])
        crossed += way is None or not way.complete or way.length > np.linalg.norm(after[k] - before[k]) + 0.05
    off = np.isnan(navmesh.closest_points(after, reach=0.01)).any(axis=1)
    return crossed, int(off.sum())


def check(walkers, log):
    assert log.gaps.min() >= -OVERLAP
    assert crossed_walls(walkers.navmesh, log) == (0, 0)
    assert not walkers.given_up
    assert not walkers.crowd.walking.any()


def test_two_who_meet_head_on_pass_on_the_right(plane, people):
    walkers = people.Walkers(plane, [(-6, 0), (6, 0)], [(6, 0), (-6, 0)], 1.3, [0, np.pi])
    log = walkers.run(600)
    check(walkers, log)
    assert log.gaps.min() > 0.02  # without touching
    meeting = int(np.abs(log.position[:, 0, 0] - log.position[:, 1, 0]).argmin())
    assert log.position[meeting, 0, 1] < 0 < log.position[meeting, 1, 1]
    assert len(log.position) < 1.15 * 12 / 1.3 * 30 + 60
    assert log.acceleration.max() < 4.01
    assert log.speed[40:-60].min() > 1.0  # nobody has to slow down


def test_somebody_standing_is_walked_around_and_stays(plane, people):
    walkers = people.Walkers(plane, [(-6, 0), (0, 0.05)], [(6, 0), None], 1.3)
    log = walkers.run(600)
    check(walkers, log)
    assert (log.position[:, 1] == log.position[0, 1]).all()
    assert log.gaps.min() > 0.02


def test_the_faster_one_overtakes(plane, people):
    walkers = people.Walkers(plane, [(-8, 0), (-6, 0)], [(8, 0), (9, 0)], [1.5, 0.7])
    log = walkers.run(900)
    check(walkers, log)
    assert walkers.arrived[0] < walkers.arrived[1]


def test_an_oncoming_pair_passes_in_a_corridor_two_bodies_wide(floor, people):
    corridor = floor((0, 0, 20, 0.8))
    starts = [(1, 0.4), (2, 0.2), (3, 0.5), (19, 0.4), (18, 0.6), (17, 0.3)]
    goals = [(20 - x, 0.8 - y) for x, y in starts]
    walkers = people.Walkers(corridor, starts, goals, [1.2, 1.1, 1.3, 1.2, 1.0, 1.3], [0] * 3 + [np.pi] * 3)
    check(walkers, walkers.run(1800))


def test_two_streams_pass_in_a_corridor(floor, people):
    rng = np.random.default_rng(3)
    corridor = floor((0, 0, 30, 3))
    left, right = scattered(rng, 12, (0.5, 0, 9, 3)), scattered(rng, 12, (21, 0, 29.5, 3))
    goals = scattered(rng, 12, (21, 0, 29.5, 3)) + scattered(rng, 12, (0.5, 0, 9, 3))
    walkers = people.Walkers(corridor, left + right, goals, rng.uniform(0.9, 1.5, 24))
    check(walkers, walkers.run(3000))


def test_two_streams_cross(plane, people):
    rng = np.random.default_rng(4)
    starts = scattered(rng, 15, (-12, -2, -5, 2)) + scattered(rng, 15, (-2, -12, 2, -5))
    goals = scattered(rng, 15, (5, -2, 12, 2)) + scattered(rng, 15, (-2, 5, 2, 12))
    walkers = people.Walkers(plane, starts, goals, rng.uniform(0.9, 1.5, 30))
    check(walkers, walkers.run(2400))


def test_everybody_on_a_circle_changes_sides(plane, people):
    angle = np.arange(16) / 16 * 2 * np.pi
    starts = 7 * np.stack([np.cos(angle), np.sin(angle)], 1)
    walkers = people.Walkers(plane, starts, -starts, 1.3, angle + np.pi)
    check(walkers, walkers.run(1800))


def test_both_sides_get_through_a_door(floor, people):
    rng = np.random.default_rng(5)
    rooms = floor((0, 0, 16, 10), [(7.8, 0, 8.2, 4.5), (7.8, 5.5, 8.2, 10)])
    starts = scattered(rng, 8, (1, 1, 6, 9)) + scattered(rng, 8, (10, 1, 15, 9))
    goals = [(16 - x, 10 - y) for x, y in starts]
    walkers = people.Walkers(rooms, starts, goals, rng.uniform(0.9, 1.5, 16))
    check(walkers, walkers.run(3000))


def test_somebody_who_stands_in_a_narrow_way_makes_room(floor, people):
    corridor = floor((0, 0, 12, 0.7))
    walkers = people.Walkers(corridor, [(1, 0.35), (6, 0.35)], [(11, 0.35), None], 1.3)
    log = walkers.run(1500)
    check(walkers, log)
    assert np.abs(log.position[-1, 1] - log.position[0, 1]).max() > 0.1


def test_a_goal_that_somebody_stands_on_is_reached_beside_them(plane, people):
    walkers = people.Walkers(plane, [(-5, 0), (0, 0)], [(0, 0), None], 1.3)
    log = walkers.run(900)
    check(walkers, log)
    assert 0.48 < np.linalg.norm(log.position[-1, 0]) < 1.0


def test_a_way_that_stays_blocked_is_given_up_with_who_is_in_the_way(floor, people):
    dead_end = floor((0, 0, 12, 0.2))
    walkers = people.Walkers(dead_end, [(1, 0.1), (6, 0.1)], [(11, 0.1), None], 1.3)
    log = walkers.run(3000)
    assert log.gaps.min() >= -OVERLAP
    assert not walkers.arrived
    (gone,) = walkers.given_up
    assert (gone.actor, gone.nearest) == (0, 1)
    assert gone.goal == pytest.approx([11, 0.1, 0])


@pytest.mark.parametrize(("count", "steps"), [(30, 600), (90, 300), (200, 150)])
def test_wanderers_never_overlap_or_cross_walls(warehouse, people, count, steps):
    simulation = people.simulate(warehouse, [people.wanderers("workers", count)], seed=count)
    log = people.run(simulation, steps)
    assert log.gaps.min() >= -OVERLAP
    assert crossed_walls(warehouse, log) == (0, 0)
    assert np.percentile(log.acceleration, 99) < 4.5
    assert np.abs(log.turn_rate).max() <= 3.5 + 1e-9


def test_many_with_one_goal_stand_around_it(plane, people):
    rng = np.random.default_rng(25)
    starts = scattered(rng, 12, (-9, -9, -3, 9)) + scattered(rng, 13, (3, -9, 9, 9))
    walkers = people.Walkers(plane, starts, [(0, 0)] * 25, 1.2)
    log = walkers.run(900)
    check(walkers, log)
    assert np.linalg.norm(log.position[-1, :, :2], axis=1).max() < 2.5

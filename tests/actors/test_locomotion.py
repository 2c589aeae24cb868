import numpy as np
import pytest

from isaacsim_agent_ext.actors.locomotion import Bodies, MotionLimits, limit_change, turn_towards

STEP = 1 / 30
LIMITS = MotionLimits()


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.5, 5.0])
@pytest.mark.parametrize("yaw", [0.0, 1.0, 2.5, np.pi])
def test_somebody_alone_arrives_exactly_and_smoothly(plane, people, speed, yaw):
    walkers = people.Walkers(plane, [(0, 0)], [(9, 0)], speed, [yaw])
    log = walkers.run(1200)
    assert list(walkers.arrived) == [0]
    assert log.position[-1, 0] == pytest.approx([9, 0, 0], abs=1e-3)
    assert log.speed.max() <= speed + 1e-9
    vigor = float(LIMITS.vigor(np.array(speed)))
    assert log.acceleration.max() <= LIMITS.acceleration * vigor + 0.01
    assert np.abs(log.turn_rate).max() <= LIMITS.turn_rate
    assert np.abs(np.diff(log.turn_rate, axis=0)).max() / STEP <= LIMITS.turn_acceleration + 1e-6
    assert np.abs(log.position[:, 0, 1]).max() < 0.02 + 0.3 * (np.abs(yaw) > 0)
    expected = 9 / speed + speed / (2 * LIMITS.acceleration) + speed / (2 * LIMITS.braking) + np.abs(yaw)
    assert len(log.position) * STEP < expected + 1.0


def test_who_stands_with_the_goal_behind_turns_on_the_spot_first(plane, people):
    log = people.Walkers(plane, [(0, 0)], [(-5, 0)], 1.3, [0.1]).run(600)
    gone = np.linalg.norm(log.position[:, 0, :2], axis=-1)
    away = log.heading[:, 0, 0] > -0.2
    assert away.sum() > 10
    assert gone[away].max() < 0.05


def test_nobody_walks_sideways(plane, people):
    log = people.Walkers(plane, [(0, 0)], [(6, 6)], 1.3, [2.0]).run(600)
    along = (log.velocity[..., :2] * log.heading).sum(axis=-1)
    moving = log.speed > 0.4
    assert (along[moving] > 0.9 * log.speed[moving]).all()


def test_turns_are_walked_as_curves(floor, people):
    corner = floor((0, 0, 10, 10), [(3, 0, 4, 6)])
    log = people.Walkers(corner, [(1, 1)], [(8, 1)], 1.3, [1.2]).run(900)
    middle = (log.position[:, 0, 1] > 4) & (log.speed[:, 0] > 0)
    assert log.speed[middle, 0].min() > 0.6  # slows down, but does not stop to turn
    assert log.acceleration.max() <= LIMITS.acceleration + 0.01
    assert np.abs(log.turn_rate).max() <= LIMITS.turn_rate


def test_turn_rates_match_the_headings(plane, people):
    log = people.Walkers(plane, [(0, 0)], [(3, -4)], 1.3, [2.5]).run(300)
    yaw = np.unwrap(np.arctan2(log.heading[:, 0, 1], log.heading[:, 0, 0]))
    assert np.diff(yaw) == pytest.approx(log.turn_rate[1:, 0] * STEP, abs=2e-4)


def test_turning_takes_the_shorter_side_and_does_not_swing_over():
    target = np.array([[np.cos(-2.0), np.sin(-2.0)]])
    bodies = Bodies(np.zeros((1, 3)), np.array([0.5]), np.array([0.25]))
    yaws = []
    for _ in range(90):
        turn_towards(bodies, target, LIMITS, STEP)
        yaws.append(bodies.yaws()[0])
    assert yaws[-1] == pytest.approx(-2.0, abs=1e-3)
    assert min(yaws) > -2.02
    assert (np.diff(yaws) < 1e-3).all()


def test_velocities_change_no_faster_than_allowed():
    velocity = np.array([[1.0, 0.0], [1.0, 0.0]])
    wanted = np.array([[-1.0, 0.0], [1.01, 0.0]])
    changed = limit_change(velocity, wanted, np.array([3.0, 3.0]), 0.1)
    assert changed.tolist() == [[0.7, 0.0], [1.01, 0.0]]

"""Robots that follow, and turn where they stand."""

import numpy as np
import pytest
from driving_floor import Log, halt, patrol, robot, robots, script, simulation

from isaacsim_agent_ext.config.model import RobotFollow


def follow(target, distance=1.5):
    return RobotFollow(target=target, distance=distance, time_range=(1000.0, 1000.0))


def test_a_robot_follows_another_and_stops_behind_it(hall):
    specs = [robot("ahead/a", -2, 0), robot("behind/b", -6, 0)]
    groups = [script("ahead", patrol((6, 0))), robots("behind", follow("ahead/a", distance=2.0))]
    log = Log(simulation(hall, specs, groups), 900)
    gap = np.linalg.norm(log.position[:, 0] - log.position[:, 1], axis=1)
    assert gap.min() > 1.0 + 1e-6, "they never touch"
    assert gap[-1] == pytest.approx(2.0, abs=0.6)
    np.testing.assert_array_equal(log.position[-1, 1], log.position[-30, 1])


def test_a_robot_that_has_come_near_waits(hall):
    specs = [robot("ahead/a", 2, 3), robot("behind/b", -6, 0)]
    log = Log(
        simulation(hall, specs, [robots("ahead", halt()), robots("behind", follow("/World/Robots/ahead/a"))]), 600
    )
    assert np.linalg.norm(log.position[-1, 0] - log.position[-1, 1]) == pytest.approx(1.5, abs=0.6)

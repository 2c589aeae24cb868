"""Robots among many people: both get where they want to be, and nobody touches anybody."""

import numpy as np
from driving_floor import FloorNavMesh, Log, patrol, person, robot, script, simulation

from isaacsim_agent_ext.config.model import CharacterGroup, CharacterPatrol


def test_a_robot_gets_through_an_aisle_full_of_people_who_come_towards_it():
    aisle = FloorNavMesh((0, 0, 24, 8), [(6, 0, 18, 2.9), (6, 5.1, 18, 8)])
    walkers = [(19 + 0.8 * (k % 5), 3 + 0.8 * (k // 5)) for k in range(10)]
    specs = [robot("carters/C", 3, 4), *(person(f"w_{k}", x, y, np.pi) for k, (x, y) in enumerate(walkers))]
    west = CharacterPatrol(path_points=((1.0, 1.0, 0.0),), speed_range=(1.0, 1.2))
    group = CharacterGroup(name="w", num=10, asset_path="", routines=(west,))
    log = Log(simulation(aisle, specs, [script("carters", patrol((22, 4))), group]), 2400)
    assert log.smallest_gap > -0.011
    assert np.linalg.norm(log.position[-1, 0, :2] - [22, 4]) < 0.1
    assert not [warning for warning in log.simulation.warnings if warning.kind == "goal_given_up"]


def test_two_robots_that_meet_between_shelves_get_past_each_other():
    passage = FloorNavMesh((0, 0, 20, 10), [(8, 0, 12, 4.4), (8, 5.6, 12, 10)])
    specs = [robot("east/E", 3, 5), robot("west/W", 18, 5, np.pi)]
    groups = [script("east", patrol((17, 5))), script("west", patrol((3, 5)))]
    log = Log(simulation(passage, specs, groups), 1800)
    assert log.smallest_gap > -0.011
    np.testing.assert_allclose(log.position[-1, :, :2], [[17, 5], [3, 5]], atol=0.1)
    assert not [warning for warning in log.simulation.warnings if warning.kind == "goal_given_up"]


def test_a_wide_robot_is_not_kept_waiting_by_people_who_stream_past_in_front_of_it():
    floor = FloorNavMesh((0, 0, 24, 24))
    walkers = [(10 + k % 4, 3 + 0.9 * (k // 4)) for k in range(48)]
    specs = [robot("lifts/L", 4, 12, radius=1.3), *(person(f"w_{k}", x, y) for k, (x, y) in enumerate(walkers))]
    across = CharacterPatrol(path_points=((12.0, 22.0, 0.0), (12.0, 2.0, 0.0)), speed_range=(1.0, 1.2))
    group = CharacterGroup(name="w", num=48, asset_path="", routines=(across,))
    log = Log(simulation(floor, specs, [script("lifts", patrol((20, 12)), agent_radius=1.3), group]), 700)
    assert log.smallest_gap > -0.011
    assert np.linalg.norm(log.position[-1, 0, :2] - [20, 12]) < 0.1

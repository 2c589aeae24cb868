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

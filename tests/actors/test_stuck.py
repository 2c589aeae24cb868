"""Whoever wants to get on and cannot is reported, with place and cause."""

import numpy as np

from isaacsim_agent_ext.actors.stuck import STUCK_STEPS, StuckWatch
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterPatrol, CharacterStop


def test_a_person_walled_in_by_another_is_reported_once(floor, people):
    corridor = floor((0.0, 0.0, 10.0, 0.3))
    walkers = CharacterGroup(
        name="walkers",
        num=1,
        asset_path="",
        routines=(CharacterPatrol(speed_range=(1.0, 1.0), path_points=((9.5, 0.15, 0.0),)),),
    )
    posts = CharacterGroup(name="posts", num=1, asset_path="", routines=(CharacterStop(time_range=(1e3, 1e3)),))
    poses = {"walkers_0": (3.0, 0.15, 0.0), "posts_0": (3.6, 0.15, 0.0)}
    simulation = people.simulate(corridor, [walkers, posts], poses=poses)
    while not any(record.kind == "stuck" for record in simulation.warnings) and simulation.frame < 900:
        simulation.step()
    (stuck,) = [record for record in simulation.warnings if record.kind == "stuck"]
    assert stuck.frame >= STUCK_STEPS
    assert stuck.actor == "walkers_0"
    assert stuck.prim_path == "/World/Characters/walkers/walkers_0"
    assert "for 10 s on its way to (9.50, 0.15, 0.00)" in stuck.message
    assert "posts_0 in the way" in stuck.message


def test_only_those_who_want_to_move_and_do_not_are_stuck():
    watch = StuckWatch(3)
    wanting, places = np.array([True, True, False]), np.zeros((3, 3))
    found = []
    for step in range(2 * STUCK_STEPS + 10):
        places[1, 0] += 0.003  # slow, and getting on
        found += [(step, index) for index in watch.observe(wanting, places)]
    assert found == [(STUCK_STEPS, 0)]
    wanting[:] = False
    assert watch.observe(wanting, places) == []
    wanting[0] = True
    again = [watch.observe(wanting, places) for _ in range(STUCK_STEPS)]
    assert again == [[]] * (STUCK_STEPS - 1) + [[0]]

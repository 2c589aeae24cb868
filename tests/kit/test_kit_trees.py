"""Behavior trees in the app: found like assets, and run by people there."""

import json

import numpy as np

from isaacsim_agent_ext import api

ROUTINES = "routines: [{wander: {walk: {distance_range: [2, 4]}}}]"


def test_people_follow_a_tree(app, write_config, tmp_path):
    longer = ("simulation_duration: 0.2", "simulation_duration: 1.2")
    api.load_config_file(write_config((ROUTINES, "behavior_tree: wander.json"), longer))
    assert app.run(api.start_data_generation_async(), updates=20_000), api.get_last_error()
    files = sorted((tmp_path / "out").rglob("object_detection_*.json"))
    first, last = (json.loads(file.read_text())["agents"] for file in (files[0], files[-1]))
    for path in first:
        places = [agents[path]["metro_agent_data"]["world_position"] for agents in (first, last)]
        assert np.linalg.norm(np.subtract(*places)) > 0.1


def test_a_tree_that_is_nowhere_is_told_of(app, write_config):
    api.load_config_file(write_config((ROUTINES, "behavior_tree: wandr.json")))
    assert not app.run(api.setup_simulation_async(), updates=20_000)
    assert "character.groups.crew.behavior_tree: there is no behavior tree wandr.json" in str(api.get_last_error())

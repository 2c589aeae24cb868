"""Collision triggers that cannot fire are told when the world is set up."""

import pytest

from isaacsim_agent_ext.hosts.standalone.world import build_world
from isaacsim_agent_ext.session.progress import SilentReporter


def warnings(job, trigger):
    loaded = job(
        f"character.groups.crew.triggers=[{{collision_trigger: {{self_collider: sense, behavior: [], {trigger}}}}}]",
        "character.groups.crew.colliders=[{cylinder: {name: sense, radius: 0.6}}]",
    )
    world, _ = build_world(loaded.config, asset_root=None, config_dir=None, reporter=SilentReporter())
    return [text for text in world.warnings if "collision_trigger" in text]


def test_a_name_that_nothing_has_is_told_with_the_nearest_there_is(job):
    key_path = "character.groups.crew.triggers.0.collision_trigger"
    assert warnings(job, "other_colliders: crw;sense") == [
        f"{key_path}.other_colliders: nothing is called `crw`; did you mean `crew`?"
    ]


@pytest.mark.parametrize("names", ["crew", "crew_1", "sense", '""'])
def test_groups_actors_and_their_colliders_have_names(job, names):
    assert warnings(job, f"other_colliders: {names}") == []


def test_a_trigger_that_reacts_to_neither_coming_nor_going_is_told(job):
    (text,) = warnings(job, "trigger_enter: false, trigger_exit: false")
    assert "never fires" in text

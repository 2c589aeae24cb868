"""People whom the app walks: they follow our simulation, records say where they are, and ours stand in for them."""

import importlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd

from isaacsim_agent_ext import api
from isaacsim_agent_ext.resources import asset_pack_root

PERSON = "Isaac/People/Characters/F_Casual_01/F_Casual_01.usd"
SETTING = "/exts/isaacsim_agent_ext/character_animation"
AGENT = "omni.anim.behavior.core.IBehaviorAgent"


@pytest.fixture
def people(tmp_path: Path) -> tuple[Path, Path]:
    """Return a character and a motion library that are not our stand-ins."""
    person = tmp_path / "people" / "Somebody.usd"
    shutil.copytree((asset_pack_root() / PERSON).parent, person.parent)
    (person.parent / Path(PERSON).name).rename(person)
    library = tmp_path / "HumanMotionLibrary.usda"
    library.write_text('#usda 1.0\n(\n defaultPrim = "Library"\n)\ndef BehaviorMotionLibrary "Library" {\n}\n')
    return person, library


@pytest.fixture
def start(write_config, people):
    """Return a function that runs a job with people of the app."""

    def run(kit, *changes: tuple[str, str], animation: str = "behavior") -> bool:
        runtime = importlib.import_module("isaacsim_agent_ext.hosts.kit.runtime").kit_runtime()
        api.use(runtime)
        kit.settings.set(SETTING, animation)
        person, library = people
        api.load_config_file(
            write_config(
                (PERSON, str(person)),
                ("  character:\n", f"  character:\n    motion_library_path: {library}\n"),
                ("        agent_info_skeleton_data: true\n", ""),
                ("simulation_duration: 0.2", "simulation_duration: 2"),
                *changes,
            )
        )
        done = kit.run(api.start_data_generation_async(), updates=40_000)
        kit.pump(5)
        return done

    yield run
    api.use(None)


def places(folder: Path) -> np.ndarray:
    """Return where each person is in each frame ``(frames, people, 3)``."""
    records = [json.loads(file.read_text()) for file in sorted(folder.rglob("object_detection_*.json"))]
    return np.array(
        [
            [agent["metro_agent_data"]["world_position"] for _, agent in sorted(record["agents"].items())]
            for record in records
        ]
    )


def test_records_say_where_the_app_has_people(kit_60, start, tmp_path, monkeypatch):
    module = importlib.import_module("isaacsim_agent_ext.hosts.kit.native_people")
    simulated = []
    move = module.BehaviorPeople.move

    def remember(self, states, poses):
        simulated.append([state.position for state in states])
        move(self, states, poses)

    monkeypatch.setattr(module.BehaviorPeople, "move", remember)
    assert start(kit_60), api.get_last_error()
    assert not any("animated by us" in text for text in api.get_progress().warnings)
    found = places(tmp_path / "out")
    ours = np.array(simulated)[-len(found) :]
    assert np.linalg.norm(found[-1] - found[0], axis=-1).max() > 0.5, "nobody walks"
    away = np.linalg.norm((found - ours)[..., :2], axis=-1)
    assert 0.001 < away.max() < 0.6, "the app follows, a little behind"


@pytest.mark.parametrize("known", [True, False])
def test_who_stands_plays_the_animation_or_idles(kit_60, start, known):
    if not known:
        kit_60.fail(f"{AGENT}.custom_action", RuntimeError("no such action"))
    routine = (
        "wander: {walk: {distance_range: [2, 4]}}",
        "wander: {idle: [{animation: look_around, time_range: [9, 9]}], walk: {distance_range: [0.6, 0.7]}}",
    )
    assert start(kit_60, routine), api.get_last_error()
    assert any("does not play 'look_around'" in text for text in kit_60.logged("warn")) != known


def test_everything_is_put_back(kit_60, start):
    assert start(kit_60)
    stage: Usd.Stage = kit_60.stages.stage
    assert not stage.GetRootLayer().dirty
    assert kit_60.timeline.state == "stopped"
    api.use(None)
    kit_60.pump(3)
    assert kit_60.leftovers() == []


def lack_the_extension(kit):
    kit.extensions.installed.discard("omni.anim.behavior.core")


def bake_nothing(kit):
    kit.navigation.bakes_empty = True


def refuse_the_command(kit):
    kit.answer("omni.kit.commands.execute", (False, None))


def never_appear(kit):
    kit.answer("omni.anim.behavior.core.IBehaviorSystem.get_agent", None)


def answer_otherwise(kit):
    kit.fail(f"{AGENT}.move_to", TypeError("expected 3 arguments"))


TROUBLES = {
    "no extension omni.anim.behavior.core": lack_the_extension,
    "the app has no NavMesh of its own": bake_nothing,
    "the app refuses to make agents": refuse_the_command,
    "the app has made no agents of /World/Characters/crew/crew_0, /World/Characters/crew/crew_1": never_appear,
    "expected 3 arguments": answer_otherwise,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_ours_stand_in_and_the_user_is_told(kit_60, start, tmp_path, trouble):
    TROUBLES[trouble](kit_60)
    assert start(kit_60), api.get_last_error()
    assert any(trouble in text and "animated by us" in text for text in api.get_progress().warnings)
    walked = places(tmp_path / "out")
    assert np.linalg.norm(walked[-1] - walked[0], axis=-1).max() > 0.5
    layers = [
        layer for layer in kit_60.stages.stage.GetLayerStack() if layer.GetPrimAtPath("/World/HumanMotionLibrary")
    ]
    assert layers == []


@pytest.mark.parametrize(
    ("animation", "changes", "says"),
    [
        ("graph", (), "a pace of their own"),
        ("puppets", (), "there are skeleton and behavior"),
        ("behavior", (("rgb: true", "agent_info_skeleton_data: true"),), "a writer asks for skeletons"),
    ],
)
def test_what_the_app_cannot_do_is_told(kit_60, start, animation, changes, says):
    assert start(kit_60, *changes, animation=animation), api.get_last_error()
    assert any(says in text for text in api.get_progress().warnings)


def test_our_stand_ins_are_not_the_apps(kit_60, start, people):
    person, _ = people
    assert start(kit_60, (str(person), PERSON))
    assert any("our stand-in people, whom the app cannot walk" in text for text in api.get_progress().warnings)


def test_another_motion_library_is_refused(kit_60, start, people):
    people[1].write_text('#usda 1.0\n(\n defaultPrim = "Library"\n)\ndef Xform "Library" {\n}\n')
    assert start(kit_60)
    assert any("is a Xform, not a BehaviorMotionLibrary" in text for text in api.get_progress().warnings)


def test_isaac_sim_51_has_none(kit_51, start):
    assert start(kit_51)
    assert any(
        "no extension omni.anim.behavior.core, which Isaac Sim 6.0 has" in w for w in api.get_progress().warnings
    )

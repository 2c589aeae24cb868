"""Whole jobs inside the app: data on disk, events in and out, cancelling, and everything put back afterwards."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pxr import UsdSkel

from isaacsim_agent_ext import api, events

LONGER = ("simulation_duration: 0.2", "simulation_duration: 0.6")
CAPTURE_ON_PLAY = "/omni/replicator/captureOnPlay"
GIZMO = "/persistent/exts/omni.anim.navigation.core/navMesh/viewNavMesh"


def generate(kit) -> bool:
    return kit.run(api.start_data_generation_async(), updates=20_000)


def records(folder: Path) -> list[dict]:
    files = sorted(folder.rglob("object_detection_*.json"))
    return [json.loads(file.read_text()) for file in files]


def world_joints(kit, skeleton_path: str) -> np.ndarray:
    """Return where USD itself has the joints of a skeleton on the app's stage."""
    stage = kit.stages.stage
    cache = UsdSkel.Cache()
    skeleton = UsdSkel.Skeleton(stage.GetPrimAtPath(skeleton_path))
    root = UsdSkel.Root.Find(skeleton.GetPrim())
    cache.Populate(root, importlib.import_module("pxr.Usd").PrimDefaultPredicate)
    xforms = importlib.import_module("pxr.UsdGeom").XformCache()
    joints = cache.GetSkelQuery(skeleton).ComputeJointWorldTransforms(xforms)
    return np.array([np.array(joint)[3, :3] for joint in joints])


def test_everything_is_on_disk(app, write_config, tmp_path):
    api.load_config_file(write_config())
    assert generate(app)
    out = tmp_path / "out"
    camera = next(path for path in out.iterdir() if path.is_dir())
    assert len(list((camera / "rgb").glob("*.png"))) == 4
    assert Image.open(next((camera / "rgb").glob("*.png"))).size == (64, 48)
    found = records(out)
    assert len(found) == 4
    agents = found[-1]["agents"]
    assert sorted(agents) == ["/World/Characters/crew/crew_0", "/World/Characters/crew/crew_1"]
    assert all("skeleton_data" in agent["annotators"] for agent in agents.values())
    assert any(label["label"]["class"] == "crate" for record in found for label in record["objects"].values())
    assert (out / "contact_sheet.png").is_file()
    assert app.blocked == []


@pytest.mark.parametrize("metres", [True, False])
def test_people_stand_on_the_stage_as_the_records_say(app, write_config, tmp_path, hall, y_up_hall, metres):
    """The joints that USD works out from what we wrote are those of our own animation, on any stage."""
    stage, unit = (hall, 1.0) if metres else (y_up_hall, 0.01)
    api.load_config_file(write_config(LONGER, stage=stage))
    assert generate(app)
    for agent in records(tmp_path / "out")[-1]["agents"].values():
        skeleton = agent["annotators"]["skeleton_data"]
        placed = world_joints(app, skeleton["skel_path"]) * unit
        if not metres:
            placed = placed[:, [0, 2, 1]] * [1.0, -1.0, 1.0]
        np.testing.assert_allclose(placed, skeleton["global_translations"], atol=2e-3)


def test_the_semantic_filter_holds(app, write_config, tmp_path):
    api.load_config_file(write_config(('"class:*"', '"class:character"')))
    assert generate(app)
    assert all(record["objects"] == {} for record in records(tmp_path / "out"))
    tables = [json.loads(file.read_text()) for file in (tmp_path / "out").rglob("semantic_segmentation_labels_*.json")]
    shown = {entry["class"] for table in tables for entry in table.values()}
    assert shown == {"BACKGROUND", "UNLABELLED", "character"}


def test_people_move_and_the_records_follow(app, write_config, tmp_path):
    api.load_config_file(write_config(LONGER))
    assert generate(app)
    places = [record["agents"]["/World/Characters/crew/crew_0"]["metro_agent_data"] for record in records(tmp_path)]
    assert np.linalg.norm(np.subtract(places[-1]["world_position"], places[0]["world_position"])) > 0.1


def test_both_hosts_simulate_alike(app, write_config, tmp_path):
    """Spawns and routines are the same code; only the NavMesh is baked by another."""
    api.load_config_file(write_config())
    assert generate(app)
    agents = records(tmp_path / "out")[0]["agents"]
    assert all(agent["metro_agent_data"]["agent_group"] == "crew" for agent in agents.values())
    assert all(agent["metro_agent_data"]["asset_url"].endswith("F_Casual_01.usd") for agent in agents.values())


def test_the_app_is_as_before_afterwards(app, write_config):
    app.settings.set(GIZMO, True)
    before = dict(app.settings.values)
    end, fps = app.timeline.end, app.timeline.fps
    seen = []
    api.observe_event(events.FRAME_CAPTURED, lambda _: seen.append((app.settings.get(GIZMO), app.timeline.playing)))
    api.load_config_file(write_config())
    assert generate(app)
    assert seen
    assert all(shown is False and playing for shown, playing in seen)
    assert app.settings.values == before
    assert app.timeline.state == "stopped"
    assert app.timeline.looping
    assert app.timeline.fps == fps
    assert app.application.manual_step == pytest.approx(1 / 60, abs=1e-3)
    assert app.replicator.products == []
    assert app.timeline.end == end


def test_each_frame_is_one_thirtieth_of_a_second(app, write_config, monkeypatch):
    times = []
    capture = type(app.replicator).capture
    monkeypatch.setattr(
        type(app.replicator), "capture", lambda replicator: (times.append(app.timeline.time), capture(replicator))
    )
    api.load_config_file(write_config(LONGER))
    assert generate(app)
    np.testing.assert_allclose(times, np.arange(2, 18) / 30, atol=1e-6)


def test_gizmos_come_back_after_an_error(app, write_config):
    app.settings.set(GIZMO, True)
    before = dict(app.settings.values)
    app.fail("omni.replicator.core.orchestrator.step_async", RuntimeError("the renderer is out of memory"))
    api.load_config_file(write_config())
    assert not generate(app)
    assert "out of memory" in api.get_progress().error
    app.pump(5)
    assert app.settings.values == before
    assert app.timeline.state == "stopped"
    assert app.replicator.products == []


def test_a_second_run_needs_no_new_set_up(app, write_config, tmp_path):
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    bakes = app.navigation.bakes
    assert generate(app)
    first = records(tmp_path / "out")
    assert generate(app)
    assert records(tmp_path / "out") == first
    assert app.navigation.bakes == bakes


def test_what_the_user_saves_has_nothing_of_ours(app, write_config, hall):
    before = hall.read_text()
    api.load_config_file(write_config())
    assert generate(app)
    root = app.stages.stage.GetRootLayer()
    assert not root.dirty
    assert root.ExportToString() == before


# ---- events ----------------------------------------------------------------------------------------------------


def test_a_carb_event_triggers_actors_and_ours_are_announced(app, write_config, tmp_path):
    dispatcher = importlib.import_module("carb.eventdispatcher").get_eventdispatcher()
    heard: dict[str, list] = {}

    def listen(name: str) -> object:
        return dispatcher.observe_event(
            event_name=name, on_event=lambda event: heard.setdefault(name, []).append(event), observer_name="test"
        )

    guards = [listen(description.name) for description in events.ANNOUNCED]

    def ring(payload) -> None:
        if payload["frame"] == 10:
            dispatcher.dispatch_event(event_name="alarm", payload={"prim_path": "/World/Characters/crew/crew_1"})

    api.observe_event(events.FRAME_CAPTURED, ring)
    api.load_config_file(write_config(LONGER))
    assert generate(app)
    assert len(heard[events.FRAME_CAPTURED]) == 16
    assert heard[events.SET_UP_DONE][0]["actors"] == 2
    assert heard[events.DATA_GENERATION_DONE][0]["frames"] == 16
    assert [event["actor"] for event in heard[events.TRIGGER_FIRED]] == ["crew_1"]
    logged = json.loads((tmp_path / "out" / "run.json").read_text())["events"]
    assert [entry["event"] for entry in logged] == ["alarm"]
    diary = (tmp_path / "out" / "actor_events.jsonl").read_text().splitlines()
    assert json.loads(diary[0])["cause"]["event"] == "alarm"
    for guard in guards:
        guard.reset()


def test_colliders_are_seen_in_the_app_and_touch(app, write_config, tmp_path):
    """A person's collider is a prim below it, and touches the other person's body."""
    collision = "collision_trigger: {self_collider: sense, other_colliders: crew, behavior: [{stop: {}}]}"
    text = "        triggers:\n"
    api.load_config_file(
        write_config(
            (text, f"        colliders: [{{cylinder: {{name: sense, radius: 20.0}}}}]\n{text}          - {collision}\n")
        )
    )
    assert generate(app)
    prim = app.stages.stage.GetPrimAtPath("/World/Characters/crew/crew_0/sense_collider")
    assert prim.GetAttribute("metro:collider:name").Get() == "sense"
    assert prim.GetAttribute("purpose").Get() == "guide"
    diary = [json.loads(line) for line in (tmp_path / "out" / "actor_events.jsonl").read_text().splitlines()]
    fired = [(line["actor"], line["cause"]["other_actor"]) for line in diary if line["event"] == "trigger_fired"]
    assert fired == [("crew_0", "crew_1"), ("crew_1", "crew_0")]


def test_a_failure_is_announced_once(app, write_config):
    heard = []
    api.observe_event(events.DATA_GENERATION_FAILED, heard.append)
    api.load_config_file(write_config(("F_Casual_01.usd", "Nobody.usd")))
    assert not generate(app)
    assert len(heard) == 1
    assert heard[0]["kind"] == "AssetError"
    assert heard[0]["phase"] == "assets"


# ---- ends before the end ---------------------------------------------------------------------------------------


def test_cancelling_half_way_leaves_whole_files(app, write_config, tmp_path):
    api.load_config_file(write_config(("simulation_duration: 0.2", "simulation_duration: 4")))
    api.start_data_generation()
    app.pump_until(lambda: api.get_progress().frames >= 5, updates=20_000)
    assert api.cancel()
    app.pump_until(lambda: not api.get_progress().busy, updates=2000)
    assert api.get_progress().state == "cancelled"
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert not run["complete"]
    assert len(records(tmp_path / "out")) == run["frames"] >= 5
    assert not list(tmp_path.rglob("*.part"))
    assert app.timeline.state == "stopped"


def test_a_paused_run_waits_while_the_app_goes_on(app, write_config, tmp_path):
    api.load_config_file(write_config(("simulation_duration: 0.2", "simulation_duration: 1")))
    api.start_data_generation()
    app.pump_until(lambda: api.get_progress().frames >= 2, updates=20_000)
    assert api.pause()
    app.pump(30)
    frames = api.get_progress().frames
    app.pump(200)
    assert (api.get_progress().frames, api.get_progress().paused) == (frames, True)
    assert api.resume()
    app.pump_until(lambda: not api.get_progress().busy, updates=20_000)
    assert api.get_progress().state == "done"
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert run["complete"]
    assert frames < run["frames"] == len(records(tmp_path / "out"))
    assert app.timeline.state == "stopped"


def test_a_stage_that_never_opens(app, write_config):
    app.settings.set("/exts/isaacsim_agent_ext/asset_timeout", 5)
    app.hang("omni.usd.UsdContext.open_stage_async")
    api.load_config_file(write_config())
    assert not generate(app)
    error = api.get_last_error()
    assert error.exit_code == 3
    assert "waited 5 s for the stage" in str(error)
    assert app.stages.recent_files_on


def test_assets_that_never_load(app, write_config):
    app.settings.set("/exts/isaacsim_agent_ext/asset_timeout", 5)
    app.stages.never_loads = True
    api.load_config_file(write_config())
    assert not generate(app)
    assert "waited 5 s for the stage's assets to load" in str(api.get_last_error())


def test_a_server_that_does_not_answer(app, write_config, monkeypatch):
    monkeypatch.setenv("ISAACSIM_AGENT_ASSET_ROOT", "https://assets.example/Isaac")
    app.settings.set("/exts/isaacsim_agent_ext/asset_timeout", 5)
    app.hang("omni.client.stat_async")
    api.load_config_file(write_config(stage="Isaac/Environments/Grid/default_environment.usd"))
    assert not generate(app)
    assert "waited 5 s for https://assets.example/Isaac/Isaac/Environments/Grid" in str(api.get_last_error())


def test_a_frame_that_never_comes(app, write_config):
    app.settings.set("/exts/isaacsim_agent_ext/frame_timeout", 5)
    app.hang("omni.replicator.core.orchestrator.step_async")
    api.load_config_file(write_config())
    assert not generate(app)
    assert "waited 5 s for a frame to be rendered" in str(api.get_last_error())
    assert app.timeline.state == "stopped"


def test_a_stage_closed_by_the_user(app, write_config):
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    context = importlib.import_module("omni.usd").get_context()
    app.run(context.new_stage_async())
    assert not generate(app)
    assert "not open any more" in str(api.get_last_error())


# ---- NavMesh ---------------------------------------------------------------------------------------------------


def no_recast(monkeypatch):
    from isaacsim_agent_ext.errors import DependencyError
    from isaacsim_agent_ext.navigation import bake

    def missing():
        raise DependencyError("Baking a NavMesh needs the package isaacsim-agent-recast")

    monkeypatch.setattr(bake, "load_recast", missing)


def test_the_apps_navmesh_is_enough(app, write_config, monkeypatch):
    no_recast(monkeypatch)
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    assert app.navigation.bakes == 1
    assert api.get_progress().warnings == ()


def test_a_navmesh_that_never_bakes_is_replaced_by_ours(app, write_config):
    app.settings.set("/exts/isaacsim_agent_ext/navmesh_timeout", 5)
    app.navigation.never_bakes = True
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    assert any("waited 5 s for the app's NavMesh" in text for text in api.get_progress().warnings)


def test_a_navmesh_that_answers_otherwise_is_replaced_by_ours(app, write_config):
    app.fail("omni.anim.navigation.core.INavMesh.get_draw_triangles", TypeError("expected 2 arguments"))
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    assert any("answers otherwise than expected" in text for text in api.get_progress().warnings)


@pytest.mark.parametrize("trouble", ["empty", "extension missing"])
def test_without_any_navmesh_the_error_says_why(app, write_config, monkeypatch, trouble):
    no_recast(monkeypatch)
    if trouble == "empty":
        app.navigation.bakes_empty = True
    else:
        app.extensions.installed.discard("omni.anim.navigation.core")
    api.load_config_file(write_config())
    assert not app.run(api.setup_simulation_async(), updates=20_000)
    text = str(api.get_last_error())
    assert ("has no NavMesh" if trouble == "empty" else "no extension omni.anim.navigation.core") in text
    assert "isaacsim-agent-recast" in text


def test_nothing_is_baked_while_playing(app, write_config):
    timeline = importlib.import_module("omni.timeline").get_timeline_interface()
    timeline.play()
    timeline.commit()
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    assert api.get_progress().warnings == ()


# ---- writers ---------------------------------------------------------------------------------------------------

CUSTOM = """CustomWriter:
        start_frame: 2
        writer_name: BasicWriter
        rgb: true
        output_dir: """


def test_replicators_own_writer_records_our_frames(app, write_config, tmp_path):
    api.load_config_file(write_config(("IRABasicWriter:", f"{CUSTOM}{tmp_path / 'basic'}\n      IRABasicWriter:")))
    assert generate(app), api.get_last_error()
    assert len(list((tmp_path / "basic").rglob("rgb*.png"))) == 4
    assert len(list((tmp_path / "out").rglob("rgb_*.png"))) == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("writer_name: BasicWriter", "writer_name: BasicWritr"), "no writer `BasicWritr`; it has: "),
        (("rgb: true", "colour: true"), "`BasicWriter` does not take this parameter"),
    ],
)
def test_a_custom_writer_that_cannot_work_is_refused_before_anything_is_loaded(
    app, write_config, tmp_path, change, says
):
    custom = CUSTOM.replace(*change)
    api.load_config_file(write_config(("IRABasicWriter:", f"{custom}{tmp_path / 'basic'}\n      IRABasicWriter:")))
    assert not generate(app)
    assert says in str(api.get_last_error())
    assert app.stages.stage is None


def test_our_writer_works_from_replicators_registry(app, write_config, tmp_path):
    api.load_config_file(write_config())
    assert app.run(api.setup_simulation_async(), updates=20_000)
    rep = importlib.import_module("omni.replicator.core")
    writer = rep.WriterRegistry.get("IRABasicWriter")
    writer.initialize(output_dir=str(tmp_path / "own"), rgb=True, colorize_semantic_segmentation=True)
    product = rep.create.render_product("/World/Cameras/overview/overview_0", (64, 48), name="Own")
    writer.attach([product])

    async def capture() -> None:
        for _ in range(3):
            await rep.orchestrator.step_async(delta_time=0.0, pause_timeline=False)

    app.run(capture())
    writer.detach()
    product.destroy()
    assert len(list((tmp_path / "own").rglob("rgb_*.png"))) == 3
    assert len(records(tmp_path / "own")) == 3
    assert app.logged("error") == []

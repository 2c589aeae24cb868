"""Robots in the app: where USD has them, who looks through their cameras, and what is left when they are gone."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

from isaacsim_agent_ext import api, events
from isaacsim_agent_ext.config.load import load_config
from isaacsim_agent_ext.hosts.playback import Playback
from isaacsim_agent_ext.hosts.standalone.world import build_world
from isaacsim_agent_ext.scene.metrics import prim_to_world
from isaacsim_agent_ext.session.progress import SilentReporter

ROOT = Path(__file__).parents[2]
CARTER = "/World/Robots/carters/Nova_Carter"
HAWK = f"{CARTER}/chassis/front_hawk/camera_left"
SECONDS = "simulation_duration: 0.2"

ROBOTS = (
    "  sensor:\n",
    """  robot:
    groups:
      carters:
        num: 1
        config_file_path: nova_carter.yaml
        write_data: true
        camera_prim_paths: [chassis/front_hawk/camera_left]
        semantic_label_path: chassis
        routines: [{wander: {move: {distance_range: [3, 5]}}}]
        triggers:
          - event_trigger: {event: alarm, behavior: [{halt: {time_range: [9, 9]}}]}
      hubs:
        num: 1
        config_file_path: iw_hub.yaml
        agent_radius: 0.8
        routines: [{play_animation: {state: lift_up}}]
  sensor:
""",
)


def generate(kit) -> bool:
    return kit.run(api.start_data_generation_async(), updates=20_000)


def set_up(kit) -> bool:
    return kit.run(api.setup_simulation_async(), updates=20_000)


def lasting(seconds: float) -> tuple[str, str]:
    return (SECONDS, f"simulation_duration: {seconds}")


def read_all(folder: Path, pattern: str) -> list[dict]:
    return [json.loads(file.read_text()) for file in sorted(folder.rglob(pattern))]


def camera_folder(path: str) -> str:
    return path.strip("/").replace("/", "_")


# ---- on the stage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metres", [True, False])
def test_every_part_stands_where_the_standalone_host_draws_it(write_config, hall, y_up_hall, metres):
    """Roots, wheels, casters and what hangs on them, on any stage; no app is needed to see that."""
    robots = importlib.import_module("isaacsim_agent_ext.hosts.kit.robots")
    loaded = load_config(write_config(ROBOTS, stage=hall if metres else y_up_hall))
    world, composed = build_world(loaded.config, asset_root=None, config_dir=None, reporter=SilentReporter())
    world_height = prim_to_world(composed.stage.GetPrimAtPath("/World/Robots/hubs/iw_hub/chassis/lift"))[3, 2]
    robots.take_over(composed, world)
    layer = Sdf.Layer.CreateAnonymous("motion.usda")
    composed.stage.GetSessionLayer().subLayerPaths = [layer.identifier]
    moved = robots.Robots(composed.stage, world, layer)
    playback = Playback(world)
    playback.advance_to(100)
    playback.show(lambda *_: None, moved.move)
    frame = playback.scene_frame()
    parts = {world.snapshot.instances[part.instance].prim_path: part for part in world.carried}
    assert any("caster" in path for path in parts)
    for path, part in parts.items():
        if path.startswith("/World/Robots"):
            there = prim_to_world(composed.stage.GetPrimAtPath(path))
            np.testing.assert_allclose(there, frame.transforms[part.instance], atol=1e-6, err_msg=path)
    assert np.linalg.norm(playback.actors[-2].position - world.specs[-2].position) > 1.0
    lift = prim_to_world(composed.stage.GetPrimAtPath("/World/Robots/hubs/iw_hub/chassis/lift"))
    assert lift[3, 2] - world_height > 0.02


def test_records_and_stage_agree(app, write_config, tmp_path):
    api.load_config_file(write_config(ROBOTS, lasting(1.0)))
    assert generate(app), api.get_last_error()
    assert api.get_progress().warnings == ()
    check_floors(app)
    last = read_all(tmp_path / "out" / camera_folder(HAWK), "object_detection_*.json")[-1]
    agent = last["agents"][CARTER]
    assert agent["label"] == {"class": "robot"}
    assert agent["metro_agent_data"]["agent_type"] == "AnimRobotAPI"
    stage = app.stages.stage
    there = prim_to_world(stage.GetPrimAtPath(CARTER))[3, :3]
    np.testing.assert_allclose(there, agent["metro_agent_data"]["world_position"], atol=1e-6)
    assert stage.GetPrimAtPath(f"{CARTER}/chassis").GetAttribute("semantics:labels:class").Get() == ["robot"]
    # The camera on board moved, and its parameters with it.
    views = read_all(tmp_path / "out" / camera_folder(HAWK), "camera_params_*.json")
    assert len(views) == 28
    placed = np.array([np.linalg.inv(np.reshape(view["cameraViewTransform"], (4, 4))) for view in views])
    assert np.linalg.norm(placed[-1] - placed[0]) > 0.1
    np.testing.assert_allclose(placed[-1], prim_to_world(stage.GetPrimAtPath(HAWK)), atol=1e-6)


def test_a_camera_that_the_stage_animates_is_recorded_where_it_is(app_60, write_config, tmp_path, hall):
    stage = Usd.Stage.Open(str(hall))
    copy = tmp_path / "moving.usda"
    stage.GetRootLayer().Export(str(copy))
    stage = Usd.Stage.Open(str(copy))
    stage.SetTimeCodesPerSecond(60)
    camera = UsdGeom.Camera.Define(stage, "/World/Dolly")
    slide = camera.AddTranslateOp()
    slide.Set(Gf.Vec3d(0, 0, 2), 0)
    slide.Set(Gf.Vec3d(6, 0, 2), 60)
    stage.GetRootLayer().Save()
    named = ("start_frame: 2", "start_frame: 2\n        sensor_prim_list: [/World/Dolly]")
    api.load_config_file(write_config(named, stage=copy))
    assert generate(app_60), api.get_last_error()
    views = read_all(tmp_path / "out" / "World_Dolly", "camera_params_*.json")
    along = [np.linalg.inv(np.reshape(view["cameraViewTransform"], (4, 4)))[3, 0] for view in views]
    np.testing.assert_allclose(along, np.arange(2, 6) / 30 * 6, atol=1e-6)


def check_floors(app) -> None:
    """Make sure that each radius has a floor of the app's own."""
    assert app.navigation.bakes == 4  # people, 0.5 m, 0.8 m, and people's once more to leave it there
    world = api.session()._world.scenario._world
    floors = [world.navmesh, world.robot_floors["carters"], world.robot_floors["hubs"]]
    assert {type(floor).__name__ for floor in floors} == {"TriangleFloor"}
    sizes = [len(floor.triangles()) for floor in floors]
    assert sizes[0] > sizes[1] > sizes[2]


# ---- physics ---------------------------------------------------------------------------------------------------


@pytest.fixture
def physical_robot(tmp_path):
    """Write a robot whose parts physics would move, with colliders and a camera in instances; return its file."""
    part = Usd.Stage.CreateNew(str(tmp_path / "part.usda"))
    part.SetDefaultPrim(UsdGeom.Xform.Define(part, "/Part").GetPrim())
    cube = UsdGeom.Cube.Define(part, "/Part/Shape")
    cube.CreateSizeAttr(0.4)
    UsdPhysics.CollisionAPI.Apply(cube.GetPrim())
    UsdGeom.Camera.Define(part, "/Part/Eye")
    part.Save()
    stage = Usd.Stage.CreateNew(str(tmp_path / "robot.usda"))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, "/Robot").GetPrim()
    stage.SetDefaultPrim(root)
    UsdPhysics.ArticulationRootAPI.Apply(root)
    for name, x in (("body", 0.0), ("left_wheel", 0.3)):
        link = UsdGeom.Xform.Define(stage, f"/Robot/{name}")
        link.AddTranslateOp().Set((x, 0, 0.2))
        UsdPhysics.RigidBodyAPI.Apply(link.GetPrim())
        holder = UsdGeom.Xform.Define(stage, f"/Robot/{name}/shape").GetPrim()
        holder.GetReferences().AddReference("./part.usda")
        holder.SetInstanceable(True)
    UsdPhysics.RevoluteJoint.Define(stage, "/Robot/axle")
    stage.Save()
    file = tmp_path / "robot.yaml"
    file.write_text("agent_name: Cube\nasset_path: robot.usda\njoints: [/left_wheel]\nradius: 0.5\n")
    return file


def test_physics_leaves_robots_alone(app_60, write_config, physical_robot):
    asset = physical_robot.with_name("robot.usda")
    before = asset.read_text()
    robot = f"robot: {{groups: {{cubes: {{num: 1, config_file_path: {physical_robot}, write_data: true}}}}}}"
    api.load_config_file(write_config(("  sensor:\n", f"  {robot}\n  sensor:\n")))
    assert set_up(app_60), api.get_last_error()
    stage = app_60.stages.stage
    prims = list(Usd.PrimRange(stage.GetPrimAtPath("/World/Robots/cubes/Cube")))
    assert not any(prim.HasAPI(UsdPhysics.ArticulationRootAPI) for prim in prims)
    for schema, switch, count in (
        (UsdPhysics.RigidBodyAPI, "physics:rigidBodyEnabled", 2),
        (UsdPhysics.CollisionAPI, "physics:collisionEnabled", 2),
    ):
        assert [prim.GetAttribute(switch).Get() for prim in prims if prim.HasAPI(schema)] == [False] * count
    assert stage.GetPrimAtPath("/World/Robots/cubes/Cube/axle").GetAttribute("physics:jointEnabled").Get() is False
    assert generate(app_60), api.get_last_error()
    assert "/World/Robots/cubes/Cube/body/shape/Eye" in api.get_progress().report.cameras
    api.session().runtime.host.clear()
    assert not stage.GetPrimAtPath("/World/Robots")
    assert asset.read_text() == before
    assert not stage.GetRootLayer().dirty


# ---- floors ----------------------------------------------------------------------------------------------------


def test_an_app_that_ignores_the_radius_is_not_trusted_with_robots(app_60, write_config, monkeypatch):
    navigation = importlib.import_module("kit_double.navigation")
    bake, baked = navigation.bake, []
    monkeypatch.setattr(navigation, "bake", lambda kit: baked[0] if baked else baked.append(bake(kit)) or baked[0])
    api.load_config_file(write_config(ROBOTS))
    assert set_up(app_60), api.get_last_error()
    (warning,) = api.get_progress().warnings
    assert warning.startswith("the app bakes the same NavMesh whatever the agent's radius is")
    world = api.session()._world.scenario._world
    assert type(world.navmesh).__name__ == "TriangleFloor"
    assert {type(floor).__name__ for floor in world.robot_floors.values()} == {"RecastNavMesh"}


def test_no_room_for_a_robot_says_for_which(app_60, write_config):
    api.load_config_file(write_config((ROBOTS[0], ROBOTS[1].replace("agent_radius: 0.8", "agent_radius: 20"))))
    assert not set_up(app_60)
    assert "robot.groups.hubs: nowhere is there room for its agent_radius of 20 m" in str(api.get_last_error())


# ---- events, ends ----------------------------------------------------------------------------------------------


def test_an_event_halts_a_robot(app, write_config, tmp_path):
    dispatcher = importlib.import_module("carb.eventdispatcher").get_eventdispatcher()

    def ring(payload) -> None:
        if payload["frame"] == 10:
            dispatcher.dispatch_event(event_name="alarm", payload={"prim_path": CARTER})

    api.observe_event(events.FRAME_CAPTURED, ring)
    api.load_config_file(write_config(ROBOTS, lasting(1.2)))
    assert generate(app), api.get_last_error()
    agents = [
        record["agents"][CARTER]["metro_agent_data"]
        for record in read_all(tmp_path / "out" / "World_Cameras_overview_overview_0", "object_detection_*.json")
    ]
    assert agents[0]["current_task_name"] == "Turn"
    assert agents[0]["world_rotation"] != agents[8]["world_rotation"]
    assert agents[-1]["current_task_name"] == "Idle"
    assert agents[-1]["world_rotation"] == agents[-2]["world_rotation"]
    assert [entry["event"] for entry in json.loads((tmp_path / "out" / "run.json").read_text())["events"]] == ["alarm"]


def test_flags_make_a_dataset_with_robots(kit, write_config, tmp_path):
    flags = [f"config={write_config(ROBOTS)}", "autorun=true", "quit_when_done=true"]
    kit.extensions.start(ROOT, *[f"--/exts/isaacsim_agent_ext/{flag}" for flag in flags])
    kit.pump_until(lambda: kit.quit_codes, updates=20_000)
    assert kit.quit_codes == [0], kit.logged("error")
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert run["actors"] == 4
    assert len(run["cameras"]) == 2


def test_cancelling_and_running_again_starts_anew(app, write_config, tmp_path):
    api.load_config_file(write_config(ROBOTS, lasting(0.6)))
    api.start_data_generation()
    app.pump_until(lambda: api.get_progress().frames >= 5, updates=20_000)
    assert api.cancel()
    app.pump_until(lambda: not api.get_progress().busy, updates=2000)
    first = {file.name: file.read_text() for file in (tmp_path / "out" / camera_folder(HAWK)).rglob("camera_params_*")}
    assert 5 <= len(first) < 16
    assert generate(app), api.get_last_error()
    again = {file.name: file.read_text() for file in (tmp_path / "out" / camera_folder(HAWK)).rglob("camera_params_*")}
    assert len(again) == 16
    assert {name: again[name] for name in first} == first


def test_an_error_half_way_leaves_no_robot_behind(app, write_config):
    app.fail("omni.replicator.core.orchestrator.step_async", RuntimeError("the renderer is out of memory"))
    before = dict(app.settings.values)
    api.load_config_file(write_config(ROBOTS))
    assert not generate(app)
    app.pump(5)
    assert app.timeline.state == "stopped"
    assert app.settings.values == before
    assert app.replicator.products == []
    api.session().runtime.host.clear()
    assert app.stages.stage.GetSessionLayer().subLayerPaths == []
    assert not app.stages.stage.GetPrimAtPath("/World/Robots")

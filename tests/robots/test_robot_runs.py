"""Jobs with robots on the standalone host: small hall, shipped robots, real files."""

import json
from dataclasses import replace

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdLux

from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.errors import AgentError, ConfigError
from isaacsim_agent_ext.hosts.cameras import place_cameras
from isaacsim_agent_ext.hosts.playback import Playback
from isaacsim_agent_ext.hosts.protocol import HostOptions
from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
from isaacsim_agent_ext.hosts.standalone.world import build_world
from isaacsim_agent_ext.session.progress import SilentReporter
from isaacsim_agent_ext.session.run import run_job


@pytest.fixture(scope="module")
def stage_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("hall") / "hall.usda"
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    floor = UsdGeom.Mesh.Define(stage, "/Root/Floor")
    floor.CreatePointsAttr([(-8, -8, 0), (8, -8, 0), (8, 8, 0), (-8, 8, 0)])
    floor.CreateFaceVertexCountsAttr([4])
    floor.CreateFaceVertexIndicesAttr([0, 1, 2, 3])
    UsdLux.DomeLight.Define(stage, "/Root/Sky").CreateIntensityAttr(500)
    stage.SetDefaultPrim(stage.GetPrimAtPath("/Root"))
    stage.Save()
    return path


@pytest.fixture
def job(stage_file):
    def load(robots, *, seconds=0.5):
        return parse_config(
            f"""
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 5
  simulation_duration: {seconds}
  environment: {{base_stage_asset_path: {stage_file}}}
  robot: {{groups: {robots}}}
  replicator:
    render_product_resolution: [96, 64]
    writers:
      IRABasicWriter:
        start_frame: 0
        rgb: true
        motion_vectors: true
        object_info_bounding_box_2d_tight: true
        object_info_bounding_box_3d: true
"""
        )

    return load


def world_of(loaded):
    world, stage = build_world(loaded.config, asset_root=None, config_dir=None, reporter=SilentReporter())
    return world, stage


def test_robots_stand_at_their_prim_paths_clear_of_each_other(job):
    loaded = job(
        "{fleet: {num: 3, config_file_path: nova_carter.yaml}, hub: {num: 1, config_file_path: iw_hub.yaml},"
        " truck: {num: 1, config_file_path: forklift.yaml, agent_radius: 1.3}}"
    )
    world, stage = world_of(loaded)
    assert [spec.prim_path for spec in world.specs] == [
        "/World/Robots/fleet/Nova_Carter_0",
        "/World/Robots/fleet/Nova_Carter_1",
        "/World/Robots/fleet/Nova_Carter_2",
        "/World/Robots/hub/iw_hub",
        "/World/Robots/truck/Forklift",
    ]
    assert [spec.radius for spec in world.specs] == [0.5, 0.5, 0.5, 0.8, 2.0]
    for spec in world.specs:
        assert stage.stage.GetPrimAtPath(f"{spec.prim_path}/chassis")
        assert spec.agent_type == "AnimRobotAPI"
        assert 0.1 < spec.height < 3.0
        for other in world.specs:
            if other is not spec:
                gap = np.linalg.norm((spec.position - other.position)[:2]) - spec.radius - other.radius
                assert gap > 0.1
    assert set(world.robot_floors) == {"fleet", "hub", "truck"}


def test_wheels_turn_and_cameras_ride_along(job):
    loaded = job(
        "{fleet: {num: 1, config_file_path: nova_carter.yaml, write_data: true,"
        " camera_prim_paths: [chassis/back_hawk], routines: [{wander: {move: {distance_range: [3, 5]}}}]}}",
    )
    world, stage = world_of(loaded)
    cameras, _ = place_cameras(world, stage)
    (camera,) = cameras
    assert camera.prim_path == "/World/Robots/fleet/Nova_Carter/chassis/back_hawk/camera"
    playback = Playback(replace(world, cameras=cameras))

    class Scene:
        def update(self, frame):
            self.frame = frame

    playback.draw(Scene())
    playback.advance_to(149)
    playback.draw(Scene())
    playback.advance_to(150)
    frame = playback.draw(Scene())
    now, before = playback.views_of(camera)
    (state,) = playback.actors
    # The camera looks backwards from its place on the robot, and was somewhere else a frame ago.
    np.testing.assert_allclose(-now.transform[2, :3], -state.facing, atol=1e-6)
    assert np.linalg.norm(now.transform[3, :2] - state.position[:2]) == pytest.approx(0.40, abs=1e-6)
    assert np.abs(now.transform - before.transform).max() > 1e-4
    root = frame.prim_transforms["/World/Robots/fleet/Nova_Carter"]
    turned = [
        part for part in world.carried if np.abs(frame.transforms[part.instance] - part.to_root @ root).max() > 1e-3
    ]
    names = {world.snapshot.instances[part.instance].prim_path.split("/")[-2] for part in turned}
    assert {"left_wheel", "right_wheel", "caster_wheel"} <= names
    assert "chassis" not in names


def test_cameras_on_board_record_with_labels_and_motion(job, tmp_path):
    robots = (
        "{fleet: {num: 2, config_file_path: nova_carter.yaml, write_data: true,"
        " camera_prim_paths: [chassis/front_hawk/camera_left], semantic_label_path: chassis}}"
    )
    outputs = []
    for name in ("one", "two"):
        report = run_job(
            job(robots),
            StandaloneHost(),
            options=HostOptions(device="cpu", workers=1),
            output=tmp_path / name,
            cancelled=lambda: False,
        )
        assert (report.frames, report.views, report.actors) == (15, 30, 2)
        outputs.append({p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.png")})
    assert outputs[0] == outputs[1]
    folder = tmp_path / "one" / "World_Robots_fleet_Nova_Carter_0_chassis_front_hawk_camera_left"
    record = json.loads((folder / "object_detection" / "object_detection_0014.json").read_text())
    agent = record["agents"]["/World/Robots/fleet/Nova_Carter_1"]
    assert agent["label"] == {"class": "robot"}
    assert agent["metro_agent_data"]["agent_type"] == "AnimRobotAPI"
    assert agent["metro_agent_data"]["current_task_name"] in ("MoveTo", "Turn", "Idle")


@pytest.mark.parametrize(
    ("robots", "words"),
    [
        ("{a: {num: 1, config_file_path: nova_cart.yaml}}", r"robot\.groups\.a\.config_file_path.*did you mean"),
        (
            "{a: {num: 1, config_file_path: iw_hub.yaml, write_data: true, camera_prim_paths: [chassis/cam]}}",
            r"no camera at or below chassis/cam of the robot; it has: chassis/camera",
        ),
        (
            "{a: {num: 1, config_file_path: iw_hub.yaml, agent_radius: 20}}",
            r"nowhere is there room for its agent_radius of 20 m",
        ),
        ("{a: {num: 500, config_file_path: iw_hub.yaml}}", r"of 500 robots fit"),
        ("{a: {num: 1, config_file_path: iw_hub.yaml, spawn_areas: [Dock]}}", r"robot\.groups\.a\.spawn_areas"),
    ],
)
def test_what_cannot_be_set_up_is_told_in_words(job, robots, words):
    loaded = job(robots)
    with pytest.raises(AgentError, match=f"(?s){words}"):
        world_of(loaded)


def test_a_label_path_that_the_asset_does_not_have_labels_the_whole_robot(job):
    loaded = job("{a: {num: 1, config_file_path: iw_hub.yaml, semantic_label_path: chassis_link}}")
    world, _ = world_of(loaded)
    assert world.specs[0].label_prim_path is None
    assert any("chassis_link" in text and "whole robot" in text for text in world.warnings)


def test_problems_of_a_robots_file_carry_its_name_and_line(job, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("asset_path: r.usd\nlinear_velocity: fast\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml:2:18: linear_velocity"):
        world_of(job(f"{{a: {{num: 1, config_file_path: {path}}}}}"))

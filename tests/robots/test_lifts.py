"""States of a robot's own: they play recorded joint animations, and are reached by the transitions allowed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving_floor import TRANSITIONS, Log, robot, script, simulation
from pxr import Gf, Usd, UsdGeom

from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.config.model import RobotPlay
from isaacsim_agent_ext.errors import AssetError, ConfigError
from isaacsim_agent_ext.hosts.robots import load_robot_configs
from isaacsim_agent_ext.robots.clips import read_clip, read_clips, seconds_of
from isaacsim_agent_ext.robots.config import find_robot_config, load_robot_config
from isaacsim_agent_ext.robots.wheels import JointMover, Motion, moving_joints

LIFTING = {**TRANSITIONS, "idle": (*TRANSITIONS["idle"], "lift_up"), "lift_up": ("idle",)}


def hub():
    return load_robot_config(find_robot_config("iw_hub.yaml", None))


def lifting(name, x=0.0, y=0.0):
    spec = robot(name, x, y, transitions=LIFTING)
    return replace(spec, drive=replace(spec.drive, state_seconds={"lift_up": 1.0}))


def machines(log):
    runs = []
    for states in log:
        if not runs or runs[-1][0] != states[0].machine:
            runs.append([states[0].machine, 0])
        runs[-1][1] += 1
    return runs


def play(sim, steps):
    rows = []
    for _ in range(steps):
        sim.step()
        rows.append(sim.states())
    return rows


# ---- files -----------------------------------------------------------------------------------------------------


def test_the_lift_of_the_shipped_hub_goes_up_and_down_smoothly():
    clips, warnings = read_clips(hub())
    assert not warnings
    assert seconds_of(clips) == {"lift_up": 2.0, "lift_down": 2.0}
    height = clips["lift_up"]["chassis/lift"].transforms[:, 3, 2]
    assert height[-1] - height[0] == pytest.approx(0.1)
    assert (np.diff(height) >= 0.0).all()
    assert np.abs(np.diff(height, 2)).max() < 1e-3
    assert clips["lift_down"]["chassis/lift"].transforms[:, 3, 2] == pytest.approx(height[::-1])


def test_a_recording_may_hold_the_joint_below_other_prims(tmp_path):
    stage = Usd.Stage.CreateNew(str(tmp_path / "arm.usda"))
    stage.SetTimeCodesPerSecond(60)
    for path, sign in (("/World/robot", -1.0), ("/World/robot/arm", 1.0)):
        op = UsdGeom.Xform.Define(stage, path).AddTranslateOp()
        for code in (30, 90):
            op.Set(Gf.Vec3d(sign * code, 0, 0), code)
    stage.Save()
    clip = read_clip(tmp_path / "arm.usda", "arm")
    assert clip.times.tolist() == [0.0, 1.0]
    assert clip.transforms[:, 3, 0].tolist() == [30.0, 90.0]


def test_a_recording_in_which_nothing_moves_is_refused(tmp_path):
    stage = Usd.Stage.CreateNew(str(tmp_path / "lift.usda"))
    UsdGeom.Xform.Define(stage, "/lift")
    stage.Save()
    with pytest.raises(AssetError, match="no prim moves in it: expected the transform of lift"):
        read_clip(tmp_path / "lift.usda", "lift")


def test_folders_that_are_not_there_are_told_and_those_of_driving_left_alone():
    kind = replace(hub(), animation_paths={"forward": "nowhere", "lift_up": "nowhere"})
    clips, (warning,) = read_clips(kind)
    assert clips == {}
    assert "the state lift_up moves nothing: there is no folder" in warning


def test_a_behavior_can_only_name_states_of_its_robots():
    config = parse_config(
        "isaacsim.replicator.agent:\n  version: 1.6.0\n  environment: {base_stage_asset_path: a.usd}\n"
        "  robot: {groups: {g: {num: 1, config_file_path: iw_hub.yaml, "
        "routines: [{play_animation: {state: lift_upp, time_range: [1, 2]}}]}}}\n"
    ).config
    assert config.robot.groups[0].routines == (RobotPlay(state="lift_upp", time_range=(1.0, 2.0)),)
    with pytest.raises(
        ConfigError, match=r"routines\.0\.play_animation\.state: iw_hub\.yaml has no state `lift_upp`, did"
    ):
        load_robot_configs(config, Path.cwd())


# ---- in the simulation -----------------------------------------------------------------------------------------


def test_an_animation_plays_once_and_the_robot_returns_to_idle(hall):
    sim = simulation(hall, [lifting("a/r")], [script("a", RobotPlay(state="lift_up"))])
    assert machines(play(sim, 90))[0] == ["lift_up", pytest.approx(30, abs=2)]
    assert sim.states()[0].machine == "idle"


def test_an_animation_stays_as_long_as_it_is_told(hall):
    sim = simulation(hall, [lifting("a/r")], [script("a", RobotPlay(state="lift_up", time_range=(2.0, 2.0)))])
    assert machines(play(sim, 120))[0] == ["lift_up", pytest.approx(60, abs=2)]


def test_a_robot_stops_before_it_lifts_and_lifts_before_it_drives_on(hall):
    from driving_floor import patrol

    sim = simulation(
        hall, [lifting("a/r")], [script("a", patrol((2.0, 0.0)), RobotPlay(state="lift_up"), patrol((0.0, 0.0)))]
    )
    rows = play(sim, 600)
    lifts = [states[0] for states in rows if states[0].machine == "lift_up"]
    assert lifts
    assert max(state.speed for state in lifts) == 0.0
    names = [name for name, _ in machines(rows)]
    assert names[names.index("lift_up") - 1] == names[names.index("lift_up") + 1] == "idle"


def test_a_state_without_a_way_to_it_is_a_warning(hall):
    sim = simulation(hall, [robot("a/r", 0.0, 0.0)], [script("a", RobotPlay(state="lift_up"))])
    Log(sim, 30)
    assert "cannot go to the state 'lift_up'" in str(sim.warnings[0])


# ---- parts -----------------------------------------------------------------------------------------------------


def lift(top=0.5):
    poses = np.repeat(np.eye(4)[None], 2, axis=0)
    poses[1, 3, 2] = top
    motions = {"/r/lift": {"lift_up": Motion(times=np.array([0.0, 1.0]), poses=poses)}}
    paths, origins = ["/r/lift", "/r/lift/wheel"], [np.array([0.0, 0.0, 0.2]), np.array([0.0, 0.0, 0.3])]
    return moving_joints(paths, origins, motions)


def test_a_part_moves_by_its_animation_and_stays_where_it_got_to():
    base = lifting("a/r")
    from isaacsim_agent_ext.actors.state import ActorState

    def state(machine):
        return ActorState(spec=base, position=np.zeros(3), yaw=0.0, velocity=np.zeros(3), machine=machine)

    mover = JointMover(lift())
    heights = []
    for machine in ["idle"] * 5 + ["lift_up"] * 40 + ["idle"] * 20:
        mover.advance(state(machine))
        heights.append([pose[3, 2] for pose in mover.poses()])
    heights = np.array(heights)
    assert heights[4, 0] == 0.0
    assert heights[-1, 0] == pytest.approx(0.5)
    assert np.abs(np.diff(heights[:, 0])).max() < 0.04
    assert heights[:, 1] == pytest.approx(heights[:, 0])  # what hangs on it goes with it

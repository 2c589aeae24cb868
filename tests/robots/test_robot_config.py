import math

import pytest

from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.robots.config import find_robot_config, load_robot_config, robot_config_dir
from isaacsim_agent_ext.robots.state_machine import StateMachine, way_between

SHIPPED = sorted(path.name for path in robot_config_dir().glob("*.yaml"))


def problems_of(tmp_path, text):
    path = tmp_path / "robot.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_robot_config(path)
    return [(problem.line, problem.key_path, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_robots_that_ship_are_valid_and_name_an_asset_of_the_pack(name):
    robot = load_robot_config(robot_config_dir() / name)
    assert robot.asset_path.startswith("Isaac/Samples/AnimRobot/")
    assert robot.differential
    assert robot.joints


def test_what_is_left_out_has_its_default(tmp_path):
    path = tmp_path / "robot.yaml"
    path.write_text("asset_path: r.usd\nradius: null\nagent_name: My Robot\nforward_vec: [0, 1, 0]\n")
    robot = load_robot_config(path)
    assert robot.agent_name == "My_Robot"
    assert (robot.linear_velocity, robot.angular_velocity) == (1.0, math.radians(45.0))
    assert robot.forward == pytest.approx(math.pi / 2)
    assert (robot.differential, robot.plans_on_navmesh, robot.radius) == (False, True, None)
    assert robot.states == ("idle", "turn_left", "turn_right", "forward")
    assert robot.transitions["forward"] == ("turn_left", "turn_right", "idle")


def test_every_problem_is_told_with_its_place_and_what_was_meant(tmp_path):
    text = "asset_path: r.usd\nlinear_velocty: 3\ndrive_base: diferential\nforward_vec: [1, 2]\nradius: 0\n"
    found = problems_of(tmp_path, text)
    assert [line for line, _, _ in found] == [2, 3, 4, 5]
    assert "did you mean `linear_velocity`?" in found[0][2]
    assert "did you mean `differential`?" in found[1][2]
    assert "expected a list [x, y, z] of three numbers" in found[2][2]
    assert "above 0" in found[3][2]


@pytest.mark.parametrize(
    ("text", "key_path", "words"),
    [
        ("linear_velocity: 1\n", "asset_path", "is missing"),
        ("asset_path: r.usd\nforward_vec: [0, 0, 1]\n", "forward_vec", "points nowhere"),
        ("asset_path: r.usd\nstates: [idle, forward, turn_left]\n", "states", "`turn_right`"),
        ("asset_path: r.usd\ntransitions: {idle: [foward]}\n", "transitions.idle.0", "did you mean `forward`?"),
        ("asset_path: r.usd\ntransitions: {idel: [forward]}\n", "transitions.idel", "did you mean `idle`?"),
        ("asset_path: r.usd\nanimation_paths: {lift: x}\n", "animation_paths.lift", "is no state"),
        (
            "asset_path: r.usd\ntransitions: {idle: [turn_left, turn_right, forward], forward: [idle]}\n",
            "transitions",
            "from `turn_left` to `idle`",
        ),
        ("- a\n- b\n", "", "expected a map"),
        ("   \n", "", "empty"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path, text, key_path, words):
    assert any(path == key_path and words in message for _, path, message in problems_of(tmp_path, text))


def test_a_file_is_looked_up_beside_the_config_before_those_that_ship(tmp_path):
    assert find_robot_config("iw_hub.yaml", tmp_path) == robot_config_dir() / "iw_hub.yaml"
    own = tmp_path / "iw_hub.yaml"
    own.write_text("asset_path: r.usd\n")
    assert find_robot_config("iw_hub.yaml", tmp_path) == own
    assert find_robot_config(str(own), None) == own
    with pytest.raises(ConfigError, match=r"did you mean iw_hub\.yaml\?"):
        find_robot_config("iw_hubb.yaml", tmp_path)


def test_a_state_machine_takes_only_the_transitions_there_are():
    machine = StateMachine({"idle": ("turn_left", "forward"), "turn_left": ("idle",), "forward": ("idle",)})
    assert machine.request("turn_left")
    assert not machine.request("forward")
    assert machine.state == "idle"
    assert machine.request("forward")
    assert way_between({"idle": ("forward",)}, "forward", "idle") is None

"""Loading: defaults, samples, overrides, seeds, and the typed result."""

import math

import pytest
import yaml

from isaacsim_agent_ext.config.dump import dump_config
from isaacsim_agent_ext.config.load import load_config, parse_config
from isaacsim_agent_ext.config.model import (
    AimAtTargets,
    BoxCollider,
    CharacterPatrol,
    CharacterStop,
    CharacterWander,
    CollisionTrigger,
    CylinderCollider,
    EventTrigger,
    IdleOption,
    MaximumCoverage,
    RobotHalt,
    RobotWander,
    RunTree,
    TimeTrigger,
    Walk,
    WriterConfig,
)
from isaacsim_agent_ext.config.timing import STEPS_PER_SECOND, first_frame_at
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.resources import sample_config_dir
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND

HEAD = "isaacsim.replicator.agent:\n  version: 1.6.0\n  environment: {base_stage_asset_path: stage.usd}\n"
SAMPLES = sorted(sample_config_dir().glob("*.yaml"))


def config_of(text: str, **options):
    return parse_config(HEAD + text, seed=1, **options).config


def group_of(text: str):
    return config_of(f"  character: {{groups: {{workers: {text}}}}}").character.groups[0]


def writer_of(text: str, kind: str = "IRABasicWriter") -> WriterConfig:
    return config_of(f"  replicator: {{writers: {{{kind}: {text}}}}}").replicator.writers[0]


# ---- samples ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_load_without_a_warning(path):
    assert load_config(path).warnings == ()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_read_alike_by_plain_yaml_readers(path):
    read = yaml.safe_load(path.read_text())["isaacsim.replicator.agent"]
    assert load_config(path).data == read


def test_the_quick_start_is_what_it_says():
    config = load_config(sample_config_dir() / "quick_start.yaml").config
    (people,), (cameras,), (writer,) = config.character.groups, config.sensor.groups, config.replicator.writers
    assert (people.name, people.num, cameras.num, config.simulation_duration) == ("workers", 10, 2, 5.0)
    assert config.replicator.render_product_resolution == (1280, 720)
    assert (writer.type, writer.start_frame, writer.end_frame) == ("IRABasicWriter", 30, None)


# ---- defaults --------------------------------------------------------------------------------------------------


def test_a_minimal_config():
    loaded = parse_config(HEAD, seed=7)
    config = loaded.config
    assert (config.version, config.seed, config.simulation_duration) == ("1.6.0", 7, 60.0)
    assert config.environment.prop_asset_paths == ()
    assert config.character is config.robot is config.sensor is config.replicator is None
    assert not loaded.seed_drawn


def test_a_group_of_people_with_nothing_but_a_number():
    config = config_of("  character: {groups: {workers: {num: 3}}}")
    (group,) = config.character.groups
    wander = CharacterWander(
        walk=Walk(speed_range=(1.0, 1.0), distance_range=(5.0, 15.0), navigation_areas=()),
        idle=(IdleOption(animation="idle", time_range=(2.0, 5.0), weight=1.0),),
    )
    assert config.character.root_prim_path == "/World/Characters"
    assert config.character.motion_library_path == "Isaac/People/MotionLibrary/HumanMotionLibrary.usd"
    assert (group.asset_path, group.spawn_areas, group.routines) == ("Isaac/People/Characters/", (), (wander,))
    assert group.semantic_labels == (("class", "character"),)
    assert group.motion_library_path is group.behavior_tree is None


def test_a_group_of_robots_with_little():
    config = config_of("  robot: {groups: {r: {num: 1, config_file_path: nova_carter.yaml}}}")
    (group,) = config.robot.groups
    assert (group.agent_radius, group.write_data, group.camera_prim_paths) == (0.5, False, ())
    assert group.routines == (
        RobotWander(distance_range=(10.0, 15.0), navigation_areas=(), idle_time_range=(2.0, 5.0)),
    )
    assert group.semantic_labels == (("class", "robot"),)


def test_cameras_aim_at_everyone_by_default():
    (group,) = config_of("  sensor: {groups: {g: {num: 2}}}").sensor.groups
    assert group.placement == AimAtTargets(
        height_range=(2.0, 3.0),
        look_down_angle_range=(0.0, 60.0),
        focal_length_range=(13.0, 23.0),
        distance_range=(6.5, 14.0),
    )


def test_coverage_cameras():
    (group,) = config_of("  sensor: {groups: {g: {num: -1, maximum_coverage: {height_range: [2, 5]}}}}").sensor.groups
    assert group.num == -1
    assert isinstance(group.placement, MaximumCoverage)
    assert (group.placement.height_range, group.placement.target_coverage_ratio) == ((2.0, 5.0), 0.9)


def test_groups_with_a_behavior_tree_run_it_for_ever():
    group = group_of("{num: 1, behavior_tree: walk.json, triggers: [time_trigger: {time: 1, behavior: [stop: {}]}]}")
    assert (group.behavior_tree, len(group.triggers)) == ("walk.json", 1)
    assert group.routines == (RunTree(path="walk.json", for_ever=True),)
    config = config_of("  robot: {groups: {r: {num: 1, behavior_tree: walk.json}}}")
    assert config.robot.groups[0].config_file_path == "nova_carter.yaml"


def test_a_behavior_can_be_a_tree():
    group = group_of("{num: 1, routines: [behavior_tree: {path: walk.json, weight: 2}]}")
    assert (group.behavior_tree, group.routines) == (None, (RunTree(path="walk.json", weight=2.0),))


def test_null_means_the_default():
    config = config_of("  robot: {groups: {r: {num: 1, config_file_path: a.yaml, agent_radius: null, colliders: }}}")
    assert (config.robot.groups[0].agent_radius, config.robot.groups[0].colliders) == (0.5, ())


# ---- what people do --------------------------------------------------------------------------------------------


def test_behaviors_triggers_and_colliders():
    group = group_of("""{num: 1, motion_library_path: own.usd,
        colliders: [box: {name: body, dimension: [1, 2, 3]}, cylinder: {name: sense, radius: 1.5}],
        routines: [patrol: {path_points: [[0, 1, 2]], weight: 2}, patrol: {target_prims: [/World/A], repeat: 3}],
        triggers: [
          event_trigger: {event: alarm, priority: 9, behavior: [stop: {}, wander: {}]},
          time_trigger: {time: 3},
          collision_trigger: {self_collider: sense, other_colliders: 'a; b;', trigger_exit: true}]}""")
    body, sense = group.colliders
    assert body == BoxCollider(name="body", dimension=(1.0, 2.0, 3.0))
    assert sense == CylinderCollider(name="sense", radius=1.5)
    points, prims = group.routines
    assert points == CharacterPatrol(weight=2.0, speed_range=(1.0, 1.0), path_points=((0.0, 1.0, 2.0),))
    assert (prims.target_prims, prims.path_points, prims.repeat) == (("/World/A",), None, 3)
    event, time, collision = group.triggers
    assert isinstance(event, EventTrigger)
    assert (event.event, event.priority) == ("alarm", 9)
    assert event.behavior[0] == CharacterStop(time_range=(5.0, 5.0))
    assert time == TimeTrigger(time=3.0)
    assert collision == CollisionTrigger(self_collider="sense", other_colliders=("a", "b"), trigger_exit=True)
    assert group.motion_library_path == "own.usd"


def test_robots_halt():
    text = "  robot: {groups: {r: {num: 1, config_file_path: a.yaml, routines: [halt: {time_range: [1, 2]}]}}}"
    assert config_of(text).robot.groups[0].routines == (RobotHalt(time_range=(1.0, 2.0)),)


# ---- writers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("{}", (30, None)),
        ("{start_frame: 0, end_frame: 300}", (0, 300)),
        ("{end_frame: 100}", (30, 100)),
        ("{start_time: 0}", (0, None)),
        ("{start_time: 0.1, end_time: 0.3}", (3, 9)),
        ("{start_time: 1.01, end_time: 2.001}", (31, 61)),
        ("{end_time: 2}", (30, 60)),
    ],
)
def test_recording_times_come_out_in_frames(text, frames):
    writer = writer_of(text)
    assert (writer.start_frame, writer.end_frame) == frames


def test_a_frame_starts_at_or_after_its_time():
    assert STEPS_PER_SECOND == FRAMES_PER_SECOND
    for frame in range(2000):
        assert first_frame_at(frame / STEPS_PER_SECOND) == frame
        assert first_frame_at((frame + 0.5) / STEPS_PER_SECOND) == frame + 1
    assert math.isfinite(first_frame_at(1e308))


def test_both_spellings_of_a_box_are_one_switch():
    assert writer_of("{bounding_box_3d: false}").parameters["object_info_bounding_box_3d"] is False
    assert writer_of("{}").parameters["object_info_bounding_box_3d"] is True
    assert writer_of("{skeleton_data: true}").parameters["agent_info_skeleton_data"] is True
    assert "bounding_box_3d" not in writer_of("{bounding_box_3d: true}").parameters
    assert "bounding_box_3d" in writer_of("{}", kind="BasicWriter").parameters


def test_writer_keys_and_types():
    writer = writer_of("{sensor_prim_list: [/World/Cameras/a], output_dir: ~/out}", kind="IRABasicWriter_12")
    assert (writer.key, writer.type) == ("IRABasicWriter_12", "IRABasicWriter")
    assert (writer.sensor_prim_list, writer.output_dir) == (("/World/Cameras/a",), "~/out")
    assert not {"output_dir", "sensor_prim_list", "start_frame"} & set(writer.parameters)


def test_a_custom_writer_gets_its_own_keys():
    writer = writer_of("{writer_name: KittiWriter, mapping_path: a.json, nested: {a: [1, null]}}", kind="CustomWriter")
    assert writer.parameters == {"writer_name": "KittiWriter", "mapping_path": "a.json", "nested": {"a": [1, None]}}


@pytest.mark.parametrize("kind", ["BasicWriter", "CosmosIRAWriter", "SceneGraphWriter", "RTSPWriter"])
def test_other_writers_load_with_their_defaults(kind):
    parameters = writer_of("{}", kind=kind).parameters
    assert parameters.get("rgb", parameters.get("rtsp_rgb")) is (kind != "BasicWriter")


# ---- overrides and seeds ---------------------------------------------------------------------------------------


def test_overrides_change_and_add_values():
    loaded = parse_config(
        HEAD + "  character: {groups: {a: {num: 1, routines: [stop: {}, wander: {}]}}}",
        overrides=[
            "seed=5",
            "character.groups.a.routines.1.wander.walk.speed_range=[1, 2]",
            "character.groups.a.routines.2.stop.weight=0.5",
            "character.groups.b.num=4",
            "character.groups.b.routines.0.stop={}",
            "sensor.groups.c.num=2",
            "replicator.writers.IRABasicWriter.output_dir=~/here",
            "simulation_duration=10",
            "simulation_duration=20",
        ],
    )
    a, b = loaded.config.character.groups
    assert a.routines[1].walk.speed_range == (1.0, 2.0)
    assert a.routines[2] == CharacterStop(weight=0.5, time_range=(5.0, 5.0))
    assert b.routines == (CharacterStop(time_range=(5.0, 5.0)),)
    assert loaded.config.sensor.groups[0].num == 2
    assert loaded.config.replicator.writers[0].output_dir == "~/here"
    assert (loaded.config.seed, loaded.config.simulation_duration) == (5, 20.0)
    assert loaded.data["simulation_duration"] == 20


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("nonsense", "--set nonsense: expected key.path=value"),
        ("=3", "--set =3: expected key.path=value"),
        ("a..b=3", "--set a..b=3: expected key.path=value"),
        ("sed=3", "--set sed=3: sed: unknown key `sed`, did you mean `seed`?"),
        ("seed=x", '--set seed=x: seed: found the text "x", expected an integer from 0 to 4294967295'),
        ("seed=", "--set seed=: seed: found nothing (null), expected an integer"),
        ("seed=[1", "--set seed=[1: this is no valid YAML"),
        ("seed={a: 1, a: 2}", "--set seed={a: 1, a: 2}: the key `a` is already on line 1"),
        ("version.major=1", '--set version.major=1: version: has no keys: it is the text "1.6.0"'),
        ("environment.prop_asset_paths.3=a", "has no item 3: the list has 0, so the next one is 0"),
        ("environment.prop_asset_paths.x=a", "is a list: expected a position from 0 on, found `x`"),
        (".".join(["replicator.writers.CustomWriter"] + ["a"] * 90) + "=3", "found a path of 93 keys"),
        ("sensor.groups.c.aim_at_targets.targets=[]", "sensor.groups.c: the key `num` is missing"),
    ],
)
def test_wrong_overrides_name_their_argument(override, message):
    with pytest.raises(ConfigError) as caught:
        parse_config(HEAD, overrides=[override])
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"--set {override[:190]}")


def test_a_seed_is_drawn_when_there_is_none():
    loaded = parse_config(HEAD)
    assert loaded.seed_drawn
    assert "seed" not in loaded.data
    assert loaded.resolved["seed"] == loaded.config.seed
    assert parse_config(HEAD).config.seed != loaded.config.seed
    assert not parse_config(dump_config(loaded.resolved)).seed_drawn


def test_a_given_seed_replaces_the_files():
    assert parse_config(HEAD + "  seed: 3", seed=9).config.seed == 9
    with pytest.raises(ConfigError, match=r"--seed 4294967296: seed: found 4294967296"):
        parse_config(HEAD, seed=2**32)
    with pytest.raises(ConfigError, match="expected an integer from 0 to 4294967295"):
        parse_config(HEAD, seed=10**400)


# ---- files -----------------------------------------------------------------------------------------------------


def test_problems_carry_the_files_name(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text(HEAD + "  sed: 3\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}:4:3: sed: unknown key")
    path.write_text(HEAD)
    assert load_config(path).path == path


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_files_that_cannot_be_read(tmp_path, name):
    with pytest.raises(ConfigError, match="the file cannot be read"):
        load_config(tmp_path / name)


def test_a_large_file_is_not_even_read(tmp_path):
    path = tmp_path / "job.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ConfigError, match="may have at most"):
        load_config(path)

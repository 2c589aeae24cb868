"""Old configs and command files become new configs, and nothing gets lost without a word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.config.load import load_config, parse_config
from isaacsim_agent_ext.config.model import (
    CharacterLookAround,
    CharacterPatrol,
    CharacterQueue,
    CharacterSit,
    CharacterStop,
    CharacterWander,
    Config,
    RobotPlay,
    TimeTrigger,
)
from isaacsim_agent_ext.config.timing import first_frame_at
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.migration.migrate import Migration, migrate_config

EXAMPLES = Path(__file__).parent / "examples"

Migrate = Callable[..., Migration]


@pytest.fixture
def migrate(tmp_path: Path) -> Migrate:
    """Migrate a section given as data, with the text of a command file."""

    def run(section: Any, commands: str | None = None, robot_commands: str | None = None) -> Migration:
        return migrate_in(tmp_path, section, commands, robot_commands)

    return run


def migrate_in(folder: Path, section: Any, commands: str | None = None, robots: str | None = None) -> Migration:
    old, people_file, robot_file = folder / "old.yaml", folder / "people.txt", folder / "robots.txt"
    old.write_text(yaml.safe_dump({"isaacsim.replicator.agent": {"version": "0.7.0", **section}}), encoding="utf-8")
    people_file.write_text(commands or "", encoding="utf-8")
    robot_file.write_text(robots or "", encoding="utf-8")
    return migrate_config(
        old,
        commands=None if commands is None else people_file,
        robot_commands=None if robots is None else robot_file,
    )


def config_of(migration: Migration) -> Config:
    return parse_config(migration.text, seed=1).config


def notes_of(migration: Migration) -> dict[str, tuple[str, str]]:
    return {note.key: (note.change, note.message) for note in migration.notes}


# ---- examples --------------------------------------------------------------------------------------------------


def test_the_example_becomes_what_it_always_became() -> None:
    migration = migrate_config(EXAMPLES / "warehouse_0.7.yaml")
    assert migration.text == (EXAMPLES / "warehouse_1.6.yaml").read_text(encoding="utf-8")
    assert not migration.is_current


def test_the_diff_leads_from_the_old_text_to_the_new() -> None:
    migration = migrate_config(EXAMPLES / "warehouse_0.7.yaml")
    lines = migration.diff("new.yaml").splitlines()
    assert lines[1] == "+++ new.yaml"
    assert "-    simulation_length: 1800" in lines
    assert "+  simulation_duration: 60.0" in lines
    kept = [line[1:] for line in lines[2:] if line[:1] in " +" and not line.startswith("@@")]
    assert kept == migration.text.splitlines()


# ---- configs ---------------------------------------------------------------------------------------------------


def test_frames_become_seconds_and_sections_are_renamed(migrate: Migrate) -> None:
    migration = migrate({"global": {"seed": 7, "simulation_length": 100}, "scene": {"asset_path": "my/stage.usd"}})
    new = parse_config(migration.text).config
    assert (new.seed, first_frame_at(new.simulation_duration)) == (7, 100)
    assert new.environment.base_stage_asset_path == "my/stage.usd"
    notes = {note.key: note for note in migration.notes}
    assert notes["global.seed"].change == "renamed"
    assert (notes["global.simulation_length"].change, notes["global.simulation_length"].line) == ("changed", 4)


def test_a_stage_that_was_a_default_is_written_out(migrate: Migrate) -> None:
    migration = migrate({})
    assert config_of(migration).environment.base_stage_asset_path.endswith("full_warehouse.usd")
    assert notes_of(migration)["scene"][0] == "added"


def test_asset_paths_that_need_a_server_are_hinted_at(migrate: Migrate) -> None:
    folder = "https://example.com/Assets/Isaac/5.1/Isaac/People/Characters/"
    migration = migrate({"character": {"num": 1, "asset_path": folder}, "scene": {"asset_path": "omniverse://a/b.usd"}})
    hints = [(note.key, note.message) for note in migration.notes if note.change == "hint"]
    assert {key for key, _ in hints} == {"scene.asset_path", "character.asset_path"}
    assert any("`Isaac/People/Characters/`" in message for _, message in hints)
    assert config_of(migration).character.groups[0].asset_path == folder


def test_people_without_commands_wander_over_their_areas(migrate: Migrate) -> None:
    migration = migrate({"character": {"num": 8, "spawn_area": ["A1"], "navigation_area": "A2"}})
    (group,) = config_of(migration).character.groups
    assert (group.name, group.num, group.spawn_areas) == ("characters", 8, ("A1",))
    (wander,) = group.routines
    assert isinstance(wander, CharacterWander)
    assert wander.walk.navigation_areas == ("A2",)
    assert {option.animation for option in wander.idle} == {"idle", "look_around"}


def test_robots_become_groups_with_their_files(migrate: Migrate) -> None:
    migration = migrate({"robot": {"nova_carter_num": 2, "iw_hub_num": 1, "write_data": True, "spawn_area": ["R"]}})
    groups = config_of(migration).robot.groups
    assert [(group.name, group.num, group.config_file_path) for group in groups] == [
        ("nova_carters", 2, "nova_carter.yaml"),
        ("iw_hubs", 1, "iw_hub.yaml"),
    ]
    assert all(group.write_data and group.spawn_areas == ("R",) for group in groups)


def test_counted_cameras_become_a_group(migrate: Migrate) -> None:
    (group,) = config_of(migrate({"sensor": {"camera_num": 3}})).sensor.groups
    assert (group.num, group.placement.focal_length_range) == (3, (13.0, 23.0))


def test_listed_cameras_become_the_cameras_of_the_writer(migrate: Migrate) -> None:
    replicator = {"writer": "IRABasicWriter", "parameters": {"rgb": True}}
    new = config_of(migrate({"sensor": {"camera_list": ["/World/Cam", "Camera_01"]}, "replicator": replicator}))
    assert new.sensor is None
    assert new.replicator.writers[0].sensor_prim_list == ("/World/Cam", "/World/Cameras/Camera_01")


def test_a_writer_of_ones_own_becomes_a_custom_writer(migrate: Migrate) -> None:
    (writer,) = config_of(
        migrate({"replicator": {"writer": "TaoWriter", "parameters": {"bbox": True}}})
    ).replicator.writers
    assert (writer.type, writer.parameters["writer_name"], writer.parameters["bbox"]) == (
        "CustomWriter",
        "TaoWriter",
        True,
    )


def test_parameters_that_are_refused_are_kept_as_comments(migrate: Migrate) -> None:
    parameters = {"rgb": True, "bbox": [1, 2], "frame_padding": "four"}
    migration = migrate({"replicator": {"writer": "IRABasicWriter", "parameters": parameters}})
    notes = notes_of(migration)
    assert notes["replicator.parameters.bbox"][0] == notes["replicator.parameters.frame_padding"][0] == "dropped"
    assert "# not converted: bbox: [1, 2]" in migration.text
    assert config_of(migration).replicator.writers[0].parameters["rgb"] is True


def test_short_recordings_still_record_something(migrate: Migrate) -> None:
    section = {
        "global": {"simulation_length": 20},
        "sensor": {"camera_num": 1},
        "replicator": {"writer": "IRABasicWriter"},
    }
    migration = migrate(section)
    assert config_of(migration).replicator.writers[0].start_frame == 0
    assert migration.warnings == ()


def test_removed_sections_are_kept_as_comments(migrate: Migrate) -> None:
    migration = migrate({"response": [{"name": "flee"}], "character": {"num": 1, "filters": ["male"]}})
    assert "#   - name: flee" in migration.text
    assert "#   filters: [male]" in migration.text
    assert notes_of(migration)["character.filters"][0] == "dropped"


def test_every_key_of_the_old_config_is_spoken_of() -> None:
    migration = migrate_config(EXAMPLES / "warehouse_0.7.yaml")
    old = yaml.safe_load((EXAMPLES / "warehouse_0.7.yaml").read_text())["isaacsim.replicator.agent"]
    sections = ("global", "scene", "sensor", "character", "robot", "replicator")
    keys = {f"{section}.{key}" for section in sections for key in old[section]} | {"version", "response"}
    assert keys - {note.key for note in migration.notes} == set()


def test_roots_of_earlier_years_are_known(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text("omni.replicator.agent:\n  version: 0.4.1\n  global: {seed: 3}\n")
    migration = migrate_config(path)
    assert parse_config(migration.text).config.seed == 3
    assert notes_of(migration)["omni.replicator.agent"][0] == "renamed"


def test_wrong_values_are_all_told_with_their_place(migrate: Migrate) -> None:
    with pytest.raises(ConfigError) as raised:
        migrate({"character": {"num": "ten"}, "global": {"simulation_length": -1}, "sensor": [1]})
    assert [problem.key_path for problem in raised.value.problems] == [
        "sensor",
        "global.simulation_length",
        "character.num",
    ]
    assert all(problem.line for problem in raised.value.problems)


def test_a_config_of_version_1_is_left_alone_and_hinted_at(tmp_path: Path) -> None:
    path = tmp_path / "ea.yaml"
    path.write_text(
        "isaacsim.replicator.agent:\n  version: 1.0.0\n  environment: {base_stage_asset_path: a.usd}\n"
        "  character:\n    groups:\n      workers: {num: 1, motion_library_path: a.usd}\n"
    )
    migration = migrate_config(path)
    assert migration.is_current
    assert migration.text == path.read_text()
    assert migration.diff() == ""
    assert [note.key for note in migration.notes] == ["character.groups.workers.motion_library_path"]


# ---- command files ---------------------------------------------------------------------------------------------


def test_commands_become_a_sequence_at_the_start(migrate: Migrate) -> None:
    commands = "Tom GoTo 1 2 0 3 4 0 _\nTom Idle 2.5\nTom LookAround 4\n"
    (group,) = config_of(migrate({"character": {"num": 1}}, commands)).character.groups
    (trigger,) = group.triggers
    assert isinstance(trigger, TimeTrigger)
    walk, pause, look = trigger.behavior
    assert isinstance(walk, CharacterPatrol)
    assert walk.path_points == ((1, 2, 0), (3, 4, 0))
    assert isinstance(pause, CharacterStop)
    assert pause.time_range == (2.5, 2.5)
    assert isinstance(look, CharacterLookAround)
    assert look.time_range == (4, 4)
    assert (group.name, group.num) == ("Tom", 1)


def test_actors_come_in_the_order_of_the_file_each_with_own_commands(migrate: Migrate) -> None:
    commands = "B Idle 1\nA Idle 2\nB Idle 3\nSpawn C\n"
    groups = config_of(migrate({"character": {"num": 5}}, commands)).character.groups
    assert [(group.name, group.num) for group in groups] == [("B", 1), ("A", 1), ("C", 1), ("characters", 2)]
    assert [behavior.time_range for behavior in groups[0].triggers[0].behavior] == [(1, 1), (3, 3)]
    assert groups[2].triggers == ()


@pytest.mark.parametrize(
    ("line", "left_in_comment"),
    [
        ("Tom Dance 5", "Tom Dance 5"),
        ("Tom Queue Q1", "Tom Queue Q1"),
        ("Tom GoTo 1 2 0 90", "the direction at the end of: Tom GoTo 1 2 0 90"),
    ],
)
def test_what_has_no_counterpart_is_kept_as_a_comment_and_told(
    migrate: Migrate, line: str, left_in_comment: str
) -> None:
    migration = migrate({}, f"Tom Idle 1\n{line}\n")
    assert f"# not converted: {left_in_comment}\n" in migration.text
    (note,) = [note for note in migration.notes if note.change == "dropped" and note.file.endswith("people.txt")]
    assert (note.key, note.line) == (line, 2)


def test_comments_stay_above_the_command_they_stood_above(migrate: Migrate) -> None:
    text = migrate({}, "Tom Idle 1\n\n# to the dock\nTom GoTo 9 0 0 _\n# the end\n").text
    lines = [line.strip() for line in text.splitlines()]
    assert lines[lines.index("# to the dock") + 1] == "- patrol:"
    assert "# the end" in lines


@pytest.mark.parametrize("name", ["female_adult-01", "3D", "con", "Jürgen", "a.b", "characters"])
def test_any_name_becomes_a_valid_group(migrate: Migrate, name: str) -> None:
    groups = config_of(migrate({"character": {"num": 2}}, f"{name} Idle 1\n")).character.groups
    assert [group.num for group in groups] == [1, 1]


def test_names_that_become_the_same_are_kept_apart(migrate: Migrate) -> None:
    groups = config_of(migrate({}, "a-b Idle 1\na.b Idle 2\nA_B Idle 3\n")).character.groups
    assert [group.name for group in groups] == ["a_b", "a_b_2", "A_B_3"]


def test_robots_are_told_apart_by_name(migrate: Migrate) -> None:
    commands = "Carter_01 GoTo 10.02 5.9 0\niw_hub_01 Idle 3\niw_hub_01 LiftUp\n"
    migration = migrate({"robot": {"nova_carter_num": 2, "iw_hub_num": 1}}, robot_commands=commands)
    groups = config_of(migration).robot.groups
    assert [(group.name, group.num, group.config_file_path) for group in groups] == [
        ("Carter_01", 1, "nova_carter.yaml"),
        ("iw_hub_01", 1, "iw_hub.yaml"),
        ("nova_carters", 1, "nova_carter.yaml"),
    ]
    assert groups[0].triggers[0].behavior[0].path_points == ((10.02, 5.9, 0),)
    assert groups[1].triggers[0].behavior[1] == RobotPlay(state="lift_up")


def test_seats_and_queues_and_places_are_kept(migrate: Migrate) -> None:
    commands = (
        "Spawn Tom 1 2 0 90\nTom Queue Q1\nTom Sit /World/Chair 5\n"
        "Queue Q1\nQueue_Spot Q1 1 4 5 0 90\nQueue_Spot Q1 0 4 6 0 90\n"
    )
    migration = migrate({}, commands)
    (group,) = config_of(migration).character.groups
    (place,) = group.spawn_points
    assert (place.position, place.yaw) == ((1, 2, 0), 90)
    line, seat = group.triggers[0].behavior
    assert isinstance(line, CharacterQueue)
    assert (line.name, line.path_points) == ("Q1", ((4, 6, 0), (4, 5, 0)))
    assert isinstance(seat, CharacterSit)
    assert (seat.target_prims, seat.time_range) == (("/World/Chair",), (5, 5))
    assert [note for note in migration.notes if note.file.endswith("people.txt") and note.change == "dropped"] == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Tom", "found `Tom` alone"),
        ("Tom GoTo", "found nothing after `GoTo`"),
        ("Tom GoTo 1 2", "found 2 values after `GoTo`"),
        ("Tom GoTo 1 2 x _", "found `x`, expected a number"),
        ("Tom GoTo 1 2 1_0 _", "found `1_0`, expected a number"),
        ("Tom GoTo inf 2 0 _", "not infinite"),
        ("Tom Idle", "found nothing after `Idle`"),
        ("Tom Idle -1", "expected seconds of at least 0"),
        ("Tom Sit /World/Chair long", "found `long`, expected a number"),
        ("Tom Sit chair 5", "found 2 values after `Sit`, expected a prim path and seconds"),
        ("Queue_Spot Q1 0 1 2", "found 4 values after `Queue_Spot`"),
        ("Tom LookAround 1 2", "found 2 values after `LookAround`"),
        ("Spawn Tom 1 2", "found 3 values after `Spawn`"),
    ],
)
def test_lines_that_make_no_sense_are_told_with_file_and_line(migrate: Migrate, line: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"people\.txt:2:1: ") as raised:
        migrate({}, f"# first\n{line}\n")
    assert message in str(raised.value)


def test_a_command_file_that_the_config_names_is_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "go.txt").write_text("Tom Idle 1\n")
    path = tmp_path / "old.yaml"
    path.write_text("isaacsim.replicator.agent:\n  version: 0.7.0\n  character: {num: 1, command_file: go.txt}\n")
    assert config_of(migrate_config(path)).character.groups[0].name == "Tom"


def test_a_command_file_that_is_missing_leaves_people_wandering(migrate: Migrate) -> None:
    migration = migrate({"character": {"num": 1, "command_file": "gone.txt"}})
    assert isinstance(config_of(migration).character.groups[0].routines[0], CharacterWander)
    assert "--commands" in notes_of(migration)["character.command_file"][1]


# ---- any old config --------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12)
AREAS = st.none() | st.lists(NAMES, max_size=3) | NAMES
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | st.floats(-9, 9) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
KNOWN_PARAMETERS = st.sampled_from(
    ["rgb", "camera_params", "output_dir", "bounding_box_2d_tight", "object_info_bounding_box_2d_tight", "start_frame",
     "end_frame", "start_time", "end_time", "sensor_prim_list", "image_output_format", "semantic_filter_predicate"]
)  # fmt: skip
OLD = st.fixed_dictionaries(
    {},
    optional={
        "global": st.fixed_dictionaries(
            {}, optional={"seed": st.integers(-(2**40), 2**40), "simulation_length": st.integers(0, 10**6), "x": VALUES}
        ),
        "scene": st.fixed_dictionaries({}, optional={"asset_path": st.none() | NAMES}),
        "sensor": st.fixed_dictionaries({}, optional={"camera_num": st.integers(0, 9), "camera_list": AREAS}),
        "character": st.fixed_dictionaries(
            {},
            optional={
                "num": st.integers(0, 9),
                "asset_path": st.none() | NAMES,
                "spawn_area": AREAS,
                "navigation_area": AREAS,
                "filters": VALUES,
            },
        ),
        "robot": st.fixed_dictionaries(
            {},
            optional={
                "nova_carter_num": st.integers(0, 3),
                "iw_hub_num": st.integers(0, 3),
                "transporter_num": st.integers(0, 3),
                "write_data": st.booleans(),
                "spawn_area": AREAS,
                "navigation_area": AREAS,
            },
        ),
        "replicator": st.fixed_dictionaries(
            {},
            optional={
                "writer": st.none()
                | NAMES
                | st.sampled_from(["IRABasicWriter", "BasicWriter", "RTSPWriter", "CustomWriter"]),
                "parameters": st.dictionaries(KNOWN_PARAMETERS | NAMES, VALUES, max_size=5),
            },
        ),
        "response": VALUES,
        "event": VALUES,
    },
)
ACTOR = st.text("abcAB_-.3ü", min_size=1, max_size=4)
NUMBER = st.floats(-50, 50).map(lambda number: f"{number:.3f}")
COMMAND = st.one_of(
    st.builds("{} Idle {}".format, ACTOR, st.integers(0, 9)),
    st.builds("{} LookAround {}".format, ACTOR, st.integers(0, 9)),
    st.builds(
        lambda actor, points, end: f"{actor} GoTo {' '.join(' '.join(point) for point in points)} {end}",
        ACTOR,
        st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=3),
        NUMBER | st.just("_"),
    ),
    st.builds("Spawn {}".format, ACTOR),
    st.builds("{} Sit /World/Chair {}".format, ACTOR, st.integers(0, 9)),
    st.builds("{} Queue Q".format, ACTOR),
    st.builds("Queue_Spot Q {} {} {} 0 90".format, st.integers(0, 9), NUMBER, NUMBER),
    st.builds("# {}".format, NAMES),
    st.just("Queue Q"),
)
COMMANDS = st.none() | st.lists(COMMAND, max_size=12).map("\n".join)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(old=OLD, commands=COMMANDS, robots=COMMANDS)
def test_any_old_config_becomes_a_valid_new_one(
    tmp_path: Path, old: dict[str, Any], commands: str | None, robots: str | None
) -> None:
    migration = migrate_in(tmp_path, old, commands, robots)
    target = tmp_path / "new.yaml"
    target.write_text(migration.text, encoding="utf-8")
    new = load_config(target).config
    assert new.version == "1.6.0"
    length = old.get("global", {}).get("simulation_length")
    assert length is None or first_frame_at(new.simulation_duration) == length
    people = sum(group.num for group in new.character.groups) if new.character else 0
    assert people >= old.get("character", {}).get("num", 0)
    assert migration.notes


def test_notes_name_people_by_number_and_leave_robots_their_names(migrate: Migrate) -> None:
    section = {"character": {"num": 2}, "robot": {"nova_carter_num": 1}}
    notes = [note.message for note in migrate(section, "Tom Idle 1\n", "Carter_01 Idle 1\n").notes]
    assert "the group `Tom`, whose one member is called `Tom_0`" in notes
    assert "the group `Carter_01`" in notes
    assert any("1 person without commands" in text for text in notes)

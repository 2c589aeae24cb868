"""What a user reads when a config is wrong: the exact words for typical mistakes."""

import textwrap
import time
from contextlib import suppress

import pytest

from isaacsim_agent_ext.config.document import MAX_NODES
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.errors import ConfigError

HEAD = """\
isaacsim.replicator.agent:
  version: 1.6.0
  environment: {base_stage_asset_path: stage.usd}
"""


def errors_of(text: str, **options) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, name="job.yaml", **options)
    return str(caught.value)


def body(text: str) -> str:
    return HEAD + textwrap.indent(textwrap.dedent(text), "  ")


GOLDEN = {
    "typo": (
        "character: {groups: {a: {num: 1, routins: []}}}",
        "job.yaml:4:36: character.groups.a.routins: unknown key `routins`, did you mean `routines`?",
    ),
    "wrong type": (
        "character: {groups: {a: {num: ten}}}",
        'job.yaml:4:33: character.groups.a.num: found the text "ten", expected an integer of at least 0',
    ),
    "unreadable filter": (
        "replicator: {writers: {IRABasicWriter: {semantic_filter_predicate: class character}}}",
        "job.yaml:4:70: replicator.writers.IRABasicWriter.semantic_filter_predicate: `class character` is not a "
        "semantic filter: at character 16 found the end, expected `:` after the label type `class character`; "
        "for example `class:character|robot;id:*`",
    ),
    "a suffix that is no number": (
        "replicator: {writers: {IRABasicWriter_x: {}}}",
        "job.yaml:4:26: replicator.writers.IRABasicWriter_x: unknown key `IRABasicWriter_x`: what follows "
        "`IRABasicWriter_` must be a number, such as `IRABasicWriter_2`",
    ),
    "frames and times at both ends": (
        "replicator: {writers: {BasicWriter: {start_frame: 9, start_time: 2, end_time: 1, end_frame: 3}}}",
        "job.yaml:4:40: replicator.writers.BasicWriter.start_frame: `start_frame` and `end_frame` are not allowed "
        "here: a writer's start and end are given in frames or in seconds, not in both",
    ),
    "out of range": (
        "seed: -1",
        "job.yaml:4:9: seed: found -1, expected an integer from 0 to 4294967295",
    ),
    "missing key": (
        "character: {groups: {a: {}}}",
        "job.yaml:4:24: character.groups.a: the key `num` is missing; expected an integer of at least 0",
    ),
    "key in the wrong place": (
        "character: {groups: {a: {num: 1, routines: [wander: {speed_range: [1, 2]}]}}}",
        "job.yaml:4:56: character.groups.a.routines.0.wander.speed_range: the key `speed_range` does not belong here; "
        "it belongs in `character.groups.a.routines.0.wander.walk`",
    ),
    "fields beside their trigger": (
        """\
        character:
          groups:
            a:
              num: 1
              triggers:
                - event_trigger:
                  event: alarm
                  priority: 10
        """,
        "job.yaml:10:13: character.groups.a.triggers.0.event: `event` and `priority` stand beside `event_trigger:`, "
        "not inside it; indent by two more spaces",
    ),
    "empty map": (
        "character: {groups: {a: {num: 1, routines: [wander: ]}}}",
        "job.yaml:4:55: character.groups.a.routines.0.wander: found nothing (null), expected a map; "
        "write {} for all defaults",
    ),
    "unknown behavior": (
        "character: {groups: {a: {num: 1, routines: [wandr: {}]}}}",
        "job.yaml:4:47: character.groups.a.routines.0.wandr: unknown key `wandr`, did you mean `wander`?",
    ),
    "two behaviors in one item": (
        "character: {groups: {a: {num: 1, routines: [{wander: {}, stop: {}}]}}}",
        "job.yaml:4:47: character.groups.a.routines.0: found a map with `wander` and `stop`, "
        "expected a map with exactly one of `wander`, `patrol`, `stop`, `look_around`, `sit`, `queue`, `follow`, "
        "`group_walk`, `custom_behavior` or `behavior_tree`",
    ),
    "queues of one name in two places": (
        "character:\n"
        "    groups:\n"
        "      a: {num: 1, routines: [{queue: {name: desk, path_points: [[0, 0, 0]]}}]}\n"
        "      b: {num: 1, routines: [{queue: {name: desk, path_points: [[9, 0, 0]]}}]}",
        "job.yaml:7:33: character.groups.b.routines.0.queue: the queue `desk` has other places here than in "
        "character.groups.a.routines.0.queue; give both the same",
    ),
    "a seat that is neither named nor labelled": (
        "character: {groups: {a: {num: 1, routines: [{sit: {seat_label: chair}}]}}}",
        'job.yaml:4:66: character.groups.a.routines.0.sit.seat_label: found the text "chair", expected '
        "a semantic type and a label such as `class:chair`",
    ),
    "map for a list": (
        "character: {groups: {a: {num: 1, routines: {wander: {}}}}}",
        "job.yaml:4:46: character.groups.a.routines: found a map with `wander`, expected a list of at least one item; "
        "begin each item with `- `, as in `- wander: ...`",
    ),
    "reversed range": (
        "character: {groups: {a: {num: 1, routines: [stop: {time_range: [5, 2]}]}}}",
        "job.yaml:4:66: character.groups.a.routines.0.stop.time_range: found [5, 2], "
        "expected [min, max] with the smaller number first",
    ),
    "range of one": (
        "sensor: {groups: {a: {num: 1, aim_at_targets: {height_range: 3}}}}",
        "job.yaml:4:64: sensor.groups.a.aim_at_targets.height_range: found 3, "
        "expected [min, max]: two numbers of at least 0 [m], the smaller first",
    ),
    "minutes and seconds": (
        "simulation_duration: 1:30",
        'job.yaml:4:24: simulation_duration: found the text "1:30", expected a number of at least 0 [s]; '
        "write it as one number of seconds",
    ),
    "thousands": (
        "seed: 1_000",
        'job.yaml:4:9: seed: found the text "1_000", expected an integer from 0 to 4294967295; write 1000',
    ),
    "infinity": (
        "simulation_duration: .inf",
        "job.yaml:4:24: simulation_duration: found infinity, expected a number of at least 0 [s]",
    ),
    "yes for true": (
        "replicator: {writers: {IRABasicWriter: {rgb: yes, sensor_prim_list: [/World/A]}}}",
        "job.yaml:4:48: replicator.writers.IRABasicWriter.rgb: "
        'found the text "yes", expected true or false; write true',
    ),
    "both paths": (
        "character: {groups: {a: {num: 1, routines: [patrol: {path_points: [[0, 0, 0]], target_prims: [/A]}]}}}",
        "job.yaml:4:47: character.groups.a.routines.0.patrol: found both `path_points` and `target_prims`; "
        "keep one of them",
    ),
    "no path": (
        "character: {groups: {a: {num: 1, routines: [patrol: {}]}}}",
        "job.yaml:4:47: character.groups.a.routines.0.patrol: found neither `path_points` nor `target_prims`; "
        "give one of them",
    ),
    "two strategies": (
        "sensor: {groups: {a: {num: 1, aim_at_targets: {}, maximum_coverage: {}}}}",
        "job.yaml:4:21: sensor.groups.a: found both `aim_at_targets` and `maximum_coverage`; keep one of them",
    ),
    "automatic number of aimed cameras": (
        "sensor: {groups: {a: {num: -1}}}",
        "job.yaml:4:30: sensor.groups.a.num: found -1, expected an integer of at least 0: "
        "-1 (as many as needed) works with `maximum_coverage` only",
    ),
    "cameras without data": (
        "robot: {groups: {r: {num: 1, config_file_path: r.yaml, camera_prim_paths: [eye]}}}",
        "job.yaml:4:20: robot.groups.r: the key `write_data` is missing; expected true: "
        "`camera_prim_paths` names cameras to record",
    ),
    "group name": (
        'character: {groups: {"my group": {num: 1}}}',
        "job.yaml:4:24: character.groups.my group: the name `my group` cannot be used, expected a name of letters, "
        "digits and underscores that does not begin with a digit and is no reserved file name; "
        "it becomes a prim and a folder",
    ),
    "prim path": (
        "sensor: {root_prim_path: World/Cameras}",
        'job.yaml:4:28: sensor.root_prim_path: found the text "World/Cameras", expected an absolute prim path such as '
        "/World/Shelf_01, without a slash at its end",
    ),
    "unknown writer": (
        "replicator: {writers: {IRABasicWritter: {}}}",
        "job.yaml:4:26: replicator.writers.IRABasicWritter: unknown key `IRABasicWritter`, "
        "did you mean `IRABasicWriter`?",
    ),
    "frames and times": (
        "replicator: {writers: {IRABasicWriter: {start_frame: 3, start_time: 1, sensor_prim_list: [/A]}}}",
        "job.yaml:4:43: replicator.writers.IRABasicWriter.start_frame: `start_frame` is not allowed here: "
        "a writer's start and end are given in frames or in seconds, not in both",
    ),
    "end before start": (
        "replicator: {writers: {IRABasicWriter: {end_frame: 20, sensor_prim_list: [/A]}}}",
        "job.yaml:4:54: replicator.writers.IRABasicWriter.end_frame: found 20, "
        "expected more than frame 30, where recording starts by default: nothing would be recorded",
    ),
    "both spellings": (
        "replicator: {writers: {IRABasicWriter: {sensor_prim_list: [/A], bounding_box_3d: true, "
        "object_info_bounding_box_3d: false}}}",
        "job.yaml:4:67: replicator.writers.IRABasicWriter.bounding_box_3d: `bounding_box_3d` and "
        "`object_info_bounding_box_3d` are the same switch, and differ; keep one of them",
    ),
    "unknown collider": (
        "character: {groups: {a: {num: 1, colliders: [cylinder: {name: sense, radius: 1}], "
        "triggers: [collision_trigger: {self_collider: sens}]}}}",
        "job.yaml:4:131: character.groups.a.triggers.0.collision_trigger.self_collider: there is no collider `sens`; "
        "the group has `sense`, did you mean `sense`?",
    ),
    "no weight": (
        "character: {groups: {a: {num: 1, routines: [wander: {weight: 0}]}}}",
        "job.yaml:4:46: character.groups.a.routines: all weights are 0, so no behavior can be picked; "
        "give one a weight above 0",
    ),
    "area twice": (
        "character: {groups: {a: {num: 1, spawn_areas: [dock, hall, dock]}}}",
        'job.yaml:4:62: character.groups.a.spawn_areas.2: found the text "dock" a second time, after item 0; remove it',
    ),
    "routines beside a behavior tree": (
        "character: {groups: {a: {num: 1, behavior_tree: walk.json, routines: []}}}",
        "job.yaml:4:62: character.groups.a.routines: `routines` is not allowed here: "
        "groups with a `behavior_tree` take what they do from the tree",
    ),
    "both its own limit and a condition": (
        "sensor: {groups: {a: {num: -5}}}",
        "job.yaml:4:30: sensor.groups.a.num: found -5, expected an integer of at least 0: "
        "-1 (as many as needed) works with `maximum_coverage` only",
    ),
    "both its own type and a condition": (
        "robot: {groups: {r: {num: 1, config_file_path: r.yaml, camera_prim_paths: [eye], write_data: yes}}}",
        'job.yaml:4:96: robot.groups.r.write_data: found the text "yes", expected true: '
        "`camera_prim_paths` names cameras to record; write true",
    ),
    "wrong length, and wrong items": (
        "character: {groups: {a: {num: 1, routines: [patrol: {path_points: [[a, b]]}]}}}",
        "job.yaml:4:70: character.groups.a.routines.0.patrol.path_points.0: found a list of 2 items, "
        "expected a point [x, y, z] of three numbers",
    ),
    "a path that ends in a line break": (
        'sensor: {root_prim_path: "/World\\n"}',
        'job.yaml:4:28: sensor.root_prim_path: found the text "/World\\n", expected an absolute prim path such as '
        "/World/Shelf_01, without a slash at its end",
    ),
    "broken overrides": (
        "character: {groups: {a: {num: 1, behavior_tree: walk.json, overrides: '{}'}}}",
        "job.yaml:4:73: character.groups.a.overrides: the JSON lacks `schemaVersion` and `instanceOverrides`",
    ),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_typical_mistakes(case):
    text, message = GOLDEN[case]
    assert errors_of(body(text)) == message


def test_groups_need_prims_of_their_own():
    text = body("""\
        character: {root_prim_path: /W, groups: {a: {num: 1}}}
        sensor: {root_prim_path: /W, groups: {a: {num: 1}}}
        """)
    assert errors_of(text) == (
        "job.yaml:5:41: sensor.groups.a: the group would stand at /W/a, as character.groups.a does; rename one of them"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("isaacsim.replicator.agnt: {}", "job.yaml:1:1: unknown key `isaacsim.replicator.agnt`, did you mean"),
        ("version: 1.0.0", "job.yaml:1:1: the key `isaacsim.replicator.agent:` is missing at the top; begin the file"),
        ("[1, 2]", "job.yaml:1:1: found a list of 2 items, expected a map with the key `isaacsim.replicator.agent`"),
        ("isaacsim.replicator.agent:\nversion: 1.0.0", "expected a map with `version` and `environment`; indent the"),
        (HEAD + "seed: 3", "job.yaml:4:1: seed: the key `seed` belongs in `isaacsim.replicator.agent`; indent it"),
        (HEAD + "other: 3", "job.yaml:4:1: other: unknown key `other`; the only key at the top is"),
    ],
)
def test_the_root_key(text, message):
    assert message in errors_of(text)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("0.7.1", "found version `0.7.1`, expected 1.minor.patch; convert it by `isaacsim-agent migrate`"),
        ("2.0.0", "found version `2.0.0`, expected 1.minor.patch; update this software"),
        ("1.6", "found 1.6, expected a version 1.minor.patch, such as 1.6.0"),
        ("'1.6'", 'found the text "1.6", expected a version 1.minor.patch, such as 1.6.0'),
        ("1.06.0", 'found the text "1.06.0", expected a version'),
    ],
)
def test_versions_that_are_refused(version, message):
    assert message in errors_of(HEAD.replace("1.6.0", version))


def test_a_config_of_another_major_version_is_judged_by_its_version_only():
    text = "isaacsim.replicator.agent:\n  version: 0.7.1\n  global: {seed: 3}\n  scene: {asset_path: a.usd}\n"
    assert errors_of(text).count("\n") == 0


def test_all_errors_come_at_once_in_the_order_of_the_file():
    text = body("""\
        sed: 3
        simulation_duration: -1
        character: {groups: {a: {num: 1, routines: [patrol: {}]}}}
        sensor: {groups: {a: {num: x}}}
        simulation_duration: 5
        """)
    with pytest.raises(ConfigError) as caught:
        parse_config(text, overrides=["robot=3", "nonsense"])
    places = [(problem.line, problem.key_path) for problem in caught.value.problems]
    assert places == [
        (4, "sed"),
        (5, "simulation_duration"),
        (6, "character.groups.a.routines.0.patrol"),
        (7, "sensor.groups.a.num"),
        (8, "simulation_duration"),
        (0, "robot"),
        (0, ""),
    ]


def test_a_misspelt_required_key_is_one_problem():
    text = "isaacsim.replicator.agent:\n  version: 1.6.0\n  enviroment: {base_stage_asset_path: a.usd}\n"
    assert errors_of(text) == "job.yaml:3:3: enviroment: unknown key `enviroment`, did you mean `environment`?"


def test_a_wrong_name_does_not_hide_what_is_wrong_below_it():
    first, second = errors_of(body('character: {groups: {"my group": {num: -1}}}')).splitlines()
    assert "the name `my group` cannot be used" in first
    assert "found -1" in second


def test_a_flood_of_errors_is_cut_short():
    text = HEAD + "".join(f"  key_{i}: 1\n" for i in range(5000))
    *told, last = errors_of(text).splitlines()
    assert last == "job.yaml: there are more than 200 problems; correct these first"
    assert [line.split(":")[1] for line in told] == [str(i) for i in range(4, 204)]


@pytest.mark.parametrize(
    "text",
    [
        "character: {groups: {" + "".join(f"g{i}: {{num: 1}}, " for i in range(MAX_NODES // 4 - 10)) + "}}",
        "character: {groups: {" + "".join(f"g{i}: {{}}, " for i in range(MAX_NODES // 2 - 10)) + "}}",
        "character: {groups: {a: {num: 1, spawn_areas: [" + "1, a, [b], " * (MAX_NODES // 4 - 10) + "]}}}",
    ],
    ids=["right", "wrong", "repeated"],
)
def test_the_largest_configs_are_judged_in_about_a_second(text):
    started = time.process_time()
    with suppress(ConfigError):
        parse_config(body(text))
    assert time.process_time() - started < 2.0  # leaves room for a busy machine


def test_control_characters_do_not_reach_the_terminal():
    message = errors_of(HEAD + '  "\\e[31m\\u202ekey": 1\n')
    assert message.isprintable()


WARNINGS = {
    "version": ("", "version 1.9.0", "`1.9.0` is newer than 1.7, the newest known here"),
    "same folder": (
        "replicator: {writers: {IRABasicWriter: {sensor_prim_list: [/A]}, IRABasicWriter_2: {sensor_prim_list: [/A]}}}",
        "",
        "`IRABasicWriter` and `IRABasicWriter_2` both write to `~/IRA_output`",
    ),
    "no camera": ("replicator: {writers: {IRABasicWriter: {}}}", "", "there is no camera to record"),
    "starts too late": (
        "simulation_duration: 1\nreplicator: {writers: {IRABasicWriter: {sensor_prim_list: [/A]}}}",
        "",
        "nothing is recorded: recording starts with frame 30, and there are 30 frames",
    ),
    "another extension": ("", "section", "`isaacsim.replicator.incident` belongs to another extension"),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(case):
    text, change, message = WARNINGS[case]
    config = body(text)
    if change.startswith("version"):
        config = config.replace("1.6.0", change.split()[1])
    if change == "section":
        config += "\nisaacsim.replicator.incident: {}\n"
    (warning,) = parse_config(config).warnings
    assert warning.severity == "warning"
    assert warning.line > 0
    assert message in str(warning)


def test_writers_with_folders_of_their_own_are_fine():
    text = body("""\
        replicator:
          writers:
            IRABasicWriter: {sensor_prim_list: [/A], output_dir: ~/a}
            IRABasicWriter_2: {sensor_prim_list: [/A], output_dir: ~/b}
        """)
    assert parse_config(text).warnings == ()


def test_an_override_from_the_root_key_on_is_told_how_to_go_on():
    told = errors_of(body("seed: 1"), overrides=["isaacsim.replicator.agent.seed=3"])
    assert told.startswith("--set isaacsim.replicator.agent.seed=3: ")
    assert told.endswith("paths start below `isaacsim.replicator.agent`: write --set seed=3")

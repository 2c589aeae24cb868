"""Editing config text: the meaning is exact, and what is not edited stays byte for byte."""

import copy
from difflib import SequenceMatcher
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.config.edit import ConfigText, same
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.resources import sample_config_dir

SAMPLES = sorted(sample_config_dir().glob("*.yaml"))
TEXT = """\
# The night shift.
isaacsim.replicator.agent:   # the root
  version: 1.6.0
  seed: 7   # chosen by dice

  environment:
    base_stage_asset_path: "warehouse.usd"   # ours
    prop_asset_paths:
    - a.usd   # first
    # between
    - 'b.usd'

  character:
    groups: {workers: {num: 3, routines: [{stop: {time_range: [1, 2]}}]}}   # in one line
  sensor:
    # nothing yet
    groups: {}
  replicator:
    writers:
      IRABasicWriter:   # labels
        rgb: true
        # the last word
# The end.
"""


def edited_lines(before: ConfigText, after: ConfigText) -> tuple[list[str], list[str]]:
    """Return the lines that went and those that came."""
    old, new = before.text.splitlines(), after.text.splitlines()
    gone, come = [], []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            gone += old[a:b]
            come += new[c:d]
    return gone, come


@pytest.fixture
def config() -> ConfigText:
    return ConfigText(TEXT)


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        ("seed", 8, "  seed: 7   # chosen by dice", "  seed: 8   # chosen by dice"),
        (
            "environment.base_stage_asset_path",
            "hall.usd",
            '    base_stage_asset_path: "warehouse.usd"   # ours',
            '    base_stage_asset_path: "hall.usd"   # ours',
        ),
        ("environment.prop_asset_paths.0", "c, d.usd", "    - a.usd   # first", "    - 'c, d.usd'   # first"),
        ("environment.prop_asset_paths.1", "true", "    - 'b.usd'", "    - 'true'"),
        (
            "character.groups.workers.num",
            4,
            "    groups: {workers: {num: 3, routines: [{stop: {time_range: [1, 2]}}]}}   # in one line",
            "    groups: {workers: {num: 4, routines: [{stop: {time_range: [1, 2]}}]}}   # in one line",
        ),
    ],
)
def test_one_value_changes_in_its_line(config: ConfigText, path: str, value: Any, gone: str, come: str) -> None:
    after = config.set(path, value)
    assert after.get(path) == value
    assert edited_lines(config, after) == ([gone], [come])


def test_new_keys_and_items_look_like_their_neighbours(config: ConfigText) -> None:
    after = (
        config.insert("environment.prop_asset_paths", 1, "new.usd")
        .insert("environment.prop_asset_paths", 3, "last.usd")
        .set("sensor.groups.cameras", {"num": 2, "aim_at_targets": {}})
        .set("simulation_duration", 5.5)
        .insert("character.groups.workers.routines", 0, {"stop": {}})
    )
    assert after.section["environment"]["prop_asset_paths"] == ["a.usd", "new.usd", "b.usd", "last.usd"]
    gone, come = edited_lines(config, after)
    assert gone == [
        "    groups: {workers: {num: 3, routines: [{stop: {time_range: [1, 2]}}]}}   # in one line",
        "    groups: {}",
    ]
    assert come == [
        "    - new.usd",
        "    - last.usd",
        "    groups: {workers: {num: 3, routines: [{stop: {}}, {stop: {time_range: [1, 2]}}]}}   # in one line",
        "    groups:",
        "      cameras:",
        "        num: 2",
        "        aim_at_targets: {}",
        "  simulation_duration: 5.5",
    ]


def test_removing_takes_what_is_beside_and_inside_and_nothing_else(config: ConfigText) -> None:
    after = config.remove("environment.prop_asset_paths.0").remove("replicator.writers")
    assert "# between" in after.text
    assert after.get("replicator") == {}
    assert edited_lines(config, config.remove("seed")) == (["  seed: 7   # chosen by dice"], [])
    assert (
        "groups: {workers: {routines: [{stop: {time_range: [1, 2]}}]}}   # in"
        in config.remove("character.groups.workers.num").text
    )


def test_renaming_keeps_the_place(config: ConfigText) -> None:
    after = config.rename("replicator.writers.IRABasicWriter", "IRABasicWriter_2").rename(
        "character.groups.workers", "night shift"
    )
    assert "      IRABasicWriter_2:   # labels" in after.text
    assert "{night shift: {num: 3" in after.text
    assert list(after.section) == list(config.section)


def test_a_map_set_as_a_whole_changes_only_where_it_differs(config: ConfigText) -> None:
    section = config.section
    section["seed"] = 9
    section["environment"]["prop_asset_paths"][1] = "c.usd"
    del section["sensor"]
    section["robot"] = {"groups": {}}
    after = config.set((), section)
    assert after.section == section
    assert edited_lines(config, after) == (
        ["  seed: 7   # chosen by dice", "    - 'b.usd'", "  sensor:", "    # nothing yet", "    groups: {}"],
        ["  seed: 9   # chosen by dice", "    - 'c.usd'", "  robot:", "    groups: {}"],
    )


def test_a_document_is_never_changed_so_undo_is_keeping_it(config: ConfigText) -> None:
    config.set("seed", 1).remove("character")
    assert config.text == TEXT


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_endings_and_byte_order_marks_stay(ending: str, mark: str) -> None:
    text = mark + TEXT.replace("\n", ending)
    config = ConfigText(text)
    after = (
        config.set("robot", {"groups": {"carts": {"num": 1}}}).set("seed", 8).remove("environment.prop_asset_paths.0")
    )
    assert after.text.startswith(mark + "# The night")
    assert after.text.count("\n") == after.text.count(ending)
    assert after.section["robot"] == {"groups": {"carts": {"num": 1}}}
    assert after.encode().decode() == after.text


def test_a_file_may_end_without_a_newline() -> None:
    config = ConfigText("isaacsim.replicator.agent:\n  version: 1.6.0\n  seed:")
    assert config.set("seed", 4).text.endswith("  seed: 4")
    assert config.insert((), "robot", {"groups": {}}).section["robot"] == {"groups": {}}
    assert config.remove("seed").section == {"version": "1.6.0"}


def test_an_edit_never_changes_what_an_anchor_means_elsewhere() -> None:
    config = ConfigText(
        """\
isaacsim.replicator.agent:   # root
  base: &base {num: 3, speed: [1, 2]}
  a: *base
  b:
    <<: *base   # inherited
    name: b
  c: 1   # untouched
"""
    )
    before = config.section
    for path, value in (("a.num", 4), ("b.num", 5), ("base.num", 6), ("base", 1), ("a", 7)):
        after = config.set(path, value)
        expected = copy.deepcopy(before)
        node = expected
        *parents, last = path.split(".")
        for key in parents:
            node = node[key]
        node[last] = value
        assert after.section == expected, path
        assert "c: 1   # untouched" in after.text
    removed = config.remove("b.num")
    assert removed.get("b") == {"speed": [1, 2], "name": "b"}


def test_problems_say_where_and_what_is_near(config: ConfigText) -> None:
    with pytest.raises(ConfigError, match=r"character\.groups\.wokers: is not there, did you mean `workers`\?"):
        config.get("character.groups.wokers.num")
    with pytest.raises(ConfigError, match="is a list of 2: expected a position"):
        config.remove("environment.prop_asset_paths.2")
    with pytest.raises(ConfigError, match="already there"):
        config.insert((), "seed", 1)
    with pytest.raises(ConfigError, match="already there"):
        config.rename("seed", "version")
    with pytest.raises(ConfigError, match="has no keys: it is 7"):
        config.set("seed.x", 1)


# ---- anything, anywhere ----------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.integers(-5, 2000),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(float),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "on", "1:30", "a: b", "# no comment", "it's", '"', "x, y", "[", "ünï ☃", "two\nlines\n", " "]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), max_size=8),
)
KEYS = st.sampled_from(["a", "b", "c", "num", "on", "a b", "x.y", "1", "it's", "long_key_name"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def paths(data: Any, path: tuple = ()) -> list[tuple]:
    here = [path] if path else []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return here + [below for key, item in items for below in paths(item, (*path, key))]


def apply(data: Any, kind: str, path: tuple, value: Any, key: str) -> Any:
    """The same edit on plain data."""
    data = copy.deepcopy(data)
    parent = data
    for part in path[:-1]:
        parent = parent[part]
    if kind == "set":
        parent[path[-1]] = value
    elif kind == "remove":
        del parent[path[-1]]
    elif kind == "insert" and isinstance(parent, list):
        parent.insert(path[-1], value)
    elif kind == "insert":
        parent[key] = value
    return data


@settings(max_examples=60, deadline=None)
@given(data=st.data(), sample=st.sampled_from([*[path.read_text() for path in SAMPLES], TEXT]))
def test_any_edits_of_any_value_say_exactly_what_was_meant(data: st.DataObject, sample: str) -> None:
    config = ConfigText(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        section = config.section
        choices = paths(section)
        if not choices:
            break
        path = data.draw(st.sampled_from(choices))
        kind = data.draw(st.sampled_from(["set", "remove", "insert"]))
        value, key = data.draw(VALUES), data.draw(KEYS)
        parent = config.get(path[:-1])
        if kind == "insert" and isinstance(parent, dict) and key in parent:
            kind = "set"
        if kind == "set":
            after = config.set(path, value)
        elif kind == "remove":
            after = config.remove(path)
        else:
            after = config.insert(path[:-1], path[-1] if isinstance(parent, list) else key, value)
        assert same(after.section, apply(section, kind, path, value, key))
        config = after


@settings(max_examples=40, deadline=None)
@given(data=st.data(), sample=st.sampled_from([path.read_text() for path in SAMPLES]), value=SCALARS)
def test_a_scalar_changes_in_one_line_of_a_sample(data: st.DataObject, sample: str, value: Any) -> None:
    config = ConfigText(sample)
    leaves = [path for path in paths(config.section) if not isinstance(config.get(path), dict | list)]
    path = data.draw(st.sampled_from(leaves))
    gone, come = edited_lines(config, config.set(path, value))
    assert len(gone) <= 1
    assert len(come) <= 1


def test_setting_all_defaults_keeps_every_line_of_the_samples() -> None:
    for path in SAMPLES:
        loaded = parse_config(path.read_text())
        config = ConfigText(path.read_text())
        filled = config.set((), loaded.resolved)
        assert same(filled.section, loaded.resolved)
        gone, _ = edited_lines(config, filled)
        assert len(gone) <= 3, gone  # aliases of keys, and empty maps that are filled

"""The API's view of the config: loading, reading, changing with rollback, saving."""

import logging
from pathlib import Path

import pytest

from isaacsim_agent_ext.config.load import load_config
from isaacsim_agent_ext.errors import ConfigError, OutputError

CREW = "character.groups.crew"


def test_nothing_is_there_before_a_config_is_loaded(door) -> None:
    assert door.get_config() is None
    assert door.get_config("seed") is None
    assert door.get_config_file_path() is None
    assert not door.update_config("seed", 1)
    assert not door.save_config_file()
    assert not door.setup_simulation()
    assert "load_config_file" in str(door.get_last_error())


def test_a_loaded_config_is_current_and_announced(door, heard, config_file: Path) -> None:
    assert door.load_config_file(config_file)
    assert door.get_config_file_path() == str(config_file)
    assert [name for name, _ in heard] == ["config_changed", "config_loaded"]
    assert heard[1][1] == {"path": str(config_file)}


def test_a_wrong_file_leaves_the_config_as_it_was_and_says_why(door, heard, config_file: Path, caplog) -> None:
    door.load_config_file(config_file)
    heard.clear()
    wrong = config_file.with_name("wrong.yaml")
    wrong.write_text(config_file.read_text().replace("num: 2 ", "num: -2 ").replace("wander", "wonder"))
    with caplog.at_level(logging.ERROR):
        assert not door.load_config_file(wrong)
    assert "did you mean `wander`?" in caplog.text
    assert isinstance(door.get_last_error(), ConfigError)
    assert len(door.get_last_error().problems) == 2
    assert door.get_config(f"{CREW}.num") == 2
    assert door.get_config_file_path() == str(config_file)
    assert not door.load_config_file(config_file.with_name("none.yaml"))
    assert heard == []


def test_a_file_can_be_checked_without_becoming_current(door, heard, config_file: Path) -> None:
    assert door.load_config_file(config_file, set_config=False)
    assert door.get_config() is None
    assert heard == []


def test_values_are_read_by_path_with_defaults_filled_in(door, config_file: Path) -> None:
    door.load_config_file(config_file)
    assert door.get_config(f"{CREW}.num") == 2
    assert door.get_config(f"{CREW}.routines.0.wander.weight") == 1.0
    assert door.get_config(("character", "groups", "crew", "routines", 0, "wander", "repeat")) == 1
    assert door.get_config("environment.prop_asset_paths") == []
    assert door.get_config("replicator.writers.IRABasicWriter.rgb") is True
    for nowhere in ("character.groups.Crew", f"{CREW}.routines.1", f"{CREW}.num.x", "robot", "Seed"):
        assert door.get_config(nowhere) is None


def test_a_config_is_a_copy_with_attributes(door, config_file: Path) -> None:
    door.load_config_file(config_file)
    config = door.get_config()
    config.character.groups["crew"].num = 50
    assert door.get_config(f"{CREW}.num") == 2
    with pytest.raises(AttributeError, match="did you mean `character`"):
        config.charcter  # noqa: B018
    assert door.set_config(config)
    assert door.get_config(f"{CREW}.num") == 50


def test_one_value_is_updated_checked_and_announced(door, heard, config_file: Path) -> None:
    door.load_config_file(config_file)
    heard.clear()
    assert door.update_config(f"{CREW}.num", 7)
    assert door.update_config("environment.prop_asset_paths", ["a.usd"])
    assert door.update_config("environment.prop_asset_paths.0", "b.usd")
    assert door.update_config(f"{CREW}.routines.0.wander.walk.speed_range", (1, 2))
    assert door.get_config("environment.prop_asset_paths.0") == "b.usd"
    assert door.get_config(f"{CREW}.routines.0.wander.walk.speed_range") == [1, 2]
    assert [payload["config_path"] for _, payload in heard] == [
        f"{CREW}.num",
        "environment.prop_asset_paths",
        "environment.prop_asset_paths.0",
        f"{CREW}.routines.0.wander.walk.speed_range",
    ]


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (f"{CREW}.num", -1, "expected an integer of at least 0"),
        (f"{CREW}.num", "many", "expected an integer"),
        ("character.groups.crow.num", 3, "did you mean `crew`?"),
        ("character.groups.others.num", 3, "add_config_item adds groups"),
        ("simulation_durashun", 3, "did you mean `simulation_duration`?"),
        (f"{CREW}.routines.1.wander.weight", 3, "is a list of 1"),
        (f"{CREW}.num.x", 3, "has no keys: it is 2"),
        (f"{CREW}.routines.0.wander.walk.speed_range", [3, 1], "smaller"),
        ("", {}, "set_config"),
    ],
)
def test_a_wrong_update_is_rolled_back(door, heard, config_file: Path, path: str, value: object, why: str) -> None:
    door.load_config_file(config_file)
    before = door.get_config()
    heard.clear()
    assert door.update_config(path, value) is False
    assert why in str(door.get_last_error())
    assert door.get_config() == before
    assert heard == []


def test_items_are_added_and_deleted(door, config_file: Path) -> None:
    door.load_config_file(config_file)
    assert door.add_config_item("environment.prop_asset_paths", "a.usd")
    assert door.add_config_item("environment.prop_asset_paths", "b.usd", key=0)
    assert door.add_config_item("character.groups", {"num": 1}, key="guests")
    assert door.add_config_item("replicator.writers", {"rgb": True}, key="BasicWriter")
    assert door.add_config_item(f"{CREW}.routines", {"stop": {}})
    assert door.get_config("environment.prop_asset_paths") == ["b.usd", "a.usd"]
    assert door.get_config("character.groups.guests.num") == 1
    assert list(door.get_config("replicator.writers")) == ["IRABasicWriter", "BasicWriter"]

    assert door.delete_config_item("environment.prop_asset_paths", key=0)
    assert door.delete_config_item("environment.prop_asset_paths")
    assert door.delete_config_item("character.groups", key="guests")
    assert door.get_config("environment.prop_asset_paths") == []
    assert list(door.get_config("character.groups")) == ["crew"]


def test_what_cannot_be_added_or_deleted_is_refused(door, config_file: Path) -> None:
    door.load_config_file(config_file)
    before = door.get_config()
    assert not door.add_config_item("character.groups", {"num": 1})
    assert not door.add_config_item("character.groups", {"num": 1}, key="crew")
    assert not door.add_config_item("character.groups", {"num": "x"}, key="guests")
    assert not door.add_config_item(f"{CREW}.num", 1)
    assert not door.delete_config_item("environment.prop_asset_paths")
    assert not door.delete_config_item("character.groups")
    assert not door.delete_config_item("environment", key="base_stage_asset_path")
    assert not door.delete_config_item(f"{CREW}.routines", key=4)
    assert door.get_config() == before


def test_saving_keeps_comments_and_order(door, config_file: Path) -> None:
    text = config_file.read_text()
    door.load_config_file(config_file)
    door.update_config(f"{CREW}.num", 9)
    door.update_config("seed", 5)
    assert door.save_config_file()
    assert config_file.read_text() == text.replace("num: 2 ", "num: 9 ").replace("seed: 3 ", "seed: 5 ")


def test_saving_elsewhere_ties_the_config_to_the_new_file(door, config_file: Path, tmp_path: Path) -> None:
    door.load_config_file(config_file)
    copy = tmp_path / "new" / "copy.yaml"
    assert door.save_config_file(copy)
    assert copy.read_bytes() == config_file.read_bytes()
    assert door.get_config_file_path() == str(copy)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert not door.save_config_file(blocked / "x.yaml")
    assert isinstance(door.get_last_error(), OutputError)
    assert door.get_config_file_path() == str(copy)


def test_saving_verbosely_or_briefly_means_the_same(door, config_file: Path, tmp_path: Path) -> None:
    door.load_config_file(config_file)
    door.update_config("replicator.hide_debug_visualization", True)
    meant = load_config(config_file).config
    full, brief = tmp_path / "full.yaml", tmp_path / "brief.yaml"
    assert door.save_config_file(full, exclude_unset=False)
    assert door.save_config_file(brief, exclude_defaults=True)
    assert load_config(full).config == load_config(brief).config == meant
    assert "motion_library_path" in full.read_text()
    assert "num: 2   # few" in full.read_text()
    assert "hide_debug_visualization" not in brief.read_text()
    assert "# by name" in brief.read_text()


def test_setting_a_whole_config_writes_only_what_differs(door, config_file: Path) -> None:
    door.load_config_file(config_file)
    config = door.get_config()
    config.seed = 4
    config.character.groups["crew"].routines.insert(0, {"stop": {}})
    assert door.set_config(config)
    door.save_config_file()
    lines = config_file.read_text().splitlines()
    assert "  seed: 4   # a prime" in lines
    assert lines[lines.index("        routines:") + 1 :][:2] == ["          - stop: {}", "          - wander: {}"]
    assert not any("weight" in line or "prop_asset_paths" in line for line in lines)


def test_a_wrong_whole_config_is_refused(door, config_file: Path) -> None:
    door.load_config_file(config_file)
    config = door.get_config()
    config.seed = -1
    assert not door.set_config(config)
    assert door.get_config("seed") == 3


def test_a_config_can_be_built_in_memory(door, tmp_path: Path) -> None:
    section = {"version": "1.6.0", "environment": {"base_stage_asset_path": "hall.usd"}}
    assert door.set_config({"isaacsim.replicator.agent": section})
    seed = door.get_config("seed")
    assert door.update_config("simulation_duration", 2)
    assert door.get_config("seed") == seed, "a seed drawn once stays"
    assert not door.save_config_file()
    assert door.save_config_file(tmp_path / "new.yaml")
    assert "seed" not in (tmp_path / "new.yaml").read_text()
    assert door.set_config(section, file_path=tmp_path / "other.yaml")
    assert door.get_config_file_path() == str(tmp_path / "other.yaml")

"""Moving and copying entries of a config's text."""

import pytest

from isaacsim_agent_ext.config.edit import ConfigText
from isaacsim_agent_ext.errors import ConfigError

TEXT = """\
isaacsim.replicator.agent:
  groups:
    # the first
    a:
      x: 1   # one

    # the second
    b: {y: [1, 2]}   # two
    c: 3
  list:
    - stop: {}   # s
    # w
    - wander:
        # deep
        weight: 2
  flow: [1, 2, 3]
"""


@pytest.fixture
def config() -> ConfigText:
    return ConfigText(TEXT)


def test_an_entry_takes_the_comments_above_it_along(config: ConfigText) -> None:
    moved = config.move("groups.b", 0)
    assert list(moved.get("groups")) == ["b", "a", "c"]
    assert "  # the second\n    b: {y: [1, 2]}   # two\n\n    # the first\n    a:\n      x: 1   # one\n" in moved.text
    assert moved.move("groups.b", 1).text == TEXT


def test_items_of_lists_move_in_blocks_and_on_one_line(config: ConfigText) -> None:
    assert (
        "    # w\n    - wander:\n        # deep\n        weight: 2\n    - stop: {}   # s\n"
        in config.move("list.1", 0).text
    )
    assert "flow: [2, 3, 1]" in config.move("flow.0", 2).text


def test_copies_stand_after_what_they_copy(config: ConfigText) -> None:
    assert "    a:\n      x: 1   # one\n    a2:\n      x: 1   # one\n\n" in config.duplicate("groups.a", "a2").text
    assert "    - stop: {}   # s\n    - stop: {}   # s\n    # w" in config.duplicate("list.0").text
    assert "flow: [1, 2, 2, 3]" in config.duplicate("flow.1").text


def test_maps_whose_first_key_stands_beside_a_dash_are_rearranged_too() -> None:
    config = ConfigText("isaacsim.replicator.agent:\n  list:\n    - a: 1\n      b: 2\n")
    assert list(config.move("list.0.b", 0).get("list.0")) == ["b", "a"]
    assert config.duplicate("list.0.a", "c").get("list.0") == {"a": 1, "c": 1, "b": 2}


@pytest.mark.parametrize("place", [-1, 3])
def test_positions_beyond_the_end_are_refused(config: ConfigText, place: int) -> None:
    with pytest.raises(ConfigError, match="there are 3"):
        config.move("groups.a", place)


@pytest.mark.parametrize("key", [None, "b"])
def test_a_copy_needs_a_name_of_its_own(config: ConfigText, key: str | None) -> None:
    with pytest.raises(ConfigError):
        config.duplicate("groups.a", key)

"""Editing a document: fields, entries, text, history and files."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_kind import toy_box

from isaacsim_agent_ext.config.load import load_config, parse_config
from isaacsim_agent_ext.config.schema import Format
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import DocumentKind, agent_config
from isaacsim_agent_ext.ui.viewmodel.form import Kind
from isaacsim_agent_ext.ui.viewmodel.recent_files import RecentFiles

TEXT = """\
# A toy box.
toy.box:
  count: 2   # of them
  boxes:
    # whose it is
    first: {owner: Ada}

    second:
      owner: Grace   # the admiral
      weight: 2
  shapes:
    - ball: {radius: 1}
    # the biggest
    - brick:
        size: [1, 2, 3]
"""

SAMPLE = Path(__file__).parents[3] / "config" / "samples" / "full_pipeline.yaml"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def toys(clock: Clock, tmp_path: Path) -> Document:
    file = tmp_path / "toys.yaml"
    file.write_text(TEXT)
    document = Document(toy_box(), clock)
    document.open(file)
    return document


def test_an_edit_leaves_the_rest_of_the_text_alone(toys: Document) -> None:
    toys.set(("boxes", "second", "weight"), 3.5)
    assert toys.text == TEXT.replace("weight: 2", "weight: 3.5")
    assert toys.dirty
    toys.undo()
    assert toys.text == TEXT
    assert not toys.dirty


def test_a_field_in_the_default_of_a_list_writes_the_list(toys: Document) -> None:
    toys.reset(("shapes",))
    toys.set(("shapes", 0, "brick", "size"), [4.0, 4.0, 4.0])
    assert toys.section["shapes"] == [{"brick": {"size": [4.0, 4.0, 4.0]}}]
    assert toy_box().format.schema["properties"]["shapes"]["default"] == [{"brick": {}}]


def test_reset_takes_maps_along_that_say_nothing_any_more(toys: Document) -> None:
    toys.reset(("boxes", "first"))
    toys.reset(("boxes", "second"))
    assert "boxes" not in toys.section
    assert toys.is_valid


def test_entries_are_added_copied_renamed_moved_and_removed(toys: Document) -> None:
    assert toys.add(("boxes",)) == ("boxes", "toy_chest")
    assert toys.section["boxes"]["toy_chest"] == {"owner": "Ada"}
    assert toys.duplicate(("boxes", "second")) == ("boxes", "second_2")
    assert toys.rename(("boxes", "second_2"), "third") == ("boxes", "third")
    assert toys.text.count("# the admiral") == 2
    assert toys.move(("boxes", "third"), -9) == ("boxes", "third")
    assert list(toys.section["boxes"]) == ["third", "first", "second", "toy_chest"]
    toys.remove(("boxes", "first"))
    assert list(toys.section["boxes"]) == ["third", "second", "toy_chest"]
    assert toys.add(("shapes",), option="ball") == ("shapes", 2)
    assert toys.add(("shapes",), key=0, option="brick") == ("shapes", 0)
    assert toys.move(("shapes", 2), -1) == ("shapes", 1)
    assert [next(iter(shape)) for shape in toys.section["shapes"]] == ["brick", "brick", "ball", "ball"]
    assert "    # the biggest\n    - brick:\n        size: [1, 2, 3]\n    - ball: {radius: 1}" in toys.text
    assert toys.is_valid


@pytest.mark.parametrize("name", ["", "first"])
def test_a_name_that_is_empty_or_taken_is_refused(toys: Document, name: str) -> None:
    with pytest.raises(ConfigError):
        toys.rename(("boxes", "second"), name)
    assert toys.text == TEXT


def test_another_option_keeps_what_it_knows(toys: Document) -> None:
    toys.set(("shapes", 0, "ball", "name"), "marble")
    toys.choose(("shapes", 0), "brick")
    assert toys.section["shapes"][0] == {"brick": {"name": "marble"}}
    toys.choose(("shapes", 0), "ball")
    assert toys.section["shapes"][0] == {"ball": {"name": "marble", "radius": 0.5}}


def test_the_kind_of_a_named_entry_can_be_changed(toys: Document) -> None:
    assert toys.add(("outputs",), option="File") == ("outputs", "File")
    assert toys.add(("outputs",), option="File") == ("outputs", "File_2")
    toys.set(("outputs", "File", "depth"), 4)
    toys.set(("outputs", "File", "folder"), "~/elsewhere")
    assert toys.choose(("outputs", "File"), "Stream") == ("outputs", "Stream")
    assert toys.section["outputs"] == {"Stream": {"depth": 4, "address": "rtsp://here"}, "File_2": {}}


def test_a_menu_of_numbers_gives_numbers() -> None:
    schema = {"type": "object", "properties": {"players": {"enum": [1, 2, 4], "default": 2}}}
    game = Document(DocumentKind("Game", Format("game", schema)))
    field = game.field(("players",))
    assert (field.kind, field.choices, field.value) == (Kind.ENUM, ("1", "2", "4"), "2")
    game.set(("players",), "4")
    assert game.section["players"] == 4
    assert game.field(("players",)).value == "4"
    assert game.is_valid


def test_free_keys_take_any_yaml(toys: Document) -> None:
    path = toys.add(("extra",), key="speed")
    toys.set_yaml(path, "[1, two, {three: 3}]")
    assert toys.section["extra"] == {"speed": [1, "two", {"three": 3}]}
    toys.set_yaml(path, "[1, two")
    assert toys.section["extra"] == {"speed": "[1, two"}


def test_dragging_is_one_edit_and_a_pause_begins_another(toys: Document, clock: Clock) -> None:
    for value in (3, 4, 5):
        clock.now += 0.1
        toys.set(("count",), value)
    clock.now += 5
    toys.set(("count",), 6)
    toys.undo()
    assert toys.section["count"] == 5
    toys.undo()
    assert toys.section["count"] == 2
    assert not toys.can_undo
    toys.redo()
    assert toys.section["count"] == 5
    toys.set(("count",), 7)
    toys.end_edit()
    toys.set(("count",), 8)
    assert not toys.can_redo
    toys.undo()
    assert toys.section["count"] == 7


def test_text_that_cannot_be_read_keeps_the_form_and_tells_the_line(toys: Document) -> None:
    broken = TEXT.replace("owner: Grace", 'owner: "Grace')
    toys.set_text(broken)
    assert toys.text == broken
    assert not toys.is_valid
    assert toys.problems[0].line > 1
    assert toys.field(("boxes", "second", "owner")).value == "Grace"
    with pytest.raises(ConfigError, match="correct line"):
        toys.set(("count",), 5)
    toys.set_text(TEXT.replace("Grace", "Hopper"))
    assert toys.field(("boxes", "second", "owner")).value == "Hopper"
    assert toys.is_valid


@pytest.mark.parametrize("text", ["", "other: 1\n", "toy.box: {count: 1, count: 2}\n", "toy.box: 3\n", "\t", "- a"])
def test_no_text_is_too_strange_to_be_typed(toys: Document, text: str) -> None:
    toys.set_text(text)
    assert toys.problems
    assert all(problem.line >= 1 for problem in toys.problems)
    toys.undo()
    assert toys.text == TEXT


def test_typed_text_changes_only_what_it_changes(toys: Document) -> None:
    told: list[tuple[tuple[str | int, ...], ...]] = []
    toys.subscribe(told.append)
    before = toys.form()
    toys.set_text(TEXT.replace("count: 2", "count: 12"))
    toys.set_text(toys.text + "# the end\n")
    assert told == [(("count",),), ()]
    assert toys.field(("boxes",)) is before.find(("boxes",))


def test_problems_have_the_line_of_what_they_are_about(toys: Document) -> None:
    toys.set(("boxes", "second", "weight"), "heavy")
    (problem,) = toys.problems
    assert problem.path == ("boxes", "second", "weight")
    assert toys.text.splitlines()[problem.line - 1].strip() == "weight: heavy"


def test_observers_hear_of_values_and_of_problems_until_they_are_reset(toys: Document) -> None:
    told: list[tuple[tuple[str | int, ...], ...]] = []
    subscription = toys.subscribe(told.append)
    toys.set(("mode",), "fast")
    toys.set(("loud",), True)
    toys.set(("mode",), "slow")
    assert told[-1] == (("mode",), ("loud",))  # the warning went
    subscription.reset()
    subscription.reset()
    toys.set(("count",), 3)
    assert len(told) == 3


def test_saving_and_opening(toys: Document, tmp_path: Path) -> None:
    toys.set(("count",), 5)
    toys.save()
    assert not toys.dirty
    assert (tmp_path / "toys.yaml").read_text() == TEXT.replace("count: 2", "count: 5")
    toys.save(tmp_path / "sub" / "copy.yaml")
    assert toys.path == tmp_path / "sub" / "copy.yaml"
    toys.path.write_text(TEXT)
    toys.reload()
    assert toys.section["count"] == 2
    assert not toys.can_undo
    toys.new()
    assert toys.path is None
    with pytest.raises(ConfigError, match="no file yet"):
        toys.save()
    with pytest.raises(ConfigError, match="cannot be read"):
        toys.open(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xe4")
    with pytest.raises(ConfigError, match="UTF-8"):
        toys.open(tmp_path / "latin.yaml")


def test_a_broken_file_can_be_opened_and_saved(toys: Document, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("toy.box: {")
    toys.open(file)
    assert toys.section == {}
    assert toys.problems[0].line == 1
    toys.save()
    assert file.read_text() == "toy.box: {"


def test_saving_verbosely_writes_defaults_into_the_file_alone(toys: Document, tmp_path: Path) -> None:
    toys.verbose = True
    toys.save()
    assert toys.text == TEXT
    verbose = (tmp_path / "toys.yaml").read_text()
    assert "span: [1.0, 2.0]" in verbose
    assert "# the admiral" in verbose


def test_an_agent_config_saved_verbosely_means_the_same(tmp_path: Path) -> None:
    document = Document(agent_config())
    document.open(SAMPLE)
    document.verbose = True
    document.save(tmp_path / "verbose.yaml")
    assert load_config(tmp_path / "verbose.yaml").resolved == parse_config(document.text).resolved


def test_aliases_in_a_file_are_edited_with_care(tmp_path: Path) -> None:
    file = tmp_path / "aliases.yaml"
    file.write_text("toy.box:\n  count: 1\n  boxes:\n    a: &a {owner: Ada}\n    b: *a\n")
    document = Document(toy_box())
    document.open(file)
    document.set(("boxes", "b", "owner"), "Bob")
    assert document.section["boxes"] == {"a": {"owner": "Ada"}, "b": {"owner": "Bob"}}
    document.save()
    document.reload()
    assert document.section["boxes"] == {"a": {"owner": "Ada"}, "b": {"owner": "Bob"}}


def test_a_document_follows_a_version_it_cannot_judge() -> None:
    document = Document(agent_config())
    document.set(("version",), "2.0.0")
    assert [problem.path for problem in document.problems] == [("version",)]


def test_recent_files_are_bounded_and_those_that_are_gone_left_out(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "state")
    assert recent.list() == ()
    files = [tmp_path / f"{i}.yaml" for i in range(12)]
    for file in files:
        file.touch()
        assert recent.add(file)
    recent.add(files[5])
    assert recent.list()[:2] == (files[5], files[11])
    assert len(recent.list()) == 10
    files[11].unlink()
    assert files[11] not in recent.list()
    (tmp_path / "state" / "recent_files.json").write_text("{broken")
    assert recent.list() == ()
    assert not RecentFiles(files[5] / "below a file").add(files[4])

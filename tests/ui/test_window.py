"""The window: files, history, tabs, text, problems and the keyboard."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

TOYS = """\
toy.box:
  count: 3   # three
  boxes:
    first: {owner: Ada}
"""


def answer(hands: Any, text: str) -> None:
    """Click a button of the question that is open."""
    from isaacsim_agent_ext.ui import dialogs

    hands.wait(6)
    hands.click(dialogs.shown[-1].buttons[text])
    hands.wait(6)


def test_save_by_button_and_by_key(toy_panel: Any, hands: Any) -> None:
    panel = toy_panel(TOYS)
    assert not panel.toolbar.save.enabled
    panel.document.set(("count",), 4)
    hands.wait()
    assert panel.toolbar.save.enabled
    hands.click(panel.toolbar.save)
    assert Path(panel.document.path).read_text() == TOYS.replace("count: 3", "count: 4")
    panel.document.set(("count",), 5)
    hands.press("S", "control")
    hands.wait()
    assert Path(panel.document.path).read_text() == TOYS.replace("count: 3", "count: 5")
    assert not panel.document.dirty


def test_undo_and_redo_by_button_and_by_key(toy_panel: Any, hands: Any) -> None:
    panel = toy_panel(TOYS)
    panel.document.set(("count",), 4)
    hands.wait()
    hands.click(panel.toolbar.undo)
    assert panel.document.text == TOYS
    hands.click(panel.toolbar.redo)
    assert panel.document.section["count"] == 4
    hands.press("Z", "control")
    assert panel.document.text == TOYS
    hands.press("Y", "control")
    assert panel.document.section["count"] == 4
    hands.press("Z", "control")
    hands.press("Z", "control", "shift")
    assert panel.document.section["count"] == 4


def test_keys_work_before_the_first_click_and_after_tab(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    panel.document.set(("count",), 4)
    hands.press("Z", "control")
    assert panel.document.text == TOYS
    hands.click(look(panel, "boxes", "first", "owner")._text)
    hands.press("tab")
    panel.document.set(("count",), 4)
    hands.press("Z", "control")
    assert panel.document.text == TOYS
    hands.press("Y", "control")
    hands.press("S", "control")
    assert "count: 4" in Path(panel.document.path).read_text()


@pytest.mark.parametrize(("choice", "on_disk"), [("Save", 4), ("Discard", 3), ("Cancel", 3)])
def test_unsaved_changes_are_asked_about(toy_panel: Any, hands: Any, choice: str, on_disk: int) -> None:
    panel = toy_panel(TOYS)
    path = Path(panel.document.path)
    panel.document.set(("count",), 4)
    hands.wait()
    hands.click(panel.toolbar.new)
    answer(hands, choice)
    assert path.read_text() == TOYS.replace("count: 3", f"count: {on_disk}")
    assert (panel.document.path is None) == (choice != "Cancel")
    assert panel.document.dirty == (choice == "Cancel")


def test_who_closes_the_window_again_and_again_is_asked_once(toy_panel: Any, hands: Any, desktop: Any) -> None:
    from isaacsim_agent_ext.ui import dialogs

    panel = toy_panel(TOYS)
    panel.document.set(("count",), 4)
    hands.wait()
    answers = [desktop.schedule(panel.may_close()) for _ in range(3)]
    hands.wait(6)
    assert len(dialogs.shown) == 1
    answer(hands, "Discard")
    assert [one.result() for one in answers] == [True, False, False]


def test_a_home_that_is_read_only_keeps_nobody_from_leaving(toy_panel: Any, tmp_path: Path) -> None:
    from isaacsim_agent_ext.ui.folds import Folds

    (tmp_path / "home").write_text("a file, where a folder would be needed")
    folds = Folds(tmp_path / "home" / "sections.json")
    folds.set_open(("boxes",), False)
    assert not folds.save()
    toy_panel(TOYS, folds=folds).close()


@pytest.mark.parametrize("name", ["x" * 300, "~nobody-of-this-name/a", "/root/\u2028"])
def test_odd_names_are_no_files(toy_panel: Any, hands: Any, desktop: Any, tmp_path: Path, name: str) -> None:
    from isaacsim_agent_ext.ui import dialogs, file_dialog

    panel = toy_panel(TOYS)
    hands.click(panel.toolbar.open)
    hands.wait(6)
    browser = file_dialog.shown[-1]
    browser._typed(name)
    browser.name_field.model.set_value(name)
    browser._accept()
    hands.wait(3)
    assert dialogs.shown, "there is no such file to open"


def test_escape_is_cancel(toy_panel: Any, hands: Any) -> None:
    panel = toy_panel(TOYS)
    panel.document.set(("count",), 4)
    hands.wait()
    hands.press("N", "control")
    hands.wait(6)
    hands.press("escape")
    hands.wait(4)
    assert panel.document.section["count"] == 4


def test_reload_takes_what_is_in_the_file(toy_panel: Any, hands: Any) -> None:
    panel = toy_panel(TOYS)
    Path(panel.document.path).write_text(TOYS.replace("3", "6"))
    hands.click(panel.toolbar.reload)
    assert panel.document.section["count"] == 6
    panel.document.set(("count",), 7)
    hands.wait()
    hands.click(panel.toolbar.reload)
    answer(hands, "Reload")
    assert panel.document.section["count"] == 6


@pytest.mark.parametrize(("choice", "count"), [("Overwrite", 4), ("Cancel", 6)])
def test_what_another_program_has_written_is_not_overwritten_unasked(
    toy_panel: Any, hands: Any, choice: str, count: int
) -> None:
    panel = toy_panel(TOYS)
    path = Path(panel.document.path)
    path.write_text(TOYS.replace("3", "6"))
    panel.document.set(("count",), 4)
    hands.wait()
    hands.click(panel.toolbar.save)
    answer(hands, choice)
    assert f"count: {count}" in path.read_text()
    assert panel.document.dirty == (choice == "Cancel")
    panel.document.set(("count",), 5)
    hands.press("S", "control")
    if choice == "Overwrite":
        assert "count: 5" in path.read_text(), "asked once"


def test_open_and_save_as_by_the_dialog(toy_panel: Any, hands: Any, tmp_path: Path) -> None:
    panel = toy_panel(TOYS)
    (tmp_path / "other.yaml").write_text(TOYS.replace("Ada", "Eve"))
    hands.click(panel.toolbar.open)
    hands.wait(6)
    hands.type_into_dialog("other.yaml")
    assert panel.document.path == tmp_path / "other.yaml"
    hands.click(panel.toolbar.save_as)
    hands.wait(6)
    hands.type_into_dialog("third")
    assert (tmp_path / "third.yaml").read_text() == TOYS.replace("Ada", "Eve")
    assert panel.files.recent.list()[:2] == (tmp_path / "third.yaml", tmp_path / "other.yaml")


def test_recent_files_are_offered(toy_panel: Any, hands: Any, tmp_path: Path) -> None:
    from isaacsim_agent_ext.ui.fields import entry_menu

    panel = toy_panel(TOYS)
    (tmp_path / "other.yaml").write_text(TOYS)
    panel.files.recent.add(tmp_path / "other.yaml")
    hands.click(panel.toolbar.recent)
    hands.wait(4)
    item = next(one for one in entry_menu.shown() if one.text.endswith("other.yaml"))
    hands.click(item)
    hands.wait(4)
    assert panel.document.path == tmp_path / "other.yaml"


def test_a_config_can_be_dropped(toy_panel: Any, hands: Any, tmp_path: Path) -> None:
    panel = toy_panel(TOYS)
    (tmp_path / "other.yaml").write_text(TOYS)
    (tmp_path / "picture.png").write_bytes(b"")
    frame = panel.window.frame
    assert frame.call_accept_drop_fn(f"file://{tmp_path / 'other.yaml'}")
    assert not frame.call_accept_drop_fn(str(tmp_path / "picture.png"))
    panel.drop(f"file://{tmp_path / 'other.yaml'}\n")
    hands.wait(3)
    assert panel.document.path == tmp_path / "other.yaml"


def test_a_file_that_is_gone_is_told_of(toy_panel: Any, hands: Any, desktop: Any, tmp_path: Path) -> None:
    panel = toy_panel(TOYS)
    told: list[str] = []
    desktop.notify, before = (lambda text, warning=False: told.append(text)), desktop.notify
    try:
        desktop.schedule(panel.files.open(tmp_path / "gone.yaml"))
        hands.wait(3)
    finally:
        desktop.notify = before
    assert "gone.yaml" in told[0]
    assert panel.document.text == TOYS


def test_verbose_writes_defaults(toy_panel: Any, hands: Any) -> None:
    panel = toy_panel(TOYS)
    hands.click(panel.toolbar.verbose)
    assert panel.toolbar.verbose.name == "checked"
    assert panel.toolbar.save.enabled, "the file would be written otherwise"
    hands.click(panel.toolbar.save)
    assert "mode: slow" in Path(panel.document.path).read_text()
    assert not panel.toolbar.save.enabled


def test_text_and_form_are_one_document(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    hands.click(panel.tab_button("YAML"))
    hands.click(panel.yaml._text)
    hands.press("A", "control")
    hands.type("toy.box:")
    hands.press("enter")
    hands.type("  count: 8")
    assert panel.document.section["count"] == 8
    hands.click(panel.tab_button("Config"))
    hands.wait(4)
    assert look(panel, "count")._drag.widget.model.as_int == 8
    panel.document.set(("count",), 9)
    hands.click(panel.tab_button("YAML"))
    hands.wait(4)
    assert panel.yaml._text.model.as_string.strip().endswith("count: 9")


def test_lines_with_errors_are_marked(toy_panel: Any, hands: Any) -> None:
    panel = toy_panel(TOYS.replace("count: 3", "count: 30"))
    hands.click(panel.tab_button("YAML"))
    hands.wait(4)
    assert list(panel.yaml.marked) == [2]
    panel.document.set_text("toy.box: [")
    hands.wait(4)
    assert list(panel.yaml.marked) == [1]
    hands.click(panel.tab_button("Config"))
    hands.wait(4)
    assert panel.config.note.visible, "the form says why it cannot be edited"
    assert not panel.config.frame.enabled
    panel.document.undo()
    hands.wait(4)
    assert not panel.config.note.visible
    assert panel.config.frame.enabled


def test_a_problem_leads_to_its_field(toy_panel: Any, hands: Any) -> None:
    many = "".join(f"    box_{index:02}: {{owner: Ada}}\n" for index in range(40))
    panel = toy_panel(TOYS + many.replace("box_35: {owner: Ada}", "box_35: {owner: 7}"))
    hands.click(panel.tab_button("YAML"))
    hands.wait(3)
    hands.click(panel.tab_button("Config"))
    hands.wait(3)
    hands.click(panel.problems.rows[0])
    hands.wait(30)
    view = panel.config.form.view(("boxes", "box_35", "owner"))
    top = view._row.screen_position_y
    assert 60 < top < 800, "it is in sight"
    assert view._text.name == "problem"


def test_a_section_far_below_is_scrolled_to(open_panel: Any, hands: Any, full_text: str) -> None:
    panel = open_panel(full_text)
    for path in (
        ("replicator", "writers", "IRABasicWriter"),
        ("environment",),
        ("sensor", "groups", "ceiling_cameras"),
    ):
        panel.config.show(path)
        hands.wait(20)
        top = panel.config.form.view(path)._fold._header.screen_position_y
        assert 60 < top < 800, path


def test_the_header_of_a_long_section_is_scrolled_to(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS + "".join(f"    box_{index:02}: {{owner: Ada}}\n" for index in range(60)))
    look(panel, "boxes", "box_59", "owner")
    assert 60 < look(panel, "boxes")._fold._header.screen_position_y < 800


def test_what_is_wrong_with_a_choice_is_told_once(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS + "  shapes: [{brick: {size: [1, 1, 1]}, ball: {radius: 1}}]\n")
    shape = look(panel, "shapes", 0)
    shape.unfold()
    hands.wait(4)
    assert shape.field.problems
    assert shape._menu._problem.visible
    assert shape._problems is None, "the entry does not say it again"


def test_sections_stay_as_they_were_left(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    section = look(panel, "boxes")
    assert section._fold.is_open
    hands.click(section._fold._title)
    assert not section._fold.is_open
    panel._folds.save()
    again = toy_panel(TOYS)
    assert not look(again, "boxes")._fold.is_open


def test_only_what_is_open_is_drawn(toy_panel: Any, hands: Any) -> None:
    many = "".join(f"    box_{index:02}: {{owner: Ada}}\n" for index in range(40))
    panel = toy_panel(TOYS + many)
    boxes = next(one for one in panel.config.form.views if one.field.path == ("boxes",))
    assert len(boxes.views) == 41
    assert all(not entry.views for entry in boxes.views), "what is folded away has no widgets"


def test_an_edit_is_seen_in_the_next_frame(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    drag = look(panel, "count")._drag.widget
    panel.document.set(("count",), 5)
    hands.wait(1)
    assert drag.model.as_int == 5
    assert drag is look(panel, "count")._drag.widget, "it is changed in place"


def test_messages_go_away(desktop: Any, hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from omni import ui

    from isaacsim_agent_ext.ui import toast

    monkeypatch.setattr(toast, "SECONDS", 0.05)
    desktop.notify("Done")
    hands.wait(2)
    assert messages(ui)
    time.sleep(0.06)
    hands.wait(4)
    assert not messages(ui)


def messages(ui: Any) -> list[Any]:
    """Return the messages that can be seen."""
    return [one for one in ui.Workspace.get_windows() if one.title.startswith("Message") and one.visible]

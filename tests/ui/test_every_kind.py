"""Every kind of field of a form, of a schema that has nothing to do with agents, edited by hand and read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from isaacsim_agent_ext.errors import AssetError

TOYS = """\
toy.box:
  count: 3   # three
  boxes:
    first: {owner: Ada}
"""


def saved(panel: Any) -> dict[str, Any]:
    """Save by the toolbar's shortcut would do, and return what the file says."""
    panel.document.save()
    text = Path(panel.document.path).read_text()
    assert "# three" in text, "comments stay"
    section: dict[str, Any] = yaml.safe_load(text)["toy.box"]
    return section


def test_enum(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    menu = look(panel, "mode")._menu
    hands.click(menu)
    x, y = menu.screen_position_x + 20, menu.screen_position_y + menu.computed_height
    hands.click_at(x, y + 30)  # the second item of the list that has opened below
    assert saved(panel)["mode"] == "fast"


def test_boolean(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    hands.click(look(panel, "loud")._box)
    assert saved(panel)["loud"] is True


def test_number_without_a_value(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    view = look(panel, "boxes", "first", "weight")
    assert view._drag._example.visible, "there is no number yet, and none is shown"
    hands.double_click(view._drag.widget)
    hands.type("2.5")
    hands.press("enter")
    assert saved(panel)["boxes"]["first"]["weight"] == 2.5


def test_vector(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    view = look(panel, "shapes", 0, "brick", "size")
    hands.double_click(view._drags[2].widget)
    hands.type("4")
    hands.press("enter")
    assert saved(panel)["shapes"] == [{"brick": {"size": [1.0, 1.0, 4.0]}}]


def test_range_keeps_its_order(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    view = look(panel, "span")
    hands.double_click(view._drags[1].widget)
    hands.type("0.5")
    hands.press("enter")
    assert saved(panel)["span"] == [0.5, 0.5]
    hands.drag(view._drags[0].widget, 50)
    low, high = saved(panel)["span"]
    assert low == high > 0.5


def test_one_of_swaps_its_fields(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    look(panel, "shapes", 0, "brick", "size")
    entry = look(panel, "shapes", 0)
    menu = entry._menu._menu
    hands.click(menu)
    hands.click_at(menu.screen_position_x + 20, menu.screen_position_y + menu.computed_height + 12)
    assert list(saved(panel)["shapes"][0]) == ["ball"]
    assert look(panel, "shapes", 0, "ball", "radius").field.unit == "m"


def test_choice_between_keys(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    menu = look(panel, "near|far")._menu._menu
    hands.click(menu)
    hands.click_at(menu.screen_position_x + 20, menu.screen_position_y + menu.computed_height + 48)
    hands.wait(6)
    hands.replace(look(panel, "far")._text, "away")
    assert saved(panel)["far"] == "away"


def test_text_in_several_lines(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    hands.click(look(panel, "notes")._text)
    hands.type("one")
    hands.press("enter")
    hands.type("two")
    assert saved(panel)["notes"] == "one\ntwo"


def test_what_the_schema_leaves_open(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS.replace("count: 3", "mode: 7\n  count: 3"))
    view = look(panel, "mode")
    hands.click(view._text)
    hands.press("A", "control")
    hands.type("fast")
    assert saved(panel)["mode"] == "fast"


def test_a_wrong_value_is_shown_red_and_kept(toy_panel: Any, hands: Any, look: Any) -> None:
    panel = toy_panel(TOYS)
    view = look(panel, "count")
    hands.double_click(view._drag.widget)
    hands.type("0")
    hands.press("enter")
    hands.wait(4)
    view = look(panel, "count")
    assert view._drag.widget.name == "problem"
    assert "at least 1" in view._problem.text or "from 1 to 9" in view._problem.text
    assert panel.problems._stack.visible
    panel.document.undo()
    hands.wait(4)
    assert view._drag.widget.name == ""
    assert not view._problem.visible
    assert not panel.problems._stack.visible


def test_asset_path_is_browsed(toy_panel: Any, hands: Any, look: Any, tmp_path: Path) -> None:
    (tmp_path / "thing.usd").write_text("#usda 1.0\n")
    panel = toy_panel(TOYS)
    hands.click(look(panel, "asset")._browse)
    hands.wait(6)
    hands.type_into_dialog("thing.usd")
    assert saved(panel)["asset"] == str(tmp_path / "thing.usd")


def test_prim_is_picked(toy_panel: Any, hands: Any, look: Any) -> None:
    from isaacsim_agent_ext.ui.host import Prim

    class Tree:
        def children(self, path: str) -> tuple[Prim, ...]:
            return {
                "/": (Prim("/World", "Xform", True),),
                "/World": (Prim("/World/Shelf", "Mesh", False), Prim("/World/Table", "Mesh", False)),
            }.get(path, ())

    async def prims() -> Tree:
        return Tree()

    panel = toy_panel(TOYS + "  prim: /World/Shelf\n", prims=prims)
    hands.click(look(panel, "prim")._browse)
    hands.wait(6)
    from isaacsim_agent_ext.ui import prim_picker

    picker = prim_picker.shown[-1]
    hands.click(picker.rows["/World/Table"])
    hands.press("enter")
    hands.wait(4)
    assert saved(panel)["prim"] == "/World/Table"


def test_without_a_stage_the_picker_says_so(toy_panel: Any, hands: Any, look: Any, desktop: Any) -> None:
    panel = toy_panel(TOYS)
    told: list[str] = []
    desktop.notify, before = (lambda text, warning=False: told.append(text)), desktop.notify
    try:
        hands.click(look(panel, "prim")._browse)
        hands.wait(2)
    finally:
        desktop.notify = before
    assert "no stage yet" in told[0]


def test_entries_come_and_go(toy_panel: Any, hands: Any, look: Any, choose: Callable[[str], None]) -> None:
    panel = toy_panel(TOYS)
    hands.click(look(panel, "boxes")._add_button)
    hands.wait(4)
    names = list(saved(panel)["boxes"])
    assert len(names) == 2
    assert names[0] == "first"
    hands.click(look(panel, "boxes", "first")._fold.buttons)
    choose("Remove")
    assert list(saved(panel)["boxes"]) == names[1:]


def test_items_are_added_from_a_menu(toy_panel: Any, hands: Any, look: Any, choose: Callable[[str], None]) -> None:
    panel = toy_panel(TOYS)
    hands.click(look(panel, "shapes")._add_button)
    choose("Ball")
    hands.wait(4)
    assert [next(iter(item)) for item in saved(panel)["shapes"]] == ["brick", "ball"]


def test_a_name_that_is_taken_is_refused(
    toy_panel: Any, hands: Any, look: Any, choose: Callable[[str], None], desktop: Any
) -> None:
    panel = toy_panel(TOYS + "    second: {owner: Bob}\n")
    told: list[str] = []
    desktop.notify, before = (lambda text, warning=False: told.append(text)), desktop.notify
    try:
        hands.click(look(panel, "boxes", "second")._fold.buttons)
        choose("Rename")
        hands.press("A", "control")
        hands.type("first")
        hands.press("enter")
    finally:
        desktop.notify = before
    assert "taken" in told[0]
    assert list(panel.document.section["boxes"]) == ["first", "second"]


@pytest.mark.parametrize("name", ["span", "mode", "loud"])
def test_defaults_are_muted(toy_panel: Any, look: Any, name: str) -> None:
    view = look(toy_panel(TOYS), name)
    assert view._label.name == "default"
    assert view._side.name == "hidden"
    assert not view._side.enabled


def test_prims_of_the_stage_that_the_config_names(desktop: Any) -> None:
    from isaacsim_agent_ext.ui.config_stage import ConfigStage
    from isaacsim_agent_ext.ui.viewmodel.document import Document
    from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config

    document = Document(agent_config())
    stage = ConfigStage(document)
    document.open(Path(__file__).parents[2] / "config/samples/minimal.yaml")
    tree = desktop.do(stage.prims())
    [world, *_] = tree.children("/")
    assert world.has_children
    assert all(prim.path.startswith(f"{world.path}/") for prim in tree.children(world.path))
    assert tree.children("/not/there") == ()
    document.set(("environment", "base_stage_asset_path"), "gone.usd")
    with pytest.raises(AssetError, match=r"gone\.usd"):
        desktop.do(stage.prims())
    document.reset(("environment",))
    assert desktop.do(stage.prims()) is None


@pytest.mark.parametrize(
    ("dragged", "meant"),
    [(4.400000065565109, 4.4), (9.200000137090683, 9.2), (12345.678, 12345.678), (1.2345678, 1.2345678), (0.0, 0.0)],
)
def test_numbers_lose_their_noise_and_nothing_else(desktop: Any, dragged: float, meant: float) -> None:
    from isaacsim_agent_ext.ui.fields.drag import rounded

    assert rounded(dragged) == meant
    assert rounded(-dragged) == -meant


def test_large_integers(open_panel: Any, hands: Any, look: Any, full_text: str) -> None:
    panel = open_panel(full_text)
    hands.double_click(look(panel, "seed")._drag.widget)
    hands.type("4294967295")
    hands.press("enter")
    assert panel.document.section["seed"] == 4294967295
    assert panel.document.field(("seed",)).problems == ()

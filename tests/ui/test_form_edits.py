"""Every kind of field, edited by mouse and keyboard and read back from the saved file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from isaacsim_agent_ext.ui.viewmodel.form import Kind

CONFIG = """\
# A comment that stays.
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 7   # and another one
  simulation_duration: 12.5
  environment:
    base_stage_asset_path: Isaac/Environments/Simple_Warehouse/warehouse.usd
  character:
    groups:
      workers:
        num: 3
        routines:
          - wander:
              walk:
                speed_range: [0.8, 1.5]
"""
GROUP = ("character", "groups", "workers")


def saved(panel: Any) -> dict[str, Any]:
    """Save the panel's document and return what the file says."""
    panel.document.save()
    text = Path(panel.document.path).read_text()
    assert text.startswith("# A comment that stays.")
    section: dict[str, Any] = yaml.safe_load(text)["isaacsim.replicator.agent"]
    return section


def test_integer_typed(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    drag = look(panel, "seed")._drag.widget
    hands.double_click(drag)
    hands.type("42")
    hands.press("enter")
    assert saved(panel)["seed"] == 42
    assert "# and another one" in panel.document.text


def test_integer_dragged(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    hands.drag(look(panel, *GROUP, "num")._drag.widget, 40)
    assert saved(panel)["character"]["groups"]["workers"]["num"] > 3
    panel.document.undo()
    assert panel.document.section["character"]["groups"]["workers"]["num"] == 3, "a drag is undone at once"


def test_number_typed(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    hands.double_click(look(panel, "simulation_duration")._drag.widget)
    hands.type("0.1")
    hands.press("enter")
    assert saved(panel)["simulation_duration"] == 0.1


def test_text(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    hands.replace(look(panel, "character", "root_prim_path")._text, "/World/People")
    assert saved(panel)["character"]["root_prim_path"] == "/World/People"


def test_range_pushes_its_other_end(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    path = (*GROUP, "routines", 0, "wander", "walk", "speed_range")
    field = panel.document.field(path)
    assert field.kind is Kind.RANGE
    low = look(panel, *path)._drags[0].widget
    hands.double_click(low)
    hands.type("2.25")
    hands.press("enter")
    [routine] = saved(panel)["character"]["groups"]["workers"]["routines"]
    assert routine["wander"]["walk"]["speed_range"] == [2.25, 2.25]


def test_reset_arrow(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    hands.click(look(panel, "seed")._side)
    assert "seed" not in saved(panel)


def test_boolean(open_panel: Any, hands: Any, look: Any) -> None:
    panel = open_panel(CONFIG)
    field = next(one for one in walk(panel.document.form()) if one.kind is Kind.BOOLEAN and "|" not in str(one.path))
    before = bool(field.value)
    hands.click(look(panel, *field.path)._box)
    assert panel.document.field(field.path).value is not before


def walk(field: Any) -> Any:
    """Yield a field and all below it."""
    yield field
    for child in field.children:
        yield from walk(child)


@pytest.mark.parametrize("action", ["Duplicate", "Rename", "Move Down", "Remove"])
def test_entry_menu(open_panel: Any, hands: Any, look: Any, choose: Any, action: str) -> None:
    panel = open_panel(CONFIG.replace("      workers:", "      visitors: {num: 1}\n      workers:"))
    visitors = look(panel, "character", "groups", "visitors")
    hands.click(visitors._fold.buttons)
    choose(action)
    if action == "Rename":
        hands.press("A", "control")
        hands.type("guests")
        hands.press("enter")
    expected = {
        "Duplicate": ["visitors", "visitors_2", "workers"],
        "Rename": ["guests", "workers"],
        "Move Down": ["workers", "visitors"],
        "Remove": ["workers"],
    }[action]
    assert list(saved(panel)["character"]["groups"]) == expected

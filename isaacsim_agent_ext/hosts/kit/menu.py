"""Our entry in the app's menu bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from isaacsim_agent_ext import api

MENU = "Tools"
ENTRY = "Agent Data Generation"


def add_menu() -> Callable[[], None]:
    """Add the entry and return what takes it out again; an app without menus gets none."""
    try:
        import omni.kit.menu.utils as menus
    except ImportError:
        return lambda: None
    items: list[Any] = [
        menus.MenuItemDescription(
            name=ENTRY,
            sub_menu=[
                menus.MenuItemDescription(name="Set Up Simulation", onclick_fn=_set_up),
                menus.MenuItemDescription(name="Generate Data", onclick_fn=_generate),
                menus.MenuItemDescription(name="Cancel", onclick_fn=_cancel),
            ],
        )
    ]
    menus.add_menu_items(items, MENU)
    return lambda: menus.remove_menu_items(items, MENU)


def _set_up(*_: object) -> None:
    api.setup_simulation()


def _generate(*_: object) -> None:
    api.start_data_generation()


def _cancel(*_: object) -> None:
    api.cancel()

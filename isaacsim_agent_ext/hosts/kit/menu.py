"""Our entry in the app's menu bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from isaacsim_agent_ext import api

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.kit.ui import KitPanel

MENU = "Tools"
ENTRY = "Agent Data Generation"


def add_menu() -> Callable[[], None]:
    """Add the entry and return what takes it out again, with the panel; an app without menus gets none."""
    try:
        import omni.kit.menu.utils as menus
    except ImportError:
        return lambda: None
    panel = LatePanel()

    def take_out() -> None:
        panel.close()
        menus.remove_menu_items(items, MENU)

    items: list[Any] = [
        menus.MenuItemDescription(
            name=ENTRY,
            sub_menu=[
                menus.MenuItemDescription(name="Panel", onclick_fn=panel.show),
                menus.MenuItemDescription(name="Set Up Simulation", onclick_fn=_set_up),
                menus.MenuItemDescription(name="Generate Data", onclick_fn=_generate),
                menus.MenuItemDescription(name="Cancel", onclick_fn=_cancel),
            ],
        )
    ]
    menus.add_menu_items(items, MENU)
    return take_out


class LatePanel:
    """The panel, which is imported when it is first shown: most runs never do."""

    shown: KitPanel | None = None

    def show(self, *_: object) -> None:
        """Show it."""
        from isaacsim_agent_ext.hosts.kit.ui import KitPanel

        self.shown = self.shown or KitPanel()
        self.shown.show()

    def close(self) -> None:
        """Take it away."""
        if self.shown is not None:
            self.shown.close()


def _set_up(*_: object) -> None:
    api.setup_simulation()


def _generate(*_: object) -> None:
    api.start_data_generation()


def _cancel(*_: object) -> None:
    api.cancel()

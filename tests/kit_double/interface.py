"""omni.ui's windows, menus, the file dialog and notifications."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit


class Interface:
    """What the user sees.

    Attributes:
        menus: Item lists of each menu, as they were added.
        windows: Windows that are not destroyed, by title.
        show_window_fns: How to show each window that is not built yet.
        dialogs: File dialogs made, newest last.
        notifications: What was posted: ``(status, text)``.
    """

    def __init__(self, kit: Kit):
        self.menus: dict[str, list[list[Any]]] = {}
        self.windows: dict[str, Any] = {}
        self.show_window_fns: dict[str, Any] = {}
        self.dialogs: list[Any] = []
        self.notifications: list[tuple[str, str]] = []

    def leftovers(self) -> list[str]:
        """Name the menu items and windows."""
        items = [
            f"menu item {name}/{item.name}" for name, lists in self.menus.items() for each in lists for item in each
        ]
        items += [f"window {title}" for title in self.windows]
        return items + [f"show function of window {title}" for title in self.show_window_fns]

    def click(self, menu: str, *path: str) -> None:
        """Choose a menu item by its names."""
        level = [item for each in self.menus.get(menu, []) for item in each]
        for name in path[:-1]:
            level = next(item for item in level if item.name == name).sub_menu
        next(item for item in level if item.name == path[-1])._onclick_fn()


@emulate("omni.kit.menu.utils.add_menu_items")
def add_menu_items(kit: Kit, items: list[Any], name: str, menu_index: int = 0) -> None:
    kit.interface.menus.setdefault(name, []).append(items)


@emulate("omni.kit.menu.utils.remove_menu_items")
def remove_menu_items(kit: Kit, items: list[Any], name: str) -> None:
    lists = kit.interface.menus.get(name, [])
    kit.interface.menus[name] = [each for each in lists if each is not items]


@emulate("omni.kit.menu.utils.MenuItemDescription")
class MenuItemDescription:
    def __init__(self, *, name: str = "", sub_menu: Any = None, onclick_fn: Any = None, **others: Any):
        self.name = name
        self.sub_menu = sub_menu
        self._onclick_fn = onclick_fn


@emulate("omni.ui.Window")
class Window:
    _kit: Kit

    def __init__(self, title: str, dockPreference: Any = None, **options: Any):
        self.title = title
        self.visible = True
        self.frame = contextlib.nullcontext()
        for name, value in options.items():
            setattr(self, name, value)
        self._kit.interface.windows[title] = self

    def set_visibility_changed_fn(self, fn: Any) -> None:
        self._visibility_changed = fn

    def deferred_dock_in(self, target: str, active: Any = None) -> None:
        pass

    def dock_in(self, handle: Any, position: Any, ratio: float = 0.5) -> None:
        pass

    def destroy(self) -> None:
        self._kit.interface.windows.pop(self.title, None)


@emulate("omni.ui.Workspace")
class Workspace:
    _kit: Kit

    @classmethod
    def get_window(cls, title: str) -> Any:
        return cls._kit.interface.windows.get(title)

    @classmethod
    def get_windows(cls) -> Any:
        return list(cls._kit.interface.windows.values())

    @classmethod
    def show_window(cls, title: str, show: bool = True) -> bool:
        function = cls._kit.interface.show_window_fns.get(title)
        if function is not None:
            function(show)
        return function is not None

    @classmethod
    def set_show_window_fn(cls, title: str, fn: Any) -> None:
        if fn is None:
            cls._kit.interface.show_window_fns.pop(title, None)
        else:
            cls._kit.interface.show_window_fns[title] = fn


@emulate("omni.kit.window.filepicker.FilePickerDialog")
class FilePickerDialog:
    _kit: Kit

    def __init__(self, title: str, **options: Any):
        self._title = title
        self._options = options
        self._visible = False
        self._kit.interface.dialogs.append(self)

    def show(self, path: str | None = None) -> None:
        self._visible = True

    def hide(self) -> None:
        self._visible = False


@emulate("omni.kit.notification_manager.post_notification")
def post_notification(
    kit: Kit, text: str, hide_after_timeout: bool = True, duration: int = 3, status: Any = None, button_infos: Any = ()
) -> None:
    name = status.name if status is not None else "INFO"
    kit.interface.notifications.append((name, text))

from enum import Enum
from typing import Any

from kit_contract.marks import entry

@entry("Window")
class DockPreference(Enum):
    DISABLED = 0

@entry("Window")
class DockPolicy(Enum):
    DO_NOTHING = 0

@entry("Window")
class DockPosition(Enum): ...

@entry("Window")
class Window:
    frame: Any
    visible: bool
    title: str
    width: float
    height: float
    flags: int
    def __init__(
        self,
        title: str,
        dockPreference: DockPreference = ...,
        *,
        width: float = 0,
        height: float = 0,
        visible: bool = True,
        flags: int = 0,
    ) -> None: ...
    def set_visibility_changed_fn(self, fn: Any, /) -> None: ...
    def deferred_dock_in(self, target: str, active: DockPolicy = ...) -> None: ...
    def dock_in(self, handle: Any, position: DockPosition, /, ratio: float = 0.5) -> None: ...
    def destroy(self) -> None: ...

@entry("Workspace")
class Workspace:
    @staticmethod
    def get_window(title: str, /) -> Window: ...
    @staticmethod
    def get_windows() -> Any: ...
    @staticmethod
    def show_window(title: str, show: bool = True) -> bool: ...
    @staticmethod
    def set_show_window_fn(title: str, fn: Any, /) -> None: ...

from typing import Any

from kit_contract.marks import entry

def add_menu_items(items: list[MenuItemDescription], name: str, /, menu_index: int = 0) -> None: ...
@entry("add_menu_items")
def remove_menu_items(items: list[MenuItemDescription], name: str, /) -> None: ...

class MenuItemDescription:
    name: str
    sub_menu: Any
    def __init__(
        self,
        *,
        name: str = "",
        sub_menu: Any = None,
        onclick_fn: Any = None,
        onclick_action: Any = None,
        ticked: bool = False,
        ticked_fn: Any = None,
        glyph: str = "",
        appear_after: Any = None,
    ) -> None: ...

@entry("MenuHelperExtensionFull")
class MenuHelperExtensionFull:
    def menu_startup(self, window_factory: Any, window_title: str, menu_label: str, menu_group: str) -> None: ...
    def menu_shutdown(self) -> None: ...

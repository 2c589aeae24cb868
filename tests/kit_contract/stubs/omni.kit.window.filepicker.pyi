from typing import Any

from kit_contract.marks import entry

@entry("FilePickerDialog")
class FilePickerDialog:
    def __init__(
        self,
        title: str,
        /,
        *,
        allow_multi_selection: bool = False,
        apply_button_label: str = "",
        click_apply_handler: Any = None,
        click_cancel_handler: Any = None,
        item_filter_options: Any = None,
        item_filter_fn: Any = None,
        file_extension_options: Any = None,
        enable_file_bar: bool = True,
    ) -> None: ...
    def show(self, path: str | None = None) -> None: ...
    def hide(self) -> None: ...

"""The bar at the top of the panel: files, undo and redo, and how the config is written."""

from __future__ import annotations

from pathlib import Path

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.entry_menu import show_menu
from isaacsim_agent_ext.ui.file_actions import FileActions
from isaacsim_agent_ext.ui.host import UiHost
from isaacsim_agent_ext.ui.viewmodel.document import Document

HEIGHT = 32


class Toolbar:
    """Buttons with icons, and the name of the file with a mark while it has unsaved changes."""

    def __init__(self, host: UiHost, document: Document, files: FileActions):
        self._host = host
        self._document = document
        self._files = files
        self._is_written_otherwise = False

    def build(self) -> None:
        """Create the bar in the container at hand."""
        document, files, schedule = self._document, self._files, self._host.schedule
        with ui.ZStack(height=HEIGHT):
            ui.Rectangle(style_type_name_override="Panel.Bar")
            with ui.HStack(spacing=2):
                ui.Spacer(width=4)
                self.new = _tool("new", "New config (Ctrl+N)", lambda: schedule(files.new()))
                self.open = _tool("open", "Open a config (Ctrl+O)", lambda: schedule(files.open()))
                self.recent = _tool("recent", "Recent configs", self._show_recent)
                self.reload = _tool("reload", "Read the file again", lambda: schedule(files.reload()))
                _gap()
                self.save = _tool("save", "Save (Ctrl+S)", self._save)
                self.save_as = _tool("save_as", "Save as (Ctrl+Shift+S)", lambda: schedule(files.save_as()))
                _gap()
                self.undo = _tool("undo", "Undo (Ctrl+Z)", document.undo)
                self.redo = _tool("redo", "Redo (Ctrl+Y)", document.redo)
                _gap()
                self.verbose = _tool("verbose", "", self._toggle_verbose)
                ui.Spacer(width=6)
                with ui.HStack(spacing=style.GAP):
                    self._name = ui.Label(
                        "", elided_text=True, alignment=ui.Alignment.LEFT_CENTER, style_type_name_override="Panel.Title"
                    )
                ui.Spacer(width=4)
        self.update()

    def update(self) -> None:
        """Show the state of the document."""
        document = self._document
        for button, enabled in (
            (self.reload, document.path is not None),
            (self.save, document.dirty or document.path is None or self._is_written_otherwise),
            (self.undo, document.can_undo),
            (self.redo, document.can_redo),
        ):
            button.enabled = enabled
        self._name.text = f"{'* ' if document.dirty else ''}{document.path.name if document.path else 'New config'}"
        self._name.name = "dirty" if document.dirty else ""
        self._name.set_tooltip(str(document.path or "Not saved yet"))
        self.verbose.name = "checked" if document.verbose else ""
        self.verbose.set_tooltip(
            "Defaults are written into the file; click to write only what differs from them"
            if document.verbose
            else "Only what differs from the defaults is written; click to write every default into the file"
        )

    def _toggle_verbose(self) -> None:
        self._document.verbose = not self._document.verbose
        self._is_written_otherwise = not self._is_written_otherwise
        self.update()

    def _save(self) -> None:
        self._is_written_otherwise = False
        self._host.schedule(self._files.save())

    def _show_recent(self) -> None:
        paths = self._files.recent.list()
        if not paths:
            self._host.notify("No config was opened or saved yet.")
            return
        show_menu([(_shortened(path), lambda path=path: self._open(path)) for path in paths])  # type: ignore[misc]

    def _open(self, path: Path) -> None:
        self._host.schedule(self._files.open(path))


def _tool(icon: str, tip: str, action: object) -> ui.Button:
    with ui.VStack(width=style.TOOL):
        ui.Spacer()
        button = ui.Button(
            "",
            image_url=style.icon(icon),
            height=style.TOOL,
            clicked_fn=action,
            tooltip=tip,
            style_type_name_override="Panel.Tool",
        )
        ui.Spacer()
    return button


def _gap() -> None:
    with ui.VStack(width=7):
        ui.Spacer(height=7)
        with ui.HStack():
            ui.Spacer()
            ui.Rectangle(width=1, style_type_name_override="Panel.Divider")
            ui.Spacer()
        ui.Spacer(height=7)


def _shortened(path: Path) -> str:
    text = str(path)
    home = str(Path.home())
    text = f"~{text[len(home) :]}" if text.startswith(home) else text
    return text if len(text) <= 60 else f"…{text[-59:]}"

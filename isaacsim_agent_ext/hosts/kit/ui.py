"""The panel inside the app: its window beside the app's own, Kit's file dialog, Kit's notifications."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import carb.input
import omni.kit.async_engine
import omni.usd

from isaacsim_agent_ext import api
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.hosts.kit.app import next_updates, tell, tell_error
from isaacsim_agent_ext.ui.host import PathQuestion, PrimTree
from isaacsim_agent_ext.ui.stage_prims import StagePrims
from isaacsim_agent_ext.ui.viewmodel.recent_files import state_folder

if TYPE_CHECKING:
    from isaacsim_agent_ext.ui.window import PanelWindow

_WIDTH, _HEIGHT = 480, 800
_BESIDE = "Property"
"""The window of the app that ours becomes a tab of."""


class KitUiHost:
    """A `isaacsim_agent_ext.ui.host.UiHost` inside the app."""

    font_scale = 1.0

    def __init__(self) -> None:
        self.state_folder = state_folder()
        keys = carb.input.KeyboardInput
        self._keys = {
            int(keys.N): "N",
            int(keys.O): "O",
            int(keys.S): "S",
            int(keys.Y): "Y",
            int(keys.Z): "Z",
            int(keys.ENTER): "ENTER",
            int(keys.ESCAPE): "ESCAPE",
        }

    def make_window(self, title: str) -> Any:
        """Return a window that docks where the app shows properties."""
        import omni.ui as ui  # noqa: PLR0402 - as everybody writes it

        window = ui.Window(title, width=_WIDTH, height=_HEIGHT)
        window.deferred_dock_in(_BESIDE, ui.DockPolicy.DO_NOTHING)
        return window

    async def next_frame(self) -> None:
        """Let the app update once."""
        await next_updates()

    def schedule(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        """Start a coroutine on the app's event loop."""
        task: asyncio.Future[Any] = omni.kit.async_engine.run_coroutine(work)
        return task

    async def choose_path(self, question: PathQuestion) -> Path | None:
        """Ask with Kit's file dialog."""
        from omni.kit.window.filepicker import FilePickerDialog

        answer: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()

        def take(filename: str, folder: str | None) -> None:
            dialog.hide()
            if not answer.done():
                answer.set_result(_chosen(question, filename, folder))

        def cancel(_filename: str, _folder: str | None) -> None:
            dialog.hide()
            if not answer.done():
                answer.set_result(None)

        dialog = FilePickerDialog(
            question.title,
            apply_button_label={"open": "Open", "save": "Save", "folder": "Choose"}[question.wanted],
            click_apply_handler=take,
            click_cancel_handler=cancel,
            item_filter_fn=lambda item: _is_shown(question, item),
        )
        dialog.show(str(question.start))
        return await answer

    def notify(self, text: str, *, warning: bool = False) -> None:
        """Post a notification, and a line in the log."""
        (tell_error if warning else tell)(text)

    def key_name(self, code: int) -> str:
        """Return the name of a key of Kit's."""
        return self._keys.get(code, "")

    def prims(self) -> PrimTree | None:
        """Return the prims of the stage that is open."""
        stage = omni.usd.get_context().get_stage()
        return StagePrims(stage) if stage else None

    def show_folder(self, path: Path) -> None:
        """Open a folder in the system's file browser."""
        webbrowser.open(path.as_uri())


class KitPanel:
    """The panel of the app: made when it is first shown, and kept with its edits while its window is closed."""

    def __init__(self) -> None:
        self.panel: PanelWindow | None = None
        self._updates: asyncio.Future[Any] | None = None

    def show(self) -> None:
        """Show the panel; the first time with the config that is loaded."""
        if self.panel is not None:
            self.panel.window.visible = True
            return
        from isaacsim_agent_ext.ui.panel import make_panel

        host = KitUiHost()
        loaded = api.get_config_file_path()
        try:
            self.panel = make_panel(host, Path(loaded) if loaded else None)
        except ConfigError as error:
            host.notify(str(error), warning=True)
            self.panel = make_panel(host)
        self._updates = host.schedule(self.panel.keep_up_to_date())

    def close(self) -> None:
        """Take the panel away."""
        if self._updates is not None:
            self._updates.cancel()
        if self.panel is not None:
            self.panel.close()
        self.panel = self._updates = None


def _chosen(question: PathQuestion, filename: str, folder: str | None) -> Path | None:
    """Return what the dialog's answer means; its folder may be missing, or end with a slash."""
    path = Path(folder or question.start) / filename if filename else Path(folder or question.start)
    if question.wanted == "save" and question.suffixes and path.suffix not in question.suffixes:
        path = path.with_name(path.name + question.suffixes[0])
    return path


def _is_shown(question: PathQuestion, item: Any) -> bool:
    if item.is_folder or not question.suffixes:
        return True
    return question.wanted != "folder" and Path(str(item.path)).suffix.lower() in question.suffixes

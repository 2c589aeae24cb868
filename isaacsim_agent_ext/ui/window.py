"""The panel's window: toolbar, tabs, problems, and what joins them to the document."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import dialogs, style
from isaacsim_agent_ext.ui.config_tab import ConfigTab
from isaacsim_agent_ext.ui.fields.base import FormContext
from isaacsim_agent_ext.ui.fields.views import make_view
from isaacsim_agent_ext.ui.file_actions import SUFFIXES, FileActions
from isaacsim_agent_ext.ui.folds import Folds
from isaacsim_agent_ext.ui.host import CONTROL, SHIFT, PrimTree, UiHost
from isaacsim_agent_ext.ui.problems_view import ProblemsView
from isaacsim_agent_ext.ui.run_footer import RunFooter
from isaacsim_agent_ext.ui.tabs import Tab
from isaacsim_agent_ext.ui.toolbar import Toolbar
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.yaml_view import YamlTab

TITLE = "Agent Data Generation"


class PanelWindow:
    """The panel, in a window that its host made.

    Args:
        host: The program around it.
        document: What it edits.
        tabs: Further tabs, shown after the form and the text.
        footer: What stands below the tabs: the buttons that run the job.
        loose: Title of the section of the form for fields that stand in none.
        prims: Returns the prims from which one can be picked where the host has no stage open, or None.
        folds: Which sections are open, where tabs share it.
    """

    def __init__(
        self,
        host: UiHost,
        document: Document,
        tabs: Sequence[Tab] = (),
        *,
        footer: RunFooter | None = None,
        loose: str = "",
        prims: Callable[[], Awaitable[PrimTree | None]] | None = None,
        folds: Folds | None = None,
    ):
        self.host = host
        self.document = document
        self.files = FileActions(host, document)
        self._folds = folds or Folds(host.state_folder / "sections.json")
        self.config = ConfigTab(FormContext(document, host, self._folds, make_view, self._find_prims), loose)
        self.yaml = YamlTab(document)
        self.tabs: tuple[Tab, ...] = (self.config, self.yaml, *tabs)
        self.toolbar = Toolbar(host, document, self.files)
        self.problems = ProblemsView(document, self.show_problem)
        self._footer = footer
        self._prims = prims
        self._frames: dict[str, ui.Frame] = {}
        self._built: set[str] = set()
        self._buttons: dict[str, tuple[Any, Any, Any]] = {}
        self.shown = self.config.title
        self._changed = True
        self._subscription = document.subscribe(self._note_change)
        self._last = time.perf_counter()
        self.window = host.make_window(TITLE)
        self.window.frame.style = style.style_sheet(host.font_scale)
        self.window.set_key_pressed_fn(self._key_pressed)  # a frame hears no key until it was clicked on, nor after Tab
        self.window.frame.set_accept_drop_fn(lambda text: _dropped(text) is not None)
        self.window.frame.set_drop_fn(lambda event: self.drop(event.mime_data))
        self.window.frame.set_build_fn(self._build)

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        with ui.ZStack():
            ui.Rectangle(style_type_name_override="Panel.Background")
            with ui.VStack():
                self.toolbar.build()
                self._build_tab_bar()
                with ui.ZStack():
                    for tab in self.tabs:
                        self._frames[tab.title] = ui.Frame(visible=False)
                self.problems.build()
                if self._footer is not None:
                    ui.Rectangle(height=1, style_type_name_override="Panel.Line")
                    self._footer.build()
        self.show_tab(self.shown)

    def _build_tab_bar(self) -> None:
        with ui.ZStack(height=28):
            ui.Rectangle(style_type_name_override="Panel.Bar")
            with ui.HStack():
                ui.Spacer(width=4)
                for tab in self.tabs:
                    with ui.ZStack(width=0):
                        back = ui.Rectangle(style_type_name_override="Panel.Tab")
                        back.set_mouse_pressed_fn(lambda x, y, b, m, title=tab.title: self.show_tab(title))
                        with ui.VStack():
                            with ui.HStack():
                                ui.Spacer(width=11)
                                label = ui.Label(tab.title, width=0, style_type_name_override="Panel.Tab.Label")
                                ui.Spacer(width=11)
                            mark = ui.Rectangle(height=2, style_type_name_override="Panel.Tab.Mark", visible=False)
                    self._buttons[tab.title] = (back, label, mark)
                ui.Spacer()

    def show_tab(self, title: str) -> None:
        """Bring a tab to the front; it is drawn when it is first shown."""
        self.shown = title
        for tab in self.tabs:
            front = tab.title == title
            _, label, mark = self._buttons[tab.title]
            label.selected = mark.visible = front
            self._frames[tab.title].visible = front
            if front and title not in self._built:
                self._built.add(title)
                tab.build(self._frames[title])

    def tab_button(self, title: str) -> ui.Rectangle:
        """Return what one clicks on to show a tab."""
        button: ui.Rectangle = self._buttons[title][0]
        return button

    def update(self) -> None:
        """Bring everything that is shown up to date; called once per frame."""
        now = time.perf_counter()
        dt, self._last = now - self._last, now
        if not self._buttons:
            return  # nothing is drawn yet
        if self._changed:
            self._changed = False
            self.toolbar.update()
            self.problems.update()
        if self._footer is not None:
            self._footer.update(dt)
        for tab in self.tabs:
            if tab.title == self.shown and tab.title in self._built:
                tab.update(dt)

    async def keep_up_to_date(self) -> None:
        """Call `update` once per frame, until the task is cancelled."""
        while True:
            await self.host.next_frame()
            self.update()

    @property
    def can_close_at_once(self) -> bool:
        """Whether nothing is lost when the program ends."""
        return not self.document.dirty and not (self._footer is not None and self._footer.is_busy)

    async def may_close(self) -> bool:
        """Ask what is to become of unsaved changes and of a run; return whether the program may end.

        While anything is asked already, it may not.
        """
        if dialogs.shown:
            return False
        if not await self.files.may_lose_changes():
            return False
        return self._footer is None or await self._footer.may_close(self.host)

    def close(self) -> None:
        """Let go of everything."""
        self._folds.save()
        self._subscription.reset()
        for tab in self.tabs:
            tab.close()
        if self._footer is not None:
            self._footer.close()
        self.window.destroy()

    # ---- what the user does ----------------------------------------------------------------------------------------

    def show_problem(self, problem: Any) -> None:
        """Lead to the field of a problem, or to its line when there is no such field."""
        if self.shown == self.yaml.title and problem.line:
            self.yaml.show(problem.line)
        elif problem.path and self.document.form().find(problem.path) is not None:
            self.show_tab(self.config.title)
            self.config.show(problem.path)
        elif problem.line:
            self.show_tab(self.yaml.title)
            self.yaml.show(problem.line)

    async def _find_prims(self) -> PrimTree | None:
        return self.host.prims() or (await self._prims() if self._prims is not None else None)

    def _note_change(self, _paths: object) -> None:
        self._changed = True

    def _key_pressed(self, key: int, modifiers: int, pressed: bool) -> None:
        if not pressed or not modifiers & CONTROL:
            return
        name, shift = self.host.key_name(key), bool(modifiers & SHIFT)
        if name == "S":
            self.host.schedule(self.files.save_as() if shift else self.files.save())
        elif name == "O":
            self.host.schedule(self.files.open())
        elif name == "N":
            self.host.schedule(self.files.new())
        elif name == "Y" or (name == "Z" and shift):
            self.document.redo()
        elif name == "Z":
            self.document.undo()

    def drop(self, text: str) -> None:
        """Open the config that the user dropped on the panel; anything else is left alone.

        Args:
            text: Path or URL of what was dropped.
        """
        path = _dropped(text)
        if path is not None:
            self.host.schedule(self.files.open(path))


def _dropped(text: str) -> Path | None:
    """Return the config file that is dropped, or None if it is none."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    path = Path(first.removeprefix("file://"))
    return path if path.suffix.lower() in SUFFIXES and os.path.isfile(path) else None

"""Questions in windows of their own, over everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.host import UiHost

T = TypeVar("T")

_FLAGS = (
    ui.WINDOW_FLAGS_NO_COLLAPSE
    | ui.WINDOW_FLAGS_NO_RESIZE
    | ui.WINDOW_FLAGS_NO_DOCKING
    | ui.WINDOW_FLAGS_NO_SCROLLBAR
    | ui.WINDOW_FLAGS_NO_SAVED_SETTINGS
    | ui.WINDOW_FLAGS_MODAL
)


class Dialog:
    """A modal window that ends with an answer.

    Args:
        host: The program around the panel.
        title: Of the window.
        width: Of the window [px].
        height: Of the window [px].
    """

    def __init__(self, host: UiHost, title: str, width: int, height: int):
        self._host = host
        self._answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        across, down = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        width, height = min(width, across - 16), min(height, down - 16)
        self.window = ui.Window(
            title,
            width=width,
            height=height,
            position_x=(across - width) / 2,
            position_y=(down - height) / 2,
            flags=_FLAGS,
            padding_x=0,
            padding_y=0,
        )
        self.window.frame.style = style.style_sheet(host.font_scale)
        self.window.set_visibility_changed_fn(self._visibility_changed)
        self.window.set_key_pressed_fn(self._key_pressed)
        self.confirm: Callable[[], None] | None = None
        self.buttons: dict[str, ui.Button] = {}

    def page(self) -> ui.ZStack:
        """Return the container for what the dialog shows, with its background."""
        with self.window.frame:
            page = ui.ZStack()
        with page:
            ui.Rectangle(style_type_name_override="Panel.Background")
        return page

    def answer(self, value: Any) -> None:
        """End the dialog."""
        if not self._answer.done():
            self._answer.set_result(value)

    async def result(self) -> Any:
        """Wait for the answer; None when the window is closed without one."""
        shown.append(self)
        try:
            return await self._answer
        finally:
            shown.remove(self)
            self.window.visible = False
            self.window.destroy()

    def _visibility_changed(self, visible: bool) -> None:
        if not visible:
            self.answer(None)

    def _key_pressed(self, key: int, _modifiers: int, pressed: bool) -> None:
        name = self._host.key_name(key)
        if pressed and name == "ESCAPE":
            self.answer(None)
        elif pressed and name == "ENTER" and self.confirm is not None:
            self.confirm()


async def ask(host: UiHost, title: str, text: str, answers: Sequence[tuple[str, T]]) -> T | None:
    """Ask a question and return the answer, or None when the window is closed.

    Args:
        host: The program around the panel.
        title: Of the window.
        text: The question.
        answers: Label of each button and what it stands for; the first is the one to choose.
    """
    lines = sum(1 + len(line) // 52 for line in text.splitlines())
    dialog = Dialog(host, title, 420, 96 + 18 * lines)
    dialog.confirm = lambda: dialog.answer(answers[0][1])
    with dialog.page(), ui.VStack(spacing=style.GAP):
        ui.Spacer(height=8)
        with ui.HStack():
            ui.Spacer(width=14)
            ui.Label(text, word_wrap=True, alignment=ui.Alignment.LEFT_TOP, style_type_name_override="Panel.Label")
            ui.Spacer(width=14)
        build_answers(dialog, answers)
    answer: T | None = await dialog.result()
    return answer


def build_answers(dialog: Dialog, answers: Sequence[tuple[str, Any]], width: int = 96) -> None:
    """Create a row with a button for each answer, at the lower right of a dialog."""
    with ui.HStack(height=40, spacing=8):
        ui.Spacer()
        for index, (label, value) in enumerate(answers):
            with ui.VStack(width=width):
                ui.Spacer()
                dialog.buttons[label] = ui.Button(
                    label,
                    height=26,
                    clicked_fn=lambda value=value: dialog.answer(value),
                    style_type_name_override="Panel.Button",
                    name="primary" if index == 0 else "",
                )
                ui.Spacer()
        ui.Spacer(width=4)


shown: list[Dialog] = []
"""The dialogs that are open, the topmost last."""

"""A part of a tab that can be folded: a header with a title and a few words, and content below."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.folds import Folds

_HEADER = 24


class Section:
    """A header, and content that is drawn again whenever `rebuild` is called.

    A click on the header shows the content or folds it away.

    Args:
        title: Of the header.
        build_content: Draws the content.
        folds: Where it is remembered whether the content is shown; at first it is.
    """

    def __init__(self, title: str, build_content: Callable[[], None], folds: Folds):
        self._folds = folds
        self._path = ("run", title)
        is_open = folds.is_open(self._path, otherwise=True)
        with ui.ZStack(height=0):
            ui.Rectangle(style_type_name_override="Panel.Section", name="outer")
            with ui.VStack(height=0):
                with ui.ZStack(height=_HEADER):
                    self.header = ui.Rectangle(style_type_name_override="Panel.Section.Header", name="outer")
                    self.header.set_mouse_pressed_fn(lambda x, y, button, _m: self._pressed(button))
                    with ui.HStack(spacing=style.GAP):
                        ui.Spacer(width=2)
                        with ui.VStack(width=14):
                            ui.Spacer()
                            self._arrow = ui.Image(
                                style.icon("opened" if is_open else "closed"),
                                width=12,
                                height=12,
                                style_type_name_override="Panel.Icon",
                                name="muted",
                            )
                            ui.Spacer()
                        ui.Label(title, width=0, style_type_name_override="Panel.Section.Title")
                        ui.Spacer(width=style.GAP)
                        self._summary = ui.Label("", elided_text=True, style_type_name_override="Panel.Note")
                self._content = ui.Frame(height=0, visible=is_open, build_fn=build_content)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return bool(self._content.visible)

    def rebuild(self) -> None:
        """Draw the content again."""
        self._content.rebuild()

    def summarize(self, text: str) -> None:
        """Write a few words into the header."""
        if self._summary.text != text:
            self._summary.text = text

    def _pressed(self, button: int) -> None:
        if button == 0:
            self._content.visible = not self.is_open
            self._arrow.source_url = style.icon("opened" if self.is_open else "closed")
            self._folds.set_open(self._path, self.is_open)

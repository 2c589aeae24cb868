"""A part of a tab that can be folded: a header with a title and a few words, and content below."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from isaacsim_agent_ext.ui import style

_HEADER = 24


class Section:
    """A header, and content that is drawn again whenever `rebuild` is called.

    Args:
        title: Of the header.
        build_content: Draws the content.
        is_open: Whether the content is shown at first.
    """

    def __init__(self, title: str, build_content: Callable[[], None], *, is_open: bool = True):
        with ui.ZStack(height=0):
            ui.Rectangle(style_type_name_override="Panel.Section", name="outer")
            with ui.VStack(height=0):
                with ui.ZStack(height=_HEADER):
                    header = ui.Rectangle(style_type_name_override="Panel.Section.Header", name="outer")
                    header.set_mouse_pressed_fn(lambda x, y, button, _m: self._pressed(button))
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

    def rebuild(self) -> None:
        """Draw the content again."""
        self._content.rebuild()

    def summarize(self, text: str) -> None:
        """Write a few words into the header."""
        if self._summary.text != text:
            self._summary.text = text

    def _pressed(self, button: int) -> None:
        if button == 0:
            self._content.visible = not self._content.visible
            self._arrow.source_url = style.icon("opened" if self._content.visible else "closed")

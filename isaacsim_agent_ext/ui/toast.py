"""A message that needs no answer and goes away by itself."""

from __future__ import annotations

import time

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.host import UiHost

SECONDS = 5.0
_WIDTH, _HEIGHT = 360, 46


async def show_toast(host: UiHost, text: str, *, warning: bool) -> None:
    """Show a message at the bottom of the window for `SECONDS`."""
    across, down = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
    width = min(_WIDTH, across - 20)
    height = _HEIGHT + 17 * (len(text) * 8 // int(width))
    window = ui.Window(
        f"Message {id(text)}",
        width=width,
        height=height,
        position_x=(across - width) / 2,
        position_y=down - height - 40,
        flags=ui.WINDOW_FLAGS_NO_TITLE_BAR
        | ui.WINDOW_FLAGS_NO_RESIZE
        | ui.WINDOW_FLAGS_NO_MOVE
        | ui.WINDOW_FLAGS_NO_SCROLLBAR
        | ui.WINDOW_FLAGS_NO_SAVED_SETTINGS
        | ui.WINDOW_FLAGS_NO_DOCKING
        | ui.WINDOW_FLAGS_NO_FOCUS_ON_APPEARING,
        padding_x=0,
        padding_y=0,
    )
    window.frame.style = style.style_sheet(host.font_scale)
    with window.frame, ui.ZStack():
        ui.Rectangle(style_type_name_override="Panel.Toast")
        with ui.HStack(spacing=8):
            ui.Spacer(width=6)
            with ui.VStack(width=18):
                ui.Spacer()
                ui.Image(
                    style.icon("warning" if warning else "good"),
                    width=18,
                    height=18,
                    style_type_name_override="Panel.Icon",
                    name="warning" if warning else "good",
                )
                ui.Spacer()
            ui.Label(text, word_wrap=True, alignment=ui.Alignment.LEFT_CENTER, style_type_name_override="Panel.Label")
            ui.Spacer(width=6)
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end:
            await host.next_frame()
    finally:
        window.visible = False
        window.destroy()

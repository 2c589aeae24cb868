"""``isaacsim-agent ui``: the panel on a desktop, or a picture of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isaacsim_agent_ext.ui.desktop import Desktop
    from isaacsim_agent_ext.ui.window import PanelWindow

HELP = "edit a config in the panel"
DESCRIPTION = """\
Open the panel of Isaac Sim on any desktop: the config as a form and as text, with every mistake marked as you type. On
a machine without a display, --screenshot writes a picture of it.
"""
EPILOG = """\
examples:
  isaacsim-agent ui config.yaml
  isaacsim-agent ui config.yaml --screenshot panel.png --tab YAML --size 480x900 --scale 2
"""

_SETTLING_FRAMES = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("config", type=Path, nargs="?", help="config to open; a new one without it")
    parser.add_argument(
        "--screenshot", type=_png, metavar="FILE", help="write a picture (PNG) and end; needs no display"
    )
    parser.add_argument("--tab", metavar="NAME", help="tab to show first")
    parser.add_argument(
        "--size", type=_size, default=(560, 900), metavar="WxH", help="of the window (default: 560x900)"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="how large to draw a picture (default: 1)")


def execute(arguments: argparse.Namespace) -> int:
    """Open the panel and wait until it is closed, or write the picture."""
    from isaacsim_agent_ext.errors import ConfigError, Problem
    from isaacsim_agent_ext.ui.desktop import Desktop

    headless = arguments.screenshot is not None
    scale = arguments.scale if headless else 1.0
    width, height = (round(length * scale) for length in arguments.size)
    desktop = Desktop("Agent Data Generation", width, height, headless=headless, scale=scale)
    try:
        from isaacsim_agent_ext.ui.panel import make_panel

        panel = make_panel(desktop, arguments.config)
        titles = [tab.title for tab in panel.tabs]
        if arguments.tab is not None and arguments.tab not in titles:
            raise ConfigError([Problem("--tab", f"expected {', '.join(titles)}; found {arguments.tab}")])
        panel.shown = arguments.tab or panel.shown
        desktop.schedule(panel.keep_up_to_date())
        if headless:
            desktop.frames(_SETTLING_FRAMES)
            desktop.screenshot(arguments.screenshot)
        else:
            desktop.run(lambda: _may_close(desktop, panel), panel.drop)
        panel.close()
    finally:
        desktop.shut_down()
    if arguments.json:
        print(json.dumps({"ok": True, "screenshot": str(arguments.screenshot) if headless else None}))
    elif headless:
        print(arguments.screenshot)
    return 0


def _may_close(desktop: Desktop, panel: PanelWindow) -> bool:
    """Return whether to close at once; else the user is asked, and the window is closed later."""

    async def ask_first() -> None:
        if await panel.may_close():
            desktop.close()

    if not panel.can_close_at_once:
        desktop.schedule(ask_first())
    return panel.can_close_at_once


def _png(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"pictures are PNG: expected a name such as panel.png; found {text}")
    return path


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 200 <= int(width) <= 8000 and 200 <= int(height) <= 8000):
        raise argparse.ArgumentTypeError(f"expected a size such as 560x900, from 200 to 8000; found {text}")
    return int(width), int(height)

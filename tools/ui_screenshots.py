"""Take the pictures of the panel for the documentation: ``python tools/ui_screenshots.py [--output docs/images]``.

Each shows one state, made by the same steps every time, and is drawn without a display.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ui_run_screenshots import take_run

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "config/samples/full_pipeline.yaml"
GROUP = ("character", "groups", "warehouse_workers")


def config(panel: Any) -> None:
    """Show the form, with a behavior open."""
    _open(panel, GROUP)
    _open(panel, (*GROUP, "routines"))
    _open(panel, (*GROUP, "routines", 0))


def problems(panel: Any) -> None:
    """Show a config with mistakes."""
    panel.document.set(("simulation_duration",), -3)
    panel.document.set(("character", "groups", "visitors", "num"), -1)


def text(panel: Any) -> None:
    """Show the text, with a mistake in it."""
    panel.document.set(("seed",), -7)
    panel.show_tab(panel.yaml.title)


def question(panel: Any) -> None:
    """Ask about unsaved changes."""
    panel.document.set(("seed",), 11)
    panel.host.schedule(panel.files.new())


STATES: dict[str, Callable[[Any], None]] = {
    "config": config,
    "problems": problems,
    "yaml": text,
    "question": question,
}


def _open(panel: Any, path: tuple[str | int, ...]) -> None:
    panel.config.show(path)
    panel.host.frames(12)
    panel.config.form.view(path).unfold()
    panel.host.frames(4)


def take(desktop: Any, state: str, target: Path) -> None:
    """Open a panel, bring it into a state, and write the picture."""
    from isaacsim_agent_ext.ui.panel import make_panel

    panel = make_panel(desktop, SAMPLE)
    task = desktop.schedule(panel.keep_up_to_date())
    desktop.frames(8)
    STATES[state](panel)
    desktop.frames(10)
    if state == "config":
        panel.config.form.scroll_to_top()
        desktop.frames(3)
    desktop.screenshot(target)
    task.cancel()
    from isaacsim_agent_ext.ui import dialogs

    for dialog in tuple(dialogs.shown):
        dialog.answer(None)
    desktop.frames(3)
    panel.close()
    (desktop.state_folder / "sections.json").unlink(missing_ok=True)
    desktop.frames(2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs/images")
    parser.add_argument("--size", default="480x820", help="of each picture [px]")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    from isaacsim_agent_ext.ui.desktop import Desktop

    with tempfile.TemporaryDirectory() as folder:
        desktop = Desktop("Panel", width, height, headless=True, state_folder=Path(folder))
        desktop.hide_pointer()
        for state in STATES:
            take(desktop, state, arguments.output / f"panel_{state}.png")
        take_run(desktop, arguments.output)
        desktop.shut_down()


if __name__ == "__main__":
    main()

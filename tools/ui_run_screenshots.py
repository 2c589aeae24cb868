"""Pictures of the tabs that run a config and show what comes of it, for ``tools/ui_screenshots.py``."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.session.agent_session import AgentSession, SessionOptions
from isaacsim_agent_ext.session.runtime import StandaloneRuntime
from isaacsim_agent_ext.ui.viewmodel.overlays import MASKS

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "config/samples/quick_start.yaml"
MOMENT = 12
"""The recorded frame at which the pictures are taken."""

LONGEST = 300.0  # s


def take_run(desktop: Any, folder: Path) -> None:
    """Run the quick start in a panel and write a picture of each tab."""
    from isaacsim_agent_ext.ui.panel import make_panel

    with tempfile.TemporaryDirectory() as output:
        session = AgentSession(StandaloneRuntime(), SessionOptions(output=Path(output)))
        panel = make_panel(desktop, SAMPLE, session)
        task = desktop.schedule(panel.keep_up_to_date())
        desktop.frames(8)
        _prepare(panel.document)
        tabs = {tab.title: tab for tab in panel.tabs}
        session.config.take(panel.document.text, panel.document.path)
        session.generate()
        panel.show_tab("Run")
        _until(desktop, lambda: session.progress.frames >= MOMENT)
        session.pause()
        session.dispatch("evacuate")
        _until(desktop, lambda: session.progress.paused)
        _shoot(desktop, folder / "panel_run.png")
        panel.show_tab("Map")
        _until(desktop, lambda: tabs["Map"].model.picture is not None)
        _shoot(desktop, folder / "panel_map.png")
        panel.show_tab("Preview")
        tabs["Preview"].model.switch(MASKS)
        _until(desktop, lambda: tabs["Preview"].model.shot is not None)
        _shoot(desktop, folder / "panel_preview.png")
        dataset = tabs["Dataset"]
        dataset.open(Path(output))
        panel.show_tab("Dataset")
        _until(desktop, lambda: dataset.model.picture is not None)
        dataset.model.go_to(MOMENT // 2)
        _until(desktop, lambda: not dataset.model.is_busy)
        _shoot(desktop, folder / "panel_dataset.png")
        session.cancel()
        _until(desktop, lambda: not session.progress.busy)
        task.cancel()
        panel.close()
        session.close()


def _prepare(document: Any) -> None:
    """Make the pictures smaller, and let the people stop when they are told."""
    document.set(("replicator", "render_product_resolution"), [640, 360])
    group = ("character", "groups", "workers")
    trigger = document.add((*group, "triggers"), option="event_trigger")
    document.set((*trigger, "event_trigger", "event"), "evacuate")


def _until(desktop: Any, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the run did not come as far as its picture")
        desktop.frames(1)
        time.sleep(0.02)


def _shoot(desktop: Any, target: Path) -> None:
    for _ in range(20):
        desktop.frames(1)
        time.sleep(0.02)
    desktop.screenshot(target)

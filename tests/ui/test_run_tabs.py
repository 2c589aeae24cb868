"""The tabs that run a config and show what comes of it, clicked for real."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent / "viewmodel"))  # the session that records nothing

from fake_session import SPEC, Host, session_on

from isaacsim_agent_ext.session.agent_session import SessionOptions
from isaacsim_agent_ext.writers.images import encode_png

TEXT = """\
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 3
  simulation_duration: 2.0
  environment: {base_stage_asset_path: hall.usd}
  character:
    groups:
      crew:
        num: 1
        triggers:
          - event_trigger: {event: evacuate}
  sensor: {groups: {hall: {num: 1}}}
  replicator: {writers: {IRABasicWriter: {start_frame: 0}}}
"""
FLOOR = np.array([[[0, 0, 0], [10, 0, 0], [10, 4, 0]], [[0, 0, 0], [10, 4, 0], [0, 4, 0]]], np.float32)


@pytest.fixture
def host() -> Host:
    return Host(SimpleNamespace(specs=(SPEC,), cameras=(), navmesh=SimpleNamespace(triangles=lambda: FLOOR)))


@pytest.fixture
def panel(desktop: Any, host: Host, tmp_path: Path) -> Iterator[Any]:
    from isaacsim_agent_ext.ui.panel import make_panel

    config = tmp_path / "hall.yaml"
    config.write_text(TEXT)
    session = session_on(host)
    session.options = SessionOptions(output=tmp_path / "out")
    desktop.failures.clear()
    made = make_panel(desktop, config, session)
    task = desktop.schedule(made.keep_up_to_date())
    desktop.frames(6)
    yield made
    host.gate.set()
    task.cancel()
    made.close()
    session.close()
    desktop.frames(2)
    assert not desktop.failures, desktop.failures


def tab(panel: Any, title: str) -> Any:
    panel.show_tab(title)
    return next(one for one in panel.tabs if one.title == title)


def until(desktop: Any, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        desktop.frames(1)
        time.sleep(0.01)


def test_a_dataset_is_made_by_clicks(desktop: Any, hands: Any, panel: Any, host: Host) -> None:
    footer, run = panel._footer, panel._footer._model
    hands.click(footer.set_up)
    until(desktop, lambda: run.state.tone == "good")
    host.gate.clear()
    hands.click(footer.start)
    until(desktop, lambda: footer.pause.visible)
    assert not footer.start.visible
    hands.wait()
    hands.click(footer.pause)
    until(desktop, lambda: footer.pause.text == "Resume")
    host.gate.set()
    hands.click(footer.pause)
    until(desktop, lambda: not run.is_busy and footer.start.visible)
    assert run.state.headline == "60 frames from 1 cameras are written"
    assert host.set_ups == 1


def test_a_run_is_cancelled_by_a_click(desktop: Any, hands: Any, panel: Any, host: Host) -> None:
    footer, run = panel._footer, panel._footer._model
    host.pause = 0.02
    hands.click(footer.start)
    until(desktop, lambda: run.state.frames > 1)
    hands.wait()
    hands.click(footer.cancel)
    until(desktop, lambda: not run.is_busy and footer.start.visible)
    assert run.state.headline == "Cancelled"


@pytest.mark.parametrize(("answer", "frames"), [("Go back", None), ("Finish first", 60), ("Cancel it", 0)])
def test_who_closes_the_window_chooses_what_becomes_of_the_run(
    desktop: Any, hands: Any, panel: Any, host: Host, answer: str, frames: int | None
) -> None:
    from isaacsim_agent_ext.ui import dialogs

    host.gate.clear()
    assert panel.can_close_at_once
    panel._footer._model.start()
    assert not panel.can_close_at_once
    may_close = desktop.schedule(panel.may_close())
    until(desktop, lambda: bool(dialogs.shown))
    hands.wait(4)
    hands.click(dialogs.shown[-1].buttons[answer])
    desktop.frames(4)
    host.gate.set()
    until(desktop, may_close.done)
    assert may_close.result() is (frames is not None)
    progress = panel._footer._model.session.progress
    assert frames is None or progress.busy is False
    assert frames is None or progress.frames == frames
    panel._footer._model.cancel()
    until(desktop, lambda: not panel._footer.is_busy)


def test_what_is_wrong_keeps_the_buttons_from_being_clicked(desktop: Any, hands: Any, panel: Any, host: Host) -> None:
    footer = panel._footer
    panel.document.set(("simulation_duration",), -1.0)
    until(desktop, lambda: not footer.set_up.enabled)
    hands.click(footer.set_up)
    hands.click(footer.start)
    assert host.set_ups == 0
    assert "simulation_duration" in footer._text.text
    panel.document.undo()
    until(desktop, lambda: bool(footer.set_up.enabled))


def test_events_are_fired_by_clicks_and_seen_at_the_actors(desktop: Any, hands: Any, panel: Any, host: Host) -> None:
    run_tab, run = tab(panel, "Run"), panel._footer._model
    desktop.frames(4)
    assert not run_tab.event_buttons["evacuate"].enabled
    host.pause = 0.03
    hands.click(panel._footer.start)
    until(desktop, lambda: bool(run_tab._rows) and run_tab.event_buttons["evacuate"].enabled)
    assert [label.text for label in run_tab._rows[0]] == ["crew_0", "MoveTo", "routine"]
    hands.click(run_tab.event_buttons["evacuate"])
    until(desktop, lambda: run_tab._rows[0][2].text == "event evacuate")
    run.cancel()
    until(desktop, lambda: not run.is_busy)


def test_sections_of_a_run_stay_as_they_were_left(desktop: Any, hands: Any, panel: Any) -> None:
    run_tab = tab(panel, "Run")
    desktop.frames(4)
    hands.click(run_tab.log.header)
    assert not run_tab.log.is_open
    panel._folds.save()
    from isaacsim_agent_ext.ui.folds import Folds

    remembered = Folds(desktop.state_folder / "sections.json")
    assert not remembered.is_open(("run", "Log"), otherwise=True)
    hands.click(run_tab.log.header)
    assert run_tab.log.is_open


def test_the_map_appears_with_the_world(desktop: Any, hands: Any, panel: Any) -> None:
    map_tab = tab(panel, "Map")
    desktop.frames(4)
    assert map_tab.model.picture is None
    hands.click(panel._footer.set_up)
    until(desktop, lambda: map_tab.model.picture is not None)
    height, width = map_tab.model.picture.shape[:2]
    assert width > 400
    assert height > 300


def test_without_a_world_the_preview_says_what_to_do(desktop: Any, panel: Any) -> None:
    preview = tab(panel, "Preview")
    desktop.frames(4)
    assert "Set up" in preview._picture._message.text


def test_a_dataset_is_looked_through_by_clicks(desktop: Any, hands: Any, panel: Any, tmp_path: Path) -> None:
    for camera in ("World_a", "World_b"):
        for name in ("rgb", "normals", "object_detection"):
            (tmp_path / "data" / camera / name).mkdir(parents=True)
        for frame in range(30, 36):
            picture = np.full((36, 64, 4), frame, np.uint8)
            for name in ("rgb", "normals"):
                (tmp_path / "data" / camera / name / f"{name}_{frame:04}.png").write_bytes(encode_png(picture))
            record = tmp_path / "data" / camera / "object_detection" / f"object_detection_{frame:04}.json"
            record.write_text(json.dumps({"agents": {}, "objects": {}}))
    dataset = tab(panel, "Dataset")
    model = dataset.model
    dataset.open(tmp_path / "data")
    until(desktop, lambda: model.picture is not None)
    desktop.frames(4)
    hands.click(dataset.frames.ahead)
    hands.click(dataset.frames.ahead)
    hands.click(dataset.frames.back)
    assert model.frame == 31
    hands.click(dataset.switches.buttons["masks"])
    assert "masks" in model.overlays
    hands.drag(dataset.frames.slider, 400)
    until(desktop, lambda: model.frame == 35)
    hands.click(dataset.cameras.box)
    hands.wait(4)
    box = dataset.cameras.box
    hands.click_at(box.screen_position_x + 30, box.screen_position_y + box.computed_height * 2.5)
    until(desktop, lambda: model.camera == "World_b")
    assert model.frame == 35


GOLDEN = Path(__file__).parent / "golden"
MOST_MEAN, MOST_CHANGED = 3.0, 0.02
"""How much pictures may differ, as in ``test_pictures.py``: mean of a channel, share of pixels that differ clearly."""


@pytest.mark.parametrize("title", ["Run", "Preview", "Map", "Dataset"])
def test_tabs_look_as_they_did(desktop: Any, hands: Any, panel: Any, tmp_path: Path, title: str) -> None:
    """``PANEL_GOLDEN=write`` takes the pictures anew."""
    shown = tab(panel, title)
    if title == "Map":
        panel._footer._model.set_up()
        until(desktop, lambda: shown.model.picture is not None and not panel._footer.is_busy)
    if title == "Dataset":
        (tmp_path / "data" / "World_a" / "rgb").mkdir(parents=True)
        ramp = np.full((90, 160, 4), 255, np.uint8)
        ramp[..., :3] = np.linspace(20, 220, 160, dtype=np.uint8)[None, :, None]
        for frame in range(30, 36):
            (tmp_path / "data" / "World_a" / "rgb" / f"rgb_{frame:04}.png").write_bytes(encode_png(ramp))
        shown.open(tmp_path / "data")
        until(desktop, lambda: shown.model.picture is not None)
    desktop.hide_pointer()
    hands.wait(20)
    desktop.screenshot(tmp_path / "now.png")
    now = Image.open(tmp_path / "now.png").convert("RGB")
    golden = GOLDEN / f"tab_{title.lower()}.png"
    if os.environ.get("PANEL_GOLDEN") == "write":
        now.save(golden, optimize=True)
        pytest.skip("taken anew")
    expected = Image.open(golden).convert("RGB")
    assert now.size == expected.size
    difference = np.abs(np.asarray(now, dtype=int) - np.asarray(expected, dtype=int))
    assert difference.mean() < MOST_MEAN
    assert (difference.max(axis=-1) > 60).mean() < MOST_CHANGED

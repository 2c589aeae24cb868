"""Running a document and following the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_session import Host, session_on

from isaacsim_agent_ext import events
from isaacsim_agent_ext.session.agent_session import SessionOptions
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config
from isaacsim_agent_ext.ui.viewmodel.run import RunModel, duration_in_words

TEXT = """\
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 3
  simulation_duration: 1.0
  environment: {base_stage_asset_path: hall.usd}
  character:
    groups:
      crew:
        num: 1
        triggers:
          - event_trigger: {event: evacuate}
          - event_trigger: {event: alarm}
          - time_trigger: {time: 1}
  sensor: {groups: {hall: {num: 1}}}
  replicator: {writers: {IRABasicWriter: {start_frame: 0}}}
"""


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def run(host: Host, tmp_path: Path) -> Iterator[RunModel]:
    document = Document(agent_config())
    document.set_text(TEXT)
    session = session_on(host)
    session.options = SessionOptions(output=tmp_path / "out")
    yield RunModel(document, session)
    host.gate.set()
    session.close()


def until(run: RunModel, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, run.state
        run.update()
        time.sleep(0.005)


def test_a_run_from_the_first_click_to_the_output(run: RunModel, host: Host, tmp_path: Path) -> None:
    assert (run.state.tone, run.state.set_up_refusal, run.state.start_refusal) == ("idle", "", "")
    assert run.set_up()
    until(run, lambda: not run.is_busy)
    assert (run.state.tone, run.state.fraction) == ("good", 1.0)
    assert [line.text for line in run.log if line.kind == "warning"] == ["the hall is draughty"]
    assert run.start()
    until(run, lambda: not run.is_busy)
    assert host.set_ups == 1, "the world that stands is used"
    assert run.state.outputs == (("IRABasicWriter", tmp_path / "out"),)
    assert run.state.headline == "30 frames from 1 cameras are written"
    assert run.state.frames == run.state.frames_total == 30


def test_unsaved_edits_are_run(run: RunModel, host: Host) -> None:
    run.start()
    until(run, lambda: not run.is_busy)
    run._document.set(("simulation_duration",), 0.5)
    run.start()
    until(run, lambda: not run.is_busy)
    assert (run.state.frames_total, host.set_ups) == (15, 2)


def test_what_is_wrong_is_the_reason_why_nothing_can_be_started(run: RunModel) -> None:
    run._document.set(("character", "groups", "crew", "num"), -1)
    run.update()
    assert "character.groups.crew.num" in run.state.set_up_refusal
    assert run.state.start_refusal == run.state.set_up_refusal
    run._document.undo()
    run._document.remove(("replicator", "writers", "IRABasicWriter"))
    run.update()
    assert run.state.set_up_refusal == ""
    assert "add a writer" in run.state.start_refusal
    assert not run.start()
    assert run.log[-1].kind == "error"


def test_pausing_and_cancelling(run: RunModel, host: Host) -> None:
    host.pause = 0.01
    run.start()
    until(run, lambda: run.state.frames >= 3)
    assert run.state.can_pause
    run.pause()
    assert run.state.is_paused
    assert "Paused" in run.state.headline
    time.sleep(0.15)
    run.update()
    frames = run.state.frames
    time.sleep(0.15)
    run.update()
    assert run.state.frames == frames
    run.pause()
    until(run, lambda: run.state.frames > frames)
    run.cancel()
    until(run, lambda: not run.is_busy)
    assert run.state.headline == "Cancelled"
    assert run.state.frames < 30
    told = [line.text for line in run.log]
    assert told.index("Paused") < told.index("Resumed") < told.index("Cancelled")


def test_speed_and_time_left_are_told_once_they_are_known(run: RunModel, host: Host) -> None:
    now = 0.0
    run._clock = lambda: now
    host.gate.clear()
    run.start()
    until(run, lambda: run.state.can_pause and run._progress.phase == "generate")
    assert (run.state.frames_per_second, run.state.seconds_left) == (0.0, None)
    host.pause = 0.05
    host.gate.set()
    until(run, lambda: run.state.frames >= 4)
    run._written.clear()
    run.update()
    first = run.state.frames
    now = 2.0
    until(run, lambda: run.state.frames > first)
    assert run.state.frames_per_second == pytest.approx((run.state.frames - first) / 2.0)
    assert run.state.seconds_left == pytest.approx((30 - run.state.frames) / run.state.frames_per_second)


def test_a_failure_is_told(run: RunModel, host: Host) -> None:
    host.missing = True
    run.start()
    until(run, lambda: not run.is_busy)
    assert (run.state.tone, run.state.headline) == ("error", "Failed")
    assert "hall.usd is nowhere" in run.state.detail
    assert run.log[-1].kind == "error"


def test_events_reach_the_actors_and_can_be_seen_there(run: RunModel, host: Host) -> None:
    assert run.state.events == ("alarm", "evacuate")
    assert not run.fire("alarm")
    host.pause = 0.02
    run.start()
    until(run, lambda: run.state.frames >= 2)
    assert run.fire("alarm")
    until(run, lambda: any(actor.trigger == "event alarm" for actor in run.state.actors.actors))
    (actor,) = run.state.actors.actors
    assert (actor.name, actor.action) == ("crew_0", "MoveTo")
    run.cancel()


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (42.4, "0:42"), (62, "1:02"), (3723, "1:02:03")])
def test_durations(seconds: float, words: str) -> None:
    assert duration_in_words(seconds) == words


def test_a_config_that_a_script_loads_is_shown_unless_edits_would_be_lost(run: RunModel, tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(TEXT)
    second.write_text(TEXT.replace("num: 1", "num: 2"))
    run._document.save(tmp_path / "own.yaml")
    dispatch = run.session.runtime.events.dispatch
    dispatch(events.CONFIG_LOADED, {"path": str(second)})
    run.update()
    assert run._document.path == second
    assert run._document.section["character"]["groups"]["crew"]["num"] == 2
    run._document.set(("seed",), 9)
    dispatch(events.CONFIG_LOADED, {"path": str(first)})
    run.update()
    assert run._document.path == second
    assert run.log[-1].kind == "warning"
    run.close()
    run._document.save()
    dispatch(events.CONFIG_LOADED, {"path": str(first)})
    run.update()
    assert run._document.path == second

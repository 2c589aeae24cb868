"""Setting up, generating, cancelling, events in and out: on a host that only counts."""

import asyncio
import json
import logging
import threading
from pathlib import Path

import pytest

from isaacsim_agent_ext import api, events
from isaacsim_agent_ext.errors import AssetError, ConfigError
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.session.event_script import read_events

FRAMES = 12


@pytest.fixture
def loaded(door, config_file: Path):
    assert door.load_config_file(config_file)
    return door


def names(heard: list[tuple[str, dict]]) -> list[str]:
    return [name for name, _ in heard if name not in ("config_changed", "config_loaded", "frame_captured")]


def test_set_up_then_generate(loaded, host, heard) -> None:
    assert loaded.setup_simulation()
    assert loaded.wait(20)
    assert loaded.get_progress().state == "ready"
    assert loaded.get_progress().warnings == ("the hall is draughty",)
    assert loaded.start_data_generation()
    assert loaded.wait(20)
    progress = loaded.get_progress()
    assert (progress.state, progress.frames, progress.frames_total) == ("done", FRAMES, FRAMES)
    assert progress.report.frames == FRAMES
    assert progress.report.warnings == ("the hall is draughty",)
    assert host.set_ups == 1, "the world that stands is used"
    assert names(heard) == ["set_up_done", "data_generation_done"]
    assert [payload["frame"] for name, payload in heard if name == "frame_captured"] == list(range(FRAMES))


def test_generating_sets_up_what_does_not_stand(loaded, host) -> None:
    assert loaded.start_data_generation()
    assert loaded.wait(20)
    assert host.set_ups == 1
    loaded.update_config("seed", 8)
    loaded.start_data_generation()
    assert loaded.wait(20)
    assert (host.set_ups, host.closed) == (2, 1), "the config changed: the old world goes, a new one comes"
    loaded.start_data_generation()
    assert loaded.wait(20)
    assert host.set_ups == 2, "nothing changed: the world is recorded again"


def test_both_can_be_awaited_while_the_loop_goes_on(loaded, host) -> None:
    async def script() -> list[bool]:
        reached, go_on = host.hold_frames()
        results = [await api.setup_simulation_async()]
        task = asyncio.create_task(api.start_data_generation_async())
        async with asyncio.timeout(20):
            while not reached.is_set():
                await asyncio.sleep(0.001)
        results.append(task.done())
        with pytest.raises(RuntimeError, match="await start_data_generation_async"):
            api.wait()
        go_on.set()
        results.append(await task)
        results.append(await api.start_data_generation_async(will_wait_until_complete=False))
        return results

    assert asyncio.run(script()) == [True, False, True, True]
    assert loaded.wait(20)


def test_only_one_thing_goes_on_at_a_time(loaded, host) -> None:
    reached, go_on = host.hold_frames()
    loaded.start_data_generation()
    assert reached.wait(20)
    assert loaded.get_progress().busy
    assert not loaded.start_data_generation()
    assert not loaded.setup_simulation()
    assert "still generating" in str(loaded.get_last_error())
    go_on.set()
    assert loaded.wait(20)


def test_cancelling_ends_at_a_frame_boundary(loaded, host, heard) -> None:
    reached, go_on = host.hold_frames(first=5)
    assert not loaded.cancel(), "nothing to cancel yet"
    loaded.start_data_generation()
    assert reached.wait(20)
    assert loaded.cancel()
    go_on.set()
    assert loaded.wait(20) is False
    progress = loaded.get_progress()
    assert (progress.state, progress.report.frames, progress.report.cancelled) == ("cancelled", 6, True)
    assert heard[-1][0] == "data_generation_done"
    assert heard[-1][1]["cancelled"] is True
    assert loaded.get_last_error() is None
    host.before_frame = lambda _: None
    loaded.start_data_generation()
    assert loaded.wait(20), "a cancelled run does not cancel the next"


def test_cancelling_ends_a_set_up_at_its_next_phase(loaded, host, heard) -> None:
    host.on_set_up = loaded.cancel
    loaded.setup_simulation()
    assert loaded.wait(20) is False
    assert loaded.get_progress().state == "cancelled"
    assert (host.set_ups, names(heard)) == (0, [])


def test_cancelling_the_awaiting_task_cancels_the_job(loaded, host) -> None:
    async def script() -> None:
        reached, go_on = host.hold_frames(first=3)
        task = asyncio.create_task(api.start_data_generation_async())
        while not reached.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()

    asyncio.run(script())
    loaded.wait(20)
    assert loaded.get_progress().state == "cancelled"


def test_a_failure_is_told_announced_and_kept(loaded, host, heard, caplog) -> None:
    host.on_set_up = host.miss_an_asset
    with caplog.at_level(logging.ERROR):
        assert loaded.start_data_generation()
        assert loaded.wait(20) is False
    assert "hall.usd is nowhere" in caplog.text
    assert isinstance(loaded.get_last_error(), AssetError)
    progress = loaded.get_progress()
    assert (progress.state, progress.error) == ("failed", "hall.usd is nowhere")
    assert heard[-1] == (
        "data_generation_failed",
        {"phase": "assets", "kind": "AssetError", "message": "hall.usd is nowhere"},
    )
    host.on_set_up = lambda: None
    loaded.start_data_generation()
    assert loaded.wait(20)
    assert loaded.get_last_error() is None


def test_after_a_failed_recording_the_world_is_set_up_anew(loaded, host) -> None:
    def fail(frame: int) -> None:
        raise AssetError("the stage is gone")

    host.before_frame = fail
    loaded.start_data_generation()
    assert not loaded.wait(20)
    assert (host.set_ups, host.closed) == (1, 1)
    host.before_frame = lambda _: None
    loaded.start_data_generation()
    assert loaded.wait(20)
    assert host.set_ups == 2


def test_a_fault_of_ours_ends_a_job_too(loaded, host) -> None:
    def fault() -> None:
        raise ZeroDivisionError("oops")

    host.on_set_up = fault
    loaded.setup_simulation()
    assert loaded.wait(20) is False
    assert (loaded.get_progress().state, loaded.get_progress().error) == ("failed", "oops")


def test_a_job_that_would_write_nothing_is_not_started(loaded, host) -> None:
    loaded.delete_config_item("replicator.writers", key="IRABasicWriter")
    assert not loaded.start_data_generation()
    assert isinstance(loaded.get_last_error(), ConfigError)
    assert loaded.setup_simulation(), "to look at the world no writer is needed"
    assert loaded.wait(20)
    assert host.set_ups == 1


def test_events_reach_the_simulation_and_its_triggers_are_announced(loaded, host, heard, tmp_path: Path) -> None:
    reached, go_on = host.hold_frames(first=4)
    assert not loaded.dispatch_event("alarm"), "nobody is there to hear it"
    loaded.start_data_generation()
    assert reached.wait(20)
    assert not loaded.dispatch_event("lunch"), "no trigger waits for it"
    assert loaded.dispatch_event("alarm", {"prim_path": "/World/Characters/crew/crew_0"})
    with pytest.raises(TypeError, match="JSON-compatible"):
        loaded.dispatch_event("alarm", {"when": threading.Lock()})
    go_on.set()
    assert loaded.wait(20)
    event = SimulationEvent(frame=3, name="alarm", payload={"prim_path": "/World/Characters/crew/crew_0"})
    assert loaded.get_progress().report.events == (event,)
    assert ("trigger_fired", {"frame": 3, "actor": "crew_0", "trigger": "event alarm"}) in heard
    assert not loaded.dispatch_event("alarm")

    log = tmp_path / "out" / "run.json"
    assert json.loads(log.read_text())["events"] == [event.to_json()]
    host.before_frame = lambda _: None
    loaded.set_options(events=read_events(log), output=tmp_path / "again")
    loaded.start_data_generation()
    assert loaded.wait(20)
    assert loaded.get_progress().report.events == (event,), "the log repeats the run, and its log"


def test_what_others_dispatch_reaches_the_simulation(loaded, host) -> None:
    reached, go_on = host.hold_frames(first=2)
    loaded.start_data_generation()
    assert reached.wait(20)
    loaded.session().runtime.events.dispatch("alarm", {"not JSON": object(), "prim_path": "/a"})
    go_on.set()
    loaded.wait(20)
    (event,) = loaded.get_progress().report.events
    assert (event.name, event.payload) == ("alarm", {"prim_path": "/a"})


def test_options_reach_the_host(loaded, host, tmp_path: Path) -> None:
    loaded.set_options(asset_root="/data/isaac", device="cuda:1", output=tmp_path / "elsewhere")
    loaded.start_data_generation()
    assert loaded.wait(20)
    assert (host.options.asset_root, host.options.device, host.options.workers) == ("/data/isaac", "cuda:1", 1)
    assert (tmp_path / "elsewhere" / "config.yaml").is_file()


def test_ending_a_session_cancels_its_job_and_gives_everything_back(loaded, host) -> None:
    loaded.start_data_generation()
    assert loaded.wait(20)
    reached, go_on = host.hold_frames(first=2)
    before = {thread.name for thread in threading.enumerate()}
    assert "isaacsim-agent" in before
    loaded.start_data_generation()
    assert reached.wait(20)
    work, session = loaded.session().work, loaded.session()
    thread = next(thread for thread in threading.enumerate() if thread.name == "isaacsim-agent")
    loaded.use(None)
    go_on.set()
    assert work.result(20) is False
    thread.join(20)
    assert not thread.is_alive()
    assert host.closed == host.set_ups
    with pytest.raises(Exception, match="closed"):
        session.set_up()


def test_events_have_descriptions() -> None:
    constants = {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}
    assert {description.name for description in events.ANNOUNCED} == constants

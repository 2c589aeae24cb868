"""Pausing a job, and looking at what goes on in it: on a host that only counts."""

import time
from pathlib import Path

import pytest

from isaacsim_agent_ext import api
from isaacsim_agent_ext.errors import ConfigError

FRAMES = 12


@pytest.fixture
def loaded(door, config_file: Path):
    assert door.load_config_file(config_file)
    return door


def pause_at(host, frame: int) -> None:
    """Make the job pause itself before a frame, so that what follows does not hang on who is faster."""
    host.before_frame = lambda now: api.pause() if now == frame else None


def until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_paused_job_waits_at_a_frame_boundary_and_goes_on(loaded, host) -> None:
    pause_at(host, 4)
    loaded.start_data_generation()
    until(lambda: loaded.get_progress().frames == 5)
    time.sleep(0.2)
    progress = loaded.get_progress()
    assert (progress.state, progress.frames, progress.paused) == ("generating", 5, True)
    assert loaded.resume()
    assert loaded.wait(20)
    progress = loaded.get_progress()
    assert (progress.state, progress.frames, progress.paused) == ("done", FRAMES, False)


def test_a_paused_job_can_be_cancelled(loaded, host) -> None:
    pause_at(host, 4)
    loaded.start_data_generation()
    until(lambda: loaded.get_progress().frames == 5)
    assert loaded.cancel()
    assert not loaded.wait(20)
    assert (loaded.get_progress().state, loaded.get_progress().paused) == ("cancelled", False)


def test_without_data_generation_there_is_nothing_to_pause(loaded) -> None:
    assert not loaded.pause()
    assert not loaded.resume()
    loaded.setup_simulation()
    loaded.wait(20)
    assert not loaded.pause()
    assert not loaded.get_progress().paused


def test_actors_can_be_watched(loaded, host) -> None:
    loaded.start_data_generation()
    assert loaded.wait(20)
    now = api.session().actors
    assert now.frame >= 1
    (actor,) = now.actors
    assert (actor.name, actor.action, actor.is_robot) == ("crew_0", "MoveTo", False)
    assert actor.position == (float(now.frame), 0.0, 0.0)
    assert actor.goal == (9.0, 0.0, 0.0)


def test_an_editor_hands_over_what_it_has_written(door, config_file: Path) -> None:
    config = api.session().config
    text = config_file.read_text()
    loaded = config.take(text, config_file)
    assert config.take(text, config_file) is loaded
    edited = config.take(text + "# more\n", config_file)
    assert edited is not loaded
    assert edited.config.seed == loaded.config.seed
    with pytest.raises(ConfigError):
        config.take("broken: [", config_file)
    assert config.require().loaded is edited

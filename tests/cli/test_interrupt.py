"""Ctrl-C: what is asked for by the first, the second, and one during set-up."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from isaacsim_agent_ext.commands.interrupt import StopBetweenSteps, cancel_on_interrupt
from isaacsim_agent_ext.errors import RunCancelled
from isaacsim_agent_ext.resources import sample_config_dir
from isaacsim_agent_ext.session.progress import SilentReporter


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_is_a_request(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    with cancel_on_interrupt() as cancelled:
        assert not cancelled()
        os.kill(os.getpid(), number)
        assert cancelled()
    assert "Ctrl-C again" in capsys.readouterr().err


def test_the_second_interrupt_stops_at_once_and_claims_no_more_than_is_true() -> None:
    def interrupt_twice() -> None:
        with cancel_on_interrupt():
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(RunCancelled, match="files written before are whole"):
        interrupt_twice()


def test_the_handlers_from_before_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with cancel_on_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_set_up_stops_before_its_next_step_but_what_is_recorded_is_finished() -> None:
    cancelled = False
    reporter = StopBetweenSteps(SilentReporter(), lambda: cancelled)
    reporter.phase("stage")
    cancelled = True
    reporter.frames(1, 2)
    reporter.warning("a warning")
    reporter.phase("finish")
    with pytest.raises(RunCancelled, match="before anything was recorded"):
        reporter.phase("navmesh")


def test_an_interrupt_during_the_set_up_leaves_nothing_and_does_not_wait_for_frames(tmp_path: Path) -> None:
    config, output = str(sample_config_dir() / "quick_start.yaml"), tmp_path / "out"
    words = [sys.executable, "-m", "isaacsim_agent_ext.cli", "run", config, "--output", str(output), "--device", "cpu"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[2/8]"):
            break
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped before anything was recorded" in told
    assert "[7/8]" not in told
    assert not output.exists()


IMPORTS_INTERRUPTED = """
import builtins, os, signal, sys
ours = builtins.__import__
def interrupted(name, *rest):
    if name == "{module}":
        os.kill(os.getpid(), signal.SIGINT)
    return ours(name, *rest)
builtins.__import__ = interrupted
from isaacsim_agent_ext.cli import main
sys.exit(main(["doctor"]))
"""


@pytest.mark.parametrize("module", ["isaacsim_agent_ext.command_line", "argparse", "json", "isaacsim_agent_ext.errors"])
def test_an_interrupt_while_the_program_starts_shows_no_traceback(module: str) -> None:
    words = [sys.executable, "-c", IMPORTS_INTERRUPTED.format(module=module)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 130
    assert ended.stderr.startswith("stopped")
    assert "Traceback" not in ended.stderr

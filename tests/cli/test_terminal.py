"""The live progress bar, drawn into a text."""

import io

import pytest

from isaacsim_agent_ext.commands.terminal import TerminalReporter


class Terminal(io.StringIO):
    """A text that passes for a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_phase_without_frames_does_not_count_those_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with TerminalReporter(terminal) as reporter:
        reporter.phase("generate")
        reporter.frames(3, 4)
        reporter._progress.refresh()
        assert "3/4" in terminal.getvalue()
        reporter.phase("finish")
        before = len(terminal.getvalue())
        reporter._progress.refresh()
        drawn = terminal.getvalue()[before:]
    assert "Finishing" in drawn
    assert "/4" not in drawn
    assert "✓" in terminal.getvalue()

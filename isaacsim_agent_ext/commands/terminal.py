"""How the command line tells of a running job: a live bar on a terminal, plain lines elsewhere, nothing if asked."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from isaacsim_agent_ext.session.progress import PHASES, Reporter, SilentReporter

PHASE_TITLES = {
    "config": "Reading the config",
    "assets": "Finding assets",
    "stage": "Opening the stage",
    "navmesh": "Baking the NavMesh",
    "people": "Placing people",
    "cameras": "Placing cameras",
    "generate": "Recording",
    "finish": "Finishing",
}


def open_reporter(*, quiet: bool = False, stream: TextIO | None = None) -> TerminalReporter | LineReporter | Silence:
    """Return the reporter that suits the stream (standard error by default), to be used in a ``with``."""
    stream = stream or sys.stderr
    if quiet:
        return Silence()
    if stream.isatty():
        try:
            return TerminalReporter(stream)
        except ImportError:  # rich belongs to the standalone extra; without it lines do
            pass
    return LineReporter(stream)


class Silence(SilentReporter):
    """Says nothing."""

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class LineReporter:
    """Writes one line per phase and about one per five seconds of recording: for logs and pipes."""

    SECONDS_BETWEEN_LINES = 5.0

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._recording_since = 0.0
        self._last_line = 0.0

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def _line(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def phase(self, name: str, detail: str = "") -> None:
        """Print the phase and its place among all."""
        self._line(f"[{PHASES.index(name) + 1}/{len(PHASES)}] {PHASE_TITLES[name]}{f': {detail}' if detail else ''}")
        self._recording_since = self._last_line = time.monotonic()

    def frames(self, done: int, total: int) -> None:
        """Print how far the recording is, now and then and at its end."""
        now = time.monotonic()
        if done < total and now - self._last_line < self.SECONDS_BETWEEN_LINES:
            return
        self._last_line = now
        rate = done / max(now - self._recording_since, 1e-9)
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        self._line(f"      frame {done} of {total}, {rate:.2f} frames/s{left}")

    def warning(self, text: str) -> None:
        """Print it."""
        self._line(f"warning: {text}")


class TerminalReporter:
    """A live bar: phase, frames, frames per second, time left; finished phases stay above it."""

    def __init__(self, stream: TextIO):
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._console = Console(file=stream, highlight=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task("Starting", total=None, rate="")
        self._title = ""
        self._since = time.monotonic()

    def __enter__(self) -> Reporter:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._close_phase()
        self._progress.stop()

    def _close_phase(self) -> None:
        if self._title:
            self._console.print(f"[green]✓[/] {self._title} [dim]{time.monotonic() - self._since:.1f} s[/]")

    def phase(self, name: str, detail: str = "") -> None:
        """Tick off the last phase and show the next."""
        self._close_phase()
        self._title = PHASE_TITLES[name]
        self._since = time.monotonic()
        description = f"{self._title} [dim]{detail}[/]" if detail else self._title
        self._progress.remove_task(self._task)  # a reset would keep the last phase's total
        self._task = self._progress.add_task(description, total=None, rate="")

    def frames(self, done: int, total: int) -> None:
        """Move the bar."""
        rate = done / max(time.monotonic() - self._since, 1e-9)
        self._progress.update(self._task, completed=done, total=total, rate=f"{rate:.1f} frames/s")

    def warning(self, text: str) -> None:
        """Print it above the bar."""
        self._console.print(f"[yellow]warning:[/] {text}", markup=True)

"""Ctrl-C: the first one asks a job to stop where nothing is lost, the second one stops it at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from isaacsim_agent_ext.errors import RunCancelled
from isaacsim_agent_ext.session.progress import Reporter


@contextmanager
def cancel_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a request, which the function given tells of.

    Raises:
        RunCancelled: The user pressed Ctrl-C a second time.
    """
    cancelled = Event()

    def on_interrupt(_signal: int, _frame: object) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()
        print("\nstopping when the step or frame in work is done (Ctrl-C again to stop at once)", file=sys.stderr)

    before = {number: signal.signal(number, on_interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancelled.is_set
    except KeyboardInterrupt:
        raise RunCancelled(
            "stopped at once: files written before are whole, but there is no summary and no contact sheet"
        ) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class StopBetweenSteps:
    """Passes everything on to a reporter, and ends a set-up that the user cancelled before its next step.

    Recording stops at frame boundaries by itself; before the first frame there is nothing to keep.
    """

    def __init__(self, reporter: Reporter, cancelled: Callable[[], bool]):
        self._cancelled = cancelled
        self._reporter = reporter

    def phase(self, name: str, detail: str = "") -> None:
        """Pass it on.

        Raises:
            RunCancelled: The user cancelled and nothing is recorded yet.
        """
        if name != "finish" and self._cancelled():
            raise RunCancelled("stopped before anything was recorded")
        self._reporter.phase(name, detail)

    def frames(self, done: int, total: int) -> None:
        """Pass it on."""
        self._reporter.frames(done, total)

    def warning(self, text: str) -> None:
        """Pass it on."""
        self._reporter.warning(text)

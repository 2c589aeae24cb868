"""The asyncio loop of the double: one slice per application update, on a clock that only updates move."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 0.02
"""Longest that one update waits for work in threads [s]."""


class UpdateLoop(asyncio.SelectorEventLoop):
    """Runs tasks one slice at a time, as Kit's does.

    Its clock is simulated: a timeout of 30 s passes after so many updates, in no time. While an executor works, the
    clock follows the real one, so that no timeout fires over work that is merely slow here.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._jobs: set[asyncio.Future[Any]] = set()
        self._hung = 0
        self._wake = threading.Event()

    def time(self) -> float:
        """Return the simulated time [s]."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass: simulated, or real while threads work."""
        if len(self._jobs) > self._hung:
            started = time.perf_counter()
            self._wake.wait(PATIENCE)
            self._wake.clear()
            seconds = min(seconds, time.perf_counter() - started)
        self._now += seconds

    def run_slice(self) -> None:
        """Run what is ready now, once."""
        super().stop()
        super().run_forever()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Run a function in a thread."""

        def work() -> Any:
            try:
                return func(*args)
            finally:
                self._wake.set()

        job = super().run_in_executor(executor, work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return job

    def hang(self, released: threading.Event) -> None:
        """Block the calling thread until the test ends."""
        self._hung += 1
        released.wait()
        self._hung -= 1

    def run_forever(self) -> None:
        """Refuse: an extension that runs the loop stops the application."""
        raise RuntimeError("Kit runs the event loop: nothing else may")

    def run_until_complete(self, future: Any) -> Any:
        """Refuse: an extension that runs the loop stops the application."""
        raise RuntimeError("Kit runs the event loop: nothing else may")

    def finish(self) -> None:
        """Cancel every task and close."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        for _ in range(50):
            self.run_slice()
        executor: concurrent.futures.ThreadPoolExecutor | None = self._default_executor  # type: ignore[attr-defined]
        if executor is not None:
            executor.shutdown(wait=True)
            self._default_executor = None
        self.close()

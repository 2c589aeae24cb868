"""Work beside the drawing, of which only the latest counts: pictures of a frame that is stepped past are left out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Outcome(Generic[Result]):
    """What became of some work.

    Attributes:
        result: What it gave, or None.
        error: What it raised, or None.
    """

    result: Result | None = None
    error: Exception | None = None


class Background(Generic[Result]):
    """Does one piece of work at a time, in a thread of its own.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str):
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._next: Callable[[], Result] | None = None
        self._running = False
        self._outcome: Outcome[Result] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        with self._lock:
            return self._running

    def do(self, work: Callable[[], Result]) -> None:
        """Do this next, in place of what has not begun yet."""
        with self._lock:
            self._next = work
            if not self._running:
                self._running = True
                self._pool.submit(self._work)

    def take(self) -> Outcome[Result] | None:
        """Return what became of the work that ended last, once; None when there is nothing new."""
        with self._lock:
            outcome, self._outcome = self._outcome, None
            return outcome

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Do nothing more; what has begun ends by itself, and after it ``last`` is done."""
        with self._lock:
            self._next = None
        if last is not None:
            self._pool.submit(last)
        self._pool.shutdown(wait=False)

    def _work(self) -> None:
        while True:
            with self._lock:
                work, self._next = self._next, None
                if work is None:
                    self._running = False
                    return
            try:
                outcome = Outcome(work())
            except Exception as error:
                outcome = Outcome(error=error)  # shown in place of the result
            with self._lock:
                self._outcome = outcome

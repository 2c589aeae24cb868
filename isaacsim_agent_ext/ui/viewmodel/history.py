"""Undo and redo: the states of a document, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

State = TypeVar("State")

_MOST_STATES = 1000
_PAUSE = 1.0  # s


class History(Generic[State]):
    """The states a document went through, and those it can go back to.

    Edits of the same thing that follow each other without a pause, as while one types or drags, become one.

    Args:
        state: The first state.
        clock: Returns the time [s].
    """

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._before: list[State] = []
        self._after: list[State] = []
        self._state = state
        self._edited: Hashable = None
        self._edited_at = 0.0

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    @property
    def can_undo(self) -> bool:
        """Whether there is a state to go back to."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether a step back can be taken again."""
        return bool(self._after)

    def begin(self, state: State) -> None:
        """Forget everything and begin with another state."""
        self._before, self._after, self._state = [], [], state
        self.seal()

    def push(self, state: State, edited: Hashable = None) -> None:
        """Go on to a new state.

        Args:
            state: The new state.
            edited: What was edited; edits of the same become one. None for an edit that stands alone.
        """
        now = self._clock()
        goes_on = edited is not None and edited == self._edited and now - self._edited_at < _PAUSE and self._before
        if not goes_on:
            self._before = [*self._before[1 - _MOST_STATES :], self._state]
        self._after = []
        self._state, self._edited, self._edited_at = state, edited, now

    def seal(self) -> None:
        """End what is being edited: the next edit can be undone by itself."""
        self._edited = None

    def undo(self) -> None:
        """Go back, if there is a state to go back to."""
        if self._before:
            self._after.append(self._state)
            self._state = self._before.pop()
            self.seal()

    def redo(self) -> None:
        """Take a step back again, if there was one."""
        if self._after:
            self._before.append(self._state)
            self._state = self._after.pop()
            self.seal()

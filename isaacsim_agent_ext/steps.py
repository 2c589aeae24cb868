"""Long work that can be done piece by piece: an app with a window looks after it in between."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Steps: TypeAlias = Generator[Path | str | None, None, T]
"""Work as a generator that yields wherever it can be interrupted for a while, and returns its result.

It yields the USD file or URL that the next piece will open, for those who can load it meanwhile, else None.
"""


def at_once(steps: Steps[T]) -> T:
    """Do all of the work now and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result

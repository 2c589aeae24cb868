"""How a running job tells of itself: a small protocol that the command line, the panel and tests implement."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Hears what a job does; every method returns at once and is called from the job's own thread."""

    def phase(self, name: str, detail: str = "") -> None:
        """A phase begins.

        Args:
            name: One of `PHASES`.
            detail: What it works on, such as a file name.
        """

    def frames(self, done: int, total: int) -> None:
        """So many of the frames to record are written."""

    def warning(self, text: str) -> None:
        """Something the user should know about, that does not stop the job."""


PHASES = ("config", "assets", "stage", "navmesh", "people", "cameras", "generate", "finish")
"""The phases of a job, in order."""


class SilentReporter:
    """Hears everything and says nothing."""

    def phase(self, name: str, detail: str = "") -> None:
        """Ignore it."""

    def frames(self, done: int, total: int) -> None:
        """Ignore it."""

    def warning(self, text: str) -> None:
        """Ignore it."""

"""What a tab of the panel is: the seam by which pages are added to it."""

from __future__ import annotations

from typing import Any, Protocol


class Tab(Protocol):
    """One page of the panel: made with the panel, drawn when it is first shown."""

    title: str

    def build(self, parent: Any) -> None:
        """Create the widgets in ``parent``, an empty ``ui.Frame``; called once."""

    def update(self, dt: float) -> None:
        """Do what is due, once per frame while the tab is shown; ``dt`` is the time since the last one [s]."""

    def close(self) -> None:
        """Let go of everything: the panel is closed."""

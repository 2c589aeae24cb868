"""What the panel needs of the program around it: Kit, or a window of its own on a desktop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol


@dataclass(frozen=True, kw_only=True)
class PathQuestion:
    """A question for a file or a folder.

    Attributes:
        title: Of the dialog.
        wanted: ``"open"`` an existing file, ``"save"`` a new or existing one, or a ``"folder"``.
        start: Folder to begin in, or the file to propose.
        suffixes: Endings of the files to show, such as ``".yaml"``; none shows all.
    """

    title: str
    wanted: Literal["open", "save", "folder"]
    start: Path
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prim:
    """A prim of a stage, as a tree shows it.

    Attributes:
        path: Absolute path.
        type_name: Such as ``"Xform"``; empty without a type.
        has_children: Whether there is anything below it.
    """

    path: str
    type_name: str
    has_children: bool


class PrimTree(Protocol):
    """The prims of the stage from which one can be picked."""

    def children(self, path: str) -> tuple[Prim, ...]:
        """Return the prims directly below ``path``; the root is ``"/"``."""


class UiHost(Protocol):
    """The program around the panel."""

    state_folder: Path
    """Folder for what the panel remembers; it may not exist yet."""

    font_scale: float
    """How much larger than usual to write; 1 where omni.ui knows the scale of its display."""

    def make_window(self, title: str) -> Any:
        """Return a new `ui.Window` for the panel."""

    async def next_frame(self) -> None:
        """Wait for the next frame."""

    def schedule(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        """Start a coroutine beside the drawing, on its thread."""

    async def choose_path(self, question: PathQuestion) -> Path | None:
        """Ask for a file or a folder; None when the user cancels."""

    def notify(self, text: str, *, warning: bool = False) -> None:
        """Tell the user something that needs no answer."""

    def key_name(self, code: int) -> str:
        """Return which of `KEYS` omni.ui reports by this code, or an empty text."""

    def prims(self) -> PrimTree | None:
        """Return the prims of the stage that is open, or None without one."""

    def show_folder(self, path: Path) -> None:
        """Open a folder in the system's file browser."""


KEYS = ("N", "O", "S", "Y", "Z", "ENTER", "ESCAPE")
"""Names of the keys that the panel listens to."""

CONTROL, SHIFT = 2, 1
"""Bits of the modifiers that omni.ui reports with a key."""

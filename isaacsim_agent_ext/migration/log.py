"""What a migration tells its user: what became of every key and command, and what cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from isaacsim_agent_ext.errors import Problem

Change = Literal["renamed", "changed", "added", "dropped", "hint"]


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one key or command.

    Attributes:
        change: ``"renamed"`` (same value, other key), ``"changed"`` (same meaning, other form), ``"added"``,
            ``"dropped"`` (1.x has nothing like it; kept as a comment) or ``"hint"`` (nothing changed; good to know).
        key: The old key, or the line of a command file; the new key where there is no old one.
        message: What it became and why.
        file: The file it stood in.
        line: Counted from 1, or 0 for a key that the old file does not have.
    """

    change: Change
    key: str
    message: str
    file: str
    line: int = 0

    @property
    def place(self) -> str:
        """The file, and the line where there is one."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(slots=True)
class Log:
    """Notes and problems in the order in which they were found."""

    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def sorted_notes(self) -> tuple[Note, ...]:
        """Return the notes by file and line, files in the order in which they were first noted."""
        files = list(dict.fromkeys(note.file for note in self.notes))
        return tuple(sorted(self.notes, key=lambda note: (files.index(note.file), note.line)))

"""What the simulation has to tell: warnings for the user, and the life of every trigger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SimulationRecord:
    """Something that happened, or that the user should know.

    Attributes:
        frame: When.
        actor: The actor's name, or the group's for what concerns a whole group.
        kind: A short name such as ``"goal_given_up"`` or ``"trigger_started"``.
        message: One sentence for the user; of a trigger, which it is.
        prim_path: The actor's root prim; empty for a group.
        details: What a program wants to know besides, JSON-compatible.
    """

    frame: int
    actor: str
    kind: str
    message: str
    prim_path: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"frame {self.frame}: {self.actor}: {self.message}"

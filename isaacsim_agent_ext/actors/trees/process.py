"""Processes: nodes on their way, as generators that ask for what they need and end with a status.

A process yields a `Want`, for an action of the actor's body, or a `Pause`, for time alone, and is sent how that ended.
Composites run their children by ``yield from``, so a tree asks for one thing at a time and costs nothing in between;
only `Parallel` has to merge several.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.actors.actions import Action, ActorHandle, Outcome
from isaacsim_agent_ext.actors.trees.ports import LOCAL, SLOT, Slot, read_value
from isaacsim_agent_ext.actors.trees.tree import Part


class Status(enum.Enum):
    """How a node ended; one that has not is running."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time pass; whoever else wants the body may have it.

    Attributes:
        seconds: How long [s].
    """

    seconds: float


@dataclass(frozen=True, eq=False, slots=True)
class Want:
    """Have the body carry out an action.

    Attributes:
        action: The action; a `Tick` for one step of it.
        task: Stands for the node's run; it keeps the body from one action to the next.
    """

    action: Action
    task: object


Demand = Want | Pause
Process = Generator[Demand, Outcome, Status]
Leaf = Generator[Action | Pause, Outcome, None]
"""A node without children: yields actions and pauses, and raises `Failed` when it cannot do what it should."""

Inner = Callable[[Mapping[str, Any]], Process]
"""Runs what a modifier wraps; takes values for ports of the node."""


class Failed(Exception):  # noqa: N818 - a node that fails is no error
    """Ends a leaf as a failure; says why."""


@dataclass(frozen=True)
class Failure:
    """Why a node failed.

    Attributes:
        part: The node or modifier.
        reason: In words.
    """

    part: Part
    reason: str

    def __str__(self) -> str:
        return f"{self.part} failed: {self.reason}"


def plain(value: Any) -> Any:
    """Return a value of a blackboard as JSON has it: points as lists."""
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


class TreeRun:
    """What the nodes of one actor's tree share while it runs.

    Args:
        actor: Whom the tree moves.
        board: The local blackboard.

    Attributes:
        turn: How often the tree has let time pass.
        failure: The failure that came last.
        memory: What a part keeps from one run to the next, by its path.
    """

    def __init__(self, actor: ActorHandle, board: dict[str, Any]):
        self.actor = actor
        self.turn = 0
        self.failure: Failure | None = None
        self.memory: dict[str, Any] = {}
        self._board = board

    def board(self, slot: Slot) -> dict[str, Any]:
        """Return the blackboard that a slot is on."""
        return self._board if slot.blackboard == LOCAL else self.actor.shared

    def local(self, key: str) -> Any:
        """Return a value of the local blackboard.

        Raises:
            Failed: There is none.
        """
        return self._value(Slot(LOCAL, key))

    def _value(self, slot: Slot) -> Any:
        board = self.board(slot)
        if slot.key not in board:
            raise Failed(f"the blackboard has no value at {slot}")
        return board[slot.key]

    def read(self, part: Part, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every port, those bound to a blackboard looked up.

        Raises:
            Failed: A slot is empty, or holds what the port does not take.
        """
        values = {**part.ports, **given}
        for port in part.kind.ports:
            value = values[port.name]
            if isinstance(value, Slot) and port.kinds != (SLOT,):
                try:
                    values[port.name] = read_value(port, self._value(value))
                except ValueError as error:
                    raise Failed(f"port {port.name}, from the blackboard at {value}: {error}") from None
        return values

    def fail(self, part: Part, reason: str) -> Status:
        """Note why a part fails."""
        self.failure = Failure(part, reason)
        return Status.FAILURE

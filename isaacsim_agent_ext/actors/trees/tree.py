"""A behavior tree as plain data: what a file and its overrides say, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.actors.trees.library import NodeType
from isaacsim_agent_ext.actors.trees.ports import ANY, PRIM, Slot

TreeKey = tuple[str, str | None]
"""A tree as a config names it: its path and its overrides."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """What nodes and modifiers share.

    Attributes:
        kind: What it is.
        name: Its name, unique among its siblings.
        path: ``/Root/Go`` for a node, ``/Root/Go:Loop`` for a modifier.
        ports: The value of every port, defaults filled in; a `Slot` where it is bound to a blackboard.
    """

    kind: NodeType
    name: str
    path: str
    ports: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.path} ({self.kind.name})"


@dataclass(frozen=True, eq=False, kw_only=True)
class Node(Part):
    """A node.

    Attributes:
        modifiers: What wraps it, the outermost first.
        children: In order.
    """

    modifiers: tuple[Part, ...] = ()
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class BehaviorTree:
    """A tree that can be carried out.

    Attributes:
        name: What to call it in messages: the file's name.
        root: Its root.
    """

    name: str
    root: Node

    def nodes(self) -> Iterator[Node]:
        """Yield every node, parents first."""
        todo = [self.root]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.children))

    def parts(self) -> Iterator[Part]:
        """Yield every node, each with its modifiers after it."""
        for node in self.nodes():
            yield node
            yield from node.modifiers

    def prim_paths(self) -> Iterator[tuple[Part, str, str]]:
        """Yield every prim path that a port names: the node or modifier, the port, and the path.

        What is written to a blackboard counts too when it looks like one, because a port may be bound to it.
        """
        for part in self.parts():
            for port in part.kind.ports:
                value = part.ports[port.name]
                names_prim = PRIM in port.kinds or (ANY in port.kinds and str(value).startswith("/"))
                if names_prim and isinstance(value, str) and value:
                    yield part, port.name, value

    def slots(self) -> Iterator[tuple[Part, str, Slot]]:
        """Yield every slot that a port is bound to or points at."""
        for part in self.parts():
            for name, value in part.ports.items():
                if isinstance(value, Slot):
                    yield part, name, value

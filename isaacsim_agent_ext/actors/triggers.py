"""Which triggers fire: those whose time has come, whose event was announced, or whose collider touches something."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.colliders import StageCollider, Touch, Touches
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import ActorGroup, CollisionTrigger, EventTrigger, TimeTrigger, Trigger


@dataclass(frozen=True, eq=False, slots=True)
class Firing:
    """A trigger that fires.

    Attributes:
        actor: Whose, as an index.
        trigger: What the config says about it.
        cause: What made it fire, JSON-compatible: the ``time``, the ``event`` with its ``payload``, or the colliders
            that touch.
    """

    actor: int
    trigger: Trigger
    cause: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The trigger's key in the config."""
        match self.trigger:
            case TimeTrigger():
                return "time_trigger"
            case EventTrigger():
                return "event_trigger"
            case CollisionTrigger():
                return "collision_trigger"
        return type(self.trigger).__name__

    def __str__(self) -> str:
        match self.trigger:
            case TimeTrigger(time=time):
                what = f" at {time:g} s"
            case EventTrigger(event=event):
                what = f" on {event!r}"
            case CollisionTrigger(self_collider=name):
                other = self.cause["other_actor"] or self.cause["other_prim_path"]
                what = f" of {name!r}, {self.cause['touch']} {other}"
            case _:
                what = ""
        return f"{self.kind}{what}, priority {self.trigger.priority}"


class Triggers:
    """The triggers of all actors, asked once per step which of them fire.

    Args:
        specs: The actors.
        groups: Their groups, by name.
        stage_colliders: What can be touched of the stage.
    """

    def __init__(
        self,
        specs: Sequence[ActorSpec],
        groups: Mapping[str, ActorGroup],
        stage_colliders: Sequence[StageCollider] = (),
    ):
        self._specs = specs
        self._touches = Touches(specs, groups, stage_colliders)
        self._timers: dict[int, list[Firing]] = {}
        self._listeners: dict[str, list[tuple[int, EventTrigger]]] = {}
        self._announced: list[tuple[str, dict[str, Any]]] = []
        for index, spec in enumerate(specs):
            for trigger in groups[spec.group].triggers:
                if isinstance(trigger, TimeTrigger):
                    due = math.ceil(trigger.time / STEP - 1e-6)
                    self._timers.setdefault(due, []).append(Firing(index, trigger, {"time": trigger.time}))
                elif isinstance(trigger, EventTrigger):
                    self._listeners.setdefault(trigger.event, []).append((index, trigger))

    def announce(self, event: str, payload: Mapping[str, Any]) -> None:
        """Let an event reach the actors in the next step."""
        self._announced.append((event, dict(payload)))

    def due(self, frame: int, positions: np.ndarray, headings: np.ndarray) -> list[Firing]:
        """Return what fires in the step from a frame: timers, then events as they came, then touches.

        Among those of one kind actors are in their order, and the triggers of an actor in that of the config.

        Args:
            frame: The frame.
            positions: ``(n, 3)`` where the actors are [m].
            headings: ``(n, 2)`` unit vectors.
        """
        firings = self._timers.pop(frame, [])
        announced, self._announced = self._announced, []
        for event, payload in announced:
            addressed = payload.get("prim_path")
            for index, trigger in self._listeners.get(event, ()):
                spec = self._specs[index]
                if addressed is None or addressed in (spec.prim_path, spec.agent_prim_path):
                    firings.append(Firing(index, trigger, {"event": event, "payload": payload}))
        touches = self._touches.changes(positions, headings)
        return firings + [Firing(touch.actor, touch.trigger, _cause(touch)) for touch in touches]


def _cause(touch: Touch) -> dict[str, Any]:
    return {
        "self_collider": touch.trigger.self_collider,
        "touch": "enter" if touch.begins else "exit",
        "other_collider": touch.other_collider,
        "other_prim_path": touch.other_prim_path,
        "other_actor": touch.other_actor,
    }

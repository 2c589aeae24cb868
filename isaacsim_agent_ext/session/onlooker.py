"""A look at the actors of a running simulation, for panels: where they are, and what they are doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.simulation import Simulation

_PAUSE = 0.1  # s

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorNow:
    """One actor at one moment.

    Attributes:
        name: Its name.
        group: Its group's name.
        position: x, y and z of where it stands [m].
        yaw: Where it heads [rad], counter-clockwise from +X seen from above.
        action: What it is doing, such as ``"MoveTo"``, or an empty text.
        trigger: The trigger that made it do so, in words; empty while it follows its routine.
        is_robot: Whether it is a robot.
        goal: x, y and z of where it is going [m], or None.
    """

    name: str
    group: str
    position: Point
    yaw: float
    action: str
    trigger: str
    is_robot: bool
    goal: Point | None = None


@dataclass(frozen=True, slots=True)
class ActorsNow:
    """All actors at one moment.

    Attributes:
        frame: The simulation's frame.
        actors: The actors, people first.
    """

    frame: int = 0
    actors: tuple[ActorNow, ...] = ()


class Onlooker:
    """Looks at a simulation a few times a second, whatever its speed.

    Args:
        clock: Returns the time [s].

    Attributes:
        seen: What was seen last; may be read from any thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.seen = ActorsNow()
        self._clock = clock
        self._next = 0.0
        self._triggers: dict[str, str] = {}
        self._told = 0

    def look(self, simulation: Simulation) -> None:
        """Look, if it is time; called after every step, from the thread that simulates."""
        for record in simulation.events[self._told :]:
            if record.kind in ("trigger_started", "trigger_resumed"):
                self._triggers[record.actor] = record.message
            elif record.kind == "trigger_completed":
                self._triggers.pop(record.actor, None)
        self._told = len(simulation.events)
        now = self._clock()
        if now >= self._next:
            self._next = now + _PAUSE
            self.seen = ActorsNow(
                simulation.frame,
                tuple(
                    ActorNow(
                        name=state.spec.name,
                        group=state.spec.group,
                        position=_point(state.position),
                        yaw=float(state.yaw),
                        action=state.task or "",
                        trigger=self._triggers.get(state.spec.name, ""),
                        is_robot=state.spec.drive is not None,
                        goal=None if goal is None else _point(goal),
                    )
                    for state, goal in zip(simulation.states(), simulation.goals(), strict=True)
                ),
            )


def _point(position: np.ndarray) -> Point:
    return float(position[0]), float(position[1]), float(position[2])

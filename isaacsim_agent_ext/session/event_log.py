"""Events that reach a simulation from outside, and the record of them that lets a run be repeated.

The simulation is a pure function of the config, the seed and this log: every event is bound to the frame at whose step
it arrived. A run that was driven live, from another extension or a script, therefore leaves its events in ``run.json``,
and the same run comes about again, in any number of processes, when they are given back to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.config.model import Config, EventTrigger


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationEvent:
    """An event and the frame at which it reaches the simulation.

    Attributes:
        frame: Triggers that wait for the event fire in the step from this frame to the next.
        name: The event's name, as in a config's ``event_trigger``.
        payload: JSON-compatible; ``prim_path`` restricts the event to one actor.
    """

    frame: int
    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the event as it stands in ``run.json``."""
        return {"frame": self.frame, "event": self.name, "payload": dict(self.payload)}


class EventPort(Protocol):
    """The wire between a running simulation and the world outside; used from the thread that simulates."""

    def take(self, frame: int) -> Sequence[SimulationEvent]:
        """Return the events that have arrived since the last call, bound to ``frame``."""

    def trigger_fired(self, record: SimulationRecord) -> None:
        """An actor's trigger fired."""

    def event_dispatched(self, name: str, payload: Mapping[str, Any]) -> None:
        """An actor announced an event, which the simulation has heard already."""

    def stepped(self, simulation: Simulation) -> None:
        """The simulation has taken a step, and may be looked at before it takes the next."""


class EventFeed:
    """Steps a simulation and lets in what comes from outside: first what was scheduled, then what arrives live."""

    def __init__(self, scheduled: Iterable[SimulationEvent] = (), port: EventPort | None = None):
        self._scheduled: dict[int, list[SimulationEvent]] = {}
        for event in scheduled:
            self._scheduled.setdefault(event.frame, []).append(event)
        self._port = port
        self._told = 0
        self._live: list[SimulationEvent] = []

    @property
    def live(self) -> tuple[SimulationEvent, ...]:
        """The events that arrived while running, in order; with them scheduled, the run repeats itself."""
        return tuple(self._live)

    def step(self, simulation: Simulation) -> None:
        """Advance by 1/30 s."""
        events = list(self._scheduled.pop(simulation.frame, ()))
        if self._port is not None:
            arrived = self._port.take(simulation.frame)
            self._live += arrived
            events += arrived
        for event in events:
            simulation.dispatch(event.name, event.payload)
        simulation.step()
        if self._port is not None:
            for record in simulation.events[self._told :]:
                if record.kind == "trigger_fired":
                    self._port.trigger_fired(record)
                elif record.kind == "event_dispatched":
                    self._port.event_dispatched(record.details["dispatched"], record.details["payload"])
            self._told = len(simulation.events)
            self._port.stepped(simulation)


def check_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a payload that can be logged.

    Raises:
        TypeError: Something in it has no JSON form, or is no finite number.
    """
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(payload), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"the payload of an event is logged, so it must be JSON-compatible: texts, finite numbers, true, false, "
            f"null, lists and maps of them ({error})"
        ) from error
    return copy


def event_names(config: Config) -> tuple[str, ...]:
    """Return the names that the event triggers of a config wait for, sorted."""
    groups = [*(config.character.groups if config.character else ()), *(config.robot.groups if config.robot else ())]
    triggers = [trigger for group in groups for trigger in group.triggers]
    return tuple(sorted({trigger.event for trigger in triggers if isinstance(trigger, EventTrigger)}))

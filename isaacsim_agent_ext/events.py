"""The events this package announces, and the bus they travel on.

Names and payloads are the same on both hosts. Inside a Kit app they are carb events, which any extension can observe::

    carb.eventdispatcher.get_eventdispatcher().observe_event(
        event_name=events.DATA_GENERATION_DONE, on_event=lambda event: print(event["frames"]), observer_name="mine"
    )

The other way round, any event dispatched under the name of an ``event_trigger`` of the config reaches the actors.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

CONFIG_LOADED = "isaacsim_agent_ext.config_loaded"
CONFIG_CHANGED = "isaacsim_agent_ext.config_changed"
SET_UP_DONE = "isaacsim_agent_ext.set_up_done"
FRAME_CAPTURED = "isaacsim_agent_ext.frame_captured"
TRIGGER_FIRED = "isaacsim_agent_ext.trigger_fired"
DATA_GENERATION_DONE = "isaacsim_agent_ext.data_generation_done"
DATA_GENERATION_FAILED = "isaacsim_agent_ext.data_generation_failed"

Payload = Mapping[str, Any]
Callback = Callable[[Payload], None]


@dataclass(frozen=True, slots=True)
class EventDescription:
    """What an event tells.

    Attributes:
        name: Its name on the bus.
        when: When it is dispatched, as a sentence.
        payload: Each key of the payload, and what it holds; always all of them.
    """

    name: str
    when: str
    payload: Mapping[str, str]


ANNOUNCED = (
    EventDescription(
        CONFIG_LOADED,
        "A config file was loaded and is the current one.",
        {"path": "the file's path, absolute"},
    ),
    EventDescription(
        CONFIG_CHANGED,
        "The current config is another than before: loaded, replaced, or changed in one place. Panels follow it.",
        {
            "config_path": "dotted path of what changed, empty for everything",
            "path": "the file tied to the config, empty when there is none",
        },
    ),
    EventDescription(
        SET_UP_DONE,
        "The world stands: stage, NavMesh, actors and cameras.",
        {"actors": "how many actors there are", "cameras": "list of the cameras' prim paths"},
    ),
    EventDescription(
        FRAME_CAPTURED,
        "A frame was written by every writer that records it.",
        {"frame": "the simulation frame", "done": "frames written so far", "total": "frames to write"},
    ),
    EventDescription(
        TRIGGER_FIRED,
        "A trigger of an actor fired.",
        {"frame": "the simulation frame", "actor": "the actor's name", "trigger": "the trigger, in words"},
    ),
    EventDescription(
        DATA_GENERATION_DONE,
        "The dataset is written; when cancelled, as far as it goes, and every file of it whole.",
        {
            "frames": "frames written",
            "cancelled": "true when it was stopped early",
            "seed": "the seed that repeats the run",
            "output_dirs": "map from writer key to output folder",
        },
    ),
    EventDescription(
        DATA_GENERATION_FAILED,
        "Setting up or generating ended with an error; files written before it are whole.",
        {
            "phase": "the phase it happened in, such as `assets` or `generate`",
            "kind": "the error's class, such as `AssetError`",
            "message": "the error's text, for the user",
        },
    ),
)
"""Everything that is announced, for documentation and for panels that list events."""


class Subscription(Protocol):
    """Keeps an observer on the bus until it is reset."""

    def reset(self) -> None:
        """Take the observer off the bus; a second time does nothing."""


class EventBus(Protocol):
    """Where events are announced and heard."""

    def observe(self, name: str, callback: Callback) -> Subscription:
        """Call ``callback`` with the payload of every event called ``name``, in the thread that dispatches it.

        An observer that raises is reported and keeps nobody else from hearing the event.
        """

    def dispatch(self, name: str, payload: Payload | None = None) -> None:
        """Announce an event; returns when every observer has heard it."""


class LocalEventBus:
    """The bus of one process; any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._observers: dict[str, tuple[_Observer, ...]] = {}

    def observe(self, name: str, callback: Callback) -> Subscription:
        """Call ``callback`` for every event called ``name`` from now on; see `EventBus.observe`."""
        observer = _Observer(self, name, callback)
        with self._lock:
            self._observers[name] = (*self._observers.get(name, ()), observer)
        return observer

    def dispatch(self, name: str, payload: Payload | None = None) -> None:
        """Announce an event; an observer that raises is logged with its traceback."""
        with self._lock:
            observers = self._observers.get(name, ())
        for observer in observers:
            try:
                observer.callback(dict(payload or {}))
            except Exception:
                logging.getLogger(__name__).exception("an observer of the event %r failed", name)

    def remove(self, observer: _Observer) -> None:
        """Take an observer off the bus; one that is not there is no error."""
        with self._lock:
            remaining = tuple(one for one in self._observers.get(observer.name, ()) if one is not observer)
            if remaining:
                self._observers[observer.name] = remaining
            else:
                self._observers.pop(observer.name, None)


@dataclass(frozen=True, slots=True, eq=False)
class _Observer:
    bus: LocalEventBus
    name: str
    callback: Callback

    def reset(self) -> None:
        self.bus.remove(self)

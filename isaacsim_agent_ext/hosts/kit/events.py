"""Our event bus over carb's: what we announce reaches every extension, and what they dispatch reaches us."""

from __future__ import annotations

import json
from typing import Any

import carb.eventdispatcher

from isaacsim_agent_ext.events import Callback, Payload, Subscription
from isaacsim_agent_ext.hosts.kit.app import tell_error

_KNOWN_KEYS = ("prim_path",)
"""What a foreign event's payload is asked for where its keys cannot be listed (before Kit 108)."""


class KitEventBus:
    """An `isaacsim_agent_ext.events.EventBus`.

    As on the standalone host, observers stay until they are reset: carb itself drops those that nobody holds.
    """

    def __init__(self) -> None:
        self._guards: set[_Guard] = set()

    def observe(self, name: str, callback: Callback) -> Subscription:
        """Call ``callback`` for every event called ``name``; see `EventBus.observe`."""

        def on_event(event: Any) -> None:
            try:
                callback(event_payload(event))
            except Exception as error:
                tell_error(f"an observer of the event {name!r} failed: {error!r}")

        guard = carb.eventdispatcher.get_eventdispatcher().observe_event(
            event_name=name, on_event=on_event, observer_name=f"isaacsim_agent_ext {name}"
        )
        kept = _Guard(guard, self._guards)
        self._guards.add(kept)
        return kept

    def dispatch(self, name: str, payload: Payload | None = None) -> None:
        """Announce an event."""
        plain = json.loads(json.dumps(dict(payload or {})))  # carb takes texts, numbers, lists and maps of them only
        carb.eventdispatcher.get_eventdispatcher().dispatch_event(event_name=name, payload=plain)

    def close(self) -> None:
        """Take every observer off the bus."""
        for guard in list(self._guards):
            guard.reset()


class _Guard:
    def __init__(self, guard: Any, kept: set[_Guard]):
        self._guard = guard
        self._kept = kept

    def reset(self) -> None:
        self._kept.discard(self)
        if self._guard is not None:
            self._guard.reset()
        self._guard = None


def event_payload(event: Any) -> dict[str, Any]:
    """Return the payload of a carb event; before Kit 108 only the keys that mean something to us."""
    if hasattr(event, "payload"):
        return dict(event.payload)
    return {key: event[key] for key in (*_KNOWN_KEYS, *_OURS) if key in event}


def _our_keys() -> tuple[str, ...]:
    from isaacsim_agent_ext.events import ANNOUNCED

    return tuple(dict.fromkeys(key for description in ANNOUNCED for key in description.payload))


_OURS = _our_keys()

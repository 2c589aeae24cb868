"""carb.eventdispatcher (Events 2.0), carb.events (legacy streams), and carb's vectors."""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit


class Events:
    """Every observer and every event so far.

    Attributes:
        log: All events dispatched, as ``(name, payload)``, but those of every update.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self._order = itertools.count()
        self._observers: list[tuple[int, int, weakref.ref[Any]]] = []
        self._aliases: dict[str, str] = {}
        self._streams: dict[str, Any] = {}
        self.log: list[tuple[str, dict[str, Any]]] = []

    def add(self, observer: Any) -> None:
        """Register an observer: dispatching goes by order, then by age."""
        self._observers.append((observer.order, next(self._order), weakref.ref(observer)))
        self._observers.sort(key=lambda item: item[:2])

    def observers(self) -> list[Any]:
        """Return the observers that are alive, in the order of dispatching."""
        alive = [observer for *_, reference in self._observers if (observer := reference()) is not None]
        return [observer for observer in alive if observer._on_event is not None]

    def alias(self, target: str, alias: str) -> None:
        """Let one name stand for another."""
        self._aliases[alias] = target

    def dispatch(self, name: str, payload: dict[str, Any] | None = None, *, quiet: bool = False) -> int:
        """Call the observers of an event, and return how many there were."""
        name = self._aliases.get(name, name)
        payload = {} if payload is None else dict(payload)
        for key, value in payload.items():
            _check(f"{name}: payload {key!r}", value)
        if not quiet:
            self.log.append((name, payload))
        called = 0
        for observer in self.observers():
            wanted = observer._filter or {}
            matches = all(payload.get(key) == value for key, value in wanted.items())
            if self._aliases.get(observer._event, observer._event) == name and matches and observer.enabled:
                called += 1
                try:
                    observer._on_event(self._kit.make("carb.eventdispatcher.Event", name, payload))
                except Exception as error:
                    self._kit.log.append(("error", f"observer {observer.name!r} of {name}: {error!r}"))
        return called

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the payloads of all events of a name."""
        return [payload for each, payload in self.log if each == name]

    def stream(self, name: str) -> Any:
        """Return a legacy event stream."""
        if name not in self._streams:
            self._streams[name] = self._kit.make("carb.events.IEventStream", name)
        return self._streams[name]

    def push(self, stream: str, event: int = 0) -> None:
        """Send a legacy event."""
        for subscription in self.stream(stream)._alive():
            if subscription._type in (None, event):
                subscription._fn(self._kit.make("carb.events.IEvent", event))

    def leftovers(self) -> list[str]:
        """Name the observers and subscriptions."""
        items = [f"observer {observer.name or '?'} of {observer._event}" for observer in self.observers()]
        for name, stream in self._streams.items():
            items += [f"subscription {sub._name or '?'} to {name}" for sub in stream._alive()]
        return items


def _check(where: str, value: Any) -> None:
    if isinstance(value, dict):
        for each in value.values():
            _check(where, each)
    elif isinstance(value, list | tuple):
        for each in value:
            _check(where, each)
    elif value is not None and type(value) not in (bool, int, float, str):
        raise TypeError(f"{where}: {type(value).__name__} cannot travel in an event")


@emulate("carb.eventdispatcher.get_eventdispatcher")
def get_eventdispatcher(kit: Kit) -> Any:
    return kit.one("carb.eventdispatcher.IEventDispatcher")


@emulate("carb.eventdispatcher.IEventDispatcher")
class IEventDispatcher:
    _kit: Kit

    def observe_event(
        self, *, event_name: str, on_event: Any, observer_name: str = "", order: int = 0, filter: Any = None
    ) -> Any:
        observer = self._kit.make("carb.eventdispatcher.Observer", event_name, on_event, observer_name, order, filter)
        self._kit.events.add(observer)
        return observer

    def dispatch_event(self, event_name: str, payload: Any = None) -> int:
        return self._kit.events.dispatch(event_name, payload)

    def has_observers(self, event_name: str, filter: Any = None) -> bool:
        return any(observer._event == event_name for observer in self._kit.events.observers())

    def add_event_alias(self, target_name: str, alias_name: str) -> bool:
        self._kit.events.alias(target_name, alias_name)
        return True

    async def next_event(self, event_name: str, order: int = 0, filter: Any = None) -> Any:
        arrived = self._kit.loop.create_future()
        guard = self.observe_event(event_name=event_name, on_event=arrived.set_result, order=order, filter=filter)
        try:
            return await arrived
        finally:
            guard.reset()


@emulate("carb.eventdispatcher.Observer")
class Observer:
    """Observes as long as it is alive."""

    def __init__(self, event: str, on_event: Any, name: str, order: int, wanted: Any):
        self._event = event
        self._on_event = on_event
        self._filter = wanted
        self.name = name
        self.order = order
        self.enabled = True

    def reset(self) -> None:
        self._on_event = None


@emulate("carb.eventdispatcher.Event")
class Event:
    _kit: Kit

    def __init__(self, name: str, payload: dict[str, Any]):
        self._name = name
        self._payload = payload

    @property
    def event_name(self) -> str:
        return self._name

    @property
    def payload(self) -> dict[str, Any]:
        return dict(self._payload)

    def get(self, key: str) -> Any:
        return self._payload.get(key)

    def has_key(self, key: str) -> bool:
        return key in self._payload

    def consume(self) -> None:
        pass

    def __getitem__(self, key: str) -> Any:
        self._note()
        return self._payload[key]

    def __contains__(self, key: str) -> bool:
        self._note()
        return key in self._payload

    def _note(self) -> None:
        self._kit.note(self._kit.contract.modules["carb.eventdispatcher"]["Event"].members["get"])


@emulate("carb.events.IEventStream")
class IEventStream:
    _kit: Kit

    def __init__(self, name: str):
        self._name = name
        self._subscriptions: list[weakref.ref[Any]] = []

    def create_subscription_to_pop(self, fn: Any, order: int = 0, name: str = "") -> Any:
        return self._subscribe(None, fn, name)

    def create_subscription_to_pop_by_type(self, event_type: int, fn: Any, order: int = 0, name: str = "") -> Any:
        return self._subscribe(int(event_type), fn, name)

    def _subscribe(self, event_type: int | None, fn: Any, name: str) -> Any:
        subscription = self._kit.make("carb.events.ISubscription", event_type, fn, name)
        self._subscriptions.append(weakref.ref(subscription))
        return subscription

    def _alive(self) -> list[Any]:
        return [subscription for each in self._subscriptions if (subscription := each()) is not None]


@emulate("carb.events.ISubscription")
class ISubscription:
    def __init__(self, event_type: int | None, fn: Any, name: str):
        self._type = event_type
        self._fn = fn
        self._name = name


@emulate("carb.events.IEvent")
class IEvent:
    def __init__(self, event_type: int):
        self.type = event_type


class _Vector:
    _names = "xyzw"

    def __init__(self, *values: float):
        for name, value in zip(self._names, values, strict=False):
            setattr(self, name, float(value))

    def __getitem__(self, index: int) -> float:
        return getattr(self, self._names[: len(self)][index])

    def __setitem__(self, index: int, value: float) -> None:
        setattr(self, self._names[: len(self)][index], float(value))

    def __iter__(self) -> Any:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(str, self))})"


@emulate("carb.Float3")
class Float3(_Vector):
    def __len__(self) -> int:
        return 3


@emulate("carb.Float4")
class Float4(_Vector):
    def __len__(self) -> int:
        return 4

from typing import Any

from kit_contract.marks import entry

class IEventStream:
    def create_subscription_to_pop(self, fn: Any, order: int = 0, name: str = "") -> ISubscription: ...
    def create_subscription_to_pop_by_type(
        self, event_type: int, fn: Any, order: int = 0, name: str = ""
    ) -> ISubscription: ...

@entry("IEventStream.create_subscription_to_pop")
class ISubscription: ...

@entry("omni.timeline:Timeline.get_timeline_event_stream")
class IEvent:
    type: int

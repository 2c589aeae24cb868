from typing import Any

from kit_contract.marks import entry

def get_physx_interface() -> IPhysx: ...
def get_physx_scene_query_interface() -> IPhysxSceneQuery: ...

@entry("get_physx_interface")
class IPhysx:
    def subscribe_physics_step_events(self, fn: Any, /) -> Any: ...

@entry("get_physx_scene_query_interface")
class IPhysxSceneQuery:
    def raycast_closest(self, origin: Any, dir: Any, distance: float, bothSides: bool = False) -> dict[str, Any]: ...

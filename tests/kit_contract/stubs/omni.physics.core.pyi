from typing import Any

from kit_contract.marks import entry

def get_physics_scene_query_interface() -> IPhysicsSceneQuery: ...
def get_physics_simulation_interface() -> IPhysicsSimulation: ...

@entry("get_physics_scene_query_interface")
class IPhysicsSceneQuery:
    def raycast_closest(self, origin: Any, dir: Any, distance: float, both_sides: bool) -> tuple[bool, Any]: ...

@entry("get_physics_simulation_interface")
class IPhysicsSimulation:
    def subscribe_physics_on_step_events(self, pre_step: bool, order: int, on_update: Any) -> PhysicsSubscription: ...

@entry("get_physics_simulation_interface")
class PhysicsSubscription:
    def unsubscribe(self) -> None: ...

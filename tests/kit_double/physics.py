"""omni.physx, omni.physics.core, and the isaacsim.core managers and wheels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit


class Physics:
    """Physics steps while the timeline plays.

    Attributes:
        dt: Length of a step [s].
        time: Simulated time since play [s].
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.dt = 1.0 / 60.0
        self.time = 0.0
        self.subscriptions: list[Any] = []

    def update(self, dt: float) -> None:
        """Step, and tell who listens."""
        if not self._kit.timeline.playing:
            self.time = 0.0
            return
        if self._kit.timeline.held:
            return
        for _ in range(max(1, round(dt / self.dt))):
            self.time += self.dt
            for subscription in list(self.subscriptions):
                if subscription._alive:
                    subscription._call(self.dt)

    def leftovers(self) -> list[str]:
        """Name the subscriptions."""
        return ["subscription to physics steps" for subscription in self.subscriptions if subscription._alive]

    def raycast(self, origin: Any, direction: Any, distance: float) -> tuple[float, Any] | None:
        """Return the distance and prim path of what a ray meets first, among colliders."""
        from kit_double.boxes import box_scene

        if not self._kit.timeline.playing:
            return None  # no scene before play
        return box_scene(self._kit.stages.stage, self._kit.timeline.time_code).first_hit(
            np.array(list(origin), float), np.array(list(direction), float), float(distance)
        )


@emulate("omni.physx.get_physx_interface")
def get_physx_interface(kit: Kit) -> Any:
    return kit.one("omni.physx.IPhysx")


@emulate("omni.physx.IPhysx")
class IPhysx:
    _kit: Kit

    def subscribe_physics_step_events(self, fn: Any) -> Any:
        subscription = _StepSubscription(fn)
        self._kit.physics.subscriptions.append(_Weak(subscription))
        return subscription


class _StepSubscription:
    """Listens as long as it is alive."""

    def __init__(self, fn: Any):
        self.fn = fn


class _Weak:
    def __init__(self, subscription: _StepSubscription):
        import weakref

        self._reference = weakref.ref(subscription)

    @property
    def _alive(self) -> bool:
        return self._reference() is not None

    def _call(self, dt: float) -> None:
        subscription = self._reference()
        if subscription is not None:
            subscription.fn(dt)


@emulate("omni.physx.get_physx_scene_query_interface")
def get_physx_scene_query_interface(kit: Kit) -> Any:
    return kit.one("omni.physx.IPhysxSceneQuery")


@emulate("omni.physx.IPhysxSceneQuery")
class IPhysxSceneQuery:
    _kit: Kit

    def raycast_closest(self, origin: Any, dir: Any, distance: float, bothSides: bool = False) -> dict[str, Any]:
        hit = self._kit.physics.raycast(origin, dir, distance)
        if hit is None:
            return {"hit": False}
        position = np.array(list(origin), float) + hit[0] * np.array(list(dir), float)
        return {
            "hit": True,
            "distance": hit[0],
            "position": tuple(position),
            "normal": (0.0, 0.0, 1.0),
            "faceIndex": 0,
            "collision": hit[1],
            "rigidBody": hit[1],
            "material": "",
            "protoIndex": -1,
        }


@emulate("omni.physics.core.get_physics_scene_query_interface")
def get_physics_scene_query_interface(kit: Kit) -> Any:
    return kit.one("omni.physics.core.IPhysicsSceneQuery")


@emulate("omni.physics.core.IPhysicsSceneQuery")
class IPhysicsSceneQuery:
    _kit: Kit

    def raycast_closest(self, origin: Any, dir: Any, distance: float, both_sides: bool) -> tuple[bool, Any]:
        hit = self._kit.physics.raycast(origin, dir, distance)
        return hit is not None, hit


@emulate("omni.physics.core.get_physics_simulation_interface")
def get_physics_simulation_interface(kit: Kit) -> Any:
    return kit.one("omni.physics.core.IPhysicsSimulation")


@emulate("omni.physics.core.IPhysicsSimulation")
class IPhysicsSimulation:
    _kit: Kit

    def subscribe_physics_on_step_events(self, pre_step: bool, order: int, on_update: Any) -> Any:
        subscription = self._kit.make("omni.physics.core.PhysicsSubscription", on_update)
        self._kit.physics.subscriptions.append(subscription)
        return subscription


@emulate("omni.physics.core.PhysicsSubscription")
class PhysicsSubscription:
    def __init__(self, fn: Any):
        self._fn = fn
        self._alive = True

    def unsubscribe(self) -> None:
        self._alive = False

    def _call(self, dt: float) -> None:
        self._fn(dt, None)


@emulate("isaacsim.core.simulation_manager.SimulationManager")
class SimulationManager:
    _kit: Kit

    @classmethod
    def setup_simulation(cls, dt: float | None = None, device: str | None = None) -> None:
        cls._kit.physics.dt = dt or cls._kit.physics.dt

    @classmethod
    def step(cls, **options: Any) -> None:
        raise RuntimeError("SimulationManager.step() means different things in 5.1 and 6.0: let the application update")

    @classmethod
    def initialize_physics(cls) -> None:
        pass

    @classmethod
    def set_physics_dt(cls, dt: float = 1 / 60, physics_scene: Any = None) -> None:
        cls._kit.physics.dt = float(dt)

    @classmethod
    def get_simulation_time(cls) -> float:
        return cls._kit.physics.time


@emulate("isaacsim.core.rendering_manager.RenderingManager")
class RenderingManager:
    _kit: Kit

    @classmethod
    def set_dt(cls, dt: float) -> None:
        kit = cls._kit
        stage = kit.stages.stage
        if stage is not None:
            from pxr import Usd

            with Usd.EditContext(stage, stage.GetRootLayer()):
                stage.SetTimeCodesPerSecond(1.0 / dt)
        kit.timeline.fps = 1.0 / dt
        kit.application.manual_step = dt
        kit.application.manual_mode = True

    @classmethod
    async def render_async(cls) -> None:
        await cls._kit.stages.sleep(1)


@emulate("isaacsim.robot.experimental.wheeled_robots.controllers.DifferentialController")
class DifferentialController:
    def __init__(self, *, wheel_radius: float, wheel_base: float, **limits: float):
        self._radius, self._base = wheel_radius, wheel_base

    def forward(self, command: Any) -> Any:
        v, w = map(float, command)
        return np.array([2 * v - w * self._base, 2 * v + w * self._base]) / (2 * self._radius)


@emulate("isaacsim.robot.wheeled_robots.controllers.differential_controller.DifferentialController")
class NamedDifferentialController(DifferentialController):
    def __init__(self, name: str, wheel_radius: float, wheel_base: float):
        super().__init__(wheel_radius=wheel_radius, wheel_base=wheel_base)

    def forward(self, command: Any) -> Any:
        return super().forward(command)

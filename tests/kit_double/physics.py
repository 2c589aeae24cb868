"""omni.physx, omni.physics.core, and the isaacsim.core managers and wheels.

Bodies are boxes that fall straight down until they lie on what is below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit


class Physics:
    """Physics steps while the timeline plays.

    Attributes:
        dt: Length of a step [s], where the stage does not say how many there are per second.
        time: Simulated time since play [s].
        stands_still: No step is ever made.
        bodies: What falls, by prim path, as long as the timeline is not stopped.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.dt = 1.0 / 60.0
        self.time = 0.0
        self.stands_still = False
        self.bodies: dict[str, FallingBox] | None = None
        self._fixed: list[tuple[np.ndarray, np.ndarray]] = []
        self._left = 0.0
        self.subscriptions: list[Any] = []

    def update(self, dt: float) -> None:
        """Step, and tell who listens."""
        if self._kit.timeline.state == "stopped" or self._kit.stages.stage is None:
            self.time = self._left = 0.0
            self.bodies = None
            return
        if not self._kit.timeline.playing or self._kit.timeline.held or self.stands_still:
            return
        if self.bodies is None:
            self._begin()
        step = self._step_seconds()
        self._left += dt
        while self._left > 0.999 * step:
            self._left -= step
            self.time += step
            self._fall(step)
            for subscription in list(self.subscriptions):
                if subscription._alive:
                    subscription._call(step)
        self._write()

    def _step_seconds(self) -> float:
        for prim in self._kit.stages.stage.Traverse():
            rate = prim.GetAttribute("physxScene:timeStepsPerSecond")
            if rate and rate.Get():
                return 1.0 / float(rate.Get())
        return self.dt

    def _begin(self) -> None:
        """Read the stage, as at the first step."""
        from pxr import Usd, UsdGeom, UsdPhysics

        stage = self._kit.stages.stage
        bounds = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default", "render"], useExtentsHint=False)
        self.bodies, self._fixed = {}, []
        moving: set[str] = set()
        for prim in stage.Traverse():
            path = str(prim.GetPath())
            if prim.HasAPI(UsdPhysics.RigidBodyAPI):
                body = UsdPhysics.RigidBodyAPI(prim)
                free = body.GetRigidBodyEnabledAttr().Get() and not body.GetKinematicEnabledAttr().Get()
                matrix = np.array(UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(0))
                self.bodies[path] = FallingBox(matrix, *_extent(bounds, prim), free=bool(free))
                moving.add(path)
            elif prim.HasAPI(UsdPhysics.CollisionAPI) and not moving & {
                str(each) for each in prim.GetPath().GetPrefixes()
            }:
                self._fixed.append(_extent(bounds, prim))

    def _fall(self, dt: float) -> None:
        """Let every free body fall onto what is below, the lowest first."""
        from pxr import UsdGeom

        assert self.bodies is not None
        stage = self._kit.stages.stage
        up = 1 if UsdGeom.GetStageUpAxis(stage) == "Y" else 2
        gravity = 9.81 / UsdGeom.GetStageMetersPerUnit(stage)
        flat = [axis for axis in range(3) if axis != up]
        done = list(self._fixed) + [(box.low, box.high) for box in self.bodies.values() if not box.free]
        for box in sorted((box for box in self.bodies.values() if box.free), key=lambda box: box.low[up]):
            below = [
                high[up]
                for low, high in done
                if (low[flat] < box.high[flat]).all()
                and (high[flat] > box.low[flat]).all()
                and high[up] <= box.low[up] + 1e-6
            ]
            box.speed += gravity * dt
            drop = min(box.speed * dt, box.low[up] - max(below, default=-np.inf))
            box.speed = drop / dt
            box.move(up, -drop)
            done.append((box.low, box.high))

    def _write(self) -> None:
        """Write the poses into whatever layer is edited, unless a setting forbids it."""
        from pxr import Gf, UsdGeom

        if self._kit.settings.get("/physics/updateToUsd") is False:
            return
        for path, box in (self.bodies or {}).items():
            if box.free:
                prim = UsdGeom.Xformable(self._kit.stages.stage.GetPrimAtPath(path))
                prim.MakeMatrixXform().Set(Gf.Matrix4d(box.matrix.tolist()))

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


class FallingBox:
    """A body, as large as its bounding box."""

    def __init__(self, matrix: np.ndarray, low: np.ndarray, high: np.ndarray, *, free: bool):
        self.matrix, self.low, self.high, self.free = matrix, low, high, free
        self.speed = 0.0

    def move(self, axis: int, distance: float) -> None:
        """Move along an axis."""
        for place in (self.matrix[3], self.low, self.high):
            place[axis] += distance


def _extent(bounds: Any, prim: Any) -> tuple[np.ndarray, np.ndarray]:
    if prim.GetTypeName() == "Plane":  # PhysX's planes never end
        height = np.array(bounds.ComputeWorldBound(prim).ComputeAlignedRange().GetMax())
        return np.where(np.arange(3) == 2, height - 1.0, -np.inf), np.where(np.arange(3) == 2, height, np.inf)
    box = bounds.ComputeWorldBound(prim).ComputeAlignedRange()
    return np.array(box.GetMin()), np.array(box.GetMax())


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

    def get_rigidbody_transformation(self, path: str) -> dict[str, Any]:
        from pxr import Gf

        box = (self._kit.physics.bodies or {}).get(path)
        if box is None:
            return {"ret_val": False, "position": (0.0, 0.0, 0.0), "rotation": (0.0, 0.0, 0.0, 1.0)}
        turn = Gf.Matrix4d(box.matrix.tolist()).RemoveScaleShear().ExtractRotationQuat()
        return {
            "ret_val": True,
            "position": self._kit.characters.vector(box.matrix[3, :3]),
            "rotation": self._kit.characters.vector([*turn.GetImaginary(), turn.GetReal()]),
        }


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

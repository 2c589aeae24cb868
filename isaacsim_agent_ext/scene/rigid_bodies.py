"""Rigid bodies and colliders of a stage, by the UsdPhysics schemas, in metres and Z-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from pxr import Usd, UsdGeom, UsdPhysics, UsdShade

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene import gprims
from isaacsim_agent_ext.scene.compose import ComposedStage, place
from isaacsim_agent_ext.scene.geometry import PolygonMesh, check_polygons, fan_triangles
from isaacsim_agent_ext.scene.metrics import AT_REST, metric_transforms, without_scale

ColliderKind = Literal["box", "sphere", "capsule", "cylinder", "plane", "hull", "triangles"]

DEFAULT_FRICTION = 0.5
"""Of colliders without a physics material, as in PhysX."""

DEFAULT_DENSITY = 1000.0
"""Of bodies without a mass [kg/m3], as UsdPhysics has it."""

_GRAVITY = 9.81
_TURN_TO_Z = {  # rows: where the shape's x, y and z are when its axis is X, Y or Z
    "X": np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
    "Y": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
    "Z": np.eye(3),
}


@dataclass(frozen=True, kw_only=True)
class Surface:
    """What a collider is made of.

    Attributes:
        friction: Coefficient of friction.
        density: [kg/m3], or None where the stage says nothing.
    """

    friction: float = DEFAULT_FRICTION
    density: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Collider:
    """A shape that bodies collide with.

    Attributes:
        prim_path: Its prim.
        kind: What it is. Capsules and cylinders stand along their own z, planes face it and never end.
        pose: ``(4, 4)`` rigid, from the shape to its body, or to the world for what stays put [m].
        size: ``(3,)`` half the lengths of a box; radius, and half the height of the straight part [m].
        points: ``(n, 3)`` of a hull or triangles, in the shape's frame [m].
        triangles: ``(m, 3)`` point indices, counter-clockwise seen from outside.
        surface: What it is made of.
    """

    prim_path: str
    kind: ColliderKind
    pose: np.ndarray
    size: np.ndarray = field(default_factory=lambda: np.zeros(3))
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    triangles: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    surface: Surface = Surface()


@dataclass(frozen=True, eq=False, kw_only=True)
class RigidBody:
    """A body that may move.

    Attributes:
        prim_path: Its prim.
        pose: ``(4, 4)`` rigid, in the world [m].
        colliders: Its shapes.
        mass: What it weighs [kg], or None for what its density makes of it.
        density: Of all of it [kg/m3], or None for those of its colliders, else `DEFAULT_DENSITY`.
    """

    prim_path: str
    pose: np.ndarray
    colliders: tuple[Collider, ...]
    mass: float | None = None
    density: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class RigidScene:
    """What takes part in a simulation of rigid bodies.

    Attributes:
        bodies: Those that may move, in the order asked for.
        fixed: The colliders of everything else.
        gravity: ``(3,)`` acceleration [m/s2].
        warnings: What is simulated otherwise than the stage says.
    """

    bodies: tuple[RigidBody, ...]
    fixed: tuple[Collider, ...]
    gravity: np.ndarray
    warnings: tuple[str, ...]


def check_bodies(stage: Usd.Stage, paths: Sequence[str]) -> None:
    """Make sure that prims are rigid bodies which can be moved.

    Raises:
        SceneError: One is not; the message names all that are not.
    """
    reasons = []
    for path in paths:
        prim = stage.GetPrimAtPath(path)
        if not prim:
            reasons.append(f"{path}: there is no such prim")
        elif prim.IsInstanceProxy():
            reasons.append(
                f"{path}: it is part of an instance, which cannot be moved; make its parent not instanceable"
            )
        elif not _is_rigid_body(prim):
            reasons.append(f"{path}: it is no rigid body; apply PhysicsRigidBodyAPI, and PhysicsCollisionAPI to shapes")
    if reasons:
        raise SceneError("cannot let bodies come to rest:\n" + "\n".join(reasons))


def other_bodies(stage: Usd.Stage, paths: Sequence[str]) -> list[Usd.Prim]:
    """Return the rigid bodies of a stage but for some."""
    known = set(paths)
    return [prim for prim in stage.Traverse() if _is_rigid_body(prim) and str(prim.GetPath()) not in known]


def read_rigid_scene(composed: ComposedStage, paths: Sequence[str]) -> RigidScene:
    """Return the bodies that may move, and everything they may meet.

    Rigid bodies that are not named stay put. Joints are not looked at.

    Args:
        composed: The stage.
        paths: Prims of the bodies that may move.

    Raises:
        SceneError: See `check_bodies`; or a body has no collider.
    """
    stage = composed.stage
    check_bodies(stage, paths)
    reader = _Reader(stage)
    frames = {path: reader.rigid(stage.GetPrimAtPath(path)) for path in paths}
    shapes: dict[str, list[Collider]] = {path: [] for path in paths}
    fixed: list[Collider] = []
    for prim, body in _colliders(stage):
        owner = body if body in shapes else None
        collider = reader.collider(prim, frames[owner] if owner else np.eye(4), moving=owner is not None)
        if collider is not None:
            (shapes[owner] if owner else fixed).append(collider)
    bare = [path for path in paths if not shapes[path]]
    if bare:
        raise SceneError(
            f"{', '.join(bare)}: no shape with PhysicsCollisionAPI at or below it, so it would fall forever"
        )
    if not fixed:
        reader.warnings["nothing on the stage has PhysicsCollisionAPI but the bodies themselves: they fall"] = None
    bodies = tuple(
        RigidBody(
            prim_path=path,
            pose=frames[path],
            colliders=tuple(shapes[path]),
            **_mass(stage.GetPrimAtPath(path)),
        )
        for path in paths
    )
    return RigidScene(bodies=bodies, fixed=tuple(fixed), gravity=_gravity(composed), warnings=tuple(reader.warnings))


def move_bodies(composed: ComposedStage, poses: Mapping[str, np.ndarray]) -> None:
    """Put bodies at poses ``(4, 4)`` in the world [m]; their scale stays. Parents have to come before children."""
    reader = _Reader(composed.stage)
    to_stage = np.linalg.inv(composed.to_world)
    unit = UsdGeom.GetStageMetersPerUnit(composed.stage)
    metric = np.diag([unit, unit, unit, 1.0])
    with composed.editing("props") as stage:
        for path, pose in poses.items():
            prim = stage.GetPrimAtPath(path)
            whole = reader.to_world(prim)
            scaled = whole @ np.linalg.inv(reader.rigid(prim))
            place(prim, metric @ scaled @ pose @ to_stage)


class _Reader:
    """Reads one stage as it is now."""

    def __init__(self, stage: Usd.Stage):
        self._stage = stage
        self._cache = UsdGeom.XformCache(AT_REST)
        self._unit = UsdGeom.GetStageMetersPerUnit(stage)
        self.warnings: dict[str, None] = {}

    def to_world(self, prim: Usd.Prim) -> np.ndarray:
        """Return a prim's matrix ``(4, 4)``, metres on both sides."""
        return metric_transforms(np.array(self._cache.GetLocalToWorldTransform(prim)), self._stage)

    def rigid(self, prim: Usd.Prim) -> np.ndarray:
        """Return a prim's pose ``(4, 4)`` without scale."""
        return without_scale(self.to_world(prim))[0]

    def collider(self, prim: Usd.Prim, frame: np.ndarray, *, moving: bool) -> Collider | None:
        """Return a prim's shape in a frame, or None (and a warning) when it has none."""
        kind = str(prim.GetTypeName()).removesuffix("_1")
        whole = self.to_world(prim)
        rigid, scale = without_scale(whole)
        size = np.abs(scale)
        into_frame = np.linalg.inv(frame)
        surface = _surface(prim)
        path = str(prim.GetPath())

        def made(kind: ColliderKind, turn: np.ndarray, size: Sequence[float] | np.ndarray) -> Collider:
            pose = np.eye(4)
            pose[:3, :3] = turn
            return Collider(
                prim_path=path,
                kind=kind,
                pose=pose @ rigid @ into_frame,
                size=np.array(size, np.float64),
                surface=surface,
            )

        def number(name: str, default: float) -> float:
            value = prim.GetAttribute(name).Get(AT_REST)
            return self._unit * float(default if value is None else value)

        axis = str(prim.GetAttribute("axis").Get(AT_REST) or "Z")
        along = "XYZ".index(axis) if axis in _TURN_TO_Z else 2
        across = float(np.delete(size, along).max())
        if kind == "Cube":
            return made("box", np.eye(3), number("size", 2.0) / 2 * size)
        if kind == "Sphere":
            return made("sphere", np.eye(3), [number("radius", 1.0) * size.max()] * 3)
        if kind == "Plane":
            return made("plane", _TURN_TO_Z[axis], [0.0, 0.0, 0.0])
        if kind in ("Capsule", "Cylinder"):
            radius = number(
                "radiusTop" if prim.HasAttribute("radiusTop") else "radius", 0.5 if kind == "Capsule" else 1
            )
            half = number("height", 1.0 if kind == "Capsule" else 2.0) / 2
            lengths = [radius * across, half * size[along], 0.0]
            return made("capsule" if kind == "Capsule" else "cylinder", _TURN_TO_Z[axis], lengths)
        mesh = _polygons(prim, kind, axis)
        if mesh is None or (reason := check_polygons(mesh)):
            self.warnings[f"{path}: bodies fall through it: {reason if mesh else 'it has no shape of its own'}"] = None
            return None
        points = (mesh.points.astype(np.float64) * self._unit) @ whole[:3, :3] + whole[3, :3]
        return self._mesh(prim, points @ into_frame[:3, :3] + into_frame[3, :3], mesh, surface, moving=moving)

    def _mesh(
        self, prim: Usd.Prim, points: np.ndarray, mesh: PolygonMesh, surface: Surface, *, moving: bool
    ) -> Collider:
        """Return a mesh in the shape that its approximation asks for, and that can be simulated."""
        path = str(prim.GetPath())
        value = (
            UsdPhysics.MeshCollisionAPI(prim).GetApproximationAttr().Get() if _has(prim, "MeshCollisionAPI") else None
        )
        approximation = str(value or "none")
        if approximation in ("boundingCube", "boundingSphere"):
            low, high = points.min(axis=0), points.max(axis=0)
            pose = np.eye(4)
            pose[3, :3] = (low + high) / 2
            if approximation == "boundingCube":
                return Collider(prim_path=path, kind="box", pose=pose, size=(high - low) / 2, surface=surface)
            radius = float(np.linalg.norm(points - pose[3, :3], axis=1).max())
            return Collider(prim_path=path, kind="sphere", pose=pose, size=np.full(3, radius), surface=surface)
        if moving or approximation == "convexHull":
            if moving and approximation not in ("convexHull", "none"):
                self.warnings[f"{path}: its convex hull stands in for the approximation {approximation}"] = None
            return Collider(prim_path=path, kind="hull", pose=np.eye(4), points=points, surface=surface)
        corners, _ = fan_triangles(mesh.counts)
        triangles = np.asarray(mesh.indices)[corners]
        mirrored = np.linalg.det(self.to_world(prim)[:3, :3]) < 0
        if mesh.left_handed != mirrored:
            triangles = triangles[:, ::-1]
        return Collider(
            prim_path=path, kind="triangles", pose=np.eye(4), points=points, triangles=triangles, surface=surface
        )


def _colliders(stage: Usd.Stage) -> Iterator[tuple[Usd.Prim, str]]:
    """Yield every prim with a collider, and the rigid body it belongs to or an empty text."""
    body_of: dict[str, str] = {}
    for prim in Usd.PrimRange.Stage(stage, Usd.TraverseInstanceProxies()):
        path = str(prim.GetPath())
        body = path if _is_rigid_body(prim) else body_of.get(str(prim.GetParent().GetPath()), "")
        body_of[path] = body
        if _has(prim, "CollisionAPI"):
            enabled = UsdPhysics.CollisionAPI(prim).GetCollisionEnabledAttr().Get()
            if enabled is not False and not prim.IsA(UsdGeom.Xform):
                yield prim, body


def _has(prim: Usd.Prim, schema: str) -> bool:
    return bool(prim.HasAPI(getattr(UsdPhysics, schema)))


def _is_rigid_body(prim: Usd.Prim) -> bool:
    return _has(prim, "RigidBodyAPI") and UsdPhysics.RigidBodyAPI(prim).GetRigidBodyEnabledAttr().Get() is not False


def _polygons(prim: Usd.Prim, kind: str, axis: str) -> PolygonMesh | None:
    if kind == "Cone":
        values = [prim.GetAttribute(name).Get(AT_REST) for name in ("radius", "height")]
        radius, height = (
            float(default if value is None else value) for value, default in zip(values, (1, 2), strict=True)
        )
        return gprims.cone(radius, height, axis)
    if kind != "Mesh":
        return None
    mesh = UsdGeom.Mesh(prim)
    points, counts, indices = (
        np.array(attribute.Get(AT_REST) or (), kind)
        for attribute, kind in (
            (mesh.GetPointsAttr(), np.float32),
            (mesh.GetFaceVertexCountsAttr(), np.int64),
            (mesh.GetFaceVertexIndicesAttr(), np.int64),
        )
    )
    left_handed = mesh.GetOrientationAttr().Get(AT_REST) == UsdGeom.Tokens.leftHanded
    return PolygonMesh(points=points.reshape(-1, 3), counts=counts, indices=indices, left_handed=left_handed)


def _surface(prim: Usd.Prim) -> Surface:
    """Return what a collider's physics material says."""
    material = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial("physics")[0]
    if not material or not _has(material.GetPrim(), "MaterialAPI"):
        return Surface()
    physics = UsdPhysics.MaterialAPI(material.GetPrim())
    friction = physics.GetDynamicFrictionAttr()
    density = float(physics.GetDensityAttr().Get() or 0.0)
    return Surface(
        friction=float(friction.Get()) if friction.HasAuthoredValue() else DEFAULT_FRICTION,
        density=density if density > 0 else None,
    )


def _mass(prim: Usd.Prim) -> dict[str, float | None]:
    """Return what a body says of its weight; 0 is USD's way of not saying it."""
    if not _has(prim, "MassAPI"):
        return {}
    api = UsdPhysics.MassAPI(prim)
    values = {"mass": api.GetMassAttr().Get(), "density": api.GetDensityAttr().Get()}
    return {name: float(value) if value and value > 0 else None for name, value in values.items()}


def _gravity(composed: ComposedStage) -> np.ndarray:
    """Return the gravity of the stage's first physics scene, else the earth's."""
    for prim in composed.stage.Traverse():
        if prim.IsA(UsdPhysics.Scene):
            scene = UsdPhysics.Scene(prim)
            strength = float(scene.GetGravityMagnitudeAttr().Get())
            direction = np.array(scene.GetGravityDirectionAttr().Get(), np.float64) @ composed.to_world[:3, :3]
            unit = UsdGeom.GetStageMetersPerUnit(composed.stage)
            metres = strength * unit if np.isfinite(strength) and strength >= 0 else _GRAVITY
            length = float(np.linalg.norm(direction))
            return metres * (direction / length if length > 0 else np.array([0.0, 0.0, -1.0]))
    return np.array([0.0, 0.0, -_GRAVITY])

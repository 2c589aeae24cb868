"""Colliders on the stage: what of it actors can touch, and the actors' own, put there to be seen.

A prim can be touched when it has a collision (``UsdPhysics.CollisionAPI``, unless that is switched off) or carries the
String attribute ``metro:collider:name``. What is below it is part of it, unless that has a name of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from pxr import Sdf, Tf, Usd, UsdGeom, UsdPhysics

from isaacsim_agent_ext.actors.colliders import NAME_ATTRIBUTE, StageCollider
from isaacsim_agent_ext.actors.outlines import convex_outline, filled_up
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.animation.animator import root_transform
from isaacsim_agent_ext.config.model import BoxCollider, CylinderCollider
from isaacsim_agent_ext.scene.compose import ComposedStage, place
from isaacsim_agent_ext.scene.metrics import AT_REST

TRIGGER_SCHEMA = "PhysxTriggerAPI"
"""PhysX's schema of volumes that notice what is in them and stop nobody; plain USD does not know it."""

_SURFACES = ("", "none", "meshSimplification", "sdf")
"""Approximations under which a collision mesh is a surface; under all others it is solid."""

_TILT = 1e-4


@dataclass(eq=False, slots=True)
class _Owner:
    """A prim that can be touched, and what is gathered of it: outlines, each with a radius, a bottom and a top."""

    prim_path: str
    name: str
    outlines: list[np.ndarray] = field(default_factory=list)
    radii: list[np.ndarray] = field(default_factory=list)
    heights: list[np.ndarray] = field(default_factory=list)

    def add(self, points: np.ndarray) -> None:
        """Add solid parts ``(n, k, 3)``, each with its points in the order of its outline [m]."""
        self.outlines.append(points[..., :2])
        self.radii.append(np.zeros(len(points)))
        self.heights.append(np.stack([points[..., 2].min(axis=1), points[..., 2].max(axis=1)], axis=1))

    def add_upright(self, center: np.ndarray, radius: float, half: float) -> None:
        """Add an upright cylinder [m]."""
        self.outlines.append(center[None, None, :2])
        self.radii.append(np.array([radius]))
        self.heights.append(np.array([[center[2] - half, center[2] + half]]))

    def collider(self) -> StageCollider:
        """Return it as plain data."""
        corners = max(outlines.shape[1] for outlines in self.outlines)
        return StageCollider(
            prim_path=self.prim_path,
            name=self.name,
            outlines=np.concatenate([filled_up(outlines, corners) for outlines in self.outlines]),
            radii=np.concatenate(self.radii),
            heights=np.concatenate(self.heights),
        )


def read_colliders(
    composed: ComposedStage, names: Collection[str], warn: Callable[[str], None]
) -> tuple[StageCollider, ...]:
    """Return what can be touched of a stage without actors, at rest.

    Boxes, and cylinders, capsules and balls that stand upright, are exact; other solid prims are upright prisms around
    what they look like from above. Of a collision mesh without a convex approximation each triangle counts for itself.

    Args:
        composed: The stage; it is only read.
        names: Leave out everything that has none of these names; empty for all.
        warn: Told of prims with a name and no shape.
    """
    owners: dict[Sdf.Path, _Owner] = {}
    found: list[_Owner] = []
    cache = UsdGeom.XformCache(AT_REST)
    for prim in Usd.PrimRange.Stage(composed.stage, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)):
        path = prim.GetPath()
        above = owners.get(path.GetParentPath())
        owner = _owner(prim, above)
        if owner is None:
            continue
        owners[path] = owner
        if names and owner.name not in names:
            continue
        if owner is not above:
            found.append(owner)
        if prim.IsA(UsdGeom.Gprim):
            _add_shape(owner, prim, np.array(cache.GetLocalToWorldTransform(prim)) @ composed.to_world)
    for owner in found:
        if owner.name and not owner.outlines:
            warn(f"{owner.prim_path} is a collider by name, {owner.name!r}, but has no shape: nobody can touch it")
    return tuple(owner.collider() for owner in found if owner.outlines)


def collider_names(composed: ComposedStage) -> frozenset[str]:
    """Return all names of colliders on a stage."""
    prims = Usd.PrimRange.Stage(composed.stage, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate))
    attributes = [prim.GetAttribute(NAME_ATTRIBUTE) for prim in prims]
    return frozenset(str(one.Get(AT_REST)) for one in attributes if one and one.Get(AT_REST))


def show_colliders(
    composed: ComposedStage, spec: ActorSpec, colliders: Sequence[BoxCollider | CylinderCollider]
) -> None:
    """Put an actor's colliders below its root, for people and other programs to see; no camera sees them.

    Args:
        composed: The stage; its layer "actors" is edited.
        spec: The actor, which stands at its spawn pose.
        colliders: Its group's.
    """
    if not colliders:
        return
    with composed.editing("actors") as stage:
        root = stage.GetPrimAtPath(spec.prim_path)
        if root.IsInstance():
            root.SetInstanceable(False)
        for collider in colliders:
            _show(composed, root, spec, collider)


def _owner(prim: Usd.Prim, above: _Owner | None) -> _Owner | None:
    """Return of which collider a prim is part, if any."""
    attribute = prim.GetAttribute(NAME_ATTRIBUTE)
    name = attribute.Get(AT_REST) if attribute else None
    if name:
        return _Owner(str(prim.GetPath()), str(name))
    if above is None and prim.HasAPI(UsdPhysics.CollisionAPI):
        switched_off = UsdPhysics.CollisionAPI(prim).GetCollisionEnabledAttr().Get(AT_REST) is False
        return None if switched_off else _Owner(str(prim.GetPath()), "")
    return above


def _add_shape(owner: _Owner, prim: Usd.Prim, to_world: np.ndarray) -> None:
    """Add the shape of one prim; ``to_world`` leads from its own coordinates to metres, Z-up."""
    if prim.IsA(UsdGeom.Mesh):
        mesh = UsdGeom.Mesh(prim)
        points = np.array(mesh.GetPointsAttr().Get(AT_REST) or (), np.float64).reshape(-1, 3)
        points = points @ to_world[:3, :3] + to_world[3, :3]
        if len(points) and _is_surface(prim):
            triangles = _triangles(mesh, len(points))
            if len(triangles):
                owner.add(points[triangles])
        elif len(points):
            _add_prism(owner, points)
    elif not _add_round(owner, prim, to_world):
        extent = UsdGeom.Boundable.ComputeExtentFromPlugins(UsdGeom.Boundable(prim), AT_REST)
        if extent:
            low, high = np.array(extent, np.float64)
            corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
            _add_prism(owner, (low + corners * (high - low)) @ to_world[:3, :3] + to_world[3, :3])


def _add_round(owner: _Owner, prim: Usd.Prim, to_world: np.ndarray) -> bool:
    """Add a round prim if it is an upright cylinder to us; return whether it is."""
    kind = prim.GetTypeName()
    if kind not in ("Sphere", "Cylinder", "Capsule"):
        return False
    axis = 2 if kind == "Sphere" else "XYZ".index(str(prim.GetAttribute("axis").Get(AT_REST)))
    along, side, other = to_world[axis, :3], to_world[axis - 2, :3], to_world[axis - 1, :3]
    length, width = float(np.linalg.norm(along)), float(np.linalg.norm(side))
    around = abs(float(np.linalg.norm(other)) - width) <= _TILT * width
    upright = bool(np.hypot(along[0], along[1]) <= _TILT * length) or kind == "Sphere"
    if not around or not upright or (kind == "Sphere" and abs(length - width) > _TILT * width):
        return False
    radius = float(prim.GetAttribute("radius").Get(AT_REST))
    half = radius if kind == "Sphere" else float(prim.GetAttribute("height").Get(AT_REST)) / 2.0
    half += radius if kind == "Capsule" else 0.0
    owner.add_upright(to_world[3, :3], radius * width, half * length)
    return True


def _add_prism(owner: _Owner, points: np.ndarray) -> None:
    """Add the upright prism around points ``(n, 3)`` [m]."""
    outline = convex_outline(points[:, :2])
    bottom, top = np.full((len(outline), 1), points[:, 2].min()), np.full((len(outline), 1), points[:, 2].max())
    prism = np.concatenate([np.concatenate([outline, bottom], axis=1), np.concatenate([outline[-1:], top[:1]], axis=1)])
    owner.add(prism[None])


def _is_surface(prim: Usd.Prim) -> bool:
    """Return whether one can be inside a mesh without touching it: a collision that follows its triangles."""
    if not prim.HasAPI(UsdPhysics.CollisionAPI):
        return False
    attribute = prim.GetAttribute("physics:approximation")
    return str((attribute.Get(AT_REST) if attribute else "") or "") in _SURFACES


def _triangles(mesh: UsdGeom.Mesh, points: int) -> np.ndarray:
    """Return the corners ``(n, 3)`` of the mesh's triangles, polygons as fans; broken meshes have none."""
    counts = np.array(mesh.GetFaceVertexCountsAttr().Get(AT_REST) or (), np.int64)
    corners = np.array(mesh.GetFaceVertexIndicesAttr().Get(AT_REST) or (), np.int64)
    if counts.sum() != len(corners) or not len(corners) or corners.min() < 0 or corners.max() >= points:
        return np.empty((0, 3), np.int64)
    starts = np.cumsum(counts) - counts
    fans = np.maximum(counts - 2, 0)
    face = np.repeat(np.arange(len(counts)), fans)
    step = np.arange(len(face)) - np.repeat(np.cumsum(fans) - fans, fans)
    first = starts[face]
    return corners[np.stack([first, first + step + 1, first + step + 2], axis=1)]


def _show(composed: ComposedStage, root: Usd.Prim, spec: ActorSpec, collider: BoxCollider | CylinderCollider) -> None:
    stage = composed.stage
    path = root.GetPath().AppendChild(Tf.MakeValidIdentifier(f"{collider.name}_collider"))
    size = np.eye(4)
    if isinstance(collider, BoxCollider):
        length, width, height = collider.dimension
        shape = UsdGeom.Cube.Define(stage, path)
        shape.CreateSizeAttr(1.0)
        size[:3, :3] = np.diag([length, width, height])
    else:
        height = spec.height
        shape = UsdGeom.Cylinder.Define(stage, path)
        shape.CreateRadiusAttr(1.0)
        shape.CreateHeightAttr(1.0)
        shape.CreateAxisAttr("Z")
        shape.CreateExtentAttr([(-1.0, -1.0, -0.5), (1.0, 1.0, 0.5)])
        size[:3, :3] = np.diag([collider.radius, collider.radius, height])
    size[3, 2] = height / 2.0
    prim = shape.GetPrim()
    place(prim, size @ root_transform(spec.position, spec.yaw) @ np.linalg.inv(composed.to_world))
    shape.CreatePurposeAttr(UsdGeom.Tokens.guide)
    UsdPhysics.RigidBodyAPI.Apply(prim).CreateKinematicEnabledAttr(True)
    UsdPhysics.CollisionAPI.Apply(prim)
    prim.AddAppliedSchema(TRIGGER_SCHEMA)
    prim.CreateAttribute(NAME_ATTRIBUTE, Sdf.ValueTypeNames.String, custom=True).Set(collider.name)

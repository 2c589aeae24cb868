"""From the trees of a stage walk to a flat list of instances, with every distinct mesh made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from pxr import Usd

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene.geometry import TriangleMesh
from isaacsim_agent_ext.scene.meshes import INHERITED, FaceMaterials
from isaacsim_agent_ext.scene.skeletons import SkinBinding
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, Semantics
from isaacsim_agent_ext.scene.walk import LabelledPrim, Shape, Tree
from isaacsim_agent_ext.steps import Steps

MOST_INSTANCES = 2_000_000
"""Instances a scene may have: nested prototypes multiply, so a small file could ask for any number."""


_SINGULAR = 1e-18


@dataclass(frozen=True, slots=True)
class BoundSurface:
    """A material binding: index of the surface, and whether it overrides what is bound further down."""

    surface: int
    overrides: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class ShapeGeometry:
    """What was read from a shape."""

    triangles: TriangleMesh
    materials: FaceMaterials
    skin: SkinBinding | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Surroundings:
    """What a tree inherits from the place it is put at.

    Attributes:
        path: Prefix of its prim paths.
        matrix: ``(4, 4)`` float64 tree-to-world, from stage units to metres.
        semantics: Labelled prims above it, nearest first.
        bound: The material bound above it.
        navigation: Whether its content may count for the NavMesh.
        area: NavMesh area above it.
        moving: Whether it belongs to an actor.
    """

    path: str
    matrix: np.ndarray
    semantics: tuple[Semantics, ...] = ()
    bound: BoundSurface | None = None
    navigation: bool = True
    area: str = ""
    moving: bool = False


@dataclass(eq=False)
class Layout:
    """Lays trees out in the world.

    Attributes:
        geometry: Every shape that could be read.
        bound: Materials of instance prims.
        default_surface: Index of the surface of what has no material at all.
        unit: Metres per stage unit.
        warn: Hears of what cannot be placed.
        meshes: The distinct meshes so far; their materials are indices of surfaces.
        instances: The instances so far.
        lights: The lights so far: prim, path, local-to-world matrix with local coordinates in metres.
    """

    geometry: Mapping[Shape, ShapeGeometry]
    bound: Mapping[Usd.Prim, BoundSurface]
    default_surface: int
    unit: float
    warn: Callable[[str], None]
    meshes: list[Mesh] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    lights: list[tuple[Usd.Prim, str, np.ndarray]] = field(default_factory=list)
    _numbers: dict[tuple[Shape, tuple[int, ...]], int] = field(default_factory=dict)

    def add(self, tree: Tree, around: Surroundings) -> Steps[None]:
        """Add a tree, and all trees repeated in it, one by one.

        Raises:
            SceneError: There would be more than `MOST_INSTANCES`.
        """
        yield None
        chains: dict[int, tuple[Semantics, ...]] = {}
        labelled: dict[int, Semantics] = {}

        def semantics(labels: tuple[LabelledPrim, ...]) -> tuple[Semantics, ...]:
            if id(labels) not in chains:
                for prim in labels:
                    if id(prim) not in labelled:
                        transform = self._metric(np.array(prim.matrix) @ around.matrix)
                        labelled[id(prim)] = Semantics(around.path + prim.path, prim.labels, transform)
                chains[id(labels)] = (*(labelled[id(prim)] for prim in labels), *around.semantics)
            return chains[id(labels)]

        shapes = [shape for shape in tree.shapes if shape in self.geometry]
        if len(self.instances) + len(shapes) > MOST_INSTANCES:
            raise SceneError(
                f"the scene has more than {MOST_INSTANCES:,} instances: {around.path} and what is nested in it repeat "
                f"too often"
            )
        if shapes:
            with np.errstate(invalid="ignore", over="ignore"):  # what comes of that is left out
                placed = np.array([shape.context.matrix for shape in shapes], dtype=np.float64) @ around.matrix
                placeable = np.isfinite(placed).all(axis=(1, 2)) & (np.abs(np.linalg.det(placed)) > _SINGULAR)
            for shape, matrix, usable in zip(shapes, self._metric(placed), placeable, strict=True):
                context = shape.context
                if not usable:
                    self.warn(f"{around.path}{shape.path}: left out, its transform is flat or not finite")
                    continue
                self.instances.append(
                    Instance(
                        prim_path=around.path + shape.path,
                        mesh=self._mesh(shape, around.bound),
                        transform=matrix,
                        semantics=semantics(context.labels),
                        navigation=context.navigation and around.navigation,
                        moving=context.moving or around.moving,
                        area=context.area or around.area,
                    )
                )
        for prim, path, local in tree.lights:
            self.lights.append((prim, around.path + path, self._metric(np.array(local) @ around.matrix)))
        for copies in tree.copies:
            context = copies.context
            bound = self.bound.get(copies.host)
            if around.bound and (bound is None or around.bound.overrides):
                bound = around.bound
            for path, matrix in zip(copies.paths, copies.matrices @ around.matrix, strict=True):
                yield from self.add(
                    copies.tree,
                    Surroundings(
                        path=around.path + path,
                        matrix=matrix,
                        semantics=semantics(context.labels),
                        bound=bound,
                        navigation=context.navigation and around.navigation,
                        area=context.area or around.area,
                        moving=context.moving or around.moving,
                    ),
                )

    def _metric(self, matrix: np.ndarray) -> np.ndarray:
        """Make the local side of local-to-world matrices metres; ``(..., 4, 4)``."""
        result = matrix.copy()
        result[..., :3, :] /= self.unit
        return result

    def _mesh(self, shape: Shape, bound: BoundSurface | None) -> int:
        """Return the index of a shape's mesh under the material bound around it."""
        geometry = self.geometry[shape]
        inherited = bound.surface if bound else self.default_surface
        overridden = bound is not None and bound.overrides
        slots = tuple(inherited if slot == INHERITED or overridden else slot for slot in geometry.materials.slots)
        key = (shape, slots)
        if key not in self._numbers:
            self._numbers[key] = len(self.meshes)
            self.meshes.append(_build_mesh(geometry, slots, self.unit))
        return self._numbers[key]


def _build_mesh(geometry: ShapeGeometry, slots: tuple[int, ...], unit: float) -> Mesh:
    triangles, faces = geometry.triangles, geometry.materials.faces
    if faces is None:
        materials = np.full(len(triangles.triangles), slots[0], dtype=np.int32)
    else:
        materials = np.array(slots, dtype=np.int32)[faces[triangles.faces]]
    points, normals, skin = triangles.points, triangles.normals, None
    if geometry.skin is not None:
        bind = geometry.skin.bind
        points = (points @ bind[:3, :3] + bind[3, :3]).astype(np.float32)
        normals = normals @ np.linalg.inv(bind[:3, :3]).T
        normals = (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)
        skin = geometry.skin.skin(triangles.sources)
    elif unit != 1.0:
        points = (points * unit).astype(np.float32)
    return Mesh(
        points=points, normals=normals, uvs=triangles.uvs, triangles=triangles.triangles, materials=materials, skin=skin
    )

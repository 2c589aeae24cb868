"""From a composed stage to plain arrays: the one place where the scene is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pxr import Usd, UsdGeom, UsdShade

from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.diagnostics import skipping_broken, usd_diagnostics
from isaacsim_agent_ext.scene.geometry import PolygonMesh, triangulate
from isaacsim_agent_ext.scene.layout import BoundSurface, Layout, ShapeGeometry, Surroundings
from isaacsim_agent_ext.scene.lights import read_light
from isaacsim_agent_ext.scene.materials import (
    SurfaceMaterial,
    TextureTable,
    display_material,
    read_material,
    with_loaded_textures,
)
from isaacsim_agent_ext.scene.meshes import INHERITED, FaceMaterials, face_count, face_subsets, read_shape
from isaacsim_agent_ext.scene.metrics import AT_REST
from isaacsim_agent_ext.scene.skeletons import SkeletonTable
from isaacsim_agent_ext.scene.snapshot import Instance, Light, Material, Mesh, SceneSnapshot
from isaacsim_agent_ext.scene.walk import Shape, StageWalker, Tree
from isaacsim_agent_ext.steps import Steps, at_once


def read_snapshot(composed: ComposedStage) -> tuple[SceneSnapshot, tuple[str, ...]]:
    """Read everything that is drawn, at rest; as `snapshot_steps`, at once."""
    return at_once(snapshot_steps(composed))


def snapshot_steps(composed: ComposedStage) -> Steps[tuple[SceneSnapshot, tuple[str, ...]]]:
    """Read everything that is drawn, at rest.

    Meshes with n-gons (taken as convex), subsets and primvars of every interpolation; implicit shapes; native
    instances and PointInstancers, whose geometry is read once; UsdSkel skins; UsdPreviewSurface and MDL materials;
    UsdLux lights; labels in both schemas. Subdivision surfaces are read as their control mesh. Actors added by
    `isaacsim_agent_ext.scene.actors` are marked as moving and kept out of the NavMesh.

    Args:
        composed: The stage; it is only read.

    Returns:
        The snapshot, and one text for everything odd that was left out or replaced.

    Raises:
        SceneError: Nested prototypes ask for more instances than memory could hold.
    """
    reader = _Reader(composed)
    steps = reader.read()
    while True:
        with usd_diagnostics(reader.warn):  # not longer than a step: what USD says in between is not about us
            try:
                next(steps)
            except StopIteration as end:
                return end.value, tuple(reader.warnings)
        yield None


class _Reader:
    """Reads every distinct thing once, then lays out the instances."""

    def __init__(self, composed: ComposedStage):
        self._composed = composed
        self._stage = composed.stage
        self._unit = float(UsdGeom.GetStageMetersPerUnit(composed.stage))
        self.warnings: dict[str, None] = {}
        self._surfaces = [SurfaceMaterial(Material(), {})]
        self._textures = TextureTable(composed.textures)

    def read(self) -> Steps[SceneSnapshot]:
        walker = StageWalker((actor.prim_path for actor in self._composed.actors), self.warn)
        tree = yield from walker.walk(self._stage)
        skeletons = SkeletonTable(self.warn)
        for root in walker.skel_roots:
            yield None
            with skipping_broken(root, self.warn):
                skeletons.add_root(root)

        bound = yield from self._bound_materials(walker.trees)
        layout = Layout(
            geometry=(yield from self._geometry(walker.trees, bound, skeletons)),
            bound=bound,
            default_surface=0,
            unit=self._unit,
            warn=self.warn,
        )
        yield from layout.add(tree, Surroundings(path="", matrix=self._composed.to_world))

        lights = self._lights(layout)
        textures, indices = self._textures.load(self.warn)
        materials, remap = _used([with_loaded_textures(surface, indices) for surface in self._surfaces], layout.meshes)
        return SceneSnapshot(
            meshes=tuple(replace(mesh, materials=remap[mesh.materials]) for mesh in layout.meshes),
            instances=tuple(_on_skeleton(instance, layout.meshes, skeletons) for instance in layout.instances),
            materials=materials,
            textures=textures,
            lights=tuple(
                replace(light, texture=int(indices[light.texture])) if light.texture >= 0 else light for light in lights
            ),
            skeletons=tuple(skeletons.skeletons),
        )

    def warn(self, text: str) -> None:
        self.warnings[text] = None

    def _geometry(
        self, trees: list[Tree], bound: dict[Usd.Prim, BoundSurface], skeletons: SkeletonTable
    ) -> Steps[dict[Shape, ShapeGeometry]]:
        shapes: list[tuple[Shape, FaceMaterials]] = []
        polygons: list[PolygonMesh] = []
        for shape in (shape for tree in trees for shape in tree.shapes):
            yield None
            with skipping_broken(shape.prim, self.warn):
                materials = self._face_materials(shape, bound)
                mesh = read_shape(shape, materials, self._surfaces, self.warn)
                if mesh is not None:
                    shapes.append((shape, materials))
                    polygons.append(mesh)
        return {
            shape: ShapeGeometry(
                triangles, materials, None if shape.prim.IsInPrototype() else skeletons.skins.get(shape.path)
            )
            for (shape, materials), triangles in zip(shapes, triangulate(polygons), strict=True)
            if len(triangles.triangles)
        }

    def _bound_materials(self, trees: list[Tree]) -> Steps[dict[Usd.Prim, BoundSurface]]:
        """Return the surface of every drawn prim that has a material, found in one call."""
        prims: list[Usd.Prim] = []
        for tree in trees:
            for shape in tree.shapes:
                prims += [shape.prim, *shape.subsets]
            prims += [copies.host for copies in tree.copies]
        if not prims:
            return {}
        materials, relations = UsdShade.MaterialBindingAPI.ComputeBoundMaterials(prims, UsdShade.Tokens.full)
        surfaces: dict[str, int] = {}
        bound: dict[Usd.Prim, BoundSurface] = {}
        for prim, material, relation in zip(prims, materials, relations, strict=True):
            if not material:
                continue
            path = str(material.GetPath())
            if path not in surfaces:
                yield None
                surfaces[path] = len(self._surfaces)
                self._surfaces.append(SurfaceMaterial(Material(name=material.GetPrim().GetName()), {}))
                with skipping_broken(material.GetPrim(), self.warn):
                    self._surfaces[-1] = read_material(material, self._textures, self.warn)
            strength = UsdShade.MaterialBindingAPI.GetMaterialBindingStrength(relation)
            bound[prim] = BoundSurface(surfaces[path], strength == UsdShade.Tokens.strongerThanDescendants)
        return bound

    def _face_materials(self, shape: Shape, bound: dict[Usd.Prim, BoundSurface]) -> FaceMaterials:
        whole = bound[shape.prim].surface if shape.prim in bound else self._display_surface(shape)
        if not shape.subsets:
            return FaceMaterials((whole,))
        count = face_count(shape)
        slots, faces = [whole], np.zeros(count, dtype=np.int32)
        for subset, chosen in face_subsets(shape, count, self.warn):
            if subset in bound:
                faces[chosen] = len(slots)
                slots.append(bound[subset].surface)
        return FaceMaterials(tuple(slots), faces if len(slots) > 1 else None)

    def _display_surface(self, shape: Shape) -> int:
        """Return the surface of a shape's display colour, or `INHERITED` when it has none."""
        color, opacity = (attribute.Get(AT_REST) if attribute else None for attribute in shape.context.display)
        if not color:
            return INHERITED
        mean = np.nan_to_num(np.asarray(color, dtype=np.float64)).mean(axis=0)
        alpha = float(np.asarray(opacity, dtype=np.float64).mean()) if opacity else 1.0
        self._surfaces.append(SurfaceMaterial(display_material(mean, alpha), {}))
        return len(self._surfaces) - 1

    def _lights(self, layout: Layout) -> list[Light]:
        up_axis = str(UsdGeom.GetStageUpAxis(self._stage))
        lights = []
        for prim, path, matrix in layout.lights:
            with skipping_broken(prim, self.warn):
                light = read_light(
                    prim,
                    prim_path=path,
                    transform=matrix,
                    meters_per_unit=self._unit,
                    up_axis=up_axis,
                    textures=self._textures,
                    warn=self.warn,
                )
                if light is not None:
                    lights.append(light)
        return lights


def _used(surfaces: list[Material], meshes: list[Mesh]) -> tuple[tuple[Material, ...], np.ndarray]:
    """Return the different materials that some triangle has, and the index of each surface among them."""
    numbers: dict[Material, int] = {}
    remap = np.zeros(len(surfaces), dtype=np.int32)
    for surface in np.unique(np.concatenate([mesh.materials for mesh in meshes])) if meshes else ():
        remap[surface] = numbers.setdefault(surfaces[surface], len(numbers))
    return tuple(numbers), remap


def _on_skeleton(instance: Instance, meshes: list[Mesh], skeletons: SkeletonTable) -> Instance:
    """A skinned mesh stands where its skeleton does, wherever its own prim is."""
    skin = meshes[instance.mesh].skin
    return replace(instance, transform=skeletons.skeletons[skin.skeleton].transform) if skin else instance

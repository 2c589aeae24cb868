from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Kind, Usd, UsdGeom, UsdSkel, Vt

from isaacsim_agent_ext.scene.compose import ComposedStage, open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.scene.snapshot import Instance, SceneSnapshot

Z_UP_METRES = 'upAxis = "Z"\n    metersPerUnit = 1'
Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'


@pytest.fixture
def author(tmp_path: Path) -> Callable[..., Path]:
    """Write USD text to a file; `header` is its metadata."""

    def write(body: str, *, header: str = Z_UP_METRES, name: str = "stage.usda") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        body = body.replace(" }", "\n}")  # USD wants a line break there
        path.write_text(f"#usda 1.0\n(\n    {header}\n)\n{body}\n")
        return path

    return write


@pytest.fixture
def compose(author: Callable[..., Path]) -> Callable[..., ComposedStage]:
    def composed(body: str, *, header: str = Z_UP_METRES) -> ComposedStage:
        return open_stage(author(body, header=header))

    return composed


@pytest.fixture
def read(compose: Callable[..., ComposedStage]) -> Callable[..., tuple[SceneSnapshot, tuple[str, ...]]]:
    def snapshot(body: str, *, header: str = Z_UP_METRES) -> tuple[SceneSnapshot, tuple[str, ...]]:
        return read_snapshot(compose(body, header=header))

    return snapshot


@pytest.fixture
def world_points() -> Callable[[SceneSnapshot, Instance], np.ndarray]:
    def points(snapshot: SceneSnapshot, instance: Instance) -> np.ndarray:
        local = snapshot.meshes[instance.mesh].points
        return local @ instance.transform[:3, :3] + instance.transform[3, :3]

    return points


@pytest.fixture
def person(tmp_path: Path) -> Callable[..., Path]:
    """Write a tiny rigged figure, laid out as character assets are: a body and a helmet on five joints."""

    def write(**form) -> Path:
        return _write_person(tmp_path / f"person_{len(list(tmp_path.iterdir()))}.usda", **form)

    return write


JOINTS = ["root", "root/thigh_r", "root/thigh_l", "root/spine", "root/spine/head"]
JOINT_PLACES = np.array([(0, 0, 1.0), (0, -0.1, 1.0), (0, 0.1, 1.0), (0, 0, 1.2), (0, 0, 1.6)])  # facing +X


def _write_person(path: Path, *, up_axis: str = "Z", unit: float = 1.0, facing: float = 0.0) -> Path:
    """Write a figure 1.8 m tall that faces along a yaw of its own Z-up frame [rad]."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, unit)
    c, s = np.cos(facing), np.sin(facing)
    turn = np.array([(c, s, 0), (-s, c, 0), (0, 0, 1)])
    axes = np.eye(3) if up_axis == "Z" else np.array([(1, 0, 0), (0, 0, -1), (0, 1, 0)])

    def asset(points):
        return np.asarray(points) @ turn @ axes / unit

    root = UsdGeom.Xform.Define(stage, "/Person")
    Usd.ModelAPI(root.GetPrim()).SetKind(Kind.Tokens.component)
    stage.SetDefaultPrim(root.GetPrim())
    UsdSkel.Root.Define(stage, "/Person/Body")
    skeleton = UsdSkel.Skeleton.Define(stage, "/Person/Body/Skeleton")
    skeleton.CreateJointsAttr(JOINTS)
    places = asset(JOINT_PLACES)
    bind = []
    for place in places:
        matrix = np.eye(4)
        matrix[3, :3] = place
        bind.append(Gf.Matrix4d(matrix.tolist()))
    rest = [bind[0], *(bind[i] * bind[JOINTS.index(JOINTS[i].rsplit("/", 1)[0])].GetInverse() for i in range(1, 5))]
    skeleton.CreateBindTransformsAttr(Vt.Matrix4dArray(bind))
    skeleton.CreateRestTransformsAttr(Vt.Matrix4dArray(rest))

    mesh = UsdGeom.Mesh.Define(stage, "/Person/Body/Skin")
    corners = [(x, y, z) for x in (-0.1, 0.1) for y in (-0.2, 0.2) for z in (0.0, 1.8)]
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(asset(corners).astype(np.float32)))
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh.CreateFaceVertexCountsAttr([4] * 6)
    mesh.CreateFaceVertexIndicesAttr([i for face in faces for i in face])
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    binding.CreateJointIndicesPrimvar(False, 2).Set([1, 2, 4, 3] * 4)
    binding.CreateJointWeightsPrimvar(False, 2).Set([0.75, 0.25] * 8)

    helmet = UsdGeom.Cube.Define(stage, "/Person/Body/Helmet")
    helmet.CreateSizeAttr(0.2 / unit)
    helmet.AddTranslateOp().Set(Gf.Vec3d(*asset([(0, 0, 1.8)])[0]))
    stage.GetRootLayer().Save()
    return path

"""Small stages with rigid bodies, and every engine that lets them come to rest."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdPhysics, Vt

sys.path.append(str(Path(__file__).parents[1]))

from kit_double.fixtures import kit, kit_51, kit_60  # noqa: F401

from isaacsim_agent_ext.hosts.physics import Settlement, SettleRule
from isaacsim_agent_ext.hosts.standalone.physics import MujocoPhysics
from isaacsim_agent_ext.scene.compose import ComposedStage, open_stage


class StageAuthor:
    """Writes a stage, in metres and Z-up whatever the stage's own axes and units are."""

    def __init__(self, path: Path, *, up_axis: str = "Z", meters_per_unit: float = 1.0):
        self.path = path
        self.stage = Usd.Stage.CreateNew(str(path))
        UsdGeom.SetStageUpAxis(self.stage, up_axis)
        UsdGeom.SetStageMetersPerUnit(self.stage, meters_per_unit)
        self.stage.SetDefaultPrim(UsdGeom.Xform.Define(self.stage, "/World").GetPrim())
        self._up, self._unit = up_axis, meters_per_unit

    def vector(self, values: Sequence[float]) -> Gf.Vec3d:
        x, y, z = (float(value) / self._unit for value in values)
        return Gf.Vec3d(x, y, z) if self._up == "Z" else Gf.Vec3d(x, z, -y)

    def floor(self, half: float = 5.0, *, approximation: str = "none") -> None:
        corners = [(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)]
        self.mesh("Floor", corners, [4], [0, 1, 2, 3], approximation=approximation)

    def mesh(self, name: str, points, counts, indices, *, approximation: str = "none", body: bool = False) -> str:
        mesh = UsdGeom.Mesh.Define(self.stage, f"/World/{name}")
        mesh.CreatePointsAttr(Vt.Vec3fArray([Gf.Vec3f(self.vector(point)) for point in points]))
        mesh.CreateFaceVertexCountsAttr(counts)
        mesh.CreateFaceVertexIndicesAttr(indices)
        UsdPhysics.CollisionAPI.Apply(mesh.GetPrim())
        UsdPhysics.MeshCollisionAPI.Apply(mesh.GetPrim()).CreateApproximationAttr(approximation)
        if body:
            UsdPhysics.RigidBodyAPI.Apply(mesh.GetPrim())
        return f"/World/{name}"

    def box(self, name: str, position, size=(0.4, 0.4, 0.4), *, body: bool = True, mass: float = 0.0) -> str:
        """Add a box: an Xform that is the body, and a scaled cube in it."""
        root = UsdGeom.Xform.Define(self.stage, f"/World/{name}")
        root.AddTranslateOp().Set(self.vector(position))
        cube = UsdGeom.Cube.Define(self.stage, f"/World/{name}/Shape")
        cube.CreateSizeAttr(1.0)
        lengths = self.vector(size)
        cube.AddScaleOp().Set(Gf.Vec3f(*(abs(value) for value in lengths)))
        UsdPhysics.CollisionAPI.Apply(cube.GetPrim())
        if body:
            UsdPhysics.RigidBodyAPI.Apply(root.GetPrim())
            if mass:
                UsdPhysics.MassAPI.Apply(root.GetPrim()).CreateMassAttr(mass)
        return f"/World/{name}"

    def save(self) -> Path:
        self.stage.GetRootLayer().Save()
        return self.path


@pytest.fixture
def author(tmp_path: Path) -> Callable[..., StageAuthor]:
    def start(**metrics) -> StageAuthor:
        return StageAuthor(tmp_path / "stage.usda", **metrics)

    return start


@dataclass
class Engine:
    """One host's physics, on the stages that it opens itself."""

    name: str
    open: Callable[[Path], ComposedStage]
    settle: Callable[..., Settlement]


def _standalone() -> Engine:
    def settle(stage: ComposedStage, bodies: Sequence[str], rule: SettleRule | None = None) -> Settlement:
        return MujocoPhysics().settle(stage, bodies, rule or SettleRule())

    return Engine("MuJoCo", open_stage, settle)


def in_app(app) -> Engine:
    """Return the physics of an emulated app."""
    physics = importlib.import_module("isaacsim_agent_ext.hosts.kit.physics").KitPhysics()
    stages = importlib.import_module("isaacsim_agent_ext.hosts.kit.stage")

    def opened(path: Path) -> ComposedStage:
        return app.run(stages.open_stage(str(path), [], seconds=60.0)).composed

    def settle(stage: ComposedStage, bodies: Sequence[str], rule: SettleRule | None = None) -> Settlement:
        return app.run(physics.settle(stage, bodies, rule or SettleRule()))

    return Engine("PhysX", opened, settle)


@pytest.fixture(params=["standalone", "kit_51", "kit_60"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    """Return each host's physics in turn."""
    if request.param == "standalone":
        yield _standalone()
        return
    monkeypatch.setenv("ISAACSIM_AGENT_CACHE", os.environ.get("ISAACSIM_AGENT_CACHE", str(tmp_path / "cache")))
    yield in_app(request.getfixturevalue(request.param))


def world_matrix(stage: ComposedStage, path: str) -> np.ndarray:
    """Return where USD has a prim, in stage units."""
    return np.array(UsdGeom.XformCache().GetLocalToWorldTransform(stage.stage.GetPrimAtPath(path)))

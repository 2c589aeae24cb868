"""Robots keep together wherever they are put."""

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom

from isaacsim_agent_ext.scene.actors import add_robot
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.metrics import prim_to_world

ROBOT = "/World/Robots/carts/Cart"


@pytest.fixture
def hall(tmp_path):
    stage = Usd.Stage.CreateNew(str(tmp_path / "hall.usda"))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.Save()
    return tmp_path / "hall.usda"


@pytest.mark.parametrize("resets", [False, True])
def test_parts_in_world_coordinates_come_along(hall, tmp_path, resets):
    """A rigid body within another stands in the world's coordinates, as physics asks of assets."""
    asset = Usd.Stage.CreateNew(str(tmp_path / "cart.usda"))
    UsdGeom.SetStageUpAxis(asset, "Z")
    UsdGeom.SetStageMetersPerUnit(asset, 0.01)
    root = UsdGeom.Xform.Define(asset, "/Cart")
    root.AddTranslateOp().Set((500, 0, 0))
    body = UsdGeom.Xform.Define(asset, "/Cart/body")
    body.AddTranslateOp().Set((0, 0, 20))
    wheel = UsdGeom.Xform.Define(asset, "/Cart/body/wheel")
    hub = UsdGeom.Xform.Define(asset, "/Cart/body/wheel/hub")
    if resets:
        wheel.SetResetXformStack(True)
        wheel.AddTransformOp().Set(Gf.Matrix4d().SetTranslate((530, 0, 10)))
        hub.SetResetXformStack(True)
        hub.AddTransformOp().Set(Gf.Matrix4d().SetTranslate((530, 5, 10)))
    else:
        wheel.AddTransformOp().Set(Gf.Matrix4d().SetTranslate((30, 0, -10)))
        hub.AddTransformOp().Set(Gf.Matrix4d().SetTranslate((0, 5, 0)))
    asset.SetDefaultPrim(root.GetPrim())
    asset.Save()
    stage = open_stage(hall)
    position = np.array([1.0, 2.0, 0.0])
    add_robot(stage, ROBOT, tmp_path / "cart.usda", position=position, yaw=np.pi / 2, forward=0.0)
    for part, place in (("body", (1, 2, 0.2)), ("body/wheel", (1, 2.3, 0.1)), ("body/wheel/hub", (0.95, 2.3, 0.1))):
        np.testing.assert_allclose(prim_to_world(stage.stage.GetPrimAtPath(f"{ROBOT}/{part}"))[3, :3], place, atol=1e-9)

"""Curve prims become points to walk along."""

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom

from isaacsim_agent_ext.scene.curves import curve_points


@pytest.fixture
def curve():
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    curves = UsdGeom.BasisCurves.Define(stage, "/World/Curve")

    def define(points, kind="linear", basis="bezier", wrap="nonperiodic"):
        curves.CreatePointsAttr([Gf.Vec3f(*point) for point in points])
        curves.CreateCurveVertexCountsAttr([len(points)])
        curves.CreateTypeAttr(kind)
        curves.CreateBasisAttr(basis)
        curves.CreateWrapAttr(wrap)
        return curves.GetPrim()

    define.stage = stage  # prims live as long as their stage
    return define


CORNERS = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]


def test_a_linear_curve_is_its_points_in_the_world(curve):
    prim = curve(CORNERS)
    UsdGeom.XformCommonAPI(prim).SetTranslate((5, 0, 0))
    assert curve_points(prim) == pytest.approx(np.array(CORNERS) + np.array([5, 0, 0]))


def test_a_periodic_curve_comes_back(curve):
    assert curve_points(curve(CORNERS, wrap="periodic"))[-1] == pytest.approx(CORNERS[0])


def test_a_bezier_curve_is_sampled_through_its_ends(curve):
    points = curve_points(curve(CORNERS, kind="cubic"))
    assert len(points) == 9
    assert points[[0, -1]] == pytest.approx(np.array(CORNERS)[[0, -1]])
    assert points[4] == pytest.approx([0.75, 0.5, 0.0])


@pytest.mark.parametrize("basis", ["bspline", "catmullRom"])
def test_a_pinned_curve_reaches_its_ends(curve, basis):
    points = curve_points(curve(CORNERS, kind="cubic", basis=basis, wrap="pinned"))
    assert points[[0, -1]] == pytest.approx(np.array(CORNERS)[[0, -1]])


def test_what_is_no_curve_or_a_single_point_has_none(curve):
    assert curve_points(curve([(0, 0, 0)])) is None
    assert curve_points(curve.stage.GetPrimAtPath("/World")) is None

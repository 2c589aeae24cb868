from __future__ import annotations

import math

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdSemantics

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene.cameras import add_camera, find_cameras, read_camera
from isaacsim_agent_ext.scene.labels import read_labels, write_labels
from isaacsim_agent_ext.scene.locate import world_bounds, world_position
from isaacsim_agent_ext.scene.navigation_volumes import read_volumes
from isaacsim_agent_ext.sensors.camera import CameraView

Z_UP_METRES = 'upAxis = "Z"\n    metersPerUnit = 1'
Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'


# ---- cameras ---------------------------------------------------------------------------------------------------


def looking_down() -> np.ndarray:
    pitch = math.radians(-30)
    transform = np.eye(4)
    x, y = np.array([0, -1.0, 0]), np.array([math.sin(-pitch), 0, math.cos(pitch)])
    transform[0, :3], transform[1, :3], transform[2, :3] = x, y, np.cross(x, y)
    transform[3, :3] = [2, 3, 4]
    return transform


@pytest.mark.parametrize("header", [Z_UP_METRES, Y_UP_CENTIMETRES])
def test_cameras_come_back_as_they_were_added(compose, header):
    composed = compose(
        """def Xform "World" { double3 xformOp:translate = (9, 8, 7)
            float3 xformOp:rotateXYZ = (0, 40, 0)
            uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateXYZ"] }""",
        header=header,
    )
    view = CameraView(
        prim_path="/World/Cameras/g/g_0",
        transform=looking_down(),
        resolution=(1280, 720),
        focal_length=16.0,
        clipping_range=(0.1, 500.0),
    )
    add_camera(composed, view)
    found = read_camera(composed, view.prim_path, (1280, 720))
    assert found.transform == pytest.approx(view.transform, abs=1e-9)
    assert found.focal_length == pytest.approx(16.0)
    assert found.horizontal_aperture == pytest.approx(view.horizontal_aperture)
    assert found.clipping_range == pytest.approx((0.1, 500.0))
    assert find_cameras(composed, "/World") == [view.prim_path]


@pytest.mark.parametrize("header", [Z_UP_METRES, Y_UP_CENTIMETRES])
def test_usd_sees_the_same_field_of_view_and_direction(compose, header):
    composed = compose("", header=header)
    view = CameraView(prim_path="/Cam", transform=looking_down(), resolution=(640, 480), focal_length=18.0)
    add_camera(composed, view)
    camera = UsdGeom.Camera(composed.stage.GetPrimAtPath("/Cam")).GetCamera(Usd.TimeCode.Default())
    assert camera.GetFieldOfView(camera.FOVHorizontal) == pytest.approx(
        math.degrees(2 * math.atan(view.horizontal_aperture / 2 / 18)), abs=1e-4
    )
    assert camera.aspectRatio == pytest.approx(4 / 3, abs=1e-5)
    toward = camera.frustum.ComputeViewDirection()
    assert np.array(toward) @ composed.to_world[:3, :3] / 0.01 ** (header == Y_UP_CENTIMETRES) == pytest.approx(
        -view.transform[2, :3], abs=1e-6
    )


def test_millimetres_on_a_metre_stage_are_recognised(compose):
    composed = compose('def Camera "C" { float focalLength = 24\nfloat horizontalAperture = 20.955 }')
    view = read_camera(composed, "/C", (100, 100))
    assert (view.focal_length, view.horizontal_aperture) == pytest.approx((24, 20.955))


def test_lenses_are_stated_in_millimetres_as_in_isaac_sim(compose):
    composed = compose('def Xform "World" {}', header=Z_UP_METRES)
    add_camera(composed, CameraView(prim_path="/Cam", transform=np.eye(4), resolution=(640, 480), focal_length=16.0))
    camera = UsdGeom.Camera(composed.stage.GetPrimAtPath("/Cam"))
    assert camera.GetFocalLengthAttr().Get() == pytest.approx(16.0)
    assert camera.GetHorizontalApertureAttr().Get() == pytest.approx(20.955)


def test_what_is_no_usable_camera(compose):
    composed = compose("""def Cube "Box" { }
        def Camera "Flat" { token projection = "orthographic" }
        def Camera "Zero" { float focalLength = 0 }""")
    with pytest.raises(SceneError, match="/Box is no camera, it is of type Cube"):
        read_camera(composed, "/Box", (8, 8))
    with pytest.raises(SceneError, match="orthographic"):
        read_camera(composed, "/Flat", (8, 8))
    with pytest.raises(SceneError, match="must be positive"):
        read_camera(composed, "/Zero", (8, 8))


# ---- where prims are -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [Z_UP_METRES, Y_UP_CENTIMETRES])
def test_positions_and_bounds_are_in_the_world(compose, header):
    composed = compose(
        """def Xform "A" { double3 xformOp:translate = (1, 2, 3)
            uniform token[] xformOpOrder = ["xformOp:translate"]
            def Cube "C" { double size = 2 }
            def Xform "Empty" { } }""",
        header=header,
    )
    place = np.array([1, 2, 3.0, 1]) @ composed.to_world
    assert world_position(composed, "/A") == pytest.approx(place[:3])
    half = composed.to_world[0, 0]
    assert world_bounds(composed, "/A") == pytest.approx(np.stack([place[:3] - half, place[:3] + half]))
    assert world_bounds(composed, "/A/Empty") == pytest.approx(np.stack([place[:3]] * 2))


def test_missing_prims_are_explained(compose):
    composed = compose('def Xform "World" { def Xform "BreakRoom" { }\ndef Xform "Dock" { } }')
    with pytest.raises(SceneError, match="/World has no child Breakroom; did you mean BreakRoom"):
        world_position(composed, "/World/Breakroom/Seat")
    with pytest.raises(SceneError, match="it has BreakRoom, Dock"):
        world_position(composed, "/World/zzz")
    with pytest.raises(SceneError, match="no prim path"):
        world_position(composed, "World/Dock")


# ---- labels ----------------------------------------------------------------------------------------------------


def test_labels_are_written_as_openusd_has_them(compose):
    composed = compose('def Xform "A" { }')
    with composed.editing("labels") as stage:
        prim = stage.GetPrimAtPath("/A")
        write_labels(prim, [("class", "person"), ("role", "worker"), ("class", "adult")])
    assert prim.GetAppliedSchemas() == ["SemanticsLabelsAPI:class", "SemanticsLabelsAPI:role"]
    assert list(UsdSemantics.LabelsAPI(prim, "class").GetLabelsAttr().Get()) == ["person", "adult"]
    assert read_labels(prim) == {"class": ("person", "adult"), "role": ("worker",)}
    assert "SemanticsLabelsAPI:class" in composed.layers["labels"].ExportToString()
    with pytest.raises(SceneError, match="cannot be a label type"):
        write_labels(prim, [("a b", "x")])


def test_old_labels_are_read_too(compose):
    composed = compose("""
        def Xform "A" (
            prepend apiSchemas = ["SemanticsAPI:Semantics", "SemanticsAPI:Semantics_2", "SemanticsLabelsAPI:class"]
        ) {
            string semantic:Semantics:params:semanticType = "class"
            string semantic:Semantics:params:semanticData = "forklift, truck"
            string semantic:Semantics_2:params:semanticType = "color"
            string semantic:Semantics_2:params:semanticData = "yellow"
            string semantic:Half:params:semanticType = "nothing"
            token[] semantics:labels:class = ["forklift", "vehicle"]
        }""")
    assert read_labels(composed.stage.GetPrimAtPath("/A")) == {
        "class": ("forklift", "truck", "vehicle"),
        "color": ("yellow",),
    }


# ---- NavMesh volumes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [Z_UP_METRES, Y_UP_CENTIMETRES])
def test_navigation_volumes(compose, header):
    unit, up = (1, "(40, 20, 3)") if header == Z_UP_METRES else (100, "(4000, 300, 2000)")
    composed = compose(
        f"""
        def NavMeshVolume "Hall" {{ token nav:type = "Include"
            float3 xformOp:scale = {up}
            double3 xformOp:translate = ({10 * unit}, 0, 0)
            uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"] }}
        def Xform "Zones" {{ float3 xformOp:rotateXYZ = {"(0, 0, 45)" if unit == 1 else "(0, 45, 0)"}
            uniform token[] xformOpOrder = ["xformOp:rotateXYZ"]
            def NavMeshVolume "Hole" {{ token nav:volumeType = "exclude" }}
            def NavMeshVolume "Dock" {{ token navmesh:area = "loading_dock" }}
            def NavMeshVolume "Both" {{ token nav:type = "Include"
                token navmesh:area = "aisles" }} }}
        """,
        header=header,
    )
    hall, hole, dock, both = read_volumes(composed)
    assert [(v.kind, v.area) for v in (hall, hole, dock, both)] == [
        ("include", ""),
        ("exclude", ""),
        ("area", "loading_dock"),
        ("include", "aisles"),
    ]
    assert hall.footprint.min(axis=0) == pytest.approx([-10, -10])
    assert hall.footprint.max(axis=0) == pytest.approx([30, 10])
    assert (hall.z_min, hall.z_max) == pytest.approx((-1.5, 1.5))
    half = math.sqrt(0.5) / unit
    assert hole.footprint == pytest.approx(np.array([(-half, 0), (0, -half), (half, 0), (0, half)]), abs=1e-6)
    x, y = hall.footprint.T
    assert np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)) > 0  # counter-clockwise

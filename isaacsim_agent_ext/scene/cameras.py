"""Cameras on the stage.

Focal length and aperture are taken and written as millimetres on every stage, as Isaac Sim and its assets do. (USD
itself speaks of tenths of a scene unit, which is the same only where a unit is a centimetre; a picture depends on
their ratio alone.)
"""

from __future__ import annotations

import numpy as np
from pxr import Gf, Usd, UsdGeom

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene.compose import ComposedStage, define_xform, place
from isaacsim_agent_ext.scene.locate import existing_prim
from isaacsim_agent_ext.scene.metrics import AT_REST, prim_to_world, stage_to_world, without_scale
from isaacsim_agent_ext.sensors.camera import CameraView


def add_camera(composed: ComposedStage, view: CameraView) -> None:
    """Author a camera as it stands in a view, in the layer "cameras"; missing Xforms above it are made."""
    unit = float(UsdGeom.GetStageMetersPerUnit(composed.stage))
    with composed.editing("cameras") as stage:
        define_xform(stage, view.prim_path.rsplit("/", 1)[0])
        camera = UsdGeom.Camera.Define(stage, view.prim_path)
        camera.CreateProjectionAttr(UsdGeom.Tokens.perspective)
        camera.CreateFocalLengthAttr(view.focal_length)
        camera.CreateHorizontalApertureAttr(view.horizontal_aperture)
        camera.CreateVerticalApertureAttr(view.vertical_aperture)
        near, far = view.clipping_range
        camera.CreateClippingRangeAttr(Gf.Vec2f(near / unit, far / unit))
        in_stage = view.transform @ np.linalg.inv(stage_to_world(stage))
        place(camera.GetPrim(), without_scale(in_stage)[0])


def read_camera(
    composed: ComposedStage, prim_path: str, resolution: tuple[int, int], *, time: Usd.TimeCode = AT_REST
) -> CameraView:
    """Return the view of a camera that is on the stage.

    Args:
        composed: The stage.
        prim_path: The camera prim.
        resolution: Width and height [px]; it decides the vertical field of view.
        time: When; at rest unless told otherwise.

    Raises:
        SceneError: There is no such prim, or it is no perspective camera.
    """
    prim = existing_prim(composed.stage, prim_path)
    camera = UsdGeom.Camera(prim)
    if not camera:
        raise SceneError(f"{prim_path} is no camera, it is of type {prim.GetTypeName() or '(none)'}")
    if camera.GetProjectionAttr().Get(time) == UsdGeom.Tokens.orthographic:
        raise SceneError(f"{prim_path} is an orthographic camera; only perspective ones can be recorded")
    unit = float(UsdGeom.GetStageMetersPerUnit(composed.stage))
    aperture = float(camera.GetHorizontalApertureAttr().Get(time))
    focal_length = float(camera.GetFocalLengthAttr().Get(time))
    if not (aperture > 0 and focal_length > 0):
        raise SceneError(f"{prim_path}: focal length {focal_length:g} and aperture {aperture:g} must be positive")
    near, far = camera.GetClippingRangeAttr().Get(time)
    return CameraView(
        prim_path=prim_path,
        transform=without_scale(prim_to_world(prim, time))[0],
        resolution=resolution,
        focal_length=focal_length,
        horizontal_aperture=aperture,
        clipping_range=(float(near) * unit, float(far) * unit),
    )


def find_cameras(composed: ComposedStage, root: str = "/") -> list[str]:
    """Return the paths of all cameras at and below a prim, sorted; instanced ones included.

    Raises:
        SceneError: There is no such prim.
    """
    prim = existing_prim(composed.stage, root)
    prims = Usd.PrimRange(prim, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate))
    return sorted(str(prim.GetPath()) for prim in prims if prim.IsA(UsdGeom.Camera))

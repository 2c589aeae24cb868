"""Units and up axis: from a stage's own coordinates to metres, Z-up, and back."""

from __future__ import annotations

import numpy as np
from pxr import Gf, Usd, UsdGeom

AT_REST = Usd.TimeCode.EarliestTime()
"""The time the scene is read at: default values, or the first sample of what is animated."""

_Y_UP_TO_Z_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)


def to_metres_z_up(meters_per_unit: float, up_axis: str) -> np.ndarray:
    """Return the ``(4, 4)`` matrix, for row vectors, from coordinates of that unit and up axis to metres, Z-up."""
    turn = _Y_UP_TO_Z_UP if up_axis == "Y" else np.eye(4)
    return np.diag([meters_per_unit, meters_per_unit, meters_per_unit, 1.0]) @ turn


def stage_to_world(stage: Usd.Stage) -> np.ndarray:
    """Return the ``(4, 4)`` matrix from a stage's coordinates to metres, Z-up."""
    return to_metres_z_up(UsdGeom.GetStageMetersPerUnit(stage), str(UsdGeom.GetStageUpAxis(stage)))


def prim_to_world(prim: Usd.Prim, time: Usd.TimeCode = AT_REST) -> np.ndarray:
    """Return a prim's local-to-world matrix ``(4, 4)``, with local coordinates in metres too and Z-up world."""
    local = np.array(UsdGeom.XformCache(time).GetLocalToWorldTransform(prim))
    return metric_transforms(local, prim.GetStage())


def metric_transforms(transforms: np.ndarray, stage: Usd.Stage) -> np.ndarray:
    """Turn local-to-stage matrices into local-to-world ones whose local coordinates are metres as well.

    Args:
        transforms: ``(..., 4, 4)`` float64, in stage units on both sides.
        stage: The stage they come from.
    """
    unit = UsdGeom.GetStageMetersPerUnit(stage)
    return np.diag([1 / unit, 1 / unit, 1 / unit, 1.0]) @ transforms @ stage_to_world(stage)


def without_scale(transform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split a ``(4, 4)`` matrix into a rigid one and the scale ``(3,)`` along its axes.

    A mirrored matrix keeps its handedness in the scale's sign; shear is dropped.
    """
    linear = transform[:3, :3]
    scale = np.linalg.norm(linear, axis=1)
    scale = np.where(scale > 1e-12, scale, 1.0)
    rotation = linear / scale[:, None]
    if np.linalg.det(rotation) < 0:
        rotation, scale = rotation * [[1], [1], [-1]], scale * [1, 1, -1]
    u, _, vt = np.linalg.svd(rotation)  # the nearest rotation
    rigid = np.eye(4)
    rigid[:3, :3] = u @ vt
    rigid[3, :3] = transform[3, :3]
    return rigid, scale


def gf_matrix(matrix: np.ndarray) -> Gf.Matrix4d:
    """Return a NumPy matrix as USD's type."""
    return Gf.Matrix4d(matrix.tolist())

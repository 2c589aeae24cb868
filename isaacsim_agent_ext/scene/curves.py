"""Curves as paths: the points of a ``BasisCurves`` prim along which somebody walks."""

from __future__ import annotations

import numpy as np
from pxr import Usd, UsdGeom

from isaacsim_agent_ext.scene.metrics import AT_REST, prim_to_world

_SAMPLES = 8
"""Points taken of each cubic segment."""

_BASES = {
    # Rows are the powers t³, t², t, 1; columns the four control points.
    "bezier": np.array([[-1, 3, -3, 1], [3, -6, 3, 0], [-3, 3, 0, 0], [1, 0, 0, 0]], np.float64),
    "bspline": np.array([[-1, 3, -3, 1], [3, -6, 3, 0], [-3, 0, 3, 0], [1, 4, 1, 0]], np.float64) / 6.0,
    "catmullRom": np.array([[-1, 3, -3, 1], [2, -5, 4, -1], [-1, 0, 1, 0], [0, 2, 0, 0]], np.float64) / 2.0,
}


def curve_points(prim: Usd.Prim) -> np.ndarray | None:
    """Return the first curve of a prim as points ``(n, 3)`` in the world [m], or None when there is none.

    Cubic curves are sampled; one that is periodic comes back to its first point.
    """
    curves = UsdGeom.BasisCurves(prim)
    points = np.array(curves.GetPointsAttr().Get(AT_REST) or (), np.float64).reshape(-1, 3) if curves else None
    if points is None:
        return None
    counts = curves.GetCurveVertexCountsAttr().Get(AT_REST) or [len(points)]
    points = points[: counts[0]]
    if curves.GetTypeAttr().Get(AT_REST) == UsdGeom.Tokens.cubic:
        points = _sampled(points, curves)
    elif curves.GetWrapAttr().Get(AT_REST) == UsdGeom.Tokens.periodic:
        points = np.concatenate([points, points[:1]])
    if len(points) < 2:
        return None
    world: np.ndarray = np.pad(points, ((0, 0), (0, 1)), constant_values=1.0) @ prim_to_world(prim)
    return world[:, :3]


def _sampled(points: np.ndarray, curves: UsdGeom.BasisCurves) -> np.ndarray:
    """Return points along a cubic curve ``(n, 3)``."""
    basis, wrap = curves.GetBasisAttr().Get(AT_REST), curves.GetWrapAttr().Get(AT_REST)
    step = 3 if basis == "bezier" else 1
    if wrap == UsdGeom.Tokens.periodic:
        points = np.concatenate([points, points[: 4 - step]])
    elif wrap == UsdGeom.Tokens.pinned and basis != "bezier":  # phantom points make it reach its ends
        points = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    t = np.linspace(0.0, 1.0, _SAMPLES + 1)
    powers = np.stack([t**3, t**2, t, np.ones_like(t)], axis=1) @ _BASES.get(basis, _BASES["bezier"])
    segments = [powers @ points[at : at + 4] for at in range(0, len(points) - 3, step)]
    if not segments:
        return points
    return np.concatenate([segments[0][:1], *(segment[1:] for segment in segments)])

"""Seats among the things of a scene: the surface one sits on, and where one looks to from there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

LOWEST, HIGHEST = 0.3, 0.65
"""Heights above the foot of a prim between which a surface can be sat on [m]."""

_LEVEL = 0.7  # of the vertical part of a normal
_LAYER = 0.05  # [m] within which a surface counts as one
_CUSHION = 0.02  # [m] below the highest part of it that still carries
_SMALLEST = 0.02  # [m²]
_BACK = 0.12  # [m] above the seat where a back begins
_ASIDE = 0.06  # [m] at least from the middle of the seat to the middle of the back


@dataclass(frozen=True, eq=False, slots=True)
class SeatSurface:
    """What one sits on.

    Attributes:
        point: ``(3,)`` its middle [m].
        front: Heading of who sits there, away from the back [rad]; None when there is no back.
    """

    point: np.ndarray
    front: float | None


def seat_surface(snapshot: SceneSnapshot, prim_path: str) -> SeatSurface | None:
    """Return the largest level surface of a prim that one can sit on, or None when there is none.

    The front is away from what rises above that surface.
    """
    corners = _triangles(snapshot, prim_path)
    if not len(corners):
        return None
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = 0.5 * np.sqrt((normal * normal).sum(axis=1))
    middle = corners.mean(axis=1)
    height = middle[:, 2] - corners[..., 2].min()
    level = (normal[:, 2] > 2.0 * _LEVEL * area) & (height > LOWEST) & (height < HIGHEST) & (area > 0.0)
    if not level.any():
        return None
    layers = np.abs(height[level, None] - height[level]) < _LAYER
    best = int((layers * area[level]).sum(axis=1).argmax())
    seat = np.flatnonzero(level)[layers[best]]
    if area[seat].sum() < _SMALLEST:
        return None
    point = np.average(middle[seat], axis=0, weights=area[seat])
    top = corners[seat, :, 2].max(axis=1)
    upper = top > top.max() - _CUSHION
    point[2] = np.average(top[upper], weights=area[seat][upper])
    return SeatSurface(point, _front(point, middle, area))


def _front(seat: np.ndarray, middle: np.ndarray, area: np.ndarray) -> float | None:
    above = (middle[:, 2] > seat[2] + _BACK) & (area > 0.0)
    if area[above].sum() < _SMALLEST:
        return None
    away = seat[:2] - np.average(middle[above, :2], axis=0, weights=area[above])
    return math.atan2(away[1], away[0]) if away @ away > _ASIDE**2 else None


def _triangles(snapshot: SceneSnapshot, prim_path: str) -> np.ndarray:
    """Return the corners ``(n, 3, 3)`` of all triangles at and below a prim, in the world [m]."""
    parts = [np.zeros((0, 3, 3))]
    for instance in snapshot.instances:
        if instance.prim_path == prim_path or instance.prim_path.startswith(prim_path + "/"):
            mesh = snapshot.meshes[instance.mesh]
            points = mesh.points.astype(np.float64) @ instance.transform[:3, :3] + instance.transform[3, :3]
            parts.append(points[mesh.triangles])
    return np.concatenate(parts)


def labelled_prims(snapshot: SceneSnapshot, label: tuple[str, str]) -> tuple[str, ...]:
    """Return the paths of all prims that carry a semantic label, sorted."""
    kind, value = label
    return tuple(
        sorted(
            {
                semantics.prim_path
                for instance in snapshot.instances
                for semantics in instance.semantics
                if value in semantics.labels.get(kind, ())
            }
        )
    )

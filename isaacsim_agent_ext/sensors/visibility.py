"""What can be seen from where: questions to a ray caster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from isaacsim_agent_ext.sensors.targets import TargetBounds

_BODY_LATTICE = np.stack(
    np.meshgrid([-0.8, 0.0, 0.8], [-0.8, 0.0, 0.8], np.linspace(-0.9, 0.9, 5), indexing="ij"), axis=-1
).reshape(-1, 3)
_SKIN = 0.1  # [m] by which a target's own surface may reach out of its bounds
_MOST_PAIRS = 1_000_000  # of points and boxes compared at once
_AROUND = np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) != (0, 0, 0)])


class RayCaster(Protocol):
    """Answers rays against the scene."""

    def cast(
        self, origins: np.ndarray, directions: np.ndarray, *, max_distance: float = ...
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the distance ``(n,)`` to what each ray meets first, inf for a miss [m], and its instance ``(n,)``."""


def is_clear(caster: RayCaster, positions: np.ndarray, clearance: float) -> np.ndarray:
    """Return for each position ``(n,)`` whether no surface is within the clearance, in 26 directions."""
    count = len(positions)
    origins = np.repeat(positions, len(_AROUND), axis=0)
    directions = np.tile(_AROUND / np.linalg.norm(_AROUND, axis=1, keepdims=True), (count, 1))
    distances, _ = caster.cast(origins, directions, max_distance=clearance)
    return (distances.reshape(count, -1) >= clearance).all(axis=1)


def occlusion(
    caster: RayCaster, positions: np.ndarray, targets: Sequence[TargetBounds], transparent: Sequence[TargetBounds]
) -> np.ndarray:
    """Return what part of its target is hidden from each position ``(n,)``, 0 to 1.

    Rays go to a lattice of points in the target's bounds. What they meet inside one of the ``transparent`` boxes
    hides nothing: the target itself, and others that will have walked on.

    Args:
        caster: Answers rays.
        positions: ``(n, 3)`` [m].
        targets: What is looked at from each position, ``n`` of them.
        transparent: Boxes that hide nothing.
    """
    lattices = [target.center + _BODY_LATTICE * (target.upper - target.lower) / 2 for target in targets]
    points = np.concatenate([np.zeros((0, 3)), *lattices])
    seen = sees(caster, np.repeat(positions, len(_BODY_LATTICE), axis=0), points, transparent)
    return 1.0 - seen.reshape(len(positions), len(_BODY_LATTICE)).mean(axis=1)


def sees(caster: RayCaster, origins: np.ndarray, points: np.ndarray, transparent: Sequence[TargetBounds]) -> np.ndarray:
    """Return for each pair of origin and point ``(n,)`` whether nothing stands between them."""
    if len(origins) == 0:
        return np.zeros(0, dtype=bool)
    span = points - origins
    length = np.linalg.norm(span, axis=1)
    directions = span / np.maximum(length, 1e-9)[:, None]
    distances, _ = caster.cast(origins, directions, max_distance=float(length.max()))
    blocked = np.flatnonzero(distances < length - 1e-3)
    hits = origins[blocked] + directions[blocked] * distances[blocked, None]
    visible = np.ones(len(origins), dtype=bool)
    visible[blocked] = _inside_any(hits, transparent)
    return visible


def _inside_any(points: np.ndarray, boxes: Sequence[TargetBounds]) -> np.ndarray:
    """Return for each point ``(n,)`` whether it lies in one of the boxes, or just outside."""
    inside = np.zeros(len(points), dtype=bool)
    if not boxes:
        return inside
    lower = np.array([box.lower for box in boxes]) - _SKIN
    upper = np.array([box.upper for box in boxes]) + _SKIN
    step = max(1, _MOST_PAIRS // len(boxes))
    for start in range(0, len(points), step):
        chunk = points[start : start + step, None]
        inside[start : start + step] = ((chunk >= lower) & (chunk <= upper)).all(axis=2).any(axis=1)
    return inside

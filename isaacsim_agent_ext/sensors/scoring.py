"""How good a view is: how many people it shows now, and how much of the floor they will walk on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.look_at import heading
from isaacsim_agent_ext.sensors.targets import TargetBounds
from isaacsim_agent_ext.sensors.visibility import RayCaster, sees

_BODY_HEIGHTS = (0.15, 0.5, 0.9)  # parts of a target's height that are looked for: knees, middle, head
_FRAME_MARGIN = 0.03  # of the image that does not count as inside
_LEGIBLE_HEIGHT = 0.1  # of the image: a target this tall counts in full
_SEEN_AGAIN = 0.5  # worth of what another camera of the group shows already
_ALIKE_DISTANCE = 4.0  # [m] between cameras that look the same way
_ALIKE_PENALTY = 0.7
_OPENNESS_COLUMNS, _OPENNESS_ROWS = 4, 3


@dataclass(frozen=True, eq=False)
class Subject:
    """What cameras should show.

    Attributes:
        targets: What they aim at.
        floor: ``(n, 3)`` points at chest height over the floor that people may walk on [m].
    """

    targets: tuple[TargetBounds, ...]
    floor: np.ndarray


@dataclass(frozen=True, eq=False)
class Views:
    """What a number of cameras show.

    Attributes:
        targets: ``(cameras, targets)`` visible part of each target, 0 to 1.
        sizes: ``(cameras, targets)`` how legible its size is, 0 to 1.
        floor: ``(cameras, n)`` 1 where a point of the floor is visible.
        openness: ``(cameras,)`` how far the image reaches to the depth of its target, 0 (a wall in front) to 1.
    """

    targets: np.ndarray
    sizes: np.ndarray
    floor: np.ndarray
    openness: np.ndarray


def look(caster: RayCaster, cameras: Sequence[CameraView], distances: np.ndarray, subject: Subject) -> Views:
    """Find out what each camera shows.

    Args:
        caster: Answers rays.
        cameras: The cameras.
        distances: ``(cameras,)`` distance to what each aims at [m].
        subject: What to look for.
    """
    bodies = _body_points(subject.targets)
    points = np.concatenate([bodies, subject.floor])
    framed = np.zeros((len(cameras), len(points)), dtype=bool)
    sizes = np.zeros((len(cameras), len(subject.targets)))
    heights = np.array([target.upper[2] - target.lower[2] for target in subject.targets])
    for index, camera in enumerate(cameras):
        pixels, depth = camera.project(points)
        part = pixels / camera.resolution
        framed[index] = (depth > 0) & ((part > _FRAME_MARGIN) & (part < 1 - _FRAME_MARGIN)).all(axis=1)
        middle = np.maximum(depth[1 : len(bodies) : len(_BODY_HEIGHTS)], 0.1)
        image_height = heights / middle * camera.focal_length / camera.vertical_aperture
        sizes[index] = np.clip(image_height / _LEGIBLE_HEIGHT, 0.0, 1.0)

    which, what = np.nonzero(framed)
    positions = np.array([camera.transform[3, :3] for camera in cameras]).reshape(-1, 3)
    visible = np.zeros(framed.shape)
    visible[which, what] = sees(caster, positions[which], points[what], subject.targets)
    per_target = visible[:, : len(bodies)].reshape(len(cameras), len(subject.targets), len(_BODY_HEIGHTS))
    return Views(per_target.mean(axis=2), sizes, visible[:, len(bodies) :], _openness(caster, cameras, distances))


def rate(
    views: Views, cameras: Sequence[CameraView], chosen: Sequence[CameraView], chosen_views: Sequence[Views]
) -> np.ndarray:
    """Return how much each camera adds to those chosen already ``(cameras,)``.

    The score is the number of targets shown, plus the number that would be shown were they spread over the floor
    around them; what chosen cameras show counts half for each. It is lowered for what blocks the image, and for
    standing near a chosen camera that looks the same way.
    """
    target_worth, floor_worth = np.ones(views.targets.shape[1]), np.ones(views.floor.shape[1])
    for seen in chosen_views:
        target_worth *= _SEEN_AGAIN ** seen.targets[0]
        floor_worth *= _SEEN_AGAIN ** seen.floor[0]
    score = (views.targets * views.sizes) @ target_worth
    if views.floor.shape[1]:
        score += views.targets.shape[1] * (views.floor @ floor_worth) / views.floor.shape[1]
    score *= 0.5 + 0.5 * views.openness
    return score * (1.0 - _ALIKE_PENALTY * _likeness(cameras, chosen))


def _body_points(targets: Sequence[TargetBounds]) -> np.ndarray:
    """Return the points of every target that are looked for ``(targets * 3, 3)``."""
    return np.array(
        [
            [target.center[0], target.center[1], target.lower[2] + part * (target.upper[2] - target.lower[2])]
            for target in targets
            for part in _BODY_HEIGHTS
        ]
    ).reshape(-1, 3)


def _openness(caster: RayCaster, cameras: Sequence[CameraView], distances: np.ndarray) -> np.ndarray:
    columns = (np.arange(_OPENNESS_COLUMNS) + 0.5) / _OPENNESS_COLUMNS - 0.5
    rows = (np.arange(_OPENNESS_ROWS) + 0.5) / _OPENNESS_ROWS - 0.5
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    directions = []
    for camera in cameras:
        aperture = np.array([camera.horizontal_aperture, camera.vertical_aperture])
        local = np.concatenate([grid * aperture / camera.focal_length, np.full((len(grid), 1), -1.0)], axis=1)
        local /= np.linalg.norm(local, axis=1, keepdims=True)
        directions.append(local @ camera.transform[:3, :3])
    origins = np.repeat(np.array([camera.transform[3, :3] for camera in cameras]), len(grid), axis=0)
    reach, _ = caster.cast(origins, np.concatenate(directions), max_distance=float(np.max(distances)))
    part = np.minimum(reach.reshape(len(cameras), -1) / distances[:, None], 1.0)
    return part.mean(axis=1)


def _likeness(cameras: Sequence[CameraView], chosen: Sequence[CameraView]) -> np.ndarray:
    """Return how much each camera resembles the most similar chosen one ``(cameras,)``, 0 to 1."""
    likeness = np.zeros(len(cameras))
    positions = np.array([camera.transform[3, :3] for camera in cameras])
    headings = np.array([heading(camera.transform) for camera in cameras])
    for other in chosen:
        near = np.exp(-(np.linalg.norm(positions - other.transform[3, :3], axis=1) ** 2) / _ALIKE_DISTANCE**2)
        same_way = 0.5 + 0.5 * np.cos(headings - heading(other.transform))
        likeness = np.maximum(likeness, np.maximum(near, 0.5) * same_way)
    return likeness

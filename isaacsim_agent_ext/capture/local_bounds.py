"""The box of each entity's points in its own frame, and that frame in the world."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from isaacsim_agent_ext.capture.labels import Entity
from isaacsim_agent_ext.scene.snapshot import SceneFrame, SceneSnapshot


class LocalBounds:
    """Computes 3D boxes, keeping those of static entities for good and of moving ones for a frame."""

    def __init__(self, snapshot: SceneSnapshot, instance_points: Callable[[int], np.ndarray]):
        """Prepare for a snapshot.

        Args:
            snapshot: The scene at rest.
            instance_points: Gives the current world positions ``(vertices, 3)`` [m] of an instance.
        """
        self._snapshot = snapshot
        self._points = instance_points
        self._static: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._moving: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._frame: SceneFrame | None = None

    def measure(self, entities: list[Entity], frame: SceneFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the extents ``(n, 6)`` in each prim's frame and the frames ``(n, 4, 4)`` local-to-world [m].

        The frame of an actor's parts is that of the closest prim above which the scene frame moves; of a moving
        rigid prim, its own at rest carried along with its mesh; else the prim's own, or the world's where the
        snapshot does not say.
        """
        if frame is not self._frame:
            self._frame = frame
            self._moving.clear()
        measured = [self._measure(entity, frame) for entity in entities]
        extents = np.array([box for box, _ in measured]).reshape(-1, 6)
        return extents, np.array([transform for _, transform in measured]).reshape(-1, 4, 4)

    def _measure(self, entity: Entity, frame: SceneFrame) -> tuple[np.ndarray, np.ndarray]:
        moving = any(self._moves(index, frame) for index in entity.instances)
        kept = self._moving if moving else self._static
        if entity.prim_path not in kept:
            transform = self._moving_frame(entity, frame) if moving else _frame_at_rest(entity)
            points = np.concatenate([self._points(index) for index in entity.instances]).astype(np.float64)
            to_local = np.linalg.inv(transform)
            local = points @ to_local[:3, :3] + to_local[3, :3]
            kept[entity.prim_path] = (np.concatenate([local.min(axis=0), local.max(axis=0)]), transform)
        return kept[entity.prim_path]

    def _moves(self, index: int, frame: SceneFrame) -> bool:
        instance = self._snapshot.instances[index]
        return instance.moving or index in frame.transforms or self._snapshot.meshes[instance.mesh].skin is not None

    def _moving_frame(self, entity: Entity, frame: SceneFrame) -> np.ndarray:
        path = entity.prim_path
        while path:
            if path in frame.prim_transforms:
                return np.asarray(frame.prim_transforms[path], np.float64)
            path = path.rpartition("/")[0]
        for index in entity.instances:
            if index in frame.transforms:
                carried = np.linalg.inv(self._snapshot.instances[index].transform) @ frame.transforms[index]
                return _frame_at_rest(entity) @ carried
        return _frame_at_rest(entity)


def _frame_at_rest(entity: Entity) -> np.ndarray:
    return np.eye(4) if entity.transform is None else np.asarray(entity.transform, np.float64)

"""Casting any rays into the scene at rest: what camera placement asks."""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.render.device import open_device
from isaacsim_agent_ext.render.device_scene import DeviceScene
from isaacsim_agent_ext.render.geometry import pack_scene
from isaacsim_agent_ext.render.tracing import make_tracer
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot


class RayCaster:
    """Answers rays against the static geometry and the rest pose of what moves."""

    def __init__(self, snapshot: SceneSnapshot, *, device: str = "cpu", backend: str = "auto"):
        """Build the hierarchy.

        Args:
            snapshot: The scene.
            device: ``"cpu"`` or a CUDA device.
            backend: ``"auto"``, ``"embree"`` or ``"warp"``.

        Raises:
            DependencyError: The device or the backend is not there.
        """
        self._packed = pack_scene(snapshot)
        self._scene = DeviceScene(self._packed, open_device(device))
        self._tracer = make_tracer(self._scene, backend)

    def cast(
        self, origins: np.ndarray, directions: np.ndarray, *, max_distance: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find what each ray meets first.

        Args:
            origins: ``(n, 3)`` [m].
            directions: ``(n, 3)``, of any length.
            max_distance: How far to look [m].

        Returns:
            Distances ``(n,)`` float32 [m], inf for a miss, and instances ``(n,)`` int32, -1 for a miss.
        """
        directions = np.asarray(directions, dtype=np.float64)
        directions = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
        reach = np.full(len(directions), min(max_distance, 1e9))
        distance, triangle = self._tracer.rays(np.asarray(origins), directions, reach)
        return distance, self._owner(triangle)

    def close(self) -> None:
        """Give back the hierarchy."""
        self._tracer.close()

    def _owner(self, triangle: np.ndarray) -> np.ndarray:
        if not len(self._packed.instance):
            return np.full(len(triangle), -1, dtype=np.int32)
        return np.where(triangle >= 0, self._packed.instance[triangle], np.int32(-1)).astype(np.int32)

"""The scene's geometry on a device, and how it follows a frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from isaacsim_agent_ext.render.device import wp
from isaacsim_agent_ext.render.geometry import PackedScene
from isaacsim_agent_ext.render.kernels.skinning import skin_vertices
from isaacsim_agent_ext.render.kernels.types import Geometry
from isaacsim_agent_ext.scene.snapshot import SceneFrame


class DeviceScene:
    """All triangles in world space on one device.

    Attributes:
        device: The Warp device.
        packed: The scene at rest, on the host.
        geometry: The structure kernels read; a tracer fills in its hierarchies.
    """

    def __init__(self, packed: PackedScene, device: Any):
        self.device = device
        self.packed = packed
        self._palette_host = packed.palette.copy()
        self._fresh = True
        geometry = Geometry()
        # One vertex more than needed: Embree reads vectors of 16 bytes.
        geometry.points = self._upload(np.concatenate([packed.points, np.zeros((1, 3), np.float32)]), wp.vec3)
        geometry.normals = self._upload(packed.normals, wp.vec3)
        geometry.uvs = self._upload(packed.uvs, wp.vec2)
        geometry.triangles = self._upload(packed.triangles, wp.vec3i)
        geometry.instance = self._upload(packed.instance, wp.int32)
        geometry.material = self._upload(packed.material, wp.int32)
        geometry.uv_density = self._upload(packed.uv_density, wp.float32)
        geometry.previous_points = self._upload(packed.points[packed.static_vertices :], wp.vec3)
        geometry.static_vertices = packed.static_vertices
        geometry.static_triangles = packed.static_triangles
        self.geometry = geometry
        self._bind_points = self._upload(packed.bind_points, wp.vec3)
        self._bind_normals = self._upload(packed.bind_normals, wp.vec3)
        self._joints = self._upload(packed.joints, wp.vec4i)
        self._weights = self._upload(packed.weights, wp.vec4)
        self._palette = self._upload(packed.palette, wp.mat44)

    @property
    def moving_vertices(self) -> int:
        """Number of vertices that may move."""
        return len(self.packed.bind_points)

    def update(self, frame: SceneFrame) -> None:
        """Place everything that moves; what the frame does not mention stays where it was."""
        if not self.moving_vertices:
            return
        for mover in self.packed.moving:
            if mover.skeleton >= 0:
                matrices = frame.skinning.get(mover.skeleton)
            else:
                matrices = frame.transforms.get(mover.instance)
            if matrices is not None:
                self._palette_host[mover.matrices] = matrices
        wp.copy(self._palette, wp.array(self._palette_host, dtype=wp.mat44, device="cpu", copy=False))
        self._skin()
        if self._fresh:
            # Nothing moved before the first frame: its motion is none, not the way from the rest pose.
            wp.copy(
                self.geometry.previous_points,
                self.geometry.points,
                src_offset=self.packed.static_vertices,
                count=self.moving_vertices,
            )
            self._fresh = False

    def points_of(self, instance: int) -> np.ndarray:
        """Return an instance's vertices where they are now, ``(vertices, 3)`` float32 [m]."""
        start, count = (int(value) for value in self.packed.vertex_ranges[instance])
        if start < self.packed.static_vertices:
            return self.packed.points[start : start + count].copy()
        return np.array(self.geometry.points[start : start + count].numpy())

    def _skin(self) -> None:
        wp.launch(
            skin_vertices,
            dim=self.moving_vertices,
            inputs=[
                self._bind_points,
                self._bind_normals,
                self._joints,
                self._weights,
                self._palette,
                self.packed.static_vertices,
                self.geometry.points,
                self.geometry.normals,
                self.geometry.previous_points,
            ],
            device=self.device,
        )

    def _upload(self, array: np.ndarray, dtype: Any) -> Any:
        if not len(array):
            return wp.empty(0, dtype=dtype, device=self.device)
        return wp.array(array, dtype=dtype, device=self.device)

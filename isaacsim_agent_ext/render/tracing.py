"""Ray queries against a scene: one seam, answered by Embree on the CPU or by Warp on any device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.render.device import wp
from isaacsim_agent_ext.render.device_scene import DeviceScene
from isaacsim_agent_ext.render.embree import EmbreeScene, is_available
from isaacsim_agent_ext.render.kernels.antialias import trace_subpixels
from isaacsim_agent_ext.render.kernels.packets import PACKET_SHAPES, SHADOW_TILE, packet_kernels
from isaacsim_agent_ext.render.kernels.types import TILE_HEIGHT, TILE_WIDTH
from isaacsim_agent_ext.render.kernels.visibility import trace_primary, trace_rays, trace_shadows

BACKENDS = ("auto", "embree", "warp")


@dataclass(frozen=True, eq=False)
class Band:
    """Rows of pixels to work on, of one or more cameras of equal resolution.

    Attributes:
        cameras: Device array of camera structures.
        size: Width and height of the whole image [px].
        first_row: Where it starts, a multiple of `BAND_ROWS`.
        rows: How many rows.
        seen: The visibility structure of the whole image.
    """

    cameras: Any
    size: tuple[int, int]
    first_row: int
    rows: int
    seen: Any

    @property
    def threads(self) -> tuple[int, int]:
        """Launch dimensions that cover the band tile by tile: cameras, pixels."""
        tiles = -(-self.rows // TILE_HEIGHT) * -(-self.size[0] // TILE_WIDTH)
        return len(self.cameras), tiles * TILE_WIDTH * TILE_HEIGHT

    @property
    def pattern_threads(self) -> tuple[int, int]:
        """Launch dimensions that cover the band pattern by pattern: cameras, pixels."""
        width, height = PATTERN_TILE
        return len(self.cameras), -(-self.rows // height) * -(-self.size[0] // width) * width * height


LEAF_TRIANGLES = 2
"""Triangles in a leaf of Warp's trees: fastest on an H200, by 8 % over the default of 4."""


class Tracer(Protocol):
    """Answers ray queries."""

    def refit(self) -> None:
        """Follow the scene's moved points."""

    def primary(self, band: Band) -> None:
        """Fill ``band.seen`` with what the rays through its pixels meet first."""

    def shadows(self, band: Band, shading: Any) -> None:
        """Fill ``band.seen.lit`` with what the surfaces in its pixels see of the lights."""

    def subpixels(self, band: Band, found: Any) -> None:
        """Fill ``found`` with the triangles that the extra rays of edge pixels meet."""

    def rays(self, origins: np.ndarray, directions: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return distances in lengths of the directions (inf for a miss) and triangles (-1) of any rays."""

    def close(self) -> None:
        """Give back what is held."""


BAND_ROWS = 16
"""Bands of rows start at multiples of this: no tile is higher."""

PATTERN_TILE = (32, 16)
"""Width and height of the tiles whose pixels are ordered by sample pattern; see `pixel_of_pattern`."""

BLOCK = 64
"""Threads per block on CUDA: warps that are done make room sooner than in the default of 256."""


def make_tracer(scene: DeviceScene, backend: str) -> Tracer:
    """Build the hierarchies of a scene.

    Args:
        scene: The geometry.
        backend: ``"embree"``, ``"warp"``, or ``"auto"`` for Embree wherever it works.

    Raises:
        DependencyError: Embree was asked for and cannot be used.
        ValueError: There is no such backend.
    """
    if backend not in BACKENDS:
        raise ValueError(f"Renderer backend is {backend!r}; it must be one of {', '.join(BACKENDS)}")
    if backend == "embree":
        if not scene.device.is_cpu:
            raise DependencyError(f"Embree traces on the CPU only; the device is {scene.device.alias!r}: use 'warp'")
        if not is_available():
            raise DependencyError("Embree is not usable here: pip install embreex (x86-64 Linux), or use 'warp'")
    if backend == "embree" or (backend == "auto" and scene.device.is_cpu and is_available()):
        return EmbreeTracer(scene)
    return WarpTracer(scene)


class EmbreeTracer:
    """Packets of rays through Embree, on the CPU."""

    def __init__(self, scene: DeviceScene):
        packed = scene.packed
        self._scene = scene
        self._embree = EmbreeScene()
        points = scene.geometry.points.numpy()
        first_triangles = [0]
        self._embree.add_mesh(
            0, points[: max(packed.static_vertices, 1)], packed.triangles[: packed.static_triangles], moving=False
        )
        for mover in packed.moving:
            if mover.triangles.stop > mover.triangles.start:
                triangles = packed.triangles[mover.triangles] - np.int32(mover.vertices.start)
                self._embree.add_mesh(len(first_triangles), points[mover.vertices], triangles, moving=True)
                first_triangles.append(mover.triangles.start)
        self._embree.commit()
        self._kernels = packet_kernels(self._embree.width)
        self._across, self._down = PACKET_SHAPES[self._embree.width]
        self._first_triangle = wp.array(first_triangles, dtype=wp.int32, device="cpu")
        self._handle = wp.uint64(self._embree.handle)
        self._intersect = wp.uint64(self._embree.intersect)
        self._occluded = wp.uint64(self._embree.occluded)

    def refit(self) -> None:
        """Follow the scene's moved points."""
        self._embree.refit()

    def primary(self, band: Band) -> None:
        """Fill ``band.seen`` with what the rays through its pixels meet first."""
        packets = (-(-band.rows // self._down), -(-band.size[0] // self._across))
        self._launch(self._kernels.primary, packets, band.first_row // self._down, band, [])

    def shadows(self, band: Band, shading: Any) -> None:
        """Fill ``band.seen.lit`` with what the surfaces in its pixels see of the lights."""
        first_row = band.first_row // SHADOW_TILE
        inputs = [self._occluded, self._handle, self._scene.geometry, band.cameras, first_row, shading, band.seen]
        wp.launch(self._kernels.shadows, dim=self._tiles(band), inputs=inputs, device="cpu")

    def subpixels(self, band: Band, found: Any) -> None:
        """Fill ``found`` with the triangles that the extra rays of edge pixels meet."""
        self._launch(self._kernels.subpixels, self._tiles(band), band.first_row // SHADOW_TILE, band, [found])

    def rays(self, origins: np.ndarray, directions: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return distances in lengths of the directions (inf for a miss) and triangles (-1) of any rays."""
        count = len(origins)
        distance, triangle = np.full(count, np.inf, np.float32), np.full(count, -1, np.int32)
        if count:
            wp.launch(
                self._kernels.rays,
                dim=-(-count // self._embree.width),
                inputs=[
                    self._intersect,
                    self._handle,
                    self._first_triangle,
                    *_ray_arrays(origins, directions, reach, "cpu"),
                    count,
                    wp.array(distance, dtype=wp.float32, device="cpu", copy=False),
                    wp.array(triangle, dtype=wp.int32, device="cpu", copy=False),
                ],
                device="cpu",
            )
        return distance, triangle

    def close(self) -> None:
        """Give back Embree's memory."""
        self._embree.close()

    def _tiles(self, band: Band) -> tuple[int, int]:
        return -(-band.rows // SHADOW_TILE), -(-band.size[0] // SHADOW_TILE)

    def _launch(self, kernel: Any, dim: tuple[int, int], first_row: int, band: Band, outputs: list[Any]) -> None:
        inputs = [self._intersect, self._handle, self._first_triangle, band.cameras, first_row, band.seen, *outputs]
        wp.launch(kernel, dim=dim, inputs=inputs, device="cpu")


class WarpTracer:
    """Warp's own mesh queries, on any device: one mesh for what never moves, one for what does."""

    def __init__(self, scene: DeviceScene):
        packed = scene.packed
        self._scene = scene
        device = scene.device
        self._static = _mesh(
            scene.geometry.points[: packed.static_vertices], packed.triangles[: packed.static_triangles], device
        )
        # Refitting keeps the tree's shape, so it must not mix instances that happen to stand close at rest: the tree
        # is built with the scene drawn far apart around its middle, then fitted to where everything is.
        points = scene.geometry.points[packed.static_vertices : packed.static_vertices + scene.moving_vertices]
        triangles = packed.triangles[packed.static_triangles :] - np.int32(packed.static_vertices)
        if scene.moving_vertices:
            wp.copy(points, wp.array(_drawn_apart(scene), dtype=wp.vec3, device=device))
        self._moving = _mesh(points, triangles, device)
        if scene.moving_vertices:
            wp.copy(points, wp.array(packed.points[packed.static_vertices :], dtype=wp.vec3, device=device))
            self._moving.refit()
        scene.geometry.static_mesh = self._static.id
        scene.geometry.moving_mesh = self._moving.id

    def refit(self) -> None:
        """Follow the scene's moved points."""
        if self._scene.moving_vertices:
            self._moving.refit()

    def primary(self, band: Band) -> None:
        """Fill ``band.seen`` with what the rays through its pixels meet first."""
        inputs = [self._scene.geometry, band.cameras, band.first_row, band.seen]
        wp.launch(trace_primary, dim=band.threads, inputs=inputs, device=self._scene.device, block_dim=BLOCK)

    def shadows(self, band: Band, shading: Any) -> None:
        """Fill ``band.seen.lit`` with what the surfaces in its pixels see of the lights."""
        inputs = [self._scene.geometry, band.cameras, band.first_row, shading, band.seen]
        threads = band.pattern_threads
        wp.launch(trace_shadows, dim=threads, inputs=inputs, device=self._scene.device, block_dim=BLOCK)

    def subpixels(self, band: Band, found: Any) -> None:
        """Fill ``found`` with the triangles that the extra rays of edge pixels meet."""
        inputs = [self._scene.geometry, band.cameras, band.first_row, band.seen, found]
        wp.launch(trace_subpixels, dim=band.threads, inputs=inputs, device=self._scene.device)

    def rays(self, origins: np.ndarray, directions: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return distances in lengths of the directions (inf for a miss) and triangles (-1) of any rays."""
        device = self._scene.device
        distance = wp.empty(len(origins), dtype=wp.float32, device=device)
        triangle = wp.empty(len(origins), dtype=wp.int32, device=device)
        arrays = _ray_arrays(origins, directions, reach, device)
        wp.launch(
            trace_rays, dim=len(origins), inputs=[self._scene.geometry, *arrays, distance, triangle], device=device
        )
        return distance.numpy(), triangle.numpy()

    def close(self) -> None:
        """Give back the hierarchies."""
        self._scene.geometry.static_mesh = self._scene.geometry.moving_mesh = 0
        del self._static, self._moving


def _mesh(points: Any, triangles: np.ndarray, device: Any) -> Any:
    if not len(triangles):
        # A mesh needs a triangle; this one has no area and stands where no ray goes.
        points = wp.array(np.full((3, 3), 1e12), dtype=wp.vec3, device=device)
        triangles = np.array([[0, 1, 2]])
    indices = wp.array(triangles.astype(np.int32, copy=False).ravel(), dtype=wp.int32, device=device)
    # Built on the host, also for CUDA, where the default (Morton codes) makes rays take 4 times as long.
    return wp.Mesh(points=points, indices=indices, bvh_constructor="sah", bvh_leaf_size=LEAF_TRIANGLES)


def _drawn_apart(scene: DeviceScene, factor: float = 1000.0) -> np.ndarray:
    packed = scene.packed
    points = packed.points[packed.static_vertices :].astype(np.float64)
    for order, mover in enumerate(packed.moving):
        own = slice(mover.vertices.start - packed.static_vertices, mover.vertices.stop - packed.static_vertices)
        if own.stop > own.start:
            middle = points[own].mean(axis=0)
            points[own] += middle * (factor - 1.0) + [0.0, 0.0, order * 10.0]
    return points.astype(np.float32)


def _ray_arrays(origins: np.ndarray, directions: np.ndarray, reach: np.ndarray, device: Any) -> tuple[Any, Any, Any]:
    return (
        wp.array(np.ascontiguousarray(origins, np.float32), dtype=wp.vec3, device=device),
        wp.array(np.ascontiguousarray(directions, np.float32), dtype=wp.vec3, device=device),
        wp.array(np.ascontiguousarray(reach, np.float32), dtype=wp.float32, device=device),
    )

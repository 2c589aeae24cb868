"""Images and labels of a scene, on the CPU or on a CUDA device."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from isaacsim_agent_ext.render.buffers import BufferPool, CopyRing, Uploads, sections
from isaacsim_agent_ext.render.coverage import CoverageMeter
from isaacsim_agent_ext.render.device import open_device, wp
from isaacsim_agent_ext.render.device_scene import DeviceScene
from isaacsim_agent_ext.render.gbuffer import AmodalExtents, GBuffer
from isaacsim_agent_ext.render.geometry import pack_scene
from isaacsim_agent_ext.render.kernels.output import output_image, output_labels
from isaacsim_agent_ext.render.kernels.types import Camera, Labels, Visibility
from isaacsim_agent_ext.render.pending import Block, PendingImages
from isaacsim_agent_ext.render.settings import RenderSettings
from isaacsim_agent_ext.render.shading import ShadingModel
from isaacsim_agent_ext.render.smoothing import EdgeSmoother
from isaacsim_agent_ext.render.tracing import BAND_ROWS, BLOCK, Band, make_tracer
from isaacsim_agent_ext.scene.snapshot import SceneFrame, SceneSnapshot
from isaacsim_agent_ext.sensors.camera import CameraView

BANDS_PER_THREAD = 4


class Renderer:
    """Renders a scene: update it to a frame, then render as many cameras as you like.

    An image takes three passes: what each pixel sees, what that sees of the lights, and what to write of it. Images
    depend on nothing but the snapshot, the last two frames and the camera: the same bytes for any number of threads.
    """

    def __init__(
        self,
        snapshot: SceneSnapshot,
        *,
        device: str = "cpu",
        threads: int | None = None,
        backend: str = "auto",
        settings: RenderSettings | None = None,
    ):
        """Put the scene on a device, at rest.

        Args:
            snapshot: The scene.
            device: ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
            threads: Threads on the CPU; None takes one per core this process may use.
            backend: Who answers rays: ``"embree"`` (CPU), ``"warp"`` (any device), or ``"auto"``.
            settings: How images are shaded.

        Raises:
            DependencyError: The device or the backend is not there.
        """
        self._settings = settings or RenderSettings()
        self._snapshot = snapshot
        self._device = open_device(device)
        self._packed = pack_scene(snapshot)
        self._scene = DeviceScene(self._packed, self._device)
        self._tracer = make_tracer(self._scene, backend)
        self._coverage = CoverageMeter(self._scene)
        self._shading: ShadingModel | None = None
        workers = (threads or len(os.sched_getaffinity(0))) if self._device.is_cpu else 1
        self._bands = workers * BANDS_PER_THREAD if workers > 1 else 1
        self._pool = ThreadPoolExecutor(workers, "render") if workers > 1 else None
        self._host = BufferPool(pinned=not self._device.is_cpu)
        self._copies = None if self._device.is_cpu else wp.Stream(self._device)
        self._targets = CopyRing(self._device)
        self._uploads = Uploads(self._device)
        self._seen: Any = None
        self._seen_pixels = 0
        self._smoother = EdgeSmoother(self._scene, self._tracer)

    @property
    def device(self) -> str:
        """Name of the device that renders, as Warp knows it."""
        return str(self._device.alias)

    def update(self, frame: SceneFrame) -> None:
        """Move the scene to a frame; motion is measured from the frame before it, none in the first."""
        self._shading_model()  # reflected light is measured at rest, lest it depend on which frame is drawn first
        self._scene.update(frame)
        self._tracer.refit()

    def render(self, camera: CameraView, *, shaded: bool = True, previous: CameraView | None = None) -> GBuffer:
        """Render one camera.

        Args:
            camera: The camera now.
            shaded: Whether to make `GBuffer.rgb`.
            previous: The camera in the frame before, for motion; None when it has not moved.
        """
        return self.render_batch([camera], shaded=shaded, previous=[previous])[0]

    def render_batch(
        self,
        cameras: Sequence[CameraView],
        *,
        shaded: bool = True,
        previous: Sequence[CameraView | None] | None = None,
    ) -> list[GBuffer]:
        """Render several cameras; on CUDA those of equal resolution in one launch.

        Args:
            cameras: The cameras now.
            shaded: Whether to make `GBuffer.rgb`.
            previous: Each camera in the frame before, for motion; None when it has not moved.
        """
        return self.submit(cameras, shaded=shaded, previous=previous).result()

    def submit(
        self,
        cameras: Sequence[CameraView],
        *,
        shaded: bool = True,
        previous: Sequence[CameraView | None] | None = None,
    ) -> PendingImages:
        """Start rendering several cameras and return at once on CUDA; on the CPU the images are then done.

        The scene may be updated, and more be submitted, before the result is asked for: on CUDA the copy to the host
        runs beside the next images' kernels.

        Args:
            cameras: The cameras now.
            shaded: Whether to make `GBuffer.rgb`.
            previous: Each camera in the frame before, for motion; None when it has not moved.
        """
        before = previous or [None] * len(cameras)
        groups = []
        for indices in self._groups(cameras):
            block = self._render_group([cameras[i] for i in indices], [before[i] for i in indices], shaded)
            groups.append((indices, cameras[indices[0]].resolution, block))
        return PendingImages(len(cameras), shaded, groups)

    def amodal_extents(self, camera: CameraView, entity_of_instance: np.ndarray, entity_count: int) -> AmodalExtents:
        """Measure the footprint of each entity as if nothing else were there.

        A pixel counts when its centre's ray meets the entity between the near and the far plane, as in the images.

        Args:
            camera: The camera.
            entity_of_instance: ``(instances,)`` entity that each instance belongs to, -1 for none.
            entity_count: Number of entities.
        """
        return self._coverage.extents(camera, entity_of_instance, entity_count)

    def instance_points(self, index: int) -> np.ndarray:
        """Return an instance's vertices in the current frame, ``(vertices, 3)`` float32 in the world [m]."""
        return self._scene.points_of(index)

    def close(self) -> None:
        """Give back the device's memory and the threads."""
        self._tracer.close()
        if self._pool is not None:
            self._pool.shutdown()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _groups(self, cameras: Sequence[CameraView]) -> Iterator[list[int]]:
        """Cut cameras into those rendered together: one by one on the CPU, by resolution on CUDA."""
        if self._device.is_cpu:
            yield from ([index] for index in range(len(cameras)))
            return
        groups: dict[tuple[int, int], list[int]] = {}
        for index, camera in enumerate(cameras):
            groups.setdefault((camera.resolution[0], camera.resolution[1]), []).append(index)
        yield from groups.values()

    def _render_group(self, cameras: Sequence[CameraView], before: Sequence[CameraView | None], shaded: bool) -> Block:
        width, height = cameras[0].resolution
        pixels = width * height
        total = pixels * len(cameras)
        layout: dict[str, tuple[Any, int]] = {
            "instance": (wp.int32, total),
            "distance": (wp.float32, total),
            "depth": (wp.float32, total),
            "normal": (wp.vec3, total),
            "motion": (wp.vec2, total),
        }
        if shaded:
            layout["rgb"] = (wp.uint32, total)
        size = total * (36 if shaded else 32)
        block, view = self._host.take(size)
        target = block if self._device.is_cpu else self._targets.take(size)
        outputs = sections(target, layout)
        labels = Labels()
        for name in ("instance", "distance", "depth", "normal", "motion"):
            setattr(labels, name, outputs[name])
        structs = [camera_struct(camera, old) for camera, old in zip(cameras, before, strict=True)]
        device_cameras = self._uploads.send("cameras", structs, Camera)
        self._run(cameras, device_cameras, labels, outputs.get("rgb"))
        if self._copies is None:
            return Block(view)
        self._copies.wait_event(self._device.stream.record_event())
        wp.copy(block, target, stream=self._copies)
        copied = self._copies.record_event()
        self._targets.put(target, copied)
        return Block(view, copied)

    def _run(self, cameras: Sequence[CameraView], device_cameras: Any, labels: Any, rgb: Any) -> None:
        width, height = cameras[0].resolution
        seen = self._visibility(width * height * len(cameras))
        bands = self._cut_bands(device_cameras, (width, height), seen)
        self._each(self._tracer.primary, bands)
        if rgb is None:
            self._each(lambda band: self._output(output_labels, band, [seen, labels]), bands)
            return
        shading = self._shading_model().for_cameras(cameras)
        self._each(lambda band: self._tracer.shadows(band, shading), bands)
        colors = self._smoother.colors(len(rgb)) if self._settings.antialias else rgb
        self._each(lambda band: self._output(output_image, band, [shading, seen, labels, colors, rgb]), bands)
        if self._settings.antialias:
            self._each(lambda band: self._smoother.smooth(band, labels, rgb), bands)

    def _output(self, kernel: Any, band: Band, inputs: list[Any]) -> None:
        wp.launch(
            kernel,
            dim=band.threads,
            inputs=[self._scene.geometry, band.cameras, band.first_row, *inputs],
            device=self._device,
            block_dim=BLOCK,
        )

    def _cut_bands(self, cameras: Any, size: tuple[int, int], seen: Any) -> list[Band]:
        height = size[1]
        rows = -(-height // (self._bands * BAND_ROWS)) * BAND_ROWS
        return [Band(cameras, size, first, min(rows, height - first), seen) for first in range(0, height, rows)]

    def _each(self, work: Callable[[Band], None], bands: list[Band]) -> None:
        """Do one pass over all bands, in parallel where there are threads; Warp launches without the GIL."""
        if self._pool is None:
            for band in bands:
                work(band)
        else:
            list(self._pool.map(work, bands))

    def _visibility(self, pixels: int) -> Any:
        if pixels > self._seen_pixels:
            seen = Visibility()
            for name in ("depth", "u", "v"):
                setattr(seen, name, wp.empty(pixels, dtype=wp.float32, device=self._device))
            for name in ("triangle", "lit"):
                setattr(seen, name, wp.empty(pixels, dtype=wp.int32, device=self._device))
            self._seen, self._seen_pixels = seen, pixels
        return self._seen

    def _shading_model(self) -> ShadingModel:
        if self._shading is None:
            self._shading = ShadingModel(self._snapshot, self._packed, self._device, self._settings, self._tracer.rays)
        return self._shading


def camera_struct(camera: CameraView, previous: CameraView | None = None) -> Any:
    """Return the kernels' view of a camera."""
    width, height = camera.resolution
    pixel = camera.horizontal_aperture / camera.focal_length / width
    right, up, back = (camera.transform[row, :3] for row in range(3))
    corner = -back - right * pixel * (width - 1) / 2 + up * pixel * (height - 1) / 2
    struct = Camera()
    struct.eye = _vec3(camera.transform[3, :3])
    struct.corner = _vec3(corner)
    struct.right = _vec3(right * pixel)
    struct.down = _vec3(-up * pixel)
    struct.near, struct.far = (float(distance) for distance in camera.clipping_range)
    struct.width, struct.height = width, height
    struct.pixel_angle = math.atan(pixel)
    old = previous or camera
    old_pixel = old.horizontal_aperture / old.focal_length / width
    struct.moved = int(
        previous is not None and (old_pixel != pixel or not np.array_equal(previous.transform, camera.transform))
    )
    struct.previous_eye = _vec3(old.transform[3, :3])
    struct.previous_x = _vec3(old.transform[0, :3] / old_pixel)
    struct.previous_y = _vec3(-old.transform[1, :3] / old_pixel)
    struct.previous_z = _vec3(-old.transform[2, :3])
    return struct


def _vec3(values: np.ndarray) -> Any:
    return wp.vec3(*(float(value) for value in values))

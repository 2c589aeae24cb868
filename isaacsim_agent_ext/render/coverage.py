"""Each entity's own footprint in an image, as if nothing else were there."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from isaacsim_agent_ext.render.device import wp
from isaacsim_agent_ext.render.device_scene import DeviceScene
from isaacsim_agent_ext.render.gbuffer import AmodalExtents
from isaacsim_agent_ext.render.kernels.coverage import Projection, bound_triangles, fill_masks, measure_masks
from isaacsim_agent_ext.sensors.camera import CameraView

MASK_WORDS = 1 << 24
"""Mask words (of 32 pixels) held at once: 64 MiB. Entities that need more are taken in several rounds."""

REMEMBERED = 64
"""Views whose motionless entities' extents are kept."""

CUDA_STRIDE = 16
"""Threads that share the rows of a triangle on CUDA, where one thread would take long over a large one."""


@dataclass(frozen=True, eq=False)
class _Selection:
    """The triangles of some entities, in order of their entities.

    Attributes:
        triangles: Device array of triangle indices.
        entity: Device array with the entity of each.
        starts: ``(entities + 1,)`` where each entity's triangles start.
    """

    triangles: Any
    entity: Any
    starts: np.ndarray


class CoverageMeter:
    """Counts the pixels that entities cover on their own.

    Extents of entities that cannot move are kept per view, so that a standing camera pays for what moves only.
    """

    def __init__(self, scene: DeviceScene):
        self._scene = scene
        self._selections: dict[bytes, _Selection] = {}
        self._motionless: OrderedDict[bytes, AmodalExtents] = OrderedDict()
        packed = scene.packed
        self._moves = np.zeros(len(packed.vertex_ranges), dtype=bool)
        self._moves[[mover.instance for mover in packed.moving]] = True

    def extents(self, camera: CameraView, entity_of_instance: np.ndarray, entity_count: int) -> AmodalExtents:
        """Measure entities; see `Renderer.amodal_extents`."""
        owner = np.ascontiguousarray(entity_of_instance, dtype=np.int32)
        if owner.shape != self._moves.shape:
            raise ValueError(f"entity_of_instance has shape {owner.shape}; the scene has {len(self._moves)} instances")
        moving = np.zeros(entity_count, dtype=bool)
        moving[owner[self._moves & (owner >= 0)]] = True
        of_moving = (owner >= 0) & moving[np.maximum(owner, 0)] if entity_count else np.zeros_like(self._moves)
        standing = self._remembered(camera, np.where(of_moving, -1, owner), entity_count)
        fresh = self._measure(camera, np.where(of_moving, owner, -1), entity_count)
        return AmodalExtents(
            pixels=np.where(moving, fresh.pixels, standing.pixels),
            boxes=np.where(moving[:, None], fresh.boxes, standing.boxes),
        )

    def _remembered(self, camera: CameraView, owner: np.ndarray, entity_count: int) -> AmodalExtents:
        lens = np.array([*camera.resolution, camera.focal_length, camera.horizontal_aperture, *camera.clipping_range])
        key = b"".join([np.asarray(camera.transform, np.float64).tobytes(), lens.tobytes(), owner.tobytes()])
        known = self._motionless.get(key)
        if known is None or len(known.pixels) != entity_count:
            known = self._motionless[key] = self._measure(camera, owner, entity_count)
            if len(self._motionless) > REMEMBERED:
                self._motionless.popitem(last=False)
        else:
            self._motionless.move_to_end(key)
        return known

    def _measure(self, camera: CameraView, owner: np.ndarray, entity_count: int) -> AmodalExtents:
        selection = self._select(owner, entity_count)
        boxes = np.tile(np.array([1 << 30, 1 << 30, -1, -1], dtype=np.int32), (entity_count, 1))
        total = int(selection.starts[-1]) if entity_count else 0
        if not total:
            return AmodalExtents(np.zeros(entity_count, dtype=np.int64), _no_box(boxes))
        device = self._scene.device
        geometry = self._scene.geometry
        projection = projection_struct(camera)
        bounds = wp.array(boxes, dtype=wp.int32, device=device)
        rows = wp.empty(total, dtype=wp.vec2i, device=device)
        shared = [projection, geometry.points, geometry.triangles, selection.triangles, selection.entity]
        wp.launch(bound_triangles, dim=total, inputs=[*shared, 0, rows, bounds], device=device)

        found = bounds.numpy()
        height = np.where(found[:, 3] >= found[:, 1], found[:, 3] - found[:, 1] + 1, 0).astype(np.int64)
        words = height * np.where(height > 0, (found[:, 2] >> 5) - (found[:, 0] >> 5) + 1, 0)
        pixels = wp.zeros(entity_count, dtype=wp.int32, device=device)
        tight = wp.array(boxes, dtype=wp.int32, device=device)
        stride = 1 if device.is_cpu else CUDA_STRIDE
        for start, stop in _rounds(words, MASK_WORDS):
            first_word = np.zeros(entity_count, dtype=np.int64)
            first_word[start:stop] = np.cumsum(words[start:stop]) - words[start:stop]
            heights = np.zeros(entity_count, dtype=np.int64)
            heights[start:stop] = height[start:stop]
            first_row = np.cumsum(heights) - heights
            lines = int(heights.sum())
            first, last = int(selection.starts[start]), int(selection.starts[stop])
            if not lines:
                continue
            masks = wp.zeros(int(words[start:stop].sum()), dtype=wp.uint32, device=device)
            offsets = wp.array(first_word.astype(np.int32), dtype=wp.int32, device=device)
            wp.launch(
                fill_masks,
                dim=(stride, last - first),
                inputs=[*shared, first, stride, rows, bounds, offsets, masks],
                device=device,
            )
            # The end of the last entity closes the list: the search below never returns the list's length.
            row_starts = wp.array(np.append(first_row, lines).astype(np.int32), dtype=wp.int32, device=device)
            wp.launch(
                measure_masks,
                dim=lines,
                inputs=[bounds, offsets, row_starts, 0, masks, pixels, tight],
                device=device,
            )
        return AmodalExtents(pixels.numpy().astype(np.int64), _no_box(tight.numpy().copy()))

    def _select(self, owner: np.ndarray, entity_count: int) -> _Selection:
        key = owner.tobytes()
        selection = self._selections.get(key)
        if selection is None or len(selection.starts) != entity_count + 1:
            instance = self._scene.packed.instance
            entity = owner[instance] if len(instance) else np.zeros(0, dtype=np.int32)
            chosen = np.flatnonzero(entity >= 0)
            chosen = chosen[np.argsort(entity[chosen], kind="stable")]
            ordered = entity[chosen]
            selection = _Selection(
                triangles=wp.array(chosen.astype(np.int32), dtype=wp.int32, device=self._scene.device),
                entity=wp.array(ordered.astype(np.int32), dtype=wp.int32, device=self._scene.device),
                starts=np.searchsorted(ordered, np.arange(entity_count + 1)),
            )
            if len(self._selections) >= REMEMBERED:
                self._selections.clear()
            self._selections[key] = selection
        return selection


def projection_struct(camera: CameraView) -> Any:
    """Return the kernels' view of a camera in double precision."""
    width, height = camera.resolution
    scale = camera.focal_length / camera.horizontal_aperture * width
    right, up, back = (np.asarray(camera.transform[row, :3], dtype=np.float64) for row in range(3))
    rows = np.stack([right * scale - back * (width / 2), -up * scale - back * (height / 2), -back])
    struct = Projection()
    struct.eye = wp.vec3d(*map(float, camera.transform[3, :3]))
    struct.rows = wp.mat33d(*map(float, rows.ravel()))
    struct.near, struct.far = (float(distance) for distance in camera.clipping_range)
    struct.width, struct.height = width, height
    return struct


def _rounds(words: np.ndarray, limit: int) -> list[tuple[int, int]]:
    """Cut entities into runs whose masks fit a limit; one that does not fit alone gets its own."""
    rounds: list[tuple[int, int]] = []
    start = held = 0
    for entity, need in enumerate(words.tolist()):
        if held and held + need > limit:
            rounds.append((start, entity))
            start, held = entity, 0
        held += need
    return [*rounds, (start, len(words))]


def _no_box(boxes: np.ndarray) -> np.ndarray:
    """Make empty boxes start right of where they end, within what images measure."""
    boxes[boxes[:, 2] < 0] = (1, 1, 0, 0)
    return boxes

"""Images on their way from the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isaacsim_agent_ext.render.device import wp
from isaacsim_agent_ext.render.gbuffer import GBuffer


@dataclass(frozen=True, eq=False)
class Block:
    """The images of several cameras of equal resolution, plane after plane.

    Attributes:
        view: Bytes on the host.
        copied: Event after which they are there, or None when they are already.
    """

    view: np.ndarray
    copied: Any = None


class PendingImages:
    """What `Renderer.submit` has started."""

    def __init__(self, count: int, shaded: bool, groups: Sequence[tuple[list[int], tuple[int, int], Block]]):
        self._count = count
        self._shaded = shaded
        self._groups = groups

    def result(self) -> list[GBuffer]:
        """Wait for the images and return them in the order of the cameras."""
        images: dict[int, GBuffer] = {}
        for indices, (width, height), block in self._groups:
            if block.copied is not None:
                wp.synchronize_event(block.copied)
            images.update(zip(indices, cut(block.view, len(indices), (width, height), self._shaded), strict=True))
        return [images[index] for index in range(self._count)]


def cut(view: np.ndarray, count: int, size: tuple[int, int], shaded: bool) -> list[GBuffer]:
    """Cut a block of bytes into one `GBuffer` per camera, without copying."""
    width, height = size
    pixels = width * height
    words = view.view(np.float32)

    def plane(first: int, channels: int, camera: int) -> np.ndarray:
        start = first * pixels * count + camera * pixels * channels
        values = words[start : start + pixels * channels]
        return values.reshape((height, width, channels) if channels > 1 else (height, width))

    return [
        GBuffer(
            instance=plane(0, 1, camera).view(np.int32),
            distance_to_camera=plane(1, 1, camera),
            distance_to_image_plane=plane(2, 1, camera),
            normals=plane(3, 3, camera),
            motion=plane(6, 2, camera),
            rgb=plane(8, 1, camera).view(np.uint8).reshape(height, width, 4) if shaded else None,
        )
        for camera in range(count)
    ]

"""What the renderer hands to capture: one image's worth of geometry and colour, before any labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BACKGROUND = -1
"""Value of `GBuffer.instance` where no surface was hit."""


@dataclass(frozen=True, eq=False)
class GBuffer:
    """One camera's image, sampled at pixel centres; rows from top to bottom.

    Attributes:
        instance: ``(height, width)`` int32 index into the snapshot's instances, -1 for background.
        distance_to_camera: ``(height, width)`` float32 along the ray [m], inf for background.
        distance_to_image_plane: ``(height, width)`` float32 along the optical axis [m], inf for background.
        normals: ``(height, width, 3)`` float32 unit, world space, facing the camera's side; 0 for background.
        motion: ``(height, width, 2)`` float32 [px], where each surface point was in the previous frame minus where
            it is now; 0 for background.
        rgb: ``(height, width, 4)`` uint8 sRGB, alpha 255; None when no shading was asked for.
    """

    instance: np.ndarray
    distance_to_camera: np.ndarray
    distance_to_image_plane: np.ndarray
    normals: np.ndarray
    motion: np.ndarray
    rgb: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class AmodalExtents:
    """Each entity's own footprint in an image, as if nothing else were there.

    Attributes:
        pixels: ``(entities,)`` int64 number of pixels whose centre it covers inside the image.
        boxes: ``(entities, 4)`` int32 inclusive ``x_min, y_min, x_max, y_max`` of those pixels [px]; x_min >
            x_max where there are none.
    """

    pixels: np.ndarray
    boxes: np.ndarray

"""Annotators as pictures to look at: RGBA images ``(height, width, 4)`` uint8."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from isaacsim_agent_ext.capture.colors import colorize_ids
from isaacsim_agent_ext.capture.frame import AnnotatorData

DEPTH_RANGE = (0.5, 100.0)
"""Distances drawn white and black [m]; fixed, so that frames and runs compare."""

MOTION_RANGE = 32.0
"""Movement drawn at full strength [px per frame]."""


def colorize_depth(distance: np.ndarray) -> np.ndarray:
    """Return distances ``(height, width)`` [m] as grey: near white, far dark, even per factor of distance.

    White is `DEPTH_RANGE`'s near end and below, black its far end and beyond, background included.
    """
    near, far = DEPTH_RANGE
    clipped = np.clip(distance, near, far)  # inf becomes far
    grey = np.log(clipped / np.float32(far)) * np.float32(255.0 / np.log(near / far))
    return _opaque(np.rint(grey).astype(np.uint8)[..., None])


def colorize_normals(normals: np.ndarray) -> np.ndarray:
    """Return normals ``(height, width, 4)`` as colours, each axis from -1..1 to 0..255; background is black."""
    scaled = np.rint(normals[..., :3] * np.float32(127.5) + np.float32(127.5)).astype(np.uint8)
    scaled[normals[..., 3] == 0] = 0
    return _opaque(scaled)


def colorize_motion(motion: np.ndarray) -> np.ndarray:
    """Return motion vectors ``(height, width, 4)`` [px] as red (x) and green (y) around grey, no motion."""
    scaled = np.clip(motion[..., :2] * np.float32(127.5 / MOTION_RANGE) + np.float32(127.5), 0.0, 255.0)
    picture = np.full((*motion.shape[:2], 3), 128, np.uint8)
    picture[..., :2] = np.rint(scaled)
    return _opaque(picture)


def colorize_segmentation(image: np.ndarray) -> np.ndarray:
    """Return a segmentation as colours, whether it holds ids or colours already."""
    return image if image.ndim == 3 else colorize_ids(image)


PICTURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "rgb": lambda image: image,
    "distance_to_camera": colorize_depth,
    "distance_to_image_plane": colorize_depth,
    "normals": colorize_normals,
    "motion_vectors": colorize_motion,
    "semantic_segmentation": colorize_segmentation,
    "instance_segmentation": colorize_segmentation,
    "instance_id_segmentation": colorize_segmentation,
}
"""Every annotator that can be drawn, and how."""


def picture(annotator: str, result: AnnotatorData) -> np.ndarray:
    """Return the picture of one annotator in `PICTURES`."""
    return PICTURES[annotator](result.data)


def _opaque(image: np.ndarray) -> np.ndarray:
    """Add full opacity to grey ``(height, width, 1)`` or RGB."""
    rgba = np.full((*image.shape[:2], 4), 255, np.uint8)
    rgba[..., :3] = image
    return rgba

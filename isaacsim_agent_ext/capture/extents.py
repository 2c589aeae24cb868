"""How much of each thing an image shows, and where: what boxes, occlusion and label dictionaries are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from isaacsim_agent_ext.render.gbuffer import AmodalExtents


@dataclass(frozen=True, eq=False)
class VisibleExtents:
    """The visible part of each instance, or of each entity.

    Attributes:
        pixels: ``(n,)`` int64 visible pixels.
        boxes: ``(n, 4)`` int32 inclusive ``x_min, y_min, x_max, y_max`` of those pixels [px]; x_min > x_max where
            there are none.
        background: Whether the image also shows nothing somewhere.
    """

    pixels: np.ndarray
    boxes: np.ndarray
    background: bool = False

    def grouped(self, group_of: np.ndarray, count: int) -> Self:
        """Merge members into groups.

        Args:
            group_of: ``(n,)`` int32 group of each member, -1 for none.
            count: Number of groups.
        """
        pixels = np.zeros(count, np.int64)
        boxes = _empty_boxes(count)
        seen = np.flatnonzero((self.pixels > 0) & (group_of >= 0))
        _merge(pixels, boxes, group_of[seen], self.pixels[seen], self.boxes[seen])
        return type(self)(pixels, boxes, self.background)


def visible_extents(instance: np.ndarray, count: int) -> VisibleExtents:
    """Measure each instance in an image of instances.

    The image is read once, as runs of equal pixels along its rows; there are some hundred times fewer of them than
    pixels.

    Args:
        instance: ``(height, width)`` int32, -1 for background.
        count: Number of instances in the scene.
    """
    width = instance.shape[1]
    flat = instance.ravel()
    begins = np.empty(len(flat), bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[::width] = True
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=len(flat))
    owner = flat[starts]
    shown = owner >= 0
    rows, columns = np.divmod(starts[shown], width)
    runs = np.stack([columns, rows, columns + lengths[shown] - 1, rows], axis=1).astype(np.int32)

    pixels = np.zeros(count, np.int64)
    boxes = _empty_boxes(count)
    _merge(pixels, boxes, owner[shown], lengths[shown], runs)
    return VisibleExtents(pixels, boxes, background=not bool(shown.all()))


@dataclass(frozen=True, eq=False)
class EntityExtents:
    """The visible part of each entity, and its whole footprint: the pixels it would cover if it were alone."""

    visible: VisibleExtents
    amodal: AmodalExtents

    @property
    def in_view(self) -> np.ndarray:
        """Indices of the entities with a footprint inside the image, hidden or not."""
        return np.flatnonzero((self.amodal.pixels > 0) | (self.visible.pixels > 0))

    @property
    def occlusion_ratios(self) -> np.ndarray:
        """The hidden share of each footprint inside the image ``(n,)`` float32: 0 all visible, 1 all hidden."""
        footprint = np.maximum(self.amodal.pixels, 1)
        return (1.0 - np.minimum(self.visible.pixels / footprint, 1.0)).astype(np.float32)

    @property
    def loose_boxes(self) -> np.ndarray:
        """The boxes ``(n, 4)`` int32 around the footprints.

        What is visible belongs to the footprint, also where the two rasterisations differ by a pixel on an edge.
        """
        visible = self.visible.boxes
        alone = np.where(self.amodal.pixels[:, None] > 0, self.amodal.boxes, visible)
        low = np.minimum(alone[:, :2], visible[:, :2])
        high = np.maximum(alone[:, 2:], visible[:, 2:])
        return np.concatenate([low, high], axis=1)


def _empty_boxes(count: int) -> np.ndarray:
    limits = np.iinfo(np.int32)
    return np.tile(np.array([limits.max, limits.max, -1, -1], np.int32), (count, 1))


def _merge(pixels: np.ndarray, boxes: np.ndarray, owner: np.ndarray, amounts: np.ndarray, parts: np.ndarray) -> None:
    """Add parts to their owners in place."""
    np.add.at(pixels, owner, amounts)
    for column in (0, 1):
        np.minimum.at(boxes[:, column], owner, parts[:, column])
    for column in (2, 3):
        np.maximum.at(boxes[:, column], owner, parts[:, column])

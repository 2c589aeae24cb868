"""The three segmentations: ids or colours per pixel, and the dictionaries that say what they mean.

Dictionaries list what the image shows, besides BACKGROUND and UNLABELLED, which are always there. Their keys are
ids, or for coloured images the colours as RGBA tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from isaacsim_agent_ext.capture.colors import id_colors, packed_colors
from isaacsim_agent_ext.capture.extents import VisibleExtents
from isaacsim_agent_ext.capture.frame import AnnotatorData
from isaacsim_agent_ext.capture.labels import BACKGROUND_ID, FIRST_ID, UNLABELLED_ID, LabelTable

BACKGROUND = "BACKGROUND"
UNLABELLED = "UNLABELLED"


def semantic_segmentation(
    instance: np.ndarray, visible: VisibleExtents, table: LabelTable, *, colorize: bool
) -> AnnotatorData:
    """Return each pixel's labels.

    Args:
        instance: ``(height, width)`` int32 of the G-buffer.
        visible: What each instance shows.
        table: The labels.
        colorize: RGBA colours ``(height, width, 4)`` uint8 in place of ids ``(height, width)`` uint32.

    Returns:
        The image, with ``idToLabels``: id to labels by type.
    """
    image, key = _paint(instance, table.semantic_ids, FIRST_ID + len(table.label_sets), colorize)
    labels = {key(BACKGROUND_ID): {"class": BACKGROUND}, key(UNLABELLED_ID): {"class": UNLABELLED}}
    for identity in _shown(visible, table.semantic_ids):
        labels[key(identity)] = dict(table.label_sets[identity - FIRST_ID])
    return AnnotatorData(image, {"idToLabels": labels})


def instance_segmentation(
    instance: np.ndarray, visible: VisibleExtents, table: LabelTable, *, colorize: bool
) -> AnnotatorData:
    """Return each pixel's labelled prim, as `semantic_segmentation` does its labels.

    Returns:
        The image, with ``idToLabels``: id to prim path, and ``idToSemantics``: id to labels by type.
    """
    image, key = _paint(instance, table.instance_ids, FIRST_ID + len(table.entities), colorize)
    paths: dict[Hashable, str] = {key(BACKGROUND_ID): BACKGROUND, key(UNLABELLED_ID): UNLABELLED}
    semantics: dict[Hashable, dict[str, str]] = {
        key(BACKGROUND_ID): {"class": BACKGROUND},
        key(UNLABELLED_ID): {"class": UNLABELLED},
    }
    for identity in _shown(visible, table.instance_ids):
        entity = table.entities[identity - FIRST_ID]
        paths[key(identity)] = entity.prim_path
        semantics[key(identity)] = dict(entity.labels)
    return AnnotatorData(image, {"idToLabels": paths, "idToSemantics": semantics})


def instance_id_segmentation(
    instance: np.ndarray, visible: VisibleExtents, table: LabelTable, *, colorize: bool
) -> AnnotatorData:
    """Return each pixel's mesh prim, labelled or not, as `semantic_segmentation` does its labels.

    Returns:
        The image, with ``idToLabels``: id to prim path.
    """
    image, key = _paint(instance, table.leaf_ids, FIRST_ID + len(table.leaves), colorize)
    paths: dict[Hashable, str] = {key(BACKGROUND_ID): BACKGROUND, key(UNLABELLED_ID): UNLABELLED}
    for identity in _shown(visible, table.leaf_ids):
        paths[key(identity)] = table.leaves[identity - FIRST_ID]
    return AnnotatorData(image, {"idToLabels": paths})


def _paint(
    instance: np.ndarray, ids: np.ndarray, id_count: int, colorize: bool
) -> tuple[np.ndarray, Callable[[int], Any]]:
    """Return the image, and what stands for an id as a dictionary key."""
    if not colorize:
        return ids[instance], int
    colors = id_colors(id_count)
    image = packed_colors(id_count)[ids][instance].view(np.uint8).reshape(*instance.shape, 4)
    return image, lambda identity: tuple(int(channel) for channel in colors[identity])


def _shown(visible: VisibleExtents, ids: np.ndarray) -> list[int]:
    """Return the ids the image shows, sorted, the two reserved ones left out."""
    shown = np.unique(ids[:-1][visible.pixels > 0])
    return [int(identity) for identity in shown if identity >= FIRST_ID]

"""Bounding boxes and occlusion as Replicator's structured arrays, one row per entity, sorted by prim path."""

from __future__ import annotations

from typing import Any

import numpy as np

from isaacsim_agent_ext.capture.extents import EntityExtents
from isaacsim_agent_ext.capture.frame import AnnotatorData
from isaacsim_agent_ext.capture.labels import FIRST_ID, LabelTable

BOX_2D_DTYPE = np.dtype(
    [
        ("semanticId", "<u4"),
        ("x_min", "<i4"),
        ("y_min", "<i4"),
        ("x_max", "<i4"),
        ("y_max", "<i4"),
        ("occlusionRatio", "<f4"),
    ]
)
BOX_3D_DTYPE = np.dtype(
    [
        ("semanticId", "<u4"),
        ("x_min", "<f4"),
        ("y_min", "<f4"),
        ("z_min", "<f4"),
        ("x_max", "<f4"),
        ("y_max", "<f4"),
        ("z_max", "<f4"),
        ("transform", "<f4", (4, 4)),
        ("occlusionRatio", "<f4"),
    ]
)
OCCLUSION_DTYPE = np.dtype([("instanceId", "<u4"), ("semanticId", "<u4"), ("occlusionRatio", "<f4")])


def bounding_box_2d_tight(extents: EntityExtents, table: LabelTable) -> AnnotatorData:
    """Return the bounds of each entity's visible pixels; entities that are hidden or out of view have no row.

    ``x_min`` to ``y_max`` are the first and last columns and rows that show the entity [px], so a box one pixel wide
    has ``x_min == x_max``.
    """
    visible = extents.visible
    return _boxes_2d(np.flatnonzero(visible.pixels > 0), visible.boxes, extents, table)


def bounding_box_2d_loose(extents: EntityExtents, table: LabelTable) -> AnnotatorData:
    """Return the bounds of each entity's footprint inside the image as if nothing stood before it, hidden or not."""
    return _boxes_2d(extents.in_view, extents.loose_boxes, extents, table)


def bounding_box_3d(
    local_bounds: np.ndarray, transforms: np.ndarray, extents: EntityExtents, table: LabelTable
) -> AnnotatorData:
    """Return the box of each entity in view in its prim's own frame.

    Args:
        local_bounds: ``(n, 6)`` x_min, y_min, z_min, x_max, y_max, z_max in the prim's frame, for the entities in
            view.
        transforms: ``(n, 4, 4)`` local-to-world for row vectors, translation in the last row [m].
        extents: What the image shows of each entity.
        table: The labels.
    """
    rows = extents.in_view
    data = np.zeros(len(rows), BOX_3D_DTYPE)
    for column, name in enumerate(("x_min", "y_min", "z_min", "x_max", "y_max", "z_max")):
        data[name] = local_bounds[:, column]
    data["transform"] = transforms
    data["occlusionRatio"] = extents.occlusion_ratios[rows]
    return _labelled(data, rows, table)


def occlusion(extents: EntityExtents, table: LabelTable) -> AnnotatorData:
    """Return the hidden share of each entity in view, with its ids in the two segmentations."""
    rows = extents.in_view
    data = np.zeros(len(rows), OCCLUSION_DTYPE)
    data["instanceId"] = FIRST_ID + rows
    data["semanticId"] = [FIRST_ID + table.entities[row].label_set for row in rows]
    data["occlusionRatio"] = extents.occlusion_ratios[rows]
    return AnnotatorData(data, {"primPaths": [table.entities[row].prim_path for row in rows]})


def box_corners(data: np.ndarray) -> np.ndarray:
    """Return the world corners ``(n, 8, 3)`` float64 [m] of ``bounding_box_3d`` rows.

    Corner ``4 i + 2 j + k`` has ``x_max`` if ``i``, ``y_max`` if ``j``, ``z_max`` if ``k``, else the minimum.
    """
    low = np.stack([data["x_min"], data["y_min"], data["z_min"]], axis=-1).astype(np.float64)
    high = np.stack([data["x_max"], data["y_max"], data["z_max"]], axis=-1).astype(np.float64)
    upper = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)], bool)
    local = np.where(upper[None], high[:, None], low[:, None])
    transform = data["transform"].astype(np.float64)
    return local @ transform[:, :3, :3] + transform[:, None, 3, :3]


def _boxes_2d(rows: np.ndarray, boxes: np.ndarray, extents: EntityExtents, table: LabelTable) -> AnnotatorData:
    data = np.zeros(len(rows), BOX_2D_DTYPE)
    for column, name in enumerate(("x_min", "y_min", "x_max", "y_max")):
        data[name] = boxes[rows, column]
    data["occlusionRatio"] = extents.occlusion_ratios[rows]
    return _labelled(data, rows, table)


def _labelled(data: np.ndarray, rows: np.ndarray, table: LabelTable) -> AnnotatorData:
    """Fill in the semantic ids, which boxes count from 0, and say what they mean."""
    entities = [table.entities[row] for row in rows]
    data["semanticId"] = [entity.label_set for entity in entities]
    info: dict[str, Any] = {
        "idToLabels": {index: dict(table.label_sets[index]) for index in sorted({e.label_set for e in entities})},
        "bboxIds": (FIRST_ID + rows).astype(np.uint32),
        "primPaths": [entity.prim_path for entity in entities],
    }
    return AnnotatorData(data, info)

"""Replicator's annotators in our shapes, whichever way a version or a writer's mode wraps them.

=================  =================================================================================================
``get_data()``     the array, or ``{"data": array, "info": {...}}``
writer, nested     ``{"data": array, "info": {"idToLabels": ...}}``
writer, flat       ``{"data": array, "idToLabels": ...}``; ``camera_params`` has its fields and no ``data``
=================  =================================================================================================
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from isaacsim_agent_ext.capture.frame import AnnotatorData, AnnotatorRequest
from isaacsim_agent_ext.capture.labels import UNLABELLED_ID
from isaacsim_agent_ext.capture.semantic_filter import SemanticFilter, parse_filter

OURS = ("camera_params", "prim_labels", "skeleton_data")
"""Annotators that are worked out from what we know, exactly as on the standalone host."""

KIT_NAMES = {
    "bounding_box_2d_tight": "bounding_box_2d_tight_fast",
    "bounding_box_2d_loose": "bounding_box_2d_loose_fast",
    "bounding_box_3d": "bounding_box_3d_fast",
    "instance_segmentation": "instance_segmentation_fast",
    "instance_id_segmentation": "instance_id_segmentation_fast",
}
"""Replicator's quicker twins, which say the prim paths on every version."""

_ANY = "class:*"
_RESERVED = {"BACKGROUND", "UNLABELLED"}


def init_params(request: AnnotatorRequest) -> dict[str, Any] | None:
    """Return what to initialize Replicator's annotator with."""
    name = request.name.removesuffix("_fast")
    if name.endswith("segmentation"):
        return {"colorize": request.colorize}
    if name == "pointcloud":
        return {"includeUnlabelled": request.include_unlabelled}
    return None


def unwrap(result: Any) -> AnnotatorData:
    """Return an annotator's result in our shape, from any of Replicator's."""
    if not isinstance(result, Mapping):
        return AnnotatorData(result)
    if "data" not in result:
        return AnnotatorData(dict(result))
    info = dict(result.get("info") or {})
    info.update({key: value for key, value in result.items() if key not in ("data", "info")})
    return AnnotatorData(result["data"], info)


def tidy(request: AnnotatorRequest, result: AnnotatorData, image: tuple[int, int]) -> AnnotatorData:
    """Bring one result to the arrays and dictionaries that writers expect.

    Args:
        request: What was asked for; its semantic filter is applied here, so that it holds on every version.
        result: From `unwrap`.
        image: Width and height [px].
    """
    name = request.name.removesuffix("_fast")
    info = dict(result.info)
    data = result.data
    if "idToLabels" in info:
        info["idToLabels"] = {_key(key): value for key, value in info["idToLabels"].items()}
    if "idToSemantics" in info:
        info["idToSemantics"] = {_key(key): value for key, value in info["idToSemantics"].items()}
    if name.startswith("bounding_box") or name == "occlusion":
        return _filtered_rows(np.atleast_1d(np.asarray(data)), info, parse_filter(request.semantic_filter))
    if name.endswith("segmentation"):
        return _filtered_image(_pixels(data, image), info, request)
    if name in ("rgb", "normals", "motion_vectors"):
        return AnnotatorData(_pixels(data, image), info)
    return AnnotatorData(np.asarray(data), info)


def labels_of(result: AnnotatorData) -> dict[str, dict[str, str]]:
    """Return the labels of every prim that a result of boxes has: prim path to label type to label."""
    labels = result.info.get("idToLabels", {})
    ids = np.atleast_1d(np.asarray(result.data))["semanticId"].tolist()
    return {
        path: {str(kind): str(label) for kind, label in labels.get(identity, {}).items()}
        for path, identity in zip(result.info.get("primPaths", ()), ids, strict=False)
    }


def _key(key: Any) -> Any:
    """Return the key of a dictionary of labels as ours have it: a number, or a colour as a tuple."""
    if isinstance(key, str):
        text = key.strip()
        if text.lstrip("-").isdigit():
            return int(text)
        if text.startswith("("):
            return tuple(ast.literal_eval(text))
    return key


def _pixels(data: Any, image: tuple[int, int]) -> np.ndarray:
    """Return an image; coloured segmentations come as packed numbers in some versions."""
    array = np.asarray(data)
    width, height = image
    if array.dtype == np.uint32 and array.size == 4 * width * height:
        return array.astype(np.uint8).reshape(height, width, 4)
    return array.reshape(height, width, *array.shape[2:]) if array.ndim >= 2 else array


def _passes(labels: Any, semantic_filter: SemanticFilter) -> bool:
    if not isinstance(labels, Mapping):
        return True
    split = {str(kind): tuple(str(text).split(",")) for kind, text in labels.items()}
    return bool(semantic_filter.select(split))


def _filtered_rows(rows: np.ndarray, info: dict[str, Any], semantic_filter: SemanticFilter) -> AnnotatorData:
    labels = info.get("idToLabels", {})
    keep = np.array([_passes(labels.get(identity), semantic_filter) for identity in rows["semanticId"].tolist()], bool)
    keep = keep if len(keep) == len(rows) else np.ones(len(rows), bool)
    present = set(rows["semanticId"][keep].tolist())
    for key in ("primPaths", "bboxIds"):
        if key in info and len(info[key]) == len(rows):
            values = [value for value, kept in zip(info[key], keep, strict=True) if kept]
            info[key] = np.asarray(values, np.asarray(info[key]).dtype) if key == "bboxIds" else values
    if labels:
        info["idToLabels"] = {key: value for key, value in labels.items() if key in present or not isinstance(key, int)}
    return AnnotatorData(rows[keep], info)


def _filtered_image(image: np.ndarray, info: dict[str, Any], request: AnnotatorRequest) -> AnnotatorData:
    """Paint what does not pass the filter like what has no label."""
    labels = info.get("idToSemantics") or info.get("idToLabels") or {}
    semantic_filter = parse_filter(request.semantic_filter)
    failing = [
        key
        for key, value in labels.items()
        if isinstance(value, Mapping)
        and not _RESERVED & {str(label) for label in value.values()}
        and not _passes(value, semantic_filter)
    ]
    if request.semantic_filter == _ANY or not failing:
        return AnnotatorData(image, info)
    image = image.copy()
    for key in failing:
        if isinstance(key, tuple) and image.ndim == 3:
            image[(image == np.array(key, np.uint8)).all(axis=-1)] = (0, 0, 0, 255)
        elif not isinstance(key, tuple) and image.ndim == 2:
            image[image == key] = UNLABELLED_ID
    for name in ("idToLabels", "idToSemantics"):
        if name in info:
            info[name] = {key: value for key, value in info[name].items() if key not in failing}
    return AnnotatorData(image, info)

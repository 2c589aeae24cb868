"""Annotator data in Replicator's own array types, from a view of boxes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from kit_double.boxes import Box, View, label_text

BOX_2D = [
    ("semanticId", "<u4"),
    ("x_min", "<i4"),
    ("y_min", "<i4"),
    ("x_max", "<i4"),
    ("y_max", "<i4"),
    ("occlusionRatio", "<f4"),
]
BOX_3D = [
    ("semanticId", "<u4"),
    *[(f"{axis}_{end}", "<f4") for end in ("min", "max") for axis in "xyz"],
    ("transform", "<f4", (4, 4)),
    ("occlusionRatio", "<f4"),
]
OCCLUSION = [("instanceId", "<u4"), ("semanticId", "<u4"), ("occlusionRatio", "<f4")]
INIT_PARAMS = {"colorize", "semanticTypes", "semanticFilter", "includeUnlabelled"}
FLAT = frozenset({"camera_params", "skeleton_data"})
"""Annotators whose data is a dictionary of its own."""

_ALIASES = {"LdrColor": "rgb", "CameraParams": "camera_params"}
_NAMES = (
    "rgb",
    "normals",
    "motion_vectors",
    "distance_to_camera",
    "distance_to_image_plane",
    "semantic_segmentation",
    "instance_segmentation",
    "instance_id_segmentation",
    "bounding_box_2d_tight",
    "bounding_box_2d_loose",
    "bounding_box_3d",
    "occlusion",
    "pointcloud",
    "camera_params",
    "skeleton_data",
)
_FAST = (
    "instance_segmentation",
    "instance_id_segmentation",
    "bounding_box_2d_tight",
    "bounding_box_2d_loose",
    "bounding_box_3d",
)


def plain_name(name: str) -> str:
    """Return the annotator that a name stands for.

    Raises:
        ValueError: There is none of that name.
    """
    plain = _ALIASES.get(name, name)
    if plain.removesuffix("_fast") in _FAST:
        plain = plain.removesuffix("_fast")
    if plain not in _NAMES:
        raise ValueError(f"annotator {name!r} is not registered")
    return plain


def empty(name: str) -> Any:
    """Return what an annotator gives before anything was captured."""
    if name in FLAT:
        return {}
    has_info = name not in ("rgb", "normals", "motion_vectors", "distance_to_camera", "distance_to_image_plane")
    return {"data": np.zeros(0), "info": {}} if has_info else np.zeros(0)


def annotate(name: str, view: View, params: dict[str, Any]) -> Any:
    """Return what ``Annotator.get_data()`` gives: an array, a dictionary with ``data`` and ``info``, or a flat one."""
    return globals()[f"_{name}"](view, params)


def _color(number: int) -> tuple[int, int, int, int]:
    value = (number * 2654435761) & 0xFFFFFF
    return (value >> 16 & 255, value >> 8 & 255, value & 255, 255) if number else (0, 0, 0, 0)


def _rgb(view: View, params: dict[str, Any]) -> np.ndarray:
    colors = np.array([_color(7 * index + 13)[:3] for index in range(len(view.scene.boxes))] or [(0, 0, 0)], float)
    image = colors[np.maximum(view.index, 0)] * (0.4 + 0.6 * np.abs(view.normal[..., 2:]))
    image[view.index < 0] = 40
    alpha = np.full((*view.index.shape, 1), 255.0)
    return np.concatenate([image, alpha], axis=-1).astype(np.uint8)


def _normals(view: View, params: dict[str, Any]) -> np.ndarray:
    return np.concatenate([view.normal, np.zeros((*view.index.shape, 1))], axis=-1).astype(np.float32)


def _motion_vectors(view: View, params: dict[str, Any]) -> np.ndarray:
    return np.zeros((*view.index.shape, 4), np.float32)


def _distance_to_camera(view: View, params: dict[str, Any]) -> np.ndarray:
    return view.distance.astype(np.float32)


def _distance_to_image_plane(view: View, params: dict[str, Any]) -> np.ndarray:
    return view.depth.astype(np.float32)


def _labels_of(box: Box, params: dict[str, Any]) -> dict[str, str]:
    wanted = params.get("semanticTypes") or ["class"]
    if params.get("semanticFilter"):
        wanted = sorted({clause.partition(":")[0] for clause in params["semanticFilter"].split(";")})
    return label_text({name: labels for name, labels in box.labels.items() if name in wanted and labels})


def _semantic_ids(view: View, params: dict[str, Any]) -> tuple[list[int], dict[int, dict[str, str]]]:
    texts = [_labels_of(box, params) for box in view.scene.boxes]
    known = sorted({json.dumps(text, sort_keys=True) for text in texts if text})
    ids = [2 + known.index(json.dumps(text, sort_keys=True)) if text else 1 for text in texts]
    table = {0: {"class": "BACKGROUND"}, 1: {"class": "UNLABELLED"}}
    table.update({2 + index: json.loads(text) for index, text in enumerate(known)})
    return ids, table


def _instances(view: View, params: dict[str, Any]) -> tuple[list[int], list[str], dict[str, list[int]]]:
    """Return the instance of each box (0 for none), the instances' prims, and the boxes of each."""
    members: dict[str, list[int]] = {}
    for index, box in enumerate(view.scene.boxes):
        if box.owner and _labels_of(box, params):
            members.setdefault(box.owner, []).append(index)
    paths = sorted(members)
    numbers = {index: 2 + paths.index(path) for path, boxes in members.items() for index in boxes}
    return [numbers.get(index, 1) for index in range(len(view.scene.boxes))], paths, members


def _image(view: View, ids: list[int], params: dict[str, Any]) -> np.ndarray:
    table = np.array([*ids, 0], np.uint32)
    image = table[view.index]
    if params.get("colorize"):
        colors = np.array([_color(number) for number in range(max(table.max() + 1, 1))], np.uint8)
        return colors[image]
    return image


def _keys(table: dict[int, Any], params: dict[str, Any]) -> dict[str, Any]:
    return {str(_color(number)) if params.get("colorize") else str(number): value for number, value in table.items()}


def _semantic_segmentation(view: View, params: dict[str, Any]) -> dict[str, Any]:
    ids, table = _semantic_ids(view, params)
    return {"data": _image(view, ids, params), "info": {"idToLabels": _keys(table, params)}}


def _instance_segmentation(view: View, params: dict[str, Any]) -> dict[str, Any]:
    ids, paths, members = _instances(view, params)
    boxes = view.scene.boxes
    to_labels = {0: "BACKGROUND", 1: "UNLABELLED"} | {2 + n: path for n, path in enumerate(paths)}
    to_semantics: dict[int, Any] = {0: {"class": "BACKGROUND"}, 1: {"class": "UNLABELLED"}}
    to_semantics |= {2 + n: _labels_of(boxes[members[path][0]], params) for n, path in enumerate(paths)}
    info = {"idToLabels": _keys(to_labels, params), "idToSemantics": _keys(to_semantics, params)}
    return {"data": _image(view, ids, params), "info": info}


def _instance_id_segmentation(view: View, params: dict[str, Any]) -> dict[str, Any]:
    ids = [2 + index for index in range(len(view.scene.boxes))]
    table = {0: "BACKGROUND", 1: "UNLABELLED"} | {2 + n: box.path for n, box in enumerate(view.scene.boxes)}
    return {"data": _image(view, ids, params), "info": {"idToLabels": _keys(table, params)}}


def _ratio(view: View, indices: list[int]) -> float:
    alone = np.zeros(view.index.shape, bool)
    for index in indices:
        alone |= view.alone.get(index, False)
    seen = np.isin(view.index, indices).sum()
    return 1.0 - float(seen) / alone.sum() if alone.any() else 1.0


def _bounding_boxes_2d(view: View, params: dict[str, Any], *, tight: bool) -> dict[str, Any]:
    semantic, table = _semantic_ids(view, params)
    _, paths, members = _instances(view, params)
    rows, shown = [], []
    for path in paths:
        indices = members[path]
        if tight:
            ys, xs = np.nonzero(np.isin(view.index, indices))
            if not len(xs):
                continue
            bounds = (xs.min(), ys.min(), xs.max(), ys.max())
        else:
            parts = np.array([view.projected[index] for index in indices if index in view.projected])
            if not len(parts):
                continue
            bounds = (*parts[:, :2].min(axis=0), *parts[:, 2:].max(axis=0))
        rows.append((semantic[indices[0]], *bounds, _ratio(view, indices)))
        shown.append(path)
    return _boxes(np.array(rows, BOX_2D), shown, table)


def _bounding_box_2d_tight(view: View, params: dict[str, Any]) -> dict[str, Any]:
    return _bounding_boxes_2d(view, params, tight=True)


def _bounding_box_2d_loose(view: View, params: dict[str, Any]) -> dict[str, Any]:
    return _bounding_boxes_2d(view, params, tight=False)


def _boxes(data: np.ndarray, paths: list[str], table: dict[int, Any]) -> dict[str, Any]:
    used = {str(number): table[number] for number in sorted({int(number) for number in data["semanticId"]})}
    info = {"bboxIds": np.arange(len(paths), dtype=np.uint32), "idToLabels": used, "primPaths": list(paths)}
    return {"data": data, "info": info}


def _bounding_box_3d(view: View, params: dict[str, Any]) -> dict[str, Any]:
    semantic, table = _semantic_ids(view, params)
    _, paths, members = _instances(view, params)
    rows, shown = [], []
    for path in paths:
        indices = members[path]
        if not any(index in view.projected for index in indices):
            continue
        world = view.scene.boxes[indices[0]].owner_world
        inverse = np.linalg.inv(world)
        corners = np.concatenate([view.scene.boxes[index].corners() for index in indices])
        local = corners @ inverse[:3, :3] + inverse[3, :3]
        rows.append((semantic[indices[0]], *local.min(axis=0), *local.max(axis=0), world, _ratio(view, indices)))
        shown.append(path)
    return _boxes(np.array(rows, BOX_3D), shown, table)


def _occlusion(view: View, params: dict[str, Any]) -> dict[str, Any]:
    semantic, table = _semantic_ids(view, params)
    _, paths, members = _instances(view, params)
    rows = [(2 + n, semantic[members[path][0]], _ratio(view, members[path])) for n, path in enumerate(paths)]
    return {"data": np.array(rows, OCCLUSION), "info": {"idToLabels": {str(k): v for k, v in table.items()}}}


def _pointcloud(view: View, params: dict[str, Any]) -> dict[str, Any]:
    semantic, _ = _semantic_ids(view, params)
    instance, *_ = _instances(view, params)
    labelled = np.array([*[number > 1 or bool(params.get("includeUnlabelled")) for number in instance], False])
    ys, xs = np.nonzero(labelled[view.index])
    height, width = view.index.shape
    focal = view.params["cameraFocalLength"] / view.params["cameraAperture"][0] * width
    depth = view.depth[ys, xs]
    eye = np.stack([(xs + 0.5 - width / 2) / focal, -(ys + 0.5 - height / 2) / focal, -np.ones_like(depth)], -1)
    world = np.linalg.inv(view.params["cameraViewTransform"].reshape(4, 4))
    index = view.index[ys, xs]
    info = {
        "pointRgb": _rgb(view, params)[ys, xs],
        "pointNormals": _normals(view, params)[ys, xs],
        "pointSemantic": np.array([*semantic, 0], np.uint32)[index],
        "pointInstance": np.array([*instance, 0], np.uint32)[index],
    }
    points = (eye * depth[:, None]) @ world[:3, :3] + world[3, :3]
    return {"data": points.astype(np.float32), "info": info}


def _camera_params(view: View, params: dict[str, Any]) -> dict[str, Any]:
    return dict(view.params)


def _skeleton_data(view: View, params: dict[str, Any]) -> dict[str, Any]:
    skeletons = view.scene.skeletons
    height, width = view.index.shape
    camera = view.params["cameraViewTransform"].reshape(4, 4)
    focal = view.params["cameraFocalLength"] / view.params["cameraAperture"][0] * width

    def joined(parts: list[np.ndarray], columns: int, dtype: Any = np.float32) -> np.ndarray:
        return np.concatenate(parts).astype(dtype) if parts else np.zeros((0, columns), dtype)

    def rotations(matrices: Any) -> np.ndarray:
        quaternions = [matrix.ExtractRotationQuat() for matrix in matrices]
        return np.array([(q.GetReal(), *q.GetImaginary()) for q in quaternions])

    eyes = [each["world"] @ camera[:3, :3] + camera[3, :3] for each in skeletons]
    pixels = []
    for eye in eyes:
        ahead = np.where(np.abs(eye[:, 2]) < 1e-9, -1e-9, eye[:, 2])
        pixels.append(np.stack([eye[:, 0] / -ahead * focal + width / 2, -eye[:, 1] / -ahead * focal + height / 2], 1))
    inside = [
        bool(((eye[:, 2] < 0) & (px >= 0).all(1) & (px[:, 0] < width) & (px[:, 1] < height)).all())
        for eye, px in zip(eyes, pixels, strict=True)
    ]
    counts = np.array([len(each["joints"]) for each in skeletons], np.int32)
    data = {
        "animationVariant": [""] * len(skeletons),
        "assetPath": [""] * len(skeletons),
        "globalTranslations": joined([each["world"] for each in skeletons], 3),
        "globalTranslationsSizes": counts,
        "inView": np.array(inside, bool),
        "jointOcclusions": np.zeros(int(counts.sum()), bool),
        "jointOcclusionsSizes": counts,
        "localRotations": joined([rotations(each["local"]) for each in skeletons], 4),
        "localRotationsSizes": counts,
        "numSkeletons": len(skeletons),
        "occlusionTypes": ["['None']"] * len(skeletons),
        "restLocalRotations": joined([rotations(each["rest"]) for each in skeletons], 4),
        "restLocalTranslations": joined(
            [np.array([matrix.ExtractTranslation() for matrix in each["rest"]]) for each in skeletons], 3
        ),
        "skelName": [each["path"].rpartition("/")[2] for each in skeletons],
        "skelPath": [each["path"] for each in skeletons],
        "skeletonJoints": [str(each["joints"]) for each in skeletons],
        "skeletonParents": joined([each["parents"] for each in skeletons], 0, np.int32).reshape(-1),
        "skeletonParentsSizes": counts,
        "translations2d": joined(pixels, 2),
        "translations2dSizes": counts,
    }
    data["skeletonData"] = json.dumps({"skeletons": data["skelPath"]})
    return data

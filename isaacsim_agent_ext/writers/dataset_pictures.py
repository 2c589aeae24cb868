"""Finding the pictures of a dataset on disk, and the boxes that belong to them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isaacsim_agent_ext.writers.pictures import PICTURES


@dataclass(frozen=True)
class DatasetPicture:
    """One picture of a dataset.

    Attributes:
        camera: The camera's folder or prefix; empty where there is only one.
        frame: Simulation frame.
        path: The picture.
        number: The frame as its file name has it, zeros included.
    """

    camera: str
    frame: int
    path: Path
    number: str


@dataclass(frozen=True)
class DatasetBox:
    """A tight 2D box of a picture: inclusive bounds [px], the hidden share, and whose it is."""

    prim_path: str
    label: str
    box: tuple[int, int, int, int]
    occlusion: float
    is_agent: bool


def dataset_pictures(folder: Path) -> list[DatasetPicture]:
    """Return the pictures of a dataset by camera, then frame: rgb, or the first other annotator that has any."""
    found: dict[str, list[DatasetPicture]] = {}
    for path in sorted(path for depth in ("*", "*/*/*") for path in folder.glob(depth) if path.is_file()):
        parts = path.relative_to(folder).parts
        for annotator in PICTURES:
            match = re.fullmatch(rf"(?:(?P<camera>.+)_)?{annotator}_(?P<frame>\d+)\.(?:png|jpg|jpeg)", path.name)
            if match is None or (len(parts) == 3 and (parts[1] != annotator or match["camera"])):
                continue
            camera = parts[0] if len(parts) == 3 else (match["camera"] or "")
            found.setdefault(annotator, []).append(DatasetPicture(camera, int(match["frame"]), path, match["frame"]))
            break
    chosen = next((found[annotator] for annotator in PICTURES if annotator in found), [])
    return sorted(chosen, key=lambda picture: (picture.camera, picture.frame))


def dataset_boxes(picture: DatasetPicture) -> list[DatasetBox]:
    """Return the tight boxes written beside a picture, whichever writer wrote them; empty when there are none."""
    record = _beside(picture, "object_detection", f"object_detection_{picture.number}.json")
    if record.is_file():
        return boxes_in_record(json.loads(record.read_text(encoding="utf-8")))
    name = "bounding_box_2d_tight"
    array = _beside(picture, name, f"{name}_{picture.number}.npy")
    paths = _beside(picture, name, f"{name}_prim_paths_{picture.number}.json")
    labels = _beside(picture, name, f"{name}_labels_{picture.number}.json")
    if array.is_file() and paths.is_file() and labels.is_file():
        return _from_rows(np.load(array), json.loads(paths.read_text("utf-8")), json.loads(labels.read_text("utf-8")))
    return []


def _beside(picture: DatasetPicture, annotator: str, file: str) -> Path:
    """Return where another annotator's file of the same view lies, in folders or beside with the same prefix."""
    folder = picture.path.parent
    if folder.parent.name == picture.camera:
        return folder.parent / annotator / file
    return folder / (f"{picture.camera}_{file}" if picture.camera else file)


def boxes_in_record(record: dict[str, Any]) -> list[DatasetBox]:
    """Return the tight boxes in an ``object_detection`` record."""
    boxes = []
    for kind in ("agents", "objects"):
        for prim_path, entry in record.get(kind, {}).items():
            box = entry["annotators"].get("bounding_box_2d_tight_fast")
            if box is None:
                continue
            bounds = (box["x_min"], box["y_min"], box["x_max"], box["y_max"])
            label = ", ".join(entry["label"].values())
            boxes.append(DatasetBox(prim_path, label, bounds, box["occlusionRatio"] or 0.0, kind == "agents"))
    return boxes


def _from_rows(rows: np.ndarray, paths: list[str], labels: dict[str, dict[str, str]]) -> list[DatasetBox]:
    boxes = []
    for row, prim_path in zip(rows, paths, strict=True):
        label = ", ".join(labels[str(row["semanticId"])].values())
        bounds = (int(row["x_min"]), int(row["y_min"]), int(row["x_max"]), int(row["y_max"]))
        occlusion = float(np.nan_to_num(row["occlusionRatio"]))
        boxes.append(DatasetBox(prim_path, label, bounds, occlusion, label in ("character", "robot")))
    return boxes

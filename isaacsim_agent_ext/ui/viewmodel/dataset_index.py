"""Which pictures lie in an output folder; how the writers lay files out is told in ``docs/reference/output.md``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.ui.viewmodel.overlays import Overlays, overlays_in_record
from isaacsim_agent_ext.writers.dataset_pictures import DatasetPicture, dataset_boxes
from isaacsim_agent_ext.writers.pictures import PICTURES

_FILE = re.compile(rf"(?:(?P<camera>.+)_)?(?P<annotator>{'|'.join(PICTURES)})_(?P<frame>\d+)\.(?:png|jpg|jpeg|npy)")
_MASKS = ("instance_segmentation", "semantic_segmentation", "instance_id_segmentation")


@dataclass(frozen=True)
class DatasetIndex:
    """The pictures in one output folder.

    Attributes:
        folder: The folder.
        pictures: By camera, annotator and frame; a coloured picture before its array, when there are both.
    """

    folder: Path
    pictures: Mapping[str, Mapping[str, Mapping[int, DatasetPicture]]]

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras' names, sorted."""
        return tuple(sorted(self.pictures))

    def annotators(self, camera: str) -> tuple[str, ...]:
        """Return the annotators of a camera that can be looked at."""
        return tuple(name for name in PICTURES if name in self.pictures.get(camera, {}))

    def frames(self, camera: str, annotator: str) -> tuple[int, ...]:
        """Return the frames of a camera and annotator, in order."""
        return tuple(sorted(self.pictures.get(camera, {}).get(annotator, {})))


def read_index(folder: Path) -> DatasetIndex:
    """Return what lies in an output folder.

    Raises:
        OutputError: It is no folder, or has no pictures.
    """
    if not folder.is_dir():
        raise OutputError(f"{folder} is no folder")
    found: dict[str, dict[str, dict[int, DatasetPicture]]] = {}
    for path in _files(folder):
        match = _FILE.fullmatch(path.name)
        parts = path.relative_to(folder).parts
        if match is None or (len(parts) == 3 and (parts[1] != match["annotator"] or match["camera"])):
            continue
        camera = parts[0] if len(parts) == 3 else (match["camera"] or "")
        frames = found.setdefault(camera, {}).setdefault(match["annotator"], {})
        frame = int(match["frame"])
        if frame not in frames or frames[frame].path.suffix == ".npy":
            frames[frame] = DatasetPicture(camera, frame, path, match["frame"])
    if not found:
        raise OutputError(
            f"{folder} has no pictures; open the folder that a writer filled, with one folder per camera in it"
        )
    return DatasetIndex(folder, found)


def _files(folder: Path) -> list[Path]:
    """Return the files in the folder itself, and those two levels below."""
    files: list[Path] = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_file():
            files.append(Path(entry.path))
        elif entry.is_dir() and not entry.name.startswith("."):
            for below in sorted(os.scandir(entry.path), key=lambda one: one.name):
                if below.is_dir():
                    files += sorted(Path(one.path) for one in os.scandir(below.path) if one.is_file())
    return files


def read_picture(annotator: str, path: Path) -> np.ndarray:
    """Return a picture to look at, ``(height, width, 4)`` uint8.

    Raises:
        OutputError: It cannot be read.
    """
    from PIL import Image, UnidentifiedImageError

    from isaacsim_agent_ext.writers.images import read_ids

    try:
        if path.suffix == ".npy":
            return PICTURES[annotator](np.load(path, allow_pickle=False))
        image = Image.open(path)
        if image.mode.startswith("I"):  # 16 bits: ids
            return PICTURES[annotator](read_ids(path.read_bytes()))
        return np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise OutputError(f"{path} cannot be read: {error}") from error


def read_overlays(index: DatasetIndex, camera: str, frame: int) -> Overlays:
    """Return what was written beside the pictures of a camera and frame, as far as it can be read."""
    annotators = index.pictures.get(camera, {})
    picture = next((frames[frame] for frames in annotators.values() if frame in frames), None)
    if picture is None:
        return Overlays()
    masks = None
    for annotator in _MASKS:
        if frame in annotators.get(annotator, {}):
            masks = read_picture(annotator, annotators[annotator][frame].path)
            break
    record = _record(index, picture)
    if record.is_file():
        return overlays_in_record(json.loads(record.read_text(encoding="utf-8")), masks)
    return Overlays(tuple(dataset_boxes(picture)), {}, masks)


def _record(index: DatasetIndex, picture: DatasetPicture) -> Path:
    file = f"object_detection_{picture.number}.json"
    if len(picture.path.relative_to(index.folder).parts) == 3:
        return index.folder / picture.camera / "object_detection" / file
    return index.folder / (f"{picture.camera}_{file}" if picture.camera else file)

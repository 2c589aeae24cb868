"""One or more files per annotator, camera and frame, named and shaped as Replicator's BasicWriter does."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from isaacsim_agent_ext.capture.frame import AnnotatorData, AnnotatorRequest, CapturedView
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.writers.base import Sink
from isaacsim_agent_ext.writers.images import encode_ids, encode_image, encode_png
from isaacsim_agent_ext.writers.json_text import encode_json
from isaacsim_agent_ext.writers.layout import Layout
from isaacsim_agent_ext.writers.pictures import colorize_depth, colorize_normals


@dataclass(frozen=True)
class FileOptions:
    """How annotators are written.

    Attributes:
        image_format: Of rgb: ``png``, ``jpg`` or ``jpeg``; labels are always lossless.
        colorize_depth: A grey picture beside each distance array.
    """

    image_format: str = "png"
    colorize_depth: bool = False


class AnnotatorFile(NamedTuple):
    """One file of one view, before it has a place."""

    stem: str
    extension: str
    content: bytes


class AnnotatorFiles:
    """The writer of plain annotator files."""

    def __init__(
        self, requests: Sequence[AnnotatorRequest], sink: Sink, layout: Layout, options: FileOptions | None = None
    ):
        self.requests = tuple(requests)
        self._sink = sink
        self._layout = layout
        self._options = options or FileOptions()

    def begin_chunk(self, first_frame: int) -> None:
        """Nothing is held from one frame to the next."""

    def write(self, view: CapturedView) -> None:
        """Write each annotator's files."""
        camera = view.camera.prim_path
        for request in self.requests:
            for file in annotator_files(request.name, view.annotators[request.name], self._options):
                path = self._layout.frame_path(camera, request.name, file.stem, view.frame, file.extension)
                self._sink.write(path, file.content)

    def end_chunk(self) -> None:
        """Nothing is held from one frame to the next."""

    def finish(self, cameras: Sequence[CameraView], frames: Sequence[int]) -> None:
        """Nothing spans frames."""


def annotator_files(name: str, result: AnnotatorData, options: FileOptions) -> Iterator[AnnotatorFile]:
    """Yield the files of one annotator's result."""
    data, info = result.data, result.info
    match name:
        case "rgb":
            yield AnnotatorFile(name, options.image_format, encode_image(data, options.image_format))
        case "distance_to_camera" | "distance_to_image_plane":
            yield AnnotatorFile(name, "npy", _npy(data))
            if options.colorize_depth:
                yield AnnotatorFile(name, "png", encode_png(colorize_depth(data)))
        case "normals":
            yield AnnotatorFile(name, "png", encode_png(colorize_normals(data)))
        case "motion_vectors" | "occlusion":
            yield AnnotatorFile(name, "npy", _npy(data))
        case "semantic_segmentation":
            yield AnnotatorFile(name, "png", _segmentation(data))
            yield AnnotatorFile(f"{name}_labels", "json", encode_json(info["idToLabels"]))
        case "instance_segmentation":
            yield AnnotatorFile(name, "png", _segmentation(data))
            yield AnnotatorFile(f"{name}_mapping", "json", encode_json(info["idToLabels"]))
            yield AnnotatorFile(f"{name}_semantics_mapping", "json", encode_json(info["idToSemantics"]))
        case "instance_id_segmentation":
            yield AnnotatorFile(name, "png", _segmentation(data))
            yield AnnotatorFile(f"{name}_mapping", "json", encode_json(info["idToLabels"]))
        case "bounding_box_2d_tight" | "bounding_box_2d_loose" | "bounding_box_3d":
            yield AnnotatorFile(name, "npy", _npy(data))
            yield AnnotatorFile(f"{name}_labels", "json", encode_json(info["idToLabels"]))
            yield AnnotatorFile(f"{name}_prim_paths", "json", encode_json(info["primPaths"]))
        case "pointcloud":
            yield AnnotatorFile(name, "npy", _npy(data))
            for part in ("Rgb", "Normals", "Semantic", "Instance"):
                yield AnnotatorFile(f"{name}_{part.lower()}", "npy", _npy(info[f"point{part}"]))
        case "camera_params":
            yield AnnotatorFile(name, "json", encode_json(data))
        case "skeleton_data":
            yield AnnotatorFile("skeleton", "json", encode_json(data))
        case _:
            raise ValueError(f"annotator `{name}` has no files of its own")


def _segmentation(image: np.ndarray) -> bytes:
    return encode_ids(image) if image.ndim == 2 else encode_png(image)


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()

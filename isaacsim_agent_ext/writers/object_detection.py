"""``object_detection``: everything about each actor and object of a view in one JSON record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.capture.boxes import box_corners
from isaacsim_agent_ext.capture.frame import AnnotatorData, AnnotatorRequest, CapturedView
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.writers.base import Sink
from isaacsim_agent_ext.writers.json_text import encode_json, rounded
from isaacsim_agent_ext.writers.layout import Layout

RECORD_ANNOTATORS = ("bounding_box_2d_tight", "bounding_box_2d_loose", "bounding_box_3d", "skeleton_data")
"""The annotators that go into the record in place of files of their own."""

STANDING_SPEED = 1e-3
"""Below this an actor does not move [m/s]."""

_SKELETON_FIELDS = {
    "skeleton_parents": "skeletonParents",
    "global_translations": "globalTranslations",
    "local_rotations": "localRotations",
    "translations_2d": "translations2d",
    "joint_occlusions": "jointOcclusions",
    "occlusion_types": "occlusionTypes",
}


class ObjectDetection:
    """The writer of the records: one file per camera and frame, and on demand one per camera."""

    def __init__(
        self, annotators: Sequence[str], semantic_filter: str, sink: Sink, layout: Layout, *, consolidated: bool = False
    ):
        """Prepare.

        Args:
            annotators: Which of `RECORD_ANNOTATORS` the record has.
            semantic_filter: Which labels count.
            sink: Where files go.
            layout: How they are named.
            consolidated: Whether to write ``object_detection.json`` per camera at the end, too.
        """
        self.requests = tuple(
            AnnotatorRequest(name=name, semantic_filter=semantic_filter) for name in (*annotators, "prim_labels")
        )
        self._sink = sink
        self._layout = layout
        self._consolidated = consolidated

    def begin_chunk(self, first_frame: int) -> None:
        """Nothing is held from one frame to the next."""

    def write(self, view: CapturedView) -> None:
        """Write the view's record."""
        record = object_detection_record(view)
        self._sink.write(self._record_path(view.camera.prim_path, view.frame), encode_json(record, lines=2))

    def end_chunk(self) -> None:
        """Nothing is held from one frame to the next."""

    def finish(self, cameras: Sequence[CameraView], frames: Sequence[int]) -> None:
        """Join each camera's records, one at a time, into a file that maps frame numbers to them."""
        if not self._consolidated:
            return
        for camera in cameras:
            with self._sink.open_write(self._layout.camera_path(camera.prim_path, "object_detection.json")) as file:
                self._join(camera.prim_path, frames, file)

    def _join(self, camera: str, frames: Sequence[int], file: BinaryIO) -> None:
        file.write(b"{")
        separator = b"\n"
        for frame in frames:
            path = self._record_path(camera, frame)
            if self._sink.exists(path):
                record = json.dumps(json.loads(self._sink.read(path)), ensure_ascii=False)
                file.write(separator + f'"{frame}": {record}'.encode())
                separator = b",\n"
        file.write(b"\n}\n")

    def _record_path(self, camera: str, frame: int) -> str:
        return self._layout.frame_path(camera, "object_detection", "object_detection", frame, "json")


def object_detection_record(view: CapturedView) -> dict[str, Any]:
    """Return the record of one view.

    ``agents`` has every actor of the scene by prim path, also those the camera does not see, whose ``annotators``
    are then empty: what actors do is worth knowing off camera, too. ``objects`` has everything else with a label
    that passes the filter and a box in this view.
    """
    labels: Mapping[str, Mapping[str, str]] = view.annotators["prim_labels"].data
    annotators: dict[str, dict[str, Any]] = {}
    for path, name, entry in _entries(view):
        annotators.setdefault(path, {})[name] = entry

    agents = {}
    for actor in view.actors:
        root, schema_prim = actor.spec.prim_path, actor.spec.agent_prim_path
        labelled = actor.spec.label_prim_path or root
        agents[root] = {
            "label": dict(labels.get(labelled) or labels.get(root) or labels.get(schema_prim) or {}),
            "annotators": annotators.pop(root, {}) | annotators.pop(schema_prim, {}) | annotators.pop(labelled, {}),
            "metro_agent_data": metro_agent_data(actor),
        }
    objects = {path: {"label": dict(labels[path]), "annotators": annotators[path]} for path in sorted(annotators)}
    return {"agents": agents, "objects": objects}


def metro_agent_data(actor: ActorState) -> dict[str, Any]:
    """Return what an actor is doing: metres, metres per second, quaternion x, y, z, w."""
    velocity = np.asarray(actor.velocity, np.float64)
    speed = float(np.linalg.norm(velocity))
    half_turn = actor.yaw / 2.0
    return {
        "prim_path": actor.spec.agent_prim_path,
        "agent_type": actor.spec.agent_type,
        "agent_name": actor.spec.name,
        "agent_group": actor.spec.group,
        "world_position": rounded(actor.position),
        "world_rotation": rounded([0.0, 0.0, np.sin(half_turn), np.cos(half_turn)]),
        "world_moving_direction": rounded(velocity / speed) if speed > STANDING_SPEED else None,
        "world_facing_direction": rounded(actor.facing),
        "speed": rounded(speed),
        "current_task_name": actor.task,
        "asset_url": actor.spec.asset_url,
    }


def _entries(view: CapturedView) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield prim path, annotator key and entry of all boxes and skeletons."""
    for name in ("bounding_box_2d_tight", "bounding_box_2d_loose"):
        if name in view.annotators:
            result = view.annotators[name]
            yield from _boxes_2d(f"{name}_fast", result)
    if "bounding_box_3d" in view.annotators:
        yield from _boxes_3d(view.annotators["bounding_box_3d"], view.camera)
    if "skeleton_data" in view.annotators:
        yield from _skeletons(view)


def _boxes_2d(key: str, result: AnnotatorData) -> Iterator[tuple[str, str, dict[str, Any]]]:
    columns = [result.data[name].tolist() for name in ("x_min", "y_min", "x_max", "y_max")]
    occlusion = rounded(result.data["occlusionRatio"])
    for path, x_min, y_min, x_max, y_max, ratio in zip(result.info["primPaths"], *columns, occlusion, strict=True):
        yield path, key, {"x_min": x_min, "y_min": y_min, "x_max": x_max, "y_max": y_max, "occlusionRatio": ratio}


def _boxes_3d(result: AnnotatorData, camera: CameraView) -> Iterator[tuple[str, str, dict[str, Any]]]:
    transforms = result.data["transform"].astype(np.float64)
    corners = box_corners(result.data)
    view = camera.view
    # All rows at once: rounding and turning arrays into lists row by row takes longer than encoding a picture.
    columns = (
        rounded(transforms),
        rounded(transforms @ view),
        rounded(corners),
        rounded(corners @ view[:3, :3] + view[3, :3]),
        rounded(result.data["occlusionRatio"]),
    )
    for path, transform, in_camera, world_corners, camera_corners, occlusion in zip(
        result.info["primPaths"], *columns, strict=True
    ):
        entry = {
            "transform": transform,
            "camera_view_transform": in_camera,
            "vertex": {"translations_3d": [world_corners], "camera_view_translations_3d": [camera_corners]},
            "occlusionRatio": occlusion,
        }
        yield path, "bounding_box_3d_fast", entry


def _skeletons(view: CapturedView) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield one entry per skeleton, under its actor."""
    data = view.annotators["skeleton_data"].data
    parts = {
        key: np.split(np.asarray(data[field]), np.cumsum(data[f"{field}Sizes"])[:-1])
        for key, field in _SKELETON_FIELDS.items()
    }
    for index in range(data["numSkeletons"]):
        path = data["skelPath"][index]
        actor = next((a.spec.prim_path for a in view.actors if path.startswith(a.spec.prim_path + "/")), None)
        if actor is None:
            continue
        entry: dict[str, Any] = {
            "skel_name": data["skelName"][index],
            "skel_path": path,
            "in_view": bool(data["inView"][index]),
            "skeleton_joints": list(data["skeletonJoints"][index]),
        }
        for key, split in parts.items():
            numbers = split[index]
            entry[key] = rounded(numbers) if numbers.dtype.kind == "f" else numbers.tolist()
        yield actor, "skeleton_data", entry

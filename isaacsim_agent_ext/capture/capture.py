"""Renders each view once and hands every writer the annotators it asked for."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.capture import boxes, pixels, segmentation
from isaacsim_agent_ext.capture.extents import EntityExtents, VisibleExtents, visible_extents
from isaacsim_agent_ext.capture.frame import AnnotatorData, AnnotatorRequest, CapturedView
from isaacsim_agent_ext.capture.labels import LabelTable, label_table
from isaacsim_agent_ext.capture.local_bounds import LocalBounds
from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.capture.skeletons import skeleton_data
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.render.gbuffer import AmodalExtents, GBuffer
from isaacsim_agent_ext.scene.snapshot import SceneFrame, SceneSnapshot
from isaacsim_agent_ext.sensors.camera import CameraView

ANNOTATORS = (
    "bounding_box_2d_loose",
    "bounding_box_2d_tight",
    "bounding_box_3d",
    "camera_params",
    "distance_to_camera",
    "distance_to_image_plane",
    "instance_id_segmentation",
    "instance_segmentation",
    "motion_vectors",
    "normals",
    "occlusion",
    "pointcloud",
    "prim_labels",
    "rgb",
    "semantic_segmentation",
    "skeleton_data",
)
"""Every annotator there is; each but ``prim_labels`` is Replicator's. Those with a ``_fast`` twin answer to both."""

SHADED_ANNOTATORS = frozenset({"rgb", "pointcloud"})
"""The annotators for which the picture has to be shaded."""


class ViewRenderer(Protocol):
    """What capture asks of a renderer, which stands at the frame that is captured."""

    def render(self, camera: CameraView, *, shaded: bool = True, previous: CameraView | None = None) -> GBuffer:
        """Render one image; ``previous`` is the camera in the frame before, when it has moved."""

    def amodal_extents(self, camera: CameraView, entity_of_instance: np.ndarray, entity_count: int) -> AmodalExtents:
        """Measure each entity as if it were alone."""

    def instance_points(self, index: int) -> np.ndarray:
        """Return the world positions ``(vertices, 3)`` of an instance [m]."""


class Capture:
    """Turns what a renderer sees into annotators, one rendering per view however many writers there are."""

    def __init__(
        self,
        snapshot: SceneSnapshot,
        renderer: ViewRenderer,
        requests: Mapping[str, Sequence[AnnotatorRequest]],
    ):
        """Prepare the label tables.

        Args:
            snapshot: The scene the renderer renders.
            renderer: Brought to each frame by the caller before the frame is captured.
            requests: What each writer wants, by the writer's key.

        Raises:
            ConfigError: An annotator or a semantic filter is not valid.
        """
        self._snapshot = snapshot
        self._renderer = renderer
        self._requests = {key: tuple(_checked(key, request) for request in wanted) for key, wanted in requests.items()}
        filters = sorted({request.semantic_filter for wanted in self._requests.values() for request in wanted})
        self._tables = {predicate: label_table(snapshot, parse_filter(predicate)) for predicate in filters}
        self._bounds = LocalBounds(snapshot, renderer.instance_points)

    def view(
        self,
        frame: int,
        time: float,
        camera: CameraView,
        scene_frame: SceneFrame,
        actors: Sequence[ActorState] = (),
        *,
        writers: Collection[str] | None = None,
        previous: CameraView | None = None,
    ) -> dict[str, CapturedView]:
        """Capture one camera in the frame the renderer stands at.

        Args:
            frame: Simulation frame.
            time: Its simulated time [s].
            camera: The camera.
            scene_frame: What has moved: the one the renderer was brought to.
            actors: Every actor's state.
            writers: Keys of the writers that record this view; None for all.
            previous: The camera in the frame before, when it moves.

        Returns:
            One view per writer, by key. Writers that ask for the same thing get the same arrays, so they must not
            write into them.
        """
        keys = [key for key in self._requests if writers is None or key in writers]
        wanted = {request for key in keys for request in self._requests[key]}
        if not wanted:
            return {}
        shaded = any(request.name in SHADED_ANNOTATORS for request in wanted)
        gbuffer = self._renderer.render(camera, shaded=shaded, previous=previous)
        ordered = tuple(sorted(actors, key=lambda actor: actor.spec.prim_path))
        annotators = _ViewAnnotators(
            snapshot=self._snapshot,
            renderer=self._renderer,
            tables=self._tables,
            bounds=self._bounds,
            gbuffer=gbuffer,
            camera=camera,
            scene_frame=scene_frame,
            actors=ordered,
        )
        results = {request: annotators.get(request) for request in sorted(wanted, key=repr)}
        return {
            key: CapturedView(
                frame=frame,
                time=time,
                camera=camera,
                annotators={request.name: results[request] for request in self._requests[key]},
                actors=ordered,
            )
            for key in keys
        }


@dataclass(kw_only=True)
class _ViewAnnotators:
    """The annotators of one view; what several of them need is computed once."""

    snapshot: SceneSnapshot
    renderer: ViewRenderer
    tables: Mapping[str, LabelTable]
    bounds: LocalBounds
    gbuffer: GBuffer
    camera: CameraView
    scene_frame: SceneFrame
    actors: tuple[ActorState, ...]
    _extents_of: dict[str, EntityExtents] = field(default_factory=dict)

    @cached_property
    def visible(self) -> VisibleExtents:
        """What each instance shows."""
        return visible_extents(self.gbuffer.instance, len(self.snapshot.instances))

    def extents(self, predicate: str) -> EntityExtents:
        """Return what each entity shows, and what it would show alone."""
        if predicate not in self._extents_of:
            table = self.tables[predicate]
            count = len(table.entities)
            self._extents_of[predicate] = EntityExtents(
                self.visible.grouped(table.entity_of_instance, count),
                self.renderer.amodal_extents(self.camera, table.entity_of_instance, count),
            )
        return self._extents_of[predicate]

    def get(self, request: AnnotatorRequest) -> AnnotatorData:
        """Compute one annotator."""
        table = self.tables[request.semantic_filter]
        gbuffer, camera = self.gbuffer, self.camera
        match request.name.removesuffix("_fast"):
            case "rgb":
                return AnnotatorData(gbuffer.rgb)
            case "distance_to_camera":
                return AnnotatorData(gbuffer.distance_to_camera)
            case "distance_to_image_plane":
                return AnnotatorData(gbuffer.distance_to_image_plane)
            case "normals":
                return pixels.normals(gbuffer)
            case "motion_vectors":
                return pixels.motion_vectors(gbuffer)
            case "camera_params":
                return pixels.camera_params(camera)
            case "pointcloud":
                return pixels.pointcloud(gbuffer, camera, table, include_unlabelled=request.include_unlabelled)
            case "semantic_segmentation":
                return segmentation.semantic_segmentation(
                    gbuffer.instance, self.visible, table, colorize=request.colorize
                )
            case "instance_segmentation":
                return segmentation.instance_segmentation(
                    gbuffer.instance, self.visible, table, colorize=request.colorize
                )
            case "instance_id_segmentation":
                return segmentation.instance_id_segmentation(
                    gbuffer.instance, self.visible, table, colorize=request.colorize
                )
            case "bounding_box_2d_tight":
                return boxes.bounding_box_2d_tight(self.extents(request.semantic_filter), table)
            case "bounding_box_2d_loose":
                return boxes.bounding_box_2d_loose(self.extents(request.semantic_filter), table)
            case "bounding_box_3d":
                return self._bounding_box_3d(request.semantic_filter)
            case "occlusion":
                return boxes.occlusion(self.extents(request.semantic_filter), table)
            case "skeleton_data":
                return skeleton_data(self.snapshot, self.scene_frame, gbuffer, camera, self.actors)
            case "prim_labels":
                return AnnotatorData({entity.prim_path: dict(entity.labels) for entity in table.entities})
        raise AssertionError(f"annotator {request.name} is listed but not computed")

    def _bounding_box_3d(self, predicate: str) -> AnnotatorData:
        table, extents = self.tables[predicate], self.extents(predicate)
        in_view = [table.entities[row] for row in extents.in_view]
        local_bounds, transforms = self.bounds.measure(in_view, self.scene_frame)
        return boxes.bounding_box_3d(local_bounds, transforms, extents, table)


def _checked(writer: str, request: AnnotatorRequest) -> AnnotatorRequest:
    if request.name.removesuffix("_fast") in ANNOTATORS:
        return request
    near = difflib.get_close_matches(request.name, ANNOTATORS, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(ANNOTATORS)}"
    raise ConfigError([Problem(f"replicator.writers.{writer}", f"`{request.name}` is no annotator; {hint}")])

"""What the cameras see: render products, Replicator's annotators on them, and the views they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import carb
import numpy as np
import omni.replicator.core as rep

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.capture.frame import AnnotatorData, AnnotatorRequest, CapturedView
from isaacsim_agent_ext.capture.labels import label_table
from isaacsim_agent_ext.capture.pixels import camera_params
from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.capture.skeletons import skeleton_data
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.hosts.kit.annotators import KIT_NAMES, OURS, init_params, labels_of, tidy, unwrap
from isaacsim_agent_ext.hosts.kit.app import within
from isaacsim_agent_ext.hosts.kit.settings import frame_seconds, render_subframes
from isaacsim_agent_ext.render.gbuffer import BACKGROUND, GBuffer
from isaacsim_agent_ext.scene.snapshot import SceneFrame, SceneSnapshot
from isaacsim_agent_ext.sensors.camera import CameraView

UNKNOWN = -2
"""What a pixel shows that is not in the snapshot, such as something a script added meanwhile."""

_FOR_SKELETONS = (
    AnnotatorRequest(name="distance_to_image_plane"),
    AnnotatorRequest(name="instance_id_segmentation"),
)
_DISTANCES = ("distance_to_camera", "distance_to_image_plane")


class KitCapture:
    """The render products of a recording, and the annotators on them."""

    def __init__(
        self,
        snapshot: SceneSnapshot,
        cameras: Sequence[CameraView],
        requests: Mapping[str, Sequence[AnnotatorRequest]],
        *,
        to_world: np.ndarray,
    ):
        """Make a render product for every camera.

        Args:
            snapshot: The scene, which knows labels and skeletons.
            cameras: The cameras.
            requests: What each writer wants, by its key.
            to_world: ``(4, 4)`` from stage coordinates to metres, Z-up.
        """
        self._snapshot = snapshot
        self._requests = dict(requests)
        self._to_world = to_world
        self._unit = float(np.linalg.norm(to_world[0, :3]))
        self._instances = {instance.prim_path: index for index, instance in enumerate(snapshot.instances)}
        filters = {request.semantic_filter for wanted in self._requests.values() for request in wanted}
        self._labels = {
            predicate: {entity.prim_path: dict(entity.labels) for entity in table.entities}
            for predicate in sorted(filters)
            for table in [label_table(snapshot, parse_filter(predicate))]
        }
        self.products: dict[str, Any] = {}
        self._annotators: dict[str, dict[AnnotatorRequest, Any]] = {}
        try:
            for camera in cameras:
                self._attach(camera)
        except BaseException:
            self.close()
            raise

    async def step(self) -> None:
        """Render the present state of the stage to all products, without moving the timeline or pausing it.

        Raises:
            SceneError: It takes longer than the setting ``frame_timeout``.
        """
        await within(
            rep.orchestrator.step_async(rt_subframes=render_subframes(), delta_time=0.0, pause_timeline=False),
            frame_seconds(),
            "a frame to be rendered",
            advice="lower render_product_resolution, or raise /exts/isaacsim_agent_ext/frame_timeout",
        )

    def view(
        self,
        frame: int,
        time: float,
        camera: CameraView,
        scene_frame: SceneFrame,
        actors: Sequence[ActorState],
        *,
        writers: Sequence[str],
    ) -> dict[str, CapturedView]:
        """Return what each writer is to see of a camera in the frame that was rendered last.

        Args:
            frame: Simulation frame.
            time: Its simulated time [s].
            camera: The camera as it stands in that frame.
            scene_frame: What has moved.
            actors: Every actor's state.
            writers: Keys of the writers that record this view.
        """
        ordered = tuple(sorted(actors, key=lambda actor: actor.spec.prim_path))
        read: dict[AnnotatorRequest, AnnotatorData] = {}

        def get(request: AnnotatorRequest) -> AnnotatorData:
            if request not in read:
                annotator = self._annotators[camera.prim_path][request]
                read[request] = self._in_metres(
                    request.name, tidy(request, unwrap(annotator.get_data()), camera.resolution)
                )
            return read[request]

        views = {}
        for key in writers:
            annotators: dict[str, AnnotatorData] = {}
            for request in self._requests[key]:
                match request.name:
                    case "camera_params":
                        annotators[request.name] = camera_params(camera)
                    case "skeleton_data":
                        surfaces = self._surfaces(*map(get, _FOR_SKELETONS))
                        annotators[request.name] = skeleton_data(self._snapshot, scene_frame, surfaces, camera, ordered)
                    case "prim_labels":
                        pass
                    case _:
                        annotators[request.name] = get(request)
            for request in self._requests[key]:
                if request.name == "prim_labels":
                    annotators[request.name] = self._prim_labels(request, annotators)
            views[key] = CapturedView(frame=frame, time=time, camera=camera, annotators=annotators, actors=ordered)
        return views

    def attached(self, camera_path: str) -> Mapping[AnnotatorRequest, Any]:
        """Return Replicator's annotators on a camera's render product."""
        return self._annotators[camera_path]

    def close(self) -> None:
        """Take everything off the app."""
        for annotators in self._annotators.values():
            for annotator in annotators.values():
                annotator.detach()
        self._annotators.clear()
        for product in self.products.values():
            product.destroy()
        self.products.clear()

    def _attach(self, camera: CameraView) -> None:
        product = rep.create.render_product(
            camera.prim_path, camera.resolution, force_new=True, name=camera.prim_path.strip("/").replace("/", "_")
        )
        self.products[camera.prim_path] = product
        own = self._annotators.setdefault(camera.prim_path, {})
        wanted = {request for requests in self._requests.values() for request in requests}
        if any(request.name == "skeleton_data" for request in wanted):
            wanted |= set(_FOR_SKELETONS)
        for request in sorted(wanted, key=repr):
            if request.name not in OURS:
                own[request] = get_annotator(request)
                own[request].attach(product)

    def _in_metres(self, name: str, result: AnnotatorData) -> AnnotatorData:
        """Turn what the app states in stage units and axes into metres, Z-up."""
        if np.allclose(self._to_world, np.eye(4)):
            return result
        data = result.data
        if name in _DISTANCES:
            return AnnotatorData(data * np.float32(self._unit), result.info)
        if name == "normals":
            normals = data.copy()
            normals[..., :3] = data[..., :3] @ (self._to_world[:3, :3] / self._unit)
            return AnnotatorData(normals, result.info)
        if name == "pointcloud":
            points = data.reshape(-1, 3) @ self._to_world[:3, :3] + self._to_world[3, :3]
            return AnnotatorData(points.astype(np.float32), result.info)
        if name.startswith("bounding_box_3d"):
            boxes = data.copy()
            for corner in ("x_min", "y_min", "z_min", "x_max", "y_max", "z_max"):
                boxes[corner] *= self._unit
            shrink = np.diag([1 / self._unit] * 3 + [1.0])
            boxes["transform"] = shrink @ boxes["transform"].astype(np.float64) @ self._to_world
            return AnnotatorData(boxes, result.info)
        return result

    def _surfaces(self, distance: AnnotatorData, identity: AnnotatorData) -> GBuffer:
        """Return what hides joints: which mesh each pixel shows, and how far away it is."""
        shown = np.asarray(identity.data)
        numbers = np.full(int(shown.max(initial=0)) + 1, UNKNOWN, np.int32)
        numbers[0] = BACKGROUND
        for key, path in identity.info.get("idToLabels", {}).items():
            if isinstance(key, int) and 0 < key < len(numbers):
                numbers[key] = BACKGROUND if path == "BACKGROUND" else self._instances.get(str(path), UNKNOWN)
        nothing = np.zeros(0, np.float32)
        return GBuffer(
            instance=numbers[shown],
            distance_to_camera=nothing,
            distance_to_image_plane=np.asarray(distance.data),
            normals=nothing,
            motion=nothing,
        )

    def _prim_labels(self, request: AnnotatorRequest, annotators: Mapping[str, AnnotatorData]) -> AnnotatorData:
        labels = dict(self._labels[request.semantic_filter])
        for name, result in annotators.items():
            if name.startswith("bounding_box"):
                for path, found in labels_of(result).items():
                    labels.setdefault(path, found)
        return AnnotatorData(labels)


def get_annotator(request: AnnotatorRequest) -> Any:
    """Return Replicator's annotator for a request, not attached yet.

    Raises:
        SceneError: It has none, under any name and with any parameters that versions know.
    """
    choices = [init_params(request)]
    if request.semantic_filter != AnnotatorRequest.semantic_filter:  # by default Replicator has labels of class only
        choices.insert(0, {**(choices[0] or {}), "semanticFilter": request.semantic_filter})
    failure = ""
    for name in dict.fromkeys((KIT_NAMES.get(request.name, request.name), request.name)):
        for parameters in choices:
            try:
                return rep.AnnotatorRegistry.get_annotator(name, init_params=parameters)
            except Exception as error:  # not every version has every name and parameter
                failure = f"{name} with {parameters}: {error!r}"
                carb.log_warn(f"isaacsim_agent_ext: Replicator has no annotator {failure}")
    raise SceneError(f"Replicator has no annotator {request.name}; tried last was {failure}")

"""Writers across the border: ours as Replicator's, and Replicator's in our configs.

Every writer of `isaacsim_agent_ext.writers.registry` that Replicator does not have becomes a ``Writer`` of Replicator::

    writer = rep.WriterRegistry.get("IRABasicWriter")
    writer.initialize(output_dir="/data/run", rgb=True, object_info_bounding_box_2d_tight=True)
    writer.attach(render_product)

The other way round, a config's ``CustomWriter`` names any writer that Replicator has registered.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import omni.replicator.core as rep

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.capture.frame import AnnotatorData, AnnotatorRequest, CapturedView
from isaacsim_agent_ext.capture.pixels import camera_params
from isaacsim_agent_ext.config.defaults import fill_defaults
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.errors import AgentError, ConfigError, Problem
from isaacsim_agent_ext.hosts.kit.annotators import KIT_NAMES, OURS, labels_of, tidy, unwrap
from isaacsim_agent_ext.hosts.kit.app import tell_error
from isaacsim_agent_ext.hosts.kit.capture import get_annotator
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.base import CHUNK_FRAMES, FRAMES_PER_SECOND, Writer
from isaacsim_agent_ext.writers.registry import WRITER_TYPES, create_writer

CUSTOM = "CustomWriter"
"""The config's type for a writer of Replicator's."""


def is_replicators(config: WriterConfig) -> bool:
    """Return whether Replicator writes what this part of a config asks for."""
    return config.type == CUSTOM


class AttachedWriter:
    """A writer of Replicator's at work on our render products."""

    def __init__(self, writer: Any):
        self._writer = writer

    def detach(self) -> None:
        """Let it finish what it has, and take it off; a second time does nothing."""
        if self._writer is not None:
            self._writer.detach()
        self._writer = None


def check_custom_writers(configs: Sequence[WriterConfig]) -> None:
    """Make sure that Replicator has the writers which a config names, and that they take its parameters.

    Raises:
        ConfigError: With the problems of all of them.
    """
    registered = dict(rep.WriterRegistry.get_writers())
    problems = []
    for config in filter(is_replicators, configs):
        name = str(config.parameters.get("writer_name"))
        key_path = f"replicator.writers.{config.key}"
        if name not in registered:
            there = ", ".join(sorted(map(str, registered))) or "none"
            problems.append(Problem(f"{key_path}.writer_name", f"Replicator has no writer `{name}`; it has: {there}"))
            continue
        parameters = inspect.signature(registered[name].__init__).parameters
        if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
            continue
        for key in sorted(set(_their_parameters(config)) - set(parameters)):
            there = ", ".join(sorted(set(parameters) - {"self"}))
            problems.append(Problem(f"{key_path}.{key}", f"`{name}` does not take this parameter; it takes: {there}"))
    if problems:
        raise ConfigError(problems)


def attach_writer(config: WriterConfig, output_dir: Path, products: Sequence[Any]) -> AttachedWriter:
    """Initialize a writer of Replicator's and attach it to render products."""
    writer = rep.WriterRegistry.get(str(config.parameters["writer_name"]))
    parameters = _their_parameters(config)
    takes = inspect.signature(type(writer).__init__).parameters
    if "output_dir" in takes or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in takes.values()):
        parameters["output_dir"] = str(output_dir)
    writer.initialize(**parameters)
    writer.attach(list(products))
    return AttachedWriter(writer)


def _their_parameters(config: WriterConfig) -> dict[str, Any]:
    return {key: value for key, value in config.parameters.items() if key not in ("writer_name", "writer_scope")}


class RegisteredWriters:
    """Our writers in Replicator's registry, until they are taken out again."""

    def __init__(self) -> None:
        self._actors: Callable[[], Sequence[ActorState]] = tuple
        self._names: list[str] = []

    @contextmanager
    def knowing(self, actors: Callable[[], Sequence[ActorState]]) -> Iterator[None]:
        """Tell the writers of the actors while a world of ours is recorded."""
        self._actors = actors
        try:
            yield
        finally:
            self._actors = tuple

    def register(self) -> None:
        """Register what Replicator does not have under the same name; a second time adds nothing."""
        present = set(rep.WriterRegistry.get_writers())
        for name in WRITER_TYPES:
            if name not in present:
                rep.WriterRegistry.register(writer_class(name, self._present_actors))
                self._names.append(name)

    def _present_actors(self) -> Sequence[ActorState]:
        return self._actors()

    def unregister(self) -> None:
        """Take them out again."""
        for name in self._names:
            rep.writers.unregister_writer(name)
        self._names.clear()


def writer_class(name: str, actors: Callable[[], Sequence[ActorState]] = tuple) -> type:
    """Return one of our writers as a class for Replicator.

    Args:
        name: One of `isaacsim_agent_ext.writers.registry.WRITER_TYPES`.
        actors: Returns every actor's state when a frame is written.
    """

    def __init__(self: Any, output_dir: str = "", **parameters: Any) -> None:  # noqa: N807 - becomes a method
        self.version = "1.0.0"
        self.data_structure = "renderProduct"
        self.backend = self._backend = None  # files are written by our own sink, whole or not at all
        self._frame_id = 0
        self._adapter = _Adapter(name, output_dir, parameters, actors)
        self.annotators = self._adapter.annotators

    def write(self: Any, data: Mapping[str, Any]) -> None:
        try:
            self._adapter.write(self._frame_id, data)
        except AgentError as error:
            tell_error(str(error))
        self._frame_id += 1

    def detach(self: Any) -> None:
        on_final_frame(self)
        rep.Writer.detach(self)

    def on_final_frame(self: Any) -> None:
        if hasattr(self, "_adapter"):  # else it was never initialized
            self._adapter.finish()

    doc = f"{name} of isaacsim_agent_ext: its parameters are those of a config, plus ``output_dir``."
    members = {
        "__init__": __init__, "write": write, "detach": detach, "on_final_frame": on_final_frame,
        "__doc__": doc, "__module__": __name__,
    }  # fmt: skip
    return type(name, (rep.Writer,), members)


class _Adapter:
    """One of our writers, fed with what Replicator hands over."""

    def __init__(
        self, name: str, output_dir: str, parameters: Mapping[str, Any], actors: Callable[[], Sequence[ActorState]]
    ):
        self.annotators: list[Any] = []
        self._writer: Writer | None = None
        if not output_dir:  # Replicator makes every writer once without arguments, before `initialize`
            return
        config = WriterConfig(key=name, type=name, output_dir=output_dir, parameters=_with_defaults(name, parameters))
        self._writer = create_writer(config, LocalSink(Path(output_dir).expanduser()))
        self._actors = actors
        self._cameras: dict[str, CameraView] = {}
        self._frames: list[int] = []
        self._requests = tuple(request for request in self._writer.requests if request.name != "skeleton_data")
        self.annotators = [get_annotator(request) for request in self._requests if request.name not in OURS]
        self.annotators.append(get_annotator(AnnotatorRequest(name="camera_params")))

    def write(self, frame: int, data: Mapping[str, Any]) -> None:
        if self._writer is None:
            return
        if not self._frames or frame % CHUNK_FRAMES == 0:
            if self._frames:
                self._writer.end_chunk()
            self._writer.begin_chunk(frame)
        self._frames.append(frame)
        ordered = tuple(sorted(self._actors(), key=lambda actor: actor.spec.prim_path))
        for name, product in sorted(_products(data).items()):
            camera = _camera_view(name, product)
            self._cameras[camera.prim_path] = camera
            annotators = {
                request.name: tidy(request, unwrap(_result(product, request.name)), camera.resolution)
                for request in self._requests
                if request.name not in OURS
            }
            for request in self._requests:
                if request.name == "camera_params":
                    annotators[request.name] = camera_params(camera)
                elif request.name == "prim_labels":
                    labels: dict[str, dict[str, str]] = {}
                    for key, result in annotators.items():
                        if key.startswith("bounding_box"):
                            labels |= labels_of(result)
                    annotators[request.name] = AnnotatorData(labels)
            self._writer.write(
                CapturedView(
                    frame=frame, time=frame / FRAMES_PER_SECOND, camera=camera, annotators=annotators, actors=ordered
                )
            )

    def finish(self) -> None:
        """Write what spans frames; a second time does nothing."""
        if self._writer is not None and self._frames:
            self._writer.end_chunk()
            self._writer.finish(list(self._cameras.values()), self._frames)
            self._frames = []


def _with_defaults(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a writer's parameters with the defaults that a config would have."""
    filled = fill_defaults({"replicator": {"writers": {name: dict(parameters)}}})
    return dict(filled["replicator"]["writers"][name])


def _products(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the render products of a frame by name, from any of Replicator's data structures."""
    if "renderProducts" in data:
        return dict(data["renderProducts"])
    found: dict[str, dict[str, Any]] = {}
    if "annotators" in data:
        for annotator, products in data["annotators"].items():
            for name, result in products.items():
                found.setdefault(name, {})[annotator] = result
        return dict(found)
    names = [key for key in data if key.startswith("rp_")]
    for key, result in data.items():
        annotator, _, suffix = key.partition("-")
        owner = suffix or (names[0].removeprefix("rp_") if names else "Replicator")
        if key in names or annotator in ("trigger_outputs", "reference_time", "distribution_outputs"):
            continue
        found.setdefault(owner, {})[annotator] = result
    for key in names:
        found.setdefault(key.removeprefix("rp_"), {}).update(data[key])
    return dict(found)


def _result(product: Mapping[str, Any], name: str) -> Any:
    for key in (KIT_NAMES.get(name, name), name):
        if key in product:
            return product[key]
    raise KeyError(f"Replicator handed over no {name}; it has {', '.join(sorted(product))}")


def _camera_view(name: str, product: Mapping[str, Any]) -> CameraView:
    """Return the camera of a render product, from what ``camera_params`` says."""
    fields = unwrap(product["camera_params"]).data
    view = np.asarray(fields["cameraViewTransform"], np.float64).reshape(4, 4)
    resolution = product.get("resolution", fields.get("renderProductResolution"))
    near, far = np.asarray(fields["cameraNearFar"], np.float64).tolist()
    unit = float(fields.get("metersPerSceneUnit", 1.0))
    transform = np.linalg.inv(view)
    transform[3, :3] *= unit
    return CameraView(
        prim_path=str(product.get("camera") or f"/{name}"),
        transform=transform,
        resolution=(int(resolution[0]), int(resolution[1])),
        focal_length=float(fields["cameraFocalLength"]),
        horizontal_aperture=float(fields["cameraAperture"][0]),
        clipping_range=(near * unit, far * unit),
    )

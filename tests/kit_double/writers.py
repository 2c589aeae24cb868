"""Replicator's writers and backends: the base class, the data it is handed in each shape, BasicWriter, the disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from kit_double import annotators as shapes
from kit_double.boxes import View
from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit


def writer_data(kit: Kit, writer: Any, seen: list[tuple[Any, View]]) -> dict[str, Any]:
    """Return one frame in the shape the writer has chosen."""
    structure = writer.data_structure or "legacy"
    if structure not in ("legacy", "annotator", "renderProduct"):
        raise ValueError(f"data_structure {structure!r} is none of legacy, annotator, renderProduct")
    data: dict[str, Any] = {"trigger_outputs": {"on_frame": kit.replicator.captures}, "distribution_outputs": {}}
    if structure == "annotator":
        data["annotators"] = {}
    if structure == "renderProduct":
        data["renderProducts"] = {
            product._name: {"resolution": np.array(product._size), "camera": product._camera} for product, _ in seen
        }
    for annotator in writer.annotators:
        made = kit.make("omni.replicator.core.Annotator", annotator, None) if isinstance(annotator, str) else annotator
        for product, view in seen:
            value = shapes.annotate(made._plain, view, made._params)
            if structure == "legacy":
                key = made._name if len(seen) == 1 else f"{made._name}-{product._name}"
                data[key] = value  # info stays nested
            elif structure == "annotator":
                data["annotators"].setdefault(made._name, {})[product._name] = _flat(value)
            else:
                data["renderProducts"][product._name][made._name] = _flat(value)
    if structure == "legacy":
        for product, _ in seen:
            data[f"rp_{product._name}"] = {"resolution": np.array(product._size), "camera": product._camera}
    return data


def _flat(value: Any) -> dict[str, Any]:
    """Put info keys beside the data, as all shapes but the legacy one do."""
    if isinstance(value, np.ndarray):
        return {"data": value}
    if set(value) == {"data", "info"}:
        return {"data": value["data"], **value["info"]}
    return value


@emulate("omni.replicator.core.Writer")
class Writer:
    _kit: Kit
    _open = True
    _kit_products: tuple[Any, ...] = ()
    version = "0.0.0"
    data_structure = "legacy"
    annotators: list[Any] = []  # noqa: RUF012 - as in the original: every writer sets its own
    backend: Any = None

    def initialize(self, **kwargs: Any) -> None:
        self.__init__(**kwargs)  # type: ignore[misc]

    def attach(self, render_products: Any, trigger: Any = "omni.replicator.core.OgnOnFrame") -> None:
        products = render_products if isinstance(render_products, list | tuple) else [render_products]
        gone = [product for product in products if product not in self._kit.replicator.products]
        if gone:
            raise ValueError(f"render product {gone[0]!r} does not exist")
        self._kit_products = tuple(products)
        if self not in self._kit.replicator.attached:
            self._kit.replicator.attached.append(self)

    async def attach_async(self, render_products: Any, trigger: Any = "omni.replicator.core.OgnOnFrame") -> None:
        await self._kit.stages.sleep(1)
        Writer.attach(self, render_products, trigger)

    def detach(self) -> None:
        self._kit_products = ()
        if self in self._kit.replicator.attached:
            self._kit.replicator.attached.remove(self)

    def write(self, data: dict[str, Any]) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no write()")

    def on_final_frame(self) -> None:
        """Writers may override this."""


class _DefaultWriters:
    def __get__(self, instance: Any, owner: Any) -> list[str]:
        return owner._kit.replicator.default_writers


@emulate("omni.replicator.core.WriterRegistry")
class WriterRegistry:
    _kit: Kit
    _default_writers = _DefaultWriters()

    @classmethod
    def register(cls, writer: Any, category: str | None = None) -> None:
        register_writer(cls._kit, writer, category)

    @classmethod
    def get(cls, name: str, init_params: Any = None, render_products: Any = None, trigger: Any = None) -> Any:
        return get_writer(cls._kit, name, init_params, render_products, trigger)

    @classmethod
    def get_writers(cls) -> dict[str, Any]:
        cls._kit.replicator.stock()
        return dict(cls._kit.replicator.registry)


@emulate("omni.replicator.core.writers.register_writer")
def register_writer(kit: Kit, writer: Any, category: str | None = None) -> None:
    base = kit.guard.build(kit.contract.modules["omni.replicator.core"]["Writer"])
    if not (isinstance(writer, type) and issubclass(writer, base)):
        raise TypeError(f"{writer!r} is no Writer class")
    kit.replicator.stock()
    if writer.__name__ in kit.replicator.registry:
        kit.log.append(("warn", f"writer {writer.__name__} is already registered: it is replaced"))
    kit.replicator.registry[writer.__name__] = writer


@emulate("omni.replicator.core.writers.unregister_writer")
def unregister_writer(kit: Kit, writer: Any) -> None:
    name = writer if isinstance(writer, str) else writer.__name__
    if kit.replicator.registry.pop(name, None) is None:
        raise ValueError(f"writer {name!r} is not registered")


@emulate("omni.replicator.core.writers.get")
def get_writer(kit: Kit, name: str, init_params: Any = None, render_products: Any = None, trigger: Any = None) -> Any:
    kit.replicator.stock()
    if name not in kit.replicator.registry:
        raise ValueError(f"writer {name!r} is not registered")
    kind = kit.replicator.registry[name]
    writer = kind.__new__(kind)  # without its __init__: initialize() runs it
    if init_params is not None:
        writer.initialize(**init_params)
    if render_products is not None:
        writer.attach(render_products)
    return writer


# -- backends ----------------------------------------------------------------------------------------------------------


class Backends:
    """Writes later: an array that is changed after it was handed over is written changed."""

    def __init__(self) -> None:
        self._queue: list[tuple[Path, Any, Callable[[Path, Any], None]]] = []
        self._due = 0

    def put(self, path: Path, data: Any, save: Callable[[Path, Any], None]) -> None:
        """Queue one file."""
        self._queue.append((path, data, save))

    def is_done(self) -> bool:
        """Whether everything is on disk."""
        return not self._queue

    def flush(self, kit: Kit) -> None:
        """Write what was queued before this update."""
        queue, self._queue = self._queue[: self._due], self._queue[self._due :]
        self._due = len(self._queue)
        for path, data, save in queue:
            try:
                save(path, data)
            except Exception as error:
                kit.log.append(("error", f"[omni.replicator] could not write {path}: {error!r}"))


def save_image(path: Path, data: Any) -> None:
    """Write an image file."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(data)).save(path)


def save_bytes(path: Path, data: bytes) -> None:
    """Write a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def save_array(path: Path, data: Any) -> None:
    """Write an array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, data)


def save_json(path: Path, data: Any) -> None:
    """Write JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


@emulate("omni.replicator.core.BackendDispatch")
class BackendDispatch:
    _kit: Kit

    def __init__(self, paths: Any = None, *, output_dir: str = "", **options: Any):
        self.output_dir = output_dir or (paths or {}).get("paths", {}).get("out_dir", "")
        if not self.output_dir and not options.get("bucket"):
            raise ValueError("BackendDispatch: no output_dir")

    def _put(self, path: str, data: Any, save: Callable[[Path, Any], None]) -> None:
        self._kit.replicator.backends.put(Path(self.output_dir) / path, data, save)

    def write_image(self, path: str, data: Any) -> None:
        self._put(path, data, save_image)

    def write_blob(self, path: str, data: bytes) -> None:
        self._put(path, data, save_bytes)

    def write_array(self, path: str, data: Any) -> None:
        self._put(path, data, save_array)

    def write_json(self, path: str, data: Any) -> None:
        self._put(path, data, save_json)

    def schedule(self, fn: Any, data: Any = None, path: str = "") -> None:
        self._put(path, data, lambda where, what: fn(path=str(where), data=what))

    @staticmethod
    def is_done_writing() -> bool:
        return _dispatching().replicator.backends.is_done()


def _dispatching() -> Kit:
    import sys

    return sys.modules["omni.replicator.core"]._kit  # type: ignore[attr-defined]


@emulate("omni.replicator.core.backends.get")
def get_backend(kit: Kit, name: str) -> Any:
    if name == "DiskBackend":
        return kit.make("omni.replicator.core.backends.DiskBackend")
    if name == "S3Backend":
        return kit.make("omni.replicator.core.backends.S3Backend")
    raise ValueError(f"backend {name!r} is not registered")


@emulate("omni.replicator.core.backends.DiskBackend")
class DiskBackend:
    _kit: Kit

    def __init__(self, output_dir: str = "", overwrite: bool = True):
        self._output_dir = output_dir

    def initialize(self, output_dir: str, overwrite: bool = True) -> None:
        self._output_dir = output_dir

    def schedule(self, fn: Any, data: Any = None, path: str = "") -> None:
        where = Path(self._output_dir) / path
        self._kit.replicator.backends.put(where, data, lambda at, what: fn(path=str(at), data=what))


@emulate("omni.replicator.core.backends.S3Backend")
class S3Backend:
    _kit: Kit

    def initialize(self, key_prefix: str, bucket: str, region: str = "", endpoint_url: str = "") -> None:
        self._bucket = bucket

    def schedule(self, fn: Any, data: Any = None, path: str = "") -> None:
        raise RuntimeError("the double has no network")


@emulate("omni.replicator.core.scripts.backends.BackendGroup")
class BackendGroup:
    def __init__(self, backends: Any):
        self._backends = list(backends)


@emulate("omni.replicator.core.functional.write_image")
def write_image(kit: Kit, *, path: str, data: Any) -> None:
    save_image(Path(path), data)


@emulate("omni.replicator.core.functional.write_json")
def write_json(kit: Kit, *, path: str, data: Any) -> None:
    save_json(Path(path), data)


# -- writers that come with Replicator ---------------------------------------------------------------------------------


def _basic_writer(kit: Kit, base: type) -> type:
    """Return BasicWriter, as far as jobs use it: images, distances and labels under one folder."""

    class BasicWriter(base):  # type: ignore[misc,valid-type]
        def __init__(
            self,
            output_dir: str,
            rgb: bool = False,
            normals: bool = False,
            semantic_segmentation: bool = False,
            instance_segmentation: bool = False,
            bounding_box_2d_tight: bool = False,
            distance_to_camera: bool = False,
            camera_params: bool = False,
            colorize_semantic_segmentation: bool = True,
            colorize_instance_segmentation: bool = True,
            frame_padding: int = 4,
        ):
            self._frame_id = 0
            self._padding = frame_padding
            self.backend = self._backend = kit.make("omni.replicator.core.BackendDispatch", output_dir=output_dir)
            params = {
                "semantic_segmentation": {"colorize": colorize_semantic_segmentation},
                "instance_segmentation": {"colorize": colorize_instance_segmentation},
            }
            chosen = {
                "rgb": rgb,
                "normals": normals,
                "semantic_segmentation": semantic_segmentation,
                "instance_segmentation": instance_segmentation,
                "bounding_box_2d_tight": bounding_box_2d_tight,
                "distance_to_camera": distance_to_camera,
                "camera_params": camera_params,
            }
            self.data_structure = "renderProduct"
            self.annotators = [
                kit.make("omni.replicator.core.Annotator", name, params.get(name)) for name, on in chosen.items() if on
            ]

        def write(self, data: dict[str, Any]) -> None:
            products = data["renderProducts"]
            for product, parts in products.items():
                folder = "" if len(products) == 1 else f"{product}/"
                for annotator in self.annotators:
                    self._write_one(folder, annotator._name, parts[annotator._name])
            self._frame_id += 1

        def _write_one(self, folder: str, name: str, part: dict[str, Any]) -> None:
            number = f"{self._frame_id:0{self._padding}d}"
            prefix = f"{folder}{name}/" if folder else ""
            value = part.get("data")
            if name == "camera_params":
                plain = {key: getattr(each, "tolist", lambda each=each: each)() for key, each in part.items()}
                self.backend.write_json(f"{prefix}{name}_{number}.json", plain)
            elif value.dtype == np.uint8:
                self.backend.write_image(f"{prefix}{name}_{number}.png", value)
            else:
                self.backend.write_array(f"{prefix}{name}_{number}.npy", value)
            if "idToLabels" in part:
                self.backend.write_json(f"{prefix}{name}_labels_{number}.json", part["idToLabels"])

    return BasicWriter


STOCK = {"BasicWriter": _basic_writer}

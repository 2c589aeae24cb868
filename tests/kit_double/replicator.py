"""omni.replicator.core: render products, annotators, the registries and the orchestrator."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kit_double import annotators as shapes
from kit_double.boxes import View, box_scene, render
from kit_double.guard import IMPLEMENTATIONS, emulate
from kit_double.writers import STOCK, Backends, writer_data

if TYPE_CHECKING:
    from kit_double.kit import Kit

CAPTURE_ON_PLAY = "/omni/replicator/captureOnPlay"
IMPLEMENTATIONS["omni.replicator.core.orchestrator.Status"] = ["STARTED"]


class Replicator:
    """Everything Replicator holds.

    Attributes:
        products: Render products that are not destroyed.
        attached: Writers that are attached.
        annotators: Annotators that are attached to a render product.
        captures: Frames captured so far.
        registry: Writer classes by name.
        seed: The global seed, or None.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.products: list[Any] = []
        self.attached: list[Any] = []
        self.annotators: list[Any] = []
        self.captures = 0
        self.registry: dict[str, type] = {}
        self.default_writers: list[str] = []
        self.seed: int | None = None
        self.backends = Backends()
        self.stopped = False
        self._names = itertools.count()

    def stock(self) -> None:
        """Register the writers that come with Replicator."""
        base = self._kit.guard.build(self._kit.contract.modules["omni.replicator.core"]["Writer"])
        for name, make in STOCK.items():
            if name not in self.registry:
                self.registry[name] = make(self._kit, base)
                self.default_writers.append(name)

    def update(self) -> None:
        """Write what is queued; capture when playing does."""
        self.backends.flush(self._kit)
        passing = self._kit.timeline.playing and not self._kit.timeline.held
        if passing and self.attached and self._kit.settings.get(CAPTURE_ON_PLAY):
            self.capture()

    def capture(self) -> None:
        """Render every product that anything is attached to, and hand the frame to the writers."""
        kit = self._kit
        self.captures += 1
        used = {id(product) for writer in self.attached for product in writer._kit_products}
        used |= {id(product) for annotator in self.annotators for product in annotator._products}
        views: dict[int, View] = {}
        scene = None
        for product in self.products:
            if id(product) in used and product._enabled:
                scene = scene or box_scene(kit.stages.stage, kit.timeline.time_code)
                camera = kit.stages.stage.GetPrimAtPath(product._camera)
                views[id(product)] = render(scene, camera, kit.timeline.time_code, product._size)
        for annotator in self.annotators:
            for product in annotator._products:
                if id(product) in views:
                    annotator._store(product, views[id(product)])
        for writer in list(self.attached):
            seen = [(product, views[id(product)]) for product in writer._kit_products if id(product) in views]
            try:
                writer.write(writer_data(self._kit, writer, seen))
            except Exception as error:  # Replicator logs and goes on
                kit.log.append(("error", f"[omni.replicator] writer {type(writer).__name__}: {error!r}"))

    async def step(self, rt_subframes: int, pause_timeline: bool, delta_time: float | None) -> None:
        """Capture one frame; it takes a few updates, in which time stands still but for ``delta_time``."""
        timeline = self._kit.timeline
        timeline.commit()
        timeline.held = True
        try:
            await self._kit.stages.sleep(1)
            if delta_time != 0.0:
                timeline.advance(1.0 / timeline.fps if delta_time is None else delta_time)
            await self._kit.stages.sleep(max(1, rt_subframes))
            self.stopped = False
            self.capture()
        finally:
            timeline.held = False
        if pause_timeline and timeline.playing:
            timeline.pending.append(("state", "paused"))
            timeline.commit()

    def finish(self) -> None:
        """End the run: the writers get their last call."""
        if not self.stopped:
            self.stopped = True
            for writer in self.attached:
                writer.on_final_frame()

    def product_name(self, name: str | None) -> str:
        """Return the name of a new render product."""
        base = name or "Replicator"
        taken = {product._name for product in self.products}
        return next(each for each in (base, *(f"{base}_{n:02d}" for n in range(1, 10_000))) if each not in taken)

    def forget_stage(self) -> None:
        """Drop what a stage takes with it."""
        self.products.clear()
        self.annotators.clear()
        self.attached.clear()

    def leftovers(self) -> list[str]:
        """Name the render products, attached writers and registered writer classes."""
        items = [f"render product {product._name}" for product in self.products]
        items += [f"attached writer {type(writer).__name__}" for writer in self.attached]
        return items + [f"registered writer {name}" for name in self.registry if name not in STOCK]


def as_list(products: Any) -> list[Any]:
    """Return one or several things as a list."""
    return list(products) if isinstance(products, Sequence) and not isinstance(products, str) else [products]


# -- render products ---------------------------------------------------------------------------------------------------


@emulate("omni.replicator.core.create.render_product")
def render_product(
    kit: Kit, camera: Any, resolution: tuple[int, int], force_new: bool = False, name: Any = None
) -> Any:
    from pxr import UsdGeom

    path = str(camera.GetPath()) if hasattr(camera, "GetPath") else str(camera)
    prim = kit.stages.stage.GetPrimAtPath(path) if kit.stages.stage else None
    if not prim or not prim.IsA(UsdGeom.Camera):
        raise ValueError(f"render product: there is no camera at {path}")
    width, height = resolution
    if type(width) is not int or type(height) is not int:
        raise TypeError(f"render product: a resolution is two int, not {resolution!r}")
    if name is not None and not re.fullmatch(r"[A-Za-z_]\w*", str(name)):
        raise ValueError(f"render product: {name!r} is no prim name")
    replicator = kit.replicator
    if not force_new:
        for product in replicator.products:
            if product._camera == path and product._size == (width, height):
                return product
    product = kit.make("omni.replicator.core.HydraTexture", path, (width, height), replicator.product_name(name))
    replicator.products.append(product)
    return product


@emulate("omni.replicator.core.HydraTexture")
class HydraTexture:
    _kit: Kit

    def __init__(self, camera: str, size: tuple[int, int], name: str):
        self._camera, self._size, self._name = camera, size, name
        self._enabled = True
        self.path = f"/Render/OmniverseKit/HydraTextures/{name}"
        self.hydra_texture = self._kit.make("omni.replicator.core.HydraTextureUpdates", self)

    def destroy(self) -> None:
        products = self._kit.replicator.products
        if self in products:
            products.remove(self)


@emulate("omni.replicator.core.HydraTextureUpdates")
class HydraTextureUpdates:
    def __init__(self, product: Any):
        self._product = product

    def set_updates_enabled(self, enabled: bool) -> None:
        self._product._enabled = bool(enabled)


# -- annotators --------------------------------------------------------------------------------------------------------


@emulate("omni.replicator.core.AnnotatorRegistry")
class AnnotatorRegistry:
    _kit: Kit

    @classmethod
    def get_annotator(
        cls,
        name: str,
        init_params: Any = None,
        render_product_idxs: Any = None,
        device: str | None = None,
        do_array_copy: bool = True,
    ) -> Any:
        return cls._kit.make("omni.replicator.core.Annotator", name, init_params)


@emulate("omni.replicator.core.annotators.get")
def get_annotator(kit: Kit, name: str, init_params: Any = None, device: str = "cpu", do_array_copy: bool = True) -> Any:
    return kit.make("omni.replicator.core.Annotator", name, init_params)


@emulate("omni.replicator.core.Annotator")
class Annotator:
    """Gives what the last captured frame showed, whatever has moved since."""

    _kit: Kit

    def __init__(self, name: str, init_params: dict[str, Any] | None):
        self._name, self._plain = name, shapes.plain_name(name)
        self._params = dict(init_params or {})
        strangers = set(self._params) - shapes.INIT_PARAMS
        if strangers:
            raise ValueError(f"annotator {name!r} has no parameter {sorted(strangers)}")
        self._products: list[Any] = []
        self._data: dict[int, Any] = {}

    def attach(self, render_products: Any) -> Any:
        self._products = as_list(render_products)
        if self not in self._kit.replicator.annotators:
            self._kit.replicator.annotators.append(self)
        return self

    def detach(self, render_products: Any = None) -> None:
        self._products, self._data = [], {}
        if self in self._kit.replicator.annotators:
            self._kit.replicator.annotators.remove(self)

    def get_data(self, device: str | None = None, do_array_copy: bool | None = None) -> Any:
        if not self._products:
            raise RuntimeError(f"annotator {self._name!r} is not attached to a render product")
        found = [self._data[id(product)] for product in self._products if id(product) in self._data]
        if len(self._products) > 1:
            return {product._name: data for product, data in zip(self._products, found, strict=False)}
        return found[0] if found else shapes.empty(self._plain)

    def _store(self, product: Any, view: View) -> None:
        self._data[id(product)] = shapes.annotate(self._plain, view, self._params)


# -- the orchestrator --------------------------------------------------------------------------------------------------


@emulate("omni.replicator.core.orchestrator.step_async")
async def step_async(
    kit: Kit,
    rt_subframes: int = -1,
    pause_timeline: bool = True,
    delta_time: float | None = None,
    wait_for_render: bool = True,
) -> None:
    await kit.replicator.step(rt_subframes, pause_timeline, delta_time)


@emulate("omni.replicator.core.orchestrator.step")
def step(kit: Kit, **options: Any) -> None:
    kit.blocks("orchestrator.step()")
    kit.run(kit.replicator.step(**({"rt_subframes": -1, "pause_timeline": True, "delta_time": None} | options)))


@emulate("omni.replicator.core.orchestrator.wait_until_complete_async")
async def wait_until_complete_async(kit: Kit) -> None:
    await kit.stages.sleep(1)
    while not kit.replicator.backends.is_done():
        await kit.stages.sleep(1)
    kit.replicator.finish()


@emulate("omni.replicator.core.orchestrator.run_async")
async def run_async(kit: Kit, num_frames: int | None = None, start_timeline: bool = False) -> None:
    for _ in range(num_frames or 1):
        await kit.replicator.step(-1, False, None)


@emulate("omni.replicator.core.orchestrator.run_until_complete_async")
async def run_until_complete_async(kit: Kit, num_frames: int | None = None, start_timeline: bool = False) -> None:
    await run_async(kit, num_frames, start_timeline)
    await wait_until_complete_async(kit)


@emulate("omni.replicator.core.orchestrator.preview_async")
async def preview_async(kit: Kit) -> None:
    await kit.stages.sleep(2)


@emulate("omni.replicator.core.orchestrator.stop")
def stop(kit: Kit) -> None:
    kit.replicator.finish()


@emulate("omni.replicator.core.orchestrator.stop_async")
async def stop_async(kit: Kit) -> None:
    kit.replicator.finish()


@emulate("omni.replicator.core.orchestrator.pause")
def pause(kit: Kit) -> None:
    kit.timeline.pending.append(("state", "paused"))


@emulate("omni.replicator.core.orchestrator.get_status")
def get_status(kit: Kit) -> Any:
    kinds = kit.enum("omni.replicator.core.orchestrator.Status")
    return kinds["STOPPED"] if kit.replicator.stopped or not kit.replicator.captures else kinds["STARTED"]


@emulate("omni.replicator.core.orchestrator.set_capture_on_play")
def set_capture_on_play(kit: Kit, value: bool) -> None:
    kit.settings.set(CAPTURE_ON_PLAY, bool(value))


@emulate("omni.replicator.core.settings.carb_settings")
def carb_settings(kit: Kit, path: str, value: Any) -> None:
    kit.settings.set(path, value)


@emulate("omni.replicator.core.set_global_seed")
def set_global_seed(kit: Kit, seed: int) -> None:
    kit.replicator.seed = int(seed)


@emulate("omni.replicator.core.utils.send_og_event")
def send_og_event(kit: Kit, event_name: str) -> None:
    kit.events.log.append((f"og:{event_name}", {}))

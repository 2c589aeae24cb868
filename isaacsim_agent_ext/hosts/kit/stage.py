"""The app's stage: opened with a bound, waited for until it is loaded, and given our layers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

import carb.eventdispatcher
import numpy as np
import omni.timeline
import omni.usd
from pxr import Sdf, Tf, Usd

from isaacsim_agent_ext.errors import AssetError, SceneError
from isaacsim_agent_ext.hosts.kit.app import next_updates, until, within
from isaacsim_agent_ext.hosts.kit.settings import asset_seconds
from isaacsim_agent_ext.scene.compose import ComposedStage, compose_over
from isaacsim_agent_ext.scene.snapshot import Texture
from isaacsim_agent_ext.steps import Steps

T = TypeVar("T")

SLICE_SECONDS = 0.02
"""Longest that work on the stage keeps the app from its next update, but for what cannot be interrupted [s]."""

SETTLED_UPDATES = 5
"""A stage counts as loaded when nothing has been loading for so many updates in a row."""


async def open_stage(url: str, props: Sequence[Path | str], *, seconds: float) -> Overlay:
    """Open a stage in the app, with our layers and the props over it.

    Args:
        url: Of the stage, or its file.
        props: Further USD files or URLs.
        seconds: How long it may take to open, and again to load [s].

    Raises:
        AssetError: It cannot be opened or loaded in time.
    """
    await stop_timeline()
    context = omni.usd.get_context()
    context.disable_save_to_recent_files()
    try:
        opened, message = await within(
            context.open_stage_async(url),
            seconds,
            f"the stage {url} to open",
            advice="check the path and the connection, or raise /exts/isaacsim_agent_ext/asset_timeout",
            error=AssetError,
        )
    finally:
        context.enable_save_to_recent_files()
    if not opened:
        raise AssetError(f"the stage {url} cannot be opened: {message or 'the app does not say why'}")
    stage = context.get_stage()
    await until_loaded(seconds)
    if stage is None or context.get_stage() != stage:
        raise SceneError(f"the stage {url} is not open any more: it was closed while its assets were loading")
    held = [await load_aside(str(prop), seconds) for prop in props]
    overlay = Overlay(stage, props)
    del held
    await until_loaded(seconds)
    return overlay


async def load_aside(file: str, seconds: float) -> Usd.Stage | None:
    """Load a USD file, and all that it refers to, in a thread; while the result is held, it opens without a wait.

    Args:
        file: The file or URL.
        seconds: How long it may take [s].

    Returns:
        The file as a stage, or None where it cannot be opened, which whoever opens it next will tell.

    Raises:
        AssetError: It takes too long.
    """

    def load() -> Usd.Stage | None:
        with suppress(Tf.ErrorException):
            return Usd.Stage.Open(file)
        return None

    return await within(
        asyncio.to_thread(load),
        seconds,
        f"{file.partition('?')[0]} to load",
        advice="check the connection, or raise /exts/isaacsim_agent_ext/asset_timeout",
        error=AssetError,
    )


async def until_loaded(seconds: float) -> None:
    """Wait until nothing of the app's stage is loading any more.

    Raises:
        AssetError: It takes longer than ``seconds``.
    """
    context = omni.usd.get_context()
    await until(
        lambda: context.get_stage_loading_status()[2] == 0,
        seconds,
        "the stage's assets to load",
        settled=SETTLED_UPDATES,
        advice="check the connection, or raise /exts/isaacsim_agent_ext/asset_timeout",
        error=AssetError,
    )


async def stop_timeline() -> None:
    """Stop the timeline: stages are changed and NavMeshes baked only while nothing plays."""
    timeline = omni.timeline.get_timeline_interface()
    if not timeline.is_stopped():
        timeline.stop()
        timeline.commit()
        await next_updates()


class Overlay:
    """Our layers over the app's stage."""

    def __init__(self, stage: Usd.Stage, props: Sequence[Path | str]):
        """Lay them over it.

        Raises:
            AssetError: A prop is missing or not valid USD.
        """
        before = list(stage.GetSessionLayer().subLayerPaths)
        composed = compose_over(stage, props)
        composed.textures = _UnreadTextures()
        self._composed: ComposedStage | None = composed
        self._ours = [path for path in stage.GetSessionLayer().subLayerPaths if path not in before]
        self._motion: Sdf.Layer | None = None
        closing = omni.usd.get_context().stage_event_name(omni.usd.StageEventType.CLOSING)
        self._guard = carb.eventdispatcher.get_eventdispatcher().observe_event(
            event_name=closing, on_event=lambda _: self._let_go(), observer_name="isaacsim_agent_ext stage"
        )

    @property
    def composed(self) -> ComposedStage:
        """The stage with our layers.

        Raises:
            SceneError: The user closed it, or opened another one.
        """
        if self._composed is None or omni.usd.get_context().get_stage() != self._composed.stage:
            raise SceneError("the stage that was set up is not open any more; set up the simulation again")
        return self._composed

    async def work(self, steps: Steps[T]) -> T:
        """Do work on the stage in turns with the app, which so stays awake.

        Raises:
            AssetError: A file that the work needs takes too long to load.
            SceneError: The user closed the stage meanwhile.
        """
        loaded: dict[str, Usd.Stage | None] = {}
        end = time.perf_counter() + SLICE_SECONDS
        with closing(steps):
            while True:
                try:
                    coming = next(steps)
                except StopIteration as done:
                    result: T = done.value
                    return result
                if coming is not None and str(coming) not in loaded:
                    loaded[str(coming)] = await load_aside(str(coming), asset_seconds())
                elif time.perf_counter() < end:
                    continue
                await next_updates()
                self.composed  # noqa: B018 - raises when it is gone
                end = time.perf_counter() + SLICE_SECONDS

    def replace_motion(self, layer: Sdf.Layer) -> None:
        """Put a layer with what moves over all others, in place of the last one."""
        if self._motion is not None:
            self._take_away([self._motion.identifier])
        session = self.composed.stage.GetSessionLayer()
        session.subLayerPaths = [layer.identifier, *session.subLayerPaths]
        self._motion = layer
        self._ours.append(layer.identifier)

    def lift_off(self) -> None:
        """Take all of them away, if the app still has the stage open."""
        if self._composed is not None and omni.usd.get_context().get_stage() == self._composed.stage:
            self._take_away(self._ours)
        self._let_go()

    def _take_away(self, identifiers: Sequence[str]) -> None:
        session = self.composed.stage.GetSessionLayer()
        session.subLayerPaths = [path for path in session.subLayerPaths if path not in identifiers]

    def _let_go(self) -> None:
        """Hold on to nothing of the stage: an app that closes it wants its memory back."""
        self._composed = self._motion = None
        self._guard.reset()


class _UnreadTextures(dict[Any, Any]):
    """Stands in for every texture: the app draws them, we only need to know where things are."""

    _PLACEHOLDER = Texture(name="", pixels=np.zeros((1, 1, 4), np.uint8))

    def __contains__(self, request: object) -> bool:
        return True

    def __missing__(self, request: object) -> Texture:
        return self._PLACEHOLDER

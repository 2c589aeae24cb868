"""Recording inside the app: one simulation step per update, one capture per recorded frame."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import omni.replicator.core as rep
import omni.timeline
from pxr import Sdf

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.capture.frame import CapturedView
from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.hosts.kit.app import next_updates, within
from isaacsim_agent_ext.hosts.kit.cameras import LiveCameras
from isaacsim_agent_ext.hosts.kit.capture import KitCapture
from isaacsim_agent_ext.hosts.kit.gizmos import hidden
from isaacsim_agent_ext.hosts.kit.native_people import open_people
from isaacsim_agent_ext.hosts.kit.replicator_writers import (
    AttachedWriter,
    RegisteredWriters,
    attach_writer,
    is_replicators,
)
from isaacsim_agent_ext.hosts.kit.robots import Robots
from isaacsim_agent_ext.hosts.kit.settings import asset_seconds, frame_seconds, overridden
from isaacsim_agent_ext.hosts.kit.stage import Overlay, stop_timeline, until_loaded
from isaacsim_agent_ext.hosts.kit.timeline import playing
from isaacsim_agent_ext.hosts.playback import Playback
from isaacsim_agent_ext.hosts.protocol import RecordingTally, never
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.hosts.writing import boxed_objects, open_writer
from isaacsim_agent_ext.session.event_log import EventFeed, EventPort
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.recording import RecordingPlan
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND, Writer

WARM_UP_UPDATES = 8
"""Updates after making render products, in which the renderer loads materials and compiles shaders."""

_MOST_WAITING = 8
"""Views that may wait to be written before the simulation waits for the disk."""


async def record_in_app(
    overlay: Overlay,
    world: World,
    plan: RecordingPlan,
    reporter: Reporter,
    cancelled: Callable[[], bool],
    port: EventPort | None,
    registered: RegisteredWriters,
    library: Path | str | None = None,
    paused: Callable[[], bool] = never,
) -> RecordingTally:
    """Record the plan's frames, and finish every writer.

    The app is left as it was: its timeline stopped, its settings restored, render products and writers gone, also after
    an error or a cancelled task. People and robots stay where the last frame has them.

    Args:
        overlay: Our layers over the app's stage.
        world: The world on it.
        plan: Who records what.
        reporter: Hears of frames and warnings.
        cancelled: Asked at every frame boundary.
        port: Lets events in and tells of triggers, or None.
        registered: Our writers in Replicator's registry, which are told of the actors.
        library: The motion library's file or URL, for people whom the app itself animates.
        paused: Asked at every frame boundary.
    """
    replicator = world.config.replicator
    capture_on_play = {"/omni/replicator/captureOnPlay": False}  # else playing writes frames by itself
    with overridden(capture_on_play), hidden(replicator is not None and replicator.hide_debug_visualization):
        await stop_timeline()
        recording = _Recording(overlay, world, plan, reporter, cancelled, port, paused)
        await recording.take_the_stage(library)  # while nothing plays
        async with playing(plan.frame_count / FRAMES_PER_SECOND):
            with registered.knowing(recording.actors):
                return await recording.run()


class _Recording:
    def __init__(
        self,
        overlay: Overlay,
        world: World,
        plan: RecordingPlan,
        reporter: Reporter,
        cancelled: Callable[[], bool],
        port: EventPort | None,
        paused: Callable[[], bool],
    ):
        self._overlay = overlay
        self._world = world
        self._plan = plan
        self._reporter = reporter
        self._cancelled = cancelled
        self._paused = paused
        self._feed = EventFeed(plan.events, port)
        self._playback = Playback(world, self._feed)
        recorded = [writer for writer in plan.writers if writer.frames and writer.cameras]
        self._ours = {writer.config.key: writer for writer in recorded if not is_replicators(writer.config)}
        self._theirs = [writer for writer in recorded if is_replicators(writer.config)]
        self._writers: dict[str, Writer] = {
            key: open_writer(writer, seed=world.config.seed) for key, writer in self._ours.items()
        }
        self._cameras = [camera for camera in world.cameras if any(camera.prim_path in w.cameras for w in recorded)]
        self._written = self._told = 0
        self._warnings: tuple[str, ...] = ()

    async def take_the_stage(self, library: Path | str | None) -> None:
        """Bring everybody to the first frame."""
        stage = self._overlay.composed.stage
        layer = Sdf.Layer.CreateAnonymous("motion.usda")
        self._overlay.replace_motion(layer)  # in place of that of an earlier recording
        joints = any(request.name == "skeleton_data" for each in self._writers.values() for request in each.requests)
        self._people, self._warnings = await open_people(
            self._overlay, self._world, layer, library=library, with_skeletons=joints
        )
        self._robots = Robots(stage, self._world, layer)
        self._show()
        self._live = LiveCameras(self._overlay.composed, self._cameras)

    def actors(self) -> Sequence[ActorState]:
        """Return every actor's state now, people where they really are."""
        return self._people.seen(self._playback.actors)

    def _show(self) -> None:
        """Write where everybody is to the stage."""
        self._playback.show(self._people.move, self._robots.move)

    async def run(self) -> RecordingTally:
        """Record everything."""
        tally = RecordingTally()
        with ExitStack() as cleanup:
            capture = KitCapture(
                self._world.snapshot,
                self._cameras,
                {key: writer.requests for key, writer in self._writers.items()},
                to_world=self._overlay.composed.to_world,
            )
            cleanup.callback(capture.close)
            disk = _Disk()
            cleanup.callback(disk.close)
            attached: dict[str, AttachedWriter] = {}
            cleanup.callback(_detach_all, attached)
            await until_loaded(asset_seconds())
            await next_updates(WARM_UP_UPDATES)
            await self._people.begin()
            for chunk in self._plan.chunks:
                keys = [key for key, writer in self._ours.items() if any(frame in writer.frames for frame in chunk)]
                for key in keys:
                    first = next(frame for frame in chunk if frame in self._ours[key].frames)
                    await disk.add(self._writers[key].begin_chunk, first)
                for frame in chunk:
                    if not await self._advance_to(frame):
                        break
                    self._attach(frame, attached, capture)
                    tally += await self._capture(frame, capture, disk)
                for key in keys:
                    await disk.add(self._writers[key].end_chunk)
                if self._cancelled():
                    break
            await disk.drain()
            self._report()
            if self._theirs:
                await within(rep.orchestrator.wait_until_complete_async(), frame_seconds(), "Replicator to finish")
        await self._finish(tally)
        return tally + RecordingTally(
            warnings=(*self._warnings, *self._playback.warnings),
            events=self._feed.live,
            actor_events=self._playback.actor_events,
        )

    async def _advance_to(self, frame: int) -> bool:
        """Simulate up to a frame, one update of the app per step; return False when the user cancels on the way."""
        while self._playback.frame < frame:
            while self._paused() and not self._cancelled():
                await next_updates()
            if self._cancelled():
                return False
            self._playback.advance_to(self._playback.frame + 1)
            self._show()
            _set_clock((self._playback.frame - 1) / FRAMES_PER_SECOND)
            await next_updates()
        return not self._cancelled()

    def _attach(self, frame: int, attached: dict[str, AttachedWriter], capture: KitCapture) -> None:
        """Attach Replicator's own writers for the frames they record, and no others."""
        for writer in self._theirs:
            key = writer.config.key
            if frame in writer.frames and key not in attached:
                products = [capture.products[path] for path in writer.cameras]
                attached[key] = attach_writer(writer.config, writer.output_dir, products)
            elif frame not in writer.frames and key in attached:
                attached.pop(key).detach()

    async def _capture(self, frame: int, capture: KitCapture, disk: _Disk) -> RecordingTally:
        await capture.step()
        _keep_playing()
        scene_frame, actors = self._playback.scene_frame(), self.actors()
        tally = RecordingTally(frames=(frame,))
        seen: list[tuple[str, CapturedView]] = []
        for camera in self._live.views():  # all of them at once: while files are waited for, the app goes on
            path = camera.prim_path
            keys = [key for key, writer in self._ours.items() if frame in writer.frames and path in writer.cameras]
            views = capture.view(frame, frame / FRAMES_PER_SECOND, camera, scene_frame, actors, writers=keys)
            seen += views.items()
            theirs = [writer for writer in self._theirs if frame in writer.frames and path in writer.cameras]
            tally += RecordingTally(views=len(theirs))
        for key, view in seen:
            await disk.add(self._writers[key].write, view)
            tally += _count(view)
        await disk.add(self._frame_written)
        self._report()
        return tally

    def _frame_written(self) -> None:
        self._written += 1

    def _report(self) -> None:
        """Tell of every frame that is written, each once."""
        while self._told < self._written:
            self._told += 1
            self._reporter.frames(self._told, len(self._plan.frames))

    async def _finish(self, tally: RecordingTally) -> None:
        disk = _Disk()
        try:
            for writer in self._ours.values():
                frames = [frame for frame in tally.frames if frame in writer.frames]
                cameras = [camera for camera in self._world.cameras if camera.prim_path in writer.cameras]
                finisher = open_writer(writer, seed=self._world.config.seed)
                await disk.add(finisher.finish, cameras, frames)
            await disk.drain()
        finally:
            disk.close()


class _Disk:
    """Writes in order, in a thread of its own, while the app goes on."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="isaacsim-agent-disk")
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._most = _MOST_WAITING

    async def add(self, work: Callable[..., None], *arguments: Any) -> None:
        """Queue work; wait only while too much is queued. What earlier work raised comes out here."""
        self._waiting.append(asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments))
        while self._waiting and (len(self._waiting) > self._most or self._waiting[0].done()):
            await self._oldest()

    async def drain(self) -> None:
        """Wait until everything is written."""
        while self._waiting:
            await self._oldest()

    def close(self) -> None:
        """Leave out what has not begun and wait for what has, so that every file is whole."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _oldest(self) -> None:
        await within(
            self._waiting.popleft(), frame_seconds(), "files to be written", advice="is the disk full or away?",
            error=OutputError,
        )  # fmt: skip


def _count(view: CapturedView) -> RecordingTally:
    paths: Sequence[str] | None = boxed_objects(view)
    return RecordingTally(
        views=1, boxes=None if paths is None else len(paths), objects=frozenset(paths if paths is not None else ())
    )


def _detach_all(attached: dict[str, AttachedWriter]) -> None:
    for writer in attached.values():
        writer.detach()


def _set_clock(seconds: float) -> None:
    """Turn the timeline back to where the next update leads to the frame: it plays on while files are waited for."""
    timeline = omni.timeline.get_timeline_interface()
    if abs(timeline.get_current_time() - seconds) > 0.1 / FRAMES_PER_SECOND:
        timeline.set_current_time(seconds)


def _keep_playing() -> None:
    """Play on, should a version have paused the timeline for the capture after all."""
    timeline = omni.timeline.get_timeline_interface()
    if not timeline.is_playing():
        timeline.play()
        timeline.commit()

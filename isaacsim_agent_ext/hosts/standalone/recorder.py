"""Recording in one process: simulate up to a frame, draw it from every camera, hand it to the writers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType

from isaacsim_agent_ext.capture.capture import Capture
from isaacsim_agent_ext.hosts.playback import Playback
from isaacsim_agent_ext.hosts.protocol import RecordingTally
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.hosts.writing import boxed_objects, open_writer
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.session.event_log import EventFeed, EventPort
from isaacsim_agent_ext.session.recording import RecordingPlan
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND


class Recorder:
    """Records chunks of a plan, each frame at most once and in order."""

    def __init__(
        self,
        world: World,
        plan: RecordingPlan,
        *,
        device: str,
        threads: int | None = None,
        port: EventPort | None = None,
    ):
        """Upload the scene and open the writers.

        Args:
            world: The world at rest.
            plan: Who records what.
            device: Where pictures are made, ``"cpu"`` or ``"cuda:0"`` ...
            threads: Threads to draw with on a CPU; None for one per core.
            port: Lets events in beside those of the plan.
        """
        self._plans = {writer.config.key: writer for writer in plan.writers if writer.frames and writer.cameras}
        self._writers = {key: open_writer(writer, seed=world.config.seed) for key, writer in self._plans.items()}
        self._cameras = {camera.prim_path: camera for camera in world.cameras}
        self._feed = EventFeed(plan.events, port)
        self._playback = Playback(world, self._feed)
        self._renderer = Renderer(world.snapshot, device=device, threads=threads)
        self._capture = Capture(
            world.snapshot,
            self._renderer,
            {key: writer.requests for key, writer in self._writers.items()},
        )

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._renderer.close()

    def notes(self) -> RecordingTally:
        """Return what the simulation has had to tell so far, apart from frames."""
        return RecordingTally(
            warnings=self._playback.warnings, events=self._feed.live, actor_events=self._playback.actor_events
        )

    def record(
        self, frames: Sequence[int], *, on_frame: Callable[[], None], cancelled: Callable[[], bool]
    ) -> RecordingTally:
        """Record one chunk.

        Args:
            frames: Its frames in order, all later than those of earlier calls.
            on_frame: Called after each frame is written.
            cancelled: Asked before each frame; once true, the chunk ends there.
        """
        keys = [key for key, writer in self._plans.items() if any(frame in writer.frames for frame in frames)]
        tally = RecordingTally()
        for key in keys:
            first = next(frame for frame in frames if frame in self._plans[key].frames)
            self._writers[key].begin_chunk(first)
        for frame in frames:
            if cancelled():
                break
            tally += self._record_frame(frame)
            on_frame()
        for key in keys:
            self._writers[key].end_chunk()
        return tally

    def _record_frame(self, frame: int) -> RecordingTally:
        # The renderer is always brought there by way of the frame before, from which motion is measured: what a
        # frame looks like must not depend on which frames this process drew earlier.
        for step in (max(frame - 1, 0), frame):
            if self._playback.drawn != step or step == 0:
                self._playback.advance_to(step)
                scene_frame = self._playback.draw(self._renderer)
        views = 0
        boxes: int | None = None
        objects: set[str] = set()
        for path, camera in self._cameras.items():
            keys = [key for key, writer in self._plans.items() if frame in writer.frames and path in writer.cameras]
            now, before = self._playback.views_of(camera)
            captured = self._capture.view(
                frame,
                frame / FRAMES_PER_SECOND,
                now,
                scene_frame,
                self._playback.actors,
                writers=keys,
                previous=before,
            )
            for key, view in captured.items():
                self._writers[key].write(view)
                views += 1
                paths = boxed_objects(view)
                if paths is not None:
                    boxes = (boxes or 0) + len(paths)
                    objects.update(paths)
        return RecordingTally(frames=(frame,), views=views, boxes=boxes, objects=frozenset(objects))

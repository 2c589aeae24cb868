"""The standalone host: OpenUSD, Recast and Warp in place of a Kit app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.errors import RunCancelled
from isaacsim_agent_ext.hosts.cameras import place_cameras
from isaacsim_agent_ext.hosts.playback import Playback
from isaacsim_agent_ext.hosts.protocol import HostOptions, RecordingTally, config_folder
from isaacsim_agent_ext.hosts.standalone.recorder import Recorder
from isaacsim_agent_ext.hosts.standalone.workers import record_in_processes, worker_count
from isaacsim_agent_ext.hosts.standalone.world import build_world
from isaacsim_agent_ext.hosts.world import World, WorldFacts
from isaacsim_agent_ext.hosts.writing import open_writer
from isaacsim_agent_ext.render.device import choose_device
from isaacsim_agent_ext.session.event_log import EventFeed, EventPort
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.recording import RecordingPlan


class StandaloneHost:
    """Runs jobs in this process and its workers."""

    def set_up(self, loaded: LoadedConfig, options: HostOptions, reporter: Reporter) -> StandaloneScenario:
        """Build the world a config describes.

        Raises:
            AgentError: See `isaacsim_agent_ext.errors`.
        """
        device = choose_device(options.device)
        world, stage = build_world(
            loaded.config,
            asset_root=options.asset_root,
            allow_plugins=options.allow_plugins,
            config_dir=config_folder(loaded),
            reporter=reporter,
        )
        reporter.phase("cameras")
        cameras, warnings = place_cameras(world, stage)
        warnings = (*world.warnings, *warnings)
        return StandaloneScenario(replace(world, cameras=cameras, warnings=warnings), device, options.workers)


class StandaloneScenario(WorldFacts):
    """A world in memory, ready to record."""

    def __init__(self, world: World, device: str, workers: int | None):
        super().__init__(world)
        self._device = device
        self._workers = workers

    def record(
        self,
        plan: RecordingPlan,
        reporter: Reporter,
        cancelled: Callable[[], bool],
        *,
        port: EventPort | None = None,
    ) -> RecordingTally:
        """Record the plan's frames, and finish every writer; without writers, simulate what would be recorded.

        With a port there is one process: others simulate ahead of it, and would miss what arrives in between.
        """
        if not plan.writers:
            return self._rehearse(plan, reporter, cancelled, port)
        count = 1 if port is not None else worker_count(self._workers, self._device, len(plan.chunks))
        if count > 1:
            tally = record_in_processes(
                self._world, plan, device=self._device, count=count, reporter=reporter, cancelled=cancelled
            )
        else:
            tally = self._record_here(plan, reporter, cancelled, port)
        for writer in plan.writers:
            if writer.cameras:
                frames = [frame for frame in tally.frames if frame in writer.frames]
                cameras = [camera for camera in self._world.cameras if camera.prim_path in writer.cameras]
                open_writer(writer, seed=self._world.config.seed).finish(cameras, frames)
        return tally

    def _rehearse(
        self, plan: RecordingPlan, reporter: Reporter, cancelled: Callable[[], bool], port: EventPort | None
    ) -> RecordingTally:
        feed = EventFeed(plan.events, port)
        playback = Playback(self._world, feed)
        for frame in range(1, plan.frame_count):
            if cancelled():
                raise RunCancelled("stopped; the config has no writer, so nothing was written")
            playback.advance_to(frame)
            reporter.frames(frame + 1, plan.frame_count)
        return RecordingTally(warnings=playback.warnings, events=feed.live, actor_events=playback.actor_events)

    def _record_here(
        self, plan: RecordingPlan, reporter: Reporter, cancelled: Callable[[], bool], port: EventPort | None
    ) -> RecordingTally:
        tally = RecordingTally()
        done, total = 0, len(plan.frames)

        def on_frame() -> None:
            nonlocal done
            done += 1
            reporter.frames(done, total)

        with Recorder(self._world, plan, device=self._device, port=port) as recorder:
            for chunk in plan.chunks:
                if cancelled():
                    break
                tally += recorder.record(chunk, on_frame=on_frame, cancelled=cancelled)
            return tally + recorder.notes()

    def close(self) -> None:
        """Nothing is held beyond memory."""

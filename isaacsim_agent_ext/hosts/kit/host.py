"""The Kit host: the same jobs inside a Kit app, on its stage and with its renderer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.config.model import Config
from isaacsim_agent_ext.errors import DependencyError, PlacementError
from isaacsim_agent_ext.hosts.cameras import choose_views, find_targets, put_on_stage
from isaacsim_agent_ext.hosts.kit.app import enable_extension, next_updates, within
from isaacsim_agent_ext.hosts.kit.ingredients import Ingredients, find_ingredients
from isaacsim_agent_ext.hosts.kit.navmesh import Floors
from isaacsim_agent_ext.hosts.kit.robots import take_over
from isaacsim_agent_ext.hosts.kit.settings import asset_seconds, navmesh_seconds
from isaacsim_agent_ext.hosts.kit.stage import Overlay, open_stage, until_loaded
from isaacsim_agent_ext.hosts.population import populate
from isaacsim_agent_ext.hosts.protocol import HostOptions, RecordingTally, config_folder, never
from isaacsim_agent_ext.hosts.robots import robot_groups
from isaacsim_agent_ext.hosts.world import World, WorldFacts
from isaacsim_agent_ext.scene.reader import snapshot_steps
from isaacsim_agent_ext.session.event_log import EventPort
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.recording import RecordingPlan

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.kit.replicator_writers import RegisteredWriters

REPLICATOR = "omni.replicator.core"

PLACING_SECONDS = 1800.0
"""Longest that placing cameras may take [s]."""


class KitHost:
    """Runs jobs in the app; one at a time."""

    hosted_writers: Collection[str] = ("CustomWriter",)

    def __init__(self) -> None:
        self._overlay: Overlay | None = None
        self._registered: RegisteredWriters | None = None

    def replicators_writers(self) -> RegisteredWriters:
        """Return our writers in Replicator's registry; Replicator has to be enabled."""
        from isaacsim_agent_ext.hosts.kit.replicator_writers import RegisteredWriters

        if self._registered is None:
            self._registered = RegisteredWriters()
        self._registered.register()
        return self._registered

    def close(self) -> None:
        """Leave nothing behind: no layer on the stage, no writer in Replicator's registry."""
        self.clear()
        registered, self._registered = self._registered, None
        if registered is not None:
            registered.unregister()

    async def set_up(self, loaded: LoadedConfig, options: HostOptions, reporter: Reporter) -> KitScenario:
        """Build the world a config describes on the app's stage.

        Raises:
            AgentError: See `isaacsim_agent_ext.errors`; our layers are taken off the stage again.
        """
        self.clear()
        config = loaded.config
        await self._enable_what_is_needed(config)
        reporter.phase("assets")
        found = await find_ingredients(
            config,
            asset_root=options.asset_root,
            config_dir=config_folder(loaded),
            allow_plugins=options.allow_plugins,
        )

        reporter.phase("stage", str(found.base).partition("?")[0].rsplit("/", 1)[-1])
        overlay = await open_stage(str(found.base), found.props, seconds=asset_seconds())
        self._overlay = overlay
        try:
            world = await self._build(overlay, config, found, reporter)
        except BaseException:
            self.clear()
            raise
        texts = (*found.warnings, *overlay.composed.warnings, *world.warnings)
        return KitScenario(overlay, replace(world, warnings=tuple(dict.fromkeys(texts))), self, found.library_file)

    def clear(self) -> None:
        """Take what earlier jobs put on the stage off it again."""
        overlay, self._overlay = self._overlay, None
        if overlay is not None:
            overlay.lift_off()

    async def _enable_what_is_needed(self, config: Config) -> None:
        if config.replicator and not await enable_extension(REPLICATOR):
            raise DependencyError(
                f"this app has no extension {REPLICATOR}, with which pictures are made; use Isaac Sim's own app, or "
                f"one with that extension"
            )
        if config.replicator:
            from isaacsim_agent_ext.hosts.kit.replicator_writers import check_custom_writers

            self.replicators_writers()
            check_custom_writers(config.replicator.writers)

    async def _build(self, overlay: Overlay, config: Config, found: Ingredients, reporter: Reporter) -> World:
        stage = overlay.composed
        static, texts = await overlay.work(snapshot_steps(stage))
        reporter.phase("navmesh")
        floors = Floors(stage, static, seconds=navmesh_seconds())
        floor = await floors.for_people()
        robot_floors = await floors.for_robots(robot_groups(config))
        world = await overlay.work(
            populate(
                config,
                stage,
                static,
                floor,
                library=found.library,
                characters=found.characters,
                kinds=found.kinds,
                robot_floors=robot_floors,
                trees=found.trees,
                plugins=found.plugins,
                reporter=reporter,
            )
        )
        take_over(stage, world)
        await until_loaded(asset_seconds())
        reporter.phase("cameras")
        targets = find_targets(world, stage)
        choosing = asyncio.to_thread(choose_views, world, targets)
        placed = await within(choosing, PLACING_SECONDS, "cameras to be placed", error=PlacementError)
        cameras = put_on_stage(world, overlay.composed, placed)
        await next_updates()
        return replace(world, cameras=cameras, warnings=(*texts, *floors.warnings, *world.warnings, *placed.warnings))


class KitScenario(WorldFacts):
    """A world on the app's stage, ready to record."""

    def __init__(self, overlay: Overlay, world: World, host: KitHost, library: Path | str | None):
        super().__init__(world)
        self._host = host
        self._library = library
        self._overlay = overlay

    async def record(
        self,
        plan: RecordingPlan,
        reporter: Reporter,
        cancelled: Callable[[], bool],
        *,
        port: EventPort | None = None,
        paused: Callable[[], bool] = never,
    ) -> RecordingTally:
        """Record the plan's frames, and finish every writer."""
        from isaacsim_agent_ext.hosts.kit.recorder import record_in_app

        registered = self._host.replicators_writers()
        return await record_in_app(
            self._overlay, self._world, plan, reporter, cancelled, port, registered, self._library, paused
        )

    async def close(self) -> None:
        """Nothing is held; the world stays on the stage to be looked at, until the next set-up."""

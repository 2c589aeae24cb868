"""The cameras of a run: those the config places, and those of the stage that a writer names."""

from __future__ import annotations

from collections.abc import Sequence

from isaacsim_agent_ext.config.model import Config, MaximumCoverage, SensorGroup
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.render.raycast import RayCaster
from isaacsim_agent_ext.scene.cameras import add_camera, find_cameras, read_camera
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.locate import world_bounds
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.coverage import place_maximum_coverage
from isaacsim_agent_ext.sensors.placement import PlacedCameras, place_aim_at_targets
from isaacsim_agent_ext.sensors.targets import TargetBounds, actor_target, select_targets


def place_cameras(world: World, stage: ComposedStage) -> tuple[tuple[CameraView, ...], tuple[str, ...]]:
    """Place all cameras and put them on the stage.

    Returns:
        The cameras in the order of the config, then those on board of robots, those of the stage last; and what had
        to give way.

    Raises:
        PlacementError: A group's cameras cannot be placed.
    """
    config = world.config
    placed, warnings = _place_groups(world, stage)
    for camera in placed:
        add_camera(stage, camera)
    own = {camera.prim_path for camera in placed}
    existing = [*world.onboard_cameras, *(path for path in _named_in_stage(config, stage) if path not in own)]
    resolution = _resolution(config)
    return (*placed, *(read_camera(stage, path, resolution) for path in dict.fromkeys(existing))), tuple(warnings)


def _place_groups(world: World, stage: ComposedStage) -> tuple[list[CameraView], list[str]]:
    sensor = world.config.sensor
    if sensor is None or not any(group.num for group in sensor.groups):
        return [], []
    actors = [actor_target(spec) for spec in world.specs]
    caster = RayCaster(world.snapshot)
    cameras: list[CameraView] = []
    warnings: list[str] = []
    try:
        for group in sensor.groups:
            placed = _place_group(world, stage, group, sensor.root_prim_path, actors, caster)
            cameras += placed.cameras
            warnings += placed.warnings
    finally:
        caster.close()
    return cameras, warnings


def _place_group(
    world: World,
    stage: ComposedStage,
    group: SensorGroup,
    root_prim_path: str,
    actors: Sequence[TargetBounds],
    caster: RayCaster,
) -> PlacedCameras:
    seed, resolution = world.config.seed, _resolution(world.config)
    if isinstance(group.placement, MaximumCoverage):
        return place_maximum_coverage(
            group,
            world.navmesh,
            caster,
            seed=seed,
            resolution=resolution,
            root_prim_path=root_prim_path,
            transparent=actors,
        )
    targets = select_targets(group.placement.targets, actors, lambda path: world_bounds(stage, path))
    return place_aim_at_targets(
        group, targets, world.navmesh, caster, seed=seed, resolution=resolution, root_prim_path=root_prim_path
    )


def _resolution(config: Config) -> tuple[int, int]:
    return config.replicator.render_product_resolution if config.replicator else (1920, 1080)


def _named_in_stage(config: Config, stage: ComposedStage) -> Sequence[str]:
    """Return the stage's cameras that a writer's ``sensor_prim_list`` names, itself or by a prim above them."""
    writers = config.replicator.writers if config.replicator else ()
    names = dict.fromkeys(path for writer in writers for path in writer.sensor_prim_list)
    there = [name for name in names if stage.stage.GetPrimAtPath(name)]  # planning the recording refuses the others
    return list(dict.fromkeys(camera for name in there for camera in find_cameras(stage, name)))

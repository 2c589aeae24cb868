"""The cameras of a run: those the config places, and those of the stage that a writer names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from isaacsim_agent_ext.config.model import Config, MaximumCoverage, SensorGroup
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.render.numpy_rays import NumpyRayCaster
from isaacsim_agent_ext.scene.cameras import add_camera, find_cameras, read_camera
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.locate import world_bounds
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.coverage import place_maximum_coverage
from isaacsim_agent_ext.sensors.placement import PlacedCameras, place_aim_at_targets
from isaacsim_agent_ext.sensors.targets import TargetBounds, actor_target, select_targets

if TYPE_CHECKING:
    from isaacsim_agent_ext.render.raycast import RayCaster


def place_cameras(world: World, stage: ComposedStage) -> tuple[tuple[CameraView, ...], tuple[str, ...]]:
    """Place all cameras and put them on the stage.

    Returns:
        The cameras in the order of the config, then those on board of robots, those of the stage last; and what had
        to give way.

    Raises:
        PlacementError: A group's cameras cannot be placed.
    """
    placed = choose_views(world, find_targets(world, stage))
    return put_on_stage(world, stage, placed), placed.warnings


def find_targets(world: World, stage: ComposedStage) -> dict[str, list[TargetBounds]]:
    """Return what the cameras of each group aim at, by the group's name.

    Raises:
        PlacementError: A target does not exist.
    """
    actors = [actor_target(spec) for spec in world.specs]
    return {
        group.name: select_targets(group.placement.targets, actors, lambda path: world_bounds(stage, path))
        for group in _groups(world.config)
        if not isinstance(group.placement, MaximumCoverage)
    }


def choose_views(world: World, targets: Mapping[str, Sequence[TargetBounds]]) -> PlacedCameras:
    """Choose where the cameras of all groups stand; this takes a while, and touches no stage.

    Args:
        world: The world.
        targets: From `find_targets`.

    Raises:
        PlacementError: A group's cameras cannot be placed.
    """
    groups = _groups(world.config)
    if world.config.sensor is None or not groups:
        return PlacedCameras(cameras=(), warnings=())
    root_prim_path, seed, resolution = world.config.sensor.root_prim_path, world.config.seed, _resolution(world.config)
    actors = [actor_target(spec) for spec in world.specs]
    cameras: list[CameraView] = []
    warnings: list[str] = []
    with closing(_ray_caster(world.snapshot)) as caster:
        for group in groups:
            if isinstance(group.placement, MaximumCoverage):
                placed = place_maximum_coverage(
                    group,
                    world.navmesh,
                    caster,
                    seed=seed,
                    resolution=resolution,
                    root_prim_path=root_prim_path,
                    transparent=actors,
                )
            else:
                placed = place_aim_at_targets(
                    group,
                    targets[group.name],
                    world.navmesh,
                    caster,
                    seed=seed,
                    resolution=resolution,
                    root_prim_path=root_prim_path,
                )
            cameras += placed.cameras
            warnings += placed.warnings
    return PlacedCameras(cameras=tuple(cameras), warnings=tuple(warnings))


def _ray_caster(snapshot: SceneSnapshot) -> RayCaster | NumpyRayCaster:
    """Return what tells how far one can see: the renderer's, else NumPy's, which takes longer.

    Isaac Sim's own Warp is older than what the renderer needs.
    """
    try:
        from isaacsim_agent_ext.render.raycast import RayCaster
    except ImportError:
        return NumpyRayCaster(snapshot)
    return RayCaster(snapshot)


def put_on_stage(world: World, stage: ComposedStage, placed: PlacedCameras) -> tuple[CameraView, ...]:
    """Put placed cameras on the stage, and return them with those that are there already."""
    for camera in placed.cameras:
        add_camera(stage, camera)
    own = {camera.prim_path for camera in placed.cameras}
    existing = [*world.onboard_cameras, *(path for path in _named_in_stage(world.config, stage) if path not in own)]
    resolution = _resolution(world.config)
    return (*placed.cameras, *(read_camera(stage, path, resolution) for path in dict.fromkeys(existing)))


def _groups(config: Config) -> tuple[SensorGroup, ...]:
    groups = config.sensor.groups if config.sensor else ()
    return groups if any(group.num for group in groups) else ()


def _resolution(config: Config) -> tuple[int, int]:
    return config.replicator.render_product_resolution if config.replicator else (1920, 1080)


def _named_in_stage(config: Config, stage: ComposedStage) -> Sequence[str]:
    """Return the stage's cameras that a writer's ``sensor_prim_list`` names, itself or by a prim above them."""
    writers = config.replicator.writers if config.replicator else ()
    names = dict.fromkeys(path for writer in writers for path in writer.sensor_prim_list)
    there = [name for name in names if stage.stage.GetPrimAtPath(name)]  # planning the recording refuses the others
    return list(dict.fromkeys(camera for name in there for camera in find_cameras(stage, name)))

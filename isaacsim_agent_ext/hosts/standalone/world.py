"""The world a config describes, built from files alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from isaacsim_agent_ext.actors.trees.find import find_trees
from isaacsim_agent_ext.animation.motion_library import MotionLibrary, load_motion_library
from isaacsim_agent_ext.assets.resolver import AssetResolver, ResolvedAsset
from isaacsim_agent_ext.config.model import Config
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.hosts.motions import check_animations, motion_library_path
from isaacsim_agent_ext.hosts.plugins import find_plugins
from isaacsim_agent_ext.hosts.population import character_groups, populate
from isaacsim_agent_ext.hosts.robots import (
    RobotKind,
    load_robot_configs,
    needing_room,
    robot_floor_settings,
    robot_groups,
)
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.resources import cache_dir
from isaacsim_agent_ext.robots.spawn import floor_radius
from isaacsim_agent_ext.scene.actors import check_character
from isaacsim_agent_ext.scene.compose import ComposedStage, open_stage
from isaacsim_agent_ext.scene.navigation_volumes import read_volumes
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.steps import at_once

Found = TypeVar("Found")


def build_world(
    config: Config,
    *,
    asset_root: str | None,
    config_dir: Path | None,
    reporter: Reporter,
    allow_plugins: bool = False,
) -> tuple[World, ComposedStage]:
    """Build the world without its cameras, and the stage it was read from.

    Args:
        config: The whole config.
        asset_root: Isaac Sim assets root, or None.
        config_dir: Folder that relative paths are looked up in.
        reporter: Hears of phases.
        allow_plugins: Whether code of plug-ins that the config names may run.

    Raises:
        AssetError: An asset cannot be found or read.
        ConfigError: A plug-in is not allowed, missing or broken.
        NavMeshError: There is no walkable floor, or an area does not exist.
        PlacementError: People do not fit.
    """
    warnings: list[str] = []
    plugins = find_plugins(config, allowed=allow_plugins, config_dir=config_dir)
    environment = config.environment
    reporter.phase("assets")
    resolver = AssetResolver(asset_root, config_dir=config_dir)
    base, *props = _resolve([environment.base_stage_asset_path, *environment.prop_asset_paths], resolver.resolve)
    groups = [group for group in character_groups(config) if group.num]
    people = _resolve([group.asset_path for group in groups], resolver.list_usd)
    _resolve(sorted({str(asset.local_path) for assets in people for asset in assets}), check_character)
    characters = dict(zip((group.name for group in groups), people, strict=True))
    library = _motion_library(config, resolver)
    kinds, found = _robot_kinds(config, asset_root=asset_root, config_dir=config_dir)
    trees = find_trees(
        config,
        lambda path: resolver.resolve(path).local_path,
        config_dir=config_dir,
        states={name: kind.config.states for name, kind in kinds.items()},
    )

    reporter.phase("stage", base.local_path.name)
    try:
        stage = open_stage(base.local_path, [prop.local_path for prop in props])
    except AssetError as error:
        raise _by_address(error, [base, *props]) from error
    static, texts = read_snapshot(stage)
    warnings += (*stage.warnings, *texts)
    for text in warnings:  # now, because a reference that does not load may be why the next step fails
        reporter.warning(text)

    reporter.phase("navmesh")
    volumes, cache = read_volumes(stage), cache_dir() / "navmesh"
    navmesh = bake(static, volumes=volumes, cache_dir=cache)
    by_radius: dict[float, NavMesh] = {}
    for group in robot_groups(config):
        radius = floor_radius(group)
        if radius not in by_radius:
            with needing_room(group):
                by_radius[radius] = bake(static, volumes, settings=robot_floor_settings(radius), cache_dir=cache)
    world = at_once(
        populate(
            config,
            stage,
            static,
            navmesh,
            library=library,
            characters={name: {asset.url: asset.local_path for asset in files} for name, files in characters.items()},
            kinds=kinds,
            robot_floors={group.name: by_radius[floor_radius(group)] for group in robot_groups(config)},
            trees=trees.trees,
            plugins=plugins,
            reporter=reporter,
        )
    )
    warnings += (*trees.warnings, *world.warnings, *resolver.warnings, *found)
    return replace(world, warnings=tuple(dict.fromkeys(warnings))), stage


def _resolve(paths: Sequence[str], resolve: Callable[[str], Found]) -> list[Found]:
    """Return what is found for each path.

    Raises:
        AssetError: Something is missing; the message tells of every path it concerns, each once.
    """
    found, reasons = [], {}
    for path in paths:
        try:
            found.append(resolve(path))
        except AssetError as error:
            reasons[str(error)] = error
    if reasons:
        raise AssetError("\n".join(reasons)) from next(iter(reasons.values()))
    return found


def _by_address(error: AssetError, assets: Sequence[ResolvedAsset]) -> AssetError:
    """Return the error in terms of the addresses that files were downloaded from."""
    text = str(error)
    for asset in assets:
        if asset.source == "url":
            text = text.replace(str(asset.local_path), f"{asset.url} (downloaded to {asset.local_path})")
    return AssetError(text)


def _motion_library(config: Config, resolver: AssetResolver) -> MotionLibrary | None:
    """Return the motion library, with every animation the config names found in it."""
    path = motion_library_path(config)
    if path is None:
        return None
    library = load_motion_library(resolver.resolve(path).local_path)
    check_animations(config, library)
    return library


def _robot_kinds(
    config: Config, *, asset_root: str | None, config_dir: Path | None
) -> tuple[dict[str, RobotKind], tuple[str, ...]]:
    """Return what the robots of each group are, and what was found another way than asked for.

    Raises:
        ConfigError: A robot's file is missing or wrong.
        AssetError: An asset cannot be found.
    """
    kinds: dict[str, RobotKind] = {}
    warnings: dict[str, None] = {}
    for name, kind in load_robot_configs(config, config_dir).items():
        resolver = AssetResolver(asset_root, config_dir=kind.path.parent)
        asset = resolver.resolve(kind.asset_path)
        kinds[name] = RobotKind(config=kind, asset_url=asset.url, asset=asset.local_path)
        warnings.update(dict.fromkeys(resolver.warnings))
    return kinds, tuple(warnings)

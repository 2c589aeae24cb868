"""What the world of a config is made of, found before anything is on a stage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from isaacsim_agent_ext.actors.plugins import PluginKey, PluginSource
from isaacsim_agent_ext.actors.trees.find import FoundTrees, find_trees, named_trees
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, TreeKey
from isaacsim_agent_ext.animation.motion_library import MotionLibrary, load_motion_library
from isaacsim_agent_ext.assets.resolver import AssetResolver
from isaacsim_agent_ext.config.model import Config
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.hosts.kit.app import within
from isaacsim_agent_ext.hosts.kit.assets import KitAssets, open_assets
from isaacsim_agent_ext.hosts.kit.settings import asset_seconds
from isaacsim_agent_ext.hosts.motions import check_animations, motion_library_path
from isaacsim_agent_ext.hosts.plugins import find_plugins
from isaacsim_agent_ext.hosts.population import character_groups
from isaacsim_agent_ext.hosts.robots import RobotKind, load_robot_configs
from isaacsim_agent_ext.resources import asset_pack_root

T = TypeVar("T")

STAND_IN_LIBRARY = "Isaac/People/MotionLibrary/HumanMotionLibrary.usd"


@dataclass(frozen=True, eq=False, kw_only=True)
class Ingredients:
    """The assets of a config.

    Attributes:
        base: The stage's file or URL.
        props: Further USD files or URLs.
        characters: For each group of people, its assets: what datasets call them, and what to open.
        kinds: For each group of robots, what they are.
        trees: The behavior trees that it names.
        plugins: Where the plug-ins come from that it names.
        library: How people move; None when there are none.
        library_file: The motion library that the config names, for the app to play; None when there are no people.
        warnings: What was found another way than asked for.
    """

    base: Path | str
    props: tuple[Path | str, ...]
    characters: Mapping[str, Mapping[str, Path | str]]
    kinds: Mapping[str, RobotKind]
    trees: Mapping[TreeKey, BehaviorTree]
    plugins: Mapping[PluginKey, PluginSource]
    library: MotionLibrary | None
    library_file: Path | str | None
    warnings: tuple[str, ...]


async def find_ingredients(
    config: Config, *, asset_root: str | None, config_dir: Path | None, allow_plugins: bool = False
) -> Ingredients:
    """Find every asset of a config.

    Args:
        config: The whole config.
        asset_root: The root that the job asks for, or None.
        config_dir: Folder that relative paths are looked up in.
        allow_plugins: Whether code of plug-ins may run.

    Raises:
        AssetError: One is not there, or a server does not answer in time.
        ConfigError: A plug-in is not allowed, missing or broken, a robot's file or a behavior tree is missing or
            wrong, or the motion library lacks an animation.
    """
    plugins = find_plugins(config, allowed=allow_plugins, config_dir=config_dir)
    assets = await open_assets(asset_root, config_dir, asset_seconds())
    _, base = await assets.resolve(config.environment.base_stage_asset_path)
    props = [(await assets.resolve(path))[1] for path in config.environment.prop_asset_paths]
    groups = [group for group in character_groups(config) if group.num]
    characters = {group.name: await assets.characters(group.asset_path) for group in groups}
    library, library_file, library_warnings = await _library(config, assets)
    kinds, kind_warnings = await _robot_kinds(config, assets, config_dir)
    trees = await _trees(config, kinds, assets, config_dir)
    return Ingredients(
        base=base,
        props=tuple(props),
        characters=characters,
        kinds=kinds,
        trees=trees.trees,
        plugins=plugins,
        library=library,
        library_file=library_file,
        warnings=(*assets.warnings, *library_warnings, *kind_warnings, *trees.warnings),
    )


async def _library(
    config: Config, assets: KitAssets
) -> tuple[MotionLibrary | None, Path | str | None, tuple[str, ...]]:
    """Return the motion library and its file; ours when Isaac Sim's is not one whose clips we can play."""
    path = motion_library_path(config)
    if path is None:
        return None, None, ()
    _, file = await assets.resolve(path)
    warnings: tuple[str, ...] = ()
    try:
        library = await _in_thread(lambda: load_motion_library(file), "the motion library to be read")
    except AssetError as error:
        library = load_motion_library(asset_pack_root() / STAND_IN_LIBRARY)
        warnings = (f"{path}: {error}; our own motion library is used instead",)
    check_animations(config, library)
    return library, file, warnings


async def _robot_kinds(
    config: Config, assets: KitAssets, config_dir: Path | None
) -> tuple[dict[str, RobotKind], tuple[str, ...]]:
    """Return what the robots of each group are, and what was found another way than asked for."""
    kinds: dict[str, RobotKind] = {}
    warnings: list[str] = []
    for name, kind in load_robot_configs(config, config_dir).items():
        beside_file = KitAssets(assets.root, kind.path.parent, asset_seconds())
        url, file = await beside_file.resolve(kind.asset_path)
        kinds[name] = RobotKind(config=kind, asset_url=url, asset=file)
        warnings += beside_file.warnings
    return kinds, tuple(warnings)


async def _trees(
    config: Config, kinds: Mapping[str, RobotKind], assets: KitAssets, config_dir: Path | None
) -> FoundTrees:
    """Return the behavior trees that the config names."""
    if next(named_trees(config), None) is None:
        return FoundTrees(trees={}, warnings=())
    resolver = AssetResolver(assets.root, config_dir=config_dir)  # small files: those on the web are downloaded
    states = {name: kind.config.states for name, kind in kinds.items()}
    return await _in_thread(
        lambda: find_trees(
            config, lambda path: resolver.resolve(path).local_path, config_dir=config_dir, states=states
        ),
        "behavior trees to be read",
    )


async def _in_thread(work: Callable[[], T], what: str) -> T:
    return await within(asyncio.to_thread(work), asset_seconds(), what, error=AssetError)

"""The world a config describes, set up and at rest: plain data that can travel to another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.spawn import CharacterSpawn, spawn_characters
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.animation.animator import root_transform
from isaacsim_agent_ext.animation.motion_library import MotionLibrary, load_motion_library
from isaacsim_agent_ext.assets.resolver import AssetResolver, ResolvedAsset
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterWander, Config
from isaacsim_agent_ext.errors import AssetError, ConfigError, Problem
from isaacsim_agent_ext.hosts.areas import check_areas
from isaacsim_agent_ext.hosts.standalone.robots import (
    RobotKind,
    RobotRig,
    add_robots,
    bake_floors,
    load_kinds,
    robot_groups,
)
from isaacsim_agent_ext.hosts.writing import filter_warnings
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings
from isaacsim_agent_ext.resources import cache_dir
from isaacsim_agent_ext.scene.actors import add_character, check_character, no_character
from isaacsim_agent_ext.scene.compose import AddedActor, ComposedStage, open_stage
from isaacsim_agent_ext.scene.locate import world_position
from isaacsim_agent_ext.scene.navigation_volumes import read_volumes
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot, Skeleton
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.session.progress import Reporter

CROWN_ABOVE_HEAD_JOINT = 0.18
"""From a person's head joint to the crown [m]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CarriedInstance:
    """A rigid part that moves with an actor, such as a helmet that is not skinned.

    Attributes:
        instance: Index into the snapshot's instances.
        prim_path: The actor's root prim.
        to_root: ``(4, 4)`` float64 from the part to the actor's root.
        joint: The robot's joint that it hangs on, as an index into its rig, or -1.
    """

    instance: int
    prim_path: str
    to_root: np.ndarray
    joint: int = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """Everything that is needed to play and record.

    Attributes:
        config: The config it was built from.
        snapshot: All geometry, materials and lights, people at their spawn pose.
        navmesh: Where people can walk.
        specs: The actors, people first.
        motion_library: How people move.
        skeleton_indices: For each person, its skeleton in the snapshot.
        carried: Rigid parts that move with actors.
        locations: World positions ``(3,)`` of the prims that behaviors visit [m].
        rigs: The robots' moving parts, in the order of their specs.
        robot_floors: Where the robots of each group can drive.
        onboard_cameras: Cameras of robots that record.
        cameras: All cameras.
        warnings: What was found worth telling while setting up.
    """

    config: Config
    snapshot: SceneSnapshot
    navmesh: NavMesh
    specs: tuple[ActorSpec, ...]
    motion_library: MotionLibrary | None
    skeleton_indices: tuple[int, ...]
    carried: tuple[CarriedInstance, ...]
    locations: Mapping[str, np.ndarray]
    rigs: tuple[RobotRig, ...] = ()
    robot_floors: Mapping[str, NavMesh] = field(default_factory=dict)
    onboard_cameras: tuple[str, ...] = ()
    cameras: tuple[CameraView, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[ActorSpec, ...]:
        """The people among the actors."""
        return self.specs[: len(self.skeleton_indices)]

    @property
    def skeletons(self) -> tuple[Skeleton, ...]:
        """The people's skeletons, in the order of their specs."""
        return tuple(self.snapshot.skeletons[index] for index in self.skeleton_indices)


def start_simulation(world: World) -> Simulation:
    """Return the world's simulation at frame 0."""
    character, robot = world.config.character, world.config.robot
    groups = [*(character.groups if character else ()), *(robot.groups if robot else ())]
    return Simulation(
        seed=world.config.seed,
        navmesh=world.navmesh,
        specs=world.specs,
        groups=groups,
        locate=lambda prim_path: world.locations[prim_path],
        robot_floors=world.robot_floors,
    )


def build_world(
    config: Config, *, asset_root: str | None, config_dir: Path | None, reporter: Reporter
) -> tuple[World, ComposedStage]:
    """Build the world without its cameras, and the stage it was read from.

    Args:
        config: The whole config.
        asset_root: Isaac Sim assets root, or None.
        config_dir: Folder that relative paths are looked up in.
        reporter: Hears of phases.

    Raises:
        AssetError: An asset cannot be found or read.
        NavMeshError: There is no walkable floor, or an area does not exist.
        PlacementError: People do not fit.
    """
    warnings: list[str] = []
    environment = config.environment
    reporter.phase("assets")
    resolver = AssetResolver(asset_root, config_dir=config_dir)
    base, *props = _resolve([environment.base_stage_asset_path, *environment.prop_asset_paths], resolver.resolve)
    groups = [group for group in character_groups(config) if group.num]
    people = _resolve([group.asset_path for group in groups], resolver.list_usd)
    _resolve(sorted({str(asset.local_path) for assets in people for asset in assets}), check_character)
    characters = dict(zip((group.name for group in groups), people, strict=True))
    library = _motion_library(config, resolver)
    kinds, found = load_kinds(config, asset_root=asset_root, config_dir=config_dir)

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
    floors = bake_floors(
        config,
        lambda radius: bake(static, volumes, settings=_settings_for(radius), cache_dir=cache),
    )
    world = populate(
        config,
        stage,
        static,
        navmesh,
        library=library,
        characters={name: {asset.url: asset.local_path for asset in assets} for name, assets in characters.items()},
        kinds=kinds,
        robot_floors=floors,
        reporter=reporter,
    )
    warnings += (*world.warnings, *resolver.warnings, *found)
    return replace(world, warnings=tuple(dict.fromkeys(warnings))), stage


def _settings_for(radius: float) -> NavMeshSettings:
    """Return how a floor is baked for robots of a radius [m]."""
    settings = NavMeshSettings(agent_radius=radius)
    # Recast counts the distance to walls with 8 bits, in half cells.
    return replace(settings, cell_size=max(settings.cell_size, radius / 100.0))


def populate(
    config: Config,
    stage: ComposedStage,
    static: SceneSnapshot,
    navmesh: NavMesh,
    *,
    library: MotionLibrary | None,
    characters: Mapping[str, Mapping[str, Path | str]],
    reporter: Reporter,
    kinds: Mapping[str, RobotKind] | None = None,
    robot_floors: Mapping[str, NavMesh] | None = None,
) -> World:
    """Put everybody on the stage and return the world without its cameras.

    Args:
        config: The whole config.
        stage: The stage.
        static: What stands on it without people.
        navmesh: Where people can walk.
        library: How people move; None when there are none.
        characters: For each group with people, its assets: what datasets call them, and what to open.
        reporter: Hears of phases.
        kinds: For each group of robots, what they are; without, robots are left out.
        robot_floors: For each group of robots, where they can drive.

    Raises:
        AssetError: An asset cannot be opened, or is no character.
        NavMeshError: An area that the config names does not exist.
        SceneError: A prim that a behavior visits does not exist.
        PlacementError: People do not fit.
    """
    robot_floors = robot_floors or {}
    check_areas(character_groups(config), navmesh)
    for group in robot_groups(config) if kinds else ():
        check_areas([group], robot_floors[group.name])
    locations = _locate_targets(config, stage)
    snapshot = static
    added: list[AddedActor] = []
    spawns: list[CharacterSpawn] = []
    if characters or kinds:
        reporter.phase("people", _headcount(config, with_robots=bool(kinds)))
    if characters and config.character:
        spawns, added = _add_people(config, stage, navmesh, characters)
    robots = add_robots(config, stage, kinds or {}, robot_floors, people=spawns)
    warnings = robots.warnings
    if stage.actors:
        snapshot, texts = read_snapshot(stage)
        warnings += texts
    warnings += filter_warnings(config, snapshot)
    skeleton_indices = _skeletons_of(added, snapshot)
    people = tuple(
        spawn.spec(
            agent_prim_path=actor.agent_prim_path,
            asset_url=spawn.asset,
            height=standing_height(snapshot.skeletons[index]),
        )
        for spawn, actor, index in zip(spawns, added, skeleton_indices, strict=True)
    )
    specs = (*people, *robots.specs)
    return World(
        config=config,
        snapshot=snapshot,
        navmesh=navmesh,
        specs=specs,
        motion_library=library,
        skeleton_indices=skeleton_indices,
        carried=_carried(specs, robots.rigs, snapshot),
        rigs=robots.rigs,
        robot_floors=robot_floors,
        onboard_cameras=robots.cameras,
        locations=locations,
        warnings=warnings,
    )


Found = TypeVar("Found")


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


def _headcount(config: Config, *, with_robots: bool) -> str:
    people = sum(group.num for group in character_groups(config))
    robots = sum(group.num for group in robot_groups(config)) if with_robots else 0
    return f"{people}, and {robots} robot{'' if robots == 1 else 's'}" if robots else f"{people}"


def character_groups(config: Config) -> tuple[CharacterGroup, ...]:
    """Return the character groups of a config, if any."""
    return config.character.groups if config.character else ()


def _motion_library(config: Config, resolver: AssetResolver) -> MotionLibrary | None:
    """Return the motion library, with every animation the config names found in it."""
    path = motion_library_path(config)
    if path is None:
        return None
    library = load_motion_library(resolver.resolve(path).local_path)
    check_animations(config, library)
    return library


def motion_library_path(config: Config) -> str | None:
    """Return the path of the motion library as the config names it, or None when there are no people.

    Raises:
        ConfigError: The groups name different ones.
    """
    groups = [group for group in character_groups(config) if group.num]
    if not groups or config.character is None:
        return None
    paths = {group.motion_library_path or config.character.motion_library_path for group in groups}
    if len(paths) > 1:
        raise ConfigError(
            [
                Problem(
                    "character.groups",
                    f"the groups name {len(paths)} motion libraries ({', '.join(sorted(paths))}), and one run can use "
                    "only one; put motion_library_path at `character`",
                )
            ]
        )
    return paths.pop()


def check_animations(config: Config, library: MotionLibrary) -> None:
    """Make sure that the library has every animation the config names.

    Raises:
        ConfigError: It lacks some; the message names them all.
    """
    problems = [
        Problem(f"character.groups.{group.name}.{key_path}.animation", reason)
        for group in character_groups(config)
        if group.num
        for key_path, animation in _animations(group)
        if (reason := _why_no_clip(library, animation))
    ]
    if problems:
        raise ConfigError(problems)


def _animations(group: CharacterGroup) -> list[tuple[str, str]]:
    """Return the key path and the name of every animation that a group's behaviors ask for."""
    behaviors = [(f"routines.{number}", behavior) for number, behavior in enumerate(group.routines)]
    for number, trigger in enumerate(group.triggers):
        behaviors += [(f"triggers.{number}.behavior.{place}", item) for place, item in enumerate(trigger.behavior)]
    return [
        (f"{key_path}.wander.idle.{option}", idle.animation)
        for key_path, behavior in behaviors
        if isinstance(behavior, CharacterWander)
        for option, idle in enumerate(behavior.idle)
    ]


def _why_no_clip(library: MotionLibrary, animation: str) -> str:
    try:
        library.clip(animation)
    except AssetError as error:
        return str(error)
    return ""


def _locate_targets(config: Config, stage: ComposedStage) -> dict[str, np.ndarray]:
    """Return where the prims are that patrols visit.

    Raises:
        SceneError: A prim does not exist.
    """
    groups = [*(config.character.groups if config.character else ()), *(config.robot.groups if config.robot else ())]
    behaviors = [
        behavior
        for group in groups
        for behavior in (*group.routines, *(item for trigger in group.triggers for item in trigger.behavior))
    ]
    paths = {path for behavior in behaviors for path in getattr(behavior, "target_prims", None) or ()}
    return {path: world_position(stage, path) for path in sorted(paths)}


def _add_people(
    config: Config,
    stage: ComposedStage,
    navmesh: NavMesh,
    characters: Mapping[str, Mapping[str, Path | str]],
) -> tuple[list[CharacterSpawn], list[AddedActor]]:
    """Put everybody on the stage."""
    assert config.character is not None
    files = {name: file for assets in characters.values() for name, file in assets.items()}
    spawns = spawn_characters(
        config.character,
        navmesh,
        config.seed,
        {name: list(assets) for name, assets in characters.items()},
    )
    labels = {group.name: group.semantic_labels for group in config.character.groups}
    added = [
        add_character(
            stage,
            spawn.prim_path,
            files[spawn.asset],
            position=spawn.position,
            yaw=spawn.yaw,
            labels=labels[spawn.group],
        )
        for spawn in spawns
    ]
    return spawns, added


def _skeletons_of(added: Sequence[AddedActor], snapshot: SceneSnapshot) -> tuple[int, ...]:
    """Return each actor's skeleton in the snapshot.

    Raises:
        AssetError: A character has none.
    """
    indices = {skeleton.prim_path: index for index, skeleton in enumerate(snapshot.skeletons)}
    missing = [actor for actor in added if actor.skeleton_prim_path not in indices]
    if missing:
        raise no_character(missing[0].asset)
    return tuple(indices[str(actor.skeleton_prim_path)] for actor in added)


def _carried(
    specs: Sequence[ActorSpec], rigs: Sequence[RobotRig], snapshot: SceneSnapshot
) -> tuple[CarriedInstance, ...]:
    """Return the rigid parts of actors, and where they are on them."""
    joints = {rig.prim_path: [joint.prim_path for joint in rig.joints] for rig in rigs}
    carried = []
    for index, instance in enumerate(snapshot.instances):
        if not instance.moving or snapshot.meshes[instance.mesh].skin is not None:
            continue
        for spec in specs:
            if instance.prim_path.startswith(spec.prim_path + "/"):
                root = root_transform(spec.position, spec.yaw)
                to_root = instance.transform @ np.linalg.inv(root)
                above = [
                    number
                    for number, joint in enumerate(joints.get(spec.prim_path, ()))
                    if instance.prim_path.startswith(joint + "/")
                ]
                carried.append(
                    CarriedInstance(
                        instance=index,
                        prim_path=spec.prim_path,
                        to_root=to_root,
                        joint=above[-1] if above else -1,
                    )
                )
    return tuple(carried)


def standing_height(skeleton: Skeleton) -> float:
    """Return the height of a person's topmost joint above the lowest in the rest pose, plus the crown [m]."""
    heights = skeleton.bind @ skeleton.transform
    return float(np.ptp(heights[:, 3, 2])) + CROWN_ABOVE_HEAD_JOINT

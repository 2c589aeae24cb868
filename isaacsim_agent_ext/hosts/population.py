"""Putting everybody whom a config asks for on a stage, on any host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.actors.plugins import PluginKey, PluginSource
from isaacsim_agent_ext.actors.spawn import CharacterSpawn, spawn_characters
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, TreeKey
from isaacsim_agent_ext.animation.motion_library import MotionLibrary
from isaacsim_agent_ext.config.model import ActorGroup, CharacterGroup, Config
from isaacsim_agent_ext.hosts.areas import check_areas
from isaacsim_agent_ext.hosts.robots import RobotKind, RobotRig, add_robots, robot_groups, robot_places
from isaacsim_agent_ext.hosts.targets import check_followed, find_targets
from isaacsim_agent_ext.hosts.touchables import deaf_triggers, find_touchables
from isaacsim_agent_ext.hosts.trees import locate_in_trees
from isaacsim_agent_ext.hosts.world import CarriedInstance, World, find_mount
from isaacsim_agent_ext.hosts.writing import filter_warnings
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.scene.actors import add_character, no_character
from isaacsim_agent_ext.scene.colliders import show_colliders
from isaacsim_agent_ext.scene.compose import AddedActor, ComposedStage
from isaacsim_agent_ext.scene.reader import snapshot_steps
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot, Skeleton
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.steps import Steps

CROWN_ABOVE_HEAD_JOINT = 0.18
"""From a person's head joint to the crown [m]."""


def character_groups(config: Config) -> tuple[CharacterGroup, ...]:
    """Return the character groups of a config, if any."""
    return config.character.groups if config.character else ()


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
    trees: Mapping[TreeKey, BehaviorTree] | None = None,
    plugins: Mapping[PluginKey, PluginSource] | None = None,
) -> Steps[World]:
    """Put everybody on the stage, one by one, and return the world without its cameras.

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
        trees: The behavior trees that the config names.
        plugins: Where the plug-ins come from that the config names.

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
    targets = find_targets(config, stage, static, plugins or {})
    trees = trees or {}
    stage_colliders, notes = find_touchables(config, stage)
    snapshot = static
    added: list[AddedActor] = []
    spawns: list[CharacterSpawn] = []
    if characters or kinds:
        reporter.phase("people", _headcount(config, with_robots=bool(kinds)))
    if characters and config.character:
        spawns, added = yield from _add_people(
            config, stage, navmesh, characters, robot_places(config, kinds or {}, robot_floors)
        )
    robots = yield from add_robots(config, stage, kinds or {}, robot_floors, people=spawns)
    warnings = (*notes, *robots.warnings)
    if stage.actors:
        snapshot, texts = yield from snapshot_steps(stage)
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
    check_followed(config, targets, specs)
    warnings += tuple(deaf_triggers(config, stage, specs))
    locations = locate_in_trees(trees.values(), stage, static, specs, known=targets.locations)
    colliders = {group.name: group.colliders for group in _all_groups(config)}
    for spec in specs:
        yield None
        show_colliders(stage, spec, colliders[spec.group])
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
        labelled=targets.labelled,
        stage_colliders=stage_colliders,
        trees=trees,
        plugins=plugins or {},
        warnings=warnings,
    )


def _headcount(config: Config, *, with_robots: bool) -> str:
    people = sum(group.num for group in character_groups(config))
    robots = sum(group.num for group in robot_groups(config)) if with_robots else 0
    return f"{people}, and {robots} robot{'' if robots == 1 else 's'}" if robots else f"{people}"


def _all_groups(config: Config) -> tuple[ActorGroup, ...]:
    return (*(config.character.groups if config.character else ()), *(config.robot.groups if config.robot else ()))


def _add_people(
    config: Config,
    stage: ComposedStage,
    navmesh: NavMesh,
    characters: Mapping[str, Mapping[str, Path | str]],
    occupied: Sequence[tuple[np.ndarray, float]],
) -> Steps[tuple[list[CharacterSpawn], list[AddedActor]]]:
    """Put all people on the stage."""
    assert config.character is not None
    files = {name: file for assets in characters.values() for name, file in assets.items()}
    spawns = spawn_characters(
        config.character,
        navmesh,
        config.seed,
        {name: list(assets) for name, assets in characters.items()},
        occupied=occupied,
    )
    labels = {group.name: group.semantic_labels for group in config.character.groups}
    added = []
    for spawn in spawns:
        yield files[spawn.asset]
        actor = add_character(
            stage,
            spawn.prim_path,
            files[spawn.asset],
            position=spawn.position,
            yaw=spawn.yaw,
            labels=labels[spawn.group],
        )
        added.append(actor)
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
    carried = []
    for index, instance in enumerate(snapshot.instances):
        if instance.moving and snapshot.meshes[instance.mesh].skin is None:
            mount = find_mount(instance.prim_path, instance.transform, specs, rigs)
            if mount is not None:
                carried.append(
                    CarriedInstance(instance=index, prim_path=mount.prim_path, to_root=mount.to_root, joint=mount.joint)
                )
    return tuple(carried)


def standing_height(skeleton: Skeleton) -> float:
    """Return the height of a person's topmost joint above the lowest in the rest pose, plus the crown [m]."""
    heights = skeleton.bind @ skeleton.transform
    return float(np.ptp(heights[:, 3, 2])) + CROWN_ABOVE_HEAD_JOINT

"""Robots on any host: their files, their floors, and their place on the stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.actors.spawn import CharacterSpawn
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.animation.animator import root_transform
from isaacsim_agent_ext.config.model import Config, RobotGroup, RobotPlay
from isaacsim_agent_ext.config.wording import code, listing, nearest
from isaacsim_agent_ext.errors import ConfigError, NavMeshError, Problem, SceneError
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings
from isaacsim_agent_ext.robots.clips import Clips, read_clips, seconds_of
from isaacsim_agent_ext.robots.config import RobotConfig, find_robot_config, load_robot_config
from isaacsim_agent_ext.robots.spawn import RobotSpawn, floor_radius, reserved_places, spawn_robots
from isaacsim_agent_ext.robots.wheels import Joint, Motion, moving_joints
from isaacsim_agent_ext.scene.actors import add_robot
from isaacsim_agent_ext.scene.cameras import find_cameras
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.labels import write_labels
from isaacsim_agent_ext.scene.locate import existing_prim, world_bounds
from isaacsim_agent_ext.scene.metrics import prim_to_world
from isaacsim_agent_ext.steps import Steps


@dataclass(frozen=True, kw_only=True)
class RobotKind:
    """What all robots of a group are.

    Attributes:
        config: Their own file.
        asset_url: What datasets call their asset.
        asset: What to open.
    """

    config: RobotConfig
    asset_url: str
    asset: Path | str


@dataclass(frozen=True, eq=False, kw_only=True)
class RobotRig:
    """The moving parts of one robot.

    Attributes:
        prim_path: The robot's root prim.
        joints: Wheels, swivels and what moves by animations, parents before children.
    """

    prim_path: str
    joints: tuple[Joint, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class AddedRobots:
    """All robots on the stage.

    Attributes:
        specs: The robots as they enter the simulation.
        rigs: Their moving parts, in the same order.
        cameras: Prim paths of the cameras on board that record.
        warnings: What was found worth telling.
    """

    specs: tuple[ActorSpec, ...]
    rigs: tuple[RobotRig, ...]
    cameras: tuple[str, ...]
    warnings: tuple[str, ...]


def robot_groups(config: Config) -> tuple[RobotGroup, ...]:
    """Return the groups of a config that have robots."""
    return tuple(group for group in (config.robot.groups if config.robot else ()) if group.num)


def load_robot_configs(config: Config, config_dir: Path | None) -> dict[str, RobotConfig]:
    """Return the file of each group's robots, by the group's name.

    Args:
        config: The whole config.
        config_dir: Folder that relative paths are looked up in.

    Raises:
        ConfigError: A file is missing or wrong, or a behavior names a state that its robots do not have.
    """
    found = {}
    problems: list[Problem] = []
    for group in robot_groups(config):
        key_path = f"robot.groups.{group.name}.config_file_path"
        kind = load_robot_config(find_robot_config(group.config_file_path, config_dir, key_path=key_path))
        problems += _unknown_states(group, kind)
        found[group.name] = kind
    if problems:
        raise ConfigError(problems)
    return found


def _unknown_states(group: RobotGroup, kind: RobotConfig) -> Iterator[Problem]:
    """Yield the states that a group's behaviors name and its robots do not have."""
    behaviors = [(f"routines.{number}", behavior) for number, behavior in enumerate(group.routines)]
    for number, trigger in enumerate(group.triggers):
        behaviors += [(f"triggers.{number}.behavior.{place}", one) for place, one in enumerate(trigger.behavior)]
    for where, behavior in behaviors:
        if isinstance(behavior, RobotPlay) and behavior.state not in kind.states:
            guess = nearest(behavior.state, kind.states)
            hint = f", did you mean {code(guess)}?" if guess else f"; it has {listing(kind.states)}"
            message = f"{kind.path.name} has no state {code(behavior.state)}{hint}"
            yield Problem(f"robot.groups.{group.name}.{where}.play_animation.state", message)


def robot_floor_settings(radius: float) -> NavMeshSettings:
    """Return how a floor is baked for robots of a radius [m]."""
    settings = NavMeshSettings(agent_radius=radius)
    # Recast counts the distance to walls with 8 bits, in half cells.
    return replace(settings, cell_size=max(settings.cell_size, radius / 100.0))


@contextmanager
def needing_room(group: RobotGroup) -> Iterator[None]:
    """Say for which robots a floor is baked that cannot be baked."""
    try:
        yield
    except NavMeshError as error:
        raise NavMeshError(
            f"robot.groups.{group.name}: nowhere is there room for its agent_radius of {floor_radius(group):g} m. "
            f"{error}"
        ) from error


def robot_places(
    config: Config, kinds: Mapping[str, RobotKind], floors: Mapping[str, NavMesh]
) -> list[tuple[np.ndarray, float]]:
    """Return the positions ``(3,)`` and radii [m] of robots with a spawn point, where people cannot stand.

    Raises:
        ConfigError: A spawn point is off the floor.
    """
    if config.robot is None or not kinds:
        return []
    exact = reserved_places(config.robot, {name: kind.config for name, kind in kinds.items()}, floors)
    return [(place.position, place.radius) for places in exact.values() for place in places]


def add_robots(
    config: Config,
    stage: ComposedStage,
    kinds: Mapping[str, RobotKind],
    floors: Mapping[str, NavMesh],
    *,
    people: Sequence[CharacterSpawn],
) -> Steps[AddedRobots]:
    """Put all robots on the stage, one by one, clear of the people who stand there.

    Raises:
        AssetError: An asset cannot be opened.
        ConfigError: A camera that is to record does not exist.
        PlacementError: Robots do not fit.
    """
    if config.robot is None or not kinds:
        return AddedRobots(specs=(), rigs=(), cameras=(), warnings=())
    spawns = spawn_robots(
        config.robot,
        {name: kind.config for name, kind in kinds.items()},
        floors,
        config.seed,
        occupied=[(person.position, person.radius) for person in people],
    )
    specs, rigs, cameras, warnings = [], [], [], dict[str, None]()
    clips: dict[Path, Clips] = {}
    for kind in kinds.values():
        clips[kind.config.path], texts = read_clips(kind.config)
        warnings.update(dict.fromkeys(texts))
    for spawn in spawns:
        kind = kinds[spawn.group.name]
        yield kind.asset
        label_prim = _put_on_stage(stage, spawn, kind, warnings)
        height = float(np.ptp(world_bounds(stage, spawn.prim_path)[:, 2]))
        specs.append(
            spawn.spec(
                asset_url=kind.asset_url,
                height=height,
                label_prim_path=label_prim,
                state_seconds=seconds_of(clips[spawn.kind.path]),
            )
        )
        rigs.append(_rig(stage, spawn, clips[spawn.kind.path], warnings))
        if spawn.group.write_data:
            cameras += _cameras(stage, spawn, warnings)
    return AddedRobots(specs=tuple(specs), rigs=tuple(rigs), cameras=tuple(cameras), warnings=tuple(warnings))


def _put_on_stage(stage: ComposedStage, spawn: RobotSpawn, kind: RobotKind, warnings: dict[str, None]) -> str | None:
    """Reference the asset and label it; returns the labelled prim when it is not the root."""
    group = spawn.group
    label_path = (group.semantic_label_path or "").strip("/")
    add_robot(
        stage,
        spawn.prim_path,
        kind.asset,
        position=spawn.position,
        yaw=spawn.yaw,
        forward=kind.config.forward,
        labels=() if label_path else group.semantic_labels,
    )
    return None if not label_path else _label_below(stage, spawn, label_path, warnings)


def _label_below(stage: ComposedStage, spawn: RobotSpawn, label_path: str, warnings: dict[str, None]) -> str | None:
    """Label a prim below a robot, or the robot itself when the asset has no such prim."""
    target = f"{spawn.prim_path}/{label_path}"
    try:
        prim = existing_prim(stage.stage, target)
    except SceneError as error:
        warnings[f"robot.groups.{spawn.group.name}.semantic_label_path: {error}; the whole robot is labelled"] = None
        target, prim = spawn.prim_path, stage.stage.GetPrimAtPath(spawn.prim_path)
    with stage.editing("labels"):
        write_labels(prim, spawn.group.semantic_labels)
    return None if target == spawn.prim_path else target


def _rig(stage: ComposedStage, spawn: RobotSpawn, clips: Clips, warnings: dict[str, None]) -> RobotRig:
    to_robot = np.linalg.inv(root_transform(spawn.position, spawn.yaw))
    paths, origins, motions = [], [], dict[str, dict[str, Motion]]()
    for joint in spawn.kind.joints:
        prim = stage.stage.GetPrimAtPath(f"{spawn.prim_path}/{joint}")
        if not prim:
            warnings[f"{spawn.kind.path}: its asset has no joint /{joint}; that part stays as it is"] = None
            continue
        path, at_rest = str(prim.GetPath()), prim_to_world(prim) @ to_robot
        paths.append(path)
        origins.append(at_rest[3, :3])
        from_parent = prim_to_world(prim.GetParent()) @ to_robot
        for state, clip in ((state, joints[joint]) for state, joints in clips.items() if joint in joints):
            poses = np.linalg.inv(at_rest) @ clip.transforms @ from_parent
            motions.setdefault(path, {})[state] = Motion(times=clip.times, poses=poses)
    return RobotRig(prim_path=spawn.prim_path, joints=moving_joints(paths, origins, motions))


def _cameras(stage: ComposedStage, spawn: RobotSpawn, warnings: dict[str, None]) -> list[str]:
    """Return the cameras on board that record.

    Raises:
        ConfigError: One of ``camera_prim_paths`` is or holds no camera.
    """
    root, group = spawn.prim_path, spawn.group
    available = find_cameras(stage, root)
    if not available:
        warnings[f"robot.groups.{group.name}: write_data is true, but {spawn.kind.path.name} has no camera"] = None
    if not group.camera_prim_paths:
        return available
    chosen: list[str] = []
    for number, path in enumerate(group.camera_prim_paths):
        wanted = path if path.startswith("/World/") else f"{root}/{path.strip('/')}"
        found = [camera for camera in available if camera == wanted or camera.startswith(wanted.rstrip("/") + "/")]
        if not found and not _of_other_robot(wanted, root):
            there = ", ".join(camera[len(root) + 1 :] for camera in available) or "none"
            key_path = f"robot.groups.{group.name}.camera_prim_paths.{number}"
            raise ConfigError([Problem(key_path, f"no camera at or below {path} of the robot; it has: {there}")])
        chosen += found
    return list(dict.fromkeys(chosen))


def _of_other_robot(path: str, root: str) -> bool:
    """Return whether an absolute path names another robot of the same group."""
    siblings, own = root.rpartition("/")[0] + "/", root + "/"
    return path.startswith(siblings) and not path.startswith(own)

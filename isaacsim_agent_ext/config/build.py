"""From a valid section with every default filled in to the typed `Config`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isaacsim_agent_ext.config.defaults import defaults_for
from isaacsim_agent_ext.config.model import (
    AimAtTargets,
    Behavior,
    BoxCollider,
    CharacterFollow,
    CharacterGroup,
    CharacterGroupWalk,
    CharacterLookAround,
    CharacterPatrol,
    CharacterQueue,
    CharacterSection,
    CharacterSit,
    CharacterStop,
    CharacterWander,
    CollisionTrigger,
    Config,
    CustomBehavior,
    CylinderCollider,
    Environment,
    EventTrigger,
    IdleOption,
    MaximumCoverage,
    Point,
    Range,
    ReplicatorSection,
    RobotFollow,
    RobotGroup,
    RobotHalt,
    RobotPatrol,
    RobotPlay,
    RobotSection,
    RobotWander,
    RunTree,
    SensorGroup,
    SensorSection,
    SpawnPoint,
    TimeTrigger,
    Trigger,
    Walk,
    WriterConfig,
)
from isaacsim_agent_ext.config.timing import first_frame_at

Data = Mapping[str, Any]

_TIMING_KEYS = ("start_frame", "end_frame", "start_time", "end_time")


def build_config(section: Data) -> Config:
    """Return the typed form of a valid section with every default filled in, the seed included."""
    return Config(
        version=section["version"],
        seed=int(section["seed"]),
        simulation_duration=float(section["simulation_duration"]),
        environment=_environment(section["environment"]),
        character=_character_section(section["character"]) if "character" in section else None,
        robot=_robot_section(section["robot"]) if "robot" in section else None,
        sensor=_sensor_section(section["sensor"]) if "sensor" in section else None,
        replicator=_replicator_section(section["replicator"]) if "replicator" in section else None,
        event_script=section.get("event_script"),
    )


def _range(pair: Sequence[float]) -> Range:
    return float(pair[0]), float(pair[1])


def _point(values: Sequence[float]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])


def _environment(data: Data) -> Environment:
    return Environment(
        base_stage_asset_path=data["base_stage_asset_path"],
        prop_asset_paths=tuple(data["prop_asset_paths"]),
    )


# ---- behaviors, triggers, colliders ----------------------------------------------------------------------------


def _only(item: Data) -> tuple[str, Any]:
    """Return key and value of a map with one key."""
    return next(iter(item.items()))


def _common(data: Data) -> dict[str, Any]:
    return {"weight": float(data["weight"]), "repeat": int(data["repeat"])}


def _path(data: Data) -> dict[str, Any]:
    points, prims = data.get("path_points"), data.get("target_prims")
    return {
        "path_points": None if points is None else tuple(_point(point) for point in points),
        "target_prims": None if prims is None else tuple(prims),
    }


def _run_tree(data: Data) -> RunTree:
    return RunTree(path=data["path"], overrides=data.get("overrides"), **_common(data))


def _character_behavior(item: Data) -> Behavior:
    kind, data = _only(item)
    return _CHARACTER_BEHAVIORS[kind](data)


def _character_wander(data: Data) -> Behavior:
    return CharacterWander(walk=_walk(data["walk"]), idle=_idle_options(data), **_common(data))


def _character_patrol(data: Data) -> Behavior:
    return CharacterPatrol(speed_range=_range(data["speed_range"]), **_path(data), **_common(data))


def _character_stop(data: Data) -> Behavior:
    return CharacterStop(time_range=_range(data["time_range"]), **_common(data))


def _character_look_around(data: Data) -> Behavior:
    return CharacterLookAround(time_range=_range(data["time_range"]), **_common(data))


def _character_sit(data: Data) -> Behavior:
    kind, _, label = data.get("seat_label", "").partition(":")
    return CharacterSit(
        target_prims=tuple(data["target_prims"]) if "target_prims" in data else None,
        seat_label=(kind.strip(), label.strip()) if kind else None,
        **_paced(data),
    )


def _character_queue(data: Data) -> Behavior:
    spots = {**data, "target_prims": data.get("spots")}
    return CharacterQueue(name=data.get("name"), **_path(spots), **_paced(data))


def _character_follow(data: Data) -> Behavior:
    return CharacterFollow(target=data["target"], distance=float(data["distance"]), **_paced(data))


def _character_group_walk(data: Data) -> Behavior:
    return CharacterGroupWalk(
        size=int(data["size"]),
        spacing=float(data["spacing"]),
        walk=_walk(data["walk"]),
        idle=_idle_options(data),
        **_common(data),
    )


def _custom_behavior(data: Data) -> Behavior:
    return CustomBehavior(name=data["name"], module=data.get("module"), parameters=data["parameters"], **_common(data))


_CHARACTER_BEHAVIORS: Mapping[str, Callable[[Data], Behavior]] = {
    "wander": _character_wander,
    "patrol": _character_patrol,
    "stop": _character_stop,
    "look_around": _character_look_around,
    "sit": _character_sit,
    "queue": _character_queue,
    "follow": _character_follow,
    "group_walk": _character_group_walk,
    "custom_behavior": _custom_behavior,
    "behavior_tree": _run_tree,
}


def _paced(data: Data) -> dict[str, Any]:
    """Return the fields of behaviors that walk somewhere and spend time there."""
    return {
        "time_range": _range(data["time_range"]),
        "speed_range": _range(data["speed_range"]),
        **_common(data),
    }


def _walk(data: Data) -> Walk:
    return Walk(
        speed_range=_range(data["speed_range"]),
        distance_range=_range(data["distance_range"]),
        navigation_areas=tuple(data["navigation_areas"]),
    )


def _idle_options(data: Data) -> tuple[IdleOption, ...]:
    return tuple(_idle_option(option) for option in data["idle"])


def _idle_option(data: Data) -> IdleOption:
    return IdleOption(animation=data["animation"], time_range=_range(data["time_range"]), weight=float(data["weight"]))


def _robot_behavior(item: Data) -> Behavior:
    kind, data = _only(item)
    if kind == "behavior_tree":
        return _run_tree(data)
    if kind == "wander":
        return RobotWander(
            distance_range=_range(data["move"]["distance_range"]),
            navigation_areas=tuple(data["move"]["navigation_areas"]),
            idle_time_range=_range(data["idle"]["time_range"]),
            **_common(data),
        )
    if kind == "patrol":
        return RobotPatrol(**_path(data), **_common(data))
    if kind == "play_animation":
        times = data.get("time_range")
        return RobotPlay(state=data["state"], time_range=None if times is None else _range(times), **_common(data))
    if kind == "follow":
        return RobotFollow(
            target=data["target"],
            distance=float(data["distance"]),
            time_range=_range(data["time_range"]),
            **_common(data),
        )
    if kind == "custom_behavior":
        return _custom_behavior(data)
    return RobotHalt(time_range=_range(data["time_range"]), **_common(data))


def _trigger(item: Data, behavior: Callable[[Data], Behavior]) -> Trigger:
    kind, data = _only(item)
    common: dict[str, Any] = {
        "priority": int(data["priority"]),
        "behavior": tuple(behavior(entry) for entry in data["behavior"]),
    }
    if kind == "event_trigger":
        return EventTrigger(event=data["event"], **common)
    if kind == "time_trigger":
        return TimeTrigger(time=float(data["time"]), **common)
    return CollisionTrigger(
        self_collider=data["self_collider"],
        other_colliders=tuple(name.strip() for name in data["other_colliders"].split(";") if name.strip()),
        trigger_enter=data["trigger_enter"],
        trigger_exit=data["trigger_exit"],
        **common,
    )


def _collider(item: Data) -> BoxCollider | CylinderCollider:
    kind, data = _only(item)
    if kind == "box":
        return BoxCollider(name=data["name"], dimension=_point(data["dimension"]))
    return CylinderCollider(name=data["name"], radius=float(data["radius"]))


# ---- groups ----------------------------------------------------------------------------------------------------


def _actor_group(name: str, data: Data, behavior: Callable[[Data], Behavior]) -> dict[str, Any]:
    """Return the fields that character and robot groups share."""
    tree = data.get("behavior_tree")
    routines = tuple(behavior(item) for item in data.get("routines", ()))
    if tree is not None:
        routines = (RunTree(path=tree, overrides=data.get("overrides"), for_ever=True),)
    return {
        "name": name,
        "num": int(data["num"]),
        "spawn_areas": tuple(data["spawn_areas"]),
        "spawn_points": tuple(_spawn_point(point) for point in data["spawn_points"]),
        "semantic_labels": tuple((kind, label) for kind, label in data["semantic_labels"]),
        "routines": routines,
        "triggers": tuple(_trigger(item, behavior) for item in data.get("triggers", ())),
        "colliders": tuple(_collider(item) for item in data["colliders"]),
        "behavior_tree": tree,
        "overrides": data.get("overrides"),
    }


def _spawn_point(data: Data) -> SpawnPoint:
    yaw = data.get("yaw")
    return SpawnPoint(position=_point(data["position"]), yaw=None if yaw is None else float(yaw))


def _character_section(data: Data) -> CharacterSection:
    groups = (
        CharacterGroup(
            asset_path=group["asset_path"],
            assets=tuple(group["assets"]),
            motion_library_path=group.get("motion_library_path"),
            **_actor_group(name, group, _character_behavior),
        )
        for name, group in data["groups"].items()
    )
    return CharacterSection(
        root_prim_path=data["root_prim_path"], motion_library_path=data["motion_library_path"], groups=tuple(groups)
    )


def _robot_section(data: Data) -> RobotSection:
    groups = (
        RobotGroup(
            config_file_path=group["config_file_path"],
            agent_radius=float(group["agent_radius"]),
            write_data=group["write_data"],
            camera_prim_paths=tuple(group["camera_prim_paths"]),
            semantic_label_path=group.get("semantic_label_path"),
            **_actor_group(name, group, _robot_behavior),
        )
        for name, group in data["groups"].items()
    )
    return RobotSection(root_prim_path=data["root_prim_path"], groups=tuple(groups))


# ---- sensors and replicator ------------------------------------------------------------------------------------


def _placement(data: Data) -> AimAtTargets | MaximumCoverage:
    strategy = data.get("maximum_coverage") or data["aim_at_targets"]
    common: dict[str, Any] = {
        key: _range(strategy[key])
        for key in ("height_range", "look_down_angle_range", "focal_length_range", "distance_range")
    }
    if "maximum_coverage" in data:
        return MaximumCoverage(
            target_coverage_ratio=float(strategy["target_coverage_ratio"]),
            grid_resolution=float(strategy["grid_resolution"]),
            **common,
        )
    return AimAtTargets(
        targets=tuple(strategy["targets"]),
        raycast_density=int(strategy["raycast_density"]),
        yaw_range=_range(strategy["yaw_range"]),
        occlusion_threshold=float(strategy["occlusion_threshold"]),
        **common,
    )


def _sensor_section(data: Data) -> SensorSection:
    groups = (
        SensorGroup(name=name, num=int(group["num"]), placement=_placement(group))
        for name, group in data["groups"].items()
    )
    return SensorSection(root_prim_path=data["root_prim_path"], groups=tuple(groups))


def _writer(key: str, data: Data) -> WriterConfig:
    own = {"output_dir", "sensor_prim_list", *_TIMING_KEYS}
    return WriterConfig(
        key=key,
        type=re.sub(r"_[0-9]+$", "", key),
        start_frame=_start_frame(data),
        end_frame=_end_frame(data),
        sensor_prim_list=tuple(data["sensor_prim_list"]),
        output_dir=data["output_dir"],
        parameters={name: value for name, value in data.items() if name not in own},
    )


def _start_frame(data: Data) -> int:
    if "start_time" in data:
        return first_frame_at(data["start_time"])
    if "start_frame" in data:
        return int(data["start_frame"])
    return int(defaults_for("replicator.writers.IRABasicWriter.start_frame"))


def _end_frame(data: Data) -> int | None:
    if "end_time" in data:
        return first_frame_at(data["end_time"])
    return int(data["end_frame"]) if "end_frame" in data else None


def _replicator_section(data: Data) -> ReplicatorSection:
    width, height = data["render_product_resolution"]
    return ReplicatorSection(
        writers=tuple(_writer(key, writer) for key, writer in data["writers"].items()),
        hide_debug_visualization=data["hide_debug_visualization"],
        render_product_resolution=(int(width), int(height)),
    )

"""The config as typed, frozen data: what the rest of the package reads.

Built by `isaacsim_agent_ext.config.load` after validation, with every default filled in. Field names are the
config's own keys. Ranges are ``(min, max)``; units stand beside each field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Range = tuple[float, float]
Point = tuple[float, float, float]
SemanticLabel = tuple[str, str]
"""A semantic type (taxonomy) and its label, such as ``("class", "character")``."""


# ---- behaviors -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Behavior:
    """What all behaviors share.

    Attributes:
        weight: Relative probability of being picked from the routines.
        repeat: How often it runs before a new pick.
    """

    weight: float = 1.0
    repeat: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The walking leg of a wander."""

    speed_range: Range  # [m/s]
    distance_range: Range  # [m] along the path
    navigation_areas: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleOption:
    """One way to spend the pause of a wander."""

    animation: str
    time_range: Range  # [s]
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterWander(Behavior):
    """Walk a random leg, then idle."""

    walk: Walk
    idle: tuple[IdleOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterPatrol(Behavior):
    """Visit points or prims in order; exactly one of the two is set."""

    speed_range: Range  # [m/s]
    path_points: tuple[Point, ...] | None = None  # [m] world
    target_prims: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterStop(Behavior):
    """Stand and idle."""

    time_range: Range  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterLookAround(Behavior):
    """Stand and look to all sides."""

    time_range: Range  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSit(Behavior):
    """Sit on a free seat; exactly one of the prims and the label is set."""

    time_range: Range  # [s] seated
    speed_range: Range  # [m/s]
    target_prims: tuple[str, ...] | None = None
    seat_label: SemanticLabel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterQueue(Behavior):
    """Line up and be served; exactly one of the points and the prims is set, the head of the queue first."""

    time_range: Range  # [s] of the service
    speed_range: Range  # [m/s]
    name: str | None = None
    path_points: tuple[Point, ...] | None = None  # [m] world
    target_prims: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterFollow(Behavior):
    """Walk after somebody."""

    target: str
    distance: float  # [m]
    time_range: Range  # [s]
    speed_range: Range  # [m/s] the most


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterGroupWalk(Behavior):
    """Walk a random leg side by side with others of the group, then idle together."""

    size: int
    spacing: float  # [m]
    walk: Walk
    idle: tuple[IdleOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomBehavior(Behavior):
    """A behavior from a plug-in: an entry point's, or a class in a file."""

    name: str
    module: str | None = None  # as written
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotFollow(Behavior):
    """Drive after somebody."""

    target: str
    distance: float  # [m]
    time_range: Range  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotWander(Behavior):
    """Drive a random leg, then wait."""

    distance_range: Range  # [m]
    navigation_areas: tuple[str, ...]
    idle_time_range: Range  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotPatrol(Behavior):
    """Visit points or prims in order; exactly one of the two is set."""

    path_points: tuple[Point, ...] | None = None  # [m] world
    target_prims: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotHalt(Behavior):
    """Stand still."""

    time_range: Range  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotPlay(Behavior):
    """Go to a state of the robot's own, such as ``lift_up``, and play its animation."""

    state: str
    time_range: Range | None = None  # [s] None: once


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTree(Behavior):
    """Carry out a behavior tree.

    Attributes:
        path: Its file as written.
        overrides: Changes to it, a text that holds JSON, or None.
        for_ever: Whether it is all that its group does, as its ``behavior_tree``.
    """

    path: str
    overrides: str | None = None
    for_ever: bool = False


# ---- triggers and colliders ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What all triggers share: a priority (the higher wins) and the behaviors to run in order."""

    priority: int = 1
    behavior: tuple[Behavior, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger(Trigger):
    """Fires on a named event."""

    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTrigger(Trigger):
    """Fires once, so many seconds after the start of play."""

    time: float  # [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollisionTrigger(Trigger):
    """Fires when one of the actor's colliders begins or ends touching something."""

    self_collider: str
    other_colliders: tuple[str, ...] = ()
    trigger_enter: bool = True
    trigger_exit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxCollider:
    """A box around the actor."""

    name: str
    dimension: Point  # [m]


@dataclass(frozen=True, slots=True, kw_only=True)
class CylinderCollider:
    """An upright cylinder around the actor."""

    name: str
    radius: float  # [m]


# ---- groups ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnPoint:
    """An exact place for one actor."""

    position: Point  # [m]
    yaw: float | None = None  # [deg] None: random


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorGroup:
    """What character and robot groups share; `behavior_tree` is set for behavior-tree groups only, as their routine."""

    name: str
    num: int
    spawn_areas: tuple[str, ...] = ()
    spawn_points: tuple[SpawnPoint, ...] = ()
    semantic_labels: tuple[SemanticLabel, ...] = ()
    routines: tuple[Behavior, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    colliders: tuple[BoxCollider | CylinderCollider, ...] = ()
    behavior_tree: str | None = None
    overrides: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterGroup(ActorGroup):
    """A group of people."""

    asset_path: str
    assets: tuple[str, ...] = ()  # names or patterns; empty: all
    motion_library_path: str | None = None  # overrides the section's


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotGroup(ActorGroup):
    """A group of robots of one kind."""

    config_file_path: str
    agent_radius: float | None = None  # [m]
    write_data: bool = False
    camera_prim_paths: tuple[str, ...] = ()
    semantic_label_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSection:
    """All people."""

    root_prim_path: str
    motion_library_path: str
    groups: tuple[CharacterGroup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotSection:
    """All robots."""

    root_prim_path: str
    groups: tuple[RobotGroup, ...] = ()


# ---- sensors ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What both placement strategies share."""

    height_range: Range  # [m]
    look_down_angle_range: Range  # [deg] 0 horizontal, 90 straight down
    focal_length_range: Range  # [mm]
    distance_range: Range  # [m] to the target


@dataclass(frozen=True, slots=True, kw_only=True)
class AimAtTargets(Placement):
    """Look at prims from around them."""

    targets: tuple[str, ...] = ()  # empty: all actors
    raycast_density: int = 200
    yaw_range: Range = (0.0, 360.0)  # [deg]
    occlusion_threshold: float = 0.4  # -1: off


@dataclass(frozen=True, slots=True, kw_only=True)
class MaximumCoverage(Placement):
    """See as much of the walkable floor as possible."""

    target_coverage_ratio: float = 0.9
    grid_resolution: float = 1.0  # [m]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorGroup:
    """A named group of cameras."""

    name: str
    num: int
    placement: AimAtTargets | MaximumCoverage


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSection:
    """All static cameras."""

    root_prim_path: str
    groups: tuple[SensorGroup, ...] = ()


# ---- replicator ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterConfig:
    """One writer: when it records, from which cameras, and its own parameters.

    Attributes:
        key: The config's key (``IRABasicWriter_2``).
        type: The key without its numeric suffix (``IRABasicWriter``).
        start_frame: First frame recorded, with `start_time` already turned into frames.
        end_frame: First frame no longer recorded, or None for the end of the run.
        sensor_prim_list: Cameras, or prims above cameras, to record; empty for all.
        output_dir: As written in the config; ``~`` is not expanded yet.
        parameters: Every other key of the block, defaults filled in.
    """

    key: str
    type: str
    start_frame: int = 30
    end_frame: int | None = None
    sensor_prim_list: tuple[str, ...] = ()
    output_dir: str = "~/IRA_output"
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatorSection:
    """What is recorded, and how."""

    writers: tuple[WriterConfig, ...] = ()
    hide_debug_visualization: bool = True
    render_product_resolution: tuple[int, int] = (1920, 1080)  # [px] width, height


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The static world."""

    base_stage_asset_path: str
    prop_asset_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole, valid config. Sections that the file leaves out are None."""

    version: str
    seed: int
    simulation_duration: float  # [s]
    environment: Environment
    character: CharacterSection | None = None
    robot: RobotSection | None = None
    sensor: SensorSection | None = None
    replicator: ReplicatorSection | None = None
    event_script: str | None = None

"""The world a config describes, set up and at rest: plain data that can travel to another process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from isaacsim_agent_ext.actors.colliders import StageCollider
from isaacsim_agent_ext.actors.plugins import PluginKey, PluginSource, load_plugin
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, TreeKey
from isaacsim_agent_ext.animation.animator import root_transform
from isaacsim_agent_ext.animation.motion_library import MotionLibrary
from isaacsim_agent_ext.config.model import Config, SemanticLabel
from isaacsim_agent_ext.hosts.robots import RobotRig
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.scene.place import Place
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot, Skeleton
from isaacsim_agent_ext.sensors.camera import CameraView


@dataclass(frozen=True, eq=False, kw_only=True)
class Mount:
    """Where something rides on an actor.

    Attributes:
        prim_path: The actor's root prim.
        to_root: ``(4, 4)`` float64 from the thing to the actor's root, at rest.
        joint: The robot's joint that it hangs on, as an index into its rig, or -1.
    """

    prim_path: str
    to_root: np.ndarray
    joint: int = -1

    def transform(self, root: np.ndarray, joints: Sequence[np.ndarray]) -> np.ndarray:
        """Return where it is now.

        Args:
            root: ``(4, 4)`` the actor's place.
            joints: ``(4, 4)`` each, how its rig's joints have moved.
        """
        on_root = self.to_root if self.joint < 0 else self.to_root @ joints[self.joint]
        place: np.ndarray = on_root @ root
        return place


@dataclass(frozen=True, eq=False, kw_only=True)
class CarriedInstance(Mount):
    """A rigid part that moves with an actor, such as a helmet that is not skinned.

    Attributes:
        instance: Index into the snapshot's instances.
    """

    instance: int


def find_mount(
    prim_path: str, transform: np.ndarray, specs: Sequence[ActorSpec], rigs: Sequence[RobotRig]
) -> Mount | None:
    """Return where a prim rides on the actor that it belongs to, or None.

    Args:
        prim_path: The prim.
        transform: ``(4, 4)`` where it is while everybody stands at the spawn pose.
        specs: The actors.
        rigs: The robots' moving parts.
    """
    spec = next((spec for spec in specs if prim_path.startswith(f"{spec.prim_path}/")), None)
    if spec is None:
        return None
    joints = next((rig.joints for rig in rigs if rig.prim_path == spec.prim_path), ())
    path = f"{prim_path}/"
    above = [number for number, joint in enumerate(joints) if path.startswith(f"{joint.prim_path}/")]
    return Mount(
        prim_path=spec.prim_path,
        to_root=transform @ np.linalg.inv(root_transform(spec.position, spec.yaw)),
        joint=above[-1] if above else -1,
    )


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
        locations: Where the prims stand that behaviors visit.
        labelled: The prims that carry the semantic labels which behaviors name.
        stage_colliders: What actors' colliders can touch of the stage; empty when nothing reacts to it.
        rigs: The robots' moving parts, in the order of their specs.
        robot_floors: Where the robots of each group can drive.
        onboard_cameras: Cameras of robots that record.
        cameras: All cameras.
        trees: The behavior trees that the config names.
        plugins: Where the plug-ins come from that the config names.
        warnings: What was found worth telling while setting up.
    """

    config: Config
    snapshot: SceneSnapshot
    navmesh: NavMesh
    specs: tuple[ActorSpec, ...]
    motion_library: MotionLibrary | None
    skeleton_indices: tuple[int, ...]
    carried: tuple[CarriedInstance, ...]
    locations: Mapping[str, Place]
    stage_colliders: tuple[StageCollider, ...] = ()
    labelled: Mapping[SemanticLabel, tuple[str, ...]] = field(default_factory=dict)
    rigs: tuple[RobotRig, ...] = ()
    robot_floors: Mapping[str, NavMesh] = field(default_factory=dict)
    onboard_cameras: tuple[str, ...] = ()
    cameras: tuple[CameraView, ...] = ()
    trees: Mapping[TreeKey, BehaviorTree] = field(default_factory=dict)
    plugins: Mapping[PluginKey, PluginSource] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[ActorSpec, ...]:
        """The people among the actors."""
        return self.specs[: len(self.skeleton_indices)]

    @property
    def skeletons(self) -> tuple[Skeleton, ...]:
        """The people's skeletons, in the order of their specs."""
        return tuple(self.snapshot.skeletons[index] for index in self.skeleton_indices)


class WorldFacts:
    """What is known of a world that is set up (`isaacsim_agent_ext.hosts.protocol.SetUpFacts`)."""

    def __init__(self, world: World):
        self._world = world

    @property
    def world(self) -> World:
        """The world at rest, to be looked at."""
        return self._world

    @property
    def cameras(self) -> Sequence[str]:
        """Prim paths of all cameras."""
        return [camera.prim_path for camera in self._world.cameras]

    @property
    def actor_count(self) -> int:
        """Actors in the world."""
        return len(self._world.specs)

    @property
    def warnings(self) -> Sequence[str]:
        """What the set-up found worth telling."""
        return self._world.warnings


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
        labelled=world.labelled,
        robot_floors=world.robot_floors,
        stage_colliders=world.stage_colliders,
        trees=world.trees,
        plugins={key: load_plugin(source) for key, source in world.plugins.items()},
    )

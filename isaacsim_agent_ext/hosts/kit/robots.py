"""Robots on the app's stage: their roots, wheels and casters written to a layer of ours, step by step.

Robots are driven by our simulation, not by physics, so that both hosts record the same: rigid bodies, colliders and
joints of their assets are switched off, in our layers only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from pxr import Sdf, Usd, UsdGeom, UsdPhysics

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.animator import actor_transform, root_transform
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.hosts.kit.roots import ActorRoot
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.robots.wheels import Joint
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.metrics import AT_REST, gf_matrix, stage_to_world

_PHYSICS = (UsdPhysics.RigidBodyAPI, UsdPhysics.CollisionAPI, UsdPhysics.ArticulationRootAPI)


def take_over(composed: ComposedStage, world: World) -> None:
    """Make all robots ours to move: what has to be written is no instance any more, and physics leaves it alone.

    Args:
        composed: The app's stage, its timeline stopped; the layer "actors" is edited.
        world: The world on it.
    """
    with composed.editing("actors") as stage:
        for rig in world.rigs:
            root = stage.GetPrimAtPath(rig.prim_path)
            _make_editable(root, {*(joint.prim_path for joint in rig.joints), *world.onboard_cameras})
            for prim in Usd.PrimRange(root):
                _switch_physics_off(prim)


class Robots:
    """Moves all robots of a world; make it while they stand at their spawn poses."""

    def __init__(self, stage: Usd.Stage, world: World, layer: Sdf.Layer):
        """Find everybody's prims.

        Args:
            stage: The app's stage.
            world: The world; its robots are taken over.
            layer: Where everything is written; a sublayer of the stage's session layer.

        Raises:
            SceneError: A robot is not on the stage as it was set up.
        """
        self._stage = stage
        self._layer = layer
        specs = world.specs[len(world.people) :]
        with Usd.EditContext(stage, layer):
            self._robots = [
                _Robot(stage, spec.prim_path, rig.joints, root_transform(spec.position, spec.yaw))
                for spec, rig in zip(specs, world.rigs, strict=True)
            ]

    def move(self, states: Sequence[ActorState], joints: Sequence[Sequence[np.ndarray]]) -> None:
        """Write one frame.

        Args:
            states: Where the robots are, in the order of the world.
            joints: For each robot, the pose of each joint (see `isaacsim_agent_ext.robots.wheels.JointMover.poses`).
        """
        with Usd.EditContext(self._stage, self._layer), Sdf.ChangeBlock():
            for robot, state, poses in zip(self._robots, states, joints, strict=True):
                robot.move(state, poses)


class _Robot:
    def __init__(self, stage: Usd.Stage, root_path: str, joints: Sequence[Joint], root: np.ndarray):
        prim = _existing(stage, root_path)
        to_robot = stage_to_world(stage) @ np.linalg.inv(root)
        self._root = ActorRoot(prim, root)
        self._root.move(root)
        self._parts = [_Part(_existing(stage, joint.prim_path), joint.parent, to_robot) for joint in joints]

    def move(self, state: ActorState, poses: Sequence[np.ndarray]) -> None:
        """Write where the robot is and how its wheels stand."""
        self._root.move(actor_transform(state))
        for part, pose in zip(self._parts, poses, strict=True):
            part.move(pose, poses[part.parent] if part.parent >= 0 else np.eye(4))


class _Part:
    """A wheel or swivel: one transform, relative to the prim above it."""

    def __init__(self, prim: Usd.Prim, parent: int, to_robot: np.ndarray):
        """Take the prim over.

        Args:
            prim: The joint's prim, at rest.
            parent: The joint above it, as an index into the robot's joints, or -1.
            to_robot: ``(4, 4)`` from the stage's coordinates to the robot's frame [m] at rest.
        """
        cache = UsdGeom.XformCache(AT_REST)
        self.parent = parent
        self._before = np.array(cache.GetLocalToWorldTransform(prim)) @ to_robot
        self._after = np.linalg.inv(np.array(cache.GetParentToWorldTransform(prim)) @ to_robot)
        xformable = UsdGeom.Xformable(prim)
        xformable.ClearXformOpOrder()
        self._transform = xformable.AddTransformOp().GetAttr()
        self.move(np.eye(4), np.eye(4))

    def move(self, pose: np.ndarray, above: np.ndarray) -> None:
        """Write the pose of the joint, given that of the joint above it; both in the robot's frame."""
        self._transform.Set(gf_matrix(self._before @ pose @ np.linalg.inv(above) @ self._after))


def _existing(stage: Usd.Stage, path: str) -> Usd.Prim:
    prim = stage.GetPrimAtPath(path)
    if not prim:
        raise SceneError(f"{path} is not on the stage any more; was it changed since the set-up?")
    return prim


def _make_editable(root: Usd.Prim, paths: Collection[str]) -> None:
    """Turn instances below a root into plain prims where they hold physics, or any of the paths."""
    todo = [root]
    while todo:
        prim = todo.pop()
        if prim.IsInstance():
            above = f"{prim.GetPath()}/"
            if any(path.startswith(above) for path in paths) or any(map(_is_physical, _below(prim))):
                prim.SetInstanceable(False)
        todo += prim.GetChildren()


def _below(prim: Usd.Prim) -> Iterator[Usd.Prim]:
    return iter(Usd.PrimRange(prim, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)))


def _is_physical(prim: Usd.Prim) -> bool:
    return prim.IsA(UsdPhysics.Joint) or any(prim.HasAPI(schema) for schema in _PHYSICS)


def _switch_physics_off(prim: Usd.Prim) -> None:
    """Keep physics from moving a prim, or from meeting it."""
    if prim.HasAPI(UsdPhysics.ArticulationRootAPI):
        prim.RemoveAPI(UsdPhysics.ArticulationRootAPI)
    if prim.HasAPI(UsdPhysics.RigidBodyAPI):
        UsdPhysics.RigidBodyAPI(prim).CreateRigidBodyEnabledAttr(False)
    if prim.HasAPI(UsdPhysics.CollisionAPI):
        UsdPhysics.CollisionAPI(prim).CreateCollisionEnabledAttr(False)
    if prim.IsA(UsdPhysics.Joint):
        UsdPhysics.Joint(prim).CreateJointEnabledAttr(False)

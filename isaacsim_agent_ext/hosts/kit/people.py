"""People on the app's stage: their roots and joints written to a layer of ours, step by step.

This is plain UsdSkel, which every version of Isaac Sim draws, so no animation graph or behavior system has to be there.
Values are written as defaults, not as time samples: an event may change what comes next at any step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSkel, Vt

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.animator import Poses, actor_transform, root_transform
from isaacsim_agent_ext.animation.kinematics import quaternions
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.hosts.kit.roots import ActorRoot
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.scene.metrics import AT_REST, prim_to_world, without_scale
from isaacsim_agent_ext.scene.snapshot import Skeleton

CLIP_NAME = "AgentMotion"
"""Name of the SkelAnimation prim below each actor's root."""

_DRIVING_SCHEMAS = ("AnimationGraphAPI", "BehaviorAgentAPI", "ControlRigAPI")
"""Schemas by which the app would drive a skeleton itself; a bound animation is ignored while one is there."""


class People:
    """Moves all people of a world; make it while they stand at their spawn poses."""

    def __init__(self, stage: Usd.Stage, world: World, layer: Sdf.Layer):
        """Bind an animation to every skeleton.

        Args:
            stage: The app's stage.
            world: The world.
            layer: Where everything is written; a sublayer of the stage's session layer.

        Raises:
            SceneError: A skeleton on the stage is not the one that was read.
        """
        self._stage = stage
        self._layer = layer
        with Usd.EditContext(stage, layer):
            self._people = [
                _Person(stage, spec.prim_path, skeleton, root_transform(spec.position, spec.yaw))
                for spec, skeleton in zip(world.people, world.skeletons, strict=True)
            ]

    async def begin(self) -> None:
        """Do nothing: what is on the stage is what is shown."""

    def seen(self, states: Sequence[ActorState]) -> Sequence[ActorState]:
        """Return the states as they are: people are where they are written to be."""
        return states

    def move(self, states: Sequence[ActorState], poses: Poses) -> None:
        """Write one frame.

        Args:
            states: Where everybody is, in the order of the world.
            poses: How everybody stands.
        """
        with Usd.EditContext(self._stage, self._layer), Sdf.ChangeBlock():
            for person, state, skinning in zip(self._people, states, poses.skinning, strict=True):
                person.move(state, skinning)


class _Person:
    """One person's prims, and what leads from the world to their values."""

    def __init__(self, stage: Usd.Stage, root_path: str, skeleton: Skeleton, root: np.ndarray):
        prim = stage.GetPrimAtPath(root_path)
        _take_over(prim)
        schema = UsdSkel.Skeleton(stage.GetPrimAtPath(skeleton.prim_path))
        if not schema:
            raise SceneError(f"{skeleton.prim_path} is no Skeleton any more; was the stage changed during the set-up?")
        tokens = _joint_tokens(schema, skeleton)
        self._skeleton = skeleton
        self._to_root = skeleton.transform @ np.linalg.inv(root)
        scale = np.abs(without_scale(prim_to_world(schema.GetPrim()))[1]).mean()
        self._unit = float(UsdGeom.GetStageMetersPerUnit(stage) * scale)  # [m] per unit of skeleton space
        self._root = ActorRoot(prim, root)

        clip = UsdSkel.Animation.Define(stage, f"{root_path}/{CLIP_NAME}")
        clip.CreateJointsAttr(tokens)
        rest = skeleton.rest
        self._scales = _scales(rest)
        clip.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(*map(float, row)) for row in self._scales]))
        self._translations = clip.CreateTranslationsAttr()
        self._rotations = clip.CreateRotationsAttr()
        self._write(rest)
        binding = UsdSkel.BindingAPI.Apply(schema.GetPrim())
        binding.CreateAnimationSourceRel().SetTargets([clip.GetPath()])
        self._root.move(root)

    def move(self, state: ActorState, skinning: np.ndarray) -> None:
        """Write where the person is and how it stands."""
        actor = actor_transform(state)
        self._root.move(actor)
        world = self._skeleton.bind @ np.asarray(skinning, np.float64)
        placed = world @ np.linalg.inv(self._to_root @ actor)
        parents = self._skeleton.parents
        above = np.where((parents >= 0)[:, None, None], placed[np.maximum(parents, 0)], np.eye(4))
        self._write(placed @ np.linalg.inv(above))

    def _write(self, local: np.ndarray) -> None:
        """Write joint-to-parent matrices ``(joints, 4, 4)`` [m]."""
        translations = (local[:, 3, :3] / self._unit).astype(np.float32)
        linear = local[:, :3, :3] / self._scales[:, :, None]
        self._translations.Set(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(translations)))
        self._rotations.Set(Vt.QuatfArray.FromNumpy(_quaternions(linear)))


def _take_over(root: Usd.Prim) -> None:
    """Make everything below an actor's root editable, and keep the app's own animation off it."""
    todo = [root]
    while todo:
        prim = todo.pop()
        if prim.IsInstance():
            prim.SetInstanceable(False)
        for schema in prim.GetAppliedSchemas():
            if schema.partition(":")[0] in _DRIVING_SCHEMAS:
                prim.RemoveAppliedSchema(schema)
        todo += prim.GetChildren()


def _joint_tokens(schema: UsdSkel.Skeleton, skeleton: Skeleton) -> Vt.TokenArray:
    """Return the joints' whole paths in the order of the snapshot.

    Raises:
        SceneError: The skeleton on the stage has other joints.
    """
    authored = [str(joint) for joint in schema.GetJointsAttr().Get(AT_REST) or ()]
    names: dict[str, list[str]] = {}
    for token in sorted(authored, key=lambda token: token.count("/")):
        names.setdefault(token.rsplit("/", 1)[-1], []).append(token)
    if tuple(token.rsplit("/", 1)[-1] for token in authored) == skeleton.joints:
        return Vt.TokenArray(authored)
    ordered = [found.pop(0) if (found := names.get(joint)) else None for joint in skeleton.joints]
    if None in ordered:
        raise SceneError(f"{skeleton.prim_path} has other joints than when it was read; was the stage changed?")
    return Vt.TokenArray(ordered)


def _scales(local: np.ndarray) -> np.ndarray:
    """Return the scale ``(joints, 3)`` of each joint's axes."""
    lengths = np.linalg.norm(local[:, :3, :3], axis=2)
    return np.where(lengths > 1e-9, lengths, 1.0)


def _quaternions(rotations: np.ndarray) -> np.ndarray:
    """Return unit quaternions ``(n, 4)`` float32 of row-vector rotations, in USD's order in memory: x, y, z, w."""
    return np.ascontiguousarray(np.roll(quaternions(rotations), -1, axis=1), np.float32)

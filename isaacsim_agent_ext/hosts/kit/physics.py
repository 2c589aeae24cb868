"""Letting rigid bodies come to rest with the app's PhysX, else with MuJoCo.

The timeline plays one physics step per update; poses are asked of PhysX itself, because the stage shows them late or
not at all where Fabric draws it, and are written to our layer when the timeline has stopped, which puts the stage back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import carb
import numpy as np
from pxr import Sdf, Usd, UsdPhysics

from isaacsim_agent_ext.animation.kinematics import normalized, row_matrices
from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.hosts.kit.app import enable_extension, next_updates, within
from isaacsim_agent_ext.hosts.kit.settings import frame_seconds, overridden
from isaacsim_agent_ext.hosts.kit.stage import stop_timeline
from isaacsim_agent_ext.hosts.kit.timeline import playing
from isaacsim_agent_ext.hosts.physics import RestWatch, Settlement, SettleRule
from isaacsim_agent_ext.hosts.standalone.physics import settle_scene
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.metrics import metric_transforms
from isaacsim_agent_ext.scene.rigid_bodies import check_bodies, move_bodies, other_bodies, read_rigid_scene

EXTENSION = "omni.physx"
ENGINE = "PhysX"
SCENE_PATH = "/AgentPhysicsScene"

_SETTINGS = {
    "/physics/updateToUsd": False,  # PhysX would write into whichever layer is being edited
    "/omni/replicator/captureOnPlay": False,
}
_STARTING_UPDATES = 30
"""Updates within which PhysX has to make its first step."""


class KitPhysics:
    """`isaacsim_agent_ext.hosts.physics.AsyncPhysics` in the app."""

    async def settle(self, stage: ComposedStage, bodies: Sequence[str], rule: SettleRule | None = None) -> Settlement:
        """Let bodies fall and come to rest; see `Physics.settle`."""
        rule = rule or SettleRule()
        check_bodies(stage.stage, bodies)
        watch = RestWatch(bodies, rule)
        if not bodies:
            return Settlement(steps=0, poses={}, moving=(), engine=ENGINE)
        try:
            settlement = await _with_physx(stage, bodies, rule, watch)
        except (AttributeError, ImportError, KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = f"{EXTENSION} cannot let bodies come to rest here ({error})"
            carb.log_warn(f"isaacsim_agent_ext: {reason}; MuJoCo does instead")
            scene = read_rigid_scene(stage, bodies)
            work = asyncio.get_running_loop().run_in_executor(None, settle_scene, scene, rule)
            try:
                settlement = await within(work, frame_seconds(), "MuJoCo to let bodies come to rest")
            except DependencyError as missing:
                raise DependencyError(f"{reason}. MuJoCo would do instead, but: {missing}") from missing
            told = (f"{reason}; MuJoCo is used instead", *settlement.warnings)
            settlement = replace(settlement, warnings=told)
        move_bodies(stage, settlement.poses)
        return settlement


async def _with_physx(composed: ComposedStage, bodies: Sequence[str], rule: SettleRule, watch: RestWatch) -> Settlement:
    """Simulate with the app.

    Raises:
        RuntimeError: It does not simulate the bodies, or does so otherwise than expected, as do `AttributeError`,
            `KeyError`, `TypeError` and `ValueError`.
    """
    if not await enable_extension(EXTENSION):
        raise ImportError(f"this app has no extension {EXTENSION}")
    import omni.physx

    interface = omni.physx.get_physx_interface()
    passed: list[float] = []
    await stop_timeline()
    with _prepared(composed.stage, bodies, rule), overridden(_SETTINGS):
        listening = interface.subscribe_physics_step_events(passed.append)
        try:
            async with playing(rule.max_steps * rule.step, step=rule.step):
                poses = await _simulate(interface, composed, bodies, watch, passed)
        finally:
            del listening  # the subscription ends when nothing holds it
    return Settlement(
        steps=watch.steps,
        poses=dict(zip(bodies, poses, strict=True)),
        moving=watch.moving,
        engine=ENGINE,
        warnings=watch.warnings,
    )


async def _simulate(
    interface: Any, composed: ComposedStage, bodies: Sequence[str], watch: RestWatch, passed: list[float]
) -> np.ndarray:
    """Let the timeline play until it is over, and return the last poses; ``passed`` fills with steps' lengths [s]."""
    for _ in range(_STARTING_UPDATES):
        await next_updates()
        if passed:
            break
    else:
        raise RuntimeError(f"no step of physics in {_STARTING_UPDATES} updates")
    poses = _poses(interface, composed, bodies)
    while not watch.ended:
        passed.clear()
        await next_updates()
        if not passed:
            raise RuntimeError(f"no more steps of physics after {watch.steps}")
        before, poses = poses, _poses(interface, composed, bodies)
        watch.see(*_speeds(before, poses, sum(passed)))
    return poses


@contextmanager
def _prepared(stage: Usd.Stage, bodies: Sequence[str], rule: SettleRule) -> Iterator[None]:
    """Hold all other bodies, and make the steps as long as the rule says, in a layer that goes again."""
    layer = Sdf.Layer.CreateAnonymous("settling.usda")
    session = stage.GetSessionLayer()
    others = other_bodies(stage, bodies)
    scenes = [prim for prim in stage.Traverse() if prim.IsA(UsdPhysics.Scene)]
    session.subLayerPaths = [layer.identifier, *session.subLayerPaths]
    try:
        with Usd.EditContext(stage, layer):
            for prim in others:
                if not prim.IsInstanceProxy():
                    UsdPhysics.RigidBodyAPI(prim).CreateKinematicEnabledAttr(True)
            for prim in scenes or [UsdPhysics.Scene.Define(stage, SCENE_PATH).GetPrim()]:
                prim.AddAppliedSchema("PhysxSceneAPI")
                rate = prim.CreateAttribute("physxScene:timeStepsPerSecond", Sdf.ValueTypeNames.UInt)
                rate.Set(max(1, round(1.0 / rule.step)))
            yield
    finally:
        session.subLayerPaths = [path for path in session.subLayerPaths if path != layer.identifier]


def _poses(interface: Any, composed: ComposedStage, bodies: Sequence[str]) -> np.ndarray:
    """Return where PhysX has the bodies: rigid, in the world ``(bodies, 4, 4)`` [m]."""
    poses = np.tile(np.eye(4), (len(bodies), 1, 1))
    for pose, body in zip(poses, bodies, strict=True):
        found = interface.get_rigidbody_transformation(body)
        if not found["ret_val"]:
            raise RuntimeError(f"PhysX has no body at {body}")
        x, y, z, w = (float(value) for value in found["rotation"])
        pose[:3, :3] = row_matrices(normalized(np.array([w, x, y, z])))
        pose[3, :3] = [float(value) for value in found["position"]]
    return metric_transforms(poses, composed.stage)


def _speeds(before: np.ndarray, after: np.ndarray, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how fast bodies moved [m/s] and turned [rad/s] between two looks at them."""
    moved = np.linalg.norm(after[:, 3, :3] - before[:, 3, :3], axis=1)
    turns = np.swapaxes(before[:, :3, :3], 1, 2) @ after[:, :3, :3]
    # Small angles: the sine is half the length of the antisymmetric part.
    sines = np.linalg.norm(turns - np.swapaxes(turns, 1, 2), axis=(1, 2)) / np.sqrt(8.0)
    return moved / seconds, sines / seconds

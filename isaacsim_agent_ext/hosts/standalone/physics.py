"""Letting rigid bodies come to rest with MuJoCo.

Boxes, spheres, capsules, cylinders and planes are simulated as such, meshes of bodies as their convex hulls, and meshes
that stay put triangle by triangle, as far as bodies may get there. Friction and mass count; restitution and joints do
not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from isaacsim_agent_ext.animation.kinematics import normalized, quaternions, row_matrices
from isaacsim_agent_ext.errors import DependencyError, SceneError
from isaacsim_agent_ext.hosts.physics import RestWatch, Settlement, SettleRule
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.rigid_bodies import (
    DEFAULT_DENSITY,
    Collider,
    RigidScene,
    move_bodies,
    read_rigid_scene,
)

if TYPE_CHECKING:
    import mujoco

ENGINE = "MuJoCo"

SUBSTEPS = 5
"""MuJoCo's own steps per step: with one, boxes at rest sink into each other by millimetres."""

REACH = 2.0
"""Bodies may get this much further sideways than the height they fall from, and still find the floor [m]."""

_THICKNESS = 0.05
"""Of the plates that triangles become, downwards from their outside [m]."""

_STIFFNESS = (0.008, 1.0)
"""MuJoCo's ``solref``: how quickly contacts push bodies apart [s], and their damping."""

_HULL_CORNERS = 64
"""Most corners of a convex hull, as in PhysX."""

_SMALLEST_TRIANGLE = 1e-8  # [m2]


class MujocoPhysics:
    """`isaacsim_agent_ext.hosts.physics.Physics` without an app."""

    def settle(self, stage: ComposedStage, bodies: Sequence[str], rule: SettleRule | None = None) -> Settlement:
        """Let bodies fall and come to rest; see `Physics.settle`."""
        settlement = settle_scene(read_rigid_scene(stage, bodies), rule or SettleRule())
        move_bodies(stage, settlement.poses)
        return settlement


def settle_scene(scene: RigidScene, rule: SettleRule) -> Settlement:
    """Return how bodies come to rest; the stage is neither read nor changed, so this may run in any thread.

    Raises:
        DependencyError: MuJoCo is not installed.
        SceneError: It cannot simulate this.
    """
    watch = RestWatch([body.prim_path for body in scene.bodies], rule)
    if not scene.bodies:
        return Settlement(steps=0, poses={}, moving=(), engine=ENGINE)
    mujoco = _load()
    model, data = _build(mujoco, scene, rule.step / SUBSTEPS)
    count = len(scene.bodies)
    while not watch.ended:
        mujoco.mj_step(model, data, SUBSTEPS)
        velocity = data.qvel.reshape(count, 6)
        watch.see(np.linalg.norm(velocity[:, :3], axis=1), np.linalg.norm(velocity[:, 3:], axis=1))
    state = np.array(data.qpos).reshape(count, 7)
    if not np.isfinite(state).all():
        raise SceneError("MuJoCo lost the bodies: do some of them begin inside of others?")
    poses = {body.prim_path: _pose(row) for body, row in zip(scene.bodies, state, strict=True)}
    return Settlement(
        steps=watch.steps, poses=poses, moving=watch.moving, engine=ENGINE, warnings=(*scene.warnings, *watch.warnings)
    )


def _load() -> Any:
    try:
        import mujoco
    except ImportError as error:
        raise DependencyError(
            f"letting bodies come to rest needs MuJoCo, which cannot be imported ({error}); install it: "
            f"pip install 'isaacsim-agent-ext[physics]'"
        ) from error
    return mujoco


def _build(mujoco: Any, scene: RigidScene, step: float) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """Return a model and its state, with the bodies in the order of the scene."""
    spec = mujoco.MjSpec()
    spec.option.timestep = step
    spec.option.gravity = scene.gravity
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0
    if hasattr(mujoco.mjtEnableBit, "mjENBL_MULTICCD"):  # before 3.8 a mesh touched other things at one point only
        spec.option.enableflags |= mujoco.mjtEnableBit.mjENBL_MULTICCD
    for collider in _fixed(scene):
        _add(mujoco, spec, spec.worldbody, collider)
    for number, body in enumerate(scene.bodies):
        added = spec.worldbody.add_body(name=str(number), pos=body.pose[3, :3], quat=_quaternion(body.pose))
        added.add_freejoint()
        for collider in body.colliders:
            geom = _add(mujoco, spec, added, collider)
            geom.density = body.density or collider.surface.density or DEFAULT_DENSITY
    try:
        model = spec.compile()
    except ValueError as error:
        raise SceneError(f"MuJoCo cannot simulate the bodies: {error}") from error
    data = mujoco.MjData(model)
    for number, body in enumerate(scene.bodies):
        if body.mass is not None:
            index = model.body(str(number)).id
            factor = body.mass / model.body_mass[index]
            model.body_mass[index] *= factor
            model.body_inertia[index] *= factor
    mujoco.mj_setConst(model, data)
    return model, data


def _add(mujoco: Any, spec: Any, body: Any, collider: Collider) -> Any:
    """Add a collider to a body and return what MuJoCo made of it."""
    kinds = mujoco.mjtGeom
    options: dict[str, Any] = {"pos": collider.pose[3, :3], "quat": _quaternion(collider.pose)}
    match collider.kind:
        case "box":
            options |= {"type": kinds.mjGEOM_BOX, "size": collider.size}
        case "sphere":
            options |= {"type": kinds.mjGEOM_SPHERE, "size": collider.size}
        case "capsule":
            options |= {"type": kinds.mjGEOM_CAPSULE, "size": collider.size}
        case "cylinder":
            options |= {"type": kinds.mjGEOM_CYLINDER, "size": collider.size}
        case "plane":
            options |= {"type": kinds.mjGEOM_PLANE, "size": [0.0, 0.0, 1.0]}
        case "hull" | "triangles":
            name = f"mesh {len(spec.meshes)}"
            spec.add_mesh(name=name, uservert=_solid(collider.points).ravel(), maxhullvert=_HULL_CORNERS)
            options |= {"type": kinds.mjGEOM_MESH, "meshname": name}
    friction = [collider.surface.friction, 0.005, 0.0001]  # sliding; twisting and rolling are MuJoCo's own
    return body.add_geom(condim=4, friction=friction, solref=_STIFFNESS, **options)


def _fixed(scene: RigidScene) -> Iterator[Collider]:
    """Yield what stays put, meshes as one convex plate per triangle that bodies may get to."""
    reach = _reach(scene)
    for collider in scene.fixed:
        if collider.kind != "triangles":
            yield collider
            continue
        corners = collider.points[collider.triangles]
        low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(normals, axis=1) / 2
        near = (low <= reach[1]).all(axis=1) & (high >= reach[0]).all(axis=1) & (area > _SMALLEST_TRIANGLE)
        down = _THICKNESS * normals[near] / (2 * area[near, None])
        for triangle, offset in zip(corners[near], down, strict=True):
            yield Collider(
                prim_path=collider.prim_path,
                kind="hull",
                pose=np.eye(4),
                points=np.concatenate([triangle, triangle - offset]),
                surface=collider.surface,
            )


def _reach(scene: RigidScene) -> np.ndarray:
    """Return the rectangle ``(2, 2)`` that bodies may get to, seen from above [m]."""
    centres = np.array([body.pose[3, :3] for body in scene.bodies])
    radius = max(_radius(collider) for body in scene.bodies for collider in body.colliders)
    margin = REACH + radius + np.ptp(centres[:, 2])
    return np.array([centres[:, :2].min(axis=0) - margin, centres[:, :2].max(axis=0) + margin])


def _radius(collider: Collider) -> float:
    """Return how far from its body's origin a collider reaches, at most [m]."""
    own = np.linalg.norm(collider.points, axis=1).max(initial=0.0) + np.linalg.norm(collider.size)
    return float(np.linalg.norm(collider.pose[3, :3]) + own)


def _solid(points: np.ndarray) -> np.ndarray:
    """Return points that span a volume: those of a flat sheet get a millimetre of thickness."""
    centred = points - points.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    if len(spread) == 3 and spread[2] > 1e-6 * max(spread[0], 1e-9):
        return points
    return np.concatenate([points - 0.0005 * axes[-1], points + 0.0005 * axes[-1]])


def _quaternion(pose: np.ndarray) -> np.ndarray:
    """Return the rotation of a pose in MuJoCo's order: w, x, y, z."""
    return np.asarray(quaternions(pose[None, :3, :3])[0], np.float64)


def _pose(state: np.ndarray) -> np.ndarray:
    """Return the pose ``(4, 4)`` of a position and quaternion ``(7,)``."""
    pose = np.eye(4)
    pose[:3, :3] = row_matrices(normalized(state[3:]))
    pose[3, :3] = state[:3]
    return pose

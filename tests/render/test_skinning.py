"""Skinning on the device against NumPy, and the rest pose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from known_scenes import at, camera_at

from isaacsim_agent_ext.render.geometry import rest_skinning, skin
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.scene.snapshot import Instance, Material, Mesh, SceneFrame, SceneSnapshot, Skeleton, Skin

MakeRenderer = Callable[..., Renderer]


def tube(rings: int = 12, around: int = 10) -> Mesh:
    """A tube along Z from 0 to 2, its weights sliding from joint 0 to joint 3."""
    z, angle = np.meshgrid(np.linspace(0, 2, rings), np.linspace(0, 2 * np.pi, around + 1), indexing="ij")
    normals = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1).reshape(-1, 3)
    points = normals * 0.3 + np.stack([0 * z, 0 * z, z], axis=-1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij")
    q, w = (i * (around + 1) + j).ravel(), around + 1
    triangles = np.concatenate([np.stack([q, q + 1, q + w + 1], 1), np.stack([q, q + w + 1, q + w], 1)])
    weights = np.random.default_rng(5).dirichlet(np.ones(4), len(points))
    joints = np.tile([0, 1, 2, 3], (len(points), 1))
    return Mesh(
        points=points.astype(np.float32),
        normals=normals.astype(np.float32),
        uvs=np.zeros((len(points), 2), np.float32),
        triangles=triangles.astype(np.int32),
        materials=np.zeros(len(triangles), np.int32),
        skin=Skin(0, joints.astype(np.int32), weights.astype(np.float32)),
    )


def chain() -> Skeleton:
    bind = np.tile(np.eye(4), (4, 1, 1))
    bind[:, 3, 2] = [0.0, 0.5, 1.0, 1.5]
    rest = np.tile(np.eye(4), (4, 1, 1))
    rest[1:, 3, 2] = 0.5
    return Skeleton("/World/skeleton", tuple("abcd"), np.array([-1, 0, 1, 2]), bind, rest, at(1.0, 2.0, 0.0))


def snapshot() -> SceneSnapshot:
    instance = Instance(prim_path="/World/body", mesh=0, transform=at(1.0, 2.0, 0.0), moving=True)
    return SceneSnapshot(meshes=(tube(),), instances=(instance,), materials=(Material(),), skeletons=(chain(),))


def matrices(seed: int) -> np.ndarray:
    """Random rotations, scales and moves."""
    random = np.random.default_rng(seed)
    made = np.tile(np.eye(4), (4, 1, 1))
    for matrix in made:
        rotation, _ = np.linalg.qr(random.normal(size=(3, 3)))
        rotation *= np.sign(np.linalg.det(rotation))
        matrix[:3, :3] = np.diag(random.uniform(0.7, 1.4, 3)) @ (0.4 * rotation + np.eye(3))
        matrix[3, :3] = random.uniform(-1, 1, 3)
    return made.astype(np.float32)


def test_at_rest_the_mesh_stands_where_its_skeleton_stands(renderer: MakeRenderer) -> None:
    points = renderer(snapshot()).instance_points(0)
    np.testing.assert_allclose(points, tube().points + np.array([1.0, 2.0, 0.0]), atol=1e-6)


def test_a_rest_pose_unlike_the_bind_pose(renderer: MakeRenderer) -> None:
    skeleton = chain()
    skeleton.rest[1, 3, :3] = [0.2, 0.0, 0.5]
    expected = np.linalg.inv(skeleton.bind) @ np.stack([at(0, 0, 0), at(0.2, 0, 0.5), at(0.2, 0, 1.0), at(0.2, 0, 1.5)])
    np.testing.assert_allclose(rest_skinning(skeleton), expected @ skeleton.transform, atol=1e-6)


def test_the_device_skins_as_numpy_does(renderer: MakeRenderer) -> None:
    one, mesh = renderer(snapshot()), tube()
    assert mesh.skin is not None
    for seed in range(3):
        one.update(SceneFrame(skinning={0: matrices(seed)}))
        blended = sum(mesh.skin.joint_weights[:, j, None, None] * matrices(seed)[j] for j in range(4))
        homogeneous = np.concatenate([mesh.points, np.ones((len(mesh.points), 1), np.float32)], axis=1)
        expected = np.einsum("vr,vrc->vc", homogeneous, blended)[:, :3]
        np.testing.assert_allclose(one.instance_points(0), expected, atol=2e-6)
        normals = np.einsum("vcr,vr->vc", np.linalg.inv(blended[:, :3, :3]), mesh.normals)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        _, turned = skin(mesh.points, mesh.normals, mesh.skin.joint_indices, mesh.skin.joint_weights, matrices(seed))
        np.testing.assert_allclose(turned, normals, atol=1e-4)
        np.testing.assert_allclose(one._scene.geometry.normals.numpy(), normals, atol=1e-4)


def test_a_skinned_mesh_is_seen_where_it_went(renderer: MakeRenderer, backend: str) -> None:
    one = renderer(snapshot(), backend=backend)
    camera = camera_at((0, -6, 1), (0, 0, 1))
    away = np.tile(at(-1.0, 0.0, 0.0), (4, 1, 1)).astype(np.float32)
    one.update(SceneFrame(skinning={0: away}))
    image = one.render(camera, shaded=False)
    x = np.nonzero((image.instance == 0).any(axis=0))[0]
    assert x.max() < 80
    one.update(SceneFrame(skinning={0: away + at(2.0, 0.0, 0.0) - np.eye(4)}))
    image = one.render(camera, shaded=False)
    x = np.nonzero((image.instance == 0).any(axis=0))[0]
    assert x.min() > 80
    assert image.motion[image.instance == 0][:, 0].max() < -40, "it came from the left"

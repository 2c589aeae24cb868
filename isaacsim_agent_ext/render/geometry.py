"""The snapshot as flat arrays in world space: what never moves first, then what does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.scene.snapshot import Mesh, SceneSnapshot, Skeleton

CUTOUT = 0.5
"""Faces of materials less opaque than this are not drawn."""

CHUNK = 1 << 20
"""Triangles worked on at once."""


@dataclass(frozen=True)
class MovingInstance:
    """An instance whose vertices may change from frame to frame.

    Attributes:
        instance: Its index in the snapshot.
        skeleton: The skeleton it follows, or -1 for a rigid one.
        matrices: Its range in the matrix palette.
        vertices: Its range in the scene's vertices.
        triangles: Its range in the scene's triangles.
    """

    instance: int
    skeleton: int
    matrices: slice
    vertices: slice
    triangles: slice


@dataclass(frozen=True, eq=False)
class PackedScene:
    """Everything in the world at rest; vertices and triangles of what never moves come first.

    A rigid moving instance is skinned to one matrix, so that one kernel moves everything.

    Attributes:
        points: ``(vertices, 3)`` float32 [m].
        normals: ``(vertices, 3)`` float32.
        uvs: ``(vertices, 2)`` float32.
        triangles: ``(triangles, 3)`` int32, wound so that normals point to the front.
        instance: ``(triangles,)`` int32 instance of each triangle.
        material: ``(triangles,)`` int32 material of each triangle.
        uv_density: ``(triangles,)`` float32 texture repeats per metre.
        vertex_ranges: ``(instances, 2)`` int64 first vertex and number of vertices.
        static_vertices: Number of vertices that never move.
        static_triangles: Number of triangles that never move.
        moving: Instances that may move, in order of their vertices.
        bind_points: ``(moving vertices, 3)`` float32 in bind space.
        bind_normals: ``(moving vertices, 3)`` float32 in bind space.
        joints: ``(moving vertices, 4)`` int32 into the palette.
        weights: ``(moving vertices, 4)`` float32.
        palette: ``(matrices, 4, 4)`` float32 at rest.
    """

    points: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    instance: np.ndarray
    material: np.ndarray
    uv_density: np.ndarray
    vertex_ranges: np.ndarray
    static_vertices: int
    static_triangles: int
    moving: tuple[MovingInstance, ...]
    bind_points: np.ndarray
    bind_normals: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    palette: np.ndarray


def pack_scene(snapshot: SceneSnapshot) -> PackedScene:
    """Place every instance in the world at rest."""
    opaque = np.array([material.opacity >= CUTOUT for material in snapshot.materials], dtype=bool)
    moves = [instance.moving or snapshot.meshes[instance.mesh].skin is not None for instance in snapshot.instances]
    order = sorted(range(len(snapshot.instances)), key=lambda index: (moves[index], index))

    points: list[np.ndarray] = []
    normals: list[np.ndarray] = []
    triangles: list[np.ndarray] = []
    owners: list[np.ndarray] = []
    materials: list[np.ndarray] = []
    joints: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    palette: list[np.ndarray] = []
    moving: list[MovingInstance] = []
    ranges = np.zeros((len(snapshot.instances), 2), dtype=np.int64)
    vertex_count = triangle_count = static_vertices = static_triangles = matrix_count = 0

    for index in order:
        instance = snapshot.instances[index]
        mesh = snapshot.meshes[instance.mesh]
        drawn = _drawn_triangles(mesh, opaque)
        ranges[index] = vertex_count, len(mesh.points)
        if moves[index]:
            skeleton = mesh.skin.skeleton if mesh.skin is not None else -1
            matrices = (
                rest_skinning(snapshot.skeletons[skeleton])
                if mesh.skin is not None
                else np.asarray(instance.transform, dtype=np.float32)[None]
            )
            if mesh.skin is not None:
                own_joints = np.asarray(mesh.skin.joint_indices, dtype=np.int32)
                own_weights = np.asarray(mesh.skin.joint_weights, dtype=np.float32)
            else:
                own_joints = np.zeros((len(mesh.points), 4), dtype=np.int32)
                own_weights = np.tile(np.array([1, 0, 0, 0], dtype=np.float32), (len(mesh.points), 1))
            placed, turned = skin(mesh.points, mesh.normals, own_joints, own_weights, matrices)
            joints.append(own_joints + matrix_count)
            weights.append(own_weights)
            palette.append(matrices)
            moving.append(
                MovingInstance(
                    instance=index,
                    skeleton=skeleton,
                    matrices=slice(matrix_count, matrix_count + len(matrices)),
                    vertices=slice(vertex_count, vertex_count + len(mesh.points)),
                    triangles=slice(triangle_count, triangle_count + len(drawn)),
                )
            )
            matrix_count += len(matrices)
        else:
            placed = transform_points(mesh.points, instance.transform)
            turned = transform_normals(mesh.normals, instance.transform)
            static_vertices += len(mesh.points)
            static_triangles += len(drawn)
        points.append(placed)
        normals.append(turned)
        triangles.append(mesh.triangles[drawn] + np.int32(vertex_count))
        materials.append(mesh.materials[drawn])
        owners.append(np.full(len(drawn), index, dtype=np.int32))
        vertex_count += len(mesh.points)
        triangle_count += len(drawn)

    ordered = [snapshot.meshes[snapshot.instances[index].mesh] for index in order]
    movers = [snapshot.meshes[snapshot.instances[mover.instance].mesh] for mover in moving]
    all_points = _join(points, (3,), np.float32)
    all_normals = _join(normals, (3,), np.float32)
    all_uvs = _join([mesh.uvs for mesh in ordered], (2,), np.float32)
    faces = _wind_towards_normals(all_points, all_normals, _join(triangles, (3,), np.int32))
    return PackedScene(
        points=all_points,
        normals=all_normals,
        uvs=all_uvs,
        triangles=faces,
        instance=_join(owners, (), np.int32),
        material=_join(materials, (), np.int32),
        uv_density=_uv_density(all_points, all_uvs, faces),
        vertex_ranges=ranges,
        static_vertices=static_vertices,
        static_triangles=static_triangles,
        moving=tuple(moving),
        bind_points=_join([mesh.points for mesh in movers], (3,), np.float32),
        bind_normals=_join([mesh.normals for mesh in movers], (3,), np.float32),
        joints=_join(joints, (4,), np.int32),
        weights=_join(weights, (4,), np.float32),
        palette=_join(palette, (4, 4), np.float32),
    )


def rest_skinning(skeleton: Skeleton) -> np.ndarray:
    """Return the ``(joints, 4, 4)`` float32 matrices that take bind space to the world at rest."""
    posed = np.array(skeleton.rest, dtype=np.float64)
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            posed[joint] = posed[joint] @ posed[parent]
    return (np.linalg.inv(skeleton.bind) @ posed @ skeleton.transform).astype(np.float32)


def skin(
    points: np.ndarray, normals: np.ndarray, joints: np.ndarray, weights: np.ndarray, matrices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Skin a mesh linearly on the host.

    Args:
        points: ``(vertices, 3)`` in bind space [m].
        normals: ``(vertices, 3)`` in bind space.
        joints: ``(vertices, 4)`` into ``matrices``.
        weights: ``(vertices, 4)``.
        matrices: ``(matrices, 4, 4)`` bind space to world.

    Returns:
        Points and unit normals in the world, ``(vertices, 3)`` float32 each.
    """
    blended = np.einsum("vj,vjrc->vrc", weights, matrices[joints], optimize=True)
    placed = np.einsum("vr,vrc->vc", points, blended[:, :3, :3]) + blended[:, 3, :3]
    turned = np.einsum("vr,vrc->vc", normals, cofactors(blended[:, :3, :3]))
    return placed.astype(np.float32), _unit(turned).astype(np.float32)


def cofactors(linear: np.ndarray) -> np.ndarray:
    """Return the matrices that turn normals: ``(..., 3, 3)`` cofactors, their sign freed from mirroring."""
    rows = np.stack(
        [
            np.cross(linear[..., 1, :], linear[..., 2, :]),
            np.cross(linear[..., 2, :], linear[..., 0, :]),
            np.cross(linear[..., 0, :], linear[..., 1, :]),
        ],
        axis=-2,
    )
    mirrored = np.einsum("...c,...c->...", rows[..., 0, :], linear[..., 0, :]) < 0.0
    return np.where(mirrored[..., None, None], -rows, rows)


def transform_points(points: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Return ``points @ transform`` as ``(n, 3)`` float32."""
    return (points.astype(np.float64) @ transform[:3, :3] + transform[3, :3]).astype(np.float32)


def transform_normals(normals: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Return the unit normals after ``transform`` as ``(n, 3)`` float32."""
    return _unit(normals.astype(np.float64) @ cofactors(np.asarray(transform)[:3, :3])).astype(np.float32)


def _drawn_triangles(mesh: Mesh, opaque: np.ndarray) -> np.ndarray:
    return np.flatnonzero(opaque[mesh.materials])


def _wind_towards_normals(points: np.ndarray, normals: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Swap two corners of triangles whose winding disagrees with their normals (mirrored instances do)."""
    wound = triangles.copy()
    for start in range(0, len(triangles), CHUNK):
        chunk = triangles[start : start + CHUNK]
        a, b, c = (points[chunk[:, corner]] for corner in range(3))
        mean = normals[chunk[:, 0]] + normals[chunk[:, 1]] + normals[chunk[:, 2]]
        disagrees = np.einsum("tc,tc->t", np.cross(b - a, c - a), mean) < 0.0
        wound[start : start + CHUNK][disagrees, 1:] = chunk[disagrees, :0:-1]
    return wound


def _uv_density(points: np.ndarray, uvs: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    density = np.empty(len(triangles), dtype=np.float32)
    for start in range(0, len(triangles), CHUNK):  # in chunks, so that millions of triangles need little memory
        chunk = triangles[start : start + CHUNK]
        a, b, c = (points[chunk[:, corner]] for corner in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        ta, tb, tc = (uvs[chunk[:, corner]] for corner in range(3))
        e, f = tb - ta, tc - ta
        uv_area = np.abs(e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0])
        density[start : start + CHUNK] = np.sqrt(uv_area / np.maximum(area, 1e-12))
    return density


def _join(parts: list[np.ndarray], shape: tuple[int, ...], dtype: type) -> np.ndarray:
    if not parts:
        return np.zeros((0, *shape), dtype=dtype)
    return np.ascontiguousarray(np.concatenate(parts), dtype=dtype)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20)

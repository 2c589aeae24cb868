"""Small scenes with known answers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from isaacsim_agent_ext.scene.snapshot import Instance, Light, Material, Mesh, SceneSnapshot
from isaacsim_agent_ext.sensors.camera import CameraView

RESOLUTION = (160, 120)
FOCAL_LENGTH = 18.0


def quad(corners: np.ndarray, uvs: np.ndarray | None = None) -> Mesh:
    """Four corners, counter-clockwise seen from the front."""
    points = np.asarray(corners, dtype=np.float32)
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    normal /= np.linalg.norm(normal)
    return Mesh(
        points=points,
        normals=np.tile(normal, (4, 1)).astype(np.float32),
        uvs=np.asarray([[0, 0], [1, 0], [1, 1], [0, 1]] if uvs is None else uvs, dtype=np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32),
        materials=np.zeros(2, dtype=np.int32),
    )


def floor(half: float = 20.0) -> Mesh:
    return quad(np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]]))


def cube(size: float = 1.0) -> Mesh:
    """A cube around the origin with flat normals."""
    faces = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            corners = np.zeros((4, 3))
            corners[:, axis] = side
            corners[:, (axis + 1) % 3] = np.array([-1, 1, 1, -1]) * side
            corners[:, (axis + 2) % 3] = [-1, -1, 1, 1]
            faces.append(quad(corners * size / 2))
    return Mesh(
        points=np.concatenate([face.points for face in faces]),
        normals=np.concatenate([face.normals for face in faces]),
        uvs=np.concatenate([face.uvs for face in faces]),
        triangles=np.concatenate([face.triangles + 4 * order for order, face in enumerate(faces)]).astype(np.int32),
        materials=np.zeros(12, dtype=np.int32),
    )


def ball(radius: float = 1.0, rings: int = 96) -> Mesh:
    """A fine sphere around the origin with smooth normals."""
    polar, azimuth = np.linspace(0, math.pi, rings + 1), np.linspace(0, 2 * math.pi, 2 * rings + 1)
    p, a = np.meshgrid(polar, azimuth, indexing="ij")
    normals = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], axis=-1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rings), np.arange(2 * rings), indexing="ij")
    q, w = (i * (2 * rings + 1) + j).ravel(), 2 * rings + 1
    triangles = np.concatenate([np.stack([q, q + w, q + w + 1], 1), np.stack([q, q + w + 1, q + 1], 1)])
    return Mesh(
        points=(normals * radius).astype(np.float32),
        normals=normals.astype(np.float32),
        uvs=np.zeros((len(normals), 2), dtype=np.float32),
        triangles=triangles.astype(np.int32),
        materials=np.zeros(len(triangles), dtype=np.int32),
    )


def at(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> np.ndarray:
    transform = np.eye(4)
    transform[3, :3] = x, y, z
    return transform


def scene(*placed: tuple[Mesh, np.ndarray], **kwargs: object) -> SceneSnapshot:
    """One instance per mesh, all of one grey material."""
    instances = tuple(
        Instance(prim_path=f"/World/prim_{order}", mesh=order, transform=transform)
        for order, (_, transform) in enumerate(placed)
    )
    made = SceneSnapshot(
        meshes=tuple(mesh for mesh, _ in placed),
        instances=instances,
        materials=(Material(base_color=(0.5, 0.5, 0.5), roughness=1.0),),
    )
    return replace(made, **kwargs)


def camera_at(eye: tuple[float, float, float], target: tuple[float, float, float], **kwargs: object) -> CameraView:
    back = np.asarray(eye, float) - np.asarray(target, float)
    back /= np.linalg.norm(back)
    right = np.cross([0.0, 1.0, 0.0] if abs(back[2]) > 0.99 else [0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    transform = np.eye(4)
    transform[:3, :3] = right, np.cross(back, right), back
    transform[3, :3] = eye
    given: dict[str, object] = {"resolution": RESOLUTION, "focal_length": FOCAL_LENGTH, **kwargs}
    return CameraView(prim_path="/Camera", transform=transform, **given)  # type: ignore[arg-type]


def rays_of(camera: CameraView) -> np.ndarray:
    """World rays through all pixel centres, length 1 along the optical axis."""
    width, height = camera.resolution
    pixel = camera.horizontal_aperture / camera.focal_length / width
    x = (np.arange(width) + 0.5 - width / 2) * pixel
    y = (height / 2 - np.arange(height) - 0.5) * pixel
    local = np.stack([*np.meshgrid(x, y), -np.ones((height, width))], axis=-1)
    return local @ camera.transform[:3, :3]


def distant_light(direction: tuple[float, float, float], intensity: float = 1000.0) -> Light:
    """A sharp sun shining along a direction."""
    back = -np.asarray(direction, float)
    back /= np.linalg.norm(back)
    right = np.cross([0.0, 1.0, 0.0] if abs(back[2]) > 0.9 else [0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    transform = np.eye(4)
    transform[:3, :3] = right, np.cross(back, right), back
    return Light(
        kind="distant", prim_path="/Sun", color=(1.0, 1.0, 1.0), intensity=intensity, transform=transform, size=(0.0, 0)
    )


def where(backend: str) -> dict[str, str]:
    """Return a renderer's or ray caster's arguments for a value of the ``backend`` fixture."""
    return {"device": "cuda:0", "backend": "warp"} if backend == "cuda" else {"backend": backend}

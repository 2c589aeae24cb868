"""USD's implicit shapes as polygon meshes, with the axes and texture coordinates USD gives them.

All shapes are right-handed, centred at the origin, and have authored-like normals, so that curved ones shade smooth
and caps stay flat.
"""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.scene.geometry import PolygonMesh, Primvar

SEGMENTS = 32
"""Facets around a round shape."""

RINGS = 16
"""Facets from pole to pole of a sphere."""


def cube(size: float) -> PolygonMesh:
    """Return a box of edge length ``size``, each face with its own texture square."""
    points, normals, uvs = [], [], []
    for axis in range(3):
        for sign in (1.0, -1.0):
            normal = np.eye(3)[axis] * sign
            u = np.eye(3)[(axis + 1) % 3] * sign
            v = np.cross(normal, u)
            for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                points.append((normal + s * u + t * v) * size / 2)
                normals.append(normal)
                uvs.append(((s + 1) / 2, (t + 1) / 2))
    return _quads(np.array(points), np.array(normals), np.array(uvs), np.arange(24).reshape(6, 4))


def plane(width: float, length: float, axis: str) -> PolygonMesh:
    """Return a rectangle across ``axis``: width along the next axis (X for Z), length along the one after."""
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    points = np.zeros((4, 3))
    points[:, 0], points[:, 1] = corners[:, 0] * width, corners[:, 1] * length
    if axis == "X":  # USD: width along Z, length along Y
        points = np.stack([np.zeros(4), points[:, 1], -points[:, 0]], axis=1)
    elif axis == "Y":  # USD: width along X, length along Z
        points = np.stack([points[:, 0], np.zeros(4), -points[:, 1]], axis=1)
    normal = np.tile(np.eye(3)["XYZ".index(axis)], (4, 1))
    return _quads(points, normal, corners + 0.5, np.arange(4)[None])


def sphere(radius: float) -> PolygonMesh:
    """Return a sphere with its poles on Z."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, RINGS + 1)
    profile = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _lathe(profile * radius, profile, np.linspace(0, 1, RINGS + 1), "Z")


def cylinder(radius: float, height: float, axis: str) -> PolygonMesh:
    """Return a cylinder with caps along ``axis``."""
    half = height / 2
    profile = [(0, -half), (radius, -half), (radius, -half), (radius, half), (radius, half), (0, half)]
    normals = [(0, -1), (0, -1), (1, 0), (1, 0), (0, 1), (0, 1)]
    return _lathe(np.array(profile), np.array(normals, float), np.array([0, 0, 0, 1, 1, 1.0]), axis)


def cone(radius: float, height: float, axis: str) -> PolygonMesh:
    """Return a cone with its base below and its tip on the positive ``axis``."""
    half = height / 2
    slope = np.array([height, radius]) / np.hypot(height, radius)
    profile = [(0, -half), (radius, -half), (radius, -half), (0, half)]
    normals = np.array([(0, -1), (0, -1), slope, slope])
    return _lathe(np.array(profile), normals, np.array([0, 0, 0, 1.0]), axis)


def capsule(radius: float, height: float, axis: str) -> PolygonMesh:
    """Return a capsule; ``height`` is that of the cylinder between the half spheres."""
    half = np.linspace(0, np.pi / 2, RINGS // 2 + 1)
    arc = np.concatenate([half - np.pi / 2, half])
    normals = np.stack([np.cos(arc), np.sin(arc)], axis=1)
    centers = np.repeat([[0, -height / 2], [0, height / 2]], len(half), axis=0)
    profile = normals * radius + centers
    along = (profile[:, 1] + height / 2 + radius) / max(height + 2 * radius, 1e-30)
    return _lathe(profile, normals, along, axis)


def _lathe(profile: np.ndarray, normals: np.ndarray, v: np.ndarray, axis: str) -> PolygonMesh:
    """Turn a profile of (radius, height) around ``axis``; rows of equal position are the sharp edges between parts."""
    turn = np.linspace(0, 2 * np.pi, SEGMENTS + 1)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = _around(profile, around)
    columns = SEGMENTS + 1
    rows = np.flatnonzero(np.abs(np.diff(profile, axis=0)).sum(axis=1) > 0)
    first = (rows[:, None] * columns + np.arange(SEGMENTS)[None, :]).ravel()
    quads = np.stack([first, first + 1, first + 1 + columns, first + columns], axis=1)
    uvs = np.stack(np.meshgrid(turn / (2 * np.pi), v), axis=2).reshape(-1, 2)
    order = {"X": [2, 0, 1], "Y": [1, 2, 0], "Z": [0, 1, 2]}[axis]
    return _quads(points[:, order], _around(normals, around)[:, order], uvs, quads)


def _around(profile: np.ndarray, around: np.ndarray) -> np.ndarray:
    radial = profile[:, None, :1] * around[None]
    height = np.broadcast_to(profile[:, None, 1:], (len(profile), len(around), 1))
    return np.concatenate([radial, height], axis=2).reshape(-1, 3)


def _quads(points: np.ndarray, normals: np.ndarray, uvs: np.ndarray, quads: np.ndarray) -> PolygonMesh:
    return PolygonMesh(
        points=points.astype(np.float32),
        counts=np.full(len(quads), 4, dtype=np.int32),
        indices=quads.ravel().astype(np.int32),
        normals=Primvar(normals.astype(np.float32), "vertex"),
        uvs=Primvar(uvs.astype(np.float32), "vertex"),
    )

"""Polygon meshes as plain arrays, and what can be done with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """Convex polygons over vertices that are split wherever normal or texture coordinate differ.

    Attributes:
        points: ``(vertices, 3)`` float64 [m].
        normals: ``(vertices, 3)`` float64, unit length.
        uvs: ``(vertices, 2)`` float64 [m], or in texture units for looks whose tile is 1.
        counts: ``(faces,)`` int32 corners of each face.
        indices: ``(sum of counts,)`` int32, counter-clockwise seen from outside.
    """

    points: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    counts: np.ndarray
    indices: np.ndarray

    @property
    def triangle_count(self) -> int:
        """Triangles after fan triangulation."""
        return int((self.counts - 2).sum())


def merge(meshes: Iterable[Mesh]) -> Mesh:
    """Join meshes into one, in the order given."""
    parts = list(meshes)
    offsets = np.cumsum([0] + [len(part.points) for part in parts[:-1]])
    return Mesh(
        points=np.concatenate([part.points for part in parts]),
        normals=np.concatenate([part.normals for part in parts]),
        uvs=np.concatenate([part.uvs for part in parts]),
        counts=np.concatenate([part.counts for part in parts]),
        indices=np.concatenate([part.indices + offset for part, offset in zip(parts, offsets, strict=True)]),
    )


def rotation(axis: str, degrees: float) -> np.ndarray:
    """Return the 3x3 row-vector matrix that turns by ``degrees`` about a coordinate axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, s, -s, c
    return matrix


def moved(mesh: Mesh, offset: tuple[float, float, float] = (0, 0, 0), **turns: float) -> Mesh:
    """Turn a mesh about the axes named (``x=90, z=45``, in that order, degrees), then shift it [m]."""
    matrix = np.eye(3)
    for axis, degrees in turns.items():
        matrix = matrix @ rotation(axis, degrees)
    return replace(mesh, points=mesh.points @ matrix + np.asarray(offset, float), normals=mesh.normals @ matrix)


def mirrored(mesh: Mesh, axis: int) -> Mesh:
    """Reflect a mesh in the plane through the origin across coordinate ``axis`` (0, 1 or 2)."""
    flip = np.ones(3)
    flip[axis] = -1
    ends = np.cumsum(mesh.counts)
    indices = np.concatenate(
        [mesh.indices[end - count : end][::-1] for end, count in zip(ends, mesh.counts, strict=True)]
    )
    return replace(mesh, points=mesh.points * flip, normals=mesh.normals * flip, indices=indices)


def both_sides(mesh: Mesh, axis: int) -> Mesh:
    """Return a mesh together with its mirror image."""
    return merge([mesh, mirrored(mesh, axis)])


def shifted_uvs(mesh: Mesh, offset: tuple[float, float]) -> Mesh:
    """Slide the texture, so that equal parts do not show equal stains."""
    return replace(mesh, uvs=mesh.uvs + np.asarray(offset, float))

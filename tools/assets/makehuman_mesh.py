"""Cutting, offsetting and finishing the skinned triangle meshes that people are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a person: skin, a garment, hair.

    Attributes:
        points: ``(vertices, 3)`` float64 [m] in the bind pose.
        weights: ``(vertices, joints)`` float64, rows summing to 1.
        triangles: ``(triangles, 3)`` int64, counter-clockwise seen from outside.
        uvs: ``(triangles, 3, 2)`` float64 texture coordinates of the corners, or None before they are laid out.
    """

    points: np.ndarray
    weights: np.ndarray
    triangles: np.ndarray
    uvs: np.ndarray | None = None

    @property
    def normals(self) -> np.ndarray:
        """``(vertices, 3)`` unit normals, corners weighted by area."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        faces = np.cross(b - a, c - a)
        normals = np.zeros_like(self.points)
        for k in range(3):
            np.add.at(normals, self.triangles[:, k], faces)
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)

    @property
    def edges(self) -> np.ndarray:
        """``(edges, 2)`` directed edges of all triangles."""
        return np.concatenate([self.triangles[:, [0, 1]], self.triangles[:, [1, 2]], self.triangles[:, [2, 0]]])

    @property
    def border(self) -> np.ndarray:
        """``(edges, 2)`` directed edges that belong to one triangle only."""
        edges = self.edges
        size = len(self.points)
        forward, backward = edges @ [size, 1], edges @ [1, size]
        return edges[~np.isin(forward, backward)]


def triangulated(quads: np.ndarray) -> np.ndarray:
    """Return ``(2 n, 3)`` triangles of ``(n, 4)`` quads, the two halves of a quad one after the other."""
    return quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)


def part_of(points: np.ndarray, weights: np.ndarray, quads: np.ndarray, uvs: np.ndarray | None = None) -> Part:
    """Return the part that some quads of a larger mesh make up; ``uvs`` are per quad corner ``(n, 4, 2)``."""
    corners = None if uvs is None else uvs[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3, 2)
    return compact(Part(points, weights, triangulated(quads), corners))


def compact(part: Part) -> Part:
    """Drop vertices that no triangle uses."""
    used, inverse = np.unique(part.triangles, return_inverse=True)
    return Part(part.points[used], part.weights[used], inverse.reshape(part.triangles.shape), part.uvs)


def select(part: Part, triangles: np.ndarray) -> Part:
    """Keep some triangles, given as a mask or indices."""
    uvs = None if part.uvs is None else part.uvs[triangles]
    return compact(Part(part.points, part.weights, part.triangles[triangles], uvs))


def merged(parts: Sequence[Part]) -> Part:
    """Join parts into one without welding; either all have texture coordinates or none."""
    starts = np.cumsum([0] + [len(part.points) for part in parts[:-1]])
    return Part(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=True)]),
        None if parts[0].uvs is None else np.concatenate([part.uvs for part in parts if part.uvs is not None]),
    )


def clipped(part: Part, field: np.ndarray) -> Part:
    """Cut along the zero line of a scalar field given per vertex; the side where it is positive stays.

    Texture coordinates are dropped: lay them out after cutting.
    """
    field = np.where(np.abs(field) < 1e-9, 1e-9, field)
    inside = field > 0.0
    count = inside[part.triangles].sum(axis=1)
    kept = [part.triangles[count == 3]]
    points, weights = [part.points], [part.weights]
    new_index: dict[tuple[int, int], int] = {}

    def crossing(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in new_index:
            new_index[key] = len(part.points) + len(new_index)
            low, high = key
            t = field[low] / (field[low] - field[high])
            points.append((part.points[low] * (1 - t) + part.points[high] * t)[None])
            weights.append((part.weights[low] * (1 - t) + part.weights[high] * t)[None])
        return new_index[key]

    cut = []
    for triangle in part.triangles[(count == 1) | (count == 2)].tolist():
        alone = [inside[v] for v in triangle].index(inside[triangle].sum() == 1)
        a, b, c = triangle[alone], triangle[(alone + 1) % 3], triangle[(alone + 2) % 3]
        ab, ca = crossing(a, b), crossing(c, a)
        cut += [[a, ab, ca]] if inside[a] else [[ab, b, c], [ab, c, ca]]
    kept.append(np.array(cut, dtype=np.int64).reshape(-1, 3))
    return compact(Part(np.concatenate(points), np.concatenate(weights), np.concatenate(kept)))


def offset(part: Part, distance: np.ndarray | float) -> Part:
    """Move the surface outwards along its normals by so much per vertex [m]."""
    amount = np.broadcast_to(np.asarray(distance, dtype=np.float64), len(part.points))
    return replace(part, points=part.points + part.normals * amount[:, None])


def smoothed(part: Part, rounds: int, *, strength: float | np.ndarray = 0.5) -> Part:
    """Relax points and weights towards the mean of their neighbours; borders follow their own neighbours only."""
    edges = np.unique(np.sort(part.edges, axis=1), axis=0)
    border = np.unique(np.sort(part.border, axis=1), axis=0) if len(part.border) else np.empty((0, 2), np.int64)
    on_border = np.zeros(len(part.points), dtype=bool)
    on_border[border.ravel()] = True
    links = np.concatenate([edges[~on_border[edges].any(axis=1)], border])
    mixed = edges[on_border[edges].sum(axis=1) == 1]
    inner = np.where(on_border[mixed[:, 0]], mixed[:, 1], mixed[:, 0])
    outer = np.where(on_border[mixed[:, 0]], mixed[:, 0], mixed[:, 1])
    to = np.concatenate([links[:, 0], links[:, 1], inner])
    source = np.concatenate([links[:, 1], links[:, 0], outer])
    degree = np.maximum(np.bincount(to, minlength=len(part.points)), 1)[:, None]
    amount = np.broadcast_to(np.asarray(strength, dtype=np.float64), len(part.points))[:, None]
    amount = np.where(np.bincount(to, minlength=len(part.points))[:, None] > 0, amount, 0.0)
    points, weights = part.points, part.weights
    for _ in range(rounds):
        mean = np.zeros_like(points)
        np.add.at(mean, to, points[source])
        points = points + amount * (mean / degree - points)
        mean = np.zeros_like(weights)
        np.add.at(mean, to, weights[source])
        weights = weights + amount * (mean / degree - weights)
    return replace(part, points=points, weights=weights / weights.sum(axis=1, keepdims=True))


def subdivided(part: Part) -> Part:
    """Split every triangle into four and round the result: one step of Loop's scheme, borders as cubic curves.

    Source: C. Loop, Smooth Subdivision Surfaces Based on Triangles, 1987, with Warren's vertex weights.
    """
    count = len(part.points)
    sides = np.sort(part.edges, axis=1)
    edges, inverse = np.unique(sides, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    opposite = np.concatenate([part.triangles[:, 2], part.triangles[:, 0], part.triangles[:, 1]])
    uses = np.bincount(inverse, minlength=len(edges))
    values = np.concatenate([part.points, part.weights], axis=1)
    across = np.zeros((len(edges), values.shape[1]))
    np.add.at(across, inverse, values[opposite])
    ends = values[edges[:, 0]] + values[edges[:, 1]]
    middle = np.where((uses == 2)[:, None], 0.375 * ends + 0.125 * across, 0.5 * ends)
    links = np.concatenate([edges, edges[:, ::-1]])
    degree = np.bincount(links[:, 0], minlength=count)
    total = np.zeros_like(values)
    np.add.at(total, links[:, 0], values[links[:, 1]])
    beta = np.where(degree == 3, 3 / 16, 3 / (8 * np.maximum(degree, 1)))[:, None]
    corners = values * (1 - degree[:, None] * beta) + beta * total
    rim = edges[uses == 1]
    if len(rim):
        rim = np.concatenate([rim, rim[:, ::-1]])
        total = np.zeros_like(values)
        np.add.at(total, rim[:, 0], values[rim[:, 1]])
        on_rim = np.unique(rim[:, 0])
        corners[on_rim] = 0.75 * values[on_rim] + 0.125 * total[on_rim]
    values = np.concatenate([corners, middle])
    ab, bc, ca = (inverse.reshape(3, -1) + count).tolist()
    a, b, c = part.triangles.T.tolist()
    triangles = np.array([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]).transpose(2, 0, 1).reshape(-1, 3)
    weights = np.maximum(values[:, 3:], 0.0)
    return Part(values[:, :3], weights / weights.sum(axis=1, keepdims=True), triangles)


def hemmed(part: Part, depth: float, *, where: np.ndarray | None = None) -> Part:
    """Turn open borders inwards, so that cloth looks as thick as it is.

    Args:
        part: A garment.
        depth: How far the turned edge reaches in [m].
        where: Mask per vertex of the borders to turn; all by default.
    """
    border = part.border
    if where is not None:
        border = border[where[border].all(axis=1)]
    if not len(border):
        return part
    rim, inverse = np.unique(border, return_inverse=True)
    start, end = inverse.reshape(border.shape).T
    inner = part.points[rim] - part.normals[rim] * depth
    base = len(part.points)
    a, b = border.T
    strip = np.concatenate([np.stack([b, a, base + start], axis=1), np.stack([b, base + start, base + end], axis=1)])
    return Part(
        np.concatenate([part.points, inner]),
        np.concatenate([part.weights, part.weights[rim]]),
        np.concatenate([part.triangles, strip]),
    )


def extruded(part: Part, where: np.ndarray, direction: np.ndarray, *, rows: int = 1) -> Part:
    """Lengthen a part at its borders.

    Args:
        part: A garment.
        where: Mask per vertex of the borders to lengthen.
        direction: ``(3,)`` by how much [m].
        rows: How many strips of triangles to add.
    """
    for _ in range(rows):
        border = part.border
        border = border[where[border].all(axis=1)]
        rim, inverse = np.unique(border, return_inverse=True)
        start, end = inverse.reshape(border.shape).T + len(part.points)
        a, b = border.T
        strip = np.concatenate([np.stack([b, a, start], axis=1), np.stack([b, start, end], axis=1)])
        where = np.concatenate([np.zeros(len(part.points), dtype=bool), np.ones(len(rim), dtype=bool)])
        part = Part(
            np.concatenate([part.points, part.points[rim] + direction / rows]),
            np.concatenate([part.weights, part.weights[rim]]),
            np.concatenate([part.triangles, strip]),
        )
    return part


def with_uvs(part: Part, uvs: np.ndarray) -> Part:
    """Give every vertex one texture coordinate ``(vertices, 2)``."""
    return replace(part, uvs=uvs[part.triangles])


def split_at_seams(part: Part) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return points, normals, weights, uvs and triangles with one texture coordinate per vertex.

    Normals are taken before the split, so a seam does not show. Triangles without an area are left out.
    """
    if part.uvs is None:
        raise ValueError("the part has no texture coordinates yet")
    a, b, c = (part.points[part.triangles[:, k]] for k in range(3))
    part = select(part, np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-10)
    assert part.uvs is not None
    corner_uvs = np.round(part.uvs.reshape(-1, 2), 6)
    keys = np.concatenate([part.triangles.reshape(-1, 1).astype(np.float64), corner_uvs], axis=1)
    unique, inverse = np.unique(keys, axis=0, return_inverse=True)
    vertex = unique[:, 0].astype(np.int64)
    return part.points[vertex], part.normals[vertex], part.weights[vertex], unique[:, 1:], inverse.reshape(-1, 3)

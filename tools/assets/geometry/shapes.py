"""Shapes that props and buildings are made of; sizes in metres, texture coordinates in metres unless said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from .mesh import Mesh, merge

Vector: TypeAlias = Sequence[float] | np.ndarray

_FACES = {
    # name: (normal, u axis, v axis), u x v = normal
    "+x": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "-x": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "+y": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
    "-y": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "+z": ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    "-z": ((0, 0, -1), (-1, 0, 0), (0, 1, 0)),
}
_ALL_FACES = tuple(_FACES)


def polygon(corners: np.ndarray | Sequence[Vector], uvs: np.ndarray | Sequence[Vector]) -> Mesh:
    """One flat convex face from its corners, counter-clockwise, and their texture coordinates."""
    points = np.asarray(corners, float)
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    normal /= np.linalg.norm(normal)
    count = len(points)
    return Mesh(
        points=points,
        normals=np.tile(normal, (count, 1)),
        uvs=np.asarray(uvs, float),
        counts=np.array([count], np.int32),
        indices=np.arange(count, dtype=np.int32),
    )


def rectangle(
    origin: Vector,
    u_edge: Vector,
    v_edge: Vector,
    uv: tuple[float, float, float, float] | None = None,
) -> Mesh:
    """One rectangle spanned by two edges from its lower left corner; its normal is u x v.

    Args:
        origin: Lower left corner.
        u_edge: Edge along which u grows.
        v_edge: Edge along which v grows.
        uv: ``u0, v0, u1, v1`` of the rectangle; None gives metres from the origin.
    """
    o, u, v = (np.asarray(value, float) for value in (origin, u_edge, v_edge))
    u0, v0, u1, v1 = uv if uv is not None else (0.0, 0.0, float(np.linalg.norm(u)), float(np.linalg.norm(v)))
    return polygon([o, o + u, o + u + v, o + v], [(u0, v0), (u1, v0), (u1, v1), (u0, v1)])


def outline_plate(outline: Sequence[tuple[float, float]], size: float, uv: tuple[float, float, float, float]) -> Mesh:
    """A flat plate in the x-y plane facing +z, cut from a square picture.

    Args:
        outline: Convex, counter-clockwise, in 0..1 of the square.
        size: Edge of the square, which is centred on the origin.
        uv: ``u0, v0, u1, v1`` of the square.
    """
    line = np.asarray(outline, float)
    u0, v0, u1, v1 = uv
    points = np.concatenate([(line - 0.5) * size, np.zeros((len(line), 1))], axis=1)
    return polygon(points, line * (u1 - u0, v1 - v0) + (u0, v0))


def floor_rectangle(x0: float, y0: float, x1: float, y1: float, z: float = 0.0) -> Mesh:
    """One upward rectangle; its texture coordinates are world coordinates."""
    return rectangle((x0, y0, z), (x1 - x0, 0, 0), (0, y1 - y0, 0), uv=(x0, y0, x1, y1))


def box(
    size: Vector,
    center: Vector = (0, 0, 0),
    *,
    bevel: float = 0.0,
    grain: str | None = None,
    faces: Sequence[str] = _ALL_FACES,
    uv_boxes: dict[str, tuple[float, float, float, float]] | None = None,
) -> Mesh:
    """A box, its edges rounded by one bevel whose normals run smoothly from face to face.

    Args:
        size: Extents along x, y, z.
        center: Centre.
        bevel: Width of the bevel.
        grain: Axis (``"x"``, ``"y"``, ``"z"``) along which u runs on every face, as on sawn wood.
        faces: Faces to build (``"+x"`` ...); leaving any out also leaves out the bevel.
        uv_boxes: Face name to ``u0, v0, u1, v1`` in texture units, in place of metres.
    """
    half = np.asarray(size, float) / 2
    if len(faces) < 6:
        bevel = 0.0
    bevel = min(bevel, 0.45 * 2 * float(half.min()))
    inner = half - bevel
    meshes = []
    corner_of: dict[tuple[str, tuple[int, ...]], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for name in faces:
        normal, u_axis, v_axis = (np.array(axis, float) for axis in _FACES[name])
        if grain is not None and abs(v_axis["xyz".index(grain)]) > 0.5:
            u_axis, v_axis = v_axis, -u_axis
        signs = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        extent_u, extent_v = float(np.abs(u_axis) @ half), float(np.abs(v_axis) @ half)
        points, uvs = [], []
        for su, sv in signs:
            direction = normal + su * u_axis + sv * v_axis
            point = direction * np.where(np.abs(normal) > 0.5, half, inner)
            fu, fv = float(point @ u_axis) + extent_u, float(point @ v_axis) + extent_v
            if uv_boxes is not None:
                u0, v0, u1, v1 = uv_boxes[name]
                fu = u0 + (u1 - u0) * fu / (2 * extent_u)
                fv = v0 + (v1 - v0) * fv / (2 * extent_v)
            points.append(point)
            uvs.append((fu, fv))
            corner_of[name, tuple(int(value) for value in direction)] = (point, normal, np.array((fu, fv)))
        meshes.append(polygon(points, uvs))
    if bevel > 0:
        meshes.extend(_bevel_faces(corner_of))
    mesh = merge(meshes)
    return Mesh(mesh.points + np.asarray(center, float), mesh.normals, mesh.uvs, mesh.counts, mesh.indices)


def _bevel_faces(corner_of: dict) -> list[Mesh]:
    """The twelve edge strips and eight corner triangles between the faces of a box."""
    meshes = []
    names = list(_FACES)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if first[1] == second[1]:
                continue
            shared = [key[1] for key in corner_of if key[0] == first and (second, key[1]) in corner_of]
            a, b = shared
            meshes.append(_smooth_face([(first, a), (first, b), (second, b), (second, a)], corner_of))
    for corner in sorted({key[1] for key in corner_of}):
        keys = [(name, corner) for name in names if (name, corner) in corner_of]
        meshes.append(_smooth_face(keys, corner_of))
    return meshes


def _smooth_face(keys: list, corner_of: dict) -> Mesh:
    """A face whose corners keep the normals of the faces they come from; turned to face outwards."""
    points = np.array([corner_of[key][0] for key in keys])
    normals = np.array([corner_of[key][1] for key in keys])
    # The strip continues the texture of the first face: half a centimetre of stretch nobody sees.
    first = keys[0][0]
    uvs = np.array([corner_of[first, key[1]][2] for key in keys])
    if np.cross(points[1] - points[0], points[2] - points[0]) @ normals.sum(axis=0) < 0:
        points, normals, uvs = points[::-1], normals[::-1], uvs[::-1]
    count = len(keys)
    return Mesh(points, normals, uvs, np.array([count], np.int32), np.arange(count, dtype=np.int32))


def lathe(
    profile: Sequence[tuple[float, float]],
    segments: int = 24,
    *,
    crease: float = 35.0,
    uv_turns: float | None = None,
) -> Mesh:
    """A surface of revolution about z.

    Args:
        profile: ``(radius, z)`` from bottom to top along the outside; radius 0 closes it.
        segments: Steps around.
        crease: Angle between profile pieces beyond which the edge between them is sharp [degrees].
        uv_turns: u runs from 0 to this number around; None gives metres at the largest radius.
    """
    line = np.asarray(profile, float)
    edges = np.diff(line, axis=0)
    lengths = np.linalg.norm(edges, axis=1)
    edge_normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / lengths[:, None]
    arc = np.concatenate([[0], np.cumsum(lengths)])
    around = uv_turns if uv_turns is not None else 2 * np.pi * float(line[:, 0].max())
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    cos, sin = np.cos(angles), np.sin(angles)
    cos[-1], sin[-1] = cos[0], sin[0]
    meshes = []
    for k in range(len(edges)):
        ends = []
        for vertex, neighbour in ((k, k - 1), (k + 1, k + 1)):
            normal = edge_normals[k]
            if 0 <= neighbour < len(edges) and normal @ edge_normals[neighbour] > np.cos(np.radians(crease)):
                normal = normal * lengths[k] + edge_normals[neighbour] * lengths[neighbour]
                normal = normal / np.linalg.norm(normal)
            ends.append((line[vertex], normal, arc[vertex]))
        points, normals, uvs = [], [], []
        for (radius, z), normal, distance in ends:
            points.append(np.stack([radius * cos, radius * sin, np.full_like(cos, z)], axis=1))
            normals.append(np.stack([normal[0] * cos, normal[0] * sin, np.full_like(cos, normal[1])], axis=1))
            uvs.append(np.stack([angles / (2 * np.pi) * around, np.full_like(angles, distance)], axis=1))
        i = np.arange(segments)
        low, high = i, i + segments + 1
        if line[k, 0] < 1e-9:
            faces, count = np.stack([low, high + 1, high], axis=1), 3
        elif line[k + 1, 0] < 1e-9:
            faces, count = np.stack([low, low + 1, high], axis=1), 3
        else:
            faces, count = np.stack([low, low + 1, high + 1, high], axis=1), 4
        meshes.append(
            Mesh(
                np.concatenate(points),
                np.concatenate(normals),
                np.concatenate(uvs),
                np.full(segments, count, np.int32),
                faces.astype(np.int32).ravel(),
            )
        )
    return merge(meshes)


def cylinder(radius: float, height: float, segments: int = 20, bevel: float = 0.0) -> Mesh:
    """A closed cylinder on z from 0 to ``height``."""
    if bevel <= 0:
        return lathe([(0, 0), (radius, 0), (radius, height), (0, height)], segments)
    inner = radius - bevel
    profile = [(0, 0), (inner, 0), (radius, bevel), (radius, height - bevel), (inner, height), (0, height)]
    return lathe(profile, segments, crease=60)


def tube(path: Sequence[Vector], radius: float, segments: int = 10, *, caps: bool = True) -> Mesh:
    """A round bar along a polyline, mitred at its bends."""
    points = np.asarray(path, float)
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    directions = steps / lengths[:, None]
    arc = np.concatenate([[0], np.cumsum(lengths)])
    reference = np.eye(3)[int(np.argmin(np.abs(directions[0])))]
    side = np.cross(directions[0], reference)
    side /= np.linalg.norm(side)
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    rings, normals = [], []
    for k in range(len(points)):
        before, after = directions[max(k - 1, 0)], directions[min(k, len(directions) - 1)]
        tangent = before + after
        tangent /= np.linalg.norm(tangent)
        side = side - tangent * (side @ tangent)
        side /= np.linalg.norm(side)
        up = np.cross(tangent, side)
        spokes = np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * up
        bend = max(float(tangent @ after), 0.2)
        hinge = after - before
        stretch = np.ones(len(angles))[:, None] * spokes
        if np.linalg.norm(hinge) > 1e-6:
            hinge /= np.linalg.norm(hinge)
            stretch = spokes + np.outer(spokes @ hinge, hinge) * (1 / bend - 1)
        rings.append(points[k] + radius * stretch)
        normals.append(spokes)
    ring = segments + 1
    base = (np.arange(len(points) - 1)[:, None] * ring + np.arange(segments)).ravel()
    faces = np.stack([base, base + 1, base + ring + 1, base + ring], axis=1)
    uvs = np.stack(
        np.broadcast_arrays(angles[None, :] * radius, arc[:, None]),
        axis=-1,
    ).reshape(-1, 2)
    mesh = Mesh(
        np.concatenate(rings),
        np.concatenate(normals),
        uvs,
        np.full(len(faces), 4, np.int32),
        faces.astype(np.int32).ravel(),
    )
    if not caps:
        return mesh
    start, end = rings[0][:-1][::-1], rings[-1][:-1]
    flat = np.stack([np.cos(angles[:-1]), np.sin(angles[:-1])], axis=1) * radius
    return merge([mesh, polygon(start, flat), polygon(end, flat)])


def extrude(outline: Sequence[tuple[float, float]], depth: float, *, crease: float = 25.0) -> Mesh:
    """A prism: an outline in the x-z plane, counter-clockwise seen from -y, centred on y over ``depth``.

    The outline may be concave; its caps are cut into triangles. Side edges flatter than ``crease`` degrees are
    shaded smoothly.
    """
    line = np.asarray(outline, float)
    count = len(line)
    edges = np.roll(line, -1, axis=0) - line
    lengths = np.linalg.norm(edges, axis=1)
    outward = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / lengths[:, None]
    arc = np.concatenate([[0], np.cumsum(lengths)])
    limit = np.cos(np.radians(crease))
    y0, y1 = -depth / 2, depth / 2
    meshes = []
    for k in range(count):
        j = (k + 1) % count
        n0 = outward[k] + outward[k - 1] if outward[k] @ outward[k - 1] > limit else outward[k]
        n1 = outward[k] + outward[j] if outward[k] @ outward[j] > limit else outward[k]
        normals = np.array([(n[0], 0, n[1]) for n in (n0, n1, n1, n0)])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        (xa, za), (xb, zb) = line[k], line[j]
        points = np.array([(xa, y0, za), (xb, y0, zb), (xb, y1, zb), (xa, y1, za)])
        uvs = np.array([(arc[k], y0), (arc[k + 1], y0), (arc[k + 1], y1), (arc[k], y1)])
        # Seen from outside, walking the outline with y0 below runs clockwise or not depending on handedness.
        face = np.array([0, 1, 2, 3], np.int32)
        geometric = np.cross(points[1] - points[0], points[2] - points[0])
        if geometric @ normals.sum(axis=0) < 0:
            face = face[::-1].copy()
        meshes.append(Mesh(points, normals, uvs, np.array([4], np.int32), face))
    triangles = triangulate(line)
    for y, normal in ((y0, (0.0, -1.0, 0.0)), (y1, (0.0, 1.0, 0.0))):
        points = np.stack([line[:, 0], np.full(count, y), line[:, 1]], axis=1)
        faces = triangles if y == y0 else triangles[:, ::-1]
        meshes.append(
            Mesh(
                points,
                np.tile(normal, (count, 1)),
                line.copy(),
                np.full(len(faces), 3, np.int32),
                faces.astype(np.int32).ravel(),
            )
        )
    return merge(meshes)


def triangulate(outline: np.ndarray) -> np.ndarray:
    """Cut a simple counter-clockwise polygon into triangles by clipping ears; ``(n - 2, 3)`` indices."""

    def cross(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    remaining = list(range(len(outline)))
    triangles: list[tuple[int, ...]] = []
    while len(remaining) > 3:
        for position, current in enumerate(remaining):
            before, after = remaining[position - 1], remaining[(position + 1) % len(remaining)]
            a, b, c = outline[before], outline[current], outline[after]
            if cross(a, b, c) <= 1e-12:
                continue
            others = (outline[k] for k in remaining if k not in (before, current, after))
            if any(min(cross(a, b, p), cross(b, c, p), cross(c, a, p)) >= 0 for p in others):
                continue
            triangles.append((before, current, after))
            del remaining[position]
            break
        else:
            raise ValueError("outline crosses itself or is not counter-clockwise")
    triangles.append(tuple(remaining))
    return np.array(triangles, np.int32)

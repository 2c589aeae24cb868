"""Polygon meshes to triangles with one index for positions, normals and texture coordinates, many meshes at once.

Reading a stage costs per prim, not per triangle, so meshes are worked on in batches: their arrays are concatenated,
and every step below is a single NumPy call over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

CORNERS_PER_BATCH = 1_500_000
"""Face corners worked on at once, which bounds the memory of the intermediate arrays to a few hundred MiB."""

CREASE_COSINE = float(np.cos(np.radians(40.0)))
"""Without authored normals, a face this far off the smooth normal of its corner is shaded flat there."""

POINT_INTERPOLATIONS = ("vertex", "varying")


@dataclass(frozen=True, eq=False)
class Primvar:
    """Values over a mesh.

    Attributes:
        values: ``(n, k)`` float32.
        interpolation: ``"constant"``, ``"uniform"``, ``"vertex"``, ``"varying"`` or ``"faceVarying"``.
    """

    values: np.ndarray
    interpolation: str

    def expected_length(self, points: int, faces: int, corners: int) -> int:
        """Return how many values a mesh of that size needs."""
        return {"constant": 1, "uniform": faces, "faceVarying": corners}.get(self.interpolation, points)


@dataclass(frozen=True, eq=False, kw_only=True)
class PolygonMesh:
    """A mesh as USD holds it.

    Attributes:
        points: ``(points, 3)`` float32.
        counts: ``(faces,)`` int32 corners of each face.
        indices: ``(corners,)`` int32 into the points.
        normals: Authored normals, or None to compute them.
        uvs: Texture coordinates, or None for zeros.
        left_handed: Whether faces are clockwise seen from outside.
        holes: Faces that are not drawn.
        faceted: Whether computed normals are those of the faces; otherwise they are smooth up to a crease angle.
    """

    points: np.ndarray
    counts: np.ndarray
    indices: np.ndarray
    normals: Primvar | None = None
    uvs: Primvar | None = None
    left_handed: bool = False
    holes: np.ndarray | None = None
    faceted: bool = False


@dataclass(frozen=True, eq=False)
class TriangleMesh:
    """Triangles with one index for all vertex arrays.

    Attributes:
        points: ``(vertices, 3)`` float32.
        normals: ``(vertices, 3)`` float32, unit length.
        uvs: ``(vertices, 2)`` float32.
        triangles: ``(triangles, 3)`` int32.
        faces: ``(triangles,)`` int32, the face that each triangle comes from.
        sources: ``(vertices,)`` int32, the point that each vertex comes from.
    """

    points: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    faces: np.ndarray
    sources: np.ndarray


def check_polygons(mesh: PolygonMesh) -> str | None:
    """Return what makes a mesh unusable, or None when it can be triangulated."""
    points, corners = len(mesh.points), len(mesh.indices)
    if not points or not corners:
        return "it has no faces"
    if int(mesh.counts.min(initial=0)) < 0 or int(mesh.counts.sum(dtype=np.int64)) != corners:
        return f"its faceVertexCounts add up to {int(mesh.counts.sum(dtype=np.int64))}, it has {corners} indices"
    low, high = int(mesh.indices.min()), int(mesh.indices.max())
    if low < 0 or high >= points:
        return f"a face uses point {low if low < 0 else high}, it has points 0 to {points - 1}"
    if not np.isfinite(mesh.points).all():
        return "some of its points are not finite"
    return None


def fan_triangles(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split faces into triangles around their first corner, which is right for convex faces.

    Args:
        counts: ``(faces,)`` corners of each face; faces of fewer than three yield nothing.

    Returns:
        ``(triangles, 3)`` int64 corner numbers, and the face of each triangle ``(triangles,)`` int64.
    """
    counts = np.asarray(counts, dtype=np.int64)
    if (counts == 3).all():
        return np.arange(3 * len(counts)).reshape(-1, 3), np.arange(len(counts))
    per_face = np.maximum(counts - 2, 0)
    faces = np.repeat(np.arange(len(counts)), per_face)
    step = np.arange(len(faces)) - np.repeat(np.cumsum(per_face) - per_face, per_face)
    first = (np.cumsum(counts) - counts)[faces]
    return np.stack([first, first + step + 1, first + step + 2], axis=1), faces


def triangulate(meshes: Sequence[PolygonMesh]) -> list[TriangleMesh]:
    """Turn polygon meshes, each passed by `check_polygons`, into triangle meshes in the same order."""
    results: list[TriangleMesh | None] = [None] * len(meshes)
    by_point = [i for i, mesh in enumerate(meshes) if _shares_vertices(mesh)]
    by_corner = [i for i, mesh in enumerate(meshes) if not _shares_vertices(mesh)]
    for group, build in ((by_point, _triangulate_by_point), (by_corner, _triangulate_by_corner)):
        for batch in _batches(group, lambda i: len(meshes[i].indices)):
            for i, result in zip(batch, build([meshes[i] for i in batch]), strict=True):
                results[i] = result
    return [result for result in results if result is not None]


def _shares_vertices(mesh: PolygonMesh) -> bool:
    """Whether every corner at a point has the same normal and texture coordinate by construction."""
    return mesh.normals is not None and all(
        primvar is None or primvar.interpolation in (*POINT_INTERPOLATIONS, "constant")
        for primvar in (mesh.normals, mesh.uvs)
    )


def _batches(items: Sequence[int], size: Callable[[int], int]) -> Iterator[list[int]]:
    batch: list[int] = []
    total = 0
    for item in items:
        if batch and total + size(item) > CORNERS_PER_BATCH:
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size(item)
    if batch:
        yield batch


@dataclass(frozen=True, eq=False)
class _Soup:
    """Several meshes concatenated; corner and triangle numbers run through all of them."""

    points: np.ndarray
    point_offsets: np.ndarray  # (meshes + 1,)
    corner_points: np.ndarray
    triangles: np.ndarray  # corner numbers
    faces: np.ndarray
    face_offsets: np.ndarray
    triangle_offsets: np.ndarray


def _concatenate(meshes: Sequence[PolygonMesh]) -> _Soup:
    point_offsets = _offsets([len(mesh.points) for mesh in meshes])
    face_offsets = _offsets([len(mesh.counts) for mesh in meshes])
    corner_counts = [len(mesh.indices) for mesh in meshes]
    counts = np.concatenate([mesh.counts for mesh in meshes])
    corner_points = np.concatenate([mesh.indices for mesh in meshes]) + np.repeat(point_offsets[:-1], corner_counts)
    triangles, faces = fan_triangles(counts)
    if any(mesh.left_handed for mesh in meshes):
        flipped = np.repeat([mesh.left_handed for mesh in meshes], np.diff(face_offsets))[faces]
        triangles = np.where(flipped[:, None], triangles[:, [0, 2, 1]], triangles)
    if any(mesh.holes is not None for mesh in meshes):
        drawn = np.ones(len(counts), dtype=bool)
        for mesh, first in zip(meshes, face_offsets[:-1], strict=True):
            if mesh.holes is not None:
                drawn[first + mesh.holes[(mesh.holes >= 0) & (mesh.holes < len(mesh.counts))]] = False
        triangles, faces = triangles[drawn[faces]], faces[drawn[faces]]
    return _Soup(
        points=np.concatenate([mesh.points for mesh in meshes]),
        point_offsets=point_offsets,
        corner_points=corner_points,
        triangles=triangles,
        faces=faces,
        face_offsets=face_offsets,
        triangle_offsets=np.searchsorted(faces, face_offsets),
    )


def _triangulate_by_point(meshes: Sequence[PolygonMesh]) -> list[TriangleMesh]:
    soup = _concatenate(meshes)
    normals = np.concatenate([_point_values(mesh.normals, len(mesh.points), 3) for mesh in meshes])
    uvs = np.concatenate([_point_values(mesh.uvs, len(mesh.points), 2) for mesh in meshes])
    triangles = soup.corner_points[soup.triangles]
    normals = _unit(normals, lambda: _smooth_normals(soup))
    sources = np.arange(len(soup.points)) - np.repeat(soup.point_offsets[:-1], np.diff(soup.point_offsets))
    return _split(
        soup,
        vertex_offsets=soup.point_offsets,
        points=soup.points,
        normals=normals,
        uvs=uvs,
        triangles=triangles,
        sources=sources,
    )


def _triangulate_by_corner(meshes: Sequence[PolygonMesh]) -> list[TriangleMesh]:
    soup = _concatenate(meshes)
    uvs = np.concatenate([_corner_values(mesh.uvs, mesh, 2) for mesh in meshes])
    normals = np.concatenate([_corner_values(mesh.normals, mesh, 3) for mesh in meshes])
    normals = _unit(normals, lambda: _computed_normals(soup, meshes))

    used, kept, vertex_of_corner = _weld(soup.corner_points, normals, uvs, soup.triangles)
    points_of_vertices = soup.corner_points[kept]
    vertex_offsets = np.searchsorted(points_of_vertices, soup.point_offsets)
    sources = points_of_vertices - np.repeat(soup.point_offsets[:-1], np.diff(vertex_offsets))
    triangles = vertex_of_corner[used].reshape(-1, 3)
    return _split(
        soup,
        vertex_offsets=vertex_offsets,
        points=soup.points[points_of_vertices],
        normals=normals[kept],
        uvs=uvs[kept],
        triangles=triangles,
        sources=sources,
    )


def _weld(
    corner_points: np.ndarray, normals: np.ndarray, uvs: np.ndarray, triangles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge corners that agree in everything.

    Returns:
        Which row of ``vertex_of_corner`` each triangle corner has, the corner kept for each vertex (ordered by point,
        then by first use), and the vertex of each used corner.
    """
    corners, used = np.unique(triangles.ravel(), return_inverse=True)
    rows = np.concatenate([normals[corners] + 0.0, uvs[corners] + 0.0], axis=1, dtype=np.float32).view(np.uint32)
    points = corner_points[corners]
    key = _hash_rows(points, rows)
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    if not ((points[first[group]] == points) & (rows[first[group]] == rows).all(axis=1)).all():
        # Two different corners share a 64-bit hash: practically never, and then compare whole rows.
        whole = np.concatenate([points[:, None].astype(np.uint32), rows], axis=1)
        _, first, group = np.unique(whole, axis=0, return_index=True, return_inverse=True)
        group = group.reshape(-1)
    order = np.lexsort((first, points[first]))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return used.reshape(-1), corners[first[order]], rank[group]


def _hash_rows(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Mix each row into 64 bits, by multiplication with odd constants and xor-shifts (as in splitmix64)."""
    key = points.astype(np.uint64)
    for column in rows.T:
        key = (key ^ (key >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + column
    key = (key ^ (key >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(29))


def _split(
    soup: _Soup,
    *,
    vertex_offsets: np.ndarray,
    points: np.ndarray,
    normals: np.ndarray,
    uvs: np.ndarray,
    triangles: np.ndarray,
    sources: np.ndarray,
) -> list[TriangleMesh]:
    """Cut the concatenated arrays back into meshes."""
    local = triangles - np.repeat(vertex_offsets[:-1], np.diff(soup.triangle_offsets))[:, None]
    local = np.ascontiguousarray(local, dtype=np.int32)
    faces = soup.faces - np.repeat(soup.face_offsets[:-1], np.diff(soup.triangle_offsets))
    faces, sources = faces.astype(np.int32), sources.astype(np.int32)
    results = []
    for mesh in range(len(vertex_offsets) - 1):
        vertices = slice(vertex_offsets[mesh], vertex_offsets[mesh + 1])
        rows = slice(soup.triangle_offsets[mesh], soup.triangle_offsets[mesh + 1])
        results.append(
            TriangleMesh(
                points=points[vertices],
                normals=normals[vertices],
                uvs=uvs[vertices],
                triangles=local[rows],
                faces=faces[rows],
                sources=sources[vertices],
            )
        )
    return results


def _point_values(primvar: Primvar | None, count: int, width: int) -> np.ndarray:
    if primvar is None:
        return np.zeros((count, width), dtype=np.float32)
    return np.broadcast_to(primvar.values, (count, width)) if len(primvar.values) == 1 else primvar.values


def corner_values(primvar: Primvar, mesh: PolygonMesh) -> np.ndarray:
    """Return a primvar's value at every face corner ``(corners, k)``."""
    if primvar.interpolation == "constant":
        return np.broadcast_to(primvar.values, (len(mesh.indices), primvar.values.shape[1]))
    if primvar.interpolation == "uniform":
        return np.repeat(primvar.values, mesh.counts, axis=0)
    return primvar.values if primvar.interpolation == "faceVarying" else primvar.values[mesh.indices]


def _corner_values(primvar: Primvar | None, mesh: PolygonMesh, width: int) -> np.ndarray:
    if primvar is None:
        return np.zeros((len(mesh.indices), width), dtype=np.float32)
    return corner_values(primvar, mesh)


def _unit(normals: np.ndarray, fallback: Callable[[], np.ndarray]) -> np.ndarray:
    """Scale normals to unit length; those that have none are taken from ``fallback``."""
    length = np.sqrt(np.einsum("ij,ij->i", normals, normals, dtype=np.float64))
    usable = np.isfinite(length) & (length > 1e-12)
    if usable.all():
        return (normals / length[:, None]).astype(np.float32)
    result = fallback()
    result[usable] = normals[usable] / length[usable, None]
    return result.astype(np.float32)


def _face_vectors(soup: _Soup) -> np.ndarray:
    """Return twice the area vector of every triangle ``(triangles, 3)`` float64."""
    corners = soup.points[soup.corner_points[soup.triangles]].astype(np.float64)
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def _sum_by(keys: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    return np.stack([np.bincount(keys, weights=values[:, axis], minlength=count) for axis in range(3)], axis=1)


def _normalized(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > 1e-30, vectors / np.maximum(length, 1e-30), [0.0, 0.0, 1.0])


def _smooth_normals(soup: _Soup) -> np.ndarray:
    """Return area-weighted normals of the points ``(points, 3)``."""
    weights = np.repeat(_face_vectors(soup), 3, axis=0)
    return _normalized(_sum_by(soup.corner_points[soup.triangles].ravel(), weights, len(soup.points)))


def _computed_normals(soup: _Soup, meshes: Sequence[PolygonMesh]) -> np.ndarray:
    """Return normals of the corners: of the face where it is faceted or sharp, smooth elsewhere."""
    faceted = np.repeat([mesh.faceted for mesh in meshes], [len(mesh.indices) for mesh in meshes])
    by_face = _normalized(_sum_by(soup.faces, _face_vectors(soup), int(soup.face_offsets[-1])))
    flat = np.repeat(by_face, np.concatenate([mesh.counts for mesh in meshes]), axis=0)
    if faceted.all():
        return flat
    smooth = _smooth_normals(soup)[soup.corner_points]
    sharp = faceted | (np.einsum("ij,ij->i", flat, smooth) < CREASE_COSINE)
    return np.where(sharp[:, None], flat, smooth)


def _offsets(counts: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

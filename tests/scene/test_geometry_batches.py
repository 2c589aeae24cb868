from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.scene import geometry, gprims
from isaacsim_agent_ext.scene.geometry import PolygonMesh, Primvar, check_polygons, fan_triangles, triangulate

SQUARE = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], dtype=np.float32)


def polygon(points=SQUARE, counts=(4,), indices=(0, 1, 2, 3), **changes) -> PolygonMesh:
    return PolygonMesh(
        points=np.asarray(points, np.float32),
        counts=np.asarray(counts, np.int32),
        indices=np.asarray(indices, np.int32),
        **changes,
    )


def area_vectors(mesh) -> np.ndarray:
    a, b, c = (mesh.points[mesh.triangles[:, k]].astype(float) for k in range(3))
    return np.cross(b - a, c - a) / 2


def test_fans_keep_the_first_corner_and_skip_degenerate_faces():
    triangles, faces = fan_triangles(np.array([3, 2, 5, 0, 4]))
    assert triangles.tolist() == [[0, 1, 2], [5, 6, 7], [5, 7, 8], [5, 8, 9], [10, 11, 12], [10, 12, 13]]
    assert faces.tolist() == [0, 2, 2, 2, 4, 4]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_fans_cover_every_face_with_two_triangles_less_than_corners(counts):
    triangles, faces = fan_triangles(np.array(counts))
    assert len(triangles) == sum(max(count - 2, 0) for count in counts)
    starts = np.cumsum([0, *counts])
    for triangle, face in zip(triangles, faces, strict=True):
        assert starts[face] <= triangle.min()
        assert triangle.max() < starts[face + 1]


@pytest.mark.parametrize(
    ("mesh", "words"),
    [
        (polygon(counts=(3,)), "faceVertexCounts add up to 3, it has 4 indices"),
        (polygon(indices=(0, 1, 2, 4)), "uses point 4"),
        (polygon(indices=(0, -1, 2, 3)), "uses point -1"),
        (polygon(points=[(0, 0, np.nan), *SQUARE[1:]]), "not finite"),
        (polygon(points=np.zeros((0, 3)), counts=(), indices=()), "no faces"),
        (polygon(counts=(5, -1)), "add up to"),
    ],
)
def test_impossible_polygons_are_named(mesh, words):
    assert words in check_polygons(mesh)


def test_winding_follows_the_orientation():
    right, left = triangulate([polygon(), polygon(left_handed=True)])
    assert (area_vectors(right)[:, 2] > 0).all()
    assert (area_vectors(left)[:, 2] < 0).all()
    assert np.allclose(left.normals, [0, 0, -1])


def test_holes_are_not_drawn():
    points = [*SQUARE, (2, 0, 0), (2, 1, 0)]
    mesh = polygon(points, counts=(4, 4), indices=(0, 1, 2, 3, 1, 4, 5, 2), holes=np.array([0, 99]))
    (result,) = triangulate([mesh])
    assert result.faces.tolist() == [1, 1]
    assert area_vectors(result).sum(axis=0)[2] == pytest.approx(1.0)


def test_a_box_without_normals_gets_flat_sides_and_a_fine_sphere_smooth_ones():
    box, ball = gprims.cube(2.0), gprims.sphere(1.0)
    corners = np.unique(box.points, axis=0)
    shared = np.array([np.flatnonzero((corners == point).all(axis=1))[0] for point in box.points[box.indices]])
    flat, smooth = triangulate([polygon(corners, box.counts, shared), polygon(ball.points, ball.counts, ball.indices)])
    assert np.allclose(np.abs(flat.normals).max(axis=1), 1.0)
    assert len(flat.points) == 24
    inner = np.abs(smooth.points[:, 2]) < 0.9  # the sphere's poles and seam are open edges
    assert np.einsum("ij,ij->i", smooth.normals[inner], smooth.points[inner]).min() > 0.99


def test_faceted_meshes_are_flat_whatever_the_angle():
    ball = gprims.sphere(1.0)
    (result,) = triangulate([polygon(ball.points, ball.counts, ball.indices, faceted=True)])
    vectors = area_vectors(result)
    large = np.linalg.norm(vectors, axis=1) > 1e-6
    unit = vectors[large] / np.linalg.norm(vectors[large], axis=1, keepdims=True)
    for corner in range(3):
        assert np.einsum("ij,ij->i", unit, result.normals[result.triangles[large, corner]]).min() > 0.999


@pytest.mark.parametrize("interpolation", ["constant", "uniform", "vertex", "varying", "faceVarying"])
def test_normals_and_uvs_of_every_interpolation_reach_their_corners(interpolation):
    rng = np.random.default_rng(1)
    points = np.array([(x, y, 0) for y in range(3) for x in range(3)], np.float32)
    indices = np.array([(i, i + 1, i + 4, i + 3) for i in (0, 1, 3, 4)]).ravel()
    mesh = polygon(points, [4] * 4, indices)
    primvar = Primvar(np.zeros((0, 0)), interpolation)
    length = primvar.expected_length(9, 4, 16)
    normals = rng.normal(size=(length, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    uvs = rng.random((length, 2)).astype(np.float32)
    (result,) = triangulate(
        [polygon(points, [4] * 4, indices, normals=Primvar(normals, interpolation), uvs=Primvar(uvs, interpolation))]
    )
    triangles, faces = fan_triangles(mesh.counts)
    pick = {
        "constant": np.zeros_like(triangles),
        "uniform": np.repeat(faces[:, None], 3, axis=1),
        "faceVarying": triangles,
    }.get(interpolation, indices[triangles])
    assert np.array_equal(result.points[result.triangles], points[indices[triangles]])
    assert np.allclose(result.normals[result.triangles], normals[pick], atol=1e-6)
    assert np.allclose(result.uvs[result.triangles], uvs[pick])
    assert np.array_equal(result.points, points[result.sources])


def test_corners_are_only_split_where_they_differ():
    uvs = Primvar(np.array([(0, 0), (1, 0), (1, 1), (0, 1)] * 2, np.float32), "faceVarying")
    points = [*SQUARE, (2, 0, 0), (2, 1, 0)]
    mesh = polygon(
        points, (4, 4), (0, 1, 2, 3, 1, 4, 5, 2), uvs=uvs, normals=Primvar(np.array([[0, 0, 1.0]]), "constant")
    )
    (result,) = triangulate([mesh])
    assert len(result.points) == 8  # the two points of the seam twice, the others once


def test_zero_normals_are_computed():
    normals = Primvar(np.array([(0, 0, 0), (0, 0, 2), (0, 0, 2), (np.nan, 0, 0)], np.float32), "vertex")
    (result,) = triangulate([polygon(normals=normals)])
    assert np.allclose(result.normals, [0, 0, 1])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["cube", "sphere", "bare", "left"]), min_size=1, max_size=6), st.integers(40, 4000))
def test_batches_do_not_change_the_result(kinds, corners_per_batch):
    made = {
        "cube": gprims.cube(1.0),
        "sphere": gprims.sphere(0.5),
        "bare": polygon(),
        "left": polygon(left_handed=True, uvs=Primvar(SQUARE[:, :2], "faceVarying")),
    }
    meshes = [made[kind] for kind in kinds]
    whole = triangulate(meshes)
    before = geometry.CORNERS_PER_BATCH
    geometry.CORNERS_PER_BATCH = corners_per_batch
    try:
        cut = triangulate(meshes)
    finally:
        geometry.CORNERS_PER_BATCH = before
    for a, b in zip(whole, cut, strict=True):
        for name in ("points", "normals", "uvs", "triangles", "faces", "sources"):
            assert np.array_equal(getattr(a, name), getattr(b, name))


def test_a_hash_collision_falls_back_to_comparing_rows(monkeypatch):
    uvs = Primvar(np.random.default_rng(0).random((4, 2)).astype(np.float32), "faceVarying")
    (wanted,) = triangulate([polygon(uvs=uvs)])
    monkeypatch.setattr(geometry, "_hash_rows", lambda points, rows: np.zeros(len(points), np.uint64))
    (result,) = triangulate([polygon(uvs=uvs)])
    assert np.array_equal(wanted.uvs[wanted.triangles], result.uvs[result.triangles])


@pytest.mark.parametrize(
    ("shape", "volume", "area"),
    [
        (gprims.cube(2.0), 8.0, 24.0),
        (gprims.sphere(1.0), 4 / 3 * np.pi, 4 * np.pi),
        (gprims.cylinder(1.0, 2.0, "X"), 2 * np.pi, 6 * np.pi),
        (gprims.cone(1.0, 2.0, "Y"), 2 / 3 * np.pi, np.pi * (1 + np.sqrt(5))),
        (gprims.capsule(1.0, 2.0, "Z"), 2 * np.pi + 4 / 3 * np.pi, 8 * np.pi),
    ],
)
def test_implicit_shapes_have_their_volume_and_face_outwards(shape, volume, area):
    (mesh,) = triangulate([shape])
    vectors = area_vectors(mesh)
    first = mesh.points[mesh.triangles[:, 0]].astype(float)
    assert np.einsum("ij,ij->i", first, vectors).sum() / 3 == pytest.approx(volume, rel=0.02)
    assert np.linalg.norm(vectors, axis=1).sum() == pytest.approx(area, rel=0.02)
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("axis", "extent"), [("X", (0, 4, 2)), ("Y", (2, 0, 4)), ("Z", (2, 4, 0))])
def test_planes_lie_across_their_axis(axis, extent):
    (mesh,) = triangulate([gprims.plane(2.0, 4.0, axis)])
    assert np.ptp(mesh.points, axis=0).tolist() == list(extent)
    assert area_vectors(mesh).sum(axis=0)["XYZ".index(axis)] == pytest.approx(8.0)

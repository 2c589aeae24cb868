"""The queries over another NavMesh's triangles, against Recast's own on the same mesh, and against what is known."""

import numpy as np
import pytest

from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.hosts.kit.triangle_floor import TriangleFloor
from isaacsim_agent_ext.hosts.kit.triangle_links import link
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneSnapshot

SQUARE = np.array([[[0, 0, 0], [4, 0, 0], [4, 4, 0]], [[0, 0, 0], [4, 4, 0], [0, 4, 0]]], float)


def rectangle(x0, y0, x1, y1, z=0.0) -> np.ndarray:
    a, b, c, d = (np.array(point, float) for point in ((x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)))
    return np.array([[a, b, c], [a, c, d]])


def hall_with_crates(seed: int) -> SceneSnapshot:
    rng = np.random.default_rng(seed)
    corners = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)
    faces = [[0, 3, 1], [0, 2, 3], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4], [2, 7, 3], [2, 6, 7]]
    faces += [[0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]]
    parts = [(np.array([[-10, -10, 0], [10, -10, 0], [10, 10, 0], [-10, 10, 0]], float), [[0, 1, 2], [0, 2, 3]])]
    for _ in range(14):
        lower = np.append(rng.uniform(-9, 8, 2), 0)
        parts.append((lower + corners * [*rng.uniform(0.5, 3, 2), 1.5], faces))
    empty = np.zeros((8, 3), np.float32)
    meshes = [
        Mesh(np.float32(points), empty, empty[:, :2], np.int32(triangles), np.zeros(len(triangles), np.int32))
        for points, triangles in parts
    ]
    instances = [Instance(f"/World/Mesh_{index}", index, np.eye(4)) for index in range(len(meshes))]
    return SceneSnapshot(tuple(meshes), tuple(instances), ())


@pytest.fixture(params=[1, 2, 3], scope="module")
def both(request):
    recast = bake(hall_with_crates(request.param))
    return recast, TriangleFloor(recast.triangles(), recast.triangle_areas())


def test_it_is_a_navmesh():
    assert isinstance(TriangleFloor(SQUARE, ["Walkable"] * 2), NavMesh)


def test_points_and_walls_agree_with_recast(both):
    recast, floor = both
    points = recast.random_points(np.random.default_rng(0), 200)
    np.testing.assert_allclose(floor.closest_points(points), points, atol=1e-4)
    np.testing.assert_allclose(floor.distance_to_wall(points), recast.distance_to_wall(points), atol=1e-3)


def test_straight_walks_agree_with_recast(both):
    recast, floor = both
    rng = np.random.default_rng(1)
    starts = recast.random_points(rng, 200)
    ends = starts + rng.uniform(-4, 4, starts.shape) * [1, 1, 0]
    differences = np.abs(floor.raycast(starts, ends) - recast.raycast(starts, ends))
    assert np.quantile(differences, 0.98) < 1e-3  # a ray through a corner may go either way


def test_steps_agree_with_recast(both):
    recast, floor = both
    rng = np.random.default_rng(2)
    starts = recast.random_points(rng, 200)
    ends = starts + rng.uniform(-0.1, 0.1, starts.shape) * [1, 1, 0]
    moved = floor.move_along_surface(starts, ends)
    assert np.quantile(np.abs(moved - recast.move_along_surface(starts, ends)), 0.99) < 1e-2


def test_paths_are_about_as_short_as_recasts_and_stay_on_the_floor(both):
    recast, floor = both
    rng = np.random.default_rng(3)
    starts, ends = recast.random_points(rng, 60), recast.random_points(rng, 60)
    ratios = []
    for ours, theirs in zip(floor.paths(starts, ends), recast.paths(starts, ends), strict=True):
        assert ours is not None
        assert theirs is not None
        assert ours.complete == theirs.complete
        if ours.complete and theirs.length > 0.5:
            ratios.append(ours.length / theirs.length)
            middles = (ours.points[:-1] + ours.points[1:]) / 2
            assert np.linalg.norm((floor.closest_points(middles) - middles)[:, :2], axis=1).max() < 0.05
    assert np.median(ratios) < 1.01
    assert max(ratios) < 1.4


def test_random_points_are_spread_by_size_and_repeat():
    triangles = np.concatenate([rectangle(0, 0, 1, 1), rectangle(5, 0, 8, 1)])
    floor = TriangleFloor(triangles, ["a", "a", "b", "b"])
    points = floor.random_points(np.random.default_rng(0), 4000)
    assert np.mean(points[:, 0] > 3) == pytest.approx(0.75, abs=0.03)
    np.testing.assert_array_equal(points, floor.random_points(np.random.default_rng(0), 4000))
    assert (floor.random_points(np.random.default_rng(0), 50, areas=["a"])[:, 0] <= 1).all()


def test_random_points_around_are_near_and_reachable():
    floor = TriangleFloor(np.concatenate([rectangle(0, 0, 4, 4), rectangle(5, 0, 9, 4)]), ["a"] * 4)
    points = floor.random_points_around(np.random.default_rng(0), np.array([3.5, 2, 0]), 3.0, 100)
    assert len(points) == 100
    assert (points[:, 0] <= 4).all()
    assert (np.linalg.norm(points - [3.5, 2, 0], axis=1) <= 3).all()
    assert len(floor.random_points_around(np.random.default_rng(0), np.array([30.0, 2, 0]), 3.0, 10)) == 0


def test_long_edges_meet_several_short_ones():
    """As tiles of a baked mesh do: no corner of the right half is one of the left half's."""
    strips = [rectangle(2, y, 4, y + 1) for y in range(4)]
    floor = TriangleFloor(np.concatenate([rectangle(0, 0, 2, 4), *strips]), ["a"] * 10)
    path = floor.path(np.array([0.5, 3.5, 0]), np.array([3.5, 0.5, 0]))
    assert path.complete
    assert path.length == pytest.approx(np.hypot(3, 3))
    assert floor.distance_to_wall(np.array([[2.0, 2.0, 0.0]])) == pytest.approx(2.0)


def test_floors_above_each_other_are_not_joined():
    triangles = np.concatenate([rectangle(0, 0, 4, 4), rectangle(4, 0, 8, 4, z=3.0)])
    portals = link(triangles)
    assert sorted(portal.to for triangle in portals for portal in triangle) == [0, 1, 2, 3]
    floor = TriangleFloor(triangles, ["a"] * 4)
    path = floor.path(np.array([1, 2, 0]), np.array([7, 2, 3]))
    assert not path.complete
    np.testing.assert_allclose(path.points[-1], [4, 2, 0], atol=1e-6)


def test_areas_are_kept_to():
    triangles = np.concatenate([rectangle(0, 0, 3, 1), rectangle(0, 1, 1, 2), rectangle(2, 1, 3, 2)])
    detour = rectangle(1, 1, 2, 2)
    floor = TriangleFloor(np.concatenate([triangles, detour]), ["lane"] * 6 + ["grass"] * 2)
    start, end = np.array([0.5, 1.9, 0]), np.array([2.5, 1.9, 0])
    assert floor.path(start, end).length == pytest.approx(2.0)
    assert floor.path(start, end, areas=["lane"]).length > 2.5
    with pytest.raises(NavMeshError, match=r'"ice" does not exist\. This stage has: "grass", "lane"'):
        floor.path(start, end, areas=["ice"])


def test_what_is_off_the_floor_is_said_to_be():
    floor = TriangleFloor(SQUARE, ["a"] * 2)
    outside = np.array([[9.0, 1.0, 0.0]])
    assert np.isnan(floor.closest_points(outside)).all()
    assert floor.distance_to_wall(outside) == 0
    assert floor.raycast(outside, SQUARE[:1, 0]) == 0
    assert np.isnan(floor.move_along_surface(outside, SQUARE[:1, 0])).all()
    assert floor.path(outside[0], SQUARE[0, 0]) is None
    np.testing.assert_allclose(floor.closest_points(np.array([[5.0, 1.0, 0.3]])), [[4, 1, 0]])


def test_an_empty_mesh_is_refused():
    with pytest.raises(NavMeshError, match="empty"):
        TriangleFloor(np.zeros((1, 3, 3)), ["a"])

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.bake import bake


@pytest.fixture
def hall(scene):
    """20 m x 10 m with a wall across that leaves a gap at its far end."""
    scene.floor(0, 0, 20, 10)
    scene.box([9.8, 0, 0], [10.2, 8, 3])
    return bake(scene.snapshot())


@pytest.fixture
def zones(scene, volume):
    """20 m x 10 m: areas West and East, and a bridge between them that is neither."""
    scene.floor(0, 0, 20, 10)
    west = volume("area", [0, 0, -1], [8, 10, 1], area="West")
    east = volume("area", [12, 0, -1], [20, 10, 1], area="East")
    return bake(scene.snapshot(), [west, east])


def test_path_around_a_wall_is_the_shortest(hall):
    start, end = np.array([5.0, 2.0, 0.0]), np.array([15.0, 2.0, 0.0])
    path = hall.path(start, end)
    # Around the eroded end of the wall: the corners (9.5, 8.3) and (10.5, 8.3).
    optimum = 2 * np.hypot(4.5, 6.3) + 1.0
    assert path.complete
    assert path.length == pytest.approx(optimum, rel=0.02)
    np.testing.assert_allclose(path.points[[0, -1]], [start, end], atol=1e-3)


def test_straight_path_is_straight(hall):
    path = hall.path([1, 1, 0], [8, 9, 0])
    assert len(path.points) == 2
    assert path.length == pytest.approx(np.hypot(7, 8), rel=1e-4)


def test_path_off_the_surface_is_none_and_unreachable_end_is_incomplete(scene):
    scene.floor(0, 0, 10, 10)
    scene.floor(20, 0, 30, 10)
    navmesh = bake(scene.snapshot())
    assert navmesh.path([5, 5, 0], [15, 5, 0]) is None
    path = navmesh.path([5, 5, 0], [25, 5, 0])
    assert not path.complete
    assert path.points[-1] == pytest.approx([9.7, 5, 0], abs=0.15)


def test_batched_paths_equal_single_ones(hall):
    rng = np.random.default_rng(5)
    starts, ends = hall.random_points(rng, 50), hall.random_points(rng, 50)
    for start, end, path in zip(starts, ends, hall.paths(starts, ends), strict=True):
        np.testing.assert_array_equal(path.points, hall.path(start, end).points)


def test_paths_stay_on_the_areas(scene, volume):
    scene.floor(0, 0, 20, 10)
    shortcut = volume("area", [8, 0, -1], [12, 7, 1], area="Restricted")
    navmesh = bake(scene.snapshot(), [shortcut])
    start, end = np.array([2, 2, 0]), np.array([18, 2, 0])
    assert navmesh.path(start, end).length == pytest.approx(16, rel=0.01)
    around = navmesh.path(start, end, areas=["Walkable"])
    assert around.complete
    assert around.length == pytest.approx(2 * np.hypot(6, 5) + 4, rel=0.03)


def test_who_starts_outside_the_areas_walks_into_them(zones):
    path = zones.path([2, 5, 0], [18, 5, 0], areas=["East"])
    assert path.complete
    assert path.length == pytest.approx(16, rel=0.02)
    assert zones.path([14, 5, 0], [2, 5, 0], areas=["East"]) is None


def test_unknown_area_names_those_that_exist(zones):
    with pytest.raises(NavMeshError) as error:
        zones.random_points(np.random.default_rng(0), 1, areas=["Wset"])
    assert '"Wset" does not exist' in str(error.value)
    assert 'Did you mean "West"?' in str(error.value)
    assert '"Walkable", "East", "West"' in str(error.value)


def test_area_without_surface_says_so(scene, volume):
    scene.floor(0, 0, 10, 10)
    navmesh = bake(scene.snapshot(), [volume("area", [50, 0, 0], [60, 5, 1], area="Roof")])
    with pytest.raises(NavMeshError, match="no walkable surface"):
        navmesh.path([1, 1, 0], [2, 2, 0], areas=["Roof"])


def test_random_points_are_uniform(hall):
    points = hall.random_points(np.random.default_rng(11), 40_000)
    # Cells of 1 m well inside the eroded floor and clear of the wall all have the same expectation.
    inside = points[(points[:, 0] > 1) & (points[:, 0] < 9) & (points[:, 1] > 1) & (points[:, 1] < 9)]
    counts, _, _ = np.histogram2d(inside[:, 0], inside[:, 1], bins=[np.arange(1, 10), np.arange(1, 10)])
    expected = counts.mean()
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < 63 + 4 * np.sqrt(2 * 63)  # 63 degrees of freedom, four standard deviations
    surface = 19.4 * 9.4 - 1.0 * 8.0
    assert len(inside) / len(points) == pytest.approx(64 / surface, rel=0.03)


def test_random_points_lie_on_the_surface(hall):
    points = hall.random_points(np.random.default_rng(1), 2000)
    nearest = hall.closest_points(points)
    np.testing.assert_allclose(nearest, points, atol=1e-3)


def test_random_points_around_fill_the_disc_and_stay_reachable(scene):
    scene.floor(0, 0, 10, 20)
    scene.box([0, 9.8, 0], [10, 10.2, 3])
    navmesh = bake(scene.snapshot())
    center = np.array([5.0, 8.0, 0.0])
    points = navmesh.random_points_around(np.random.default_rng(2), center, 3.0, 4000)
    assert len(points) == 4000
    distance = np.linalg.norm(points - center, axis=1)
    assert distance.max() <= 3.0 + 1e-3
    assert points[:, 1].max() < 9.8  # nothing beyond the wall, although it is near
    inner = (distance < 1.4).sum() / len(points)
    whole = np.pi * 9 - (9 * np.arccos(1.5 / 3) - 1.5 * np.sqrt(9 - 1.5**2))
    assert inner == pytest.approx(np.pi * 1.4**2 / whole, rel=0.08)


def test_random_points_around_keep_to_areas(zones):
    rng = np.random.default_rng(3)
    points = zones.random_points_around(rng, [7, 5, 0], 4.0, 500, areas=["West"])
    assert points[:, 0].max() < 8.1
    # From elsewhere, areas that can be walked to count.
    assert len(zones.random_points_around(rng, [10, 5, 0], 4.0, 50, areas=["West"])) == 50
    assert len(zones.random_points_around(rng, [2, 5, 0], 4.0, 50, areas=["East"])) == 0
    assert zones.random_points_around(rng, [50, 5, 0], 4.0, 50).shape == (0, 3)


def test_random_points_depend_on_the_generator_alone(hall):
    def draw():
        rng = np.random.default_rng(9)
        return hall.random_points(rng, 10), hall.random_points_around(rng, [5, 5, 0], 3.0, 10)

    for first, second in zip(draw(), draw(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_closest_points(hall):
    found = hall.closest_points(np.array([[5, 5, 0.4], [9.9, 4, 0], [5, 5, 30], [5, 11, 0]]), reach=2.0)
    np.testing.assert_allclose(found[0], [5, 5, 0], atol=1e-3)
    assert found[1] == pytest.approx([9.5, 4, 0], abs=0.12)
    assert np.isnan(found[2]).all()
    assert found[3] == pytest.approx([5, 9.7, 0], abs=0.12)


def test_raycast_stops_at_the_wall(hall):
    starts = np.array([[5, 2, 0], [5, 2, 0], [5, 2, 0], [50, 2, 0]], dtype=float)
    ends = np.array([[15, 2, 0], [8, 2, 0], [5, 2, 0], [51, 2, 0]], dtype=float)
    free = hall.raycast(starts, ends)
    assert free[0] == pytest.approx(0.45, abs=0.02)
    assert free[1:].tolist() == [1.0, 1.0, 0.0]


def test_distance_to_wall(hall):
    distance = hall.distance_to_wall(np.array([[5, 5, 0], [8.5, 5, 0], [50, 5, 0]], dtype=float), reach=3.0)
    assert distance[0] == pytest.approx(3.0, abs=1e-3)
    assert distance[1] == pytest.approx(1.0, abs=0.1)
    assert distance[2] == 0.0


def test_move_along_surface_slides_and_follows_the_height(scene):
    scene.floor(0, 0, 10, 10)
    scene.ramp([10, 14], [0, 10], [0, 1.0])
    navmesh = bake(scene.snapshot())
    starts = np.array([[5, 0.5, 0], [11, 5, 0.25], [5, 5, 0], [40, 5, 0]], dtype=float)
    ends = np.array([[5.5, -1, 0], [12, 5, 0.25], [5.1, 5, 0], [41, 5, 0]], dtype=float)
    moved = navmesh.move_along_surface(starts, ends)
    assert moved[0] == pytest.approx([5.5, 0.3, 0], abs=0.12)
    assert moved[1] == pytest.approx([12, 5, 0.5], abs=0.03)
    assert moved[2] == pytest.approx([5.1, 5, 0], abs=1e-4)
    assert np.isnan(moved[3]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e12])
def test_broken_coordinates_are_refused(hall, bad):
    broken, fine = np.array([[bad, 0, 0]]), np.array([[1.0, 1.0, 0.0]])
    for query in (
        lambda: hall.path(broken[0], fine[0]),
        lambda: hall.paths(fine, broken),
        lambda: hall.closest_points(broken),
        lambda: hall.raycast(fine, broken),
        lambda: hall.distance_to_wall(broken),
        lambda: hall.move_along_surface(fine, broken),
        lambda: hall.random_points_around(np.random.default_rng(0), broken[0], 1.0, 1),
    ):
        with pytest.raises(ValueError, match="coordinate"):
            query()


def test_threads_get_the_same_answers(hall):
    rng = np.random.default_rng(4)
    starts, ends = hall.random_points(rng, 300), hall.random_points(rng, 300)
    expected = [path.points for path in hall.paths(starts, ends)]
    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(lambda _: hall.paths(starts, ends), range(16)):
            for path, points in zip(result, expected, strict=True):
                np.testing.assert_array_equal(path.points, points)


def test_pickled_mesh_is_the_same(zones):
    copy = pickle.loads(pickle.dumps(zones))
    assert copy.areas == zones.areas
    assert copy.to_bytes() == zones.to_bytes()


def test_empty_batches_are_fine(hall):
    none = np.zeros((0, 3))
    assert hall.paths(none, none) == []
    assert hall.closest_points(none).shape == (0, 3)
    assert hall.random_points(np.random.default_rng(0), 0).shape == (0, 3)

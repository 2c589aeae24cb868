import numpy as np
import pytest

from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings

CELL = NavMeshSettings().cell_size
RADIUS = NavMeshSettings().agent_radius


def extent(navmesh):
    corners = navmesh.triangles().reshape(-1, 3)
    return corners.min(axis=0), corners.max(axis=0)


def size(navmesh):
    a, b, c = np.moveaxis(navmesh.triangles().astype(np.float64), 1, 0)
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()


def on_surface(navmesh, point, reach=0.15):
    return bool(np.isfinite(navmesh.closest_points(np.array([point], dtype=float), reach=reach)).all())


def test_floor_is_eroded_by_the_radius_and_keeps_its_height(scene):
    scene.floor(0, 0, 10, 6, z=1.25)
    navmesh = bake(scene.snapshot())
    lower, upper = extent(navmesh)
    np.testing.assert_allclose(lower, [RADIUS, RADIUS, 1.25], atol=CELL + 1e-3)
    np.testing.assert_allclose(upper, [10 - RADIUS, 6 - RADIUS, 1.25], atol=CELL + 1e-3)
    np.testing.assert_allclose(navmesh.triangles()[..., 2], 1.25, atol=1e-5)
    assert isinstance(navmesh, NavMesh)
    assert navmesh.areas == ("Walkable",)


def test_obstacles_cut_holes_of_their_size_and_the_radius(scene):
    scene.floor(0, 0, 10, 10)
    scene.box([4, 4, 0], [6, 6, 2])
    navmesh = bake(scene.snapshot())
    assert not on_surface(navmesh, [5, 5, 0], reach=1.0)
    assert not on_surface(navmesh, [3.85, 5, 0], reach=0.05)
    assert on_surface(navmesh, [3.5, 5, 0])


def test_instance_transforms_count(scene):
    turned = np.diag([1.0, 1.0, 1.0, 1.0])
    turned[:2, :2] = [[0, 1], [-1, 0]]
    turned[3, :3] = [5, 7, 2]
    scene.floor(0, 0, 8, 4, transform=turned)
    lower, upper = extent(bake(scene.snapshot()))
    np.testing.assert_allclose(lower, [5 - 4 + RADIUS, 7 + RADIUS, 2], atol=CELL + 1e-3)
    np.testing.assert_allclose(upper, [5 - RADIUS, 7 + 8 - RADIUS, 2], atol=CELL + 1e-3)


def test_mirrored_floor_still_faces_up(scene):
    scene.floor(0, 0, 8, 8, transform=np.diag([-1.0, 1.0, 1.0, 1.0]))
    assert size(bake(scene.snapshot())) == pytest.approx(7.2**2, rel=0.04)


@pytest.mark.parametrize(("degrees", "walkable"), [(20, True), (40, True), (55, False)])
def test_slopes_up_to_the_limit_are_walkable(scene, degrees, walkable):
    rise = 4 * np.tan(np.radians(degrees))
    scene.floor(-6, 0, 0, 6)
    scene.ramp([0, 4], [0, 6], [0, rise])
    scene.floor(4, 0, 10, 6, z=rise)
    navmesh = bake(scene.snapshot())
    path = navmesh.path([-4, 3, 0], [8, 3, rise])
    if walkable:
        assert path.complete
        assert path.points[-1] == pytest.approx([8, 3, rise], abs=0.1)
        middle = navmesh.closest_points(np.array([[2, 3, rise / 2]]))[0]
        assert middle[2] == pytest.approx(rise / 2, abs=0.06)
    else:
        assert path is None or not path.complete


@pytest.mark.parametrize(("step", "walkable"), [(0.18, True), (0.4, False)])
def test_stairs_up_to_the_climb_are_walkable(scene, step, walkable):
    scene.floor(-6, 0, 0, 6)
    for i in range(1, 9):
        scene.box([0.3 * (i - 1), 0, 0], [0.3 * i, 6, step * i])
    top = 8 * step
    scene.box([2.4, 0, 0], [9, 6, top])
    path = bake(scene.snapshot()).path([-4, 3, 0], [8, 3, top])
    assert (path is not None and path.complete) is walkable


@pytest.mark.parametrize(("clearance", "walkable"), [(2.0, True), (1.6, False)])
def test_low_ceilings_are_kept_out_of(scene, clearance, walkable):
    scene.floor(0, 0, 12, 4)
    scene.box([4, -1, clearance], [8, 5, clearance + 0.3])
    path = bake(scene.snapshot()).path([1, 2, 0], [11, 2, 0])
    assert path.complete is walkable


def test_people_do_not_stand_on_roofs_containers_and_tables(scene):
    scene.floor(0, 0, 30, 20)
    for lower, upper in (([0, 0, 0], [30, 0.2, 4]), ([0, 19.8, 0], [30, 20, 4]), ([0, 0, 0], [0.2, 20, 4])):
        scene.box(lower, upper)
    scene.box([-0.5, -0.5, 4], [30.5, 20.5, 4.2])  # the roof is larger than the floor
    scene.box([5, 5, 0], [17, 7.4, 2.6])  # a container
    scene.box([20, 10, 0], [21, 12, 0.8])  # a table
    navmesh = bake(scene.snapshot())
    assert navmesh.triangles()[..., 2].max() < 0.1
    assert size(navmesh) > 400


def test_separate_rooms_stay_and_slivers_go(scene):
    scene.floor(0, 0, 10, 10)
    scene.floor(20, 0, 25, 5)
    scene.floor(40, 0, 41.5, 1.5)
    navmesh = bake(scene.snapshot())
    assert on_surface(navmesh, [22, 2, 0])
    assert not on_surface(navmesh, [40.75, 0.75, 0])


def test_loading_dock_above_the_yard_stays(scene):
    scene.floor(0, 0, 20, 10)
    scene.box([0, 10, 0], [20, 30, 1.2])
    navmesh = bake(scene.snapshot())
    assert on_surface(navmesh, [10, 5, 0])
    assert on_surface(navmesh, [10, 20, 1.2])


def test_named_part_stays_even_on_top_of_something(scene, volume):
    scene.floor(0, 0, 20, 20)
    scene.box([8, 8, 0], [12, 12, 2])
    stage = volume("area", [8, 8, 1.5], [12, 12, 3], area="Stage")
    navmesh = bake(scene.snapshot(), [stage])
    assert navmesh.areas == ("Walkable", "Stage")
    assert on_surface(navmesh, [10, 10, 2])


def test_include_volumes_limit_the_surface(scene, volume):
    scene.floor(0, 0, 30, 10)
    boxes = [volume("include", [0, 0, 0], [10, 10, 3]), volume("include", [20, 0, 0], [30, 10, 3])]
    navmesh = bake(scene.snapshot(), boxes)
    assert on_surface(navmesh, [5, 5, 0])
    assert on_surface(navmesh, [25, 5, 0])
    assert not on_surface(navmesh, [15, 5, 0])
    lower, upper = extent(navmesh)
    np.testing.assert_allclose([lower[0], upper[0]], [RADIUS, 30 - RADIUS], atol=CELL + 1e-3)


def test_include_volumes_leave_out_geometry_above_them(scene, volume):
    scene.floor(0, 0, 10, 10)
    scene.box([3, 3, 1.0], [7, 7, 1.2])
    inside = volume("include", [0, 0, -0.5], [10, 10, 0.5])
    assert not on_surface(bake(scene.snapshot()), [5, 5, 0], reach=0.5)
    assert on_surface(bake(scene.snapshot(), [inside]), [5, 5, 0])


def test_exclude_volumes_keep_bodies_out(scene, volume):
    scene.floor(0, 0, 10, 10)
    navmesh = bake(scene.snapshot(), [volume("exclude", [4, 4, 0], [6, 6, 2])])
    assert not on_surface(navmesh, [5, 5, 0], reach=0.9)
    assert size(navmesh) == pytest.approx(9.4**2 - 2.6**2, rel=0.04)


def test_exclude_volumes_on_another_floor_change_nothing(scene, volume):
    scene.floor(0, 0, 10, 10)
    navmesh = bake(scene.snapshot(), [volume("exclude", [4, 4, 3], [6, 6, 5])])
    assert on_surface(navmesh, [5, 5, 0])


def test_areas_from_volumes_and_instances(scene, volume):
    scene.floor(0, 0, 10, 10)
    scene.floor(10, 0, 20, 10, area="Dock")
    navmesh = bake(scene.snapshot(), [volume("area", [0, 0, -1], [5, 10, 1], area="Aisle")])
    assert navmesh.areas == ("Walkable", "Aisle", "Dock")
    rng = np.random.default_rng(0)
    for area, low, high in (("Aisle", 0, 5), ("Walkable", 5, 10), ("Dock", 10, 20)):
        x = navmesh.random_points(rng, 500, areas=[area])[:, 0]
        assert low - 0.1 <= x.min()
        assert x.max() <= high + 0.1
        assert x.max() - x.min() > 0.8 * (high - low - RADIUS)


def test_named_mesh_on_the_floor_wins_over_the_floor(scene):
    scene.floor(0, 0, 10, 10)
    scene.floor(2, 2, 5, 5, z=0.005, area="Crossing")
    navmesh = bake(scene.snapshot())
    points = navmesh.random_points(np.random.default_rng(0), 200, areas=["Crossing"])
    assert points[:, :2].min() >= 1.85
    assert points[:, :2].max() <= 5.15


def test_not_walkable_floor_is_an_obstacle(scene):
    scene.floor(0, 0, 10, 10)
    scene.floor(10, 0, 16, 10, area="NotWalkable")
    navmesh = bake(scene.snapshot())
    assert navmesh.areas == ("Walkable",)
    assert on_surface(navmesh, [2, 5, 0])
    assert not on_surface(navmesh, [13, 5, 0], reach=2.0)


def test_instances_out_of_navigation_are_not_there(scene):
    scene.floor(0, 0, 10, 10)
    scene.box([4, 4, 0], [6, 6, 2], navigation=False)
    assert on_surface(bake(scene.snapshot()), [5, 5, 0])


def test_same_scene_bakes_to_the_same_bytes(scene):
    rng = np.random.default_rng(3)
    scene.floor(0, 0, 20, 20)
    for x, y in rng.uniform(1, 18, (30, 2)):
        scene.box([x, y, 0], [x + 1, y + 0.6, 1.5])
    assert bake(scene.snapshot()).to_bytes() == bake(scene.snapshot()).to_bytes()


def test_tiles_give_the_same_surface(scene):
    scene.floor(0, 0, 30, 20)
    scene.box([10, 5, 0], [12, 15, 2])
    whole = bake(scene.snapshot(), settings=NavMeshSettings(tile_size=0))
    tiled = bake(scene.snapshot(), settings=NavMeshSettings(tile_size=64))
    assert size(tiled) == pytest.approx(size(whole), rel=0.01)
    a, b = np.array([2, 2, 0]), np.array([28, 18, 0])
    assert tiled.path(a, b).complete
    assert tiled.path(a, b).length == pytest.approx(whole.path(a, b).length, rel=0.1)


def test_broken_coordinates_are_left_out(scene):
    scene.floor(0, 0, 10, 10)
    scene.mesh([[np.nan, 0, 0], [1, 0, 0], [0, np.inf, 0], [1e9, 0, 0]], [[0, 1, 2], [1, 2, 3]])
    assert size(bake(scene.snapshot())) == pytest.approx(9.2**2, rel=0.02)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda scene: None, "no static, visible mesh"),
        (lambda scene: scene.mesh([[0, 0, 0], [9, 0, 0], [9, 9, 0]], [[0, 2, 1]]), "inside out"),
        (lambda scene: scene.mesh([[0, 0, 0], [9, 0, 0], [9, 0, 9]], [[0, 2, 1]]), "Y-up"),
        (lambda scene: scene.ramp([0, 4], [0, 6], [0, 12]), "within 45 degrees of level"),
        (lambda scene: scene.floor(0, 0, 0.5, 20), "room for a person"),
        (lambda scene: scene.floor(0, 0, 20_000, 20_000), "include volume"),
    ],
)
def test_missing_floor_is_diagnosed(scene, build, says):
    build(scene)
    with pytest.raises(NavMeshError, match=says):
        bake(scene.snapshot())


def test_empty_include_volume_is_diagnosed(scene, volume):
    scene.floor(0, 0, 10, 10)
    with pytest.raises(NavMeshError, match="include volume") as error:
        bake(scene.snapshot(), [volume("include", [100, 0, 0], [101, 1, 1])])
    assert "X 100 to 101 m" in str(error.value)

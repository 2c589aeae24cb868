import numpy as np
import pytest

from isaacsim_agent_ext.config.model import MaximumCoverage, SensorGroup
from isaacsim_agent_ext.errors import PlacementError
from isaacsim_agent_ext.sensors.coverage import FOCUS_HEIGHT, place_maximum_coverage
from isaacsim_agent_ext.sensors.look_at import heading, look_down_angle
from isaacsim_agent_ext.sensors.placement import CAMERA_CLEARANCE
from isaacsim_agent_ext.sensors.visibility import sees

RANGES = {
    "height_range": (2.5, 3.5),
    "look_down_angle_range": (15.0, 60.0),
    "focal_length_range": (10.0, 14.0),
    "distance_range": (3.0, 9.0),
}


class Surface:
    """The NavMesh of rectangles ``(x0, y0, x1, y1, z)``, as far as coverage asks."""

    def __init__(self, *rectangles):
        self.rectangles = rectangles

    def triangles(self):
        corners = [((x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)) for x0, y0, x1, y1, z in self.rectangles]
        return np.array([(a, b, c) for a, b, c, _ in corners] + [(a, c, d) for a, _, c, d in corners], dtype=np.float32)

    def cells(self, side=1.0):
        """Points above the middles of the cells of rectangles that begin at multiples of the side."""
        return np.array(
            [
                (x, y, z + FOCUS_HEIGHT)
                for x0, y0, x1, y1, z in self.rectangles
                for x in np.arange(x0, x1 - 1e-6, side) + side / 2
                for y in np.arange(y0, y1 - 1e-6, side) + side / 2
            ]
        )


def coverage_group(num, name="cover", **keys):
    return SensorGroup(name=name, num=num, placement=MaximumCoverage(**(RANGES | keys)))


def place(group, surface, caster, seed=1, **keys):
    return place_maximum_coverage(group, surface, caster, seed=seed, resolution=(1280, 720), **keys)


def covered(cameras, points, caster, reach):
    """Which points some camera shows, worked out from its projection."""
    seen = np.zeros(len(points), dtype=bool)
    for camera in cameras:
        position = np.broadcast_to(camera.transform[3, :3], points.shape)
        pixels, depth = camera.project(points)
        inside = (
            (depth > 0) & (pixels >= -1e-6).all(axis=1) & (pixels <= np.array(camera.resolution) + 1e-6).all(axis=1)
        )
        near = np.linalg.norm(points - position, axis=1) <= reach
        seen |= inside & near & sees(caster, position, points, ())
    return seen


def same(a, b):
    return len(a) == len(b) and all(
        np.array_equal(x.transform, y.transform) and (x.prim_path, x.focal_length) == (y.prim_path, y.focal_length)
        for x, y in zip(a, b, strict=True)
    )


def poses(placed):
    return [(camera.transform.tobytes(), camera.focal_length) for camera in placed.cameras]


@pytest.fixture
def hall(room):
    caster, _ = room((16, 12, 5))
    return Surface((0, 0, 16, 12, 0)), caster


@pytest.fixture
def corner_room(room):
    """Two arms of 4 m, 14 and 12 m long, around a block that reaches the ceiling."""
    caster, _ = room((14, 12, 5), boxes=[([4, 4, 0], [14, 12, 5])])
    return Surface((0, 0, 14, 4, 0), (0, 4, 4, 12, 0)), caster


def test_a_camera_straight_above_covers_its_rectangle(room):
    surface, (caster, _) = Surface((0, 0, 20, 20, 0)), room((20, 20, 8))
    keys = {
        "height_range": (5.5, 5.5),
        "look_down_angle_range": (90.0, 90.0),
        "distance_range": (5.0, 5.0),
        "focal_length_range": (10.4775, 10.4775),  # as far to each side as it is high
    }
    (camera,) = place(coverage_group(1, **keys), surface, caster).cameras
    seen = covered([camera], surface.cells(), caster, 5.0 + np.sqrt(0.5)).sum()
    assert camera.transform[3, 2] == pytest.approx(5.5)
    assert look_down_angle(camera.transform) == pytest.approx(np.pi / 2)
    # 5.7 m of reach leave a circle of 2.75 m around the camera; the image is 10 m by 5.6 m.
    circle = np.pi * ((5.0 + np.sqrt(0.5)) ** 2 - 25.0)
    assert 0.8 * circle < seen < 1.25 * circle


def test_an_open_room_is_covered_by_one_camera_when_it_can_be(room):
    surface, (caster, _) = Surface((0, 0, 6, 6, 0)), room((6, 6, 6))
    keys = {
        "height_range": (4.0, 5.0),
        "look_down_angle_range": (40.0, 90.0),
        "distance_range": (3.0, 9.0),
        "focal_length_range": (5.0, 5.0),
    }
    placed = place(coverage_group(-1, target_coverage_ratio=0.95, **keys), surface, caster)
    assert len(placed.cameras) == 1
    assert placed.warnings == ()
    assert covered(placed.cameras, surface.cells(), caster, 9.0).mean() >= 0.9


def test_two_arms_take_two_cameras(corner_room):
    surface, caster = corner_room
    keys = {"distance_range": (3.0, 16.0), "target_coverage_ratio": 0.85, "focal_length_range": (14.0, 14.0)}
    one, two = (place(coverage_group(num, **keys), surface, caster) for num in (1, 2))
    points = surface.cells()
    first, both = (covered(placed.cameras, points, caster, 16.8) for placed in (one, two))
    assert "coverage 0." in one.warnings[0]
    assert first.mean() < 0.75
    assert both.mean() > 0.85
    assert len(place(coverage_group(-1, **keys), surface, caster).cameras) == 2


def test_walls_hide(room):
    surface = Surface((0, 0, 8, 8, 0), (10, 0, 18, 8, 0))
    caster, _ = room((18, 8, 5), boxes=[([8, 0, 0], [10, 8, 5])])
    placed = place(coverage_group(2, distance_range=(3.0, 20.0)), surface, caster)
    left = surface.cells()[:, 0] < 9
    for camera in placed.cameras:
        seen = covered([camera], surface.cells(), caster, 20.8)
        assert (seen & left).any() != (seen & ~left).any()
    assert sorted(camera.transform[3, 0] > 9 for camera in placed.cameras) == [False, True]


def test_the_reported_coverage_is_what_the_cameras_show(hall):
    surface, caster = hall
    placed = place(coverage_group(2, target_coverage_ratio=1.0), surface, caster)
    share = covered(placed.cameras, surface.cells(), caster, 9.0 + np.sqrt(0.5)).mean()
    assert f"coverage {share:.2f} of 1.00 with 2 cameras" in placed.warnings[0]


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.95])
def test_as_many_cameras_as_the_ratio_needs(hall, ratio):
    surface, caster = hall
    placed = place(coverage_group(-1, target_coverage_ratio=ratio), surface, caster)
    points, reach = surface.cells(), 9.0 + np.sqrt(0.5)
    assert placed.warnings == ()
    assert covered(placed.cameras, points, caster, reach).mean() >= ratio
    assert covered(placed.cameras[:-1], points, caster, reach).mean() < ratio


def test_every_range_is_kept(hall):
    surface, caster = hall
    keys = {
        "height_range": (2.6, 2.9),
        "look_down_angle_range": (16.0, 25.0),
        "focal_length_range": (11.0, 12.0),
        "distance_range": (5.0, 7.0),
    }
    placed = place(coverage_group(12, **keys), surface, caster)
    assert len(placed.cameras) == 12
    for camera in placed.cameras:
        height, angle = camera.transform[3, 2], look_down_angle(camera.transform)
        assert 2.6 <= height <= 2.9
        assert 16.0 - 1e-6 <= np.degrees(angle) <= 25.0 + 1e-6
        assert 11.0 <= camera.focal_length <= 12.0
        assert 5.0 - 1e-6 <= (height - FOCUS_HEIGHT) / np.sin(angle) <= 7.0 + 1e-6
        eighths = heading(camera.transform) / (np.pi / 4)
        assert eighths == pytest.approx(round(eighths), abs=1e-6)
        np.testing.assert_allclose(camera.transform[:3, :3] @ camera.transform[:3, :3].T, np.eye(3), atol=1e-12)
        assert np.linalg.det(camera.transform[:3, :3]) == pytest.approx(1.0)
        assert camera.transform[1, 2] > 0  # upright


def test_cameras_keep_clear_of_surfaces(room):
    caster, _ = room((10, 8, 5), boxes=[([4, 3, 0], [6, 5, 5])])
    surface = Surface((0, 0, 10, 3, 0), (0, 5, 10, 8, 0), (0, 3, 4, 5, 0), (6, 3, 10, 5, 0))
    for camera in place(coverage_group(10), surface, caster).cameras:
        position = camera.transform[3, :3]
        gaps = [np.linalg.norm(np.maximum(np.maximum(low - position, position - up), 0)) for low, up in caster.boxes]
        assert min(gaps) > CAMERA_CLEARANCE - 0.1


def test_storeys_are_kept_apart(room):
    caster, _ = room((10, 8, 9), boxes=[([0, 0, 4.3], [10, 8, 4.5])])
    surface = Surface((0, 0, 10, 8, 0), (0, 0, 10, 8, 4.5))
    placed = place(coverage_group(-1), surface, caster)
    heights = [camera.transform[3, 2] for camera in placed.cameras]
    assert all(2.5 <= height <= 3.5 or 7.0 <= height <= 8.0 for height in heights)
    assert covered(placed.cameras, surface.cells(), caster, 9.8).mean() >= 0.9
    assert min(heights) < 4 < max(heights)


def test_more_cameras_keep_those_before_and_never_cover_less(hall):
    surface, caster = hall
    most = place(coverage_group(8), surface, caster).cameras
    shares = []
    for num in range(1, 9):
        cameras = place(coverage_group(num), surface, caster).cameras
        assert same(cameras, most[:num])
        shares.append(covered(cameras, surface.cells(), caster, 9.8).mean())
    assert shares == sorted(shares)


def test_a_fixed_number_is_placed_even_when_all_is_covered(room):
    surface, (caster, _) = Surface((0, 0, 6, 6, 0)), room((6, 6, 5))
    placed = place(coverage_group(9, distance_range=(3.0, 12.0)), surface, caster)
    assert len(set(poses(placed))) == 9


def test_the_same_seed_gives_the_same_cameras(hall):
    surface, caster = hall
    first, second, other, renamed = (
        place(coverage_group(4, name), surface, caster, seed)
        for name, seed in (("cover", 1), ("cover", 1), ("cover", 2), ("another", 1))
    )
    assert same(first.cameras, second.cameras)
    assert len({tuple(poses(placed)) for placed in (first, other, renamed)}) == 3
    assert [camera.prim_path for camera in renamed.cameras][:2] == [
        "/World/Cameras/another/another_0",
        "/World/Cameras/another/another_1",
    ]


def test_people_hide_nothing(hall, person):
    surface, caster = hall
    crowd = [person(x, y, index) for index, (x, y) in enumerate((x, y) for x in range(2, 15, 2) for y in (3, 6, 9))]
    crowded = type(caster)([*caster.boxes, *((target.lower, target.upper) for target in crowd)])
    empty = place(coverage_group(3), surface, caster)
    assert same(place(coverage_group(3), surface, crowded, transparent=crowd).cameras, empty.cameras)
    assert not same(place(coverage_group(3), surface, crowded).cameras, empty.cameras)


def test_floor_that_no_camera_can_see_is_reported(room):
    surface, (caster, _) = Surface((0, 0, 12, 8, 0)), room((12, 8, 5), boxes=[([0, 0, 0.9], [6, 8, 1.2])])
    placed = place(coverage_group(-1), surface, caster)
    assert any("of the floor is out of sight" in warning for warning in placed.warnings)


def test_no_cameras_at_all(hall):
    assert place(coverage_group(0), *hall).cameras == ()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"height_range": (4.7, 4.9), "distance_range": (5.0, 9.0)}, r"within 0\.5 m of a surface.*now 4\.7 to 4\.9 m"),
        ({"height_range": (6.0, 7.0), "distance_range": (6.0, 12.0)}, "above a ceiling"),
        ({"look_down_angle_range": (89.0, 90.0), "distance_range": (6.0, 9.0)}, "contradict each other"),
    ],
)
def test_what_cannot_be_is_explained(hall, keys, message):
    with pytest.raises(PlacementError, match=message):
        place(coverage_group(2, **keys), *hall)


def test_no_floor(room):
    with pytest.raises(PlacementError, match="no walkable surface"):
        place(coverage_group(2), Surface((0, 0, 0, 0, 0)), room()[0])

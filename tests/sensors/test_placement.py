import numpy as np
import pytest

from isaacsim_agent_ext.errors import PlacementError
from isaacsim_agent_ext.sensors.look_at import look_down_angle
from isaacsim_agent_ext.sensors.placement import CAMERA_CLEARANCE, place_aim_at_targets
from isaacsim_agent_ext.sensors.visibility import occlusion


def place(group, targets, room, seed=1):
    caster, navmesh = room
    return place_aim_at_targets(group, targets, navmesh, caster, seed=seed, resolution=(1280, 720))


def aim(camera, targets):
    """The target in the middle of the image."""
    pixels, _ = camera.project(np.array([target.center for target in targets]))
    return targets[int(np.linalg.norm(pixels - [640, 360], axis=1).argmin())]


def offset(camera, targets):
    return camera.transform[3, :3] - aim(camera, targets).center


@pytest.fixture
def people(person):
    return [person(x, y, i) for i, (x, y) in enumerate([(14, 9), (15, 11), (16, 9.5), (17, 10.5), (15.5, 8)])]


def test_all_ranges_are_kept(group, people, room):
    ranges = {
        "height_range": (2.2, 2.9),
        "look_down_angle_range": (12.0, 20.0),
        "focal_length_range": (14.0, 16.0),
        "distance_range": (5.5, 6.5),
        "yaw_range": (30.0, 100.0),
    }
    placed = place(group(6, **ranges), people, room())
    assert placed.warnings == ()
    assert len(placed.cameras) == 6
    for camera in placed.cameras:
        dx, dy, dz = offset(camera, people)
        assert 2.2 <= camera.transform[3, 2] <= 2.9
        assert 12.0 <= np.degrees(look_down_angle(camera.transform)) <= 20.0
        assert 14.0 <= camera.focal_length <= 16.0
        assert 5.5 <= np.linalg.norm([dx, dy, dz]) <= 6.5
        assert 30.0 <= np.degrees(np.arctan2(dy, dx)) % 360 <= 100.0


def test_cameras_aim_exactly_at_a_target(group, people, room):
    for camera in place(group(), people, room()).cameras:
        pixels, depth = camera.project(np.array([aim(camera, people).center]))
        np.testing.assert_allclose(pixels, [[640, 360]], atol=1e-6)
        assert depth[0] > 0


@pytest.mark.parametrize(
    "ranges",
    [
        {"height_range": (2.5, 2.5), "distance_range": (6.0, 6.0)},
        {"height_range": (1.0, 6.0), "distance_range": (6.0, 6.0), "look_down_angle_range": (20.0, 20.0)},
        {"height_range": (3.0, 3.0), "distance_range": (2.0, 20.0), "look_down_angle_range": (25.0, 25.0)},
    ],
)
def test_ranges_of_width_zero_are_met(group, people, room, ranges):
    for camera in place(group(2, **ranges), people, room((40, 30, 8))).cameras:
        height, distance = camera.transform[3, 2], np.linalg.norm(offset(camera, people))
        angle = np.degrees(look_down_angle(camera.transform))
        for value, key in ((height, "height_range"), (distance, "distance_range"), (angle, "look_down_angle_range")):
            if key in ranges:
                assert ranges[key][0] - 1e-4 <= value <= ranges[key][1] + 1e-4


def test_straight_down(group, people, room):
    placed = place(
        group(1, height_range=(4.0, 5.0), distance_range=(2.0, 6.0), look_down_angle_range=(90.0, 90.0)), people, room()
    )
    assert look_down_angle(placed.cameras[0].transform) == pytest.approx(np.pi / 2, abs=1e-3)


def test_heights_count_from_the_targets_floor(group, person, room):
    target = person(15, 10)
    raised = type(target)(target.prim_path, target.lower + np.array([0, 0, 1]), target.upper + np.array([0, 0, 1]))
    (camera,) = place(group(1), [raised], room()).cameras
    assert 3.0 <= camera.transform[3, 2] <= 4.0


def test_cameras_keep_clear_of_surfaces_and_inside_the_building(group, person, room):
    targets = [person(2, 2, 0), person(28, 18, 1)]
    shelf = ([8, 0, 0], [9, 8, 4])
    caster, navmesh = room(boxes=[shelf])
    for camera in place(group(8), targets, (caster, navmesh)).cameras:
        position = camera.transform[3, :3]
        assert (position[:2] > CAMERA_CLEARANCE - 0.1).all()
        assert (position < [30, 20, 6]).all()
        for lower, upper in caster.boxes:
            gap = np.maximum(np.maximum(lower - position, position - upper), 0)
            assert np.linalg.norm(gap) > CAMERA_CLEARANCE - 0.1


def test_hidden_targets_are_avoided(group, person, room):
    target = person(15, 10)
    walls = [([14, 11, 0], [16, 11.3, 4]), ([13, 8, 0], [13.3, 12, 4]), ([14, 8.4, 0], [16, 8.7, 4])]
    caster, navmesh = room(boxes=walls)
    placed = place(group(4, occlusion_threshold=0.2), [target], (caster, navmesh))
    assert placed.warnings == ()
    for camera in placed.cameras:
        assert occlusion(caster, camera.transform[3:4, :3], [target], [target])[0] < 0.2
        assert camera.transform[3, 0] > 15  # the only open side


def test_occlusion_counts_the_blocked_part(person, room):
    target = person(15, 10)
    half = ([17, 0, 0], [17.1, 20, 0.875])  # from eye level at the middle, hides the lower half
    caster, _ = room(boxes=[half])
    hidden = occlusion(caster, np.array([[25, 10, 0.875], [5, 10, 0.875]]), [target, target], [target])
    assert hidden[0] == pytest.approx(0.4, abs=0.21)
    assert hidden[1] == 0.0


def test_other_people_hide_nothing(person, room):
    target, other = person(15, 10, 0), person(18, 10, 1)
    caster, _ = room(boxes=[(target.lower, target.upper), (other.lower, other.upper)])
    view = np.array([[24, 10, 1.0]])
    assert occlusion(caster, view, [target], [target, other])[0] == 0.0
    assert occlusion(caster, view, [target], [target])[0] > 0.3


def test_threshold_is_relaxed_with_a_warning(group, person, room):
    target = person(15, 10)
    ring = [
        ([12, 12, 0], [18, 12.2, 2.5]),
        ([12, 7.8, 0], [18, 8, 2.5]),
        ([12, 8, 0], [12.2, 12, 2.5]),
        ([17.8, 8, 0], [18, 12, 2.5]),
    ]
    placed = place(group(1, occlusion_threshold=0.05), [target], room(boxes=ring))
    assert len(placed.cameras) == 1
    assert "cams_0" in placed.warnings[0]
    assert "occlusion_threshold was relaxed to" in placed.warnings[0]


def test_threshold_of_minus_one_is_off(group, person, room):
    target = person(15, 10)
    cell = [
        ([13, 8, 0], [17, 8.2, 6]),
        ([13, 12, 0], [17, 12.2, 6]),
        ([13, 8, 0], [13.2, 12, 6]),
        ([16.8, 8, 0], [17, 12, 6]),
    ]
    caster = room(boxes=cell)
    assert place(group(2, occlusion_threshold=-1), [target], caster).warnings == ()
    with pytest.raises(PlacementError, match="completely hidden"):
        place(group(2), [target], caster)


def in_frame(camera, targets):
    pixels, depth = camera.project(np.array([target.center for target in targets]))
    return ((depth > 0) & (pixels > 0).all(axis=1) & (pixels < [1280, 720]).all(axis=1)).sum()


def test_several_people_are_in_view(group, people, room):
    for camera in place(group(2, focal_length_range=(11.0, 16.0)), people, room()).cameras:
        assert in_frame(camera, people) >= 4


def test_crowd_is_preferred_to_a_loner(group, people, person, room):
    loner = person(5, 5, 9)
    (camera,) = place(group(1), [*people, loner], room()).cameras
    assert in_frame(camera, people) >= 4


def test_cameras_of_a_group_differ(group, people, room):
    cameras = place(group(4), people, room()).cameras
    positions = np.array([camera.transform[3, :3] for camera in cameras])
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=-1)[np.triu_indices(4, 1)]
    assert apart.min() > 2.0


def test_same_seed_same_cameras_and_groups_do_not_meet(group, people, room):
    def transforms(cameras):
        return np.array([camera.transform for camera in cameras])

    four = place(group(4), people, room()).cameras
    np.testing.assert_array_equal(transforms(four), transforms(place(group(4), people, room()).cameras))
    np.testing.assert_array_equal(transforms(four[:2]), transforms(place(group(2), people, room()).cameras))
    assert not np.array_equal(transforms(four), transforms(place(group(4, name="other"), people, room()).cameras))
    assert not np.array_equal(transforms(four), transforms(place(group(4), people, room(), seed=2).cameras))


def test_prim_paths(group, people, room):
    cameras = place(group(2), people, room()).cameras
    assert [camera.prim_path for camera in cameras] == ["/World/Cameras/cams/cams_0", "/World/Cameras/cams/cams_1"]
    assert cameras[0].resolution == (1280, 720)


def test_nothing_to_place_and_nothing_to_aim_at(group, people, room):
    assert place(group(0), [], room()).cameras == ()
    with pytest.raises(PlacementError, match="nothing to aim at"):
        place(group(1), [], room())


def test_contradicting_ranges_are_explained(group, people, room):
    with pytest.raises(PlacementError, match="angles lie between 7 and 25 degrees"):
        place(group(1, look_down_angle_range=(50.0, 60.0)), people, room())
    with pytest.raises(PlacementError, match="out of distance_range"):
        place(group(1, height_range=(20.0, 30.0)), people, room())


def test_no_usable_position_says_why(group, person, room):
    caster, navmesh = room((3, 3, 2.6))
    with pytest.raises(PlacementError, match=r"within 0\.5 m of a surface"):
        place(group(1), [person(1.5, 1.5)], (caster, navmesh))

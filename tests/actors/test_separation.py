import numpy as np
import pytest

from isaacsim_agent_ext.actors.neighbors import neighbor_pairs
from isaacsim_agent_ext.actors.separation import OVERLAP_TOLERANCE, separate, slide


def packed(rng, count, size):
    """Random positions without overlaps."""
    places = np.empty((0, 3))
    while len(places) < count:
        point = np.append(rng.uniform(0, size, 2), 0.0)
        if not len(places) or np.hypot(*(places - point)[:, :2].T).min() > 0.5:
            places = np.concatenate([places, point[None]])
    return places


def closest(positions):
    apart = np.linalg.norm(positions[:, None, :2] - positions[None, :, :2], axis=-1)
    return (apart + 9 * np.eye(len(positions))).min()


@pytest.mark.parametrize("seed", range(8))
def test_nobody_overlaps_whatever_was_proposed(floor, seed):
    rng = np.random.default_rng(seed)
    navmesh = floor((0, 0, 6, 6))
    before = packed(rng, 55, 6)
    after = before.copy()
    after[:, :2] += rng.uniform(-0.15, 0.15, (55, 2))
    mobile = rng.random(55) < 0.8
    after[~mobile] = before[~mobile]
    after = navmesh.move_along_surface(before, after)
    assert closest(after) < 0.5 - 2 * OVERLAP_TOLERANCE  # the proposal does overlap
    radii = np.full(55, 0.25)
    result = separate(before, after, radii, mobile=mobile, pairs=neighbor_pairs(before, 2.0), navmesh=navmesh)
    assert closest(result) >= 0.5 - OVERLAP_TOLERANCE - 1e-12
    assert (result[~mobile] == before[~mobile]).all()
    assert (result[:, :2] >= 0).all()
    assert (result[:, :2] <= 6).all()


def test_two_who_meet_share_the_way_back(plane):
    before = np.array([[-0.3, 0, 0], [0.3, 0, 0]])
    after = np.array([[-0.24, 0, 0], [0.24, 0, 0]])
    pairs = (np.array([0]), np.array([1]))
    radii = np.full(2, 0.25)
    both = separate(before, after, radii, mobile=np.array([True, True]), pairs=pairs, navmesh=plane)
    assert both[:, 0] == pytest.approx([-0.25, 0.25])
    after[1] = before[1]
    one = separate(before, after, radii, mobile=np.array([True, False]), pairs=pairs, navmesh=plane)
    assert one[:, 0] == pytest.approx([-0.24, 0.3])


def test_those_without_overlaps_stay_where_they_were_proposed(plane):
    before = np.array([[0.0, 0, 0], [1.0, 0, 0]])
    after = before + np.array([0.1, 0, 0])
    result = separate(
        before,
        after,
        np.full(2, 0.25),
        mobile=np.ones(2, bool),
        pairs=(np.array([0]), np.array([1])),
        navmesh=plane,
    )
    assert (result == after).all()


def test_an_answer_far_from_the_walk_is_no_slide(floor):
    """Detour may answer with a point on a wall far away when a walk ends exactly between two polygons."""

    class Lost(type(floor((0, 0, 1, 1)))):
        def move_along_surface(self, starts, ends):
            moved = super().move_along_surface(starts, ends)
            moved[0] = [5.0, 5.0, 0.0]
            return moved

    starts = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0]])
    moved = slide(Lost((0, 0, 6, 6)), starts, starts + np.array([0.05, 0.0, 0.0]))
    assert moved == pytest.approx(np.array([[1.0, 1.0, 0.0], [2.05, 2.0, 0.0]]))

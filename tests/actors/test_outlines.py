"""Outlines overlap exactly when points of both can be found in one place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.actors.outlines import clearance, convex_outline, filled_up, overlap

SQUARE = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
POINT = np.zeros((1, 2))
WALL = np.array([[-3.0, 0.0], [3.0, 0.0]])


def at(shape, x, y):
    return shape + np.array([x, y])


def meet(one, other, radius=0.0, other_radius=0.0):
    count = max(len(one), len(other))
    found = overlap(
        filled_up(np.asarray(one, float), count)[None],
        np.array([radius]),
        filled_up(np.asarray(other, float), count)[None],
        np.array([other_radius]),
    )
    assert (
        found.tolist()
        == overlap(
            filled_up(np.asarray(other, float), count)[None],
            np.array([other_radius]),
            filled_up(np.asarray(one, float), count)[None],
            np.array([radius]),
        ).tolist()
    )
    return bool(found[0])


def turned(points, angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(points) @ np.array([[c, s], [-s, c]])


@pytest.mark.parametrize(
    ("one", "other", "radius", "expected"),
    [
        (POINT, at(POINT, 0.9, 0.0), 0.5, True),
        (POINT, at(POINT, 1.1, 0.0), 0.5, False),
        (SQUARE, at(SQUARE, 1.99, 0.0), 0.0, True),
        (SQUARE, at(SQUARE, 2.01, 0.0), 0.0, False),
        (SQUARE, SQUARE * 0.1, 0.0, True),  # one inside the other
        (SQUARE, POINT, 0.0, True),
        (SQUARE, at(POINT, 1.3, 1.3), 0.2, False),  # near the corner, beyond both sides' reach
        (SQUARE, at(POINT, 1.1, 1.1), 0.1, True),
        (SQUARE, at(WALL, 0.0, 0.5), 0.0, True),  # a line through a box
        (SQUARE, at(WALL, 0.0, 1.1), 0.0, False),
        (SQUARE, at(WALL, 4.5, 0.0), 0.0, False),  # in line, and apart
        (POINT, WALL, 0.1, True),
        (at(POINT, 3.5, 0.0), WALL, 0.2, False),
    ],
)
def test_shapes_meet(one, other, radius, expected):
    assert meet(one, other, radius, radius) is expected


def test_a_box_turned_by_an_eighth_reaches_as_far_as_its_diagonal():
    other = at(SQUARE, 2.3, 0.0)
    assert not meet(SQUARE, other)
    assert meet(turned(SQUARE, np.pi / 4), other)
    assert not meet(turned(SQUARE, np.pi / 4), at(SQUARE, 2.42, 0.0))


@pytest.mark.parametrize(
    ("one", "other", "radius", "expected"),
    [
        (POINT, at(POINT, 3.0, 4.0), 0.5, 4.0),
        (POINT, at(POINT, 0.6, 0.0), 0.5, -0.4),
        (SQUARE, at(SQUARE, 2.5, 0.0), 0.0, 0.5),
        (SQUARE, at(SQUARE, 1.5, 0.2), 0.0, -0.5),
        (SQUARE, at(POINT, 4.0, 5.0), 0.5, 4.0),  # from the corner
        (SQUARE, at(POINT, 0.7, 0.0), 0.0, -0.3),
        (WALL, at(WALL, 7.0, 0.0), 0.0, 1.0),
    ],
)
def test_clearance_is_a_distance_or_a_depth(one, other, radius, expected):
    radii = np.array([radius])
    assert clearance(one[None], radii, other[None], radii)[0] == pytest.approx(expected)


coordinates = st.floats(-3, 3).map(lambda value: round(value, 3))


@settings(deadline=None)
@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7),
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7),
)
def test_outlines_meet_where_samples_of_them_do(some, others):
    one, other = convex_outline(np.array(some)), convex_outline(np.array(others))
    weights = np.random.default_rng(1).dirichlet(np.ones(len(one)), 400)
    samples = np.concatenate([weights @ one, one])
    inside = [meet(other, sample[None]) for sample in samples[:: max(1, len(samples) // 30)]]
    if any(inside):
        assert meet(one, other)


def test_the_outline_of_points_is_their_hull():
    points = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5], [1, 0.5], [0, 0]], float)
    hull = convex_outline(points)
    assert sorted(map(tuple, hull.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    area = 0.5 * np.sum(hull[:, 0] * np.roll(hull[:, 1], -1) - hull[:, 1] * np.roll(hull[:, 0], -1))
    assert area == pytest.approx(1.0)

import itertools

import numpy as np
import pytest

from isaacsim_agent_ext.actors.routes import SHOULDER_ROOM, Routes, cut_path, path_length, shape_path


@pytest.fixture(scope="module")
def corner(floor):
    return floor((0, 0, 10, 10), [(3, 0, 4, 6)])


def test_a_shaped_path_goes_around_the_corner_at_a_distance(corner):
    start, end = np.array([1.0, 1.0, 0.0]), np.array([8.0, 1.0, 0.0])
    shortest = corner.path(start, end).points
    shaped = shape_path(shortest, corner)
    assert shaped[0].tolist() == start.tolist()
    assert shaped[-1].tolist() == end.tolist()
    assert (corner.raycast(shaped[:-1], shaped[1:]) == 1.0).all()
    along = np.concatenate([np.linspace(a, b, 20) for a, b in itertools.pairwise(shaped)])
    distance = np.min([np.hypot(*(along - point)[:, :2].T) for point in ([3, 6, 0], [4, 6, 0])], axis=0)
    assert 0.3 * SHOULDER_ROOM < distance.min() <= SHOULDER_ROOM
    assert path_length(shaped) < path_length(shortest) + 1.0
    direction = np.diff(shaped[:, :2], axis=0)
    direction /= np.hypot(*direction.T)[:, None]
    bends = (direction[1:] * direction[:-1]).sum(axis=1)
    assert bends.min() > np.cos(np.radians(50))  # no sharp corner is left


def test_where_a_curve_does_not_fit_the_corner_stays(floor):
    narrow = floor((0, 0, 10, 10), [(3, 0, 3.2, 5), (0, 5.05, 10, 10)])
    path = narrow.path(np.array([1.0, 1.0, 0.0]), np.array([8.0, 1.0, 0.0])).points
    shaped = shape_path(path, narrow)
    assert (narrow.raycast(shaped[:-1], shaped[1:]) == 1.0).all()


def test_a_straight_path_stays_as_it_is(plane):
    path = np.array([[0.0, 0, 0], [5, 0, 0]])
    assert shape_path(path, plane).tolist() == path.tolist()


@pytest.mark.parametrize(("length", "end"), [(1.0, [1, 0, 0]), (3.0, [3, 0, 0]), (4.5, [3, 1.5, 0]), (99, [3, 4, 0])])
def test_a_path_is_cut_at_a_length(length, end):
    path = np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]])
    part = cut_path(path, length)
    assert part[-1] == pytest.approx(end)
    assert path_length(part) == pytest.approx(min(length, 7.0))


def test_routes_keep_what_is_left_and_grow(plane):
    routes = Routes(2)
    zigzag = np.array([[x, x % 2, 0.0] for x in range(40)])
    routes.set(0, np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]]))
    routes.set(1, zigzag)
    positions = np.array([[1.0, 0, 0], [0, 0, 0]])
    left = routes.remaining(positions, np.array([0, 1]))
    assert left == pytest.approx([6.0, path_length(zigzag)])
    assert routes.goal(0).tolist() == [3, 4, 0]
    assert routes.goal(1).tolist() == [39, 1, 0]


def test_the_speed_falls_towards_corners_and_goals():
    routes = Routes(1)
    routes.set(0, np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]]))

    def speed_at(x, y):
        position = np.array([[x, y, 0.0]])
        _, speed = routes.steer(position, np.array([0]), np.array([2.0]), np.array([1.0]), 1 / 30)
        return speed[0]

    far, near = speed_at(0.0, 0.0), speed_at(2.9, 0.0)
    assert far == 2.0
    assert near < 1.2
    routes.index[0] = 1
    assert speed_at(3.0, 3.5) == pytest.approx(1.0, abs=0.02)  # v² = 2 · 1 m/s² · 0.5 m
    assert speed_at(3.0, 3.999) == pytest.approx(0.03)  # lands on the goal in one step


def test_who_is_pushed_off_its_route_is_noticed(corner):
    routes = Routes(1)
    routes.set(0, corner.path(np.array([1.0, 1.0, 0.0]), np.array([8.0, 1.0, 0.0])).points)
    on_the_other_side = np.array([[6.0, 2.0, 0.0]])
    noticed = [routes.advance(on_the_other_side, np.array([0]), corner) for _ in range(20)]
    assert sum(len(found) for found in noticed) >= 1

import numpy as np
import pytest

from isaacsim_agent_ext.actors.walls import WallSense


def allowed(sense, position, velocity):
    normals, offsets = sense.half_planes(np.array([position]), np.array([0]))
    return bool((np.einsum("cw,c->w", normals[:, :, 0], velocity) >= offsets[:, 0]).all())


@pytest.mark.parametrize("distance", [0.001, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("turn", range(4))
def test_a_wall_is_felt_from_any_distance_and_leaves_walking_along_it_free(floor, distance, turn):
    quarter = np.array([[0, 1], [-1, 0]])
    outward = np.array([1.0, 0.0]) @ np.linalg.matrix_power(quarter, turn)
    along = outward @ quarter
    position = np.append(outward * (5 - distance), 0.0)
    sense = WallSense(floor((-5, -5, 5, 5)), 1)
    assert not allowed(sense, position, 1.3 * outward)
    assert allowed(sense, position, 1.3 * along)
    assert allowed(sense, position, -1.3 * along)
    assert allowed(sense, position, -1.3 * outward)
    assert allowed(sense, position, np.zeros(2))


def test_in_the_open_everything_is_allowed(plane):
    sense = WallSense(plane, 1)
    for angle in np.linspace(0, 6, 12):
        assert allowed(sense, np.zeros(3), 5 * np.array([np.cos(angle), np.sin(angle)]))


def test_in_a_corner_both_walls_count(floor):
    sense = WallSense(floor((0, 0, 5, 5)), 1)
    position = np.array([0.1, 0.15, 0.0])
    assert not allowed(sense, position, np.array([-1.0, 0.5]))
    assert not allowed(sense, position, np.array([0.5, -1.0]))
    assert allowed(sense, position, np.array([1.0, 1.0]))


def test_a_corner_that_sticks_out_is_not_walked_into_but_passed(floor):
    sense = WallSense(floor((-5, -5, 5, 5), [(0, 0, 2, 2)]), 1)
    position = np.array([-0.1, -0.1, 0.0])
    assert not allowed(sense, position, np.array([1.0, 1.0]))
    assert allowed(sense, position, np.array([1.0, -1.0]))


def test_walls_are_felt_anew_after_walking(floor):
    sense = WallSense(floor((0, 0, 10, 10)), 1)
    assert allowed(sense, np.array([5.0, 5.0, 0.0]), np.array([1.0, 0.0]))
    assert not allowed(sense, np.array([9.95, 5.0, 0.0]), np.array([1.0, 0.0]))
    assert allowed(sense, np.array([5.0, 5.0, 0.0]), np.array([1.0, 0.0]))

import numpy as np
import pytest

from isaacsim_agent_ext.sensors.floor_grid import grid_floor


def rectangle(x0, y0, x1, y1, z=0.0, rise=0.0):
    """Two triangles; the far end in x is higher by ``rise``."""
    a, b, c, d = (x0, y0, z), (x1, y0, z + rise), (x1, y1, z + rise), (x0, y1, z)
    return [(a, b, c), (a, c, d)]


@pytest.mark.parametrize(("side", "count"), [(1.0, 48), (0.5, 192), (2.0, 12)])
def test_one_cell_per_square(side, count):
    grid = grid_floor(np.array(rectangle(-3, 2, 5, 8)), side)
    assert len(grid.cells) == count
    np.testing.assert_allclose((grid.cells[:, :2] - [-3, 2]) / side % 1.0, 0.5)
    assert len(grid.samples) == 25 * count


def test_storeys_have_their_own_cells():
    grid = grid_floor(np.array(rectangle(0, 0, 4, 4) + rectangle(0, 0, 4, 2, z=3.0)), 1.0)
    assert sorted(grid.cells[:, 2].round(6)) == [0.0] * 16 + [3.0] * 8


def test_slopes_are_followed():
    grid = grid_floor(np.array(rectangle(0, 0, 8, 2, rise=4.0)), 1.0)
    assert len(grid.cells) == 16
    np.testing.assert_allclose(grid.cells[:, 2], grid.cells[:, 0] / 2, atol=1e-9)


def test_narrow_floor_counts_and_slivers_do_not():
    grid = grid_floor(np.array(rectangle(0, 0, 4, 4) + rectangle(4, 0, 8, 0.5) + rectangle(0, 4, 4, 4.15)), 1.0)
    assert len(grid.cells) == 16 + 4
    assert len(grid_floor(np.array(rectangle(0, 0, 0.3, 0.3)), 1.0).cells) == 1


def test_no_floor_no_cells():
    assert len(grid_floor(np.zeros((0, 3, 3)), 1.0).cells) == 0

import numpy as np
import pytest

from isaacsim_agent_ext.actors.neighbors import neighbor_pairs


def brute_force(positions, reach):
    count = len(positions)
    return {
        (i, j)
        for i in range(count)
        for j in range(i + 1, count)
        if np.hypot(*(positions[i] - positions[j])[:2]) <= reach and abs(positions[i, 2] - positions[j, 2]) <= 1.5
    }


@pytest.mark.parametrize(("count", "size", "reach"), [(1, 5, 1), (60, 10, 2.5), (300, 40, 3.0), (200, 6, 9.0)])
def test_every_near_pair_is_found_once(count, size, reach):
    rng = np.random.default_rng(count)
    positions = np.column_stack([rng.uniform(-size, size, (count, 2)), rng.choice([0.0, 3.0], count)])
    first, second = neighbor_pairs(positions, reach)
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == brute_force(positions, reach)


def test_nobody_has_no_pairs():
    first, second = neighbor_pairs(np.empty((0, 3)), 1.0)
    assert len(first) == len(second) == 0


def test_actors_elsewhere_do_not_change_the_order_of_the_pairs():
    rng = np.random.default_rng(4)
    here = np.column_stack([rng.uniform(-5, 5, (50, 2)), np.zeros(50)])
    far = here + np.array([200.0, -300.0, 0.0])
    alone = np.stack(neighbor_pairs(here, 2.0), 1).tolist()
    together = np.stack(neighbor_pairs(np.concatenate([here, far]), 2.0), 1).tolist()
    assert [pair for pair in together if max(pair) < 50] == alone

import numpy as np
import pytest

from isaacsim_agent_ext.actors.half_planes import least_violation, nearest_velocity

GRID = np.stack(np.meshgrid(*[np.linspace(-1.5, 1.5, 301)] * 2), -1).reshape(-1, 2)


def problems(count, lines, shift, seed):
    """Random half-planes; the larger the shift, the fewer of them can be kept together."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, (lines, count))
    normals = np.stack([np.cos(angle), np.sin(angle)])
    offsets = rng.uniform(-1.0, shift, (lines, count))
    return normals, offsets, rng.uniform(-1.2, 1.2, (2, count)), rng.uniform(0.8, 1.5, count)


def violation(normals, offsets, velocity):
    return (offsets - np.einsum("clk,ck->lk", normals, velocity)).max(axis=0)


def test_the_velocity_keeps_every_half_plane_and_none_that_does_is_nearer():
    normals, offsets, preferred, limit = problems(60, 6, 0.1, seed=0)
    velocity, feasible = nearest_velocity(normals, offsets, preferred, limit)
    assert 20 < feasible.sum() < 60
    assert (violation(normals, offsets, velocity)[feasible] < 1e-6).all()
    assert (np.hypot(*velocity) <= limit + 1e-9).all()
    for k in range(60):
        inside = (GRID @ normals[:, :, k] >= offsets[:, k]).all(axis=1) & (np.hypot(*GRID.T) <= limit[k])
        assert not inside.any() or feasible[k]
        if feasible[k] and inside.any():
            best = np.hypot(*(GRID[inside] - preferred[:, k]).T).min()
            assert np.hypot(*(velocity[:, k] - preferred[:, k])) <= best + 1e-9


def test_a_preference_that_is_allowed_is_taken_as_it_is():
    normals, offsets = np.array([[[1.0]], [[0.0]]]), np.array([[0.2]])
    velocity, feasible = nearest_velocity(normals, offsets, np.array([[0.7], [-0.3]]), np.array([1.0]))
    assert feasible.all()
    assert velocity[:, 0].tolist() == [0.7, -0.3]


def test_a_preference_beyond_the_limit_is_shortened():
    velocity, _ = nearest_velocity(np.zeros((2, 1, 1)), np.full((1, 1), -np.inf), np.array([[3.0], [4.0]]), np.ones(1))
    assert velocity[:, 0] == pytest.approx([0.6, 0.8])


def test_parallel_half_planes():
    normals = np.array([[[1.0, 1.0], [1.0, -1.0]], [[0.0, 0.0], [0.0, 0.0]]])
    offsets = np.array([[0.2, 0.2], [0.5, 0.1]])  # x >= 0.2 and x >= 0.5; x >= 0.2 and x <= -0.1
    velocity, feasible = nearest_velocity(normals, offsets, np.zeros((2, 2)), np.ones(2))
    assert feasible.tolist() == [True, False]
    assert velocity[:, 0] == pytest.approx([0.5, 0.0])


def test_the_worst_violation_is_as_small_as_it_can_be():
    normals, offsets, preferred, limit = problems(60, 8, 0.9, seed=1)
    _, feasible = nearest_velocity(normals, offsets, preferred, limit)
    stuck = np.flatnonzero(~feasible)
    assert len(stuck) > 20
    velocity = least_violation(normals[:, :, stuck], offsets[:, stuck], preferred[:, stuck], limit[stuck], firm=0)
    worst = violation(normals[:, :, stuck], offsets[:, stuck], velocity)
    for k, actor in enumerate(stuck):
        reachable = GRID[np.hypot(*GRID.T) <= limit[actor]]
        best = (offsets[:, actor] - reachable @ normals[:, :, actor]).max(axis=1).min()
        assert worst[k] <= best + 0.02


def test_walls_hold_even_when_nothing_else_can():
    normals = np.array([[[-1.0], [1.0], [-1.0]], [[0.0], [0.0], [0.0]]])
    offsets = np.array([[0.0], [0.6], [0.4]])  # wall: x <= 0; others: x >= 0.6, x <= -0.4
    velocity = least_violation(normals, offsets, np.array([[1.0], [0.0]]), np.ones(1), firm=1)
    assert velocity[0, 0] <= 1e-6


def test_an_actor_gets_the_same_velocity_alone_and_among_others():
    normals, offsets, preferred, limit = problems(40, 7, 0.6, seed=2)
    together, _ = nearest_velocity(normals, offsets, preferred, limit)
    eased = least_violation(normals, offsets, preferred, limit, firm=2)
    for k in range(40):
        one = slice(k, k + 1)
        alone, _ = nearest_velocity(normals[:, :, one], offsets[:, one], preferred[:, one], limit[one])
        assert alone[:, 0].tolist() == together[:, k].tolist()
        alone = least_violation(normals[:, :, one], offsets[:, one], preferred[:, one], limit[one], firm=2)
        assert alone[:, 0].tolist() == eased[:, k].tolist()

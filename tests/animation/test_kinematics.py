from __future__ import annotations

import numpy as np
import pytest

from isaacsim_agent_ext.animation.kinematics import (
    Hierarchy,
    about,
    bend_limb,
    between,
    conjugate,
    multiply,
    normalized,
    quaternions,
    rotate,
    row_matrices,
)


@pytest.fixture
def turns() -> np.ndarray:
    return normalized(np.random.default_rng(1).normal(size=(200, 4)))


def test_matrices_and_quaternions_agree(turns):
    vectors = np.random.default_rng(2).normal(size=(200, 3))
    by_matrix = (vectors[:, None] @ row_matrices(turns))[:, 0]
    np.testing.assert_allclose(by_matrix, rotate(turns, vectors), atol=1e-12)
    back = quaternions(row_matrices(turns))
    np.testing.assert_allclose(np.abs((back * turns).sum(axis=1)), 1.0, atol=1e-12)


def test_multiply_does_the_right_one_first(turns):
    a, b = turns[:100], turns[100:]
    v = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(rotate(multiply(a, b), v), rotate(a, rotate(b, v)), atol=1e-12)
    np.testing.assert_allclose(rotate(conjugate(a), rotate(a, v)), np.tile(v, (100, 1)), atol=1e-12)


def test_about_turns_counter_clockwise():
    np.testing.assert_allclose(rotate(about([0, 0, 1], np.pi / 2), np.array([1.0, 0, 0])), [0, 1, 0], atol=1e-12)


def test_between_takes_the_short_way():
    a, b = np.array([1.0, 0.2, 0.0]), np.array([0.0, 1.0, 0.5])
    turned = rotate(between(a, b), a / np.linalg.norm(a))
    np.testing.assert_allclose(turned, b / np.linalg.norm(b), atol=1e-12)


def test_hierarchy_equals_chaining_one_by_one(turns):
    parents = [-1, 0, 1, 1, 3, 0]
    local, offsets = turns[:6], np.random.default_rng(3).normal(size=(6, 3))
    root = np.array([1.0, 2.0, 3.0])
    hierarchy = Hierarchy(parents)
    world = hierarchy.world_rotations(local)
    placed = hierarchy.positions(world, offsets, root)
    expected_turn, expected_place = [local[0]], [root]
    for joint in range(1, 6):
        above = parents[joint]
        expected_turn.append(multiply(expected_turn[above], local[joint]))
        expected_place.append(expected_place[above] + rotate(expected_turn[above], offsets[joint]))
    np.testing.assert_allclose(world, expected_turn, atol=1e-12)
    np.testing.assert_allclose(placed, expected_place, atol=1e-12)


def test_bend_limb_keeps_bone_lengths_and_meets_the_goal():
    rng = np.random.default_rng(4)
    start, goal = rng.normal(size=(50, 3)), rng.normal(size=(50, 3))
    upper, lower = np.full(50, 2.0), np.full(50, 1.8)
    middle, end = bend_limb(start, goal, upper, lower, np.tile([1.0, 0, 0], (50, 1)))
    np.testing.assert_allclose(np.linalg.norm(middle - start, axis=1), upper, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(end - middle, axis=1), lower, atol=1e-9)
    within = np.linalg.norm(goal - start, axis=1) < 3.7
    np.testing.assert_allclose(end[within], goal[within], atol=1e-9)


def test_bend_limb_stretches_towards_what_is_out_of_reach():
    _, end = bend_limb(np.zeros(3), np.array([0, 0, -9.0]), np.array(1.0), np.array(1.0), np.array([1.0, 0, 0]))
    np.testing.assert_allclose(end, [0, 0, -1.999], atol=1e-9)

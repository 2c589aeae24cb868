"""The mesh operations that clothes are cut with."""

from __future__ import annotations

import numpy as np
import pytest

from tools.assets.makehuman_mesh import (
    Part,
    clipped,
    extruded,
    hemmed,
    merged,
    offset,
    part_of,
    select,
    smoothed,
    split_at_seams,
    subdivided,
    with_uvs,
)


@pytest.fixture
def tube() -> Part:
    """An open cylinder of radius 1 from z = 0 to z = 2; weights change linearly with the height."""
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    rows = [np.stack([np.cos(turn), np.sin(turn), np.full(24, z)], axis=1) for z in np.linspace(0, 2, 5)]
    points = np.concatenate(rows)
    index = np.arange(120).reshape(5, 24)
    after = np.roll(index, -1, axis=1)
    quads = np.stack([index[:-1], after[:-1], after[1:], index[1:]], axis=-1).reshape(-1, 4)
    weights = np.stack([points[:, 2] / 2, 1 - points[:, 2] / 2], axis=1)
    return part_of(points, weights, quads)


def area(part: Part) -> float:
    a, b, c = (part.points[part.triangles[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_normals_point_outwards(tube):
    assert ((tube.points * [1, 1, 0]) * tube.normals).sum(axis=1).min() > 0.9


def test_clipping_cuts_along_a_straight_line_and_carries_weights(tube):
    cut = clipped(tube, 1.3 - tube.points[:, 2])
    assert cut.points[:, 2].max() == pytest.approx(1.3)
    np.testing.assert_allclose(cut.weights[:, 0], cut.points[:, 2] / 2, atol=1e-9)
    assert area(cut) == pytest.approx(area(tube) * 1.3 / 2, rel=1e-3)
    assert ((cut.points * [1, 1, 0]) * cut.normals).sum(axis=1).min() > 0.9


def test_border_is_both_open_ends(tube):
    heights = tube.points[np.unique(tube.border), 2]
    assert sorted(set(heights)) == [0.0, 2.0]
    assert len(tube.border) == 48


def test_offset_grows_the_radius(tube):
    radius = np.linalg.norm(offset(tube, 0.1).points[:, :2], axis=1)
    np.testing.assert_allclose(radius, 1.1, atol=0.02)


def test_hem_turns_inwards(tube):
    turned = hemmed(tube, 0.2)
    added = turned.points[len(tube.points) :]
    assert len(added) == 48
    assert np.linalg.norm(added[:, :2], axis=1).max() < 0.9


def test_extrusion_lengthens_one_end_only(tube):
    longer = extruded(tube, tube.points[:, 2] > 1.9, np.array([0, 0, 0.5]), rows=2)
    assert longer.points[:, 2].max() == pytest.approx(2.5)
    assert longer.points[:, 2].min() == 0.0
    assert area(longer) == pytest.approx(area(tube) * 1.25, rel=1e-3)
    assert ((longer.points * [1, 1, 0]) * longer.normals).sum(axis=1).min() > 0.9


def test_subdivision_rounds_and_keeps_the_ends_open(tube):
    fine = subdivided(tube)
    assert len(fine.triangles) == 4 * len(tube.triangles)
    assert len(fine.border) == 2 * len(tube.border)
    np.testing.assert_allclose(fine.weights.sum(axis=1), 1.0)
    assert np.linalg.norm(fine.points[:, :2], axis=1).min() > 0.95


def test_smoothing_keeps_weights_normalised(tube):
    np.testing.assert_allclose(smoothed(tube, 3).weights.sum(axis=1), 1.0)


def test_seams_split_vertices_but_not_normals(tube):
    halves = with_uvs(tube, tube.points[:, :2])
    assert halves.uvs is not None
    halves.uvs[: len(tube.triangles) // 2] += 10.0
    points, normals, weights, uvs, triangles = split_at_seams(halves)
    assert len(tube.points) < len(points) <= 2 * len(tube.points)
    np.testing.assert_allclose(points[triangles], tube.points[tube.triangles])
    np.testing.assert_allclose(normals[triangles], tube.normals[tube.triangles])
    np.testing.assert_allclose(uvs[triangles], halves.uvs, atol=1e-6)
    assert len(weights) == len(points)


def test_merging_and_selecting_undo_each_other(tube):
    both = merged([tube, tube])
    half = select(both, np.arange(len(tube.triangles)))
    np.testing.assert_array_equal(half.points, tube.points)
    np.testing.assert_array_equal(half.triangles, tube.triangles)

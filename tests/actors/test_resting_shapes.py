"""What is remembered of shapes that never move changes no answer, and saves looking."""

import numpy as np
import pytest

from isaacsim_agent_ext.actors import resting_shapes
from isaacsim_agent_ext.actors.resting_shapes import RestingShapes

STEP = 0.04  # [m]
BOX = np.array([[0.8, 0.3], [-0.8, 0.3], [-0.8, -0.3], [0.8, -0.3]])
DISC = np.zeros((4, 2))


@pytest.fixture
def stage():
    """300 triangles of 60 things on a floor of 12 m, at all heights up to 3 m."""
    rng = np.random.default_rng(3)
    outlines = rng.uniform(0, 12, (300, 1, 2)) + rng.uniform(-0.5, 0.5, (300, 3, 2))
    bottoms = rng.uniform(-0.5, 3.0, 300)
    heights = np.stack([bottoms, bottoms + rng.uniform(0, 1, 300)], axis=1)
    reacts = np.stack([np.ones(300, bool), np.arange(300) % 3 == 0])
    return np.repeat(np.arange(60), 5), outlines, np.zeros(300), heights, reacts


def walks(steps):
    """Yield where eight watches are that walk, turn, climb, stand, and sometimes leap."""
    rng = np.random.default_rng(4)
    places, angles, bottoms = rng.uniform(2, 10, (8, 2)), rng.uniform(0, 6, 8), np.zeros(8)
    for step in range(steps):
        moves = np.arange(8) % 4 != (step // 20) % 4
        places += STEP * moves[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        angles += moves * rng.uniform(-0.1, 0.12, 8)
        bottoms[:3] += 0.01
        if step % 40 == 39:
            places[step % 8] = rng.uniform(2, 10, 2)
        c, s = np.cos(angles)[:, None], np.sin(angles)[:, None]
        shapes = np.stack([BOX] * 4 + [DISC] * 4)
        turned = np.stack([c * shapes[..., 0] - s * shapes[..., 1], s * shapes[..., 0] + c * shapes[..., 1]], axis=2)
        yield turned + places[:, None], np.stack([bottoms, bottoms + 1.8], axis=1)


RADII = np.array([0.0] * 4 + [0.7] * 4)
KINDS = np.array([0, 1] * 4)


def test_the_answer_is_that_of_somebody_who_remembers_nothing(stage):
    memory = RestingShapes(*stage)
    found = 0
    for outlines, heights in walks(240):
        watches, things = memory.touching(outlines, RADII, heights, KINDS)
        fresh = RestingShapes(*stage).touching(outlines, RADII, heights, KINDS)
        assert (watches.tolist(), things.tolist()) == (fresh[0].tolist(), fresh[1].tolist())
        found += len(watches)
    assert found > 1000


def test_who_stands_is_not_looked_at_again_and_who_walks_rarely(stage, monkeypatch):
    looked_at = []
    clearance = resting_shapes.clearance

    def counted(points, *others):
        looked_at.append(len(points))
        return clearance(points, *others)

    monkeypatch.setattr(resting_shapes, "clearance", counted)
    memory = RestingShapes(*stage)
    outlines, heights = next(walks(1))
    for _ in range(5):
        memory.touching(outlines, RADII, heights, KINDS)
    assert looked_at[0] > 50
    assert looked_at[1:] == [0] * 4
    looked_at.clear()
    for step in range(30):
        memory.touching(outlines + np.array([STEP * step, 0.0]), RADII, heights, KINDS)
    assert sum(looked_at) < 0.35 * len(looked_at) * max(looked_at)

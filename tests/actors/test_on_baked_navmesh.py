"""People on a NavMesh baked by Recast: the same guarantees as on the flat double."""

import numpy as np
import pytest

pytest.importorskip("isaacsim_agent_recast")

from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.scene.navigation_volumes import NavigationVolume
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneSnapshot

CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)
FACES = np.array(
    [
        *([0, 3, 1], [0, 2, 3], [4, 5, 7], [4, 7, 6]),
        *([0, 1, 5], [0, 5, 4], [2, 7, 3], [2, 6, 7]),
        *([0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]),
    ]
)


def hall(length, width, shelves, volumes=()):
    """A floor with boxes (x0, y0, x1, y1, height) on it, baked."""
    boxes = np.array([[0, 0, -0.1, length, width, 0], *([x0, y0, 0, x1, y1, z] for x0, y0, x1, y1, z in shelves)])
    points = (boxes[:, None, :3] + (boxes[:, 3:] - boxes[:, :3])[:, None] * CORNERS).reshape(-1, 3).astype(np.float32)
    triangles = (FACES + 8 * np.arange(len(boxes))[:, None, None]).reshape(-1, 3).astype(np.int32)
    mesh = Mesh(
        points, np.zeros_like(points), np.zeros_like(points)[:, :2], triangles, np.zeros(len(triangles), np.int32)
    )
    return bake(SceneSnapshot((mesh,), (Instance("/World/Hall", 0, np.eye(4)),), ()), volumes)


@pytest.fixture(scope="module")
def shelves():
    return [(x, y, x + 6, y + 1, 2.5) for x in (3, 12) for y in (3, 7, 11)]


@pytest.fixture(scope="module")
def storehouse(shelves):
    return hall(21, 15, shelves)


@pytest.mark.parametrize(("count", "steps"), [(20, 900), (70, 300)])
def test_wanderers_never_overlap_and_stay_on_the_floor(storehouse, shelves, people, count, steps):
    simulation = people.simulate(storehouse, [people.wanderers("workers", count)], seed=count)
    log = people.run(simulation, steps)
    assert log.gaps.min() >= -0.01 - 1e-9
    position = log.position.reshape(-1, 3)
    assert np.isfinite(position).all()
    for x0, y0, x1, y1, _ in shelves:  # nobody gets nearer to a shelf than the NavMesh lets it
        dx = np.maximum(np.maximum(x0 - position[:, 0], position[:, 0] - x1), 0)
        dy = np.maximum(np.maximum(y0 - position[:, 1], position[:, 1] - y1), 0)
        assert np.hypot(dx, dy).min() > 0.2
    step = np.linalg.norm(np.diff(log.position, axis=0), axis=-1)
    assert step.max() < 0.15  # no jumps
    assert np.abs(position[:, 2]).max() < 0.1


def test_walks_have_the_lengths_asked_for(storehouse, people):
    simulation = people.simulate(storehouse, [people.wanderers("w", 1, distance=(4.0, 5.0), pause=(0.2, 0.2))])
    log, walked, legs = people.run(simulation, 1), 0.0, []
    for _ in range(1500):
        before = simulation.states()[0]
        log = people.run(simulation, 1)
        walked += float(np.linalg.norm(log.position[0, 0, :2] - before.position[:2]))
        if before.task == "MoveTo" and simulation.states()[0].task != "MoveTo":
            legs.append(walked)
            walked = 0.0
    assert len(legs) > 5
    assert all(3.7 < leg < 5.2 for leg in legs[1:])


def test_baked_runs_repeat_bit_by_bit(storehouse, people):
    runs = [people.run(people.simulate(storehouse, [people.wanderers("w", 15)]), 200) for _ in range(2)]
    assert runs[0].position.tobytes() == runs[1].position.tobytes()


def test_a_walk_up_a_ramp_follows_the_floor(people):
    points = np.array([[0, 0, 0], [4, 0, 0], [8, 0, 1], [12, 0, 1]], np.float32)
    points = np.concatenate([points, points + np.float32([0, 4, 0])])
    triangles = np.array([[i, i + 1, i + 5] for i in range(3)] + [[i, i + 5, i + 4] for i in range(3)], np.int32)
    flat = np.zeros_like(points)
    mesh = Mesh(points, flat, flat[:, :2], triangles, np.zeros(6, np.int32))
    ramp = bake(SceneSnapshot((mesh,), (Instance("/World/Ramp", 0, np.eye(4)),), ()))
    walkers = people.Walkers(ramp, [(1.0, 2.0)], [(11.0, 2.0)], 1.2)
    log = walkers.run(600)
    assert log.position[-1, 0] == pytest.approx([11, 2, 1], abs=0.1)
    x = log.position[:, 0, 0]
    assert np.abs(log.position[:, 0, 2] - np.clip((x - 4) / 4, 0, 1)).max() < 0.1
    on_ramp = (x > 5) & (x < 7)
    assert log.position[:, 0, 2][on_ramp][-1] > log.position[:, 0, 2][on_ramp][0]


@pytest.mark.parametrize("start", [(5.0, 2.0), (9.6, 2.0)])
def test_somebody_outside_its_areas_walks_into_them_and_stays(people, start):
    footprint = np.array([[10, 0], [20, 0], [20, 4], [10, 4]], float)
    dock = NavigationVolume(kind="area", area="dock", footprint=footprint, z_min=-1.0, z_max=3.0)
    floor = hall(20, 4, [], [dock])
    wander = people.wanderers("w", 1, areas=("dock",), distance=(2.0, 4.0), pause=(0.2, 0.2))
    log = people.run(people.simulate(floor, [wander], poses={"w_0": (*start, 0.0)}), 1500)
    x = log.position[:, 0, 0]
    entered = int((x > 10.0).argmax())
    assert 0 < entered < 900
    assert x[entered + 60 :].min() > 9.7  # a hand's breadth for voxels and momentum
    assert np.ptp(x[entered + 60 :]) > 1.0

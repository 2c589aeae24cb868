"""Rays cast by NumPy meet what those of the renderer meet."""

import subprocess
import sys

import numpy as np
import pytest

from isaacsim_agent_ext.render.numpy_rays import NumpyRayCaster
from isaacsim_agent_ext.render.raycast import RayCaster
from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot


@pytest.fixture(scope="module")
def warehouse() -> SceneSnapshot:
    stage = asset_pack_root() / "Isaac/Environments/Simple_Warehouse/warehouse.usd"
    return read_snapshot(open_stage(stage))[0]


@pytest.fixture(scope="module")
def casters(warehouse):
    theirs = RayCaster(warehouse)
    yield NumpyRayCaster(warehouse), theirs
    theirs.close()


@pytest.mark.parametrize("reach", [np.inf, 4.0])
def test_they_meet_the_same(casters, reach):
    random = np.random.default_rng(5)
    origins, directions = random.uniform([-4, -4, 0.5], [4, 4, 3], (2000, 3)), random.normal(size=(2000, 3))
    (ours, owners), (theirs, their_owners) = (
        caster.cast(origins, directions, max_distance=reach) for caster in casters
    )
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
    np.testing.assert_allclose(ours[np.isfinite(ours)], theirs[np.isfinite(theirs)], atol=1e-4)
    assert np.mean(owners == their_owners) > 0.995, "only where surfaces touch may it be another"
    assert (ours.dtype, owners.dtype) == (theirs.dtype, their_owners.dtype)


def test_rays_along_the_axes(casters):
    origins = np.repeat([[0.0, 0.0, 1.0]], 6, axis=0)
    directions = np.concatenate([np.eye(3), -np.eye(3)]) * 3.0
    ours, theirs = (caster.cast(origins, directions)[0] for caster in casters)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_no_rays_and_no_scene(casters):
    distance, owner = casters[0].cast(np.zeros((0, 3)), np.zeros((0, 3)))
    assert distance.shape == owner.shape == (0,)
    empty = NumpyRayCaster(SceneSnapshot(meshes=(), instances=(), materials=(), textures=(), lights=(), skeletons=()))
    distance, owner = empty.cast(np.zeros((2, 3)), np.ones((2, 3)))
    assert np.isinf(distance).all()
    assert owner.tolist() == [-1, -1]


def test_a_warp_that_is_too_old_is_refused():
    program = "import warp; warp.config.version = '1.8.1'; import isaacsim_agent_ext.render.raycast"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (
        "DependencyError: Rendering needs the package 'warp-lang' in version 1.19 or newer, and 1.8.1" in result.stderr
    )

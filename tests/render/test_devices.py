"""Casting rays, choosing devices and backends, and the errors when they are not there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from known_scenes import at, cube, floor, scene, where

from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.render.geometry import pack_scene
from isaacsim_agent_ext.render.raycast import RayCaster
from isaacsim_agent_ext.render.renderer import Renderer


def test_rays_find_what_is_there(backend: str) -> None:
    caster = RayCaster(scene((floor(), at()), (cube(), at(0, 0, 3))), **where(backend))
    origins = np.array([[0, 0, 10.0], [5, 5, 2.0], [0, 0, 1.0], [0, 0, 1.0], [-3, 0, 3.0]])
    directions = np.array([[0, 0, -2.0], [0, 0, -1.0], [0, 0, 1.0], [1.0, 0, 0], [0.5, 0, 0]])
    distances, instances = caster.cast(origins, directions, max_distance=100.0)
    np.testing.assert_allclose(distances, [6.5, 2.0, 1.5, math.inf, 2.5], rtol=1e-6)
    assert instances.tolist() == [1, 0, 1, -1, 1]
    distances, instances = caster.cast(origins, directions, max_distance=2.1)
    np.testing.assert_allclose(distances, [math.inf, 2.0, 1.5, math.inf, math.inf], rtol=1e-6)
    assert instances.tolist() == [-1, 0, 1, -1, -1]
    caster.close()


@pytest.mark.parametrize("count", [0, 1, 15, 17])
def test_any_number_of_rays(count: int, backend: str) -> None:
    caster = RayCaster(scene((floor(), at())), **where(backend))
    distances, instances = caster.cast(np.tile([0, 0, 1.0], (count, 1)), np.tile([0, 0, -1.0], (count, 1)))
    assert distances.tolist() == [1.0] * count
    assert instances.tolist() == [0] * count
    caster.close()


def test_unknown_devices_and_backends_are_named() -> None:
    with pytest.raises(DependencyError, match="cuda:93"):
        Renderer(scene((cube(), at())), device="cuda:93")
    with pytest.raises(ValueError, match="auto, embree, warp"):
        Renderer(scene((cube(), at())), backend="optix")


def test_packing_puts_what_moves_last_and_winds_towards_normals() -> None:
    made = scene((cube(), np.diag([-1.0, 1.0, 1.0, 1.0])), (floor(), at()))
    packed = pack_scene(made)
    a, b, c = (packed.points[packed.triangles[:, corner]] for corner in range(3))
    facing = np.einsum("tc,tc->t", np.cross(b - a, c - a), packed.normals[packed.triangles[:, 0]])
    assert (facing > 0).all()
    assert packed.static_triangles == len(packed.triangles) == 14

"""The binding itself: whatever comes in, it answers or raises."""

import builtins

import isaacsim_agent_recast as recast
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.navigation.recast_navmesh import load_recast

FLOOR = np.array([[0, 0, 0], [6, 0, 0], [6, 6, 0], [0, 6, 0]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
BOUNDS = (np.float32([0, 0, -1]), np.float32([6, 6, 3]))


def build(vertices=FLOOR, faces=FACES, areas=(1, 1), bounds=BOUNDS, **changes):
    options = recast.Settings()
    for name, value in changes.items():
        setattr(options, name, value)
    return recast.NavMesh.build(vertices, faces, np.array(areas, np.uint8), options, bounds)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"faces": np.array([[0, 1, 9], [0, 2, 3]], np.int32)}, "names vertex 9 of 4"),
        ({"faces": np.array([[0, -1, 2], [0, 2, 3]], np.int32)}, "names vertex -1"),
        ({"areas": (1,)}, "one per triangle"),
        ({"areas": (1, 64)}, "0 to 63"),
        ({"vertices": FLOOR * np.float32(np.nan)}, "not a coordinate"),
        ({"vertices": FLOOR * np.float32(1e9)}, "not a coordinate"),
        ({"cell_size": 0.0}, "cell_size"),
        ({"cell_size": 1e-5}, "too many cells"),
        ({"cell_height": float("nan")}, "cell_height"),
        ({"agent_radius": -1.0}, "negative"),
        ({"tile_size": -5}, "tile_size"),
        ({"bounds": (BOUNDS[0], BOUNDS[0])}, "less than one cell"),
    ],
)
def test_build_refuses_what_cannot_be_baked(arguments, says):
    with pytest.raises(ValueError, match=says):
        build(**arguments)


def test_nothing_walkable_gives_an_empty_mesh_that_can_be_asked():
    mesh = build(areas=(0, 0))
    assert mesh.polygon_count == 0
    assert mesh.surface()[0].shape == (0, 3, 3)
    assert mesh.paths(FLOOR[:1], FLOOR[1:2])[0].tolist() == [0]
    with pytest.raises(ValueError, match="no surface"):
        mesh.random_points(np.zeros((1, 3)))
    assert recast.NavMesh.load(mesh.save()).polygon_count == 0


def test_any_changed_byte_is_noticed():
    data = build().save()
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 1
        with pytest.raises(ValueError, match="mesh"):
            recast.NavMesh.load(bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_not_a_mesh(data):
    with pytest.raises(ValueError, match="mesh"):
        recast.NavMesh.load(data)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-20, 20, width=32)] * 3), min_size=3, max_size=60), st.integers(0, 64))
def test_triangle_soup_never_crashes(points, tile_size):
    vertices = np.array(points, np.float32)
    faces = np.arange(len(points) // 3 * 3, dtype=np.int32).reshape(-1, 3)
    bounds = (np.float32([-21, -21, -21]), np.float32([21, 21, 24]))
    mesh = build(vertices, faces, [1] * len(faces), bounds, cell_size=0.3, tile_size=tile_size)
    count = mesh.polygon_count
    assert (count == 0) == (len(mesh.surface()[0]) == 0)
    mesh.paths(vertices, vertices[::-1].copy())
    mesh.move_along_surface(vertices, vertices[::-1].copy())


def test_keep_components_leaves_the_original_alone():
    two = np.concatenate([FLOOR, FLOOR + np.float32([10, 0, 0])])
    faces = np.concatenate([FACES, FACES + 4]).astype(np.int32)
    mesh = build(two, faces, (1, 1, 1, 1), (BOUNDS[0], np.float32([16, 6, 3])))
    _, _, components = mesh.surface()
    assert set(components.tolist()) == {0, 1}
    kept = mesh.keep_components([1])
    assert len(kept.surface()[0]) < len(mesh.surface()[0])
    assert set(mesh.surface()[2].tolist()) == {0, 1}
    assert recast.NavMesh.load(kept.save()).save() == kept.save()


def test_missing_binding_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_recast(name, *rest):
        if name == "isaacsim_agent_recast":
            raise ImportError("No module named 'isaacsim_agent_recast'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_recast)
    with pytest.raises(DependencyError, match="apt-get install librecast-dev"):
        load_recast()

"""The generator: same bytes every time, closed shapes, seamless textures, the pack up to date with the code."""

import numpy as np
import pytest
from pxr import Usd, UsdGeom

from isaacsim_agent_ext.resources import asset_pack_root
from tools.assets import looks
from tools.assets.build import main
from tools.assets.geometry import shapes
from tools.assets.geometry.mesh import Mesh, both_sides, moved
from tools.assets.prop import write_prop
from tools.assets.props.catalogue import all_props
from tools.assets.textures import signs
from tools.assets.textures.image import normal_map
from tools.assets.textures.noise import cells, spectral

L_OUTLINE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]

CLOSED = {
    "box": (shapes.box((1, 2, 3)), 6.0, 1e-9),
    "bevelled box": (shapes.box((1, 2, 3), (4, 5, 6), bevel=0.05), 6.0, 0.04),
    "grained box": (shapes.box((1, 2, 3), grain="z"), 6.0, 1e-9),
    "cylinder": (shapes.cylinder(1, 2, 96), 2 * np.pi, 0.01),
    "bevelled cylinder": (shapes.cylinder(1, 2, 96, 0.01), 2 * np.pi, 0.02),
    "bent tube": (shapes.tube([(0, 0, 0), (0, 0, 1), (0, 1, 1)], 0.05, 24), 2 * np.pi * 0.05**2, 6e-4),
    "concave prism": (shapes.extrude(L_OUTLINE, 1.5), 4.5, 1e-9),
    "turned box": (moved(shapes.box((1, 1, 1)), (3, 2, 1), x=30, z=40), 1.0, 1e-9),
    "box and its mirror image": (both_sides(shapes.box((1, 1, 1), (2, 0, 0)), 0), 2.0, 1e-9),
}


def volume(mesh: Mesh) -> float:
    """Volume by the divergence theorem; fails on faces whose normals point inwards."""
    total, first = 0.0, 0
    for count in mesh.counts:
        face = mesh.indices[first : first + count]
        first += count
        for k in range(1, count - 1):
            a, b, c = mesh.points[face[[0, k, k + 1]]]
            assert np.cross(b - a, c - a) @ mesh.normals[face].sum(axis=0) > -1e-12
            total += a @ np.cross(b, c) / 6
    return total


@pytest.mark.parametrize("name", CLOSED)
def test_shapes_are_closed_and_face_outwards(name):
    mesh, expected, tolerance = CLOSED[name]
    assert volume(mesh) == pytest.approx(expected, abs=tolerance)
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(np.ones(len(mesh.normals)))


def test_texture_coordinates_of_a_box_are_metres():
    mesh = shapes.box((1, 2, 3), bevel=0.01)
    edges = mesh.indices.reshape(-1)[:24].reshape(6, 4)  # the six faces come first
    for face in edges:
        across = np.linalg.norm(mesh.points[face[1]] - mesh.points[face[0]])
        assert np.linalg.norm(mesh.uvs[face[1]] - mesh.uvs[face[0]]) == pytest.approx(across)


def test_an_outline_that_crosses_itself_is_refused():
    with pytest.raises(ValueError, match="counter-clockwise"):
        shapes.extrude([(0, 0), (0, 1), (1, 1), (1, 0)], 1.0)


@pytest.mark.parametrize("make", [lambda rng: spectral(128, rng, slope=1.5), lambda rng: cells(128, rng, 20)])
def test_noise_wraps_around(make):
    field = make(np.random.default_rng(5))
    steps = np.abs(np.diff(field, axis=1)).max()
    assert np.abs(field[:, 0] - field[:, -1]).max() <= steps * 1.2
    assert np.abs(field[0] - field[-1]).max() <= np.abs(np.diff(field, axis=0)).max() * 1.2


def test_normal_maps_lean_away_from_rising_ground():
    rising_to_the_right = np.tile(np.linspace(0, 1, 16), (16, 1))
    middle = normal_map(rising_to_the_right, 1.0)[8, 8]
    assert middle[0] < 0.5
    assert middle[1] == pytest.approx(0.5)
    rising_upwards = np.tile(np.linspace(1, 0, 16)[:, None], (1, 16))
    assert normal_map(rising_upwards, 1.0)[8, 8, 1] < 0.5


def test_signs_do_not_overlap():
    used = np.zeros((16, 16), int)
    for column, row, width, height in signs.PLACES.values():
        assert row + height <= 16
        assert column + width <= 16
        used[row : row + height, column : column + width] += 1
    assert used.max() == 1


@pytest.mark.parametrize("name", ["S_TrafficCone", "SM_CardBoxD_04", "SM_BarelPlastic_A_02"])
def test_a_prop_is_built_byte_for_byte_the_same(tmp_path, name):
    prop = next(prop for prop in all_props().values() if prop.name == name)
    (tmp_path / looks.FILE).parent.mkdir(parents=True)
    (tmp_path / looks.FILE).write_bytes((asset_pack_root() / looks.FILE).read_bytes())
    first = write_prop(prop, tmp_path).read_bytes()
    assert write_prop(prop, tmp_path).read_bytes() == first
    assert [file.name for file in (tmp_path / prop.folder).iterdir()] == [f"{name}.usd"]


def test_a_texture_is_drawn_the_same_every_time():
    draw = looks.LOOKS["SteelBlue"].draw
    assert draw is not None
    assert np.array_equal(draw().color, draw().color)


def test_the_pack_is_up_to_date_with_the_generator():
    for path, prop in all_props().items():
        stage = Usd.Stage.Open(str(asset_pack_root() / path))
        for look, mesh in prop.solid.items():
            written = UsdGeom.Mesh(stage.GetPrimAtPath(f"/{prop.name}/Mesh_{look}"))
            assert written, f"{path}: {look} is missing; run python -m tools.assets.build"
            points = np.asarray(written.GetPointsAttr().Get())
            assert np.array_equal(points, mesh.points.astype(np.float32)), path


def test_unknown_parts_are_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--only", "props,cars"])
    assert stop.value.code == 2
    assert "cars" in capsys.readouterr().err

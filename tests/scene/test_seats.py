"""Finding what one can sit on."""

import math

import numpy as np
import pytest

from isaacsim_agent_ext.scene.seats import labelled_prims, seat_surface
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneSnapshot, Semantics

CUBE = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
TRIANGLES = np.array([t for a, b, c, d in SIDES for t in ((a, b, c), (a, c, d))], np.int32)


def boxes(path, *sizes_and_places, yaw=0.0):
    """Boxes below one prim, turned about the vertical as a whole: instances with their meshes."""
    turn = np.eye(4)
    turn[:2, :2] = [[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]]
    meshes, instances = [], []
    for number, (size, place) in enumerate(sizes_and_places):
        points = (CUBE * size + place).astype(np.float32)
        zeros = np.zeros(len(TRIANGLES), np.int32)
        meshes.append(Mesh(points, np.zeros_like(points), np.zeros((8, 2), np.float32), TRIANGLES, zeros))
        label = Semantics(path, {"class": ("chair",)})
        instances.append(Instance(f"{path}/part_{number}", number, turn, (label,)))
    return SceneSnapshot(meshes=tuple(meshes), instances=tuple(instances), materials=())


def chair(path="/Chair", yaw=0.0):
    """A chair whose sitter looks along +X."""
    seat, back = ((0.42, 0.42, 0.04), (0, 0, 0.44)), ((0.04, 0.4, 0.4), (-0.21, 0, 0.7))
    foot = ((0.3, 0.3, 0.42), (0, 0, 0.21))
    return boxes(path, seat, back, foot, yaw=yaw)


@pytest.mark.parametrize("yaw", [0.0, 1.0, -2.5])
def test_a_chair_is_sat_on_with_the_back_to_its_back(yaw):
    surface = seat_surface(chair(yaw=yaw), "/Chair")
    assert surface.point == pytest.approx([0, 0, 0.46], abs=0.01)
    assert surface.front == pytest.approx(yaw, abs=0.01)


def test_a_stool_has_no_front():
    surface = seat_surface(boxes("/Stool", ((0.4, 0.4, 0.5), (0, 0, 0.25))), "/Stool")
    assert surface.point[2] == pytest.approx(0.5)
    assert surface.front is None


@pytest.mark.parametrize("height", [0.1, 0.75, 2.0])
def test_what_is_too_low_or_too_high_is_no_seat(height):
    assert seat_surface(boxes("/Box", ((1, 1, height), (0, 0, height / 2))), "/Box") is None


def test_only_what_stands_below_the_prim_counts():
    assert seat_surface(chair(), "/Chai") is None
    assert seat_surface(chair(), "/Elsewhere") is None


def test_seats_are_found_by_their_label():
    assert labelled_prims(chair(), ("class", "chair")) == ("/Chair",)
    assert labelled_prims(chair(), ("class", "table")) == ()

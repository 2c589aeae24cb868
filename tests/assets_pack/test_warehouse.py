"""The warehouses as the program reads them: triangles, areas, walkable ways."""

import numpy as np
import pytest
from pxr import UsdGeom

from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.navigation_volumes import read_volumes
from isaacsim_agent_ext.scene.reader import read_snapshot

PACK = asset_pack_root() / "Isaac"
FOLDER = PACK / "Environments/Simple_Warehouse"
AREAS = {"warehouse_floor", "aisles", "loading_dock", "break_room"}


@pytest.fixture(scope="module")
def full():
    composed = open_stage(FOLDER / "full_warehouse.usd", [PACK / "Props/Conveyors/ConveyorBelt_A08.usd"])
    snapshot, warnings = read_snapshot(composed)
    return composed, snapshot, warnings


@pytest.fixture(scope="module")
def navmesh(full):
    pytest.importorskip("isaacsim_agent_recast")
    from isaacsim_agent_ext.navigation.bake import bake

    composed, snapshot, _ = full
    return bake(snapshot, read_volumes(composed))


def test_reads_without_warnings(full):
    assert full[2] == ()


def test_triangle_budget(full):
    snapshot = full[1]
    triangles = sum(len(snapshot.meshes[instance.mesh].triangles) for instance in snapshot.instances)
    assert 150_000 <= triangles <= 360_000


def test_repeated_props_share_their_meshes(full):
    snapshot = full[1]
    assert len(snapshot.instances) > 10 * len(snapshot.meshes)
    assert any(prim.IsA(UsdGeom.PointInstancer) for prim in full[0].stage.Traverse())


def test_things_of_a_warehouse_are_there(full):
    labels = {instance.semantics[0].labels["class"][0] for instance in full[1].instances}
    assert labels >= {
        *("floor", "wall", "ceiling", "column", "door", "lamp", "rack", "pallet", "cardbox", "barrel", "crate"),
        *("forklift", "cone", "sign", "fire_extinguisher", "table", "chair", "conveyor", "bottle", "rail"),
    }


def test_nothing_but_the_trailer_stands_outside_the_hall(full):
    # Column feet and truss ends may be let into the walls by ten centimetres.
    snapshot = full[1]
    for instance in snapshot.instances:
        if "Dock_3" in instance.prim_path or "/Walls/" in instance.prim_path:
            continue
        points = snapshot.meshes[instance.mesh].points @ instance.transform[:3, :3] + instance.transform[3, :3]
        low, high = points.min(axis=0), points.max(axis=0)
        assert (low > (-24.1, -16.1, -0.01)).all(), instance.prim_path
        assert (high < (16.2, 12.1, 12.2)).all(), instance.prim_path


def test_areas_of_the_navmesh(navmesh):
    assert set(navmesh.areas) == AREAS


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((0, 0, 0), (0, -5, 0)),
        ((-18, 0, 0), (11.4, 7.7, 0)),
        ((-14, -13.2, 0), (-14, 9.1, 0)),
        ((0, 0, 0), (11, -10, 0)),
    ],
    ids=["the guide's patrol", "into the break room", "aisle to aisle", "to the docks"],
)
def test_ways_are_walkable(navmesh, start, end):
    path = navmesh.path(np.array(start, float), np.array(end, float))
    assert path is not None
    assert path.complete
    assert np.linalg.norm(path.points[-1] - end) < 0.3


def test_the_break_room_is_where_its_landmark_is(full, navmesh):
    prim = full[0].stage.GetPrimAtPath("/World/BreakRoom")
    place = UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(0).ExtractTranslation()
    assert np.linalg.norm(navmesh.closest_points(np.array([place]))[0] - place) < 0.3


@pytest.mark.parametrize("name", ["warehouse.usd", "warehouse_with_forklifts.usd"])
def test_small_warehouses_have_the_same_areas(name):
    pytest.importorskip("isaacsim_agent_recast")
    from isaacsim_agent_ext.navigation.bake import bake

    composed = open_stage(FOLDER / name)
    snapshot, warnings = read_snapshot(composed)
    assert warnings == ()
    navmesh = bake(snapshot, read_volumes(composed))
    assert set(navmesh.areas) == AREAS
    path = navmesh.path(np.array((0.0, 0.0, 0.0)), np.array((8.3, 3.6, 0.0)))
    assert path is not None
    assert path.complete

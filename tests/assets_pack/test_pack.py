"""The pack that is in the repo: every path the documents name, its metrics, labels, areas and size."""

import os

import pytest
from pxr import Sdf, Usd, UsdGeom, UsdLux, UsdShade, UsdUtils

from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.scene.labels import read_labels

ROOT = asset_pack_root()
WAREHOUSE = "Isaac/Environments/Simple_Warehouse"

ENVIRONMENTS = [
    f"{WAREHOUSE}/full_warehouse.usd",
    f"{WAREHOUSE}/warehouse.usd",
    f"{WAREHOUSE}/warehouse_with_forklifts.usd",
    "Isaac/Environments/Grid/default_environment.usd",
]
PROPS = [
    f"{WAREHOUSE}/Props/S_TrafficCone.usd",
    f"{WAREHOUSE}/Props/S_AisleSign.usd",
    f"{WAREHOUSE}/Props/SM_PaletteA_01.usd",
    f"{WAREHOUSE}/Props/SM_CardBoxA_01.usd",
    f"{WAREHOUSE}/Props/SM_CardBoxD_04.usd",
    f"{WAREHOUSE}/Props/SM_BarelPlastic_A_01.usd",
    f"{WAREHOUSE}/Props/SM_BottlePlasticA_01.usd",
    f"{WAREHOUSE}/Props/SM_FireExtinguisher_01.usd",
    f"{WAREHOUSE}/Props/SM_FloorDecal_StripeFull_4m.usd",
    f"{WAREHOUSE}/Props/SM_PushcartA_02.usd",
    f"{WAREHOUSE}/Props/SM_RackPile_03.usd",
    "Isaac/Props/Forklift/forklift.usd",
    "Isaac/Props/Conveyors/ConveyorBelt_A08.usd",
    "Isaac/Props/Pallet/pallet.usd",
]
ROBOTS = {
    "Isaac/Samples/AnimRobot/nova_carter.usd": ["chassis/left_wheel", "chassis/right_wheel"],
    "Isaac/Samples/AnimRobot/iw_hub.usd": [
        "chassis/lift",
        "chassis/left_wheel",
        "chassis/right_wheel",
        "chassis/left_swivel/left_caster",
        "chassis/right_swivel/right_caster",
    ],
    "Isaac/Samples/AnimRobot/forklift.usd": ["chassis/lift", "chassis/left_wheel", "chassis/right_wheel"],
}


def meshes_of(stage: Usd.Stage) -> list[Usd.Prim]:
    return [
        prim for prim in Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies()) if prim.IsA(UsdGeom.Mesh)
    ]


def label_above(prim: Usd.Prim) -> str | None:
    while prim and not prim.IsPseudoRoot():
        labels = read_labels(prim).get("class")
        if labels:
            return labels[0]
        prim = prim.GetParent()
    return None


@pytest.mark.parametrize("path", [*ENVIRONMENTS, *PROPS, *ROBOTS])
def test_opens_in_metres_with_z_up_and_everything_it_needs(path):
    stage = Usd.Stage.Open(str(ROOT / path))
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert stage.GetDefaultPrim()
    assert Usd.ModelAPI(stage.GetDefaultPrim()).GetKind() in ("component", "assembly")
    assert not stage.GetCompositionErrors()
    layers, assets, unresolved = UsdUtils.ComputeAllDependencies(Sdf.AssetPath(str(ROOT / path)))
    assert not unresolved
    assert layers
    assert all(os.path.isfile(str(asset)) for asset in assets)


@pytest.mark.parametrize("path", [*ENVIRONMENTS, *PROPS, *ROBOTS])
def test_every_mesh_is_labelled_textured_and_complete(path):
    stage = Usd.Stage.Open(str(ROOT / path))
    meshes = meshes_of(stage)
    assert meshes
    seen = set()
    for prim in meshes:
        key = prim.GetPrimInPrototype().GetPath() if prim.IsInstanceProxy() else prim.GetPath()
        if key in seen:
            continue
        seen.add(key)
        assert label_above(prim), prim.GetPath()
        mesh = UsdGeom.Mesh(prim)
        assert mesh.GetNormalsAttr().HasAuthoredValue()
        assert UsdGeom.PrimvarsAPI(prim).GetPrimvar("st").HasAuthoredValue()
        assert mesh.GetSubdivisionSchemeAttr().Get() == UsdGeom.Tokens.none
        assert UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0], prim.GetPath()


@pytest.mark.parametrize("path", ENVIRONMENTS)
def test_environments_hold_meshes_only(path):
    stage = Usd.Stage.Open(str(ROOT / path))
    gprims = [
        prim for prim in Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies()) if prim.IsA(UsdGeom.Gprim)
    ]
    assert {prim.GetTypeName() for prim in gprims} == {"Mesh"}


@pytest.mark.parametrize(("path", "joints"), ROBOTS.items(), ids=lambda value: str(value).rsplit("/", 1)[-1][:20])
def test_robots_have_their_joints(path, joints):
    stage = Usd.Stage.Open(str(ROOT / path))
    root = stage.GetDefaultPrim().GetPath()
    for joint in joints:
        prim = stage.GetPrimAtPath(root.AppendPath(joint))
        assert prim.IsA(UsdGeom.Xform), joint
        assert UsdGeom.Xformable(prim).GetOrderedXformOps()


def test_carter_looks_ahead():
    stage = Usd.Stage.Open(str(ROOT / "Isaac/Samples/AnimRobot/nova_carter.usd"))
    cameras = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera)]
    assert len(cameras) >= 3
    ahead = stage.GetPrimAtPath("/nova_carter/chassis/front_hawk/camera_left")
    matrix = UsdGeom.Xformable(ahead).ComputeLocalToWorldTransform(Usd.TimeCode.Default())
    assert matrix.TransformDir((0, 0, -1)) == pytest.approx((1, 0, 0), abs=1e-6)
    assert matrix.TransformDir((0, 1, 0)) == pytest.approx((0, 0, 1), abs=1e-6)


def test_one_prop_carries_an_old_label():
    stage = Usd.Stage.Open(str(ROOT / WAREHOUSE / "Props/SM_BarelPlastic_A_02.usd"))
    prim = stage.GetDefaultPrim()
    assert "SemanticsAPI:Semantics" in prim.GetMetadata("apiSchemas").GetAddedOrExplicitItems()
    assert prim.GetAttribute("semantic:Semantics:params:semanticData").Get() == "barrel"
    assert read_labels(prim) == {"class": ("barrel",)}


def test_forklift_forks_point_to_minus_y():
    stage = Usd.Stage.Open(str(ROOT / "Isaac/Props/Forklift/forklift.usd"))
    lift = stage.GetPrimAtPath("/Forklift/chassis/lift")
    box = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"]).ComputeWorldBound(lift).ComputeAlignedRange()
    assert box.GetMax()[1] < 0
    assert box.GetMin()[1] < -1.5


def test_the_default_spot_of_the_conveyor_leaves_the_origin_free():
    stage = Usd.Stage.Open(str(ROOT / "Isaac/Props/Conveyors/ConveyorBelt_A08.usd"))
    box = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"]).ComputeWorldBound(stage.GetPseudoRoot())
    assert box.ComputeAlignedRange().GetMin()[0] > 0.5


@pytest.mark.parametrize("path", ENVIRONMENTS)
def test_lights_are_few(path):
    stage = Usd.Stage.Open(str(ROOT / path))
    lights = [prim for prim in stage.Traverse() if prim.HasAPI(UsdLux.LightAPI)]
    domes = [prim for prim in lights if prim.IsA(UsdLux.DomeLight)]
    assert len(domes) == 1
    assert 1 <= len(lights) - len(domes) <= 8


def test_size_budget():
    def size(folder: str) -> int:
        return sum(file.stat().st_size for file in (ROOT / folder).rglob("*") if file.is_file())

    own = sum(size(f"Isaac/{folder}") for folder in ("Environments", "Props", "Samples"))
    assert own < 12 * 2**20
    assert size("Isaac") < 40 * 2**20


def test_file_names_tell_nothing_of_temporary_files():
    assert not list(ROOT.rglob(".*"))


def test_floors_keep_label_and_area_schemas():
    stage = Usd.Stage.Open(str(ROOT / WAREHOUSE / "full_warehouse.usd"))
    prim = stage.GetPrimAtPath("/Root/Building/Floor/Floor_LoadingDock")
    schemas = prim.GetMetadata("apiSchemas").GetAddedOrExplicitItems()
    assert {"SemanticsLabelsAPI:class", "NavMeshAreaAPI"} <= set(schemas)
    assert prim.GetAttribute("navmesh:area").Get() == "loading_dock"

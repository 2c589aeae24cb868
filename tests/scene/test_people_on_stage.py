from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from pxr import Sdf, Usd, UsdGeom, UsdSkel

from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.scene.actors import add_character
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.facing import DEFAULT_FACING, facing_yaw
from isaacsim_agent_ext.scene.reader import read_snapshot

JOINT_PLACES = np.array([(0, 0, 1.0), (0, -0.1, 1.0), (0, 0.1, 1.0), (0, 0, 1.2), (0, 0, 1.6)])
FORMS = [("Z", 1.0), ("Z", 0.01), ("Y", 1.0), ("Y", 0.01)]
Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'
Z_UP_METRES = 'upAxis = "Z"\n    metersPerUnit = 1'


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("facing", [0.0, -math.pi / 2, math.pi])
@pytest.mark.parametrize("header", [Z_UP_METRES, Y_UP_CENTIMETRES])
def test_characters_stand_where_and_as_they_should(compose, person, world_points, form, facing, header):
    """Whatever the units, up axis and facing of asset and stage, the same figure stands in the world."""
    composed = compose('def Xform "World" { }', header=header)
    asset = person(up_axis=form[0], unit=form[1], facing=facing)
    actor = add_character(
        composed,
        "/World/People/g/g_0",
        asset,
        position=np.array([3.0, 4.0, 0.5]),
        yaw=0.7,
        labels=[("class", "person")],
    )
    assert actor.agent_prim_path == "/World/People/g/g_0/Body"
    assert actor.skeleton_prim_path == "/World/People/g/g_0/Body/Skeleton"
    snapshot, warnings = read_snapshot(composed)
    assert warnings == ()
    skin, helmet = snapshot.instances
    assert skin.moving
    assert helmet.moving
    assert not skin.navigation
    assert [(s.prim_path, s.labels) for s in skin.semantics] == [("/World/People/g/g_0", {"class": ("person",)})]

    turn = np.array([(math.cos(0.7), math.sin(0.7), 0), (-math.sin(0.7), math.cos(0.7), 0), (0, 0, 1)])

    def there(points):
        return np.asarray(points) @ turn + [3, 4, 0.5]

    corners = there([(x, y, z) for x in (-0.1, 0.1) for y in (-0.2, 0.2) for z in (0.0, 1.8)])
    for corner in corners:
        assert np.linalg.norm(world_points(snapshot, skin) - corner, axis=1).min() < 1e-4
    assert world_points(snapshot, helmet).mean(axis=0) == pytest.approx(there([(0, 0, 1.8)])[0], abs=1e-4)

    (skeleton,) = snapshot.skeletons
    assert skeleton.joints == ("root", "thigh_r", "thigh_l", "spine", "head")
    assert skeleton.parents.tolist() == [-1, 0, 0, 0, 3]
    assert np.linalg.det(skeleton.transform[:3, :3]) == pytest.approx(1.0)
    joints = (skeleton.bind @ skeleton.transform)[:, 3, :3]
    assert joints == pytest.approx(there(JOINT_PLACES), abs=1e-4)
    chained = skeleton.rest[4] @ skeleton.rest[3] @ skeleton.rest[0]
    assert chained == pytest.approx(skeleton.bind[4], abs=1e-6)
    mesh = snapshot.meshes[skin.mesh]
    assert mesh.skin.joint_weights.sum(axis=1) == pytest.approx(1.0)
    top = mesh.skin.joint_weights[world_points(snapshot, skin)[:, 2] > 2]
    assert set(mesh.skin.joint_indices[world_points(snapshot, skin)[:, 2] > 2][:, 0]) == {4}
    assert top[:, :2] == pytest.approx(np.tile([0.75, 0.25], (len(top), 1)))


def test_usd_itself_puts_the_skin_where_the_snapshot_says(compose, person, world_points):
    composed = compose('def Xform "World" { }', header=Y_UP_CENTIMETRES)
    add_character(composed, "/World/a", person(up_axis="Y", unit=0.01), position=np.array([1.0, 2.0, 0.0]), yaw=1.0)
    snapshot, _ = read_snapshot(composed)
    root = UsdSkel.Root(composed.stage.GetPrimAtPath("/World/a/Body"))
    cache = UsdSkel.Cache()
    cache.Populate(root, Usd.PrimDefaultPredicate)
    (binding,) = cache.ComputeSkelBindings(root, Usd.PrimDefaultPredicate)
    query = cache.GetSkelQuery(binding.GetSkeleton())
    (target,) = binding.GetSkinningTargets()
    points = UsdGeom.Mesh(target.GetPrim()).GetPointsAttr().Get()
    target.ComputeSkinnedPoints(query.ComputeSkinningTransforms(Usd.TimeCode.Default()), points, Usd.TimeCode.Default())
    to_stage = np.array(UsdGeom.XformCache().GetLocalToWorldTransform(binding.GetSkeleton().GetPrim()))
    stage_points = np.array(points) @ to_stage[:3, :3] + to_stage[3, :3]
    world = stage_points @ composed.to_world[:3, :3] + composed.to_world[3, :3]
    found = world_points(snapshot, snapshot.instances[0])
    assert np.sort(np.unique(world.round(3), axis=0), axis=0) == pytest.approx(
        np.sort(np.unique(found.round(3), axis=0), axis=0), abs=2e-3
    )


def test_the_own_transform_of_an_asset_counts_except_its_place(compose, person, world_points):
    asset = person()
    layer = Sdf.Layer.FindOrOpen(str(asset))
    stage = Usd.Stage.Open(layer)
    xform = UsdGeom.Xform(stage.GetPrimAtPath("/Person"))
    xform.AddTranslateOp().Set((50, 50, 50))
    xform.AddScaleOp().Set((2, 2, 2))
    stage.Save()
    composed = compose("")
    add_character(composed, "/p", asset, position=np.array([1.0, 0.0, 0.0]), yaw=0.0)
    snapshot, _ = read_snapshot(composed)
    points = world_points(snapshot, snapshot.instances[0])
    assert points.max(axis=0) == pytest.approx([1.2, 0.4, 3.6], abs=1e-5)


def test_sides_tell_the_facing():
    left_of_x = np.array([(0, 1.0, 0), (0, -1.0, 0), (0, 0, 0)])
    for names in (
        ("thigh_l", "thigh_r", "root"),
        ("LeftArm", "RightArm", "Hips"),
        ("L_UpLeg", "R_UpLeg", "RL_BoneRoot"),
    ):
        assert facing_yaw(names, left_of_x) == pytest.approx(0.0)
        assert facing_yaw(names, left_of_x[:, [1, 0, 2]] * [1, 1, 1]) == pytest.approx(-math.pi / 2)
    assert facing_yaw(["a", "b", "c"], left_of_x) == DEFAULT_FACING


def test_an_asset_that_does_not_say_what_to_reference(compose, author):
    composed = compose("")
    two = author('def Xform "A" { }\ndef Xform "B" { }', name="two.usda")
    with pytest.raises(AssetError, match="2 root prims"):
        add_character(composed, "/p", two, position=np.zeros(3), yaw=0)
    one = author('def Xform "A" { def Cube "C" { } }', name="one.usda")
    actor = add_character(composed, "/q", one, position=np.zeros(3), yaw=0)
    assert (actor.agent_prim_path, actor.skeleton_prim_path) == ("/q", None)
    with pytest.raises(AssetError, match="no such file"):
        add_character(composed, "/r", Path("/nowhere/x.usd"), position=np.zeros(3), yaw=0)


_ROWS = "(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)"
SKELETON = f"""def Skeleton "Skel" {{ uniform token[] joints = ["b", "b/a"]
    uniform matrix4d[] bindTransforms = [( {_ROWS}, (0, 0, 0, 1) ), ( {_ROWS}, (0, 0, 2, 1) )]
    uniform matrix4d[] restTransforms = [( {_ROWS}, (0, 0, 0, 1) ), ( {_ROWS}, (0, 0, 2, 1) )] }}"""
TRIANGLE = """point3f[] points = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
    int[] faceVertexCounts = [3]
    int[] faceVertexIndices = [0, 1, 2]
    rel skel:skeleton = </Root/Skel>"""


def skinned(mesh: str) -> str:
    return f"""def SkelRoot "Root" {{ {SKELETON}
        def Mesh "M" (prepend apiSchemas = ["SkelBindingAPI"]) {{ {TRIANGLE}
            {mesh} }} }}"""


def test_rigid_binding_and_the_meshs_own_joint_order(read):
    snapshot, _ = read(
        skinned("""
        uniform token[] skel:joints = ["b/a", "b"]
        int[] primvars:skel:jointIndices = [0] (interpolation = "constant")
        float[] primvars:skel:jointWeights = [1] (interpolation = "constant")
        matrix4d primvars:skel:geomBindTransform = ( (1,0,0,0),(0,1,0,0),(0,0,1,0),(0,0,5,1) )""")
    )
    (mesh,) = snapshot.meshes
    assert mesh.skin.joint_indices[:, 0].tolist() == [1, 1, 1]
    assert mesh.skin.joint_weights.tolist() == [[1, 0, 0, 0]] * 3
    assert mesh.points[:, 2].tolist() == [5, 5, 5]


def test_more_than_four_influences_keep_the_strongest(read):
    snapshot, _ = read(
        skinned("""
        int[] primvars:skel:jointIndices = [0, 1, 0, 1, 0, 1,  0, 1, 0, 1, 0, 1,  0, 0, 0, 0, 0, 0] (
            interpolation = "vertex"
            elementSize = 6)
        float[] primvars:skel:jointWeights = [0.3, 0.1, 0.2, 0.2, 0.1, 0.1,  0, 0, 0, 0, 0, 1,  0, 0, 0, 0, 0, 0] (
            interpolation = "vertex"
            elementSize = 6)""")
    )
    weights = snapshot.meshes[0].skin.joint_weights
    assert weights[0] == pytest.approx(np.array([0.3, 0.2, 0.2, 0.1]) / 0.8)
    assert weights[1].tolist() == [1, 0, 0, 0]
    assert snapshot.meshes[0].skin.joint_indices[1, 0] == 1
    assert weights[2].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("mesh", "words"),
    [
        (
            """int[] primvars:skel:jointIndices = [0, 1, 9] (interpolation = "vertex")
            float[] primvars:skel:jointWeights = [1, 1, 1] (interpolation = "vertex")""",
            "joints that its skeleton does not have",
        ),
        (
            """int[] primvars:skel:jointIndices = [0, 1] (interpolation = "vertex")
            float[] primvars:skel:jointWeights = [1, 1] (interpolation = "vertex")""",
            "do not match its 3 points",
        ),
    ],
)
def test_impossible_skins_stay_rigid_with_a_warning(read, mesh, words):
    snapshot, warnings = read(skinned(mesh))
    assert snapshot.meshes[0].skin is None
    assert any("/Root/M" in text and words in text for text in warnings)


def test_skinned_content_in_instances_keeps_one_skeleton_each(read):
    body = skinned("""int[] primvars:skel:jointIndices = [0, 0, 1] (interpolation = "vertex")
        float[] primvars:skel:jointWeights = [1, 1, 1] (interpolation = "vertex")""")
    body = body.replace('def SkelRoot "Root"', 'class "Kind" { def SkelRoot "Root"').replace(
        "</Root/Skel>", "</Kind/Root/Skel>"
    )
    snapshot, warnings = read(
        body
        + """
        }
        def Xform "A" (instanceable = true
            prepend references = </Kind>) { double3 xformOp:translate = (1, 0, 0)
            uniform token[] xformOpOrder = ["xformOp:translate"] }
        def Xform "B" (instanceable = true
            prepend references = </Kind>) { }"""
    )
    assert warnings == ()
    assert [s.prim_path for s in snapshot.skeletons] == ["/A/Root/Skel", "/B/Root/Skel"]
    assert [i.prim_path for i in snapshot.instances] == ["/A/Root/M", "/B/Root/M"]
    assert [snapshot.meshes[i.mesh].skin.skeleton for i in snapshot.instances] == [0, 1]
    assert snapshot.instances[0].transform[3, :3].tolist() == [1, 0, 0]


def test_two_people_of_one_asset_have_their_own_skeletons(compose, person):
    composed = compose("")
    asset = person()
    for i in range(2):
        add_character(composed, f"/World/p_{i}", asset, position=np.array([i, 0.0, 0.0]), yaw=0)
    snapshot, _ = read_snapshot(composed)
    assert [skeleton.prim_path for skeleton in snapshot.skeletons] == [f"/World/p_{i}/Body/Skeleton" for i in (0, 1)]
    assert open_stage(composed.base).actors == []

from __future__ import annotations

import time

import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene import layout
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot

Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'

QUAD = """
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    int[] faceVertexCounts = [4]
    int[] faceVertexIndices = [0, 1, 2, 3]
"""


def by_path(snapshot):
    return {instance.prim_path: instance for instance in snapshot.instances}


def test_transforms_come_down_the_hierarchy(read, world_points):
    snapshot, warnings = read(f"""
        def Xform "A" {{
            double3 xformOp:translate = (1, 2, 3)
            float3 xformOp:rotateXYZ = (0, 0, 90)
            uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateXYZ"]
            def Mesh "M" {{ {QUAD}
                float3 xformOp:scale = (2, 1, 1)
                uniform token[] xformOpOrder = ["xformOp:scale"]
            }}
            def Mesh "Free" {{ {QUAD}
                uniform token[] xformOpOrder = ["!resetXformStack!"]
            }}
        }}""")
    assert warnings == ()
    instances = by_path(snapshot)
    assert world_points(snapshot, instances["/A/M"]) == pytest.approx(
        np.array([(1, 2, 3), (1, 4, 3), (0, 4, 3), (0, 2, 3)]), abs=1e-6
    )
    assert np.allclose(instances["/A/Free"].transform, np.eye(4))


def test_a_y_up_centimetre_stage_comes_out_in_metres_z_up(read, world_points):
    snapshot, _ = read(
        """
        def Cube "Box" {
            double size = 100
            double3 xformOp:translate = (0, 50, -200)
            uniform token[] xformOpOrder = ["xformOp:translate"]
        }""",
        header=Y_UP_CENTIMETRES,
    )
    (box,) = snapshot.instances
    points = world_points(snapshot, box)
    assert points.min(axis=0) == pytest.approx([-0.5, 1.5, 0.0], abs=1e-6)
    assert points.max(axis=0) == pytest.approx([0.5, 2.5, 1.0], abs=1e-6)
    local = snapshot.meshes[box.mesh].points
    assert np.ptp(local, axis=0) == pytest.approx([1, 1, 1])  # metres in its own space as well
    assert np.linalg.det(box.transform[:3, :3]) == pytest.approx(1.0)


def test_only_what_is_drawn_is_read(read):
    snapshot, _ = read(f"""
        def Xform "Hidden" {{ token visibility = "invisible"
            def Mesh "M" {{ {QUAD} token visibility = "inherited" }} }}
        def Xform "Guides" {{ uniform token purpose = "guide"
            def Mesh "M" {{ {QUAD} }}
            def Mesh "Shown" {{ {QUAD} uniform token purpose = "render" }} }}
        def Mesh "Proxy" {{ {QUAD} uniform token purpose = "proxy" }}
        def Mesh "Inactive" (active = false) {{ {QUAD} }}
        class Mesh "Class" {{ {QUAD} }}
        over "Over" {{ def Mesh "M" {{ {QUAD} }} }}
        def Camera "Cam" {{ }}
        def Mesh "Empty" {{ }}
        def Mesh "M" {{ {QUAD} }}
    """)
    assert sorted(by_path(snapshot)) == ["/Guides/Shown", "/M"]


def test_native_instances_share_meshes_and_keep_their_own_paths_and_labels(read, world_points):
    snapshot, warnings = read(f"""
        class Xform "Box" (prepend apiSchemas = ["SemanticsLabelsAPI:class"]) {{
            token[] semantics:labels:class = ["box"]
            def Xform "Lid" (prepend apiSchemas = ["SemanticsLabelsAPI:part"]) {{
                token[] semantics:labels:part = ["lid"]
                def Mesh "M" {{ {QUAD} }}
            }}
        }}
        def Xform "Row" {{
            def "A" (instanceable = true
                prepend references = </Box>) {{
                double3 xformOp:translate = (1, 0, 0)
                uniform token[] xformOpOrder = ["xformOp:translate"]
            }}
            def "B" (instanceable = true
                prepend references = </Box>) {{
                double3 xformOp:translate = (2, 0, 0)
                uniform token[] xformOpOrder = ["xformOp:translate"]
                token[] semantics:labels:class = ["special"]
            }}
        }}""")
    assert warnings == ()
    a, b = snapshot.instances
    assert (a.prim_path, b.prim_path) == ("/Row/A/Lid/M", "/Row/B/Lid/M")
    assert a.mesh == b.mesh
    assert len(snapshot.meshes) == 1
    assert world_points(snapshot, b)[0] == pytest.approx([2, 0, 0])
    assert [(s.prim_path, dict(s.labels)) for s in a.semantics] == [
        ("/Row/A/Lid", {"part": ("lid",)}),
        ("/Row/A", {"class": ("box",)}),
    ]
    assert b.semantics[1].labels == {"class": ("special",)}
    assert b.semantics[0].transform[3, :3] == pytest.approx([2, 0, 0])


def test_nested_instances_multiply(read):
    snapshot, _ = read(f"""
        class "Leaf" {{ def Mesh "M" {{ {QUAD} }} }}
        class "Branch" {{
            def Xform "L1" (instanceable = true
                prepend references = </Leaf>) {{ }}
            def Xform "L2" (instanceable = true
                prepend references = </Leaf>) {{
                double3 xformOp:translate = (0, 1, 0)
                uniform token[] xformOpOrder = ["xformOp:translate"] }}
        }}
        def Xform "X" (instanceable = true
            prepend references = </Branch>) {{
            double3 xformOp:translate = (5, 0, 0)
            uniform token[] xformOpOrder = ["xformOp:translate"] }}
        def Xform "Y" (instanceable = true
            prepend references = </Branch>) {{ }}
    """)
    places = {instance.prim_path: instance.transform[3, :3].tolist() for instance in snapshot.instances}
    assert places == {
        "/X/L1/M": [5, 0, 0],
        "/X/L2/M": [5, 1, 0],
        "/Y/L1/M": [0, 0, 0],
        "/Y/L2/M": [0, 1, 0],
    }
    assert len(snapshot.meshes) == 1


def test_reading_instances_agrees_with_usd_prim_by_prim(tmp_path, world_points):
    """Every instance proxy USD knows must be there, with USD's own bounds."""
    stage = Usd.Stage.CreateNew(str(tmp_path / "s.usda"))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    rng = np.random.default_rng(4)
    part = stage.CreateClassPrim("/Part")
    cube = UsdGeom.Cube.Define(stage, "/Part/Group/Cube")
    UsdGeom.Xformable(cube.GetPrim().GetParent()).AddRotateXYZOp().Set(Gf.Vec3f(10, 20, 30))
    cube.AddScaleOp().Set(Gf.Vec3f(1, 2, 3))
    for i in range(5):
        prim = UsdGeom.Xform.Define(stage, f"/World/P{i}")
        prim.AddTranslateOp().Set(Gf.Vec3d(*rng.normal(size=3) * 5))
        prim.AddRotateZOp().Set(float(rng.uniform(0, 360)))
        prim.GetPrim().GetReferences().AddInternalReference(part.GetPath())
        prim.GetPrim().SetInstanceable(i % 2 == 0)
    stage.GetRootLayer().Save()
    composed = open_stage(tmp_path / "s.usda")
    snapshot, _ = read_snapshot(composed)
    assert len(snapshot.instances) == 5
    for instance in snapshot.instances:
        prim = composed.stage.GetPrimAtPath(instance.prim_path)
        bound = UsdGeom.Imageable(prim).ComputeWorldBound(Usd.TimeCode.Default(), "default").ComputeAlignedRange()
        points = world_points(snapshot, instance)
        assert points.min(axis=0) == pytest.approx(np.array(bound.GetMin()), abs=1e-5)
        assert points.max(axis=0) == pytest.approx(np.array(bound.GetMax()), abs=1e-5)


INSTANCER = """
    def PointInstancer "Field" (prepend apiSchemas = ["SemanticsLabelsAPI:class"]) {
        token[] semantics:labels:class = ["field"]
        double3 xformOp:translate = (0, 0, 10)
        uniform token[] xformOpOrder = ["xformOp:translate"]
        rel prototypes = [</Field/Prototypes/Cone>, </Field/Prototypes/Box>]
        int[] protoIndices = [0, 1, 0, 1]
        point3f[] positions = [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)]
        int64[] ids = [10, 11, 12, 13]
        int64[] invisibleIds = [13]
        %s "Prototypes" {
            def Xform "Cone" (prepend apiSchemas = ["SemanticsLabelsAPI:class"]) {
                token[] semantics:labels:class = ["cone"]
                float3 xformOp:scale = (2, 2, 2)
                uniform token[] xformOpOrder = ["xformOp:scale"]
                def Cone "C" { double radius = 0.5 }
            }
            def Cube "Box" { }
        }
    }"""


@pytest.mark.parametrize("specifier", ["def Scope", "over"])
def test_point_instances_are_placed_named_masked_and_labelled(read, world_points, specifier):
    snapshot, warnings = read(INSTANCER % specifier)
    assert warnings == ()
    instances = by_path(snapshot)
    assert sorted(instances) == ["/Field/Box_11", "/Field/Cone_10/C", "/Field/Cone_12/C"]
    cone = instances["/Field/Cone_12/C"]
    points = world_points(snapshot, cone)
    assert points.min(axis=0) == pytest.approx([1, -1, 8], abs=1e-6)
    assert points.max(axis=0) == pytest.approx([3, 1, 12], abs=1e-6)
    assert [(s.prim_path, s.labels["class"]) for s in cone.semantics] == [
        ("/Field/Cone_12", ("cone",)),
        ("/Field", ("field",)),
    ]


def test_broken_point_instancers_are_left_out_with_a_warning(read):
    snapshot, warnings = read("""
        def PointInstancer "Bad" {
            rel prototypes = </Bad/P>
            int[] protoIndices = [0, 3]
            point3f[] positions = [(0, 0, 0), (1, 0, 0)]
            def Cube "P" { } }
        def PointInstancer "Gone" {
            rel prototypes = </Nowhere>
            int[] protoIndices = [0]
            point3f[] positions = [(0, 0, 0)] }
        def PointInstancer "Loop" {
            rel prototypes = </Loop>
            int[] protoIndices = [0]
            point3f[] positions = [(0, 0, 0)] }
        def PointInstancer "Nothing" { }
    """)
    assert snapshot.instances == ()
    assert len(warnings) == 3
    assert "/Bad" in warnings[0]
    assert "/Nowhere does not exist" in warnings[1]
    assert "contains the instancer itself" in warnings[2]


def test_subsets_give_faces_their_materials(read):
    snapshot, _ = read("""
        def Mesh "M" (prepend apiSchemas = ["MaterialBindingAPI"]) {
            point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (2, 0, 0), (2, 1, 0)]
            int[] faceVertexCounts = [4, 4]
            int[] faceVertexIndices = [0, 1, 2, 3, 1, 4, 5, 2]
            rel material:binding = </Looks/Red>
            def GeomSubset "Right" (prepend apiSchemas = ["MaterialBindingAPI"]) {
                uniform token elementType = "face"
                uniform token familyName = "materialBind"
                int[] indices = [1]
                rel material:binding = </Looks/Blue>
            }
        }
        def Scope "Looks" {
            def Material "Red" { token outputs:surface.connect = </Looks/Red/S.outputs:surface>
                def Shader "S" { uniform token info:id = "UsdPreviewSurface"
                    color3f inputs:diffuseColor = (1, 0, 0)
                    token outputs:surface } }
            def Material "Blue" { token outputs:surface.connect = </Looks/Blue/S.outputs:surface>
                def Shader "S" { uniform token info:id = "UsdPreviewSurface"
                    color3f inputs:diffuseColor = (0, 0, 1)
                    token outputs:surface } }
        }""")
    (mesh,) = snapshot.meshes
    colors = [snapshot.materials[index].base_color for index in mesh.materials]
    assert colors == [(1, 0, 0), (1, 0, 0), (0, 0, 1), (0, 0, 1)]


def test_an_instance_without_material_inside_takes_the_one_around_it(read):
    material = """def Material "%s" { token outputs:surface.connect = </Looks/%s/S.outputs:surface>
        def Shader "S" { uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor = %s
            token outputs:surface } }"""
    bound = """def Xform "%s" (instanceable = true
        prepend apiSchemas = ["MaterialBindingAPI"]
        prepend references = </%s>) { rel material:binding = </Looks/%s> %s }"""
    snapshot, _ = read(f"""
        class "Bare" {{ def Mesh "M" {{ {QUAD} }} }}
        class "Painted" {{ def Mesh "M" (prepend apiSchemas = ["MaterialBindingAPI"]) {{ {QUAD}
            rel material:binding = </Looks/Red> }} }}
        def Scope "Looks" {{
            {material % ("Red", "Red", "(1, 0, 0)")}
            {material % ("Blue", "Blue", "(0, 0, 1)")}
            {material % ("Green", "Green", "(0, 1, 0)")} }}
        {bound % ("A", "Bare", "Blue", "")}
        {bound % ("B", "Bare", "Green", "")}
        {bound % ("C", "Painted", "Blue", "")}
        def Xform "D" (instanceable = true
            prepend apiSchemas = ["MaterialBindingAPI"]
            prepend references = </Painted>) {{
            rel material:binding = </Looks/Blue> (bindMaterialAs = "strongerThanDescendants") }}
    """)
    seen = {
        instance.prim_path: snapshot.materials[snapshot.meshes[instance.mesh].materials[0]].base_color
        for instance in snapshot.instances
    }
    assert seen == {"/A/M": (0, 0, 1), "/B/M": (0, 1, 0), "/C/M": (1, 0, 0), "/D/M": (0, 0, 1)}


def test_display_colors_stand_in_for_materials_and_are_inherited(read):
    snapshot, _ = read(f"""
        def Xform "A" {{ color3f[] primvars:displayColor = [(0.2, 0.4, 0.6)]
            def Mesh "M" {{ {QUAD} }}
            def Mesh "Own" {{ {QUAD}
                color3f[] primvars:displayColor = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)] (
                    interpolation = "vertex")
                float[] primvars:displayOpacity = [0.25] }} }}
        def Mesh "Plain" {{ {QUAD} }}
    """)
    found = {
        instance.prim_path: snapshot.materials[snapshot.meshes[instance.mesh].materials[0]]
        for instance in snapshot.instances
    }
    assert found["/A/M"].base_color == pytest.approx((0.2, 0.4, 0.6))
    assert found["/A/Own"].base_color == pytest.approx((0.5, 0.5, 0.5))
    assert found["/A/Own"].opacity == 0.25
    assert found["/Plain"].base_color == (0.5, 0.5, 0.5)


def test_what_a_person_cannot_collide_with_does_not_count_for_navigation(read):
    snapshot, _ = read(f"""
        def Mesh "Floor" (prepend apiSchemas = ["NavMeshAreaAPI"]) {{ {QUAD} token navmesh:area = "aisles" }}
        def Xform "Fog" (prepend apiSchemas = ["PhysicsCollisionAPI"]) {{ bool physics:collisionEnabled = 0
            def Mesh "M" {{ {QUAD} }} }}
        def Xform "Out" (prepend apiSchemas = ["NavMeshExcludeAPI"]) {{ def Mesh "M" {{ {QUAD} }} }}
        class "Shelf" {{ def Mesh "M" {{ {QUAD} }} }}
        def Xform "Zone" (prepend apiSchemas = ["NavMeshAreaAPI"]) {{ token navmesh:area = "dock"
            def Xform "I" (instanceable = true
                prepend references = </Shelf>) {{ }} }}
    """)
    assert {i.prim_path: (i.navigation, i.area) for i in snapshot.instances} == {
        "/Floor": (True, "aisles"),
        "/Fog/M": (False, ""),
        "/Out/M": (False, ""),
        "/Zone/I/M": (True, "dock"),
    }


def test_odd_prims_are_skipped_by_name_and_the_rest_is_read(read):
    snapshot, warnings = read(f"""
        def Mesh "BadIndex" {{ point3f[] points = [(0, 0, 0)]
            int[] faceVertexCounts = [3]
            int[] faceVertexIndices = [0, 1, 7] }}
        def Mesh "BadCount" {{ point3f[] points = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
            int[] faceVertexCounts = [3, 3]
            int[] faceVertexIndices = [0, 1, 2] }}
        def Mesh "NaN" {{ point3f[] points = [(nan, 0, 0), (1, 0, 0), (0, 1, 0)]
            int[] faceVertexCounts = [3]
            int[] faceVertexIndices = [0, 1, 2] }}
        def Mesh "BadUv" {{ {QUAD} texCoord2f[] primvars:st = [(0, 0), (1, 1)] (interpolation = "vertex") }}
        def Mesh "BadUvIndex" {{ {QUAD} texCoord2f[] primvars:st = [(0, 0)] (interpolation = "faceVarying")
            int[] primvars:st:indices = [0, 0, 5, 0] }}
        def BasisCurves "Hair" {{ }}
        def Mesh "Good" {{ {QUAD} }}
        def Sphere "Flat" {{ double radius = 0 }}
    """)
    assert {"/BadUv", "/BadUvIndex", "/Good"} <= set(by_path(snapshot))
    for name in ("BadIndex", "BadCount", "NaN", "BadUv", "BadUvIndex", "Hair"):
        assert any(f"/{name}:" in warning for warning in warnings), name
    assert not any("/Good" in warning for warning in warnings)


def test_a_scene_that_would_not_fit_in_memory_is_refused(read, monkeypatch):
    monkeypatch.setattr(layout, "MOST_INSTANCES", 2)
    with pytest.raises(SceneError, match="more than 2 instances"):
        read(INSTANCER % "def Scope")


def test_animated_values_are_read_at_their_first_sample(read, world_points):
    snapshot, _ = read(f"""
        def Mesh "M" {{ {QUAD}
            double3 xformOp:translate.timeSamples = {{ 1: (7, 0, 0), 2: (9, 0, 0) }}
            uniform token[] xformOpOrder = ["xformOp:translate"] }}""")
    assert world_points(snapshot, snapshot.instances[0])[0] == pytest.approx([7, 0, 0])


def test_two_readings_are_equal(compose):
    body = INSTANCER % "def Scope" + f'\ndef Mesh "M" {{ {QUAD} }}'
    a, b = (read_snapshot(compose(body))[0] for _ in range(2))
    assert [i.prim_path for i in a.instances] == [i.prim_path for i in b.instances]
    assert a.materials == b.materials
    for first, second in zip(a.meshes, b.meshes, strict=True):
        for name in ("points", "normals", "uvs", "triangles", "materials"):
            assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


def test_ten_thousand_prims_are_read_in_seconds(tmp_path):
    layer = Sdf.Layer.CreateNew(str(tmp_path / "many.usdc"))
    layer.pseudoRoot.SetInfo("upAxis", "Z")
    layer.pseudoRoot.SetInfo("metersPerUnit", 1.0)
    with Sdf.ChangeBlock():
        for i in range(5000):
            xform = Sdf.PrimSpec(layer, f"X{i}", Sdf.SpecifierDef, "Xform")
            mesh = Sdf.PrimSpec(xform, "M", Sdf.SpecifierDef, "Mesh")
            for name, kind, value in (
                ("points", Sdf.ValueTypeNames.Point3fArray, [Gf.Vec3f(0, 0, i), Gf.Vec3f(1, 0, i), Gf.Vec3f(0, 1, i)]),
                ("faceVertexCounts", Sdf.ValueTypeNames.IntArray, [3]),
                ("faceVertexIndices", Sdf.ValueTypeNames.IntArray, [0, 1, 2]),
            ):
                Sdf.AttributeSpec(mesh, name, kind).default = value
    layer.Save()
    composed = open_stage(tmp_path / "many.usdc")
    start = time.process_time()
    snapshot, _ = read_snapshot(composed)
    assert len(snapshot.instances) == 5000
    assert time.process_time() - start < 8.0  # about 1 s on a quiet machine

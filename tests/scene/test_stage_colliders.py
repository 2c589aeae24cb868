"""What of a stage can be touched, and the colliders of actors on it."""

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdPhysics

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import BoxCollider, CylinderCollider
from isaacsim_agent_ext.scene.colliders import read_colliders, show_colliders
from isaacsim_agent_ext.scene.locate import world_bounds
from isaacsim_agent_ext.scene.reader import read_snapshot

Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'
COLLISION = '(prepend apiSchemas = ["PhysicsCollisionAPI"])'


@pytest.fixture
def touchable(compose):
    def read(body, *, names=(), header=None):
        texts = []
        composed = compose(body, **({"header": header} if header else {}))
        return {one.prim_path: one for one in read_colliders(composed, names, texts.append)}, texts

    return read


def test_collisions_and_names_can_be_touched_and_nothing_else(touchable):
    found, texts = touchable(f"""
def Xform "World" {{
    def Cube "Rack" {COLLISION} {{ double size = 1
    }}
    def Cube "Zone" {{ custom string metro:collider:name = "dock"
    }}
    def Cube "Ghost" {COLLISION} {{ bool physics:collisionEnabled = 0
    }}
    def Cube "Picture" {{ double size = 1
    }}
}}""")
    assert {path: one.name for path, one in found.items()} == {"/World/Rack": "", "/World/Zone": "dock"}
    assert not texts


def test_what_is_below_a_named_prim_is_part_of_it(touchable):
    found, texts = touchable(f"""
def Xform "Gate" {{
    custom string metro:collider:name = "gate"
    def Cube "Left" {COLLISION} {{ double size = 1
    }}
    def Cube "Right" {{ double size = 1
    }}
    def Cube "Bell" {{ custom string metro:collider:name = "bell"
    }}
}}
def Xform "Empty" {{ custom string metro:collider:name = "nothing"
}}""")
    assert {path: len(one.outlines) for path, one in found.items()} == {"/Gate": 2, "/Gate/Bell": 1}
    (text,) = texts
    assert "/Empty" in text
    assert "nothing" in text


def test_only_the_names_asked_for_are_read(touchable):
    found, _ = touchable(
        f"""
def Cube "Rack" {COLLISION} {{ double size = 1
}}
def Cube "Dock" {{ custom string metro:collider:name = "dock"
}}
def Cube "Ramp" {{ custom string metro:collider:name = "ramp"
}}""",
        names={"ramp", "gate"},
    )
    assert list(found) == ["/Ramp"]


def test_a_turned_box_keeps_its_outline_in_metres_z_up(touchable):
    found, _ = touchable(
        """
def Cube "Zone" {
    custom string metro:collider:name = "dock"
    double size = 100
    double3 xformOp:translate = (200, 100, 300)
    double xformOp:rotateY = 45
    float3 xformOp:scale = (2, 1, 2)
    uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateY", "xformOp:scale"]
}""",
        header=Y_UP_CENTIMETRES,
    )
    (zone,) = found.values()
    assert zone.heights.tolist() == [pytest.approx([0.5, 1.5])]
    corners = np.unique(zone.outlines[0].round(6), axis=0) - [2.0, -3.0]
    diagonal = np.sqrt(2)
    expected = [[-diagonal, 0.0], [0.0, -diagonal], [0.0, diagonal], [diagonal, 0.0]]
    assert corners == pytest.approx(np.array(expected), abs=1e-5)


def test_an_upright_cylinder_is_a_circle_and_a_lying_one_a_box(touchable):
    found, _ = touchable("""
def Cylinder "Post" {
    custom string metro:collider:name = "post"
    double radius = 0.5
    double height = 2
    float3 xformOp:scale = (2, 2, 1)
    uniform token[] xformOpOrder = ["xformOp:scale"]
}
def Cylinder "Log" {
    custom string metro:collider:name = "log"
    double radius = 0.5
    double height = 4
    uniform token axis = "X"
}""")
    post, log = found["/Post"], found["/Log"]
    assert (post.outlines.tolist(), post.radii.tolist(), post.heights.tolist()) == ([[[0, 0]]], [1.0], [[-1, 1]])
    assert (np.ptp(log.outlines[0], axis=0).tolist(), log.radii.tolist()) == ([4.0, 1.0], [0.0])


MESH = """
    point3f[] points = [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0), (1, 1, 3)]
    int[] faceVertexCounts = [4, 3]
    int[] faceVertexIndices = [0, 1, 2, 3, 0, 1, 4]
"""


def test_a_collision_mesh_is_a_surface_unless_its_approximation_is_convex(touchable):
    hull = '(prepend apiSchemas = ["PhysicsCollisionAPI", "PhysicsMeshCollisionAPI"])'
    found, _ = touchable(f"""
def Mesh "Shell" {COLLISION} {{ {MESH}
}}
def Mesh "Solid" {hull} {{ {MESH}
    uniform token physics:approximation = "convexHull"
}}
def Mesh "Zone" {{ {MESH}
    custom string metro:collider:name = "zone"
}}""")
    assert found["/Shell"].outlines.shape == (3, 3, 2)
    assert found["/Shell"].heights.tolist() == [[0, 0], [0, 0], [0, 3]]
    for path in ("/Solid", "/Zone"):
        assert len(found[path].outlines) == 1
        assert np.ptp(found[path].outlines[0], axis=0).tolist() == [2, 2]
        assert found[path].heights.tolist() == [[0, 3]]


def test_an_actors_colliders_stand_on_the_stage_and_no_camera_sees_them(compose):
    composed = compose(
        """
def Xform "Worker" {
    double3 xformOp:translate = (300, 0, -400)
    float3 xformOp:scale = (5, 5, 5)
    uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"]
}""",
        header=Y_UP_CENTIMETRES,
    )
    spec = ActorSpec(
        name="worker",
        group="workers",
        prim_path="/Worker",
        agent_prim_path="/Worker",
        agent_type="IRACharacterAPI",
        asset_url="",
        position=np.array([3.0, 4.0, 0.0]),
        yaw=np.pi / 2,
        height=1.8,
    )
    before, _ = read_snapshot(composed)
    colliders = (BoxCollider(name="a box", dimension=(4.0, 1.0, 2.0)), CylinderCollider(name="sense", radius=1.5))
    show_colliders(composed, spec, colliders)
    after, _ = read_snapshot(composed)
    assert len(after.instances) == len(before.instances) == 0
    box, cylinder = composed.stage.GetPrimAtPath("/Worker").GetChildren()
    assert (box.GetTypeName(), cylinder.GetTypeName()) == ("Cube", "Cylinder")
    for prim, name in ((box, "a box"), (cylinder, "sense")):
        assert prim.GetAttribute("metro:collider:name").Get() == name
        assert prim.GetAttribute("metro:collider:name").GetTypeName() == "string"
        assert prim.HasAPI(UsdPhysics.CollisionAPI)
        assert prim.HasAPI(UsdPhysics.RigidBodyAPI)
        assert "PhysxTriggerAPI" in prim.GetMetadata("apiSchemas").GetAddedOrExplicitItems()
        assert UsdGeom.Imageable(prim).ComputePurpose() == "guide"
    places = {}
    for prim in (box, cylinder):
        bound = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["guide"]).ComputeWorldBound(prim).ComputeAlignedRange()
        corners = np.array([bound.GetCorner(corner) for corner in range(8)]) @ composed.to_world[:3, :3]
        places[str(prim.GetTypeName())] = [corners.min(axis=0).round(6).tolist(), corners.max(axis=0).round(6).tolist()]
    assert places["Cube"] == [[2.5, 2.0, 0.0], [3.5, 6.0, 2.0]]  # along the actor, who looks to +Y
    assert places["Cylinder"] == [[1.5, 2.5, 0.0], [4.5, 5.5, 1.8]]
    assert np.ptp(world_bounds(composed, "/Worker"), axis=0).max() == 0.0

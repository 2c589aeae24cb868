"""MuJoCo on stages: shapes, masses, friction, piles, and what it says when it cannot."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from pxr import Gf, UsdGeom, UsdPhysics, UsdShade

from isaacsim_agent_ext.errors import DependencyError, SceneError
from isaacsim_agent_ext.hosts.physics import RestWatch, SettleRule
from isaacsim_agent_ext.hosts.standalone.physics import MujocoPhysics
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.rigid_bodies import read_rigid_scene

TETRAHEDRON = [(0, 0, 0), (0.4, 0, 0), (0, 0.4, 0), (0, 0, 0.4)]
FACES = ([3, 3, 3, 3], [0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3])


def settle(scene, bodies, rule=None):
    return MujocoPhysics().settle(open_stage(scene.save()), bodies, rule)


def pallet_drop(scene, *, seed: int) -> list[str]:
    """Author what offline datasets are made of: eight boxes one above the other, each up to 0.2 m off the middle."""
    random = np.random.default_rng(seed)
    scene.floor()
    scene.box("Pallet", (0, 0, 0.072), size=(1.2, 1.0, 0.144), body=False)
    return [
        scene.box(f"Box_{i}", (*random.uniform(-0.2, 0.2, 2), 0.4 + 0.45 * i), size=(0.4, 0.3, 0.3), mass=5.0)
        for i in range(8)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_boxes_dropped_on_a_pallet(author, seed):
    scene = author()
    boxes = pallet_drop(scene, seed=seed)
    rule = SettleRule(step=1 / 90, max_steps=250, slow=0.01, steady_steps=1, watched=(boxes[-1],))
    settlement = settle(scene, boxes, rule)
    assert settlement.steps <= 250
    assert settlement.moving == ()
    heights = np.array([pose[3, 2] for pose in settlement.poses.values()])
    assert heights.min() > 0.14  # half the smallest edge above the floor
    assert heights.max() < 3.0


def test_every_process_settles_alike(author, tmp_path):
    scene = author()
    boxes = pallet_drop(scene, seed=1)
    path = scene.save()
    program = (
        "import sys, hashlib, pathlib\n"
        "from isaacsim_agent_ext.hosts.standalone.physics import MujocoPhysics\n"
        "from isaacsim_agent_ext.scene.compose import open_stage\n"
        "settled = MujocoPhysics().settle(open_stage(pathlib.Path(sys.argv[1])), sys.argv[2:])\n"
        "print(hashlib.sha256(b''.join(pose.tobytes() for pose in settled.poses.values())).hexdigest())\n"
    )
    here = MujocoPhysics().settle(open_stage(path), boxes)
    there = subprocess.run(
        [sys.executable, "-c", program, str(path), *boxes], capture_output=True, text=True, check=True
    )
    assert there.stdout.strip() == hashlib.sha256(b"".join(pose.tobytes() for pose in here.poses.values())).hexdigest()


def test_meshes_of_bodies_are_their_hulls(author):
    scene = author()
    scene.floor()
    body = scene.mesh("Body", [(x, y, z + 1) for x, y, z in TETRAHEDRON], *FACES, approximation="convexHull", body=True)
    settlement = settle(scene, [body])
    assert settlement.moving == ()
    assert settlement.poses[body][3, 2] + 1 == pytest.approx(0.0, abs=3e-3)  # its origin is 1 m below its points


def test_an_approximation_that_is_not_there_is_told(author):
    scene = author()
    scene.floor()
    body = scene.mesh("Body", [(x, y, z + 0.1) for x, y, z in TETRAHEDRON], *FACES, approximation="sdf", body=True)
    assert settle(scene, [body]).warnings == ("/World/Body: its convex hull stands in for the approximation sdf",)


@pytest.mark.parametrize(("friction", "slides"), [(0.1, True), (0.8, False)])
def test_friction_decides_who_slides(author, friction, slides):
    scene = author()
    ramp = [(-5, -5, -5 * 0.36), (5, -5, 5 * 0.36), (5, 5, 5 * 0.36), (-5, 5, -5 * 0.36)]  # 20 degrees
    scene.mesh("Ramp", ramp, [4], [0, 1, 2, 3])
    box = scene.box("Box", (0, 0, 0.3), size=(0.4, 0.4, 0.2))
    material = UsdShade.Material.Define(scene.stage, "/World/Material")
    UsdPhysics.MaterialAPI.Apply(material.GetPrim()).CreateDynamicFrictionAttr(friction)
    for path in ("/World/Ramp", f"{box}/Shape"):
        binding = UsdShade.MaterialBindingAPI.Apply(scene.stage.GetPrimAtPath(path))
        binding.Bind(material, UsdShade.Tokens.weakerThanDescendants, "physics")
    settlement = settle(scene, [box], SettleRule(max_steps=90))
    assert (settlement.poses[box][3, 0] < -0.5) == slides
    assert bool(settlement.moving) == slides


def test_every_shape_lies_where_its_size_says(author):
    scene = author()
    plane = UsdGeom.Plane.Define(scene.stage, "/World/Ground")
    plane.AddTranslateOp().Set(Gf.Vec3d(0, 0, 0.5))
    UsdPhysics.CollisionAPI.Apply(plane.GetPrim())
    shapes = {
        "Sphere": (UsdGeom.Sphere, {"radius": 0.2}, 0.2),
        "Capsule": (UsdGeom.Capsule, {"radius": 0.1, "height": 0.5, "axis": "X"}, 0.1),
        "Cylinder": (UsdGeom.Cylinder, {"radius": 0.3, "height": 0.4, "axis": "Z"}, 0.2),
        "Cone": (UsdGeom.Cone, {"radius": 0.3, "height": 0.4, "axis": "Z"}, 0.2),
    }
    for number, (name, (kind, values, _)) in enumerate(shapes.items()):
        shape = kind.Define(scene.stage, f"/World/{name}")
        shape.AddTranslateOp().Set(Gf.Vec3d(2.0 * number, 0, 1.0))
        for key, value in values.items():
            shape.GetPrim().GetAttribute(key).Set(value)
        for schema in (UsdPhysics.CollisionAPI, UsdPhysics.RigidBodyAPI):
            schema.Apply(shape.GetPrim())
    settlement = settle(scene, [f"/World/{name}" for name in shapes])
    for name, (*_, height) in shapes.items():
        assert settlement.poses[f"/World/{name}"][3, 2] == pytest.approx(0.5 + height, abs=4e-3), name


def test_triangles_far_away_cost_nothing(author):
    scene = author()
    grid = np.array([(x, y, 0.0) for y in range(201) for x in range(201)]) - [100, 100, 0]
    faces = [201 * y + x + corner for y in range(200) for x in range(200) for corner in (0, 1, 202, 201)]
    scene.mesh("Floor", grid, [4] * 40_000, faces)
    box = scene.box("Box", (0.5, 0.5, 0.4))
    settlement = settle(scene, [box])
    assert settlement.poses[box][3, 2] == pytest.approx(0.2, abs=3e-3)


def test_a_scene_without_anything_to_lie_on_is_told(author):
    scene = author()
    box = scene.box("Box", (0, 0, 1))
    settlement = settle(scene, [box], SettleRule(max_steps=20))
    assert any("nothing on the stage has PhysicsCollisionAPI" in text for text in settlement.warnings)
    assert settlement.moving == (box,)


def test_a_body_without_a_shape_is_refused(author):
    scene = author()
    scene.floor()
    empty = UsdGeom.Xform.Define(scene.stage, "/World/Empty")
    UsdPhysics.RigidBodyAPI.Apply(empty.GetPrim())
    with pytest.raises(SceneError, match="/World/Empty: no shape with PhysicsCollisionAPI"):
        settle(scene, ["/World/Empty"])


def test_the_stages_gravity_rules(author):
    scene = author(up_axis="Y", meters_per_unit=0.01)
    scene.floor()
    box = scene.box("Box", (0, 0, 1))
    physics = UsdPhysics.Scene.Define(scene.stage, "/World/Physics")
    physics.CreateGravityDirectionAttr(Gf.Vec3f(0, -1, 0))
    physics.CreateGravityMagnitudeAttr(162.0)  # cm/s2, as on the moon
    read = read_rigid_scene(open_stage(scene.save()), [box])
    np.testing.assert_allclose(read.gravity, [0, 0, -1.62], atol=1e-6)


def test_masses_are_read(author):
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 1), mass=7.5)
    plain = scene.box("Plain", (2, 0, 1))
    heavy, unsaid = read_rigid_scene(open_stage(scene.save()), [box, plain]).bodies
    assert (heavy.mass, unsaid.mass) == (7.5, None)


def test_without_mujoco_the_error_says_what_to_install(author, monkeypatch):
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 1))
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(DependencyError, match=r"pip install 'isaacsim-agent-ext\[physics\]'"):
        settle(scene, [box])


def test_slow_for_a_moment_is_not_at_rest():
    watch = RestWatch(["/A", "/B"], SettleRule(steady_steps=3, max_steps=100))
    slow, fast = np.zeros(2), np.array([0.0, 1.0])
    for speeds in (slow, slow, fast, slow, slow):
        watch.see(speeds, slow)
        assert not watch.ended
    assert watch.moving == ()
    watch.see(slow, slow)
    assert watch.ended


def test_a_rule_that_watches_nobody_known_is_refused():
    with pytest.raises(ValueError, match="/C, which is not among the bodies"):
        RestWatch(["/A"], SettleRule(watched=("/C",)))

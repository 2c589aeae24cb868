"""What every `Physics` has to do: the conformance test of the seam, run by both hosts."""

import numpy as np
import pytest
from pxr import Gf, UsdGeom

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.hosts.physics import SettleRule
from isaacsim_agent_ext.scene.metrics import prim_to_world, without_scale

METRICS = [{}, {"up_axis": "Y", "meters_per_unit": 0.01}]


@pytest.mark.parametrize("metrics", METRICS, ids=["metres, Z-up", "centimetres, Y-up"])
def test_a_box_falls_onto_the_floor(engine, author, metrics):
    scene = author(**metrics)
    scene.floor()
    box = scene.box("Box", (0.3, -0.2, 1.0))
    settlement = engine.settle(engine.open(scene.save()), [box])
    assert settlement.engine == engine.name
    assert settlement.warnings == settlement.moving == ()
    assert 30 < settlement.steps < 250  # falling 0.8 m takes 36 steps
    np.testing.assert_allclose(settlement.poses[box][3, :3], [0.3, -0.2, 0.2], atol=3e-3)


def test_boxes_come_to_rest_on_each_other(engine, author):
    scene = author()
    scene.floor(approximation="convexHull")
    low = scene.box("Low", (0, 0, 0.5))
    high = scene.box("High", (0.05, 0, 1.2), size=(0.3, 0.3, 0.2))
    poses = engine.settle(engine.open(scene.save()), [low, high]).poses
    assert poses[low][3, 2] == pytest.approx(0.2, abs=3e-3)
    assert poses[high][3, 2] == pytest.approx(0.5, abs=3e-3)


def test_bodies_that_are_not_named_hold_still_and_carry(engine, author):
    scene = author()
    scene.floor()
    shelf = scene.box("Shelf", (0, 0, 1.0), size=(1, 1, 0.1))
    box = scene.box("Box", (0, 0, 1.5))
    settlement = engine.settle(engine.open(scene.save()), [box])
    assert list(settlement.poses) == [box]
    assert settlement.poses[box][3, 2] == pytest.approx(1.25, abs=3e-3)
    assert shelf not in settlement.poses


@pytest.mark.parametrize("metrics", METRICS, ids=["metres, Z-up", "centimetres, Y-up"])
def test_the_stage_shows_the_poses_and_only_our_layer_says_them(engine, author, metrics):
    scene = author(**metrics)
    scene.floor()
    box = scene.box("Box", (0.3, -0.2, 1.0))
    path = scene.save()
    before = path.read_text()
    stage = engine.open(path)
    layers = {layer.identifier for layer in stage.stage.GetLayerStack()}
    settlement = engine.settle(stage, [box])
    shown, scale = without_scale(prim_to_world(stage.stage.GetPrimAtPath(box)))
    np.testing.assert_allclose(shown, settlement.poses[box], atol=1e-6)
    np.testing.assert_allclose(scale, 1.0, atol=1e-9)
    assert {layer.identifier for layer in stage.stage.GetLayerStack()} == layers
    base = next(layer for layer in stage.stage.GetLayerStack() if layer.realPath == str(path))
    assert not base.dirty
    assert base.ExportToString() == before
    assert stage.layers["props"].GetPrimAtPath(box)


def test_a_scaled_body_keeps_its_size(engine, author):
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 1.0))
    UsdGeom.Xformable(scene.stage.GetPrimAtPath(box)).AddScaleOp().Set(Gf.Vec3f(2.0, 2.0, 0.5))
    stage = engine.open(scene.save())
    settlement = engine.settle(stage, [box])
    rigid, scale = without_scale(prim_to_world(stage.stage.GetPrimAtPath(box)))
    np.testing.assert_allclose(scale, [2.0, 2.0, 0.5], atol=1e-6)
    assert rigid[3, 2] == pytest.approx(0.1, abs=3e-3)
    assert settlement.moving == ()


def test_it_ends_after_so_many_steps_in_any_case(engine, author):
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 3.0))
    settlement = engine.settle(engine.open(scene.save()), [box], SettleRule(max_steps=5))
    assert settlement.steps == 5
    assert settlement.moving == (box,)
    assert f"not at rest after 5 steps: {box}" in settlement.warnings
    assert 2.9 < settlement.poses[box][3, 2] < 3.0


def test_a_watched_body_alone_decides(engine, author):
    scene = author()
    scene.floor()
    near = scene.box("Near", (0, 0, 0.21))
    far = scene.box("Far", (2, 0, 3.0))
    settlement = engine.settle(engine.open(scene.save()), [near, far], SettleRule(watched=(near,)))
    assert settlement.moving == ()
    assert settlement.poses[far][3, 2] > 0.5


def test_the_same_stage_gives_the_same_poses(engine, author):
    scene = author()
    scene.floor()
    boxes = [scene.box(f"Box_{i}", (0.05 * i, -0.03 * i, 0.5 + 0.5 * i)) for i in range(3)]
    path = scene.save()
    first, second = (engine.settle(engine.open(path), boxes).poses for _ in range(2))
    assert [pose.tobytes() for pose in first.values()] == [pose.tobytes() for pose in second.values()]


def test_what_cannot_be_settled_is_named(engine, author):
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 1), body=False)
    stage = engine.open(scene.save())
    with pytest.raises(SceneError) as raised:
        engine.settle(stage, [box, "/World/None"])
    assert f"{box}: it is no rigid body; apply PhysicsRigidBodyAPI" in str(raised.value)
    assert "/World/None: there is no such prim" in str(raised.value)


def test_nothing_to_settle_is_nothing_done(engine, author):
    scene = author()
    scene.floor()
    settlement = engine.settle(engine.open(scene.save()), [])
    assert (settlement.steps, settlement.poses) == (0, {})


def test_a_rule_that_watches_a_stranger_is_refused(engine, author):
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 1))
    with pytest.raises(ValueError, match="/World/None, which is not among the bodies that may move"):
        engine.settle(engine.open(scene.save()), [box], SettleRule(watched=("/World/None",)))

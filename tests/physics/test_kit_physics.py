"""The app's PhysX: what it leaves behind, and what happens when it is not as expected."""

import sys

import pytest

from isaacsim_agent_ext.errors import DependencyError

from .conftest import in_app


@pytest.fixture
def drop(kit, author):
    """Return a function that drops a box in the app."""
    scene = author()
    scene.floor()
    box = scene.box("Box", (0, 0, 1))
    engine = in_app(kit)
    stage = engine.open(scene.save())
    return lambda: engine.settle(stage, [box])


def test_the_app_is_as_before_afterwards(kit, drop):
    before, end, step = dict(kit.settings.values), kit.timeline.end, kit.application.manual_step
    drop()
    kit.pump(3)
    assert kit.settings.values == before
    assert kit.timeline.state == "stopped"
    assert (kit.timeline.end, kit.timeline.looping) == (end, True)
    assert kit.application.manual_step == pytest.approx(step, abs=1e-3)
    assert kit.physics.leftovers() == []
    assert kit.replicator.captures == 0
    assert kit.blocked == []


def test_every_update_is_one_step_of_physics(kit, drop, monkeypatch):
    lengths = []
    fall = type(kit.physics)._fall
    monkeypatch.setattr(type(kit.physics), "_fall", lambda physics, dt: (lengths.append(dt), fall(physics, dt)))
    settlement = drop()
    assert len(lengths) == settlement.steps + 1
    assert lengths == pytest.approx([1 / 90] * len(lengths))


def lack_physx(kit):
    kit.extensions.disable("omni.physx")
    kit.extensions.installed.discard("omni.physx")


def lose_the_body(kit):
    nothing = {"ret_val": False, "position": (), "rotation": ()}
    kit.answer("omni.physx.IPhysx.get_rigidbody_transformation", nothing)


def answer_otherwise(kit):
    kit.fail("omni.physx.IPhysx.get_rigidbody_transformation", TypeError("expected 2 arguments"))


def refuse_to_tell_of_steps(kit):
    kit.fail("omni.physx.IPhysx.subscribe_physics_step_events", RuntimeError("the engine is Newton"))


TROUBLES = {
    "no extension omni.physx": lack_physx,
    "no step of physics in 30 updates": lambda kit: setattr(kit.physics, "stands_still", True),
    "PhysX has no body at": lose_the_body,
    "expected 2 arguments": answer_otherwise,
    "the engine is Newton": refuse_to_tell_of_steps,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_mujoco_stands_in_and_the_user_is_told(kit, drop, trouble):
    TROUBLES[trouble](kit)
    before = dict(kit.settings.values)
    settlement = drop()
    assert settlement.engine == "MuJoCo"
    assert trouble in settlement.warnings[0]
    assert settlement.poses["/World/Box"][3, 2] == pytest.approx(0.2, abs=3e-3)
    kit.pump(3)
    assert kit.timeline.state == "stopped"
    assert kit.settings.values == before
    assert any(trouble in text for text in kit.logged("warn"))


def test_without_any_engine_the_error_names_both(kit, drop, monkeypatch):
    TROUBLES["no step of physics in 30 updates"](kit)
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(DependencyError, match=r"(?s)omni.physx cannot let bodies.*MuJoCo would do instead"):
        drop()

"""Stages, NavMesh, characters, assets and physics of the double."""

import importlib
from pathlib import Path

import pytest
from pxr import Gf, Usd, UsdGeom

CONFIG = "/exts/omni.anim.navigation.core/navMesh/config"


def hall(path: Path, *, metres_per_unit: float = 1.0) -> str:
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, metres_per_unit)
    unit = 1.0 / metres_per_unit

    def mesh(name, low, high):
        shape = UsdGeom.Mesh.Define(stage, f"/World/{name}")
        corners = [
            (x, y, z)
            for z in (low[2], high[2])
            for x, y in ((low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1]))
        ]
        shape.CreatePointsAttr([Gf.Vec3f(*corner) * unit for corner in corners])
        shape.CreateFaceVertexCountsAttr([4] * 6)
        shape.CreateFaceVertexIndicesAttr([0, 3, 2, 1, 4, 5, 6, 7, 0, 1, 5, 4, 1, 2, 6, 5, 2, 3, 7, 6, 3, 0, 4, 7])

    mesh("Floor", (-4, -4, -0.1), (4, 4, 0))
    mesh("Wall", (-0.2, -4, 0), (0.2, 3, 2))
    stage.GetRootLayer().Save()
    return str(path)


@pytest.fixture
def navigation(kit):
    import omni.kit.app

    omni.kit.app.get_app().get_extension_manager().set_extension_enabled_immediate("omni.anim.navigation.core", True)
    return importlib.import_module("omni.anim.navigation.core")


def open_hall(kit, path, **options):
    import omni.usd

    assert kit.run(omni.usd.get_context().open_stage_async(hall(path, **options))) == (True, "")
    return omni.usd.get_context().get_stage()


def bake(kit, navigation):
    import omni.kit.commands
    from pxr import Sdf

    omni.kit.commands.execute("CreateNavMeshVolumeCommand", parent_prim_path=Sdf.Path("/World"), volume_type=0)
    interface = navigation.acquire_interface()
    assert interface.start_navmesh_baking()
    kit.pump_until(lambda: not interface.is_navmesh_baking(), updates=100)
    return interface


def test_stages_open_over_updates_and_say_so(kit, tmp_path):
    import carb.eventdispatcher
    import omni.usd

    context = omni.usd.get_context()
    heard = []
    names = [
        context.stage_event_name(kind) for kind in (omni.usd.StageEventType.OPENED, omni.usd.StageEventType.CLOSED)
    ]
    guards = [
        carb.eventdispatcher.get_eventdispatcher().observe_event(
            event_name=name, on_event=lambda e: heard.append(e.event_name)
        )
        for name in names
    ]
    open_hall(kit, tmp_path / "a.usda")
    assert context.get_stage_loading_status()[2] > 0
    kit.pump(10)
    assert context.get_stage_loading_status()[2] == 0
    prim = context.get_stage().GetPrimAtPath("/World/Floor")
    kit.run(context.close_stage_async())
    assert context.get_stage() is None
    assert not prim.IsValid(), "handles die with their stage"
    assert heard == names
    assert len(guards) == 2


def test_a_stage_that_is_not_there(kit):
    import omni.usd

    ok, error = kit.run(omni.usd.get_context().open_stage_async("/nowhere/stage.usd"))
    assert not ok
    assert "/nowhere/stage.usd" in error


def test_assets_that_never_load(kit, tmp_path):
    import omni.usd

    kit.stages.never_loads = True
    open_hall(kit, tmp_path / "a.usda")
    kit.pump(500)
    assert omni.usd.get_context().get_stage_loading_status()[2] > 0


@pytest.mark.parametrize("metres_per_unit", [1.0, 0.01])
def test_navmesh_leads_around_the_wall_in_stage_units(kit, navigation, tmp_path, metres_per_unit):
    import carb

    open_hall(kit, tmp_path / "a.usda", metres_per_unit=metres_per_unit)
    mesh = bake(kit, navigation).get_navmesh()
    unit = 1.0 / metres_per_unit
    path = mesh.query_shortest_path(carb.Float3(-2 * unit, 0, 0), carb.Float3(2 * unit, 0, 0))
    assert max(point.y for point in path.get_points()) > 3.0 * unit
    triangles = mesh.get_draw_triangles(0)
    assert len(triangles) % 3 == 0
    assert max(point[0] for point in triangles) == pytest.approx(4.0 * unit, abs=0.3 * unit)
    assert mesh.query_random_point() is not None


def test_navmesh_queries_differ_between_versions(kit, navigation, tmp_path):
    import carb
    import numpy as np

    open_hall(kit, tmp_path / "a.usda")
    mesh = bake(kit, navigation).get_navmesh()
    start, end = carb.Float3(-2, 0, 0), carb.Float3(-2, 1, 0)
    closest = mesh.query_closest_point(start)
    if kit.profile == "5.1":
        assert mesh.query_shortest_path(start, end, agent_radius=0.3) is not None
        assert closest.x == pytest.approx(-2, abs=0.3)
        assert not hasattr(navigation, "NavAgentDesc")
    else:
        with pytest.raises(TypeError):
            mesh.query_shortest_path(start, end, agent_radius=0.3)
        agent = navigation.NavAgentDesc(radius=0.3, height=1.8, collision_gap=0.0)
        assert mesh.query_shortest_path(start, end, agent, np.array([], np.float32), True) is not None
        assert closest[0].x == pytest.approx(-2, abs=0.3)


def test_baking_while_playing_yields_nothing(kit, navigation, tmp_path):
    import omni.timeline

    open_hall(kit, tmp_path / "a.usda")
    omni.timeline.get_timeline_interface().play()
    kit.pump()
    assert bake(kit, navigation).get_navmesh() is None


def test_baking_needs_a_volume(kit, navigation, tmp_path):
    open_hall(kit, tmp_path / "a.usda")
    assert not navigation.acquire_interface().start_navmesh_baking()


def test_navmesh_settings_are_centimetres(kit, navigation, tmp_path):
    kit.settings.set(f"{CONFIG}/agentMinRadius", 0.3)
    open_hall(kit, tmp_path / "a.usda")
    with pytest.raises(AssertionError):
        bake(kit, navigation)
    navigation.acquire_interface().cancel_navmesh_baking()


def test_agents_move_out_of_sight_of_usd(kit_60, tmp_path):
    import carb
    import omni.kit.app
    import omni.kit.commands
    import omni.timeline
    from pxr import Sdf

    manager = omni.kit.app.get_app().get_extension_manager()
    for name in ("omni.anim.navigation.core", "omni.anim.behavior.core"):
        manager.set_extension_enabled_immediate(name, True)
    import omni.anim.behavior.core as behavior
    import omni.anim.navigation.core as navigation_core

    stage = open_hall(kit_60, tmp_path / "a.usda")
    UsdGeom.Xform.Define(stage, "/World/Person").AddTranslateOp().Set(Gf.Vec3d(-2, 0, 0))
    omni.kit.commands.execute(
        "ApplyBehaviorAgentAPICommand", skelroot_prim_paths=[Sdf.Path("/World/Person")], motion_library_prim_path="/L"
    )
    system = behavior.acquire_interface()
    timeline = omni.timeline.get_timeline_interface()
    timeline.set_looping(False)
    timeline.set_end_time(1000.0)
    timeline.play()
    kit_60.pump(20)
    assert system.get_agent("/World/Person") is None, "no agents without a NavMesh"
    timeline.stop()
    kit_60.pump(2)
    bake(kit_60, navigation_core)
    timeline.play()
    kit_60.pump(10)
    agent = system.get_agent("/World/Person")
    task = agent.move_to(carb.Float3(-2, 3, 0))
    kit_60.pump(60)
    assert agent.is_task_running(task)
    assert agent.get_world_translation().y == pytest.approx(1.2, abs=0.1)
    placed = UsdGeom.Xformable(stage.GetPrimAtPath("/World/Person")).ComputeLocalToWorldTransform(0)
    assert placed.ExtractTranslation() == Gf.Vec3d(-2, 0, 0)


def test_assets_root(kit, tmp_path):
    import isaacsim.storage.native as storage

    assert kit.run(storage.get_assets_root_path_async()).endswith(f"Isaac/{kit.profile}")
    assert kit.blocked == []
    storage.get_assets_root_path()
    assert kit.blocked == ["get_assets_root_path()"]
    kit.assets.unreachable = True
    with pytest.raises(RuntimeError):
        kit.run(storage.get_assets_root_path_async())
    assert kit.run(storage.get_assets_root_path_async(skip_check=True))


def test_client_lists_what_is_served(kit, tmp_path):
    import omni.client

    (tmp_path / "Characters").mkdir()
    (tmp_path / "Characters/one.usd").write_text("#usda 1.0")
    kit.assets.served["https://assets.example"] = tmp_path
    result, entries = kit.run(omni.client.list_async("https://assets.example/Characters"))
    assert result == omni.client.Result.OK
    assert [entry.relative_path for entry in entries] == ["one.usd"]
    result, _ = kit.run(omni.client.stat_async("https://assets.example/Nobody"))
    assert result != omni.client.Result.OK


def test_physics_steps_and_rays_while_playing(kit, tmp_path):
    import omni.physx
    import omni.timeline

    open_hall(kit, tmp_path / "a.usda")
    steps = []
    subscription = omni.physx.get_physx_interface().subscribe_physics_step_events(steps.append)
    query = omni.physx.get_physx_scene_query_interface()
    assert query.raycast_closest((2, 0, 5), (0, 0, -1), 10.0) == {"hit": False}
    omni.timeline.get_timeline_interface().play()
    kit.pump(3)
    hit = query.raycast_closest((2, 0, 5), (0, 0, -1), 10.0)
    assert hit["distance"] == pytest.approx(5.0, abs=1e-3)
    assert hit["collision"] == "/World/Floor"
    assert len(steps) == 3
    assert kit.leftovers() == ["subscription to physics steps"]
    del subscription
    assert kit.leftovers() == []

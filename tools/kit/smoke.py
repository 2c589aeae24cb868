"""Try every call of this extension that may differ from version to version, in a real Isaac Sim.

Run it as ``./python.sh tools/kit/smoke.py`` and send us all it prints between the two lines of ``=``: each line says
what was tried, whether it went as we expect, and what came back. Nothing is left on disk; it takes some minutes.
It ends with 1 when something went otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

PACKAGES = {
    "yaml": "PyYAML",
    "jsonschema": "jsonschema",
    "PIL": "pillow",
    "warp": "warp-lang",
    "embreex": "embreex",
    "fpng": "fpng",
    "av": "av",
    "isaacsim_agent_recast": "isaacsim-agent-recast",
}

Check = Callable[[], Awaitable[str]]


async def versions() -> str:
    """Say what runs here."""
    import numpy
    import omni.kit.app
    from pxr import Usd

    app = omni.kit.app.get_app()
    kit = app.get_kit_version_short() if hasattr(app, "get_kit_version_short") else "?"
    python = ".".join(map(str, sys.version_info[:3]))
    return f"Kit {kit}, Python {python}, OpenUSD {Usd.GetVersion()}, NumPy {numpy.__version__}"


async def packages() -> str:
    """Say which Python packages are there."""
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec

    found = []
    for module, package in PACKAGES.items():
        try:
            number = version(package)
        except PackageNotFoundError:
            number = "of unknown version"
        found.append(f"{module} {number if find_spec(module) else 'MISSING'}")
    return ", ".join(found)


async def extensions() -> str:
    """Enable what jobs use."""
    from isaacsim_agent_ext.hosts.kit.app import enable_extension

    names = ("omni.replicator.core", "omni.anim.navigation.core", "isaacsim.storage.native", "omni.physx")
    return ", ".join([f"{name}: {await enable_extension(name)}" for name in names])


async def run_loop() -> str:
    """Step the app by hand."""
    from isaacsim_agent_ext.hosts.kit.timeline import take_loop

    loop, mode, step = take_loop(1.0 / 30.0)
    if loop is None:
        return "omni.kit.loop._loop: MISSING"
    loop.set_manual_step_size(step)
    loop.set_manual_mode(mode)
    return f"manual mode {mode}, step {step:.5f} s, get_manual_mode: {hasattr(loop, 'get_manual_mode')}"


async def settings() -> str:
    """Change a setting that is not there for a while."""
    from isaacsim_agent_ext.hosts.kit.settings import overridden, read_setting

    path = "/exts/isaacsim_agent_ext/smoke"
    with overridden({path: True}):
        during = read_setting(path)
    if (during, read_setting(path)) != (True, None):
        raise RuntimeError(f"it was {during!r} meanwhile and is {read_setting(path)!r} afterwards")
    return "set and gone again"


async def timeline() -> str:
    """Play ten steps of the timeline."""
    import omni.timeline

    from isaacsim_agent_ext.hosts.kit.app import next_updates
    from isaacsim_agent_ext.hosts.kit.timeline import playing

    timeline = omni.timeline.get_timeline_interface()
    before = timeline.get_start_time(), timeline.get_end_time(), timeline.is_looping()
    async with playing(1.0):
        await next_updates()
        first = timeline.get_current_time()
        await next_updates(10)
        passed = timeline.get_current_time() - first
    after = timeline.get_start_time(), timeline.get_end_time(), timeline.is_looping()
    if before != after or abs(passed - 10 / 30) > 1e-3:
        raise RuntimeError(f"ten steps took {passed:.4f} s of 0.3333; start, end, looping {before} became {after}")
    return f"ten steps take {passed:.4f} s; start, end, looping {after}"


async def notification() -> str:
    """Show a notification, where there is a window."""
    from isaacsim_agent_ext.hosts.kit.app import tell

    tell("isaacsim_agent_ext: the smoke script is at work")
    return "shown, if there is a window"


async def events() -> str:
    """Send an event to ourselves."""
    from isaacsim_agent_ext.hosts.kit.events import KitEventBus

    heard: list[Any] = []
    bus = KitEventBus()
    guard = bus.observe("isaacsim_agent_ext.smoke", heard.append)
    bus.dispatch("isaacsim_agent_ext.smoke", {"prim_path": "/World", "frame": 1, "cameras": ["/A"], "output_dirs": {}})
    guard.reset()
    return f"heard {heard}"


async def assets_root() -> str:
    """Ask for the assets root."""
    from isaacsim_agent_ext.hosts.kit.assets import open_assets

    assets = await open_assets(None, None, 30.0)
    people = await assets.characters("Isaac/People/Characters")
    return f"root {assets.root}, {len(people)} characters, warnings {assets.warnings}, first {next(iter(people), None)}"


async def stage() -> str:
    """Open the stand-in warehouse."""
    overlay = await open_warehouse()
    count = sum(1 for _ in overlay.composed.stage.Traverse())
    warnings = overlay.composed.warnings
    overlay.lift_off()
    return f"{count} prims, warnings {warnings}"


async def open_warehouse() -> Any:
    """Open the stand-in warehouse with our layers over it."""
    from isaacsim_agent_ext.hosts.kit.stage import open_stage
    from isaacsim_agent_ext.resources import asset_pack_root

    return await open_stage(str(asset_pack_root() / WAREHOUSE), [], seconds=300.0)


async def navmesh() -> str:
    """Bake the app's NavMesh, and say what each call gives back."""
    import omni.anim.navigation.core as navigation

    from isaacsim_agent_ext.hosts.kit import navmesh as ours
    from isaacsim_agent_ext.hosts.kit.settings import read_setting
    from isaacsim_agent_ext.scene.reader import read_snapshot

    overlay = await open_warehouse()
    static, _ = read_snapshot(overlay.composed)
    try:
        floors = ours.Floors(overlay.composed, static, seconds=300.0)
        floor = await floors.for_people()
    finally:
        overlay.lift_off()
    if floors.warnings:
        raise RuntimeError(floors.warnings[0])
    interface = navigation.acquire_interface()
    names = [ours._area_name(interface, area) for area in range(interface.get_area_count())]
    config = {name: read_setting(f"{ours._CONFIG}{name}") for name in ("agentMinRadius", "agentMinHeight")}
    return (
        f"{len(floor.triangles())} triangles, areas {names}, {config}, "
        f"get_area_name {hasattr(interface, 'get_area_name')}, NavAgentDesc {hasattr(navigation, 'NavAgentDesc')}"
    )


async def physics() -> str:
    """Drop a box with the app's PhysX."""
    from pxr import Gf, UsdGeom, UsdPhysics

    from isaacsim_agent_ext.hosts.kit.physics import KitPhysics

    overlay = await open_warehouse()
    try:
        with overlay.composed.editing("props") as stage:
            floor = UsdGeom.Cube.Define(stage, "/World/SmokeFloor")
            floor.AddTranslateOp().Set(Gf.Vec3d(50, 50, 19))
            box = UsdGeom.Cube.Define(stage, "/World/SmokeBox")
            box.AddTranslateOp().Set(Gf.Vec3d(50, 50, 22))
            for shape in (floor, box):
                UsdPhysics.CollisionAPI.Apply(shape.GetPrim())
            UsdPhysics.RigidBodyAPI.Apply(box.GetPrim())
        settlement = await KitPhysics().settle(overlay.composed, ["/World/SmokeBox"])
    finally:
        overlay.lift_off()
    height = settlement.poses["/World/SmokeBox"][3, 2]
    if settlement.engine != "PhysX" or abs(height - 21.0) > 0.02:
        raise RuntimeError(
            f"{settlement.engine}, {settlement.steps} steps, at {height:.4f} m instead of 21: {settlement}"
        )
    return f"at rest at {height:.4f} m after {settlement.steps} steps"


async def annotators() -> str:
    """Capture one picture with every annotator and describe what each gives back, before we tidy it."""
    import numpy as np

    from isaacsim_agent_ext.capture.capture import ANNOTATORS
    from isaacsim_agent_ext.capture.frame import AnnotatorRequest
    from isaacsim_agent_ext.hosts.kit.annotators import OURS
    from isaacsim_agent_ext.hosts.kit.app import next_updates
    from isaacsim_agent_ext.hosts.kit.capture import KitCapture
    from isaacsim_agent_ext.scene.cameras import add_camera
    from isaacsim_agent_ext.scene.reader import read_snapshot
    from isaacsim_agent_ext.sensors.camera import CameraView
    from isaacsim_agent_ext.sensors.look_at import look_at

    overlay = await open_warehouse()
    snapshot, _ = read_snapshot(overlay.composed)
    pose = look_at(np.array([4.0, -4.0, 3.0]), np.array([0.0, 0.0, 0.5]))
    camera = CameraView(prim_path="/World/SmokeCamera", transform=pose, resolution=(320, 240), focal_length=18.0)
    add_camera(overlay.composed, camera)
    requests = [AnnotatorRequest(name=name) for name in ANNOTATORS if name not in OURS]
    capture = KitCapture(snapshot, [camera], {"smoke": requests}, to_world=overlay.composed.to_world)
    lines = []
    try:
        await next_updates(30)
        await capture.step()
        for request, annotator in capture.attached(camera.prim_path).items():
            lines.append(f"    {request.name}: {describe(annotator.get_data())}")
    finally:
        capture.close()
        overlay.lift_off()
    return "\n" + "\n".join(lines)


def describe(value: Any) -> str:
    """Return the shape of nested data in a few words."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {describe(item)}" for key, item in list(value.items())[:12]) + "}"
    if hasattr(value, "dtype"):
        return f"{value.dtype}{list(value.shape)}"
    return f"{type(value).__name__} {value!r:.60}"


async def writers() -> str:
    """Register our writers with Replicator and take them out again."""
    import omni.replicator.core as rep

    from isaacsim_agent_ext.hosts.kit.replicator_writers import RegisteredWriters

    registered = RegisteredWriters()
    registered.register()
    there = sorted(map(str, rep.WriterRegistry.get_writers()))
    registered.unregister()
    left = sorted(set(there) - set(map(str, rep.WriterRegistry.get_writers())))
    return f"{there}; ours: {left}"


async def our_animation() -> str:
    """Record a second of two people of the assets root, animated by us."""
    return await record("skeleton")


async def the_apps_animation() -> str:
    """The same with people whom the app animates; before Isaac Sim 6.0 a warning says that it cannot."""
    return await record("behavior")


async def record(animation: str) -> str:
    """Record a second with the setting ``character_animation``, and throw the data away."""
    from isaacsim_agent_ext import api
    from isaacsim_agent_ext.hosts.kit.settings import ROOT, overridden
    from isaacsim_agent_ext.resources import asset_pack_root

    with tempfile.TemporaryDirectory() as folder, overridden({f"{ROOT}character_animation": animation}):
        config = Path(folder) / "smoke.yaml"
        stage, output = asset_pack_root() / WAREHOUSE, Path(folder) / "data"
        config.write_text(JOB.format(stage=json.dumps(str(stage)), output=json.dumps(str(output))))
        done = api.load_config_file(config) and await api.start_data_generation_async()
        progress = api.get_progress()
        if not done or progress.report is None:
            raise RuntimeError(f"{progress.phase}: {api.get_last_error()}")
        return f"{progress.report.frames} frames, warnings {list(progress.warnings)}"


async def gizmos() -> str:
    """Say which of the settings for debug drawings exist."""
    from isaacsim_agent_ext.hosts.kit.gizmos import SHOWN
    from isaacsim_agent_ext.hosts.kit.settings import read_setting

    return ", ".join(f"{path}={read_setting(path)!r}" for path in SHOWN)


CHECKS: tuple[Check, ...] = (
    versions,
    packages,
    extensions,
    settings,
    run_loop,
    timeline,
    notification,
    events,
    assets_root,
    stage,
    navmesh,
    physics,
    writers,
    gizmos,
    annotators,
    our_animation,
    the_apps_animation,
)
JOB = """
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 1
  simulation_duration: 1
  environment: {{base_stage_asset_path: {stage}}}
  character:
    groups:
      smoke:
        num: 2
        asset_path: Isaac/People/Characters/
        routines: [{{wander: {{walk: {{distance_range: [2, 4]}}}}}}]
  sensor:
    groups:
      smoke:
        num: 1
        aim_at_targets: {{height_range: [2.5, 3], distance_range: [4, 6], look_down_angle_range: [5, 60]}}
  replicator:
    render_product_resolution: [320, 240]
    writers:
      IRABasicWriter: {{output_dir: {output}, start_frame: 0, rgb: true, agent_info_skeleton_data: false}}
"""
WAREHOUSE = "Isaac/Environments/Simple_Warehouse/warehouse.usd"


async def run_checks() -> int:
    """Run all of them, whatever fails, and return how many did."""
    failed = 0
    print("=" * 100)
    for check in CHECKS:
        try:
            print(f"ok     {check.__name__}: {await check()}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED {check.__name__}:\n{traceback.format_exc()}", flush=True)
    print("=" * 100)
    return failed


def main(arguments: Sequence[str] = ()) -> int:
    """Start the app, run the checks, and return 1 when any failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--behavior", action="store_true", help="load Isaac Sim 6.0's animation of people with the app")
    options = parser.parse_args(arguments)

    from isaacsim import SimulationApp

    folder = Path(__file__).resolve().parents[2]
    extensions = ["--enable", "omni.anim.behavior.core"] if options.behavior else []
    app = SimulationApp({"headless": True, "extra_args": ["--ext-folder", str(folder.parent), *extensions]})
    import omni.kit.app
    from omni.kit.async_engine import run_coroutine

    manager = omni.kit.app.get_app().get_extension_manager()
    enabled = manager.set_extension_enabled_immediate("isaacsim_agent_ext", True)
    print(f"isaacsim_agent_ext enabled: {enabled}")
    task = run_coroutine(run_checks())
    while not task.done():
        app.update()
    failed = task.result()
    sys.stdout.flush()
    if failed:
        os._exit(1)  # the app's own close ends the process with 0 in Isaac Sim 5.1
    app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

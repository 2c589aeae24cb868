"""Where people can walk: the app's own NavMesh, else ours.

Of ``omni.anim.navigation`` only the triangles are used: its queries take other arguments in every version, and those of
`isaacsim_agent_ext.hosts.kit.triangle_floor` answer alike everywhere. The mesh is baked before anybody is added, so
nobody has to be excluded from it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import carb
import carb.settings
import numpy as np

from isaacsim_agent_ext.errors import DependencyError, NavMeshError
from isaacsim_agent_ext.hosts.kit.app import enable_extension, next_updates, until, within
from isaacsim_agent_ext.hosts.kit.settings import overridden
from isaacsim_agent_ext.hosts.kit.stage import stop_timeline
from isaacsim_agent_ext.hosts.kit.triangle_floor import TriangleFloor
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings
from isaacsim_agent_ext.resources import cache_dir
from isaacsim_agent_ext.scene.compose import ComposedStage, define_xform, place
from isaacsim_agent_ext.scene.navigation_volumes import VOLUME_TYPE, read_volumes
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

EXTENSION = "omni.anim.navigation.core"
VOLUME_PATH = "/World/AgentNavMeshVolume"

_CONFIG = f"/exts/{EXTENSION}/navMesh/config/"
_MARGIN = 1.0
_STARTING_UPDATES = 5
_SETTLING_UPDATES = 5
_LARGEST_IN_METRES = 3.0
"""Agent radii above this are taken to be centimetres."""
_FIRST_AREAS = ("Walkable", "NotWalkable")


async def navigable_floor(
    stage: ComposedStage, static: SceneSnapshot, *, seconds: float
) -> tuple[NavMesh, tuple[str, ...]]:
    """Return the surface people can walk on, and what the user should know about it.

    Args:
        stage: The app's stage, without people.
        static: What stands on it.
        seconds: How long the app may take to bake [s].

    Raises:
        NavMeshError: Neither the app nor we find a walkable floor.
    """
    try:
        return await _kit_floor(stage, static, seconds), ()
    except NavMeshError as error:
        reason = str(error)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        reason = f"{EXTENSION} answers otherwise than expected ({error!r})"
    carb.log_warn(f"isaacsim_agent_ext: {reason}; baking our own NavMesh")
    volumes = read_volumes(stage)
    work = asyncio.get_running_loop().run_in_executor(
        None, lambda: bake(static, volumes=volumes, cache_dir=cache_dir() / "navmesh")
    )
    try:
        floor = await within(work, seconds, "our own NavMesh to bake", error=NavMeshError)
    except DependencyError as error:
        raise NavMeshError(
            f"{reason}. Our own NavMesh would do instead, but cannot be baked either: {error}"
        ) from error
    return floor, (f"{reason}; our own NavMesh is used instead",)


async def _kit_floor(stage: ComposedStage, static: SceneSnapshot, seconds: float) -> TriangleFloor:
    """Bake with the app.

    Raises:
        NavMeshError: It cannot, or finds no floor; the message says why as the beginning of a sentence.
    """
    if not await enable_extension(EXTENSION):
        raise NavMeshError(f"this app has no extension {EXTENSION}")
    try:
        import omni.anim.navigation.core as navigation
    except ImportError as error:
        raise NavMeshError(f"{EXTENSION} cannot be imported ({error})") from error
    await stop_timeline()  # a bake while playing succeeds and leaves no mesh
    if not any(prim.GetTypeName() == VOLUME_TYPE for prim in stage.stage.Traverse()):
        _add_volume(stage, static)
        await next_updates(2)
    interface = navigation.acquire_interface()
    with overridden(_agent_settings(), only_existing=True):
        if not interface.start_navmesh_baking():
            raise NavMeshError("the app refuses to bake a NavMesh")
        await next_updates(_STARTING_UPDATES)
        try:
            await until(
                lambda: not interface.is_navmesh_baking(),
                seconds,
                "the app's NavMesh to bake",
                advice="the scene may be too large; raise /exts/isaacsim_agent_ext/navmesh_timeout",
                error=NavMeshError,
            )
        except NavMeshError:
            interface.cancel_navmesh_baking()
            raise
    await next_updates(_SETTLING_UPDATES)
    mesh = interface.get_navmesh()
    if mesh is None:
        raise NavMeshError("the app baked, but has no NavMesh: nothing walkable lies in its NavMesh volumes")
    triangles, names = _triangles(interface, mesh)
    if not len(triangles):
        raise NavMeshError("the app's NavMesh is empty: nothing walkable lies in its NavMesh volumes")
    in_metres = triangles @ stage.to_world[:3, :3] + stage.to_world[3, :3]
    return TriangleFloor(in_metres, names)


def _add_volume(stage: ComposedStage, static: SceneSnapshot) -> None:
    """Add a volume around everything that counts for navigation; a new one would be some metres wide only."""
    lower, upper = np.full(3, np.inf), np.full(3, -np.inf)
    for instance in static.instances:
        if instance.navigation and not instance.moving:
            points = static.meshes[instance.mesh].points
            box = np.array([points.min(axis=0), points.max(axis=0)], np.float64)
            corners = np.array([[box[i, 0], box[j, 1], box[k, 2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
            world = corners @ instance.transform[:3, :3] + instance.transform[3, :3]
            lower, upper = np.minimum(lower, world.min(axis=0)), np.maximum(upper, world.max(axis=0))
    if not np.isfinite(lower).all():
        raise NavMeshError("the stage has no geometry to walk on")
    size = upper - lower + 2 * _MARGIN
    matrix = np.diag([*size, 1.0])
    matrix[3, :3] = (lower + upper) / 2
    with stage.editing("props") as usd:
        place(define_xform(usd, VOLUME_PATH), matrix @ np.linalg.inv(stage.to_world))
        usd.DefinePrim(f"{VOLUME_PATH}/Volume", VOLUME_TYPE)


def _agent_settings() -> dict[str, Any]:
    """Return the walker's settings in the unit that the app's own are in: centimetres, or metres in old versions."""
    radius = carb.settings.get_settings().get(_CONFIG + "agentMinRadius")
    if not isinstance(radius, int | float) or isinstance(radius, bool):
        return {}
    unit = 100.0 if radius > _LARGEST_IN_METRES else 1.0
    ours = NavMeshSettings().agent_radius * unit
    return {
        _CONFIG + "agentMinRadius": type(radius)(round(ours, 3)),
        _CONFIG + "autoRebakeOnChanges": False,
    }


def _triangles(interface: Any, mesh: Any) -> tuple[np.ndarray, list[str]]:
    """Return the corners ``(n, 3, 3)`` in stage units, and the name of each triangle's area."""
    parts, names = [], []
    for area in range(interface.get_area_count()):
        name = _area_name(interface, area)
        if name == _FIRST_AREAS[1]:
            continue
        points = mesh.get_draw_triangles(area)
        corners = np.array([[point[0], point[1], point[2]] for point in points], np.float64).reshape(-1, 3, 3)
        parts.append(corners)
        names += [name] * len(corners)
    return (np.concatenate(parts) if parts else np.zeros((0, 3, 3))), names


def _area_name(interface: Any, area: int) -> str:
    if hasattr(interface, "get_area_name"):
        name = str(interface.get_area_name(area) or "")
        if name:
            return name
    return _FIRST_AREAS[area] if area < len(_FIRST_AREAS) else f"Area {area}"

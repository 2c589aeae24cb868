"""Where people can walk and robots drive: the app's own NavMesh, else ours.

Of ``omni.anim.navigation`` only the triangles are used: its queries take other arguments in every version, and those of
`isaacsim_agent_ext.hosts.kit.triangle_floor` answer alike everywhere. The mesh is baked before anybody is added, so
nobody has to be excluded from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import carb
import carb.settings
import numpy as np

from isaacsim_agent_ext.config.model import RobotGroup
from isaacsim_agent_ext.errors import DependencyError, NavMeshError
from isaacsim_agent_ext.hosts.kit.app import enable_extension, next_updates, until, within
from isaacsim_agent_ext.hosts.kit.settings import overridden
from isaacsim_agent_ext.hosts.kit.stage import stop_timeline
from isaacsim_agent_ext.hosts.kit.triangle_floor import TriangleFloor
from isaacsim_agent_ext.hosts.robots import needing_room, robot_floor_settings
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings
from isaacsim_agent_ext.resources import cache_dir
from isaacsim_agent_ext.robots.spawn import floor_radius
from isaacsim_agent_ext.scene.compose import ComposedStage, define_xform, place
from isaacsim_agent_ext.scene.navigation_volumes import VOLUME_TYPE, read_volumes
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

EXTENSION = "omni.anim.navigation.core"
VOLUME_PATH = "/World/AgentNavMeshVolume"

_CONFIG = f"/exts/{EXTENSION}/navMesh/config/"
_MARGIN = 1.0
_STARTING_UPDATES = 5
_SETTLING_UPDATES = 5
_REPLACING_UPDATES = 60
_LARGEST_IN_METRES = 3.0
"""Agent radii above this are taken to be centimetres."""
_UNEXPECTED = (AttributeError, TypeError, ValueError, RuntimeError)
"""What a version that differs from those we know may raise."""
_FIRST_AREAS = ("Walkable", "NotWalkable")
_LARGEST_RADIUS = "agentMaxRadius"
_RADII = ("agentMinRadius", "agentRadius", _LARGEST_RADIUS)
"""Settings of the agent's size, under the names of different versions."""


class Floors:
    """The surfaces of a stage: baked by the app as long as it does as it is asked, else by us.

    Attributes:
        warnings: What the user should know about them.
    """

    def __init__(self, stage: ComposedStage, static: SceneSnapshot, *, seconds: float):
        """Bake nothing yet.

        Args:
            stage: The app's stage, without anybody on it.
            static: What stands on it.
            seconds: How long a bake may take [s].
        """
        self._stage = stage
        self._static = static
        self._seconds = seconds
        self._people: NavMesh | None = None
        self._reason = ""  # why the app's NavMesh is not used
        self._triangles: np.ndarray | None = None
        self.warnings: tuple[str, ...] = ()

    async def for_people(self) -> NavMesh:
        """Return the surface people can walk on.

        Raises:
            NavMeshError: Neither the app nor we find a walkable floor.
        """
        settings = NavMeshSettings()
        self._people = await self._bake_in_app(settings.agent_radius)
        if self._people is None:
            self.warnings = (f"{self._reason}; our own NavMesh is used instead",)
            self._people = await self._bake_ours(settings)
        return self._people

    async def for_robots(self, groups: Sequence[RobotGroup]) -> dict[str, NavMesh]:
        """Return where the robots of each group can drive, by the group's name; ask for that of the people first.

        Raises:
            NavMeshError: There is no floor wide enough for a group.
        """
        assert self._people is not None
        people_radius = NavMeshSettings().agent_radius
        by_radius = {people_radius: self._people}
        floors = {}
        for group in groups:
            radius = floor_radius(group)
            if radius not in by_radius:
                with needing_room(group):
                    floor = None if self._reason else await self._bake_in_app(radius)
                    if floor is None and not self.warnings:
                        self.warnings = (f"{self._reason}; robots drive on our own NavMesh",)
                    by_radius[radius] = floor or await self._bake_ours(robot_floor_settings(radius))
            floors[group.name] = by_radius[radius]
        if not self._reason and len(by_radius) > 1:
            await self._leave_to_people()
        return floors

    async def _bake_in_app(self, radius: float) -> NavMesh | None:
        """Return the app's NavMesh for a radius [m], or None, and remember why."""
        try:
            triangles, names = await _kit_triangles(self._stage, self._static, radius, self._seconds, self._triangles)
            if self._triangles is not None and np.array_equal(triangles, self._triangles):
                raise NavMeshError("the app bakes the same NavMesh whatever the agent's radius is")
            self._triangles = triangles
            in_metres = triangles @ self._stage.to_world[:3, :3] + self._stage.to_world[3, :3]
            return await self._in_thread(lambda: TriangleFloor(in_metres, names), "the app's NavMesh to be read")
        except NavMeshError as error:
            self._reason = str(error)
        except _UNEXPECTED as error:
            self._reason = f"{EXTENSION} answers otherwise than expected ({error!r})"
        carb.log_warn(f"isaacsim_agent_ext: {self._reason}; baking our own NavMesh")
        return None

    async def _leave_to_people(self) -> None:
        """Bake once more for people: what others ask the app for is their way, not that of robots."""
        try:
            radius = NavMeshSettings().agent_radius
            await _kit_triangles(self._stage, self._static, radius, self._seconds, self._triangles)
        except (NavMeshError, *_UNEXPECTED) as error:
            carb.log_warn(f"isaacsim_agent_ext: the app's NavMesh stays that of robots ({error})")

    async def _bake_ours(self, settings: NavMeshSettings) -> NavMesh:
        volumes = read_volumes(self._stage)
        try:
            return await self._in_thread(
                lambda: bake(self._static, volumes, settings=settings, cache_dir=cache_dir() / "navmesh"),
                "our own NavMesh to bake",
            )
        except DependencyError as error:
            raise NavMeshError(
                f"{self._reason}. Our own NavMesh would do instead, but cannot be baked either: {error}"
            ) from error

    async def _in_thread(self, work: Callable[[], NavMesh], what: str) -> NavMesh:
        job = asyncio.get_running_loop().run_in_executor(None, work)
        return await within(job, self._seconds, what, error=NavMeshError)


async def _kit_triangles(
    stage: ComposedStage, static: SceneSnapshot, radius: float, seconds: float, last: np.ndarray | None
) -> tuple[np.ndarray, list[str]]:
    """Bake with the app.

    Args:
        stage: The app's stage.
        static: What stands on it.
        radius: Distance kept from walls [m].
        seconds: How long it may take [s].
        last: What the last bake gave, which the app may keep until a new one replaces it.

    Returns:
        The corners ``(n, 3, 3)`` in stage units, and the name of each triangle's area.

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
    with overridden(_agent_settings(radius), only_existing=True):
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
    for _ in range(_REPLACING_UPDATES):
        mesh = interface.get_navmesh()
        if mesh is None:
            raise NavMeshError("the app baked, but has no NavMesh: nothing walkable lies in its NavMesh volumes")
        triangles, names = _triangles(interface, mesh)
        if last is None or not np.array_equal(triangles, last):
            break
        await next_updates()
    if not len(triangles):
        raise NavMeshError("the app's NavMesh is empty: nothing walkable lies in its NavMesh volumes")
    return triangles, names


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


def _agent_settings(radius: float) -> dict[str, Any]:
    """Return the walker's settings in the unit that the app's own are in: centimetres, or metres in old versions."""
    settings = carb.settings.get_settings()
    found = {name: settings.get(_CONFIG + name) for name in _RADII}
    there = {
        name: value for name, value in found.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }
    if not there:
        return {}
    unit = 100.0 if max(there.values()) > _LARGEST_IN_METRES else 1.0
    ours = {
        _CONFIG + name: type(value)(round(radius * unit, 3))
        for name, value in there.items()
        if name != _LARGEST_RADIUS or value < radius * unit
    }
    return {**ours, _CONFIG + "autoRebakeOnChanges": False}


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

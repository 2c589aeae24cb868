"""omni.anim.navigation.core: a NavMesh on a grid, baked over several updates, in the stage's units."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

CONFIG = "/exts/omni.anim.navigation.core/navMesh/config"
CELL = 0.25  # [m]
STEP = 0.3  # higher than this is an obstacle, lower is floor [m]
STREAM = "omni.anim.navigation"
AREAS = ("Walkable", "NotWalkable")


class Navigation:
    """Baking, and its result.

    Attributes:
        bake_updates: Updates a bake takes.
        never_bakes: A bake starts and never ends.
        bakes_empty: Bakes end without a NavMesh.
        bakes: Bakes started so far.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.bake_updates = 5
        self.never_bakes = False
        self.bakes_empty = False
        self.bakes = 0
        self.left = 0
        self.navmesh: Any = None
        self._while_playing = False

    def start(self) -> bool:
        """Begin to bake; playing spoils it, in silence."""
        if self._kit.stages.stage is None or not self._volumes():
            return False
        self.bakes += 1
        self._while_playing = self._kit.timeline.playing
        radius = self._kit.settings.get(f"{CONFIG}/agentMinRadius") or 20.0
        too_fine = radius < 2.0  # metres where centimetres belong: a hundred times finer
        self.left = self.bake_updates * (10_000 if too_fine else 1)
        return True

    def update(self) -> None:
        """Bake a little."""
        if self.left and not self.never_bakes:
            self.left -= 1
            if not self.left:
                self.finish()

    def finish(self) -> bool:
        """Finish baking now."""
        self.left = 0
        grid = None
        if not self._while_playing and not self._kit.timeline.playing and not self.bakes_empty:
            grid = bake(self._kit)
        self.navmesh = self._kit.make("omni.anim.navigation.core.INavMesh", grid) if grid is not None else None
        if self._kit.profile == "6.0":
            name = "omni.anim.navigation.core.GLOBAL_EVENT_NAVMESH_UPDATED"
            self._kit.events.dispatch(name, {"status": self.navmesh is not None})
        else:
            self._kit.events.push(STREAM)
        return grid is not None

    def forget_stage(self) -> None:
        """Drop the NavMesh with its stage."""
        self.left, self.navmesh = 0, None

    def _volumes(self) -> list[Any]:
        return [prim for prim in self._kit.stages.stage.Traverse() if prim.GetTypeName() == "NavMeshVolume"]


@dataclass(frozen=True, eq=False)
class Grid:
    """Walkable cells.

    Attributes:
        origin: Corner of cell (0, 0), in the plane of the floor, in stage units.
        cell: Cell size, in stage units.
        free: Which cells can be walked ``(columns, rows)``.
        height: Height of the floor per cell.
        plane: Axes of the floor, and the axis that points up.
    """

    origin: np.ndarray
    cell: float
    free: np.ndarray
    height: np.ndarray
    plane: tuple[int, int, int]

    def point(self, cell: tuple[int, int]) -> np.ndarray:
        """Return the centre of a cell."""
        a, b, up = self.plane
        point = np.zeros(3)
        point[[a, b]] = self.origin + (np.array(cell) + 0.5) * self.cell
        point[up] = self.height[cell]
        return point

    def nearest(self, target: Any) -> tuple[int, int] | None:
        """Return the walkable cell nearest to a point."""
        cells = np.argwhere(self.free)
        if not len(cells):
            return None
        a, b, _ = self.plane
        where = (np.array([target[a], target[b]], float) - self.origin) / self.cell - 0.5
        best = cells[np.argmin(np.sum((cells - where) ** 2, axis=1))]
        return int(best[0]), int(best[1])

    def path(self, start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]] | None:
        """Return the cells of a shortest way, or None."""
        best = {start: 0.0}
        came: dict[tuple[int, int], tuple[int, int]] = {}
        queue = [(0.0, start)]
        while queue:
            cost, cell = heapq.heappop(queue)
            if cell == end:
                way = [cell]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if cost > best[cell]:
                continue
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
                x, y = cell[0] + dx, cell[1] + dy
                inside = 0 <= x < self.free.shape[0] and 0 <= y < self.free.shape[1]
                if inside and self.free[x, y] and self.free[x, cell[1]] and self.free[cell[0], y]:
                    reached = cost + (2**0.5 if dx and dy else 1.0)
                    if reached < best.get((x, y), np.inf):
                        best[x, y] = reached
                        came[x, y] = cell
                        heapq.heappush(queue, (reached, (x, y)))
        return None


def bake(kit: Kit) -> Grid | None:
    """Bake the meshes within the include volumes; other shapes do not count."""
    from pxr import Usd, UsdGeom

    stage = kit.stages.stage
    metre = 1.0 / UsdGeom.GetStageMetersPerUnit(stage)
    plane = (0, 2, 1) if UsdGeom.GetStageUpAxis(stage) == "Y" else (0, 1, 2)
    a, b, up = plane
    bounds = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default", "render"], useExtentsHint=False)
    volumes: dict[bool, list[Any]] = {False: [], True: []}
    boxes = []
    for prim in Usd.PrimRange.Stage(stage, Usd.TraverseInstanceProxies()):
        if prim.GetTypeName() == "NavMeshVolume":
            world = _volume_transform(prim)
            corners = np.array(
                [world.Transform((x, y, z)) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
            )
            kind = prim.GetAttribute("omni:navmesh:volume:type").Get()
            volumes[kind == "Exclude"].append((corners.min(0), corners.max(0)))
        elif prim.IsA(UsdGeom.Mesh) and not _excluded(prim):
            box = bounds.ComputeWorldBound(prim).ComputeAlignedRange()
            if not box.IsEmpty():
                boxes.append((np.array(box.GetMin()), np.array(box.GetMax())))
    floors = [box for box in boxes if (box[1] - box[0])[up] <= STEP * metre and (box[1] - box[0])[[a, b]].min() > metre]
    if not floors or not volumes[False]:
        return None
    low = np.min([box[0] for box in floors], axis=0)[[a, b]]
    high = np.max([box[1] for box in floors], axis=0)[[a, b]]
    cell = CELL * metre
    size = np.maximum(1, np.floor((high - low) / cell).astype(int))
    centres = np.stack(
        np.meshgrid(*[low[i] + (np.arange(size[i]) + 0.5) * cell for i in (0, 1)], indexing="ij"), axis=-1
    )
    free = np.zeros(size, bool)
    height = np.zeros(size)

    def within(box: tuple[np.ndarray, np.ndarray], margin: float = 0.0) -> np.ndarray:
        return ((centres >= box[0][[a, b]] - margin) & (centres <= box[1][[a, b]] + margin)).all(axis=-1)

    for box in floors:
        inside = within(box)
        free |= inside
        height[inside] = box[1][up]
    margin = float(kit.settings.get(f"{CONFIG}/agentMinRadius") or 20.0) / 100.0 * metre
    for box in boxes:
        if (box[1] - box[0])[up] > STEP * metre and box[0][up] < height.max() + 2 * metre:
            free &= ~within(box, margin)
    included = np.zeros(size, bool)
    for box in volumes[False]:
        included |= within(box)
    for box in volumes[True]:
        included &= ~within(box)
    free &= included
    return Grid(low, cell, free, height, plane) if free.any() else None


def _volume_transform(prim: Any) -> Any:
    """Return where a volume is; this OpenUSD does not know its type, so it does not count as transformable."""
    from pxr import Gf, UsdGeom

    matrix = Gf.Matrix4d(1.0)
    for name in reversed(prim.GetAttribute("xformOpOrder").Get() or ()):
        matrix *= UsdGeom.XformOp(prim.GetAttribute(name)).GetOpTransform(0)
    return matrix * UsdGeom.XformCache().GetLocalToWorldTransform(prim.GetParent())


def _excluded(prim: Any) -> bool:
    while prim and not prim.IsPseudoRoot():
        if "NavMeshExcludeAPI" in prim.GetAppliedSchemas():
            return True
        prim = prim.GetParent()
    return False


@emulate("omni.anim.navigation.core.acquire_interface")
def acquire_interface(kit: Kit) -> Any:
    return kit.one("omni.anim.navigation.core.INavigation")


@emulate("omni.anim.navigation.core.INavigation")
class INavigation:
    _kit: Kit

    def start_navmesh_baking(self) -> bool:
        return self._kit.navigation.start()

    def start_navmesh_baking_and_wait(self) -> bool:
        self._kit.blocks("start_navmesh_baking_and_wait()")
        if not self._kit.navigation.start():
            return False
        if self._kit.navigation.never_bakes:
            self._kit.violations.append("start_navmesh_baking_and_wait() never returns")
            raise RuntimeError("the application stands still in start_navmesh_baking_and_wait()")
        self._kit.navigation.finish()
        return True

    def is_navmesh_baking(self) -> bool:
        return self._kit.navigation.left > 0

    def cancel_navmesh_baking(self) -> None:
        self._kit.navigation.left = 0

    def get_navmesh(self) -> Any:
        return self._kit.navigation.navmesh

    def get_area_count(self) -> int:
        return len(AREAS)

    def create_area(self) -> int:
        return len(AREAS)

    def destroy_area(self, i: int) -> None:
        pass

    def get_area_name(self, i: int) -> str:
        return AREAS[i]

    def find_area(self, name: str) -> int:
        return AREAS.index(name) if name in AREAS else -1

    def get_navmesh_event_stream(self) -> Any:
        return self._kit.events.stream(STREAM)

    def clear_cache_dir(self) -> None:
        pass

    def get_cache_dir(self) -> str:
        return "/tmp/kit/navmesh"


@emulate("omni.anim.navigation.core.NavAgentDesc")
class NavAgentDesc:
    def __init__(self, *, radius: float = 0.0, height: float = 0.0, collision_gap: float = 0.0):
        self.radius, self.height, self.collision_gap = radius, height, collision_gap


@emulate("omni.anim.navigation.core.INavMesh")
class INavMesh:
    _kit: Kit

    def __init__(self, grid: Grid):
        self._grid = grid
        self._drawn: dict[str, int] = {}

    def query_shortest_path(self, start_pos: Any, end_pos: Any, *rest: Any, **options: Any) -> Any:
        start, end = self._grid.nearest(start_pos), self._grid.nearest(end_pos)
        cells = self._grid.path(start, end) if start and end else None
        if cells is None:
            return None
        turns = [cells[0]]
        turns += [
            b
            for a, b, c in zip(cells, cells[1:], cells[2:], strict=False)
            if (b[0] - a[0], b[1] - a[1]) != (c[0] - b[0], c[1] - b[1])
        ]
        points = [self._grid.point(cell) for cell in [*turns, cells[-1]]]
        return self._kit.make("omni.anim.navigation.core.INavMeshPath", points)

    def query_closest_point(self, target: Any, **options: Any) -> Any:
        cell = self._grid.nearest(target)
        point = self._vector(cell) if cell else None
        return point if self._kit.profile == "5.1" else (point, 0 if cell else -1)

    def query_random_point(self, id: str = "", area_probabilities: Any = ()) -> Any:
        number = self._drawn[id] = self._drawn.get(id, -1) + 1
        cells = np.argwhere(self._grid.free)
        seed = [number, *id.encode()]
        return self._vector(tuple(cells[np.random.default_rng(seed).integers(len(cells))]))

    def get_draw_triangles(self, area_index: int) -> Any:
        if area_index != 0:
            return []
        half = self._grid.cell / 2
        a, b, _ = self._grid.plane
        points = []
        for cell in np.argwhere(self._grid.free):
            centre = self._grid.point(tuple(cell))
            for x, y in ((-1, -1), (1, -1), (1, 1), (-1, -1), (1, 1), (-1, 1)):
                corner = centre.copy()
                corner[a] += x * half
                corner[b] += y * half
                points.append(self._kit.make("carb.Float3", *corner))
        return points

    def _vector(self, cell: tuple[int, int]) -> Any:
        return self._kit.make("carb.Float3", *self._grid.point(cell))


@emulate("omni.anim.navigation.core.INavMeshPath")
class INavMeshPath:
    _kit: Kit

    def __init__(self, points: list[np.ndarray]):
        self._points = points

    def get_points(self) -> Any:
        return [self._kit.make("carb.Float3", *point) for point in self._points]

"""The building itself: slab floor, walls with openings, pitched roof, columns, trusses, lamps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..geometry.mesh import Mesh, merge
from ..geometry.shapes import polygon, rectangle, tube
from ..textures.floors import SLAB
from .scene import Scene

Rect = tuple[float, float, float, float]
"""``x0, y0, x1, y1`` [m]."""


@dataclass(frozen=True)
class Hall:
    """A hall with a ridge along x.

    Attributes:
        rect: Inner faces of its walls.
        clear: Height of the trusses' undersides [m].
        truss: Prop name of the truss that spans it.
        column: Prop name of its columns.
    """

    rect: Rect
    clear: float
    truss: str
    column: str

    @property
    def eaves(self) -> float:
        """Height of the roof at the side walls [m]."""
        return self.clear + 0.95

    @property
    def ridge(self) -> float:
        """Height of the roof at the ridge [m]."""
        return self.clear + 1.5


@dataclass(frozen=True)
class Opening:
    """A hole in a wall from the floor up.

    Attributes:
        start: Distance from the wall's first end [m].
        width: [m].
        height: [m].
    """

    start: float
    width: float
    height: float


@dataclass(frozen=True)
class FloorZone:
    """A part of the floor.

    Attributes:
        name: Prim name.
        area: NavMesh area.
        rect: What it covers.
        look: Look of its covering; None leaves the concrete slabs.
    """

    name: str
    area: str
    rect: Rect
    look: str | None = None


DADO = 2.4
"""Height up to which walls are built of blocks [m]."""


def add_floor(scene: Scene, hall: Hall, zones: list[FloorZone], rng: np.random.Generator) -> None:
    """Lay the floor: slabs turned and mirrored at random so that no pattern repeats."""
    x0, y0, x1, y1 = hall.rect
    columns, rows = int(np.ceil((x1 - x0) / SLAB)), int(np.ceil((y1 - y0) / SLAB))
    kinds = rng.integers(0, 2, (columns, rows))
    turns = rng.integers(0, 8, (columns, rows))
    for zone in zones:
        if zone.look is not None:
            parts = {zone.look: _rect_mesh(zone.rect, zone.rect)}
        else:
            slabs: dict[str, list[Mesh]] = {}
            for i in range(columns):
                for j in range(rows):
                    slab = (x0 + i * SLAB, y0 + j * SLAB, x0 + (i + 1) * SLAB, y0 + (j + 1) * SLAB)
                    cut = _overlap(slab, zone.rect)
                    if cut is None:
                        continue
                    look = "ConcreteSlabA" if kinds[i, j] else "ConcreteSlabB"
                    slabs.setdefault(look, []).append(_slab_mesh(cut, slab, int(turns[i, j])))
            parts = {look: merge(slabs[look]) for look in sorted(slabs)}
        scene.surface("Building/Floor", zone.name, parts, "floor", area=zone.area)


def _overlap(a: Rect, b: Rect) -> Rect | None:
    x0, y0, x1, y1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (x0, y0, x1, y1) if x1 - x0 > 1e-6 and y1 - y0 > 1e-6 else None


def _rect_mesh(rect: Rect, uv: Rect) -> Mesh:
    x0, y0, x1, y1 = rect
    return rectangle((x0, y0, 0), (x1 - x0, 0, 0), (0, y1 - y0, 0), uv=uv)


def _slab_mesh(rect: Rect, slab: Rect, turn: int) -> Mesh:
    """The visible part of a slab, its texture in one of the eight ways a square can lie."""
    mesh = _rect_mesh(rect, rect)
    uv = (mesh.points[:, :2] - (slab[0], slab[1])) / SLAB
    if turn & 1:
        uv = uv[:, ::-1]
    if turn & 2:
        uv = uv * (-1, 1) + (1, 0)
    if turn & 4:
        uv = uv * (1, -1) + (0, 1)
    return Mesh(mesh.points, mesh.normals, uv, mesh.counts, mesh.indices)


def wall_parts(
    start: tuple[float, float],
    end: tuple[float, float],
    height: float,
    openings: tuple[Opening, ...] = (),
) -> dict[str, Mesh]:
    """One wall seen from its left when walking from start to end: blocks below, panels above, jambs around holes."""
    a, b = np.array((*start, 0.0)), np.array((*end, 0.0))
    length = float(np.linalg.norm(b - a))
    along = (b - a) / length
    left = np.array((-along[1], along[0], 0.0))
    up = np.array((0.0, 0.0, 1.0))
    parts: dict[str, list[Mesh]] = {"BlockWall": [], "WallPanel": []}
    edges = sorted({0.0, length, *(o.start for o in openings), *(o.start + o.width for o in openings)})
    for look, z0, z1 in (("BlockWall", 0.0, DADO), ("WallPanel", DADO, height)):
        for u0, u1 in pairwise(edges):
            hole = next((o for o in openings if o.start - 1e-6 <= u0 and u1 <= o.start + o.width + 1e-6), None)
            low = max(z0, hole.height) if hole else z0
            if low >= z1:
                continue
            # Walking from start to end with the room on the left, the room sees u grow to its left: run backwards.
            mesh = rectangle(a + along * u1 + up * low, -along * (u1 - u0), up * (z1 - low), uv=(-u1, low, -u0, z1))
            parts[look].append(mesh)
    for hole in openings:
        depth = 0.3
        for u, sign in ((hole.start, 1.0), (hole.start + hole.width, -1.0)):
            foot = a + along * u
            if sign > 0:
                jamb = rectangle(foot - left * depth, left * depth, up * hole.height)
            else:
                jamb = rectangle(foot, -left * depth, up * hole.height)
            parts["BlockWall"].append(jamb)
        lintel = a + along * hole.start + up * hole.height
        parts["BlockWall"].append(rectangle(lintel - left * depth, left * depth, along * hole.width))
    return {look: merge(meshes) for look, meshes in parts.items() if meshes}


def add_walls(scene: Scene, hall: Hall, openings: dict[str, tuple[Opening, ...]]) -> None:
    """Build the four walls; ``openings`` by ``"East"``, ``"North"``, ``"West"``, ``"South"``."""
    x0, y0, x1, y1 = hall.rect
    runs = {
        "South": ((x0, y0), (x1, y0), hall.eaves),
        "East": ((x1, y0), (x1, y1), hall.ridge + 0.05),
        "North": ((x1, y1), (x0, y1), hall.eaves),
        "West": ((x0, y1), (x0, y0), hall.ridge + 0.05),
    }
    for name, (start, end, height) in runs.items():
        parts = wall_parts(start, end, height, openings.get(name, ()))
        scene.surface("Building/Walls", f"Wall_{name}", parts, "wall")


def add_roof(scene: Scene, hall: Hall, truss_xs: list[float]) -> None:
    """Lay the roof sheets and rooflights, and set the trusses and purlins."""
    x0, y0, x1, y1 = hall.rect
    middle = (y0 + y1) / 2
    sheets, lights, purlins = [], [], []
    rise = hall.ridge - hall.eaves
    for side, edge in ((-1, y0), (1, y1)):
        corners = [(x0, edge, hall.eaves), (x1, edge, hall.eaves), (x1, middle, hall.ridge), (x0, middle, hall.ridge)]
        uvs = [(corner[0], corner[1]) for corner in corners]
        order = slice(None, None, -1) if side < 0 else slice(None)
        sheets.append(polygon(corners[order], uvs[order]))
        for x_low, x_high in zip(truss_xs[::2], truss_xs[1::2], strict=False):
            center = (x_low + x_high) / 2
            t0, t1 = 0.35, 0.75
            low, high = ((edge + (middle - edge) * t, hall.eaves + rise * t - 0.03) for t in (t0, t1))
            pane = [(center - 0.6, *low), (center + 0.6, *low), (center + 0.6, *high), (center - 0.6, *high)]
            lights.append(polygon(pane[order], [(0, 0), (1, 0), (1, 1), (0, 1)][order]))
        for t in (0.08, 0.31, 0.54, 0.78, 0.97):
            y, z = edge + (middle - edge) * t, hall.eaves + rise * t - 0.07
            purlins.append(tube([(x0, y, z), (x1, y, z)], 0.055, 4, caps=False))
    parts = {"RoofSheet": merge(sheets), "Skylight": merge(lights), "SteelGray": merge(purlins)}
    scene.surface("Building", "Roof", parts, "ceiling")
    for x in truss_xs:
        scene.put("Building/Trusses", hall.truss, (x, middle, hall.clear))


def add_columns(scene: Scene, hall: Hall, xs: list[float], skip: tuple[tuple[float, str], ...] = ()) -> None:
    """Stand a column under both ends of every truss."""
    _, y0, _, y1 = hall.rect
    for x in xs:
        for side, y in (("South", y0 + 0.23), ("North", y1 - 0.23)):
            if (x, side) not in skip:
                scene.put("Building/Columns", hall.column, (x, y, 0.0))


def add_lamp(scene: Scene, x: float, y: float, z: float, length: float, intensity: float, yaw: float = 0.0) -> None:
    """Hang a long fixture and put the light that it gives just below it."""
    prop = "SM_Lamp_12m" if length == 12.0 else "SM_Lamp_08m"
    fixture = scene.put("Building/Lamps", prop, (x, y, z), yaw)
    number = fixture.GetName().rsplit("_", 1)[1]
    kind = "Long" if length == 12.0 else "Short"
    scene.rect_light(f"{kind}_{number}", (x, y, z - 0.03), (length - 0.2, 0.3), intensity, yaw)


def add_lamp_row(
    scene: Scene, places: Sequence[tuple[float, float]], z: float, intensity: float, yaw: float = 0.0
) -> None:
    """Hang 12 m fixtures in line and light them as one lamp: what a picture costs grows with the number of lights.

    Args:
        scene: Where to hang them.
        places: Middles of the fixtures, in line [m].
        z: Height of the fixtures [m].
        intensity: Of each fixture; the one light gives as much in all, the gaps between them included.
        yaw: Direction of the row [deg].
    """
    for x, y in places:
        scene.put("Building/Lamps", "SM_Lamp_12m", (x, y, z), yaw)
    (x0, y0), (x1, y1) = places[0], places[-1]
    length = math.dist(places[0], places[-1]) + 11.8
    share = 11.8 * len(places) / length
    center = ((x0 + x1) / 2, (y0 + y1) / 2, z - 0.03)
    scene.rect_light(f"Row_{x0:.0f}_{y0:.0f}".replace("-", "m"), center, (length, 0.3), intensity * share, yaw)


def add_pipes(scene: Scene, hall: Hall, ys: list[float]) -> None:
    """Run sprinkler mains below the trusses along x, with heads."""
    x0, _, x1, _ = hall.rect
    pipes, heads = [], []
    z = hall.clear - 0.12
    for y in ys:
        pipes.append(tube([(x0, y, z), (x1, y, z)], 0.05, 8, caps=False))
        for x in np.arange(x0 + 2.0, x1, 3.5):
            heads.append(tube([(float(x), y, z - 0.04), (float(x), y, z - 0.16)], 0.014, 5))
    scene.surface("Building", "Sprinklers", {"SteelRed": merge(pipes), "Chrome": merge(heads)}, "pipe")

"""`warehouse.usd`: 24 x 18 m, sparser; and the same hall with forklifts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..geometry.mesh import Mesh
from .markings import add_markings, area, line, sign
from .scene import Scene
from .shell import FloorZone, Hall, Opening, add_columns, add_floor, add_lamp, add_pipes, add_roof, add_walls
from .storage import RackRow, add_rack_row
from .zones import FORKLIFT, add_break_room, add_dock, add_packing, add_staging, add_walkway

FOLDER = "Isaac/Environments/Simple_Warehouse"

HALL = Hall((-12.0, -10.0, 12.0, 8.0), clear=7.2, truss="SM_Truss_18m", column="SM_Column_07m")
TRUSSES = [-8.0, -3.0, 2.0, 7.0]
DOCKS = [-6.5, -2.0]
DOCK_ZONE = (6.0, -10.0, 12.0, 0.8)
BREAK_ROOM = (6.0, 2.0, 12.0, 8.0)
ROWS = [
    RackRow("Row_A", -11.0, -8.9, 5, levels=3, fill=0.7, sides=(1,)),
    RackRow("Row_B", -9.6, 6.8, 4, levels=3, fill=0.6, sides=(-1,)),
]


def build(root: Path) -> list[Path]:
    """Write both variants below ``root``."""
    return [
        _build(root, "warehouse.usd", forklifts=False),
        _build(root, "warehouse_with_forklifts.usd", forklifts=True),
    ]


def _build(root: Path, name: str, *, forklifts: bool) -> Path:
    scene = Scene(root, f"{FOLDER}/{name}")
    rng = np.random.default_rng(4002)
    zones = [
        FloorZone("Floor_Main", "warehouse_floor", (-12.0, -10.0, 6.0, 8.0)),
        FloorZone("Floor_Passage", "warehouse_floor", (6.0, 0.8, 12.0, 2.0)),
        FloorZone("Floor_LoadingDock", "loading_dock", DOCK_ZONE),
        FloorZone("Floor_BreakRoom", "break_room", BREAK_ROOM, "VinylTiles"),
    ]
    add_floor(scene, HALL, zones, rng)
    add_walls(scene, HALL, {"East": tuple(Opening(y - 1.4 - HALL.rect[1], 2.8, 3.2) for y in DOCKS)})
    add_roof(scene, HALL, TRUSSES)
    add_columns(scene, HALL, TRUSSES, skip=((7.0, "North"),))
    add_pipes(scene, HALL, [-5.5, 3.5])
    for y in (-6.0, 1.0):
        add_lamp(scene, -5.0, y, 6.8, 12.0, 37000.0)
    for y in (-4.6, 4.2):
        add_lamp(scene, 8.6, y, 6.8, 8.0, 37000.0, 90.0)
    scene.dome_light(420.0, (0.93, 0.97, 1.0))
    for row in ROWS:
        add_rack_row(scene, row, rng)
    paint: dict[str, list[Mesh]] = {}
    _add_work(scene, paint, rng)
    add_break_room(scene, BREAK_ROOM, gaps=(9.0, 3.0), tables=[(7.9, 5.6), (10.3, 3.9)], rng=rng)
    _add_safety(scene)
    if forklifts:
        scene.put("Vehicles", FORKLIFT, (-9.4, -1.6, 0.0), 90.0, name="Forklift_West")
        scene.put("Vehicles", FORKLIFT, (8.2, -3.6, 0.0), 70.0, name="Forklift_Dock")
    add_markings(scene, paint)
    x0, y0, x1, y1 = HALL.rect
    scene.navmesh_volume("NavMeshVolume_Hall", "Include", (x0, y0, -0.5), (x1, y1, 2.5))
    scene.navmesh_volume("NavMeshVolume_Aisle_South", "Include", (-12.0, -8.4, -0.5), (3.4, -6.4, 1.0), area="aisles")
    scene.navmesh_volume("NavMeshVolume_Aisle_North", "Include", (-12.0, 4.6, -0.5), (2.0, 6.3, 1.0), area="aisles")
    scene.navmesh_volume("NavMeshVolume_Goods", "Exclude", (-7.4, -4.3, -0.5), (-2.6, -2.7, 2.5))
    scene.landmark("/World/BreakRoom", (8.3, 3.6, 0.0))
    return scene.save()


def _add_work(scene: Scene, paint: dict[str, list[Mesh]], rng: np.random.Generator) -> None:
    yellow = paint.setdefault("PaintYellow", [])
    yellow += [line(-11.4, -6.4, 5.4, -6.4), line(6.0, -9.4, 6.0, 0.8), line(6.0, 0.8, 11.4, 0.8)]
    add_walkway(paint, (-11.4, 0.3, 5.4, 1.3))
    paint.setdefault("HazardStripes", []).extend(area((8.9, y - 1.5, 9.5, y + 1.5)) for y in DOCKS)
    paint.setdefault("Signs", []).append(sign("speed_limit", (3.6, -5.6), 1.0, 1.0, 90.0))
    for number, y in enumerate(DOCKS, start=1):
        add_dock(scene, HALL.rect[2], y, number)
    add_packing(scene, -6.0, 3.6, 2, rng)
    add_staging(scene, paint, (-7.2, -4.2, -2.8, -2.8), rng)
    scene.put("Goods/Empties", "SM_PaletteStack_01", (4.6, 7.0, 0.0), 90.0)
    scene.put("Goods/Empties", "SM_BarelPlastic_A_02", (3.4, 7.3, 0.0), 30.0)
    scene.put("Goods/Empties", "SM_BarelPlastic_A_01", (3.4, 6.6, 0.0), 80.0)
    scene.put("Vehicles", "SM_PalletTruck_01", (4.4, -8.2, 0.0), 20.0)


def _add_safety(scene: Scene) -> None:
    for y in (-9.0, -4.25, 0.2):
        scene.put("Safety", "SM_BarrierRail_01", (11.4, y, 0.0), 90.0)
    for x, y in ((3.55, -8.5), (2.1, 6.4), (6.0, -7.4), (6.0, -0.6)):
        scene.put("Safety", "SM_Bollard_01", (x, y, 0.0))
    for x, y in ((-7.8, -4.5), (-2.2, -4.5), (7.4, -4.4)):
        scene.put("Safety", "S_TrafficCone", (x, y, 0.0), (x * 37.0) % 90.0)
    scene.put("Safety", "SM_FireExtinguisher_02", (-11.99, -1.5, 0.0), 90.0)
    scene.put("Safety", "SM_FireExtinguisher_02", (4.5, -9.99, 0.0), 180.0)
    scene.put("Building/Doors", "SM_Door_01", (-11.99, 0.8, 0.0), 90.0)
    scene.put("Safety", "S_ExitSign", (-11.99, 0.8, 2.45), 90.0)
    scene.put("Signs", "S_AisleSign", (3.6, -7.4, 4.6))
    scene.put("Signs", "S_HelmetSign", (-11.985, -3.0, 2.2), 90.0)
    scene.put("Signs", "SM_NoticeBoard_01", (-11.985, -4.6, 1.6), 90.0)

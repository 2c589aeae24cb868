"""`full_warehouse.usd`: 40 x 28 m, five rack rows, four docks, packing, staging, parking, a break room."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..geometry.mesh import Mesh
from .markings import add_markings, area, line, sign, zebra
from .scene import Scene
from .shell import FloorZone, Hall, Opening, add_columns, add_floor, add_lamp_row, add_pipes, add_roof, add_walls
from .storage import RackRow, add_rack_row
from .zones import add_break_room, add_dock, add_packing, add_parking, add_staging, add_walkway

PATH = "Isaac/Environments/Simple_Warehouse/full_warehouse.usd"

HALL = Hall((-24.0, -16.0, 16.0, 12.0), clear=10.6, truss="SM_Truss_28m", column="SM_Column_10m")
TRUSSES = [-19.0, -14.0, -9.0, -4.0, 1.0, 6.0, 11.0]
DOCKS = [-13.0, -8.5, -4.0, 0.5]
DOCK_ZONE = (8.0, -16.0, 16.0, 4.0)
BREAK_ROOM = (8.0, 5.5, 16.0, 12.0)
ROWS = [
    RackRow("Row_A", -22.4, -14.9, 9, sides=(1,)),
    RackRow("Row_B_West", -22.4, -11.45, 4, sides=(-1,)),
    RackRow("Row_B_East", -8.8, -11.45, 4, sides=(-1,)),
    RackRow("Row_C_West", -22.4, -10.05, 4, sides=(1,)),
    RackRow("Row_C_East", -8.8, -10.05, 4, sides=(1,)),
    RackRow("Row_D_West", -19.6, 7.4, 3, levels=3),
    RackRow("Row_D_East", -8.4, 7.4, 3, levels=3),
    RackRow("Row_E", -22.4, 10.9, 9, fill=0.78, sides=(-1,)),
]
LIGHT = 58000.0


def build(root: Path) -> Path:
    """Write the environment below ``root``."""
    scene = Scene(root, PATH)
    rng = np.random.default_rng(4001)
    _add_building(scene, rng)
    for row in ROWS:
        add_rack_row(scene, row, rng)
    paint: dict[str, list[Mesh]] = {}
    _add_traffic(scene, paint)
    _add_work(scene, paint, rng)
    add_break_room(scene, BREAK_ROOM, gaps=(11.0, 8.6), tables=[(9.9, 9.4), (13.1, 9.6), (14.1, 7.0)], rng=rng)
    _add_safety(scene)
    add_markings(scene, paint)
    _add_navigation(scene)
    return scene.save()


def _add_building(scene: Scene, rng: np.random.Generator) -> None:
    zones = [
        FloorZone("Floor_Main", "warehouse_floor", (-24.0, -16.0, 8.0, 12.0)),
        FloorZone("Floor_Passage", "warehouse_floor", (8.0, 4.0, 16.0, 5.5)),
        FloorZone("Floor_LoadingDock", "loading_dock", DOCK_ZONE),
        FloorZone("Floor_BreakRoom", "break_room", BREAK_ROOM, "VinylTiles"),
    ]
    add_floor(scene, HALL, zones, rng)
    doors = tuple(Opening(y - 1.4 - HALL.rect[1], 2.8, 3.2) for y in DOCKS)
    add_walls(scene, HALL, {"East": doors})
    add_roof(scene, HALL, TRUSSES)
    # Where the kitchenette stands there is no room for a column.
    add_columns(scene, HALL, TRUSSES, skip=((11.0, "North"),))
    add_pipes(scene, HALL, [-12.5, -5.5, 3.0, 9.0])
    for y in (-13.2, -1.5, 9.2):
        add_lamp_row(scene, [(-15.5, y), (-1.5, y)], 10.2, LIGHT)
    add_lamp_row(scene, [(12.0, -8.0), (12.0, 6.0)], 10.2, LIGHT * 0.9, 90.0)
    scene.dome_light(420.0, (0.93, 0.97, 1.0))
    for k in range(8):
        scene.put("Building/Ducts", "SM_Duct_04m", (-20.0 + 4.0 * k, -6.6, 9.9))


def _add_traffic(scene: Scene, paint: dict[str, list[Mesh]]) -> None:
    """Lanes, crossings, signs over the aisles."""
    yellow = paint.setdefault("PaintYellow", [])
    yellow += [line(-23.0, y, 7.4, y) for y in (-4.6, 3.4)]
    yellow += [line(-23.0, y, 3.0, y) for y in (-14.2, -12.25, 8.2, 10.2)]
    yellow += [line(8.0, -15.4, 8.0, -4.7), line(8.0, 3.5, 8.0, 4.0), line(8.0, 4.0, 15.4, 4.0)]
    add_walkway(paint, (-22.6, 3.7, 7.4, 4.7))
    paint.setdefault("PaintWhite", []).append(zebra((8.4, -1.0, 10.4, 2.6)))
    hazard = paint.setdefault("HazardStripes", [])
    hazard += [area((13.12, y - 1.5, 13.62, y + 1.5)) for y in DOCKS]
    signs = paint.setdefault("Signs", [])
    signs += [sign("speed_limit", (x, -0.6), 1.1, 1.1, 90.0) for x in (-18.0, 5.6)]
    signs += [sign("mandatory_helmet", (9.2, -4.2), 0.9, 0.9, -90.0), sign("no_entry", (-10.0, -10.75), 0.8, 0.8)]
    for letter, y in (("", -13.2), ("_B", -13.2), ("_C", 9.2), ("_D", 9.2)):
        x = 3.4 if letter in ("", "_C") else -23.2
        scene.put("Signs", f"S_AisleSign{letter}", (x, y, 6.2))
    for letter, x in (("_E", -10.0), ("_F", -9.8)):
        scene.put("Signs", f"S_AisleSign{letter}", (x, -9.0 if letter == "_E" else 6.3, 6.2), 90.0)


def _add_work(scene: Scene, paint: dict[str, list[Mesh]], rng: np.random.Generator) -> None:
    for number, y in enumerate(DOCKS, start=1):
        add_dock(scene, HALL.rect[2], y, number, is_open=number == 3)
    add_packing(scene, -17.0, 5.9, 3, rng)
    add_packing(scene, -6.2, 5.9, 2, rng)
    add_staging(scene, paint, (-20.5, -8.6, -12.5, -5.4), rng)
    add_staging(scene, paint, (-8.6, -8.6, -2.4, -5.4), rng)
    add_staging(scene, paint, (10.0, -15.2, 13.0, -11.2), rng)
    add_staging(scene, paint, (9.2, -8.6, 12.4, -6.2), rng)
    paint["Signs"].append(sign("staging", (-16.5, -5.0), 2.0, 0.5))
    paint["Signs"].append(sign("staging", (-5.5, -5.0), 2.0, 0.5))
    add_parking(scene, paint, 5.6, -13.2)
    scene.put("Vehicles", "SM_PalletTruck_01", (4.2, -9.6, 0.0), 155.0)
    scene.put("Vehicles", "Isaac/Props/Forklift/forklift.usd", (10.8, -2.6, 0.0), 62.0, name="Forklift_Dock")
    for k in range(3):
        scene.put("Goods/Empties", "SM_PaletteStack_01", (4.3 + 1.15 * k, 11.0, 0.0), 90.0)
    scene.put("Goods/Empties", "SM_WasteBin_01", (4.2, 9.6, 0.0), 20.0)
    scene.put("Furniture", "SM_Locker_01", (-23.72, -1.0, 0.0), 90.0)
    scene.put("Furniture", "SM_Locker_01", (-23.72, -0.1, 0.0), 90.0)
    scene.put("Furniture", "SM_Bench_01", (-22.7, -0.55, 0.0), 90.0)


def _add_safety(scene: Scene) -> None:
    for y in (-10.75, -6.25, -1.75, 2.75):
        scene.put("Safety", "SM_BarrierRail_01", (15.4, y, 0.0), 90.0)
    for x in (-22.4 - 0.55, -8.8 - 0.55, -11.2 + 0.55, 2.4 + 0.55):
        scene.put("Safety", "SM_RackEndGuard_01", (x, -10.75, 0.0))
    for x in (-20.15, 0.55):
        scene.put("Safety", "SM_Bollard_01", (x, 6.85, 0.0))
        scene.put("Safety", "SM_Bollard_01", (x, 7.95, 0.0))
    for k, (x, y) in enumerate(((8.0, -5.4), (8.0, -10.4), (7.6, 4.9))):
        scene.put("Safety", "SM_Bollard_01", (x, y, 0.0), 10.0 * k)
    for x, y in ((-1.4, -9.0), (-21.2, -4.9), (10.2, -4.9), (12.0, -3.9), (9.6, -0.9)):
        scene.put("Safety", "S_TrafficCone", (x, y, 0.0), (x * 37.0) % 90.0)
    scene.put("Safety", "S_WetFloorSign", (6.4, 1.4, 0.0), 35.0)
    scene.put("Safety", "SM_BucketPlastic_01", (6.9, 1.9, 0.0), 60.0)
    # On the west wall, facing +x; on the south wall, facing +y; on the east wall, facing -x.
    for x, y, turn in ((-23.99, 2.0, 90.0), (3.4, -15.99, 180.0), (15.99, 3.6, -90.0), (7.3, 11.99, 0.0)):
        scene.put("Safety", "SM_FireExtinguisher_02", (x, y, 0.0), turn)
    for x, y, turn in ((-23.99, 4.2, 90.0), (7.4, -15.99, 180.0)):
        scene.put("Building/Doors", "SM_Door_01", (x, y, 0.0), turn)
        scene.put("Safety", "S_ExitSign", (x, y, 2.45), turn)
    scene.put("Signs", "S_ForkliftSign", (-23.985, 0.9, 2.0), 90.0)
    scene.put("Signs", "S_HelmetSign", (-23.985, 0.2, 2.5), 90.0)
    scene.put("Signs", "S_SpeedSign", (15.985, -15.3, 2.6), -90.0)
    scene.put("Signs", "SM_NoticeBoard_01", (-23.985, -3.2, 1.6), 90.0)


def _add_navigation(scene: Scene) -> None:
    """Where people may walk, and what the places are called."""
    x0, y0, x1, y1 = HALL.rect
    scene.navmesh_volume("NavMeshVolume_Hall", "Include", (x0, y0, -0.5), (x1, y1, 2.5))
    aisles = {"South": (-24.0, -14.4, 3.4, -12.0), "North": (-24.0, 8.0, 3.4, 10.4)}
    for name, (ax0, ay0, ax1, ay1) in aisles.items():
        scene.navmesh_volume(f"NavMeshVolume_Aisle_{name}", "Include", (ax0, ay0, -0.5), (ax1, ay1, 1.0), area="aisles")
    scene.navmesh_volume("NavMeshVolume_Parking", "Exclude", (4.4, -15.6, -0.5), (6.8, -11.2, 2.5))
    scene.landmark("/World/BreakRoom", (11.4, 7.7, 0.0))

"""Places where work is done: docks, packing, break room, parking."""

from __future__ import annotations

import numpy as np

from ..geometry.mesh import Mesh
from .markings import area, frame, sign
from .scene import Scene
from .storage import add_load

FORKLIFT = "Isaac/Props/Forklift/forklift.usd"


def add_dock(scene: Scene, x: float, y: float, number: int, *, is_open: bool = False) -> None:
    """One dock in the wall at ``x``: door, leveller, number, bollards; behind an open one a trailer."""
    group = f"Docks/Dock_{number}"
    scene.put(group, "SM_DockDoor_02" if is_open else "SM_DockDoor_01", (x, y, 0.0), name="Door")
    scene.put(group, "SM_DockLeveller_01", (x - 0.15, y, 0.0), name="Leveller")
    scene.put(group, f"S_DockSign_{number}", (x - 0.01, y + 2.15, 3.0), -90.0, name="Sign")
    if is_open:
        scene.put(group, "SM_Trailer_01", (x + 0.3, y, 0.0), name="Trailer")
        rng = np.random.default_rng((9100, number))
        for k, dx in enumerate((6.2, 6.2, 4.9)):
            add_load(scene, group, "wrapped", (x + dx, y + (-0.6, 0.6, 0.55)[k], 0.006), 0.0, rng)


def add_staging(
    scene: Scene, paint: dict[str, list[Mesh]], rect: tuple[float, float, float, float], rng: np.random.Generator
) -> None:
    """A framed area with pallets in it, some places empty."""
    x0, y0, x1, y1 = rect
    paint.setdefault("PaintWhite", []).append(frame(rect))
    columns, rows = int((x1 - x0) / 1.5), max(1, int((y1 - y0) / 1.5))
    for i in range(columns):
        for j in range(rows):
            if rng.random() < 0.25:
                continue
            x = x0 + (i + 0.5) * (x1 - x0) / columns + rng.normal(0, 0.03)
            y = y0 + (j + 0.5) * (y1 - y0) / rows + rng.normal(0, 0.04)
            kind = str(
                rng.choice(("cartons", "wrapped", "drums", "crates", "empties"), p=(0.42, 0.26, 0.14, 0.12, 0.06))
            )
            carton = ("SM_CardBoxA_01", "SM_CardBoxD_01", "SM_CardBoxC_01", "SM_CardBoxB_01")[int(rng.integers(4))]
            add_load(
                scene, "Goods/Staging", kind, (x, y, 0.0), 90.0 + rng.normal(0, 2.5), rng, carton=carton, height=1.4
            )


def add_packing(scene: Scene, x: float, y: float, count: int, rng: np.random.Generator) -> None:
    """Packing tables side by side along x, their workers to the south, goods and carts about."""
    group = "Packing"
    for k in range(count):
        center = x + k * 2.6
        scene.put(group, "SM_PackingTable_01", (center, y, 0.0))
        for box, dx, dy in (("SM_CardBoxD_04", -0.15, -0.12), ("SM_CardBoxA_03", -0.75, -0.22)):
            scene.put(group, box, (center + dx, y + dy, 0.90), float(rng.uniform(-25, 25)))
        scene.put(group, "SM_CardBoxB_03", (center - 0.4, y + 0.24, 1.46), float(rng.uniform(-6, 6)))
        scene.put(group, "SM_CardBoxD_05", (center + 0.1, y + 0.24, 1.46), float(rng.uniform(-6, 6)))
        scene.put(group, "SM_CardBoxC_02", (center + 0.55, y + 0.24, 1.46), float(rng.uniform(-6, 6)))
    scene.put(group, "SM_PushcartA_02", (x + count * 2.6 - 0.9, y - 0.1, 0.0), 8.0)
    scene.put(group, "SM_CardBoxD_02", (x + count * 2.6 - 1.1, y - 0.15, 0.835), 15.0)
    scene.put(group, "SM_WasteBin_01", (x - 1.5, y + 0.1, 0.0), 176.0)
    # Totes and crates on the shelves above the tables, as one point instancer.
    points, which = [], []
    for k in range(count):
        for j in range(5):
            points.append((x + k * 2.6 - 0.66 + j * 0.33 + rng.normal(0, 0.008), y + 0.24, 1.961))
            which.append(int(rng.integers(0, 2)))
    props = ["SM_CratePlastic_B_01", "SM_CardBoxA_03"]
    scene.scatter(group, "ShelfCrates", props, which, np.array(points), np.full(len(points), 90.0))


def add_break_room(
    scene: Scene,
    rect: tuple[float, float, float, float],
    gaps: tuple[float, float],
    tables: list[tuple[float, float]],
    rng: np.random.Generator,
) -> None:
    """A corner with tables, kitchenette and machines, open over half-high partitions.

    Args:
        scene: Where to.
        rect: The corner; its north and east sides are the hall's walls.
        gaps: Where the way in is on the south side (x) and on the west side (y), two metres wide each.
        tables: Where tables for four stand.
        rng: For chairs pushed back and bottles left standing.
    """
    group = "BreakRoom"
    x0, y0, x1, y1 = rect
    for k in range(round((x1 - x0) / 2.0)):
        x = x0 + 1.0 + 2.0 * k
        if abs(x - gaps[0]) > 0.9:
            scene.put(group, "SM_HalfWall_01", (x, y0, 0.0))
    for k in range(int((y1 - y0) / 2.0)):
        y = y1 - 1.0 - 2.0 * k
        if abs(y - gaps[1]) > 0.9:
            scene.put(group, "SM_HalfWall_01", (x0, y, 0.0), 90.0)
    cx = (x0 + x1) / 2
    points = []
    for tx, ty in tables:
        scene.put(group, "SM_Table_01", (tx, ty, 0.0))
        for side in (-1, 1):
            for dx in (-0.4, 0.4):
                back = 0.50 + float(rng.uniform(0.0, 0.22))
                turn = 180.0 if side < 0 else 0.0
                scene.put(group, "SM_Chair_01", (tx + dx, ty + side * back, 0.0), turn + float(rng.normal(0, 7)))
        for _ in range(3):
            points.append((tx + rng.uniform(-0.6, 0.6), ty + rng.uniform(-0.25, 0.25), 0.7505))
    which = [int(rng.integers(0, 2)) for _ in points]
    yaws = rng.uniform(0, 360, len(points))
    scene.scatter(group, "Bottles", ["SM_BottlePlasticA_01", "SM_BottlePlasticA_02"], which, np.array(points), yaws)
    scene.put(group, "SM_Kitchenette_01", (cx - 0.2, y1 - 0.03, 0.0))
    scene.put(group, "SM_VendingMachine_01", (x1 - 0.48, y0 + 3.6, 0.0), -90.0)
    scene.put(group, "SM_WaterCooler_01", (x1 - 0.25, y0 + 4.5, 0.0), -90.0)
    scene.put(group, "SM_WasteBin_01", (cx + 1.7, y1 - 0.45, 0.0))
    scene.put(group, "SM_NoticeBoard_01", (x1 - 0.01, y0 + 1.6, 1.6), -90.0)
    scene.put(group, "S_BreakRoomSign", (x0 + 1.0, y0 - 0.05, 0.62), 0.0)
    scene.put(group, "S_FirstAidSign", (cx + 1.9, y1 - 0.01, 1.75))


def add_parking(scene: Scene, paint: dict[str, list[Mesh]], x: float, y: float, *, yaw: float = 0.0) -> None:
    """A framed place with a forklift, cones at its corners."""
    rect = (x - 1.2, y - 2.3, x + 1.2, y + 1.9)
    paint.setdefault("PaintYellow", []).append(frame(rect))
    paint.setdefault("Signs", []).append(sign("forklift_warning", (x, y + 2.5), 0.8, 0.8, 180.0))
    scene.put("Vehicles", FORKLIFT, (x, y, 0.0), yaw, name=f"Forklift_{round(abs(x) * 10):03d}")
    for dx, dy in ((-1.2, -2.3), (1.2, -2.3)):
        scene.put("Safety", "S_TrafficCone", (x + dx, y + dy, 0.0))


def add_walkway(paint: dict[str, list[Mesh]], rect: tuple[float, float, float, float]) -> None:
    """A green way for people with white borders along its long sides."""
    x0, y0, x1, y1 = rect
    paint.setdefault("PaintGreen", []).append(area(rect))
    if x1 - x0 > y1 - y0:
        edges = [(x0, y0, x1, y0 + 0.08), (x0, y1 - 0.08, x1, y1)]
    else:
        edges = [(x0, y0, x0 + 0.08, y1), (x1 - 0.08, y0, x1, y1)]
    paint.setdefault("PaintWhite", []).extend(area(edge, 1) for edge in edges)

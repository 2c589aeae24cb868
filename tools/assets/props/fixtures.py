"""Parts of the building that repeat: trusses, columns, lamps, dock doors, pipes."""

from __future__ import annotations

from ..geometry.mesh import Mesh, moved
from ..geometry.shapes import box, cylinder, lathe, tube
from ..geometry.solid import Solid, combine, paint
from ..prop import Prop

COLUMN_DEPTH = 0.36


def _h_column(height: float) -> Solid:
    """A steel column with a hazard-striped foot; web along x."""
    flanges = [box((0.3, 0.018, height), (0, y, height / 2)) for y in (-COLUMN_DEPTH / 2, COLUMN_DEPTH / 2)]
    web = box((0.012, COLUMN_DEPTH - 0.018, height), (0, 0, height / 2))
    plate = box((0.5, 0.56, 0.025), (0, 0, 0.0145))
    sleeve = box((0.36, COLUMN_DEPTH + 0.07, 1.2), (0, 0, 0.627), bevel=0.02)
    return combine(paint("SteelGray", *flanges, web), paint("SteelDark", plate), paint("HazardStripes", sleeve))


def _truss(span: float, rise: float = 0.9, panels: int = 14) -> Solid:
    """A roof truss along y, its lower chord's underside at z = 0, upper chord rising to the middle."""
    half = span / 2
    step = span / panels
    members = [box((0.14, span, 0.14), (0, 0, 0.07))]
    slope = 0.55

    def upper(y: float) -> float:
        return rise + slope * (1 - abs(y) / half)

    for side in (-1, 1):
        members.append(_bar((0, side * half, upper(half)), (0, 0, upper(0)), 0.07))
    for k in range(panels):
        y0, y1 = -half + k * step, -half + (k + 1) * step
        down, up = (y0, y1) if k % 2 == 0 else (y1, y0)
        members.append(_bar((0, down, 0.1), (0, up, upper(up) - 0.03), 0.04))
    for k in range(1, panels, 2):
        y = -half + k * step
        members.append(_bar((0, y, 0.1), (0, y, upper(y) - 0.03), 0.03))
    return paint("SteelGray", *members)


def _bar(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Mesh:
    return tube([start, end], radius * 1.35, 4, caps=False)


def _lamp(length: float) -> Solid:
    """A long light fixture along x hung by wires; its underside at z = 0 glows."""
    case = box((length, 0.22, 0.09), (0, 0, 0.05), bevel=0.01)
    diffuser = box((length - 0.04, 0.16, 0.012), (0, 0, 0.002), faces=("-z", "+x", "-x", "+y", "-y"))
    count = max(2, round(length / 4))
    wires = [
        tube([(x, 0, 0.09), (x, 0, 0.75)], 0.006, 4, caps=False)
        for x in ((k + 0.5) * length / count - length / 2 for k in range(count))
    ]
    return combine(paint("SteelWhite", case), paint("LampWhite", diffuser), paint("SteelDark", *wires))


def _dock_door(open_fraction: float) -> Solid:
    """A sectional door in a 2.8 x 3.2 m opening, seen from inside (-x); the wall's inner face is at x = 0."""
    width, height = 2.8, 3.2
    parts: list[Solid] = []
    sections, glass = [], []
    count = 6
    section = height / count
    lift = open_fraction * height
    for k in range(count):
        z = k * section + lift
        if z + section > height + 0.01:
            continue
        sections.append(box((0.05, width, section - 0.012), (0.06, 0, z + section / 2), bevel=0.006))
        if k == 3:
            glass += [box((0.004, 0.5, 0.22), (0.031, y, z + section / 2), faces=("-x",)) for y in (-0.8, 0.0, 0.8)]
    parts.append(paint("SteelWhite", *sections) if sections else {})
    if glass:
        parts.append(paint("Skylight", *glass))
    frame = [
        box((0.14, 0.16, height + 0.16), (-0.02, side * (width / 2 + 0.07), height / 2 + 0.07)) for side in (-1, 1)
    ]
    frame.append(box((0.14, width, 0.16), (-0.02, 0, height + 0.07)))
    tracks = [
        tube(
            [
                (x, side * (width / 2 + 0.03), z)
                for x, z in ((-0.12, 0.1), (-0.12, height + 0.3), (-0.3, height + 0.55), (-2.6, height + 0.62))
            ],
            0.03,
            6,
        )
        for side in (-1, 1)
    ]
    if open_fraction > 0.5:
        raised = [
            box((section - 0.012, width, 0.05), (-0.55 - (k + 0.5) * section, 0, height + 0.57), bevel=0.006)
            for k in range(4)
        ]
        parts.append(paint("SteelWhite", *raised))
    spring = moved(cylinder(0.05, width, 12), (-0.1, width / 2, height + 0.42), x=90)
    hangers = [
        tube([(-2.5, s * (width / 2 + 0.03), height + 0.62), (-2.5, s * (width / 2 + 0.03), height + 2.2)], 0.012, 4)
        for s in (-1, 1)
    ]
    guards = [
        lathe([(0.07, 0.0), (0.07, 0.9), (0.055, 0.94), (0, 0.95)], 16, crease=50),
    ]
    posts = [moved(guard, (-0.35, side * (width / 2 + 0.28), 0)) for guard in guards for side in (-1, 1)]
    parts += [
        paint("SteelYellow", *posts),
        paint("SteelDark", *frame),
        paint("SteelGalvanised", *tracks, spring, *hangers),
    ]
    return combine(*parts)


def _leveller() -> Solid:
    """The dock leveller: a steel plate in the floor with hazard edges; along x from 0 to -2.2."""
    plate = box((2.1, 1.9, 0.006), (-1.1, 0, 0.004), faces=("+z", "+x", "-x", "+y", "-y"))
    edges = [box((2.1, 0.1, 0.007), (-1.1, side * 1.0, 0.0045), faces=("+z", "+y", "-y", "-x")) for side in (-1, 1)]
    return combine(paint("SteelDark", plate), paint("HazardStripes", *edges))


def _trailer() -> Solid:
    """The inside of a trailer behind an open dock, from x = 0 outwards; walls, floor, roof and head wall."""
    length, width, height = 7.0, 2.5, 2.7
    faces = [
        box((length, 0.04, height), (length / 2, width / 2 + 0.02, height / 2), faces=("-y",)),
        box((length, 0.04, height), (length / 2, -width / 2 - 0.02, height / 2), faces=("+y",)),
        box((0.04, width, height), (length + 0.02, 0, height / 2), faces=("-x",)),
    ]
    roof = box((length, width, 0.04), (length / 2, 0, height + 0.02), faces=("-z",))
    floor = box((length, width, 0.04), (length / 2, 0, -0.018), faces=("+z",), grain="x")
    # The dock shelter: cushions that close the gap between trailer and opening.
    cushions = [box((0.2, 0.4, height + 0.8), (0.0, side * (width / 2 + 0.17), (height + 0.8) / 2)) for side in (-1, 1)]
    cushions.append(box((0.2, width + 0.3, 0.8), (0.0, 0.0, height + 0.37)))
    return combine(
        paint("TrailerWall", *faces),
        paint("SteelWhite", roof),
        paint("WoodOld", floor),
        paint("PlasticBlack", *cushions),
    )


def _personnel_door() -> Solid:
    """A steel door with frame and push bar on a wall at y = 0, facing -y."""
    leaf = box((0.95, 0.05, 2.08), (0, -0.03, 1.045), bevel=0.006)
    frame = [box((0.08, 0.09, 2.2), (side * 0.52, -0.035, 1.1)) for side in (-1, 1)]
    frame.append(box((1.12, 0.09, 0.08), (0, -0.035, 2.16)))
    bar = tube([(-0.4, -0.11, 1.02), (0.4, -0.11, 1.02)], 0.018, 8)
    mounts = [box((0.05, 0.07, 0.06), (x, -0.08, 1.02)) for x in (-0.36, 0.36)]
    pane = box((0.18, 0.004, 0.5), (0.22, -0.058, 1.6), faces=("-y",))
    return combine(
        paint("SteelGreen", leaf), paint("SteelDark", *frame, *mounts), paint("Chrome", bar), paint("DarkGlass", pane)
    )


def _duct() -> Solid:
    """Four metres of spiral duct along x with an outlet."""
    pipe = moved(lathe([(0.32, -2.0), (0.32, 2.0)], 20), y=90)
    rings = [
        moved(lathe([(0.32, -0.02), (0.335, -0.015), (0.335, 0.015), (0.32, 0.02)], 20), (x, 0, 0), y=90)
        for x in (-2.0, -1.0, 0.0, 1.0)
    ]
    outlet = box((0.6, 0.16, 0.22), (0.4, -0.28, -0.2))
    hangers = [tube([(x, 0, 0.32), (x, 0, 0.9)], 0.008, 4, caps=False) for x in (-1.2, 1.2)]
    return combine(paint("SteelGalvanised", pipe, *rings, outlet), paint("SteelDark", *hangers))


def fixtures() -> list[Prop]:
    """All of them."""
    return [
        Prop("SM_Column_10m", "column", _h_column(10.6)),
        Prop("SM_Column_07m", "column", _h_column(7.2)),
        Prop("SM_Truss_28m", "ceiling", _truss(28.0)),
        Prop("SM_Truss_18m", "ceiling", _truss(18.0, panels=10)),
        Prop("SM_Lamp_12m", "lamp", _lamp(12.0)),
        Prop("SM_Lamp_08m", "lamp", _lamp(8.0)),
        Prop("SM_DockDoor_01", "door", _dock_door(0.0)),
        Prop("SM_DockDoor_02", "door", _dock_door(1.0)),
        Prop("SM_DockLeveller_01", "floor", _leveller()),
        Prop("SM_Trailer_01", "trailer", _trailer()),
        Prop("SM_Door_01", "door", _personnel_door()),
        Prop("SM_Duct_04m", "duct", _duct()),
    ]

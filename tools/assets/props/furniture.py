"""Break room, packing and cleaning furniture, carts."""

from __future__ import annotations

from ..geometry.mesh import moved
from ..geometry.shapes import box, cylinder, lathe, rectangle, tube
from ..geometry.solid import Solid, combine, paint
from ..prop import Prop
from ..textures.signs import uv_of


def _table() -> Solid:
    """A canteen table, 1.6 x 0.8 m."""
    top = box((1.6, 0.8, 0.03), (0, 0, 0.735), bevel=0.006, grain="x")
    legs = [
        tube([(x, -0.34, 0.72), (x, -0.34, 0.02), (x, 0.34, 0.02), (x, 0.34, 0.72)], 0.02, 8) for x in (-0.68, 0.68)
    ]
    bars = [tube([(-0.68, y, 0.70), (0.68, y, 0.70)], 0.015, 6, caps=False) for y in (-0.32, 0.32)]
    return combine(paint("Laminate", top), paint("SteelDark", *legs, *bars))


def _chair() -> Solid:
    """A stacking chair; the sitter looks to -y, the seat is at 0.46 m."""
    seat = box((0.42, 0.42, 0.045), (0, 0, 0.44), bevel=0.018)
    back = moved(box((0.40, 0.035, 0.34), (0, 0, 0), bevel=0.014), (0, 0.225, 0.70), x=-8)
    legs = []
    for x in (-0.19, 0.19):
        legs.append(tube([(x, -0.2, 0.005), (x, -0.18, 0.42), (x, 0.19, 0.42), (x, 0.26, 0.86)], 0.011, 6))
        legs.append(tube([(x, 0.15, 0.42), (x, 0.24, 0.005)], 0.011, 6))
    return combine(paint("Cloth", seat, back), paint("Chrome", *legs))


def _bench() -> Solid:
    """A locker-room bench, 1.5 m along x."""
    slats = [box((1.5, 0.09, 0.028), (0, y, 0.45), bevel=0.005, grain="x") for y in (-0.12, 0.0, 0.12)]
    feet = [tube([(x, -0.16, 0.01), (x, -0.14, 0.42), (x, 0.14, 0.42), (x, 0.16, 0.01)], 0.018, 6) for x in (-0.6, 0.6)]
    return combine(paint("Laminate", *slats), paint("SteelDark", *feet))


def _vending_machine() -> Solid:
    """A snack machine; its front is at -y."""
    body = box((0.95, 0.8, 1.83), (0, 0, 0.915 + 0.05), bevel=0.02)
    front = box((0.91, 0.004, 1.76), (0, -0.402, 0.965), faces=("-y",), uv_boxes={"-y": uv_of("vending")})
    feet = [box((0.08, 0.08, 0.05), (x, y, 0.025)) for x in (-0.4, 0.4) for y in (-0.32, 0.32)]
    return combine(paint("SteelRed", body), paint("SignsLit", front), paint("PlasticBlack", *feet))


def _water_cooler() -> Solid:
    body = box((0.32, 0.34, 0.95), (0, 0, 0.475), bevel=0.02)
    recess = box((0.22, 0.006, 0.28), (0, -0.172, 0.72), faces=("-y",))
    taps = [box((0.025, 0.05, 0.035), (x, -0.195, 0.82), bevel=0.004) for x in (-0.05, 0.05)]
    jug = lathe([(0, 0.95), (0.05, 0.955), (0.135, 1.04), (0.135, 1.26), (0.11, 1.31), (0, 1.315)], 20, crease=50)
    return combine(
        paint("PlasticWhite", body), paint("DarkGlass", recess), paint("PlasticBlue", *taps), paint("BottleBlue", jug)
    )


def _kitchenette() -> Solid:
    """A counter with a sink, a coffee machine and wall cupboards; the wall is at y = 0, it faces -y."""
    base = box((2.4, 0.58, 0.80), (0, -0.31, 0.50), bevel=0.004)
    plinth = box((2.36, 0.5, 0.1), (0, -0.29, 0.05))
    top = box((2.44, 0.62, 0.035), (0, -0.31, 0.9175), bevel=0.006, grain="x")
    doors, handles, uppers = [], [], []
    for k in range(4):
        x = (k - 1.5) * 0.6
        doors.append(box((0.585, 0.02, 0.77), (x, -0.61, 0.50), bevel=0.004))
        handles.append(tube([(x - 0.1, -0.64, 0.82), (x + 0.1, -0.64, 0.82)], 0.006, 6))
        uppers.append(box((0.585, 0.34, 0.6), (x, -0.18, 1.75), bevel=0.004))
    sink = box((0.5, 0.4, 0.004), (0.6, -0.31, 0.937), faces=("+z",))
    tap = tube([(0.6, -0.1, 0.93), (0.6, -0.1, 1.16), (0.6, -0.16, 1.2), (0.6, -0.26, 1.17)], 0.013, 8)
    coffee = [box((0.26, 0.34, 0.38), (-0.7, -0.28, 1.125), bevel=0.015)]
    window = box((0.2, 0.004, 0.16), (-0.7, -0.452, 1.1), faces=("-y",))
    return combine(
        paint("SteelWhite", base, *doors, *uppers),
        paint("PlasticBlack", plinth, *coffee),
        paint("Laminate", top),
        paint("Chrome", *handles, tap, sink),
        paint("DarkGlass", window),
    )


def _locker() -> Solid:
    """Three lockers side by side; they face -y."""
    body = box((0.9, 0.5, 1.8), (0, 0, 0.95), bevel=0.004)
    plinth = box((0.88, 0.46, 0.06), (0, 0.01, 0.03))
    doors, details = [], []
    for k in (-1, 0, 1):
        doors.append(box((0.288, 0.016, 1.76), (k * 0.297, -0.256, 0.95), bevel=0.004))
        details.append(box((0.02, 0.02, 0.09), (k * 0.297 + 0.1, -0.268, 1.0)))
        details.extend(box((0.16, 0.003, 0.008), (k * 0.297, -0.2655, 1.6 + 0.03 * j)) for j in range(4))
    return combine(paint("SteelGray", body), paint("SteelBlue", *doors), paint("SteelDark", plinth, *details))


def _packing_table() -> Solid:
    """A packing station 1.8 m wide: bench, shelf, screen, tape and printer; the worker stands at -y."""
    top = box((1.8, 0.8, 0.04), (0, 0, 0.88), bevel=0.006, grain="x")
    frame = [box((0.05, 0.05, 0.86), (x, y, 0.43)) for x in (-0.85, 0.85) for y in (-0.35, 0.35)]
    frame += [box((0.05, 0.05, 1.1), (x, 0.37, 1.44)) for x in (-0.85, 0.85)]
    frame.append(box((1.7, 0.03, 0.06), (0, -0.35, 0.82)))
    shelves = [box((1.7, 0.35, 0.02), (0, 0.24, z)) for z in (1.45, 1.95)]
    lower = box((1.7, 0.66, 0.02), (0, 0.02, 0.25))
    case = box((0.52, 0.04, 0.33), (0.45, 0.05, 1.2), bevel=0.008)
    picture = rectangle((0.21, 0.029, 1.055), (0.48, 0, 0), (0, 0, 0.285), uv=uv_of("screen"))
    arm = tube([(0.45, 0.32, 1.3), (0.45, 0.08, 1.2)], 0.014, 6)
    printer = box((0.28, 0.26, 0.2), (-0.55, 0.15, 1.0), bevel=0.015)
    roll = moved(cylinder(0.05, 0.05, 14), (-0.1, -0.05, 0.95), x=90)
    keyboard = box((0.4, 0.14, 0.015), (0.42, -0.2, 0.908), bevel=0.004)
    return combine(
        paint("Laminate", top),
        paint("SteelGray", *frame, *shelves, lower),
        paint("PlasticBlack", case, arm, keyboard, printer),
        paint("SignsLit", picture),
        paint("PaintYellow", roll),
    )


def _caster(x: float, y: float, radius: float = 0.06) -> Solid:
    wheel = moved(cylinder(radius, 0.035, 16, 0.006), (x, y + 0.0175, radius), x=90)
    fork = [box((0.05, 0.005, radius * 1.4), (x, y + side * 0.023, radius * 1.45)) for side in (-1, 1)]
    plate = box((0.07, 0.07, 0.006), (x, y, radius * 2.15))
    return combine(paint("Rubber", wheel), paint("SteelGalvanised", *fork, plate))


def _push_cart() -> Solid:
    """A two-deck warehouse trolley, 1.0 x 0.6 m; pushed from -x."""
    casters = [_caster(x, y, 0.075) for x in (-0.4, 0.4) for y in (-0.22, 0.22)]
    decks = [box((1.0, 0.6, 0.03), (0, 0, z), bevel=0.006, grain="x") for z in (0.19, 0.82)]
    rails = [
        tube([(x, -0.28, 0.16), (x, -0.28, z), (x, 0.28, z), (x, 0.28, 0.16)], 0.016, 8)
        for x, z in ((-0.48, 1.06), (0.48, 0.93))
    ]
    lips = [box((0.94, 0.012, 0.05), (0, y, 0.86)) for y in (-0.29, 0.29)]
    return combine(paint("Laminate", *decks), paint("SteelBlue", *rails, *lips), *casters)


def _pallet_truck() -> Solid:
    """A hand pallet truck; forks to -y, the handle to +y."""
    forks, rollers = [], []
    for x in (-0.19, 0.19):
        forks.append(box((0.16, 1.15, 0.05), (x, -0.38, 0.11), bevel=0.012))
        rollers.append(moved(cylinder(0.04, 0.09, 14), (x - 0.045, -0.82, 0.04), y=90))
    body = box((0.54, 0.16, 0.2), (0, 0.24, 0.2), bevel=0.02)
    pump = moved(cylinder(0.06, 0.28, 16), (0, 0.36, 0.16))
    wheels = [moved(cylinder(0.09, 0.05, 18, 0.008), (x, 0.36, 0.09), y=90) for x in (-0.08, 0.03)]
    shaft = tube([(0, 0.37, 0.4), (0, 0.62, 1.12)], 0.018, 8)
    loop = tube(
        [
            (0, 0.62, 1.12),
            (-0.14, 0.655, 1.2),
            (-0.12, 0.69, 1.3),
            (0.12, 0.69, 1.3),
            (0.14, 0.655, 1.2),
            (0, 0.62, 1.12),
        ],
        0.014,
        8,
    )
    return combine(
        paint("SteelYellow", *forks, body), paint("SteelDark", pump, shaft, loop), paint("Rubber", *rollers, *wheels)
    )


def _half_wall() -> Solid:
    """Two metres of partition along x: panel, glazing bars, no glass."""
    panel = box((1.9, 0.08, 0.95), (0, 0, 0.475), bevel=0.004)
    posts = [box((0.048, 0.096, 1.3), (x, 0, 0.65), bevel=0.003) for x in (-0.975, 0.975)]
    rails = [box((1.91, 0.05, 0.05), (0, 0, z)) for z in (1.265, 0.98)]
    return combine(paint("SteelWhite", panel), paint("SteelGreen", *posts, *rails))


def furniture() -> list[Prop]:
    """All furniture and carts."""
    return [
        Prop("SM_Table_01", "table", _table()),
        Prop("SM_Chair_01", "chair", _chair()),
        Prop("SM_Bench_01", "bench", _bench()),
        Prop("SM_VendingMachine_01", "vending_machine", _vending_machine()),
        Prop("SM_WaterCooler_01", "water_cooler", _water_cooler()),
        Prop("SM_Kitchenette_01", "counter", _kitchenette()),
        Prop("SM_Locker_01", "locker", _locker()),
        Prop("SM_PackingTable_01", "table", _packing_table()),
        Prop("SM_PushcartA_02", "pushcart", _push_cart()),
        Prop("SM_PalletTruck_01", "pallet_truck", _pallet_truck()),
        Prop("SM_HalfWall_01", "partition", _half_wall()),
    ]

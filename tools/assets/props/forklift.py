"""A counterbalance forklift of 2.5 t; forks to -y, the driver sits at the origin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry.mesh import Mesh, both_sides, merge, moved
from ..geometry.shapes import box, cylinder, extrude, lathe, rectangle, tube
from ..geometry.solid import Solid, combine, paint, placed
from ..prop import Link, Prop
from ..textures.signs import uv_of

MAST_Y = -0.72
"""Where the mast stands [m]."""


def _side_profile(outline: Sequence[tuple[float, float]], width: float) -> Mesh:
    """Extrude a side view given as (y, z), counter-clockwise seen from +x, across the truck's width."""
    # `extrude` works in x-z: its x becomes our y.
    return moved(extrude(outline, width), z=90)


def wheel(radius: float, width: float) -> Solid:
    """A wheel about the x axis, centred on the origin: tyre, rim, hub bolts."""
    rim, half = radius * 0.55, width / 2
    tyre = [
        (rim, -half),
        (radius * 0.93, -half),
        (radius, -half * 0.7),
        (radius, half * 0.7),
        (radius * 0.93, half),
        (rim, half),
    ]
    disc = [
        (0.0, -half * 0.55),
        (rim, -half * 0.55),
        (rim, half * 0.55),
        (radius * 0.3, half * 0.55),
        (radius * 0.26, half * 0.8),
        (0, half * 0.8),
    ]
    bolts = [
        moved(cylinder(radius * 0.04, half * 0.2, 6), (radius * 0.4 * np.cos(a), radius * 0.4 * np.sin(a), half * 0.55))
        for a in np.linspace(0, 2 * np.pi, 6, endpoint=False)
    ]
    return combine(
        placed(paint("Rubber", lathe(tyre, 28, crease=50)), y=90),
        placed(paint("SteelWhite", lathe(disc, 24), *bolts), y=90),
    )


_FRAME = (
    (-0.62, 0.16),
    (0.45, 0.16),
    (0.45, 0.74),
    (-0.2, 0.62),
    (-0.28, 0.36),
    (-0.46, 0.36),
    (-0.52, 0.86),
    (-0.62, 0.9),
)
_HOOD = ((-0.12, 0.56), (0.62, 0.60), (0.62, 0.90), (0.55, 0.93), (-0.06, 0.90), (-0.12, 0.86))
_WEIGHT = (
    *((0.42, 0.22), (1.08, 0.22), (1.22, 0.30), (1.30, 0.46), (1.32, 0.70)),
    *((1.28, 0.90), (1.16, 1.02), (0.98, 1.06), (0.62, 1.02), (0.42, 0.94)),
)
_FENDER = ((-0.86, 0.60), (-0.40, 0.60), (-0.40, 0.66), (-0.52, 0.70), (-0.78, 0.70), (-0.86, 0.66))
_DASH = ((-0.60, 0.86), (-0.46, 0.84), (-0.40, 1.08), (-0.50, 1.14), (-0.60, 1.12))
_GUARD = ((-0.56, 0.86), (-0.34, 2.08), (-0.26, 2.14), (0.72, 2.14), (0.80, 2.08), (0.90, 1.0))
"""Side views: (y, z) [m]."""


def body_solid() -> Solid:
    """Everything on the chassis but the mast."""
    return combine(_hull(), _cab(), _guard(), _gas_bottle(), _print())


def _hull() -> Solid:
    """Frame, steps, fenders, engine hood, counterweight."""
    cheeks = both_sides(box((0.05, 0.5, 0.5), (0.545, 0.85, 0.62), bevel=0.024), 0)
    step = both_sides(box((0.14, 0.34, 0.03), (0.5, -0.14, 0.36)), 0)
    fender = both_sides(moved(_side_profile(_FENDER, 0.2), (0.52, 0, 0)), 0)
    grille = [box((0.6, 0.006, 0.018), (0, 1.322, 0.52 + 0.045 * k)) for k in range(6)]
    return combine(
        paint("SteelOrange", _side_profile(_WEIGHT, 1.06), cheeks, fender, _side_profile(_HOOD, 0.94)),
        paint("SteelDark", _side_profile(_FRAME, 0.98), step, *grille),
    )


def _cab() -> Solid:
    """Dashboard, steering wheel, levers, seat."""
    seat = [
        box((0.5, 0.46, 0.12), (0, 0.20, 0.98), bevel=0.04),
        moved(box((0.48, 0.12, 0.52), (0, 0, 0.26), bevel=0.045), (0, 0.42, 1.02), x=-12),
        both_sides(box((0.06, 0.3, 0.05), (0.28, 0.22, 1.18), bevel=0.02), 0),
    ]
    ring = [(0.16 * np.cos(a), 0.16 * np.sin(a), 0) for a in np.linspace(0, 2 * np.pi, 19)]
    wheel_parts = merge([tube(ring, 0.013, 6, caps=False), tube([(-0.15, 0, 0), (0.15, 0, 0)], 0.009, 6)])
    steering = moved(wheel_parts, (0, -0.24, 1.27), x=-38)
    column = tube([(0, -0.46, 1.0), (0, -0.25, 1.26)], 0.025, 8)
    levers = [tube([(x, -0.44, 1.1), (x, -0.40, 1.26)], 0.008, 6) for x in (0.18, 0.24, 0.30)]
    return combine(
        paint("PlasticBlack", *seat, steering, column, *levers), paint("SteelDark", _side_profile(_DASH, 0.8))
    )


def _guard() -> Solid:
    """Overhead guard with work lights and a beacon."""
    pillars = both_sides(tube([(0.45, y, z) for y, z in _GUARD], 0.032, 8), 0)
    roof = [tube([(-0.45, y, 2.14), (0.45, y, 2.14)], 0.02, 6) for y in np.linspace(-0.24, 0.72, 8)]
    beacon = lathe([(0.05, 2.16), (0.05, 2.20), (0.045, 2.26), (0.02, 2.28), (0, 2.282)], 14, crease=50)
    lights = [moved(cylinder(0.06, 0.05, 14), (x, -0.52, 1.94), x=90) for x in (-0.45, 0.45)]
    lenses = [moved(cylinder(0.05, 0.006, 14), (x, -0.568, 1.94), x=90) for x in (-0.45, 0.45)]
    return combine(
        paint("SteelDark", pillars, *roof),
        paint("LampAmber", beacon),
        paint("PlasticBlack", *lights),
        paint("Retroreflective", *lenses),
    )


def _gas_bottle() -> Solid:
    """The fuel bottle on the counterweight."""
    profile = [(0, -0.32), (0.1, -0.3), (0.15, -0.24), (0.15, 0.24), (0.1, 0.3), (0, 0.32)]
    bottle = moved(lathe(profile, 20, crease=50), (0, 1.0, 1.24), y=90)
    straps = [moved(lathe([(0.153, -0.025), (0.153, 0.025)], 20), (x, 1.0, 1.24), y=90) for x in (-0.14, 0.14)]
    return combine(paint("SteelGray", bottle), paint("SteelDark", *straps))


def _print() -> Solid:
    """Capacity on both flanks, the maker's name at the back."""
    names = [_side_sign("capacity", side, 0.571, 0.85, 0.72, 0.42, 0.14) for side in (-1, 1)]
    names.append(rectangle((0.3, 1.3235, 0.82), (-0.6, 0, 0), (0, 0, 0.1), uv=uv_of("maker")))
    return paint("Signs", *names)


def _side_sign(place: str, side: int, x: float, y: float, z: float, width: float, height: float) -> Mesh:
    """A sticker on the flank."""
    start = (side * x, y - side * width / 2, z - height / 2)
    return rectangle(start, (0, side * width, 0), (0, 0, height), uv=uv_of(place))


def mast_solid() -> Solid:
    """The two fixed rails with their cross bars and tilt cylinders."""
    rails = both_sides(
        merge([box((0.05, 0.14, 2.05), (0.36, MAST_Y, 1.13)), box((0.09, 0.03, 2.05), (0.34, MAST_Y + 0.055, 1.13))]), 0
    )
    inner = both_sides(box((0.04, 0.10, 1.98), (0.295, MAST_Y - 0.01, 1.12)), 0)
    bars = [box((0.76, 0.06, 0.10), (0, MAST_Y + 0.06, z)) for z in (0.25, 2.1)]
    bars.append(box((0.62, 0.05, 0.08), (0, MAST_Y + 0.02, 1.95)))
    cylinders = both_sides(moved(cylinder(0.035, 1.6, 12), (0.22, MAST_Y + 0.02, 0.215)), 0)
    chains = both_sides(box((0.03, 0.012, 1.5), (0.13, MAST_Y - 0.03, 1.15)), 0)
    tilt = both_sides(tube([(0.40, MAST_Y + 0.06, 0.72), (0.40, -0.30, 0.52)], 0.028, 8), 0)
    return combine(
        paint("SteelDark", rails, inner, *bars),
        paint("SteelGalvanised", chains),
        paint("Chrome", cylinders, tilt),
    )


def carriage_solid() -> Solid:
    """What goes up and down: two plates, load guard, forks; as it stands with the forks low."""
    front = MAST_Y - 0.10
    plates = [box((0.98, 0.045, 0.10), (0, front, z)) for z in (0.20, 0.56)]
    posts = both_sides(box((0.06, 0.06, 0.5), (0.24, front + 0.05, 0.38)), 0)
    guard = [box((0.98, 0.03, 0.03), (0, front, 1.22))] + [
        box((0.025, 0.025, 0.62), (x, front, 0.915)) for x in np.linspace(-0.45, 0.45, 7)
    ]
    blade = _side_profile(
        [
            (front - 1.12, 0.055),
            (front - 0.02, 0.04),
            (front - 0.02, 0.62),
            (front - 0.065, 0.62),
            (front - 0.065, 0.095),
            (front - 1.12, 0.07),
        ],
        0.12,
    )
    forks = both_sides(moved(blade, (0.27, 0, 0)), 0)
    return paint("SteelDark", *plates, posts, *guard, forks)


def forklift_links() -> tuple[Link, ...]:
    """The chassis with everything on it that can move, forks to -y."""
    radius, rear = 0.33, 0.24
    flipped = placed(wheel(radius, 0.22), z=180)
    return (
        Link(
            "chassis",
            solid=combine(body_solid(), mast_solid()),
            links=(
                Link("lift", solid=carriage_solid()),
                Link("left_wheel", (0.47, -0.58, radius), wheel(radius, 0.22)),
                Link("right_wheel", (-0.47, -0.58, radius), flipped),
                Link(
                    "rear_swivel",
                    (0.0, 0.86, rear),
                    paint("SteelDark", box((0.76, 0.12, 0.1))),
                    links=(
                        Link("rear_left_wheel", (0.43, 0.0, 0.0), wheel(rear, 0.16)),
                        Link("rear_right_wheel", (-0.43, 0.0, 0.0), placed(wheel(rear, 0.16), z=180)),
                    ),
                ),
            ),
        ),
    )


def forklifts() -> list[Prop]:
    """The parked truck of the tutorials."""
    return [Prop("Forklift", "forklift", folder="Isaac/Props/Forklift", file_name="forklift", links=forklift_links())]

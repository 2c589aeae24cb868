"""A straight belt conveyor."""

from __future__ import annotations

from ..geometry.mesh import moved
from ..geometry.shapes import box, cylinder
from ..geometry.solid import Solid, combine, paint
from ..prop import Prop

APPROACH = 0.8
"""Clear floor between the origin, where the operator hands over, and the belt's infeed [m]."""


def _belt_conveyor(length: float, width: float, height: float) -> Solid:
    """A belt along +x that starts `APPROACH` metres from the origin."""
    middle = APPROACH + length / 2
    side_y = width / 2 + 0.04
    belt = box((length - 0.1, width, 0.03), (middle, 0, height), bevel=0.012, grain="x")
    lower = box((length - 0.2, width, 0.02), (middle, 0, height - 0.16))
    sides, legs, feet, guides, brackets = [], [], [], [], []
    for side in (-1, 1):
        sides.append(box((length, 0.05, 0.2), (middle, side * side_y, height - 0.07), bevel=0.006))
        guides.append(box((length - 0.3, 0.025, 0.05), (middle, side * (side_y - 0.01), height + 0.14), bevel=0.01))
        for k in range(5):
            x = middle + (k - 2) * (length - 0.5) / 4
            brackets.append(box((0.03, 0.015, 0.14), (x, side * (side_y + 0.012), height + 0.08)))
        for x in (APPROACH + 0.35, middle, APPROACH + length - 0.35):
            legs.append(box((0.07, 0.05, height - 0.18), (x, side * side_y, (height - 0.18) / 2 + 0.01)))
            feet.append(box((0.16, 0.12, 0.014), (x, side * side_y, 0.009)))
    cross = [box((0.05, width + 0.04, 0.05), (x, 0, 0.28)) for x in (APPROACH + 0.35, middle, APPROACH + length - 0.35)]
    rollers = [
        moved(cylinder(0.05, width + 0.02, 14), (x, (width + 0.02) / 2, height - 0.05), x=90)
        for x in (APPROACH + 0.06, APPROACH + length - 0.06)
    ]
    motor = [
        moved(cylinder(0.09, 0.3, 18, 0.01), (middle + 0.5, -side_y - 0.06, height - 0.28), x=90),
        box((0.2, 0.16, 0.2), (middle + 0.5, -side_y - 0.06, height - 0.25), bevel=0.02),
    ]
    stop = [
        box((0.09, 0.06, 0.12), (APPROACH + 0.5, -side_y - 0.055, height - 0.04), bevel=0.008),
    ]
    button = moved(cylinder(0.03, 0.03, 14, 0.006), (APPROACH + 0.5, -side_y - 0.085, height - 0.04), x=90)
    return combine(
        paint("Rubber", belt, lower),
        paint("SteelBlue", *sides, *legs, *cross),
        paint("SteelDark", *feet, *brackets),
        paint("SteelGalvanised", *guides, *rollers),
        paint("SteelOrange", *motor),
        paint("PlasticYellow", *stop),
        paint("PlasticRed", button),
    )


def conveyors() -> list[Prop]:
    """One straight piece, four metres long."""
    folder = "Isaac/Props/Conveyors"
    return [Prop("ConveyorBelt_A08", "conveyor", _belt_conveyor(4.0, 0.6, 0.8), folder=folder)]

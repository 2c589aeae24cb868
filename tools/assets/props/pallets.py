"""Pallets, bare and loaded."""

from __future__ import annotations

from ..geometry.mesh import Mesh, shifted_uvs
from ..geometry.shapes import box
from ..geometry.solid import Solid, combine, paint, placed
from ..prop import Prop

LENGTH, WIDTH, HEIGHT = 1.2, 0.8, 0.144
"""A EUR pallet [m], length along x."""


def pallet_solid(look: str) -> Solid:
    """Twenty pieces of timber: top boards, cross boards, blocks, skids."""
    pieces: list[Mesh] = []

    def timber(
        size: tuple[float, float, float],
        center: tuple[float, float, float],
        grain: str,
        faces: tuple[str, ...] = ("+x", "-x", "+y", "-y", "+z", "-z"),
    ) -> None:
        # Each piece shows another part of the plank texture.
        k = len(pieces)
        pieces.append(shifted_uvs(box(size, center, grain=grain, faces=faces), (0.37 * k, 0.173 * k)))

    for y, width in ((-0.3275, 0.145), (-0.18, 0.1), (0.0, 0.145), (0.18, 0.1), (0.3275, 0.145)):
        timber((LENGTH, width, 0.022), (0, y, HEIGHT - 0.011), "x")
    for x in (-0.5275, 0.0, 0.5275):
        timber((0.145, WIDTH, 0.022), (x, 0, HEIGHT - 0.033), "y")
    for x in (-0.5275, 0.0, 0.5275):
        for y, width in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
            timber((0.145, width, 0.078), (x, y, 0.061), "x", ("+x", "-x", "+y", "-y"))
    for y, width in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
        timber((LENGTH, width, 0.022), (0, y, 0.011), "x", ("+x", "-x", "+y", "-y", "+z"))
    return paint(look, *pieces)


def _wrapped(height: float) -> Solid:
    """A pallet with a load under stretch film."""
    load = box((LENGTH - 0.02, WIDTH - 0.02, height), (0, 0, HEIGHT + height / 2), bevel=0.025)
    film = paint("StretchFilm", load)
    label = box(
        (0.2, 0.002, 0.15),
        (0.1, -WIDTH / 2 + 0.007, HEIGHT + height * 0.55),
        faces=("-y",),
        uv_boxes={"-y": (0.640, 0.780, 0.722, 0.840)},
    )
    return combine(pallet_solid("WoodOld"), film, paint("CartonA", label))


def _stack(count: int) -> Solid:
    layers = []
    for k in range(count):
        shift, yaw = (0.012 * ((k * 5) % 3 - 1), 0.01 * ((k * 7) % 3 - 1)), ((k * 37) % 5 - 2) * 0.6
        layers.append(placed(pallet_solid("WoodPallet" if k % 3 else "WoodOld"), (*shift, k * HEIGHT), z=yaw))
    return combine(*layers)


def pallets() -> list[Prop]:
    """Bare, painted, stacked and film-wrapped pallets."""
    return [
        Prop("SM_PaletteA_01", "pallet", pallet_solid("WoodPallet")),
        Prop("SM_PaletteA_02", "pallet", pallet_solid("WoodBlue")),
        Prop("SM_PaletteA_03", "pallet", pallet_solid("WoodOld")),
        Prop("SM_PaletteStack_01", "pallet", _stack(7)),
        Prop("SM_WrappedLoad_01", "pallet", _wrapped(1.05)),
        Prop("SM_WrappedLoad_02", "pallet", _wrapped(0.78)),
        Prop("Pallet", "pallet", pallet_solid("WoodPallet"), folder="Isaac/Props/Pallet", file_name="pallet"),
    ]

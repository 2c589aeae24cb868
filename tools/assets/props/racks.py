"""Pallet racking: upright frames, beam levels, a whole bay, guards."""

from __future__ import annotations

from ..geometry.mesh import Mesh
from ..geometry.shapes import box, tube
from ..geometry.solid import Solid, combine, paint, placed
from ..prop import Prop
from ..textures.signs import uv_of

BAY = 2.8
"""Distance between frames [m]."""
DEPTH = 1.1
"""Front to back [m]."""
HEIGHT = 7.2
"""Height of a frame [m]."""
LEVELS = (1.55, 3.15, 4.75, 6.35)
"""Heights of the beams' upper edges [m]."""
POST = 0.1
BEAM_HEIGHT = 0.12


def frame_solid(height: float = HEIGHT) -> Solid:
    """An upright frame in the y-z plane: two posts, bracing, foot plates."""
    posts, braces, feet = [], [], []
    for y in (-DEPTH / 2 + 0.045, DEPTH / 2 - 0.045):
        posts.append(box((POST, 0.08, height), (0, y, height / 2)))
        feet.append(box((0.16, 0.14, 0.008), (0, y, 0.006)))
    z, side = 0.3, 1
    reach = DEPTH / 2 - 0.07
    while z + 0.9 < height:
        braces.append(_brace((0, -reach * side, z), (0, reach * side, z + 0.9)))
        z += 0.9
        side = -side
    braces.append(_brace((0, -reach, 0.18), (0, reach, 0.18)))
    braces.append(_brace((0, -reach, height - 0.15), (0, reach, height - 0.15)))
    return combine(paint("RackUpright", *posts), paint("SteelBlue", *braces), paint("SteelGalvanised", *feet))


def _brace(start: tuple[float, float, float], end: tuple[float, float, float]) -> Mesh:
    return tube([start, end], 0.022, 4, caps=False)


def shelf_solid() -> Solid:
    """One level between two frames, centred in x, upper edge of the beams at z = 0: beams, connectors, mesh deck."""
    beams, connectors, deck, labels = [], [], [], []
    length = BAY - POST
    for side in (-1, 1):
        y = side * (DEPTH / 2 - 0.025)
        beams.append(box((length - 0.012, 0.05, BEAM_HEIGHT), (0, y, -BEAM_HEIGHT / 2), bevel=0.006))
        for end in (-1, 1):
            connectors.append(
                box((0.05, 0.014, 0.22), (end * (length / 2 - 0.025), y + side * 0.033, -BEAM_HEIGHT / 2 - 0.02))
            )
        for k in (-0.9, 0.0, 0.9):
            face = "+y" if side > 0 else "-y"
            labels.append(
                box(
                    (0.17, 0.002, 0.055),
                    (k, y + side * 0.0265, -0.06),
                    faces=(face,),
                    uv_boxes={face: uv_of("barcode")},
                )
            )
    for k in range(9):
        deck.append(box((0.03, DEPTH - 0.11, 0.02), ((k - 4) * 0.32, 0, -0.022), faces=("+x", "-x", "+z", "-z")))
    return combine(
        paint("SteelOrange", *beams),
        paint("SteelDark", *connectors),
        paint("SteelGalvanised", *deck),
        paint("Signs", *labels),
    )


def _pile() -> Solid:
    """A free-standing bay of three levels, as one object."""
    height = 5.2
    parts = [placed(frame_solid(height), (side * BAY / 2, 0, 0)) for side in (-1, 1)]
    parts += [placed(shelf_solid(), (0, 0, z)) for z in LEVELS[:3]]
    return combine(*parts)


def _upright_guard() -> Solid:
    """A yellow corner guard bolted before a post."""
    sides = [box((0.16, 0.012, 0.42), (0, -0.09, 0.215), bevel=0.004)]
    sides += [box((0.012, 0.18, 0.42), (x, 0, 0.215), bevel=0.004) for x in (-0.08, 0.08)]
    return combine(paint("SteelYellow", *sides), paint("SteelDark", box((0.24, 0.26, 0.012), (0, 0, 0.0085))))


def _end_guard() -> Solid:
    """The double rail that protects the end of a rack row; runs along y."""
    rails = [
        tube(
            [(0, -1.15, 0.02), (0, -1.15, z - 0.08), (0, -1.07, z), (0, 1.07, z), (0, 1.15, z - 0.08), (0, 1.15, 0.02)],
            0.04,
            8,
        )
        for z in (0.62,)
    ]
    rails.append(tube([(0, -1.15, 0.3), (0, 1.15, 0.3)], 0.035, 8))
    plates = [box((0.2, 0.2, 0.01), (0, y, 0.008)) for y in (-1.15, 1.15)]
    return combine(paint("SteelYellow", *rails), paint("SteelDark", *plates))


def _load_sign() -> Solid:
    """The load notice that hangs on a frame; faces -x."""
    return paint("Signs", box((0.008, 0.36, 0.24), faces=("-x",), uv_boxes={"-x": uv_of("load_plate")}))


def racks() -> list[Prop]:
    """Everything racking is put together from."""
    return [
        Prop("SM_RackFrame_01", "rack", frame_solid()),
        Prop("SM_RackShelf_01", "rack", shelf_solid()),
        Prop("SM_RackPile_03", "rack", _pile()),
        Prop("SM_RackGuard_01", "rail", _upright_guard()),
        Prop("SM_RackEndGuard_01", "rail", _end_guard()),
        Prop("SM_LoadSign_01", "sign", _load_sign()),
    ]

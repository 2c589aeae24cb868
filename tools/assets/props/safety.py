"""Cones, extinguishers, signs, rails, bollards, floor decals."""

from __future__ import annotations

import numpy as np

from ..geometry.mesh import Mesh, moved
from ..geometry.shapes import box, cylinder, lathe, outline_plate, rectangle, tube
from ..geometry.solid import Solid, combine, paint, placed
from ..prop import Prop
from ..textures.signs import outline_of, uv_of

DECAL_HEIGHT = 0.003
"""Height of floor markings above the floor, so that the two never fight [m]."""


def _cone() -> Solid:
    """A 75 cm traffic cone with two reflective collars."""
    height, low, high = 0.72, 0.165, 0.03

    def radius(z: float) -> float:
        return low + (high - low) * (z - 0.04) / (height - 0.04)

    def band(z0: float, z1: float, lift: float = 0.0) -> Mesh:
        return lathe([(radius(z0) + lift, z0), (radius(z1) + lift, z1)], 28)

    base = box((0.42, 0.42, 0.035), (0, 0, 0.0175), bevel=0.01)
    skirt = lathe([(0.2, 0.035), (low, 0.06)], 28)
    top = lathe([(radius(0.69), 0.69), (high - 0.004, height), (high - 0.012, height), (high - 0.014, 0.6)], 28)
    orange = [skirt, band(0.06, 0.24), band(0.37, 0.45), band(0.55, 0.69), top]
    white = [band(0.24, 0.37, 0.0015), band(0.45, 0.55, 0.0015)]
    return combine(paint("PlasticOrange", *orange), paint("Retroreflective", *white), paint("Rubber", base))


def _extinguisher() -> Solid:
    """A 6 kg extinguisher with its hose, standing."""
    radius, height = 0.08, 0.44
    angles = np.linspace(0, np.pi / 2, 6)
    shoulder = [(radius * np.cos(a) if a < np.pi / 2 else 0.02, height - 0.02 + 0.055 * np.sin(a)) for a in angles]
    body = lathe([(0, 0), (radius - 0.006, 0), (radius, 0.01), (radius, 0.2), *shoulder], 24, crease=50)
    neck = moved(cylinder(0.022, 0.04, 12), (0, 0, height + 0.03))
    levers = [
        box((0.15, 0.022, 0.012), (0.05, 0, height + 0.075), bevel=0.003),
        moved(box((0.16, 0.022, 0.012), (0.05, 0, 0), bevel=0.003), (0, 0, height + 0.115), y=-10),
    ]
    hose = tube(
        [(-0.02, 0, height + 0.05), (-0.08, 0, height + 0.05), (-0.11, 0, height), (-0.105, 0, 0.3), (-0.095, 0, 0.14)],
        0.011,
        8,
    )
    horn = moved(lathe([(0.012, 0), (0.02, 0.1)], 12), (-0.09, 0, 0.14), x=180)
    label = lathe([(radius + 0.001, 0.16), (radius + 0.001, 0.33)], 24)
    return combine(
        paint("SteelRed", body),
        paint("SteelDark", neck, *levers),
        paint("PlasticBlack", hose, horn),
        paint("PlasticWhite", label),
    )


def _extinguisher_post() -> Solid:
    """An extinguisher on the wall below its sign; the wall is at y = 0, it faces -y."""
    sign = box((0.24, 0.006, 0.24), (0, -0.004, 1.9), faces=("-y",), uv_boxes={"-y": uv_of("extinguisher")})
    plate = box((0.3, 0.012, 0.8), (0, -0.008, 1.15))
    return combine(placed(_extinguisher(), (0, -0.11, 0.86)), paint("Signs", sign), paint("SteelWhite", plate))


def _aisle_sign(letter: str) -> Solid:
    """A sign of 1.2 x 0.9 m that hangs from two wires; read from both sides (-x and +x); its top is at z = 0."""
    width, height = 1.2, 0.9
    faces = {face: uv_of(f"aisle_{letter}") for face in ("+x", "-x")}
    panel = box((0.03, width, height), (0, 0, -height / 2), faces=("+x", "-x"), uv_boxes=faces)
    rim = [
        box((0.036, width + 0.012, 0.02), (0, 0, 0.0)),
        box((0.036, width + 0.012, 0.02), (0, 0, -height)),
        *(box((0.036, 0.02, height), (0, side * width / 2, -height / 2)) for side in (-1, 1)),
    ]
    wires = [tube([(0, y, 0), (0, y, 4.2)], 0.004, 4, caps=False) for y in (-0.45, 0.45)]
    return combine(paint("Signs", panel), paint("SteelGray", *rim), paint("SteelDark", *wires))


def _wall_sign(place: str, width: float, height: float) -> Solid:
    """A sign on a wall at y = 0, facing -y, centred on the origin."""
    outline = outline_of(place)
    if outline is not None:
        return paint("Signs", moved(outline_plate(outline, width, uv_of(place)), (0, -0.012, 0), x=90))
    return combine(
        paint("Signs", box((width, 0.012, height), (0, -0.006, 0), faces=("-y",), uv_boxes={"-y": uv_of(place)})),
        paint(
            "SteelGray",
            *(box((width, 0.012, 0.012), (0, -0.006, side * height / 2)) for side in (-1, 1)),
            *(box((0.012, 0.012, height), (side * width / 2, -0.006, 0)) for side in (-1, 1)),
        ),
    )


def _exit_sign() -> Solid:
    """A lit box above a door, on a wall at y = 0, facing -y."""
    face = box((0.62, 0.06, 0.31), (0, -0.05, 0), faces=("-y",), uv_boxes={"-y": uv_of("exit")})
    case = box((0.64, 0.07, 0.33), (0, -0.036, 0), faces=("+x", "-x", "+z", "-z"))
    return combine(paint("SignsLit", face), paint("PlasticWhite", case))


def _wet_floor_sign() -> Solid:
    """A folding A-frame; read from -y and +y."""
    parts: list[Solid] = []
    for turn in (0, 180):
        panel = box((0.3, 0.012, 0.62), (0, 0, 0.31), bevel=0.004)
        art = rectangle((-0.135, -0.0075, 0.1), (0.27, 0, 0), (0, 0, 0.48), uv=uv_of("wet_floor"))
        side = placed(combine(paint("PlasticYellow", panel), paint("Signs", art)), x=-14)
        parts.append(placed(placed(side, (0, -0.155, 0)), z=turn))
    return combine(*parts)


def _bollard() -> Solid:
    post = lathe([(0.085, 0.0), (0.085, 0.95), (0.07, 1.0), (0.03, 1.02), (0, 1.025)], 20, crease=50)
    plate = box((0.3, 0.3, 0.012), (0, 0, 0.008))
    bands = [lathe([(0.0865, z), (0.0865, z + 0.1)], 20) for z in (0.35, 0.65)]
    return combine(paint("SteelYellow", post), paint("SteelDark", plate, *bands))


def _barrier_rail() -> Solid:
    """Two metres of polymer barrier along x: two posts, two rails."""
    posts = [moved(box((0.13, 0.13, 1.05), (0, 0, 0.525), bevel=0.02), (x, 0, 0)) for x in (-0.95, 0.95)]
    rails = [box((1.78, 0.07, 0.16), (0, 0, z), bevel=0.03) for z in (0.35, 0.85)]
    plates = [box((0.26, 0.26, 0.012), (x, 0, 0.008)) for x in (-0.95, 0.95)]
    return combine(paint("PlasticBlack", *posts), paint("SteelYellow", *rails), paint("SteelDark", *plates))


def _floor_decal(look: str, width: float, length: float) -> Solid:
    """Paint on the floor, along x."""
    mesh = rectangle((-length / 2, -width / 2, DECAL_HEIGHT), (length, 0, 0), (0, width, 0))
    return paint(look, mesh)


def safety() -> list[Prop]:
    """All safety equipment."""
    return [
        Prop("S_TrafficCone", "cone", _cone()),
        Prop("SM_FireExtinguisher_01", "fire_extinguisher", _extinguisher()),
        Prop("SM_FireExtinguisher_02", "fire_extinguisher", _extinguisher_post()),
        Prop("S_AisleSign", "sign", _aisle_sign("A")),
        *(Prop(f"S_AisleSign_{letter}", "sign", _aisle_sign(letter)) for letter in "BCDEF"),
        *(Prop(f"S_DockSign_{k}", "sign", _wall_sign(f"dock_{k}", 0.7, 0.7)) for k in range(1, 5)),
        Prop("S_ForkliftSign", "sign", _wall_sign("forklift_warning", 0.6, 0.6)),
        Prop("S_HelmetSign", "sign", _wall_sign("mandatory_helmet", 0.6, 0.6)),
        Prop("S_SpeedSign", "sign", _wall_sign("speed_limit", 0.6, 0.6)),
        Prop("S_FirstAidSign", "sign", _wall_sign("first_aid", 0.4, 0.4)),
        Prop("S_BreakRoomSign", "sign", _wall_sign("break_room", 0.8, 0.4)),
        Prop("S_ExitSign", "sign", _exit_sign()),
        Prop("S_WetFloorSign", "sign", _wet_floor_sign()),
        Prop("SM_NoticeBoard_01", "board", _wall_sign("board", 1.5, 1.0)),
        Prop("SM_Bollard_01", "bollard", _bollard()),
        Prop("SM_BarrierRail_01", "rail", _barrier_rail()),
        Prop("SM_FloorDecal_StripeFull_4m", "floor_decal", _floor_decal("PaintYellow", 0.1, 4.0)),
        Prop("SM_FloorDecal_Hazard_2m", "floor_decal", _floor_decal("HazardStripes", 0.5, 2.0)),
    ]

"""Drums, crates, totes, bottles, buckets, bins."""

from __future__ import annotations

import numpy as np

from ..geometry.mesh import Mesh, merge, moved
from ..geometry.shapes import box, cylinder, lathe, polygon, tube
from ..geometry.solid import Solid, combine, paint
from ..prop import Prop
from ..textures.signs import uv_of


def _drum(look: str) -> Solid:
    """A 220 l drum with two hoops, chime, bungs and a hazard label."""
    radius, height = 0.29, 0.89
    profile = [(radius - 0.018, 0), (radius - 0.004, 0), (radius, 0.012)]
    for hoop in (0.30, 0.59):
        profile += [(radius, hoop - 0.022), (radius + 0.012, hoop), (radius, hoop + 0.022)]
    top = height - 0.02
    profile += [(radius, top), (radius - 0.004, height), (radius - 0.018, height), (radius - 0.02, top), (0, top)]
    bungs = [moved(cylinder(r, 0.018, 8), (x, 0.05, top)) for x, r in ((0.17, 0.035), (-0.19, 0.02))]
    label = _wrapped_label("hazard_diamond", radius + 0.002, -90, 40, 0.345, 0.545)
    return combine(paint(look, lathe(profile, 24, crease=50), *bungs), paint("Signs", label))


def _wrapped_label(name: str, radius: float, middle: float, spread: float, z0: float, z1: float) -> Mesh:
    """A sticker on a cylinder about z, cut into flat strips."""
    u0, v0, u1, v1 = uv_of(name, 6)
    steps = 6
    angles = np.radians(np.linspace(middle - spread / 2, middle + spread / 2, steps + 1))
    us = np.linspace(u0, u1, steps + 1)
    strips = []
    for k in range(steps):
        a, b = ((radius * np.cos(angle), radius * np.sin(angle)) for angle in angles[k : k + 2])
        corners = [(*a, z0), (*b, z0), (*b, z1), (*a, z1)]
        strips.append(polygon(corners, [(us[k], v0), (us[k + 1], v0), (us[k + 1], v1), (us[k], v1)]))
    return merge(strips)


def _crate(look: str, size: tuple[float, float, float], *, rim: float = 0.018) -> Solid:
    """An open stacking box with a rim, ribs and hand holds."""
    length, width, height = size
    wall = 0.006
    parts = [box((length - 0.03, width - 0.03, wall), (0, 0, wall / 2 + 0.004))]
    for side in (-1, 1):
        parts.append(box((length - 0.02, wall, height - rim), (0, side * (width / 2 - 0.012), (height - rim) / 2)))
        parts.append(box((wall, width - 0.02, height - rim), (side * (length / 2 - 0.012), 0, (height - rim) / 2)))
        parts.append(box((length, 0.02, rim), (0, side * (width / 2 - 0.01), height - rim / 2), bevel=0.004))
        parts.append(box((0.02, width - 0.04, rim), (side * (length / 2 - 0.01), 0, height - rim / 2), bevel=0.004))
        for k in (-0.3, 0.0, 0.3):
            parts.append(
                _rib((0.012, 0.008, height - rim), (k * length, side * (width / 2 - 0.006), (height - rim) / 2), side)
            )
        grip = box((0.004, 0.11, 0.03), (side * (length / 2 - 0.0075), 0, height - rim - 0.04))
        parts.append(grip)
    return paint(look, *parts)


def _rib(size: tuple[float, float, float], center: tuple[float, float, float], side: int) -> Mesh:
    return box(size, center, faces=("+x", "-x", "+y" if side > 0 else "-y"))


def _tote() -> Solid:
    """A closed attached-lid container."""
    body = box((0.58, 0.38, 0.30), (0, 0, 0.15), bevel=0.02)
    lid = box((0.60, 0.40, 0.035), (0, 0, 0.318), bevel=0.008)
    label = box((0.14, 0.002, 0.05), (0, -0.1915, 0.16), faces=("-y",), uv_boxes={"-y": uv_of("barcode")})
    return combine(paint("PlasticBlue", body), paint("PlasticGray", lid), paint("Signs", label))


def _bottle(look: str, scale: float) -> Solid:
    profile = [(0, 0), (0.034, 0), (0.038, 0.006), (0.038, 0.085), (0.034, 0.10), (0.038, 0.115), (0.038, 0.16)]
    profile += [(0.03, 0.19), (0.014, 0.215), (0.013, 0.23)]
    body = lathe([(r * scale, z * scale) for r, z in profile], 14, crease=60)
    cap = moved(cylinder(0.016 * scale, 0.02 * scale, 12, 0.002), (0, 0, 0.228 * scale))
    return combine(paint(look, body), paint("PlasticBlue" if look != "PlasticWhite" else "PlasticRed", cap))


def _bucket() -> Solid:
    profile = [(0, 0), (0.12, 0), (0.15, 0.28), (0.158, 0.28), (0.158, 0.30), (0.146, 0.30), (0.118, 0.012), (0, 0.012)]
    handle_angles = np.linspace(0, np.pi, 9)
    handle = [(0.155 * np.cos(a), 0.05 + 0.02 * np.sin(a), 0.285 - 0.06 * np.sin(a)) for a in handle_angles]
    return combine(paint("PlasticWhite", lathe(profile, 24)), paint("SteelGalvanised", tube(handle, 0.003, 6)))


def _waste_bin() -> Solid:
    """A wheeled 240 l bin."""
    body = box((0.52, 0.56, 0.86), (0, 0, 0.53), bevel=0.03)
    lid = box((0.58, 0.66, 0.05), (0, -0.01, 0.985), bevel=0.02)
    handle = tube([(-0.22, 0.36, 0.96), (0.22, 0.36, 0.96)], 0.014, 8)
    wheels = [moved(cylinder(0.1, 0.05, 16, 0.008), (x, 0.24, 0.1), y=90) for x in (-0.29, 0.24)]
    feet = box((0.44, 0.1, 0.1), (0, -0.2, 0.05))
    return combine(paint("PlasticGreen", body, lid, feet), paint("PlasticBlack", handle), paint("Rubber", *wheels))


def containers() -> list[Prop]:
    """All of them; the black drum carries an old-style label, as assets found in the field do."""
    return [
        Prop("SM_BarelPlastic_A_01", "barrel", _drum("PlasticBlue")),
        Prop("SM_BarelPlastic_A_02", "barrel", _drum("PlasticBlack"), old_label=True),
        Prop("SM_BarelPlastic_A_03", "barrel", _drum("PlasticRed")),
        Prop("SM_CratePlastic_A_01", "crate", _crate("PlasticGray", (0.6, 0.4, 0.22))),
        Prop("SM_CratePlastic_B_01", "crate", _crate("PlasticYellow", (0.4, 0.3, 0.17))),
        Prop("SM_CratePlastic_C_01", "crate", _crate("PlasticRed", (0.6, 0.4, 0.30))),
        Prop("SM_Tote_01", "tote", _tote()),
        Prop("SM_BottlePlasticA_01", "bottle", _bottle("BottleBlue", 1.0)),
        Prop("SM_BottlePlasticA_02", "bottle", _bottle("PlasticWhite", 1.25)),
        Prop("SM_BucketPlastic_01", "bucket", _bucket()),
        Prop("SM_WasteBin_01", "bin", _waste_bin()),
    ]

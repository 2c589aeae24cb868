"""What people wear: from a garment's cut and paint to the meshes of a dressed person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from isaacsim_agent_ext.randomness import stream
from tools.assets import makehuman_fabrics as paint
from tools.assets.makehuman_cast import Person
from tools.assets.makehuman_clothes import (
    ARM_BONES,
    Figure,
    Frame,
    brim,
    collar,
    dome,
    plain,
    shoes,
    skirt,
    top,
    trousers,
)
from tools.assets.makehuman_faces import eye_texture, hair_texture, skin_texture
from tools.assets.makehuman_hair import hair
from tools.assets.makehuman_mesh import Part, clipped, hemmed, merged, offset, select, smoothed
from tools.assets.makehuman_paint import Color
from tools.assets.makehuman_skin import eyes, skin

WHITE, BLACK, NAVY = (0.93, 0.93, 0.92), (0.05, 0.05, 0.055), (0.10, 0.13, 0.22)


@dataclass(frozen=True, eq=False)
class Surface:
    """How a piece looks.

    Attributes:
        name: Of the material and its textures.
        color: sRGB in 0..1, used without a texture.
        roughness: Of the surface.
        texture: ``(height, width, 3)`` uint8 sRGB, or None.
        normal_map: ``(height, width, 3)`` uint8, or None.
    """

    name: str
    color: Color = (0.5, 0.5, 0.5)
    roughness: float = 0.85
    texture: np.ndarray | None = None
    normal_map: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """A named mesh of a person."""

    name: str
    part: Part
    surface: Surface
    double_sided: bool = False


@dataclass(frozen=True, eq=False)
class Outfit:
    """Clothes, and what they leave visible of the person.

    Attributes:
        pieces: Garments.
        collar: Height above which the neck shows [m].
        sleeve: Where sleeves end: 0 shoulder, 1 elbow, 2 wrist.
        legs: Height below which bare legs show [m], or None.
        hat: Whether hair is pressed flat.
    """

    pieces: list[Piece]
    collar: float
    sleeve: float = 1.93
    legs: float | None = None
    hat: bool = False


def dress(person: Person, figure: Figure) -> list[Piece]:
    """Return everything a person is made of."""
    outfit = OUTFITS[person.outfit](person, figure)
    look = person.complexion
    rng = stream(0, "people", person.name)
    cut = hair(figure, person.cut, hairline=look.hairline, nape=look.nape, hat=outfit.hat)
    bare = skin(
        figure,
        collar=outfit.collar,
        sleeve=outfit.sleeve,
        legs=outfit.legs,
        hairline=look.hairline,
        nape=look.nape,
    )
    if outfit.hat:  # what is under it is never seen
        brow = _skull(figure)[0][2] + 0.012
        cut = select(cut, (cut.points[:, 2] < brow)[cut.triangles].any(axis=1))
    return [
        Piece("Skin", bare, Surface("Skin", look.skin, 0.52, skin_texture(figure.data, look, rng))),
        Piece("Eyes", eyes(figure), Surface("Eyes", roughness=0.15, texture=eye_texture(look.iris, rng))),
        Piece("Hair", cut, Surface("Hair", look.hair, 0.55, hair_texture(look.hair, rng, grey=person.grey)), True),
        *outfit.pieces,
    ]


def _garment(name: str, part: Part, fabric: paint.Cloth, *, roughness: float = 0.85) -> Piece:
    color, relief = fabric.images()
    return Piece(
        name, fabric.frame.lay(part), Surface(name, roughness=roughness, texture=color, normal_map=relief), True
    )


def _torso_frame(figure: Figure, low: float) -> Frame:
    return Frame(low, figure.neck + 0.10, torso=0.27 * figure.scale + 0.02, reach=0.68 * figure.scale)


def _leg_frame(figure: Figure) -> Frame:
    return Frame(0.0, figure.waist + 0.03, torso=0.34 * figure.scale, reach=0.50)


def _cloth(person: Person, name: str, color: Color, frame: Frame, **options: float) -> paint.Cloth:
    return paint.cloth(color, frame, stream(0, "people", person.name, name), **options)


def _shoes(
    figure: Figure,
    upper: Color,
    sole: Color,
    *,
    ankle: float = 0.075,
    bulk: float = 0.006,
    heel: float = 0.0,
    roughness: float = 0.55,
) -> Piece:
    leather, rubber = shoes(figure, ankle=ankle * figure.scale, bulk=bulk, heel=heel)
    part = merged([plain(leather, 0.25), plain(rubber, 0.75)])
    return Piece("Shoes", part, Surface("Shoes", roughness=roughness, texture=paint.palette(upper, sole)), True)


def _plain_trousers(
    person: Person,
    figure: Figure,
    color: Color,
    *,
    upper: float | None = None,
    leg: float = 0.026,
    belt: Color | None = None,
    finish: Callable[[paint.Cloth], None] | None = None,
    name: str = "Trousers",
) -> Piece:
    part = trousers(figure, upper=figure.waist if upper is None else upper, leg=leg)
    fabric = _cloth(person, name, color, _leg_frame(figure))
    knee = float(figure.joints["calf_l"][2])
    paint.creased(fabric, 0.07, 0.06, strength=0.005)
    paint.creased(fabric, knee, 0.07, strength=0.003)
    paint.creased(fabric, figure.crotch, 0.05, strength=0.003)
    if finish is not None:
        finish(fabric)
    if belt is not None:
        paint.trouser_seams(fabric, figure.crotch, figure.waist, belt=belt)
    return _garment(name, part, fabric)


def _collar_piece(figure: Figure, part: Part, color: Color, *, height: float, fall: float, gap: float) -> Piece:
    ring = collar(figure, part, height=height * figure.scale, fall=fall * figure.scale, gap=gap)
    return Piece("Collar", plain(ring), Surface("Collar", color, 0.8), True)


def _shirt_part(figure: Figure, *, sleeve: float = 1.93, thickness: float = 0.012) -> Part:
    return top(figure, thickness=thickness, hem=figure.waist - 0.05, sleeve=sleeve, tuck=True, neckline=0.0)


def _construction(person: Person, figure: Figure) -> Outfit:
    chest, shoulder = float(figure.joints["spine_03"][2]), float(figure.joints["upperarm_l"][2])
    shirt = _shirt_part(figure)
    arms = figure.weight(shirt, *ARM_BONES)
    hidden = (arms < 0.15) & (shirt.points[:, 2] < figure.neck - 0.16 * figure.scale)
    shirt_cloth = _cloth(
        person, "Shirt", person.color("shirt", (0.28, 0.33, 0.42)), _torso_frame(figure, figure.waist - 0.1)
    )
    paint.creased(shirt_cloth, float(figure.joints["lowerarm_l"][2]), 0.06)
    paint.shirt_front(shirt_cloth, figure.waist, figure.neck - 0.02, (0.2, 0.2, 0.22))
    vest = top(
        figure,
        thickness=0.026,
        hem=figure.crotch + 0.075 * figure.scale,
        sleeve=0.0,
        neckline=0.035,
        neck_drop=0.13,
        relax=10,
    )
    vest_cloth = _cloth(
        person, "Vest", person.color("vest", (0.80, 0.93, 0.16)), _torso_frame(figure, figure.crotch), weave=0.05
    )
    paint.high_vis(vest_cloth, figure.waist + 0.035, chest + 0.04, shoulder)
    if person.writing:
        paint.writing(vest_cloth, chest + 0.16 * figure.scale, 0.11, 0.05, (0.12, 0.13, 0.14), person.writing)
    knee = float(figure.joints["calf_l"][2])
    legs = _plain_trousers(
        person,
        figure,
        person.color("trousers", (0.16, 0.18, 0.23)),
        upper=figure.crotch + 0.11 * figure.scale,
        finish=lambda fabric: paint.cargo(fabric, knee, figure.crotch, tape=True),
    )
    helmet = person.color("hat", (0.96, 0.80, 0.10))
    return Outfit(
        pieces=[
            _garment("Shirt", clipped(shirt, np.where(hidden, -0.5, 0.5)), shirt_cloth),
            _collar_piece(
                figure, shirt, person.color("shirt", (0.28, 0.33, 0.42)), height=0.022, fall=0.032, gap=0.014
            ),
            _garment("Vest", vest, vest_cloth, roughness=0.7),
            legs,
            _shoes(figure, (0.33, 0.22, 0.13), (0.10, 0.09, 0.08), ankle=0.13, bulk=0.009, heel=0.006),
            *_hard_hat(figure, helmet),
        ],
        collar=figure.neck - 0.02,
        hat=True,
    )


def _skull(figure: Figure) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the middle of the head at the height of the brows, half its extents, and the height of its top [m]."""
    body = figure.data.groups["body"]
    points = figure.body.points[body]
    crown = points[:, 2].max()
    eye = figure.body.points[figure.data.groups["helper-l-eye"]].mean(axis=0)[2]
    around = points[
        (points[:, 2] > eye + 0.028 * figure.scale)
        & (figure.data.weights[body][:, figure.data.joint_names.index("head")] > 0.5)
    ]
    low, high = around.min(axis=0), around.max(axis=0)
    middle = np.array([0.5 * (low[0] + high[0]), 0.0, eye + 0.042 * figure.scale])
    return middle, 0.5 * (high - low), float(crown)


def _hard_hat(figure: Figure, color: Color) -> list[Piece]:
    middle, half, crown = _skull(figure)
    radii = (half[0] + 0.020, half[1] + 0.019, crown - middle[2] + 0.032)
    shell = dome(figure, centre=middle, radii=radii, start=0.0, ridge=0.006)
    turn = np.linspace(0.0, 2.0 * np.pi, 41)[:-1]
    peak = np.maximum(np.cos(turn), 0.0) ** 2
    edge = brim(figure, centre=middle, inner=radii[:2], width=0.010 + 0.036 * peak, droop=0.003 + 0.012 * peak)
    return [Piece("HardHat", merged([plain(shell), plain(edge)]), Surface("HardHat", color, 0.32), True)]


def _cap(figure: Figure, color: Color) -> list[Piece]:
    middle, half, crown = _skull(figure)
    radii = (half[0] + 0.014, half[1] + 0.013, crown - middle[2] + 0.014)
    band = dome(figure, centre=middle - [0, 0, 0.012], radii=radii, start=0.0)
    wide = dome(
        figure,
        centre=middle + np.array([0.004, 0.0, 0.062 * figure.scale]),
        radii=(radii[0] + 0.020, radii[1] + 0.020, 0.045),
        start=-0.55,
    )
    turn = np.linspace(0.0, 2.0 * np.pi, 41)[:-1]
    peak = np.clip((np.cos(turn) - 0.25) / 0.75, 0.0, 1.0) ** 0.7
    visor = brim(
        figure, centre=middle - [0, 0, 0.008], inner=radii[:2], width=0.002 + 0.050 * peak, droop=0.002 + 0.030 * peak
    )
    plate = dome(
        figure, centre=middle + np.array([radii[0] - 0.006, 0.0, 0.036]), radii=(0.012, 0.018, 0.022), start=-0.9
    )
    part = merged([plain(band, 0.125), plain(wide, 0.125), plain(visor, 0.5), plain(plate, 0.875)])
    texture = paint.palette(color, color, BLACK, (0.85, 0.70, 0.30))
    return [Piece("Cap", part, Surface("Cap", roughness=0.6, texture=texture), True)]


def _medical(person: Person, figure: Figure) -> Outfit:
    scrubs = person.color("scrubs", (0.20, 0.50, 0.52))
    waist = figure.waist + 0.03
    upper = top(figure, thickness=0.022, hem=waist - 0.01, sleeve=1.9, neckline=0.01, relax=10)
    tail = skirt(
        figure, thickness=0.020, upper=waist + 0.01, lower=float(figure.joints["calf_l"][2]) + 0.10, flare=0.02
    )
    low = float(figure.joints["calf_l"][2]) + 0.08
    fabric = _cloth(person, "Coat", WHITE, replace(_torso_frame(figure, low), torso=0.30), weave=0.012)
    paint.creased(fabric, float(figure.joints["lowerarm_l"][2]), 0.06)
    paint.lapels(fabric, figure.neck + 0.015, 0.26 * figure.scale, 0.085, scrubs, tie_color=None)
    v = paint.opening(fabric, figure.neck + 0.015, 0.12 * figure.scale, 0.055)
    fabric.tint(np.array(person.skin) * 0.92, paint.ramp(v, -0.001, 0.001))
    for z in np.linspace(figure.neck - 0.29 * figure.scale, figure.crotch + 0.05, 4):
        fabric.button(-0.018, float(z), (0.82, 0.82, 0.80))
    chest = float(figure.joints["spine_03"][2])
    grey = (0.90, 0.90, 0.89)
    fabric.patch(grey, 0.065, 0.155, chest - 0.03, chest + 0.08, fabric.front)
    fabric.patch((0.15, 0.25, 0.55), 0.085, 0.091, chest + 0.05, chest + 0.105, fabric.front)
    for side in (-1.0, 1.0):
        left, right = sorted((side * 0.06, side * 0.185))
        fabric.patch(grey, left, right, figure.crotch - 0.06, figure.crotch + 0.10, fabric.front)
    paint.lanyard(fabric, figure.neck - 0.02, chest - 0.02, (0.15, 0.3, 0.6), person.skin)
    return Outfit(
        pieces=[
            _garment("Coat", merged([upper, tail]), fabric),
            _collar_piece(figure, upper, WHITE, height=0.020, fall=0.04, gap=0.05),
            _plain_trousers(person, figure, scrubs, upper=figure.crotch - 0.02, leg=0.034),
            _shoes(figure, (0.90, 0.90, 0.90), (0.80, 0.81, 0.82), roughness=0.5),
        ],
        collar=figure.neck - 0.03,
    )


def _business(person: Person, figure: Figure) -> Outfit:
    color = person.color("suit", (0.15, 0.17, 0.22))
    jacket = top(figure, thickness=0.020, hem=figure.crotch + 0.015, sleeve=1.88, neckline=0.012, relax=10)
    fabric = _cloth(person, "Jacket", color, _torso_frame(figure, figure.crotch - 0.02), weave=0.05)
    stripes = 0.5 + 0.5 * np.cos(fabric.y * 2.0 * np.pi / 0.018)
    fabric.color *= (1.0 + 0.05 * stripes**8)[..., None]
    paint.creased(fabric, float(figure.joints["lowerarm_l"][2]), 0.06, strength=0.003)
    shirt = person.color("shirt", (0.90, 0.92, 0.95))
    tie_color = person.color("tie", (0.45, 0.08, 0.10)) if person.gender > 0.5 else None
    paint.lapels(fabric, figure.neck + 0.01, 0.33 * figure.scale, 0.075, shirt, tie_color=tie_color)
    for k in range(2):
        fabric.button(-0.012, figure.waist + 0.055 - 0.085 * k, tuple(0.6 * c for c in color), 0.009)
    chest = float(figure.joints["spine_03"][2])
    for side in (-1.0, 1.0):
        left, right = sorted((side * 0.07, side * 0.175))
        fabric.patch(color, left, right, figure.waist - 0.085, figure.waist - 0.04, fabric.front)
    fabric.patch(shirt, 0.085, 0.145, chest + 0.10, chest + 0.118, fabric.front)
    fabric.seam(fabric.y, ~fabric.front, depth=0.2)
    pieces = [
        _garment("Jacket", jacket, fabric, roughness=0.8),
        _collar_piece(figure, jacket, shirt, height=0.024, fall=0.028, gap=0.012),
    ]
    if person.skirt:
        knee = float(figure.joints["calf_l"][2])
        part = skirt(figure, thickness=0.010, upper=figure.waist, lower=knee + 0.045, flare=-0.004)
        cloth = _cloth(person, "Skirt", color, _leg_frame(figure), weave=0.05)
        pieces += [
            _garment("Skirt", part, cloth),
            _shoes(figure, BLACK, BLACK, ankle=0.055, heel=0.008, roughness=0.35),
        ]
        return Outfit(pieces=pieces, collar=figure.neck - 0.02, sleeve=1.88, legs=knee + 0.05)
    pieces += [
        _plain_trousers(person, figure, color, upper=figure.crotch + 0.05, leg=0.024),
        _shoes(figure, (0.09, 0.06, 0.045), BLACK, ankle=0.065, bulk=0.004, heel=0.008, roughness=0.3),
    ]
    return Outfit(pieces=pieces, collar=figure.neck - 0.02, sleeve=1.88)


def _police(person: Person, figure: Figure) -> Outfit:
    color = person.color("shirt", (0.20, 0.27, 0.42))
    short = person.short_sleeves
    shirt = _shirt_part(figure, sleeve=0.8 if short else 1.93)
    fabric = _cloth(person, "Shirt", color, _torso_frame(figure, figure.waist - 0.1))
    paint.shirt_front(fabric, figure.waist, figure.neck - 0.02, (0.75, 0.75, 0.7))
    chest, shoulder = float(figure.joints["spine_03"][2]), float(figure.joints["upperarm_l"][2])
    for side in (-1.0, 1.0):
        left, right = sorted((side * 0.05, side * 0.145))
        fabric.patch(tuple(0.94 * c for c in color), left, right, chest - 0.02, chest + 0.09, fabric.front)
        fabric.button(side * 0.0975, chest + 0.07, (0.80, 0.70, 0.35), 0.006)
    paint.badge(fabric, 0.0975, chest + 0.135, (0.88, 0.74, 0.34))
    patch = np.hypot(fabric.side - 0.245 * figure.scale, (fabric.z - shoulder + 0.055) * 0.9)
    fabric.tint((0.80, 0.68, 0.32), paint.ramp(-patch, -0.034, -0.031))
    fabric.tint((0.85, 0.87, 0.90), paint.ramp(-patch, -0.027, -0.025))
    fabric.tint((0.16, 0.22, 0.42), paint.ramp(-patch, -0.014, -0.012))
    straps = paint.band(fabric.z - shoulder, 0.055 * figure.scale, 0.035) * (
        (fabric.side > 0.09) & (fabric.side < 0.19)
    )
    fabric.tint(NAVY, 0.8 * straps)
    if not short:
        paint.creased(fabric, float(figure.joints["lowerarm_l"][2]), 0.06)
        paint.tie(fabric, figure.neck - 0.005, figure.waist + 0.02, (0.07, 0.08, 0.13))
    paint.writing(fabric, chest + 0.13 * figure.scale, 0.10, 0.048, (0.92, 0.92, 0.90), "POLICE")
    belt = offset(smoothed(figure.helper("helper-tights"), 6), 0.024)
    belt = clipped(
        belt,
        np.where(figure.weight(belt, *ARM_BONES) > 0.2, -0.1, 0.024 - np.abs(belt.points[:, 2] - figure.waist + 0.022)),
    )
    legs = _plain_trousers(
        person,
        figure,
        person.color("trousers", (0.10, 0.12, 0.18)),
        finish=lambda cloth: cloth.tint(
            (0.30, 0.36, 0.52), paint.band(cloth.side, 0.235 * figure.scale, 0.022) * (cloth.z < figure.waist - 0.05)
        ),
    )
    return Outfit(
        pieces=[
            _garment("Shirt", shirt, fabric),
            _collar_piece(figure, shirt, color, height=0.024, fall=0.036, gap=0.012),
            legs,
            Piece("Belt", plain(hemmed(smoothed(belt, 3), 0.016)), Surface("Belt", (0.07, 0.07, 0.075), 0.45), True),
            _shoes(figure, BLACK, BLACK, ankle=0.11, bulk=0.007, heel=0.006, roughness=0.35),
            *_cap(figure, NAVY),
        ],
        collar=figure.neck - 0.02,
        sleeve=0.8 if short else 1.93,
        hat=True,
    )


def _casual(person: Person, figure: Figure) -> Outfit:
    color = person.color("shirt", (0.62, 0.20, 0.18))
    long = not person.short_sleeves
    hem = figure.crotch + 0.075 * figure.scale
    shirt = top(
        figure,
        thickness=0.026 if long else 0.024,
        hem=hem,
        sleeve=1.93 if long else 0.72,
        neckline=0.005,
        neck_drop=0.02,
        relax=8,
    )
    fabric = _cloth(person, "Shirt", color, _torso_frame(figure, figure.crotch))
    chest = float(figure.joints["spine_03"][2])
    if person.writing:
        fabric.front = ~fabric.front
        fabric.y = -fabric.y
        paint.writing(fabric, chest + 0.05, 0.10, 0.06, (0.92, 0.90, 0.86), person.writing)
        fabric.y, fabric.front = -fabric.y, ~fabric.front
    if long:
        paint.creased(fabric, float(figure.joints["lowerarm_l"][2]), 0.06)
        ribs = (fabric.z < hem + 0.05) * (0.5 + 0.5 * np.sin(fabric.y * 900.0))
        fabric.shade(0.18 * ribs)
        stripes = paint.band(fabric.z, chest + 0.02, 0.07) * (fabric.side < 0.19 * figure.scale)
        fabric.tint(person.color("stripe", tuple(0.75 * c for c in color)), 0.9 * stripes)
    else:
        paint.creased(fabric, figure.waist, 0.10, strength=0.004)
    knee = float(figure.joints["calf_l"][2])
    denim = person.color("trousers", (0.20, 0.27, 0.40))
    return Outfit(
        pieces=[
            _garment("Shirt", shirt, fabric),
            _collar_piece(figure, shirt, tuple(0.85 * c for c in color), height=0.010, fall=0.0, gap=0.0),
            _plain_trousers(
                person,
                figure,
                denim,
                upper=hem + 0.03,
                leg=0.02,
                name="Jeans",
                finish=lambda cloth: paint.jeans(cloth, knee, figure.crotch, figure.waist),
            ),
            _shoes(figure, person.color("shoes", (0.85, 0.85, 0.84)), (0.92, 0.92, 0.91), bulk=0.008, roughness=0.7),
        ],
        collar=figure.neck - 0.03,
        sleeve=1.93 if long else 0.72,
    )


OUTFITS: dict[str, Callable[[Person, Figure], Outfit]] = {
    "business": _business,
    "casual": _casual,
    "construction": _construction,
    "medical": _medical,
    "police": _police,
}

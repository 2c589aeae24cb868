"""Faces, hands, eyes and hair, painted.

All painting happens in the space of the base shape, so one set of landmarks serves every person: a map from texels
to points of the base mesh says where cheeks, lips and brows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tools.assets.makehuman import MakeHuman
from tools.assets.makehuman_clothes import ramp
from tools.assets.makehuman_mesh import part_of
from tools.assets.makehuman_paint import Color, blob, encoded, flat, mixed, noise, rasterized
from tools.assets.makehuman_skin import HAND_STRIP, hair_field, head_uvs

SIZE = 512


@dataclass(frozen=True, kw_only=True)
class Complexion:
    """How somebody's skin and hair look.

    Attributes:
        skin: Skin colour.
        hair: Hair colour.
        iris: Eye colour.
        lips: How red the lips are, 0..1.
        stubble: How much of a shaved beard shows, 0..1.
        beard: How much of a grown beard there is, 0..1.
        lines: Wrinkles, 0..1.
        hairline: Height of the hairline above the eyes [m].
        nape: How far down hair grows at the back, below the eyes [m].
        brows: Strength of the eyebrows, 0..1.
        freckles: 0..1.
    """

    skin: Color
    hair: Color
    iris: Color = (0.30, 0.20, 0.12)
    lips: float = 0.12
    stubble: float = 0.0
    beard: float = 0.0
    lines: float = 0.0
    hairline: float = 0.065
    nape: float = 0.09
    brows: float = 0.8
    freckles: float = 0.0


@lru_cache(maxsize=2)
def _head_map(data: MakeHuman) -> tuple[np.ndarray, np.ndarray]:
    """Return for each texel the point of the base head and the base mesh's own texture coordinate, and a mask."""
    quads, uvs = data.faces["body"], data.uvs[data.face_uvs["body"]]
    base = part_of(data.base_points, data.weights, quads, uvs)
    assert base.uvs is not None
    top = base.points[:, 2].max()
    head = ((base.points[:, 2] > top - 0.37) & (np.abs(base.points[:, 1]) < 0.13))[base.triangles].all(axis=1)
    triangles = base.triangles[head]
    laid = head_uvs(data, base.points)[triangles]
    wide = np.ptp(laid[..., 0], axis=1) > 0.5
    values = np.concatenate([base.points[triangles], base.uvs[head]], axis=-1)
    # What lies outside is painted last, over the cavities behind it.
    depth = np.linalg.norm(base.points[triangles].mean(axis=1) - [0.03, 0.0, top - 0.12], axis=1)
    order = np.argsort(depth, kind="stable")
    order = order[~wide[order]]
    return rasterized(laid[order], values[order], SIZE)


def _sample(mask: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    rows = np.clip(((1.0 - v) * mask.shape[0]).astype(int), 0, mask.shape[0] - 1)
    return mask[rows, np.clip((u * mask.shape[1]).astype(int), 0, mask.shape[1] - 1)]


def skin_texture(data: MakeHuman, look: Complexion, rng: np.random.Generator) -> np.ndarray:
    """Paint the skin: the head in the upper part, hands in the lowest strip, plain skin between."""
    size = (SIZE, SIZE)
    skin = np.array(look.skin)
    tone = 0.022 * noise(size, (10, 10), rng, octaves=2) + 0.012 * noise(size, (120, 120), rng)
    image = flat(look.skin, size) * (1.0 + tone[..., None])
    _paint_hands(image, data, skin)
    head, known = _head_map(data)
    point, u, v = head[..., :3], head[..., 3], head[..., 4]
    face = image.copy()
    face = _paint_complexion(face, data, look, point, rng)
    face = _paint_lips(face, data, look, point, _sample(data.mask("lips"), u, v))
    face = _paint_eyes(face, data, look, point, rng)
    face = _paint_hair(face, data, look, point, rng)
    return encoded(np.where(known[..., None], face, image))


def _paint_hands(image: np.ndarray, data: MakeHuman, skin: np.ndarray) -> None:
    v, u = np.meshgrid(1.0 - (np.arange(SIZE) + 0.5) / SIZE, (np.arange(SIZE) + 0.5) / SIZE, indexing="ij")
    hand = v < HAND_STRIP
    nails = np.where(hand, _sample(data.mask("fingernails"), 0.36 + 0.41 * u, 0.2 * v / HAND_STRIP), 0.0)
    image[:] = mixed(image, np.clip(skin * [1.06, 0.98, 0.98] + 0.08, 0, 1), 0.7 * nails)


def _landmarks(data: MakeHuman) -> tuple[np.ndarray, float]:
    eye = data.base_points[data.groups["helper-l-eye"]]
    return 0.5 * (eye.min(axis=0) + eye.max(axis=0)), 0.5 * float(np.ptp(eye[:, 2]))


def _paint_complexion(
    image: np.ndarray, data: MakeHuman, look: Complexion, point: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    eye, _ = _landmarks(data)
    x, y, z = np.moveaxis(point, -1, 0)
    side, up = np.abs(y), z - eye[2]
    flush = 0.8 * blob(np.hypot(side - 0.040, up + 0.036), 0.022) + 0.7 * blob(np.hypot(y, up + 0.034), 0.014)
    flush += 0.6 * blob(side - 0.078, 0.012) * blob(up, 0.04) + 0.3 * blob(np.hypot(y, up + 0.09), 0.02)
    image = image * (1.0 + flush[..., None] * [0.035, -0.055, -0.05])
    image = image * (1.0 - 0.10 * blob(np.hypot(side - eye[1], up + 0.010), 0.014) * (x > 0.07))[..., None]
    if look.freckles:
        spots = noise(image.shape[:2], (150, 150), rng) > 0.55
        image = mixed(
            image, np.array(look.skin) * [0.78, 0.66, 0.58], 0.5 * look.freckles * spots * np.clip(flush * 1.6, 0, 1)
        )
    if look.lines:
        wavy = 0.002 * np.sin(60.0 * y + 1.0)
        forehead = sum(blob(up - 0.034 - 0.011 * k + wavy, 0.0016) for k in range(3)) * (side < 0.045) * (x > 0.08)
        fold = blob(side - (0.020 + 0.32 * (-up - 0.035)), 0.0030) * ((up < -0.035) & (up > -0.072))
        crow = blob(np.abs(up) - 0.25 * (side - 0.052), 0.0012) * ((side > 0.053) & (side < 0.064))
        bags = blob(up + 0.017 + 8.0 * (side - eye[1]) ** 2, 0.0016) * (np.abs(side - eye[1]) < 0.017)
        image = (
            image
            * (1.0 - look.lines * np.clip(0.13 * forehead + 0.15 * fold + 0.10 * crow + 0.12 * bags, 0, 0.3))[..., None]
        )
    return image


def _paint_lips(
    image: np.ndarray, data: MakeHuman, look: Complexion, point: np.ndarray, lips: np.ndarray
) -> np.ndarray:
    if not (lips > 0.5).any():
        return image
    skin = np.array(look.skin)
    color = skin * [0.90, 0.66, 0.66] * (1.0 - look.lips) + np.array([0.66, 0.25, 0.25]) * look.lips * (
        0.4 + 0.6 * skin[0]
    )
    image = mixed(image, color, 0.85 * lips)
    on = lips > 0.5
    middle = np.median(point[on][:, 2])
    line = blob(point[..., 2] - middle, 0.0012) * lips
    return image * (1.0 - 0.45 * line)[..., None]


def _paint_eyes(
    image: np.ndarray, data: MakeHuman, look: Complexion, point: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    eye, radius = _landmarks(data)
    x, y, z = np.moveaxis(point, -1, 0)
    side = np.abs(y)
    distance = np.sqrt((x - eye[0]) ** 2 + (side - eye[1]) ** 2 + (z - eye[2]) ** 2)
    lash = ramp(-distance, -radius * 1.22, -radius * 1.08)
    image = mixed(image, np.array(look.hair) * 0.4 + 0.02, np.clip(lash * np.where(z > eye[2], 0.85, 0.45), 0, 1))
    crease = (
        blob(z - eye[2] - 0.0115 + 9.0 * (side - eye[1]) ** 2, 0.0022) * (np.abs(side - eye[1]) < 0.019) * (x > 0.09)
    )
    image = image * (1.0 - 0.22 * crease)[..., None]
    along = (side - 0.011) / 0.036
    arch = eye[2] + 0.0165 + 0.0035 * np.sin(np.pi * np.clip(along, 0, 1) ** 0.8) - 0.0035 * np.clip(along, 0, 1) ** 3
    thick = 0.0046 * (1.0 - 0.5 * np.clip(along, 0, 1))
    brow = ramp(-np.abs(z - arch), -thick * 1.25, -thick * 0.5) * ramp(along, -0.06, 0.08) * ramp(-along, -1.06, -0.85)
    strands = 0.75 + 0.35 * noise(image.shape[:2], (40, 240), rng)
    color = np.array(look.hair) * 0.8
    return mixed(image, color, np.clip(brow * strands * look.brows, 0, 1) * (x > 0.05))


def _paint_hair(
    image: np.ndarray, data: MakeHuman, look: Complexion, point: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    eye, _ = _landmarks(data)
    x, y, z = np.moveaxis(point, -1, 0)
    side, up = np.abs(y), z - eye[2]
    grain = noise(image.shape[:2], (200, 200), rng)
    chin = ramp(-up, 0.048, 0.062) * ramp(x, 0.005, 0.035) * ramp(-np.abs(up + 0.09), -0.062, -0.04)
    lip = ramp(-np.hypot(side, 1.6 * (up + 0.066)), -0.034, -0.026) * (x > 0.1)
    jaw = np.clip(chin * ramp(side + 0.25 * np.maximum(-up - 0.06, 0), 0.0, 0.004) + 0.9 * lip, 0, 1)
    cheek = 1.0 - blob(np.hypot(side - 0.03, up + 0.055), 0.017)
    lips = 1.0 - blob(np.hypot(0.7 * y, up + 0.074), 0.010)
    jaw = jaw * cheek * lips
    shaved = np.array(look.skin) * 0.62 + np.array(look.hair) * 0.12
    image = mixed(image, shaved, np.clip(0.5 * look.stubble * jaw * (0.85 + 0.5 * grain), 0, 1))
    image = mixed(image, np.array(look.hair) * 0.9, np.clip(look.beard * jaw * (0.85 + 0.4 * grain), 0, 0.95))
    field = hair_field(data, point.reshape(-1, 3), low=look.nape, hairline=look.hairline).reshape(z.shape)
    cover = ramp(field + 0.004 * grain, -0.006, 0.006)
    return mixed(image, np.array(look.hair) * (1.0 + 0.15 * grain[..., None]) * 0.8, 0.92 * cover)


def eye_texture(iris: Color, rng: np.random.Generator) -> np.ndarray:
    """Paint an eye seen from the front; the eyeball fills the middle nine tenths."""
    size = 128
    y, x = np.meshgrid(np.linspace(1, -1, size), np.linspace(-1, 1, size), indexing="ij")
    radius, angle = np.hypot(x, y) / 0.9, np.arctan2(y, x)
    image = flat((0.90, 0.88, 0.86), (size, size))
    image = mixed(image, (0.82, 0.62, 0.58), 0.35 * ramp(radius, 0.55, 1.0))
    fibres = np.interp(angle, np.linspace(-np.pi, np.pi, 97), np.append(rng.uniform(0.75, 1.2, 96), 1.0))
    disc = ramp(-radius, -0.50, -0.46)
    image = mixed(image, np.array(iris)[None, None] * (fibres * (0.8 + 0.5 * radius))[..., None], disc)
    image = mixed(image, (0.04, 0.03, 0.03), 0.8 * blob(radius - 0.48, 0.035))
    image = mixed(image, (0.01, 0.01, 0.01), ramp(-radius, -0.21, -0.18))
    glint = ramp(-np.hypot(x + 0.12, y - 0.15), -0.09, -0.05)
    return encoded(mixed(image, (1.0, 1.0, 1.0), 0.9 * glint))


def hair_texture(color: Color, rng: np.random.Generator, *, grey: float = 0.0) -> np.ndarray:
    """Paint strands that run from top to bottom."""
    size = (256, 256)
    strands = 0.55 * noise(size, (3, 90), rng) + 0.45 * noise(size, (8, 128), rng)
    shine = 0.14 * noise(size, (5, 6), rng)
    image = flat(color, size) * (1.0 + 0.34 * strands + shine)[..., None]
    return encoded(mixed(image, (0.72, 0.71, 0.70), np.clip(grey * (0.75 + 0.8 * strands), 0, 1)))

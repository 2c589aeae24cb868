"""Textures of garments, painted in metres on the front and the back of a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.assets.makehuman_clothes import Frame, ramp
from tools.assets.makehuman_paint import Color, blob, encoded, flat, mixed, noise, normal_map

SIZE = 512
SILVER = (0.80, 0.81, 0.80)


@dataclass(eq=False)
class Cloth:
    """A garment's texture while it is painted.

    Attributes:
        y: Metres to the left of the middle, per texel.
        z: Metres above the floor, per texel.
        front: Which texels are on the front.
        color: ``(h, w, 3)`` sRGB in 0..1.
        height: ``(h, w)`` relief [m].
        rng: For noise.
        frame: How the texture lies on the garment.
    """

    y: np.ndarray
    z: np.ndarray
    front: np.ndarray
    color: np.ndarray
    height: np.ndarray
    rng: np.random.Generator
    frame: Frame

    @property
    def side(self) -> np.ndarray:
        """Metres from the middle."""
        return np.abs(self.y)

    def tint(self, color: Color | np.ndarray, amount: np.ndarray | float) -> None:
        """Blend towards a colour."""
        self.color = mixed(self.color, color, amount)

    def shade(self, amount: np.ndarray) -> None:
        """Darken by shares."""
        self.color = self.color * (1.0 - amount)[..., None]

    def seam(self, distance: np.ndarray, where: np.ndarray | bool = True, *, depth: float = 0.25) -> None:
        """Draw a seam where a distance field is zero [m]."""
        line = blob(distance, 0.0022) * where
        self.shade(depth * line)
        self.height -= 0.0012 * line

    def patch(self, color: Color, left: float, right: float, low: float, high: float, where: np.ndarray) -> None:
        """Sew on a rectangle with a stitched edge [m]."""
        inside = np.minimum(np.minimum(self.y - left, right - self.y), np.minimum(self.z - low, high - self.z))
        shape = ramp(inside, -0.001, 0.001) * where
        self.tint(color, shape)
        self.height += 0.0015 * shape
        self.seam(inside, where)

    def button(self, y: float, z: float, color: Color, radius: float = 0.007) -> None:
        """Sew a button on the front [m]."""
        distance = np.hypot(self.y - y, self.z - z)
        disc = ramp(-distance, -radius, -0.7 * radius) * self.front
        self.tint(color, disc)
        self.shade(0.35 * blob(distance - radius, 0.002) * self.front)
        self.height += 0.002 * disc

    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the colour texture and the normal map."""
        step = np.abs(np.gradient(self.y, axis=1)).clip(1e-4)
        relief = normal_map(self.height, step, (self.frame.high - self.frame.low) / SIZE)
        return encoded(self.color), relief


def cloth(color: Color, frame: Frame, rng: np.random.Generator, *, weave: float = 0.03, folds: float = 0.0025) -> Cloth:
    """Return plain cloth with a weave, uneven dye and soft folds."""
    y, z, front = frame.grid(SIZE)
    size = (SIZE, SIZE)
    uneven = 0.035 * (1.1 - max(color))  # dye shows more in dark cloth
    tone = uneven * noise(size, (6, 12), rng, octaves=2) + weave * noise(size, (170, 170), rng)
    image = flat(color, size) * (1.0 + tone)[..., None]
    drape = noise(size, (9, 14), rng, octaves=2)
    image *= (1.0 + 0.04 * drape)[..., None]
    height = folds * drape
    return Cloth(y, z, front, image, height, rng, frame)


def creased(fabric: Cloth, level: float, spread: float, *, strength: float = 0.003, lines: int = 24) -> None:
    """Add the sharp folds that cloth throws around a joint or a hem at some height [m]."""
    where = blob(fabric.z - level, spread)
    wander = noise(fabric.z.shape, (6, 10), fabric.rng, octaves=2)
    phase = (fabric.z - level) * 2.0 * np.pi * lines / 1.0 + 3.0 * wander + 6.0 * fabric.side
    fold = np.cos(phase) * where * (0.6 + 0.4 * noise(fabric.z.shape, (5, 14), fabric.rng))
    fabric.height += strength * 0.5 * fold
    fabric.color *= (1.0 + 0.05 * fold)[..., None]


def opening(fabric: Cloth, top: float, depth: float, half: float) -> np.ndarray:
    """Return the V that an open collar leaves on the front: its distance inside, positive in it [m]."""
    t = (fabric.z - (top - depth)) / depth
    return np.where(fabric.front & (t > 0.0), half * np.clip(t, 0.0, 1.3) - fabric.side, -1.0)


def shirt_front(fabric: Cloth, low: float, high: float, color: Color, count: int = 7) -> None:
    """Draw a button placket down the front between two heights [m]."""
    inside = (fabric.z > low) & (fabric.z < high) & fabric.front
    fabric.seam(fabric.side - 0.016, inside)
    fabric.height += 0.001 * ramp(-fabric.side, -0.017, -0.015) * inside
    for z in np.linspace(low + 0.04, high - 0.03, count):
        fabric.button(0.0, float(z), color, 0.0055)


def tie(fabric: Cloth, top: float, low: float, color: Color) -> None:
    """Paint a tie hanging from the collar [m]."""
    t = np.clip((top - fabric.z) / (top - low), 0.0, 1.0)
    width = 0.017 + 0.022 * t**0.8
    width = np.where(fabric.z < low + 0.035, np.maximum(0.0, (fabric.z - low) * 1.1), width)
    knot = (fabric.z > top - 0.04) & (fabric.z <= top)
    width = np.where(knot, 0.014 + 0.22 * (fabric.z - top + 0.04), width)
    shape = ramp(width - fabric.side, -0.001, 0.002) * fabric.front * (fabric.z > low) * (fabric.z <= top)
    stripes = 0.5 + 0.5 * np.sign(np.sin((fabric.z + 0.9 * fabric.y) * 190.0))
    fabric.tint(np.array(color)[None, None] * (0.82 + 0.3 * stripes)[..., None], shape)
    fabric.shade(0.4 * blob(width - fabric.side, 0.003) * fabric.front * (fabric.z > low) * (fabric.z < top))
    fabric.height += 0.003 * shape


def lapels(fabric: Cloth, top: float, depth: float, half: float, inner: Color, *, tie_color: Color | None) -> None:
    """Open a jacket or a coat over a shirt: V, lapels and the notch [m]."""
    v = opening(fabric, top, depth, half)
    shirt = ramp(v, -0.001, 0.001)
    fabric.tint(inner, shirt)
    fabric.height *= 1.0 - 0.6 * shirt
    if tie_color is not None:
        under = fabric.color.copy()
        relief = fabric.height.copy()
        tie(fabric, top + 0.03, top - depth - 0.05, tie_color)
        fabric.color = mixed(under, fabric.color, shirt)
        fabric.height = np.where(shirt > 0.5, fabric.height, relief)
    fabric.shade(0.35 * blob(v + 0.003, 0.005) * (v < 0.0))
    t = np.clip((fabric.z - (top - depth)) / depth, 0.0, 1.2)
    width = 0.062 * np.sin(np.pi * np.clip(0.12 + 0.72 * t, 0, 1)) + 0.004
    edge = width + v
    lapel = ramp(edge, 0.0, 0.002) * (v < 0.0) * (t > 0.0) * fabric.front
    fabric.height += 0.004 * lapel
    fabric.shade(0.28 * blob(edge, 0.003) * (v < 0.0) * (t > 0.02) * fabric.front)
    notch = blob(fabric.z - (top - 0.22 * depth) - 0.5 * (fabric.side - 0.06), 0.0025) * lapel
    fabric.shade(0.3 * notch)
    below = (fabric.z < top - depth) & fabric.front
    fabric.seam(fabric.y + 0.004, below, depth=0.4)


def reflective(fabric: Cloth, mask: np.ndarray, edge: Color | None = None, *, rim: np.ndarray | None = None) -> None:
    """Lay silver tape over a mask, with a coloured border where a rim is given."""
    if edge is not None and rim is not None:
        fabric.tint(edge, rim)
    beads = 0.03 * noise(fabric.z.shape, (200, 200), fabric.rng)
    fabric.tint(np.array(SILVER)[None, None] * (1.0 + beads[..., None]), mask)
    fabric.height += 0.001 * mask


def band(values: np.ndarray, centre: float, width: float) -> np.ndarray:
    """Return a mask of a stripe of some width around a value."""
    return ramp(0.5 * width - np.abs(values - centre), -0.0015, 0.0015)


def high_vis(fabric: Cloth, waist: float, chest: float, shoulder: float) -> None:
    """Put the tapes of a safety vest on [m]: two around the body, one over each shoulder."""
    for z in (waist, 0.5 * (waist + chest) + 0.03):
        reflective(fabric, band(fabric.z, z, 0.05), (0.96, 0.45, 0.10), rim=band(fabric.z, z, 0.075))
    straps = (fabric.z > waist) & (fabric.z < shoulder + 0.2)
    lane = fabric.side - 0.03 * ramp(fabric.z, chest, shoulder)
    reflective(fabric, band(lane, 0.095, 0.045) * straps, (0.96, 0.45, 0.10), rim=band(lane, 0.095, 0.068) * straps)
    fabric.seam(fabric.y, fabric.front, depth=0.5)
    fabric.tint((0.25, 0.25, 0.25), 0.8 * band(fabric.y, 0.0, 0.007) * fabric.front)


def jeans(fabric: Cloth, knee: float, crotch: float, waist: float) -> None:
    """Turn cloth into denim: fading, seams, pockets, waistband."""
    twill = 0.5 + 0.5 * np.sin((fabric.z + fabric.y) * 2400.0)
    fabric.color *= (0.95 + 0.09 * twill)[..., None]
    leg = fabric.side - 0.12 - 0.06 * (crotch - fabric.z)
    fade = blob(leg, 0.05) * blob(fabric.z - 0.5 * (knee + crotch), 0.20) + 0.5 * blob(leg, 0.05) * blob(
        fabric.z - knee, 0.07
    )
    fabric.tint((0.56, 0.63, 0.72), np.clip(0.35 * fade, 0, 1))
    trouser_seams(fabric, crotch, waist)


def trouser_seams(fabric: Cloth, crotch: float, waist: float, *, belt: Color | None = None) -> None:
    """Draw fly, pockets, waistband and, if asked for, a belt with its buckle [m]."""
    upper = fabric.z > crotch
    fabric.seam(fabric.y, upper & (fabric.z < waist - 0.03), depth=0.3)
    fabric.seam(fabric.z - (waist - 0.04), depth=0.3)
    fabric.seam(fabric.z - (waist - 0.05) + 1.4 * (fabric.side - 0.105), fabric.front & (fabric.side > 0.09) & upper)
    for sign in (-1.0, 1.0):
        centre = sign * 0.085
        edge = 0.055 - np.maximum(np.abs(fabric.y - centre), np.abs(fabric.z - (waist - 0.14)) * 0.9)
        fabric.seam(edge, ~fabric.front)
    if belt is not None:
        strap = band(fabric.z, waist - 0.019, 0.034)
        fabric.tint(belt, strap)
        fabric.height += 0.003 * strap
        frame = np.maximum(np.abs(fabric.y) / 0.022, np.abs(fabric.z - waist + 0.019) / 0.019)
        buckle = ramp(-frame, -1.05, -0.95) * ramp(frame, 0.62, 0.72) * fabric.front
        fabric.tint((0.72, 0.70, 0.62), buckle)


def cargo(fabric: Cloth, knee: float, crotch: float, *, tape: bool) -> None:
    """Add cargo pockets, knee pads and reflective tape to work trousers [m]."""
    spread = 0.14 + 0.07 * (crotch - fabric.z)
    outer = fabric.side - spread - 0.05
    pocket = np.minimum(0.06 - np.abs(outer), 0.085 - np.abs(fabric.z - 0.5 * (knee + crotch)))
    fabric.height += 0.003 * ramp(pocket, 0.0, 0.004)
    fabric.seam(pocket, depth=0.35)
    fabric.seam(fabric.z - 0.5 * (knee + crotch) - 0.05, pocket > 0, depth=0.3)
    pad = np.minimum(0.065 - np.abs(fabric.side - spread), 0.10 - np.abs(fabric.z - knee))
    inside = ramp(pad, 0.0, 0.003) * fabric.front
    fabric.shade(0.30 * inside)
    fabric.seam(pad, fabric.front)
    if tape:
        for z in (0.62 * knee, 0.62 * knee - 0.09):
            reflective(fabric, band(fabric.z, z, 0.045))


def badge(fabric: Cloth, y: float, z: float, color: Color) -> None:
    """Pin a shield on the chest [m]."""
    dy, dz = np.abs(fabric.y - y), fabric.z - z
    shield = np.where(dz > 0.0, np.maximum(dy / 0.024, dz / 0.026), dy / 0.024 + np.maximum(-dz, 0.0) / 0.034)
    shape = ramp(-shield, -1.05, -0.9) * fabric.front
    fabric.tint(color, shape)
    fabric.tint(np.array(color) * 0.6, ramp(-shield, -0.6, -0.5) * fabric.front)
    fabric.shade(0.4 * blob(shield - 1.05, 0.06) * fabric.front)
    fabric.height += 0.003 * shape


def lanyard(fabric: Cloth, top: float, low: float, strap: Color, portrait: Color) -> None:
    """Hang an identity card around the neck [m]."""
    path = fabric.side - np.interp(fabric.z, [low, top], [0.012, 0.075])
    line = band(path, 0.0, 0.010) * (fabric.z > low) * fabric.front
    fabric.tint(strap, line)
    card = np.minimum(0.029 - np.abs(fabric.y), 0.043 - np.abs(fabric.z - low + 0.04))
    inside = ramp(card, -0.001, 0.001) * fabric.front
    fabric.tint((0.93, 0.94, 0.95), inside)
    fabric.tint((0.15, 0.35, 0.65), inside * (fabric.z > low - 0.015))
    fabric.tint(portrait, inside * ramp(-np.hypot(fabric.y, 1.0 * (fabric.z - low + 0.042)), -0.014, -0.011))
    fabric.shade(0.4 * blob(card, 0.002) * fabric.front)
    fabric.height += 0.002 * inside


def palette(*colors: Color) -> np.ndarray:
    """Return a strip of plain colours, one cell of 16 texels each."""
    return encoded(np.concatenate([flat(color, (16, 16)) for color in colors], axis=1))


def writing(fabric: Cloth, z: float, half: float, height: float, color: Color, text: str) -> None:
    """Print a word across the back [m]."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=64)
    left, upper, right, lower = font.getbbox(text)
    image = Image.new("L", (int(right - left), int(lower - upper)), 0)
    ImageDraw.Draw(image).text((-left, -upper), text, fill=255, font=font)
    glyphs = np.asarray(image, dtype=np.float64) / 255.0
    # Seen from behind, the left side is on the left.
    u = (half - fabric.y) / (2.0 * half)
    v = (z + 0.5 * height - fabric.z) / height
    inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1) & ~fabric.front
    rows = np.clip((v * glyphs.shape[0]).astype(int), 0, glyphs.shape[0] - 1)
    columns = np.clip((u * glyphs.shape[1]).astype(int), 0, glyphs.shape[1] - 1)
    fabric.tint(color, glyphs[rows, columns] * inside)

"""Cardboard, wood, stretch film, plastics, rubber, cloth, laminate."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .image import TextureSet, blend, flat, font, rgb
from .noise import cells, smoothstep, spectral, strokes

Color = tuple[float, float, float]

CARTON_CELL = 0.6
"""Edge of one of the four cells of a carton texture [m]."""


def carton(seed: int, kraft: Color, brand: str, ink: Color, size: int = 1024) -> TextureSet:
    """Four 0.6 m cells: taped top (upper left), shipping label, handling marks, plain flutes.

    Args:
        seed: Which wrinkles.
        kraft: Colour of the board, sRGB 0..255.
        brand: Name printed on the sides.
        ink: Colour of the print.
        size: [px].
    """
    rng = np.random.default_rng((8000, seed))
    fibres = spectral(size, rng, slope=0.5, low=20, high=300, stretch=(0.4, 1.6))
    clouds = spectral(size, rng, slope=1.5, high=24)
    pixels = flat(size, rgb(*kraft)) * (1 + 0.022 * fibres + 0.02 * clouds)[..., None]
    flutes = 0.5 + 0.5 * np.cos(np.arange(size) / size * 2 * np.pi * 150)
    creases = strokes(size, rng, 14, length=(120, 420), width=(1.0, 2.2), bend=0.02, jitter=0.08)
    pixels = blend(pixels, pixels * 1.16, creases * 0.35)
    scuffs = smoothstep(1.3, 2.6, spectral(size, rng, slope=1.0, low=4, high=120))
    pixels = blend(pixels, pixels * 0.80, scuffs * 0.5)
    art = Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8)).convert("RGBA")
    art.alpha_composite(_carton_art(size, brand, ink, rng))
    pixels = np.asarray(art.convert("RGB"), np.float32) / 255
    half = size // 2
    tape = np.zeros((size, size), np.float32)
    width = int(half * 0.05 / CARTON_CELL)
    tape[half // 2 - width // 2 : half // 2 + width // 2, :half] = 1
    pixels = blend(pixels, rgb(176, 137, 84) * 0.55 + rgb(*kraft) * 0.35, tape * 0.7)
    seam = np.zeros_like(tape)
    seam[half // 2 - 1 : half // 2 + 1, :half] = 1
    pixels = blend(pixels, rgb(70, 50, 30), seam * 0.5)
    roughness = np.clip(0.78 + 0.03 * fibres - 0.42 * tape, 0, 1).astype(np.float32)
    wave = spectral(size, rng, slope=2.2, high=10)
    height = 0.0009 * wave + 0.00006 * np.broadcast_to(flutes, (size, size)) - 0.0006 * creases - 0.0008 * seam
    return TextureSet(pixels, roughness, height.astype(np.float32), 2 * CARTON_CELL / size)


def _carton_art(size: int, brand: str, ink: Color, rng: np.random.Generator) -> Image.Image:
    layer = Image.new("RGBA", (size, size))
    draw = ImageDraw.Draw(layer)
    half = size // 2
    color = (*(int(value) for value in ink), 215)
    unit = half / 100
    # Shipping label, upper right.
    x, y, label = half + 34 * unit, 37 * unit, 0.72 * unit
    black = (18, 18, 18, 255)
    draw.rectangle((x, y, x + 44 * label, y + 30 * label), fill=(240, 240, 236, 255))
    draw.text((x + 2 * label, y + 1.5 * label), "TO  DC 07 / GATE 3", font=font(round(4 * label)), fill=black)
    cursor = x + 2 * label
    while cursor < x + 41 * label:
        bar = float(rng.choice([0.35, 0.6, 0.95])) * label
        draw.rectangle((cursor, y + 9 * label, cursor + bar, y + 20 * label), fill=black)
        cursor += bar + float(rng.choice([0.35, 0.7])) * label
    digits = "".join(str(int(digit)) for digit in rng.integers(0, 10, 12))
    draw.text((x + 2 * label, y + 22 * label), digits, font=font(round(4.5 * label)), fill=black)
    # Brand and handling marks, lower left.
    draw.text(
        (22 * unit, half + 24 * unit),
        brand,
        font=font(round(15 * unit)),
        fill=color,
        stroke_width=round(0.7 * unit),
        stroke_fill=color,
    )
    for k in range(2):
        ax, ay = (26 + 14 * k) * unit, half + 72 * unit
        draw.polygon(
            [(ax, ay - 12 * unit), (ax - 4.5 * unit, ay - 6 * unit), (ax + 4.5 * unit, ay - 6 * unit)], fill=color
        )
        draw.rectangle((ax - 1.5 * unit, ay - 6 * unit, ax + 1.5 * unit, ay + 3 * unit), fill=color)
    draw.rectangle((20 * unit, half + 77 * unit, 46 * unit, half + 78.5 * unit), fill=color)
    gx, gy = 62 * unit, half + 60 * unit
    draw.polygon(
        [(gx, gy), (gx + 10 * unit, gy), (gx + 8 * unit, gy + 8 * unit), (gx + 2 * unit, gy + 8 * unit)], fill=color
    )
    draw.rectangle((gx + 4.3 * unit, gy + 8 * unit, gx + 5.7 * unit, gy + 15 * unit), fill=color)
    draw.rectangle((gx + 1 * unit, gy + 15 * unit, gx + 9 * unit, gy + 16.5 * unit), fill=color)
    return layer


def planks(seed: int, color: Color, size: int = 512) -> TextureSet:
    """Rough sawn softwood over 1 m, grain along u, four boards' worth of rings along v."""
    rng = np.random.default_rng((8100, seed))
    warp = spectral(size, rng, slope=1.8, low=1, high=10, stretch=(3.5, 0.7))
    y = np.mgrid[0:size, 0:size][0] / size
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (y * 26 + 1.1 * warp))
    fibres = spectral(size, rng, slope=0.6, low=20, stretch=(9.0, 0.5))
    tone = 1 - 0.16 * rings**2 + 0.055 * fibres + 0.03 * spectral(size, rng, slope=1.5, high=12)
    pixels = flat(size, rgb(*color)) * tone[..., None]
    knots = 1 - smoothstep(0.03, 0.09, cells(size, rng, 7))
    pixels = blend(pixels, rgb(74, 46, 26), knots * 0.65)
    dirt = smoothstep(0.7, 2.5, spectral(size, rng, slope=1.3, low=2, high=40))
    pixels = blend(pixels, rgb(78, 70, 60), dirt * 0.4)
    height = 0.0004 * rings + 0.00022 * fibres
    return TextureSet(pixels, np.clip(0.8 + 0.03 * fibres, 0, 1), height.astype(np.float32), 1.0 / size)


def stretch_film(size: int = 512) -> TextureSet:
    """Cartons behind milky film over 1.2 m: blurred joints below, bright folds above."""
    rng = np.random.default_rng(8200)
    image = Image.new("RGB", (size, size), (70, 52, 36))
    draw = ImageDraw.Draw(image)
    rows, columns = 4, 3
    for row in range(rows):
        for column in range(-1, columns + 1):
            shift = 0.5 * (row % 2)
            tone = int(rng.uniform(-8, 8)) if 0 <= column < columns - 1 else 0
            x0, y0 = (column + shift) * size / columns, row * size / rows
            box = (x0 + 2, y0 + 2, x0 + size / columns - 2, y0 + size / rows - 2)
            draw.rectangle(box, fill=(172 + tone, 130 + tone, 84 + tone))
    under = np.asarray(image.filter(ImageFilter.GaussianBlur(2)), np.float32) / 255
    folds = spectral(size, rng, slope=1.2, low=3, high=150, stretch=(1.0, 0.35))
    soft_folds = spectral(size, rng, slope=1.7, low=3, high=40, stretch=(1.0, 0.4))
    fine = strokes(size, rng, 120, length=(60, 300), width=(0.6, 2.2), bend=0.02, direction=0.35)
    # The film overlaps itself in slanting bands, a little denser at every turn.
    y, x = np.mgrid[0:size, 0:size] / size
    turns = ((y + 0.06 * np.abs(2 * x - 1)) * 5) % 1.0
    edge = 1 - smoothstep(0.0, 0.05, np.minimum(turns, 1 - turns))
    pixels = blend(under, rgb(196, 208, 216), np.clip(0.30 + 0.05 * folds + 0.08 * (turns < 0.3), 0, 1))
    pixels = blend(pixels, rgb(232, 238, 242), edge * 0.35)
    pixels = blend(pixels, rgb(250, 252, 255), fine * 0.5)
    roughness = np.clip(0.17 + 0.05 * folds, 0.08, 0.6)
    return TextureSet(
        pixels, roughness, (0.00028 * soft_folds + 0.0002 * fine + 0.0005 * edge).astype(np.float32), 1.2 / size
    )


def scuffed_plastic(seed: int, color: Color, size: int = 256) -> TextureSet:
    """Moulded plastic over 0.8 m: fine texture, dull scuffs."""
    rng = np.random.default_rng((8300, seed))
    clouds = spectral(size, rng, slope=1.5, high=20)
    scuffs = strokes(size, rng, 60, length=(10, 90), width=(0.5, 1.6), bend=0.06)
    pixels = flat(size, rgb(*color)) * (1 + 0.03 * clouds)[..., None]
    pixels = blend(pixels, pixels * 0.7 + 0.2, scuffs * 0.4)
    roughness = np.clip(0.38 + 0.04 * clouds + 0.25 * scuffs, 0.15, 0.9)
    return TextureSet(pixels, roughness.astype(np.float32))


def rubber(size: int = 256) -> TextureSet:
    """Tyre and belt rubber over 0.5 m, dusty."""
    rng = np.random.default_rng(8400)
    dust = smoothstep(-0.5, 2.2, spectral(size, rng, slope=1.1, low=2, high=60))
    grain = spectral(size, rng, slope=0.3, low=20)
    pixels = blend(flat(size, rgb(40, 40, 42)), rgb(92, 88, 82), dust * 0.35) * (1 + 0.05 * grain)[..., None]
    return TextureSet(pixels, np.clip(0.72 + 0.04 * grain, 0, 1), (0.0002 * grain).astype(np.float32), 0.5 / size)


def cloth(color: Color, size: int = 256) -> TextureSet:
    """Woven seat cover over 0.25 m."""
    rng = np.random.default_rng(8500)
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    weave = np.sin(x * 2 * np.pi / 8) * np.sin(y * 2 * np.pi / 8)
    pixels = flat(size, rgb(*color)) * (1 + 0.10 * weave + 0.06 * spectral(size, rng, slope=0.6))[..., None]
    return TextureSet(pixels, None, (0.0002 * weave).astype(np.float32), 0.25 / size)


def laminate(size: int = 256) -> TextureSet:
    """Light beech table top over 1 m, grain along u."""
    rng = np.random.default_rng(8600)
    fibres = spectral(size, rng, slope=0.8, low=4, stretch=(12.0, 0.6))
    pixels = flat(size, rgb(205, 175, 134)) * (1 + 0.035 * fibres)[..., None]
    return TextureSet(pixels, np.clip(0.36 + 0.03 * fibres, 0, 1))

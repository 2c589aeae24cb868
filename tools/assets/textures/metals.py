"""Steel: painted and worn, galvanised, corrugated, perforated."""

from __future__ import annotations

import numpy as np

from .image import TextureSet, blend, flat, rgb
from .noise import smoothstep, spectral, strokes

Color = tuple[float, float, float]


def painted_steel(seed: int, color: Color, size: int = 512, *, wear: float = 1.0, gloss: float = 0.42) -> TextureSet:
    """Powder-coated steel over 1 m: orange peel, scratches, chips with a rusty rim.

    Args:
        seed: Which pattern.
        color: sRGB 0..255.
        size: [px].
        wear: 0 is new, 1 a few years of forklift traffic.
        gloss: Roughness of clean paint.
    """
    rng = np.random.default_rng((7400, seed))
    clouds = spectral(size, rng, slope=1.5, high=30)
    pixels = flat(size, rgb(*color)) * (1 + 0.035 * clouds[..., None])
    grime = smoothstep(0.6, 2.6, spectral(size, rng, slope=1.3, low=2, high=60))
    pixels = blend(pixels, rgb(58, 54, 50), grime * 0.28 * wear)
    scratches = strokes(size, rng, int(70 * wear), length=(15, 140), width=(0.5, 1.2), bend=0.03)
    pixels = blend(pixels, pixels * 0.55 + 0.24, scratches * 0.55)
    chips_noise = spectral(size, rng, slope=0.8, low=8, high=140) + 0.35 * clouds
    chips = smoothstep(2.75 - 0.3 * wear, 2.9 - 0.3 * wear, chips_noise) * min(wear, 1.0)
    rim = smoothstep(2.45 - 0.3 * wear, 2.8 - 0.3 * wear, chips_noise) * min(wear, 1.0)
    pixels = blend(pixels, rgb(112, 66, 40), rim * 0.6)
    pixels = blend(pixels, rgb(112, 108, 104), chips * 0.9)
    peel = spectral(size, rng, slope=0.4, low=60, high=200)
    roughness = np.clip(gloss + 0.03 * clouds + 0.12 * grime + 0.1 * scratches + 0.2 * rim, 0.12, 0.95)
    height = 0.000018 * peel - 0.00025 * chips - 0.00006 * scratches
    return TextureSet(pixels, roughness.astype(np.float32), height, 1.0 / size)


def galvanised(size: int = 512) -> TextureSet:
    """Zinc-coated steel over 1 m with its spangle and white-rust streaks."""
    rng = np.random.default_rng(7500)
    spangle = spectral(size, rng, slope=0.5, low=10, high=70)
    streaks = spectral(size, rng, slope=1.0, low=2, high=120, stretch=(4.0, 0.6))
    tone = 0.60 + 0.028 * np.sign(spangle) * np.sqrt(np.abs(spangle)) + 0.018 * streaks
    color = np.stack([tone * 0.98, tone, tone * 1.02], axis=-1)
    roughness = np.clip(0.42 + 0.05 * spangle + 0.03 * streaks, 0.2, 0.8)
    return TextureSet(color, roughness)


def rack_upright(color: Color, size: int = 256) -> TextureSet:
    """Painted upright with two columns of slots every 10 cm; covers 10 cm."""
    base = painted_steel(31, color, size, wear=0.7)
    y, x = np.mgrid[0:size, 0:size] / size
    holes = np.zeros((size, size), np.float32)
    for center in (0.3, 0.7):
        narrow = 0.085 - 0.045 * np.clip((y - 0.3) / 0.4, 0, 1)
        holes = np.maximum(holes, ((np.abs(x - center) < narrow) & (np.abs(y - 0.5) < 0.24)).astype(np.float32))
    assert base.color is not None
    assert base.roughness is not None
    return TextureSet(blend(base.color, rgb(14, 15, 18), holes * 0.92), np.maximum(base.roughness, holes * 0.9))


def trapezoid_sheet(seed: int, color: Color, size: int = 512, *, ribs: int = 8, tile: float = 2.0) -> TextureSet:
    """Profiled sheet over ``tile`` metres, ribs upright (along v), streaked by rain and dust."""
    rng = np.random.default_rng((7600, seed))
    phase = (np.arange(size) / size * ribs) % 1.0
    profile = smoothstep(0.10, 0.24, phase) * (1 - smoothstep(0.66, 0.80, phase))
    relief = np.broadcast_to(profile, (size, size)) * 0.035
    streaks = spectral(size, rng, slope=1.0, low=2, high=90, stretch=(0.5, 6.0))
    clouds = spectral(size, rng, slope=1.6, high=16)
    tone = 1 + 0.022 * streaks + 0.016 * clouds
    # The valleys gather dust: cheap, and it keeps the ribs readable under flat light.
    shade = 1 - 0.10 * (1 - np.broadcast_to(profile, (size, size)))
    pixels = flat(size, rgb(*color)) * (tone * shade)[..., None]
    seam = np.zeros((size, size), np.float32)
    seam[: max(1, size // 256)] = 1
    pixels = blend(pixels, rgb(90, 92, 94), seam * 0.35)
    return TextureSet(pixels, np.clip(0.5 + 0.03 * streaks, 0, 1), relief.astype(np.float32), tile / size)


def cassette_panel(color: Color, size: int = 512) -> TextureSet:
    """Flat insulated wall panels, one metre wide with a dark joint, two over 2 m; fine micro-lines."""
    rng = np.random.default_rng(7700)
    streaks = spectral(size, rng, slope=1.1, low=2, high=60, stretch=(0.5, 5.0))
    clouds = spectral(size, rng, slope=1.7, high=10)
    pixels = flat(size, rgb(*color)) * (1 + 0.012 * streaks + 0.012 * clouds)[..., None]
    x = np.arange(size) / size
    to_joint = np.minimum((x * 2) % 1.0, 1 - (x * 2) % 1.0) * 0.5 * 2.0
    joint = 1 - smoothstep(0.004, 0.012, to_joint)
    lines = 0.5 + 0.5 * np.cos(x * 2 * np.pi * 40)
    relief = np.broadcast_to(0.0004 * lines - 0.012 * joint, (size, size)).astype(np.float32)
    joints = np.broadcast_to(joint, (size, size)).astype(np.float32)
    pixels = blend(pixels, rgb(96, 100, 104), joints * 0.75)
    return TextureSet(pixels, np.clip(0.46 + 0.03 * streaks, 0, 1), relief, 2.0 / size)


def block_wall(color: Color, size: int = 512) -> TextureSet:
    """Painted concrete blocks, 40 x 20 cm in running bond, over 1.6 m."""
    rng = np.random.default_rng(7800)
    tile, columns, rows = 1.6, 4, 8
    y, x = np.mgrid[0:size, 0:size] / size
    row = np.floor(y * rows)
    along = (x * columns + 0.5 * (row % 2)) % 1.0
    to_edge = np.minimum(np.minimum(along, 1 - along) * 0.4, np.minimum((y * rows) % 1, 1 - (y * rows) % 1) * 0.2)
    mortar = 1 - smoothstep(0.003, 0.008, to_edge)
    pits = spectral(size, rng, slope=0.4, low=25, high=200)
    block = np.floor(x * columns + 0.5 * (row % 2)) % columns
    tint = rng.normal(0, 0.012, (rows, columns))[row.astype(int), block.astype(int)]
    pixels = flat(size, rgb(*color)) * (1 + tint + 0.014 * pits)[..., None]
    pixels = blend(pixels, pixels * 0.86, mortar)
    grime = smoothstep(0.8, 2.4, spectral(size, rng, slope=1.4, high=30))
    pixels = blend(pixels, rgb(88, 84, 78), grime * 0.16)
    relief = 0.0002 * pits - 0.004 * mortar
    return TextureSet(pixels, np.clip(0.62 + 0.03 * pits, 0, 1), relief.astype(np.float32), tile / size)

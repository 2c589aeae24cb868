"""Floors: polished concrete slabs, vinyl tiles, the reference grid, road paint."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .image import TextureSet, blend, flat, rgb
from .noise import smoothstep, spectral, strokes

SLAB = 4.0
"""Edge of one concrete slab between saw cuts [m]; the slab texture covers exactly one."""


def concrete_slab(seed: int, size: int = 1024) -> TextureSet:
    """One power-trowelled slab with its saw-cut joints, stains, tyre marks and hairline cracks."""
    rng = np.random.default_rng((7001, seed))
    clouds = spectral(size, rng, slope=1.6, high=24)
    mottle = spectral(size, rng, slope=0.8, low=8, high=160)
    grain = spectral(size, rng, slope=0.2, low=120)
    tone = 0.60 + 0.020 * clouds + 0.012 * mottle + 0.010 * grain
    color = np.stack([tone * 1.0, tone * 0.985, tone * 0.955], axis=-1)
    trowel = strokes(size, rng, 160, length=(200, 500), width=(6, 26), bend=0.12)
    color = blend(color, rgb(172, 170, 164), _soft(trowel, 5) * 0.10)
    stains = smoothstep(0.9, 2.6, spectral(size, rng, slope=1.8, low=2, high=20))
    color = blend(color, rgb(104, 98, 88), stains * 0.34)
    tyres = _soft(strokes(size, rng, 4, length=(700, 1500), width=(20, 34), bend=0.03), 3)
    tyres *= smoothstep(-0.6, 1.0, spectral(size, rng, slope=0.9, low=3, high=90))
    color = blend(color, rgb(70, 69, 68), tyres * 0.30)
    cracks = strokes(size, rng, 2 + seed % 2, length=(300, 900), width=(0.6, 1.1), bend=0.02, jitter=0.22)
    color = blend(color, rgb(78, 75, 70), cracks * 0.65)
    joint, chipped = _joints(size, rng)
    color = blend(color, rgb(182, 178, 170), chipped * 0.25)
    color = blend(color, rgb(66, 64, 61), joint * 0.9)
    roughness = np.clip(0.42 + 0.05 * clouds + 0.04 * mottle - 0.10 * _soft(trowel, 5) + 0.12 * tyres, 0.18, 0.85)
    roughness = np.maximum(roughness, joint * 0.9)
    height = 0.00012 * clouds + 0.00003 * mottle + 0.00002 * grain - 0.0035 * _soft(joint, 1) - 0.0005 * cracks
    return TextureSet(color, roughness.astype(np.float32), height, SLAB / size)


def _soft(field: np.ndarray, radius: float) -> np.ndarray:
    """Blur by wrapping around."""
    pad = int(radius * 4)
    padded = np.pad(field, pad, mode="wrap")
    image = Image.fromarray((np.clip(padded, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))
    return (np.asarray(image, np.float32) / 255)[pad:-pad, pad:-pad]


def _joints(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The half saw cut along every edge of a slab, and the worn band beside it."""
    position = np.arange(size)
    edge = np.minimum(position, size - 1 - position).astype(np.float32)
    distance = np.minimum(edge[None, :], edge[:, None]) + 0.4 * spectral(size, rng, slope=0.5, low=40)
    return 1 - smoothstep(0.4, 2.2, distance), (1 - smoothstep(2.0, 9.0, distance)) * (distance > 1.8)


def vinyl_tiles(size: int = 512) -> TextureSet:
    """Break-room floor: 50 cm tiles with thin grout, four by four over 2 m."""
    rng = np.random.default_rng(7100)
    tiles = 4
    cell = size // tiles
    shade = np.kron(rng.normal(0, 0.012, (tiles, tiles)), np.ones((cell, cell))).astype(np.float32)
    speck = spectral(size, rng, slope=0.3, low=30)
    tone = 0.66 + shade + 0.018 * speck + 0.014 * spectral(size, rng, slope=1.4, high=20)
    color = np.stack([tone * 0.93, tone * 0.99, tone * 1.02], axis=-1)
    flecks = (spectral(size, rng, slope=0.1, low=60) > 2.3).astype(np.float32)
    color = blend(color, rgb(220, 222, 222), flecks * 0.5)
    position = np.arange(size) % cell
    edge = np.minimum(position, cell - 1 - position)
    grout = (np.minimum(edge[None, :], edge[:, None]) < 1).astype(np.float32)
    color = blend(color, rgb(98, 104, 108), grout * 0.8)
    roughness = np.clip(0.34 + 0.03 * speck + 0.3 * grout, 0, 1)
    return TextureSet(color, roughness, -0.0008 * grout, 2.0 / size)


def reference_grid(size: int = 1024) -> TextureSet:
    """Ground of the empty stage: a line every 10 cm, a stronger one every metre, over 1 m."""
    scale = 4
    large = size * scale
    image = Image.new("RGB", (large, large), (134, 135, 135))
    draw = ImageDraw.Draw(image)
    for k in range(11):
        at, major = k * large / 10, k in (0, 10)
        half = (6 if major else 1.6) * scale * size / 1024
        shade = (216, 218, 219) if major else (158, 160, 161)
        draw.rectangle((at - half, 0, at + half, large), fill=shade)
        draw.rectangle((0, at - half, large, at + half), fill=shade)
    edge = 6 * scale * size / 1024
    for box in (
        (0, 0, large, edge),
        (0, large - edge, large, large),
        (0, 0, edge, large),
        (large - edge, 0, large, large),
    ):
        draw.rectangle(box, fill=(216, 218, 219))
    pixels = np.asarray(image.resize((size, size), Image.Resampling.BOX), np.float32) / 255
    return TextureSet(pixels)


def road_paint(seed: int, color: tuple[float, float, float], size: int = 512) -> TextureSet:
    """Floor marking paint over 1 m: scuffed, dusty, worn through to the concrete here and there."""
    rng = np.random.default_rng((7200, seed))
    return _worn_marking(flat(size, rgb(*color)), rng, size)


def hazard_stripes(size: int = 512) -> TextureSet:
    """Yellow and black stripes at 45 degrees, four pairs over 1 m."""
    rng = np.random.default_rng(7300)
    y, x = np.mgrid[0:size, 0:size]
    phase = ((x + y) * 4 / size) % 1.0
    stripe = smoothstep(0.0, 4 / size * 2, np.minimum(phase, np.abs(0.5 - phase)) * np.where(phase < 0.5, 1, 0))
    base = blend(flat(size, rgb(214, 168, 24)), rgb(38, 37, 36), stripe)
    return _worn_marking(base, rng, size)


def _worn_marking(base: np.ndarray, rng: np.random.Generator, size: int) -> TextureSet:
    dirt = spectral(size, rng, slope=1.3, high=60)
    color = base * (1 + 0.05 * dirt[..., None])
    scuffs = strokes(size, rng, 26, length=(60, 420), width=(1, 6), bend=0.05)
    color = blend(color, rgb(92, 90, 86), scuffs * 0.35)
    worn = smoothstep(1.35, 1.75, spectral(size, rng, slope=0.9, low=3, high=180) + 0.5 * scuffs)
    color = blend(color, rgb(148, 145, 139), worn * 0.8)
    roughness = np.clip(0.5 + 0.05 * dirt + 0.15 * worn, 0, 1)
    return TextureSet(color, roughness)

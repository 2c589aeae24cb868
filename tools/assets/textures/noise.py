"""Seamless noise; every function returns ``(size, size)`` float32 that wraps around at all edges."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw


def spectral(
    size: int,
    rng: np.random.Generator,
    *,
    slope: float = 1.0,
    low: float = 1.0,
    high: float | None = None,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> np.ndarray:
    """Gaussian noise whose amplitude falls as frequency to the power of ``-slope``; mean 0, deviation 1.

    Args:
        size: Width and height [px].
        rng: Where the noise comes from.
        slope: 0 is white, 1 cloudy, 2 smooth hills.
        low: Lowest frequency kept, in waves per image.
        high: Highest frequency kept, in waves per image.
        stretch: How much longer features are along x and y.
    """
    fy = np.fft.fftfreq(size, 1 / size)[:, None] * stretch[1]
    fx = np.fft.rfftfreq(size, 1 / size)[None, :] * stretch[0]
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = 1.0
    weight = frequency**-slope
    weight[(frequency < low) | (frequency > (high or size))] = 0.0
    weight[0, 0] = 0.0
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * weight, s=(size, size))
    return (field / field.std()).astype(np.float32)


def cells(size: int, rng: np.random.Generator, count: int) -> np.ndarray:
    """Distance to the nearest of ``count`` scattered points, in units of their mean spacing."""
    points = rng.random((count, 2)) * size
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5
    nearest = np.full((size, size), np.inf, np.float32)
    for px, py in points.astype(np.float32):
        dx, dy = np.abs(x - px), np.abs(y - py)
        np.minimum(nearest, np.minimum(dx, size - dx) ** 2 + np.minimum(dy, size - dy) ** 2, out=nearest)
    return np.sqrt(nearest) / (size / np.sqrt(count))


def strokes(
    size: int,
    rng: np.random.Generator,
    count: int,
    *,
    length: tuple[float, float],
    width: tuple[float, float],
    bend: float = 0.1,
    jitter: float = 0.0,
    direction: float | None = None,
) -> np.ndarray:
    """Random curved lines, 0..1: scratches, cracks, tyre marks.

    Args:
        size: Width and height [px].
        rng: Where the lines come from.
        count: Number of lines.
        length: Range of lengths [px].
        width: Range of widths [px].
        bend: How much a line keeps turning [rad per step of 1/40 of its length].
        jitter: How much each step strays at random [rad].
        direction: Common heading [rad], or None for any.
    """
    scale = 2
    layer = Image.new("L", (size * scale, size * scale))
    draw = ImageDraw.Draw(layer)
    for _ in range(count):
        steps = 40
        step = rng.uniform(*length) / steps * scale
        heading = (rng.uniform(0, 2 * np.pi) if direction is None else direction) + rng.normal(0, 0.08)
        turns = rng.normal(0, bend) + rng.normal(0, jitter, steps) if jitter else np.full(steps, rng.normal(0, bend))
        angles = heading + np.cumsum(turns)
        start = rng.random(2) * size * scale
        path = start + np.concatenate(
            [np.zeros((1, 2)), np.cumsum(np.stack([np.cos(angles), np.sin(angles)], axis=1) * step, axis=0)]
        )
        thickness = max(1, round(float(rng.uniform(*width)) * scale))
        shade = int(rng.uniform(120, 255))
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                shifted = path + np.array((dx, dy)) * size * scale
                low, high = shifted.min(axis=0), shifted.max(axis=0)
                if (high < 0).any() or (low > size * scale).any():
                    continue
                draw.line([tuple(point) for point in shifted.tolist()], fill=shade, width=thickness, joint="curve")
    small = layer.resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """Blend from 0 at ``low`` to 1 at ``high`` without a kink."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)

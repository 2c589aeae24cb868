"""Noise, masks and maps that the textures of people are painted with; colours are sRGB in 0..1."""

from __future__ import annotations

import numpy as np

Color = tuple[float, float, float]


def noise(size: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator, *, octaves: int = 1) -> np.ndarray:
    """Return smooth random values of mean 0, mostly in -1..1, that repeat at the edges.

    Filtered white noise: no lattice shows through.

    Args:
        size: Height and width [px].
        cells: Roughly how many bumps there are along the height and the width.
        rng: Where the values come from.
        octaves: Layers, each of twice the frequency and half the strength.
    """
    spectrum = np.fft.rfft2(rng.standard_normal(size))
    fy, fx = np.fft.fftfreq(size[0]) * size[0], np.fft.rfftfreq(size[1]) * size[1]
    total = np.zeros(size)
    for octave in range(octaves):
        scale = 0.5 * 2.0**octave
        squared = (fy[:, None] / (cells[0] * scale)) ** 2 + (fx[None] / (cells[1] * scale)) ** 2
        # A band rather than a low pass, so that layers differ and the mean is 0.
        layer = np.fft.irfft2(spectrum * squared * np.exp(-squared), s=size)
        total += layer / layer.std() * 0.4 * 0.5**octave
    return total


def blob(distance: np.ndarray, radius: float) -> np.ndarray:
    """Fall off smoothly from 1 in the middle to 0 far beyond a radius."""
    return np.exp(-((distance / radius) ** 2))


def mixed(image: np.ndarray, color: np.ndarray | Color, amount: np.ndarray | float) -> np.ndarray:
    """Blend an image ``(h, w, 3)`` towards a colour."""
    amount = np.asarray(amount)[..., None]
    return image * (1.0 - amount) + np.asarray(color) * amount


def flat(color: Color, size: tuple[int, int]) -> np.ndarray:
    """Return a plain image."""
    return np.broadcast_to(np.array(color, dtype=np.float64), (*size, 3)).copy()


def encoded(image: np.ndarray) -> np.ndarray:
    """Return 8-bit pixels of an image in 0..1."""
    return np.round(np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)


def rasterized(uvs: np.ndarray, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate values given at triangle corners over a square texture.

    Args:
        uvs: ``(triangles, 3, 2)``, V growing upwards.
        values: ``(triangles, 3, channels)``.
        size: Of the texture [px].

    Returns:
        Values ``(size, size, channels)`` and the mask of texels that a triangle covers; a margin around the
        covered texels is filled from their neighbours.
    """
    image = np.zeros((size, size, values.shape[-1]))
    covered = np.zeros((size, size), dtype=bool)
    corners = np.stack([uvs[..., 0] * size - 0.5, (1.0 - uvs[..., 1]) * size - 0.5], axis=-1)
    for triangle, value in zip(corners, values, strict=True):
        low = np.maximum(np.floor(triangle.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(triangle.max(axis=0)).astype(int), size - 1)
        (ax, ay), (bx, by), (cx, cy) = triangle.tolist()
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9 or (high < low).any():
            continue
        x, y = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        b = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
        c = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
        inside = (b >= -0.02) & (c >= -0.02) & (b + c <= 1.02)
        weights = np.stack([1 - b - c, b, c], axis=-1)[inside]
        image[y[inside], x[inside]] = weights @ value
        covered[y[inside], x[inside]] = True
    filled = covered.copy()
    for _ in range(6):
        for shift, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
            neighbour, known = np.roll(image, shift, axis=axis), np.roll(filled, shift, axis=axis)
            take = known & ~filled
            image[take] = neighbour[take]
            filled |= take
    return image, filled


def normal_map(height: np.ndarray, step_u: np.ndarray | float, step_v: float, *, strength: float = 1.0) -> np.ndarray:
    """Return an encoded tangent-space normal map of a height field.

    Args:
        height: ``(h, w)`` [m].
        step_u: Size of a texel along the width [m], one value or one per column.
        step_v: Size of a texel along the height [m].
        strength: Exaggeration of the slopes.
    """
    along_v, along_u = np.gradient(height)
    slope_u, slope_v = along_u / step_u * strength, -along_v / step_v * strength
    normals = np.stack([-slope_u, -slope_v, np.ones_like(height)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return encoded(0.5 + 0.5 * normals)

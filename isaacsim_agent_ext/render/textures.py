"""Textures as the kernels read them: all mip levels of all images in one array of packed texels."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from isaacsim_agent_ext.scene.snapshot import Texture

MAX_LEVELS = 16


def pack_textures(
    textures: Sequence[Texture], colors: Collection[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Build the mip levels of all textures.

    Args:
        textures: The images.
        colors: Indices of those that are sRGB encoded, whose levels are averaged in linear light.

    Returns:
        Texels ``(texels,)`` uint32 RGBA; where each level starts ``(textures, MAX_LEVELS)`` int32; its width and
        height ``(textures, MAX_LEVELS, 2)`` int32; levels per texture ``(textures,)`` int32.
    """
    offsets = np.zeros((max(len(textures), 1), MAX_LEVELS), dtype=np.int32)
    sizes = np.ones((max(len(textures), 1), MAX_LEVELS, 2), dtype=np.int32)
    levels = np.ones(max(len(textures), 1), dtype=np.int32)
    chunks: list[np.ndarray] = []
    total = 0
    for index, texture in enumerate(textures):
        chain = mip_levels(texture.pixels, srgb=index in colors)
        levels[index] = len(chain)
        for level, pixels in enumerate(chain):
            offsets[index, level] = total
            sizes[index, level] = pixels.shape[1], pixels.shape[0]
            chunks.append(np.ascontiguousarray(pixels).view("<u4").ravel())
            total += chunks[-1].size
    texels = np.concatenate(chunks) if chunks else np.zeros(1, dtype=np.uint32)
    return texels.astype(np.uint32, copy=False), offsets, sizes, levels


def mip_levels(pixels: np.ndarray, *, srgb: bool) -> list[np.ndarray]:
    """Return an image and its halvings down to one pixel, ``(height, width, 4)`` uint8 each."""
    chain = [np.ascontiguousarray(pixels, dtype=np.uint8)]
    current = _LINEAR[chain[0]] if srgb else chain[0].astype(np.uint16) * 257
    while max(current.shape[:2]) > 1 and len(chain) < MAX_LEVELS:
        current = _halve(_halve(current, 0), 1)
        chain.append(_ENCODED[current] if srgb else (current >> 8).astype(np.uint8))
    return chain


def srgb_to_linear(encoded: np.ndarray) -> np.ndarray:
    """Decode sRGB values in 0..1 (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """Encode linear values in 0..1 as sRGB (IEC 61966-2-1)."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


# Between decoding and encoding, levels are kept as 16-bit linear light.
_LINEAR = np.rint(srgb_to_linear(np.arange(256) / 255.0) * 65535.0).astype(np.uint16)
_ENCODED = np.rint(linear_to_srgb(np.arange(65536) / 65535.0) * 255.0).astype(np.uint8)


def _halve(image: np.ndarray, axis: int) -> np.ndarray:
    """Average neighbours along an axis of 16-bit values; an odd number of rows is spread over the pairs."""
    length = image.shape[axis]
    if length == 1:
        return image
    if length % 2:
        first = np.take(image, np.linspace(0, length - 2, length // 2).round().astype(int), axis=axis)
        second = np.take(image, np.linspace(1, length - 1, length // 2).round().astype(int), axis=axis)
    else:
        pairs = (slice(None, None, 2), slice(1, None, 2))
        first, second = (image[pair] if axis == 0 else image[:, pair] for pair in pairs)
    # The mean without overflow, rounding down.
    return (first & second) + ((first ^ second) >> 1)

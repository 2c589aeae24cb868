"""Textures as the kernels read them: all mip levels of all images in one array of packed texels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.scene.snapshot import Texture

MAX_LEVELS = 16


@dataclass(frozen=True)
class Layers:
    """The images whose channels share the texels of one packed texture; -1 where there is none, which reads as 1.

    A texel's bytes are red, green, blue, roughness, the normal's x, y and z, and metallic: one look-up reads all that
    a surface is made of.
    """

    color: int = -1
    roughness: int = -1
    roughness_channel: int = 0
    metallic: int = -1
    metallic_channel: int = 0
    normal: int = -1

    @property
    def images(self) -> set[int]:
        """Indices of the images."""
        return {self.color, self.roughness, self.metallic, self.normal} - {-1}


def pack_textures(
    textures: Sequence[Texture], packed: Sequence[Layers]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Build the mip levels of packed textures, each as large as its largest image.

    Args:
        textures: The images; colours are sRGB encoded, and their levels averaged in linear light.
        packed: What to pack of them.

    Returns:
        Texels ``(texels,)`` uint64; where each level starts ``(packed, MAX_LEVELS)`` int32; its width and height
        ``(packed, MAX_LEVELS, 2)`` int32; levels per packed texture ``(packed,)`` int32.
    """
    offsets = np.zeros((max(len(packed), 1), MAX_LEVELS), dtype=np.int32)
    sizes = np.ones((max(len(packed), 1), MAX_LEVELS, 2), dtype=np.int32)
    levels = np.ones(max(len(packed), 1), dtype=np.int32)
    chunks: list[np.ndarray] = []
    total = 0
    for index, layers in enumerate(packed):
        shapes = [textures[image].pixels.shape for image in layers.images]
        height, width = max(shape[0] for shape in shapes), max(shape[1] for shape in shapes)

        def chain(image: int, *, srgb: bool = False, size: tuple[int, int] = (height, width)) -> list[np.ndarray]:
            return mip_levels(enlarged(textures[image].pixels, *size), srgb=srgb)

        parts: list[tuple[slice | int, slice | int, list[np.ndarray]]] = []
        if layers.color >= 0:
            parts.append((slice(0, 3), slice(0, 3), chain(layers.color, srgb=True)))
        if layers.roughness >= 0:
            parts.append((3, layers.roughness_channel, chain(layers.roughness)))
        if layers.normal >= 0:
            parts.append((slice(4, 7), slice(0, 3), chain(layers.normal)))
        if layers.metallic >= 0:
            parts.append((7, layers.metallic_channel, chain(layers.metallic)))
        levels[index] = len(parts[0][2])
        for level in range(levels[index]):
            shape = parts[0][2][level].shape[:2]
            texels = np.full((*shape, 8), 255, dtype=np.uint8)
            for target, source, images in parts:
                texels[..., target] = images[level][..., source]
            offsets[index, level] = total
            sizes[index, level] = shape[1], shape[0]
            chunks.append(texels.view("<u8").ravel())
            total += chunks[-1].size
    texels = np.concatenate(chunks) if chunks else np.zeros(1, dtype=np.uint64)
    return texels.astype(np.uint64, copy=False), offsets, sizes, levels


def enlarged(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a repeating image at a size not below its own, interpolated, ``(height, width, 4)`` uint8."""
    result = pixels
    for axis, size in enumerate((height, width)):
        length = result.shape[axis]
        if length == size:
            continue
        at = (np.arange(size) + 0.5) * (length / size) - 0.5
        low = np.floor(at).astype(int)
        weight = (at - low).astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        first = np.take(result, low % length, axis=axis).astype(np.float32)
        second = np.take(result, (low + 1) % length, axis=axis).astype(np.float32)
        result = np.rint(first + (second - first) * weight).astype(np.uint8)
    return result


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

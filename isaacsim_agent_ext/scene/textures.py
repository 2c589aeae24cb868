"""Texture images, read through USD's asset resolver so that those inside ``.usdz`` packages work too."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image
from pxr import Ar

from isaacsim_agent_ext.scene.snapshot import Texture

LARGEST_SIDE = 2048
"""Images are reduced to this many pixels along their longer side; more would never be seen by a surveying camera."""

LARGEST_IMAGE = 16384 * 16384
"""Images of more pixels are refused: a small file can claim any size."""


@dataclass(frozen=True)
class TextureRequest:
    """An image to load.

    Attributes:
        path: As resolved by USD.
        decode: ``""`` to keep the encoding, ``"srgb"`` to turn linear values into sRGB (a colour texture declared
            raw), ``"linear"`` for the opposite (a data texture declared sRGB).
    """

    path: str
    decode: str = ""


def load_textures(requests: Sequence[TextureRequest]) -> list[Texture | str]:
    """Load images side by side; what cannot be loaded yields a text that says why."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(_load, requests))


def _load(request: TextureRequest) -> Texture | str:
    try:
        pixels = _pixels(_read(request.path))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"cannot be read: {error}"
    if request.decode:
        pixels[..., :3] = _TABLES[request.decode][pixels[..., :3]]
    return Texture(name=request.path, pixels=pixels)


def _read(path: str) -> bytes:
    asset = Ar.GetResolver().OpenAsset(Ar.ResolvedPath(path))
    if asset is None:
        raise OSError("it is not there")
    return bytes(asset.GetBuffer())


def _pixels(data: bytes) -> np.ndarray:
    """Return ``(height, width, 4)`` uint8."""
    with Image.open(io.BytesIO(data)) as image:
        if image.width * image.height > LARGEST_IMAGE:
            raise ValueError(f"it has {image.width} x {image.height} pixels, more than a texture can have")
        reduction = max(image.size) // LARGEST_SIDE
        if reduction > 1:
            image.draft(None, (image.width // reduction, image.height // reduction))  # JPEG: skip detail cheaply
        if image.mode.startswith(("I", "F")):
            return _from_wide(image)
        converted = image.convert("RGBA")
    if max(converted.size) > LARGEST_SIDE:
        converted.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BOX)
    return np.array(converted)


def _from_wide(image: Image.Image) -> np.ndarray:
    """Return a 16-bit or float grey image as RGBA."""
    values = np.asarray(image, dtype=np.float64)
    values = values * 255 if image.mode == "F" else values / 257
    grey = Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))
    grey.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BOX)
    return np.array(grey.convert("RGBA"))


def _tables() -> dict[str, np.ndarray]:
    value = np.arange(256) / 255
    to_linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_srgb = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return {
        "linear": np.round(to_linear * 255).astype(np.uint8),
        "srgb": np.round(to_srgb * 255).astype(np.uint8),
    }


_TABLES = _tables()

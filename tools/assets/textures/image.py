"""Turning arrays into the image files that materials read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont


@dataclass(frozen=True, eq=False)
class TextureSet:
    """The images of one look, ``(height, width[, 3])`` float32 in 0..1, rows from top to bottom.

    Attributes:
        color: sRGB encoded, or None.
        roughness: Linear, one channel, or None.
        height: Relief [m] together with ``pixel`` gives the normal map, or None.
        pixel: Size of a pixel on the surface [m].
    """

    color: np.ndarray | None = None
    roughness: np.ndarray | None = None
    height: np.ndarray | None = None
    pixel: float = 0.001


def rgb(*channels: float) -> np.ndarray:
    """An sRGB colour given in 0..255."""
    return np.array(channels, np.float32) / 255


def flat(size: int, color: Sequence[float] | np.ndarray) -> np.ndarray:
    """A one-coloured image ``(size, size, 3)``."""
    return np.broadcast_to(np.asarray(color, np.float32), (size, size, 3)).copy()


def blend(base: np.ndarray, over: np.ndarray | Sequence[float], amount: np.ndarray | float) -> np.ndarray:
    """Lay a colour or image over another; ``amount`` is 0..1 per pixel."""
    weight = np.asarray(amount, np.float32)
    return base + (np.asarray(over, np.float32) - base) * (weight[..., None] if weight.ndim == 2 else weight)


def normal_map(height: np.ndarray, pixel: float) -> np.ndarray:
    """Encode a wrapping relief [m] as a tangent-space normal map, green up (OpenGL)."""
    dx = (np.roll(height, -1, axis=1) - np.roll(height, 1, axis=1)) / (2 * pixel)
    dy = (np.roll(height, 1, axis=0) - np.roll(height, -1, axis=0)) / (2 * pixel)
    normal = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True) * 0.5 + 0.5


def save(pixels: np.ndarray, path: Path, *, quality: int = 85) -> None:
    """Write 0..1 pixels as JPEG or PNG, by the name's ending."""
    image = Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".png":
        image.save(path, optimize=True)
    else:
        image.save(path, quality=quality, subsampling=0 if quality >= 90 else 2, optimize=True)


def save_set(textures: TextureSet, folder: Path, name: str) -> None:
    """Write the images of a look as ``<name>_Color.jpg``, ``_Roughness.jpg`` and ``_Normal.jpg``."""
    if textures.color is not None:
        save(textures.color, folder / f"{name}_Color.jpg")
    if textures.roughness is not None:
        save(textures.roughness, folder / f"{name}_Roughness.jpg", quality=80)
    if textures.height is not None:
        save(normal_map(textures.height, textures.pixel), folder / f"{name}_Normal.jpg", quality=90)


def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface inside Pillow (Aileron, CC0), so that no system font changes the pictures."""
    face = ImageFont.load_default(size)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise RuntimeError("this Pillow was built without FreeType; signs need it")
    return face

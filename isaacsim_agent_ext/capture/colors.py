"""Colours for ids: the same id has the same colour in every frame, camera and run, and no two ids share one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

GOLDEN_RATIO = 0.6180339887498949
"""Steps of this size round the hue circle keep any number of hues apart."""

RESERVED = ((0, 0, 0, 0), (0, 0, 0, 255))
"""Colours of id 0, BACKGROUND, and id 1, UNLABELLED."""


def id_colors(count: int) -> np.ndarray:
    """Return the RGBA colours of the ids ``0 .. count - 1`` as ``(count, 4)`` uint8.

    Hues advance by the golden ratio, saturation and value by van der Corput sequences in bases 2 and 3, so
    neighbouring ids look different and the colour solid fills evenly. A colour that rounds to one already taken is
    passed over, so ids and colours correspond one to one. The colour of an id does not depend on how many ids there
    are.
    """
    size = 256
    while size < count:
        size *= 4
    return _palette(size)[:count]


def packed_colors(count: int) -> np.ndarray:
    """Return the same colours as ``(count,)`` uint32, whose bytes in memory are R, G, B, A: quick to look up."""
    return np.ascontiguousarray(id_colors(count)).view(np.uint32)[:, 0]


def colorize_ids(ids: np.ndarray) -> np.ndarray:
    """Return an image of ids ``(height, width)`` as RGBA ``(height, width, 4)`` uint8."""
    colors = packed_colors(int(ids.max(initial=0)) + 1)
    return colors[ids].view(np.uint8).reshape(*ids.shape, 4)


@lru_cache(maxsize=8)
def _palette(size: int) -> np.ndarray:
    candidates = np.arange(size + size // 4)
    rgb = _hsv_to_rgb(
        (candidates * GOLDEN_RATIO) % 1.0,
        0.95 - 0.5 * _van_der_corput(candidates, 2),
        1.0 - 0.4 * _van_der_corput(candidates, 3),
    )
    _, first = np.unique(rgb.astype(np.int64) @ np.array([65536, 256, 1]), return_index=True)
    distinct = rgb[np.sort(first)][: size - len(RESERVED)]
    palette = np.full((size, 4), 255, np.uint8)
    palette[: len(RESERVED)] = RESERVED
    palette[len(RESERVED) :, :3] = distinct
    palette.setflags(write=False)
    return palette


def _van_der_corput(n: np.ndarray, base: int) -> np.ndarray:
    """Return the digits of ``n`` mirrored at the decimal point: a sequence that fills 0..1 evenly."""
    result, scale, rest = np.zeros(len(n)), 1.0, n.copy()
    while rest.any():
        scale /= base
        result += scale * (rest % base)
        rest //= base
    return result


def _hsv_to_rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return uint8 RGB ``(n, 3)``: the usual hexcone, each channel a clipped triangle wave of the hue."""
    wave = np.abs((hue[:, None] * 6.0 + np.array([0.0, 4.0, 2.0])) % 6.0 - 3.0) - 1.0
    channel = value[:, None] * (1.0 - saturation[:, None] * (1.0 - np.clip(wave, 0.0, 1.0)))
    return np.rint(channel * 255.0).astype(np.uint8)

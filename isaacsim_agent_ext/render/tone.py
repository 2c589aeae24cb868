"""From radiance to display values: one curve, tabulated."""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.render.textures import linear_to_srgb

TONE_STEPS = 4096


def tone_curve() -> np.ndarray:
    """Return the ``(TONE_STEPS,)`` uint32 display values 0..255 of radiance ``r``, at ``r / (1 + r)`` of the table.

    The curve is Hable's filmic one (2010, Uncharted 2: HDR Lighting): a soft toe, a long shoulder and a white
    point, here at 6 times white, with mid grey kept where it was.
    """
    position = np.arange(TONE_STEPS) / (TONE_STEPS - 1)
    radiance = position / np.maximum(1.0 - position, 1e-6)
    display = linear_to_srgb(np.clip(_filmic(1.6 * radiance) / _filmic(np.array(1.6 * 6.0)), 0.0, 1.0))
    return np.rint(display * 255.0).astype(np.uint32)


def _filmic(x: np.ndarray) -> np.ndarray:
    a, b, c, d, e, f = 0.22, 0.30, 0.10, 0.20, 0.01, 0.30
    return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f

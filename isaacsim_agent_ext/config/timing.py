"""From seconds to frames."""

from __future__ import annotations

import math

STEPS_PER_SECOND = 30
"""Frames per simulated second; the config format fixes it."""

_ROUNDING = 1e-6
"""Seconds written in decimals, such as 0.1, are frames only up to this [frame]."""

_LONGEST = 1e15
"""Times beyond this [s] count as this, so that no number is too large for a frame."""


def first_frame_at(time: float) -> int:
    """Return the first frame that is not before ``time`` [s].

    It serves starts (inclusive) and ends (exclusive) alike, and so for the number of frames in a duration.
    """
    return math.ceil(min(time, _LONGEST) * STEPS_PER_SECOND - _ROUNDING)

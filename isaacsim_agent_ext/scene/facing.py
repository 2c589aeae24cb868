"""Which way a character asset faces, told from its skeleton: its left side is to the left of where it looks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

DEFAULT_FACING = -np.pi / 2
"""Yaw of assets whose skeleton does not tell: -Y, as Isaac Sim's people face; +Z of a Y-up asset [rad]."""

_LEFT = (
    (re.compile(r"left", re.IGNORECASE), {"left": "right", "Left": "Right", "LEFT": "RIGHT"}),
    (re.compile(r"(?<![A-Za-z])[lL](?![A-Za-z])"), {"l": "r", "L": "R"}),
)


def facing_yaw(joints: Sequence[str], positions: np.ndarray) -> float:
    """Return the yaw that a standing figure faces along, to the nearest quarter turn [rad].

    Args:
        joints: Joint names; sides are told by ``left``/``right`` or a lone ``l``/``r`` (``thigh_l``, ``L_UpLeg``).
        positions: ``(joints, 3)`` joint positions in the bind pose, Z-up.
    """
    places = dict(zip(joints, positions, strict=True))
    across = np.zeros(2)
    for name, place in places.items():
        mirrored = _mirrored(name)
        if mirrored in places:
            across += (place - places[mirrored])[:2]
    if np.linalg.norm(across) < 1e-6:
        return DEFAULT_FACING
    left = float(np.arctan2(across[1], across[0]))
    return float(np.round((left - np.pi / 2) / (np.pi / 2)) * (np.pi / 2))


def _mirrored(name: str) -> str | None:
    """Return the name of the joint on the right for one on the left, or None for any other."""
    for pattern, swap in _LEFT:
        match = pattern.search(name)
        if match and match[0] in swap:
            return name[: match.start()] + swap[match[0]] + name[match.end() :]
    return None

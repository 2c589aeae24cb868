"""Yielding: how far a robot can drive along its path before it would touch somebody."""

from __future__ import annotations

import math

import numpy as np

MARGIN = 0.12
"""Distance that a robot keeps to both sides of its way when it need not squeeze past [m]."""

FORESIGHT = 0.6
"""Others are expected to go on as they do for this long [s]."""


def free_way(
    path: np.ndarray,
    radius: float,
    positions: np.ndarray,
    velocities: np.ndarray,
    radii: np.ndarray,
    *,
    margin: float = MARGIN,
    foresight: float = FORESIGHT,
) -> tuple[float, int]:
    """Return how far along its path a robot can go, and who is in the way there.

    Args:
        path: ``(n, 2)`` corners from where the robot is [m].
        radius: Of the robot [m].
        positions: ``(k, 2)`` of the others [m].
        velocities: ``(k, 2)`` of the others [m/s].
        radii: ``(k,)`` of the others [m].
        margin: Distance kept to both sides [m].
        foresight: For how long the others are expected to go on as they do [s].

    Returns:
        The distance [m] and the index of the other; infinity and -1 when the way is free.
    """
    nearest, blocker = math.inf, -1
    for places in (positions, positions + velocities * foresight):
        along, start = 0.0, path[0]
        offset = places - start
        # Who stands within the margin already is in the way only if the robot would get nearer.
        reach = np.minimum(radii + radius + margin, np.maximum(np.sqrt((offset**2).sum(axis=1)), radii + radius))
        for end in path[1:]:
            leg = end - start
            length = math.sqrt(leg @ leg)
            if length > 1e-9:
                distance = _contact(places - start, leg / length, length, reach)
                index = int(distance.argmin())
                if along + distance[index] < nearest:
                    nearest, blocker = along + float(distance[index]), index
            along, start = along + length, end
    return nearest, blocker


def _contact(offset: np.ndarray, direction: np.ndarray, length: float, reach: np.ndarray) -> np.ndarray:
    """Return after which distance ``(k,)`` a disc that moves straight first touches points at ``offset``."""
    ahead = offset @ direction
    square = (offset * offset).sum(axis=1) - ahead * ahead
    chord = np.sqrt(np.maximum(reach * reach - square, 0.0))
    first = np.maximum(ahead - chord, 0.0)
    touches = (square < reach * reach) & (ahead > 1e-9) & (first <= length)
    return np.where(touches, first, np.inf)

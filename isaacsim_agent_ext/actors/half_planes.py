"""Small linear programs in the plane of velocities, solved for many actors in lock-step.

Each actor has a few half-planes ``normal · v >= offset`` and a disc of velocities it can reach; wanted is the velocity
inside all of them that is nearest to the one it prefers. The incremental method is the one of de Berg et al.,
*Computational Geometry* (chapter 4), applied line by line to all actors that violate that line.
"""

from __future__ import annotations

import numpy as np

_EPSILON = 1e-9
_TRIALS = 4
_PASSES = 3


def nearest_velocity(
    normals: np.ndarray, offsets: np.ndarray, preferred: np.ndarray, limit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the velocity nearest to the preferred one within all half-planes and the speed limit.

    Args:
        normals: ``(2, lines, actors)`` unit normals that point to the allowed side; zero for an unused line.
        offsets: ``(lines, actors)`` [m/s], -inf for an unused line.
        preferred: ``(2, actors)`` [m/s].
        limit: ``(actors,)`` largest speed [m/s].

    Returns:
        ``(2, actors)`` velocities and ``(actors,)`` whether all half-planes could be kept; where not, the velocity
        keeps those before the first that was impossible.
    """
    nx, ny = normals
    speed = np.sqrt(preferred[0] ** 2 + preferred[1] ** 2)
    shrink = np.minimum(1.0, limit / np.maximum(speed, _EPSILON))
    velocity = preferred * shrink
    feasible = np.ones(len(limit), bool)
    for line in range(len(offsets)):
        offset = offsets[line]
        short = nx[line] * velocity[0] + ny[line] * velocity[1] < offset - _EPSILON
        rows = np.flatnonzero(short & feasible)
        if not len(rows):
            continue
        # The optimum lies on this line: normal * offset + t * along, for t within the disc and the earlier lines.
        normal_x, normal_y, offset = nx[line, rows], ny[line, rows], offset[rows]
        along_x, along_y = -normal_y, normal_x
        half_chord = np.sqrt(np.maximum(limit[rows] ** 2 - offset * offset, 0.0))
        low, high = -half_chord, half_chord
        possible = np.abs(offset) <= limit[rows]
        if line:
            earlier_x, earlier_y, earlier = nx[:line, rows], ny[:line, rows], offsets[:line, rows]
            slope = earlier_x * along_x + earlier_y * along_y
            rest = earlier - offset * (earlier_x * normal_x + earlier_y * normal_y)
            parallel = np.abs(slope) <= _EPSILON
            bound = rest / np.where(parallel, 1.0, slope)
            low = np.maximum(low, np.where(slope > _EPSILON, bound, -np.inf).max(axis=0))
            high = np.minimum(high, np.where(slope < -_EPSILON, bound, np.inf).min(axis=0))
            possible &= ~(parallel & (rest > _EPSILON)).any(axis=0) & (low <= high)
        wish = preferred[0, rows] * along_x + preferred[1, rows] * along_y
        t = np.maximum(low, np.minimum(high, wish))
        velocity[0, rows] = np.where(possible, normal_x * offset + t * along_x, velocity[0, rows])
        velocity[1, rows] = np.where(possible, normal_y * offset + t * along_y, velocity[1, rows])
        feasible[rows] = possible
    return velocity, feasible


def least_violation(
    normals: np.ndarray, offsets: np.ndarray, preferred: np.ndarray, limit: np.ndarray, *, firm: int
) -> np.ndarray:
    """Return the velocity that violates an impossible set of half-planes least, in the sense of the worst one.

    All but the first ``firm`` half-planes are moved back by one common distance; the smallest that makes them possible
    is bracketed by trying several at once, which is one call of `nearest_velocity` per pass.

    Args:
        normals: ``(2, lines, actors)`` unit normals.
        offsets: ``(lines, actors)`` [m/s]; those of firm lines at most 0, so that standing still keeps them.
        preferred: ``(2, actors)`` [m/s].
        limit: ``(actors,)`` largest speed [m/s].
        firm: How many half-planes, counted from the first, are walls and never move.

    Returns:
        ``(2, actors)`` velocities.
    """
    actors = len(limit)
    low = np.zeros(actors)
    high = np.maximum(offsets[firm:].max(axis=0), 0.0) + _EPSILON * 10  # standing still keeps every line moved so far
    fractions = np.arange(1, _TRIALS + 1) / _TRIALS
    wide = np.repeat(normals, _TRIALS, axis=2)
    wish = np.repeat(preferred, _TRIALS, axis=1)
    reach = np.repeat(limit, _TRIALS)
    every = np.arange(actors)
    velocity = np.zeros((2, actors))
    for _ in range(_PASSES):
        step = high - low
        moved = low[:, None] + step[:, None] * fractions  # (actors, trials)
        eased = np.repeat(offsets, _TRIALS, axis=1)
        eased[firm:] -= moved.reshape(-1)
        found, feasible = nearest_velocity(wide, eased, wish, reach)
        feasible = feasible.reshape(actors, _TRIALS)
        feasible[:, -1] = True
        best = feasible.argmax(axis=1)
        velocity = found.reshape(2, actors, _TRIALS)[:, every, best]
        high = moved[every, best]
        low = high - step / _TRIALS
    return velocity

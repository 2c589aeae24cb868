"""The guarantee that bodies never overlap: the last word on where actors stand after a step.

Avoidance plans velocities; this decides positions. Pairs that would overlap are pushed apart along the line between
their centres, on the surface. Whoever still overlaps afterwards goes back to where it stood before the step, and so
does everyone who would overlap with somebody who went back. Before the step nobody overlapped, so this always ends in a
state without overlaps: the guarantee holds by induction from the spawn positions.
"""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.navigation.navmesh import NavMesh

OVERLAP_TOLERANCE = 0.01
"""Bodies may come this much closer than touching [m]."""

LARGEST_PUSH = 0.05
"""Nobody is moved further by others in one step [m]."""

_ROUNDS = 4
_SNAP = 0.02  # [m] by which rounding may put somebody back on the surface


def separate(
    before: np.ndarray,
    after: np.ndarray,
    radii: np.ndarray,
    *,
    mobile: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
    navmesh: NavMesh,
) -> np.ndarray:
    """Return positions without overlaps, as near to the proposed ones as pushing apart gets.

    Args:
        before: ``(n, 3)`` positions before the step, free of overlaps [m].
        after: ``(n, 3)`` proposed positions on the surface [m].
        radii: ``(n,)`` body radii [m].
        mobile: ``(n,)`` whether the actor may be pushed; ``after`` equals ``before`` for the others.
        pairs: Every pair that could come to overlap in this step.
        navmesh: The surface that nobody leaves.

    Returns:
        ``(n, 3)`` positions in which every pair keeps the sum of its radii less `OVERLAP_TOLERANCE`.
    """
    first, second = pairs
    reach = radii[first] + radii[second]
    free = mobile[first] | mobile[second]
    distance = _distance(before, first, second)[2]
    moved = after - before
    farthest = np.sqrt((moved[:, 0] ** 2 + moved[:, 1] ** 2).max(initial=0.0)) + LARGEST_PUSH
    near = free & (distance < reach + 2.0 * farthest)
    first, second, reach = first[near], second[near], reach[near]
    if not (_distance(after, first, second)[2] < reach).any():
        return after

    proposed, after = after, after.copy()
    share_first = np.where(mobile[first], np.where(mobile[second], 0.5, 1.0), 0.0)
    share_second = np.where(mobile[first] & mobile[second], 0.5, 1.0) * mobile[second]
    for _ in range(_ROUNDS):
        dx, dy, distance = _distance(after, first, second)
        hit = np.flatnonzero(distance < reach)
        if not len(hit):
            return after
        # Two centres on one point have no line between them; they part along x.
        apart = np.maximum(distance[hit], 1e-9)
        missing = (reach[hit] - distance[hit]) / apart
        push_x = np.where(distance[hit] > 1e-9, dx[hit], 1e-9) * missing
        push_y = dy[hit] * missing
        target = after.copy()
        for index, sign, share in ((first[hit], -1.0, share_first[hit]), (second[hit], 1.0, share_second[hit])):
            np.add.at(target[:, 0], index, sign * share * push_x)
            np.add.at(target[:, 1], index, sign * share * push_y)
        pushed = np.unique(np.concatenate([first[hit], second[hit]]))
        pushed = pushed[mobile[pushed]]
        after[pushed] = slide(navmesh, after[pushed], _limited(proposed[pushed], target[pushed]))

    reverted = np.zeros(len(after), bool)
    while True:
        overlapping = _distance(after, first, second)[2] < reach - OVERLAP_TOLERANCE
        culprits = np.concatenate([first[overlapping], second[overlapping]])
        culprits = culprits[~reverted[culprits]]
        if not len(culprits):
            return after
        reverted[culprits] = True
        after[culprits] = before[culprits]


def slide(navmesh: NavMesh, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return where walks ``(n, 3)`` end that slide along walls; who the NavMesh loses stays where it is.

    An end that lies exactly between two polygons belongs to neither of them for Detour, which then answers with a point
    on the nearest wall, however far away that is. A true slide ends within twice the length of the walk.
    """
    moved = navmesh.move_along_surface(starts, ends)
    walk, slid = ends - starts, moved - starts
    farthest = 4.0 * (walk[:, 0] ** 2 + walk[:, 1] ** 2) + _SNAP**2
    lost = ~(slid[:, 0] ** 2 + slid[:, 1] ** 2 <= farthest)  # not a number, too
    moved[lost] = starts[lost]
    return moved


def _distance(
    positions: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dx = positions[second, 0] - positions[first, 0]
    dy = positions[second, 1] - positions[first, 1]
    return dx, dy, np.sqrt(dx * dx + dy * dy)


def _limited(origin: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the targets, none further than the largest push from where it was proposed to stand."""
    dx, dy = target[:, 0] - origin[:, 0], target[:, 1] - origin[:, 1]
    scale = np.minimum(1.0, LARGEST_PUSH / np.maximum(np.sqrt(dx * dx + dy * dy), 1e-12))
    limited = target.copy()
    limited[:, 0] = origin[:, 0] + dx * scale
    limited[:, 1] = origin[:, 1] + dy * scale
    return limited

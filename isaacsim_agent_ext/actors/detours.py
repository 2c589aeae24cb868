"""Detours: the best of some random points to go around those who stand in the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isaacsim_agent_ext.navigation.navmesh import NavMesh

_DETOUR_RADIUS = 1.5  # [m] of the first detour tried
_DETOURS = 16  # points tried for each


def find_detour(
    navmesh: NavMesh,
    rng: np.random.Generator,
    here: np.ndarray,
    corner: np.ndarray,
    goal: np.ndarray,
    *,
    attempts: int,
    standing: np.ndarray,
    clearance: np.ndarray,
    areas: Sequence[str] = (),
) -> np.ndarray | None:
    """Return a way ``(n, 3)`` to the goal by way of a random point nearby, or None when there is none.

    Args:
        navmesh: The walkable floor.
        rng: The actor's own stream.
        here: ``(3,)`` where the actor is [m].
        corner: ``(3,)`` the corner it was going to [m].
        goal: ``(3,)`` the end of its way [m].
        attempts: How often it has tried already; detours get longer.
        standing: ``(k, 3)`` positions of those who stand about [m].
        clearance: ``(k,)`` distance to keep from each of them [m].
        areas: Areas to stay on; empty allows all.
    """
    radius = max(_DETOUR_RADIUS, 2.0 * float(clearance.max(initial=0.0))) * (1.0 + 0.5 * attempts)
    points = navmesh.random_points_around(rng, here, radius, _DETOURS, areas=areas)
    if not len(points):
        return None
    starts, ends = np.broadcast_to(here, points.shape), np.broadcast_to(corner, points.shape)
    walled = (navmesh.raycast(starts, points) < 1.0) | (navmesh.raycast(points, ends) < 1.0)
    crowded = np.zeros(len(points), np.int64)
    for start, end in ((starts, points), (points, ends)):
        crowded += (distance_to_legs(standing, start, end) < clearance).sum(axis=1)
    length = np.sqrt(((points - starts) ** 2).sum(axis=1)) + np.sqrt(((ends - points) ** 2).sum(axis=1))
    best = points[np.lexsort((length, crowded, walled))[0]]
    first = navmesh.path(here, best, areas=areas)
    second = navmesh.path(best, goal, areas=areas)
    if first is None or second is None or not first.complete or not second.complete:
        return None
    return np.concatenate([first.points, second.points[1:]])


def distance_to_legs(points: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return how far ``(legs, points)`` points ``(n, 3)`` are from straight legs ``(k, 3)`` seen from above [m]."""
    leg = (ends - starts)[:, None, :2]
    to = points[None, :, :2] - starts[:, None, :2]
    square = np.maximum((leg * leg).sum(axis=2), 1e-12)
    share = np.clip((to * leg).sum(axis=2) / square, 0.0, 1.0)
    off = to - leg * share[..., None]
    return np.sqrt((off * off).sum(axis=2))

"""Where to walk: paths to given points, and random legs of a given length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isaacsim_agent_ext.actors.actions import ActorHandle
from isaacsim_agent_ext.actors.routes import cut_path, path_length

WAYPOINT_REACH = 2.0
"""A waypoint this far off the walkable floor [m] is taken to mean the nearest point on it."""

_CANDIDATES = 6
_ROUNDS = 3
_INSIDE = 0.1  # [m] who is nearer to its areas than this is in them
_CLEARANCE = 0.15  # [m] a leg does not end nearer to the edge of the floor if another end can be found


def path_to(actor: ActorHandle, point: np.ndarray, areas: Sequence[str] = ()) -> np.ndarray | None:
    """Return the way ``(n, 3)`` from where the actor stands to a point, or None when it cannot be reached."""
    goal = actor.navmesh.closest_points(np.asarray(point, np.float64)[None], reach=WAYPOINT_REACH)[0]
    if np.isnan(goal).any():
        return None
    path = actor.navmesh.path(actor.position, goal, areas=areas)
    if path is None or not path.complete:
        return None
    return actor.shape(path.points)


def way_back(actor: ActorHandle, areas: Sequence[str], rng: np.random.Generator) -> np.ndarray | None:
    """Return a way to a random point of the areas for an actor that stands outside them; None when it is inside."""
    if not areas:
        return None
    here = actor.position
    within = actor.navmesh.path(here, here, areas=areas)
    if within is not None and within.complete and np.abs(within.points[-1] - here)[:2].max() < _INSIDE:
        return None
    for point in actor.navmesh.random_points(rng, _CANDIDATES, areas=areas):
        path = path_to(actor, point)
        if path is not None:
            return path
    actor.warn(
        f"cannot reach its navigation areas ({', '.join(areas)}) from {_coordinates(here)}; it wanders where it is"
    )
    return None


def random_leg(
    actor: ActorHandle, distance: float, shortest: float, areas: Sequence[str], rng: np.random.Generator
) -> np.ndarray | None:
    """Return a path ``(n, 3)`` of a given length to somewhere at random.

    Points are drawn around the actor until the way to one is at least as long as asked for; it is then cut at that
    length, and being part of a shortest path it is one itself. Where the floor is too small for that, the longest way
    found is taken.

    Args:
        actor: Who walks.
        distance: Length along the path [m].
        shortest: Length below which the user is told [m].
        areas: Areas to stay on; empty allows all.
        rng: The actor's stream.

    Returns:
        None when there is nowhere to go at all.
    """
    navmesh, here = actor.navmesh, actor.position
    if distance <= 0.0:
        return None
    fallback: np.ndarray | None = None
    longest = 0.0
    for attempt in range(_ROUNDS):
        radius = distance * (1.3 + attempt)
        for point in navmesh.random_points_around(rng, here, radius, _CANDIDATES, areas=areas):
            found = navmesh.path(here, point, areas=areas)
            if found is None or not found.complete or found.length < min(distance, longest):
                continue
            path = actor.shape(found.points)
            length = path_length(path)
            if length >= distance:
                path = cut_path(path, distance)
                if navmesh.distance_to_wall(path[-1:], reach=_CLEARANCE)[0] >= _CLEARANCE:
                    return path
                length = distance
            if length > longest:
                fallback, longest = path, length
        if longest >= distance:
            break
    if longest < shortest * 0.99:
        actor.warn(
            f"found no way of at least {shortest:g} m to wander from {_coordinates(here)}, the longest had "
            f"{longest:.1f} m; allow shorter legs in distance_range, or larger areas"
        )
    return fallback


def _coordinates(point: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:.2f}" for value in point) + ")"

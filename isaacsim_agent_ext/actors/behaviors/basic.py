"""Wandering, patrolling, standing and looking about."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from isaacsim_agent_ext.actors.actions import AS_FAST_AS_POSSIBLE, Actions, ActorHandle, Idle, MoveTo
from isaacsim_agent_ext.actors.choice import pick_weighted, uniform
from isaacsim_agent_ext.actors.legs import path_to, random_leg, way_back
from isaacsim_agent_ext.config import model

LOOK_AROUND = "look_around"
"""The clip of who looks around."""


def wander(behavior: model.CharacterWander, actor: ActorHandle) -> Actions:
    """Walk one random leg, then idle in one of the ways the config offers."""
    rng = actor.rng("wander")
    walk = behavior.walk
    distance, speed = uniform(rng, walk.distance_range), uniform(rng, walk.speed_range)
    path = way_back(actor, walk.navigation_areas, rng)
    if path is not None:
        yield MoveTo(path, speed)
    else:
        path = random_leg(actor, distance, walk.distance_range[0], walk.navigation_areas, rng)
        if path is not None:
            yield MoveTo(path, speed, walk.navigation_areas)
    if behavior.idle:
        option = pick_weighted(behavior.idle, rng)
        yield Idle(uniform(rng, option.time_range), option.animation)


def patrol(behavior: model.CharacterPatrol, actor: ActorHandle) -> Actions:
    """Visit the waypoints in order, each leg at its own speed; those out of reach are skipped with a warning."""
    rng = actor.rng("patrol")
    yield from _visit(behavior, actor, lambda: uniform(rng, behavior.speed_range))


def stop(behavior: model.CharacterStop, actor: ActorHandle) -> Actions:
    """Stand and idle."""
    yield Idle(uniform(actor.rng("stop"), behavior.time_range))


def look_around(behavior: model.CharacterLookAround, actor: ActorHandle) -> Actions:
    """Stand and look to all sides."""
    yield Idle(uniform(actor.rng("look_around"), behavior.time_range), LOOK_AROUND)


def drive_about(behavior: model.RobotWander, actor: ActorHandle) -> Actions:
    """Drive one random leg, then wait."""
    rng = actor.rng("wander")
    areas, distances = behavior.navigation_areas, behavior.distance_range
    path = way_back(actor, areas, rng)
    if path is not None:
        yield MoveTo(path, AS_FAST_AS_POSSIBLE)
    else:
        path = random_leg(actor, uniform(rng, distances), distances[0], areas, rng)
        if path is not None:
            yield MoveTo(path, AS_FAST_AS_POSSIBLE, areas)
    yield Idle(uniform(rng, behavior.idle_time_range))


def drive_rounds(behavior: model.RobotPatrol, actor: ActorHandle) -> Actions:
    """Visit the waypoints in order; those out of reach are skipped with a warning."""
    yield from _visit(behavior, actor, lambda: AS_FAST_AS_POSSIBLE)


def halt(behavior: model.RobotHalt, actor: ActorHandle) -> Actions:
    """Stand still."""
    yield Idle(uniform(actor.rng("halt"), behavior.time_range))


def _visit(
    behavior: model.CharacterPatrol | model.RobotPatrol, actor: ActorHandle, speed_of_leg: Callable[[], float]
) -> Actions:
    """Go to the waypoints in order, skipping those out of reach with a warning."""
    for waypoint, point in _waypoints(behavior, actor):
        speed = speed_of_leg()
        path = path_to(actor, point)
        if path is None:
            actor.warn(
                f"skipped waypoint {waypoint} of its patrol: it is off the walkable floor or cannot be reached; "
                "move it onto the NavMesh"
            )
            continue
        yield MoveTo(path, speed)


def _waypoints(
    behavior: model.CharacterPatrol | model.RobotPatrol, actor: ActorHandle
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each waypoint with what to call it in a message; prims are looked up when their turn comes."""
    for number, point in enumerate(behavior.path_points or (), 1):
        yield f"{number} ({', '.join(f'{value:g}' for value in point)})", np.array(point, np.float64)
    for number, prim in enumerate(behavior.target_prims or (), 1):
        yield f"{number} ({prim})", actor.locate(prim)

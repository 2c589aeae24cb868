"""The behaviors of the config as generators of actions.

A new kind of behavior is one config class and one generator function, registered with `actions_of`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

import numpy as np

from isaacsim_agent_ext.actors.actions import Actions, ActorHandle, Idle, MoveTo
from isaacsim_agent_ext.actors.choice import pick_weighted, uniform
from isaacsim_agent_ext.actors.legs import path_to, random_leg, way_back
from isaacsim_agent_ext.config import model


@singledispatch
def actions_of(behavior: model.Behavior, actor: ActorHandle) -> Actions:
    """Return the actions of one run of a behavior.

    Raises:
        TypeError: Nothing is registered for this kind of behavior.
    """
    raise TypeError(f"{actor.name}: no actions are registered for the behavior {type(behavior).__name__}")


@actions_of.register
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


@actions_of.register
def patrol(behavior: model.CharacterPatrol, actor: ActorHandle) -> Actions:
    """Visit the waypoints in order, each leg at its own speed; those out of reach are skipped with a warning."""
    rng = actor.rng("patrol")
    for waypoint, point in _waypoints(behavior, actor):
        speed = uniform(rng, behavior.speed_range)
        path = path_to(actor, point)
        if path is None:
            actor.warn(
                f"skipped waypoint {waypoint} of its patrol: it is off the walkable floor or cannot be reached; "
                "move it onto the NavMesh"
            )
            continue
        yield MoveTo(path, speed)


@actions_of.register
def stop(behavior: model.CharacterStop, actor: ActorHandle) -> Actions:
    """Stand and idle."""
    yield Idle(uniform(actor.rng("stop"), behavior.time_range))


def _waypoints(behavior: model.CharacterPatrol, actor: ActorHandle) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each waypoint with what to call it in a message; prims are looked up when their turn comes."""
    for number, point in enumerate(behavior.path_points or (), 1):
        yield f"{number} ({', '.join(f'{value:g}' for value in point)})", np.array(point, np.float64)
    for number, prim in enumerate(behavior.target_prims or (), 1):
        yield f"{number} ({prim})", actor.locate(prim)

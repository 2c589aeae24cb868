"""Moving with others: following somebody, and walking as a party."""

from __future__ import annotations

from isaacsim_agent_ext.actors.actions import AS_FAST_AS_POSSIBLE, Actions, ActorHandle, Follow, Idle, MoveTo
from isaacsim_agent_ext.actors.choice import pick_weighted, uniform
from isaacsim_agent_ext.actors.legs import random_leg, way_back
from isaacsim_agent_ext.config.model import CharacterFollow, CharacterGroupWalk, RobotFollow

ABREAST = 3
"""How many of a party walk side by side; more follow in further rows."""

HURRY = 1.4
"""How much faster than their leader the others of a party may walk, to keep up."""

_SLICE = 1.0  # [s] after which those who follow see whether the walk is over
_GATHERING = 15.0  # [s] the leader waits for the others at most


def follow(behavior: CharacterFollow, actor: ActorHandle) -> Actions:
    """Walk after somebody for a while."""
    rng = actor.rng("follow")
    seconds, speed = uniform(rng, behavior.time_range), uniform(rng, behavior.speed_range)
    yield Follow(behavior.target, behavior.distance, speed, seconds)


def drive_after(behavior: RobotFollow, actor: ActorHandle) -> Actions:
    """Drive after somebody for a while."""
    seconds = uniform(actor.rng("follow"), behavior.time_range)
    yield Follow(behavior.target, behavior.distance, AS_FAST_AS_POSSIBLE, seconds)


def group_walk(behavior: CharacterGroupWalk, actor: ActorHandle) -> Actions:
    """Lead the party if nobody does, else go along with whoever does until the walk is over."""
    members = list(actor.members)
    first = members.index(actor.name) // behavior.size * behavior.size
    party = members[first : first + behavior.size]
    lead = f"lead of {party[0]}'s party"
    actor.claim(f"place of {actor.name} in {party[0]}'s party")
    if actor.claim(lead):
        yield from _lead(behavior, actor, party)
        return
    leader = actor.holder(lead)
    speed = behavior.walk.speed_range[1] * HURRY
    while leader is not None and actor.holder(lead) == leader:
        others = [name for name in party if name != leader]
        number = others.index(actor.name) + 1
        ahead, left = _slot(number, behavior.spacing)
        yield Follow(leader, number * behavior.spacing, speed, _SLICE, (ahead, left))


def _lead(behavior: CharacterGroupWalk, actor: ActorHandle, party: list[str]) -> Actions:
    """Walk a random leg that the others can follow, then idle."""
    rng = actor.rng("group_walk")
    walk = behavior.walk
    distance, speed = uniform(rng, walk.distance_range), uniform(rng, walk.speed_range)

    def others() -> tuple[str, ...]:
        places = {name: f"place of {name} in {party[0]}'s party" for name in party if name != actor.name}
        return tuple(name for name, place in places.items() if actor.holder(place) == name)

    within = behavior.spacing * len(party) + 1.0
    waited = 0.0
    while waited < _GATHERING and (len(others()) < len(party) - 1 or _are_far(actor, others(), within)):
        yield Idle(0.5)
        waited += 0.5
    path = way_back(actor, walk.navigation_areas, rng)
    if path is None:
        path = random_leg(actor, distance, walk.distance_range[0], walk.navigation_areas, rng)
    if path is not None:
        yield MoveTo(path, speed, walk.navigation_areas, companions=others(), within=within)
    if behavior.idle:
        option = pick_weighted(behavior.idle, rng)
        yield Idle(uniform(rng, option.time_range), option.animation)


def _are_far(actor: ActorHandle, names: tuple[str, ...], within: float) -> bool:
    here = actor.position
    for name in names:
        other = actor.other(name)
        if other is not None and ((other.position - here)[:2] ** 2).sum() > within**2:
            return True
    return False


def _slot(number: int, spacing: float) -> tuple[float, float]:
    """Return where the n-th of a party walks, ahead and to the left of the leader, who is in the first row [m]."""
    row, column = divmod(number, ABREAST)
    return -row * spacing, (0.0, -spacing, spacing)[column]

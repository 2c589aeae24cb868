"""Sitting: how a body gets onto a seat, stays there, and gets back onto the floor.

Seats are off the walkable floor. The body walks to the floor nearest to where its feet will be, turns, and leaves the
crowd for as long as it is on the seat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.actions import Outcome, Sit
from isaacsim_agent_ext.actors.course import Course, hold_still, turn
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.mover import Mover
from isaacsim_agent_ext.actors.routes import path_length
from isaacsim_agent_ext.actors.state import Seating
from isaacsim_agent_ext.scene.place import Place

DOWN, UP = 1.6, 1.4
"""How long sitting down and standing up take [s]."""

LAP = 0.19
"""How far in front of its hips the place of a seated body is, as a share of its height."""

_EDGE = 0.22  # [m] from the front of a seat to the hips on it at most

_SIDESTEP = 0.9  # [m] the most a body moves between the floor and the seat
_SIDES = 4  # from which a seat without a front is tried


@dataclass(frozen=True, eq=False, slots=True)
class Approach:
    """How to get onto a seat.

    Attributes:
        path: ``(n, 3)`` the way to the floor in front of it [m].
        point: ``(3,)`` where on the seat to sit [m].
        feet: ``(3,)`` where the feet are of who sits [m].
        front: Where who sits looks to [rad].
    """

    path: np.ndarray
    point: np.ndarray
    feet: np.ndarray
    front: float


def approach(mover: Mover, place: Place) -> Approach | None:
    """Return the way to a seat, to its front or to the nearest side of one without; None when there is no way."""
    handle, navmesh = mover.handle, mover.handle.navmesh
    seat = place.position if place.seat is None else place.seat
    sides = [place.front] if place.front is not None else [place.yaw + math.tau * k / _SIDES for k in range(_SIDES)]
    best: Approach | None = None
    shortest = math.inf
    for front in sides:
        ahead = np.array([math.cos(front), math.sin(front), 0.0])
        depth = _depth(place, ahead)
        point = seat + ahead * max(0.0, depth - _EDGE)
        feet = np.array([point[0], point[1], handle.position[2]]) + ahead * (LAP * handle.spec.height)
        floor = navmesh.closest_points(feet[None], reach=2.0)[0]
        if np.isnan(floor).any() or _apart(floor, feet) > _SIDESTEP:
            continue
        found = navmesh.path(handle.position, floor)
        if found is None or not found.complete:
            continue
        # Steps beside the floor are to be avoided, and so are the ends of a bench.
        effort = found.length + 10.0 * (_apart(floor, feet) + depth)
        if effort < shortest:
            feet[2] = floor[2]
            best, shortest = Approach(handle.shape(found.points), point, feet, front), effort
    return best


def sit(action: Sit, mover: Mover) -> Course:
    """Carry out `Sit`; what is left of the time counts down only while the body sits."""
    way = approach(mover, action.place)
    if mover.drives or way is None:
        return Outcome.FAILED
    if path_length(way.path) > 0.05:
        mover.go(way.path, action.speed)
        outcome = None
        while outcome is None:
            outcome = yield action.seconds
        if outcome is Outcome.FAILED:
            return outcome
    yield from turn(way.front, mover, action.seconds)
    yield from _sit_down(mover, way, action.seconds)
    yield from hold_still(action.seconds)
    yield from rise(mover)
    return Outcome.DONE


def _sit_down(mover: Mover, way: Approach, seconds: float) -> Course:
    start, ahead = mover.position, mover.heading
    front = np.array([math.cos(way.front), math.sin(way.front)])
    mover.hold()
    steps = round(DOWN / STEP)
    for step in range(1, steps + 1):
        share = step / steps
        _between(mover, start, way.feet, ahead, front, share)
        mover.seating = Seating(way.point, share)
        yield seconds
    return Outcome.DONE


def rise(mover: Mover) -> Course:
    """Stand up from a seat and step back onto the floor."""
    seating, start, heading = mover.seating, mover.position, mover.heading
    if seating is None:
        return Outcome.DONE
    steps = max(1, round(seating.share * UP / STEP))
    for step in range(1, steps + 1):
        share = step / steps
        _between(mover, start, mover.way_back, heading, heading, share)
        mover.seating = Seating(seating.point, seating.share * (1.0 - share))
        yield 0.0
    mover.seating = None
    mover.let_go()
    return Outcome.DONE


def _between(
    mover: Mover, start: np.ndarray, end: np.ndarray, before: np.ndarray, after: np.ndarray, share: float
) -> None:
    """Put a body between two places and headings, gently at both ends."""
    share = share * share * (3.0 - 2.0 * share)
    heading = before + (after - before) * share
    size = math.sqrt(float(heading @ heading))
    mover.put(start + (end - start) * share, heading / size if size > 0.1 else after)


def _depth(place: Place, ahead: np.ndarray) -> float:
    """Return the distance from the middle of a seat to its edge in a direction [m]."""
    half = 0.5 * place.size[:2]
    return float((half / np.maximum(np.abs(ahead[:2]), 1e-6)).min())


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return math.sqrt(float((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2))

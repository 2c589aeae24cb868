"""Following: keeping after somebody who moves, behind or beside.

People match their pace to the one they follow, so that they neither stop and go nor run up. Robots drive to where the
target is and wait until it has moved on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.actions import Follow, MoveTo, Outcome
from isaacsim_agent_ext.actors.course import Course
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.handle import Company
from isaacsim_agent_ext.actors.mover import Mover
from isaacsim_agent_ext.actors.routes import cut_path, path_length

_PLAN = 8  # [steps] between looks where the target is
_AHEAD = 0.8  # [s] within which a gap is made up for
_ROOM = 0.15  # [m] left between the bodies at least
_STARTS = 0.35  # [m] more than the distance before who stands walks on
_STANDS = 0.15  # [m/s] below which the target counts as standing
_SLOWEST = 0.25  # [m/s] below which nobody walks
_TURNED = 0.3  # [m] the target may move before who stands turns to it again
_REPLAN = 0.5  # [m] the target may move before a robot looks for another way
_STEADY = 0.12  # share of a turn of the target that who walks beside it follows in a step
_CAUGHT_UP = 0.7  # share of the distance allowed at which somebody is no longer behind
_LONGEST_WAIT = 450  # [steps] for somebody who does not come
_REACH = 2.0  # [m] a target may be off the floor


@dataclass(frozen=True, eq=False, slots=True)
class _Target:
    position: np.ndarray
    velocity: np.ndarray
    heading: np.ndarray
    radius: float


class _Quarry:
    """Whom a course follows."""

    def __init__(self, company: Company, name: str):
        self._company = company
        self._index = company.index_of(name)
        self._place = company.place(name) if self._index is None else None

    def now(self) -> _Target:
        if self._place is not None:
            ahead = np.array([math.cos(self._place.yaw), math.sin(self._place.yaw)])
            return _Target(self._place.position, np.zeros(2), ahead, 0.0)
        bodies, index = self._company.bodies, self._index
        assert index is not None  # else there is a place
        return _Target(
            bodies.position[index].copy(),
            bodies.velocity[index].copy(),
            bodies.heading[index].copy(),
            float(bodies.radius[index]),
        )


def follow(action: Follow, mover: Mover, company: Company) -> Course:
    """Carry out `Follow`."""
    quarry = _Quarry(company, action.target)
    course = _drive(action, mover, quarry) if mover.drives else _walk(action, mover, quarry)
    yield from course
    mover.stand()
    return Outcome.DONE


def lead(action: MoveTo, mover: Mover, company: Company) -> Course:
    """Carry out a walk with companions: stop when one of them falls behind, and go on when all have caught up."""
    indices = [index for name in action.companions if (index := company.index_of(name)) is not None]
    navmesh, goal = mover.handle.navmesh, action.goal
    mover.go(action.path, action.speed, action.areas)
    waiting, patience = False, 0
    while True:
        outcome = yield 0.0
        if outcome is not None:
            return outcome
        away = company.bodies.position[indices, :2] - mover.position[:2]
        gap = math.sqrt(float((away * away).sum(axis=1).max(initial=0.0)))
        if not waiting and gap > action.within and patience < _LONGEST_WAIT:
            mover.stand()
            waiting = True
        patience = patience + 1 if waiting else 0
        if waiting and (gap < _CAUGHT_UP * action.within or patience >= _LONGEST_WAIT):
            path = navmesh.path(mover.position, goal, areas=action.areas)
            if path is None or not path.complete:
                return Outcome.FAILED
            mover.go(mover.handle.shape(path.points), action.speed, action.areas)
            waiting = False


def _walk(action: Follow, mover: Mover, quarry: _Quarry) -> Course:
    steps = max(1, round(action.seconds / STEP))
    walking, looked_at = False, np.full(2, np.inf)
    heading = quarry.now().heading
    for step in range(steps):
        target = quarry.now()
        heading = heading + (target.heading - heading) * _STEADY
        if step % _PLAN == 0:
            plan = _beside(action, mover, target, heading) or _behind(action, mover, target)
            pace = 0.0 if plan is None else plan.pace(action.speed, walking)
            if plan is not None and pace > 0.0:
                mover.go(mover.handle.shape(plan.path), pace)
                walking, looked_at = True, np.full(2, np.inf)
            elif walking or _distance(looked_at, target.position) > _TURNED:
                mover.stand(_towards(mover.position, target))
                walking, looked_at = False, target.position[:2]
        if (yield (steps - step) * STEP) is not None:
            walking = False
    return Outcome.DONE


@dataclass(frozen=True, eq=False, slots=True)
class _Plan:
    """A way ``(n, 3)`` to the target, how much of it is too much [m], and how fast it grows [m/s]."""

    path: np.ndarray
    excess: float
    growth: float

    def pace(self, most: float, walking: bool) -> float:
        """Return how fast to walk [m/s]; 0 to stand."""
        moves = abs(self.growth) > _STANDS
        if not walking and not moves and self.excess < _STARTS:
            return 0.0
        pace = min(most, self.growth + self.excess / _AHEAD)
        return pace if pace >= _SLOWEST else 0.0


def _behind(action: Follow, mover: Mover, target: _Target) -> _Plan | None:
    """Return the way to the target; None when there is none."""
    path = _path(mover, target.position)
    if path is None:
        return None
    last = path[-1, :2] - path[-2, :2]
    along = float(last @ target.velocity) / max(math.sqrt(float(last @ last)), 1e-9)
    distance = max(action.distance, target.radius + float(mover.handle.spec.radius) + _ROOM)
    return _Plan(path, path_length(path) - distance, along)


def _beside(action: Follow, mover: Mover, target: _Target, heading: np.ndarray) -> _Plan | None:
    """Return the way to where the actor wants to be beside the target; None when it had better fall in line."""
    if action.offset is None:
        return None
    ahead, left = action.offset
    x, y = heading / max(math.sqrt(float(heading @ heading)), 1e-9)
    navmesh = mover.handle.navmesh
    here = navmesh.closest_points(target.position[None], reach=_REACH)[0]
    slot = here + np.array([ahead * x - left * y, ahead * y + left * x, 0.0])
    if np.isnan(here).any() or navmesh.raycast(here[None], slot[None])[0] < 1.0:
        return None
    soon = slot.copy()
    soon[:2] += target.velocity * _AHEAD
    if navmesh.raycast(slot[None], soon[None])[0] < 1.0:
        return None  # a wall or a door is near
    path = _path(mover, soon)
    if path is None:
        return None
    speed = math.sqrt(float(target.velocity @ target.velocity))
    return _Plan(path, path_length(path) - speed * _AHEAD, speed)


def _path(mover: Mover, goal: np.ndarray) -> np.ndarray | None:
    navmesh = mover.handle.navmesh
    point = navmesh.closest_points(goal[None], reach=_REACH)[0]
    if np.isnan(point).any():
        return None
    found = navmesh.path(mover.position, point)
    return None if found is None or not found.complete or len(found.points) < 2 else found.points


def _drive(action: Follow, mover: Mover, quarry: _Quarry) -> Course:
    steps = max(1, round(action.seconds / STEP))
    driving, planned_for = False, np.full(2, np.inf)
    for step in range(steps):
        target = quarry.now()
        moved = _distance(planned_for, target.position) > _REPLAN
        if step % _PLAN == 0 and moved:
            path = _path(mover, target.position)
            distance = max(action.distance, target.radius + float(mover.handle.spec.radius) + _ROOM)
            excess = 0.0 if path is None else path_length(path) - distance
            if path is not None and excess > _REPLAN:
                mover.go(mover.handle.shape(cut_path(path, excess)), action.speed)
                driving, planned_for = True, target.position[:2]
            elif driving:
                mover.stand()
                driving = False
        if (yield (steps - step) * STEP) is not None:
            driving, planned_for = False, np.full(2, np.inf)
    return Outcome.DONE


def _towards(here: np.ndarray, target: _Target) -> float | None:
    """Return the heading from a place to the target [rad], or None when they are one place."""
    away = target.position - here
    return math.atan2(away[1], away[0]) if abs(away[0]) + abs(away[1]) > 0.05 else None


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return math.sqrt(float((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2))

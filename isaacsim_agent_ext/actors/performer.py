"""The performer: carries out everybody's actions, one at a time each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isaacsim_agent_ext.actors.actions import (
    Action,
    Follow,
    Idle,
    MoveTo,
    Outcome,
    PlainAction,
    PlayState,
    Sit,
    Tick,
    Turn,
)
from isaacsim_agent_ext.actors.blocked_ways import GivenUp
from isaacsim_agent_ext.actors.course import Course, hold_still, turn
from isaacsim_agent_ext.actors.crowd import STEP, Crowd
from isaacsim_agent_ext.actors.following import follow, lead
from isaacsim_agent_ext.actors.handle import Company
from isaacsim_agent_ext.actors.mover import Mover
from isaacsim_agent_ext.actors.sitting import rise, sit
from isaacsim_agent_ext.actors.state import Seating
from isaacsim_agent_ext.robots.fleet import Fleet

_ASKING = 6  # [steps] between questions whether a walk is over
_STATE = 2.0  # [s] after which a state that is not reached has failed


class Performer:
    """Carries out actions.

    Walks and pauses, which are nearly everything, are left to the crowd and to counters side by side; only actions of
    several movements run as courses of their own.

    Args:
        company: The actors.
        crowd: Moves the people.
        fleet: Moves the robots.
    """

    def __init__(self, company: Company, crowd: Crowd, fleet: Fleet):
        count = len(company.specs)
        self._company = company
        self._crowd = crowd
        self._fleet = fleet
        self._movers = [Mover(company, index, crowd, fleet) for index in range(count)]
        self._actions: list[PlainAction | None] = [None] * count
        self._ticks: dict[int, object] = {}  # the keys of those who act step by step
        self._resumed: set[int] = set()  # who was told to in this step
        self._started = [0] * count
        self._idle_steps = np.zeros(count, np.int64)
        self._courses: dict[int, Course] = {}
        self._left: dict[int, float] = {}
        self._ended_at_once: dict[int, Outcome] = {}

    def begin(self, index: int, action: Action) -> None:
        """Let an actor do something in place of what it does, or go on with it step by step."""
        key = self._ticks.pop(index, None)
        if isinstance(action, Tick):
            self._ticks[index] = action.key
            self._resumed.add(index)
            if key is action.key:
                return
            action = action.action
        mover = self._movers[index]
        self._drop_course(index)
        self._ended_at_once.pop(index, None)
        self._actions[index] = action
        self._started[index] = self._company.frame
        self._idle_steps[index] = 0
        if mover.seating is not None:
            self._run(index, self._rise_first(index, action))
        elif isinstance(action, MoveTo) and not action.companions and action.until is None:
            mover.go(action.path, action.speed, action.areas)
        elif isinstance(action, Idle) and action.facing is None:
            self._idle_steps[index] = max(1, round(action.seconds / STEP))
            mover.stand()
        else:
            self._run(index, self._course(index, action))

    def unfinished(self, index: int) -> Action:
        """Return what is left of the action that an actor is carrying out, to be taken up again later."""
        left = self._unfinished(index)
        return Tick(left, self._ticks[index]) if index in self._ticks else left

    def _unfinished(self, index: int) -> PlainAction:
        action = self._actions[index]
        assert action is not None  # whoever has not begun anything has nothing to be interrupted
        if isinstance(action, Idle | Follow | Sit | PlayState):
            left = self._left.get(index, float(self._idle_steps[index]) * STEP)
            if isinstance(action, PlayState) and action.seconds is None:
                return action
            return replace(action, seconds=left)
        return action

    def step(self) -> dict[int, Outcome]:
        """Advance everybody by `STEP`; returns whose action has ended, and how."""
        results = self._fleet.step(), self._crowd.step()
        self._company.frame += 1
        ended, self._ended_at_once = self._ended_at_once, {}
        for result in results:
            ended.update(dict.fromkeys(result.arrived.tolist(), Outcome.DONE))
            for gone in result.given_up:
                self._report(gone)
                ended[gone.actor] = Outcome.FAILED
        for index in sorted(self._courses):
            outcome = self._resume(index, ended.pop(index, None))
            if outcome is not None:
                ended[index] = outcome
        waiting = self._idle_steps > 0
        self._idle_steps -= waiting
        idled = np.flatnonzero(waiting & (self._idle_steps == 0)).tolist()
        ended.update(dict.fromkeys(idled, Outcome.DONE))
        for index in ended:
            self._ticks.pop(index, None)
        ended.update({index: Outcome.RUNNING for index in self._resumed if index in self._ticks})
        self._resumed.clear()
        return ended

    def on_the_way(self) -> np.ndarray:
        """Return who wants to be elsewhere, ``(n,)`` bool."""
        moving = self._crowd.walking.copy()
        moving[self._fleet.driving()] = True
        return moving

    def goal(self, index: int) -> np.ndarray | None:
        """Return where an actor's present action leads ``(3,)``, if that is a place [m]."""
        action = self._actions[index]
        return action.goal if isinstance(action, MoveTo) else None

    def task(self, index: int) -> str | None:
        """Return the name of an actor's action; None before the first."""
        action = self._actions[index]
        if action is None:
            return None
        if index in self._fleet and not isinstance(action, PlayState):
            return self._fleet.task(index)
        return action.name

    def animation(self, index: int) -> tuple[str, float]:
        """Return the clip that an actor plays when it stands, and since when [s]."""
        action = self._actions[index]
        name = action.animation if isinstance(action, Idle) else "idle"
        return name, (self._company.frame - self._started[index]) * STEP

    def seating(self, index: int) -> Seating | None:
        """Return how an actor sits, or None when it does not."""
        return self._movers[index].seating

    # ---- courses -----------------------------------------------------------------------------------------------

    def _course(self, index: int, action: PlainAction) -> Course:
        mover = self._movers[index]
        match action:
            case MoveTo():
                return lead(action, mover, self._company) if action.companions else _move(action, mover)
            case Idle():
                return _idle(action, mover)
            case Turn():
                return turn(action.yaw, mover)
            case Follow():
                return follow(action, mover, self._company)
            case Sit():
                return sit(action, mover)
            case PlayState():
                return self._play(index, action)

    def _rise_first(self, index: int, action: PlainAction) -> Course:
        yield from rise(self._movers[index])
        return (yield from self._course(index, action))

    def _play(self, index: int, action: PlayState) -> Course:
        fleet = self._fleet
        if index not in fleet or not fleet.knows(index, action.state):
            self._company.handles[index].warn(f"cannot go to the state {action.state!r}: its state machine has no way")
            return Outcome.FAILED
        seconds = fleet.seconds_in(index, action.state) if action.seconds is None else action.seconds
        fleet.halt(index, action.state)
        for _ in range(round(_STATE / STEP)):
            if fleet.state(index) == action.state:
                return (yield from hold_still(seconds))
            yield seconds
        return Outcome.FAILED

    def _run(self, index: int, course: Course) -> None:
        self._courses[index] = course
        outcome = self._resume(index, None, first=True)
        if outcome is not None:
            self._ended_at_once[index] = outcome

    def _resume(self, index: int, walked: Outcome | None, *, first: bool = False) -> Outcome | None:
        """Let a course go on; returns how it ended, or None when it has not."""
        course = self._courses[index]
        try:
            self._left[index] = next(course) if first else course.send(walked)
        except StopIteration as end:
            self._drop_course(index)
            outcome: Outcome = end.value
            return outcome
        return None

    def _drop_course(self, index: int) -> None:
        course = self._courses.pop(index, None)
        if course is not None:
            course.close()
        self._left.pop(index, None)

    def _report(self, gone: GivenUp) -> None:
        actor = self._company.handles[gone.actor]
        going = "driving" if gone.actor in self._fleet else "walking"
        near = "" if gone.nearest is None else f", with {self._company.specs[gone.nearest].name} in the way"
        actor.warn(
            f"gave up {going} to {coordinates(gone.goal)}: blocked at {coordinates(actor.position)}{near}",
            kind="goal_given_up",
        )


def _move(action: MoveTo, mover: Mover) -> Course:
    mover.go(action.path, action.speed, action.areas)
    outcome, step = None, 0
    while outcome is None:
        outcome = yield 0.0
        step += 1
        if action.until is not None and step % _ASKING == 0 and action.until():
            return Outcome.DONE
    return outcome


def _idle(action: Idle, mover: Mover) -> Course:
    if action.facing is None:
        mover.stand()
    else:
        yield from turn(action.facing, mover, action.seconds)
    return (yield from hold_still(action.seconds))


def coordinates(point: np.ndarray) -> str:
    """Return a point as messages show it."""
    return "(" + ", ".join(f"{value:.2f}" for value in point) + ")"

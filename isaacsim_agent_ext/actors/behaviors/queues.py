"""Queueing: a line in which everybody keeps the place taken on arrival.

A place in the line is a claim. Who arrives claims the first place behind everybody else, and moves up when the place
ahead has been given up. The line goes on behind the last spot for as long as it takes.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

import numpy as np

from isaacsim_agent_ext.actors.actions import Action, Actions, ActorHandle, Idle, MoveTo, Outcome
from isaacsim_agent_ext.actors.choice import uniform
from isaacsim_agent_ext.actors.legs import path_to
from isaacsim_agent_ext.config.model import CharacterQueue

LOOK = 0.5
"""How long who waits stands before looking whether the line has moved [s]."""

SPACING = 0.8
"""Distance between people behind the last spot, when a single spot tells none [m]."""

_JOIN = 1.5  # [m] from the end of the line at which one has joined it
_CLEAR = 0.55  # [m] from a spot beyond which who left it no longer stands on it
_PATIENCE = 6.0  # [s] to wait until it is clear
_CLOSE = 0.1  # [m] from a spot at which one stands on it
_TRIES = 3  # of getting to a spot before who is near enough makes do


@dataclass(frozen=True, eq=False, slots=True)
class _Line:
    """Where people stand.

    Attributes:
        key: What its claims begin with.
        spots: ``(n, 3)`` the head first [m].
        back: ``(3,)`` from the last spot to the place behind it [m].
        front: Where who is served looks [rad].
    """

    key: str
    spots: np.ndarray
    back: np.ndarray
    front: float

    def place(self, number: int) -> np.ndarray:
        """Return a place ``(3,)`` in the line; beyond the spots the line goes on straight [m]."""
        last = len(self.spots) - 1
        return self.spots[min(number, last)] + self.back * max(0, number - last)

    def facing(self, number: int) -> float:
        """Return where who stands at a place looks [rad]."""
        if number == 0:
            return self.front
        ahead = self.place(number - 1) - self.place(number)
        return math.atan2(ahead[1], ahead[0])

    def end(self, actor: ActorHandle) -> int:
        """Return the number of the first place behind everybody else."""
        taken = [number for number in range(len(self.spots)) if self._is_taken(actor, number)]
        number = taken[-1] + 1 if taken else 0
        while self._is_taken(actor, number):
            number += 1
        return number

    def _is_taken(self, actor: ActorHandle, number: int) -> bool:
        return actor.holder(self.claim(number)) not in (None, actor.name)

    def claim(self, number: int) -> str:
        """Return what is claimed for a place."""
        return f"{self.key} {number}"


def queue(behavior: CharacterQueue, actor: ActorHandle) -> Actions:
    """Go to the end of the line, move up to its head, and be served."""
    rng = actor.rng("queue")
    service, speed = uniform(rng, behavior.time_range), uniform(rng, behavior.speed_range)
    line = _line(behavior, actor)
    while True:
        number = yield from _join(line, speed, actor)
        if number is None:
            return
        if not (yield from _move_up(line, number, speed, actor)):
            continue  # somebody took the place while the actor was called away
        outcome = yield Idle(service, facing=line.front)
        if outcome is not Outcome.FAILED:
            return


def _join(line: _Line, speed: float, actor: ActorHandle) -> Generator[Action, Outcome, int | None]:
    """Walk towards the end of the line; returns the place taken there, or None when there is no way."""
    tries = 0
    while True:
        number = line.end(actor)
        if tries == _TRIES or _distance(actor, line.place(number)) <= _JOIN:
            actor.claim(line.claim(number))
            return number
        path = path_to(actor, line.place(number))
        if path is None:
            actor.warn(f"cannot reach the {line.key}: it is off the walkable floor or cut off; move it")
            return None
        outcome = yield MoveTo(path, speed, until=partial(_is_over, line, number, actor))
        tries += outcome is Outcome.FAILED


def _is_over(line: _Line, number: int, actor: ActorHandle) -> bool:
    """Return whether who walks to a place at the end of the line is near it, or the line has changed."""
    return line.end(actor) != number or _distance(actor, line.place(number)) <= _JOIN


def _move_up(line: _Line, number: int, speed: float, actor: ActorHandle) -> Generator[Action, Outcome, bool]:
    """Stand in the line and move up; returns whether the actor got to its head, or lost its place."""
    tries = 0
    ahead: str | None = None
    while actor.holder(line.claim(number)) == actor.name:
        near = _distance(actor, line.place(number)) < _CLOSE
        path = None if near or tries == _TRIES else path_to(actor, line.place(number))
        if path is not None:
            tries += 1
            yield MoveTo(path, speed)
        elif number == 0:
            return True
        elif actor.claim(line.claim(number - 1)):
            actor.release(line.claim(number))
            number, tries = number - 1, 0
            yield from _let_leave(line.place(number), ahead, actor)
        else:
            ahead = actor.holder(line.claim(number - 1))
            yield Idle(LOOK, facing=line.facing(number))
    return False


def _let_leave(spot: np.ndarray, name: str | None, actor: ActorHandle) -> Actions:
    """Wait until who stood on a spot has gone, for a while at most."""
    other = None if name is None else actor.other(name)
    for _ in range(round(_PATIENCE / LOOK)):
        if other is None or _distance(other, spot) > _CLEAR:
            return
        yield Idle(LOOK / 2.0)


def _line(behavior: CharacterQueue, actor: ActorHandle) -> _Line:
    places = [actor.place(prim) for prim in behavior.target_prims or ()]
    spots = np.array(behavior.path_points or [place.position for place in places], np.float64)
    if len(spots) > 1:
        back = spots[-1] - spots[-2]
        front = places[0].yaw if places else math.atan2(*(spots[0] - spots[1])[[1, 0]])
    else:
        front = places[0].yaw if places else 0.0
        back = -SPACING * np.array([math.cos(front), math.sin(front), 0.0])
    name = behavior.name or ", ".join(f"({x:g}, {y:g})" for x, y, _ in spots.tolist())
    return _Line(f"queue {name}", spots, back, front)


def _distance(actor: ActorHandle, point: np.ndarray) -> float:
    away = (point - actor.position)[:2]
    return math.sqrt(float(away @ away))

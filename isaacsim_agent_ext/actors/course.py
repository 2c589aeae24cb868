"""Courses: actions that take several movements, carried out step by step.

A course is a generator that is resumed after every step of the simulation. It yields how much of its time is left [s],
is sent how the walk it began has ended, or None while it goes on, and returns how the action ended.
"""

from __future__ import annotations

from collections.abc import Generator

from isaacsim_agent_ext.actors.actions import Outcome
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.mover import Mover

_LONGEST_TURN = 10.0  # [s] after which nobody tries any longer to face exactly somewhere

Course = Generator[float, Outcome | None, Outcome]


def hold_still(seconds: float) -> Course:
    """Let time pass."""
    for step in range(max(1, round(seconds / STEP)), 0, -1):
        yield step * STEP
    return Outcome.DONE


def turn(yaw: float, mover: Mover, seconds: float = 0.0) -> Course:
    """Come to a stop and face along a heading [rad], with some seconds left for what follows."""
    mover.stand(yaw)
    for _ in range(round(_LONGEST_TURN / STEP)):
        if mover.faces(yaw):
            break
        yield seconds
    return Outcome.DONE

"""Agendas: which of an actor's behaviors has the say, its routines or one of its triggers.

The rules: a trigger of higher priority interrupts one that runs, and the interrupted one goes on afterwards; one of
equal priority waits its turn in the order of arrival; one of lower priority is dropped. Waiting triggers run by
priority, then in the order in which they fired. When none is left, a fresh routine is picked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isaacsim_agent_ext.actors.actions import Action, Actions, ActorHandle, Outcome
from isaacsim_agent_ext.actors.routines import following, routine, sequence
from isaacsim_agent_ext.config.model import Behavior, EventTrigger, TimeTrigger, Trigger

Record = Callable[[str, str], None]
"""Takes what happened (``"trigger_fired"`` ...) and to what."""


@dataclass(eq=False, slots=True)
class _Run:
    """A trigger's behaviors on their way."""

    trigger: Trigger
    label: str
    arrival: int
    actions: Actions
    unfinished: Action | None = None


def describe(trigger: Trigger) -> str:
    """Return what to call a trigger in messages."""
    match trigger:
        case TimeTrigger(time=time):
            kind = f"time_trigger at {time:g} s"
        case EventTrigger(event=event):
            kind = f"event_trigger on {event!r}"
        case _:
            kind = type(trigger).__name__
    return f"{kind}, priority {trigger.priority}"


class Agenda:
    """The stack of behaviors of one actor.

    Args:
        routines: Behaviors to pick from while no trigger runs.
        actor: Whom they move.
        record: Told of every trigger that fires, waits, is dropped, interrupted, resumed or completed.
    """

    def __init__(self, routines: Sequence[Behavior], actor: ActorHandle, record: Record):
        self._routines = routines
        self._actor = actor
        self._record = record
        self._routine = routine(routines, actor)
        self._routine_runs = False
        self._active: _Run | None = None
        self._waiting: list[_Run] = []
        self._arrivals = 0

    def next(self, outcome: Outcome) -> Action:
        """Return the action that follows one with the given outcome (ignored at the very first)."""
        if self._active is None:
            return self._next_of_routine(outcome)
        action = following(self._active.actions, outcome)
        while action is None:
            self._record("trigger_completed", self._active.label)
            self._active = min(self._waiting, key=lambda run: (-run.trigger.priority, run.arrival), default=None)
            if self._active is None:
                self._routine, self._routine_runs = routine(self._routines, self._actor), False
                return self._next_of_routine(outcome)
            self._waiting.remove(self._active)
            self._record("trigger_resumed" if self._active.unfinished else "trigger_started", self._active.label)
            action = self._active.unfinished or next(self._active.actions, None)
        return action

    def fire(self, trigger: Trigger, unfinished: Action | None) -> Action | None:
        """Let a trigger fire.

        Args:
            trigger: What fires.
            unfinished: What is left of the action the actor is carrying out.

        Returns:
            The action to carry out at once in place of the present one, or None to go on with that.
        """
        label = describe(trigger)
        self._arrivals += 1
        active = self._active
        if active is not None and trigger.priority < active.trigger.priority:
            self._record("trigger_dropped", label)
            return None
        run = _Run(trigger, label, self._arrivals, sequence(trigger.behavior, self._actor))
        if active is not None and trigger.priority == active.trigger.priority:
            self._waiting.append(run)
            self._record("trigger_queued", label)
            return None
        if active is not None:
            active.unfinished = unfinished
            self._waiting.append(active)
            self._record("trigger_interrupted", active.label)
        self._active = run
        self._record("trigger_started", label)
        return next(run.actions)

    def _next_of_routine(self, outcome: Outcome) -> Action:
        # A generator that has not begun cannot be sent anything.
        action = following(self._routine, outcome) if self._routine_runs else next(self._routine)
        self._routine_runs = True
        if action is None:
            raise RuntimeError(f"the routine of {self._actor.name} ended")  # routines have no end
        return action

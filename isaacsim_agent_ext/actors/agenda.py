"""Agendas: which of an actor's behaviors has the say, its routines or one of its triggers.

The rules: a trigger of higher priority interrupts one that runs, and the interrupted one goes on afterwards; one of
equal priority waits its turn in the order of arrival; one of lower priority is dropped. Waiting triggers run by
priority, then in the order in which they fired. When none is left, a fresh routine is picked, or a behavior tree goes
on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from isaacsim_agent_ext.actors.actions import Action, Actions, Outcome
from isaacsim_agent_ext.actors.claims import Claimant
from isaacsim_agent_ext.actors.routines import following, routine, sequence
from isaacsim_agent_ext.actors.triggers import Firing
from isaacsim_agent_ext.config.model import Behavior


class Record(Protocol):
    """Takes down what happened to a trigger."""

    def __call__(self, kind: str, message: str, details: Mapping[str, Any]) -> None:
        """Take it down.

        Args:
            kind: What happened, such as ``"trigger_started"``.
            message: Which trigger it is, in words.
            details: The same for programs.
        """


Left = Action | Outcome
"""Where behaviors go on: what is left of an action, or how it ended if it did so in the step of the interruption."""


@dataclass(eq=False, slots=True)
class _Run:
    """A trigger's behaviors on their way, from its firing to their end; what they had claimed while interrupted."""

    firing: Firing
    number: int
    actions: Actions
    begun: bool = False
    left: Left = Outcome.DONE
    claims: tuple[str, ...] = ()

    @property
    def priority(self) -> int:
        return self.firing.trigger.priority


class Agenda:
    """The stack of behaviors of one actor.

    Args:
        routines: Behaviors to pick from while no trigger runs.
        actor: Whom they move.
        record: Told of every trigger that fires, waits, is dropped, interrupted, resumed or completed.
        resumes: Whether the routine goes on where it was after triggers, as a behavior tree does.
    """

    def __init__(self, routines: Sequence[Behavior], actor: Claimant, record: Record, *, resumes: bool = False):
        self._routines = routines
        self._actor = actor
        self._take_down = record
        self._routine = routine(routines, actor)
        self._routine_runs = False
        self._routine_left: Left = Outcome.DONE
        self._routine_claims: tuple[str, ...] = ()
        self._resumes = resumes
        self._active: _Run | None = None
        self._waiting: list[_Run] = []
        self._fired = 0

    def next(self, outcome: Outcome) -> Action:
        """Return the action that follows one with the given outcome (ignored at the very first)."""
        if self._active is None:
            return self._next_of_routine(outcome)
        action = following(self._active.actions, outcome)
        while action is None:
            self._record("trigger_completed", self._active)
            self._active = min(self._waiting, key=lambda run: (-run.priority, run.number), default=None)
            if self._active is None:
                if self._resumes:
                    return self._go_on_with_routine()
                self._routine, self._routine_runs = routine(self._routines, self._actor), False
                return self._next_of_routine(outcome)
            self._waiting.remove(self._active)
            self._record("trigger_resumed" if self._active.begun else "trigger_started", self._active)
            action = self._go_on(self._active)
        return action

    def fire(self, firing: Firing, left: Left) -> Action | None:
        """Let a trigger fire.

        Args:
            firing: What fires, and why.
            left: What is left of the action the actor is carrying out, or how it has just ended.

        Returns:
            The action to carry out at once in place of the present one, or None to go on with that.
        """
        self._fired += 1
        active = self._active
        run = _Run(firing, self._fired, sequence(firing.trigger.behavior, self._actor))
        self._record("trigger_fired", run)
        if active is not None and run.priority < active.priority:
            self._record("trigger_dropped", run)
            return None
        if active is not None and run.priority == active.priority:
            self._waiting.append(run)
            self._record("trigger_queued", run)
            return None
        if active is not None:
            active.left, active.claims = left, self._actor.put_down_claims()
            self._waiting.append(active)
            self._record("trigger_interrupted", active)
        elif self._resumes:
            self._routine_left, self._routine_claims = left, self._actor.put_down_claims()
        else:
            self._routine.close()
        self._active = run
        self._record("trigger_started", run)
        return self._go_on(run)

    def _go_on(self, run: _Run) -> Action | None:
        """Return the action with which a trigger's behaviors begin, or go on after an interruption; None at their end.

        When somebody else has taken what they had claimed, the interrupted action counts as failed.
        """
        if not run.begun:
            run.begun = True
            return next(run.actions, None)
        if not self._actor.take_up_claims(run.claims):
            return following(run.actions, Outcome.FAILED)
        return following(run.actions, run.left) if isinstance(run.left, Outcome) else run.left

    def _go_on_with_routine(self) -> Action:
        if not self._actor.take_up_claims(self._routine_claims):
            return self._next_of_routine(Outcome.FAILED)
        left = self._routine_left
        return self._next_of_routine(left) if isinstance(left, Outcome) else left

    def _next_of_routine(self, outcome: Outcome) -> Action:
        # A generator that has not begun cannot be sent anything.
        action = following(self._routine, outcome) if self._routine_runs else next(self._routine)
        self._routine_runs = True
        if action is None:
            raise RuntimeError(f"the routine of {self._actor.name} ended")  # routines have no end
        return action

    def _record(self, kind: str, run: _Run) -> None:
        firing = run.firing
        details = {
            "trigger": firing.kind,
            "priority": run.priority,
            "firing": run.number,
            "cause": firing.cause,
        }
        self._take_down(kind, str(firing), details)

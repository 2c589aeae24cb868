"""Routines: what an actor does when nothing interrupts it."""

from __future__ import annotations

from collections.abc import Sequence

from isaacsim_agent_ext.actors.actions import Action, Actions, Idle, Outcome
from isaacsim_agent_ext.actors.behaviors.registry import actions_of
from isaacsim_agent_ext.actors.choice import pick_weighted
from isaacsim_agent_ext.actors.claims import Claimant
from isaacsim_agent_ext.config.model import Behavior

PAUSE = 1.0
"""How long an actor stands whose behavior had nothing to do, before it tries again [s]."""


def routine(behaviors: Sequence[Behavior], actor: Claimant) -> Actions:
    """Pick a behavior by weight, run it as often as it says, and pick again, without end."""
    rng = actor.rng("routine")
    while behaviors:
        behavior = pick_weighted(behaviors, rng)
        yield from sequence([behavior], actor)
    while True:
        yield Idle(PAUSE)


def following(actions: Actions, outcome: Outcome) -> Action | None:
    """Return a behavior's next action after the outcome of the one before, or None when it is over."""
    try:
        return actions.send(outcome)
    except StopIteration:
        return None


def sequence(behaviors: Sequence[Behavior], actor: Claimant) -> Actions:
    """Run behaviors one after another, each as often as its ``repeat`` says, whatever their weights."""
    acted = False
    for behavior in behaviors:
        for _ in range(behavior.repeat):
            actions = actions_of(behavior, actor)
            try:
                action = next(actions, None)
                while action is not None:
                    acted = True
                    action = following(actions, (yield action))
            finally:  # it may be dropped half-way
                actions.close()
                actor.put_down_claims()
    if not acted:
        yield Idle(PAUSE)

"""Sitting on whichever seat is free."""

from __future__ import annotations

from isaacsim_agent_ext.actors.actions import Actions, ActorHandle, Idle, Outcome, Sit
from isaacsim_agent_ext.actors.choice import uniform
from isaacsim_agent_ext.config.model import CharacterSit

WAIT = 2.0
"""How long somebody who finds all seats taken waits before looking again [s]."""

PATIENCE = 60.0
"""How long somebody waits for a seat altogether [s]."""


def sit(behavior: CharacterSit, actor: ActorHandle) -> Actions:
    """Sit down on a free seat, picked at random, for a while."""
    rng = actor.rng("sit")
    seconds, speed = uniform(rng, behavior.time_range), uniform(rng, behavior.speed_range)
    seats = _seats(behavior, actor)
    out_of_reach: set[str] = set()
    turn = f"next seat of {_listed(seats)}"
    waited = 0.0
    while waited < PATIENCE:
        free = [seat for seat in seats if seat not in out_of_reach and actor.holder(f"seat {seat}") is None]
        if free and actor.claim(turn):  # who has waited goes first
            actor.release(turn)
            seat = free[int(rng.integers(len(free)))]
            actor.claim(f"seat {seat}")
            outcome = yield Sit(actor.place(seat), seconds, speed)
            mine = actor.holder(f"seat {seat}") == actor.name
            actor.release(f"seat {seat}")
            if outcome is not Outcome.FAILED:
                return
            if mine:  # else somebody took it while the actor was called away
                out_of_reach.add(seat)
        elif len(out_of_reach) == len(seats):
            actor.warn(
                f"found no seat that can be reached among {_listed(seats)}; leave walkable floor in front of one"
            )
            return
        else:
            actor.claim(turn)
            yield Idle(WAIT)
            waited += WAIT
    actor.warn(f"found no free seat among {_listed(seats)} for {PATIENCE:g} s; offer more, or shorten time_range")


def _seats(behavior: CharacterSit, actor: ActorHandle) -> list[str]:
    if behavior.seat_label is not None:
        return list(actor.labelled(behavior.seat_label))
    return list(behavior.target_prims or ())


def _listed(seats: list[str]) -> str:
    return ", ".join(seats[:3]) + (f" and {len(seats) - 3} more" if len(seats) > 3 else "")

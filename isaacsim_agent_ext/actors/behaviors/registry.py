"""Which generator carries out which behavior of the config.

A new kind of behavior is one config class, one generator function, and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isaacsim_agent_ext.actors.actions import Actions, ActorHandle
from isaacsim_agent_ext.actors.behaviors import basic, company, machine, queues, seats
from isaacsim_agent_ext.actors.plugins import run_plugin
from isaacsim_agent_ext.actors.trees.run import run_named
from isaacsim_agent_ext.config import model

_BEHAVIORS: Mapping[type[model.Behavior], Callable[[Any, ActorHandle], Actions]] = {
    model.CharacterWander: basic.wander,
    model.CharacterPatrol: basic.patrol,
    model.CharacterStop: basic.stop,
    model.CharacterLookAround: basic.look_around,
    model.CharacterSit: seats.sit,
    model.CharacterQueue: queues.queue,
    model.CharacterFollow: company.follow,
    model.CharacterGroupWalk: company.group_walk,
    model.CustomBehavior: run_plugin,
    model.RobotWander: basic.drive_about,
    model.RobotPatrol: basic.drive_rounds,
    model.RobotHalt: basic.halt,
    model.RunTree: run_named,
    model.RobotFollow: company.drive_after,
    model.RobotPlay: machine.play_animation,
}


def actions_of(behavior: model.Behavior, actor: ActorHandle) -> Actions:
    """Return the actions of one run of a behavior.

    Raises:
        TypeError: Nothing carries out this kind of behavior.
    """
    carry_out = _BEHAVIORS.get(type(behavior))
    if carry_out is None:
        raise TypeError(f"{actor.name}: no actions are registered for the behavior {type(behavior).__name__}")
    return carry_out(behavior, actor)

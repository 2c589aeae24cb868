"""Going through states of a robot's own."""

from __future__ import annotations

from isaacsim_agent_ext.actors.actions import Actions, ActorHandle, PlayState
from isaacsim_agent_ext.actors.choice import uniform
from isaacsim_agent_ext.config import model


def play_animation(behavior: model.RobotPlay, actor: ActorHandle) -> Actions:
    """Go to a state and play its animation."""
    times = behavior.time_range
    yield PlayState(behavior.state, None if times is None else uniform(actor.rng("play_animation"), times))

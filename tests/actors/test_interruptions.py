"""An action that ends in the very step in which a trigger interrupts it is told how it ended, afterwards."""

import pytest

from isaacsim_agent_ext.actors.actions import Idle, Outcome, PlayState
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.config.model import (
    CharacterGroup,
    CharacterStop,
    CustomBehavior,
    EventTrigger,
    TimeTrigger,
)

ENDS_IN_ONE_STEP = {Outcome.DONE: Idle(0.0), Outcome.FAILED: PlayState("lift_up")}  # people have no such state


@pytest.mark.parametrize("expected", list(ENDS_IN_ONE_STEP))
def test_an_interrupted_action_that_had_just_ended_keeps_its_outcome(plane, people, expected):
    told = []

    class Try:
        def __init__(self, parameters):
            pass

        def actions(self, actor):
            told.append((yield ENDS_IN_ONE_STEP[expected]))
            yield Idle(1.0)

    low = TimeTrigger(time=0.0, behavior=(CustomBehavior(name="Try", module="try.py", parameters={}),))
    high = EventTrigger(event="now", priority=2, behavior=(CharacterStop(time_range=(0.5, 0.5)),))
    group = CharacterGroup(
        name="workers", num=1, asset_path="", routines=(CharacterStop(time_range=(9.0, 9.0)),), triggers=(low, high)
    )
    simulation = Simulation(
        seed=1,
        navmesh=plane,
        specs=[people.actor_spec("workers_0", 0.0, 0.0)],
        groups=[group],
        plugins={("Try", "try.py"): Try},
    )
    simulation.step()
    simulation.dispatch("now")
    for _ in range(30):
        simulation.step()
    assert "trigger_interrupted" in [event.kind for event in simulation.events]
    assert told == [expected]

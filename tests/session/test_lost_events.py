"""Events that come to nothing are told: those that come too late, and those for nobody."""

import numpy as np
import pytest

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.session.event_script import lost_events

CREW = ActorSpec(
    name="crew_0",
    group="crew",
    prim_path="/World/Characters/crew/crew_0",
    agent_prim_path="/World/Characters/crew/crew_0/ManRoot",
    agent_type="IRACharacterAPI",
    asset_url="",
    position=np.zeros(3),
    yaw=0.0,
)


def told(frame=3, **payload):
    return list(lost_events([SimulationEvent(frame=frame, name="go", payload=payload)], [CREW], 30))


def test_who_is_addressed_by_either_prim_hears_it():
    assert told() == told(prim_path=CREW.prim_path) == told(prim_path=CREW.agent_prim_path) == []


@pytest.mark.parametrize(
    ("path", "hint"), [("/World/Characters/crew/crew_1", "; did you mean `/World/Characters/crew/crew_0`?"), (3, "")]
)
def test_an_event_for_nobody_is_told(path, hint):
    assert told(prim_path=path) == [f"the event `go` reaches nobody: no actor has the prim_path `{path}`{hint}"]


def test_an_event_too_late_to_be_seen_is_told():
    assert told(frame=28) == []
    assert told(frame=29) == ["the event `go` at frame 29 comes too late for the run, which has 30 frames"]

"""A session on a host that records nothing, under the full control of a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.hosts.protocol import RecordingTally
from isaacsim_agent_ext.session.agent_session import AgentSession
from isaacsim_agent_ext.session.event_log import EventFeed
from isaacsim_agent_ext.session.runtime import StandaloneRuntime

SPEC = ActorSpec(
    name="crew_0",
    group="crew",
    prim_path="/World/Characters/crew/crew_0",
    agent_prim_path="/World/Characters/crew/crew_0",
    agent_type="IRACharacterAPI",
    asset_url="crew.usd",
    position=np.array([1.0, 2.0, 0.0]),
    yaw=0.0,
)


class Simulation:
    """One actor, whose triggers fire and never end."""

    def __init__(self) -> None:
        self.frame = 0
        self.events: list[SimulationRecord] = []

    def dispatch(self, event: str, payload: object = None) -> None:
        for kind in ("trigger_fired", "trigger_started"):
            self.events.append(SimulationRecord(self.frame, "crew_0", kind, f"event {event}"))

    def step(self) -> None:
        self.frame += 1

    def states(self) -> tuple[ActorState, ...]:
        position = np.array([1.0 + self.frame, 2.0, 0.0])
        return (ActorState(spec=SPEC, position=position, yaw=0.5, velocity=np.zeros(3), task="MoveTo"),)

    def goals(self) -> tuple[np.ndarray | None, ...]:
        return (None,)


class Scenario:
    """Steps the simulation; waits where the test says so."""

    cameras = ("/World/Cameras/hall/hall_0",)
    actor_count = 1
    warnings = ("the hall is draughty",)

    def __init__(self, host: Host, world: Any):
        self._host = host
        self.world = world

    def record(self, plan: Any, reporter: Any, cancelled: Callable[[], bool], *, port: Any = None) -> RecordingTally:
        feed, simulation, frames = EventFeed(plan.events, port), Simulation(), []
        for frame in plan.frames:
            self._host.gate.wait(20)
            if cancelled():
                break
            while simulation.frame < frame:
                feed.step(simulation)  # type: ignore[arg-type]
            frames.append(frame)
            reporter.frames(len(frames), len(plan.frames))
            time.sleep(self._host.pause)
        return RecordingTally(frames=tuple(frames), views=len(frames), events=feed.live)

    def close(self) -> None:
        """Nothing is held."""


class Host:
    """Sets worlds up; `gate` holds recordings, `missing` makes the set-up fail."""

    def __init__(self, world: Any = None) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.pause = 0.0
        self.missing = False
        self.set_ups = 0
        self.world = world or SimpleNamespace(specs=(SPEC,), cameras=())

    def set_up(self, loaded: Any, options: Any, reporter: Any) -> Scenario:
        reporter.phase("stage", "hall.usd")
        if self.missing:
            raise AssetError("hall.usd is nowhere")
        self.set_ups += 1
        return Scenario(self, self.world)


def session_on(host: Host) -> AgentSession:
    """Return a session on a host."""
    return AgentSession(StandaloneRuntime(lambda: host))

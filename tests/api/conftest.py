"""A host that simulates and records nothing but numbers, under the full control of a test."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from isaacsim_agent_ext import api
from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.events import ANNOUNCED
from isaacsim_agent_ext.hosts.protocol import HostOptions, RecordingTally
from isaacsim_agent_ext.session.event_log import EventFeed
from isaacsim_agent_ext.session.runtime import StandaloneRuntime

CONFIG = """\
# Two people and an alarm.
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 3   # a prime
  simulation_duration: 0.4   # s
  environment:
    base_stage_asset_path: Isaac/Environments/Grid/default_environment.usd
  character:
    groups:
      crew:
        num: 2   # few
        routines:
          - wander: {}
        triggers:
          - event_trigger:   # by name
              event: alarm
              behavior:
                - stop: {time_range: [1, 1]}
  sensor:
    groups:
      hall:
        num: 1
        aim_at_targets: {}
  replicator:
    render_product_resolution: [64, 48]
    writers:
      IRABasicWriter:
        start_frame: 0
        rgb: true
"""


CREW = ActorSpec(
    name="crew_0",
    group="crew",
    prim_path="/World/Characters/crew/crew_0",
    agent_prim_path="/World/Characters/crew/crew_0",
    agent_type="IRACharacterAPI",
    asset_url="crew.usd",
    position=np.zeros(3),
    yaw=0.0,
)


class CountingSimulation:
    """Fires a trigger for every event."""

    def __init__(self) -> None:
        self.frame = 0
        self.events: list[SimulationRecord] = []
        self._waiting: list[str] = []

    def dispatch(self, event: str, payload: object = None) -> None:
        self._waiting.append(event)

    def step(self) -> None:
        for event in self._waiting:
            self.events.append(SimulationRecord(self.frame, "crew_0", "trigger_fired", f"event {event}"))
        self._waiting.clear()
        self.frame += 1

    def states(self) -> tuple[ActorState, ...]:
        return (
            ActorState(
                spec=CREW, position=np.array([self.frame, 0.0, 0.0]), yaw=0.5, velocity=np.zeros(3), task="MoveTo"
            ),
        )

    def goals(self) -> tuple[np.ndarray, ...]:
        return (np.array([9.0, 0.0, 0.0]),)


class FakeScenario:
    cameras = ("/World/Cameras/hall/hall_0",)
    actor_count = 2
    warnings = ("the hall is draughty",)
    world = SimpleNamespace(specs=(CREW,))

    def __init__(self, host: "FakeHost"):
        self._host = host

    def record(self, plan, reporter, cancelled, *, port=None) -> RecordingTally:
        feed, simulation, frames = EventFeed(plan.events, port), CountingSimulation(), []
        for frame in plan.frames:
            if cancelled():
                break
            self._host.before_frame(frame)
            while simulation.frame < frame:
                feed.step(simulation)
            frames.append(frame)
            reporter.frames(len(frames), len(plan.frames))
        return RecordingTally(frames=tuple(frames), views=len(frames), events=feed.live)

    def close(self) -> None:
        self._host.closed += 1


class FakeHost:
    """Counts what is asked of it; tests replace `before_frame` and `on_set_up` to meddle."""

    def __init__(self) -> None:
        self.set_ups = self.closed = 0
        self.options: HostOptions | None = None
        self.before_frame: Callable[[int], None] = lambda _: None
        self.on_set_up: Callable[[], None] = lambda: None

    def set_up(self, loaded, options, reporter) -> FakeScenario:
        self.options = options
        reporter.phase("assets")
        self.on_set_up()
        reporter.phase("stage", "hall.usd")
        self.set_ups += 1
        return FakeScenario(self)

    def miss_an_asset(self) -> None:
        raise AssetError("hall.usd is nowhere")

    def hold_frames(self, first: int = 0) -> tuple[threading.Event, threading.Event]:
        """Make recording wait at a frame; return what says that it waits and what lets it go on."""
        reached, go_on = threading.Event(), threading.Event()

        def wait(frame: int) -> None:
            if frame >= first:
                reached.set()
                assert go_on.wait(20)

        self.before_frame = wait
        return reached, go_on


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def door(host: FakeHost, tmp_path: Path) -> Iterator[type[api]]:
    """The API on the fake host, with nothing loaded yet."""
    api.use(StandaloneRuntime(lambda: host))
    api.set_options(output=tmp_path / "out")
    yield api
    api.use(None)


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "alarm.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def heard(door: type[api]) -> list[tuple[str, dict]]:
    """Everything announced, in order, without the package's prefix."""
    told: list[tuple[str, dict]] = []
    for description in ANNOUNCED:

        def hear(payload: dict, name: str = description.name, keys: object = description.payload.keys()) -> None:
            assert payload.keys() == keys
            told.append((name.removeprefix("isaacsim_agent_ext."), payload))

        door.observe_event(description.name, hear)
    return told

"""The host seam: what a place that can run a job offers to `isaacsim_agent_ext.session`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.session.event_log import EventPort, SimulationEvent
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.recording import RecordingPlan

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.world import World


@dataclass(frozen=True, kw_only=True)
class HostOptions:
    """What the user chose for this machine, as opposed to what the config says about the data.

    None of these changes a byte of the dataset; without plug-ins, a config that needs them is refused.

    Attributes:
        asset_root: Isaac Sim assets root, a folder or URL; None for the environment's, else the stand-in pack.
        device: ``"cpu"``, ``"cuda:0"`` ..., or ``"auto"`` for the first GPU there is.
        workers: Processes that record side by side; None for what suits the machine.
        allow_plugins: Whether code of plug-ins that the config names may run.
    """

    asset_root: str | None = None
    device: str = "auto"
    workers: int | None = None
    allow_plugins: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordingTally:
    """What was recorded.

    Attributes:
        frames: The frames written, in order.
        views: Images: frames times cameras, over all writers.
        boxes: Labelled boxes (2D where there are both) over all views, or None when no writer asked for boxes.
        objects: Prim paths of the objects boxed.
        warnings: What went wrong without stopping the run.
        events: What arrived at the event port, by frame.
        actor_events: What happened to the actors' triggers up to the last frame simulated, in order.
    """

    frames: tuple[int, ...] = ()
    views: int = 0
    boxes: int | None = None
    objects: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    events: tuple[SimulationEvent, ...] = ()
    actor_events: tuple[SimulationRecord, ...] = ()

    def __add__(self, other: RecordingTally) -> RecordingTally:
        """Return both together."""
        boxes = None if self.boxes is None and other.boxes is None else (self.boxes or 0) + (other.boxes or 0)
        return RecordingTally(
            frames=tuple(sorted({*self.frames, *other.frames})),
            views=self.views + other.views,
            boxes=boxes,
            objects=self.objects | other.objects,
            warnings=tuple(dict.fromkeys(self.warnings + other.warnings)),
            events=self.events + other.events,
            actor_events=max(self.actor_events, other.actor_events, key=len),  # all simulate the same, some further
        )


class SetUpFacts(Protocol):
    """What is known of a world that is set up, on any host."""

    @property
    def cameras(self) -> Sequence[str]:
        """Prim paths of all cameras that can be recorded."""

    @property
    def actor_count(self) -> int:
        """Actors in the world."""

    @property
    def warnings(self) -> Sequence[str]:
        """What the set-up found worth telling."""

    @property
    def world(self) -> World:
        """The world at rest, to be looked at."""


class Scenario(SetUpFacts, Protocol):
    """A world that is set up and ready to record, any number of times: every recording starts anew at frame 0."""

    def record(
        self,
        plan: RecordingPlan,
        reporter: Reporter,
        cancelled: Callable[[], bool],
        *,
        port: EventPort | None = None,
    ) -> RecordingTally:
        """Record the plan's frames, and finish every writer.

        Args:
            plan: Who records what.
            reporter: Hears of frames and warnings.
            cancelled: Asked at every frame boundary; once true, recording ends there and what was written is whole.
            port: Lets events in and tells of triggers while the simulation runs, which is then a single one.
        """

    def close(self) -> None:
        """Give everything back."""


class Host(Protocol):
    """A place that can run jobs: this process alone."""

    def set_up(self, loaded: LoadedConfig, options: HostOptions, reporter: Reporter) -> Scenario:
        """Build the world the config describes."""


def never() -> bool:
    """Return False: nobody pauses or cancels."""
    return False


class AsyncScenario(SetUpFacts, Protocol):
    """`Scenario` on a host whose work is spread over the updates of an app."""

    async def record(
        self,
        plan: RecordingPlan,
        reporter: Reporter,
        cancelled: Callable[[], bool],
        *,
        port: EventPort | None = None,
        paused: Callable[[], bool] = never,
    ) -> RecordingTally:
        """Record the plan's frames, and finish every writer; as `Scenario.record`.

        Args:
            plan: Who records what.
            reporter: Hears of frames and warnings.
            cancelled: As for `Scenario.record`.
            port: As for `Scenario.record`.
            paused: Asked at every frame boundary; while true, nothing is simulated or recorded.
        """

    async def close(self) -> None:
        """Give everything back."""


class AsyncHost(Protocol):
    """`Host` for a place with an update loop that must not be blocked: a Kit app."""

    @property
    def hosted_writers(self) -> Collection[str]:
        """Types of writers that are not ours but the host's; it checks them in `set_up`."""

    async def set_up(self, loaded: LoadedConfig, options: HostOptions, reporter: Reporter) -> AsyncScenario:
        """Build the world the config describes."""


def config_folder(loaded: LoadedConfig) -> Path | None:
    """Return the folder that relative paths of a config are looked up in, or None for one built in memory."""
    return Path(loaded.path).absolute().parent if loaded.path else None

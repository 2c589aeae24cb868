"""A session as scripts and panels see it: one config, one world at a time, work that goes on in the background."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isaacsim_agent_ext import events
from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.errors import AgentError, RunCancelled
from isaacsim_agent_ext.hosts.protocol import AsyncScenario, HostOptions
from isaacsim_agent_ext.session.current_config import CurrentConfig
from isaacsim_agent_ext.session.event_log import SimulationEvent, check_payload, event_names
from isaacsim_agent_ext.session.job import Job, placing_problems
from isaacsim_agent_ext.session.onlooker import ActorsNow, Onlooker
from isaacsim_agent_ext.session.recording import RecordingPlan
from isaacsim_agent_ext.session.report import RunReport
from isaacsim_agent_ext.session.runtime import Runtime

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.world import World

IDLE, SETTING_UP, READY, GENERATING, DONE, CANCELLED, FAILED = STATES = (
    "idle",
    "setting_up",
    "ready",
    "generating",
    "done",
    "cancelled",
    "failed",
)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a session is.

    Attributes:
        state: One of `STATES`.
        phase: The phase under way, one of `isaacsim_agent_ext.session.progress.PHASES`, or an empty text.
        detail: What the phase works on, such as a file name.
        frames: Frames written.
        frames_total: Frames to write.
        warnings: What the user should know, in order.
        error: Why it failed, or an empty text.
        report: The result of the last data generation that came to an end, cancelled ones included.
        paused: Whether data generation waits for `AgentSession.resume`.
    """

    state: str = IDLE
    phase: str = ""
    detail: str = ""
    frames: int = 0
    frames_total: int = 0
    warnings: tuple[str, ...] = ()
    error: str = ""
    report: RunReport | None = None
    paused: bool = False

    @property
    def busy(self) -> bool:
        """Whether something is going on."""
        return self.state in (SETTING_UP, GENERATING)


@dataclass(frozen=True, kw_only=True)
class SessionOptions:
    """What belongs to the machine and the user, not to the config.

    Attributes:
        asset_root: Isaac Sim assets root; None for the environment's, else the stand-in pack.
        device: ``"cpu"``, ``"cuda:0"`` ... or ``"auto"``; of no account inside Kit.
        allow_plugins: Whether code of plug-ins that a config names may run.
        output: Output folder in place of the config's.
        events: Events that reach the actors, in place of the config's ``event_script``; None for those of the script.
    """

    asset_root: str | None = None
    device: str = "auto"
    allow_plugins: bool = False
    output: Path | None = None
    events: tuple[SimulationEvent, ...] | None = None

    @property
    def host(self) -> HostOptions:
        """The part that a host needs; a live run is a single process."""
        return HostOptions(asset_root=self.asset_root, device=self.device, workers=1, allow_plugins=self.allow_plugins)


@dataclass(frozen=True, eq=False)
class _World:
    scenario: AsyncScenario
    loaded: LoadedConfig
    options: HostOptions


class AgentSession:
    """One config and what is made of it, in the place that ``runtime`` gives it.

    Only one thing goes on at a time. What is started returns at once; the future tells whether it went well. An error
    is told to the user by the runtime, announced on the bus, and kept in `last_error`.

    Attributes:
        config: The config and its edits.
        options: Used from the next set-up or generation on.
        last_error: What made the last refusal or failure, or None.
    """

    def __init__(self, runtime: Runtime, options: SessionOptions | None = None):
        self.runtime = runtime
        self.options = options or SessionOptions()
        self.last_error: BaseException | None = None
        self.config = CurrentConfig(self._config_changed)
        self._lock = threading.Lock()
        self._progress = Progress()
        self._cancelled = threading.Event()
        self._paused = threading.Event()
        self._closed = False
        self._world: _World | None = None
        self._work: Future[bool] | None = None
        self._port: _Port | None = None
        self._onlooker = Onlooker()
        self._events: list[SimulationEvent] = []

    @property
    def progress(self) -> Progress:
        """How far it is, at this moment."""
        return replace(self._progress, paused=self._paused.is_set())

    @property
    def actors(self) -> ActorsNow:
        """What the actors of the running, or last, simulation are doing."""
        return self._onlooker.seen

    @property
    def events(self) -> tuple[SimulationEvent, ...]:
        """The events that have reached the running, or last, simulation, and those that are scheduled."""
        return tuple(self._events)

    @property
    def world(self) -> World | None:
        """The world that is set up, to be looked at; None without one."""
        return None if self._world is None else self._world.scenario.world

    @property
    def work(self) -> Future[bool] | None:
        """What was started last."""
        return self._work

    def set_up(self) -> Future[bool]:
        """Start building the world of the config anew.

        Raises:
            AgentError: There is no config, or something else is going on.
        """
        loaded = self.config.require().loaded
        return self._start(SETTING_UP, lambda: self._set_up(loaded, self.options.host))

    def generate(self) -> Future[bool]:
        """Start writing the dataset; the world is set up first unless it stands as the config describes it.

        Raises:
            AgentError: There is no config, it would write nothing, or something else is going on.
        """
        loaded, options = self.config.require().loaded, self.options
        reporter = _SessionReporter(self)
        job = Job(loaded, output=options.output, reporter=reporter, events=options.events)
        job.check(self.runtime.host.hosted_writers)
        return self._start(GENERATING, lambda: self._generate(job, reporter, loaded, options))

    def cancel(self) -> bool:
        """Ask what is going on to stop: at the next frame, or the next phase of a set-up; return whether it can."""
        busy = self._progress.busy
        if busy:
            self._cancelled.set()
            self._paused.clear()
        return busy

    def pause(self) -> bool:
        """Ask data generation to wait at the next frame boundary; return whether any is going on."""
        generating = self._progress.state == GENERATING
        if generating and not self._cancelled.is_set():
            self._paused.set()
        return generating

    def resume(self) -> bool:
        """Let data generation go on; return whether it was paused."""
        paused = self._paused.is_set()
        self._paused.clear()
        return paused

    def dispatch(self, event: str, payload: Mapping[str, Any] | None = None) -> bool:
        """Announce an event on the bus; return whether a running simulation has a trigger that waits for it.

        Raises:
            TypeError: The payload has no JSON form, in which it is logged.
        """
        port = self._port
        heard = port is not None and event in port.names
        self.runtime.events.dispatch(event, check_payload(payload or {}))
        return heard

    def refuse(self, error: BaseException) -> None:
        """Tell the user of an error and remember it."""
        self.last_error = error
        self.runtime.report(error)

    def close(self) -> None:
        """Cancel what is going on, give the world back, and close the runtime; nothing can be started any more."""
        with self._lock:
            self._closed = True
            work = self._work
        self._cancelled.set()
        self._paused.clear()
        if work is not None and not work.done():
            work.add_done_callback(lambda _: self._shut_down())
        else:
            self._shut_down()

    # ---- work --------------------------------------------------------------------------------------------------

    def _start(self, state: str, work: Callable[[], Any]) -> Future[bool]:
        with self._lock:
            if self._closed:
                raise AgentError("the session is closed")
            if self._progress.busy:
                doing = self._progress.state.replace("_", " ")
                raise AgentError(f"still {doing}; wait until it is done, or call cancel() first")
            self._cancelled.clear()
            self._paused.clear()
            self.last_error = None
            self._progress = Progress(state=state, report=self._progress.report)
            self._work = self.runtime.submit(self._guarded(work))
            return self._work

    async def _guarded(self, work: Callable[[], Any]) -> bool:
        """Do the work; whatever ends it ends as a state, an announcement and a message."""
        try:
            state = await work()
        except RunCancelled:
            state = CANCELLED
        except Exception as error:
            phase = self._progress.phase
            self._progress = replace(self._progress, state=FAILED, error=str(error))
            self.refuse(error)
            payload = {"phase": phase, "kind": type(error).__name__, "message": str(error)}
            self.runtime.events.dispatch(events.DATA_GENERATION_FAILED, payload)
            return False
        except BaseException:  # the event loop is going down, and takes this with it
            self._progress = replace(self._progress, state=CANCELLED)
            raise
        self._progress = replace(self._progress, state=state, phase="", detail="")
        return state in (READY, DONE)

    async def _set_up(self, loaded: LoadedConfig, options: HostOptions) -> str:
        reporter = _SessionReporter(self)
        for problem in loaded.warnings:
            reporter.warning(str(problem))
        scenario = await self._build(loaded, options, reporter)
        for text in scenario.warnings:
            reporter.warning(text)
        return READY

    async def _build(self, loaded: LoadedConfig, options: HostOptions, reporter: Any) -> AsyncScenario:
        await self._give_world_back()
        with placing_problems(loaded):
            scenario = await self.runtime.host.set_up(loaded, options, reporter)
        self._world = _World(scenario, loaded, options)
        payload = {"actors": scenario.actor_count, "cameras": list(scenario.cameras)}
        self.runtime.events.dispatch(events.SET_UP_DONE, payload)
        return scenario

    async def _generate(
        self, job: Job, reporter: _SessionReporter, loaded: LoadedConfig, options: SessionOptions
    ) -> str:
        job.begin(self.runtime.host.hosted_writers)
        world = self._world
        if world is not None and world.loaded is loaded and world.options == options.host:
            scenario = world.scenario
        else:
            scenario = await self._build(loaded, options.host, job.reporter)
        reporter.plan = job.plan(scenario)
        self._onlooker, self._events = Onlooker(), list(reporter.plan.events)
        with _Port(self.runtime.events, event_names(loaded.config), self._onlooker, self._events) as port:
            self._port = port
            try:
                tally = await scenario.record(
                    reporter.plan, job.reporter, self._cancelled.is_set, port=port, paused=self._paused.is_set
                )
            except Exception:
                await self._give_world_back()  # it may be what failed: the next job starts afresh
                raise
            finally:
                self._port = None
        report = await job.finish_async(tally)
        self._progress = replace(self._progress, report=report)
        payload = {
            "frames": report.frames,
            "cancelled": report.cancelled,
            "seed": report.seed,
            "output_dirs": {key: str(folder) for key, folder in report.output_dirs.items()},
        }
        self.runtime.events.dispatch(events.DATA_GENERATION_DONE, payload)
        return CANCELLED if report.cancelled else DONE

    async def _give_world_back(self) -> None:
        world, self._world = self._world, None
        if world is not None:
            await world.scenario.close()

    def _shut_down(self) -> None:
        if self._world is None:
            self.runtime.close()
        else:
            self.runtime.submit(self._give_world_back()).add_done_callback(lambda _: self.runtime.close())

    def _config_changed(self, config_path: str) -> None:
        path = str(self.config.path or "")
        self.runtime.events.dispatch(events.CONFIG_CHANGED, {"config_path": config_path, "path": path})


@dataclass(eq=False)
class _SessionReporter:
    """Keeps a session's progress, announces frames, and ends a set-up that was cancelled."""

    session: AgentSession
    plan: RecordingPlan | None = None

    def phase(self, name: str, detail: str = "") -> None:
        session = self.session
        session._progress = replace(session._progress, phase=name, detail=detail)
        if self.plan is None and session._cancelled.is_set():
            raise RunCancelled("cancelled before anything was written")

    def frames(self, done: int, total: int) -> None:
        session = self.session
        session._progress = replace(session._progress, frames=done, frames_total=total)
        frame = self.plan.frames[done - 1] if self.plan is not None and 0 < done <= len(self.plan.frames) else done
        payload = {"frame": frame, "done": done, "total": total}
        session.runtime.events.dispatch(events.FRAME_CAPTURED, payload)

    def warning(self, text: str) -> None:
        session = self.session
        session._progress = replace(session._progress, warnings=(*session._progress.warnings, text))


@dataclass(eq=False)
class _Port:
    """Joins a running simulation to the bus: the events its triggers wait for in, what triggers and actors do out."""

    bus: events.EventBus
    names: Sequence[str]
    onlooker: Onlooker
    log: list[SimulationEvent]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _subscriptions: list[events.Subscription] = field(default_factory=list)
    _telling: tuple[int, str] | None = None  # by which thread, which event

    def __enter__(self) -> _Port:
        self._subscriptions = [self.bus.observe(name, self._receiver(name)) for name in self.names]
        return self

    def __exit__(self, *_: object) -> None:
        for subscription in self._subscriptions:
            subscription.reset()

    def take(self, frame: int) -> Sequence[SimulationEvent]:
        with self._lock:
            arrived, self._waiting = self._waiting, []
        events = [SimulationEvent(frame=frame, name=name, payload=payload) for name, payload in arrived]
        self.log += events
        return events

    def trigger_fired(self, record: SimulationRecord) -> None:
        payload = {"frame": record.frame, "actor": record.actor, "trigger": record.message}
        self.bus.dispatch(events.TRIGGER_FIRED, payload)

    def event_dispatched(self, name: str, payload: Mapping[str, Any]) -> None:
        self._telling = threading.get_ident(), name
        try:
            self.bus.dispatch(name, payload)
        finally:
            self._telling = None

    def stepped(self, simulation: Simulation) -> None:
        self.onlooker.look(simulation)

    def _receiver(self, name: str) -> events.Callback:
        def receive(payload: events.Payload) -> None:
            if self._telling == (threading.get_ident(), name):
                return  # it comes from the simulation itself
            with self._lock:
                self._waiting.append((name, _loggable(payload)))

        return receive


def _loggable(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be logged of a payload, which in Kit may come from anybody."""
    kept = {}
    for key, value in payload.items():
        try:
            kept[str(key)] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError):
            continue
    return kept

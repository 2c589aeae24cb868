"""What every job does, whoever drives it: check, plan, and leave behind what lets it be understood and repeated.

A driver (`isaacsim_agent_ext.session.run`) adds what differs between hosts, waiting::

    job = Job(loaded)
    job.begin()
    scenario = host.set_up(loaded, options, job.reporter)
    tally = scenario.record(job.plan(scenario), job.reporter, cancelled)
    report = job.finish(tally)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.errors import ConfigError, OutputError, Problem
from isaacsim_agent_ext.hosts.protocol import RecordingTally, SetUpFacts
from isaacsim_agent_ext.session.actor_events import ACTOR_EVENTS_FILE, actor_event_lines
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.session.event_script import lost_events, scripted_events, unheard_events
from isaacsim_agent_ext.session.output_folders import check_output_folders, warnings_of_older_data
from isaacsim_agent_ext.session.progress import Reporter, SilentReporter
from isaacsim_agent_ext.session.recording import RecordingPlan, frame_count, output_dirs, plan_recording
from isaacsim_agent_ext.session.repeat import repeating_config
from isaacsim_agent_ext.session.report import RunReport, run_record
from isaacsim_agent_ext.session.warning_groups import grouped_warnings
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.contact_sheet import contact_sheet
from isaacsim_agent_ext.writers.registry import check_writers, create_writer

_NO_WRITER = (
    "the config has no writer; add one, for instance `replicator: {writers: {IRABasicWriter: {}}}`, and a group of "
    "cameras under `sensor`"
)

FINISH_SECONDS = 900.0
"""Longest that the last files of a run may take where others wait for them [s]."""


class Stopwatch:
    """Passes everything on to a reporter and remembers how long each phase took and what was warned of.

    Attributes:
        seconds: Wall-clock time of each phase [s].
        warnings: What was warned of, each once, in order, and what the record of the run has of each.
    """

    def __init__(self, reporter: Reporter):
        self._reporter = reporter
        self._phase: str | None = None
        self._since = 0.0
        self.seconds: dict[str, float] = {}
        self.warnings: dict[str, tuple[str, ...]] = {}

    def phase(self, name: str, detail: str = "") -> None:
        """Begin a phase, and end the last one."""
        self.stop()
        self._phase, self._since = name, time.perf_counter()
        self._reporter.phase(name, detail)

    def stop(self) -> None:
        """End the last phase."""
        if self._phase is not None:
            spent = time.perf_counter() - self._since
            self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + spent
        self._phase = None

    def frames(self, done: int, total: int) -> None:
        """Pass it on."""
        self._reporter.frames(done, total)

    def warning(self, text: str, recorded: Sequence[str] | None = None) -> None:
        """Pass it on the first time.

        Args:
            text: For the user.
            recorded: What goes into the record of the run in its place, which must be the same on a repetition.
        """
        if text not in self.warnings:
            self.warnings[text] = (text,) if recorded is None else tuple(recorded)
            self._reporter.warning(text)


class Job:
    """One job from config to dataset: `begin`, `plan` and `finish` are called once each, in this order.

    Args:
        loaded: The config.
        output: Output folder in place of the config's (see `isaacsim_agent_ext.session.recording.output_dirs`).
        reporter: Hears of phases, frames and warnings.
        events: Events that reach the actors, such as those of an earlier run that is repeated, in place of the
            config's ``event_script``; None for those of the script.
        needs_writer: Whether a config without writers is refused; else its world is simulated, and nothing written.

    Attributes:
        reporter: What hosts report to.
    """

    def __init__(
        self,
        loaded: LoadedConfig,
        *,
        output: Path | None = None,
        reporter: Reporter | None = None,
        events: Sequence[SimulationEvent] | None = None,
        needs_writer: bool = True,
    ):
        self.reporter = Stopwatch(reporter or SilentReporter())
        self._loaded = loaded
        self._output = output
        self._given = None if events is None else tuple(events)
        self._events: tuple[SimulationEvent, ...] = ()
        self._needs_writer = needs_writer

    def begin(self, hosted_writers: Collection[str] = ()) -> None:
        """Begin the first phase, and check the job.

        Args:
            hosted_writers: As for `check`.

        Raises:
            ConfigError: As `check` does.
            OutputError: As `check` does.
        """
        self.reporter.phase("config", str(self._loaded.path or ""))
        for problem in self._loaded.warnings:
            self.reporter.warning(str(problem), [f"{problem.key_path}: {problem.message}"])  # a copy has other lines
        self.check(hosted_writers)
        for text in unheard_events(self._events, self._loaded.config):
            self.reporter.warning(text)
        if not self._writers():
            self.reporter.warning(f"nothing is recorded: {_NO_WRITER}")
        for writer in self._writers():
            if writer.type not in hosted_writers and not create_writer(writer, LocalSink(Path())).requests:
                self.reporter.warning(
                    f"{writer.key} records nothing: all its annotators are off; switch one on, such as `rgb: true`"
                )
        for text in sorted(set(warnings_of_older_data(self._output_folders()))):
            self.reporter.warning(text, [])  # a repetition has these

    def check(self, hosted_writers: Collection[str] = ()) -> None:
        """Check all that can be checked before anything is loaded.

        Args:
            hosted_writers: Types of writers that the host checks itself, in its set-up.

        Raises:
            ConfigError: The job would write nothing, has a writer that does not exist, or its events cannot be read.
            OutputError: An output folder can be neither used nor made.
        """
        with placing_problems(self._loaded):
            if self._writers() or self._needs_writer:
                check_recordable(self._loaded)
            check_writers([writer for writer in self._writers() if writer.type not in hosted_writers])
        check_output_folders(self._output_folders())
        self._events = scripted_events(self._loaded) if self._given is None else self._given

    def _writers(self) -> tuple[WriterConfig, ...]:
        replicator = self._loaded.config.replicator
        return replicator.writers if replicator else ()

    def _output_folders(self) -> tuple[Path, ...]:
        return output_dirs(self._writers(), self._output)

    def plan(self, scenario: SetUpFacts) -> RecordingPlan:
        """Work out who records what in the world that was set up, and begin the phase of recording.

        The config that repeats the run is written first: whatever becomes of the run, its seed is there.

        Raises:
            ConfigError: A writer names a camera that does not exist.
            OutputError: The config cannot be written.
        """
        duration = frame_count(self._loaded.config)
        for text in (*scenario.warnings, *lost_events(self._events, scenario.world.specs, duration)):
            self.reporter.warning(text)
        self._actors, self._cameras = scenario.actor_count, tuple(scenario.cameras)
        with placing_problems(self._loaded):
            self._plan = plan_recording(self._loaded.config, self._cameras, output=self._output, events=self._events)
        self._warn_of_missing_cameras()
        self.reporter.phase("generate")
        for writer in self._plan.writers:
            if writer.frames and writer.cameras:
                LocalSink(writer.output_dir).write("config.yaml", repeating_config(self._loaded))
        return self._plan

    def finish(self, tally: RecordingTally) -> RunReport:
        """Write what lets the run be understood into every output folder, and sum it up.

        Raises:
            OutputError: It cannot be written.
        """
        self._begin_finish(tally)
        return self._sum_up(tally, self._write_records(tally))

    async def finish_async(self, tally: RecordingTally) -> RunReport:
        """As `finish`, but leave the thread of the caller, in which an app's window lives, alone while files are made.

        Raises:
            OutputError: They cannot be written, or take longer than `FINISH_SECONDS`.
        """
        self._begin_finish(tally)
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                sheets = await asyncio.to_thread(self._write_records, tally)
        except TimeoutError as error:
            raise OutputError(f"waited {FINISH_SECONDS:g} s for run.json and the contact sheets, in vain") from error
        return self._sum_up(tally, sheets)

    def _begin_finish(self, tally: RecordingTally) -> None:
        self.reporter.phase("finish")
        for text, each in grouped_warnings(tally.warnings).items():
            self.reporter.warning(text, each)

    def _write_records(self, tally: RecordingTally) -> dict[str, Path]:
        """Write the records of the run and draw contact sheets; return those by writer."""
        recorded = tuple(chain.from_iterable(self.reporter.warnings.values()))
        record = run_record(replace(self._report(tally, {}), warnings=recorded))
        happened = actor_event_lines(tally.actor_events)
        sheets = {}
        for writer in self._plan.writers:
            if not writer.frames or not writer.cameras or not tally.frames:
                continue
            sink = LocalSink(writer.output_dir)
            sink.write("run.json", record)
            if happened:
                sink.write(ACTOR_EVENTS_FILE, happened)
            else:
                sink.remove(ACTOR_EVENTS_FILE)  # an earlier run's
            sheet = contact_sheet(sink, writer.output_dir, title=_title(self._loaded))
            if sheet is not None:
                sheets[writer.config.key] = sheet
        return sheets

    def _sum_up(self, tally: RecordingTally, sheets: dict[str, Path]) -> RunReport:
        self.reporter.stop()
        return self._report(tally, sheets)

    def _warn_of_missing_cameras(self) -> None:
        """Warn of writers without a camera where the config seems to have some; else its own warnings say it."""
        config = self._loaded.config
        cameras = any(group.num for group in (config.sensor.groups if config.sensor else ()))
        if not cameras and not any(group.write_data for group in (config.robot.groups if config.robot else ())):
            return
        for writer in self._plan.writers:
            if not writer.cameras:
                self.reporter.warning(
                    f"{writer.config.key} records nothing: there is no camera; add a group under sensor.groups, or "
                    f"name cameras of the stage in sensor_prim_list"
                )

    def _report(self, tally: RecordingTally, sheets: dict[str, Path]) -> RunReport:
        return RunReport(
            seed=self._loaded.config.seed,
            output_dirs={writer.config.key: writer.output_dir for writer in self._plan.writers},
            contact_sheets=sheets,
            frames_planned=len(self._plan.frames),
            frames=len(tally.frames),
            views=tally.views,
            boxes=tally.boxes,
            objects=len(tally.objects),
            actors=self._actors,
            cameras=self._cameras,
            warnings=tuple(self.reporter.warnings),
            cancelled=len(tally.frames) < len(self._plan.frames),
            seconds=dict(self.reporter.seconds),
            events=tuple(sorted((*self._plan.events, *tally.events), key=lambda event: event.frame)),
        )


@contextmanager
def placing_problems(loaded: LoadedConfig) -> Iterator[None]:
    """Add to the problems of every ConfigError that leaves the block where in the file they stand."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError([loaded.placed(problem) for problem in error.problems]) from error


def check_recordable(loaded: LoadedConfig) -> None:
    """Refuse a job that would write nothing.

    Raises:
        ConfigError: There is no writer, or every writer starts after the end.
    """
    config = loaded.config
    if config.replicator is None or not config.replicator.writers:
        raise ConfigError([Problem("replicator.writers", f"nothing to record: {_NO_WRITER}")])
    count = frame_count(config)
    if all(writer.start_frame >= count for writer in config.replicator.writers):
        first = min(writer.start_frame for writer in config.replicator.writers)
        raise ConfigError(
            [
                Problem(
                    "replicator.writers",
                    f"nothing to record: the run has {count} frames (30 per second) and the first writer starts at "
                    f"frame {first}; make simulation_duration longer or start_frame smaller (it is 30 by default)",
                )
            ]
        )


def _title(loaded: LoadedConfig) -> str:
    """Return the contact sheet's first line: where the run took place and what ruled it, the same on every machine."""
    stage = loaded.config.environment.base_stage_asset_path.partition("?")[0].replace("\\", "/")
    return f"{Path(stage).stem}, seed {loaded.config.seed}"

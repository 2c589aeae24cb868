"""One job from config to dataset, on any host: load, set up, record, finish."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from isaacsim_agent_ext.config.load import LoadedConfig, dump_config
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.hosts.protocol import Host, HostOptions, RecordingTally
from isaacsim_agent_ext.session.progress import Reporter, SilentReporter
from isaacsim_agent_ext.session.recording import RecordingPlan, frame_count, plan_recording
from isaacsim_agent_ext.session.report import RunReport, run_record
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.contact_sheet import contact_sheet
from isaacsim_agent_ext.writers.registry import check_writers


class _Stopwatch:
    """Passes everything on to a reporter and remembers how long each phase took and what was warned of."""

    def __init__(self, reporter: Reporter):
        self._reporter = reporter
        self._phase: str | None = None
        self._since = 0.0
        self.seconds: dict[str, float] = {}
        self.warnings: dict[str, None] = {}

    def phase(self, name: str, detail: str = "") -> None:
        self.stop()
        self._phase, self._since = name, time.perf_counter()
        self._reporter.phase(name, detail)

    def stop(self) -> None:
        if self._phase is not None:
            spent = time.perf_counter() - self._since
            self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + spent
        self._phase = None

    def frames(self, done: int, total: int) -> None:
        self._reporter.frames(done, total)

    def warning(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings[text] = None
            self._reporter.warning(text)


def run_job(
    loaded: LoadedConfig,
    host: Host,
    *,
    options: HostOptions | None = None,
    output: Path | None = None,
    reporter: Reporter | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RunReport:
    """Run one job to its end.

    Args:
        loaded: The config, from `isaacsim_agent_ext.config.load`.
        host: Where to run it.
        options: The machine's share: asset root, device, workers.
        output: Output folder in place of the config's (see `isaacsim_agent_ext.session.recording.output_dirs`).
        reporter: Hears of phases, frames and warnings.
        cancelled: Asked at every frame boundary; once true, the run ends there with everything written whole.

    Raises:
        AgentError: See `isaacsim_agent_ext.errors`; nothing was written if the set-up failed.
    """
    watch = _Stopwatch(reporter or SilentReporter())
    watch.phase("config", str(loaded.path or ""))
    for problem in loaded.warnings:
        watch.warning(str(problem))
    _check_recordable(loaded)
    if loaded.config.replicator:
        check_writers(loaded.config.replicator.writers)

    with _open_scenario(loaded, host, options or HostOptions(), watch) as scenario:
        for text in scenario.warnings:
            watch.warning(text)
        plan = plan_recording(loaded.config, scenario.cameras, output=output)
        _warn_of_empty_writers(plan, watch)
        watch.phase("generate")
        tally = scenario.record(plan, watch, cancelled)
        actors, cameras = scenario.actor_count, tuple(scenario.cameras)

    watch.phase("finish")
    for text in tally.warnings:
        watch.warning(text)
    sheets = _write_run_files(loaded, plan, tally, watch, actors=actors, cameras=cameras)
    watch.stop()
    return _report(loaded, plan, tally, watch, actors=actors, cameras=cameras, sheets=sheets)


@contextmanager
def _open_scenario(loaded: LoadedConfig, host: Host, options: HostOptions, reporter: Reporter) -> Iterator:
    scenario = host.set_up(loaded, options, reporter)
    try:
        yield scenario
    finally:
        scenario.close()


def _check_recordable(loaded: LoadedConfig) -> None:
    """Refuse a job that would write nothing, before anything is loaded."""
    config = loaded.config
    if config.replicator is None or not config.replicator.writers:
        raise ConfigError(
            [
                Problem(
                    "replicator.writers",
                    "nothing to record: the config has no writer; add one, for instance "
                    "`replicator: {writers: {IRABasicWriter: {}}}`",
                    file=str(loaded.path) if loaded.path else None,
                )
            ]
        )
    count = frame_count(config)
    if all(writer.start_frame >= count for writer in config.replicator.writers):
        first = min(writer.start_frame for writer in config.replicator.writers)
        raise ConfigError(
            [
                Problem(
                    "replicator.writers",
                    f"nothing to record: the run has {count} frames (30 per second) and the first writer starts at "
                    f"frame {first}; make simulation_duration longer or start_frame smaller (it is 30 by default)",
                    file=str(loaded.path) if loaded.path else None,
                )
            ]
        )


def _warn_of_empty_writers(plan: RecordingPlan, reporter: Reporter) -> None:
    for writer in plan.writers:
        if not writer.frames:
            reporter.warning(
                f"{writer.config.key} records nothing: it starts at frame {writer.config.start_frame} and the run "
                f"has {plan.frame_count} frames"
            )
        if not writer.cameras:
            reporter.warning(
                f"{writer.config.key} records nothing: there is no camera; add a group under sensor.groups, or name "
                f"cameras of the stage in sensor_prim_list"
            )


def _write_run_files(
    loaded: LoadedConfig,
    plan: RecordingPlan,
    tally: RecordingTally,
    watch: _Stopwatch,
    *,
    actors: int,
    cameras: tuple[str, ...],
) -> dict[str, Path]:
    """Write what lets a run be understood and repeated into every output folder; return the contact sheets."""
    report = _report(loaded, plan, tally, watch, actors=actors, cameras=cameras, sheets={})
    sheets = {}
    for writer in plan.writers:
        if not writer.frames or not writer.cameras or not tally.frames:
            continue
        sink = LocalSink(writer.output_dir)
        sink.write("config.yaml", dump_config(loaded.resolved).encode())
        sink.write("run.json", run_record(report))
        sheet = contact_sheet(sink, writer.output_dir, title=_title(loaded))
        if sheet is not None:
            sheets[writer.config.key] = sheet
    return sheets


def _title(loaded: LoadedConfig) -> str:
    """Return the contact sheet's first line: where the run took place and what ruled it, the same on every machine."""
    stage = loaded.config.environment.base_stage_asset_path.partition("?")[0].replace("\\", "/")
    return f"{Path(stage).stem}, seed {loaded.config.seed}"


def _report(
    loaded: LoadedConfig,
    plan: RecordingPlan,
    tally: RecordingTally,
    watch: _Stopwatch,
    *,
    actors: int,
    cameras: tuple[str, ...],
    sheets: dict[str, Path],
) -> RunReport:
    return RunReport(
        seed=loaded.config.seed,
        output_dirs={writer.config.key: writer.output_dir for writer in plan.writers},
        contact_sheets=sheets,
        frames_planned=len(plan.frames),
        frames=len(tally.frames),
        views=tally.views,
        boxes=tally.boxes,
        objects=len(tally.objects),
        actors=actors,
        cameras=cameras,
        warnings=tuple(watch.warnings),
        cancelled=len(tally.frames) < len(plan.frames),
        seconds=dict(watch.seconds),
    )

"""One job from config to dataset, on any host: load, set up, record, finish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.hosts.protocol import AsyncHost, Host, HostOptions
from isaacsim_agent_ext.session.event_log import EventPort, SimulationEvent
from isaacsim_agent_ext.session.job import Job, placing_problems
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.report import RunReport


def run_job(
    loaded: LoadedConfig,
    host: Host,
    *,
    options: HostOptions | None = None,
    output: Path | None = None,
    reporter: Reporter | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    events: Sequence[SimulationEvent] | None = None,
) -> RunReport:
    """Run one job to its end. Without a writer that is a rehearsal: the world is simulated, and nothing written.

    Args:
        loaded: The config, from `isaacsim_agent_ext.config.load`.
        host: Where to run it.
        options: The machine's share: asset root, device, workers.
        output: Output folder in place of the config's (see `isaacsim_agent_ext.session.recording.output_dirs`).
        reporter: Hears of phases, frames and warnings.
        cancelled: Asked at every frame boundary; once true, the run ends there with everything written whole.
        events: Events that reach the actors, from `isaacsim_agent_ext.session.event_script`, in place of the config's
            ``event_script``; None for those of the script.

    Raises:
        AgentError: See `isaacsim_agent_ext.errors`; nothing was written if the set-up failed.
    """
    job = Job(loaded, output=output, reporter=reporter, events=events, needs_writer=False)
    job.begin()
    with placing_problems(loaded):
        scenario = host.set_up(loaded, options or HostOptions(), job.reporter)
    try:
        tally = scenario.record(job.plan(scenario), job.reporter, cancelled)
    finally:
        scenario.close()
    return job.finish(tally)


async def run_job_async(
    loaded: LoadedConfig,
    host: AsyncHost,
    *,
    options: HostOptions | None = None,
    output: Path | None = None,
    reporter: Reporter | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    events: Sequence[SimulationEvent] | None = None,
    port: EventPort | None = None,
) -> RunReport:
    """Run one job to its end on a host with an update loop; as `run_job`.

    Args:
        loaded: As for `run_job`, as are all arguments not named here.
        host: Where to run it.
        options: See `run_job`.
        output: See `run_job`.
        reporter: See `run_job`.
        cancelled: See `run_job`.
        events: See `run_job`.
        port: Lets events in and tells of triggers while the simulation runs.

    Raises:
        AgentError: As for `run_job`.
    """
    job = Job(loaded, output=output, reporter=reporter, events=events)
    job.begin(host.hosted_writers)
    with placing_problems(loaded):
        scenario = await host.set_up(loaded, options or HostOptions(), job.reporter)
    try:
        tally = await scenario.record(job.plan(scenario), job.reporter, cancelled, port=port)
    finally:
        await scenario.close()
    return await job.finish_async(tally)

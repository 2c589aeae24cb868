"""What the extension does after its start: what its settings say, from a config to an exit code."""

from __future__ import annotations

import omni.kit.app

from isaacsim_agent_ext import api
from isaacsim_agent_ext.errors import AgentError, ConfigError, Problem, RunCancelled
from isaacsim_agent_ext.hosts.kit.app import next_updates, quit_app, tell, tell_error, until
from isaacsim_agent_ext.hosts.kit.host import REPLICATOR, KitHost
from isaacsim_agent_ext.hosts.kit.settings import ROOT, StartUp, host_options, read_start_up

READY_SECONDS = 900.0
"""Longest that the app may take to start [s]."""


async def start_up(host: KitHost) -> None:
    """Offer our writers to Replicator, load the config of the settings, and generate if they say so."""
    start = read_start_up()
    exit_code = 1
    try:
        exit_code = await _begin(host, start)
    except Exception as error:
        tell_error(str(error) if isinstance(error, AgentError) else f"{type(error).__name__}: {error}")
    if start.autorun and start.quit_when_done:
        quit_app(exit_code)


async def _begin(host: KitHost, start: StartUp) -> int:
    """Wait for the app, then follow the settings; return the exit code that tells how it went."""
    app = omni.kit.app.get_app()
    if hasattr(app, "is_app_ready"):
        await until(app.is_app_ready, READY_SECONDS, "the app to start")
    await next_updates()
    if app.get_extension_manager().is_extension_enabled(REPLICATOR):
        host.replicators_writers()
    options = host_options()
    api.set_options(asset_root=options.asset_root, allow_plugins=options.allow_plugins, output=start.output_dir)
    return await _follow(start)


async def _follow(start: StartUp) -> int:
    """Load and generate; return the exit code that tells how it went."""
    if start.config is None:
        if not start.autorun:
            return 0
        api.session().refuse(
            ConfigError([Problem("", f"{ROOT}autorun is set, but no config; set {ROOT}config to its path")])
        )
        return ConfigError.exit_code
    if not api.load_config_file(start.config):
        return _exit_code()
    if start.seed is not None and not api.update_config("seed", start.seed):
        return _exit_code()
    if not start.autorun:
        return 0
    if await api.start_data_generation_async():
        report = api.get_progress().report
        assert report is not None
        folders = ", ".join(str(folder) for folder in report.output_dirs.values())
        tell(f"data generation is done: {report.frames} frames in {folders}")
        return 0
    return _exit_code()


def _exit_code() -> int:
    """Return the exit code of what went wrong last, the same as on the command line."""
    if api.get_progress().state == "cancelled":
        return RunCancelled.exit_code
    return int(getattr(api.get_last_error(), "exit_code", 1))

"""The script-editor API: the same functions inside Isaac Sim and in plain Python.

::

    from isaacsim_agent_ext import api

    api.load_config_file("warehouse.yaml")
    api.update_config("character.groups.workers.num", 20)
    api.start_data_generation()                # returns at once; api.get_progress() tells how far it is
    api.wait()                                 # in plain Python only: inside Kit, await the _async form

Functions that can fail return False then, and the user is told why: in Kit by a notification and a line in the log, in
plain Python through ``logging``, which prints on standard error by default. `get_last_error` has it too. Paths are
dotted keys below the root key, with list positions as numbers: ``environment.prop_asset_paths.0``. In place of a dotted
text any function takes a sequence of keys, for keys that have dots in them.

The host is chosen when the first function is called: Kit when an app is running in this process, else the standalone
host. Importing this module loads and starts nothing.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isaacsim_agent_ext.events import Callback, Subscription
    from isaacsim_agent_ext.session.agent_session import AgentSession, Progress
    from isaacsim_agent_ext.session.event_log import SimulationEvent
    from isaacsim_agent_ext.session.progress import Reporter
    from isaacsim_agent_ext.session.report import RunReport
    from isaacsim_agent_ext.session.runtime import Runtime

ConfigPath = str | Sequence[str | int]

_lock = threading.Lock()
_session: AgentSession | None = None


# ---- the config ------------------------------------------------------------------------------------------------


def load_config_file(file_path: str | Path, set_config: bool = True) -> bool:
    """Read and check a config file.

    Args:
        file_path: The YAML file.
        set_config: Make it the current config; otherwise it is only checked.

    Returns:
        Whether it is valid; when not, the current config stays as it was.
    """
    from isaacsim_agent_ext import events

    current = session()

    def load() -> None:
        loaded = current.config.load(file_path, keep=set_config)
        if set_config:
            current.runtime.events.dispatch(events.CONFIG_LOADED, {"path": str(loaded.path)})

    return _succeeds(load)


def save_config_file(
    file_path: str | Path | None = None, exclude_unset: bool = True, exclude_defaults: bool = False
) -> bool:
    """Write the current config to a file, which becomes the current file.

    Comments, the order of keys and everything else that was not edited stay as the user wrote them.

    Args:
        file_path: The file; the current one by default.
        exclude_unset: Write only what the config says; otherwise every key that has a default, too.
        exclude_defaults: Leave out keys that have their defaults.

    Returns:
        Whether it was written.
    """
    config = session().config
    return _succeeds(lambda: config.save(file_path, exclude_unset=exclude_unset, exclude_defaults=exclude_defaults))


def get_config_file_path() -> str | None:
    """Return the file tied to the current config, or None."""
    path = session().config.path
    return None if path is None else str(path)


def get_config(path: ConfigPath | None = None) -> Any:
    """Return the current config, or the value at ``path``, with every default filled in.

    Returns:
        A copy: maps whose keys can be used as attributes, lists, texts and numbers. None when no config is loaded, or
        ``path`` leads nowhere.
    """
    return session().config.get(path)


def set_config(config: Mapping[str, Any], file_path: str | Path | None = None) -> bool:
    """Replace the current config; of its text, only what differs is rewritten.

    Args:
        config: A config as `get_config` returns it, or any map of the same form.
        file_path: The file to tie it to, without writing it; the current one by default.

    Returns:
        Whether it is valid; when not, the current config stays as it was.
    """
    current = session()
    return _succeeds(lambda: current.config.replace(config, file_path))


def update_config(path: ConfigPath, new_value: Any) -> bool:
    """Set one value of the current config.

    Returns:
        Whether the config is valid with it; when not, nothing changes. Nor does a name of a group or writer that does
        not exist make a new one: that is `add_config_item`.
    """
    return _succeeds(lambda: session().config.update(path, new_value))


def add_config_item(path: ConfigPath, value: Any, key: str | int | None = None) -> bool:
    """Add an item to a list, or an entry to a map, of the current config.

    Args:
        path: Of the list or map.
        value: What to add.
        key: The entry's key; for a list the position it is to have, by default the last.

    Returns:
        Whether the config is valid with it; when not, nothing changes.
    """
    return _succeeds(lambda: session().config.add(path, value, key))


def delete_config_item(path: ConfigPath, key: str | int | None = None) -> bool:
    """Delete an item of a list, or an entry of a map, of the current config.

    Args:
        path: Of the list or map.
        key: The entry's key, or the item's position, by default the last.

    Returns:
        Whether the config is valid without it; when not, nothing changes.
    """
    return _succeeds(lambda: session().config.delete(path, key))


# ---- jobs ------------------------------------------------------------------------------------------------------


def setup_simulation() -> bool:
    """Start building the world of the current config, anew each time; edits of the stage by hand are lost.

    Returns:
        Whether it was started.
    """
    return _succeeds(session().set_up)


async def setup_simulation_async() -> bool:
    """Build the world of the current config.

    Returns:
        Whether it stands.
    """
    return setup_simulation() and await _finished()


def start_data_generation() -> bool:
    """Start writing the dataset of the current config.

    The world is set up first unless it stands as the config describes it.

    Returns:
        Whether it was started.
    """
    return _succeeds(session().generate)


async def start_data_generation_async(will_wait_until_complete: bool = True) -> bool:
    """Write the dataset of the current config; cancelling the awaiting task stops it at a frame boundary.

    Args:
        will_wait_until_complete: Return when it is written; otherwise as `start_data_generation`.

    Returns:
        Whether all of it was written; ``get_progress().report`` tells what and where.
    """
    if not start_data_generation():
        return False
    return await _finished() if will_wait_until_complete else True


def wait(timeout: float | None = None) -> bool:
    """Wait, in plain Python, for what was started last.

    Args:
        timeout: How long [s]; None for as long as it takes.

    Returns:
        Whether it ended well.

    Raises:
        TimeoutError: It still goes on.
        RuntimeError: An event loop runs in this thread, which waiting would block: use the ``_async`` form.
    """
    if _in_event_loop():
        raise RuntimeError("waiting here would block the event loop; await start_data_generation_async() instead")
    work = session().work
    try:
        return work is not None and work.result(timeout)
    except (asyncio.CancelledError, concurrent.futures.CancelledError):
        return False


def cancel() -> bool:
    """Stop what is going on: data generation at the next frame boundary, with everything written so far whole.

    Returns:
        Whether anything was going on.
    """
    return session().cancel()


def pause() -> bool:
    """Make data generation wait at the next frame boundary, until `resume` or `cancel` is called.

    Returns:
        Whether any is going on.
    """
    return session().pause()


def resume() -> bool:
    """Let data generation that was paused go on.

    Returns:
        Whether it was paused.
    """
    return session().resume()


def get_progress() -> Progress:
    """Return how far the session is: state, phase, frames, warnings, and the report of the last run."""
    return session().progress


def get_last_error() -> BaseException | None:
    """Return what made the last function return False, or ended the last job; None after one that went well."""
    return session().last_error


# ---- events ----------------------------------------------------------------------------------------------------


def dispatch_event(name: str, payload: Mapping[str, Any] | None = None) -> bool:
    """Announce an event: actors with an ``event_trigger`` of this name react in the next simulated step.

    The event and its frame are logged in the ``run.json`` beside the data, so that the run can be repeated.

    Args:
        name: The event's name.
        payload: JSON-compatible; ``prim_path`` restricts it to one actor.

    Returns:
        Whether data generation is going on and any actor waits for the event.

    Raises:
        TypeError: The payload is not JSON-compatible.
    """
    return session().dispatch(name, payload)


def observe_event(name: str, callback: Callback) -> Subscription:
    """Call ``callback`` with the payload of every event called ``name``, until the subscription is reset.

    It is called from the thread that dispatches: in plain Python that of the job, so it should return soon.

    Args:
        name: One of `isaacsim_agent_ext.events`, or any other.
        callback: Takes the payload, a map.
    """
    return session().runtime.events.observe(name, callback)


# ---- options, hosts, whole runs --------------------------------------------------------------------------------


def set_options(
    *,
    asset_root: str | None = None,
    device: str = "auto",
    allow_plugins: bool = False,
    output: str | Path | None = None,
    events: Sequence[SimulationEvent] | None = None,
) -> None:
    """Set what belongs to the machine and the user, for all jobs from now on; what is not given gets its default.

    Args:
        asset_root: Isaac Sim assets root, a folder or URL.
        device: ``"cpu"``, ``"cuda:0"`` ... or ``"auto"``; of no account inside Kit.
        allow_plugins: Let code of plug-ins that a config names (``custom_behavior``) run.
        output: Output folder in place of the config's.
        events: Events that reach the actors, such as those of an earlier run, from
            `isaacsim_agent_ext.session.event_script.read_events`; None for those of the config's ``event_script``.
    """
    from isaacsim_agent_ext.session.agent_session import SessionOptions

    session().options = SessionOptions(
        asset_root=asset_root,
        device=device,
        allow_plugins=allow_plugins,
        output=None if output is None else Path(output).expanduser().absolute(),
        events=None if events is None else tuple(events),
    )


def run(
    config: str | Path | Mapping[str, Any],
    *,
    output: str | Path | None = None,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    events: Sequence[SimulationEvent] | None = None,
    asset_root: str | None = None,
    device: str = "auto",
    workers: int | None = 1,
    allow_plugins: bool = False,
    reporter: Reporter | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RunReport:
    """Make a dataset from a config, in plain Python, and return when it is written; the session plays no part.

    Args:
        config: The YAML file, or what stands under the root key.
        output: Output folder in place of the config's.
        overrides: Changes, each ``key.path=value``.
        seed: Replaces the config's seed.
        events: As for `set_options`.
        asset_root: Isaac Sim assets root, a folder or URL.
        device: ``"cpu"``, ``"cuda:0"`` ... or ``"auto"``.
        workers: Processes that record side by side; None for what suits the machine. With more than one, a script needs
            ``if __name__ == "__main__":`` around what it does, as with `multiprocessing`.
        allow_plugins: As for `set_options`.
        reporter: Hears of phases, frames and warnings.
        cancelled: Asked at every frame boundary; once true, the run ends there with everything written whole.

    Raises:
        AgentError: See `isaacsim_agent_ext.errors`.
        RuntimeError: A Kit app is running in this process.
    """
    from isaacsim_agent_ext.config.dump import dump_config
    from isaacsim_agent_ext.config.load import load_config, parse_config
    from isaacsim_agent_ext.config.schema import ROOT_KEY
    from isaacsim_agent_ext.hosts.protocol import HostOptions
    from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
    from isaacsim_agent_ext.session.run import run_job

    if _in_kit():
        raise RuntimeError("run() would block the Kit app; await start_data_generation_async() instead")
    if isinstance(config, Mapping):
        text = dump_config(config.get(ROOT_KEY, config))
        loaded = parse_config(text, overrides=overrides, seed=seed)
    else:
        loaded = load_config(Path(config).expanduser(), overrides=overrides, seed=seed)
    return run_job(
        loaded,
        StandaloneHost(),
        options=HostOptions(asset_root=asset_root, device=device, workers=workers, allow_plugins=allow_plugins),
        output=None if output is None else Path(output).expanduser(),
        reporter=reporter,
        cancelled=cancelled,
        events=events,
    )


def session() -> AgentSession:
    """Return the session behind these functions; the first call makes it, on the host that suits."""
    global _session  # noqa: PLW0603 - one session per process is what these functions are about
    with _lock:
        if _session is None:
            from isaacsim_agent_ext.session.agent_session import AgentSession

            _session = AgentSession(_choose_runtime())
        return _session


def use(runtime: Runtime | None) -> None:
    """End the session, if there is one, and begin a new one on ``runtime``.

    Args:
        runtime: Where it lives; None to choose when the next function is called.
    """
    global _session
    from isaacsim_agent_ext.session.agent_session import AgentSession

    with _lock:
        before, _session = _session, None if runtime is None else AgentSession(runtime)
    if before is not None:
        before.close()


def _in_kit() -> bool:
    """Return whether a Kit app runs in this process: its modules exist nowhere else."""
    return "omni.kit.app" in sys.modules


def _choose_runtime() -> Runtime:
    if _in_kit():
        from isaacsim_agent_ext.hosts.kit.runtime import kit_runtime

        return kit_runtime()
    from isaacsim_agent_ext.session.runtime import StandaloneRuntime

    return StandaloneRuntime()


def _succeeds(action: Callable[[], object]) -> bool:
    """Do something; tell the user why it cannot be done, if so."""
    from isaacsim_agent_ext.errors import AgentError

    current = session()
    current.last_error = None
    try:
        action()
    except AgentError as error:
        current.refuse(error)
        return False
    return True


async def _finished() -> bool:
    """Wait for what was started last, without holding up the event loop."""
    current = session()
    work = current.work
    if work is None:
        return False
    try:
        return await asyncio.shield(asyncio.wrap_future(work))
    except asyncio.CancelledError:
        if work.done():
            return False
        current.cancel()
        raise


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

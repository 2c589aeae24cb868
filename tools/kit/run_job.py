"""Run one job in Isaac Sim without a window: ``./python.sh tools/kit/run_job.py -c CONFIG``.

Ends with 0 when all of the dataset is written, 130 when it was stopped, else the exit code of the error (see
`isaacsim_agent_ext.errors`): 2 for a wrong config, 3 for an asset, and so on. Arguments that begin with ``--/`` are
settings, passed on to the app.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

EXTENSION = "isaacsim_agent_ext"


def main(arguments: Sequence[str]) -> int:
    """Start the app, run the job, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", "--config_file", type=Path, required=True, help="the YAML config")
    parser.add_argument("-o", "--output", type=Path, help="output folder in place of the config's")
    parser.add_argument("--seed", type=int, help="the seed in place of the config's")
    parser.add_argument("--asset-root", default="", help="Isaac Sim assets root, a folder or URL")
    parser.add_argument("--enable", action="append", default=[], metavar="EXTENSION", help="load it with the app")
    parser.add_argument("--window", action="store_true", help="show the app's window")
    options, others = parser.parse_known_args(arguments)
    if not options.config.is_file():
        print(f"{options.config}: there is no such config file", file=sys.stderr)
        return 2
    unknown = [other for other in others if not other.startswith("--/")]
    if unknown:
        parser.error(f"unknown arguments: {' '.join(unknown)}")

    from isaacsim import SimulationApp

    app = SimulationApp({"headless": not options.window, "extra_args": _app_arguments(options.enable, others)})
    try:
        exit_code = app_job(app, options.config, options.output, options.seed, options.asset_root)
    except Exception:
        traceback.print_exc()
        exit_code = 1
    _close(app, exit_code)
    return exit_code


def app_job(app: object, config: Path, output: Path | None, seed: int | None, asset_root: str) -> int:
    """Run the job in a started app and return the exit code."""
    import omni.kit.app
    from omni.kit.async_engine import run_coroutine

    manager = omni.kit.app.get_app().get_extension_manager()
    if not manager.set_extension_enabled_immediate(EXTENSION, True):
        print(f"the app has no extension {EXTENSION}; is the folder named so?", file=sys.stderr)
        return 6
    for _ in range(10):
        app.update()  # type: ignore[attr-defined]

    from isaacsim_agent_ext import api
    from isaacsim_agent_ext.errors import RunCancelled

    api.set_options(asset_root=asset_root or None, output=output)
    if not api.load_config_file(config) or (seed is not None and not api.update_config("seed", seed)):
        return _tell_failure(api.get_last_error())
    task = run_coroutine(api.start_data_generation_async())
    shown = None
    while not task.done():
        if not app.is_running():  # type: ignore[attr-defined]
            print("the app was closed before the job was done", file=sys.stderr)
            return RunCancelled.exit_code
        app.update()  # type: ignore[attr-defined]
        progress = api.get_progress()
        now = (progress.phase, progress.frames)
        if now != shown:
            shown = now
            print(f"{progress.phase} {progress.frames}/{progress.frames_total}", flush=True)
    progress = api.get_progress()
    for text in progress.warnings:
        print(f"warning: {text}", file=sys.stderr)
    if not task.result():
        return RunCancelled.exit_code if progress.state == "cancelled" else _tell_failure(api.get_last_error())
    assert progress.report is not None
    print(f"done: {progress.report.frames} frames, seed {progress.report.seed}")
    for folder in progress.report.output_dirs.values():
        print(f"data: {folder}")
    return 0


def _app_arguments(extensions: Sequence[str], settings: Sequence[str]) -> list[str]:
    """Return what makes the app find this extension, and what the user wants of it."""
    folder = Path(__file__).resolve().parents[2]
    enabled = [word for extension in extensions for word in ("--enable", extension)]
    return ["--ext-folder", str(folder.parent), *enabled, *settings]


def _tell_failure(error: BaseException | None) -> int:
    print(f"failed: {error}", file=sys.stderr)
    return int(getattr(error, "exit_code", 1))


def _close(app: object, exit_code: int) -> None:
    """End the app with an exit code, which Isaac Sim 5.1 does not take."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        app.close(exit_code=exit_code)  # type: ignore[attr-defined]
    except TypeError:
        if exit_code:  # its own close would end the process with 0
            os._exit(exit_code)
        app.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

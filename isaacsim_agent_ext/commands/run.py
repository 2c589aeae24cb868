"""``isaacsim-agent run``: from a config to a dataset."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from isaacsim_agent_ext.commands.interrupt import StopBetweenSteps, cancel_on_interrupt
from isaacsim_agent_ext.commands.terminal import open_reporter

if TYPE_CHECKING:
    from isaacsim_agent_ext.session.report import RunReport

HELP = "make the dataset that a config describes"
DESCRIPTION = """\
Set up the world a config describes, simulate it at 30 steps per second and write the dataset.

The same config and seed always give the same bytes, whatever the device's load and the number of workers. Ctrl-C ends
the run at a frame boundary: what is written is whole, and the summary says where it is. The second
Ctrl-C ends it at once.
"""
EPILOG = """\
examples:
  isaacsim-agent run config.yaml --output out
  isaacsim-agent run config.yaml --set character.groups.workers.num=30 --set seed=7
  isaacsim-agent run config.yaml --frames 60 --workers 1 --device cpu
  isaacsim-agent run config.yaml --event fire_alarm@3 --event restock@5.5:'{"prim_path": "/World/Robots/hubs/iw_hub"}'
  isaacsim-agent schema replicator.writers.IRABasicWriter     (what a writer can record)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("config", type=Path, help="the config, a YAML file")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write here, in place of the config's output_dir")
    add_override_arguments(parser)
    parser.add_argument(
        "--frames",
        type=_positive,
        metavar="N",
        help="simulate N steps (30 per second) in place of simulation_duration",
    )
    parser.add_argument(
        "--device",
        default="auto",
        metavar="NAME",
        help="where pictures are made: cpu, cuda:0, ...; by default the first GPU there is, else the CPU",
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        metavar="N",
        help="processes that record side by side; by default one per core on a CPU, up to four on a GPU",
    )
    parser.add_argument(
        "--asset-root",
        metavar="PATH",
        help="Isaac Sim assets root, a folder or URL; by default $ISAACSIM_AGENT_ASSET_ROOT, else the stand-in pack",
    )
    parser.add_argument(
        "--events",
        type=Path,
        metavar="FILE",
        help="events that reach the actors, in place of the config's event_script: a script, or the run.json of an "
        "earlier run to repeat",
    )
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="NAME@SECONDS[:JSON]",
        help="let an event reach the actors at a time, with a payload or without; as often as needed",
    )
    parser.add_argument(
        "--allow-plugins",
        action="store_true",
        help="let code of plug-ins run that the config names (custom_behavior); only if you trust them",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors and the summary")


def add_override_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that change a config, shared with `validate`."""
    parser.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY.PATH=VALUE",
        help="change one key of the config, as often as needed; VALUE is YAML",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the seed, in place of the config's")


def execute(arguments: argparse.Namespace) -> int:
    """Run the job; return 0, or 130 when the user stopped it."""
    with cancel_on_interrupt() as cancelled:  # before the imports: OpenUSD's swallow a Ctrl-C
        report = _run(arguments, cancelled)
    if arguments.json:
        print(json.dumps({"ok": not report.cancelled, "report": report.to_json()}))
    else:
        print(summary(report))
    return 130 if report.cancelled else 0


def _run(arguments: argparse.Namespace, cancelled: Callable[[], bool]) -> RunReport:
    from isaacsim_agent_ext.config.load import load_config
    from isaacsim_agent_ext.hosts.protocol import HostOptions
    from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
    from isaacsim_agent_ext.session.event_script import parse_event, read_events, scripted_events
    from isaacsim_agent_ext.session.run import run_job
    from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND

    overrides = list(arguments.overrides)
    if arguments.frames is not None:
        overrides.append(f"simulation_duration={arguments.frames / FRAMES_PER_SECOND!r}")
    loaded = load_config(arguments.config, overrides=overrides, seed=arguments.seed)
    events = scripted_events(loaded) if arguments.events is None else read_events(arguments.events)
    events += tuple(parse_event(text) for text in arguments.event)
    if loaded.seed_drawn and not arguments.json:
        print(f"seed {loaded.config.seed} (drawn; --seed {loaded.config.seed} repeats this run)", file=sys.stderr)
    with open_reporter(quiet=arguments.quiet or arguments.json) as reporter:
        return run_job(
            loaded,
            StandaloneHost(),
            options=HostOptions(
                asset_root=arguments.asset_root,
                device=arguments.device,
                workers=arguments.workers,
                allow_plugins=arguments.allow_plugins,
            ),
            output=arguments.output,
            reporter=StopBetweenSteps(reporter, cancelled),
            cancelled=cancelled,
            events=events,
        )


def summary(report: RunReport) -> str:
    """Return the lines that a finished run leaves on the terminal."""
    state = "stopped early" if report.cancelled else "done"
    total = sum(report.seconds.values())
    if not report.output_dirs:
        lines = [f"{state}: simulated {count(report.actors, 'actor')}, seed {report.seed}; nothing was recorded"]
    else:
        lines = [_recorded(report, state)]
    if report.boxes is not None:
        lines.append(f"labels: {count(report.boxes, 'box', 'boxes')} on {count(report.objects, 'object')}")
    rate = f", recording at {report.frames_per_second:.2f} frames/s" if report.output_dirs else ""
    lines.append(f"time: {total:.1f} s{rate}")
    for key, folder in report.output_dirs.items():
        lines.append(f"data: {folder}" + (f" ({key})" if len(report.output_dirs) > 1 else ""))
    lines += [f"look: {sheet}" for sheet in report.contact_sheets.values()]
    if report.warnings:
        lines.append(f"{count(len(report.warnings), 'warning')}:")
        lines += [f"  {text}" for text in report.warnings]
    return "\n".join(lines)


def _recorded(report: RunReport, state: str) -> str:
    return (
        f"{state}: {report.frames} of {count(report.frames_planned, 'frame')}, {count(report.views, 'image')} from "
        f"{count(len(report.cameras), 'camera')}, {count(report.actors, 'actor')}, seed {report.seed}"
    )


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)

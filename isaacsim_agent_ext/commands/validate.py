"""``isaacsim-agent validate``: every mistake in a config and the files it names, without loading assets."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from isaacsim_agent_ext.commands.run import add_override_arguments

if TYPE_CHECKING:
    from isaacsim_agent_ext.config.load import LoadedConfig

HELP = "find every mistake in a config, without loading assets"
DESCRIPTION = """\
Check a config against the schema and against the rules a schema cannot say, and then the files it names: robots' files,
behavior trees, the script of events. All mistakes are told at once, each with file, line and column, what was found,
what is allowed and the nearest valid name.
"""
EPILOG = """\
examples:
  isaacsim-agent validate config.yaml
  isaacsim-agent validate config.yaml --set simulation_duration=5 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("config", type=Path, nargs="+", help="configs, YAML files")
    add_override_arguments(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Check every file; the first wrong one's problems are raised after all were looked at."""
    from isaacsim_agent_ext.config.load import load_config
    from isaacsim_agent_ext.errors import ConfigError, Problem

    results: list[dict[str, object]] = []
    problems: list[Problem] = []
    for path in arguments.config:
        try:
            loaded = load_config(path, overrides=arguments.overrides, seed=arguments.seed)
            warnings = [*map(str, loaded.warnings), *_of_named_files(loaded)]
        except ConfigError as error:
            problems += error.problems
            continue
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        results.append({"file": str(path), "warnings": warnings})
    if problems:
        raise ConfigError(problems)
    if arguments.json:
        print(json.dumps({"ok": True, "files": results}))
    else:
        for result in results:
            print(f"{result['file']}: valid")
    return 0


def _of_named_files(loaded: LoadedConfig) -> tuple[str, ...]:
    """Check the files that a config names; most name none, and are spared the libraries that takes."""
    from isaacsim_agent_ext.actors.trees.find import named_trees

    config = loaded.config
    if config.robot is None and config.event_script is None and not any(named_trees(config)):
        return ()
    from isaacsim_agent_ext.session.named_files import check_named_files

    return check_named_files(loaded)

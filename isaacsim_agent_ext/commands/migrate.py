"""``isaacsim-agent migrate``: configs and command files of Replicator Agent 0.x, converted."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isaacsim_agent_ext.migration.migrate import Migration

HELP = "convert a config and command files of version 0"
DESCRIPTION = """\
Convert a config of Replicator Agent 0.x (Isaac Sim 5.1 and before), and the command files that go with it, to a config
of version 1. What changed is shown as a diff, and told key by key; what version 1 has nothing for is kept as comments.
The new config is valid when it is written. Without --output it is only shown.
"""
EPILOG = """\
examples:
  isaacsim-agent migrate old.yaml
  isaacsim-agent migrate old.yaml --output new.yaml
  isaacsim-agent migrate old.yaml --commands people.txt --robot-commands robots.txt --output new.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("config", type=Path, metavar="OLD", help="the old config, a YAML file")
    parser.add_argument(
        "--commands", type=Path, metavar="FILE", help="the people's commands, in place of the config's command_file"
    )
    parser.add_argument(
        "--robot-commands", type=Path, metavar="FILE", help="the robots' commands, in place of robot.command_file"
    )
    parser.add_argument(
        "--output", type=Path, metavar="NEW", help="write the new config to this file, which must be new"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Convert, write if asked to, and tell what changed."""
    from isaacsim_agent_ext.migration.migrate import migrate_config

    if arguments.output is not None:
        _check_is_new(arguments.output)
    migration = migrate_config(arguments.config, commands=arguments.commands, robot_commands=arguments.robot_commands)
    output = None if migration.is_current else arguments.output
    if output is not None:
        from isaacsim_agent_ext.storage.local import LocalSink

        LocalSink(output.parent).write(output.name, migration.text.encode())
    for warning in migration.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(_as_json(migration, output)))
    else:
        print(_as_text(migration, output))
    return 0


def _check_is_new(output: Path) -> None:
    """Refuse a file that is there: it may be the old config, or a new one that somebody has worked on."""
    from isaacsim_agent_ext.errors import ConfigError, Problem

    if output.exists():
        message = "there is such a file already, and it is not overwritten; give another name, or remove it"
        raise ConfigError([Problem("", message, str(output))])


def _as_text(migration: Migration, output: Path | None) -> str:
    lines = []
    if not migration.is_current:
        lines += [migration.diff(str(output or "new config")), "", "what became of each key:"]
    width = max((len(note.place) for note in migration.notes), default=0)
    key_width = min(max((len(note.key) for note in migration.notes), default=0), 36)
    lines += [
        f"  {note.change:7}  {note.place:{width}}  {note.key:{key_width}}  {note.message}" for note in migration.notes
    ]
    if migration.is_current:
        lines.append(f"{migration.source}: valid, and of version 1 already; there is nothing to convert")
    elif output is None:
        lines.append("the new config is valid; nothing was written: give a file by --output")
    else:
        lines.append(f"{output}: written, valid")
    return "\n".join(lines)


def _as_json(migration: Migration, output: Path | None) -> dict[str, object]:
    return {
        "ok": True,
        "converted": not migration.is_current,
        "output": None if output is None else str(output),
        "notes": [asdict(note) for note in migration.notes],
        "warnings": [str(warning) for warning in migration.warnings],
        "diff": migration.diff(str(output or "new config")),
        "config": migration.text,
    }

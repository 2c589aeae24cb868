"""``isaacsim-agent schema``: the keys of a config explained, or the JSON Schema itself."""

from __future__ import annotations

import argparse
import difflib
import json
import textwrap
from typing import TYPE_CHECKING

from isaacsim_agent_ext.errors import ConfigError, Problem

if TYPE_CHECKING:
    from isaacsim_agent_ext.config.describe import KeyDescription

PLACEHOLDERS = ("<name>", "[]")
"""How key paths write a name that the user chooses, and a position in a list."""

HELP = "explain the keys of a config, or print the JSON Schema"
DESCRIPTION = """\
Explain what may stand at a key path: type, default, allowed values, unit and meaning. A name that you choose yourself
(a group, for instance) may be anything, a position in a list is a number. With --json the JSON Schema is printed, for
editors and programs.
"""
EPILOG = """\
examples:
  isaacsim-agent schema
  isaacsim-agent schema character.groups
  isaacsim-agent schema character.groups.any.routines.0.wander
  isaacsim-agent schema replicator.writers.IRABasicWriter
  isaacsim-agent schema --json > agent_config.schema.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("path", nargs="?", default="", help="dotted key path; all keys by default")
    parser.add_argument("--all", action="store_true", help="also the keys below the keys")


def execute(arguments: argparse.Namespace) -> int:
    """Print the explanation or the schema."""
    from isaacsim_agent_ext.config.schema import agent_schema

    if arguments.json:
        print(json.dumps(agent_schema(), indent=2))
        return 0
    print(explain(arguments.path, deep=arguments.all))
    return 0


def explain(path: str, *, deep: bool = False) -> str:
    """Return what may stand at a key path and right below it.

    Args:
        path: Dotted key path; empty for the whole config.
        deep: Also what stands further below.

    Raises:
        ConfigError: There is no such key; the message names the nearest.
    """
    from isaacsim_agent_ext.config.describe import describe, keys

    def line(key: KeyDescription) -> str:
        kind = f"{key.type} [{key.unit}]" if key.unit else key.type
        facts = [kind]
        if key.allowed:
            facts.append(key.allowed)
        if key.required:
            facts.append("required")
        elif key.has_default:
            facts.append(f"default {json.dumps(key.default)}")
        return f"{key.path}  ({', '.join(facts)})\n{textwrap.indent(textwrap.fill(key.description, 96), '    ')}"

    try:
        lines = [line(describe(path))] if path else []
    except KeyError:
        raise ConfigError([_unknown(path)]) from None
    parts = tuple(path.split(".")) if path else ()
    lines += [line(key) for key in keys(path) if deep or len(_steps_below(parts, key)) == 1]
    return "\n".join(lines)


def _steps_below(parts: tuple[str, ...], key: KeyDescription) -> tuple[str, ...]:
    """Return the parts of a key's path below another, without the free name or list position it may begin with.

    Below ``character.groups`` stand the keys of a group, not ``<name>`` alone: that would explain nothing.
    """
    below = tuple(key.path.split("."))[len(parts) :]
    return below[1:] if below[0] in PLACEHOLDERS else below


def _unknown(path: str) -> Problem:
    """Return the problem with a key path that the schema does not know."""
    from isaacsim_agent_ext.config.describe import keys
    from isaacsim_agent_ext.config.schema import schema_at

    parts = tuple(path.split("."))
    known = next(parts[:end] for end in range(len(parts) - 1, -1, -1) if not end or schema_at(parts[:end]) is not None)
    wrong, below = parts[len(known)], [key for key in keys(known) if len(_steps_below(known, key)) == 1]
    paths = {key.key: key.path for key in below}
    near = difflib.get_close_matches(wrong, paths, n=1)
    there = ".".join(known) or "the top"
    hint = f"did you mean `{paths[near[0]]}`?" if near else f"there are: {', '.join(paths) or 'none'}"
    return Problem(path, f"there is no key `{wrong}` at {there}; {hint}", file="<key path>")

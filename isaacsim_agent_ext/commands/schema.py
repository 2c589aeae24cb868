"""``isaacsim-agent schema``: the keys of a config explained, or the JSON Schema itself."""

from __future__ import annotations

import argparse
import difflib
import json
import textwrap

from isaacsim_agent_ext.errors import ConfigError, Problem

HELP = "explain the keys of a config, or print the JSON Schema"
DESCRIPTION = """\
Explain what may stand at a key path: type, default, allowed values, unit and meaning. A name that you choose yourself
(a group, for instance) may be anything. With --json the JSON Schema is printed, for editors and programs.
"""
EPILOG = """\
examples:
  isaacsim-agent schema
  isaacsim-agent schema character.groups.any
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
    from isaacsim_agent_ext.config.describe import KeyDescription, describe, keys

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
    depth = len(path.split(".")) if path else 0
    lines += [line(key) for key in keys(path) if deep or len(key.path.split(".")) <= depth + 1]
    return "\n".join(lines)


def _unknown(path: str) -> Problem:
    """Return the problem with a key path that the schema does not know."""
    from isaacsim_agent_ext.config.describe import keys
    from isaacsim_agent_ext.config.schema import schema_at

    parts = path.split(".")
    known = next(parts[:end] for end in range(len(parts) - 1, -1, -1) if not end or schema_at(parts[:end]) is not None)
    names = [key.key for key in keys(known) if len(key.path.split(".")) == len(known) + 1]
    near = difflib.get_close_matches(parts[len(known)], names, n=1)
    there = ".".join(known) or "the top"
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(names) or 'none'}"
    return Problem(path, f"there is no key `{parts[len(known)]}` at {there}; {hint}", file="<key path>")

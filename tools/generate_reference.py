"""Write the reference pages that come from the code: config keys from the JSON Schema, commands from the parser.

Usage: python tools/generate_reference.py [--check]

With --check nothing is written; the command ends with 1 when a page is stale, and names it. Python words the help of
commands differently from version to version, so that page is written and checked by Python 3.12 only.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # to run as a script where nothing is installed

from isaacsim_agent_ext.command_line import build_parser
from isaacsim_agent_ext.config.describe import allowed_in_words, type_in_words
from isaacsim_agent_ext.config.schema import ROOT_KEY, Schema, agent_schema, definition, is_one_of

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
HELP_PYTHON = (3, 12)
HELP_COLUMNS = 100

# ---- config keys -----------------------------------------------------------------------------------------------

CONFIG_INTRO = f"""# Config reference

Every key of a config file, written from `config/agent_config.schema.json` by `tools/generate_reference.py`.
[Write a config](../how-to/write-a-config.md) explains how to put one together; the folder `config/samples` has
examples that run.

A config is a YAML file with the one key `{ROOT_KEY}` at its root; all keys below stand under it.
A key that is not listed here is an error. Units stand in square brackets after the type. `[min, max]` is a list of
two numbers, the smaller first, from which a value is drawn each time one is needed.
"""

# Heading level, heading, and the definition the section describes.
OUTLINE: tuple[tuple[int, str, str], ...] = (
    (2, "Top level", "agent"),
    (2, "environment", "environment"),
    (2, "character", "character"),
    (3, "Character groups", "characterGroup"),
    (3, "Character behaviors", "characterBehavior"),
    (4, "Character wander", "characterWander"),
    (4, "Character patrol", "characterPatrol"),
    (4, "Character stop", "characterStop"),
    (3, "Behavior tree", "runTree"),
    (3, "Triggers", "characterTrigger"),
    (3, "Colliders", "collider"),
    (2, "robot", "robot"),
    (3, "Robot groups", "robotGroup"),
    (3, "Robot behaviors", "robotBehavior"),
    (4, "Robot wander", "robotWander"),
    (4, "Robot patrol", "robotPatrol"),
    (4, "Robot halt", "robotHalt"),
    (4, "Robot play_animation", "robotPlayAnimation"),
    (2, "sensor", "sensor"),
    (3, "Sensor groups", "sensorGroup"),
    (4, "aim_at_targets", "aimAtTargets"),
    (4, "maximum_coverage", "maximumCoverage"),
    (2, "replicator", "replicator"),
    (3, "Keys of all writers", "writerCommon"),
    (3, "IRABasicWriter", "iraWriterParameters"),
    (3, "CosmosIRAWriter", "CosmosIRAWriter"),
    (3, "SceneGraphWriter", "SceneGraphWriter"),
    (3, "BasicWriter", "BasicWriter"),
    (3, "RTSPWriter", "RTSPWriter"),
    (3, "CustomWriter", "CustomWriter"),
)

HEADINGS = {name: heading for _, heading, name in OUTLINE} | {
    "IRABasicWriter": "IRABasicWriter",
    "robotTrigger": "Triggers",
}

# What a table leaves to another section.
SHARED = {
    "iraWriterParameters": ("writerCommon",),
    "CosmosIRAWriter": ("writerCommon", "iraWriterParameters"),
    "SceneGraphWriter": ("writerCommon", "iraWriterParameters"),
    "BasicWriter": ("writerCommon",),
    "RTSPWriter": ("writerCommon",),
    "CustomWriter": ("writerCommon",),
}

NOTES = {
    "characterTrigger": """Characters and robots have the same triggers; their behaviors differ. Mind the indentation:

```yaml
triggers:
  - event_trigger:
      event: my_test_event
      priority: 10
      behavior:
        - stop: {time_range: [2, 4]}
```""",
    "writerCommon": "Recording starts and ends by frame or by time, not both; the end is exclusive. "
    "Every simulated second has 30 frames.",
}


TABLE_HEAD = "| Key | Type | Default | Allowed | Meaning |\n|---|---|---|---|---|\n"


def config_page() -> str:
    """Return the page of all config keys."""
    parts = [CONFIG_INTRO]
    for level, heading, name in OUTLINE:
        parts.append(f"{'#' * level} {heading}\n")
        schema = definition(name)
        described = agent_schema()["$defs"].get(heading, schema)
        text = described.get("description") or schema.get("description", "")
        parts.extend(f"{paragraph}\n" for paragraph in (text, NOTES.get(name, ""), _what_is_shared(name)) if paragraph)
        rows = list(_rows(schema, name))
        if rows:
            parts.append(TABLE_HEAD + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _what_is_shared(name: str) -> str:
    shared = [f"[{HEADINGS[base]}](#{_anchor(HEADINGS[base])})" for base in SHARED.get(name, ())]
    return f"Its keys, besides those under {' and '.join(shared)}:" if shared else ""


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _rows(schema: Schema, name: str) -> Iterator[str]:
    raw = agent_schema()["$defs"][name]
    elsewhere = {key for base in SHARED.get(name, ()) for key in definition(base)["properties"]} - raw[
        "properties"
    ].keys()
    for key, child in schema["properties"].items():
        if key not in elsewhere:
            required = key in schema.get("required", ())
            yield from _key_rows(key, child, raw["properties"].get(key, {}), required=required)


def _key_rows(key: str, schema: Schema, raw: Schema, *, required: bool) -> Iterator[str]:
    """Yield the row of a key, and those of the keys in it that have no section of their own."""
    yield _row(key, schema, raw, required=required)
    if _section_of(raw) is None:
        yield from _nested_rows(key, schema)


def _nested_rows(prefix: str, schema: Schema) -> Iterator[str]:
    items = schema.get("items", {})
    if "properties" in items and not is_one_of(items):
        yield from _nested_rows(f"{prefix}[]", items)
    for key, child in schema.get("properties", {}).items():
        yield from _key_rows(f"{prefix}.{key}", child, {}, required=key in schema.get("required", ()))


def _section_of(raw: Schema) -> str | None:
    """Return the heading of the section that describes what a key holds."""
    for holder in (raw, raw.get("items", {}), raw.get("additionalProperties", {})):
        target = holder.get("$ref", "").rpartition("/")[2] if isinstance(holder, dict) else ""
        if target in HEADINGS:
            return HEADINGS[target]
    return "Keys of all writers" if "patternProperties" in raw else None


def _row(key: str, schema: Schema, raw: Schema, *, required: bool) -> str:
    unit = f" [{schema['x-unit']}]" if "x-unit" in schema else ""
    section = _section_of(raw)
    kind = type_in_words(schema)
    kind = f"[{kind}](#{_anchor(section)})" if section else kind.replace("[", r"\[")
    default = "**required**" if required else f"`{_yaml(schema['default'])}`" if "default" in schema else ""
    cells = (f"`{key}`", kind + unit, default, allowed_in_words(schema), schema.get("description", ""))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=1000).strip()
    return text.removesuffix("...").strip()


# ---- commands --------------------------------------------------------------------------------------------------

COMMANDS_INTRO = """# Command line

What `isaacsim-agent` can do, written from its own help texts by `tools/generate_reference.py`.
[Run a config](../how-to/run.md) explains how to use it.

Commands: {commands}.
"""

EXIT_CODE = re.compile(r" +(\d+) {2,}(\S.*)")


def command_line_page() -> str:
    """Return the page of all commands and exit codes."""
    parser = build_parser()
    commands = _commands(parser)
    links = ", ".join(f"[{name}](#{name})" for name in commands)
    parts = [COMMANDS_INTRO.format(commands=links)]
    with mock.patch.dict(os.environ, COLUMNS=str(HELP_COLUMNS)):
        for name, command in commands.items():
            parts.append(f"## {name}\n")
            parts.append(f"```console\n$ isaacsim-agent {name} --help\n{command.format_help()}```\n")
    parts.append("## Exit codes\n")
    parts.append("| Code | Meaning |\n|---|---|\n" + "".join(_exit_codes(parser.epilog or "")))
    return "\n".join(parts)


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(subparsers.choices)


def _exit_codes(epilog: str) -> Iterator[str]:
    title, *lines = epilog.strip().splitlines()
    for line in lines:
        match = EXIT_CODE.fullmatch(line)
        if title != "exit codes:" or match is None:
            raise ValueError(f"the epilog of the command line is no list of exit codes: {line!r}")
        yield "| {} | {} |\n".format(*match.groups())


# ---- writing and checking --------------------------------------------------------------------------------------

PAGES: dict[str, Callable[[], str]] = {"config.md": config_page, "command-line.md": command_line_page}


def main(argv: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Write or check the pages in a folder; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the pages are up to date")
    arguments = parser.parse_args(argv)
    stale = False
    for name, page in PAGES.items():
        path = folder / name
        if page is command_line_page and sys.version_info[:2] != HELP_PYTHON:
            version = ".".join(map(str, HELP_PYTHON))
            print(f"{path} is left alone: its help texts are those of Python {version}", file=sys.stderr)
            continue
        text = page()
        if arguments.check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            print(f"{path} is stale: run python tools/generate_reference.py", file=sys.stderr)
            stale = True
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())

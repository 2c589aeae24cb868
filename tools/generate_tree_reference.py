"""Write what comes from the table of behavior-tree nodes: the reference page, and the JSON Schema of tree files.

Usage: python tools/generate_tree_reference.py [--check]

With --check nothing is written; the command ends with 1 when a file is stale, and names it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # to run as a script where nothing is installed

from isaacsim_agent_ext.actors.trees import ports
from isaacsim_agent_ext.actors.trees.library import (
    ACTION,
    COMPOSITE,
    CORE,
    HUMAN,
    MODIFIER,
    NODE_TYPES,
    OURS,
    PEOPLE,
    ROBOT,
    ROBOTS,
    NodeType,
)
from isaacsim_agent_ext.actors.trees.ports import REQUIRED, Port

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "behavior-tree-nodes.md"
SCHEMA = ROOT / "config" / "behavior_tree.schema.json"

INTRO = """# Behavior-tree nodes

Every node and modifier that a behavior tree can have, written from the table in the code by
`tools/generate_tree_reference.py`. [Behavior trees](../how-to/behavior-trees.md) explains how trees are run;
`config/behavior_tree.schema.json` is the JSON Schema of tree files, for completion in editors.

A port is an input of a node. A tree file gives it a value under `portOverrides`, bare (`"duration": 2.0`) or typed
(`"target": {"type": "carb::Float3", "value": [1, 2, 0]}`). Any port can be bound to a blackboard instead:
`{"type": "BlackboardRef", "value": {"blackboard": "local", "key": "goal"}}`; it is then read whenever the node
begins, and the node fails when nothing is there. A *slot* is such a place itself; its key alone will do
(`"slot": "goal"`). The blackboard `local` is the actor's own, `shared` that of all actors of the group.

Units stand in square brackets. A star marks what the libraries of Isaac Sim do not have.
"""

SECTIONS: tuple[tuple[str, str, str | None, str], ...] = (
    ("Composites", COMPOSITE, None, "A composite runs the nodes among its `children`."),
    ("Actions of people and robots", ACTION, None, "These take no time, `Wait` excepted."),
    ("Actions of people", ACTION, PEOPLE, ""),
    ("Actions of robots", ACTION, ROBOTS, ""),
    (
        "Modifiers",
        MODIFIER,
        None,
        "A modifier stands among the `modifiers` of a node and wraps it; the first of several is the outermost.",
    ),
)


def page() -> str:
    """Return the reference page."""
    parts = [INTRO]
    for heading, role, actors, text in SECTIONS:
        kinds = [kind for kind in NODE_TYPES if kind.role == role and (role == MODIFIER or kind.actors == actors)]
        parts.append(f"## {heading}\n")
        parts += [f"{text}\n"] if text else []
        rows = [_row(kind) for kind in kinds if not kind.refused]
        parts.append("| Type | What it does | Ports |\n|---|---|---|\n" + "\n".join(rows) + "\n")
        refused = [
            f"| `{kind.name}` | {kind.refused[0].upper()}{kind.refused[1:]}. |" for kind in kinds if kind.refused
        ]
        if refused:
            parts.append("A tree with one of these is refused when it is set up:\n")
            parts.append("| Type | Why, and what to do |\n|---|---|\n" + "\n".join(refused) + "\n")
    parts.append("## Libraries\n")
    parts.append("The `source` of a node is the library it comes from. It may be left out.\n")
    rows = [
        f"| `{library}` | {', '.join(f'`{kind.name}`' for kind in NODE_TYPES if kind.library == library)} |"
        for library in (CORE, HUMAN, ROBOT, OURS)
    ]
    parts.append("| Library | Types |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(kind: NodeType) -> str:
    star = "\\*" if kind.library == OURS else ""
    return f"| `{kind.name}`{star} | {kind.description} | {'<br>'.join(map(_port, kind.ports)) or 'none'} |"


def _port(port: Port) -> str:
    star = "\\*" if port.ours else ""
    limits = [" or ".join(f"`{choice}`" for choice in port.choices) or " or ".join(port.kinds)]
    limits += [f"at least {port.minimum:g}"] if port.minimum is not None else []
    unit = f" [{port.unit}]" if port.unit else ""
    given = ""
    if port.default is REQUIRED:
        given = ", **required**"
    elif port.default is not None:
        given = f", default `{json.dumps(port.default)}`"
    return f"`{port.name}`{star}: {', '.join(limits)}{unit}{given}. {port.description}"


# ---- JSON Schema -----------------------------------------------------------------------------------------------

_PATTERN = "^(/[^\\W\\d]\\w*)+$"
_VALUES: dict[str, dict[str, Any]] = {
    ports.BOOL: {"type": "boolean"},
    ports.INT: {"type": "integer"},
    ports.FLOAT: {"type": "number"},
    ports.TEXT: {"type": "string"},
    ports.FLOAT2: {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    ports.FLOAT3: {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3},
    ports.PRIM: {"type": "string", "pattern": _PATTERN},
    ports.ANY: {},
    ports.SLOT: {"$ref": "#/$defs/slot"},
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of tree files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:isaacsim-agent-ext:behavior-tree",
        "title": "Behavior tree",
        "description": "What people or robots do, as a tree of nodes.",
        "type": "object",
        "required": ["schemaVersion", "root"],
        "properties": {
            "schemaVersion": {"type": "string", "pattern": "^2\\.", "description": "Version of the format, 2.0.0."},
            "nodeLibraries": {
                "type": "array",
                "description": "The libraries that the nodes come from.",
                "items": {"type": "object", "properties": {"name": {"type": "string"}, "version": {"type": "string"}}},
            },
            "root": {"$ref": "#/$defs/node"},
        },
        "$defs": {
            "slot": {
                "description": "A place on a blackboard: its key, or blackboard and key.",
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {
                        "type": "object",
                        "required": ["key"],
                        "properties": {
                            "blackboard": {"enum": list(ports.BLACKBOARDS)},
                            "key": {"type": "string", "minLength": 1},
                        },
                        "additionalProperties": False,
                    },
                ],
            },
            "typed": {
                "description": "A value with its type, or one bound to a blackboard.",
                "type": "object",
                "required": ["type", "value"],
                "properties": {"type": {"type": "string"}, "value": {}},
                "additionalProperties": False,
            },
            "node": _part("A node.", [kind for kind in NODE_TYPES if kind.role != MODIFIER]),
            "modifier": _part("A modifier.", [kind for kind in NODE_TYPES if kind.role == MODIFIER]),
        },
    }


def _part(description: str, kinds: Sequence[NodeType]) -> dict[str, Any]:
    usable = [kind for kind in kinds if not kind.refused]
    properties: dict[str, Any] = {
        "type": {"enum": [kind.name for kind in usable], "description": "What it is."},
        "source": {"type": "string", "description": "The library it comes from."},
        "name": {"type": "string", "pattern": "^[^/:]+$", "description": "Its name, unique among its siblings."},
        "portOverrides": {"type": "object", "description": "Values of its ports."},
    }
    if usable[0].role != MODIFIER:
        properties["modifiers"] = {"type": "array", "items": {"$ref": "#/$defs/modifier"}}
        properties["children"] = {"type": "array", "items": {"$ref": "#/$defs/node"}}
    return {
        "type": "object",
        "description": description,
        "required": ["type"],
        "properties": properties,
        "allOf": [_conditions(kind) for kind in usable],
    }


def _conditions(kind: NodeType) -> dict[str, Any]:
    """Return what one type of node asks for beyond what all do."""
    then: dict[str, Any] = {
        "description": kind.description,
        "properties": {
            "source": {"const": kind.library},
            "portOverrides": {
                "properties": {port.name: _port_schema(port) for port in kind.ports},
                "additionalProperties": False,
            },
        },
    }
    if kind.role == COMPOSITE:
        then["required"] = ["children"]
        then["properties"]["children"] = {"minItems": 1}
    if kind.role == ACTION:
        then["properties"]["children"] = {"maxItems": 0}
    return {"if": {"properties": {"type": {"const": kind.name}}}, "then": then}


def _port_schema(port: Port) -> dict[str, Any]:
    values: list[dict[str, Any]] = (
        [{"enum": list(port.choices)}] if port.choices else [dict(_VALUES[kind]) for kind in port.kinds]
    )
    for value in values:
        if port.minimum is not None and value.get("type") in ("number", "integer"):
            value["minimum"] = port.minimum
    if port.default == "":
        values.append({"const": ""})
    described: dict[str, Any] = {"description": port.description, "anyOf": [*values, {"$ref": "#/$defs/typed"}]}
    if port.default is not None and port.default is not REQUIRED:
        described["default"] = port.default
    return described


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail when a file is stale")
    options = parser.parse_args(arguments)
    stale = 0
    for file, text in ((PAGE, page()), (SCHEMA, json.dumps(schema(), indent=2) + "\n")):
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if options.check:
            print(f"{file.relative_to(ROOT)} is stale; run python tools/generate_tree_reference.py", file=sys.stderr)
        else:
            file.write_text(text, encoding="utf-8")
            print(f"wrote {file.relative_to(ROOT)}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())

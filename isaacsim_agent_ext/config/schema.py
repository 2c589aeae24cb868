"""The JSON Schema of the agent config, and what can be asked of it.

The file is standard JSON Schema (draft 2020-12), so editors can use it as it is. Here it is also *flattened*: every
``$ref`` replaced by what it points to, every ``allOf`` merged and every pattern written as Python's, which leaves a
plain tree that validation, defaults, help texts, forms and the reference page walk without looking anything up.

Paths are dotted keys below the root key, such as ``character.groups.workers.num``. A map with free keys takes any
name, and a list any position.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from isaacsim_agent_ext.resources import schema_path

ROOT_KEY = "isaacsim.replicator.agent"
"""The one key at the root of a config file."""

Schema = dict[str, Any]
KeyPath = tuple[str | int, ...]

_DEFINITIONS = "#/$defs/"


@dataclass(frozen=True, eq=False)
class Format:
    """A kind of config file.

    Attributes:
        root_key: The one key at its root.
        schema: The flattened schema of what stands under the root key. Treat it as read-only.
    """

    root_key: str
    schema: Schema


@cache
def agent_schema() -> Schema:
    """Return the schema of a whole config file as it stands in the file. Treat it as read-only."""
    schema: Schema = json.loads(schema_path().read_text(encoding="utf-8"))
    return schema


@cache
def section_schema() -> Schema:
    """Return the flattened schema of what stands under the root key. Treat it as read-only."""
    flat: Schema = _flatten(agent_schema()["properties"][ROOT_KEY], definition)
    return flat


def format_of(schema: Schema, root_key: str) -> Format:
    """Return the format of files with another schema.

    Args:
        schema: The schema of a whole file, as it stands in its own; references may point below its ``$defs``.
        root_key: The one key at the root of such files.
    """

    @cache
    def define(name: str) -> Schema:
        flat: Schema = _flatten(schema["$defs"][name], define)
        return flat

    return Format(root_key, _flatten(schema["properties"][root_key], define))


@cache
def agent_format() -> Format:
    """Return the format of the agent config."""
    return Format(ROOT_KEY, section_schema())


@cache
def definition(name: str) -> Schema:
    """Return the flattened schema of what stands under ``$defs``, such as ``"characterGroup"``."""
    flat: Schema = _flatten(agent_schema()["$defs"][name], definition)
    return flat


def _flatten(node: Any, define: Callable[[str], Schema]) -> Any:
    """Return ``node`` without ``$ref``, ``allOf`` and ``unevaluatedProperties``, properties in their order."""
    if isinstance(node, list):
        return [_flatten(item, define) for item in node]
    if not isinstance(node, dict):
        return node
    merged = define(node["$ref"].removeprefix(_DEFINITIONS)) if "$ref" in node else {}
    for base in node.get("allOf", ()):
        merged = merge(merged, _flatten(base, define))
    merged = merge(
        merged, {key: _flatten(value, define) for key, value in node.items() if key not in ("$ref", "allOf")}
    )
    if isinstance(node.get("pattern"), str):
        merged["pattern"] = _python_pattern(node["pattern"])
    if "patternProperties" in node:
        by_pattern = node["patternProperties"].items()
        merged["patternProperties"] = {
            _python_pattern(pattern): _flatten(value, define) for pattern, value in by_pattern
        }
    if "unevaluatedProperties" in merged:
        merged["additionalProperties"] = merged.pop("unevaluatedProperties")
    if "properties" in merged:
        merged.setdefault("type", "object")
        merged["properties"] = dict(sorted(merged["properties"].items(), key=_order))
    return merged


def _python_pattern(pattern: str) -> str:
    """Return a pattern of the schema as Python's, in which ``$`` would also match before a last newline."""
    return pattern.replace("$", r"\Z")


def _order(item: tuple[str, Any]) -> int:
    return int(item[1].get("x-order", 0))


def merge(base: Schema, extra: Mapping[str, Any]) -> Schema:
    """Return ``base`` with ``extra`` laid over it: properties and required keys join, all else is replaced."""
    merged = {**base, **extra}
    if "properties" in base and "properties" in extra:
        merged["properties"] = dict(base["properties"])
        for key, schema in extra["properties"].items():
            merged["properties"][key] = {**base["properties"].get(key, {}), **schema}
    if "required" in base and "required" in extra:
        merged["required"] = list(dict.fromkeys([*base["required"], *extra["required"]]))
    if "dependentSchemas" in base and "dependentSchemas" in extra:
        merged["dependentSchemas"] = {**base["dependentSchemas"], **extra["dependentSchemas"]}
    return merged


def is_one_of(schema: Mapping[str, Any]) -> bool:
    """Return whether the schema is a map of which exactly one key is given, such as a behavior."""
    return bool(schema.get("maxProperties") == 1)


def is_forbidden(schema: Mapping[str, Any]) -> bool:
    """Return whether nothing at all is valid here: the key must not be given."""
    return schema.get("not") == {}


def child_schema(schema: Mapping[str, Any], key: str | int) -> Schema | None:
    """Return the schema of a map's key or of a list's item, or None when there is no such key.

    Of a key that depends on others, such as ``aim_at_targets`` without ``maximum_coverage``, it is the plain form.
    """
    if isinstance(key, int) or (isinstance(key, str) and re.fullmatch(r"\d+|\[\]", key) and "items" in schema):
        return schema.get("items")
    if key in schema.get("properties", {}):
        found: Schema = schema["properties"][key]
        return found
    for pattern, candidate in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            matching: Schema = candidate
            return matching
    free = schema.get("additionalProperties")
    return free if isinstance(free, dict) else None


def schema_at(path: str | Sequence[str | int], within: Schema | None = None) -> Schema | None:
    """Return the flattened schema of a path, or None when the schema knows no such key.

    Args:
        path: Below the root key.
        within: A flattened schema other than the agent config's.
    """
    node: Schema | None = section_schema() if within is None else within
    for key in path_parts(path):
        if node is None:
            return None
        node = child_schema(node, key)
    return node


def path_parts(path: str | Sequence[str | int]) -> KeyPath:
    """Split a dotted path; a sequence comes back as a tuple."""
    if isinstance(path, str):
        return tuple(path.split(".")) if path else ()
    return tuple(path)


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as text, without the root key and without characters that would garble a terminal."""
    below_root = path[1:] if path and path[0] == ROOT_KEY else path
    return ".".join("".join(c if c.isprintable() else "?" for c in str(part)[:80]) for part in below_root)


def allowed_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the JSON types that the schema allows; none means any."""
    allowed = schema.get("type", ())
    return (allowed,) if isinstance(allowed, str) else tuple(allowed)

"""Filling in what a config leaves out, from the defaults of the schema."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from isaacsim_agent_ext.config.schema import Schema, child_schema, is_forbidden, merge, schema_at, section_schema

_CONDITIONS = ("if", "then", "else", "dependentSchemas")


def fill_defaults(section: dict[str, Any]) -> dict[str, Any]:
    """Return a valid section with every default filled in.

    Keys come in the order of the schema, a null that stands for a default becomes that default, and a second spelling
    of a key becomes the first. Filling in twice changes nothing.
    """
    filled: dict[str, Any] = fill(section_schema(), section)
    return filled


def defaults_for(path: str | Sequence[str | int]) -> Any:
    """Return what leaving out the key at ``path`` means; for a map without a default, its keys that have one.

    Raises:
        KeyError: The schema knows no such key, or it has no default.
    """
    schema = schema_at(path)
    if schema is not None and "default" in schema:
        return fill(schema, copy.deepcopy(schema["default"]))
    if schema is not None and schema.get("type") == "object":
        return fill(schema, {})
    raise KeyError(path)


def fill(schema: Schema, value: Any) -> Any:
    """Return a valid value with every default of its flattened schema filled in."""
    if isinstance(value, list):
        return [fill(schema.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = applicable(schema, value)
    properties = schema.get("properties", {})
    spellings = {child["x-alias-of"]: key for key, child in properties.items() if "x-alias-of" in child}
    filled: dict[str, Any] = {}
    for key, child in properties.items():
        if "x-alias-of" in child or is_forbidden(child):
            continue
        given = value.get(key, value.get(spellings.get(key, key)))
        if given is None and "default" in child:
            filled[key] = fill(child, copy.deepcopy(child["default"]))
        elif key in value or given is not None:
            filled[key] = fill(child, given)
    for key in value:
        if key not in properties:
            filled[key] = fill(child_schema(schema, key) or {}, value[key])
    return filled


def applicable(schema: Schema, value: Mapping[str, Any]) -> Schema:
    """Return a map's schema with its conditions (``if``, ``dependentSchemas``) decided for ``value``."""
    if not any(keyword in schema for keyword in _CONDITIONS):
        return schema
    from isaacsim_agent_ext.config.dialect import is_valid

    decided = {keyword: part for keyword, part in schema.items() if keyword not in _CONDITIONS}
    for key, dependent in schema.get("dependentSchemas", {}).items():
        if key in value:
            decided = merge(decided, applicable(dependent, value))
    if "if" in schema:
        branch = "then" if is_valid(schema["if"], value) else "else"
        decided = merge(decided, schema.get(branch, {}))
    return decided

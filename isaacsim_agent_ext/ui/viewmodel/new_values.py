"""What new entries say, and what is kept of old ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from isaacsim_agent_ext.config.defaults import applicable
from isaacsim_agent_ext.config.schema import Schema, child_schema
from isaacsim_agent_ext.ui.viewmodel import schema_kinds as kinds
from isaacsim_agent_ext.ui.viewmodel.form import Kind


def free_name(base: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken: ``base``, or the same with a number behind it."""
    used = set(taken)
    if base not in used:
        return base
    stem = re.sub(r"_\d+$", "", base)
    return next(name for i in range(2, len(used) + 3) if (name := f"{stem}_{i}") not in used)


def name_for_entry(schema: Schema) -> str:
    """Return what to call a new entry of a map with free keys: ``character_group`` for a ``Character group``."""
    title = str(schema.get("title", "")) or "entry"
    return re.sub(r"\W+", "_", title.lower()).strip("_") or "entry"


def initial_value(schema: Schema, given: Mapping[str, Any] | None = None) -> Any:
    """Return what a new value says: only what must be said, from the examples where there are any.

    Args:
        schema: A flattened schema.
        given: What a map says anyway.
    """
    if given is None and "default" in schema:
        return schema["default"]
    if "const" in schema:
        return schema["const"]
    kind = kinds.kind_of(schema)
    if kind is Kind.SECTION:
        value: dict[str, Any] = dict(given or {})
        for _ in range(2):  # a second time for what conditions ask for
            present = applicable(schema, value)
            wanted = [*present.get("required", ())]
            choice = kinds.choice_of(schema)
            if choice is not None and choice.required and not any(key in value for key in choice.keys):
                wanted.append(choice.keys[0])
            for key in wanted:
                if key not in value and key in present.get("properties", {}):
                    value[key] = initial_value(present["properties"][key])
        return value
    if kind is Kind.ONE_OF:
        return {key: initial_value(schema["properties"][key]) for key in list(schema["properties"])[:1]}
    if schema.get("examples"):
        return schema["examples"][0]
    return _plain_initial_value(schema, kind)


def _plain_initial_value(schema: Mapping[str, Any], kind: Kind) -> Any:
    if kind is Kind.GROUP_MAP:
        return {}
    if kind is Kind.ENUM:
        return schema["enum"][0]
    if kind in (Kind.LIST, Kind.RANGE, Kind.VECTOR):
        return [initial_value(schema["items"]) for _ in range(schema.get("minItems", 0))]
    if kind is Kind.BOOLEAN:
        return False
    if kind in kinds.NUMBERS:
        limits = kinds.limits_of(dict(schema))
        low = limits.minimum if limits.minimum is not None else 0
        value = low + (limits.step if limits.exclusive_minimum else 0)
        return int(value) if kind is Kind.INTEGER else float(value)
    return "" if kind in kinds.TEXTS else None


def new_item(schema: Schema, items: Sequence[Any], option: str | None) -> Any:
    """Return a new item for a list."""
    item = schema["items"]
    if kinds.kind_of(item) is Kind.ONE_OF:
        key = option or next(iter(item["properties"]))
        return {key: initial_value(item["properties"][key])}
    if "enum" in item:
        return option or next((one for one in item["enum"] if one not in items), item["enum"][0])
    value = initial_value(item)
    return "" if schema.get("uniqueItems") and isinstance(value, str) and value in items else value


def new_entry(schema: Schema, option: str | None) -> tuple[Any, str]:
    """Return a new entry for a map, and what to call it."""
    by_kind = kinds.kinds_of_entries(schema)
    if by_kind:
        name = option or next(iter(by_kind))
        return initial_value(by_kind[name]), name
    entry = schema.get("additionalProperties")
    entry = entry if isinstance(entry, dict) else {}
    return ("" if not entry else initial_value(entry)), name_for_entry(entry)


def carried(old: Any, schema: Schema) -> Any:
    """Return a value of a schema that says as much of an old one as the schema allows."""
    from isaacsim_agent_ext.config.dialect import is_valid

    if not isinstance(old, dict) or kinds.kind_of(schema) is not Kind.SECTION:
        fits = old not in ({}, None) and is_valid(schema, old)
        return old if fits else initial_value(schema)
    kept = {}
    for key, value in old.items():
        child = child_schema(schema, key)
        if child is not None and is_valid(child, value):
            kept[key] = value
    return initial_value(schema, kept)

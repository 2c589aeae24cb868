"""Checking data against the schema, with findings that say what the author of a config probably meant.

A small evaluator of the keywords that our schema uses, in place of a general library: choices such as ``wander`` or
``patrol`` are followed by their key, so that an error belongs to the branch that was meant; a key in the wrong place is
told where it belongs; and the command line starts 0.1 s sooner. The tests hold it against ``jsonschema``, so other
tools that read the schema file accept and refuse the same configs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from isaacsim_agent_ext.config.describe import keys
from isaacsim_agent_ext.config.schema import (
    ROOT_KEY,
    KeyPath,
    Schema,
    allowed_types,
    child_schema,
    compiled,
    dotted,
    is_forbidden,
    is_one_of,
    merge,
    path_parts,
)
from isaacsim_agent_ext.config.wording import advice, because, code, expected, found, listing, nearest

_CONDITIONS = ("if", "then", "else", "dependentSchemas")
_MOST_KEYS_LISTED = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, by path; `isaacsim_agent_ext.errors.Problem` adds the place in the file.

    Attributes:
        path: Of the key or list item, below the root key.
        message: What was found and what is allowed.
        at_key: Whether the place to show is the key, not the value.
        severity: ``"error"`` or ``"warning"``.
    """

    path: KeyPath
    message: str
    at_key: bool = False
    severity: str = "error"


def applicable(schema: Schema, value: Mapping[str, Any]) -> Schema:
    """Return a map's schema with its conditions (``if``, ``dependentSchemas``) decided for ``value``."""
    if not any(keyword in schema for keyword in _CONDITIONS):
        return schema
    decided = {keyword: part for keyword, part in schema.items() if keyword not in _CONDITIONS}
    for key, dependent in schema.get("dependentSchemas", {}).items():
        if key in value:
            decided = merge(decided, applicable(dependent, value))
    if "if" in schema:
        holds = next(check(schema["if"], value, ()), None) is None
        decided = merge(decided, schema.get("then" if holds else "else", {}))
    return decided


def check(schema: Schema, value: Any, path: KeyPath = ()) -> Iterator[Finding]:
    """Yield what is wrong with ``value``, in no particular order."""
    allowed = allowed_types(schema)
    if allowed and not any(_is_of_type(value, name) for name in allowed):
        yield _mismatch(schema, value, path)
    elif isinstance(value, dict):
        yield from _check_map(applicable(schema, value), value, path)
    elif isinstance(value, list):
        yield from _check_list(schema, value, path)
    elif value is not None and not _is_allowed_scalar(schema, value):
        yield _mismatch(schema, value, path)


def _is_of_type(value: Any, name: str) -> bool:
    match name:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return _is_number(value) and (name == "number" or value == int(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _mismatch(schema: Schema, value: Any, path: KeyPath) -> Finding:
    guess = nearest(value, schema["enum"]) if "enum" in schema and isinstance(value, str) else None
    hint = f", did you mean {code(guess)}?" if guess else advice(value, schema)
    return Finding(path, f"found {found(value)}, expected {expected(schema)}{because(schema)}{hint}")


def _is_allowed_scalar(schema: Schema, value: Any) -> bool:
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str):
        fits = "pattern" not in schema or compiled(schema["pattern"]).search(value) is not None
        return fits and len(value) >= schema.get("minLength", 0)
    if _is_number(value):
        within = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        above = "exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"]
        any_of = schema.get("anyOf")
        return within and above and (any_of is None or any(_is_allowed_scalar(branch, value) for branch in any_of))
    return True


# ---- lists -----------------------------------------------------------------------------------------------------


def _check_list(schema: Schema, value: list[Any], path: KeyPath) -> Iterator[Finding]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield _mismatch(schema, value, path)
        return
    items = schema.get("items")
    wrong = False
    if items is not None:
        for i, item in enumerate(value):
            for finding in check(items, item, (*path, i)):
                wrong = True
                yield finding
    if wrong:
        return
    if schema.get("x-ordered") and value[0] > value[1]:
        yield Finding(path, f"found [{value[0]}, {value[1]}], expected [min, max] with the smaller number first")
    if schema.get("uniqueItems"):
        first: dict[str, int] = {}
        for i, item in enumerate(value):
            if (earlier := first.setdefault(repr(item), i)) != i:
                yield Finding((*path, i), f"found {found(item)} a second time, after item {earlier}; remove it")


# ---- maps ------------------------------------------------------------------------------------------------------


def _check_map(schema: Schema, value: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
    outdented = _outdented_fields(schema, value)
    for key, fields in outdented.items():
        verb = "stands" if len(fields) == 1 else "stand"
        message = f"{listing(fields)} {verb} beside `{key}:`, not inside it; indent by two more spaces"
        yield Finding((*path, fields[0]), message, at_key=True)
        value = {name: item for name, item in value.items() if name not in fields}
    yield from _check_choices(schema, value, path)
    yield from _check_required(schema, value, path)
    for key, item in value.items():
        if key not in outdented:
            yield from _check_entry(schema, key, item, value, path)


def _check_required(schema: Schema, value: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
    """Report missing keys, except those that stand there misspelt: that is one problem, not two."""
    missing = [key for key in schema.get("required", ()) if key not in value]
    if missing:
        unknown = islice((key for key in value if child_schema(schema, key) is None), _MOST_KEYS_LISTED)
        misspelt = {nearest(key, schema.get("properties", ())) for key in unknown}
        for key in missing:
            if key not in misspelt:
                wanted = schema.get("properties", {}).get(key, {})
                reason = because(wanted) if "const" in wanted else ""
                message = f"the key {code(key)} is missing; expected {expected(wanted)}{reason}"
                yield Finding(path, message, at_key=True)


def _check_entry(schema: Schema, key: str, item: Any, siblings: Mapping[str, Any], path: KeyPath) -> Iterator[Finding]:
    """Check one key of a map and its value."""
    here = (*path, key)
    names = schema.get("propertyNames")
    child = child_schema(schema, key)
    if names is not None and not _is_allowed_scalar(names, key):
        yield Finding(here, f"the name {code(key)} cannot be used, expected {expected(names)}", at_key=True)
    elif child is None:
        if schema.get("additionalProperties") is False:
            yield Finding(here, _explain_unknown(key, schema, path), at_key=True)
    elif is_forbidden(child):
        yield Finding(here, f"{code(key)} is not allowed here{because(child)}", at_key=True)
    else:
        canonical = child.get("x-alias-of")
        if canonical is not None and canonical in siblings and siblings[canonical] != item:
            message = f"{code(key)} and {code(canonical)} are the same switch, and differ; keep one of them"
            yield Finding(here, message, at_key=True)
        yield from check(child, item, here)


def _check_choices(schema: Schema, value: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
    """Check the ``oneOf`` and ``not`` of keys that exclude each other, and maps of exactly one key."""
    if is_one_of(schema):
        known = [key for key in value if key in schema["properties"]]
        if not value or len(known) > 1:
            yield Finding(path, f"found {found(value)}, expected {expected(schema)}")
    if "oneOf" in schema:
        choices = [branch["required"][0] for branch in schema["oneOf"]]
        given = [key for key in choices if key in value]
        if len(given) != 1:
            neither = f"found neither {listing(choices, 'nor')}; give one of them"
            yield Finding(path, f"found both {listing(given)}; keep one of them" if given else neither, at_key=True)
    excluded = schema.get("not", {}).get("required", ())
    if excluded and all(key in value for key in excluded):
        yield Finding(path, f"found both {listing(excluded)}; keep one of them", at_key=True)


def _outdented_fields(schema: Schema, value: dict[str, Any]) -> dict[str, list[str]]:
    """Return, by empty key, the keys beside it that belong inside it.

    YAML reads them as siblings when they stand in the same column as the key they are meant for.
    """
    outdented: dict[str, list[str]] = {}
    for key, item in value.items():
        branch = schema.get("properties", {}).get(key)
        if item is None and branch is not None and branch.get("properties"):
            beside = [other for other in value if other in branch["properties"] and child_schema(schema, other) is None]
            if beside:
                outdented[key] = beside
    return outdented


# ---- unknown keys ----------------------------------------------------------------------------------------------


def _explain_unknown(key: str, schema: Schema, path: KeyPath) -> str:
    names = [*schema.get("properties", {}), *(child["title"] for child in schema.get("patternProperties", {}).values())]
    home = _home_of(key, path)
    if home is not None:
        return f"the key {code(key)} does not belong here; it belongs in {code(home)}"
    guess = nearest(key, names)
    if guess is not None:
        return f"unknown key {code(key)}, did you mean {code(guess)}?"
    more = f" and {len(names) - _MOST_KEYS_LISTED} more" if len(names) > _MOST_KEYS_LISTED else ""
    return f"unknown key {code(key)}; allowed here: {', '.join(map(code, names[:_MOST_KEYS_LISTED]))}{more}"


@cache
def _places() -> dict[str, list[KeyPath]]:
    """Return the schema's paths by their last key."""
    places: dict[str, list[KeyPath]] = {}
    for description in keys():
        places.setdefault(description.key, []).append(path_parts(description.path)[:-1])
    return places


def _home_of(key: str, path: KeyPath) -> str | None:
    """Return the path of the map that ``key`` belongs in, the one nearest to ``path`` when there are several."""
    homes = []
    for place in _places().get(key, ()):
        shared = 0
        for part, actual in zip(place, path, strict=False):
            if part != actual and not (part == "<name>" or (part == "[]" and isinstance(actual, int))):
                break
            shared += 1
        homes.append((-shared, len(place), (*path[:shared], *place[shared:])))
    if not homes:
        return None
    home = min(homes, key=lambda entry: entry[:2])[2]
    return dotted(home).replace(".[]", "[]") or ROOT_KEY

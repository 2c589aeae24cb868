"""What the schema says about each key, in words: for help texts, forms and the reference page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.config.schema import KeyPath, Schema, allowed_types, is_one_of, path_parts, schema_at

_TYPE_NAMES = {
    "integer": "integer",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "array": "list",
    "object": "map",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDescription:
    """What the schema says about one key.

    Attributes:
        path: Dotted path below the root key, ``<name>`` for a free key and ``[]`` for any list position.
        key: Last part of the path.
        title: A short name for forms.
        description: One or more whole sentences.
        type: The type in words (``"integer"``, ``"[min, max]"``, ``"list of texts"``).
        allowed: The allowed values in words (``"at least 0"``), or an empty text.
        choices: The allowed values one by one, when there are only a few.
        unit: Unit such as ``"m/s"``, or an empty text.
        required: Whether it must be given.
        has_default: Whether leaving it out means `default`.
        default: What leaving it out means.
        examples: Values that could be given.
    """

    path: str
    key: str
    title: str
    description: str
    type: str
    allowed: str
    choices: tuple[Any, ...]
    unit: str
    required: bool
    has_default: bool
    default: Any
    examples: tuple[Any, ...]


def describe(path: str | Sequence[str | int]) -> KeyDescription:
    """Return what the schema says about the key at ``path``.

    Raises:
        KeyError: The schema knows no such key.
    """
    parts = path_parts(path)
    schema = schema_at(parts)
    if schema is None or not parts:
        raise KeyError(".".join(map(str, parts)))
    parent = schema_at(parts[:-1]) or {}
    return _description(parts, schema, required=parts[-1] in parent.get("required", ()))


def keys(path: str | Sequence[str | int] = (), within: Schema | None = None) -> Iterator[KeyDescription]:
    """Yield the description of every key below ``path``, depth first, in the order of the schema.

    Args:
        path: Below the root key.
        within: A flattened schema other than the agent config's.
    """
    parts = path_parts(path)
    schema = schema_at(parts, within)
    if schema is not None:
        yield from _keys(parts, schema)


def _keys(path: KeyPath, schema: Schema) -> Iterator[KeyDescription]:
    required = schema.get("required", ())
    for key, child in schema.get("properties", {}).items():
        yield _description((*path, key), child, required=key in required)
        yield from _keys((*path, key), child)
    for child in schema.get("patternProperties", {}).values():
        yield _description((*path, child["title"]), child, required=False)
        yield from _keys((*path, child["title"]), child)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _keys((*path, "<name>"), schema["additionalProperties"])
    if isinstance(schema.get("items"), dict):
        yield from _keys((*path, "[]"), schema["items"])


def _description(path: KeyPath, schema: Schema, *, required: bool) -> KeyDescription:
    key = str(path[-1])
    return KeyDescription(
        path=".".join(map(str, path)),
        key=key,
        title=schema.get("title", key),
        description=schema.get("description", ""),
        type=type_in_words(schema),
        allowed=allowed_in_words(schema),
        choices=_choices(schema),
        unit=schema.get("x-unit", ""),
        required=required,
        has_default="default" in schema,
        default=schema.get("default"),
        examples=tuple(schema.get("examples", ())),
    )


def type_in_words(schema: Mapping[str, Any]) -> str:
    """Return the type as one says it: ``"integer"``, ``"[min, max]"``, ``"list of texts"``."""
    if schema.get("x-ordered"):
        return "[min, max]"
    names = [_TYPE_NAMES[name] for name in allowed_types(schema) if name != "null"]
    if names == ["list"]:
        return f"list of {_items_in_words(schema)}"
    if names == ["map"] and ("patternProperties" in schema or isinstance(schema.get("additionalProperties"), dict)):
        return "map by name"
    return " or ".join(names) or "anything"


def _items_in_words(schema: Mapping[str, Any]) -> str:
    item = schema["items"]
    noun = item["title"].lower() if is_one_of(item) else type_in_words(item)
    first, *rest = noun.split(" ")
    plural = " ".join([f"{first}s", *rest])
    length = schema.get("minItems")
    return f"{length} {plural}" if length and length == schema.get("maxItems") else plural


def allowed_in_words(schema: Mapping[str, Any]) -> str:
    """Return the allowed values as one says them, or an empty text: ``"at least 0"``, ``"`png` or `jpg`"``."""
    if "anyOf" in schema:
        return " or ".join(allowed_in_words(branch) for branch in schema["anyOf"])
    if "const" in schema:
        return str(schema["const"])
    if choices := _choices(schema):
        return ", ".join(f"`{value}`" for value in choices)
    return limits_in_words(schema) or limits_in_words(schema.get("items", {}))


def _choices(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(schema.get("enum") or schema.get("items", {}).get("enum", ()))


def limits_in_words(schema: Mapping[str, Any]) -> str:
    """Return the bounds of a number as one says them, or an empty text: ``"at least 0"``, ``"from 0 to 90"``."""
    low, high, above = schema.get("minimum"), schema.get("maximum"), schema.get("exclusiveMinimum")
    if low is not None and high is not None:
        return f"from {low} to {high}"
    if low is not None:
        return f"at least {low}"
    if above is not None:
        return f"above {above}"
    return f"at most {high}" if high is not None else ""

"""What a flattened schema says about how a value is shown: its kind, its limits, and the choices between keys.

Beyond standard JSON Schema these annotations are read: ``format`` (``asset-path``, ``directory``, ``prim-path``),
``contentMediaType`` (a text of several lines), ``x-ordered`` (a range) and ``x-step``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.config.schema import Schema, allowed_types, is_one_of
from isaacsim_agent_ext.config.wording import expected
from isaacsim_agent_ext.ui.viewmodel.form import Kind

_BY_TYPE = {"integer": Kind.INTEGER, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN}
_BY_FORMAT = {"asset-path": Kind.ASSET_PATH, "directory": Kind.FOLDER_PATH, "prim-path": Kind.PRIM_PATH}
TEXTS = frozenset((Kind.TEXT, Kind.MULTILINE, Kind.ENUM, *_BY_FORMAT.values()))
"""Kinds of texts."""

NUMBERS = frozenset((Kind.NUMBER, Kind.INTEGER))
"""Kinds of numbers."""

SCALARS = TEXTS | NUMBERS | {Kind.BOOLEAN}
"""Kinds of a single value."""


def kind_of(schema: Schema) -> Kind:
    """Return how values of a schema are shown."""
    if "enum" in schema:
        return Kind.ENUM
    types = [name for name in allowed_types(schema) if name != "null"]
    if len(types) != 1:
        return Kind.ANY
    if types == ["object"]:
        return _kind_of_map(schema)
    if types == ["array"]:
        return _kind_of_list(schema)
    if types == ["string"]:
        return Kind.MULTILINE if "contentMediaType" in schema else _BY_FORMAT.get(schema.get("format", ""), Kind.TEXT)
    return _BY_TYPE.get(types[0], Kind.ANY)


def _kind_of_map(schema: Schema) -> Kind:
    if is_one_of(schema):
        return Kind.ONE_OF
    if schema.get("properties"):
        return Kind.SECTION
    is_open = "patternProperties" in schema or isinstance(schema.get("additionalProperties"), dict)
    return Kind.GROUP_MAP if is_open else Kind.ANY


def _kind_of_list(schema: Schema) -> Kind:
    item = schema.get("items")
    if not isinstance(item, dict):
        return Kind.ANY
    length = schema.get("minItems")
    if length and length == schema.get("maxItems"):
        item_kind = kind_of(item)
        if item_kind in NUMBERS:
            return Kind.RANGE if schema.get("x-ordered") and length == 2 else Kind.VECTOR
        if item_kind in TEXTS:
            return Kind.VECTOR
    return Kind.LIST


def fits(kind: Kind, schema: Schema, value: Any) -> bool:
    """Return whether a value can be shown by the widgets of a kind, right or wrong."""
    if kind in (Kind.SECTION, Kind.GROUP_MAP, Kind.ONE_OF):
        return isinstance(value, dict)
    if kind is Kind.LIST:
        return isinstance(value, list)
    if kind in (Kind.RANGE, Kind.VECTOR):
        item = kind_of(schema["items"])
        return (
            isinstance(value, list)
            and len(value) == schema["minItems"]
            and all(fits(item, schema["items"], one) for one in value)
        )
    if kind in NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return is_number and (kind is Kind.NUMBER or value == int(value))
    if kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    return kind is Kind.ANY or isinstance(value, str) or (kind is Kind.ENUM and value in schema["enum"])


# ---- limits ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """What numbers are allowed; see the attributes of `isaacsim_agent_ext.ui.viewmodel.form.Field`."""

    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    exclusive_maximum: bool
    step: float


def limits_of(schema: Schema) -> Limits:
    """Return the limits of a number, or of each number of a range or vector."""
    unit = schema.get("x-unit", "")
    schema = schema["items"] if isinstance(schema.get("items"), dict) else schema
    branches = [schema, *schema.get("anyOf", ())]
    least = [branch[key] for branch in branches for key in ("minimum", "const") if _is_number(branch.get(key))]
    most = [branch[key] for branch in branches for key in ("maximum", "const") if _is_number(branch.get(key))]
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    minimum = min(least) if least else above
    maximum = max(most) if most else below
    return Limits(
        minimum=minimum,
        maximum=maximum,
        exclusive_minimum=not least and above is not None,
        exclusive_maximum=not most and below is not None,
        step=schema.get("x-step") or _step(kind_of(schema), unit, minimum, maximum),
    )


def _step(kind: Kind, unit: str, minimum: float | None, maximum: float | None) -> float:
    if kind is Kind.INTEGER or unit in ("deg", "mm"):
        return 1.0
    if minimum is not None and maximum is not None and maximum > minimum:
        return float(10.0 ** math.floor(math.log10((maximum - minimum) / 50)))
    return 0.1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# ---- words -----------------------------------------------------------------------------------------------------


def expects(schema: Schema) -> str:
    """Return what a schema allows, in words, or an empty text where its fields say it."""
    types = [name for name in allowed_types(schema) if name != "null"]
    if "x-expects" in schema or "enum" in schema or (types and not {"object", "array"} & set(types)):
        return expected(schema)
    return expected(schema) if schema.get("x-ordered") else ""


def placeholder(schema: Schema) -> str:
    """Return an example for an empty field, or an empty text."""
    example = next(iter(schema.get("examples", ())), None)
    return str(example) if isinstance(example, str | int | float) else ""


def in_words(key: str) -> str:
    """Return a key as a label: ``start_frame`` as ``"Start frame"``."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


# ---- choices ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Keys of one map that exclude each other.

    Attributes:
        keys: The keys.
        required: Whether one of them must be given.
        title: What to call the choice, or an empty text.
    """

    keys: tuple[str, ...]
    required: bool
    title: str

    @property
    def name(self) -> str:
        """Stands for the choice at the end of a path."""
        return "|".join(self.keys)


def choice_of(schema: Schema) -> Choice | None:
    """Return the choice between keys that a map's schema makes.

    ``oneOf`` with a ``required`` key in each branch asks for exactly one of them, ``not`` with several of them for at
    most one.
    """
    title = schema.get("x-choice", "")
    branches = [branch.get("required", ()) for branch in schema.get("oneOf", ())]
    if branches and all(len(keys) == 1 for keys in branches):
        return Choice(tuple(keys[0] for keys in branches), required=True, title=title)
    together = schema.get("not", {}).get("required", ())
    return Choice(tuple(together), required=False, title=title) if len(together) > 1 else None


def kinds_of_entries(schema: Schema) -> dict[str, Schema]:
    """Return the kinds of entries of a map in which the name says the kind, by the name's beginning."""
    return {entry["title"]: entry for entry in schema.get("patternProperties", {}).values() if "title" in entry}


def kind_of_entry(schema: Schema, key: str) -> str | None:
    """Return which of `kinds_of_entries` an entry is, or None."""
    for pattern, entry in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return str(entry.get("title", "")) or None
    return None

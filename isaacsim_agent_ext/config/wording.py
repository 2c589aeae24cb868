"""How problems speak of values, keys and schemas."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from isaacsim_agent_ext.config.describe import limits_in_words
from isaacsim_agent_ext.config.schema import allowed_types, is_one_of

_LONGEST_QUOTE = 60
_ARTICLES = {"integer": "an integer", "number": "a number", "string": "a text", "boolean": "true or false"}
_YAML_1_1_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def code(text: str) -> str:
    """Return a key or name in backticks, shortened and without characters that would garble a terminal."""
    return f"`{tame(text)}`"


def tame(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """Return a text from the user, shortened and without characters that would garble a terminal."""
    short = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


def listing(names: Iterable[str], conjunction: str = "and") -> str:
    """Return names as one reads them out: ``"`a`, `b` and `c`"``."""
    quoted = [code(name) for name in names]
    return f" {conjunction} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant, or None when none is near."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name[:100].lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def found(value: Any) -> str:
    """Return a value as one says it: ``'the text "ten"'``, ``"a list of 3 items"``."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return str(value).lower()
        case str():
            return f'the text "{tame(value)}"' if value else "an empty text"
        case float() if not math.isfinite(value):
            return "not a number (.nan)" if math.isnan(value) else "infinity"
        case int() | float():
            return tame(str(value))
        case list():
            return f"a list of {len(value)} item{'' if len(value) == 1 else 's'}" if value else "an empty list"
        case dict() if value:
            shown = list(value)[:4]
            return f"a map with {listing(shown) if len(value) <= 4 else ', '.join(map(code, shown)) + ', ...'}"
        case _:
            return "an empty map"


def expected(schema: Mapping[str, Any]) -> str:
    """Return what a schema allows: ``"an integer of at least 0"``, ``"a list [min, max] of two numbers above 0"``."""
    if "x-expects" in schema:
        return str(schema["x-expects"])
    if "const" in schema:
        return str(schema["const"]).lower()
    if "enum" in schema:
        return f"one of {listing(map(str, schema['enum']), 'or')}"
    unit = f" [{schema['x-unit']}]" if "x-unit" in schema else ""
    if schema.get("x-ordered"):
        return f"[min, max]: two numbers{_within(schema['items'])}{unit}, the smaller first"
    allowed = [name for name in allowed_types(schema) if name != "null"]
    if allowed == ["object"]:
        return f"a map with exactly one of {listing(schema['properties'], 'or')}" if is_one_of(schema) else "a map"
    if allowed == ["array"]:
        return f"a list{' of at least one item' if schema.get('minItems') else ''}"
    filled = " that is not empty" if schema.get("minLength") else ""
    return " or ".join(_ARTICLES[name] for name in allowed) + _within(schema) + filled + unit


def _within(schema: Mapping[str, Any]) -> str:
    limits = limits_in_words(schema)
    return f" of {limits}" if limits.startswith("at ") else f" {limits}" if limits else ""


def because(schema: Mapping[str, Any]) -> str:
    """Return the reason for a constraint, ready to be appended, or an empty text."""
    return f": {schema['x-because']}" if "x-because" in schema else ""


def advice(value: Any, schema: Mapping[str, Any]) -> str:
    """Return what to write in place of a value of the wrong type, or an empty text."""
    allowed = allowed_types(schema)
    if isinstance(value, str):
        if "boolean" in allowed and value.lower() in _YAML_1_1_BOOLEANS:
            meant = str(schema["const"]).lower() if "const" in schema else _YAML_1_1_BOOLEANS[value.lower()]
            return f"; write {meant}"
        if "integer" in allowed or "number" in allowed:
            return _number_advice(value)
    if isinstance(value, bool | int | float) and "string" in allowed:
        return "; put it in quotes" if "pattern" not in schema else ""
    if isinstance(value, dict) and allowed == ("array",) and value:
        return f"; begin each item with `- `, as in `- {next(iter(value))}: ...`" if len(value) < 4 else ""
    if value is None and "object" in allowed and not schema.get("required"):
        return "; write {} for all defaults"
    return ""


def _number_advice(text: str) -> str:
    if "_" in text and text.replace("_", "").replace(".", "").isdecimal():
        return f"; write {text.replace('_', '')}"
    if ":" in text and all(part.isdecimal() for part in text.split(":")):
        return "; write it as one number of seconds"
    if text.isdecimal():
        return f"; write {text.lstrip('0') or '0'}"
    try:
        float(text)
    except ValueError:
        return ""
    return "; write it without quotes"

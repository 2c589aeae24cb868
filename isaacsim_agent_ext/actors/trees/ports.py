"""Ports: the named inputs of a node, the kinds of values they take, and reading those from JSON."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.config.wording import code, found, listing, nearest

BOOL, INT, FLOAT, TEXT, FLOAT2, FLOAT3, PRIM, ANY, SLOT = KINDS = (
    "bool",
    "int",
    "float",
    "string",
    "float2",
    "float3",
    "prim path",
    "any",
    "slot",
)

LOCAL, SHARED = BLACKBOARDS = ("local", "shared")
"""The blackboard of one actor, and that of all actors of its group."""


class Required(enum.Enum):
    """Stands for the default of a port that has none."""

    REQUIRED = enum.auto()


REQUIRED = Required.REQUIRED

_KIND_OF_TYPE = {
    "bool": BOOL,
    "int": INT,
    "int32_t": INT,
    "int64_t": INT,
    "float": FLOAT,
    "double": FLOAT,
    "string": TEXT,
    "token": TEXT,
    "float2": FLOAT2,
    "double2": FLOAT2,
    "vec2f": FLOAT2,
    "vec2d": FLOAT2,
    "float3": FLOAT3,
    "double3": FLOAT3,
    "vec3f": FLOAT3,
    "vec3d": FLOAT3,
    "path": PRIM,
    "sdfpath": PRIM,
    "blackboardref": SLOT,
}
_WORDS = {
    BOOL: "true or false",
    INT: "an integer",
    FLOAT: "a number",
    TEXT: "a text",
    FLOAT2: "a list [min, max] of two numbers",
    FLOAT3: "a point [x, y, z] of three numbers",
    PRIM: "an absolute prim path such as /World/Shelf_01",
    ANY: "a value",
    SLOT: "a slot of a blackboard, by its key",
}
_PRIM_PATH = re.compile(r"(/[^\W\d]\w*)+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on a blackboard.

    Attributes:
        blackboard: One of `BLACKBOARDS`.
        key: Which of its values.
    """

    blackboard: str
    key: str

    def __str__(self) -> str:
        return self.key if self.blackboard == LOCAL else f"{self.blackboard}:{self.key}"


@dataclass(frozen=True, slots=True)
class Port:
    """An input of a node type.

    Attributes:
        name: As in ``portOverrides``.
        kinds: The kinds of values it takes, of `KINDS`.
        description: What it does, for the reference.
        default: Its value when none is given; `REQUIRED` when one has to be.
        unit: Of a number.
        minimum: Smallest number.
        choices: The texts allowed; empty allows any.
        ours: Whether the original has no such port.
    """

    name: str
    kinds: tuple[str, ...]
    description: str
    default: Any = None
    unit: str = ""
    minimum: float | None = None
    choices: tuple[str, ...] = ()
    ours: bool = False

    @property
    def expected(self) -> str:
        """What it takes, as error messages say it."""
        if self.choices:
            return f"one of {listing(self.choices, 'or')}"
        limit = "" if self.minimum is None else f" of at least {self.minimum:g}"
        unit = f" [{self.unit}]" if self.unit else ""
        return " or ".join(_WORDS[kind] for kind in self.kinds) + limit + unit


def read_value(port: Port, raw: Any) -> Any:
    """Return the value that a port is given in JSON, bare or as ``{"type": ..., "value": ...}``.

    Points and ranges become tuples. A value bound to a blackboard becomes a `Slot`, whatever the port takes.

    Raises:
        ValueError: It is not what the port takes; says what was found and what is expected.
    """
    if isinstance(raw, dict) and "type" in raw and set(raw) <= {"type", "value"}:
        return _read_typed(port, raw)
    if port.kinds == (SLOT,):
        return _read_slot(raw)
    for kind in port.kinds:
        value = _convert(kind, raw)
        if value is not None and _allowed(port, value):
            return value
    raise ValueError(f"found {found(raw)}, expected {port.expected}{_hint(port, raw)}")


def _read_typed(port: Port, raw: Mapping[str, Any]) -> Any:
    if "value" not in raw:
        raise ValueError(f"there is a `type` but no `value`; expected {port.expected}")
    kind = _KIND_OF_TYPE.get(re.split(r"::|:", str(raw["type"]))[-1].lower().removeprefix("gf"))
    if kind == SLOT:
        return _read_slot(raw["value"])
    fits = {kind, TEXT} if kind == PRIM else {kind, FLOAT} if kind == INT else {kind, PRIM} if kind == TEXT else {kind}
    if kind is not None and ANY not in port.kinds and not fits & set(port.kinds):
        raise ValueError(f"found the type {code(str(raw['type']))}, expected {port.expected}")
    if port.kinds == (ANY,) and kind is not None:
        value = _convert(kind, raw["value"])
        if value is None:
            raise ValueError(f"found {found(raw['value'])}, expected {_WORDS[kind]}, as its type says")
        return value
    return read_value(port, raw["value"])


def _read_slot(raw: Any) -> Slot:
    blackboard, key = LOCAL, raw
    if isinstance(raw, dict):
        unknown = sorted(set(raw) - {"blackboard", "key"})
        if unknown:
            raise ValueError(f"unknown key {code(unknown[0])} of a slot; expected `blackboard` and `key`")
        blackboard, key = raw.get("blackboard", LOCAL), raw.get("key")
    if blackboard not in BLACKBOARDS:
        raise ValueError(f"found the blackboard {found(blackboard)}, expected one of {listing(BLACKBOARDS, 'or')}")
    if not isinstance(key, str) or not key:
        raise ValueError(f"found {found(key)} as the key of a slot, expected a text that is not empty")
    return Slot(blackboard, key)


def _convert(kind: str, raw: Any) -> Any:
    """Return a JSON value as one of a kind, or None when it is none."""
    match kind:
        case "bool":
            return raw if isinstance(raw, bool) else None
        case "int":
            return int(raw) if _is_number(raw) and raw == int(raw) else None
        case "float":
            return float(raw) if _is_number(raw) else None
        case "string":
            return raw if isinstance(raw, str) else None
        case "prim path":
            return raw if isinstance(raw, str) and (not raw or _PRIM_PATH.fullmatch(raw)) else None
        case "float2" | "float3":
            count = 2 if kind == FLOAT2 else 3
            fits = isinstance(raw, list | tuple) and len(raw) == count and all(map(_is_number, raw))
            return tuple(map(float, raw)) if fits else None
    return raw


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)


def _allowed(port: Port, value: Any) -> bool:
    if port.choices and value not in port.choices:
        return False
    if port.kinds == (FLOAT2,) and value[0] > value[1]:
        return False
    numbers = value if isinstance(value, tuple) else (value,) if isinstance(value, float | int) else ()
    if port.minimum is not None and any(number < port.minimum for number in numbers):
        return False
    return value != "" or port.default == "" or ANY in port.kinds


def _hint(port: Port, raw: Any) -> str:
    guess = nearest(raw, port.choices) if isinstance(raw, str) and port.choices else None
    if guess:
        return f", did you mean {code(guess)}?"
    if isinstance(raw, dict) and "value" in raw:
        return '; a typed value is written {"type": ..., "value": ...}'
    return ""

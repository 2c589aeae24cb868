"""Reading JSON that remembers where everything stands in the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.errors import ConfigError, Problem

MAX_BYTES = 4 * 1024 * 1024
"""Largest tree file that is read [bytes]."""

MAX_DEPTH = 200
"""Deepest nesting of lists and maps."""

JsonPath = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r'[^,\]}\s"]+')


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON text, read.

    Attributes:
        name: What to call it in problems.
        data: What it holds.
        places: Offset of every value and key, by path; a key's path ends in ``"key:..."``.
        text: The text itself.
    """

    name: str
    data: Any
    places: dict[JsonPath, int]
    text: str

    def problem(self, path: JsonPath, message: str, *, severity: str = "error", at_key: bool = False) -> Problem:
        """Return a problem with the line and column of a value, or of the nearest value around it."""
        if at_key:
            path = (*path[:-1], f"key:{path[-1]}")
        while path not in self.places:
            path = path[:-1]
        line, column = line_and_column(self.text, self.places[path])
        return Problem(pointer(path), message, self.name, line, column, severity)


def pointer(path: JsonPath) -> str:
    """Return a path as a JSON pointer (RFC 6901)."""
    parts = [str(part).removeprefix("key:") for part in path]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return a place in a text, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def read_json(text: str, name: str) -> JsonText:
    """Read a JSON text.

    Raises:
        ConfigError: It is no JSON, holds a key twice, or is nested too deep.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is no valid JSON: {error.msg}"
        raise ConfigError([Problem("", message, name, error.lineno, error.colno)]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([Problem("", f"this is no valid JSON: {error}", name)]) from None
    places: dict[JsonPath, int] = {}
    repeated: list[JsonPath] = []
    try:
        _note(text, _skip(text, 0), (), places, repeated)
    except RecursionError:
        raise ConfigError([Problem("", f"lists and maps are nested more than {MAX_DEPTH} deep", name)]) from None
    read = JsonText(name, data, places, text)
    if repeated:
        raise ConfigError(
            [read.problem(path, "the key stands here twice; remove one", at_key=True) for path in repeated]
        )
    return read


def _skip(text: str, at: int) -> int:
    return _end(_SPACE, text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _note(text: str, at: int, path: JsonPath, places: dict[JsonPath, int], repeated: list[JsonPath]) -> int:
    """Note the places of a value of valid JSON and of all in it; returns where it ends."""
    if len(path) > MAX_DEPTH:
        raise RecursionError
    places[path] = at
    opening = text[at]
    if opening not in "{[":
        return _end(_STRING if opening == '"' else _SCALAR, text, at)
    at, number = _skip(text, at + 1), 0
    while text[at] not in "}]":
        key: str | int = number
        if opening == "{":
            mark, at = at, _end(_STRING, text, at)
            key = json.loads(text[mark:at])
            if (*path, f"key:{key}") in places:
                repeated.append((*path, key))
            places[*path, f"key:{key}"] = mark
            at = _skip(text, _skip(text, at) + 1)  # the colon
        at = _skip(text, _note(text, at, (*path, key), places, repeated))
        if text[at] == ",":
            at = _skip(text, at + 1)
        number += 1
    return at + 1

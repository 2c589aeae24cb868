"""What a plain (unquoted) YAML scalar means: the core schema of YAML 1.2, without its traps.

YAML 1.1 reads ``on`` as true, ``1:30`` as 90 and ``1e3`` as text. Configs are read by YAML 1.2 in their place:

- only ``true`` and ``false`` are booleans, ``null``, ``~`` and nothing at all are null;
- integers are decimal, or ``0x``/``0o``; numbers may have a point, an exponent, or both;
- everything else is text: ``on``, ``no``, ``1_000``, ``1:30``, ``2026-01-31`` and, against YAML 1.2, ``007``, which
  one version reads as octal and the other as decimal.

Where such a text stands in place of a number or boolean, validation says what to write.
"""

from __future__ import annotations

import re

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = frozenset((".nan", ".NaN", ".NAN"))

_MAX_DIGITS = 20
"""Longer integers become floating-point numbers: nothing in a config is that large, and exact ones cost time."""


def resolve(text: str) -> str | int | float | bool | None:
    """Return the value that a plain scalar stands for."""
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _MAX_DIGITS else float(text)
    if _BASED.fullmatch(text) and len(text) <= _MAX_DIGITS:
        return int(text, base=0)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float("-inf") if text.startswith("-") else float("inf")
    if text in _NOT_A_NUMBER:
        return float("nan")
    return text

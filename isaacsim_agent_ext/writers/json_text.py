"""JSON as bytes: always the same for the same data, small, and readable line by line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

ROUNDED_DECIMALS = 6
"""Decimals kept by `rounded`: micrometres, beyond what single precision holds a few metres from the origin."""


def encode_json(value: Any, *, lines: int = 1) -> bytes:
    """Return JSON text in UTF-8.

    NumPy arrays become lists, keys that are no text their ``str``. Numbers are written as Python writes them, so
    they read back exactly; NaN and infinities, which JSON does not have, become null.

    Args:
        value: Mappings, sequences, arrays, numbers, texts, None.
        lines: How many levels of mappings have each of their entries on a line of its own; deeper ones stay on one
            line.
    """
    return (_text(value, lines) + "\n").encode()


def rounded(values: Any) -> Any:
    """Return numbers as (nested) Python floats, rounded for JSON; NaN becomes None."""
    numbers = np.round(np.asarray(values, np.float64), ROUNDED_DECIMALS) + 0.0  # + 0.0: no negative zeros
    return _plain(numbers)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        plain = value.tolist()
        finite = value.dtype.kind != "f" or bool(np.isfinite(value).all())
        return plain if finite else _plain(plain)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _text(value: Any, lines: int) -> str:
    if lines and isinstance(value, Mapping) and value:
        entries = (
            f"{json.dumps(str(key), ensure_ascii=False)}: {_text(entry, lines - 1)}" for key, entry in value.items()
        )
        return "{\n" + ",\n".join(entries) + "\n}"
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=np.ndarray.tolist)
    except (TypeError, ValueError):  # something rarer than arrays, or a NaN: look at every element, which is slow
        return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)

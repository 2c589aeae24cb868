"""A number field that can be dragged, and that can be empty."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind

_DIGITS, _NOISE = 7, 6e-8
"""Drags take steps of single precision: their sums are off by so much, relatively, from a number of so many digits."""


class Drag:
    """A drag for one number of a field.

    Args:
        field: Whose number it is: its kind or that of its items, its limits and its step.
        changed: Told every number that the user drags or types.
        example: What to show while there is no number.
    """

    def __init__(self, field: Field, changed: Callable[[Any], None], example: str = ""):
        kind = field.item if field.kind in (Kind.RANGE, Kind.VECTOR) else field.kind
        self._integer = kind is Kind.INTEGER
        self._changed = changed
        self._silent = False
        self._value: Any = None
        limits: dict[str, Any] = {}
        if field.minimum is not None:
            limits["min"] = self._number(field.minimum)
        if field.maximum is not None:
            limits["max"] = self._number(field.maximum)
        with ui.ZStack():
            make = ui.IntDrag if self._integer else ui.FloatDrag
            step = max(1, round(field.step)) if self._integer else field.step
            self.widget = make(step=step, style_type_name_override="Panel.Drag", **limits)
            if not self._integer:
                self.widget.format = "%.7g"
            self._example = ui.Label(
                example or field.placeholder or "not set",
                alignment=ui.Alignment.CENTER,
                style_type_name_override="Panel.Placeholder",
            )
        self._state = ""
        self.widget.model.add_value_changed_fn(self._edited)
        self.widget.model.add_begin_edit_fn(self._begun)

    def _number(self, value: float) -> Any:
        return int(value) if self._integer else float(value)

    def _begun(self, _model: Any) -> None:
        self._example.visible = False
        self.widget.name = "" if self._state == "unset" else self._state

    def _edited(self, model: Any) -> None:
        if self._silent:
            return
        self._value = model.as_int if self._integer else rounded(model.as_float)
        self._changed(self._value)

    def show(self, value: Any) -> None:
        """Show a number, or None for no number."""
        self._example.visible = value is None
        if value == self._value and not (value is None and self.widget.model.as_float):
            return
        self._value = value
        self._silent = True
        self.widget.model.set_value(0 if value is None else self._number(value))
        self._silent = False
        self.style(self._state)

    def style(self, state: str) -> None:
        """Show the drag as ``"default"``, ``"problem"``, or as it is."""
        self._state = state
        self.widget.name = "unset" if self._value is None and state != "problem" else state

    def focus(self) -> None:
        """Give it the keyboard."""
        if hasattr(self.widget, "focus_keyboard"):
            self.widget.focus_keyboard()


def rounded(value: float) -> float:
    """Return a number without what single precision adds to it: 4.4 for 4.40000007, but 4.4001 and 12345.678 as is."""
    if not math.isfinite(value):
        return value
    short = float(f"{value:.{_DIGITS}g}")
    return short if abs(value - short) <= _NOISE * abs(value) else value

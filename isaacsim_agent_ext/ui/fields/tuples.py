"""Editors of several numbers in one row: ranges and vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.drag import Drag
from isaacsim_agent_ext.ui.fields.row import RowView

_AXES = "XYZ"


class _NumbersView(RowView):
    """Drags side by side."""

    _drags: list[Drag]

    def _numbers(self) -> list[Any]:
        value = self.field.value
        return list(value) if isinstance(value, list | tuple) else [None] * (self.field.length or 2)

    def show_value(self) -> None:
        """Show the numbers."""
        for drag, number in zip(self._drags, self._numbers(), strict=False):
            drag.show(number)

    def style_editor(self, state: str) -> None:
        """Show the state."""
        for drag in self._drags:
            drag.style(state)

    def focus(self) -> None:
        """Give the first number the keyboard."""
        self._drags[0].focus()

    def _set(self, numbers: list[Any]) -> None:
        whole = [0 if number is None else number for number in numbers]
        if whole != self.field.value:
            self.set(whole)


class RangeView(_NumbersView):
    """The least and the largest of a range; each pushes the other along."""

    def build_editor(self) -> None:
        """Create two drags."""
        with ui.HStack(spacing=style.GAP):
            self._drags = [Drag(self.field, self._low, "min"), Drag(self.field, self._high, "max")]
        self.show_value()

    def _low(self, low: Any) -> None:
        high = self._numbers()[1]
        self._set([low, low if high is None else max(low, high)])

    def _high(self, high: Any) -> None:
        low = self._numbers()[0]
        self._set([high if low is None else min(low, high), high])


class VectorView(_NumbersView):
    """The numbers of a vector; three of them are x, y and z."""

    def build_editor(self) -> None:
        """Create a drag for each number."""
        self._drags = []
        numbers = self._numbers()
        with ui.HStack(spacing=style.GAP):
            for index in range(len(numbers)):
                with ui.HStack():
                    if len(numbers) == len(_AXES):
                        with ui.ZStack(width=14):
                            ui.Rectangle(
                                style={"background_color": style.AXES[index]},
                                style_type_name_override="Panel.AxisBox",
                            )
                            ui.Label(_AXES[index], alignment=ui.Alignment.CENTER, style_type_name_override="Panel.Axis")
                    self._drags.append(Drag(self.field, self._moved(index)))
        self.show_value()

    def _moved(self, index: int) -> Callable[[Any], None]:
        def moved(number: Any) -> None:
            numbers = self._numbers()
            numbers[index] = number
            self._set(numbers)

        return moved


class WordsView(RowView):
    """A fixed number of texts in one row, such as a label's type and name."""

    def build_editor(self) -> None:
        """Create a field for each text."""
        self._fields: list[Any] = []
        with ui.HStack(spacing=style.GAP):
            for index in range(len(self._words())):
                field = ui.StringField(style_type_name_override="Panel.Field")
                field.model.set_value(self._words()[index])
                field.model.add_value_changed_fn(self._edited(index))
                self._fields.append(field)

    def _words(self) -> list[str]:
        value = self.field.value
        words = [str(word) for word in value] if isinstance(value, list | tuple) else []
        return words + [""] * (self.field.length - len(words))

    def _edited(self, index: int) -> Callable[[Any], None]:
        def edited(model: Any) -> None:
            words = self._words()
            if words[index] != model.as_string:
                words[index] = model.as_string
                self.set(words)

        return edited

    def show_value(self) -> None:
        """Show the texts."""
        for field, word in zip(self._fields, self._words(), strict=False):
            if field.model.as_string != word:
                field.model.set_value(word)

    def style_editor(self, state: str) -> None:
        """Show the state."""
        for field in self._fields:
            field.name = state

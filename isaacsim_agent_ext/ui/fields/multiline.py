"""Editors of several lines: long texts, and values that are edited as YAML."""

from __future__ import annotations

from typing import Any

import omni.ui as ui
import yaml

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.row import RowView

_LINE = 17
_MOST_LINES = 8


class MultilineView(RowView):
    """A text of several lines."""

    least_lines = 3

    def height(self) -> int:
        """Return a height for the lines that there are."""
        lines = min(max(self.shown().count("\n") + 2, self.least_lines), _MOST_LINES)
        return lines * _LINE + 2 * style.GAP

    def shown(self) -> str:
        """Return the text for the value."""
        return "" if self.field.value is None else str(self.field.value)

    def build_editor(self) -> None:
        """Create the field."""
        self._text = ui.StringField(multiline=True, style_type_name_override="Panel.Text")
        self.show_value()
        self._text.model.add_value_changed_fn(self.edited)

    def edited(self, model: Any) -> None:
        """Take what the user types."""
        if model.as_string != self.shown():
            self.set(model.as_string)

    def show_value(self) -> None:
        """Show the value."""
        if self._text.model.as_string != self.shown():
            self._text.model.set_value(self.shown())

    def style_editor(self, state: str) -> None:
        """Show the state."""
        self._text.name = state

    def focus(self) -> None:
        """Give it the keyboard."""
        self._text.focus_keyboard()


class YamlView(MultilineView):
    """Any value, as YAML."""

    least_lines = 2

    _written: str | None = None

    def shown(self) -> str:
        """Return the value as YAML; what the user typed himself stays as he typed it."""
        if self.field.value is None and not self.field.is_set:
            return ""
        if self._written is not None and _same(self._written, self.field.value):
            return self._written
        return yaml.safe_dump(self.field.value, sort_keys=False, default_flow_style=None).removesuffix("...\n").strip()

    def edited(self, model: Any) -> None:
        """Take what the user types, once it is YAML; until then the field keeps it."""
        if model.as_string != self.shown():
            self._written = model.as_string
            self.edit(lambda: self.form.document.set_yaml(self.field.path, model.as_string))


def _same(text: str, value: Any) -> bool:
    try:
        return bool(yaml.safe_load(text) == value)
    except yaml.YAMLError:
        return True  # what is typed is not finished; the value will follow

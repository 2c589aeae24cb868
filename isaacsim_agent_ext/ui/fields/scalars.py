"""Editors of single values: true or false, numbers, texts and choices."""

from __future__ import annotations

from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui.fields.base import FormContext
from isaacsim_agent_ext.ui.fields.drag import Drag
from isaacsim_agent_ext.ui.fields.row import RowView
from isaacsim_agent_ext.ui.viewmodel.form import Field


class BooleanView(RowView):
    """A check box."""

    def build_editor(self) -> None:
        """Create the box."""
        with ui.HStack():
            with ui.VStack(width=18):
                ui.Spacer(height=3)
                self._box = ui.CheckBox(height=16, width=16, style_type_name_override="Panel.Check")
            ui.Spacer()
        self.show_value()
        self._box.model.add_value_changed_fn(self._changed)

    def _changed(self, model: Any) -> None:
        if model.as_bool != bool(self.field.value):
            self.set(model.as_bool)

    def show_value(self) -> None:
        """Show the value."""
        if self._box.model.as_bool != bool(self.field.value):
            self._box.model.set_value(bool(self.field.value))

    def style_editor(self, state: str) -> None:
        """Show the state."""
        self._box.name = state


class NumberView(RowView):
    """A number that is dragged or typed; without a value it shows an example instead."""

    def build_editor(self) -> None:
        """Create the drag."""
        self._drag = Drag(self.field, self._changed)
        self.show_value()

    def _changed(self, value: float) -> None:
        if value != self.field.value:
            self.set(value)

    def show_value(self) -> None:
        """Show the value."""
        self._drag.show(self.field.value)

    def style_editor(self, state: str) -> None:
        """Show the state."""
        self._drag.style(state)

    def focus(self) -> None:
        """Give it the keyboard."""
        self._drag.focus()


class TextView(RowView):
    """A text in one line."""

    def build_editor(self) -> None:
        """Create the field and, over it, an example of what could stand there."""
        with ui.ZStack():
            self._text = ui.StringField(style_type_name_override="Panel.Field")
            self._example = ui.Label(
                f"  {self.field.placeholder}" if self.field.placeholder else "  not set",
                style_type_name_override="Panel.Placeholder",
                alignment=ui.Alignment.LEFT_CENTER,
                elided_text=True,
            )
        self.show_value()
        self._text.model.add_value_changed_fn(self._changed)
        self._text.model.add_end_edit_fn(self._ended)

    def _shown(self) -> str:
        return "" if self.field.value is None else str(self.field.value)

    def _changed(self, model: Any) -> None:
        self._example.visible = not model.as_string
        if model.as_string != self._shown():
            self.set(model.as_string)

    def _ended(self, model: Any) -> None:
        if not model.as_string and self.field.is_set and not self.field.required:
            self.edit(lambda: self.form.document.reset(self.field.path))

    def show_value(self) -> None:
        """Show the value."""
        if self._text.model.as_string != self._shown():
            self._text.model.set_value(self._shown())
        self._example.visible = not self._shown()

    def style_editor(self, state: str) -> None:
        """Show the state."""
        self._text.name = state

    def focus(self) -> None:
        """Give it the keyboard."""
        self._text.focus_keyboard()


class EnumView(RowView):
    """One of a few values, from a menu."""

    def build_editor(self) -> None:
        """Create the menu, anew whenever what it offers has changed."""
        self._state = ""
        self._menu: ui.ComboBox | None = None  # made when it is first seen
        self._frame = ui.Frame(build_fn=self._build_menu)

    def _offered(self) -> tuple[Any, ...]:
        known = self.field.choices
        return known if self.field.value in known else (self.field.value, *known)

    def _build_menu(self) -> None:
        self._items = self._offered()
        names = dict(zip(self.field.choices, self.field.choice_labels or self.field.choices, strict=False))
        titles = [str(names.get(item, "not set" if item is None else item)) for item in self._items]
        self._menu = ui.ComboBox(
            self._items.index(self.field.value), *titles, style_type_name_override="Panel.Combo", name=self._state
        )
        self._menu.model.add_item_changed_fn(self._changed)

    def _changed(self, model: Any, item: Any) -> None:
        chosen = self._items[model.get_item_value_model().as_int]
        if chosen != self.field.value:
            self.choose(chosen)

    def choose(self, choice: Any) -> None:
        """Take a choice of the user."""
        self.set(choice)

    def show_value(self) -> None:
        """Show the value."""
        if self._menu is None:
            return
        if self._items != self._offered():
            self._frame.rebuild()
            return
        index = self._items.index(self.field.value)
        selected = self._menu.model.get_item_value_model()
        if selected.as_int != index:
            selected.set_value(index)

    def style_editor(self, state: str) -> None:
        """Show the state."""
        self._state = state
        if self._menu is not None:
            self._menu.name = state


class ChoiceView(EnumView):
    """What a one-of choice is at the moment, from a menu.

    Args:
        field: The choice.
        form: The form around it.
        depth: Where it stands.
        label: What to write before the menu; the label of the field by default.
    """

    def __init__(self, field: Field, form: FormContext, depth: int, label: str = ""):
        super().__init__(field, form, depth)
        self.label = label

    def choose(self, choice: Any) -> None:
        """Take a choice of the user."""
        self.edit(lambda: self.form.document.choose(self.field.path, choice))

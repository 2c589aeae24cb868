"""A field in one row: label, unit, editor, an arrow that resets it, and what is wrong with it below."""

from __future__ import annotations

import abc

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.base import FieldView, draw_tooltip, label_width
from isaacsim_agent_ext.ui.fields.entry_menu import show_entry_menu
from isaacsim_agent_ext.ui.viewmodel.form import Field


class RowView(FieldView):
    """A row of the form; subclasses draw the editor.

    Attributes:
        label: What to write in place of the field's own label; the row of an entry then has no menu either.
    """

    label = ""

    def build(self) -> None:
        """Create the row."""
        self._problem: ui.Label | None = None
        self._stack = ui.VStack(height=0, spacing=1, skip_draw_when_clipped=True)
        with self._stack:
            self._row = ui.HStack(height=self.height(), spacing=style.GAP)
            with self._row:
                self._build_label()
                self.build_editor()
                self._build_side()
        self._show_state()

    def height(self) -> int:
        """Return the height of the row [px]."""
        return style.ROW

    @abc.abstractmethod
    def build_editor(self) -> None:
        """Create what edits the value."""

    @abc.abstractmethod
    def show_value(self) -> None:
        """Show the value of `field` in the editor; nothing may happen when it is shown already."""

    def style_editor(self, state: str) -> None:
        """Show the editor as ``"default"``, ``"problem"`` or, with an empty text, as it is."""

    def refresh(self, before: Field) -> None:
        """Show what has changed."""
        self.show_value()
        self._show_state()
        self._label.text = self._label_text()

    def scroll_here(self) -> None:
        """Scroll to the row."""
        self._stack.skip_draw_when_clipped = False  # only what is drawn can be scrolled to
        self._row.scroll_here_y(0.5)

    def _label_text(self) -> str:
        last = self.field.path[-1]
        return self.label or (str(last + 1) if self.field.is_entry and isinstance(last, int) else self.field.label)

    # ---- parts -----------------------------------------------------------------------------------------------------

    def _build_label(self) -> None:
        width = label_width(self.depth)
        with ui.HStack(width=width, spacing=style.GAP):
            self._label = ui.Label(
                self._label_text(),
                elided_text=True,
                alignment=ui.Alignment.LEFT_TOP if self.height() > style.ROW else ui.Alignment.LEFT_CENTER,
                style_type_name_override="Panel.Label",
                tooltip_fn=lambda: draw_tooltip(self.field),
            )
            if self.field.unit:
                ui.Label(
                    self.field.unit,
                    width=0,
                    alignment=ui.Alignment.RIGHT_CENTER,
                    style_type_name_override="Panel.Unit",
                )

    def _build_side(self) -> None:
        if self.label:
            self._side = ui.Spacer(width=style.SIDE)
            return
        if self.field.is_entry:
            icon, action, tip = "more", lambda: show_entry_menu(self), "Duplicate, move, remove"
        else:
            icon, action, tip = (
                "reset",
                lambda: self.edit(lambda: self.form.document.reset(self.field.path)),
                "Reset to the default",
            )
        self._side = ui.Button(
            "",
            image_url=style.icon(icon),
            width=style.SIDE,
            clicked_fn=action,
            tooltip=tip,
            style_type_name_override="Panel.Tool",
            name="muted",
        )

    def _show_state(self) -> None:
        field = self.field
        muted = not field.is_set and not field.required
        self._label.name = "default" if muted else "required" if field.required and not field.is_set else ""
        if not field.is_entry and not self.label:
            resettable = field.is_set and not field.required
            self._side.enabled = resettable
            self._side.name = "muted" if resettable else "hidden"
        self.style_editor("problem" if field.problems else "default" if muted else "")
        self._show_problems()

    def _show_problems(self) -> None:
        lines = (*self.field.problems, *self.field.warnings)
        if self._problem is None:
            if not lines:
                return
            with self._stack, ui.HStack(height=0, spacing=style.GAP):
                ui.Spacer(width=label_width(self.depth))
                self._problem = ui.Label(
                    "", word_wrap=True, alignment=ui.Alignment.LEFT_TOP, style_type_name_override="Panel.Problem"
                )
                ui.Spacer(width=style.SIDE)
        self._problem.text = "\n".join(lines)
        self._problem.name = "" if self.field.problems else "warning"
        self._problem.visible = bool(lines)

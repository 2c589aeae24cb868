"""A section that can be folded: a header with a title and buttons, and content that is drawn once it is opened."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.base import FieldView, draw_tooltip

HEADER = 24
ENTRY_HEADER = 22


class Fold:
    """A header, and below it content that can be folded away.

    `ui.CollapsableFrame` would fold at a click on a button in its header, too.

    Args:
        view: The view that it belongs to; its field gives the title, the help and the number of problems.
        is_open: Whether it is open at first.
        build_content: Draws the content, each time that it is needed anew.
        build_buttons: Draws the buttons at the right of the header.
        toggled: Told when the user opens or closes it.
    """

    def __init__(
        self,
        view: FieldView,
        *,
        is_open: bool,
        build_content: Callable[[], None],
        build_buttons: Callable[[], None],
        toggled: Callable[[bool], None],
    ):
        self._view = view
        self._toggled = toggled
        self._renaming: Callable[[str], None] | None = None
        look = "Panel.Entry" if view.field.is_entry else "Panel.Section"
        state = "outer" if view.depth == 0 else ""
        self._whole = ui.ZStack(height=0, skip_draw_when_clipped=True)
        with self._whole:
            ui.Rectangle(style_type_name_override=look, name=state)
            with ui.VStack(height=0):
                self._header = ui.ZStack(height=ENTRY_HEADER if view.field.is_entry else HEADER)
                with self._header:
                    self._build_header(look, state, is_open, build_buttons)
                self.content = ui.Frame(height=0, visible=is_open, build_fn=build_content)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return bool(self.content.visible)

    def open(self) -> None:
        """Show the content."""
        self._show(True)

    def draw_out_of_sight(self) -> None:
        """Be drawn where it cannot be seen, too: only what is drawn can be scrolled to."""
        self._whole.skip_draw_when_clipped = False

    def scroll_here(self) -> None:
        """Scroll to the header."""
        self.draw_out_of_sight()
        self._title.scroll_here_y(0.2)  # the header around it is taken for as high as the whole

    def _show(self, value: bool) -> None:
        self.content.visible = value
        self._arrow.source_url = style.icon("opened" if value else "closed")

    def _pressed(self, x: float, button: int) -> None:
        on_buttons = x >= self.buttons.screen_position_x  # a press reaches what lies below a button, too
        if button == 0 and not on_buttons and self._renaming is None:
            self._show(not self.is_open)
            self._toggled(self.is_open)

    def rename(self, renamed: Callable[[str], None]) -> None:
        """Put a field in place of the title, and hand on what the user types into it."""
        self._renaming = renamed
        self._title.visible = self._summary.visible = False
        with self._text:
            field = ui.StringField(width=180, style_type_name_override="Panel.Field")
            filler = ui.Spacer()
        field.model.set_value(self._view.field.key)
        field.model.add_end_edit_fn(lambda model: self._end_rename(model.as_string, field, filler))
        field.focus_keyboard()

    def _end_rename(self, name: str, *widgets: ui.Widget) -> None:
        renamed, self._renaming = self._renaming, None
        for widget in widgets:
            widget.visible = False
        self._title.visible = self._summary.visible = True
        if renamed is not None and name and name != self._view.field.key:
            renamed(name)

    def refresh(self) -> None:
        """Show what has changed in the header."""
        field = self._view.field
        for label, text in ((self._title, self._title_text()), (self._summary, field.summary)):
            if label.text != text:
                label.text = text
        self._show_badge()

    def _title_text(self) -> str:
        field = self._view.field
        return field.key if field.can_rename else field.label

    def _build_header(self, look: str, state: str, is_open: bool, build_buttons: Callable[[], None]) -> None:
        field = self._view.field
        ui.Rectangle(
            style_type_name_override=f"{look}.Header",
            name=state,
            tooltip_fn=lambda: draw_tooltip(self._view.field),
            mouse_pressed_fn=lambda x, y, button, _m: self._pressed(x, button),
        )
        with ui.HStack(spacing=style.GAP):
            self._text = ui.HStack(spacing=8)
            with self._text:
                ui.Spacer(width=0)
                self._arrow = ui.Image(
                    style.icon("opened" if is_open else "closed"),
                    width=12,
                    style_type_name_override="Panel.Icon",
                    name="muted",
                )
                self._title = ui.Label(self._title_text(), width=0, style_type_name_override=f"{look}.Title")
                self._summary = ui.Label(field.summary, elided_text=True, style_type_name_override="Panel.Note")
            self._badge_slot = ui.HStack(width=0)
            self._badge: ui.ZStack | None = None
            self._show_badge()
            self.buttons = ui.HStack(width=0)
            with self.buttons:
                build_buttons()

    def _show_badge(self) -> None:
        """Show how many problems there are; most sections never have any, and get no widgets for them."""
        count = self._view.field.problem_count
        if self._badge is None:
            if not count:
                return
            with self._badge_slot:
                self._badge = ui.ZStack(width=20)
            with self._badge:
                with ui.VStack():
                    ui.Spacer()
                    ui.Rectangle(height=14, style_type_name_override="Panel.Badge")
                    ui.Spacer()
                self._badge_label = ui.Label(
                    "", alignment=ui.Alignment.CENTER, style_type_name_override="Panel.Badge.Label"
                )
        self._badge.visible = count > 0
        self._badge_label.text = str(count)

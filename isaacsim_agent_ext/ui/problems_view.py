"""The list of everything that is wrong with the config; a click leads to the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.viewmodel.document import Document

_MOST_ROWS = 5
_ROW = 20
_MOST = 200


class ProblemsView:
    """A list at the bottom of the panel, as high as it has to be, and not there while nothing is wrong.

    Args:
        document: Whose problems are shown.
        chosen: Told the problem that the user clicked on.
    """

    def __init__(self, document: Document, chosen: Callable[[Any], None]):
        self._document = document
        self._chosen = chosen
        self.rows: list[ui.Rectangle] = []
        self._shown: tuple[Any, ...] = ()

    def build(self) -> None:
        """Create the list in the container at hand."""
        self._stack = ui.VStack(height=0, visible=False)
        with self._stack:
            ui.Rectangle(height=1, style_type_name_override="Panel.Line")
            with ui.ZStack():
                ui.Rectangle(style_type_name_override="Panel.Bar")
                with ui.ScrollingFrame(
                    horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF,
                    vertical_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_AS_NEEDED,
                ):
                    self._list = ui.Frame(build_fn=self._build_rows)
        self.update()

    def update(self) -> None:
        """Show the problems of the document."""
        problems = tuple(self._document.problems)
        if problems == self._shown:
            return
        self._shown = problems
        self._stack.visible = bool(problems)
        self._stack.height = ui.Pixel(min(len(problems), _MOST_ROWS) * _ROW + 7)
        self._list.rebuild()

    def _build_rows(self) -> None:
        self.rows.clear()
        with ui.VStack(height=0):
            ui.Spacer(height=3)
            for problem in self._shown[:_MOST]:
                self._build_row(problem)
            if len(self._shown) > _MOST:
                ui.Label(f"  and {len(self._shown) - _MOST} more", height=_ROW, style_type_name_override="Panel.Note")
            ui.Spacer(height=3)

    def _build_row(self, problem: Any) -> None:
        error = problem.severity == "error"
        where = ".".join(map(str, problem.path)) or (f"line {problem.line}" if problem.line else "")
        with ui.ZStack(height=_ROW, skip_draw_when_clipped=True):
            row = ui.Rectangle(
                style_type_name_override="Panel.Row",
                tooltip=f"{where}: {problem.message}" if where else problem.message,
            )
            row.set_mouse_pressed_fn(lambda x, y, button, _m: self._chosen(problem))
            self.rows.append(row)
            with ui.HStack(spacing=6):
                ui.Spacer(width=4)
                with ui.VStack(width=14):
                    ui.Spacer()
                    ui.Image(
                        style.icon("problem" if error else "warning"),
                        width=14,
                        height=14,
                        style_type_name_override="Panel.Icon",
                        name="problem" if error else "warning",
                    )
                    ui.Spacer()
                if where:
                    ui.Label(where, width=ui.Percent(34), elided_text=True, style_type_name_override="Panel.Where")
                ui.Label(problem.message, elided_text=True, style_type_name_override="Panel.Message")
                if problem.line:
                    ui.Label(f"line {problem.line}", width=0, style_type_name_override="Panel.Note")
                ui.Spacer(width=6)

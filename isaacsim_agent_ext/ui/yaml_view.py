"""The tab with the text of the config, the same document as the form."""

from __future__ import annotations

from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui.viewmodel.document import Document

_GUTTER = 46
_PAD = 4


class YamlTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` that shows the config as text, with a mark at each line that is wrong."""

    title = "YAML"

    def __init__(self, document: Document):
        self._document = document
        self._lines = 0
        self.marked: dict[int, str] = {}
        self._line_height = 0.0
        self._sought = 0

    def build(self, parent: Any) -> None:
        """Create line numbers, marks and the text."""
        with parent, ui.ZStack():
            ui.Rectangle(style_type_name_override="Panel.Editor.Background")
            self._scroll = ui.ScrollingFrame(
                horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF,
                vertical_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_AS_NEEDED,
            )
            with self._scroll:
                self._page = ui.ZStack(height=0)
                with self._page:
                    self._marks = ui.Frame(build_fn=self._build_marks)
                    with ui.HStack():
                        with ui.HStack(width=_GUTTER):
                            self._numbers = ui.Label(
                                "",
                                alignment=ui.Alignment.RIGHT_TOP,
                                style_type_name_override="Panel.Editor.Numbers",
                            )
                            ui.Spacer(width=10)
                        self._text = ui.StringField(
                            multiline=True, allow_tab_input=False, style_type_name_override="Panel.Editor"
                        )
        self._text.model.set_value(self._document.text)
        self._text.model.add_value_changed_fn(self._edited)
        self._count_lines()

    def _edited(self, model: Any) -> None:
        if model.as_string != self._document.text:
            self._document.set_text(model.as_string)
        self._count_lines()

    def update(self, dt: float) -> None:
        """Show what has changed."""
        if self._text.model.as_string != self._document.text:
            self._text.model.set_value(self._document.text)
            self._count_lines()
        if not self._line_height and self._numbers.computed_content_height > 0:
            self._line_height = self._numbers.computed_content_height / max(self._lines, 1)
            self._page.height = ui.Pixel(self._height())
            self._marks.rebuild()
        marked: dict[int, str] = {}
        for problem in self._document.problems:
            if problem.line:
                marked[problem.line] = "\n".join(filter(None, (marked.get(problem.line), problem.message)))
        if marked != self.marked:
            self.marked = marked
            self._marks.rebuild()
        if self._sought and self._line_height:
            self._scroll.scroll_y = max(0.0, (self._sought - 4) * self._line_height)
            self._sought = 0

    def show(self, line: int) -> None:
        """Scroll to a line, counted from 1."""
        self._sought = line

    def close(self) -> None:
        """Do nothing: the text belongs to the document."""

    def _count_lines(self) -> None:
        lines = self._text.model.as_string.count("\n") + 1
        if lines == self._lines:
            return
        self._lines = lines
        self._numbers.text = "\n".join(map(str, range(1, lines + 1)))
        if self._line_height:
            self._page.height = ui.Pixel(self._height())

    def _height(self) -> float:
        return (self._lines + 3) * self._line_height + 2 * _PAD

    def _build_marks(self) -> None:
        with ui.ZStack():
            for line, message in self.marked.items():
                with ui.Placer(offset_y=ui.Pixel(_PAD + (line - 1) * self._line_height)):
                    ui.Rectangle(
                        height=ui.Pixel(self._line_height),
                        tooltip=message,
                        style_type_name_override="Panel.Editor.Mark",
                    )

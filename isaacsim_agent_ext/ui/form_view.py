"""The form: the fields of a document, whichever schema they come from."""

from __future__ import annotations

import omni.ui as ui

from isaacsim_agent_ext.ui.fields.base import FieldView, FormContext
from isaacsim_agent_ext.ui.fields.sections import FieldsView
from isaacsim_agent_ext.ui.viewmodel.form import Field, Path

_MOST_TRIES = 24
"""Frames after which a field is not looked for any longer: there are no more sections around any."""


class FormView:
    """Draws the form of a document and keeps it up to date.

    What is folded away is not drawn; what changes is changed in place. Edits of the document are shown by `update`,
    which is called once per frame: widgets must not be replaced while they report an edit.
    """

    def __init__(self, form: FormContext):
        self.form = form
        self.field: Field = form.document.form()
        self.depth = -1
        self._fields = FieldsView(self, 0)  # type: ignore[arg-type]
        self._sought: tuple[Path, int] | None = None

    @property
    def views(self) -> tuple[FieldView, ...]:
        """The views of the outermost fields, as far as they are drawn."""
        return tuple(self._fields)

    def view(self, path: Path) -> FieldView:
        """Return the view of a field.

        Raises:
            KeyError: It is not drawn.
        """
        for outer in self._fields:
            view = outer.nearest(path)
            if view is not None and view.field.path == path:
                return view
        raise KeyError(path)

    def build(self) -> None:
        """Create the form in the container at hand."""
        self._scroll = ui.ScrollingFrame(
            horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF,
            vertical_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_AS_NEEDED,
        )
        with self._scroll:
            self._frame = ui.Frame(build_fn=self._build_fields)

    def _build_fields(self) -> None:
        with ui.HStack(height=0):
            ui.Spacer(width=6)
            with ui.VStack(height=0):
                ui.Spacer(height=6)
                self._fields.build()
                ui.Spacer(height=12)
            ui.Spacer(width=6)

    def update(self) -> None:
        """Show what has changed in the document."""
        field = self.form.document.form()
        if field is not self.field:
            self.field = field
            if not self._fields.update():
                self._frame.rebuild()
        if self._sought is not None:
            self._seek(*self._sought)

    def show(self, path: Path) -> None:
        """Open what hides a field, scroll to it and give it the keyboard."""
        self._sought = (path, 0)

    def scroll_to_top(self) -> None:
        """Scroll to the first field."""
        self._scroll.scroll_y = 0.0

    def _seek(self, path: Path, tries: int) -> None:
        """Do so bit by bit: a section is drawn in the frame after it was opened and scrolled to."""
        self._sought = (path, tries + 1) if tries < _MOST_TRIES else None
        for child in self._fields:
            child.reveal(path)
            view = child.nearest(path)
            if view is not None:
                view.scroll_here()
                if view.field.path == path:
                    view.focus()
                    self._sought = None
                return

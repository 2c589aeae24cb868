"""The form: the fields of a document, whichever schema they come from."""

from __future__ import annotations

from dataclasses import replace

import omni.ui as ui

from isaacsim_agent_ext.ui.fields.base import FieldView, FormContext
from isaacsim_agent_ext.ui.fields.sections import FieldsView
from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind, Path

_MOST_TRIES = 24
"""Frames after which a field is not looked for any longer: there are no more sections around any."""

_SECTIONS = (Kind.SECTION, Kind.GROUP_MAP, Kind.LIST)
_LOOSE: Path = ("",)
"""Path of the section for fields that stand in none; no key is empty."""


class FormView:
    """Draws the form of a document and keeps it up to date.

    What is folded away is not drawn; what changes is changed in place. Edits of the document are shown by `update`,
    which is called once per frame: widgets must not be replaced while they report an edit.

    Args:
        form: What the fields need around them.
        loose: Title of the section for fields that stand in none; by default what the whole form is called.
    """

    def __init__(self, form: FormContext, loose: str = ""):
        self.form = form
        self._loose = loose
        self._section: Field | None = None
        self._drawn: Field = form.document.form()
        self.field: Field = self._arranged(self._drawn)
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
        if field is not self._drawn:
            self._drawn, self.field = field, self._arranged(field)
            if not self._fields.update():
                self._frame.rebuild()
        if self._sought is not None:
            self._seek(*self._sought)

    def _arranged(self, form: Field) -> Field:
        """Return a form with the fields that stand in no section in one of their own, which comes first."""
        loose = tuple(child for child in form.children if child.kind not in _SECTIONS)
        if not loose or len(loose) == len(form.children):
            return form
        if self._section is None or self._section.children != loose:
            self._section = Field(
                path=_LOOSE,
                kind=Kind.SECTION,
                label=self._loose or form.label,
                help=form.help,
                is_set=True,
                required=True,
                children=loose,
                problem_count=sum(child.problem_count for child in loose),
            )
        others = tuple(child for child in form.children if child.kind in _SECTIONS)
        return replace(form, children=(self._section, *others))

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

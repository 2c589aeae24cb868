"""What all views of fields have in common: they draw a field once, and then change only what has changed."""

from __future__ import annotations

import abc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import omni.ui as ui

from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.folds import Folds
from isaacsim_agent_ext.ui.host import PrimTree, UiHost
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.form import Field, Path


@dataclass(frozen=True)
class FormContext:
    """What a view of a field needs around it.

    Attributes:
        document: What is edited.
        host: The program around the panel.
        folds: Which sections are open.
        make: Makes the view of a field at a depth.
        prims: Returns the prims from which one can be picked, or None; it may take a while.
    """

    document: Document
    host: UiHost
    folds: Folds
    make: Callable[[Field, FormContext, int], FieldView]
    prims: Callable[[], Awaitable[PrimTree | None]]

    def edit(self, change: Callable[[], object]) -> bool:
        """Change the document; tell the user if it refuses, and return whether it did not."""
        try:
            change()
        except ConfigError as error:
            self.host.notify(str(error), warning=True)
            return False
        return True


class FieldView(abc.ABC):
    """Draws one field of a form.

    Attributes:
        field: What is drawn, or will be in the next frame.
        depth: In how many sections the field stands.
    """

    def __init__(self, field: Field, form: FormContext, depth: int):
        self.field = field
        self.form = form
        self.depth = depth

    @abc.abstractmethod
    def build(self) -> None:
        """Create the widgets in the container at hand."""

    def update(self, field: Field) -> None:
        """Show another state of the same field, of the same kind."""
        if field is not self.field:
            before, self.field = self.field, field
            self.refresh(before)

    @abc.abstractmethod
    def refresh(self, before: Field) -> None:
        """Bring the widgets up to date after `field` was another one before."""

    def nearest(self, path: Path) -> FieldView | None:
        """Return the view of the field at ``path``, or of the innermost section around it that has been drawn."""
        return self if self.field.find(path) is not None else None

    def reveal(self, path: Path) -> None:  # noqa: B027 - most fields hide nothing
        """Open whatever hides the field at ``path`` in this one."""

    @abc.abstractmethod
    def scroll_here(self) -> None:
        """Scroll until the field can be seen."""

    def edit(self, change: Callable[[], object]) -> None:
        """Change the document; if it refuses, show the field as it still is."""
        if not self.form.edit(change):
            self.refresh(self.field)

    def set(self, value: object) -> None:
        """Set the value of the field."""
        self.edit(lambda: self.form.document.set(self.field.path, value))

    def focus(self) -> None:  # noqa: B027 - some fields cannot have it
        """Give the field the keyboard, where it can have it."""


def draw_tooltip(field: Field) -> None:
    """Draw the help of a field: what it is, what is allowed, what leaving it out means."""
    key = "" if field.is_entry or field.is_choice else field.key
    with ui.HStack(width=340, height=0):
        ui.Spacer(width=8)
        with ui.VStack(height=0, spacing=style.GAP):
            ui.Spacer(height=2)
            ui.Label(f"{field.label}   {key}", style_type_name_override="Panel.Tooltip.Title")
            if field.help:
                ui.Label(field.help, word_wrap=True, style_type_name_override="Panel.Tooltip.Text")
            for line in _notes(field):
                ui.Label(line, word_wrap=True, style_type_name_override="Panel.Tooltip.Note")
            ui.Spacer(height=2)
        ui.Spacer(width=8)


def _notes(field: Field) -> list[str]:
    notes = []
    if field.expects:
        notes.append(f"Expected: {field.expects}")
    if field.unit and field.unit not in field.expects:
        notes.append(f"Unit: {field.unit}")
    if field.has_default:
        notes.append(f"Default: {in_words(field.default)}")
    elif field.required:
        notes.append("Required")
    return notes


def in_words(value: object) -> str:
    """Return a value as one would write it into the file, shortened."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not value:
        return "an empty text"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(in_words, value))}]" if value else "an empty list"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {in_words(item)}" for key, item in value.items()) or "an empty map"
    return str(value)


def label_width(depth: int) -> int:
    """Return the width of the labels at a depth, such that all fields begin at the same place [px]."""
    return max(style.LABEL - style.INDENT * depth, style.LABEL_LEAST)

"""Views that hold other fields: sections, choices between sections, and collections of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.base import FieldView
from isaacsim_agent_ext.ui.fields.entry_menu import show_entry_menu, show_menu
from isaacsim_agent_ext.ui.fields.fold import Fold
from isaacsim_agent_ext.ui.fields.scalars import ChoiceView
from isaacsim_agent_ext.ui.viewmodel.form import Field, Path


class FieldsView:
    """Views of the children of a field, one below the other, drawn anew when the children are others."""

    def __init__(self, owner: FieldView, depth: int):
        self._owner = owner
        self._depth = depth
        self._views: tuple[FieldView, ...] = ()
        self._shape: tuple[object, ...] | None = None

    def build(self) -> None:
        """Create the widgets of all children."""
        form, field = self._owner.form, self._owner.field
        self._shape = _shape(field)
        views = []
        with ui.VStack(height=0, spacing=style.GAP):
            for child in field.children:
                view = form.make(child, form, self._depth)
                view.build()
                views.append(view)
        self._views = tuple(views)

    def update(self) -> bool:
        """Bring the views up to date; return False if that takes drawing anew."""
        field = self._owner.field
        if self._shape is None:
            return True  # nothing is drawn yet
        if self._shape != _shape(field):
            return False
        for view, child in zip(self._views, field.children, strict=True):
            view.update(child)
        return True

    def __iter__(self) -> Iterator[FieldView]:
        return iter(self._views)


def _shape(field: Field) -> tuple[object, ...]:
    """Return all that decides which widgets the children of a field are."""
    return tuple(
        (child.path, child.kind, child.item, child.length, child.choices, child.can_add, child.unit)
        for child in field.children
    )


class ContainerView(FieldView):
    """A field that holds others, in a section that can be folded."""

    def build(self) -> None:
        """Create the section."""
        self._fields = FieldsView(self, self.depth + 1)
        self._problems: ui.Label | None = None  # made when the section is first open
        field = self.field
        self._fold = Fold(
            self,
            is_open=self.form.folds.is_open(field.path, self.opens_by_itself()),
            build_content=self._build_content,
            build_buttons=self.build_buttons,
            toggled=lambda value: self.form.folds.set_open(self.field.path, value),
        )

    @property
    def views(self) -> tuple[FieldView, ...]:
        """The views of the children, as far as they are drawn."""
        return tuple(self._fields)

    def unfold(self) -> None:
        """Open the section."""
        self._fold.open()
        self.form.folds.set_open(self.field.path, True)

    def opens_by_itself(self) -> bool:
        """Return whether it is open as long as the user never said."""
        return self.depth == 0

    def build_buttons(self) -> None:
        """Create the buttons in the header."""
        if self.field.is_entry:
            _tool("more", lambda: show_entry_menu(self, self._rename), "Duplicate, rename, move, remove")
        elif self.field.is_set and not self.field.required and self.depth:
            _tool("reset", lambda: self.edit(lambda: self.form.document.reset(self.field.path)), "Reset to the default")

    def _rename(self) -> None:
        self._fold.rename(lambda name: self.edit(lambda: self.form.document.rename(self.field.path, name)))

    def _build_content(self) -> None:
        with ui.HStack(height=0):
            ui.Spacer(width=style.INDENT)
            with ui.VStack(height=0, spacing=style.GAP):
                ui.Spacer(height=1)
                self._build_problems()
                self.build_above()
                self._fields.build()
                self.build_below()
                ui.Spacer(height=2)

    def _build_problems(self) -> None:
        self._problems = ui.Label("", word_wrap=True, height=0, visible=False, style_type_name_override="Panel.Problem")
        self._show_problems()

    def _show_problems(self) -> None:
        if self._problems is not None:
            lines = (*self.field.problems, *self.field.warnings)
            self._problems.text = "\n".join(lines)
            self._problems.visible = bool(lines)

    def build_above(self) -> None:
        """Create what stands above the children."""

    def build_below(self) -> None:
        """Create what stands below the children."""

    def refresh(self, before: Field) -> None:
        """Show what has changed."""
        self._fold.refresh()
        self._show_problems()
        if not self._fields.update():
            self._fold.content.rebuild()

    def nearest(self, path: Path) -> FieldView | None:
        """Return the view of the field at ``path``, or of the innermost section around it that has been drawn."""
        inner = (view.nearest(path) for view in self._fields)
        return next((view for view in inner if view is not None), super().nearest(path))

    def reveal(self, path: Path) -> None:
        """Open this section and those below it on the way, and have them drawn, so that one can scroll to the field."""
        if self.field.find(path) is not None and path != self.field.path:
            self.unfold()
            self._fold.draw_out_of_sight()
            for view in self._fields:
                view.reveal(path)

    def scroll_here(self) -> None:
        """Scroll to the header."""
        self._fold.scroll_here()


class SectionView(ContainerView):
    """A map with known keys."""

    def opens_by_itself(self) -> bool:
        """Return whether there is something in it that one wants to see."""
        is_open = self.depth == 0 or (self.field.is_set and self.depth < 2)
        return (is_open and not self.field.is_entry) or self.field.problem_count > 0


class ChoiceEntryView(ContainerView):
    """An entry that is one of several things, such as a behavior, with the fields of the one that it is."""

    _menu: ChoiceView | None = None

    def opens_by_itself(self) -> bool:
        """Return whether there is something in it that one wants to see."""
        return self.field.problem_count > 0

    def build_above(self) -> None:
        """Create the menu of what it can be."""
        self._menu = ChoiceView(self.field, self.form, self.depth + 1, label="Type")
        self._menu.build()

    def _build_problems(self) -> None:
        """Leave it to the menu to show what is wrong."""

    def refresh(self, before: Field) -> None:
        """Show what has changed."""
        super().refresh(before)
        if self._menu is not None:
            self._menu.update(self.field)


class ChoiceInlineView(FieldView):
    """A choice among the fields of a section: a menu, and below it the fields of what is chosen."""

    def build(self) -> None:
        """Create the menu and the fields."""
        self._menu = ChoiceView(self.field, self.form, self.depth)
        self._fields = FieldsView(self, self.depth)
        with ui.VStack(height=0, spacing=style.GAP):
            self._menu.build()
            self._frame = ui.Frame(height=0)
            self._build_fields()

    def _build_fields(self) -> None:
        self._frame.clear()
        with self._frame:
            self._fields.build()

    def refresh(self, before: Field) -> None:
        """Show what has changed."""
        self._menu.update(self.field)
        if not self._fields.update():
            self._build_fields()

    def nearest(self, path: Path) -> FieldView | None:
        """Return the view of the field at ``path``, or of the innermost section around it that has been drawn."""
        inner = (view.nearest(path) for view in self._fields)
        return next((view for view in inner if view is not None), super().nearest(path))

    def reveal(self, path: Path) -> None:
        """Open what hides the field at ``path``."""
        for view in self._fields:
            view.reveal(path)

    def scroll_here(self) -> None:
        """Scroll to the menu."""
        self._menu.scroll_here()


class CollectionView(ContainerView):
    """A map or a list whose entries come and go."""

    def opens_by_itself(self) -> bool:
        """Return whether there is something in it that one wants to see."""
        return (self.depth < 2 and bool(self.field.children)) or self.field.problem_count > 0

    def build_buttons(self) -> None:
        """Create the button that adds, and those of an entry."""
        if self.field.can_add:
            self._add_button = _tool("add", self._add, f"Add to {self.field.label.lower()}")
        super().build_buttons()

    def build_below(self) -> None:
        """Say so when there is nothing."""
        if not self.field.children:
            with ui.HStack(height=style.ROW, spacing=style.GAP):
                ui.Label("None yet", width=0, style_type_name_override="Panel.Note")
                ui.Spacer()

    def _add(self) -> None:
        self.unfold()
        if not self.field.choices:
            self._add_one(None)
            return
        names = self.field.choice_labels or self.field.choices
        show_menu(
            [
                (str(name), lambda option=option: self._add_one(option))  # type: ignore[misc]
                for name, option in zip(names, self.field.choices, strict=True)
            ]
        )

    def _add_one(self, option: str | None) -> None:
        """Add an entry, which is open at first: one wants to fill it in."""
        document, path = self.form.document, self.field.path
        self.edit(lambda: self.form.folds.set_open(document.add(path, option=option), True))


def _tool(icon: str, action: Callable[[], None], tip: str) -> ui.Button:
    return ui.Button(
        "",
        image_url=style.icon(icon),
        width=style.SIDE,
        clicked_fn=action,
        tooltip=tip,
        style_type_name_override="Panel.Tool",
        name="muted",
    )

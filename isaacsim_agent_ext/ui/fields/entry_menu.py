"""What can be done with an entry of a map or an item of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import omni.ui as ui

from isaacsim_agent_ext.ui.fields.base import FieldView

_held: list[ui.Menu | ui.MenuItem] = []  # omni.ui lets go of a menu that nobody holds, even while it is open


def show_menu(items: Sequence[tuple[str, Callable[[], None]] | None]) -> None:
    """Open a menu at the pointer; None stands for a line between items."""
    menu = ui.Menu("Panel", tearable=False)
    made: list[ui.MenuItem] = []
    with menu:
        for item in items:
            if item is None:
                ui.Separator()
            else:
                made.append(ui.MenuItem(item[0], triggered_fn=item[1]))
    _held[:] = [menu, *made]
    menu.show()


def shown() -> tuple[ui.MenuItem, ...]:
    """Return the items of the menu that was opened last."""
    return tuple(_held[1:])


def show_entry_menu(view: FieldView, rename: Callable[[], None] | None = None) -> None:
    """Open the menu of an entry.

    Args:
        view: Shows the entry.
        rename: Begins to rename it, for an entry that has a name.
    """
    document, path = view.form.document, view.field.path
    items: list[tuple[str, Callable[[], None]] | None] = [
        ("Duplicate", lambda: view.edit(lambda: document.duplicate(path)))
    ]
    if rename is not None:
        items.append(("Rename", rename))
    items += [
        None,
        ("Move Up", lambda: view.edit(lambda: document.move(path, -1))),
        ("Move Down", lambda: view.edit(lambda: document.move(path, 1))),
        None,
        ("Remove", lambda: view.edit(lambda: document.remove(path))),
    ]
    show_menu(items)

"""Picking a prim from a tree."""

from __future__ import annotations

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.dialogs import Dialog, build_answers
from isaacsim_agent_ext.ui.host import Prim, PrimTree, UiHost


async def ask_prim(host: UiHost, tree: PrimTree, title: str, now: str | None) -> str | None:
    """Ask for a prim; return its path, or None when the user cancels.

    Args:
        host: The program around the panel.
        tree: The prims.
        title: What the prim is for.
        now: The path chosen so far, which is shown and selected.
    """
    dialog = Dialog(host, f"Pick {title}", 460, 480)
    shown.append(PrimPicker(dialog, tree, now or ""))
    try:
        chosen: str | None = await dialog.result()
    finally:
        shown.pop()
    return chosen


class PrimPicker:
    """The content of the dialog: the prims, those that are open with their children."""

    def __init__(self, dialog: Dialog, tree: PrimTree, chosen: str):
        self._dialog = dialog
        self._tree = tree
        self._chosen = chosen
        parts = [part for part in chosen.split("/") if part]
        self._open = {"/" + "/".join(parts[:end]) for end in range(1, len(parts))}
        self.rows: dict[str, ui.Rectangle] = {}
        dialog.confirm = self._accept
        with dialog.page(), ui.HStack():
            ui.Spacer(width=8)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=4)
                with ui.ZStack():
                    ui.Rectangle(style_type_name_override="Panel.List")
                    with ui.ScrollingFrame(vertical_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_AS_NEEDED):
                        self._list = ui.Frame(build_fn=self._build)
                self._path = ui.Label(chosen or "Nothing picked", elided_text=True, height=style.ROW)
                self._path.style_type_name_override = "Panel.Note"
                build_answers(dialog, [("Pick", None), ("Cancel", None)])
                dialog.buttons["Pick"].set_clicked_fn(self._accept)
            ui.Spacer(width=8)

    def _build(self) -> None:
        self.rows.clear()
        with ui.VStack(height=0):
            self._build_below("/", 0)

    def _build_below(self, path: str, depth: int) -> None:
        for prim in self._tree.children(path):
            self._build_row(prim, depth)
            if prim.path in self._open:
                self._build_below(prim.path, depth + 1)

    def _build_row(self, prim: Prim, depth: int) -> None:
        with ui.ZStack(height=20, skip_draw_when_clipped=True):
            row = ui.Rectangle(style_type_name_override="Panel.Row", selected=prim.path == self._chosen)
            row.set_mouse_pressed_fn(lambda x, y, button, _m: self._select(prim.path))
            row.set_mouse_double_clicked_fn(lambda x, y, button, _m: self._accept())
            self.rows[prim.path] = row
            with ui.HStack(spacing=style.GAP):
                ui.Spacer(width=4 + 14 * depth)
                if prim.has_children:
                    ui.Button(
                        "",
                        image_url=style.icon("opened" if prim.path in self._open else "closed"),
                        width=18,
                        clicked_fn=lambda: self._toggle(prim.path),
                        style_type_name_override="Panel.Tool",
                        name="muted",
                    )
                else:
                    ui.Spacer(width=18)
                ui.Label(prim.path.rpartition("/")[2], width=0, style_type_name_override="Panel.Label")
                ui.Label(prim.type_name, style_type_name_override="Panel.Note")

    def _toggle(self, path: str) -> None:
        self._open.symmetric_difference_update({path})
        self._list.rebuild()

    def _select(self, path: str) -> None:
        self._chosen = path
        self._path.text = path
        for each, row in self.rows.items():
            row.selected = each == path

    def _accept(self) -> None:
        if self._chosen:
            self._dialog.answer(self._chosen)


shown: list[PrimPicker] = []
"""What is open at the moment."""

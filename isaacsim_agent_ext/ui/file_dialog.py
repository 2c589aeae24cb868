"""Choosing a file or a folder, where the program around the panel has no dialog for it."""

from __future__ import annotations

import os
from pathlib import Path

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.dialogs import Dialog, ask, build_answers
from isaacsim_agent_ext.ui.host import PathQuestion, UiHost

_VERBS = {"open": "Open", "save": "Save", "folder": "Choose"}


async def ask_path(host: UiHost, question: PathQuestion) -> Path | None:
    """Ask for a file or a folder; None when the user cancels."""
    while True:
        dialog = Dialog(host, question.title, 560, 460)
        browser = FileBrowser(dialog, question)
        shown.append(browser)
        try:
            chosen: Path | None = await dialog.result()
        finally:
            shown.remove(browser)
        if chosen is None or question.wanted != "save" or not os.path.exists(chosen) or chosen == question.start:
            return chosen
        if await ask(
            host, question.title, f"{chosen.name} is already there. Replace it?", [("Replace", True), ("Back", False)]
        ):
            return chosen
        question = PathQuestion(
            title=question.title, wanted="save", start=browser.folder / chosen.name, suffixes=question.suffixes
        )


class FileBrowser:
    """The content of the dialog: where one is, what is there, what is chosen."""

    def __init__(self, dialog: Dialog, question: PathQuestion):
        self._dialog = dialog
        self._question = question
        start = question.start
        self.folder = start if start.is_dir() else start.parent
        self._name = "" if start.is_dir() else start.name
        dialog.confirm = self._accept
        with dialog.page(), ui.HStack():
            ui.Spacer(width=8)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=4)
                self._build_place()
                with ui.ZStack():
                    ui.Rectangle(style_type_name_override="Panel.List")
                    with ui.ScrollingFrame(
                        horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF,
                        vertical_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_AS_NEEDED,
                    ):
                        self._list = ui.Frame(build_fn=self._build_list)
                self._build_name()
                build_answers(dialog, [(_VERBS[question.wanted], None), ("Cancel", None)])
                self.accept_button = dialog.buttons[_VERBS[question.wanted]]
                self.accept_button.set_clicked_fn(self._accept)
            ui.Spacer(width=8)

    def _build_place(self) -> None:
        with ui.HStack(height=style.ROW, spacing=style.GAP):
            for icon, tip, action in (
                ("up", "To the folder above", lambda: self._enter(self.folder.parent)),
                ("home", "To your own folder", lambda: self._enter(Path.home())),
            ):
                ui.Button(
                    "",
                    image_url=style.icon(icon),
                    width=style.TOOL,
                    clicked_fn=action,
                    tooltip=tip,
                    style_type_name_override="Panel.Tool",
                )
            self._place = ui.StringField(style_type_name_override="Panel.Field")
            self._place.model.set_value(str(self.folder))
            self._place.model.add_end_edit_fn(lambda model: self._typed(model.as_string))

    def _build_name(self) -> None:
        with ui.HStack(height=style.ROW, spacing=style.GAP):
            what = "Folder" if self._question.wanted == "folder" else "File"
            ui.Label(what, width=44, style_type_name_override="Panel.Label")
            self.name_field = ui.StringField(style_type_name_override="Panel.Field")
            self.name_field.model.set_value(self._name)

    def _build_list(self) -> None:
        folders, files = _listing(self.folder, self._question)
        with ui.VStack(height=0):
            for path in (*folders, *files):
                self._build_row(path, is_folder=path in folders)
            if not folders and not files:
                ui.Label("Nothing to choose here", height=style.ROW, style_type_name_override="Panel.Note")

    def _build_row(self, path: Path, *, is_folder: bool) -> None:
        with ui.ZStack(height=style.ROW, skip_draw_when_clipped=True):
            row = ui.Rectangle(style_type_name_override="Panel.Row")
            row.set_mouse_pressed_fn(lambda x, y, button, _m: self._select(path, is_folder))
            row.set_mouse_double_clicked_fn(lambda x, y, button, _m: self._take(path, is_folder))
            with ui.HStack(spacing=6):
                ui.Spacer(width=4)
                with ui.VStack(width=16):
                    ui.Spacer()
                    ui.Image(
                        style.icon("folder" if is_folder else "file"),
                        width=16,
                        height=16,
                        style_type_name_override="Panel.Icon",
                        name="" if is_folder else "muted",
                    )
                    ui.Spacer()
                ui.Label(path.name, elided_text=True, style_type_name_override="Panel.Label")

    def _typed(self, text: str) -> None:
        path = Path(os.path.expanduser(text))  # unlike `Path`, `os.path` refuses no text, however odd
        if os.path.isdir(path) and path != self.folder:
            self._enter(path)

    def _enter(self, folder: Path) -> None:
        self.folder = folder
        self._place.model.set_value(str(folder))
        self._list.rebuild()

    def _select(self, path: Path, is_folder: bool) -> None:
        if not is_folder or self._question.wanted == "folder":
            self.name_field.model.set_value(path.name)

    def _take(self, path: Path, is_folder: bool) -> None:
        if is_folder:
            if self._question.wanted == "folder":
                self.name_field.model.set_value("")
            self._enter(path)
        else:
            self._dialog.answer(path)

    def _accept(self) -> None:
        name = self.name_field.model.as_string.strip()
        if not name and self._question.wanted != "folder":
            return
        path = self.folder / os.path.expanduser(name) if name else self.folder
        if os.path.isdir(path) and self._question.wanted != "folder":
            self._enter(path)
            return
        if self._question.wanted == "open" and not os.path.isfile(path):
            return
        if self._question.wanted == "save" and self._question.suffixes and path.suffix not in self._question.suffixes:
            path = path.with_name(path.name + self._question.suffixes[0])
        self._dialog.answer(path)


def _listing(folder: Path, question: PathQuestion) -> tuple[list[Path], list[Path]]:
    """Return what can be chosen in a folder, without what is hidden; nothing if it cannot be read."""
    folders, files = [], []
    try:
        for path in sorted(folder.iterdir(), key=lambda path: path.name.lower()):
            if path.name.startswith("."):
                continue
            if path.is_dir():
                folders.append(path)
            elif question.wanted != "folder" and (not question.suffixes or path.suffix.lower() in question.suffixes):
                files.append(path)
    except OSError:
        return [], []
    return folders, files


shown: list[FileBrowser] = []
"""What is open at the moment."""

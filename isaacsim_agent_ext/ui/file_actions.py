"""New, open, reload, save: what the panel does with files, and what it asks before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from isaacsim_agent_ext.errors import AgentError
from isaacsim_agent_ext.ui.dialogs import ask
from isaacsim_agent_ext.ui.host import PathQuestion, UiHost
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.recent_files import RecentFiles

SUFFIXES = (".yaml", ".yml")


class FileActions:
    """The actions of the toolbar on files. Each asks before unsaved changes are lost, and tells what went wrong."""

    def __init__(self, host: UiHost, document: Document):
        self.recent = RecentFiles(host.state_folder)
        self._host = host
        self._document = document

    async def new(self) -> None:
        """Begin a new config."""
        if await self.may_lose_changes():
            self._document.new()

    async def open(self, path: Path | None = None) -> None:
        """Open a config; without a path, ask which."""
        if not await self.may_lose_changes():
            return
        if path is None:
            path = await self._host.choose_path(
                PathQuestion(title="Open Config", wanted="open", start=self._folder(), suffixes=SUFFIXES)
            )
        if path is not None:
            self._try(lambda: self._document.open(path))

    async def reload(self) -> None:
        """Read the file again."""
        if self._document.path is None:
            return
        if self._document.dirty:
            answer = await ask(
                self._host,
                "Reload",
                f"{self._document.path.name} has changes that are not saved. Reload the file and lose them?",
                [("Reload", True), ("Cancel", False)],
            )
            if not answer:
                return
        self._try(self._document.reload)

    async def save(self) -> bool:
        """Save the config; one without a file is saved as `save_as` does. Return whether it is saved."""
        if self._document.path is None:
            return await self.save_as()
        if self._document.changed_outside:
            answer = await ask(
                self._host,
                "File Changed",
                f"{self._document.path.name} was changed by another program since it was opened here. Overwrite it?",
                [("Save As...", "elsewhere"), ("Overwrite", "overwrite"), ("Cancel", "cancel")],
            )
            if answer != "overwrite":
                return answer == "elsewhere" and await self.save_as()
        return self._try(self._document.save)

    async def save_as(self) -> bool:
        """Ask for a file and save the config there; return whether it is saved."""
        start = self._document.path or self._folder() / "config.yaml"
        path = await self._host.choose_path(
            PathQuestion(title="Save Config As", wanted="save", start=start, suffixes=SUFFIXES)
        )
        return path is not None and self._try(lambda: self._document.save(path))

    async def may_lose_changes(self) -> bool:
        """Return whether to go on; with unsaved changes, ask what is to become of them."""
        if not self._document.dirty:
            return True
        name = self._document.path.name if self._document.path else "The new config"
        answer = await ask(
            self._host,
            "Unsaved Changes",
            f"{name} has changes that are not saved.",
            [("Save", "save"), ("Discard", "discard"), ("Cancel", "cancel")],
        )
        return answer == "discard" or (answer == "save" and await self.save())

    def _folder(self) -> Path:
        return self._document.path.parent if self._document.path else Path.cwd()

    def _try(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except (AgentError, OSError) as error:
            self._host.notify(str(error), warning=True)
            return False
        if self._document.path is not None:
            self.recent.add(self._document.path)
        return True

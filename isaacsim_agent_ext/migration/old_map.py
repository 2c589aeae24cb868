"""One map of an old config, read key by key."""

from __future__ import annotations

import math
from typing import Any

from isaacsim_agent_ext.config.document import Document
from isaacsim_agent_ext.config.schema import KeyPath, dotted
from isaacsim_agent_ext.config.wording import code, found
from isaacsim_agent_ext.errors import Problem
from isaacsim_agent_ext.migration.log import Change, Log, Note


class OldMap:
    """A map of an old config whose keys are taken one by one; those that nobody takes are left over.

    Values that are no use at all become problems in the log, and read as if they were not there.
    """

    def __init__(self, document: Document, path: KeyPath, value: Any, log: Log):
        self._document = document
        self._path = path
        self._log = log
        self._values: dict[str, Any] = value if isinstance(value, dict) else {}
        self._taken: set[str] = set()
        if value is not None and not isinstance(value, dict):
            self._problem((), f"found {found(value)}, expected a map")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def take(self, key: str) -> Any:
        """Return a value of any kind; None when there is none."""
        self._taken.add(key)
        return self._values.get(key)

    def map(self, key: str) -> OldMap:
        """Return the map under a key; an empty one when there is none."""
        return OldMap(self._document, (*self._path, key), self.take(key), self._log)

    def integer(self, key: str) -> int | None:
        """Return a whole number."""
        value = self.take(key)
        if value is None:
            return None
        usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not usable or value != int(value):
            self._problem((key,), f"found {found(value)}, expected an integer")
            return None
        return int(value)

    def count(self, key: str) -> int | None:
        """Return a whole number that is not negative."""
        value = self.integer(key)
        if value is not None and value < 0:
            self._problem((key,), f"found {value}, expected an integer of at least 0")
            return None
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean; False when there is none."""
        value = self.take(key)
        if not isinstance(value, bool | None):
            self._problem((key,), f"found {found(value)}, expected true or false")
        return value is True

    def text(self, key: str) -> str | None:
        """Return a text; None for an empty one."""
        value = self.take(key)
        if not isinstance(value, str | None):
            self._problem((key,), f"found {found(value)}, expected a text")
            return None
        return value or None

    def asset_path(self, key: str, new: str) -> str | None:
        """Return the path of an asset; None for an empty one. Tells where it stands now, and what it needs there."""
        path = self.text(key)
        self.renamed(key, new)
        if path is None:
            return None
        _, below_root, rest = path.rpartition("/Isaac/")
        relative = f"; {code(f'Isaac/{rest}')} is looked up under your assets root" if below_root else ""
        if path.startswith("omniverse://"):
            self.note("hint", key, f"`omniverse://` addresses need a Nucleus server{relative}")
        elif path.startswith(("http://", "https://")) and path.endswith("/"):
            self.note("hint", key, f"folders on web servers can be listed in Isaac Sim only{relative}")
        return path

    def names(self, key: str) -> list[str]:
        """Return a list of names, each once; a single name counts as a list of one."""
        value = self.take(key)
        items = value if isinstance(value, list) else [] if value in (None, "") else [value]
        names = []
        for i, item in enumerate(items):
            if isinstance(item, dict | list):
                self._problem((key, i), f"found {found(item)}, expected a name")
            elif item not in (None, ""):
                names.append(item if isinstance(item, str) else str(item))
        return list(dict.fromkeys(names))

    def note(self, change: Change, key: str, message: str) -> None:
        """Tell what became of a key, or of the map as a whole when the key is empty."""
        path = (*self._path, key) if key else self._path
        mark = self._document.key_marks.get(path)
        self._log.notes.append(Note(change, dotted(path[1:]), message, self._document.name, mark.line if mark else 0))

    def renamed(self, key: str, new: str) -> None:
        """Tell that the value of a key, if it is there, now stands under another; or nowhere, if it says nothing."""
        if self._values.get(key, ()) in (None, "", [], False):
            self.note("dropped", key, "it says what is the default")
        elif key in self._values:
            self.note("renamed", key, f"now {code(new)}")

    def left_over(self) -> dict[str, Any]:
        """Return the keys that nobody took, with their values."""
        return {key: value for key, value in self._values.items() if key not in self._taken}

    def _problem(self, below: KeyPath, message: str) -> None:
        path = (*self._path, *below)
        mark = self._document.value_marks[path]
        self._log.problems.append(Problem(dotted(path[1:]), message, self._document.name, mark.line, mark.column))

"""The files that were opened last, remembered from one session to the next."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.storage.local import LocalSink

_MOST_FILES = 10
_FILE = "recent_files.json"


def state_folder() -> Path:
    """Return the folder in which the user's programs keep what they remember; it may not exist."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA")
    else:
        base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "isaacsim_agent_ext"


class RecentFiles:
    """The files that were opened last, the newest first.

    Args:
        folder: Where they are remembered.
    """

    def __init__(self, folder: Path | None = None):
        self._folder = folder or state_folder()

    def list(self) -> tuple[Path, ...]:
        """Return those that are still there."""
        try:
            names = json.loads((self._folder / _FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # nothing remembered yet, or nothing that could be used
            return ()
        paths = [Path(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
        return tuple(path for path in paths if os.path.isfile(path))[:_MOST_FILES]

    def add(self, path: Path) -> bool:
        """Put a file first; return whether it could be remembered: a home folder may be read-only."""
        path = path.expanduser().absolute()
        paths = [path, *(other for other in self.list() if other != path)][:_MOST_FILES]
        text = json.dumps([str(one) for one in paths], indent=2) + "\n"
        try:
            LocalSink(self._folder).write(_FILE, text.encode())
        except OutputError:
            return False
        return True

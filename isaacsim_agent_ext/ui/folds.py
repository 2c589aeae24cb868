"""Which sections of the panel are open, remembered from one session to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.storage.local import LocalSink

_MOST = 500


class Folds:
    """Open and closed sections, by their paths; a section that nobody touched is not in it.

    Args:
        file: Where to remember them; it is read once and written by `save`.
    """

    def __init__(self, file: Path):
        self._file = file
        self._open: dict[str, bool] = {}
        self._changed = False
        try:
            known = json.loads(file.read_text())
        except (OSError, ValueError):
            return  # nothing remembered, or nothing legible: all sections are as they come
        if isinstance(known, dict):
            self._open = {key: value for key, value in known.items() if isinstance(value, bool)}

    def is_open(self, path: Sequence[str | int], otherwise: bool) -> bool:
        """Return whether a section is open; ``otherwise`` when the user never said."""
        return self._open.get(_key(path), otherwise)

    def set_open(self, path: Sequence[str | int], value: bool) -> None:
        """Remember a section as open or closed."""
        key = _key(path)
        self._open.pop(key, None)  # so that the one used last stands last
        self._open[key] = value
        self._changed = True

    def save(self) -> bool:
        """Write what has changed; the sections used least recently are forgotten once there are very many.

        Return whether it is remembered: a home folder may be read-only.
        """
        if not self._changed:
            return True
        self._open = dict(list(self._open.items())[-_MOST:])
        try:
            LocalSink(self._file.parent).write(self._file.name, json.dumps(self._open, indent=0).encode())
        except OutputError:
            return False
        self._changed = False
        return True


def _key(path: Sequence[str | int]) -> str:
    return "/".join(map(str, path))

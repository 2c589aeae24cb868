"""Looking for files below a folder, forgiving about case, and telling what is near when nothing is there."""

from __future__ import annotations

import difflib
import os
from pathlib import Path, PurePosixPath


def find_below(root: Path, relative: str) -> Path | None:
    """Return the file or folder at a path below ``root``; letters of another case are forgiven, or None."""
    exact = root / relative
    if exact.exists():
        return exact
    current = root
    for part in PurePosixPath(relative).parts:
        names = {name.casefold(): name for name in sorted(_names(current), reverse=True)}
        name = part if (current / part).exists() else names.get(part.casefold())
        if name is None:
            return None
        current = current / name
    return current


def nearest_below(root: Path, relative: str) -> str | None:
    """Return the path below ``root`` that is most like one that does not exist, or None.

    The path is followed as far as it leads; the name that fails is replaced by the one most like it.
    """
    parts = PurePosixPath(relative).parts
    followed: list[str] = []
    current = root
    for part in parts:
        if (current / part).exists():
            followed.append(part)
            current = current / part
            continue
        by_fold = {name.casefold(): name for name in _names(current)}
        near = difflib.get_close_matches(part.casefold(), sorted(by_fold), n=1, cutoff=0.5)
        return "/".join([*followed, by_fold[near[0]]]) if near and followed else None
    return None


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError:
        return []

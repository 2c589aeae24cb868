"""Joining a file's name to the folder it must stay in."""

from __future__ import annotations

import os
from pathlib import Path

from isaacsim_agent_ext.errors import OutputError


def safe_join(root: Path, path: str) -> Path:
    """Return where ``path`` lies under ``root``, and make sure that it does.

    Args:
        root: An absolute folder without symbolic links in it (`Path.resolve`).
        path: Relative, ``/`` between folders.

    Raises:
        OutputError: The path is absolute, has a ``..``, an empty part, a backslash or a control character in it, or
            leads out of the folder through a symbolic link.
    """
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise OutputError(f"`{path}` is no path below `{root}`: it must be relative, without `..` and empty parts")
    if any(character == "\\" or ord(character) < 32 for character in path):
        raise OutputError(f"{path!r} is no path below `{root}`: backslashes and control characters are not allowed")
    if any(part.endswith(":") or (len(part) > 1 and part[1] == ":") for part in parts):
        raise OutputError(f"`{path}` is no path below `{root}`: it names a drive")
    target = root.joinpath(*parts)
    resolved = os.path.realpath(target)
    if os.path.commonpath([str(root), resolved]) != str(root):
        raise OutputError(f"`{path}` leads out of `{root}`, to `{resolved}`: remove the symbolic link in its way")
    return target

"""A look at the output folders before anything is loaded: better a word now than after minutes of set-up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from isaacsim_agent_ext.errors import OutputError


def check_output_folders(folders: Iterable[Path]) -> None:
    """Make sure that the folders are there or can be made, without making them.

    Raises:
        OutputError: A file stands in the way, or a folder may not be written to.
    """
    for folder in folders:
        there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
        if not there.is_dir():
            raise OutputError(
                f"cannot write to `{folder}`: `{there}` is no folder. Move it away, or choose another folder: "
                f"output_dir in the config, or --output"
            )
        if not os.access(there, os.W_OK | os.X_OK):
            raise OutputError(
                f"cannot write to `{folder}`: you may not write to `{there}`. Choose another folder: output_dir in "
                f"the config, or --output"
            )


def warnings_of_older_data(folders: Iterable[Path]) -> Iterator[str]:
    """Yield a text for each folder that holds something already."""
    for folder in dict.fromkeys(folders):
        if folder.is_dir() and any(folder.iterdir()):
            yield (
                f"{folder} is not empty: files of this run replace those of the same name, all others stay and mix "
                f"with them. Empty the folder, or choose another: output_dir in the config, or --output"
            )

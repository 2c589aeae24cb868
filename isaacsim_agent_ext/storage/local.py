"""A folder as a sink: files appear in it whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.storage.paths import safe_join

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class LocalSink:
    """Files below one folder, which is made when the first of them is written.

    Several processes may write to the same folder at once, also the same file: the last one to finish wins.
    """

    def __init__(self, root: Path | str):
        self.root = Path(root).expanduser().resolve()

    def write(self, path: str, data: bytes) -> None:
        """Store a file whole or not at all, in place of any that is there.

        Args:
            path: Relative to the root, ``/`` between folders.
            data: The whole content.

        Raises:
            OutputError: It cannot be written, or would lie outside the root.
        """
        with self.open_write(path) as file:
            file.write(data)

    @contextmanager
    def open_write(self, path: str) -> Iterator[BinaryIO]:
        """Store a file piece by piece; it appears, whole, when the block ends without an exception.

        Raises:
            OutputError: It cannot be written, or would lie outside the root.
        """
        target = safe_join(self.root, path)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with _open_in_new_folder(temporary) as file:
                yield file
            os.replace(temporary, target)
        except OSError as error:
            _discard(temporary)
            if isinstance(error, OutputError):
                raise
            raise _explained(error, target, self.root) from error
        except BaseException:
            _discard(temporary)
            raise

    def read(self, path: str) -> bytes:
        """Return a file's content.

        Raises:
            OutputError: It cannot be read.
        """
        target = safe_join(self.root, path)
        try:
            return target.read_bytes()
        except OSError as error:
            raise OutputError(f"cannot read back `{target}`: {error.strerror}") from error

    def exists(self, path: str) -> bool:
        """Return whether the file is there."""
        return safe_join(self.root, path).is_file()

    def remove(self, path: str) -> None:
        """Delete a file, and the folders it leaves empty; a file that is not there is no error.

        Raises:
            OutputError: It cannot be deleted.
        """
        target = safe_join(self.root, path)
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            raise _explained(error, target, self.root) from error
        for folder in target.parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:  # not empty, or gone already
                break


def _open_in_new_folder(path: Path) -> BinaryIO:
    """Open a new file for writing, and make its folder only when it turns out to be missing: that is rare."""
    try:
        return path.open("wb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


def _discard(path: Path) -> None:
    with suppress(OSError):  # the error that led here is the one worth telling
        path.unlink(missing_ok=True)


def _explained(error: OSError, target: Path, root: Path) -> OutputError:
    if error.errno in _FULL:
        return OutputError(
            f"cannot write `{target}`: {_fullness(root)}. What was written before is whole and stays usable; "
            f"free some space, or choose another folder (output_dir in the config, or --output), and run again"
        )
    if error.errno in _DENIED:
        return OutputError(
            f"cannot write `{target}`: {error.strerror}. Choose a folder that you may write to: output_dir in "
            f"the config, or --output"
        )
    if isinstance(error, (NotADirectoryError, FileExistsError, IsADirectoryError)):
        return OutputError(
            f"cannot write `{target}`: a file stands where a folder is needed, or the other way round. "
            f"Move it away, or choose another folder: output_dir in the config, or --output"
        )
    return OutputError(f"cannot write `{target}`: {error.strerror or error}")


def _fullness(root: Path) -> str:
    folder = next((path for path in (root, *root.parents) if path.exists()), root)
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "the disk is full"
    return f"the disk or your quota is full ({free / 2**20:.1f} MiB free on the disk of `{folder}`)"

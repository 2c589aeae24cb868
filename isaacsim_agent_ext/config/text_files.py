"""Reading the text files that users hand over, none of which is trusted to be small, or text."""

from __future__ import annotations

from pathlib import Path

from isaacsim_agent_ext.errors import ConfigError, Problem


def read_start(path: Path, most: int) -> bytes:
    """Return a file's content up to one byte more than it may have, for whoever reads it to refuse what is longer.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise ConfigError([Problem("", f"the file cannot be read: {error.strerror or error}", str(path))]) from error


def read_text(path: Path, most: int) -> str:
    """Return the text of a file of at most so many bytes, without a byte order mark.

    Raises:
        ConfigError: It cannot be read, is longer, or is not UTF-8.
    """
    raw = read_start(path, most)
    if len(raw) > most:
        raise ConfigError([Problem("", f"the file has more than {most:,} bytes", str(path))])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigError([Problem("", message, str(path), line, 1)]) from error

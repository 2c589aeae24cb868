"""Output whose reader may go away before we are done, as in ``isaacsim-agent run config.yaml | head``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast


@contextmanager
def survive_closed_pipes() -> Iterator[None]:
    """Let a closed pipe on standard output or error end the output only: the job and its exit code go on.

    What matters is on disk; a pager that was quit must not cost a dataset that is half recorded.
    """
    out, err = _Stream(sys.stdout), _Stream(sys.stderr)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        try:
            yield
        finally:  # while a closed pipe is still survived; at Python's own exit it would not be
            out.flush()
            err.flush()


class _Stream:
    """A text stream that leads nowhere once its pipe is closed."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._lead_nowhere()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._lead_nowhere()

    def _lead_nowhere(self) -> None:
        """Point the descriptor elsewhere, so that what is buffered, here and in child processes, can be written."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

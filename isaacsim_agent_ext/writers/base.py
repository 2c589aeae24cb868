"""The writer seam: what a writer is to both hosts.

A writer turns captured views into files through a `Sink`; it never knows a host, a renderer or the wall clock.
Work is cut into *chunks* of consecutive frames. Views of a chunk arrive in order of frame, then camera; chunks may
be written by different processes, so nothing a writer writes may depend on views outside the chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from isaacsim_agent_ext.capture.frame import AnnotatorRequest, CapturedView
from isaacsim_agent_ext.sensors.camera import CameraView

FRAMES_PER_SECOND = 30
"""Simulated steps, and recorded frames, per second: fixed, as in Isaac Sim."""

CHUNK_FRAMES = 15
"""Frames per chunk. Chunk boundaries are multiples of this, so they do not depend on who writes them."""


class Sink(Protocol):
    """Where a writer's files go: a folder, or something that behaves like one."""

    def write(self, path: str, data: bytes) -> None:
        """Store a file whole or not at all.

        Args:
            path: Relative to the writer's output root, ``/`` between folders.
            data: The whole content.

        Raises:
            OutputError: It cannot be written.
        """

    def open_write(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Store a file piece by piece; it appears, whole, when the block ends without an exception."""

    def read(self, path: str) -> bytes:
        """Return a file's content."""

    def exists(self, path: str) -> bool:
        """Return whether the file is there."""

    def remove(self, path: str) -> None:
        """Delete a file, and the folders it leaves empty; a file that is not there is no error."""


class Writer(Protocol):
    """Turns views into files."""

    @property
    def requests(self) -> Sequence[AnnotatorRequest]:
        """The annotators it needs from each view."""

    def begin_chunk(self, first_frame: int) -> None:
        """A chunk starts; its first frame is a multiple of `CHUNK_FRAMES`, or the first one recorded."""

    def write(self, view: CapturedView) -> None:
        """Write one view."""

    def end_chunk(self) -> None:
        """The chunk is complete: whatever was held back must be in the sink when this returns."""

    def finish(self, cameras: Sequence[CameraView], frames: Sequence[int]) -> None:
        """Called once, in one process, after all chunks: write what spans them (metadata, joined videos).

        Args:
            cameras: All recorded cameras.
            frames: All recorded frames in order; fewer than planned when the run was cancelled.
        """

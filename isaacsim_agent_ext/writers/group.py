"""A writer made of writers: how a dataset's kinds of files are put together."""

from __future__ import annotations

from collections.abc import Sequence

from isaacsim_agent_ext.capture.frame import AnnotatorRequest, CapturedView
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.writers.base import Writer


class WriterGroup:
    """Passes every view to all its parts, in order.

    An annotator is captured once for all parts: where they want it differently, as the first of them does.
    """

    def __init__(self, parts: Sequence[Writer]):
        self._parts = tuple(parts)
        requests: dict[str, AnnotatorRequest] = {}
        for part in self._parts:
            for request in part.requests:
                requests.setdefault(request.name, request)
        self.requests = tuple(requests.values())

    def begin_chunk(self, first_frame: int) -> None:
        """Begin a chunk in every part."""
        for part in self._parts:
            part.begin_chunk(first_frame)

    def write(self, view: CapturedView) -> None:
        """Write a view with every part."""
        for part in self._parts:
            part.write(view)

    def end_chunk(self) -> None:
        """End the chunk in every part."""
        for part in self._parts:
            part.end_chunk()

    def finish(self, cameras: Sequence[CameraView], frames: Sequence[int]) -> None:
        """Finish every part."""
        for part in self._parts:
            part.finish(cameras, frames)

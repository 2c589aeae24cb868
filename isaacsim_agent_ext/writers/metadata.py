"""``metadata.txt``: which writer made the dataset, and from which seed."""

from __future__ import annotations

from collections.abc import Sequence

from isaacsim_agent_ext import __version__
from isaacsim_agent_ext.capture.frame import AnnotatorRequest, CapturedView
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.writers.base import Sink
from isaacsim_agent_ext.writers.json_text import encode_json


class Metadata:
    """The writer of ``metadata.txt``, in the form of Replicator's BasicWriter."""

    requests: tuple[AnnotatorRequest, ...] = ()

    def __init__(self, writer_type: str, seed: int | None, sink: Sink):
        self._writer_type = writer_type
        self._seed = seed
        self._sink = sink

    def begin_chunk(self, first_frame: int) -> None:
        """Nothing is held from one frame to the next."""

    def write(self, view: CapturedView) -> None:
        """No view says anything new."""

    def end_chunk(self) -> None:
        """Nothing is held from one frame to the next."""

    def finish(self, cameras: Sequence[CameraView], frames: Sequence[int]) -> None:
        """Write the file."""
        content = {
            "name": self._writer_type,
            "version": __version__,
            "replicator_global_seed:": self._seed,  # Replicator's key has the colon, and readers look for it
        }
        self._sink.write("metadata.txt", encode_json(content, lines=0))

"""One mp4 per camera and annotator, encoded chunk by chunk and joined at the end.

Each chunk becomes a piece of video that depends on its own frames only, so the bytes of the whole do not depend on
how many processes wrote chunks, and a run that stops early still leaves a video of what it has.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import groupby

from isaacsim_agent_ext.capture.frame import AnnotatorRequest, CapturedView
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.writers.base import CHUNK_FRAMES, FRAMES_PER_SECOND, Sink
from isaacsim_agent_ext.writers.h264 import SegmentEncoder, join_segments
from isaacsim_agent_ext.writers.layout import Layout
from isaacsim_agent_ext.writers.pictures import picture

SEGMENT_FOLDER = ".video"
"""Below the output folder: the pieces, until they are joined."""


class Videos:
    """The writer of videos."""

    def __init__(self, requests: Sequence[AnnotatorRequest], sink: Sink, layout: Layout):
        """Prepare.

        Args:
            requests: The annotators to film, all of `isaacsim_agent_ext.writers.pictures.PICTURES`.
            sink: Where files go.
            layout: How they are named.
        """
        self.requests = tuple(requests)
        self._sink = sink
        self._layout = layout
        self._first_frame = 0
        self._encoders: dict[tuple[str, str], SegmentEncoder] = {}

    def begin_chunk(self, first_frame: int) -> None:
        """Begin a piece of every video."""
        self._first_frame = first_frame
        self._encoders = {}

    def write(self, view: CapturedView) -> None:
        """Add a picture to each of the view's videos."""
        for request in self.requests:
            image = picture(request.name, view.annotators[request.name])
            key = (view.camera.prim_path, request.name)
            if key not in self._encoders:
                self._encoders[key] = SegmentEncoder(image.shape[1], image.shape[0], FRAMES_PER_SECOND)
            self._encoders[key].encode(image)

    def end_chunk(self) -> None:
        """Store the pieces."""
        for (camera, annotator), encoder in self._encoders.items():
            self._sink.write(self._segment_path(camera, annotator, self._first_frame), encoder.close())
        self._encoders = {}

    def finish(self, cameras: Sequence[CameraView], frames: Sequence[int]) -> None:
        """Join the pieces of each video and remove them."""
        first_frames = [next(chunk) for _, chunk in groupby(frames, lambda frame: frame // CHUNK_FRAMES)]
        for camera in cameras:
            for request in self.requests:
                paths = [self._segment_path(camera.prim_path, request.name, first) for first in first_frames]
                paths = [path for path in paths if self._sink.exists(path)]
                if paths:
                    self._join(paths, self._layout.camera_path(camera.prim_path, f"{request.name}.mp4"))
                for path in paths:
                    self._sink.remove(path)

    def _join(self, paths: Sequence[str], video: str) -> None:
        joined = join_segments(self._sink.read(path) for path in paths)
        try:
            with joined.open("rb") as source, self._sink.open_write(video) as target:
                shutil.copyfileobj(source, target)
        finally:
            joined.unlink()

    def _segment_path(self, camera: str, annotator: str, first_frame: int) -> str:
        return f"{SEGMENT_FOLDER}/{self._layout.camera_name(camera)}/{annotator}_{first_frame:06d}.mp4"

"""H.264 video in independent pieces that can be joined without encoding anything again."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from isaacsim_agent_ext.errors import DependencyError

try:
    import av
    from av.video.reformatter import ColorRange, Colorspace
except ImportError as error:
    raise DependencyError(
        "writing video needs PyAV, which is not installed: pip install 'isaacsim-agent-ext[video]', or leave "
        "video_rendering_annotator_list empty"
    ) from error

ENCODER = {
    "preset": "veryfast",
    "crf": "18",
    # One closed group of pictures per piece, no reordering: pieces join by putting their packets in a row. The tags
    # tell players which matrix the colours were converted with.
    "x264-params": "keyint=250:scenecut=0:bframes=0:open-gop=0:colorprim=bt709:transfer=bt709:colormatrix=bt709",
}
"""Settings of the encoder; with one thread, the same pictures always give the same bytes."""


class SegmentEncoder:
    """Encodes one piece of video."""

    def __init__(self, width: int, height: int, fps: int):
        """Begin a piece.

        Args:
            width: Of the pictures [px]; the video's is the next even number, the last column repeated.
            height: The same for rows.
            fps: Pictures per second.
        """
        self._file = io.BytesIO()
        self._container: Any = av.open(self._file, "w", format="mp4", container_options={"fflags": "+bitexact"})
        self._stream = self._container.add_stream("libx264", rate=fps, options=ENCODER)
        self._stream.width = width + width % 2
        self._stream.height = height + height % 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.thread_count = 1

    def encode(self, picture: np.ndarray) -> None:
        """Add a picture ``(height, width, 4)`` uint8; transparency is left out."""
        height, width = picture.shape[:2]
        if width % 2 or height % 2:
            picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgba").reformat(
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
        self._container.mux(self._stream.encode(frame))

    def close(self) -> bytes:
        """End the piece and return it as an mp4 file."""
        self._container.mux(self._stream.encode())
        self._container.close()
        return self._file.getvalue()


def join_segments(segments: Iterable[bytes], folder: Path | None = None) -> Path:
    """Join pieces into one mp4 file, playable while it downloads.

    Args:
        segments: The pieces in order, at least one; read one at a time.
        folder: Where to put the file; None for the system's temporary folder.

    Returns:
        A temporary file, which is the caller's to delete.
    """
    with tempfile.NamedTemporaryFile(suffix=".mp4", dir=folder, delete=False) as file:
        path = Path(file.name)
    try:
        _join(segments, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _join(segments: Iterable[bytes], path: Path) -> None:
    container: Any
    options = {"movflags": "faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", container_options=options) as container:
        stream = None
        pictures = 0
        for segment in segments:
            with av.open(io.BytesIO(segment)) as piece:
                source: Any = piece.streams.video[0]
                if stream is None:
                    stream = container.add_stream_from_template(source)
                    stream.time_base = source.time_base
                step = Fraction(1) / (source.average_rate * source.time_base)
                for packet in piece.demux(source):
                    if packet.size == 0:  # the demuxer's mark for the end
                        continue
                    packet.stream = stream
                    packet.pts = packet.dts = round(pictures * step)
                    packet.duration = round(step)
                    container.mux(packet)
                    pictures += 1

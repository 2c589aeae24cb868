"""Looking through a dataset: a folder, a camera, an annotator, a frame, and what is drawn over the picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.ui.viewmodel.background import Background
from isaacsim_agent_ext.ui.viewmodel.dataset_index import DatasetIndex, read_index, read_overlays, read_picture
from isaacsim_agent_ext.ui.viewmodel.overlays import BOXES, drawn_over

_WIDTH = 1280  # px


@dataclass(frozen=True, eq=False)
class _Opened:
    index: DatasetIndex


@dataclass(frozen=True, eq=False)
class _Drawn:
    picture: np.ndarray


class DatasetModel:
    """A dataset that is looked through. Files are read in a thread; `update` brings what it has found.

    Attributes:
        folder: The output folder, or None before one is opened.
        camera: The camera that is shown.
        annotator: The annotator that is shown.
        frame: The frame that is shown.
        overlays: What is drawn over the picture.
        picture: ``(height, width, 4)`` uint8, or None while there is nothing to show.
        message: What is wrong, or to be waited for; else empty.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.camera = ""
        self.annotator = ""
        self.frame = 0
        self.overlays: frozenset[str] = frozenset({BOXES})
        self.picture: np.ndarray | None = None
        self.message = ""
        self._index: DatasetIndex | None = None
        self._background: Background[_Opened | _Drawn] = Background("dataset")

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras."""
        return self._index.cameras if self._index is not None else ()

    @property
    def annotators(self) -> tuple[str, ...]:
        """Annotators of the camera that is shown."""
        return self._index.annotators(self.camera) if self._index is not None else ()

    @property
    def frames(self) -> tuple[int, ...]:
        """Frames of the camera and annotator that are shown."""
        return self._index.frames(self.camera, self.annotator) if self._index is not None else ()

    @property
    def position(self) -> int:
        """Where in `frames` the frame stands."""
        return self.frames.index(self.frame) if self.frame in self.frames else 0

    @property
    def is_busy(self) -> bool:
        """Whether something is being read."""
        return self._background.is_busy

    def open(self, folder: Path) -> None:
        """Open an output folder; a second time, look what has come since."""
        self.folder = folder
        self.message = "Looking for pictures …"
        self._background.do(lambda: _Opened(read_index(folder)))

    def choose_camera(self, camera: str) -> None:
        """Show another camera, with the same annotator and frame where it has them."""
        self.camera = camera
        self._keep_what_exists()

    def choose_annotator(self, annotator: str) -> None:
        """Show another annotator."""
        self.annotator = annotator
        self._keep_what_exists()

    def go_to(self, position: int) -> None:
        """Show the frame at a position of `frames`, at the nearest end if there is none."""
        if self.frames:
            self.frame = self.frames[min(max(position, 0), len(self.frames) - 1)]
            self._draw()

    def step(self, delta: int) -> None:
        """Show a later frame, or an earlier one."""
        self.go_to(self.position + delta)

    def switch(self, overlay: str) -> None:
        """Draw something over the picture, or no longer."""
        self.overlays ^= {overlay}
        self._draw()

    def update(self) -> bool:
        """Take over what was found; return whether there is anything new to show."""
        outcome = self._background.take()
        if outcome is None:
            return False
        self.message = ""
        if outcome.error is not None:
            self.picture, self.message = None, str(outcome.error)
        elif isinstance(outcome.result, _Opened):
            self._index = outcome.result.index
            self._keep_what_exists()
        elif outcome.result is not None:
            self.picture = outcome.result.picture
        return True

    def close(self) -> None:
        """End the thread."""
        self._background.close()

    def _keep_what_exists(self) -> None:
        if self.camera not in self.cameras:
            self.camera = next(iter(self.cameras), "")
        if self.annotator not in self.annotators:
            self.annotator = next(iter(self.annotators), "")
        if self.frame not in self.frames:
            self.frame = min(self.frames, key=lambda frame: abs(frame - self.frame), default=0)
        self._draw()

    def _draw(self) -> None:
        index, camera, annotator, frame, shown = self._index, self.camera, self.annotator, self.frame, self.overlays
        if index is None or frame not in self.frames:
            return

        def draw() -> _Drawn:
            picture = read_picture(annotator, index.pictures[camera][annotator][frame].path)
            return _Drawn(drawn_over(picture, read_overlays(index, camera, frame), shown, _WIDTH))

        self._background.do(draw)

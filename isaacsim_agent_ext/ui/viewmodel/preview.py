"""A look through a camera of the world that is set up, at any frame, drawn beside the panel and beside the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from isaacsim_agent_ext.session.agent_session import AgentSession
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.ui.viewmodel.background import Background
from isaacsim_agent_ext.ui.viewmodel.overlays import BOXES
from isaacsim_agent_ext.ui.viewmodel.studio import Shot, Studio
from isaacsim_agent_ext.writers.pictures import PICTURES

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.world import World

_PERIOD = 0.5  # s
_Wish = tuple[str, str, int, frozenset[str], tuple[SimulationEvent, ...]]


class PreviewModel:
    """Looks through cameras of a session's world; `update` brings the pictures as they are drawn.

    Attributes:
        camera: Prim path of the camera.
        annotator: What is shown of it.
        frame: The frame that is looked at.
        follows: Whether it is the one that the running simulation is at.
        overlays: What is drawn over the picture.
        shot: The last picture, or None.
        message: What is wrong, or to be waited for; else empty.
    """

    def __init__(self, session: AgentSession, clock: Callable[[], float] = time.monotonic):
        self.camera = ""
        self.annotator = "rgb"
        self.frame = 0
        self.follows = True
        self.overlays: frozenset[str] = frozenset({BOXES})
        self.shot: Shot | None = None
        self.message = ""
        self._session = session
        self._clock = clock
        self._world: World | None = None
        self._studio: Studio | None = None
        self._background: Background[Shot] = Background("preview")
        self._wanted: _Wish | None = None
        self._next = 0.0

    @property
    def cameras(self) -> tuple[str, ...]:
        """Prim paths of the cameras."""
        return tuple(camera.prim_path for camera in self._world.cameras) if self._world is not None else ()

    @property
    def annotators(self) -> tuple[str, ...]:
        """What can be shown of a camera."""
        return tuple(PICTURES)

    @property
    def frame_count(self) -> int:
        """How many frames the simulation has."""
        from isaacsim_agent_ext.session.recording import frame_count

        return frame_count(self._world.config) if self._world is not None else 0

    def go_to(self, frame: int) -> None:
        """Look at a frame, and follow the simulation no longer."""
        self.follows = False
        self.frame = min(max(frame, 0), max(self.frame_count - 1, 0))

    def switch(self, overlay: str) -> None:
        """Draw something over the picture, or no longer."""
        self.overlays ^= {overlay}

    def update(self) -> bool:
        """Take over what was drawn and see to what is to be drawn next; return whether anything is new."""
        changed = self._take_world()
        outcome = self._background.take()
        if outcome is not None:
            changed = True
            self.message = "" if outcome.error is None else str(outcome.error)
            self.shot = outcome.result
        if self._studio is not None and self._is_due() and self._wanted is not None:
            self._next = self._clock() + _PERIOD
            self._background.do(partial(self._studio.shoot, *self._wanted))
            if self.shot is None:
                self.message, changed = "Drawing …", True
        return changed

    def close(self) -> None:
        """End the thread and give the renderer back."""
        self._background.close(self._studio.close if self._studio is not None else None)

    def _is_due(self) -> bool:
        """Return whether a picture is to be drawn, and note which; a simulation is followed at leisure."""
        if self.follows:
            self.frame = min(self._session.actors.frame, max(self.frame_count - 1, 0))
        wanted = (self.camera, self.annotator, self.frame, self.overlays, self._session.events)
        before = self._wanted
        if wanted == before or not self.camera:
            return False
        only_later = before is not None and (*wanted[:2], wanted[3]) == (*before[:2], before[3])
        if self.follows and only_later and (self._background.is_busy or self._clock() < self._next):
            return False
        self._wanted = wanted
        return True

    def _take_world(self) -> bool:
        """Begin with another world when there is one."""
        world = self._session.world
        if world is self._world:
            return False
        self._world, self.shot, self.message, self._wanted = world, None, "", None
        if world is not None:
            self._studio = Studio(world, self._session.options.device, before=self._studio)
        if self.camera not in self.cameras:
            self.camera = next(iter(self.cameras), "")
        return True

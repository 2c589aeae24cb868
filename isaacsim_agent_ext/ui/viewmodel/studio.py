"""Playing a world that is set up, and taking pictures of it, in one thread and beside everything else."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from isaacsim_agent_ext.ui.viewmodel.overlays import Overlays, drawn_over, overlays_in_record
from isaacsim_agent_ext.writers.pictures import PICTURES, picture

if TYPE_CHECKING:
    from isaacsim_agent_ext.capture.capture import Capture
    from isaacsim_agent_ext.hosts.playback import Playback
    from isaacsim_agent_ext.hosts.world import World
    from isaacsim_agent_ext.render.renderer import Renderer
    from isaacsim_agent_ext.scene.snapshot import SceneFrame
    from isaacsim_agent_ext.sensors.camera import CameraView
    from isaacsim_agent_ext.session.event_log import SimulationEvent

_WIDTH = 640  # px
_FILTER = "class:character|robot;id:*"
_OVERLAYS = "overlays"
_DRAWN_OVER = ("bounding_box_2d_tight", "skeleton_data", "prim_labels", "instance_segmentation")


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture that was taken.

    Attributes:
        picture: ``(height, width, 4)`` uint8.
        frame: The simulation's frame.
        seconds: How long it took [s].
    """

    picture: np.ndarray
    frame: int
    seconds: float


class Studio:
    """Takes pictures of a world; all but its making happens in one thread.

    The world is played anew, so nothing that goes on elsewhere is disturbed.

    Args:
        world: The world.
        device: Where to draw, as `isaacsim_agent_ext.render.device.choose_device` takes it.
        before: The studio that this one replaces; it is closed.
    """

    def __init__(self, world: World, device: str, before: Studio | None = None):
        self._world = world
        self._device = device
        self._before = before
        self._renderer: Renderer | None = None
        self._capture: Capture | None = None
        self._playback: Playback | None = None
        self._scene_frame: SceneFrame | None = None
        self._events: tuple[SimulationEvent, ...] = ()

    def shoot(
        self,
        camera_path: str,
        annotator: str,
        frame: int,
        overlays: frozenset[str],
        events: tuple[SimulationEvent, ...] = (),
    ) -> Shot:
        """Take a picture.

        Args:
            camera_path: Prim path of a camera.
            annotator: One of `isaacsim_agent_ext.writers.pictures.PICTURES`.
            frame: The frame to play to.
            overlays: What to draw over the picture.
            events: What reaches the simulation from outside, and when.

        Raises:
            DependencyError: Nothing can be drawn here.
        """
        from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND

        begun = time.perf_counter()
        capture = self._opened()
        playback, scene_frame = self._played_to(frame, events)
        camera = next(one for one in self._world.cameras if one.prim_path == camera_path)
        now, before = playback.views_of(camera)
        views = capture.view(
            frame,
            frame / FRAMES_PER_SECOND,
            _smaller(now),
            scene_frame,
            playback.actors,
            writers=(annotator, _OVERLAYS) if overlays else (annotator,),
            previous=None if before is None else _smaller(before),
        )
        drawn = picture(annotator, views[annotator].annotators[annotator])
        found = Overlays()
        if overlays:
            from isaacsim_agent_ext.writers.object_detection import object_detection_record

            masks = views[_OVERLAYS].annotators["instance_segmentation"].data
            found = overlays_in_record(object_detection_record(views[_OVERLAYS]), masks)
        return Shot(drawn_over(drawn, found, overlays, _WIDTH), frame, time.perf_counter() - begun)

    def close(self) -> None:
        """Give the renderer back."""
        if self._before is not None:
            self._before.close()
            self._before = None
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = self._capture = None

    def _opened(self) -> Capture:
        """Return what captures, made when the first picture is taken."""
        if self._before is not None:
            self._before.close()
            self._before = None
        if self._capture is None:
            from isaacsim_agent_ext.capture.capture import Capture
            from isaacsim_agent_ext.capture.frame import AnnotatorRequest
            from isaacsim_agent_ext.render.device import choose_device
            from isaacsim_agent_ext.render.renderer import Renderer

            def request(name: str) -> AnnotatorRequest:
                return AnnotatorRequest(name=name, colorize=True, semantic_filter=_FILTER)

            self._renderer = Renderer(self._world.snapshot, device=choose_device(self._device), threads=1)
            requests = {name: [request(name)] for name in PICTURES}
            requests[_OVERLAYS] = [request(name) for name in _DRAWN_OVER]
            self._capture = Capture(self._world.snapshot, self._renderer, requests)
        return self._capture

    def _played_to(self, frame: int, events: tuple[SimulationEvent, ...]) -> tuple[Playback, SceneFrame]:
        """Play to a frame by way of the one before, from which motion is measured."""
        from isaacsim_agent_ext.hosts.playback import Playback
        from isaacsim_agent_ext.session.event_log import EventFeed

        playback = self._playback
        if playback is None or playback.frame > frame or events != self._events:
            playback = self._playback = Playback(self._world, EventFeed(events))
            self._scene_frame, self._events = None, events
        assert self._renderer is not None
        for step in (max(frame - 1, 0), frame):
            if playback.frame <= step and (playback.drawn != step or self._scene_frame is None or step == 0):
                playback.advance_to(step)
                self._scene_frame = playback.draw(self._renderer)
        assert self._scene_frame is not None
        return playback, self._scene_frame


def _smaller(camera: CameraView) -> CameraView:
    """Return the camera with no more pixels than a preview needs."""
    width, height = camera.resolution
    if width <= _WIDTH:
        return camera
    return replace(camera, resolution=(_WIDTH, max(1, round(height * _WIDTH / width))))

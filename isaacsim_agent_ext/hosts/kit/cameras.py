"""The cameras of a recording as they stand on the app's stage, where robots carry them and animations move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
import omni.timeline
from pxr import Usd

from isaacsim_agent_ext.scene.cameras import read_camera
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.sensors.camera import CameraView


class LiveCameras:
    """Tells how each camera stands now; make it while everything is at rest."""

    def __init__(self, composed: ComposedStage, cameras: Sequence[CameraView]):
        """Remember how they stand at rest."""
        self._composed = composed
        self._known = {camera.prim_path: camera for camera in cameras}
        self._at_rest = {camera.prim_path: self._read(camera, Usd.TimeCode.EarliestTime()) for camera in cameras}

    def views(self) -> list[CameraView]:
        """Return every camera as it stands at the timeline's present time.

        Raises:
            SceneError: A camera is not there any more.
        """
        seconds = omni.timeline.get_timeline_interface().get_current_time()
        time = Usd.TimeCode(seconds * self._composed.stage.GetTimeCodesPerSecond())
        views = []
        for path, camera in self._known.items():
            now = self._read(camera, time)
            # Digits that reading what was written has cost are none to tell of.
            views.append(camera if _alike(now, self._at_rest[path]) else now)
        return views

    def _read(self, camera: CameraView, time: Usd.TimeCode) -> CameraView:
        return read_camera(self._composed, camera.prim_path, camera.resolution, time=time)


def _alike(first: CameraView, second: CameraView) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(astuple(first), astuple(second), strict=True))

"""A map of the world that is set up: where one can walk, who is where and bound for where, and what cameras see."""

from __future__ import annotations

import colorsys
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from isaacsim_agent_ext.capture.colors import GOLDEN_RATIO
from isaacsim_agent_ext.session.agent_session import AgentSession
from isaacsim_agent_ext.session.onlooker import ActorNow
from isaacsim_agent_ext.ui.viewmodel.background import Background

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.world import World
    from isaacsim_agent_ext.sensors.camera import CameraView

_FINER = 2
"""How much larger the map is drawn than shown, so that its lines are smooth."""

_PERIOD = 0.15  # s
_REACH = 15.0
"""How far a camera's view is drawn [m]."""

_GROUND = (31, 33, 35)
_FLOOR = (66, 70, 72)
_EDGE = (104, 110, 112)
_CAMERA = (226, 169, 59)
_INK = (240, 240, 240)


@dataclass(frozen=True)
class Frame:
    """How the ground is laid out in a picture: the whole floor, as large as there is room, north (+Y) up.

    Attributes:
        width: Of the picture [px].
        height: Of the picture [px].
        scale: Pixels per metre.
        center: x and y in the middle of the picture [m].
    """

    width: int
    height: int
    scale: float
    center: tuple[float, float]

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point on the ground is [px]."""
        return (
            self.width / 2 + (x - self.center[0]) * self.scale,
            self.height / 2 - (y - self.center[1]) * self.scale,
        )


class MapModel:
    """Draws the map of a session's world; `update` brings it as it is drawn.

    Attributes:
        size: Width and height of the picture that is wanted [px].
        picture: ``(height, width, 4)`` uint8, or None.
        message: What is wrong, or to be waited for; else empty.
    """

    def __init__(self, session: AgentSession, clock: Callable[[], float] = time.monotonic):
        self.size = (500, 500)
        self.picture: np.ndarray | None = None
        self.message = ""
        self._session = session
        self._clock = clock
        self._world: World | None = None
        self._sheet: _Sheet | None = None
        self._drawn: tuple[object, ...] = ()
        self._next = 0.0
        self._background: Background[np.ndarray] = Background("map")

    @property
    def has_world(self) -> bool:
        """Whether there is anything to draw."""
        return self._world is not None

    @property
    def legend(self) -> tuple[tuple[str, int], ...]:
        """The groups of actors and their colours, ``0xRRGGBB``."""
        specs = self._world.specs if self._world is not None else ()
        groups = dict.fromkeys(spec.group for spec in specs)
        return tuple((group, int.from_bytes(bytes(color_of(group)))) for group in groups)

    def update(self) -> bool:
        """Take over what was drawn and see to what is to be drawn next; return whether anything is new."""
        world = self._session.world
        changed = world is not self._world
        if changed:
            self._world, self.picture, self._drawn = world, None, ()
            self._sheet = _Sheet(world) if world is not None else None
        outcome = self._background.take()
        if outcome is not None:
            changed = True
            self.picture = outcome.result
            self.message = "" if outcome.error is None else str(outcome.error)
        actors = self._session.actors if self._session.progress.busy or self._drawn else None
        wanted = (self._sheet, self.size, actors)
        if self._sheet is not None and wanted != self._drawn and self._clock() >= self._next:
            self._drawn = wanted
            self._next = self._clock() + _PERIOD
            moving = actors.actors if actors is not None else ()
            self._background.do(partial(self._sheet.draw, self.size, moving or self._sheet.at_rest()))
        return changed

    def close(self) -> None:
        """End the thread."""
        self._background.close()


class _Sheet:
    """The map of one world, drawn in one thread."""

    def __init__(self, world: World):
        self._world = world
        self._base: tuple[Frame, Any] | None = None

    def at_rest(self) -> tuple[ActorNow, ...]:
        """Return the actors where they begin."""
        return tuple(
            ActorNow(
                name=spec.name,
                group=spec.group,
                position=(float(spec.position[0]), float(spec.position[1]), float(spec.position[2])),
                yaw=spec.yaw,
                action="",
                trigger="",
                is_robot=spec.drive is not None,
            )
            for spec in self._world.specs
        )

    def draw(self, size: tuple[int, int], actors: Sequence[ActorNow]) -> np.ndarray:
        """Return the map with actors."""
        from PIL import Image, ImageDraw

        fine = (size[0] * _FINER, size[1] * _FINER)
        if self._base is None or (self._base[0].width, self._base[0].height) != fine:
            self._base = self._draw_base(*fine)
        frame, base = self._base
        sheet = base.copy()
        pen = ImageDraw.Draw(sheet, "RGBA")
        for actor in actors:
            if actor.goal is not None:
                _draw_goal(pen, frame, actor)
        for actor in actors:
            _draw_actor(pen, frame, actor)
        small = sheet.resize(size, Image.Resampling.BOX)
        rgba = np.full((size[1], size[0], 4), 255, np.uint8)
        rgba[..., :3] = np.asarray(small)
        return rgba

    def _draw_base(self, width: int, height: int) -> tuple[Frame, Any]:
        from PIL import Image, ImageDraw

        triangles = self._world.navmesh.triangles()
        frame = frame_of(triangles[..., :2].reshape(-1, 2), width, height)
        sheet = Image.new("RGB", (width, height), _GROUND)
        pen = ImageDraw.Draw(sheet, "RGBA")
        for triangle in triangles:
            pen.polygon([frame.pixel(float(x), float(y)) for x, y, _ in triangle], fill=_FLOOR)
        for start, end in outline(triangles):
            pen.line([frame.pixel(*start), frame.pixel(*end)], fill=_EDGE, width=_FINER)
        floor = float(np.median(triangles[..., 2])) if len(triangles) else 0.0
        roots = tuple(f"{spec.prim_path}/" for spec in self._world.specs)
        for camera in self._world.cameras:
            if not camera.prim_path.startswith(roots):  # those on board of robots move
                _draw_camera(pen, frame, camera, floor)
        return frame, sheet


def frame_of(points: np.ndarray, width: int, height: int, margin: float = 0.04) -> Frame:
    """Return how points ``(n, 2)`` [m] fill a picture."""
    if not len(points):
        return Frame(width, height, 10.0, (0.0, 0.0))
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.maximum(high - low, 1.0)
    scale = min(width / extent[0], height / extent[1]) * (1 - 2 * margin)
    center = (low + high) / 2
    return Frame(width, height, float(scale), (float(center[0]), float(center[1])))


def outline(triangles: np.ndarray) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the edges ``(x, y)`` to ``(x, y)`` [m] that only one of the triangles ``(n, 3, 3)`` has."""
    corners = np.round(triangles.reshape(-1, 3), 3)
    points, numbers = np.unique(corners, axis=0, return_inverse=True)
    numbers = numbers.reshape(-1, 3)
    edges = np.concatenate([numbers[:, [0, 1]], numbers[:, [1, 2]], numbers[:, [2, 0]]])
    unique, counts = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    return [
        ((float(points[a][0]), float(points[a][1])), (float(points[b][0]), float(points[b][1])))
        for a, b in unique[counts == 1]
    ]


def view_on_floor(camera: CameraView, floor: float, reach: float = _REACH) -> np.ndarray:
    """Return where the corners of a camera's picture meet the floor ``(4, 2)`` [m], or how far they reach.

    Args:
        camera: The camera.
        floor: Height of the floor [m].
        reach: How far a corner reaches that meets the floor later or never [m].
    """
    half_width = camera.horizontal_aperture / camera.focal_length / 2
    half_height = camera.vertical_aperture / camera.focal_length / 2
    signs = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]], float)
    local = np.concatenate([signs * [half_width, half_height], np.full((4, 1), -1.0)], axis=1)
    rays = local @ camera.transform[:3, :3]
    eye = camera.transform[3, :3]
    flat = np.linalg.norm(rays[:, :2], axis=1)
    fall = np.where(rays[:, 2] < -1e-6, (floor - eye[2]) / np.minimum(rays[:, 2], -1e-6), np.inf)
    along = np.minimum(np.maximum(fall, 0.0), reach / np.maximum(flat, 1e-6))
    corners: np.ndarray = eye[:2] + rays[:, :2] * along[:, None]
    return corners


def color_of(group: str) -> tuple[int, int, int]:
    """Return the colour of a group of actors, the same on every map."""
    number = sum(ord(character) * (index + 3) for index, character in enumerate(group))
    red, green, blue = colorsys.hls_to_rgb(number * GOLDEN_RATIO % 1.0, 0.6, 0.75)
    return round(red * 255), round(green * 255), round(blue * 255)


def _draw_camera(pen: Any, frame: Frame, camera: CameraView, floor: float) -> None:
    corners = [frame.pixel(float(x), float(y)) for x, y in view_on_floor(camera, floor)]
    x, y = frame.pixel(float(camera.transform[3, 0]), float(camera.transform[3, 1]))
    pen.polygon([(x, y), *corners[1:3]], fill=(*_CAMERA, 16))
    pen.polygon(corners, fill=(*_CAMERA, 24), outline=(*_CAMERA, 120), width=_FINER)
    size = 5 * _FINER
    pen.rectangle([x - size, y - size * 0.7, x + size, y + size * 0.7], fill=_CAMERA, outline=_GROUND, width=_FINER)


def _draw_goal(pen: Any, frame: Frame, actor: ActorNow) -> None:
    assert actor.goal is not None
    color = color_of(actor.group)
    start, end = frame.pixel(*actor.position[:2]), frame.pixel(*actor.goal[:2])
    pen.line([start, end], fill=(*color, 90), width=_FINER)
    size = 4 * _FINER
    pen.ellipse([end[0] - size, end[1] - size, end[0] + size, end[1] + size], outline=(*color, 200), width=_FINER)


def _draw_actor(pen: Any, frame: Frame, actor: ActorNow) -> None:
    color = color_of(actor.group)
    x, y = frame.pixel(*actor.position[:2])
    size = 6 * _FINER
    ahead = (x + math.cos(actor.yaw) * size * 1.9, y - math.sin(actor.yaw) * size * 1.9)
    pen.line([(x, y), ahead], fill=_INK, width=2 * _FINER)
    box = [x - size, y - size, x + size, y + size]
    if actor.is_robot:
        pen.rounded_rectangle(box, radius=size * 0.4, fill=color, outline=_INK, width=_FINER)
    else:
        pen.ellipse(box, fill=color, outline=_INK, width=_FINER)

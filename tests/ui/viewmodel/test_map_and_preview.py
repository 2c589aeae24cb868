"""The map, and pictures of the world that is set up."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest
from fake_session import SPEC

from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.session.onlooker import ActorNow, ActorsNow
from isaacsim_agent_ext.ui.viewmodel.map import MapModel, color_of, frame_of, outline, view_on_floor
from isaacsim_agent_ext.ui.viewmodel.preview import PreviewModel

FLOOR = np.array([[[0, 0, 0], [10, 0, 0], [10, 4, 0]], [[0, 0, 0], [10, 4, 0], [0, 4, 0]]], np.float32)


def camera(look_down: float, height: float = 2.0) -> CameraView:
    """A camera at x=5, y=2 that looks along +Y and down by an angle [rad]."""
    sin, cos = np.sin(look_down), np.cos(look_down)
    transform = np.eye(4)
    transform[0, :3] = [1, 0, 0]
    transform[1, :3] = [0, sin, cos]
    transform[2, :3] = [0, -cos, sin]
    transform[3, :3] = [5, 2, height]
    return CameraView(
        prim_path="/World/Cameras/hall/hall_0", transform=transform, resolution=(64, 36), focal_length=18.0
    )


def test_the_outline_is_what_only_one_triangle_has() -> None:
    edges = outline(FLOOR)
    assert len(edges) == 4
    assert sorted(np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in edges) == pytest.approx([4, 4, 10, 10])


def test_the_whole_floor_fits_with_north_up() -> None:
    frame = frame_of(FLOOR[..., :2].reshape(-1, 2), 500, 400)
    left, bottom = frame.pixel(0, 0)
    right, top = frame.pixel(10, 4)
    assert 0 < left < right < 500
    assert 0 < top < bottom < 400
    assert (right - left) / (bottom - top) == pytest.approx(2.5)
    assert frame_of(np.zeros((0, 2)), 10, 10).scale > 0


def test_what_a_camera_sees_of_the_floor() -> None:
    straight_down = view_on_floor(camera(np.pi / 2), 0.0)
    assert straight_down.mean(axis=0) == pytest.approx([5, 2])
    assert np.ptp(straight_down[:, 0]) == pytest.approx(2.0 * 20.955 / 18.0)
    level = view_on_floor(camera(0.0), 0.0, reach=15.0)
    assert np.linalg.norm(level[1] - [5, 2]) == pytest.approx(15.0)
    assert (level[:, 1] > 2).all()


class FakeSession:
    """What the models look at."""

    def __init__(self) -> None:
        self.world: object | None = None
        self.actors = ActorsNow()
        self.events = ()
        self.progress = SimpleNamespace(busy=False)
        self.options = SimpleNamespace(device="cpu")


def settle(model: MapModel | PreviewModel) -> None:
    deadline = time.monotonic() + 20
    model.update()
    while model._background.is_busy:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    model.update()


def test_actors_stand_on_the_map_where_they_are() -> None:
    session, now = FakeSession(), 0.0
    model = MapModel(session, clock=lambda: now)  # type: ignore[arg-type]
    model.size = (500, 400)
    settle(model)
    assert (model.has_world, model.picture, model.legend) == (False, None, ())
    session.world = SimpleNamespace(
        specs=(SPEC,), cameras=(camera(0.7),), navmesh=SimpleNamespace(triangles=lambda: FLOOR)
    )
    settle(model)
    frame = frame_of(FLOOR[..., :2].reshape(-1, 2), 500, 400)
    assert model.picture is not None
    assert model.picture.shape == (400, 500, 4)
    x, y = map(round, frame.pixel(*SPEC.position[:2]))
    assert tuple(model.picture[y, x - 3, :3]) == color_of("crew")
    assert model.legend == (("crew", int.from_bytes(bytes(color_of("crew")))),)

    now = 1.0
    moved = ActorNow(
        name="crew_0", group="crew", position=(8.0, 1.0, 0.0), yaw=0.0, action="", trigger="", is_robot=False
    )
    session.actors = ActorsNow(5, (moved,))
    settle(model)
    assert tuple(model.picture[y, x - 3, :3]) != color_of("crew")
    x, y = map(round, frame.pixel(8.0, 1.0))
    assert tuple(model.picture[y, x - 3, :3]) == color_of("crew")
    model.close()


def test_without_a_world_there_is_nothing_to_look_at() -> None:
    model = PreviewModel(FakeSession())  # type: ignore[arg-type]
    assert not model.update()
    assert (model.cameras, model.frame_count, model.shot) == ((), 0, None)
    model.close()


def test_a_world_that_cannot_be_drawn_says_so() -> None:
    session = FakeSession()
    session.world = SimpleNamespace(
        cameras=(camera(0.5),), snapshot=None, config=SimpleNamespace(simulation_duration=2.0)
    )
    model = PreviewModel(session)  # type: ignore[arg-type]
    settle(model)
    assert model.frame_count == 60
    assert model.shot is None
    assert model.message
    model.go_to(500)
    assert (model.frame, model.follows) == (59, False)
    model.close()

"""The same bytes for any number of threads, and the same picture from either backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from known_scenes import at, ball, camera_at, cube, distant_light, floor, scene

from isaacsim_agent_ext.render.embree import is_available
from isaacsim_agent_ext.render.gbuffer import GBuffer
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.scene.snapshot import SceneFrame, SceneSnapshot

MakeRenderer = Callable[..., Renderer]
CAMERA = camera_at((3.0, -5.0, 2.5), (0.0, 0.0, 0.5), resolution=(203, 117))


def busy_scene() -> SceneSnapshot:
    return scene(
        (floor(), at()),
        (cube(), at(0, 0, 0.5)),
        (ball(0.5, 24), at(1.2, 0.3, 0.5)),
        (cube(0.4), at(-1, -0.6, 0.2)),
        lights=(distant_light((-0.4, 0.5, -0.8)), distant_light((0.6, 0.1, -0.7), 400.0)),
    )


def same_bytes(a: GBuffer, b: GBuffer) -> bool:
    return all(getattr(a, field.name).tobytes() == getattr(b, field.name).tobytes() for field in fields(GBuffer))


def test_threads_do_not_change_a_byte(renderer: MakeRenderer, backend: str) -> None:
    images = [renderer(busy_scene(), backend=backend, threads=threads).render(CAMERA) for threads in (1, 2, 5)]
    assert same_bytes(images[0], images[1])
    assert same_bytes(images[0], images[2])


def test_rendering_again_changes_nothing(renderer: MakeRenderer) -> None:
    one = renderer(busy_scene())
    first = one.render(CAMERA)
    other = one.render(camera_at((0, 5, 1), (0, 0, 0), resolution=(64, 48)))
    assert same_bytes(first, one.render(CAMERA))
    assert other.instance.shape == (48, 64)


def test_a_batch_is_its_cameras_one_by_one(renderer: MakeRenderer) -> None:
    one = renderer(busy_scene())
    cameras = [CAMERA, camera_at((0, 5, 1), (0, 0, 0), resolution=(64, 48)), camera_at((4, 0, 2), (0, 0, 0))]
    for camera, image in zip(cameras, one.render_batch(cameras), strict=True):
        assert same_bytes(image, one.render(camera))


@pytest.mark.skipif(not is_available(), reason="no Embree here")
def test_embree_and_warp_agree(renderer: MakeRenderer) -> None:
    a, b = (renderer(busy_scene(), backend=backend).render(CAMERA) for backend in ("embree", "warp"))
    differing = a.instance != b.instance
    assert differing.sum() <= 3, "only silhouette pixels may differ"
    same = ~differing & (a.instance >= 0)
    np.testing.assert_allclose(a.distance_to_camera[same], b.distance_to_camera[same], rtol=1e-4)
    np.testing.assert_allclose(a.normals[same], b.normals[same], atol=1e-3)
    assert a.rgb is not None
    assert b.rgb is not None
    difference = np.abs(a.rgb.astype(int) - b.rgb.astype(int)).max(axis=2)
    assert (difference > 8).mean() < 0.002


def test_images_outlive_the_next_ones(renderer: MakeRenderer) -> None:
    one = renderer(busy_scene())
    first = one.render(CAMERA)
    kept = first.instance.copy()
    for _ in range(6):
        one.render(camera_at((0, 5, 1), (0, 0, 0), resolution=(203, 117)))
    np.testing.assert_array_equal(first.instance, kept)


def test_a_picture_depends_on_the_frame_and_not_on_what_was_drawn_before(renderer: MakeRenderer) -> None:
    lights = (distant_light((-0.4, 0.5, -0.8)),)
    rest = scene((floor(2.0), at()), (cube(), at(0, 0, 0.5)), (cube(6.0), at(0, 6.0, 3.0)), lights=lights)
    moving = tuple(replace(instance, moving=order == 1) for order, instance in enumerate(rest.instances))
    snapshot = replace(rest, instances=moving)
    big = SceneFrame(transforms={1: at(0, 0, 0.5) @ np.diag([3.0, 3.0, 3.0, 1.0])})
    fresh, used = renderer(snapshot), renderer(snapshot)
    used.render(CAMERA)
    for one in (fresh, used):
        one.update(big)
        one.update(big)
    assert same_bytes(fresh.render(CAMERA), used.render(CAMERA))

"""Depth, normals, instances and motion against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from known_scenes import at, ball, camera_at, cube, floor, quad, rays_of, scene

from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.scene.snapshot import Instance, Material, SceneFrame, SceneSnapshot

MakeRenderer = Callable[..., Renderer]


def test_a_plane_is_where_its_equation_says(renderer: MakeRenderer, backend: str) -> None:
    camera = camera_at((1.0, -6.0, 3.0), (0.5, 0.0, 0.0))
    image = renderer(scene((floor(60.0), at())), backend=backend).render(camera, shaded=False)
    rays = rays_of(camera)
    depth = -3.0 / rays[..., 2]
    hit = (depth > 0) & (depth < 50)
    assert hit.any()
    np.testing.assert_allclose(image.distance_to_image_plane[hit], depth[hit], rtol=2e-5)
    length = np.linalg.norm(rays, axis=-1)
    np.testing.assert_allclose(image.distance_to_camera[hit], (depth * length)[hit], rtol=2e-5)
    np.testing.assert_allclose(image.normals[hit], np.broadcast_to([0, 0, 1], image.normals[hit].shape), atol=1e-6)


def test_nothing_is_background(renderer: MakeRenderer, backend: str) -> None:
    camera = camera_at((0.0, 0.0, 5.0), (0.0, 10.0, 8.0))
    image = renderer(scene((cube(), at())), backend=backend).render(camera)
    assert (image.instance == -1).all()
    assert np.isinf(image.distance_to_camera).all()
    assert np.isinf(image.distance_to_image_plane).all()
    assert not image.normals.any()
    assert not image.motion.any()
    assert image.rgb is not None
    assert (image.rgb[..., 3] == 255).all()


def test_a_ball_is_round(renderer: MakeRenderer, backend: str) -> None:
    camera = camera_at((0.0, -4.0, 1.0), (0.0, 0.0, 0.0))
    image = renderer(scene((ball(1.0), at())), backend=backend).render(camera, shaded=False)
    rays = rays_of(camera)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    eye = camera.transform[3, :3]
    half_b = rays @ eye
    discriminant = half_b**2 - (eye @ eye - 1.0)
    inside = discriminant > 0.02  # away from the silhouette, where a polygon is not a circle
    outside = discriminant < -0.02
    assert (image.instance[inside] == 0).all()
    assert (image.instance[outside] == -1).all()
    distance = -half_b - np.sqrt(np.maximum(discriminant, 0.0))
    np.testing.assert_allclose(image.distance_to_camera[inside], distance[inside], atol=6e-3)
    normal = eye + rays * distance[..., None]
    np.testing.assert_allclose(image.normals[inside], normal[inside], atol=8e-3)


def test_the_nearer_instance_is_seen(renderer: MakeRenderer, backend: str) -> None:
    made = scene((cube(), at(0, 0, 0.5)), (floor(), at()), (cube(), at(0, 2, 0.5)))
    camera = camera_at((0.0, -5.0, 0.5), (0.0, 0.0, 0.5))
    image = renderer(made, backend=backend).render(camera, shaded=False)
    assert image.instance[60, 80] == 0
    assert image.instance[110, 80] == 1
    assert 2 not in image.instance
    assert image.distance_to_image_plane[60, 80] == pytest.approx(4.5, abs=1e-5)


def test_normals_face_the_camera_from_behind_too(renderer: MakeRenderer, backend: str) -> None:
    image = renderer(scene((floor(), at())), backend=backend).render(camera_at((0, 0, -3), (0, 4, 0)), shaded=False)
    seen = image.instance == 0
    assert seen.any()
    np.testing.assert_allclose(image.normals[seen][:, 2], -1.0, atol=1e-6)


def test_a_mirrored_instance_keeps_its_normals(renderer: MakeRenderer, backend: str) -> None:
    mirrored = np.diag([-1.0, 1.0, 1.0, 1.0])
    image = renderer(scene((cube(), mirrored)), backend=backend).render(camera_at((0, -4, 0), (0, 0, 0)), shaded=False)
    np.testing.assert_allclose(image.normals[60, 80], [0, -1, 0], atol=1e-6)


def test_the_clipping_range_counts_along_the_optical_axis(renderer: MakeRenderer, backend: str) -> None:
    made = scene((quad([[-9, 2, -9], [9, 2, -9], [9, 2, 9], [-9, 2, 9]]), at()), (floor(), at(0, 0, -1)))
    for clipping, expected in (((0.1, 3.0), 0), ((2.1, 100.0), 1), ((0.1, 1.9), -1)):
        camera = camera_at((0, 0, 0), (0, 1, 0), clipping_range=clipping)
        image = renderer(made, backend=backend).render(camera, shaded=False)
        assert image.instance[100, 80] == expected, clipping


def test_transparent_faces_are_not_drawn(renderer: MakeRenderer) -> None:
    glass = quad([[-9, -1, -9], [9, -1, -9], [9, -1, 9], [-9, -1, 9]])
    made = scene((glass, at()), (cube(), at()), materials=(Material(opacity=0.2), Material()))
    solid = replace(made.meshes[1], materials=np.ones(12, dtype=np.int32))
    made = replace(made, meshes=(made.meshes[0], solid))
    image = renderer(made).render(camera_at((0, -4, 0), (0, 0, 0)), shaded=False)
    assert set(np.unique(image.instance)) == {-1, 1}


def moving_cube() -> SceneSnapshot:
    made = scene((cube(), at()), (floor(), at(0, 0, -2)))
    instance = Instance(prim_path="/World/prim_0", mesh=0, transform=at(), moving=True)
    return replace(made, instances=(instance, made.instances[1]))


def test_motion_leads_to_the_previous_place(renderer: MakeRenderer, backend: str) -> None:
    one = renderer(moving_cube(), backend=backend)
    camera = camera_at((0, -5, 0), (0, 0, 0))
    one.update(SceneFrame(transforms={0: at(0.3, 0, 0)}))
    assert np.abs(one.render(camera, shaded=False).motion).max() < 1e-3, "the first frame has no motion"
    one.update(SceneFrame(transforms={0: at(0.5, 0, 0.1)}))
    image = one.render(camera, shaded=False)
    cube_pixels = image.instance == 0
    # The front face stands 4.5 m away: 0.2 m right and 0.1 m up in this many pixels.
    scale = 18.0 / 20.955 * 160 / 4.5
    front = cube_pixels & (image.distance_to_image_plane < 4.5001)
    expected = np.broadcast_to([-0.2 * scale, 0.1 * scale], image.motion[front].shape)
    np.testing.assert_allclose(image.motion[front], expected, atol=1e-3)
    assert not image.motion[image.instance == 1].any()
    np.testing.assert_allclose(one.instance_points(0), cube().points + np.array([0.5, 0, 0.1]), atol=1e-6)


def test_motion_of_the_camera(renderer: MakeRenderer) -> None:
    one = renderer(scene((floor(), at())))
    before, now = camera_at((0, -5, 2), (0, 0, 0)), camera_at((0.2, -4.8, 2.1), (0.1, 0, 0))
    image = one.render(now, shaded=False, previous=before)
    hit = image.instance == 0
    points = now.transform[3, :3] + rays_of(now)[hit] * image.distance_to_image_plane[hit][:, None]
    expected = before.project(points)[0] - now.project(points)[0]
    np.testing.assert_allclose(image.motion[hit], expected, atol=2e-3)
    assert not one.render(now, shaded=False).motion.any()


def test_what_a_frame_does_not_mention_stays(renderer: MakeRenderer) -> None:
    one = renderer(moving_cube())
    one.update(SceneFrame(transforms={0: at(1.0, 0, 0)}))
    one.update(SceneFrame())
    np.testing.assert_allclose(one.instance_points(0), cube().points + np.array([1.0, 0, 0]), atol=1e-6)


def test_an_empty_scene_renders(renderer: MakeRenderer, backend: str) -> None:
    one = renderer(SceneSnapshot(meshes=(), instances=(), materials=()), backend=backend)
    one.update(SceneFrame())
    image = one.render(camera_at((0, -5, 0), (0, 0, 0)))
    assert (image.instance == -1).all()
    extents = one.amodal_extents(camera_at((0, -5, 0), (0, 0, 0)), np.zeros(0, dtype=np.int32), 2)
    assert extents.pixels.tolist() == [0, 0]

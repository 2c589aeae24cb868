"""Colours: textures the right way up, shadows where they must fall, lights as bright as they should be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from known_scenes import at, camera_at, cube, distant_light, floor, quad, scene

from isaacsim_agent_ext.render.lights import light_table
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.render.settings import RenderSettings
from isaacsim_agent_ext.render.textures import Layers, enlarged, mip_levels, pack_textures
from isaacsim_agent_ext.scene.snapshot import Light, Material, Texture

MakeRenderer = Callable[..., Renderer]
DOWN = distant_light((0.0, 0.0, -1.0))
PLAIN = RenderSettings(ambient_occlusion=False, antialias=False)


def wall() -> object:
    """Two by two metres, facing -Y, texture coordinates 0..1 from its lower left."""
    return quad([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]])


def brightness(image: np.ndarray | None) -> np.ndarray:
    assert image is not None
    return image[..., :3].astype(float).mean(axis=-1)


def test_a_texture_is_the_right_way_up(renderer: MakeRenderer, backend: str) -> None:
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    pixels[:32, :32, 0] = 255  # upper left red
    pixels[:32, 32:, 1] = 255  # upper right green
    pixels[32:, :32, 2] = 255  # lower left blue, lower right black
    material = Material(base_color=(1.0, 1.0, 1.0), base_color_texture=0, roughness=1.0)
    made = scene(
        (wall(), at()),
        textures=(Texture("corners", pixels),),
        materials=(material,),
        lights=(distant_light((0.0, 1.0, 0.0), 1500.0),),
    )
    image = renderer(made, backend=backend, settings=PLAIN).render(camera_at((0, -4, 0), (0, 0, 0))).rgb
    corners = [image[y, x, :3].astype(int) for y in (40, 80) for x in (60, 100)]
    for corner, channel in zip(corners[:3], (0, 1, 2), strict=True):
        assert corner[channel] > 120
        assert np.delete(corner, channel).max() < 40
    assert corners[3].max() < 40


def test_a_texture_repeats(renderer: MakeRenderer) -> None:
    pixels = np.full((8, 8, 4), 255, dtype=np.uint8)
    pixels[:, :4, :3] = 0
    mesh = quad([[-2, 0, -1], [2, 0, -1], [2, 0, 1], [-2, 0, 1]], uvs=np.array([[-1, 0], [3, 0], [3, 1], [-1, 1]]))
    made = scene(
        (mesh, at()),
        textures=(Texture("stripes", pixels),),
        materials=(Material(base_color=(1.0, 1.0, 1.0), base_color_texture=0, roughness=1.0),),
        lights=(distant_light((0.0, 1.0, 0.0), 1500.0),),
    )
    row = brightness(renderer(made, settings=PLAIN).render(camera_at((0, -5, 0), (0, 0, 0))).rgb)[60]
    bright = row > 120
    assert np.count_nonzero(bright[1:] & ~bright[:-1]) == 4, "four repeats, each dark then bright"


def test_distant_texture_is_its_mean_not_a_sparkle(renderer: MakeRenderer) -> None:
    checks = np.indices((256, 256)).sum(axis=0) % 2 * 255
    pixels = np.dstack([checks] * 3 + [np.full_like(checks, 255)]).astype(np.uint8)
    mesh = quad(floor(60.0).points, uvs=np.array([[0, 0], [60, 0], [60, 60], [0, 60]]))
    made = scene(
        (mesh, at()),
        textures=(Texture("checks", pixels),),
        materials=(Material(base_color=(1.0, 1.0, 1.0), base_color_texture=0, roughness=1.0),),
        lights=(DOWN,),
    )
    far = brightness(renderer(made, settings=PLAIN).render(camera_at((0, -20, 3), (0, 0, 2))).rgb)[66:80]
    assert far.std() < 3.0
    assert far.mean() > 60


def test_mip_levels_keep_the_mean_light() -> None:
    random = np.random.default_rng(2)
    pixels = random.integers(0, 256, (48, 33, 4), dtype=np.uint8)
    chain = mip_levels(pixels, srgb=False)
    assert [level.shape[:2] for level in chain] == [(48, 33), (24, 16), (12, 8), (6, 4), (3, 2), (1, 1)]
    np.testing.assert_allclose(chain[-1].mean(), pixels.mean(), atol=12)
    black_and_white = np.zeros((2, 2, 4), dtype=np.uint8)
    black_and_white[:, 1] = 255
    assert mip_levels(black_and_white, srgb=True)[1][0, 0, 0] == pytest.approx(188, abs=1), "half the light"


def test_maps_of_a_surface_share_texels_whatever_their_sizes() -> None:
    color, rough, normal = (np.full((size, size, 4), value, np.uint8) for size, value in ((8, 10), (2, 20), (4, 30)))
    rough[..., 1] = 99
    textures = [Texture("", pixels) for pixels in (color, rough, normal)]
    layers = [Layers(color=0, roughness=1, roughness_channel=1, normal=2), Layers(color=2)]
    texels, offsets, sizes, levels = pack_textures(textures, layers)
    assert sizes[0, 0].tolist() == [8, 8]
    assert levels.tolist() == [4, 3]
    assert texels[:1].view(np.uint8).tolist() == [10, 10, 10, 99, 30, 30, 30, 255]
    assert texels[offsets[1, 0] :][:1].view(np.uint8).tolist() == [30, 30, 30, 255, 255, 255, 255, 255]


def test_an_enlarged_image_repeats_without_a_seam() -> None:
    pixels = np.zeros((1, 2, 4), np.uint8)
    pixels[0, 1] = 200
    assert enlarged(pixels, 1, 4)[0, :, 0].tolist() == [50, 50, 150, 150]


def test_a_shadow_falls_where_it_must(renderer: MakeRenderer, backend: str) -> None:
    # The cube hangs 2 m above the floor; light comes down from the left at 45 degrees: its shadow lies 2 m right.
    made = scene((floor(), at()), (cube(), at(0, 0, 2.0)), lights=(distant_light((1.0, 0.0, -1.0)),))
    camera = camera_at((0, 0, 12), (0, 0, 0), resolution=(240, 240))
    image = renderer(made, backend=backend, settings=PLAIN).render(camera)
    light = brightness(image.rgb)

    def at_floor(x: float, y: float) -> float:
        (pixel,), _ = camera.project(np.array([[x, y, 0.0]]))
        return float(light[int(pixel[1]), int(pixel[0])])

    assert at_floor(2.0, 0.0) < 0.5 * at_floor(-3.0, 0.0)
    assert at_floor(2.0, 0.35) == pytest.approx(at_floor(2.0, 0.0), abs=2)
    for x, y in ((0.8, 0.0), (3.2, 0.0), (2.0, 0.7), (2.0, -0.7)):
        assert at_floor(x, y) == pytest.approx(at_floor(-3.0, 0.0), abs=3), (x, y)


def test_a_large_light_has_a_soft_shadow(renderer: MakeRenderer) -> None:
    transform = at(0.0, 0.0, 6.0)
    lamp = Light(kind="rect", prim_path="/L", color=(1, 1, 1), intensity=9000.0, transform=transform, size=(1.5, 1.5))
    made = scene((floor(), at()), (cube(), at(0, 0, 2.0)), lights=(lamp,))
    camera = camera_at((4.0, 0.0, 1.4), (0.0, 0.0, 0.0), resolution=(320, 240))
    row = []
    image = renderer(made, settings=PLAIN).render(camera)
    light = brightness(image.rgb)
    for y in np.linspace(0.0, 2.2, 23):
        (pixel,), _ = camera.project(np.array([[0.0, y, 0.0]]))
        row.append(light[int(pixel[1]), int(pixel[0])])
    assert row[0] < 0.4 * max(row)
    between = [value for value in row if 0.45 * max(row) < value < 0.9 * max(row)]
    assert len(between) >= 3, "a penumbra"
    assert all(b > a - 4 for a, b in itertools.pairwise(row[:15])), "no steps back"


def test_a_scene_without_lights_gets_some(renderer: MakeRenderer) -> None:
    made = scene((floor(), at()), (cube(), at(0, 0, 0.5)))
    image = renderer(made).render(camera_at((3, -4, 2), (0, 0, 0.5)))
    light = brightness(image.rgb)[image.instance >= 0]
    assert 60 < light.mean() < 220
    assert light.std() > 5


def test_more_light_is_brighter_and_exposure_counts(renderer: MakeRenderer) -> None:
    camera = camera_at((0, -3, 3), (0, 0, 0))

    def level(intensity: float, exposure: float = 0.0) -> float:
        made = scene((floor(), at()), lights=(distant_light((0.0, 0.0, -1.0), intensity),))
        settings = RenderSettings(ambient_occlusion=False, antialias=False, exposure=exposure)
        return float(brightness(renderer(made, settings=settings).render(camera).rgb)[80:].mean())

    assert level(400.0) < level(800.0) < level(1600.0)
    assert level(800.0, 1.0) == pytest.approx(level(1600.0), abs=1)


def test_a_lamp_shines_to_its_front_only(renderer: MakeRenderer) -> None:
    camera = camera_at((0, -6, 2), (0, 0, 0))

    def level(turned: bool) -> float:
        transform = at(0, 0, 3) if not turned else np.diag([1.0, -1.0, -1.0, 1.0]) @ at(0, 0, 3)
        lamp = Light(
            kind="rect", prim_path="/L", color=(1, 1, 1), intensity=8000.0, transform=transform, size=(1.0, 1.0)
        )
        made = scene((floor(), at()), lights=(lamp,))
        return float(brightness(renderer(made, settings=PLAIN).render(camera).rgb)[70:].mean())

    assert level(turned=False) > 40
    assert level(turned=True) < 3


@pytest.mark.parametrize("kind", ["rect", "disk", "sphere", "cylinder"])
def test_light_falls_off_with_the_square_of_distance(kind: str) -> None:
    size = {"rect": (0.2, 0.2), "disk": (0.1, 0.0), "sphere": (0.1, 0.0), "cylinder": (0.02, 0.3)}[kind]
    lamp = Light(kind=kind, prim_path="/L", color=(1, 0.5, 0.2), intensity=1e5, transform=at(0, 0, 10), size=size)
    table = light_table([lamp], 0.0)
    direction, distance, irradiance = table.incident(np.array([[0, 0, 8.0], [0, 0, 6.0]]))
    np.testing.assert_allclose(direction[:, 0], [[0, 0, 1], [0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(distance[:, 0], [2, 4])
    assert irradiance[0, 0, 0] / irradiance[1, 0, 0] == pytest.approx(4.0, rel=0.02)
    np.testing.assert_allclose(irradiance[0, 0] / irradiance[0, 0, 0], [1, 0.5, 0.2])


def test_a_long_lamp_lights_as_many_short_ones_do() -> None:
    whole = Light(kind="rect", prim_path="/L", color=(1, 1, 1), intensity=1e4, transform=at(0, 0, 4), size=(8.0, 0.2))
    pieces = [replace(whole, transform=at(x, 0, 4), size=(0.2, 0.2)) for x in np.linspace(-3.9, 3.9, 40)]
    points = np.array([[0.0, 0.0, 0.0], [3.0, 1.0, 0.5], [6.0, -2.0, 1.0]])
    direction, _, irradiance = light_table([whole], 0.0).incident(points)
    piecewise = light_table(pieces, 0.0).incident(points)
    exact = np.einsum("plc,pl->pc", piecewise[0], piecewise[2][..., 0])
    got = direction[:, 0] * irradiance[:, 0, :1]
    np.testing.assert_allclose(got[:, 2], exact[:, 2], rtol=0.25)


def test_corners_are_darker_with_ambient_occlusion(renderer: MakeRenderer) -> None:
    sky = Light(kind="dome", prim_path="/Sky", color=(1, 1, 1), intensity=500.0, transform=np.eye(4))
    made = scene((floor(), at()), (cube(2.0), at(0, 1.2, 1.0)), lights=(sky,))
    camera = camera_at((0, -4, 3), (0, 0, 0))
    light = brightness(renderer(made).render(camera).rgb)

    def at_floor(y: float) -> float:
        (pixel,), _ = camera.project(np.array([[0.0, y, 0.0]]))
        return float(light[int(pixel[1]) - 1 : int(pixel[1]) + 2, int(pixel[0])].mean())

    assert at_floor(0.1) < at_floor(-0.6) < at_floor(-2.0)


def test_edges_are_smoothed_but_labels_are_not(renderer: MakeRenderer, backend: str) -> None:
    tilted = quad([[-1.0, 0, -1.1], [1.1, 0, -0.8], [1.0, 0, 1.0], [-1.1, 0, 0.9]])
    made = scene(
        (tilted, at()), materials=(Material(base_color=(1, 1, 1), roughness=1.0),), lights=(distant_light((0, 1, 0)),)
    )
    camera = camera_at((0, -4, 0), (0, 0, 0))
    plain = renderer(made, backend=backend, settings=PLAIN).render(camera)
    smooth = renderer(made, backend=backend, settings=replace(PLAIN, antialias=True)).render(camera)
    np.testing.assert_array_equal(plain.instance, smooth.instance)
    assert len(np.unique(brightness(plain.rgb).round(-1))) <= 3
    assert len(np.unique(brightness(smooth.rgb).round(-1))) >= 5
    assert plain.rgb is not None
    assert smooth.rgb is not None
    changed = (plain.rgb != smooth.rgb).any(axis=2)
    covered = plain.instance >= 0
    edge = np.zeros_like(covered)
    edge[:, 1:] |= covered[:, 1:] != covered[:, :-1]
    edge[1:] |= covered[1:] != covered[:-1]
    edge[:, :-1] |= edge[:, 1:]
    edge[:-1] |= edge[1:]
    assert not (changed & ~edge).any()


def test_a_normal_map_tilts_the_light(renderer: MakeRenderer) -> None:
    pixels = np.full((4, 4, 4), 255, dtype=np.uint8)
    pixels[..., :3] = [128 + 90, 128, 128 + 90]  # leaning towards +U, which is +X on the wall
    material = Material(base_color=(1, 1, 1), roughness=1.0)
    bumped = replace(material, normal_texture=0)

    def level(used: Material, direction: tuple[float, float, float]) -> float:
        made = scene(
            (wall(), at()),
            textures=(Texture("tilt", pixels),),
            materials=(used,),
            lights=(distant_light(direction),),
        )
        return float(brightness(renderer(made, settings=PLAIN).render(camera_at((0, -4, 0), (0, 0, 0))).rgb)[60, 80])

    from_right, from_left = (-1.0, 1.0, 0.0), (1.0, 1.0, 0.0)
    assert level(material, from_right) == pytest.approx(level(material, from_left), abs=1)
    assert level(bumped, from_right) > level(material, from_right) + 5
    assert level(bumped, from_left) < level(material, from_left) - 20


def test_emissive_surfaces_glow_in_the_dark(renderer: MakeRenderer) -> None:
    made = scene((wall(), at()), materials=(Material(base_color=(0, 0, 0), emissive=(0.0, 2.0, 0.0)),), lights=(DOWN,))
    image = renderer(made, settings=PLAIN).render(camera_at((0, -4, 0), (0, 0, 0))).rgb
    assert image is not None
    assert image[60, 80, 1] > 150
    assert image[60, 80, 0] < 20


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="max_lights"):
        RenderSettings(max_lights=9)
    with pytest.raises(ValueError, match="ambient_radius"):
        RenderSettings(ambient_radius=0.0)

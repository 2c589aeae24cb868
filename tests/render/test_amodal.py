"""Footprints of entities: against the projection's closed form and against the ray caster itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from known_scenes import RESOLUTION, at, ball, camera_at, cube, floor, quad, scene

from isaacsim_agent_ext.render import coverage
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.scene.snapshot import Instance, SceneFrame

MakeRenderer = Callable[..., Renderer]


def footprint(instance: np.ndarray) -> tuple[int, list[int]]:
    y, x = np.nonzero(instance >= 0)
    return len(x), [int(x.min()), int(y.min()), int(x.max()), int(y.max())]


def test_a_hidden_square_has_its_projected_size(renderer: MakeRenderer) -> None:
    wall = quad([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]])
    screen = quad([[-5, -2, -5], [5, -2, -5], [5, -2, 5], [-5, -2, 5]])
    camera = camera_at((0, -6, 0), (0, 0, 0))
    one = renderer(scene((wall, at()), (screen, at())))
    assert 0 not in one.render(camera, shaded=False).instance
    extents = one.amodal_extents(camera, np.array([0, -1]), 1)
    half = 18.0 / 20.955 * 160 / 6.0  # 22.9 px from the centre to each side
    covered = [80 - int(half + 0.5), 60 - int(half + 0.5), 79 + int(half + 0.5), 59 + int(half + 0.5)]
    assert extents.boxes[0].tolist() == covered
    assert extents.pixels[0] == (covered[2] - covered[0] + 1) * (covered[3] - covered[1] + 1)


@pytest.mark.parametrize(
    ("eye", "target"),
    [((3, -4, 2), (0, 0, 0)), ((0.2, -0.9, 0.1), (0, 3, 0)), ((0, 0, 0.3), (1, 0, 0.25)), ((-2, 0.3, 8), (0, 0, 0))],
    ids=["outside", "close", "inside", "above"],
)
def test_each_footprint_is_what_rendering_it_alone_shows(renderer: MakeRenderer, eye: tuple, target: tuple) -> None:
    placed = [(floor(), at()), (cube(), at(0, 0, 0.5)), (ball(0.7, 20), at(0.5, 0.6, 0.3)), (cube(0.1), at(1, 1, 9))]
    camera = camera_at(eye, target, clipping_range=(0.3, 30.0))
    extents = renderer(scene(*placed)).amodal_extents(camera, np.arange(4), 4)
    for order, (mesh, transform) in enumerate(placed):
        alone = renderer(scene((mesh, transform))).render(camera, shaded=False).instance
        if not (alone >= 0).any():
            assert extents.pixels[order] == 0
            assert extents.boxes[order][0] > extents.boxes[order][2]
            continue
        pixels, box = footprint(alone)
        assert abs(int(extents.pixels[order]) - pixels) <= 2, "only pixels on a razor's edge may differ"
        np.testing.assert_allclose(extents.boxes[order], box, atol=1)


def test_entities_join_instances_and_overlaps_count_once(renderer: MakeRenderer) -> None:
    camera = camera_at((0, -5, 0), (0, 0, 0))
    one = renderer(scene((cube(), at()), (cube(), at()), (cube(), at(1.5, 0, 0))))
    apart = one.amodal_extents(camera, np.array([0, 1, 2]), 3)
    joined = one.amodal_extents(camera, np.array([0, 0, 1]), 2)
    assert joined.pixels[0] == apart.pixels[0] == apart.pixels[1]
    both = one.amodal_extents(camera, np.array([1, -1, 1]), 2)
    assert both.pixels.tolist() == [0, apart.pixels[0] + apart.pixels[2]]
    assert both.boxes[1, 2] == apart.boxes[2, 2]


def test_footprints_follow_what_moves(renderer: MakeRenderer) -> None:
    made = scene((cube(), at()), (cube(), at(0, 3, 0)))
    moving = Instance(prim_path="/World/prim_0", mesh=0, transform=at(), moving=True)
    one = renderer(replace(made, instances=(moving, made.instances[1])))
    camera = camera_at((0, -5, 0), (0, 0, 0))
    before = one.amodal_extents(camera, np.arange(2), 2)
    one.update(SceneFrame(transforms={0: at(0.5, 0, 0)}))
    after = one.amodal_extents(camera, np.arange(2), 2)
    assert after.boxes[0, 0] > before.boxes[0, 0]
    assert after.boxes[1].tolist() == before.boxes[1].tolist()


def test_many_entities_in_several_rounds(renderer: MakeRenderer, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = [(cube(0.4), at(x * 0.7 - 2, y * 0.6, z * 0.5 - 1)) for x in range(6) for y in range(3) for z in range(4)]
    camera = camera_at((0.3, -6, 0.2), (0, 0, 0))
    owner = np.arange(len(placed))
    whole = renderer(scene(*placed)).amodal_extents(camera, owner, len(placed))
    monkeypatch.setattr(coverage, "MASK_WORDS", 50)
    cut = renderer(scene(*placed)).amodal_extents(camera, owner, len(placed))
    assert whole.pixels.min() > 0
    np.testing.assert_array_equal(whole.pixels, cut.pixels)
    np.testing.assert_array_equal(whole.boxes, cut.boxes)


def test_everything_covered(renderer: MakeRenderer) -> None:
    screen = quad([[-50, 2, -50], [50, 2, -50], [50, 2, 50], [-50, 2, 50]])
    extents = renderer(scene((screen, at()))).amodal_extents(camera_at((0, 0, 0), (0, 1, 0)), np.zeros(1), 1)
    assert extents.pixels.tolist() == [RESOLUTION[0] * RESOLUTION[1]]
    assert extents.boxes.tolist() == [[0, 0, RESOLUTION[0] - 1, RESOLUTION[1] - 1]]


def test_a_wrong_number_of_instances_is_refused(renderer: MakeRenderer) -> None:
    with pytest.raises(ValueError, match="1 instances"):
        renderer(scene((cube(), at()))).amodal_extents(camera_at((0, -5, 0), (0, 0, 0)), np.zeros(3), 1)

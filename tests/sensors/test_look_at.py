import numpy as np
import pytest

from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.look_at import heading, look_at, look_down_angle


@pytest.mark.parametrize("target", [[5, 2, 1], [-3, 0, 8], [0, 7, 3], [1, 2, -4], [1, 2, 9]])
def test_target_is_in_the_middle_of_the_image(target):
    transform = look_at([1, 2, 3], target)
    np.testing.assert_allclose(transform[:3, :3] @ transform[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(transform[:3, :3]) == pytest.approx(1.0)
    camera = CameraView(prim_path="/C", transform=transform, resolution=(640, 480), focal_length=20.0)
    pixels, depth = camera.project(np.array([target], dtype=float))
    np.testing.assert_allclose(pixels, [[320, 240]], atol=1e-6)
    assert depth[0] == pytest.approx(np.linalg.norm(np.subtract(target, [1, 2, 3])))


def test_up_is_up_and_left_is_left():
    camera = CameraView(
        prim_path="/C", transform=look_at([0, 0, 2], [10, 0, 1]), resolution=(640, 480), focal_length=20.0
    )
    pixels, _ = camera.project(np.array([[10, 0, 3], [10, 1, 1]], dtype=float))
    assert pixels[0, 1] < 240
    assert pixels[1, 0] < 320


def test_angles():
    assert look_down_angle(look_at([0, 0, 5], [5, 0, 0])) == pytest.approx(np.pi / 4)
    assert look_down_angle(look_at([0, 0, 5], [0, 0, 0])) == pytest.approx(np.pi / 2)
    assert look_down_angle(look_at([0, 0, 1], [1, 0, 2])) == pytest.approx(-np.pi / 4)
    assert heading(look_at([0, 0, 5], [0, 5, 0])) == pytest.approx(np.pi / 2)


def test_camera_cannot_look_at_itself():
    with pytest.raises(ValueError, match="itself"):
        look_at([1, 1, 1], [1, 1, 1])

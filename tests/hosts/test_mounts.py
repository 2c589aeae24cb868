"""What rides on actors goes where they go, by way of the joints it hangs on."""

from types import SimpleNamespace

import numpy as np
import pytest

from isaacsim_agent_ext.animation.animator import root_transform
from isaacsim_agent_ext.hosts.robots import RobotRig
from isaacsim_agent_ext.hosts.world import find_mount
from isaacsim_agent_ext.robots.wheels import Joint

ROBOT = "/World/Robots/trucks/Truck"
SPEC = SimpleNamespace(prim_path=ROBOT, position=np.array([2.0, 1.0, 0.0]), yaw=0.5)
RIG = RobotRig(
    prim_path=ROBOT,
    joints=(
        Joint(prim_path=f"{ROBOT}/mast", origin=np.zeros(3), parent=-1, swivels=False),
        Joint(prim_path=f"{ROBOT}/mast/fork", origin=np.zeros(3), parent=0, swivels=False),
    ),
)
AT_REST = root_transform(np.array([2.1, 1.3, 1.5]), 0.2)
MOVED = root_transform(np.array([5.0, -4.0, 0.0]), -2.0)
LIFTS = [root_transform(np.array([0.0, 0.0, height]), 0.0) for height in (0.5, 1.25)]


@pytest.mark.parametrize(
    ("path", "lifted"), [("cab/camera", 0.0), ("mast/camera", 0.5), ("mast/fork/camera", 1.25), ("mast/fork", 1.25)]
)
def test_it_moves_with_the_nearest_joint_above(path, lifted):
    mount = find_mount(f"{ROBOT}/{path}", AT_REST, [SPEC], [RIG])
    at_rest = root_transform(SPEC.position, SPEC.yaw)
    np.testing.assert_allclose(mount.transform(at_rest, [np.eye(4), np.eye(4)]), AT_REST, atol=1e-12)
    now = mount.transform(MOVED, LIFTS)
    assert now[3, 2] == pytest.approx(1.5 + lifted)
    np.testing.assert_allclose(now @ np.linalg.inv(MOVED), AT_REST @ np.linalg.inv(at_rest) + _up(lifted), atol=1e-12)


def test_what_belongs_to_nobody_stays():
    assert find_mount("/World/Robots/trucks/Truck_2/camera", AT_REST, [SPEC], [RIG]) is None


def _up(height):
    shift = np.zeros((4, 4))
    shift[3, 2] = height
    return shift

import numpy as np
import pytest
from driving_floor import robot

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.robots.wheels import JointMover, moving_joints

ROOT = "/World/Robots/r/r"
RADIUS = 0.1


def joints(**origins):
    return moving_joints(
        [f"{ROOT}/{path.replace('__', '/')}" for path in origins], [np.array(o) for o in origins.values()]
    )


def follow(wheels, poses):
    for x, y, yaw in poses:
        state = ActorState(spec=robot("r/r", 0, 0), position=np.array([x, y, 0.0]), yaw=yaw, velocity=np.zeros(3))
        wheels.advance(state)


def pitch(pose):
    """How far a wheel has rolled forwards [rad]."""
    return np.arctan2(-pose[0, 2], pose[0, 0])


def heading(pose):
    return np.arctan2(pose[0, 1], pose[0, 0])


def test_a_wheel_rolls_as_far_as_the_robot_drives():
    wheels = JointMover(joints(left_wheel=(0.0, 0.3, RADIUS)))
    follow(wheels, [(x, 0.0, 0.0) for x in np.linspace(0.0, 0.12, 13)])
    (pose,) = wheels.poses()
    assert pitch(pose) == pytest.approx(0.12 / RADIUS)
    # The top of the wheel moves forwards, and the axle stays in its place.
    top = np.array([0.0, 0.3, 2 * RADIUS, 1.0]) @ pose
    assert top[0] > 0.0
    np.testing.assert_allclose(np.array([0.0, 0.3, RADIUS, 1.0]) @ pose, [0.0, 0.3, RADIUS, 1.0], atol=1e-12)


def test_in_a_turn_on_the_spot_the_wheels_roll_against_each_other():
    wheels = JointMover(joints(left_wheel=(0.0, 0.3, RADIUS), right_wheel=(0.0, -0.3, RADIUS)))
    follow(wheels, [(0.0, 0.0, yaw) for yaw in np.linspace(0.0, 0.2, 21)])
    left, right = map(pitch, wheels.poses())
    assert (left, right) == (pytest.approx(-0.2 * 0.3 / RADIUS), pytest.approx(0.2 * 0.3 / RADIUS))


def test_a_caster_swivels_to_where_it_is_pulled_and_carries_its_wheel():
    rig = joints(swivel=(-0.3, 0.0, 0.13), swivel__caster_wheel=(-0.33, 0.0, 0.05))
    wheels = JointMover(rig)
    follow(wheels, [(0.0, 0.0, yaw) for yaw in np.linspace(0.0, 3.0, 301)])
    swivel, wheel = wheels.poses()
    assert heading(swivel) == pytest.approx(-np.pi / 2, abs=0.01)  # the tail of a robot that turns left goes right
    axle = np.array([-0.33, 0.0, 0.05, 1.0]) @ wheel
    np.testing.assert_allclose(axle[:3], [-0.3, 0.03, 0.05], atol=0.01)


def test_an_axle_without_trail_steers_both_ways_and_parts_of_other_names_stay():
    assert joints(lift=(0.0, 0.0, 0.2)) == ()
    rig = joints(
        rear_swivel=(-0.9, 0.0, 0.2),
        rear_swivel__left_wheel=(-0.9, 0.4, 0.2),
        rear_swivel__right_wheel=(-0.9, -0.4, 0.2),
    )
    wheels = JointMover(rig)
    follow(wheels, [(-x, 0.0, 0.0) for x in np.linspace(0.0, 1.0, 50)])
    assert heading(wheels.poses()[0]) == pytest.approx(0.0, abs=1e-6)


def test_a_jump_to_another_place_turns_nothing():
    wheels = JointMover(joints(left_wheel=(0.0, 0.3, RADIUS)))
    follow(wheels, [(0.0, 0.0, 0.0), (5.0, 0.0, 0.0)])
    np.testing.assert_allclose(wheels.poses()[0], np.eye(4))

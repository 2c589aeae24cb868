from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from isaacsim_agent_ext.animation.animator import STEP, Animator, actor_transform
from isaacsim_agent_ext.animation.legs import HEEL_SHARE
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.scene.snapshot import Skeleton

TOUCH = 0.006


def soles(skeleton, matrices):
    """World positions of the points under heel and ball of both feet."""
    rows = []
    for side in "lr":
        foot, ball = skeleton.joints.index(f"foot_{side}"), skeleton.joints.index(f"ball_{side}")
        ankle, tip = skeleton.bind[foot, 3, :3], skeleton.bind[ball, 3, :3]
        heel = [ankle[0] - HEEL_SHARE * (tip[0] - ankle[0]), ankle[1], 0.0, 1.0]
        rows += [
            heel @ matrices[foot].astype(np.float64),
            [tip[0], tip[1], 0.0, 1.0] @ matrices[ball].astype(np.float64),
        ]
    return np.array(rows)[:, :3]


def ramp(*keys):
    times, values = zip(*keys, strict=True)
    return lambda t: float(np.interp(t, times, values))


@pytest.fixture
def one(skeletons, library, make_specs):
    spec = make_specs(1)[0]
    return lambda: (spec, Animator(skeletons[:1], library, [spec]))


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.0, 1.3, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
@pytest.mark.parametrize("radius", [None, 2.0])
def test_planted_feet_do_not_slide(skeletons, library, make_specs, travel, speed, radius):
    specs = make_specs(3)
    animator = Animator(skeletons[:3], library, specs)
    rate = speed / radius if radius else 0.0
    paths = [travel(spec, 150, lambda t: speed, lambda t: rate) for spec in specs]
    slides, before = [], None
    for frame, states in enumerate(zip(*paths, strict=True)):
        animator.advance(states)
        if frame < 60:
            continue
        poses = animator.pose()
        now = np.array([soles(s, m) for s, m in zip(skeletons, poses.skinning, strict=False)])
        if before is not None:
            touching = (before[..., 2] < TOUCH) & (now[..., 2] < TOUCH)
            slides += (np.linalg.norm(now - before, axis=-1)[touching] / STEP).tolist()
        before = now
    assert np.mean(slides) < 0.05


@pytest.mark.parametrize("speed", [0.0, 0.6, 1.2, 2.0, 4.0])
def test_soles_of_all_people_touch_the_floor_and_stay_above_it(skeletons, library, make_specs, travel, speed):
    specs = make_specs(len(skeletons))
    animator = Animator(skeletons, library, specs)
    lowest = []
    for states in zip(*(travel(spec, 60, lambda t: speed) for spec in specs), strict=True):
        animator.advance(states)
        poses = animator.pose()
        lowest.append([soles(s, m)[:, 2].min() for s, m in zip(skeletons, poses.skinning, strict=True)])
    assert np.min(lowest) > -0.02
    if speed < 1.6:  # walkers always touch the floor; short people soon have to jog
        assert np.max(lowest) < 0.02


def test_standing_people_put_their_feet_under_their_hips(one, skeletons, travel, play):
    spec, animator = one()
    joints = play(animator, travel(spec, 30, lambda t: 0.0))[-1]
    names = skeletons[0].joints
    for side, sign in (("l", 1), ("r", -1)):
        ankle, hip = joints[names.index(f"foot_{side}")], joints[names.index(f"thigh_{side}")]
        assert abs(ankle[1] - hip[1]) < 0.06
        assert np.sign(ankle[1]) == sign
        assert joints[names.index(f"hand_{side}")][2] < joints[names.index("spine_02")][2]


def test_stopping_ends_with_feet_together(one, skeletons, travel, play):
    spec, animator = one()
    states = travel(spec, 150, ramp((0, 0), (0.3, 1.4), (2.0, 1.4), (2.2, 0.0), (9, 0)))
    joints = play(animator, states)
    names = skeletons[0].joints
    feet = joints[:, [names.index("foot_l"), names.index("foot_r")]]
    assert np.linalg.norm(feet[-1, 0, :2] - feet[-1, 1, :2]) < 0.30
    assert np.linalg.norm(feet[-1].mean(axis=0)[:2] - states[-1].position[:2]) < 0.08
    np.testing.assert_allclose(feet[-1], feet[-15], atol=1e-3)  # and then they stand still


def test_turning_on_the_spot_steps_round(one, skeletons, travel, play):
    spec, animator = one()
    states = travel(spec, 120, lambda t: 0.0, ramp((0, 0), (0.5, 0), (0.7, 1.8), (2.2, 1.8), (2.4, 0), (9, 0)))
    joints = play(animator, states)
    names = skeletons[0].joints
    left = joints[-1, names.index("foot_l")] - joints[-1, names.index("foot_r")]
    heading = np.arctan2(left[1], left[0]) - np.pi / 2
    apart = (heading - states[-1].yaw + np.pi) % (2 * np.pi) - np.pi
    assert abs(apart) < 0.35
    lifted = joints[:, names.index("foot_l"), 2] - joints[0, names.index("foot_l"), 2]
    assert lifted.max() > 0.02


@pytest.mark.parametrize(
    ("speed", "rate"),
    [
        (ramp((0, 0), (8, 5)), ramp((0, 0), (9, 0))),
        (ramp((0, 5), (8, 0)), ramp((0, 0), (9, 0))),
        (ramp((0, 0), (0.5, 0), (0.8, 1.4), (2, 1.4), (2.3, 0), (3, 0), (3.3, 2), (9, 2)), ramp((0, 0), (9, 0))),
        (ramp((0, 1.2), (9, 1.2)), ramp((0, 0), (2, 0), (2.5, 1.2), (4, -1.2), (9, 0))),
    ],
)
def test_motion_is_continuous(one, skeletons, travel, play, speed, rate):
    spec, animator = one()
    states = travel(spec, 240, speed, rate)
    joints = play(animator, states) - np.array([state.position for state in states])[:, None]
    velocity = np.diff(joints, axis=0) / STEP
    fastest = 3.0 + 2.6 * max(state.speed for state in states)
    assert np.linalg.norm(velocity, axis=-1).max() < fastest
    torso = [skeletons[0].joints.index(name) for name in ("pelvis", "spine_03", "head")]
    assert np.linalg.norm(np.diff(velocity[:, torso], axis=0), axis=-1).max() < 0.9


def test_changing_clips_cross_fades(one, travel, play):
    spec, animator = one()
    clips = ["idle", "wave", "look_around", "sit", "idle"]
    states = travel(spec, 300, lambda t: 0.0, animation=lambda t: clips[min(int(t / 2), 4)])
    joints = play(animator, states)
    assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() / STEP < 4.5


def test_same_steps_give_the_same_bytes_however_often_poses_are_taken(one, travel):
    outputs = []
    for every in (1, 7):
        spec, animator = one()
        states = travel(spec, 90, ramp((0, 0), (1, 2), (3, 0)), ramp((0, 0), (1, 1), (3, -1)))
        for frame, state in enumerate(states):
            animator.advance([state])
            if frame % every == 0:
                animator.pose()
        outputs.append(animator.pose().skinning[0].tobytes())
    assert outputs[0] == outputs[1]


def test_people_do_not_influence_each_other(skeletons, library, make_specs, travel):
    specs = make_specs(3)
    paths = [travel(spec, 50, lambda t, k=k: 0.5 * k) for k, spec in enumerate(specs)]
    together = Animator(skeletons[:3], library, specs)
    alone = Animator(skeletons[1:2], library, specs[1:2])
    for states in zip(*paths, strict=True):
        together.advance(states)
        alone.advance(states[1:2])
    np.testing.assert_allclose(together.pose().skinning[1], alone.pose().skinning[0], atol=1e-6)


def test_joint_positions_belong_to_the_matrices(one, skeletons, travel):
    spec, animator = one()
    for state in travel(spec, 20, lambda t: 1.0, lambda t: 0.5):
        animator.advance([state])
    poses = animator.pose()
    bind = np.concatenate([skeletons[0].bind[:, 3, :3], np.ones((len(skeletons[0].joints), 1))], axis=1)
    moved = (bind[:, None] @ poses.skinning[0].astype(np.float64))[:, 0, :3]
    np.testing.assert_allclose(moved, poses.joint_positions[0], atol=1e-5)
    assert poses.skinning[0].dtype == np.float32


def test_walking_backwards_and_sideways_keeps_feet_below_the_body(one, skeletons, travel, play):
    spec, animator = one()
    states = []
    for state in travel(spec, 90, lambda t: 0.8):
        states.append(replace(state, yaw=2.5))
    joints = play(animator, states)
    names = skeletons[0].joints
    feet = joints[:, [names.index("foot_l"), names.index("foot_r")]].mean(axis=1)
    offset = feet - np.array([state.position for state in states])
    assert np.linalg.norm(offset[:, :2], axis=1).max() < 0.7


def test_a_jump_to_another_place_takes_the_feet_along(one, travel, play):
    spec, animator = one()
    states = travel(spec, 40, lambda t: 0.0)
    states = states[:20] + [replace(state, position=np.array([50.0, 3.0, 1.0])) for state in states[20:]]
    joints = play(animator, states)
    assert np.linalg.norm(joints[20] - [50.0, 3.0, 1.0], axis=-1).max() < 2.3


def foreign(skeletons) -> Skeleton:
    """Our rig as a stranger would bring it: other names, a T-pose, rotated joint frames, Y-up facing +Z."""
    ours = skeletons[0]
    names = {"pelvis": "Hips", "spine_01": "Spine", "spine_02": "Spine1", "spine_03": "Spine2"}
    names |= {"neck_01": "Neck", "head": "Head"}
    for side, word in (("l", "Left"), ("r", "Right")):
        for part, theirs in (
            ("clavicle", "Shoulder"), ("upperarm", "Arm"), ("lowerarm", "ForeArm"), ("hand", "Hand"),
            ("thigh", "UpLeg"), ("calf", "Leg"), ("foot", "Foot"), ("ball", "ToeBase"),
        ):  # fmt: skip
            names[f"{part}_{side}"] = f"{word}{theirs}"
    keep = [k for k, name in enumerate(ours.joints) if name in names]
    place = {k: i for i, k in enumerate(keep)}
    parents = np.array([place.get(int(ours.parents[k]), -1) for k in keep], dtype=np.int32)
    positions = ours.bind[keep, 3, :3].copy()
    for side, sign in (("l", 1.0), ("r", -1.0)):
        chain = [place[ours.joints.index(f"{part}_{side}")] for part in ("upperarm", "lowerarm", "hand")]
        for a, b in pairwise(chain):
            length = np.linalg.norm(ours.bind[keep[b], 3, :3] - ours.bind[keep[a], 3, :3])
            positions[b] = positions[a] + [0.0, sign * length, 0.0]
    to_y_up = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])  # forward X to Z, left Y to X, up Z to Y
    bind = np.tile(np.eye(4), (len(keep), 1, 1))
    bind[:, :3, :3] = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    bind[:, 3, :3] = positions @ to_y_up
    transform = np.eye(4)
    transform[:3, :3] = to_y_up.T
    return Skeleton(
        prim_path="/World/Stranger/Skeleton",
        joints=tuple("mixamorig:" + names[ours.joints[k]] for k in keep),
        parents=parents,
        bind=bind,
        rest=bind,
        transform=transform,
    )


def test_a_foreign_rig_in_t_pose_walks_like_ours(skeletons, library, make_specs, travel):
    specs = make_specs(2)
    stranger = foreign(skeletons)
    animator = Animator([skeletons[0], stranger], library, specs)
    paths = [travel(replace(spec, name="same"), 60, lambda t: 1.2) for spec in specs]
    specs_same = [replace(spec, name="same") for spec in specs]
    animator = Animator([skeletons[0], stranger], library, specs_same)
    for states in zip(*paths, strict=True):
        animator.advance(states)
    poses = animator.pose()
    for name, theirs in (("foot_l", "LeftFoot"), ("foot_r", "RightFoot"), ("head", "Head"), ("hand_l", "LeftHand")):
        a = poses.joint_positions[0][skeletons[0].joints.index(name)]
        b = poses.joint_positions[1][stranger.joints.index("mixamorig:" + theirs)]
        np.testing.assert_allclose(b, a, atol=0.03, err_msg=name)


def test_a_skeleton_that_cannot_walk_is_refused(skeletons, library, make_specs):
    bad = replace(skeletons[0], joints=tuple(f"bone_{k}" for k in range(len(skeletons[0].joints))))
    with pytest.raises(AssetError, match=r"no joint for pelvis, thigh_l.*Its joints are bone_0"):
        Animator([bad], library, make_specs(1))


def test_an_unknown_animation_is_refused(one, travel):
    spec, animator = one()
    with pytest.raises(AssetError, match="did you mean 'wave'"):
        animator.advance(travel(spec, 1, lambda t: 0.0, animation=lambda t: "wavee"))


def test_nobody_needs_no_library(skeletons, make_specs):
    empty = Animator([], None, [])
    empty.advance([])
    assert empty.pose().skinning == ()
    with pytest.raises(ValueError, match="library"):
        Animator(skeletons[:1], None, make_specs(1))


def test_root_transform_puts_people_on_the_floor_facing_their_heading(make_specs, travel):
    state = replace(travel(make_specs(1)[0], 1, lambda t: 0.0)[0], position=np.array([1.0, 2.0, 3.0]), yaw=np.pi / 2)
    matrix = actor_transform(state)
    np.testing.assert_allclose([0, 0, 0, 1] @ matrix, [1, 2, 3, 1])
    np.testing.assert_allclose([1, 0, 0, 0] @ matrix, [0, 1, 0, 0], atol=1e-12)

from __future__ import annotations

import numpy as np
import pytest
from pxr import Usd, UsdSkel

from isaacsim_agent_ext.animation.joint_names import recognise
from isaacsim_agent_ext.animation.motion_library import load_motion_library
from isaacsim_agent_ext.errors import AssetError

STANDING = {"idle", "look_around", "sit", "wave"}
GAITS = {"walk_slow": 0.5, "walk": 1.0, "walk_brisk": 1.5, "walk_fast": 2.0, "jog": 3.0, "run": 5.0, "push": 1.0}


def test_has_every_clip_with_its_speed(library):
    assert set(library.names) == STANDING | set(GAITS) | {"turn_left", "turn_right"}
    for name, speed in GAITS.items():
        assert library.clip(name).speed * library.leg_length == pytest.approx(speed)
    assert library.clip("turn_left").turn_rate > 0.0 > library.clip("turn_right").turn_rate


def test_file_is_small(library_path):
    assert library_path.stat().st_size < 1 << 20


def test_clips_loop_without_a_seam(library):
    for clip in library.clips:
        dots = np.abs((clip.rotations[0] * clip.rotations[-1]).sum(axis=-1))
        assert dots.min() > 1.0 - 1e-6, clip.name
        np.testing.assert_allclose(clip.hips[0], clip.hips[-1], atol=1e-6)
        np.testing.assert_allclose(clip.feet[0], clip.feet[-1], atol=1e-5)


@pytest.mark.parametrize("name", sorted(GAITS))
def test_planted_feet_move_back_at_exactly_the_clips_speed(library, name):
    clip = library.clip(name)
    step = clip.duration / (len(clip.feet) - 1)
    for foot in range(2):
        start, end = clip.contacts[foot]
        phases = np.arange(len(clip.feet) - 1) / (len(clip.feet) - 1)
        stands = (phases - start) % 1.0 < end - start - 1e-9
        both = stands & np.append(stands[1:], stands[0])
        speed = -np.diff(clip.feet[:, foot, 0]) / step
        np.testing.assert_allclose(speed[both], clip.speed, rtol=2e-3)
        np.testing.assert_allclose(clip.feet[:-1][stands, foot, 2], 0.0, atol=1e-4)


def test_runs_fly_and_walks_do_not(library):
    for name, speed in GAITS.items():
        duty = np.diff(library.clip(name).contacts, axis=1)
        assert (duty < 0.5).all() if speed > 2.5 else (duty > 0.5).all()


def test_unknown_clip_is_refused_with_the_nearest_name(library):
    with pytest.raises(AssetError, match="no animation 'lok_around', did you mean 'look_around'"):
        library.clip("lok_around")


def test_missing_and_garbage_files_are_refused(tmp_path):
    with pytest.raises(AssetError, match="cannot be opened"):
        load_motion_library(tmp_path / "none.usd")
    garbage = tmp_path / "garbage.usd"
    garbage.write_bytes(b"PXR-USDC" + bytes(100))
    with pytest.raises(AssetError):
        load_motion_library(garbage)


def test_file_without_a_skeleton_is_refused(tmp_path):
    path = tmp_path / "clips.usda"
    stage = Usd.Stage.CreateNew(str(path))
    UsdSkel.Animation.Define(stage, "/idle")
    stage.Save()
    with pytest.raises(AssetError, match="no Skeleton"):
        load_motion_library(path)


def test_library_without_a_gait_is_refused(tmp_path, library_path):
    stage = Usd.Stage.Open(str(library_path), Usd.Stage.LoadAll)
    copy = Usd.Stage.CreateNew(str(tmp_path / "standing.usda"))
    copy.GetRootLayer().TransferContent(stage.GetRootLayer())
    for name in GAITS:
        copy.GetPrimAtPath(f"/HumanMotionLibrary/{name}").GetAttribute("motion:speed").Set(0.0)
    copy.Save()
    with pytest.raises(AssetError, match=r"no clip with a motion:speed"):
        load_motion_library(tmp_path / "standing.usda")


@pytest.mark.parametrize(
    ("joint", "expected"),
    [
        ("mixamorig:LeftUpLeg", "thigh_l"),
        ("mixamorig:RightLeg", "calf_r"),
        ("mixamorig:LeftArm", "upperarm_l"),
        ("mixamorig:LeftToeBase", "ball_l"),
        ("L_Thigh", "thigh_l"),
        ("R_UpArm", "upperarm_r"),
        ("shin.L", "calf_l"),
        ("Bip01 R Forearm", "lowerarm_r"),
        ("upper_arm.R", "upperarm_r"),
        ("Hips", "pelvis"),
        ("Neck", "neck_01"),
    ],
)
def test_joints_of_other_rigs_are_recognised(library, joint, expected):
    assert recognise(["Root", joint], library.joints)[expected] == 1

"""Recorded joint animations: how the parts of a robot move in states of its own, such as a lift going up.

A state's folder holds one USD file per joint, named after it, with the joint's transform to its parent in time samples,
as Isaac Sim's stage recorder writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.resources import extension_root
from isaacsim_agent_ext.robots.config import RobotConfig
from isaacsim_agent_ext.robots.state_machine import DRIVING_STATES

_ENDINGS = (".usd", ".usda", ".usdc")


@dataclass(frozen=True, eq=False, kw_only=True)
class JointClip:
    """A joint's motion in one state.

    Attributes:
        times: ``(n,)`` ascending, from 0 [s].
        transforms: ``(n, 4, 4)`` from the joint to its parent, in the units of the asset.
    """

    times: np.ndarray
    transforms: np.ndarray

    @property
    def seconds(self) -> float:
        """How long it takes [s]."""
        return float(self.times[-1])


Clips = Mapping[str, Mapping[str, JointClip]]
"""Motions by state and joint, joints as prim paths below the robot."""


def read_clips(kind: RobotConfig) -> tuple[Clips, tuple[str, ...]]:
    """Return the motions of a robot's own states, and what is missing of them.

    Folders of the driving states are left alone: wheels turn by how the robot moves.

    Raises:
        AssetError: A file cannot be read, or nothing moves in it.
    """
    clips: dict[str, dict[str, JointClip]] = {}
    warnings = []
    for state, written in sorted(kind.animation_paths.items()):
        if state in DRIVING_STATES:
            continue
        folder = Path(written.replace("${ext_path}", str(extension_root()))).expanduser()
        folder = folder if folder.is_absolute() else kind.path.parent / folder
        if not folder.is_dir():
            warnings.append(f"{kind.path}: the state {state} moves nothing: there is no folder {folder}")
            continue
        clips[state] = _clips_in(folder, kind.joints)
        if not clips[state]:
            warnings.append(f"{kind.path}: the state {state} moves nothing: no file in {folder} is named after a joint")
    return clips, tuple(warnings)


def _clips_in(folder: Path, joints: Sequence[str]) -> dict[str, JointClip]:
    found = {}
    for joint in joints:
        name = joint.rpartition("/")[2]
        file = next((path for ending in _ENDINGS if (path := folder / f"{name}{ending}").is_file()), None)
        if file is not None:
            found[joint] = read_clip(file, name)
    return found


def read_clip(file: Path, joint: str) -> JointClip:
    """Return the motion recorded in a file.

    Args:
        file: The USD file.
        joint: The joint's name; of several prims that move, the one called so is taken.

    Raises:
        AssetError: The file cannot be read, or nothing moves in it.
    """
    from pxr import Tf, Usd, UsdGeom

    try:
        stage = Usd.Stage.Open(str(file))
    except Tf.ErrorException as error:
        raise AssetError(f"{file}: this is no USD file that can be read") from error
    moving = []
    for prim in stage.Traverse():
        ops = UsdGeom.Xformable(prim)
        if ops and ops.GetTimeSamples():
            moving.append((prim.GetName() != joint, ops))
    if not moving:
        raise AssetError(f"{file}: no prim moves in it: expected the transform of {joint} in time samples")
    ops = min(moving, key=lambda one: one[0])[1]
    codes = np.array(ops.GetTimeSamples(), np.float64)
    transforms = np.array([ops.GetLocalTransformation(Usd.TimeCode(code)) for code in codes], np.float64)
    return JointClip(times=(codes - codes[0]) / stage.GetTimeCodesPerSecond(), transforms=transforms)


def seconds_of(clips: Clips) -> dict[str, float]:
    """Return how long each state's animation takes [s]."""
    return {state: max((clip.seconds for clip in joints.values()), default=0.0) for state, joints in clips.items()}

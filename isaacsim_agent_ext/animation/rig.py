"""Carrying poses of the motion library over to the skeletons of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.animation.joint_names import LEG_JOINTS, REQUIRED, SIDES, recognise
from isaacsim_agent_ext.animation.kinematics import (
    IDENTITY_WXYZ,
    Hierarchy,
    between,
    multiply,
    rotate,
    row_matrices,
)
from isaacsim_agent_ext.animation.legs import LegShape
from isaacsim_agent_ext.animation.motion_library import MotionLibrary, upright
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.scene.snapshot import Skeleton

_ALIGNED = (("upperarm", "lowerarm"), ("lowerarm", "hand"))
"""Bones whose direction in the bind pose is brought to the library's where a rig is not ours: T-poses exist."""

_HAND = ("hand", "thumb", "index", "middle", "ring", "pinky")
"""Joints that take over the alignment of the forearm."""


@dataclass(frozen=True, eq=False)
class Rig:
    """Skeletons with the same joints, ready to take poses; arrays have one row per skeleton.

    A pose is a rotation relative to the bind pose for every joint, in a frame that faces +X with Z up. Our own
    people take the library's as they are. In other rigs, joints are found by name, arms are first turned into the
    library's bind direction, and joints that the library does not know move with their parents.

    Attributes:
        hierarchy: Their joints.
        source: ``(joints,)`` joint of the library that each joint follows, -1 for those that follow their parent.
        correction: ``(skeletons, joints, 4)`` rotation that comes before the library's.
        bind: ``(skeletons, joints, 3)`` bind positions, standing at the origin and facing +X [m].
        entry: ``(skeletons, 4, 4)`` from bind space to that frame.
        pelvis: Index of the pelvis.
        legs: ``(skeletons, 2, 3)`` each.
    """

    hierarchy: Hierarchy
    source: np.ndarray
    correction: np.ndarray
    bind: np.ndarray
    entry: np.ndarray
    pelvis: int
    legs: LegShape

    def place(self, rotations: np.ndarray, pelvis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pose every skeleton.

        Args:
            rotations: ``(skeletons, library joints, 4)`` relative to the bind pose, in the body's frame.
            pelvis: ``(skeletons, 3)`` position of the pelvis in the body's frame [m].

        Returns:
            Rotations ``(skeletons, joints, 4)`` relative to the bind pose and positions ``(skeletons, joints, 3)``
            [m], both in the body's frame.
        """
        turned = np.broadcast_to(IDENTITY_WXYZ, (*self.bind.shape[:2], 4)).copy()
        followed = np.nonzero(self.source >= 0)[0]
        turned[:, followed] = multiply(rotations[:, self.source[followed]], self.correction[:, followed])
        for joints in self.hierarchy.levels[1:]:
            loose = joints[self.source[joints] < 0]
            turned[:, loose] = turned[:, self.hierarchy.parents[loose]]
        parents = np.maximum(self.hierarchy.parents, 0)
        offsets = self.bind - self.bind[:, parents]
        placed = self.hierarchy.positions(turned, offsets, np.zeros((len(self.bind), 3)))
        placed += (pelvis - placed[:, self.pelvis])[:, None]
        above = _ancestors(self.hierarchy, self.pelvis)  # they stay on the floor
        placed[:, above] = self.bind[:, above]
        return turned, placed

    def skinning(self, turned: np.ndarray, placed: np.ndarray, roots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``(skeletons, joints, 4, 4)`` matrices from bind space to the world, and joint positions [m].

        Args:
            turned: As `place` returns it.
            placed: As `place` returns it.
            roots: ``(skeletons, 4, 4)`` from the body's frame to the world.
        """
        matrices = np.zeros((*placed.shape[:2], 4, 4))
        turns = row_matrices(turned)
        matrices[..., :3, :3] = turns
        matrices[..., 3, :3] = placed - (self.bind[..., None, :] @ turns)[..., 0, :]
        matrices[..., 3, 3] = 1.0
        world = self.entry[:, None] @ matrices @ roots[:, None]
        positions = placed @ roots[:, :3, :3] + roots[:, None, 3, :3]
        return world, positions


def build_rigs(
    skeletons: Sequence[Skeleton], roots: Sequence[np.ndarray], library: MotionLibrary
) -> list[tuple[np.ndarray, Rig]]:
    """Group skeletons by their joints and prepare them.

    Args:
        skeletons: One per actor.
        roots: ``(4, 4)`` where each actor stands in the skeletons' rest placement.
        library: Whose poses they will take.

    Returns:
        For each group the indices of its skeletons and their rig.

    Raises:
        AssetError: A skeleton has no joint for something that walking needs.
    """
    groups: dict[tuple[tuple[str, ...], tuple[int, ...]], list[int]] = {}
    for index, skeleton in enumerate(skeletons):
        groups.setdefault((skeleton.joints, tuple(skeleton.parents.tolist())), []).append(index)
    return [
        (np.array(members), _build_rig([skeletons[i] for i in members], [roots[i] for i in members], library))
        for members in groups.values()
    ]


def _build_rig(skeletons: Sequence[Skeleton], roots: Sequence[np.ndarray], library: MotionLibrary) -> Rig:
    first = skeletons[0]
    found = recognise(first.joints, library.joints)
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise AssetError(
            f"{first.prim_path}: the skeleton has no joint for {', '.join(missing)}, so it cannot walk. "
            f"Its joints are {', '.join(first.joints)}; expected are {', '.join(REQUIRED)}, or the names that "
            "other human rigs use for them."
        )
    bind, entry = [], []
    for skeleton, root in zip(skeletons, roots, strict=True):
        place = skeleton.transform @ np.linalg.inv(root)
        turn = np.eye(4)
        positions = skeleton.bind[:, 3, :3] @ place[:3, :3] + place[3, :3]
        turn[:3, :3] = row_matrices(upright(positions, found))
        entry.append(place @ turn)
        bind.append(positions @ turn[:3, :3])
    joints = np.array(bind)
    own = {library.joints[k]: k for k in range(len(library.joints))}
    source = np.full(len(first.joints), -1)
    for name, joint in found.items():
        source[joint] = own[name]
    pelvis = found["pelvis"]
    correction = np.broadcast_to(IDENTITY_WXYZ, (*joints.shape[:2], 4)).copy()
    if any(name not in first.joints for name in found):
        _align(correction, joints, found, library)
    hierarchy = Hierarchy(first.parents.tolist())
    source[_ancestors(hierarchy, pelvis)] = -1
    return Rig(
        hierarchy=hierarchy,
        source=source,
        correction=correction,
        bind=joints,
        entry=np.array(entry),
        pelvis=pelvis,
        legs=_legs(joints, found),
    )


def _ancestors(hierarchy: Hierarchy, joint: int) -> list[int]:
    """Return the joints above one, up to the root."""
    chain = []
    joint = int(hierarchy.parents[joint])
    while joint >= 0:
        chain.append(joint)
        joint = int(hierarchy.parents[joint])
    return chain


def _align(correction: np.ndarray, joints: np.ndarray, found: dict[str, int], library: MotionLibrary) -> None:
    """Turn arms from their own bind direction into the library's."""
    for side in SIDES:
        for bone, end in _ALIGNED:
            start, stop = f"{bone}_{side}", f"{end}_{side}"
            if start in found and stop in found:
                theirs = joints[:, found[stop]] - joints[:, found[start]]
                ours = library.bind[library.joints.index(stop)] - library.bind[library.joints.index(start)]
                correction[:, found[start]] = between(theirs, np.broadcast_to(ours, theirs.shape))
        if f"lowerarm_{side}" in found:
            for name, index in found.items():
                if name.endswith(f"_{side}") and name.startswith(_HAND):
                    correction[:, index] = correction[:, found[f"lowerarm_{side}"]]


def _legs(joints: np.ndarray, found: dict[str, int]) -> LegShape:
    """Return the legs; a foot without a toe joint gets a ball of the usual size."""
    rows = []
    for bone in LEG_JOINTS:
        sides = []
        for side in SIDES:
            name = f"{bone}_{side}"
            if name in found:
                sides.append(joints[:, found[name]])
            else:
                ankle, hip = joints[:, found[f"foot_{side}"]], joints[:, found[f"thigh_{side}"]]
                length = np.linalg.norm(hip - ankle, axis=1, keepdims=True)
                sides.append(ankle * [1.0, 1.0, 0.3] + length * [0.15, 0.0, 0.0])
        rows.append(np.stack(sides, axis=1))
    return LegShape(*rows)


def hips_from_pelvis(rig: Rig, pelvis: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return ``(skeletons, 2, 3)`` hip joints for a pelvis at a position and a rotation [m]."""
    return pelvis[:, None] + rotate(turn[:, None], rig.legs.hip - rig.bind[:, rig.pelvis, None])

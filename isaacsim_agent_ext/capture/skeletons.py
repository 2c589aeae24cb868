"""``skeleton_data``: every skeleton's joints in the world and in the image, and which of them can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.capture.frame import AnnotatorData
from isaacsim_agent_ext.render.gbuffer import BACKGROUND, GBuffer
from isaacsim_agent_ext.scene.snapshot import SceneFrame, SceneSnapshot, Skeleton
from isaacsim_agent_ext.sensors.camera import CameraView

BODY_DEPTH = 0.2
"""Joints lie inside the body: its own surface up to this far before a joint does not hide it [m]."""

CONTACT = 0.02
"""Another surface must be at least this much closer than a joint to hide it [m]."""


def skeleton_data(
    snapshot: SceneSnapshot,
    frame: SceneFrame,
    gbuffer: GBuffer,
    camera: CameraView,
    actors: Sequence[ActorState] = (),
) -> AnnotatorData:
    """Return the dictionary of ``skeleton_data``: arrays over all joints of all skeletons, one after the other.

    ``<name>Sizes`` says how many entries each skeleton has in ``<name>``. Positions are in metres,
    ``translations2d`` in pixels with the origin at the top left corner, quaternions in order x, y, z, w. Local
    rotations are relative to the parent joint, those of root joints to the world; the rest pose is in the
    skeleton's own space. ``occlusionTypes`` are ``"none"``, ``"self"`` (the body's own surface is more than
    `BODY_DEPTH` before the joint), ``"other"`` (something else is before it) and ``"out_of_view"``;
    ``jointOcclusions`` is False for ``"none"`` only. A skeleton is ``inView`` when all its joints are in the image.
    """
    meshes_of = _meshes_of_skeletons(snapshot)
    names, paths, assets, variants, joints = [], [], [], [], []
    columns: dict[str, list[np.ndarray]] = {name: [] for name in _ARRAYS}
    occlusion_types: list[str] = []
    in_view = []
    for index, skeleton in enumerate(snapshot.skeletons):
        actor = next((a for a in actors if skeleton.prim_path.startswith(a.spec.prim_path + "/")), None)
        names.append(actor.spec.name if actor else skeleton.prim_path.rpartition("/")[2])
        paths.append(skeleton.prim_path)
        assets.append(actor.spec.asset_url if actor else "")
        variants.append(actor.animation if actor else "")
        joints.append(list(skeleton.joints))

        world = _posed(skeleton, index, frame)
        positions = np.asarray(frame.joint_positions.get(index, world[:, 3, :3]))
        pixels, depth = camera.project(positions.astype(np.float64))
        types = _occlusion(pixels, depth, gbuffer, meshes_of.get(index, np.zeros(0, np.int32)))
        rest = _chained(skeleton)
        columns["skeletonParents"].append(skeleton.parents)
        columns["globalTranslations"].append(positions)
        columns["localRotations"].append(_local_rotations(world, skeleton.parents))
        columns["restGlobalTranslations"].append(rest[:, 3, :3])
        columns["restLocalTranslations"].append(skeleton.rest[:, 3, :3])
        columns["restLocalRotations"].append(_quaternions_xyzw(_rotations(skeleton.rest)))
        columns["translations2d"].append(pixels)
        columns["jointOcclusions"].append(np.array([kind != "none" for kind in types]))
        occlusion_types += types
        in_view.append("out_of_view" not in types)

    data: dict[str, Any] = {
        "numSkeletons": len(names),
        "skelName": names,
        "skelPath": paths,
        "assetPath": assets,
        "animationVariant": variants,
        "skeletonJoints": joints,
    }
    for name, (dtype, width) in _ARRAYS.items():
        shape = (-1, width) if width else (-1,)
        data[name] = np.concatenate([np.zeros(0), *(np.ravel(part) for part in columns[name])]).astype(dtype)
        data[name] = data[name].reshape(shape)
        data[name + "Sizes"] = np.array([len(part) for part in columns[name]], np.int32)
    data["occlusionTypes"] = occlusion_types
    data["occlusionTypesSizes"] = data["jointOcclusionsSizes"]
    data["inView"] = np.array(in_view, bool)
    return AnnotatorData(data)


_ARRAYS: dict[str, tuple[type, int]] = {
    "skeletonParents": (np.int32, 0),
    "globalTranslations": (np.float32, 3),
    "localRotations": (np.float32, 4),
    "restGlobalTranslations": (np.float32, 3),
    "restLocalTranslations": (np.float32, 3),
    "restLocalRotations": (np.float32, 4),
    "translations2d": (np.float32, 2),
    "jointOcclusions": (np.bool_, 0),
}


def _meshes_of_skeletons(snapshot: SceneSnapshot) -> dict[int, np.ndarray]:
    found: dict[int, list[int]] = {}
    for index, instance in enumerate(snapshot.instances):
        skin = snapshot.meshes[instance.mesh].skin
        if skin is not None:
            found.setdefault(skin.skeleton, []).append(index)
    return {skeleton: np.array(indices, np.int32) for skeleton, indices in found.items()}


def _posed(skeleton: Skeleton, index: int, frame: SceneFrame) -> np.ndarray:
    """Return joint-to-world ``(joints, 4, 4)``; skinning matrices lead from bind space to the world."""
    if index in frame.skinning:
        return skeleton.bind @ np.asarray(frame.skinning[index], np.float64)
    return _chained(skeleton) @ skeleton.transform


def _chained(skeleton: Skeleton) -> np.ndarray:
    """Return the rest pose joint-to-skeleton ``(joints, 4, 4)``."""
    chained = np.array(skeleton.rest, np.float64)
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            chained[joint] = skeleton.rest[joint] @ chained[parent]
    return chained


def _rotations(matrices: np.ndarray) -> np.ndarray:
    """Return the rotation part ``(n, 3, 3)`` with scale divided out."""
    linear = np.asarray(matrices, np.float64)[:, :3, :3]
    return linear / np.linalg.norm(linear, axis=2, keepdims=True)


def _local_rotations(world: np.ndarray, parents: np.ndarray) -> np.ndarray:
    rotations = _rotations(world)
    above = np.where((parents >= 0)[:, None, None], rotations[np.maximum(parents, 0)], np.eye(3))
    return _quaternions_xyzw(rotations @ above.transpose(0, 2, 1))


def _quaternions_xyzw(rotations: np.ndarray) -> np.ndarray:
    """Return unit quaternions ``(n, 4)``, w not negative, of row-vector rotations ``(n, 3, 3)``.

    Takes the component of largest magnitude from the diagonal and the others from it (Shepperd, 1978), which is
    exact near half turns, too.
    """
    m = rotations.transpose(0, 2, 1)
    xx, yy, zz = m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]
    squares = np.stack([1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz], axis=1)
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    xw, yw, zw = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    products = np.stack(
        [
            np.stack([squares[:, 0], xy, xz, xw], axis=1),
            np.stack([xy, squares[:, 1], yz, yw], axis=1),
            np.stack([xz, yz, squares[:, 2], zw], axis=1),
            np.stack([xw, yw, zw, squares[:, 3]], axis=1),
        ],
        axis=1,
    )
    quaternions = products[np.arange(len(m)), squares.argmax(axis=1)]
    quaternions /= np.linalg.norm(quaternions, axis=1, keepdims=True)
    return np.where(quaternions[:, 3:] < 0, -quaternions, quaternions)


def _occlusion(pixels: np.ndarray, depth: np.ndarray, gbuffer: GBuffer, own: np.ndarray) -> list[str]:
    """Compare each joint's depth with what the image shows at its pixel."""
    height, width = gbuffer.instance.shape
    inside = (depth > 0) & np.all((pixels >= 0) & (pixels < (width, height)), axis=1)
    at = np.where(inside[:, None], pixels, 0).astype(np.int64)
    shown = gbuffer.instance[at[:, 1], at[:, 0]]
    before = depth - gbuffer.distance_to_image_plane[at[:, 1], at[:, 0]]
    is_own = np.isin(shown, own)
    hidden_by_self = is_own & (before > BODY_DEPTH)
    hidden_by_other = ~is_own & (shown != BACKGROUND) & (before > CONTACT)
    kinds = np.select([~inside, hidden_by_self, hidden_by_other], ["out_of_view", "self", "other"], "none")
    return [str(kind) for kind in kinds]

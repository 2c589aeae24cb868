"""The scene as plain arrays: what NavMesh baking, camera placement and rendering read instead of the stage.

Everything here is in metres, Z-up and right-handed, whatever the stage uses. Matrices are 4x4 for row vectors:
``world = [x, y, z, 1] @ transform``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Texture:
    """An image.

    Attributes:
        name: Where it came from, for messages.
        pixels: ``(height, width, 4)`` uint8, first row on top. Colour textures are sRGB encoded.
    """

    name: str
    pixels: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Material:
    """A metallic-roughness surface; colours are linear, textures are indices into the snapshot or -1.

    A texture multiplies the constant beside it. The roughness and metallic textures are read from one channel.
    """

    name: str = ""
    base_color: tuple[float, float, float] = (0.5, 0.5, 0.5)
    base_color_texture: int = -1
    roughness: float = 0.5
    roughness_texture: int = -1
    roughness_channel: int = 0
    metallic: float = 0.0
    metallic_texture: int = -1
    metallic_channel: int = 0
    normal_texture: int = -1
    emissive: tuple[float, float, float] = (0.0, 0.0, 0.0)
    emissive_texture: int = -1
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Skin:
    """How a mesh follows a skeleton: linear blending of four joints per vertex.

    Attributes:
        skeleton: Index into the snapshot's skeletons.
        joint_indices: ``(vertices, 4)`` int32 into the skeleton's joints.
        joint_weights: ``(vertices, 4)`` float32, each row summing to 1.
    """

    skeleton: int
    joint_indices: np.ndarray
    joint_weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in their own space (a skinned mesh: in its skeleton's bind space, geomBindTransform applied).

    Vertices are split wherever normal or texture coordinate differ, so all vertex arrays share one index.

    Attributes:
        points: ``(vertices, 3)`` float32 [m].
        normals: ``(vertices, 3)`` float32, unit length.
        uvs: ``(vertices, 2)`` float32, V growing upwards as in USD.
        triangles: ``(triangles, 3)`` int32, counter-clockwise seen from outside.
        materials: ``(triangles,)`` int32 into the snapshot's materials.
        skin: How it follows a skeleton, or None for a rigid mesh.
    """

    points: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    materials: np.ndarray
    skin: Skin | None = None


@dataclass(frozen=True)
class Semantics:
    """The labels written on one prim.

    Attributes:
        prim_path: The labelled prim.
        labels: Label type to its labels, in authored order.
        transform: ``(4, 4)`` float64 local-to-world of the prim at rest, the frame of its 3D box; None stands for
            the world's own axes.
    """

    prim_path: str
    labels: Mapping[str, tuple[str, ...]]
    transform: np.ndarray | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class Instance:
    """One mesh placed in the world.

    Attributes:
        prim_path: The mesh prim, instance proxies and point instances made unique.
        mesh: Index into the snapshot's meshes; several instances may share one.
        transform: ``(4, 4)`` float64 local-to-world (a skinned mesh: skeleton-to-world at rest).
        semantics: Labelled prims from the mesh itself up to the root, nearest first.
        navigation: Whether it counts for the NavMesh (static and visible collision geometry does).
        moving: Whether its transform may change from frame to frame.
        area: NavMesh area that the stage gives this geometry, or "" for none.
    """

    prim_path: str
    mesh: int
    transform: np.ndarray
    semantics: tuple[Semantics, ...] = ()
    navigation: bool = True
    moving: bool = False
    area: str = ""


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Joints in an order in which parents come before children.

    Attributes:
        prim_path: The Skeleton prim.
        joints: Last element of each joint's path, such as ``"thigh_l"``.
        parents: ``(joints,)`` int32, -1 for a root.
        bind: ``(joints, 4, 4)`` float64 bind pose, joint-to-skeleton.
        rest: ``(joints, 4, 4)`` float64 rest pose, joint-to-parent.
        transform: ``(4, 4)`` float64 skeleton-to-world at rest.
    """

    prim_path: str
    joints: tuple[str, ...]
    parents: np.ndarray
    bind: np.ndarray
    rest: np.ndarray
    transform: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Light:
    """A light, with inputs already folded into one radiometric number per kind.

    Attributes:
        kind: ``"distant"``, ``"sphere"``, ``"rect"``, ``"disk"``, ``"cylinder"`` or ``"dome"``.
        prim_path: The light prim.
        color: Linear RGB, colour temperature applied.
        intensity: USD's intensity x 2^exposure (normalised lights: divided by their area already).
        transform: ``(4, 4)`` float64 light-to-world; lights shine along their -Z.
        size: ``distant``: (angle in degrees, 0); ``sphere``/``disk``/``cylinder``: (radius, length); ``rect``:
            (width, height) [m].
        texture: Index of a dome's latitude-longitude texture, or -1.
    """

    kind: str
    prim_path: str
    color: tuple[float, float, float]
    intensity: float
    transform: np.ndarray
    size: tuple[float, float] = (0.0, 0.0)
    texture: int = -1


@dataclass(frozen=True, eq=False)
class SceneSnapshot:
    """The whole scene at rest."""

    meshes: tuple[Mesh, ...]
    instances: tuple[Instance, ...]
    materials: tuple[Material, ...]
    textures: tuple[Texture, ...] = ()
    lights: tuple[Light, ...] = ()
    skeletons: tuple[Skeleton, ...] = ()


@dataclass(frozen=True, eq=False)
class SceneFrame:
    """What has moved in one frame.

    Attributes:
        skinning: Skeleton index to ``(joints, 4, 4)`` float32 matrices that take bind space to the world
            (``inverse(bind) @ posed joint-to-skeleton @ skeleton-to-world``).
        transforms: Instance index to ``(4, 4)`` float64 local-to-world, for moving rigid instances.
        prim_transforms: Prim path to ``(4, 4)`` float64 local-to-world, for every actor's root prim: the frame in
            which its 3D box is given.
        joint_positions: Skeleton index to ``(joints, 3)`` float32 world positions [m].
    """

    skinning: Mapping[int, np.ndarray] = field(default_factory=dict)
    transforms: Mapping[int, np.ndarray] = field(default_factory=dict)
    prim_transforms: Mapping[str, np.ndarray] = field(default_factory=dict)
    joint_positions: Mapping[int, np.ndarray] = field(default_factory=dict)

"""UsdSkel skeletons and skins as plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pxr import Usd, UsdGeom, UsdSkel

from isaacsim_agent_ext.scene.diagnostics import skipping_broken
from isaacsim_agent_ext.scene.metrics import AT_REST, prim_to_world, without_scale
from isaacsim_agent_ext.scene.snapshot import Skeleton, Skin

INFLUENCES = 4
"""Joints that move a vertex; meshes with more keep the strongest."""

_SINGULAR = 1e-30

_PROXIES = Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)


@dataclass(frozen=True, eq=False)
class SkinBinding:
    """How one mesh is bound.

    Attributes:
        skeleton: Index of its skeleton.
        bind: ``(4, 4)`` float64 from the mesh's own space (stage units) to the skeleton's bind space [m].
        joint_indices: ``(points, 4)`` int32 into the skeleton's joints.
        joint_weights: ``(points, 4)`` float32, rows summing to 1.
    """

    skeleton: int
    bind: np.ndarray
    joint_indices: np.ndarray
    joint_weights: np.ndarray

    def skin(self, points: np.ndarray) -> Skin:
        """Return the skin of vertices that stem from these points."""
        return Skin(self.skeleton, self.joint_indices[points], self.joint_weights[points])


@dataclass(frozen=True, eq=False)
class _Joints:
    """How a skeleton's authored joints map to those of the snapshot."""

    index: int
    names: tuple[str, ...]  # as authored, whole paths
    place: np.ndarray  # authored number -> number in the snapshot
    unit: float  # [m] per unit of skeleton space


class SkeletonTable:
    """Collects the skeletons of a stage, and the skins of the meshes bound to them by prim path."""

    def __init__(self, warn: Callable[[str], None]):
        self.skeletons: list[Skeleton] = []
        self.skins: dict[str, SkinBinding] = {}
        self._warn = warn
        self._joints: dict[str, _Joints] = {}

    def add_root(self, root: Usd.Prim) -> None:
        """Read every skeleton and skin below a SkelRoot."""
        cache = UsdSkel.Cache()
        skel_root = UsdSkel.Root(root)
        cache.Populate(skel_root, _PROXIES)
        for binding in cache.ComputeSkelBindings(skel_root, _PROXIES):
            skeleton = binding.GetSkeleton()
            path = str(skeleton.GetPath())
            if path not in self._joints:
                joints = self._read_skeleton(skeleton, cache.GetSkelQuery(skeleton))
                if joints is None:
                    continue
                self._joints[path] = joints
            for target in binding.GetSkinningTargets():
                with skipping_broken(target.GetPrim(), self._warn):
                    skin = self._read_skin(target, self._joints[path])
                    if skin is not None:
                        self.skins[str(target.GetPrim().GetPath())] = skin

    def _read_skeleton(self, skeleton: UsdSkel.Skeleton, query: UsdSkel.SkeletonQuery) -> _Joints | None:
        prim = skeleton.GetPrim()
        path = str(prim.GetPath())
        names = tuple(str(joint) for joint in query.GetJointOrder()) if query else ()
        if not names:
            self._warn(f"{path}: the skeleton has no valid joints; what it moves stays rigid")
            return None
        topology = query.GetTopology()
        parents = np.array([topology.GetParent(joint) for joint in range(len(names))], dtype=np.int32)
        sequence = _parents_first(parents)
        bind = _matrices(skeleton.GetBindTransformsAttr().Get(AT_REST), len(names))
        rest = _matrices(skeleton.GetRestTransformsAttr().Get(AT_REST), len(names))
        if bind is None and rest is not None:
            bind = _chain(rest, parents, sequence)
        elif rest is None and bind is not None:
            rest = _unchain(bind, parents)
        if bind is None or rest is None:
            self._warn(f"{path}: the skeleton has neither bindTransforms nor restTransforms; what it moves stays rigid")
            return None

        # Skeleton space is made metric here, so that no animation ever meets a scaled character.
        rigid, scale = without_scale(prim_to_world(prim))
        if np.ptp(scale) > 1e-3 * np.abs(scale).max() or (scale < 0).any():
            self._warn(f"{path}: the skeleton is scaled unevenly or mirrored; its mean scale is used")
        unit = float(UsdGeom.GetStageMetersPerUnit(prim.GetStage()) * np.abs(scale).mean())
        place = np.empty(len(names), dtype=np.int32)
        place[sequence] = np.arange(len(names), dtype=np.int32)
        sorted_parents = parents[sequence]
        self.skeletons.append(
            Skeleton(
                prim_path=path,
                joints=tuple(names[joint].rsplit("/", 1)[-1] for joint in sequence),
                parents=np.where(sorted_parents < 0, -1, place[sorted_parents]).astype(np.int32),
                bind=_with_unit(bind[sequence], unit),
                rest=_with_unit(rest[sequence], unit),
                transform=rigid,
            )
        )
        return _Joints(index=len(self.skeletons) - 1, names=names, place=place, unit=unit)

    def _read_skin(self, target: UsdSkel.SkinningQuery, joints: _Joints) -> SkinBinding | None:
        prim = target.GetPrim()
        path = prim.GetPath()
        if target.HasBlendShapes():
            self._warn(f"{path}: blend shapes are not applied")
        points = prim.GetAttribute("points").Get(AT_REST)
        if points is None or not target.HasJointInfluences():
            return None
        indices = _influences(target.GetJointIndicesPrimvar(), len(points))
        weights = _influences(target.GetJointWeightsPrimvar(), len(points))
        if indices is None or weights is None or indices.shape != weights.shape:
            self._warn(f"{path}: joint indices and weights do not match its {len(points)} points; it stays rigid")
            return None
        lookup = joints.place
        own_order = target.GetJointOrder()  # a mesh may list the joints it uses in an order of its own
        if own_order is not None:
            numbers = dict(zip(joints.names, joints.place, strict=True))
            lookup = np.array([numbers.get(str(name), -1) for name in own_order], dtype=np.int32)
        known = (indices >= 0) & (indices < len(lookup))
        numbers_of = np.where(known, lookup[np.where(known, indices, 0)], -1)
        if (numbers_of < 0)[weights > 0].any():
            self._warn(f"{path}: it is bound to joints that its skeleton does not have; it stays rigid")
            return None
        strongest, kept = _strongest(np.maximum(numbers_of, 0), weights)
        bind = np.array(target.GetGeomBindTransform(AT_REST)) @ np.diag([joints.unit] * 3 + [1.0])
        if not np.isfinite(bind).all() or abs(np.linalg.det(bind)) < _SINGULAR:
            self._warn(f"{path}: its geomBindTransform cannot be inverted; it stays rigid")
            return None
        return SkinBinding(skeleton=joints.index, bind=bind, joint_indices=strongest, joint_weights=kept)


def _influences(primvar: UsdGeom.Primvar, points: int) -> np.ndarray | None:
    """Return joint indices or weights ``(points, influences)``, or None when there are not as many as needed."""
    values = np.asarray(primvar.ComputeFlattened(AT_REST) or ())
    width = primvar.GetElementSize()
    if primvar.GetInterpolation() == UsdGeom.Tokens.constant:  # the whole mesh moves as one
        return np.tile(values, (points, 1)) if 0 < len(values) == width else None
    return values.reshape(points, width) if 0 < len(values) == width * points else None


def _matrices(value: object, count: int) -> np.ndarray | None:
    """Return authored matrices ``(count, 4, 4)``, or None when there are none, or not as many."""
    matrices = np.array(value, dtype=np.float64) if value is not None else np.zeros(0)
    return matrices if matrices.shape == (count, 4, 4) and np.isfinite(matrices).all() else None


def _parents_first(parents: np.ndarray) -> np.ndarray:
    """Return joint numbers ordered by depth, and by authored order within a depth."""
    depth = np.zeros(len(parents), dtype=np.int64)
    above = parents.copy()
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parents[above], -1)
    in_order = bool((parents < np.arange(len(parents))).all())
    return np.arange(len(parents)) if in_order else np.argsort(depth, kind="stable")


def _chain(local: np.ndarray, parents: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    result = local.copy()
    for joint in sequence:
        if parents[joint] >= 0:
            result[joint] = local[joint] @ result[parents[joint]]
    return result


def _unchain(placed: np.ndarray, parents: np.ndarray) -> np.ndarray:
    above = np.where((parents >= 0)[:, None, None], placed[parents], np.eye(4))
    return placed @ np.linalg.inv(above)


def _with_unit(matrices: np.ndarray, unit: float) -> np.ndarray:
    """Return matrices whose translations are in metres."""
    result = matrices.copy()
    result[:, 3, :3] *= unit
    return result


def _strongest(indices: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the `INFLUENCES` strongest joints of each point, strongest first, and make their weights sum to 1."""
    weights = np.where(np.isfinite(weights) & (weights > 0), weights, 0.0).astype(np.float64)
    padding = ((0, 0), (0, max(0, INFLUENCES - weights.shape[1])))
    indices, weights = np.pad(indices, padding), np.pad(weights, padding)
    order = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    indices, weights = np.take_along_axis(indices, order, axis=1), np.take_along_axis(weights, order, axis=1)
    total = weights.sum(axis=1, keepdims=True)
    weights = np.where(total > 0, weights / np.where(total > 0, total, 1.0), [1.0] + [0.0] * (INFLUENCES - 1))
    indices = np.where(weights > 0, indices, 0)
    return indices.astype(np.int32), weights.astype(np.float32)

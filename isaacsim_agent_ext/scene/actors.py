"""Characters and robots on the stage: a reference to the asset, placed and labelled in our own layers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pxr import Sdf, Usd, UsdGeom, UsdSkel

from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.scene.compose import AddedActor, ComposedStage, define_xform, layer_metrics, open_layer, place
from isaacsim_agent_ext.scene.facing import DEFAULT_FACING, facing_yaw
from isaacsim_agent_ext.scene.labels import write_labels
from isaacsim_agent_ext.scene.metrics import AT_REST, gf_matrix, stage_to_world, to_metres_z_up


def add_character(
    composed: ComposedStage,
    prim_path: str,
    asset: Path | str,
    *,
    position: np.ndarray,
    yaw: float,
    labels: Iterable[tuple[str, str]] = (),
) -> AddedActor:
    """Add a character by reference, standing at a place in the world.

    Args:
        composed: The stage; its layers "actors" and "labels" are edited.
        prim_path: Where its root goes, such as ``/World/Characters/workers/workers_0``; missing Xforms above it are
            made.
        asset: A USD file, or a URL as for `open_layer`. Its units, its up axis and the way it faces are made up for.
        position: ``(3,)`` world position of its origin, on the floor between the feet [m].
        yaw: Heading [rad], counter-clockwise from +X seen from above.
        labels: Pairs of label type and label for the root prim.

    Raises:
        AssetError: The asset cannot be opened, or holds nothing to reference.
    """
    with composed.editing("actors") as stage:
        root, upright = _reference(stage, prim_path, asset, "character")
        skeletons = _of_type(root, "Skeleton")
        turn = yaw - (_facing(root, skeletons[0], upright) if skeletons else DEFAULT_FACING)
        place(root, upright @ _standing(position, turn) @ np.linalg.inv(stage_to_world(stage)))
    with composed.editing("labels"):
        write_labels(root, labels)
    skel_roots = _of_type(root, "SkelRoot")
    actor = AddedActor(
        prim_path=prim_path,
        agent_prim_path=str(skel_roots[0].GetPath()) if skel_roots else prim_path,
        skeleton_prim_path=str(skeletons[0].GetPath()) if skeletons else None,
        asset=asset,
    )
    composed.actors.append(actor)
    return actor


def check_character(asset: Path | str) -> None:
    """Make sure that an asset is somebody who can move, before it is on a stage.

    Raises:
        AssetError: The asset cannot be opened, or holds nothing to reference, or no skeleton.
    """
    layer = open_layer(asset, "character")
    source = _default_prim(layer, asset, "character")
    stage = Usd.Stage.Open(layer)
    root = stage.GetPrimAtPath(source)
    if not root or not _of_type(root, "Skeleton"):
        raise no_character(asset)


def no_character(asset: Path | str) -> AssetError:
    """Return the error for an asset that cannot walk, whether it lacks a skeleton or a mesh that follows it."""
    return AssetError(
        f"{asset} is no character: no mesh in it follows a UsdSkel skeleton, so it cannot walk; point asset_path at "
        f"rigged characters, and list props under environment.prop_asset_paths"
    )


def add_robot(
    composed: ComposedStage,
    prim_path: str,
    asset: Path | str,
    *,
    position: np.ndarray,
    yaw: float,
    forward: float,
    labels: Iterable[tuple[str, str]] = (),
) -> AddedActor:
    """Add a robot by reference, standing at a place in the world.

    Args:
        composed: The stage; its layers "actors" and "labels" are edited.
        prim_path: Where its root goes, such as ``/World/Robots/carters/Nova_Carter``; missing Xforms above it are made.
        asset: A USD file, or a URL as for `open_layer`. Its units and its up axis are made up for.
        position: ``(3,)`` world position of its origin, on the floor [m].
        yaw: Heading [rad], counter-clockwise from +X seen from above.
        forward: Yaw that the asset drives along before it is placed [rad].
        labels: Pairs of label type and label for the root prim.

    Raises:
        AssetError: The asset cannot be opened, or holds nothing to reference.
    """
    with composed.editing("actors") as stage:
        root, upright = _reference(stage, prim_path, asset, "robot")
        place(root, upright @ _standing(position, yaw - forward) @ np.linalg.inv(stage_to_world(stage)))
    with composed.editing("labels"):
        write_labels(root, labels)
    actor = AddedActor(prim_path=prim_path, agent_prim_path=prim_path, skeleton_prim_path=None, asset=asset)
    composed.actors.append(actor)
    return actor


def _reference(stage: Usd.Stage, prim_path: str, asset: Path | str, what: str) -> tuple[Usd.Prim, np.ndarray]:
    """Reference an asset at a path; returns the prim, and what takes its coordinates to metres, Z-up."""
    layer = open_layer(asset, what)
    source = _default_prim(layer, asset, what)
    root = define_xform(stage, prim_path)
    root.GetReferences().AddReference(layer.identifier, source)
    own = np.array(UsdGeom.Xformable(root).GetLocalTransformation(AT_REST))
    _let_everything_follow(root, own)
    # What the asset's root prim says about turn and scale holds; where it puts itself does not.
    own[3, :3] = 0.0
    up_axis, unit = layer_metrics(layer, layer_metrics(stage.GetRootLayer()))
    return root, own @ to_metres_z_up(unit, up_axis)


def _let_everything_follow(root: Usd.Prim, own: np.ndarray) -> None:
    """Make prims that stand in the world's coordinates stand in those of their parent, at the same place.

    Rigid bodies within rigid bodies are made so (``!resetXformStack!``); moving the root would leave them behind.

    Args:
        root: The root prim of an asset, not placed yet.
        own: ``(4, 4)`` its transform in the asset.
    """
    for prim in Usd.PrimRange(root):
        xformable = UsdGeom.Xformable(prim)
        if prim != root and xformable and xformable.GetResetXformStack():
            to_root = np.array(UsdGeom.XformCache(AT_REST).ComputeRelativeTransform(prim.GetParent(), root)[0])
            local = np.array(xformable.GetLocalTransformation(AT_REST)) @ np.linalg.inv(to_root @ own)
            xformable.ClearXformOpOrder()
            xformable.AddTransformOp().Set(gf_matrix(local))


def _default_prim(layer: Sdf.Layer, asset: Path | str, what: str) -> Sdf.Path:
    """Return the prim to reference: the default prim, else the only root prim."""
    if layer.HasDefaultPrim():
        return Sdf.Path("/" + layer.defaultPrim.lstrip("/"))
    defined = [spec for spec in layer.rootPrims if spec.specifier == Sdf.SpecifierDef]
    if len(defined) != 1:
        raise AssetError(
            f"{what} {asset}: the file has no defaultPrim and {len(defined)} root prims, so it does not say what to "
            f"reference; set its defaultPrim"
        )
    return defined[0].path


def _of_type(root: Usd.Prim, type_name: str) -> list[Usd.Prim]:
    prims = Usd.PrimRange(root, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate))
    return [prim for prim in prims if prim.GetTypeName() == type_name]


def _facing(root: Usd.Prim, skeleton: Usd.Prim, upright: np.ndarray) -> float:
    """Return the yaw that the asset faces along before it is placed; ``upright`` takes its root to metres, Z-up."""
    schema = UsdSkel.Skeleton(skeleton)
    joints = [str(joint).rsplit("/", 1)[-1] for joint in schema.GetJointsAttr().Get(AT_REST) or ()]
    bind = np.array(schema.GetBindTransformsAttr().Get(AT_REST) or (), dtype=np.float64)
    if not joints or bind.shape != (len(joints), 4, 4):
        return DEFAULT_FACING
    to_root = np.array(UsdGeom.XformCache(AT_REST).ComputeRelativeTransform(skeleton, root)[0])
    return facing_yaw(joints, (bind @ to_root @ upright)[:, 3, :3])


def _standing(position: np.ndarray, yaw: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]]
    matrix[3, :3] = position
    return matrix

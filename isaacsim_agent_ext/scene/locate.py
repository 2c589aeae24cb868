"""Where prims are in the world."""

from __future__ import annotations

import difflib

import numpy as np
from pxr import Sdf, Usd, UsdGeom

from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.curves import curve_points
from isaacsim_agent_ext.scene.metrics import AT_REST, prim_to_world
from isaacsim_agent_ext.scene.place import Place

_PURPOSES = [UsdGeom.Tokens.default_, UsdGeom.Tokens.render]


def existing_prim(stage: Usd.Stage, prim_path: str) -> Usd.Prim:
    """Return the prim at a path.

    Raises:
        SceneError: There is none; the message says how far the path leads, and the nearest name there.
    """
    if not Sdf.Path.IsValidPathString(prim_path) or not prim_path.startswith("/"):
        raise SceneError(f"{prim_path!r} is no prim path; one looks like /World/Characters")
    prim = stage.GetPrimAtPath(prim_path)
    if prim:
        return prim
    parent = stage.GetPseudoRoot()
    for prefix in Sdf.Path(prim_path).GetPrefixes():
        child = stage.GetPrimAtPath(prefix)
        if not child:
            break
        parent = child
    names = [child.GetName() for child in parent.GetFilteredChildren(Usd.TraverseInstanceProxies())]
    missing = prim_path[len(str(parent.GetPath()).rstrip("/")) + 1 :].split("/", 1)[0]
    near = difflib.get_close_matches(missing, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; it has {_listed(names)}"
    raise SceneError(f"there is no prim {prim_path}: {parent.GetPath()} has no child {missing}{hint}")


def world_position(composed: ComposedStage, prim_path: str) -> np.ndarray:
    """Return the world position ``(3,)`` of a prim's origin at rest [m].

    Raises:
        SceneError: There is no such prim.
    """
    position: np.ndarray = prim_to_world(existing_prim(composed.stage, prim_path))[3, :3]
    return position


def place_of(composed: ComposedStage, prim_path: str) -> Place:
    """Return where a prim stands at rest, and how large it is.

    Raises:
        SceneError: There is no such prim.
    """
    prim = existing_prim(composed.stage, prim_path)
    forward = prim_to_world(prim)[0, :3]
    return Place(
        position=world_position(composed, prim_path),
        yaw=float(np.arctan2(forward[1], forward[0])),
        size=np.ptp(world_bounds(composed, prim_path), axis=0),
        curve=curve_points(prim),
    )


def world_bounds(composed: ComposedStage, prim_path: str) -> np.ndarray:
    """Return the axis-aligned bounds of a prim and all below it, at rest.

    Returns:
        ``(2, 3)`` float64 lower and upper corner in the world [m]; for a prim without geometry both are its origin.

    Raises:
        SceneError: There is no such prim.
    """
    prim = existing_prim(composed.stage, prim_path)
    bound = UsdGeom.BBoxCache(AT_REST, _PURPOSES, useExtentsHint=True).ComputeWorldBound(prim)
    box = bound.ComputeAlignedRange()
    if box.IsEmpty():
        return np.repeat(world_position(composed, prim_path)[None], 2, axis=0)
    corners = np.array([box.GetCorner(corner) for corner in range(8)])
    world = corners @ composed.to_world[:3, :3] + composed.to_world[3, :3]
    return np.stack([world.min(axis=0), world.max(axis=0)])


def _listed(names: list[str], most: int = 8) -> str:
    if not names:
        return "no children"
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

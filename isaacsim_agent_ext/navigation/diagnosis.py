"""Why a scene has no walkable floor, in words its author can act on."""

from __future__ import annotations

import math

import numpy as np

from isaacsim_agent_ext.navigation.geometry import OBSTACLE, BakeGeometry
from isaacsim_agent_ext.navigation.settings import NavMeshSettings


def explain_missing_floor(geometry: BakeGeometry, settings: NavMeshSettings) -> str:
    """Return what was found in place of a floor, the likeliest cause and what to do about it."""
    return f"The stage has no walkable floor: {_finding(geometry, settings)}"


def _finding(geometry: BakeGeometry, settings: NavMeshSettings) -> str:
    count = len(geometry.triangles)
    if count == 0 and geometry.include:
        return (
            f"no mesh reaches into its {len(geometry.include)} NavMesh include volume(s), which span "
            f"{_span(geometry)}. Move or enlarge them (a fresh volume is 1 m wide before scaling), or remove them to "
            "use the whole stage."
        )
    if count == 0:
        return (
            "it has no static, visible mesh that counts for navigation. Check that its references load, and that the "
            "floor is not hidden, excluded from the NavMesh, or of purpose guide or proxy."
        )

    facing = geometry.normals[:, 2]
    flat = math.cos(settings.max_slope)
    up, down = facing >= flat, facing <= -flat
    named_off = up & (geometry.areas == OBSTACLE)
    where = f"{count:,} triangles were looked at" + (" in the include volumes" if geometry.include else "")
    if up.any() and (up & ~named_off).any():
        return (
            f"{where}, {int((up & ~named_off).sum()):,} of them face up, but nowhere is there room for a person: "
            f"{2 * settings.agent_radius:g} m of width, {settings.agent_height:g} m of height, and "
            "0.5 m² of floor once the distance to walls is kept. Is the stage in metres (metersPerUnit), do exclude "
            "volumes cover the floor, or does something fill the room?"
        )
    if named_off.any():
        return f'{where}, and everything that faces up is in the area "NotWalkable". Name another area for the floor.'
    if _size(geometry, down) > 0.2 * _size(geometry):
        return (
            f"{where}, and none faces up while {int(down.sum()):,} face down. The floor seems to be inside out: flip "
            "its normals (the winding of its faces, or the mesh's orientation)."
        )
    sideways = np.abs(geometry.normals[:, 1]) >= flat
    if _size(geometry, sideways) > 0.4 * _size(geometry):
        return (
            f"{where}, and none faces +Z while most of the surface faces ±Y. The stage seems to be modelled Y-up: set "
            'its upAxis metadata to "Y".'
        )
    return (
        f"{where}, and none is within {math.degrees(settings.max_slope):.0f} degrees of level. Add a floor: a mesh "
        "whose faces point up."
    )


def _size(geometry: BakeGeometry, chosen: np.ndarray | None = None) -> float:
    return float((geometry.sizes if chosen is None else geometry.sizes[chosen]).sum())


def _span(geometry: BakeGeometry) -> str:
    lower = np.min([box[0] for box in geometry.include], axis=0)
    upper = np.max([box[1] for box in geometry.include], axis=0)
    return " x ".join(f"{axis} {low:g} to {high:g} m" for axis, low, high in zip("XYZ", lower, upper, strict=True))

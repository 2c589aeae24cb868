"""NavMesh volumes and areas as they stand on a stage.

========================================  ========================================================================
``NavMeshVolume`` prim                    A unit cube (±0.5) under its transform. Token ``nav:type`` is ``Include``
                                          (the default) or ``Exclude``; token ``navmesh:area`` paints that area
                                          inside the box.
``NavMeshAreaAPI``, ``navmesh:area``      Names the area of all geometry at and below the prim.
``NavMeshExcludeAPI``                     Geometry at and below the prim does not count.
========================================  ========================================================================

The volumes are read here. Areas and exclusions of geometry are found by the reader (`Instance.area`,
`Instance.navigation`). Isaac Sim's schema is not part of OpenUSD, so types and attributes are read by name, in the
spellings it has used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pxr import Usd, UsdGeom

from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.metrics import AT_REST

VOLUME_TYPE = "NavMeshVolume"

_TYPE_ATTRIBUTES = (
    "nav:type",
    "nav:volumeType",
    "nav:volume:type",
    "navmesh:type",
    "navMesh:type",
    "volumeType",
    "type",
)
_AREA_ATTRIBUTES = ("navmesh:area", "navMesh:area", "nav:area")
_KINDS = {"include": "include", "exclude": "exclude", "0": "include", "1": "exclude"}

_CORNERS = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])


@dataclass(frozen=True, eq=False)
class NavigationVolume:
    """An upright prism in the world.

    Attributes:
        kind: ``"include"``, ``"exclude"``, or ``"area"`` for one that only paints.
        area: Name of the area painted inside, or "" for none.
        footprint: ``(n, 2)`` float64 convex polygon seen from above, counter-clockwise [m].
        z_min: Lower end [m].
        z_max: Upper end [m].
        prim_path: The volume's prim.
    """

    kind: str
    area: str
    footprint: np.ndarray
    z_min: float
    z_max: float
    prim_path: str = ""


def read_volumes(composed: ComposedStage) -> tuple[NavigationVolume, ...]:
    """Return the NavMesh volumes of a stage in stage order; instanced ones are found too."""
    predicate = Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)
    prims = Usd.PrimRange(composed.stage.GetPseudoRoot(), predicate)
    return tuple(_volume(prim, composed.to_world) for prim in prims if prim.GetTypeName() == VOLUME_TYPE)


def _volume(prim: Usd.Prim, to_world: np.ndarray) -> NavigationVolume:
    area = str(_first(prim, _AREA_ATTRIBUTES) or "")
    stated = _first(prim, _TYPE_ATTRIBUTES)
    kind = "area" if stated is None and area else _KINDS.get(str(stated).lower(), "include")
    matrix = _local_to_stage(prim) @ to_world
    corners = _CORNERS @ matrix[:3, :3] + matrix[3, :3]
    return NavigationVolume(
        kind=kind,
        area=area,
        footprint=_convex_hull(corners[:, :2]),
        z_min=float(corners[:, 2].min()),
        z_max=float(corners[:, 2].max()),
        prim_path=str(prim.GetPath()),
    )


def _first(prim: Usd.Prim, names: tuple[str, ...]) -> object:
    for name in names:
        attribute = prim.GetAttribute(name)
        if attribute and attribute.HasAuthoredValue():
            return attribute.Get(AT_REST)
    return None


def _local_to_stage(prim: Usd.Prim) -> np.ndarray:
    """Return a prim's local-to-stage matrix; without its schema USD does not know that the prim has a transform."""
    matrix = np.array(UsdGeom.XformCache(AT_REST).GetParentToWorldTransform(prim))
    for name in prim.GetAttribute("xformOpOrder").Get(AT_REST) or ():
        if name == "!resetXformStack!":
            matrix = np.eye(4)
            continue
        attribute = prim.GetAttribute(name.removeprefix("!invert!"))
        if attribute:
            op = UsdGeom.XformOp(attribute, name.startswith("!invert!"))
            matrix = np.array(op.GetOpTransform(AT_REST)) @ matrix
    return matrix


def _convex_hull(points: np.ndarray) -> np.ndarray:
    """Return the convex hull of points in the plane, counter-clockwise (Andrew's monotone chain, 1979)."""
    ordered = sorted({(round(float(x), 9), round(float(y), 9)) for x, y in points})

    def chain(sequence: list[tuple[float, float]]) -> list[tuple[float, float]]:
        hull: list[tuple[float, float]] = []
        for x, y in sequence:
            while len(hull) > 1:
                (ax, ay), (bx, by) = hull[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 1e-12:
                    break
                hull.pop()
            hull.append((x, y))
        return hull[:-1]

    return np.array([*chain(ordered), *chain(ordered[::-1])], dtype=np.float64).reshape(-1, 2)

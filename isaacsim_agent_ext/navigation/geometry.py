"""From a scene snapshot to what is baked: triangles in the world, their areas, and the limits of the surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.recast_navmesh import NOT_WALKABLE, WALKABLE
from isaacsim_agent_ext.navigation.settings import NavMeshSettings

if TYPE_CHECKING:
    from isaacsim_agent_ext.scene.navigation_volumes import NavigationVolume
    from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

OBSTACLE = 0
"""Area number of what may not be walked on."""

MAX_AREAS = 63
"""Detour counts areas from 0 to 63, and 0 is taken."""

_FARTHEST = 1e6  # [m] what lies beyond has no place in single precision


@dataclass(frozen=True, eq=False, kw_only=True)
class BakeGeometry:
    """What is baked, in metres, Z-up.

    Attributes:
        vertices: ``(n, 3)`` float32.
        triangles: ``(m, 3)`` int32, counter-clockwise from outside.
        areas: ``(m,)`` uint8 area number of each triangle, 0 for obstacles.
        normals: ``(m, 3)`` float32 unit normals, 0 for triangles without area.
        sizes: ``(m,)`` float32 size of each triangle [m^2].
        floor: ``(m,)`` bool: faces up, flat enough, and not an obstacle by name.
        area_names: Area number minus 1 to name.
        include: Boxes ``(lower (3,), upper (3,))`` outside of which no floor counts; none means everywhere.
        holes: Convex footprints ``((k, 2), bottom, top)`` to keep out of.
        paints: Convex footprints ``((k, 2), bottom, top, area number)``.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    areas: np.ndarray
    normals: np.ndarray
    sizes: np.ndarray
    floor: np.ndarray
    area_names: tuple[str, ...]
    include: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    holes: tuple[tuple[np.ndarray, float, float], ...] = ()
    paints: tuple[tuple[np.ndarray, float, float, int], ...] = ()

    def floor_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and upper corner ``(3,)`` float64 of the floor inside the include boxes [m]."""
        corners = self.vertices[self.triangles[self.floor]].reshape(-1, 3).astype(np.float64)
        lower, upper = corners.min(axis=0), corners.max(axis=0)
        if self.include:
            lower = np.maximum(lower, np.min([box[0] for box in self.include], axis=0))
            upper = np.minimum(upper, np.max([box[1] for box in self.include], axis=0))
        return lower, np.maximum(lower, upper)


def gather(
    snapshot: SceneSnapshot,
    volumes: Sequence[NavigationVolume],
    settings: NavMeshSettings,
) -> BakeGeometry:
    """Collect the world triangles of every instance that counts for navigation.

    With include volumes, only triangles that reach into one of their axis-aligned bounds are kept. Triangles with
    coordinates that are not finite, or beyond 1,000 km, are left out.

    Args:
        snapshot: The scene.
        volumes: Include, exclude and area volumes of the stage.
        settings: For the slope limit and the voxel height.

    Raises:
        NavMeshError: The stage names more areas than a NavMesh can tell apart.
    """
    area_names = _area_names(snapshot, volumes)
    numbers = {name: number for number, name in enumerate(area_names, start=1)} | {NOT_WALKABLE: OBSTACLE}
    include = tuple(_bounds(volume) for volume in volumes if volume.kind == "include")
    slack = 2 * settings.cell_height  # a box that begins exactly at the floor contains it

    vertices, triangles, areas = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], [np.zeros(0, np.uint8)]
    base = 0
    for instance in snapshot.instances:
        if not instance.navigation:
            continue
        mesh = snapshot.meshes[instance.mesh]
        with np.errstate(invalid="ignore"):
            points = mesh.points.astype(np.float64) @ instance.transform[:3, :3] + instance.transform[3, :3]
        faces = mesh.triangles[_placeable(points, mesh.triangles)]
        if include:
            faces = faces[_reaches_into(points, faces, include, slack)]
        if len(faces) == 0:
            continue
        if np.linalg.det(instance.transform[:3, :3]) < 0:  # a mirrored instance turns its triangles inside out
            faces = faces[:, ::-1]
        vertices.append(np.nan_to_num(points, nan=0.0, posinf=0.0, neginf=0.0).clip(-_FARTHEST, _FARTHEST))
        triangles.append(faces.astype(np.int64) + base)
        areas.append(np.full(len(faces), numbers[instance.area or WALKABLE], dtype=np.uint8))
        base += len(points)

    all_vertices = np.concatenate(vertices).astype(np.float32)
    all_triangles = np.concatenate(triangles).astype(np.int32)
    all_areas = np.concatenate(areas)
    normals, sizes = _normals(all_vertices, all_triangles)
    return BakeGeometry(
        vertices=all_vertices,
        triangles=all_triangles,
        areas=all_areas,
        normals=normals,
        sizes=sizes,
        floor=(normals[:, 2] >= np.cos(settings.max_slope) - 1e-6) & (all_areas != OBSTACLE),
        area_names=area_names,
        include=include,
        holes=tuple(
            (_footprint(volume), float(volume.z_min), float(volume.z_max))
            for volume in volumes
            if volume.kind == "exclude" or volume.area == NOT_WALKABLE
        ),
        paints=tuple(
            (_footprint(volume), float(volume.z_min), float(volume.z_max), numbers[volume.area])
            for volume in volumes
            if volume.kind != "exclude" and volume.area and volume.area != NOT_WALKABLE
        ),
    )


def _area_names(snapshot: SceneSnapshot, volumes: Sequence[NavigationVolume]) -> tuple[str, ...]:
    """Return every area's name: floor without a name first, so that named floor wins where the two coincide."""
    named = {volume.area for volume in volumes if volume.area and volume.kind != "exclude"}
    named |= {instance.area for instance in snapshot.instances if instance.area and instance.navigation}
    names = (WALKABLE, *sorted(named - {WALKABLE, NOT_WALKABLE}))
    if len(names) > MAX_AREAS:
        raise NavMeshError(
            f"The stage names {len(names) - 1} NavMesh areas, a NavMesh can tell {MAX_AREAS - 1} apart. Give some of "
            "them the same name."
        )
    return names


def _bounds(volume: NavigationVolume) -> tuple[np.ndarray, np.ndarray]:
    footprint = _footprint(volume)
    lower, upper = footprint.min(axis=0), footprint.max(axis=0)
    return np.array([*lower, volume.z_min], dtype=np.float64), np.array([*upper, volume.z_max], dtype=np.float64)


def _footprint(volume: NavigationVolume) -> np.ndarray:
    return np.asarray(volume.footprint, dtype=np.float64)[:, :2]


def _placeable(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return (np.abs(points) <= _FARTHEST).all(axis=1)[faces].all(axis=1)


def _reaches_into(
    points: np.ndarray, faces: np.ndarray, boxes: Sequence[tuple[np.ndarray, np.ndarray]], slack: float
) -> np.ndarray:
    corners = points[faces]
    lower, upper = corners.min(axis=1), corners.max(axis=1)
    margin = np.array([0.0, 0.0, slack])
    reaches = np.zeros(len(faces), dtype=bool)
    for box_lower, box_upper in boxes:
        reaches |= ((upper >= box_lower - margin) & (lower <= box_upper + margin)).all(axis=1)
    return reaches


def _normals(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    cross = np.cross(b - a, c - a)
    length = np.linalg.norm(cross, axis=1)
    return cross / np.maximum(length, 1e-12)[:, None], length / 2

"""Baking: from a scene to the surface people can walk on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.cache import bake_digest, cached_bake
from isaacsim_agent_ext.navigation.diagnosis import explain_missing_floor
from isaacsim_agent_ext.navigation.geometry import BakeGeometry, gather
from isaacsim_agent_ext.navigation.islands import parts_to_keep
from isaacsim_agent_ext.navigation.recast_navmesh import RecastNavMesh, load_recast
from isaacsim_agent_ext.navigation.settings import NavMeshSettings

if TYPE_CHECKING:
    import isaacsim_agent_recast

    from isaacsim_agent_ext.scene.navigation_volumes import NavigationVolume
    from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

_MOST_CELLS_IN_ONE_TILE = 9_000_000  # 300 m x 300 m at 0.1 m: some 500 MB while baking
_MOST_CELLS = 100_000_000
_TILE_SIZE = 512  # [cells]
_TALLEST = 8000  # [voxels] Recast counts heights with 13 bits


def bake(
    snapshot: SceneSnapshot,
    volumes: Sequence[NavigationVolume] = (),
    *,
    settings: NavMeshSettings | None = None,
    cache_dir: Path | None = None,
) -> RecastNavMesh:
    """Bake the surface on which people can walk upright.

    The surface is the floor that is flat enough, with head room, at least the walker's radius away from walls and
    drops, without roofs and the tops of things (see `isaacsim_agent_ext.navigation.islands`).

    Args:
        snapshot: The scene; instances with `navigation` count, at their rest transforms, and their `area` is what
            their floor becomes ("NotWalkable": an obstacle).
        volumes: Include volumes limit the bake to what is inside the axis-aligned bounds of one of them; without any,
            the whole scene counts. Exclude volumes keep people out of them. Volumes with an area name paint it.
        settings: The walker and the resolution.
        cache_dir: Folder of meshes baked earlier; None bakes anew.

    Raises:
        NavMeshError: There is no walkable floor; the message says what there is instead.
        DependencyError: The Recast binding is not installed.
    """
    settings = settings or NavMeshSettings()
    recast = load_recast()
    geometry = gather(snapshot, volumes, settings)
    if not geometry.floor.any():
        raise NavMeshError(explain_missing_floor(geometry, settings))
    if cache_dir is None:
        return _bake(geometry, settings)
    digest = bake_digest(geometry, settings, recast.BUILD_ID)
    return cached_bake(cache_dir, digest, lambda: _bake(geometry, settings))


def _bake(geometry: BakeGeometry, settings: NavMeshSettings) -> RecastNavMesh:
    recast = load_recast()
    lower, upper = _grid_bounds(geometry, settings)
    try:
        mesh = recast.NavMesh.build(
            geometry.vertices,
            geometry.triangles,
            np.where(geometry.floor, geometry.areas, 0).astype(np.uint8),
            _recast_settings(settings, lower, upper),
            (lower.astype(np.float32), upper.astype(np.float32)),
            include=[(low.astype(np.float32), high.astype(np.float32)) for low, high in geometry.include],
            holes=[(shape.astype(np.float32), bottom, top, 0) for shape, bottom, top in geometry.holes],
            paints=[(shape.astype(np.float32), *rest) for shape, *rest in geometry.paints],
        )
    except RuntimeError as error:
        raise NavMeshError(f"The NavMesh could not be baked: {error}.") from error
    triangles, areas, components = mesh.surface()
    if len(triangles) == 0:
        raise NavMeshError(explain_missing_floor(geometry, settings))
    keep = parts_to_keep(triangles, areas, components, climb=settings.agent_climb, min_area=settings.min_island_area)
    if len(keep) <= components.max():
        mesh = mesh.keep_components(keep.tolist())
    return RecastNavMesh(mesh, geometry.area_names)


def _grid_bounds(geometry: BakeGeometry, settings: NavMeshSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return the box that is cut into voxels: the floor, room for a walker on it, and a rim of cells."""
    lower, upper = geometry.floor_bounds()
    # Recast 1.5 lets triangles that cross the border spill into the outermost cells; the rim keeps those off the floor.
    rim = settings.agent_radius + 4 * settings.cell_size
    below, above = settings.agent_climb + 4 * settings.cell_height, settings.agent_height + 4 * settings.cell_height
    lower, upper = lower - np.array([rim, rim, below]), upper + np.array([rim, rim, above])
    size = upper - lower
    if size[0] * size[1] > _MOST_CELLS * settings.cell_size**2 or size[2] > _TALLEST * settings.cell_height:
        raise NavMeshError(
            f"The floor spans {size[0]:,.0f} m x {size[1]:,.0f} m and {size[2]:,.0f} m of height, more than can be "
            f"baked in cells of {settings.cell_size:g} m. Add a NavMesh include volume around the part that people "
            "shall use, or exclude large background meshes from navigation."
        )
    return lower, upper


def _recast_settings(settings: NavMeshSettings, lower: np.ndarray, upper: np.ndarray) -> isaacsim_agent_recast.Settings:
    result = load_recast().Settings()
    result.cell_size = settings.cell_size
    result.cell_height = settings.cell_height
    result.agent_radius = settings.agent_radius
    result.agent_height = settings.agent_height
    result.agent_climb = settings.agent_climb
    result.max_slope = settings.max_slope
    result.max_edge_error = 1.3 * settings.cell_size
    result.detail_distance = 6 * settings.cell_size
    result.detail_error = settings.cell_height
    cells = np.prod((upper - lower)[:2] / settings.cell_size)
    if settings.tile_size is None:
        result.tile_size = 0 if cells <= _MOST_CELLS_IN_ONE_TILE else _TILE_SIZE
    else:
        result.tile_size = settings.tile_size
    return result

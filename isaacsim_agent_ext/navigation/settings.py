"""How a NavMesh is baked: the walker it is for and the resolution."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NavMeshSettings:
    """What a person needs, and how finely the floor is looked at.

    Attributes:
        cell_size: Side of the square cells the floor is cut into [m].
        cell_height: Height of a voxel [m]; steps and clearances are judged to this.
        agent_radius: Distance kept from walls [m]: the surface is smaller than the floor by it.
        agent_height: Clearance needed to walk upright [m].
        agent_climb: Highest step [m]; a stair has about 0.18, a kerb 0.15.
        max_slope: Steepest walkable floor [rad].
        min_island_area: Parts of the surface that are cut off from the rest are dropped below this size [m^2].
        tile_size: Side of the tiles baked one by one [cells]; 0 bakes one tile, None decides by the size of the floor.
    """

    cell_size: float = 0.1
    cell_height: float = 0.05
    agent_radius: float = 0.3
    agent_height: float = 1.8
    agent_climb: float = 0.25
    max_slope: float = math.radians(45.0)
    min_island_area: float = 4.0
    tile_size: int | None = None

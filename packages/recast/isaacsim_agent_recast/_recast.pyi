from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__version__: str
BUILD_ID: str
"""Changes with the sources of this package and with the Recast that it was built against."""

_Box = tuple[NDArray[np.float32], NDArray[np.float32]]
_Prism = tuple[NDArray[np.float32], float, float, int]

class Settings:
    """How to bake: lengths in [m], areas in [m^2], `max_slope` in [rad], `tile_size` in cells (0: one tile)."""

    cell_size: float
    cell_height: float
    agent_height: float
    agent_radius: float
    agent_climb: float
    max_slope: float
    min_region_area: float
    merge_region_area: float
    max_edge_length: float
    max_edge_error: float
    detail_distance: float
    detail_error: float
    tile_size: int
    def __init__(self) -> None: ...

class NavMesh:
    """A baked mesh.

    `reach` is how far from the surface a point may lie and still count as on it: one straight distance, or a
    horizontal and a vertical one [m].
    """

    polygon_count: int
    tile_count: int

    @staticmethod
    def build(
        vertices: NDArray[np.float32],
        triangles: NDArray[np.int32],
        areas: NDArray[np.uint8],
        settings: Settings,
        bounds: _Box,
        include: Sequence[_Box] = (),
        holes: Sequence[_Prism] = (),
        paints: Sequence[_Prism] = (),
    ) -> NavMesh:
        """Bake triangles ``(m, 3)`` over vertices ``(n, 3)``, each with the area it becomes where it is walkable.

        Only floor inside one of the `include` boxes is kept, all of it when there are none; `holes` and `paints`
        are convex footprints ``(k, 2)`` with bottom, top and area.
        """

    @staticmethod
    def load(data: bytes) -> NavMesh: ...
    def save(self) -> bytes: ...
    def surface(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.int32]]:
        """Return triangles ``(n, 3, 3)``, their areas and the connected part each belongs to."""

    def keep_components(self, components: Sequence[int]) -> NavMesh:
        """Return a copy in which only these connected parts are left."""

    def nearest(
        self, points: ArrayLike, reach: float, areas: int = ...
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return the nearest points ``(n, 3)`` and their areas; NaN and -1 where none is within reach."""

    def paths(
        self,
        starts: ArrayLike,
        ends: ArrayLike,
        reach: tuple[float, float] = ...,
        areas: int = ...,
        costs: ArrayLike | None = None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float32]]:
        """Return status (0 none, 1 complete, 2 partial), offsets ``(n + 1,)`` and corners of all paths in a row."""

    def raycast(
        self, starts: ArrayLike, ends: ArrayLike, reach: tuple[float, float] = ..., areas: int = ...
    ) -> NDArray[np.float32]: ...
    def distance_to_wall(
        self, points: ArrayLike, limit: float, reach: tuple[float, float] = ..., areas: int = ...
    ) -> NDArray[np.float32]: ...
    def move_along_surface(
        self, starts: ArrayLike, ends: ArrayLike, reach: tuple[float, float] = ..., areas: int = ...
    ) -> NDArray[np.float32]: ...
    def random_points(self, uniforms: NDArray[np.float64], areas: int = ...) -> NDArray[np.float32]:
        """Return one point per row of three uniform numbers in [0, 1)."""

    def random_points_around(
        self, centre: ArrayLike, radius: float, count: int, seed: int, reach: float = 2.0, areas: int = ...
    ) -> NDArray[np.float32]: ...

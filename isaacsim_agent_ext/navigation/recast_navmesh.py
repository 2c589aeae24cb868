"""The NavMesh of the standalone host: Recast and Detour behind the `NavMesh` protocol."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from isaacsim_agent_ext.errors import DependencyError, NavMeshError
from isaacsim_agent_ext.navigation.navmesh import Path

if TYPE_CHECKING:
    import isaacsim_agent_recast

WALKABLE = "Walkable"
"""Name of the area that floor belongs to unless the stage says otherwise."""

NOT_WALKABLE = "NotWalkable"
"""Name of the area that nobody may walk on."""

_ALL_AREAS = (1 << 64) - 1
_AREA_NUMBERS = 64
_COMPLETE = 1
_FOREIGN_GROUND_COST = 1000.0
"""Metres on the areas asked for that one metre elsewhere is worth: foreign ground is left by the shortest way."""


def load_recast() -> ModuleType:
    """Import the Recast binding.

    Raises:
        DependencyError: It is not installed; the message says how to.
    """
    try:
        import isaacsim_agent_recast
    except ImportError as error:
        raise DependencyError(
            "Baking a NavMesh needs the package isaacsim-agent-recast, which cannot be imported "
            f"({error}).\nInstall it from the repository of this extension:\n"
            "    apt-get install librecast-dev g++\n"
            "    pip install ./packages/recast"
        ) from error
    return isaacsim_agent_recast


class RecastNavMesh:
    """A `NavMesh` that never changes; any number of threads may ask it at once.

    Attributes:
        area_names: Every area of the stage; the position is Recast's area number minus 1.
    """

    def __init__(self, mesh: isaacsim_agent_recast.NavMesh, area_names: Sequence[str]):
        self._mesh = mesh
        self.area_names = tuple(area_names)
        _, numbers, _ = mesh.surface()
        present = set(np.unique(numbers).tolist())
        self._areas = tuple(name for number, name in enumerate(self.area_names, start=1) if number in present)

    @property
    def areas(self) -> tuple[str, ...]:
        """Names of the areas that have some surface."""
        return self._areas

    def path(self, start: np.ndarray, end: np.ndarray, *, areas: Sequence[str] = ()) -> Path | None:
        """Return the shortest path, or None when either end is farther than 1 m (2 m in height) from the surface.

        Who starts outside `areas` first walks into them by the way that leaves foreign ground soonest.
        """
        mask = self._mask(areas)
        starts, ends = _rows(start), _rows(end)
        found = _paths(*self._mesh.paths(starts, ends, areas=mask))[0]
        if found is not None or mask == _ALL_AREAS:
            return found
        goal, area = self._mesh.nearest(ends, 1.0, areas=mask)
        if area[0] < 0:
            return None
        costs = np.where([mask >> number & 1 for number in range(_AREA_NUMBERS)], 1.0, _FOREIGN_GROUND_COST)
        return _paths(*self._mesh.paths(starts, goal, costs=costs.astype(np.float32)))[0]

    def paths(self, starts: np.ndarray, ends: np.ndarray) -> list[Path | None]:
        """Return many shortest paths at once; ``(n, 3)`` each."""
        return _paths(*self._mesh.paths(starts, ends))

    def random_points(self, rng: np.random.Generator, count: int, *, areas: Sequence[str] = ()) -> np.ndarray:
        """Return ``(count, 3)`` points spread evenly over the surface, or over the named areas."""
        return self._mesh.random_points(rng.random((count, 3)), areas=self._mask(areas)).astype(np.float64)

    def random_points_around(
        self,
        rng: np.random.Generator,
        center: np.ndarray,
        radius: float,
        count: int,
        *,
        areas: Sequence[str] = (),
    ) -> np.ndarray:
        """Return up to ``count`` points ``(n, 3)`` within a straight distance that are reachable from the centre.

        They are spread evenly over that part of the surface; none when the centre is not on it.
        """
        seed = int(rng.integers(1 << 63))
        points = self._mesh.random_points_around(_rows(center)[0], radius, count, seed, areas=self._mask(areas))
        return points.astype(np.float64)

    def closest_points(self, points: np.ndarray, *, reach: float = 2.0) -> np.ndarray:
        """Return the nearest point on the surface for each of ``(n, 3)``; NaN where none is within reach [m]."""
        nearest, _ = self._mesh.nearest(points, reach)
        return nearest.astype(np.float64)

    def raycast(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Return for each straight walk the fraction ``(n,)`` that is free of walls; 0 for starts off the surface."""
        return self._mesh.raycast(starts, ends).astype(np.float64)

    def distance_to_wall(self, points: np.ndarray, *, reach: float = 5.0) -> np.ndarray:
        """Return the distance to the nearest edge of the surface ``(n,)`` [m], at most ``reach``; 0 off the surface."""
        return self._mesh.distance_to_wall(points, reach).astype(np.float64)

    def move_along_surface(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Slide each point from start towards end without leaving the surface; NaN for starts off the surface.

        Made for the short moves of a simulation step: a slide ends early after some dozen polygons.
        """
        return self._mesh.move_along_surface(starts, ends).astype(np.float64)

    def triangles(self) -> np.ndarray:
        """Return the surface as ``(n, 3, 3)`` float32 triangles, for maps and pictures."""
        return self._mesh.surface()[0]

    def triangle_areas(self) -> tuple[str, ...]:
        """Return the name of the area that each of `triangles` belongs to."""
        return tuple(self.area_names[number - 1] for number in self._mesh.surface()[1])

    def to_bytes(self) -> bytes:
        """Return the mesh as bytes for `from_bytes`; the same mesh always gives the same bytes."""
        names = json.dumps(self.area_names).encode()
        return len(names).to_bytes(4, "little") + names + self._mesh.save()

    @classmethod
    def from_bytes(cls, data: bytes) -> RecastNavMesh:
        """Return the mesh that `to_bytes` wrote.

        Raises:
            ValueError: The bytes are damaged, or another version wrote them.
        """
        size = int.from_bytes(data[:4], "little")
        names = json.loads(data[4 : 4 + size])
        return cls(load_recast().NavMesh.load(data[4 + size :]), names)

    def __reduce__(self) -> tuple[object, ...]:
        return RecastNavMesh.from_bytes, (self.to_bytes(),)

    def _mask(self, areas: Sequence[str]) -> int:
        if not areas:
            return _ALL_AREAS
        mask = 0
        for name in areas:
            if name not in self._areas:
                raise NavMeshError(self._unknown_area(name))
            mask |= 1 << (self.area_names.index(name) + 1)
        return mask

    def _unknown_area(self, name: str) -> str:
        existing = ", ".join(f'"{area}"' for area in self._areas)
        if name in self.area_names:
            return (
                f'NavMesh area "{name}" is named in the stage but has no walkable surface: its floor is too steep, too '
                f"small, or inside obstacles. Areas with surface: {existing}."
            )
        close = difflib.get_close_matches(name, self._areas, n=1)
        hint = f' Did you mean "{close[0]}"?' if close else ""
        return (
            f'NavMesh area "{name}" does not exist.{hint} This stage has: {existing}. Leave the list empty to use all '
            "of the surface, or name the area in the stage."
        )


def _rows(point: np.ndarray) -> np.ndarray:
    return np.asarray(point, dtype=np.float64).reshape(1, 3)


def _paths(status: np.ndarray, offsets: np.ndarray, corners: np.ndarray) -> list[Path | None]:
    points = corners.astype(np.float64)
    return [
        Path(points=points[offsets[i] : offsets[i + 1]], complete=bool(code == _COMPLETE)) if code else None
        for i, code in enumerate(status)
    ]

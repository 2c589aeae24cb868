"""The NavMesh seam: what simulation and placement ask of a walkable surface, on every host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np


@dataclass(frozen=True, eq=False)
class Path:
    """A way over the NavMesh.

    Attributes:
        points: ``(n, 3)`` float64 corners from start to end [m].
        complete: False when the end cannot be reached and the path ends at the closest reachable point.
    """

    points: np.ndarray
    complete: bool

    @property
    def length(self) -> float:
        """Length along the path [m]."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())


@runtime_checkable
class NavMesh(Protocol):
    """A baked walkable surface; all points in metres, Z-up world.

    Results depend on the arguments alone: random points come from the generator passed in.
    """

    @property
    def areas(self) -> tuple[str, ...]:
        """Names of the areas that exist on this mesh."""

    def path(self, start: np.ndarray, end: np.ndarray, *, areas: Sequence[str] = ()) -> Path | None:
        """Return the shortest path, or None when either end is off the mesh.

        Args:
            start: ``(3,)``.
            end: ``(3,)``.
            areas: Area names to stay on; empty allows all.
        """

    def paths(self, starts: np.ndarray, ends: np.ndarray) -> list[Path | None]:
        """Return many shortest paths at once; ``(n, 3)`` each."""

    def random_points(self, rng: np.random.Generator, count: int, *, areas: Sequence[str] = ()) -> np.ndarray:
        """Return ``(count, 3)`` points spread evenly over the surface, or over the named areas.

        Raises:
            NavMeshError: An area does not exist; the message lists those that do.
        """

    def random_points_around(
        self,
        rng: np.random.Generator,
        center: np.ndarray,
        radius: float,
        count: int,
        *,
        areas: Sequence[str] = (),
    ) -> np.ndarray:
        """Return up to ``count`` points ``(n, 3)`` within a straight distance that are reachable from the centre."""

    def closest_points(self, points: np.ndarray, *, reach: float = 2.0) -> np.ndarray:
        """Return the nearest point on the surface for each of ``(n, 3)``; NaN where none is within reach [m]."""

    def raycast(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Return for each straight walk the fraction ``(n,)`` that is free of walls, 1.0 when all of it is."""

    def distance_to_wall(self, points: np.ndarray, *, reach: float = 5.0) -> np.ndarray:
        """Return the distance to the nearest edge of the surface ``(n,)`` [m], at most ``reach``."""

    def move_along_surface(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Slide each point from start towards end without leaving the surface; ``(n, 3)``, height included."""

    def triangles(self) -> np.ndarray:
        """Return the surface as ``(n, 3, 3)`` float32 triangles, for maps and pictures."""

"""A solid: meshes grouped by the look they are painted with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from .mesh import Mesh, merge, moved

Solid: TypeAlias = dict[str, Mesh]
"""Look name to the mesh that wears it."""


def paint(look: str, *meshes: Mesh) -> Solid:
    """Give meshes one look."""
    return {look: merge(meshes)}


def combine(*solids: Solid) -> Solid:
    """Join solids; meshes of the same look become one."""
    grouped: dict[str, list[Mesh]] = {}
    for solid in solids:
        for look, mesh in solid.items():
            grouped.setdefault(look, []).append(mesh)
    return {look: merge(meshes) for look, meshes in grouped.items()}


def placed(solid: Solid, offset: tuple[float, float, float] = (0, 0, 0), **turns: float) -> Solid:
    """Move a whole solid as `mesh.moved` moves a mesh."""
    return {look: moved(mesh, offset, **turns) for look, mesh in solid.items()}


def triangle_count(solids: Iterable[Solid]) -> int:
    """Triangles of all meshes."""
    return sum(mesh.triangle_count for solid in solids for mesh in solid.values())

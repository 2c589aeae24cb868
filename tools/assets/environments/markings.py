"""Paint on the floor."""

from __future__ import annotations

from ..geometry.mesh import Mesh, merge, moved
from ..geometry.shapes import floor_rectangle, outline_plate, rectangle
from ..props.safety import DECAL_HEIGHT
from ..textures.signs import outline_of, uv_of
from .scene import Scene

Rect = tuple[float, float, float, float]
LINE = 0.1
"""Width of a line [m]."""


def line(x0: float, y0: float, x1: float, y1: float, layer: int = 0) -> Mesh:
    """A line along x or y; lines that cross others lie on a higher layer."""
    half = LINE / 2
    z = DECAL_HEIGHT + 0.001 * layer
    if y0 == y1:
        return floor_rectangle(min(x0, x1), y0 - half, max(x0, x1), y0 + half, z)
    return floor_rectangle(x0 - half, min(y0, y1), x0 + half, max(y0, y1), z)


def frame(rect: Rect, layer: int = 0) -> Mesh:
    """The outline of a rectangle, its corners not painted twice."""
    x0, y0, x1, y1 = rect
    half = LINE / 2
    return merge(
        [
            line(x0 - half, y0, x1 + half, y0, layer),
            line(x0 - half, y1, x1 + half, y1, layer),
            line(x0, y0 + half, x0, y1 - half, layer),
            line(x1, y0 + half, x1, y1 - half, layer),
        ]
    )


def area(rect: Rect, layer: int = 0) -> Mesh:
    """A filled rectangle."""
    return floor_rectangle(*rect, DECAL_HEIGHT + 0.001 * layer)


def zebra(rect: Rect, stripe: float = 0.5) -> Mesh:
    """Stripes across a way along y: bars along y, side by side in x."""
    x0, y0, x1, y1 = rect
    count = int((x1 - x0) / stripe)
    return merge([area((x0 + k * stripe, y0, x0 + (k + 0.55) * stripe, y1), 2) for k in range(count)])


def sign(place: str, center: tuple[float, float], width: float, height: float, yaw: float = 0.0) -> Mesh:
    """A picture from the sign atlas, readable when looking along +y (turned by ``yaw`` degrees)."""
    outline = outline_of(place)
    if outline is not None:
        flat = outline_plate(outline, width, uv_of(place))
    else:
        flat = rectangle((-width / 2, -height / 2, 0), (width, 0, 0), (0, height, 0), uv=uv_of(place))
    return moved(flat, (*center, DECAL_HEIGHT + 0.003), z=yaw)


def add_markings(scene: Scene, parts: dict[str, list[Mesh]]) -> None:
    """Write all markings of a floor as one object."""
    scene.surface("Building", "FloorMarkings", {look: merge(meshes) for look, meshes in parts.items()}, "floor_decal")

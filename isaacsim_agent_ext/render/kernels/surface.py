"""From pixels to rays, and from hits to surfaces."""
# mypy: ignore-errors

import warp as wp

from isaacsim_agent_ext.render.kernels.types import BACK_SIDE, Camera, Geometry


@wp.func
def pixel_of(thread: int, first_row: int, width: int):
    """Return the pixel of a thread: tiles of 8x4 pixels side by side, each one warp."""
    tile = thread / 32
    lane = thread - tile * 32
    across = (width + 7) / 8
    tile_row = tile / across
    return wp.vec2i((tile - tile_row * across) * 8 + (lane & 7), first_row + tile_row * 4 + (lane >> 3))


@wp.func
def pixel_of_pattern(thread: int, first_row: int, width: int):
    """Return the pixel of a thread: in tiles of 32x16 pixels, each warp takes the 32 pixels of one sample pattern.

    Their rays go to the same point of a light or in the same direction, so they stay together.
    """
    tile = thread / 512
    lane = thread & 31
    pattern = (thread >> 5) & 15
    across = (width + 31) / 32
    tile_row = tile / across
    return wp.vec2i(
        (tile - tile_row * across) * 32 + (lane & 7) * 4 + (pattern & 3),
        first_row + tile_row * 16 + (lane >> 3) * 4 + (pattern >> 2),
    )


@wp.func
def ray_through(camera: Camera, x: int, y: int):
    """Return the ray through a pixel centre, of length 1 along the optical axis."""
    return camera.corner + camera.right * float(x) + camera.down * float(y)


@wp.func
def facing_normal(geometry: Geometry, triangle: int, u: float, v: float):
    """Return the interpolated unit normal on the side that the ray met."""
    corners = geometry.triangles[triangle & ~BACK_SIDE]
    normal = wp.normalize(
        geometry.normals[corners[0]] * (1.0 - u - v)
        + geometry.normals[corners[1]] * u
        + geometry.normals[corners[2]] * v
    )
    if (triangle & BACK_SIDE) != 0:
        normal = -normal
    return normal

"""The structures kernels read and write.

All kernels of the renderer are compiled into one Warp module, `MODULE`, so that a fresh machine compiles once.
"""
# mypy: ignore-errors

import warp as wp

MODULE = "isaacsim_agent_ext.render"
"""Name of the Warp module of all kernels that run on every device."""

wp.get_module(MODULE).options["enable_backward"] = False

BACK_SIDE = wp.constant(1 << 30)
"""Bit of `Visibility.triangle` that is set when the ray met the back of the triangle."""

TILE_WIDTH = 8
TILE_HEIGHT = 4
"""A warp of 32 threads covers a tile of this many pixels, so that its rays stay together."""


@wp.struct
class Geometry:
    """All triangles in world space; vertices and triangles of what never moves come first."""

    static_mesh: wp.uint64
    moving_mesh: wp.uint64
    static_triangles: int
    static_vertices: int
    points: wp.array(dtype=wp.vec3)
    previous_points: wp.array(dtype=wp.vec3)  # of moving vertices only
    normals: wp.array(dtype=wp.vec3)
    uvs: wp.array(dtype=wp.vec2)
    triangles: wp.array(dtype=wp.vec3i)
    instance: wp.array(dtype=wp.int32)  # per triangle
    material: wp.array(dtype=wp.int32)  # per triangle
    uv_density: wp.array(dtype=wp.float32)  # per triangle, texture repeats per metre


@wp.struct
class Camera:
    """A pinhole: the ray through pixel (x, y) is ``eye + t * (corner + x * right + y * down)``.

    The rays have length 1 along the optical axis, so ``t`` is the distance to the image plane.
    """

    eye: wp.vec3
    corner: wp.vec3
    right: wp.vec3
    down: wp.vec3
    near: float
    far: float
    width: int
    height: int
    pixel_angle: float  # [rad] at the image centre
    moved: int
    previous_eye: wp.vec3
    previous_x: wp.vec3  # image coordinates are dot(previous_x, p) / dot(previous_z, p) + width / 2, and so on
    previous_y: wp.vec3
    previous_z: wp.vec3


@wp.struct
class Visibility:
    """What the ray of each pixel met."""

    depth: wp.array(dtype=wp.float32)  # inf when nothing
    u: wp.array(dtype=wp.float32)  # weight of the triangle's second corner
    v: wp.array(dtype=wp.float32)  # weight of its third
    triangle: wp.array(dtype=wp.int32)  # -1 when nothing
    lit: wp.array(dtype=wp.int32)  # bit per light, then bits of the ambient rays


@wp.struct
class Labels:
    """The outputs that are geometry."""

    instance: wp.array(dtype=wp.int32)
    distance: wp.array(dtype=wp.float32)
    depth: wp.array(dtype=wp.float32)
    normal: wp.array(dtype=wp.vec3)
    motion: wp.array(dtype=wp.vec2)


@wp.struct
class Light:
    """A light as shadow rays see it; ``axis_u/v/w`` span the points its shadow rays go to."""

    distant: int
    one_sided: int
    samples: int  # row of the table of sample points
    position: wp.vec3  # distant: unit vector towards the light
    axis_u: wp.vec3
    axis_v: wp.vec3
    axis_w: wp.vec3
    direction: wp.vec3  # along which a one-sided light shines
    softening: float  # [m2] keeps the inverse square finite near the light
    reach: float  # [m]
    power: float  # largest channel of the colour


@wp.struct
class Material:
    """A metallic-roughness surface; textures are -1 where there is none, channels without a map hold 1."""

    base_color: wp.vec3
    emissive: wp.vec3
    roughness: float
    metallic: float
    texture: int
    bumped: int  # whether the texture has normals
    emissive_texture: int


@wp.struct
class Textures:
    """All mip levels of all textures, one after the other; see `textures.Layers` for what a texel holds."""

    texels: wp.array(dtype=wp.uint64)
    offset: wp.array2d(dtype=wp.int32)  # (texture, level)
    size: wp.array2d(dtype=wp.vec2i)  # (texture, level), width and height
    levels: wp.array(dtype=wp.int32)
    resolution: wp.array(dtype=wp.float32)  # binary logarithm of the longer side


@wp.struct
class Shading:
    """Everything that colours need beyond geometry."""

    textures: Textures
    materials: wp.array(dtype=Material)
    lights: wp.array2d(dtype=Light)  # (camera, light)
    light_count: wp.array(dtype=wp.int32)  # per camera
    lamps: wp.array3d(dtype=float)  # (camera, LAMP_ROWS, LANES) the same lights for `light_received`
    samples: wp.array2d(dtype=wp.vec3)  # (shape, 16) points on a light, then directions of ambient rays
    spread: wp.array(dtype=wp.uint64)  # byte whose bits are spread over the bytes of a word
    dome: wp.array(dtype=wp.vec3)  # 9 coefficients of irradiance / pi
    dome_texture: int
    dome_color: wp.vec3
    dome_rotation: wp.mat33  # world to dome
    has_dome: int
    bounce_up: wp.vec3  # light reflected once or more, arriving from below and from above
    bounce_down: wp.vec3
    ambient_rays: int
    ambient_radius: float
    tone_curve: wp.array(dtype=wp.uint32)

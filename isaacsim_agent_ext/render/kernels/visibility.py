"""Primary and shadow rays by Warp's own mesh queries: what CUDA uses, and any CPU without Embree."""
# mypy: ignore-errors
# ruff: noqa: UP018, RUF046 - in kernels, arguments go by position and int(0) declares a variable

import warp as wp

from isaacsim_agent_ext.render.kernels.lighting import (
    light_sample,
    light_worth,
    pattern_index,
    perpendicular,
    takes_ambient,
    worth_tracing,
)
from isaacsim_agent_ext.render.kernels.surface import facing_normal, pixel_of, pixel_of_pattern, ray_through
from isaacsim_agent_ext.render.kernels.types import BACK_SIDE, MODULE, Camera, Geometry, Shading, Visibility

AMBIENT_BIT = wp.constant(8)
"""First bit of `Visibility.lit` that belongs to ambient rays."""

AMBIENT_SAMPLES = wp.constant(5)
"""Row of the sample table that holds directions over the hemisphere."""

SHADOW_BIAS = wp.constant(1.0e-3)
"""How far rays start from the surface [m]."""

LIGHT_SLACK = wp.constant(0.02)
"""How far before the light shadow rays end [m]: the lamp's own body must not block it."""


@wp.func
def occluded(geometry: Geometry, origin: wp.vec3, direction: wp.vec3, reach: float):
    """Return whether anything stands within ``reach`` lengths of ``direction``."""
    if wp.mesh_query_ray_anyhit(geometry.moving_mesh, origin, direction, reach):
        return True
    return wp.mesh_query_ray_anyhit(geometry.static_mesh, origin, direction, reach)


@wp.kernel(module=MODULE)
def trace_primary(geometry: Geometry, cameras: wp.array(dtype=Camera), first_row: int, seen: Visibility):
    """Find what the ray through each pixel centre meets first."""
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of(thread, first_row, camera.width)
    if pixel[0] >= camera.width or pixel[1] >= camera.height:
        return
    i = (view * camera.height + pixel[1]) * camera.width + pixel[0]
    direction = ray_through(camera, pixel[0], pixel[1])
    origin = camera.eye + direction * camera.near
    reach = camera.far - camera.near
    triangle = int(-1)
    u = float(0.0)
    v = float(0.0)
    normal = wp.vec3(0.0)
    still = wp.mesh_query_ray(geometry.static_mesh, origin, direction, reach)
    if still.result:
        reach = still.t
        u = still.v
        v = 1.0 - still.u - still.v
        triangle = still.face
        normal = still.normal
    moving = wp.mesh_query_ray(geometry.moving_mesh, origin, direction, reach)
    if moving.result:
        reach = moving.t
        u = moving.v
        v = 1.0 - moving.u - moving.v
        triangle = moving.face + geometry.static_triangles
        normal = moving.normal
    if triangle >= 0 and wp.dot(normal, direction) > 0.0:
        triangle = triangle | BACK_SIDE
    seen.depth[i] = wp.where(triangle >= 0, camera.near + reach, wp.inf)
    seen.u[i] = u
    seen.v[i] = v
    seen.triangle[i] = triangle


@wp.kernel(module=MODULE)
def trace_shadows(
    geometry: Geometry, cameras: wp.array(dtype=Camera), first_row: int, shading: Shading, seen: Visibility
):
    """Find which lights each pixel sees, and whether its ambient ray is free.

    Every pixel looks at one of 16 points of each light; which one repeats every 4x4 pixels, so the average over any
    4x4 neighbourhood has seen them all.
    """
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of_pattern(thread, first_row, camera.width)
    if pixel[0] >= camera.width or pixel[1] >= camera.height:
        return
    i = (view * camera.height + pixel[1]) * camera.width + pixel[0]
    triangle = seen.triangle[i]
    if triangle < 0:
        seen.lit[i] = -1
        return
    normal = facing_normal(geometry, triangle, seen.u[i], seen.v[i])
    origin = camera.eye + ray_through(camera, pixel[0], pixel[1]) * seen.depth[i] + normal * SHADOW_BIAS
    pattern = pattern_index(pixel[0], pixel[1])
    total = float(0.0)
    for k in range(shading.light_count[view]):
        light = shading.lights[view, k]
        total += light_worth(light, light_sample(light, shading.samples, pattern, origin), normal)
    lit = int(-1)
    for k in range(shading.light_count[view]):
        light = shading.lights[view, k]
        to_light = light_sample(light, shading.samples, pattern, origin)
        reach = float(1.0e6)
        if light.distant == 0:
            reach = 1.0 - LIGHT_SLACK / wp.length(to_light)
        if not worth_tracing(light_worth(light, to_light, normal) / (total + 1.0e-12), pattern) or occluded(
            geometry, origin, to_light, reach
        ):
            lit = lit & ~(1 << k)
    # The first ambient ray asks for close surroundings, the second one, which only a dome needs, for the open sky.
    if not takes_ambient(pixel[0], pixel[1]):
        seen.lit[i] = lit
        return
    for k in range(shading.ambient_rays):
        local = shading.samples[AMBIENT_SAMPLES, pattern]
        tangent = perpendicular(normal)
        direction = tangent * local[0] + wp.cross(normal, tangent) * local[1] + normal * local[2]
        reach = shading.ambient_radius
        if k == 1:
            reach = 1.0e6
        if (lit & (1 << AMBIENT_BIT)) == 0 or occluded(geometry, origin, direction, reach):
            lit = lit & ~(1 << (AMBIENT_BIT + k))
    seen.lit[i] = lit


@wp.kernel(module=MODULE)
def trace_rays(
    geometry: Geometry,
    origins: wp.array(dtype=wp.vec3),
    directions: wp.array(dtype=wp.vec3),
    reach: wp.array(dtype=wp.float32),
    distance: wp.array(dtype=wp.float32),
    triangle: wp.array(dtype=wp.int32),
):
    """Find what each of any rays meets first; distances count in lengths of the directions."""
    i = wp.tid()
    nearest = reach[i]
    found = int(-1)
    still = wp.mesh_query_ray(geometry.static_mesh, origins[i], directions[i], nearest)
    if still.result:
        nearest = still.t
        found = still.face
    moving = wp.mesh_query_ray(geometry.moving_mesh, origins[i], directions[i], nearest)
    if moving.result:
        nearest = moving.t
        found = moving.face + geometry.static_triangles
    distance[i] = wp.where(found >= 0, nearest, wp.inf)
    triangle[i] = found

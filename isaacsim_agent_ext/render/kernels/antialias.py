"""Smooth geometric edges: more rays where surfaces meet, colours from the pixels already shaded.

After Chajdas, McGuire and Luebke 2011, Subpixel Reconstruction Antialiasing for Deferred Shading: pixels on an edge
send four more rays; each takes its colour from the neighbouring pixel that shows the same surface. Nothing is shaded
twice.
"""
# mypy: ignore-errors
# ruff: noqa: UP018, RUF046 - in kernels, arguments go by position and int(0) declares a variable

import warp as wp

from isaacsim_agent_ext.render.kernels.surface import pixel_of
from isaacsim_agent_ext.render.kernels.types import MODULE, Camera, Geometry, Labels, Visibility

SUBPIXELS = 4
"""Extra rays per edge pixel, on a rotated grid."""

LEAST_CONTRAST = wp.constant(24)
"""Sum of differences of three 8-bit channels from which an edge is worth smoothing."""

SAME_DEPTH = wp.constant(0.01)
SAME_NORMAL = wp.constant(0.98)
"""Relative depth and cosine up to which the middle pixel's surface is taken for the one an extra ray met."""


@wp.func
def subpixel_ray(camera: Camera, x: int, y: int, sample: int):
    """Return one of the four extra rays of a pixel."""
    # Turning (1, 3) / 8 by quarter circles gives each ray a row and a column of its own.
    dx = float(0.125)
    dy = float(0.375)
    if sample == 1:
        dx = 0.375
        dy = -0.125
    elif sample == 2:
        dx = -0.125
        dy = -0.375
    elif sample == 3:
        dx = -0.375
        dy = 0.125
    return camera.corner + camera.right * (float(x) + dx) + camera.down * (float(y) + dy)


@wp.func
def contrast(a: wp.uint32, b: wp.uint32):
    """Return the sum of the differences in red, green and blue."""
    low = wp.uint32(255)
    red = int(a & low) - int(b & low)
    green = int((a >> wp.uint32(8)) & low) - int((b >> wp.uint32(8)) & low)
    blue = int((a >> wp.uint32(16)) & low) - int((b >> wp.uint32(16)) & low)
    return wp.abs(red) + wp.abs(green) + wp.abs(blue)


@wp.func
def differs(labels: Labels, colors: wp.array(dtype=wp.uint32), i: int, j: int):
    """Return whether two neighbouring pixels visibly show different surfaces."""
    if contrast(colors[i], colors[j]) < LEAST_CONTRAST:
        return False
    if labels.instance[i] != labels.instance[j]:
        return True
    if labels.instance[i] < 0:
        return False
    near = wp.min(labels.depth[i], labels.depth[j])
    if wp.abs(labels.depth[i] - labels.depth[j]) > 0.1 * near:
        return True
    return wp.dot(labels.normal[i], labels.normal[j]) < 0.9


@wp.kernel(module=MODULE)
def mark_edges(
    cameras: wp.array(dtype=Camera),
    first_row: int,
    labels: Labels,
    colors: wp.array(dtype=wp.uint32),
    seen: Visibility,
):
    """Set ``seen.lit`` to 1 for pixels that differ from a neighbour, to 0 for all others."""
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of(thread, first_row, camera.width)
    x = pixel[0]
    y = pixel[1]
    if x >= camera.width or y >= camera.height:
        return
    i = (view * camera.height + y) * camera.width + x
    edge = (
        (x > 0 and differs(labels, colors, i, i - 1))
        or (x < camera.width - 1 and differs(labels, colors, i, i + 1))
        or (y > 0 and differs(labels, colors, i, i - camera.width))
        or (y < camera.height - 1 and differs(labels, colors, i, i + camera.width))
    )
    seen.lit[i] = int(edge)


@wp.func
def subpixel_triangle(geometry: Geometry, camera: Camera, x: int, y: int, sample: int):
    """Return the triangle that an extra ray meets first, by Warp's own mesh queries."""
    direction = subpixel_ray(camera, x, y, sample)
    origin = camera.eye + direction * camera.near
    reach = camera.far - camera.near
    triangle = int(-1)
    still = wp.mesh_query_ray(geometry.static_mesh, origin, direction, reach)
    if still.result:
        reach = still.t
        triangle = still.face
    moving = wp.mesh_query_ray(geometry.moving_mesh, origin, direction, reach)
    if moving.result:
        triangle = moving.face + geometry.static_triangles
    return triangle


@wp.kernel(module=MODULE)
def trace_subpixels(
    geometry: Geometry,
    cameras: wp.array(dtype=Camera),
    first_row: int,
    seen: Visibility,
    subpixels: wp.array2d(dtype=wp.int32),
):
    """Find the triangles that the extra rays of edge pixels meet."""
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of(thread, first_row, camera.width)
    if pixel[0] >= camera.width or pixel[1] >= camera.height:
        return
    i = (view * camera.height + pixel[1]) * camera.width + pixel[0]
    if seen.lit[i] == 0:
        return
    for sample in range(SUBPIXELS):
        subpixels[i, sample] = subpixel_triangle(geometry, camera, pixel[0], pixel[1], sample)


@wp.kernel(module=MODULE)
def collect_edges(
    cameras: wp.array(dtype=Camera),
    first_row: int,
    seen: Visibility,
    edges: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
):
    """List the pixels on edges, in no particular order: only then are the threads of a warp all busy with one."""
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of(thread, first_row, camera.width)
    if pixel[0] >= camera.width or pixel[1] >= camera.height:
        return
    i = (view * camera.height + pixel[1]) * camera.width + pixel[0]
    if seen.lit[i] != 0:
        edges[wp.atomic_add(count, 0, 1)] = i


@wp.kernel(module=MODULE)
def trace_listed_subpixels(
    geometry: Geometry,
    cameras: wp.array(dtype=Camera),
    edges: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
    threads: int,
    subpixels: wp.array2d(dtype=wp.int32),
):
    """Find the triangles that the extra rays of listed pixels meet, one ray per thread at a time."""
    for n in range(wp.tid(), count[0] * SUBPIXELS, threads):
        i = edges[n / SUBPIXELS]
        sample = n % SUBPIXELS
        row = i / cameras[0].width
        view = row / cameras[0].height
        camera = cameras[view]
        x = i - row * camera.width
        subpixels[i, sample] = subpixel_triangle(geometry, camera, x, row - view * camera.height, sample)


@wp.func
def matching_pixel(
    geometry: Geometry, camera: Camera, labels: Labels, triangle: int, ray: wp.vec3, i: int, x: int, y: int
):
    """Return the pixel among the 3x3 around that shows a surface best, or the middle one if none does."""
    instance = int(-1)
    depth = float(0.0)
    normal = wp.vec3(0.0)
    if triangle >= 0:
        instance = geometry.instance[triangle]
        corners = geometry.triangles[triangle]
        origin = geometry.points[corners[0]]
        normal = wp.normalize(wp.cross(geometry.points[corners[1]] - origin, geometry.points[corners[2]] - origin))
        depth = wp.dot(normal, origin - camera.eye) / wp.dot(normal, ray)
    if labels.instance[i] == instance:
        if triangle < 0:
            return i
        if wp.abs(labels.depth[i] - depth) < SAME_DEPTH * depth and wp.dot(labels.normal[i], normal) > SAME_NORMAL:
            return i
    best = i
    least = float(1.0e30)
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            if x + dx >= 0 and x + dx < camera.width and y + dy >= 0 and y + dy < camera.height:
                j = i + dy * camera.width + dx
                if labels.instance[j] == instance:
                    # The middle pixel is taken first among equals, then its nearest neighbours.
                    mismatch = 1.0e-3 * float(dx * dx + dy * dy)
                    if triangle >= 0:
                        mismatch += wp.abs(labels.depth[j] - depth) / depth
                        mismatch += 1.0 - wp.abs(wp.dot(labels.normal[j], normal))
                    if mismatch < least:
                        least = mismatch
                        best = j
    return best


@wp.func
def blended_color(
    geometry: Geometry,
    camera: Camera,
    labels: Labels,
    subpixels: wp.array2d(dtype=wp.int32),
    colors: wp.array(dtype=wp.uint32),
    i: int,
    x: int,
    y: int,
):
    """Return the mean colour of the surfaces that a pixel's extra rays met."""
    # Red and blue are added in one word, green and alpha in another: each sum of four bytes has 16 bits.
    even = wp.uint32(0x00020002)
    odd = wp.uint32(0x00020002)
    for sample in range(SUBPIXELS):
        triangle = subpixels[i, sample]
        ray = subpixel_ray(camera, x, y, sample)
        color = colors[matching_pixel(geometry, camera, labels, triangle, ray, i, x, y)]
        even += color & wp.uint32(0x00FF00FF)
        odd += (color >> wp.uint32(8)) & wp.uint32(0x00FF00FF)
    even = (even >> wp.uint32(2)) & wp.uint32(0x00FF00FF)
    odd = (odd >> wp.uint32(2)) & wp.uint32(0x00FF00FF)
    return even | (odd << wp.uint32(8))


@wp.kernel(module=MODULE)
def blend_edges(
    geometry: Geometry,
    cameras: wp.array(dtype=Camera),
    first_row: int,
    seen: Visibility,
    labels: Labels,
    subpixels: wp.array2d(dtype=wp.int32),
    colors: wp.array(dtype=wp.uint32),
    rgb: wp.array(dtype=wp.uint32),
):
    """Give edge pixels the mean of the surfaces their extra rays met."""
    view, thread = wp.tid()
    width = cameras[view].width
    height = cameras[view].height
    pixel = pixel_of(thread, first_row, width)
    if pixel[0] >= width or pixel[1] >= height:
        return
    i = (view * height + pixel[1]) * width + pixel[0]
    if seen.lit[i] != 0:
        rgb[i] = blended_color(geometry, cameras[view], labels, subpixels, colors, i, pixel[0], pixel[1])


@wp.kernel(module=MODULE)
def blend_listed_edges(
    geometry: Geometry,
    cameras: wp.array(dtype=Camera),
    edges: wp.array(dtype=wp.int32),
    count: wp.array(dtype=wp.int32),
    threads: int,
    labels: Labels,
    subpixels: wp.array2d(dtype=wp.int32),
    colors: wp.array(dtype=wp.uint32),
    rgb: wp.array(dtype=wp.uint32),
):
    """Give listed pixels the mean of the surfaces their extra rays met."""
    for n in range(wp.tid(), count[0], threads):
        i = edges[n]
        row = i / cameras[0].width
        view = row / cameras[0].height
        camera = cameras[view]
        x = i - row * camera.width
        y = row - view * camera.height
        rgb[i] = blended_color(geometry, camera, labels, subpixels, colors, i, x, y)

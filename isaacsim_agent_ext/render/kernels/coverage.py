"""Which pixels an entity covers on its own: rasterising triangles into bit masks, one mask per entity.

A pixel's ray meets a triangle exactly where three edge functions, linear in the pixel's position, have one sign
(Olano and Greer 1997, Triangle Scan Conversion using 2D Homogeneous Coordinates). The distance along the ray is the
triangle's determinant over the sum of the three, so the near and far planes are two more linear conditions and
nothing needs clipping.
"""
# mypy: ignore-errors
# ruff: noqa: UP018, RUF046 - in kernels, arguments go by position and int(0) declares a variable

import warp as wp

from isaacsim_agent_ext.render.kernels.types import MODULE

ALL_BITS = wp.constant(wp.uint32(0xFFFFFFFF))


@wp.struct
class Projection:
    """World to pixels in double precision: ``(x, y, z) = rows * (p - eye)`` is the pixel ``(x / z, y / z)``."""

    eye: wp.vec3d
    rows: wp.mat33d
    near: wp.float64
    far: wp.float64
    width: int
    height: int


@wp.func
def projected(projection: Projection, point: wp.vec3):
    """Return homogeneous pixel coordinates; the third is the distance to the image plane [m]."""
    return projection.rows * (
        wp.vec3d(wp.float64(point[0]), wp.float64(point[1]), wp.float64(point[2])) - projection.eye
    )


@wp.kernel(module=MODULE)
def bound_triangles(
    projection: Projection,
    points: wp.array(dtype=wp.vec3),
    triangles: wp.array(dtype=wp.vec3i),
    chosen: wp.array(dtype=wp.int32),
    entity: wp.array(dtype=wp.int32),
    first: int,
    rows: wp.array(dtype=wp.vec2i),
    bounds: wp.array2d(dtype=wp.int32),
):
    """Find each triangle's rows of pixels (none: last before first) and widen its entity's bounds by its own."""
    t = first + wp.tid()
    corners = triangles[chosen[t]]
    a = projected(projection, points[corners[0]])
    b = projected(projection, points[corners[1]])
    c = projected(projection, points[corners[2]])
    nearest = wp.min(a[2], wp.min(b[2], c[2]))
    farthest = wp.max(a[2], wp.max(b[2], c[2]))
    left = int(0)
    right = projection.width - 1
    top = int(0)
    bottom = projection.height - 1
    if nearest >= projection.near:
        # Pixel centres lie at halves. Limits keep what is far outside from overflowing integers.
        limit = wp.float64(1.0e6)
        half = wp.float64(0.5)
        ax = a[0] / a[2]
        bx = b[0] / b[2]
        cx = c[0] / c[2]
        ay = a[1] / a[2]
        by = b[1] / b[2]
        cy = c[1] / c[2]
        left = wp.max(left, int(wp.ceil(wp.clamp(wp.min(ax, wp.min(bx, cx)) - half, -limit, limit))))
        right = wp.min(right, int(wp.floor(wp.clamp(wp.max(ax, wp.max(bx, cx)) - half, -limit, limit))))
        top = wp.max(top, int(wp.ceil(wp.clamp(wp.min(ay, wp.min(by, cy)) - half, -limit, limit))))
        bottom = wp.min(bottom, int(wp.floor(wp.clamp(wp.max(ay, wp.max(by, cy)) - half, -limit, limit))))
    if farthest < projection.near or nearest > projection.far or left > right or top > bottom:
        rows[t] = wp.vec2i(1, 0)
        return
    rows[t] = wp.vec2i(top, bottom)
    e = entity[t]
    # Most triangles change nothing; reading first spares them the atomic operations.
    if left < bounds[e, 0]:
        wp.atomic_min(bounds, e, 0, left)
    if top < bounds[e, 1]:
        wp.atomic_min(bounds, e, 1, top)
    if right > bounds[e, 2]:
        wp.atomic_max(bounds, e, 2, right)
    if bottom > bounds[e, 3]:
        wp.atomic_max(bounds, e, 3, bottom)


@wp.func
def narrowed(span: wp.vec2d, edge: wp.vec3d, y: wp.float64):
    """Return the part of a span of x in which ``edge . (x, y, 1) >= 0``."""
    offset = edge[1] * y + edge[2]
    low = span[0]
    high = span[1]
    if edge[0] > wp.float64(0.0):
        low = wp.max(low, -offset / edge[0])
    elif edge[0] < wp.float64(0.0):
        high = wp.min(high, -offset / edge[0])
    elif offset < wp.float64(0.0):
        high = low - wp.float64(1.0)
    return wp.vec2d(low, high)


@wp.kernel(module=MODULE)
def fill_masks(
    projection: Projection,
    points: wp.array(dtype=wp.vec3),
    triangles: wp.array(dtype=wp.vec3i),
    chosen: wp.array(dtype=wp.int32),
    entity: wp.array(dtype=wp.int32),
    first: int,
    stride: int,
    rows: wp.array(dtype=wp.vec2i),
    bounds: wp.array2d(dtype=wp.int32),
    first_word: wp.array(dtype=wp.int32),
    masks: wp.array(dtype=wp.uint32),
):
    """Set the bits of the pixels each triangle covers; every thread takes one row in ``stride``."""
    lane, index = wp.tid()
    t = first + index
    top = rows[t][0] + lane
    bottom = rows[t][1]
    if top > bottom:
        return
    corners = triangles[chosen[t]]
    a = projected(projection, points[corners[0]])
    b = projected(projection, points[corners[1]])
    c = projected(projection, points[corners[2]])
    ea = wp.cross(b, c)
    eb = wp.cross(c, a)
    ec = wp.cross(a, b)
    determinant = wp.dot(a, ea)
    if determinant == wp.float64(0.0):
        return
    if determinant < wp.float64(0.0):
        determinant = -determinant
        ea = -ea
        eb = -eb
        ec = -ec
    total = ea + eb + ec
    before_far = total - wp.vec3d(wp.float64(0.0), wp.float64(0.0), determinant / projection.far)
    beyond_near = wp.vec3d(wp.float64(0.0), wp.float64(0.0), determinant / projection.near) - total
    e = entity[t]
    left_word = bounds[e, 0] >> 5
    words = (bounds[e, 2] >> 5) - left_word + 1
    half = wp.float64(0.5)
    for row in range(top, bottom + 1, stride):
        y = wp.float64(row) + half
        span = wp.vec2d(half, wp.float64(projection.width) - half)
        span = narrowed(span, ea, y)
        span = narrowed(span, eb, y)
        span = narrowed(span, ec, y)
        span = narrowed(span, before_far, y)
        span = narrowed(span, beyond_near, y)
        if span[0] <= span[1]:
            left = int(wp.ceil(span[0] - half))
            right = int(wp.floor(span[1] - half))
            line = first_word[e] + (row - bounds[e, 1]) * words - left_word
            for word in range(left >> 5, (right >> 5) + 1):
                bits = ALL_BITS
                if word == (left >> 5):
                    bits = bits << wp.uint32(left & 31)
                if word == (right >> 5):
                    bits = bits & (ALL_BITS >> wp.uint32(31 - (right & 31)))
                # A span may be empty between two pixel centres of one word.
                if left <= right and (masks[line + word] & bits) != bits:
                    wp.atomic_or(masks, line + word, bits)


@wp.func
def count_bits(bits: wp.uint32):
    """Return how many bits are set (Hacker's Delight, 2nd edition, figure 5-2)."""
    x = bits - ((bits >> wp.uint32(1)) & wp.uint32(0x55555555))
    x = (x & wp.uint32(0x33333333)) + ((x >> wp.uint32(2)) & wp.uint32(0x33333333))
    x = (x + (x >> wp.uint32(4))) & wp.uint32(0x0F0F0F0F)
    return int((x * wp.uint32(0x01010101)) >> wp.uint32(24))


@wp.kernel(module=MODULE)
def measure_masks(
    bounds: wp.array2d(dtype=wp.int32),
    first_word: wp.array(dtype=wp.int32),
    first_row: wp.array(dtype=wp.int32),
    first: int,
    masks: wp.array(dtype=wp.uint32),
    pixels: wp.array(dtype=wp.int32),
    boxes: wp.array2d(dtype=wp.int32),
):
    """Count each entity's pixels and find their bounds, one row of one mask per thread."""
    line = first + wp.tid()
    e = wp.lower_bound(first_row, line + 1) - 1
    left_word = bounds[e, 0] >> 5
    words = (bounds[e, 2] >> 5) - left_word + 1
    row = line - first_row[e]
    start = first_word[e] + row * words
    count = int(0)
    left = int(1 << 30)
    right = int(-1)
    for word in range(words):
        bits = masks[start + word]
        if bits != wp.uint32(0):
            count += count_bits(bits)
            if right < 0:
                # The lowest bit stands above as many ones as its place in (bits - 1) & ~bits.
                left = (left_word + word) * 32 + count_bits((bits - wp.uint32(1)) & ~bits)
            high = bits
            high = high | (high >> wp.uint32(1))
            high = high | (high >> wp.uint32(2))
            high = high | (high >> wp.uint32(4))
            high = high | (high >> wp.uint32(8))
            high = high | (high >> wp.uint32(16))
            right = (left_word + word) * 32 + count_bits(high) - 1
    if count > 0:
        wp.atomic_add(pixels, e, count)
        wp.atomic_min(boxes, e, 0, left)
        wp.atomic_min(boxes, e, 1, bounds[e, 1] + row)
        wp.atomic_max(boxes, e, 2, right)
        wp.atomic_max(boxes, e, 3, bounds[e, 1] + row)

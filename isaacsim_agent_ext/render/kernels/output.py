"""The last pass: labels of every pixel, and its colour."""
# mypy: ignore-errors
# ruff: noqa: UP018, RUF046 - in kernels, arguments go by position and int(0) declares a variable

import warp as wp

from isaacsim_agent_ext.render.kernels.lamps import light_received
from isaacsim_agent_ext.render.kernels.lighting import pattern_index, takes_ambient
from isaacsim_agent_ext.render.kernels.surface import facing_normal, pixel_of, ray_through
from isaacsim_agent_ext.render.kernels.texturing import channel, color_of, normal_of, sample_texture, to_linear
from isaacsim_agent_ext.render.kernels.types import (
    BACK_SIDE,
    MODULE,
    Camera,
    Geometry,
    Labels,
    Shading,
    Visibility,
)

FILTER_TOLERANCE = wp.constant(0.01)
"""How far from a surface's plane, relative to its distance, a neighbour may be and still share its shadows."""

ROUGHEST_MIRROR = wp.constant(0.8)
"""Roughness from which dielectrics show no highlights worth computing."""

OPAQUE = wp.constant(wp.uint32(0xFF000000))


@wp.func
def previous_corner(geometry: Geometry, vertex: int):
    """Return where a vertex was in the previous frame."""
    if vertex < geometry.static_vertices:
        return geometry.points[vertex]
    return geometry.previous_points[vertex - geometry.static_vertices]


@wp.func
def motion_of(geometry: Geometry, camera: Camera, triangle: int, u: float, v: float, x: int, y: int):
    """Return where the surface point was in the previous image minus where it is now [px]."""
    if camera.moved == 0 and triangle < geometry.static_triangles:
        return wp.vec2(0.0, 0.0)
    corners = geometry.triangles[triangle]
    point = (
        previous_corner(geometry, corners[0]) * (1.0 - u - v)
        + previous_corner(geometry, corners[1]) * u
        + previous_corner(geometry, corners[2]) * v
    ) - camera.previous_eye
    scale = 1.0 / wp.dot(camera.previous_z, point)
    return wp.vec2(
        wp.dot(camera.previous_x, point) * scale + 0.5 * float(camera.width) - (float(x) + 0.5),
        wp.dot(camera.previous_y, point) * scale + 0.5 * float(camera.height) - (float(y) + 0.5),
    )


@wp.func
def write_labels(geometry: Geometry, camera: Camera, seen: Visibility, labels: Labels, i: int, x: int, y: int):
    """Write everything but colour; return the surface's normal."""
    triangle = seen.triangle[i]
    if triangle < 0:
        labels.instance[i] = -1
        labels.distance[i] = wp.inf
        labels.depth[i] = wp.inf
        labels.normal[i] = wp.vec3(0.0)
        labels.motion[i] = wp.vec2(0.0, 0.0)
        return wp.vec3(0.0)
    u = seen.u[i]
    v = seen.v[i]
    depth = seen.depth[i]
    face = triangle & ~BACK_SIDE
    normal = facing_normal(geometry, triangle, u, v)
    labels.instance[i] = geometry.instance[face]
    labels.distance[i] = depth * wp.length(ray_through(camera, x, y))
    labels.depth[i] = depth
    labels.normal[i] = normal
    labels.motion[i] = motion_of(geometry, camera, face, u, v, x, y)
    return normal


@wp.func
def dome_irradiance(shading: Shading, n: wp.vec3):
    """Return irradiance / pi from the dome on a surface that sees all of its hemisphere, by spherical harmonics."""
    c = shading.dome
    value = (
        c[0]
        + c[1] * n[1]
        + c[2] * n[2]
        + c[3] * n[0]
        + c[4] * (n[0] * n[1])
        + c[5] * (n[1] * n[2])
        + c[6] * (3.0 * n[2] * n[2] - 1.0)
        + c[7] * (n[0] * n[2])
        + c[8] * (n[0] * n[0] - n[1] * n[1])
    )
    return wp.max(value, wp.vec3(0.0))


@wp.func
def background(shading: Shading, direction: wp.vec3, pixel_angle: float):
    """Return the radiance of the dome in a direction."""
    color = shading.dome_color
    if shading.dome_texture >= 0:
        local = shading.dome_rotation * direction
        uv = wp.vec2(
            0.5 + wp.atan2(local[0], local[1]) * 0.159154943,
            0.5 + wp.asin(wp.clamp(local[2], -1.0, 1.0)) * 0.318309886,
        )
        texel = sample_texture(shading.textures, shading.dome_texture, uv, wp.log2(pixel_angle * 0.159154943))
        color = wp.cw_mul(color, to_linear(color_of(texel)))
    return color


@wp.func
def bumped_normal(geometry: Geometry, face: int, normal: wp.vec3, tilt: wp.vec3):
    """Return the normal tilted as a normal map says; its tangents follow the texture coordinates."""
    corners = geometry.triangles[face]
    origin = geometry.points[corners[0]]
    e1 = geometry.points[corners[1]] - origin
    e2 = geometry.points[corners[2]] - origin
    uv0 = geometry.uvs[corners[0]]
    d1 = geometry.uvs[corners[1]] - uv0
    d2 = geometry.uvs[corners[2]] - uv0
    handed = wp.where(d1[0] * d2[1] - d1[1] * d2[0] < 0.0, -1.0, 1.0)
    tangent = (e1 * d2[1] - e2 * d1[1]) * handed
    tangent = tangent - normal * wp.dot(normal, tangent)
    length = wp.length(tangent)
    if length < 1.0e-12:
        return normal
    tangent = tangent / length
    bitangent = (e2 * d1[0] - e1 * d2[0]) * handed
    bitangent = bitangent - normal * wp.dot(normal, bitangent) - tangent * wp.dot(tangent, bitangent)
    bitangent = wp.normalize(bitangent)
    return wp.normalize(tangent * tilt[0] + bitangent * tilt[1] + normal * wp.max(tilt[2], 0.05))


@wp.struct
class Shadows:
    """How much of each light a pixel sees."""

    lights: wp.uint64  # taps that see each light, a byte per light
    ambient: float  # part of the hemisphere without close surroundings
    sky: float  # part of the hemisphere that is open
    per_tap: float


@wp.func
def gather_shadows(camera: Camera, shading: Shading, seen: Visibility, normal: wp.vec3, view: int, x: int, y: int):
    """Average what the 4x4 pixels around saw of the lights, as far as they lie in the same plane."""
    first = view * camera.height * camera.width
    centre = first + y * camera.width + x
    depth = seen.depth[centre]
    ray = wp.dot(normal, ray_through(camera, x, y))
    right = wp.dot(normal, camera.right)
    down = wp.dot(normal, camera.down)
    plane = depth * ray
    tolerance = depth * FILTER_TOLERANCE
    total = wp.uint64(0)
    ambient = int(0)
    sky = int(0)
    taps = int(0)
    ambient_taps = int(0)
    for dy in range(-2, 2):
        row = y + dy
        if row >= 0 and row < camera.height:
            for dx in range(-2, 2):
                column = x + dx
                if column >= 0 and column < camera.width:
                    i = first + row * camera.width + column
                    offset = seen.depth[i] * (ray + right * float(dx) + down * float(dy)) - plane
                    if wp.abs(offset) < tolerance:
                        lit = seen.lit[i]
                        total += shading.spread[lit & 255]
                        taps += 1
                        if takes_ambient(column, row):
                            ambient += (lit >> 8) & 1
                            sky += (lit >> 9) & 1
                            ambient_taps += 1
    result = Shadows()
    result.per_tap = 1.0 / float(taps)
    result.lights = total
    # A lone pixel between others' surfaces may have none of its own.
    result.ambient = 1.0
    result.sky = 1.0
    if ambient_taps > 0:
        result.ambient = float(ambient) / float(ambient_taps)
        result.sky = float(sky) / float(ambient_taps)
    return result


@wp.func
def shade(
    geometry: Geometry,
    camera: Camera,
    shading: Shading,
    seen: Visibility,
    normal: wp.vec3,
    view: int,
    i: int,
    x: int,
    y: int,
):
    """Return the radiance that leaves a pixel's surface towards the camera."""
    direction = wp.normalize(ray_through(camera, x, y))
    triangle = seen.triangle[i]
    if triangle < 0:
        return background(shading, direction, camera.pixel_angle)
    face = triangle & ~BACK_SIDE
    u = seen.u[i]
    v = seen.v[i]
    depth = seen.depth[i]
    material = shading.materials[geometry.material[face]]
    base_color = material.base_color
    roughness = material.roughness
    metallic = material.metallic
    emissive = material.emissive
    cosine = -wp.dot(normal, direction)
    shading_normal = normal
    if wp.max(material.texture, material.emissive_texture) >= 0:
        corners = geometry.triangles[face]
        uv = geometry.uvs[corners[0]] * (1.0 - u - v) + geometry.uvs[corners[1]] * u + geometry.uvs[corners[2]] * v
        # Geometric mean of the footprint's two axes: no shimmering, little blur.
        footprint = geometry.uv_density[face] * depth * camera.pixel_angle / wp.sqrt(wp.max(cosine, 0.02))
        # Dithered, so that no line shows where one mip level gives way to the next.
        dither = float(pattern_index(x * 5 + (y & 1), y * 3)) * 0.0625 - 0.46875
        level = wp.log2(footprint + 1.0e-9) + dither
        if material.texture >= 0:
            texel = sample_texture(shading.textures, material.texture, uv, level)
            base_color = wp.cw_mul(base_color, to_linear(color_of(texel)))
            roughness = roughness * channel(texel.odd, 1)
            metallic = metallic * channel(texel.odd, 3)
            if material.bumped != 0:
                shading_normal = bumped_normal(geometry, face, normal, normal_of(texel))
        if material.emissive_texture >= 0:
            glow = sample_texture(shading.textures, material.emissive_texture, uv, level)
            emissive = wp.cw_mul(emissive, to_linear(color_of(glow)))
    roughness = wp.clamp(roughness, 0.06, 1.0)
    to_eye = -direction
    shadows = gather_shadows(camera, shading, seen, normal, view, x, y)

    point = camera.eye + ray_through(camera, x, y) * depth
    f0 = wp.vec3(0.04 * (1.0 - metallic)) + base_color * metallic
    glossy = roughness < ROUGHEST_MIRROR or metallic > 0.5
    received = light_received(
        shading.lamps, view, shading.light_count[view], shadows.lights, shadows.per_tap, point, shading_normal, to_eye,
        f0, roughness, glossy,
    )  # fmt: skip
    arriving = received[0]
    radiance = emissive + received[1]
    # What is too rough for highlights scatters that share of the light evenly.
    matt = base_color * (0.96 * (1.0 - metallic))
    if not glossy:
        matt += f0
    radiance += wp.cw_mul(arriving, matt) * 0.318309886

    ambient = shading.bounce_down + (shading.bounce_up - shading.bounce_down) * (0.5 - 0.5 * shading_normal[2])
    ambient = ambient * shadows.ambient
    if shading.has_dome != 0:
        ambient += dome_irradiance(shading, shading_normal) * shadows.sky
    # Mirror-like part of ambient light by the fit of Lazarov and Karis (2014, Physically Based Shading on Mobile).
    facing = wp.clamp(wp.dot(shading_normal, to_eye), 0.0, 1.0)
    rx = 1.0 - roughness
    ry = 0.0425 - 0.0275 * roughness
    rz = 1.04 - 0.572 * roughness
    rw = 0.022 * roughness - 0.04
    a = wp.min(rx * rx, wp.exp(-6.4324 * facing)) * rx + ry
    mirror = f0 * (a * -1.04 + rz) + wp.vec3(a * 1.04 + rw)
    radiance += wp.cw_mul(ambient, base_color * (1.0 - metallic) + mirror)
    return radiance


@wp.func
def encode(shading: Shading, radiance: wp.vec3):
    """Return RGBA with 8 bits each, by the tone curve."""
    r = wp.max(radiance[0], 0.0)
    g = wp.max(radiance[1], 0.0)
    b = wp.max(radiance[2], 0.0)
    return (
        shading.tone_curve[int(r / (1.0 + r) * 4095.0 + 0.5)]
        | (shading.tone_curve[int(g / (1.0 + g) * 4095.0 + 0.5)] << wp.uint32(8))
        | (shading.tone_curve[int(b / (1.0 + b) * 4095.0 + 0.5)] << wp.uint32(16))
        | OPAQUE
    )


@wp.kernel(module=MODULE)
def output_labels(
    geometry: Geometry, cameras: wp.array(dtype=Camera), first_row: int, seen: Visibility, labels: Labels
):
    """Write all labels."""
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of(thread, first_row, camera.width)
    if pixel[0] >= camera.width or pixel[1] >= camera.height:
        return
    i = (view * camera.height + pixel[1]) * camera.width + pixel[0]
    write_labels(geometry, camera, seen, labels, i, pixel[0], pixel[1])


@wp.kernel(module=MODULE)
def output_image(
    geometry: Geometry,
    cameras: wp.array(dtype=Camera),
    first_row: int,
    shading: Shading,
    seen: Visibility,
    labels: Labels,
    colors: wp.array(dtype=wp.uint32),
    rgb: wp.array(dtype=wp.uint32),
):
    """Write all labels and the colour, this twice: smoothing edges reads the one and changes the other."""
    view, thread = wp.tid()
    camera = cameras[view]
    pixel = pixel_of(thread, first_row, camera.width)
    if pixel[0] >= camera.width or pixel[1] >= camera.height:
        return
    x = pixel[0]
    y = pixel[1]
    i = (view * camera.height + y) * camera.width + x
    normal = write_labels(geometry, camera, seen, labels, i, x, y)
    color = encode(shading, shade(geometry, camera, shading, seen, normal, view, i, x, y))
    colors[i] = color
    rgb[i] = color

"""Lights, and how surfaces answer to them."""
# mypy: ignore-errors
# ruff: noqa: PLR0917 - in kernels, arguments go by position and int(0) declares a variable

import warp as wp

from isaacsim_agent_ext.render.kernels.types import Light


@wp.func
def pattern_index(x: int, y: int):
    """Return which of the 16 samples a pixel takes; every 4x4 neighbourhood takes them all."""
    return (y & 3) * 4 + (x & 3)


@wp.func
def perpendicular(n: wp.vec3):
    """Return a unit vector at right angles to ``n`` (Duff et al. 2017, Building an Orthonormal Basis, Revisited)."""
    sign = wp.where(n[2] >= 0.0, 1.0, -1.0)
    a = -1.0 / (sign + n[2])
    return wp.vec3(1.0 + sign * n[0] * n[0] * a, sign * n[0] * n[1] * a, -sign * n[0])


@wp.func
def light_sample(light: Light, samples: wp.array2d(dtype=wp.vec3), pattern: int, origin: wp.vec3):
    """Return the vector from ``origin`` to one of 16 points on the light, or a direction to a distant one."""
    at = samples[light.samples, pattern]
    target = light.position + light.axis_u * at[0] + light.axis_v * at[1] + light.axis_w * at[2]
    if light.distant != 0:
        return target
    return target - origin


@wp.struct
class Incident:
    """Light arriving at a point."""

    direction: wp.vec3  # towards the light
    irradiance: wp.vec3  # on a surface facing it
    size: float  # tangent of the light's half angle


@wp.func
def incident_light(light: Light, point: wp.vec3):
    """Return what a light sends to a point if nothing is in the way.

    Area lights act from their centre, long ones from several points along their length:
    ``radiance * area * cos / (distance^2 + area / pi)``, which is exact on the axis of a disk and stays finite close by.
    """
    incident = Incident()
    if light.distant != 0:
        incident.direction = light.position
        incident.irradiance = light.color
        incident.size = light.radius
        return incident
    total = wp.vec3(0.0)
    for k in range(light.parts):
        along = (float(2 * k + 1) / float(light.parts)) - 1.0
        offset = light.position + light.axis_long * along - point
        squared = wp.dot(offset, offset)
        direction = offset * (1.0 / wp.sqrt(squared + 1.0e-12))
        strength = 1.0 / (squared + light.softening)
        if light.one_sided != 0:
            strength = strength * wp.max(-wp.dot(direction, light.direction), 0.0)
        total += direction * strength
    strength = wp.length(total)
    distance = wp.length(light.position - point)
    # Fades to nothing at its reach, where it was too weak to see (Karis 2013, Real Shading in Unreal Engine 4).
    fade = distance * distance / (light.reach * light.reach)
    fade = wp.max(1.0 - fade * fade, 0.0)
    incident.direction = total * (1.0 / wp.max(strength, 1.0e-12))
    incident.irradiance = light.color * (strength * fade * fade / float(light.parts))
    incident.size = light.radius / wp.max(distance, 1.0e-3)
    return incident


@wp.func
def reflect_light(
    incident: Incident,
    normal: wp.vec3,
    to_eye: wp.vec3,
    base_color: wp.vec3,
    roughness: float,
    metallic: float,
):
    """Return the radiance that a metallic-roughness surface reflects (GGX, Schlick, Lambert).

    Highlights of large lights are widened as in Karis 2013, section Area Lights.
    """
    cos_light = wp.dot(normal, incident.direction)
    if cos_light <= 0.0:
        return wp.vec3(0.0)
    cos_eye = wp.max(wp.dot(normal, to_eye), 1.0e-2)
    half = wp.normalize(to_eye + incident.direction)
    cos_half = wp.max(wp.dot(normal, half), 0.0)
    cos_tilt = wp.max(wp.dot(to_eye, half), 0.0)
    alpha = roughness * roughness
    wide = wp.min(alpha + 0.33 * incident.size, 1.0)
    denominator = cos_half * cos_half * (wide * wide - 1.0) + 1.0
    facets = alpha * alpha / (3.14159265 * denominator * denominator)
    k = (roughness + 1.0) * (roughness + 1.0) * 0.125
    shadowing = 0.25 / ((cos_light * (1.0 - k) + k) * (cos_eye * (1.0 - k) + k))
    f0 = wp.vec3(0.04 * (1.0 - metallic)) + base_color * metallic
    grazing = 1.0 - cos_tilt
    grazing = grazing * grazing * grazing * grazing * grazing
    fresnel = f0 * (1.0 - grazing) + wp.vec3(grazing)
    diffuse = wp.cw_mul(wp.vec3(1.0) - fresnel, base_color) * ((1.0 - metallic) * 0.318309886)
    return wp.cw_mul(diffuse + fresnel * (facets * shadowing), incident.irradiance) * cos_light

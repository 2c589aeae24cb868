"""Lights, and how surfaces answer to them."""
# mypy: ignore-errors

import warp as wp

from isaacsim_agent_ext.render.kernels.types import Light

LEAST_SHARE = wp.constant(0.01)
MOST_SHARE = wp.constant(0.04)


@wp.func
def pattern_index(x: int, y: int):
    """Return which of the 16 samples a pixel takes; every 4x4 neighbourhood takes them all."""
    return (y & 3) * 4 + (x & 3)


@wp.func
def takes_ambient(x: int, y: int):
    """Return whether a pixel sends ambient rays: every other one does, like the white squares of a chessboard."""
    return ((x + y) & 1) == 0


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


@wp.func
def light_worth(light: Light, to_light: wp.vec3, normal: wp.vec3):
    """Return roughly what a light brings to a surface if nothing is in the way."""
    facing = wp.dot(normal, to_light)
    if facing <= 0.0:
        return 0.0
    if light.distant != 0:
        return light.power * facing
    squared = wp.dot(to_light, to_light) + 1.0e-6
    if squared > light.reach * light.reach:
        return 0.0
    shining = wp.sqrt(squared)
    if light.one_sided != 0:
        shining = wp.max(-wp.dot(to_light, light.direction), 0.0)
    return light.power * shining * facing / (squared * (squared + light.softening))


@wp.func
def worth_tracing(share: float, pattern: int):
    """Return whether a light with a share of a pixel's light is traced.

    Lights below 1 % never are, those above 4 % always. Between, it depends on the pixel's place in the pattern: the
    average over any 4x4 neighbourhood fades smoothly.
    """
    return share > LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * float(pattern) / 16.0


@wp.struct
class Incident:
    """Light arriving at a point."""

    direction: wp.vec3  # towards the light
    irradiance: wp.vec3  # on a surface facing it
    distance_squared: float  # [m2]


@wp.func
def incident_light(light: Light, point: wp.vec3):
    """Return what a light sends to a point if nothing is in the way.

    Area lights act from their centre: ``radiance * area * cos / (distance^2 + area / pi)``, which is exact on the
    axis of a disk and stays finite close by. Long ones act from all along their axis, by the closed form of
    ``direction / distance^2`` integrated over a segment.

    Most of an image's time is spent here and in `highlight`, waiting for roots and divisions: there are few.
    """
    incident = Incident()
    if light.distant != 0:
        incident.direction = light.position
        incident.irradiance = light.color
        incident.distance_squared = 1.0
        return incident
    offset = light.position - point
    squared = wp.dot(offset, offset)
    total = offset
    if light.half_length > 0.0:
        half = light.half_length
        along = wp.dot(offset, light.axis_long)
        away = squared - along * along + light.softening
        far_end = wp.sqrt(away + (along + half) * (along + half))
        near_end = wp.sqrt(away + (along - half) * (along - half))
        share = 1.0 / (far_end * near_end)
        across = ((along + half) * near_end - (along - half) * far_end) * share / (2.0 * half * away)
        lengthwise = (far_end - near_end) * share / (2.0 * half)
        total = offset * across + light.axis_long * (lengthwise - along * across)
    else:
        total = offset / (wp.sqrt(squared + 1.0e-12) * (squared + light.softening))
    strength = wp.length(total)
    direction = total / (strength + 1.0e-12)
    if light.one_sided != 0:
        strength = strength * wp.max(-wp.dot(direction, light.direction), 0.0)
    # Fades to nothing at its reach, where it was too weak to see (Karis 2013, Real Shading in Unreal Engine 4).
    fade = squared * light.fading
    fade = wp.max(1.0 - fade * fade, 0.0)
    incident.direction = direction
    incident.irradiance = light.color * (strength * fade * fade)
    incident.distance_squared = squared
    return incident


@wp.func
def highlight(normal: wp.vec3, to_light: wp.vec3, to_eye: wp.vec3, f0: wp.vec3, roughness: float, light_size: float):
    """Return the mirrored radiance over irradiance: GGX with Schlick's shadowing and Fresnel terms.

    Highlights of large lights are widened as in Karis 2013, section Area Lights.

    Args:
        normal: Unit normal.
        to_light: Unit vector.
        to_eye: Unit vector.
        f0: Reflectance head on.
        roughness: 0..1.
        light_size: Tangent of the light's half angle.
    """
    cos_light = wp.dot(normal, to_light)
    cos_eye = wp.max(wp.dot(normal, to_eye), 1.0e-2)
    # The half vector is never normalised: its squared length is 2 + 2 cos, and cosines enter squared.
    squared = 2.0 + 2.0 * wp.dot(to_eye, to_light) + 1.0e-6
    normal_half = wp.max(cos_light + cos_eye, 0.0)
    alpha = roughness * roughness
    wide = wp.min(alpha + 0.33 * light_size, 1.0)
    spread = normal_half * normal_half * (wide * wide - 1.0) + squared
    k = (roughness + 1.0) * (roughness + 1.0) * 0.125
    shadowing = (cos_light * (1.0 - k) + k) * (cos_eye * (1.0 - k) + k)
    grazing = wp.max(1.0 - 0.5 * wp.sqrt(squared), 0.0)
    grazing = grazing * grazing * grazing * grazing * grazing
    fresnel = f0 * (1.0 - grazing) + wp.vec3(grazing)
    return fresnel * (0.0795774715 * alpha * alpha * squared * squared / (spread * spread * shadowing))

"""Which points of which lights a pixel asks for."""
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

"""Moving vertices: linear blending of four matrices each."""
# mypy: ignore-errors

import warp as wp

from isaacsim_agent_ext.render.kernels.types import MODULE


@wp.kernel(module=MODULE)
def skin_vertices(
    bind_points: wp.array(dtype=wp.vec3),
    bind_normals: wp.array(dtype=wp.vec3),
    joints: wp.array(dtype=wp.vec4i),
    weights: wp.array(dtype=wp.vec4),
    palette: wp.array(dtype=wp.mat44),
    first: int,
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    previous_points: wp.array(dtype=wp.vec3),
):
    """Keep each point as the previous one and place it anew; matrices are for row vectors."""
    i = wp.tid()
    previous_points[i] = points[first + i]
    joint = joints[i]
    weight = weights[i]
    m = palette[joint[0]] * weight[0]
    if weight[1] != 0.0:
        m += palette[joint[1]] * weight[1]
    if weight[2] != 0.0:
        m += palette[joint[2]] * weight[2]
    if weight[3] != 0.0:
        m += palette[joint[3]] * weight[3]
    row0 = wp.vec3(m[0, 0], m[0, 1], m[0, 2])
    row1 = wp.vec3(m[1, 0], m[1, 1], m[1, 2])
    row2 = wp.vec3(m[2, 0], m[2, 1], m[2, 2])
    p = bind_points[i]
    points[first + i] = row0 * p[0] + row1 * p[1] + row2 * p[2] + wp.vec3(m[3, 0], m[3, 1], m[3, 2])
    # Normals turn by the cofactors, right for any scale; a mirroring matrix must not turn them inside out.
    n = bind_normals[i]
    cofactor = wp.cross(row1, row2)
    turned = cofactor * n[0] + wp.cross(row2, row0) * n[1] + wp.cross(row0, row1) * n[2]
    if wp.dot(cofactor, row0) < 0.0:
        turned = -turned
    normals[first + i] = wp.normalize(turned)

"""All lights of a view at one surface: eight at a time in the processor's vectors, one by one on CUDA."""
# mypy: ignore-errors

import warp as wp

LANES = 8
"""Lights in a row of `Shading.lamps`; those there are not have no colour."""

LAMP_ROWS = (
    "position_x", "position_y", "position_z", "long_x", "long_y", "long_z", "half_length", "direction_x",
    "direction_y", "direction_z", "red", "green", "blue", "softening", "radius", "fading", "distant", "one_sided",
    "long",
)  # fmt: skip
"""What the rows of `Shading.lamps` hold; `light_received` reads them in this order."""

_RECEIVED = """
#if defined(__CUDA_ARCH__)
    typedef float F;
    const int WIDTH = 1;
    #define ROOT(x) sqrtf(x)
    #define MOST(x, y) fmaxf(x, y)
    #define ROW(n) lamp[8 * (n)]
    #define SEEN(k) F((seen >> (8 * (k))) & 255)
#else
    typedef float F __attribute__((ext_vector_type(8)));
    typedef float Unaligned __attribute__((ext_vector_type(8), aligned(4)));
    typedef unsigned char Bytes __attribute__((ext_vector_type(8)));
    const int WIDTH = 8;
    #define ROOT(x) __builtin_elementwise_sqrt(x)
    #define MOST(x, y) __builtin_elementwise_max(x, y)
    #define ROW(n) F(*(const Unaligned*)(lamp + 8 * (n)))
    #define SEEN(k) __builtin_convertvector(*(const Bytes*)&seen, F)
#endif
    const F none = 0.0f, one = 1.0f;
    F sum[6] = {none, none, none, none, none, none};
    for (int k = 0; k < count; k += WIDTH) {
        const float* lamp = lamps.data + view * lamps.shape[1] * 8 + k;
        const F visible = SEEN(k) * per_tap;
#if defined(__CUDA_ARCH__)
        if (visible == 0.0f) continue;
#endif
        const F distant = ROW(16), near = one - distant;
        const F x = ROW(0) - point[0] * near, y = ROW(1) - point[1] * near, z = ROW(2) - point[2] * near;
        const F squared = x * x + y * y + z * z, softening = ROW(13);
        // What arrives from the centre, or all along a long light: `direction / distance^2` integrated over a segment.
        const F half = ROW(6), along = x * ROW(3) + y * ROW(4) + z * ROW(5);
        const F away = MOST(squared - along * along, none) + softening;
        const F far_end = ROOT(away + (along + half) * (along + half));
        const F near_end = ROOT(away + (along - half) * (along - half));
        const F share = ROW(18) / (far_end * near_end * half * 2.0f);
        const F across = ((along + half) * near_end - (along - half) * far_end) * share / away;
        const F lengthwise = (far_end - near_end) * share - along * across;
        const F length = ROOT(squared + 1e-12f);
        const F centred = (one - ROW(18)) / (length * (squared + softening)) + across;
        F tx = x * centred + ROW(3) * lengthwise, ty = y * centred + ROW(4) * lengthwise;
        F tz = z * centred + ROW(5) * lengthwise;
        F strength = ROOT(tx * tx + ty * ty + tz * tz);
        const F unit = one / (strength + 1e-12f);
        tx *= unit; ty *= unit; tz *= unit;
        const F front = MOST(-(tx * ROW(7) + ty * ROW(8) + tz * ROW(9)), none), one_sided = ROW(17);
        strength *= one - one_sided + one_sided * front;
        // Fades to nothing at its reach, where it was too weak to see (Karis 2013, Real Shading in Unreal Engine 4).
        const F part = squared * ROW(15), fade = MOST(one - part * part, none);
        strength = distant + near * strength * fade * fade;
        const F cosine = MOST(tx * normal[0] + ty * normal[1] + tz * normal[2], none);
        const F received = strength * cosine * visible;
        sum[0] += received * ROW(10); sum[1] += received * ROW(11); sum[2] += received * ROW(12);
        if (!glossy) continue;
        // GGX with Schlick's shadowing; highlights of large lights are widened as in Karis 2013, section Area Lights.
        // The half vector is never normalised: its squared length is 2 + 2 cos, and cosines enter squared.
        const F halfway = 2.0f + 2.0f * (tx * to_eye[0] + ty * to_eye[1] + tz * to_eye[2]) + 1e-6f;
        const float facing = normal[0] * to_eye[0] + normal[1] * to_eye[1] + normal[2] * to_eye[2];
        const float cos_eye = facing > 1e-2f ? facing : 1e-2f;
        const float alpha = roughness * roughness, k_shade = (roughness + 1.0f) * (roughness + 1.0f) * 0.125f;
        const F size = ROW(14) / (distant + near * length);
        const F wide = -MOST(-(alpha + 0.33f * size), -one);
        const F across_half = cosine + cos_eye;
        const F spread = across_half * across_half * (wide * wide - one) + halfway;
        const F shadowing = (cosine * (1.0f - k_shade) + k_shade) * (cos_eye * (1.0f - k_shade) + k_shade);
        F grazing = MOST(one - 0.5f * ROOT(halfway), none);
        const F grazing2 = grazing * grazing;
        grazing *= grazing2 * grazing2;
        const F lobe = received * (0.0795774715f * alpha * alpha) * halfway * halfway / (spread * spread * shadowing);
        const F head_on = lobe * (one - grazing), edge_on = lobe * grazing;
        sum[3] += (f0[0] * head_on + edge_on) * ROW(10);
        sum[4] += (f0[1] * head_on + edge_on) * ROW(11);
        sum[5] += (f0[2] * head_on + edge_on) * ROW(12);
    }
    float total[6];
    for (int c = 0; c < 6; ++c) {
#if defined(__CUDA_ARCH__)
        total[c] = sum[c];
#else
        const F s = sum[c];
        total[c] = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
#endif
    }
    #undef ROOT
    #undef MOST
    #undef SEEN
    #undef ROW
    return wp::mat33(total[0], total[1], total[2], total[3], total[4], total[5], 0.0f, 0.0f, 0.0f);
"""


@wp.func_native(_RECEIVED)
def light_received(
    lamps: wp.array3d(dtype=float),
    view: int,
    count: int,
    seen: wp.uint64,
    per_tap: float,
    point: wp.vec3,
    normal: wp.vec3,
    to_eye: wp.vec3,
    f0: wp.vec3,
    roughness: float,
    glossy: bool,
) -> wp.mat33:
    """Return irradiance in the first row, mirrored radiance in the second.

    Area lights act from their centre: ``radiance * area * cos / (distance^2 + area / pi)``, which is exact on the
    axis of a disk and stays finite close by; long ones act from all along their axis.

    Args:
        lamps: ``(views, LAMP_ROWS, LANES)``.
        view: Whose lights.
        count: How many lights it has.
        seen: Taps that see each light, a byte per light.
        per_tap: One over the number of taps.
        point: Where, in the world [m].
        normal: Unit normal.
        to_eye: Unit vector.
        f0: Reflectance head on.
        roughness: 0..1.
        glossy: Whether to compute what is mirrored at all.
    """

"""Primary and shadow rays by Embree: packets as wide as the processor's vectors, through a function pointer.

These kernels exist for the CPU only and depend on the packet width, so they are made on demand and live in a Warp
module of their own per width.
"""
# mypy: ignore-errors

from functools import cache
from types import SimpleNamespace

import warp as wp

from isaacsim_agent_ext.render.kernels.types import Camera, Geometry, Light, Shading, Visibility

PACKET_SHAPES = {16: (4, 4), 8: (4, 2), 4: (2, 2)}
"""Width of a packet to its columns and rows of pixels."""

SHADOW_TILE = 16
"""Pixels along the side of the square tiles whose shadow rays, or extra rays on edges, are traced together."""

_TYPES = """
    const int N = {width}, ACROSS = {across}, DOWN = {down};
    struct alignas(4 * {width}) Ray {{
        float ox[N], oy[N], oz[N], tnear[N], dx[N], dy[N], dz[N], time[N], tfar[N];
        unsigned mask[N], id[N], flags[N];
    }};
    struct alignas(4 * {width}) RayHit {{
        Ray ray;
        float nx[N], ny[N], nz[N], u[N], v[N];
        unsigned prim[N], geom[N], inst[N], inst_prim[N];
    }};
    struct Arguments {{ int flags; int features; void* context; void* filter; void* callback; }};
    typedef void (*Query)(const int*, void*, void*, void*);
    const int COHERENT = 1 << 16;
"""

_PRIMARY = """
    RayHit hit;
    alignas(4 * N) int valid[N];
    for (int k = 0; k < N; ++k) {{
        const int x = tile_x * ACROSS + k % ACROSS, y = tile_y * DOWN + k / ACROSS;
        hit.ray.ox[k] = eye[0]; hit.ray.oy[k] = eye[1]; hit.ray.oz[k] = eye[2];
        hit.ray.dx[k] = corner[0] + right[0] * x + down[0] * y;
        hit.ray.dy[k] = corner[1] + right[1] * x + down[1] * y;
        hit.ray.dz[k] = corner[2] + right[2] * x + down[2] * y;
        hit.ray.tnear[k] = near; hit.ray.tfar[k] = far; hit.ray.time[k] = 0.0f;
        hit.ray.mask[k] = 0xffffffffu; hit.ray.id[k] = 0; hit.ray.flags[k] = 0;
        hit.geom[k] = 0xffffffffu; hit.inst[k] = 0xffffffffu;
        valid[k] = x < width && y < height ? -1 : 0;
    }}
    Arguments arguments = {{COHERENT, -1, nullptr, nullptr, nullptr}};
    ((Query)query)(valid, (void*)scene, &hit, &arguments);
    for (int k = 0; k < N; ++k) {{
        if (!valid[k]) continue;
        const int i = (tile_y * DOWN + k / ACROSS) * width + tile_x * ACROSS + k % ACROSS;
        int triangle = -1;
        if (hit.geom[k] != 0xffffffffu) {{
            triangle = first_triangle.data[hit.geom[k]] + (int)hit.prim[k];
            const float facing = hit.nx[k] * hit.ray.dx[k] + hit.ny[k] * hit.ray.dy[k] + hit.nz[k] * hit.ray.dz[k];
            if (facing > 0.0f) triangle |= 1 << 30;
        }}
        out_depth.data[i] = triangle >= 0 ? hit.ray.tfar[k] : INFINITY;
        out_u.data[i] = hit.u[k];
        out_v.data[i] = hit.v[k];
        out_triangle.data[i] = triangle;
    }}
"""

_SHADOWS = """
    // Pixels of a 16x16 tile that take the same sample are 4 apart: they make up packets whose rays run together.
    const int TILE = 16, SHARE = 16;
    const float LEAST = 0.01f, MOST = 0.04f;
    struct Surfaces {{
        float px[SHARE], py[SHARE], pz[SHARE], nx[SHARE], ny[SHARE], nz[SHARE];
        int lit[SHARE], hit[SHARE];
    }};
    alignas(64) Surfaces surfaces[16];
    int any_hit = 0;
    for (int j = 0; j < TILE; ++j) for (int i = 0; i < TILE; ++i) {{
        const int x = tile_x * TILE + i, y = tile_y * TILE + j;
        Surfaces& s = surfaces[(j & 3) * 4 + (i & 3)];
        const int k = (j >> 2) * 4 + (i >> 2);
        s.lit[k] = -1; s.hit[k] = 0;
        s.px[k] = s.py[k] = s.pz[k] = s.nx[k] = s.ny[k] = 0.0f; s.nz[k] = 1.0f;
        if (x >= width || y >= height) continue;
        const int pixel = y * width + x;
        const int triangle = in_triangle.data[pixel];
        if (triangle < 0) continue;
        const auto& corners = triangles.data[triangle & ~(1 << 30)];
        const float u = in_u.data[pixel], v = in_v.data[pixel], depth = in_depth.data[pixel];
        wp::vec3 n = normals.data[corners[0]] * (1.0f - u - v) + normals.data[corners[1]] * u
            + normals.data[corners[2]] * v;
        n = wp::normalize(n) * (triangle & (1 << 30) ? -1.0f : 1.0f);
        s.hit[k] = -1; any_hit = 1;
        s.nx[k] = n[0]; s.ny[k] = n[1]; s.nz[k] = n[2];
        s.px[k] = eye[0] + (corner[0] + right[0] * x + down[0] * y) * depth + n[0] * 1e-3f;
        s.py[k] = eye[1] + (corner[1] + right[1] * x + down[1] * y) * depth + n[1] * 1e-3f;
        s.pz[k] = eye[2] + (corner[2] + right[2] * x + down[2] * y) * depth + n[2] * 1e-3f;
    }}
    Ray ray;
    alignas(4 * N) int valid[N];
    for (int k = 0; k < N; ++k) {{
        ray.tnear[k] = 0.0f; ray.time[k] = 0.0f; ray.mask[k] = 0xffffffffu; ray.id[k] = 0; ray.flags[k] = 0;
    }}
    if (any_hit) for (int pattern = 0; pattern < 16; ++pattern) for (int from = 0; from < SHARE; from += N) {{
        Surfaces& tile = surfaces[pattern];
        float *px = tile.px + from, *py = tile.py + from, *pz = tile.pz + from;
        float *nx = tile.nx + from, *ny = tile.ny + from, *nz = tile.nz + from;
        int *hit = tile.hit + from, *lit = tile.lit + from;
        // First what each light could bring, as in light_worth of lighting.py; weak ones are not traced.
        float worth[8][N], enough[N];
        for (int k = 0; k < N; ++k) enough[k] = 0.0f;
        for (int l = 0; l < light_count; ++l) {{
            const auto& light = lights.data[l];
            const wp::vec3 at = samples.data[light.samples * 16 + pattern];
            const wp::vec3 p = light.position + light.axis_u * at[0] + light.axis_v * at[1] + light.axis_w * at[2];
            const wp::vec3 front = light.direction;
            const float power = light.power, softening = light.softening, reach2 = light.reach * light.reach;
            const bool one_sided = light.one_sided != 0;
            if (light.distant) for (int k = 0; k < N; ++k) {{
                const float facing = nx[k] * p[0] + ny[k] * p[1] + nz[k] * p[2];
                worth[l][k] = power * (facing > 0.0f ? facing : 0.0f);
            }}
            else for (int k = 0; k < N; ++k) {{
                const float x = p[0] - px[k], y = p[1] - py[k], z = p[2] - pz[k];
                const float length2 = x * x + y * y + z * z + 1e-6f, length = sqrtf(length2);
                const float facing = nx[k] * x + ny[k] * y + nz[k] * z;
                const float towards = -(x * front[0] + y * front[1] + z * front[2]);
                const float shining = one_sided ? (towards > 0.0f ? towards : 0.0f) : length;
                const float strength = power * shining / (length2 * (length2 + softening));
                worth[l][k] = length2 <= reach2 && facing > 0.0f ? strength * facing : 0.0f;
            }}
            for (int k = 0; k < N; ++k) enough[k] += worth[l][k];
        }}
        for (int k = 0; k < N; ++k) enough[k] *= LEAST + (MOST - LEAST) * pattern / 16.0f;
        for (int l = 0; l < light_count; ++l) {{
            const auto& light = lights.data[l];
            const wp::vec3 at = samples.data[light.samples * 16 + pattern];
            const wp::vec3 p = light.position + light.axis_u * at[0] + light.axis_v * at[1] + light.axis_w * at[2];
            int any = 0;
            for (int k = 0; k < N; ++k) {{
                valid[k] = worth[l][k] > enough[k] ? hit[k] : 0;
                any |= valid[k];
            }}
            for (int k = 0; k < N; ++k) lit[k] &= valid[k] ? -1 : ~(1 << l);
            if (!any) continue;
            if (light.distant) for (int k = 0; k < N; ++k) {{
                ray.ox[k] = px[k]; ray.oy[k] = py[k]; ray.oz[k] = pz[k];
                ray.dx[k] = p[0]; ray.dy[k] = p[1]; ray.dz[k] = p[2];
                ray.tnear[k] = 0.0f; ray.tfar[k] = 1e6f;
            }}
            // From the light to the surfaces: rays with a common origin run together.
            else for (int k = 0; k < N; ++k) {{
                const float x = px[k] - p[0], y = py[k] - p[1], z = pz[k] - p[2];
                ray.ox[k] = p[0]; ray.oy[k] = p[1]; ray.oz[k] = p[2];
                ray.dx[k] = x; ray.dy[k] = y; ray.dz[k] = z;
                ray.tnear[k] = 0.02f / sqrtf(x * x + y * y + z * z); ray.tfar[k] = 1.0f;
            }}
            Arguments arguments = {{COHERENT, -1, nullptr, nullptr, nullptr}};
            ((Query)query)(valid, (void*)scene, &ray, &arguments);
            for (int k = 0; k < N; ++k) lit[k] &= valid[k] && ray.tfar[k] < 0.0f ? ~(1 << l) : -1;
        }}
        for (int k = 0; k < N; ++k) ray.tnear[k] = 0.0f;
        const wp::vec3 at = samples.data[5 * 16 + pattern];
        for (int a = 0; a < ambient_rays; ++a) {{
            int any = 0;
            // As takes_ambient of lighting.py says.
            if ((pattern ^ pattern >> 2) & 1) break;
            for (int k = 0; k < N; ++k) {{
                // Duff et al. 2017, Building an Orthonormal Basis, Revisited.
                const float sign = nz[k] >= 0.0f ? 1.0f : -1.0f, s = -1.0f / (sign + nz[k]), b = nx[k] * ny[k] * s;
                ray.ox[k] = px[k]; ray.oy[k] = py[k]; ray.oz[k] = pz[k];
                ray.dx[k] = (1.0f + sign * nx[k] * nx[k] * s) * at[0] + b * at[1] + nx[k] * at[2];
                ray.dy[k] = sign * b * at[0] + (sign + ny[k] * ny[k] * s) * at[1] + ny[k] * at[2];
                ray.dz[k] = -sign * nx[k] * at[0] - ny[k] * at[1] + nz[k] * at[2];
                ray.tfar[k] = a == 0 ? ambient_radius : 1e6f;
                valid[k] = lit[k] & (1 << 8) ? hit[k] : 0;
                any |= valid[k];
            }}
            if (!any) continue;
            Arguments arguments = {{0, -1, nullptr, nullptr, nullptr}};
            ((Query)query)(valid, (void*)scene, &ray, &arguments);
            const int clear = a == 0 ? ~(3 << 8) : ~(1 << 9);
            for (int k = 0; k < N; ++k) lit[k] &= valid[k] && ray.tfar[k] < 0.0f ? clear : -1;
        }}
    }}
    for (int j = 0; j < TILE; ++j) for (int i = 0; i < TILE; ++i) {{
        const int x = tile_x * TILE + i, y = tile_y * TILE + j;
        if (x < width && y < height)
            out_lit.data[y * width + x] = surfaces[(j & 3) * 4 + (i & 3)].lit[(j >> 2) * 4 + (i >> 2)];
    }}
"""

_SUBPIXELS = """
    // The extra rays of all edge pixels of a tile, packed: no lane of a packet idles for want of an edge.
    const int TILE = 16;
    int pixels[TILE * TILE], count = 0;
    for (int j = 0; j < TILE; ++j) for (int i = 0; i < TILE; ++i) {{
        const int x = tile_x * TILE + i, y = tile_y * TILE + j;
        if (x < width && y < height && in_edge.data[y * width + x]) pixels[count++] = y * width + x;
    }}
    RayHit hit;
    alignas(4 * N) int valid[N];
    for (int first = 0; first < count * 4; first += N) {{
        for (int k = 0; k < N; ++k) {{
            const int n = first + k < count * 4 ? first + k : count * 4 - 1, sample = n & 3;
            valid[k] = first + k < count * 4 ? -1 : 0;
            // As in subpixel_ray of antialias.py.
            const float dx = sample == 0 ? 0.125f : sample == 1 ? 0.375f : sample == 2 ? -0.125f : -0.375f;
            const float dy = sample == 0 ? 0.375f : sample == 1 ? -0.125f : sample == 2 ? -0.375f : 0.125f;
            const int row = pixels[n >> 2] / width;
            const float x = pixels[n >> 2] - row * width + dx, y = row + dy;
            hit.ray.ox[k] = eye[0]; hit.ray.oy[k] = eye[1]; hit.ray.oz[k] = eye[2];
            hit.ray.dx[k] = corner[0] + right[0] * x + down[0] * y;
            hit.ray.dy[k] = corner[1] + right[1] * x + down[1] * y;
            hit.ray.dz[k] = corner[2] + right[2] * x + down[2] * y;
            hit.ray.tnear[k] = near; hit.ray.tfar[k] = far; hit.ray.time[k] = 0.0f;
            hit.ray.mask[k] = 0xffffffffu; hit.ray.id[k] = 0; hit.ray.flags[k] = 0;
            hit.geom[k] = 0xffffffffu; hit.inst[k] = 0xffffffffu;
        }}
        Arguments arguments = {{COHERENT, -1, nullptr, nullptr, nullptr}};
        ((Query)query)(valid, (void*)scene, &hit, &arguments);
        for (int k = 0; k < N; ++k) {{
            if (!valid[k]) continue;
            const bool met = hit.geom[k] != 0xffffffffu;
            out_triangle.data[pixels[(first + k) >> 2] * 4 + ((first + k) & 3)] =
                met ? first_triangle.data[hit.geom[k]] + (int)hit.prim[k] : -1;
        }}
    }}
"""

_RAYS = """
    RayHit hit;
    alignas(4 * N) int valid[N];
    for (int k = 0; k < N; ++k) {{
        const int i = packet * N + k;
        valid[k] = i < count ? -1 : 0;
        const wp::vec3 o = origins.data[i < count ? i : 0], d = directions.data[i < count ? i : 0];
        hit.ray.ox[k] = o[0]; hit.ray.oy[k] = o[1]; hit.ray.oz[k] = o[2];
        hit.ray.dx[k] = d[0]; hit.ray.dy[k] = d[1]; hit.ray.dz[k] = d[2];
        hit.ray.tnear[k] = 0.0f; hit.ray.tfar[k] = reach.data[i < count ? i : 0]; hit.ray.time[k] = 0.0f;
        hit.ray.mask[k] = 0xffffffffu; hit.ray.id[k] = 0; hit.ray.flags[k] = 0;
        hit.geom[k] = 0xffffffffu; hit.inst[k] = 0xffffffffu;
    }}
    Arguments arguments = {{0, -1, nullptr, nullptr, nullptr}};
    ((Query)query)(valid, (void*)scene, &hit, &arguments);
    for (int k = 0; k < N; ++k) {{
        if (!valid[k]) continue;
        const bool met = hit.geom[k] != 0xffffffffu;
        out_distance.data[packet * N + k] = met ? hit.ray.tfar[k] : INFINITY;
        out_triangle.data[packet * N + k] = met ? first_triangle.data[hit.geom[k]] + (int)hit.prim[k] : -1;
    }}
"""


@cache
def packet_kernels(width: int) -> SimpleNamespace:
    """Return the kernels ``primary``, ``shadows``, ``subpixels`` and ``rays`` for packets of a width (4, 8 or 16)."""
    across, down = PACKET_SHAPES[width]
    module = f"isaacsim_agent_ext.render.packets{width}"
    wp.get_module(module).options["enable_backward"] = False

    def code(body: str) -> str:
        return (_TYPES + body).format(width=width, across=across, down=down)

    @wp.func_native(code(_PRIMARY))
    def intersect_packet(
        query: wp.uint64,
        scene: wp.uint64,
        first_triangle: wp.array(dtype=wp.int32),
        eye: wp.vec3,
        corner: wp.vec3,
        right: wp.vec3,
        down: wp.vec3,
        near: float,
        far: float,
        width: int,
        height: int,
        tile_x: int,
        tile_y: int,
        out_depth: wp.array(dtype=wp.float32),
        out_u: wp.array(dtype=wp.float32),
        out_v: wp.array(dtype=wp.float32),
        out_triangle: wp.array(dtype=wp.int32),
    ): ...

    @wp.func_native(code(_SHADOWS))
    def shadow_packet(
        query: wp.uint64,
        scene: wp.uint64,
        triangles: wp.array(dtype=wp.vec3i),
        normals: wp.array(dtype=wp.vec3),
        eye: wp.vec3,
        corner: wp.vec3,
        right: wp.vec3,
        down: wp.vec3,
        width: int,
        height: int,
        tile_x: int,
        tile_y: int,
        lights: wp.array2d(dtype=Light),
        light_count: int,
        samples: wp.array2d(dtype=wp.vec3),
        ambient_rays: int,
        ambient_radius: float,
        in_depth: wp.array(dtype=wp.float32),
        in_u: wp.array(dtype=wp.float32),
        in_v: wp.array(dtype=wp.float32),
        in_triangle: wp.array(dtype=wp.int32),
        out_lit: wp.array(dtype=wp.int32),
    ): ...

    @wp.func_native(code(_SUBPIXELS))
    def subpixel_packet(
        query: wp.uint64,
        scene: wp.uint64,
        first_triangle: wp.array(dtype=wp.int32),
        eye: wp.vec3,
        corner: wp.vec3,
        right: wp.vec3,
        down: wp.vec3,
        near: float,
        far: float,
        width: int,
        height: int,
        tile_x: int,
        tile_y: int,
        in_edge: wp.array(dtype=wp.int32),
        out_triangle: wp.array2d(dtype=wp.int32),
    ): ...

    @wp.func_native(code(_RAYS))
    def ray_packet(
        query: wp.uint64,
        scene: wp.uint64,
        first_triangle: wp.array(dtype=wp.int32),
        origins: wp.array(dtype=wp.vec3),
        directions: wp.array(dtype=wp.vec3),
        reach: wp.array(dtype=wp.float32),
        count: int,
        packet: int,
        out_distance: wp.array(dtype=wp.float32),
        out_triangle: wp.array(dtype=wp.int32),
    ): ...

    @wp.kernel(module=module)
    def primary(
        query: wp.uint64,
        scene: wp.uint64,
        first_triangle: wp.array(dtype=wp.int32),
        cameras: wp.array(dtype=Camera),
        first_tile_row: int,
        seen: Visibility,
    ):
        row, column = wp.tid()
        camera = cameras[0]
        intersect_packet(
            query, scene, first_triangle, camera.eye, camera.corner, camera.right, camera.down, camera.near,
            camera.far, camera.width, camera.height, column, first_tile_row + row, seen.depth, seen.u, seen.v,
            seen.triangle,
        )  # fmt: skip

    @wp.kernel(module=module)
    def shadows(
        query: wp.uint64,
        scene: wp.uint64,
        geometry: Geometry,
        cameras: wp.array(dtype=Camera),
        first_tile_row: int,
        shading: Shading,
        seen: Visibility,
    ):
        row, column = wp.tid()
        camera = cameras[0]
        shadow_packet(
            query, scene, geometry.triangles, geometry.normals, camera.eye, camera.corner, camera.right, camera.down,
            camera.width, camera.height, column, first_tile_row + row, shading.lights, shading.light_count[0],
            shading.samples, shading.ambient_rays, shading.ambient_radius, seen.depth, seen.u, seen.v, seen.triangle,
            seen.lit,
        )  # fmt: skip

    @wp.kernel(module=module)
    def subpixels(
        query: wp.uint64,
        scene: wp.uint64,
        first_triangle: wp.array(dtype=wp.int32),
        cameras: wp.array(dtype=Camera),
        first_tile_row: int,
        seen: Visibility,
        found: wp.array2d(dtype=wp.int32),
    ):
        row, column = wp.tid()
        camera = cameras[0]
        subpixel_packet(
            query, scene, first_triangle, camera.eye, camera.corner, camera.right, camera.down, camera.near,
            camera.far, camera.width, camera.height, column, first_tile_row + row, seen.lit, found,
        )  # fmt: skip

    @wp.kernel(module=module)
    def rays(
        query: wp.uint64,
        scene: wp.uint64,
        first_triangle: wp.array(dtype=wp.int32),
        origins: wp.array(dtype=wp.vec3),
        directions: wp.array(dtype=wp.vec3),
        reach: wp.array(dtype=wp.float32),
        count: int,
        distance: wp.array(dtype=wp.float32),
        triangle: wp.array(dtype=wp.int32),
    ):
        packet = wp.tid()
        ray_packet(
            query, scene, first_triangle, origins, directions, reach, count, packet, distance, triangle
        )  # fmt: skip

    return SimpleNamespace(primary=primary, shadows=shadows, subpixels=subpixels, rays=rays)

"""Texture look-up: bilinear, repeating, from the mip level that fits the ray's footprint."""
# mypy: ignore-errors
# ruff: noqa: UP018, RUF046 - in kernels, arguments go by position and int(0) declares a variable

import warp as wp

from isaacsim_agent_ext.render.kernels.types import Textures


@wp.func
def unpack_texel(texel: wp.uint32):
    """Return RGB in 0..255."""
    return wp.vec3(
        float(texel & wp.uint32(255)),
        float((texel >> wp.uint32(8)) & wp.uint32(255)),
        float((texel >> wp.uint32(16)) & wp.uint32(255)),
    )


@wp.func
def sample_texture(textures: Textures, texture: int, uv: wp.vec2, footprint: float, dither: float):
    """Return RGB in 0..1, as stored.

    Args:
        textures: All textures.
        texture: Which one.
        uv: Texture coordinates, V upwards.
        footprint: Width of the pixel in texture repeats.
        dither: Random in -0.5..0.5; hides where one mip level gives way to the next.
    """
    size = textures.size[texture, 0]
    texels = footprint * float(wp.max(size[0], size[1]))
    level = int(0)
    if texels > 1.0:
        level = wp.clamp(int(wp.log2(texels) + 0.5 + dither), 0, textures.levels[texture] - 1)
        size = textures.size[texture, level]
    base = textures.offset[texture, level]
    width = size[0]
    height = size[1]
    x = (uv[0] - wp.floor(uv[0])) * float(width) - 0.5
    y = (1.0 - (uv[1] - wp.floor(uv[1]))) * float(height) - 0.5
    left = int(wp.floor(x))
    top = int(wp.floor(y))
    fx = x - float(left)
    fy = y - float(top)
    right = left + 1
    bottom = top + 1
    left = wp.where(left < 0, width - 1, left)
    top = wp.where(top < 0, height - 1, top)
    right = wp.where(right >= width, 0, right)
    bottom = wp.where(bottom >= height, 0, bottom)
    upper = base + top * width
    lower = base + bottom * width
    a = unpack_texel(textures.texels[upper + left])
    b = unpack_texel(textures.texels[upper + right])
    c = unpack_texel(textures.texels[lower + left])
    d = unpack_texel(textures.texels[lower + right])
    above = a + (b - a) * fx
    below = c + (d - c) * fx
    return (above + (below - above) * fy) * 0.00392156863


@wp.func
def to_linear(color: wp.vec3):
    """Decode sRGB by a cubic that is off by less than 0.002."""
    squared = wp.cw_mul(color, color)
    return wp.cw_mul(squared, color) * 0.305306011 + squared * 0.682171111 + color * 0.012522878

"""Texture look-up: bilinear, repeating, from the mip level that fits the ray's footprint."""
# mypy: ignore-errors

import warp as wp

from isaacsim_agent_ext.render.kernels.types import Textures

EVEN = wp.constant(wp.uint64(0x00FF00FF00FF00FF))
SHORT = wp.constant(wp.uint64(0xFFFF))
EIGHT = wp.constant(wp.uint64(8))
UNIT = wp.constant(1.0 / 65280.0)


@wp.struct
class Texel:
    """The eight channels of a texture, as stored: 16 bits each, of which 65280 is 1."""

    even: wp.uint64  # red, blue, normal's x and z
    odd: wp.uint64  # green, roughness, normal's y, metallic


@wp.func
def channel(word: wp.uint64, place: int):
    """Return one of the four channels in a word, in 0..1."""
    return float(int((word >> wp.uint64(16 * place)) & SHORT)) * UNIT


@wp.func
def color_of(texel: Texel):
    """Return RGB in 0..1, as stored."""
    return wp.vec3(channel(texel.even, 0), channel(texel.odd, 0), channel(texel.even, 1))


@wp.func
def normal_of(texel: Texel):
    """Return what the normal map says, in -1..1."""
    stored = wp.vec3(channel(texel.even, 2), channel(texel.odd, 2), channel(texel.even, 3))
    return stored * 2.0 - wp.vec3(1.0)


@wp.func
def sample_texture(textures: Textures, texture: int, uv: wp.vec2, level: float):
    """Return all channels at a place.

    Args:
        textures: All textures.
        texture: Which one.
        uv: Texture coordinates, V upwards.
        level: Binary logarithm of the pixel's width in texture repeats.
    """
    fitting = wp.clamp(int(level + textures.resolution[texture] + 0.5), 0, textures.levels[texture] - 1)
    size = textures.size[texture, fitting]
    width = size[0]
    height = size[1]
    # Fixed point, 8 bits of fraction; one texel is added so that truncating rounds down.
    x = int((uv[0] - wp.floor(uv[0])) * float(width * 256) + 128.0)
    y = int((wp.ceil(uv[1]) - uv[1]) * float(height * 256) + 128.0)
    left = (x >> 8) - 1
    top = (y >> 8) - 1
    right = left + 1
    bottom = top + 1
    left = wp.where(left < 0, width - 1, left)
    top = wp.where(top < 0, height - 1, top)
    right = wp.where(right >= width, 0, right)
    bottom = wp.where(bottom >= height, 0, bottom)
    fx = x & 255
    fy = y & 255
    both = (fx * fy + 128) >> 8
    upper = textures.offset[texture, fitting] + top * width
    lower = textures.offset[texture, fitting] + bottom * width
    a = textures.texels[upper + left]
    b = textures.texels[upper + right]
    c = textures.texels[lower + left]
    d = textures.texels[lower + right]
    wa = wp.uint64(256 - fx - fy + both)
    wb = wp.uint64(fx - both)
    wc = wp.uint64(fy - both)
    wd = wp.uint64(both)
    # Four channels weighed in one word: weights sum to 256, so 16 bits hold each.
    texel = Texel()
    texel.even = (a & EVEN) * wa + (b & EVEN) * wb + (c & EVEN) * wc + (d & EVEN) * wd
    texel.odd = (
        ((a >> EIGHT) & EVEN) * wa
        + ((b >> EIGHT) & EVEN) * wb
        + ((c >> EIGHT) & EVEN) * wc
        + ((d >> EIGHT) & EVEN) * wd
    )
    return texel


@wp.func
def to_linear(color: wp.vec3):
    """Decode sRGB by a cubic that is off by less than 0.002."""
    squared = wp.cw_mul(color, color)
    return wp.cw_mul(squared, color) * 0.305306011 + squared * 0.682171111 + color * 0.012522878

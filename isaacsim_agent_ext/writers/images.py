"""Images as bytes of PNG and JPEG files, and back."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np

from isaacsim_agent_ext.errors import DependencyError

try:
    import fpng
except ImportError:  # no wheel for this platform, or a Kit without it: the encoder below is slower, not worse
    fpng = None

IMAGE_FORMATS = ("png", "jpg", "jpeg")
"""Values of ``image_output_format``."""

JPEG_QUALITY = 95

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _RGBA = 0, 2, 6


def encode_png(image: np.ndarray) -> bytes:
    """Return a lossless PNG.

    Args:
        image: ``(height, width, 3)`` or ``(height, width, 4)`` uint8, or grey ``(height, width)`` uint8.
    """
    if image.ndim == 3 and fpng is not None:
        return bytes(fpng.from_ndarray(np.ascontiguousarray(image)))
    color_type = _GREY if image.ndim == 2 else {3: _RGB, 4: _RGBA}[image.shape[2]]
    return _deflated_png(image, color_type, image.itemsize * (1 if image.ndim == 2 else image.shape[2]))


def encode_jpeg(image: np.ndarray) -> bytes:
    """Return a JPEG of ``(height, width, 3 or 4)`` uint8; transparency is left out.

    Raises:
        DependencyError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise DependencyError(
            "JPEG images need Pillow, which is not installed: pip install 'isaacsim-agent-ext[standalone]', "
            "or set image_output_format: png"
        ) from error
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[..., :3])).save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def encode_image(image: np.ndarray, image_format: str) -> bytes:
    """Return an image in one of `IMAGE_FORMATS`."""
    return encode_png(image) if image_format == "png" else encode_jpeg(image)


def encode_ids(ids: np.ndarray) -> bytes:
    """Return an image of ids ``(height, width)`` uint32 as PNG: 16-bit grey, which any tool reads as the ids.

    An image with an id above 65535 becomes RGBA, each pixel the four bytes of its id, lowest first. `read_ids`
    reads both.
    """
    if int(ids.max(initial=0)) <= 0xFFFF:
        return _deflated_png(ids.astype(">u2"), _GREY, 2)
    return encode_png(np.ascontiguousarray(ids, "<u4").view(np.uint8).reshape(*ids.shape, 4))


def read_ids(png: bytes) -> np.ndarray:
    """Return the ids ``(height, width)`` uint32 of an image written by `encode_ids`.

    Raises:
        DependencyError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise DependencyError(
            "reading images needs Pillow, which is not installed: pip install 'isaacsim-agent-ext[standalone]'"
        ) from error
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    if pixels.ndim == 3:
        return np.ascontiguousarray(pixels).view("<u4")[..., 0].astype(np.uint32)
    return pixels.astype(np.uint32)


def _deflated_png(image: np.ndarray, color_type: int, pixel_bytes: int) -> bytes:
    """Return a PNG with every row filtered against the one above, which suits drawings and maps of ids."""
    height, width = image.shape[:2]
    rows = np.frombuffer(np.ascontiguousarray(image).tobytes(), np.uint8).reshape(height, width * pixel_bytes)
    filtered = np.empty((height, 1 + width * pixel_bytes), np.uint8)
    filtered[:, 0] = 2  # filter type Up
    filtered[:1, 1:] = rows[:1]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    bit_depth = 8 * image.itemsize
    header = struct.pack(">IIBBBBB", width, height, bit_depth, color_type, 0, 0, 0)
    body = zlib.compress(filtered, 1)
    return _PNG_SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

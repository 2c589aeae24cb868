"""Make the extension's icon and preview: ``python tools/kit/make_pictures.py RENDERED_FRAME.png``.

The preview is a frame of the quick start, the icon a person in the brackets of a 2D box.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

DATA = Path(__file__).resolve().parents[2] / "data"
ICON_SIDE = 256
PREVIEW_WIDTH = 960
SCALE = 4


def icon() -> Image.Image:
    """Return the icon, drawn four times as large and reduced."""
    side = ICON_SIDE * SCALE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), side // 6, fill=(22, 32, 44, 255))
    person = (236, 240, 244, 255)
    draw.ellipse(_box(0.5, 0.27, 0.085), fill=person)
    draw.rounded_rectangle(_rect(0.405, 0.375, 0.595, 0.64), side // 18, fill=person)
    for x in (0.415, 0.515):
        draw.rounded_rectangle(_rect(x, 0.58, x + 0.07, 0.82), side // 40, fill=person)
    for x in (0.325, 0.61):
        draw.rounded_rectangle(_rect(x, 0.385, x + 0.065, 0.62), side // 40, fill=person)
    green, width, length = (118, 200, 60, 255), side // 36, 0.16
    for x, dx in ((0.18, 1), (0.82, -1)):
        for y, dy in ((0.12, 1), (0.88, -1)):
            corner, along = (x * side, y * side), (x + dx * length) * side
            draw.line([(along, y * side), corner, (x * side, (y + dy * length) * side)], fill=green, width=width)
            draw.ellipse(_box(x, y, width / side / 2), fill=green)
    return image.resize((ICON_SIDE, ICON_SIDE), Image.Resampling.LANCZOS)


def preview(frame: Path) -> Image.Image:
    """Return the preview from a rendered frame."""
    image = Image.open(frame).convert("RGB")
    return image.resize((PREVIEW_WIDTH, round(image.height * PREVIEW_WIDTH / image.width)), Image.Resampling.LANCZOS)


def _rect(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    side = ICON_SIDE * SCALE
    return (x0 * side, y0 * side, x1 * side, y1 * side)


def _box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return _rect(x - radius, y - radius, x + radius, y + radius)


def main() -> int:
    """Write both."""
    icon().save(DATA / "icon.png", optimize=True)
    if len(sys.argv) > 1:
        reduced = preview(Path(sys.argv[1])).quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        reduced.save(DATA / "preview.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

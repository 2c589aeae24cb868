"""Boxes and names drawn over pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from isaacsim_agent_ext.errors import DependencyError

try:
    from PIL import Image, ImageDraw, ImageFont
except ImportError as error:
    raise DependencyError(
        "drawing boxes needs Pillow, which is not installed: pip install 'isaacsim-agent-ext[standalone]'"
    ) from error

Color = tuple[int, int, int]
_Rectangle = tuple[int, int, int, int]

SHADOW: Color = (12, 14, 18)
"""Around lines, so that they show on any background."""

SMALL = 8.0
"""Boxes lower than this many times the names' height are not covered by names."""

NAMED = 2.0
"""Boxes lower than this many times the names' height have none."""

WORTH_SAYING = 0.05
"""Smallest hidden share that is written beside a name."""


@dataclass(frozen=True)
class OverlayBox:
    """A box to draw.

    Attributes:
        name: What to call it; may be empty.
        box: Inclusive ``x_min, y_min, x_max, y_max`` [px] of the full-size picture.
        occlusion: Hidden share, 0 to 1.
        color: Of its lines.
        faint: Thin lines, for what matters less.
    """

    name: str
    box: tuple[float, float, float, float]
    occlusion: float = 0.0
    color: Color = (255, 255, 255)
    faint: bool = False


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font at a size [px]."""
    return ImageFont.load_default(size)


def draw_boxes(
    picture: Image.Image, boxes: Sequence[OverlayBox], *, scale: float = 1.0, text_size: int | None = None
) -> Image.Image:
    """Return the picture with boxes and names drawn in; small boxes lie over large ones, faint ones under all.

    A name goes where it covers no other name and nothing small: above its box, below, or inside; if there is room
    nowhere, or the name would be about as large as what it names, it is left out.

    Args:
        picture: Scaled already.
        boxes: In pixels of the full-size picture, those whose names matter most first.
        scale: Size of the picture given over the full size.
        text_size: Height of the names [px]; by default one that suits the picture.
    """
    drawn = picture.convert("RGB")
    canvas = ImageDraw.Draw(drawn)
    width, height = drawn.size
    stroke = max(2, round(height / 200))
    for box in sorted(boxes, key=lambda box: (not box.faint, -_area(box.box), box.name, box.box)):
        rectangle = _scaled(box.box, scale, (width, height))
        if box.faint:
            canvas.rectangle(rectangle, outline=box.color)
        else:
            _frame(canvas, rectangle, box.color, stroke)
    text_size = text_size or max(10, round(height / 32))
    rectangles = [_scaled(box.box, scale, (width, height)) for box in boxes]
    small = [
        rectangle
        for box, rectangle in zip(boxes, rectangles, strict=True)
        if not box.faint and _tall(rectangle) < SMALL * text_size
    ]
    names = _Names(canvas, drawn.size, text_size, kept_clear=small)
    for box, rectangle in zip(boxes, rectangles, strict=True):
        if _tall(rectangle) >= NAMED * text_size:
            names.add(box, rectangle)
    return drawn


def chip(canvas: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, size: int, fill: Color) -> _Rectangle:
    """Draw a text on a plate and return the plate's rectangle."""
    rectangle = _chip_rectangle(canvas, corner, text, size)
    canvas.rounded_rectangle(rectangle, radius=max(2, size // 5), fill=fill)
    ink = (16, 18, 22) if _luminance(fill) > 0.33 else (255, 255, 255)
    middle = (rectangle[1] + rectangle[3] + 1) / 2
    canvas.text((rectangle[0] + _padding(size), middle), text, fill=ink, font=font(size), anchor="lm")
    return rectangle


def _frame(canvas: ImageDraw.ImageDraw, rectangle: _Rectangle, color: Color, stroke: int) -> None:
    """Draw lines just outside the box's pixels, with a dark edge around them."""
    x0, y0, x1, y1 = rectangle
    canvas.rectangle((x0 - stroke - 1, y0 - stroke - 1, x1 + stroke + 1, y1 + stroke + 1), outline=SHADOW)
    canvas.rectangle((x0 - stroke, y0 - stroke, x1 + stroke, y1 + stroke), outline=color, width=stroke)


class _Names:
    """Places names so that none covers another, or what is to be kept clear."""

    def __init__(
        self,
        canvas: ImageDraw.ImageDraw,
        bounds: tuple[int, int],
        text_size: int,
        kept_clear: Sequence[_Rectangle],
    ):
        self._canvas = canvas
        self._bounds = bounds
        self._text_size = text_size
        self._taken: list[_Rectangle] = list(kept_clear)

    def add(self, box: OverlayBox, rectangle: _Rectangle) -> None:
        """Write a box's name and how much of it is hidden, or just the name, wherever there is room."""
        hidden = f"{round(100 * box.occlusion)}% hidden" if box.occlusion >= WORTH_SAYING else ""
        for text in dict.fromkeys((f"{box.name}  {hidden}".strip(), box.name)):
            corner = self._room(text, rectangle) if text else None
            if corner is not None:
                self._taken.append(chip(self._canvas, corner, text, self._text_size, box.color))
                return

    def _room(self, text: str, rectangle: _Rectangle) -> tuple[int, int] | None:
        x0, y0, x1, y1 = rectangle
        plate = _chip_rectangle(self._canvas, (0, 0), text, self._text_size)
        wide, tall = plate[2], plate[3]
        left = min(max(0, x0), self._bounds[0] - wide - 1)
        right = max(0, min(self._bounds[0] - wide - 1, x1 - wide))
        above, below = y0 - tall - 3, y1 + 4
        for x, y in ((left, above), (right, above), (left, below), (left, y0 + 2), (left, y1 - tall)):
            place = (x, y, x + wide, y + tall)
            inside = x >= 0 and y >= 0 and place[2] < self._bounds[0] and place[3] < self._bounds[1]
            if inside and not any(_overlap(place, other) for other in self._taken):
                return x, y
        return None


def _padding(size: int) -> int:
    return max(3, round(size * 0.35))


def _chip_rectangle(canvas: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, size: int) -> _Rectangle:
    length = canvas.textlength(text, font=font(size))
    return (corner[0], corner[1], corner[0] + round(length) + 2 * _padding(size), corner[1] + round(size * 1.4))


def _scaled(box: tuple[float, float, float, float], scale: float, bounds: tuple[int, int]) -> _Rectangle:
    """Scale inclusive pixel bounds: they end where the pixel after the last one begins."""
    x0, y0 = round(box[0] * scale), round(box[1] * scale)
    x1, y1 = round((box[2] + 1) * scale) - 1, round((box[3] + 1) * scale) - 1
    return (max(x0, 0), max(y0, 0), min(max(x0, x1), bounds[0] - 1), min(max(y0, y1), bounds[1] - 1))


def _area(box: tuple[float, float, float, float]) -> float:
    return (box[2] - box[0] + 1) * (box[3] - box[1] + 1)


def _tall(rectangle: _Rectangle) -> int:
    return rectangle[3] - rectangle[1] + 1


def _overlap(a: _Rectangle, b: _Rectangle) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _luminance(color: Color) -> float:
    """Return the relative luminance of an sRGB colour, 0 to 1."""
    linear = [(channel / 255.0) ** 2.2 for channel in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

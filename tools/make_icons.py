"""Draw the icons of the panel: ``python tools/make_icons.py`` writes ``data/ui/*.png``, white on nothing.

Each is a few strokes on a grid of 16 by 16, drawn large and made small. omni.ui tints them. They are no SVG, because
outside Kit omni.ui reads none.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

GRID, SIZE, FINE = 16, 32, 8
STROKE = 1.5
FOLDER = Path(__file__).resolve().parents[1] / "data" / "ui"

Point = tuple[float, float]


class Pen:
    """Draws on the grid."""

    def __init__(self) -> None:
        self.unit = SIZE * FINE / GRID
        self.image = Image.new("L", (SIZE * FINE, SIZE * FINE))
        self._draw = ImageDraw.Draw(self.image)

    def _scaled(self, points: tuple[Point, ...]) -> list[Point]:
        return [(x * self.unit, y * self.unit) for x, y in points]

    def line(self, *points: Point, width: float = STROKE) -> None:
        """Draw a line through points."""
        scaled = self._scaled(points)
        self._draw.line(scaled, fill=255, width=round(width * self.unit), joint="curve")
        radius = width * self.unit / 2
        for x, y in (scaled[0], scaled[-1]):
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

    def shape(self, *points: Point, fill: int = 255) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._scaled(points), fill=fill)

    def outline(self, *points: Point) -> None:
        """Draw a closed line."""
        self.line(*points, points[0])

    def disc(self, x: float, y: float, radius: float, fill: int = 255) -> None:
        """Fill a circle."""
        self._draw.ellipse([c * self.unit for c in (x - radius, y - radius, x + radius, y + radius)], fill=fill)

    def ring(self, x: float, y: float, radius: float, start: float = 0, end: float = 360) -> None:
        """Draw a circle, or a part of one between two angles [deg]."""
        box = [c * self.unit for c in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.arc(box, start, end, fill=255, width=round(STROKE * self.unit))


def new(pen: Pen) -> None:
    pen.line((9, 2.5), (3.5, 2.5), (3.5, 13.5), (12.5, 13.5), (12.5, 6), (9, 2.5), (9, 6), (12.5, 6))


def open_(pen: Pen) -> None:
    pen.line((2, 12.5), (2, 3.5), (6, 3.5), (7.5, 5.2), (13, 5.2), (13, 7.2))
    pen.outline((2, 12.8), (4.4, 7.4), (14.6, 7.4), (12.4, 12.8))


def recent(pen: Pen) -> None:
    pen.ring(8, 8, 6.2)
    pen.line((8, 4.6), (8, 8.2), (10.6, 9.8))


def reload(pen: Pen) -> None:
    pen.ring(8, 8, 5.6, 40, 330)
    pen.shape((10.6, 6.2), (15, 6.2), (14.2, 1.6))


def save(pen: Pen) -> None:
    pen.outline((2.8, 2.8), (11, 2.8), (13.2, 5), (13.2, 13.2), (2.8, 13.2))
    pen.line((5.2, 3), (5.2, 6.2), (9.8, 6.2), (9.8, 3))
    pen.line((5, 13), (5, 9.4), (11, 9.4), (11, 13))


def save_as(pen: Pen) -> None:
    pen.line((7, 13.2), (2.8, 13.2), (2.8, 2.8), (10.6, 2.8), (12.6, 4.8), (12.6, 6))
    pen.line((5.2, 3), (5.2, 6.2), (9, 6.2), (9, 3))
    pen.line((8.6, 13.4), (9.2, 11.2), (13, 7.6), (14.4, 9), (10.8, 12.8), (8.6, 13.4), width=1.3)


def undo(pen: Pen) -> None:
    pen.line((5.6, 2.6), (2.6, 5.8), (5.8, 8.8))
    pen.line((2.8, 5.8), (9.4, 5.8))
    pen.ring(9.4, 9.7, 4.0, 270, 450)
    pen.line((9.4, 13), (5, 13))


def redo(pen: Pen) -> None:
    pen.line((10.4, 2.6), (13.4, 5.8), (10.2, 8.8))
    pen.line((13.2, 5.8), (6.6, 5.8))
    pen.ring(6.6, 9.7, 4.0, 90, 270)
    pen.line((6.6, 13), (11, 13))


def verbose(pen: Pen) -> None:
    for y, width in ((3.5, 13), (6.5, 10), (9.5, 13), (12.5, 8)):
        pen.line((3, y), (width, y))


def reset(pen: Pen) -> None:
    pen.line((6.2, 3), (3, 6.2), (6.2, 9.4))
    pen.line((3.2, 6.2), (9.4, 6.2))
    pen.ring(9.4, 9.4, 3.3, 270, 450)
    pen.line((9.4, 12), (6.5, 12))


def add(pen: Pen) -> None:
    pen.line((8, 3.4), (8, 12.6))
    pen.line((3.4, 8), (12.6, 8))


def remove(pen: Pen) -> None:
    pen.line((2.8, 4.4), (13.2, 4.4))
    pen.line((6.2, 4.2), (6.2, 2.6), (9.8, 2.6), (9.8, 4.2))
    pen.line((4.2, 4.6), (4.8, 13.4), (11.2, 13.4), (11.8, 4.6))
    pen.line((6.8, 7), (7, 11))
    pen.line((9.2, 7), (9, 11))


def more(pen: Pen) -> None:
    for y in (3.4, 8, 12.6):
        pen.disc(8, y, 1.35)


def folder(pen: Pen) -> None:
    pen.outline((2, 3.6), (6, 3.6), (7.6, 5.4), (14, 5.4), (14, 12.8), (2, 12.8))


def file(pen: Pen) -> None:
    pen.line((9, 2), (4, 2), (4, 14), (12, 14), (12, 5), (9, 2), (9, 5), (12, 5))


def home(pen: Pen) -> None:
    pen.line((1.8, 8), (8, 2.4), (14.2, 8))
    pen.line((3.6, 7), (3.6, 13.6), (12.4, 13.6), (12.4, 7))
    pen.line((6.6, 13.4), (6.6, 9.6), (9.4, 9.6), (9.4, 13.4))


def up(pen: Pen) -> None:
    pen.line((4, 9.6), (8, 5.4), (12, 9.6))


def down(pen: Pen) -> None:
    pen.line((4, 6.4), (8, 10.6), (12, 6.4))


def opened(pen: Pen) -> None:
    pen.shape((3.4, 5.4), (12.6, 5.4), (8, 11))


def closed(pen: Pen) -> None:
    pen.shape((5.4, 3.4), (5.4, 12.6), (11, 8))


def pick(pen: Pen) -> None:
    pen.ring(8, 8, 4)
    for a, b in (((8, 1), (8, 5)), ((8, 11), (8, 15)), ((1, 8), (5, 8)), ((11, 8), (15, 8))):
        pen.line(a, b)
    pen.disc(8, 8, 1.1)


def problem(pen: Pen) -> None:
    pen.disc(8, 8, 6.6)
    pen.shape((7.1, 3.8), (8.9, 3.8), (8.6, 9), (7.4, 9), fill=0)
    pen.disc(8, 11.4, 1.15, fill=0)


def warning(pen: Pen) -> None:
    pen.shape((8, 1.2), (15.2, 14.2), (0.8, 14.2))
    pen.shape((7.1, 5.4), (8.9, 5.4), (8.6, 10), (7.4, 10), fill=0)
    pen.disc(8, 12, 1.05, fill=0)


def good(pen: Pen) -> None:
    pen.line((3, 8.6), (6.6, 12), (13, 4.4), width=1.9)


def search(pen: Pen) -> None:
    pen.ring(6.8, 6.8, 4.4)
    pen.line((10, 10), (13.6, 13.6), width=1.9)


def close(pen: Pen) -> None:
    pen.line((4, 4), (12, 12))
    pen.line((12, 4), (4, 12))


def play(pen: Pen) -> None:
    pen.shape((4.4, 2.6), (4.4, 13.4), (13.4, 8))


def pause(pen: Pen) -> None:
    pen.shape((4, 3), (6.8, 3), (6.8, 13), (4, 13))
    pen.shape((9.2, 3), (12, 3), (12, 13), (9.2, 13))


def stop(pen: Pen) -> None:
    pen.shape((3.6, 3.6), (12.4, 3.6), (12.4, 12.4), (3.6, 12.4))


def prim(pen: Pen) -> None:
    pen.outline((8, 1.8), (13.4, 4.8), (13.4, 11.2), (8, 14.2), (2.6, 11.2), (2.6, 4.8))
    pen.line((2.8, 5), (8, 8), (13.2, 5))
    pen.line((8, 8), (8, 14))


DRAWINGS = (
    new, open_, recent, reload, save, save_as, undo, redo, verbose, reset, add, remove, more, folder, file, home, up,
    down, opened, closed, pick, problem, warning, good, search, close, play, pause, stop, prim,
)  # fmt: skip


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for drawing in DRAWINGS:
        pen = Pen()
        drawing(pen)
        alpha = pen.image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        white = Image.new("L", (SIZE, SIZE), 255)
        Image.merge("LA", (white, alpha)).convert("RGBA").save(
            FOLDER / f"{drawing.__name__.rstrip('_')}.png", optimize=True
        )


if __name__ == "__main__":
    main()

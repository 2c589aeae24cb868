"""Printed things: one atlas of signs, labels and pictograms with named places."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .image import TextureSet, blend, font
from .noise import smoothstep, spectral

SIZE = 1024

Ink = tuple[int, int, int]
_GRID = 16
"""The atlas is cut into 16 x 16 squares; places are given in squares."""

# name: (column, row, width, height) in squares, from the top left.
PLACES: dict[str, tuple[int, int, int, int]] = {
    **{f"aisle_{letter}": (4 * (k % 4), 3 * (k // 4), 4, 3) for k, letter in enumerate("ABCDEFGH")},
    **{f"dock_{k + 1}": (2 * k, 6, 2, 2) for k in range(4)},
    "exit": (8, 6, 4, 2),
    "extinguisher": (12, 6, 2, 2),
    "first_aid": (14, 6, 2, 2),
    "forklift_warning": (0, 8, 3, 3),
    "mandatory_helmet": (3, 8, 3, 3),
    "no_entry": (6, 8, 3, 3),
    "speed_limit": (9, 8, 3, 3),
    "wet_floor": (12, 8, 2, 3),
    "hazard_diamond": (14, 8, 2, 2),
    "board": (0, 11, 6, 4),
    "vending": (6, 11, 3, 5),
    "screen": (9, 11, 4, 3),
    "barcode": (13, 11, 3, 1),
    "load_plate": (13, 12, 3, 2),
    "capacity": (9, 14, 3, 1),
    "break_room": (12, 14, 4, 2),
    "tape_white": (14, 10, 2, 1),
    "staging": (0, 15, 4, 1),
    "clock": (9, 15, 1, 1),
    "socket": (10, 15, 1, 1),
    "maker": (4, 15, 2, 1),
}


def uv_of(name: str, inset: float = 2.0) -> tuple[float, float, float, float]:
    """Where a sign is in the atlas: ``u0, v0, u1, v1``, ``inset`` pixels inside its edge."""
    column, row, width, height = PLACES[name]
    margin = inset / SIZE
    return (
        column / _GRID + margin,
        1 - (row + height) / _GRID + margin,
        (column + width) / _GRID - margin,
        1 - row / _GRID - margin,
    )


def outline_of(name: str) -> list[tuple[float, float]] | None:
    """The outline of a sign that does not fill its square, counter-clockwise in 0..1; None for rectangles."""
    if name in ("mandatory_helmet", "no_entry", "speed_limit"):
        angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        return [(0.5 + 0.435 * float(np.cos(angle)), 0.5 + 0.435 * float(np.sin(angle))) for angle in angles]
    if name == "forklift_warning":
        return [(0.055, 0.125), (0.945, 0.125), (0.5, 0.925)]
    return None


def sign_atlas() -> TextureSet:
    """Draw every sign."""
    image = Image.new("RGB", (SIZE, SIZE), (232, 232, 228))
    for name, (column, row, width, height) in PLACES.items():
        cell = SIZE // _GRID
        tile = Image.new("RGB", (width * cell * 2, height * cell * 2), (236, 236, 232))
        _DRAWERS[name.split("_")[0] if name.startswith(("aisle", "dock")) else name](tile, name)
        image.paste(tile.resize((width * cell, height * cell), Image.Resampling.LANCZOS), (column * cell, row * cell))
    rng = np.random.default_rng(8700)
    dust = smoothstep(0.4, 2.6, spectral(SIZE, rng, slope=1.2, low=6, high=160))
    pixels = blend(np.asarray(image, np.float32) / 255, (0.5, 0.48, 0.45), dust * 0.10)
    return TextureSet(pixels, np.clip(0.42 + 0.2 * dust, 0, 1))


def _text(
    image: Image.Image, text: str, center: tuple[float, float], size: float, fill: Ink, bold: float = 0.0
) -> None:
    """Write centred text; positions and size as fractions of the height."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    face = font(max(6, round(size * height)))
    draw.text(
        (center[0] * width, center[1] * height),
        text,
        font=face,
        fill=fill,
        anchor="mm",
        stroke_width=round(bold * size * height),
        stroke_fill=fill,
    )


def _aisle(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(18, 74, 140))
    draw.rectangle((12, 12, width - 13, height - 13), outline=(240, 240, 240), width=8)
    _text(image, name[-1], (0.33, 0.48), 0.72, (245, 245, 245), 0.03)
    _text(image, "AISLE", (0.74, 0.36), 0.17, (245, 245, 245), 0.02)
    first = 2 * (ord(name[-1]) - ord("A")) + 1
    _text(image, f"{first:02d}-{first + 1:02d}", (0.74, 0.64), 0.20, (250, 208, 40), 0.02)


def _dock(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(24, 26, 30))
    draw.rectangle((10, 10, width - 11, height - 11), outline=(248, 200, 30), width=10)
    _text(image, name[-1], (0.5, 0.54), 0.74, (248, 200, 30), 0.03)
    _text(image, "DOCK", (0.5, 0.15), 0.14, (248, 200, 30), 0.02)


def _exit(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(0, 128, 76))
    _text(image, "EXIT", (0.62, 0.52), 0.56, (245, 255, 248), 0.03)
    x, y, s = 0.15 * width, 0.5 * height, height / 100
    draw.ellipse((x - 7 * s, y - 38 * s, x + 7 * s, y - 24 * s), fill=(245, 255, 248))
    draw.line(
        [(x, y - 20 * s), (x - 4 * s, y + 6 * s), (x - 20 * s, y + 22 * s)], fill=(245, 255, 248), width=int(9 * s)
    )
    draw.line(
        [(x - 4 * s, y + 6 * s), (x + 12 * s, y + 16 * s), (x + 8 * s, y + 38 * s)],
        fill=(245, 255, 248),
        width=int(9 * s),
    )
    draw.line(
        [(x - 20 * s, y - 4 * s), (x, y - 16 * s), (x + 18 * s, y - 2 * s)], fill=(245, 255, 248), width=int(7 * s)
    )


def _extinguisher(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(196, 24, 28))
    s = width / 100
    draw.rounded_rectangle((38 * s, 30 * s, 64 * s, 88 * s), radius=8 * s, fill=(248, 248, 248))
    draw.rectangle((46 * s, 18 * s, 56 * s, 30 * s), fill=(248, 248, 248))
    draw.line([(52 * s, 18 * s), (24 * s, 24 * s), (22 * s, 52 * s)], fill=(248, 248, 248), width=int(6 * s))


def _first_aid(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(0, 128, 76))
    s = width / 100
    draw.rectangle((40 * s, 18 * s, 60 * s, 82 * s), fill=(250, 250, 250))
    draw.rectangle((18 * s, 40 * s, 82 * s, 60 * s), fill=(250, 250, 250))


def _forklift_warning(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.polygon([(50 * s, 6 * s), (96 * s, 88 * s), (4 * s, 88 * s)], fill=(20, 20, 20))
    draw.polygon([(50 * s, 17 * s), (87 * s, 83 * s), (13 * s, 83 * s)], fill=(250, 200, 20))
    draw.rectangle((40 * s, 56 * s, 66 * s, 70 * s), fill=(20, 20, 20))
    draw.line(
        [(46 * s, 56 * s), (50 * s, 40 * s), (62 * s, 40 * s), (64 * s, 56 * s)], fill=(20, 20, 20), width=int(4 * s)
    )
    draw.line([(34 * s, 36 * s), (34 * s, 74 * s), (20 * s, 74 * s)], fill=(20, 20, 20), width=int(4 * s))
    for x in (44, 62):
        draw.ellipse(
            ((x - 6) * s, 66 * s, (x + 6) * s, 78 * s), fill=(20, 20, 20), outline=(250, 200, 20), width=int(2 * s)
        )


def _mandatory_helmet(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.ellipse((6 * s, 6 * s, 94 * s, 94 * s), fill=(10, 84, 164))
    draw.ellipse((34 * s, 34 * s, 66 * s, 76 * s), fill=(246, 246, 246))
    draw.pieslice((26 * s, 18 * s, 74 * s, 72 * s), 180, 360, fill=(246, 246, 246))
    draw.rectangle((22 * s, 43 * s, 78 * s, 49 * s), fill=(10, 84, 164))


def _no_entry(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.ellipse((6 * s, 6 * s, 94 * s, 94 * s), fill=(200, 20, 28))
    draw.rectangle((20 * s, 42 * s, 80 * s, 58 * s), fill=(248, 248, 248))


def _speed_limit(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.ellipse((6 * s, 6 * s, 94 * s, 94 * s), fill=(204, 22, 30))
    draw.ellipse((18 * s, 18 * s, 82 * s, 82 * s), fill=(250, 250, 250))
    _text(image, "10", (0.5, 0.5), 0.42, (16, 16, 16), 0.03)


def _wet_floor(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(244, 196, 16))
    _text(image, "CAUTION", (0.5, 0.12), 0.11, (20, 20, 20), 0.03)
    _text(image, "WET FLOOR", (0.5, 0.90), 0.085, (20, 20, 20), 0.02)
    s = width / 100
    draw.ellipse((52 * s, 34 * s, 66 * s, 48 * s), fill=(20, 20, 20))
    draw.line(
        [(54 * s, 52 * s), (40 * s, 78 * s), (62 * s, 92 * s), (80 * s, 112 * s)], fill=(20, 20, 20), width=int(9 * s)
    )
    draw.line([(40 * s, 78 * s), (26 * s, 104 * s)], fill=(20, 20, 20), width=int(9 * s))


def _hazard_diamond(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.polygon(
        [(50 * s, 4 * s), (96 * s, 50 * s), (50 * s, 96 * s), (4 * s, 50 * s)],
        fill=(226, 90, 26),
        outline=(20, 20, 20),
        width=int(3 * s),
    )
    _text(image, "3", (0.5, 0.5), 0.36, (20, 20, 20), 0.02)


def _board(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(8710)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(176, 132, 84))
    for k in range(9):
        x, y = (0.04 + 0.19 * (k % 5)) * width, (0.08 + 0.47 * (k // 5)) * height
        w, h = 0.16 * width, 0.36 * height
        paper = [(246, 246, 240), (250, 238, 160), (206, 226, 244)][int(rng.integers(0, 3))]
        draw.rectangle((x, y, x + w, y + h), fill=paper)
        for line in range(7):
            yy = y + h * (0.15 + 0.11 * line)
            draw.line([(x + 0.1 * w, yy), (x + w * float(rng.uniform(0.5, 0.9)), yy)], fill=(90, 90, 96), width=4)


def _vending(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(8720)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(150, 20, 30))
    glass = (0.06 * width, 0.05 * height, 0.72 * width, 0.78 * height)
    draw.rectangle(glass, fill=(30, 34, 40))
    for row in range(6):
        y = glass[1] + (row + 0.86) * (glass[3] - glass[1]) / 6
        draw.line([(glass[0], y), (glass[2], y)], fill=(150, 154, 160), width=4)
        for column in range(6):
            x = glass[0] + (column + 0.2) * (glass[2] - glass[0]) / 6
            shade = tuple(int(v) for v in rng.integers(60, 240, 3))
            draw.rounded_rectangle((x, y - 0.085 * height, x + 0.07 * width, y - 4), radius=8, fill=shade)
    draw.rectangle((0.78 * width, 0.20 * height, 0.94 * width, 0.45 * height), fill=(26, 28, 32))
    draw.rectangle((0.80 * width, 0.22 * height, 0.92 * width, 0.27 * height), fill=(90, 220, 170))
    draw.rectangle((0.14 * width, 0.85 * height, 0.64 * width, 0.94 * height), fill=(20, 20, 22))
    _text(image, "SNACKS", (0.86, 0.11), 0.03, (250, 250, 250), 0.05)


def _screen(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(16, 30, 52))
    draw.rectangle((0, 0, width, 0.12 * height), fill=(40, 110, 190))
    _text(image, "ORDER 48213   PICK 12 / 20", (0.46, 0.06), 0.06, (240, 246, 252))
    for row in range(7):
        y = (0.2 + 0.11 * row) * height
        draw.rectangle(
            (0.04 * width, y, 0.10 * width, y + 0.06 * height), fill=(70, 190, 120) if row < 4 else (90, 100, 116)
        )
        draw.rectangle((0.14 * width, y, (0.5 + 0.05 * (row * 3 % 7)) * width, y + 0.05 * height), fill=(150, 170, 196))


def _barcode(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(8730)
    width, height = image.size
    cursor = 0.08 * width
    while cursor < 0.58 * width:
        bar = float(rng.choice([3, 6, 9]))
        draw.rectangle((cursor, 0.16 * height, cursor + bar, 0.84 * height), fill=(14, 14, 14))
        cursor += bar + float(rng.choice([3, 6]))
    _text(image, "07-2B", (0.79, 0.5), 0.44, (14, 14, 14), 0.02)


def _load_plate(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    draw.rectangle((0, 0, width, height), fill=(250, 204, 30))
    draw.rectangle((8, 8, width - 9, height - 9), outline=(20, 20, 20), width=6)
    _text(image, "MAX LOAD", (0.5, 0.26), 0.18, (20, 20, 20), 0.03)
    _text(image, "2500 kg / LEVEL", (0.5, 0.52), 0.16, (20, 20, 20), 0.02)
    _text(image, "inspected 03/26", (0.5, 0.78), 0.12, (20, 20, 20))


def _capacity(image: Image.Image, name: str) -> None:
    ImageDraw.Draw(image).rectangle((0, 0, *image.size), fill=(24, 24, 26))
    _text(image, "2.5 t  E25", (0.5, 0.5), 0.62, (250, 250, 250), 0.03)


def _break_room(image: Image.Image, name: str) -> None:
    ImageDraw.Draw(image).rectangle((0, 0, *image.size), fill=(30, 96, 92))
    _text(image, "BREAK", (0.5, 0.33), 0.32, (244, 248, 246), 0.02)
    _text(image, "ROOM", (0.5, 0.70), 0.32, (244, 248, 246), 0.02)


def _tape_white(image: Image.Image, name: str) -> None:
    ImageDraw.Draw(image).rectangle((0, 0, *image.size), fill=(226, 228, 226))


def _staging(image: Image.Image, name: str) -> None:
    ImageDraw.Draw(image).rectangle((0, 0, *image.size), fill=(148, 145, 139))
    _text(image, "STAGING", (0.5, 0.5), 0.84, (214, 214, 206), 0.04)


def _clock(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.ellipse((4 * s, 4 * s, 96 * s, 96 * s), fill=(250, 250, 248), outline=(24, 24, 26), width=int(6 * s))
    draw.line([(50 * s, 50 * s), (50 * s, 18 * s)], fill=(20, 20, 20), width=int(5 * s))
    draw.line([(50 * s, 50 * s), (72 * s, 58 * s)], fill=(20, 20, 20), width=int(6 * s))


def _socket(image: Image.Image, name: str) -> None:
    draw = ImageDraw.Draw(image)
    s = image.width / 100
    draw.rectangle((0, 0, *image.size), fill=(120, 124, 128))
    draw.rounded_rectangle((10 * s, 10 * s, 90 * s, 90 * s), radius=10 * s, fill=(40, 44, 48))
    draw.ellipse((30 * s, 30 * s, 70 * s, 70 * s), fill=(190, 30, 30))


def _maker(image: Image.Image, name: str) -> None:
    ImageDraw.Draw(image).rectangle((0, 0, *image.size), fill=(24, 24, 26))
    _text(image, "LIFTRA", (0.5, 0.5), 0.46, (250, 190, 30), 0.04)


_DRAWERS = {
    "aisle": _aisle,
    "dock": _dock,
    "exit": _exit,
    "extinguisher": _extinguisher,
    "first_aid": _first_aid,
    "forklift_warning": _forklift_warning,
    "mandatory_helmet": _mandatory_helmet,
    "no_entry": _no_entry,
    "speed_limit": _speed_limit,
    "wet_floor": _wet_floor,
    "hazard_diamond": _hazard_diamond,
    "board": _board,
    "vending": _vending,
    "screen": _screen,
    "barcode": _barcode,
    "load_plate": _load_plate,
    "capacity": _capacity,
    "break_room": _break_room,
    "tape_white": _tape_white,
    "staging": _staging,
    "clock": _clock,
    "socket": _socket,
    "maker": _maker,
}

"""A picture of a whole run: a few frames of every camera with the boxes drawn in."""

from __future__ import annotations

import colorsys
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageDraw

from isaacsim_agent_ext.capture.colors import GOLDEN_RATIO
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND, Sink
from isaacsim_agent_ext.writers.dataset_pictures import DatasetBox, DatasetPicture, dataset_boxes, dataset_pictures
from isaacsim_agent_ext.writers.overlay import Color, OverlayBox, chip, draw_boxes, font

FILE_NAME = "contact_sheet.png"
MAX_BYTES = 4_000_000
MAX_CAMERAS = 6
MAX_OBJECTS = 40
"""Boxes of objects drawn into one picture; actors always are."""

MAX_NAMED_OBJECTS = 10
"""With more objects than this in a picture, their names are left out."""

SHEET_WIDTH = 2000
"""Width of the sheet [px]; less when the file would be too large."""

T = TypeVar("T")

_PAPER: Color = (19, 22, 27)
_INK: Color = (238, 240, 243)
_FAINT: Color = (148, 156, 168)
_PLATE: Color = (30, 35, 43)
_OBJECT: Color = (196, 202, 212)
_MARGIN, _GAP = 28, 10


def contact_sheet(sink: Sink, folder: Path, *, title: str | None = None) -> Path | None:
    """Draw a dataset's contact sheet.

    Rows are cameras, columns frames spread evenly over the run; a single camera gets two rows.

    Args:
        sink: Where to put it.
        folder: The dataset, which is also the sink's root.
        title: First line; the folder's name by default.

    Returns:
        The sheet's path, or None when the dataset has no pictures.
    """
    pictures = dataset_pictures(folder)
    if not pictures:
        return None
    rows = _rows(pictures)
    boxes = {picture: dataset_boxes(picture) for row in rows for picture in row}
    subtitle = _subtitle(pictures, boxes)
    width = SHEET_WIDTH
    while True:
        content = _png(_sheet(rows, boxes, title or folder.name, subtitle, width))
        if len(content) <= MAX_BYTES or width < 400:
            break
        width = round(width * 0.85)
    sink.write(FILE_NAME, content)
    return folder / FILE_NAME


def _rows(pictures: Sequence[DatasetPicture]) -> list[list[DatasetPicture]]:
    """Choose cameras and frames: about a dozen pictures."""
    cameras: dict[str, list[DatasetPicture]] = {}
    for picture in pictures:
        cameras.setdefault(picture.camera, []).append(picture)
    chosen = [cameras[name] for name in _spread(sorted(cameras), MAX_CAMERAS)]
    if len(chosen) == 1:
        frames = _spread(chosen[0], 6)
        return [frames[:3], frames[3:]] if len(frames) > 3 else [frames]
    return [_spread(row, 4 if len(chosen) <= 3 else 3) for row in chosen]


def _spread(items: Sequence[T], count: int) -> list[T]:
    """Return at most ``count`` of the items, evenly spaced, first and last included."""
    if len(items) <= count:
        return list(items)
    return [items[round(index * (len(items) - 1) / (count - 1))] for index in range(count)]


def _subtitle(pictures: Sequence[DatasetPicture], boxes: dict[DatasetPicture, list[DatasetBox]]) -> str:
    cameras = len({picture.camera for picture in pictures})
    frames = sorted({picture.frame for picture in pictures})
    parts = [
        f"{cameras} camera{'s' if cameras != 1 else ''}",
        f"{len(frames)} frames, {frames[0]} to {frames[-1]}",
    ]
    people = {box.prim_path for found in boxes.values() for box in found if box.is_agent}
    things = {box.prim_path for found in boxes.values() for box in found if not box.is_agent}
    if people:
        parts.append(f"{len(people)} actors shown")
    if things:
        parts.append(f"{len(things)} objects shown")
    return "   ·   ".join(parts)


def _sheet(
    rows: Sequence[Sequence[DatasetPicture]],
    boxes: dict[DatasetPicture, list[DatasetBox]],
    title: str,
    subtitle: str,
    width: int,
) -> Image.Image:
    columns = max(len(row) for row in rows)
    tile_width = (width - 2 * _MARGIN - (columns - 1) * _GAP) // columns
    first = Image.open(rows[0][0].path)
    tile_height = max(1, round(tile_width * first.height / first.width))
    unit = max(11, width // 90)
    head, line = round(unit * 3.6) + _MARGIN, round(unit * 1.9)
    captions = [
        row[0].camera if index == 0 or row[0].camera != rows[index - 1][0].camera else ""
        for index, row in enumerate(rows)
    ]
    height = head + sum(tile_height + _GAP + (line if caption else 0) for caption in captions) + _MARGIN - _GAP
    sheet = Image.new("RGB", (width, height), _PAPER)
    canvas = ImageDraw.Draw(sheet)
    canvas.text((_MARGIN, _MARGIN), title, fill=_INK, font=font(round(unit * 1.5)))
    canvas.text((_MARGIN, _MARGIN + round(unit * 2.0)), subtitle, fill=_FAINT, font=font(unit))
    colors = _colors(boxes)
    top = head
    for caption, row in zip(captions, rows, strict=True):
        if caption:
            canvas.text((_MARGIN, top + line - round(unit * 0.5)), caption, fill=_FAINT, font=font(unit), anchor="ls")
            top += line
        for column, picture in enumerate(row):
            tile = _tile(picture, boxes[picture], colors, (tile_width, tile_height), unit)
            sheet.paste(tile, (_MARGIN + column * (tile_width + _GAP), top))
        top += tile_height + _GAP
    return sheet


def _tile(
    picture: DatasetPicture,
    boxes: Sequence[DatasetBox],
    colors: dict[str, Color],
    size: tuple[int, int],
    unit: int,
) -> Image.Image:
    with Image.open(picture.path) as full:
        scale = size[0] / full.width
        tile = full.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    tile = draw_boxes(tile, _overlay(boxes, colors), scale=scale, text_size=min(round(unit * 0.65), size[1] // 20))
    stamp = f"frame {picture.frame}   {picture.frame / FRAMES_PER_SECOND:.2f} s"
    chip(ImageDraw.Draw(tile), (6, size[1] - round(unit * 1.4) - 6), stamp, round(unit * 0.8), _PLATE)
    return tile


def _overlay(boxes: Sequence[DatasetBox], colors: dict[str, Color]) -> list[OverlayBox]:
    """Choose what to draw of one picture: all actors, nearest first, and the larger objects, named if they are few."""
    actors = sorted((box for box in boxes if box.is_agent), key=lambda box: (-_height(box), box.prim_path))
    objects = sorted((box for box in boxes if not box.is_agent), key=lambda box: (-_height(box), box.prim_path))
    named = len(objects) <= MAX_NAMED_OBJECTS
    return [
        *(OverlayBox(_name(box), box.box, box.occlusion, colors[box.prim_path]) for box in actors),
        *(OverlayBox(_name(box) if named else "", box.box, 0.0, _OBJECT, faint=True) for box in objects[:MAX_OBJECTS]),
    ]


def _name(box: DatasetBox) -> str:
    return box.prim_path.rpartition("/")[2]


def _height(box: DatasetBox) -> int:
    return box.box[3] - box.box[1]


def _colors(boxes: dict[DatasetPicture, list[DatasetBox]]) -> dict[str, Color]:
    """Give each actor a colour of its own; objects share one."""
    people = sorted({box.prim_path for found in boxes.values() for box in found if box.is_agent})
    return {path: _bright(0.58 + rank * GOLDEN_RATIO) for rank, path in enumerate(people)}


def _bright(hue: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, 0.72, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()

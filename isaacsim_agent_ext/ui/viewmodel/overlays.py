"""What is drawn over a picture to look at: boxes, skeletons and masks."""

from __future__ import annotations

import colorsys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isaacsim_agent_ext.capture.colors import GOLDEN_RATIO
from isaacsim_agent_ext.writers.dataset_pictures import DatasetBox, boxes_in_record

BOXES, SKELETONS, MASKS = OVERLAYS = ("boxes", "skeletons", "masks")

_LEAST_WIDTH = 640  # px
_MASK_STRENGTH = 0.55
_MOST_OBJECTS = 40
_OBJECT = (196, 202, 212)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A person's joints in a picture.

    Attributes:
        points: ``(joints, 2)`` [px].
        parents: For each joint the index of the one above it, or -1.
    """

    points: np.ndarray
    parents: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Overlays:
    """What can be drawn over one picture.

    Attributes:
        boxes: Tight boxes.
        skeletons: Skeletons by the actor's prim path.
        masks: ``(height, width, 4)`` uint8, a colour per object, or None.
    """

    boxes: tuple[DatasetBox, ...] = ()
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)
    masks: np.ndarray | None = None


def overlays_in_record(record: Mapping[str, Any], masks: np.ndarray | None = None) -> Overlays:
    """Return what an ``object_detection`` record has to draw."""
    skeletons = {}
    for prim_path, entry in record.get("agents", {}).items():
        data = entry["annotators"].get("skeleton_data")
        if data is not None:
            points = np.array(data["translations_2d"], float).reshape(-1, 2)
            skeletons[prim_path] = Skeleton(points, tuple(data["skeleton_parents"]))
    return Overlays(tuple(boxes_in_record(dict(record))), skeletons, masks)


def drawn_over(picture: np.ndarray, overlays: Overlays, shown: Collection[str], width: int) -> np.ndarray:
    """Return a picture of a given width with overlays.

    Args:
        picture: ``(height, width, 4)`` uint8.
        overlays: What there is to draw.
        shown: Which of `OVERLAYS` to draw.
        width: Of the result; small pictures are enlarged, so that names fit, but no more than needed [px].

    Returns:
        ``(height, width, 4)`` uint8, opaque.

    Raises:
        DependencyError: Pillow is not installed.
    """
    from isaacsim_agent_ext.writers.overlay import draw_boxes

    full_height, full_width = picture.shape[:2]
    width = max(min(width, full_width), _LEAST_WIDTH)
    scale = width / full_width
    image = _opaque(picture)
    if MASKS in shown and overlays.masks is not None and overlays.masks.shape[:2] == image.shape[:2]:
        image = _blended(image, overlays.masks)
    canvas = _resized(image, width, max(1, round(full_height * scale)))
    if SKELETONS in shown:
        _draw_skeletons(canvas, overlays.skeletons, scale)
    if BOXES in shown:
        canvas = draw_boxes(canvas, _boxes(overlays.boxes), scale=scale)
    rgba = np.full((canvas.height, canvas.width, 4), 255, np.uint8)
    rgba[..., :3] = np.asarray(canvas.convert("RGB"))
    return rgba


def _opaque(picture: np.ndarray) -> np.ndarray:
    """Return the picture before black, as RGB: labels have a transparent background."""
    if picture.shape[2] == 3 or int(picture[..., 3].min(initial=255)) == 255:
        return picture[..., :3]
    alpha = picture[..., 3:].astype(np.uint16)
    return (picture[..., :3] * alpha // 255).astype(np.uint8)


def _blended(image: np.ndarray, masks: np.ndarray) -> np.ndarray:
    colored = (masks[..., 3] > 0) & (masks[..., :3].any(axis=2))
    blended = image.copy()
    mixed = image[colored] * (1 - _MASK_STRENGTH) + masks[..., :3][colored] * _MASK_STRENGTH
    blended[colored] = mixed.astype(np.uint8)
    return blended


def _resized(image: np.ndarray, width: int, height: int) -> Any:
    from PIL import Image

    whole = Image.fromarray(np.ascontiguousarray(image))
    return whole if whole.size == (width, height) else whole.resize((width, height), Image.Resampling.BILINEAR)


def _draw_skeletons(canvas: Any, skeletons: Mapping[str, Skeleton], scale: float) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(canvas)
    stroke = max(1, round(canvas.height / 260))
    for prim_path, skeleton in sorted(skeletons.items()):
        color = _color_of(prim_path)
        points = skeleton.points * scale
        for joint, parent in enumerate(skeleton.parents):
            if parent >= 0 and np.isfinite(points[[joint, parent]]).all():
                pen.line([tuple(points[parent]), tuple(points[joint])], fill=color, width=stroke)


def _boxes(boxes: Sequence[DatasetBox]) -> list[Any]:
    from isaacsim_agent_ext.writers.overlay import OverlayBox

    agents = sorted((box for box in boxes if box.is_agent), key=lambda box: box.prim_path)
    objects = sorted((box for box in boxes if not box.is_agent), key=_area, reverse=True)[:_MOST_OBJECTS]
    named = [
        OverlayBox(box.prim_path.rsplit("/", 1)[-1], box.box, box.occlusion, _color_of(box.prim_path)) for box in agents
    ]
    return named + [OverlayBox("", box.box, 0.0, _OBJECT, faint=True) for box in objects]


def _area(box: DatasetBox) -> int:
    return (box.box[2] - box.box[0]) * (box.box[3] - box.box[1])


def _color_of(prim_path: str) -> tuple[int, int, int]:
    """Return an actor's colour, the same in every picture."""
    number = sum(ord(character) * (index + 1) for index, character in enumerate(prim_path))
    red, green, blue = colorsys.hls_to_rgb(number * GOLDEN_RATIO % 1.0, 0.62, 0.85)
    return round(red * 255), round(green * 255), round(blue * 255)

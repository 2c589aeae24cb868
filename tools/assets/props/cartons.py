"""Cardboard boxes: four makes in the sizes a warehouse holds."""

from __future__ import annotations

from ..geometry.shapes import box
from ..geometry.solid import Solid, paint
from ..prop import Prop
from ..textures.packaging import CARTON_CELL

SIZES: dict[str, tuple[float, float, float]] = {
    "SM_CardBoxA_01": (0.60, 0.40, 0.40),
    "SM_CardBoxA_02": (0.40, 0.40, 0.30),
    "SM_CardBoxA_03": (0.40, 0.30, 0.20),
    "SM_CardBoxB_01": (0.58, 0.38, 0.30),
    "SM_CardBoxB_02": (0.40, 0.38, 0.36),
    "SM_CardBoxB_03": (0.30, 0.25, 0.20),
    "SM_CardBoxC_01": (0.50, 0.40, 0.40),
    "SM_CardBoxC_02": (0.36, 0.26, 0.16),
    "SM_CardBoxD_01": (0.60, 0.50, 0.45),
    "SM_CardBoxD_02": (0.50, 0.35, 0.25),
    "SM_CardBoxD_03": (0.35, 0.35, 0.35),
    "SM_CardBoxD_04": (0.32, 0.28, 0.24),
    "SM_CardBoxD_05": (0.25, 0.20, 0.15),
}
"""Prop name to length, width and height [m]."""

# Cells of the carton texture (column, row from the bottom): see `textures.packaging.carton`.
_TAPED, _LABEL, _MARKS, _PLAIN = (0, 1), (1, 1), (0, 0), (1, 0)
_CELL_OF_FACE = {"+z": _TAPED, "-z": _PLAIN, "-y": _LABEL, "+y": _MARKS, "+x": _PLAIN, "-x": _MARKS}


def carton_solid(name: str) -> Solid:
    """A closed carton standing on z = 0, its face with the shipping label to -y."""
    length, width, height = SIZES[name]
    spans = {"x": (width, height), "y": (length, height), "z": (length, width)}
    uv_boxes = {}
    for face, (column, row) in _CELL_OF_FACE.items():
        u_span, v_span = (min(span / CARTON_CELL, 1.0) * 0.5 for span in spans[face[1]])
        u, v = column * 0.5 + 0.25, row * 0.5 + 0.25
        uv_boxes[face] = (u - u_span / 2, v - v_span / 2, u + u_span / 2, v + v_span / 2)
    look = "Carton" + name[len("SM_CardBox")]
    return paint(look, box((length, width, height), (0, 0, height / 2), bevel=0.006, uv_boxes=uv_boxes))


def cartons() -> list[Prop]:
    """All sizes."""
    return [Prop(name, "cardbox", carton_solid(name)) for name in SIZES]

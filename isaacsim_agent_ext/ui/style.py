"""How the panel looks: its colours, its distances, and one style sheet of named styles.

Widgets say what they are by ``style_type_name_override`` and in which state they are by ``name``; no colour or distance
stands anywhere else. omni.ui writes colours as ``0xAABBGGRR``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.resources import extension_root

ROW = 22
"""Height of one row of a form [px]."""
GAP = 4
"""Distance between rows, and between the parts of a row [px]."""
INDENT = 8
"""How much further in the fields of a section stand than its header [px]."""
LABEL = 164
"""Width of the column of labels at the outermost level [px]; it shrinks with the indent, so that fields align."""
LABEL_LEAST = 104
"""Least width of a label, however deep it stands [px]."""
SIDE = 20
"""Width of the column at the right, with the arrow that resets a field [px]."""
FONT = 15
"""Size of the text where a style says nothing else [px]."""
TOOL = 26
"""Size of a button with an icon in the toolbar [px]."""


def rgb(hex_color: int, alpha: float = 1.0) -> int:
    """Return a colour as omni.ui writes it, from ``0xRRGGBB``."""
    red, green, blue = hex_color >> 16 & 255, hex_color >> 8 & 255, hex_color & 255
    return round(alpha * 255) << 24 | blue << 16 | green << 8 | red


WINDOW = rgb(0x3A3A3A)
BAR = rgb(0x2B2B2B)
SECTION = rgb(0x323232)
SECTION_INNER = rgb(0x393939)
ENTRY = rgb(0x424242)
FIELD = rgb(0x1F2123)
FIELD_HOVERED = rgb(0x26292B)
LINE = rgb(0x262626)
EDGE = rgb(0x4B4B4B)
BUTTON = rgb(0x4A4A4A)
BUTTON_HOVERED = rgb(0x5A5A5A)
BUTTON_PRESSED = rgb(0x2A2A2A)
BUTTON_DISABLED = rgb(0x3E3E3E)
TEXT = rgb(0xD6D6D6)
TEXT_STRONG = rgb(0xF2F2F2)
TEXT_MUTED = rgb(0x8C8C8C)
TEXT_FAINT = rgb(0x6A6A6A)
ACCENT = rgb(0x76B900)
ACCENT_HOVERED = rgb(0x8BD400)
FOCUS = rgb(0x34A0D6)
RED = rgb(0xE0564B)
RED_FAINT = rgb(0x5A2E2B)
AMBER = rgb(0xE2A93B)
CLEAR = 0x00000000
AXES = (rgb(0xA5453B), rgb(0x5A8A2A), rgb(0x2F6FA8))
"""Of x, y and z."""


def icon(name: str) -> str:
    """Return the path of one of our icons; they are white and take the ``color`` of their style."""
    return str(_ICONS / f"{name}.png")


_ICONS: Path = extension_root() / "data" / "ui"


def _icons(color: int = TEXT) -> dict[str, dict[str, Any]]:
    return {
        "Panel.Icon": {"color": color},
        "Panel.Icon::muted": {"color": TEXT_MUTED},
        "Panel.Icon::problem": {"color": RED},
        "Panel.Icon::warning": {"color": AMBER},
        "Panel.Icon::good": {"color": ACCENT},
        "Panel.Icon:disabled": {"color": TEXT_FAINT},
    }


def _buttons() -> dict[str, dict[str, Any]]:
    return {
        "Panel.Button": {"background_color": BUTTON, "border_radius": 3, "margin": 0, "padding": 4},
        "Panel.Button:hovered": {"background_color": BUTTON_HOVERED},
        "Panel.Button:pressed": {"background_color": BUTTON_PRESSED},
        "Panel.Button:disabled": {"background_color": BUTTON_DISABLED},
        "Panel.Button.Label": {"color": TEXT, "alignment": ui.Alignment.CENTER},
        "Panel.Button.Label:disabled": {"color": TEXT_FAINT},
        "Panel.Button::primary": {"background_color": ACCENT},
        "Panel.Button::primary:hovered": {"background_color": ACCENT_HOVERED},
        "Panel.Button::primary:disabled": {"background_color": BUTTON_DISABLED},
        "Panel.Button.Label::primary": {"color": rgb(0x10160A)},
        "Panel.Button.Label::primary:disabled": {"color": TEXT_FAINT},
        "Panel.Switch": {"background_color": FIELD, "border_radius": 3, "margin": 0, "padding": 2},
        "Panel.Switch:hovered": {"background_color": FIELD_HOVERED},
        "Panel.Switch::on": {"background_color": BUTTON},
        "Panel.Switch.Label": {"color": TEXT_MUTED, "alignment": ui.Alignment.CENTER},
        "Panel.Switch.Label::on": {"color": TEXT_STRONG},
        "Panel.Tool": {"background_color": CLEAR, "border_radius": 3, "margin": 0, "padding": 4},
        "Panel.Tool:disabled": {"background_color": CLEAR},
        "Panel.Tool:hovered": {"background_color": BUTTON},
        "Panel.Tool:pressed": {"background_color": BUTTON_PRESSED},
        "Panel.Tool:checked": {"background_color": BUTTON},
        "Panel.Tool.Image": {"color": TEXT},
        "Panel.Tool.Image:disabled": {"color": TEXT_FAINT},
        "Panel.Tool.Image::muted": {"color": TEXT_MUTED},
        "Panel.Tool.Image::muted:hovered": {"color": TEXT_STRONG},
        "Panel.Tool.Image::hidden:disabled": {"color": CLEAR},
        "Panel.Tool.Image::checked": {"color": ACCENT},
        "Panel.Add": {"background_color": CLEAR, "border_radius": 3, "border_width": 1, "border_color": EDGE},
        "Panel.Add:hovered": {"background_color": ENTRY},
        "Panel.Add.Label": {"color": TEXT_MUTED},
        "Panel.Add.Label:hovered": {"color": TEXT_STRONG},
    }


def _labels() -> dict[str, dict[str, Any]]:
    return {
        "Panel.Label": {"color": TEXT},
        "Panel.Label::default": {"color": TEXT_MUTED},
        "Panel.Label::required": {"color": TEXT_STRONG},
        "Panel.Unit": {"color": TEXT_MUTED, "font_size": 13},
        "Panel.Title": {"color": TEXT_STRONG, "font_size": 15},
        "Panel.Section.Title": {"color": TEXT_STRONG, "font_size": 14},
        "Panel.Entry.Title": {"color": TEXT, "font_size": 14},
        "Panel.Placeholder": {"color": TEXT_FAINT},
        "Panel.Tooltip.Title": {"color": TEXT_STRONG},
        "Panel.Tooltip.Text": {"color": TEXT},
        "Panel.Tooltip.Note": {"color": TEXT_MUTED, "font_size": 13},
        "Panel.Note": {"color": TEXT_MUTED, "font_size": 13},
        "Panel.Where": {"color": TEXT, "font_size": 13},
        "Panel.Message": {"color": TEXT_MUTED, "font_size": 13},
        "Panel.Note::warning": {"color": AMBER, "font_size": 13},
        "Panel.Note::problem": {"color": RED, "font_size": 13},
        "Panel.Problem": {"color": RED, "font_size": 13},
        "Panel.Problem::warning": {"color": AMBER, "font_size": 13},
        "Panel.Badge.Label": {"color": TEXT_STRONG, "font_size": 12},
        "Panel.Tab.Label": {"color": TEXT_MUTED},
        "Panel.Tab.Label:hovered": {"color": TEXT},
        "Panel.Tab.Label:selected": {"color": TEXT_STRONG},
        "Panel.Axis": {"color": TEXT_STRONG, "font_size": 12},
    }


def _fields() -> dict[str, dict[str, Any]]:
    styles: dict[str, dict[str, Any]] = {}
    plain = {
        "background_color": FIELD,
        "background_selected_color": FOCUS,
        "secondary_color": FIELD,
        "secondary_selected_color": TEXT,
        "color": TEXT,
        "border_color": CLEAR,
        "border_width": 1,
        "border_radius": 3,
        "padding": 3,
    }
    for kind in ("Panel.Field", "Panel.Drag", "Panel.Combo", "Panel.Text"):
        styles |= {
            kind: dict(plain),
            f"{kind}:hovered": {"background_color": FIELD_HOVERED},
            f"{kind}:pressed": {"border_color": FOCUS},
            f"{kind}:selected": {"border_color": FOCUS},
            f"{kind}::default": plain | {"color": TEXT_MUTED, "secondary_selected_color": TEXT_MUTED},
            f"{kind}::unset": plain | {"color": CLEAR, "secondary_selected_color": CLEAR},
            f"{kind}::problem": plain | {"border_color": RED},
        }
    styles["Panel.Drag"]["draw_mode"] = 1
    for name in ("Panel.Combo", "Panel.Combo::default", "Panel.Combo::problem"):
        styles[name] = styles[name] | {"secondary_color": BUTTON, "selected_color": FOCUS}
    styles |= {
        "Panel.Check": {"background_color": FIELD, "color": ACCENT, "border_radius": 2, "font_size": 14},
        "Panel.Check::default": {"background_color": FIELD, "color": TEXT_MUTED, "border_radius": 2, "font_size": 14},
        "Panel.Check::problem": {"border_color": RED, "border_width": 1},
    }
    return styles


def style_sheet(font_scale: float = 1.0) -> dict[str, dict[str, Any]]:
    """Return the style of everything in the panel.

    Args:
        font_scale: How much larger than usual to write.
    """
    sheet = _containers() | _icons() | _buttons() | _labels() | _fields()
    if font_scale != 1:
        sheet = {name: one | {"font_size": one.get("font_size", FONT) * font_scale} for name, one in sheet.items()}
    return sheet


def _containers() -> dict[str, dict[str, Any]]:
    return {
        "Window": {"background_color": WINDOW, "border_width": 0, "padding": 0},
        "Tooltip": {"background_color": rgb(0x202020), "color": TEXT, "border_width": 1, "border_color": EDGE},
        "Panel.Background": {"background_color": WINDOW},
        "Panel.Bar": {"background_color": BAR},
        "Panel.Line": {"color": LINE, "background_color": LINE},
        "Panel.Section": {"background_color": SECTION, "border_radius": 3},
        "Panel.Section.Header": {"background_color": BAR, "border_radius": 3},
        "Panel.Section.Header:hovered": {"background_color": rgb(0x353535)},
        "Panel.Entry": {"background_color": SECTION_INNER, "border_radius": 3},
        "Panel.Entry.Header": {"background_color": ENTRY, "border_radius": 3},
        "Panel.Badge": {"background_color": RED, "border_radius": 7},
        "Panel.Badge::warning": {"background_color": AMBER, "border_radius": 7},
        "Panel.Divider": {"background_color": EDGE},
        "Panel.Entry.Header:hovered": {"background_color": rgb(0x4B4B4B)},
        "Panel.Banner": {"background_color": RED_FAINT, "border_radius": 3},
        "Panel.List": {"background_color": FIELD, "border_radius": 3},
        "Panel.Editor.Background": {"background_color": FIELD},
        "Panel.Editor.Mark": {"background_color": RED_FAINT},
        "Panel.Editor.Numbers": {"color": TEXT_FAINT, "font_size": 14, "margin_height": 4},
        "Panel.Editor": {
            "background_color": CLEAR,
            "background_selected_color": FOCUS,
            "color": TEXT,
            "font_size": 14,
            "padding": 4,
            "border_width": 0,
        },
        "Panel.Tab": {"background_color": CLEAR, "border_radius": 0},
        "Panel.Tab:hovered": {"background_color": rgb(0x333333)},
        "Panel.Tab.Mark": {"background_color": ACCENT},
        "Panel.Row": {"background_color": CLEAR, "border_radius": 2},
        "Panel.Row:hovered": {"background_color": ENTRY},
        "Panel.Row:selected": {"background_color": rgb(0x2D4A1F)},
        "Panel.Toast": {"background_color": BAR, "border_color": EDGE, "border_width": 1, "border_radius": 4},
        "Panel.AxisBox": {"border_radius": 3, "corner_flag": 5},
        "ScrollingFrame": {"background_color": CLEAR, "scrollbar_size": 10, "secondary_color": rgb(0x565656)},
        "TreeView": {"background_color": FIELD, "background_selected_color": ENTRY, "secondary_color": ENTRY},
        "TreeView:selected": {"background_color": rgb(0x2D4A1F)},
        **{
            f"Panel.Progress{name}": {
                "background_color": FIELD,
                "color": color,
                "secondary_color": CLEAR,
                "border_radius": 2,
                "border_width": 0,
                "font_size": 1,
            }
            for name, color in (
                ("", TEXT_FAINT),
                ("::idle", TEXT_FAINT),
                ("::busy", ACCENT),
                ("::good", ACCENT),
                ("::error", RED),
            )
        },
        "Panel.Picture": {"background_color": FIELD, "border_radius": 3},
        "Panel.Slider": {
            "draw_mode": 0,
            "background_color": FIELD,
            "secondary_color": BUTTON,
            "secondary_selected_color": ACCENT,
            "color": CLEAR,
            "border_radius": 3,
        },
        "ProgressBar": {
            "background_color": FIELD,
            "secondary_color": FIELD,
            "color": ACCENT,
            "border_radius": 3,
            "font_size": 13,
        },
    }

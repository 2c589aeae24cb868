"""A kind of document that has nothing to do with agents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isaacsim_agent_ext.config.schema import Format
from isaacsim_agent_ext.config.validation import Finding
from isaacsim_agent_ext.ui.viewmodel.document_kind import DocumentKind

SHAPE: dict[str, Any] = {
    "title": "Shape",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {
        "ball": {
            "title": "Ball",
            "type": "object",
            "required": ["radius"],
            "properties": {
                "radius": {
                    "title": "Radius",
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "x-unit": "m",
                    "examples": [0.5],
                },
                "name": {"title": "Name", "type": "string", "default": "thing"},
            },
            "additionalProperties": False,
        },
        "brick": {
            "title": "Brick",
            "description": "A box.",
            "type": "object",
            "properties": {
                "size": {
                    "title": "Size",
                    "type": "array",
                    "items": {"type": "number", "minimum": 0},
                    "minItems": 3,
                    "maxItems": 3,
                    "default": [1.0, 1.0, 1.0],
                },
                "name": {"title": "Name", "type": "string", "default": "thing"},
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}

SCHEMA: dict[str, Any] = {
    "title": "Toy box",
    "type": "object",
    "required": ["count"],
    "not": {"required": ["near", "far"]},
    "x-choice": "Where",
    "properties": {
        "count": {"title": "Count", "type": "integer", "minimum": 1, "maximum": 9, "examples": [3]},
        "mode": {"title": "Mode", "enum": ["slow", "fast"], "default": "slow"},
        "loud": {"type": "boolean", "default": False},
        "span": {
            "title": "Span",
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
            "x-ordered": True,
            "x-unit": "s",
            "default": [1.0, 2.0],
        },
        "near": {"title": "Near", "type": "object", "properties": {"reach": {"type": "number", "default": 1.0}}},
        "far": {"title": "Far", "type": "string"},
        "shapes": {"title": "Shapes", "type": "array", "items": SHAPE, "default": [{"brick": {}}]},
        "boxes": {
            "title": "Boxes",
            "type": "object",
            "default": {},
            "additionalProperties": {
                "title": "Toy chest",
                "type": "object",
                "required": ["owner"],
                "properties": {
                    "owner": {"title": "Owner", "type": "string", "minLength": 1, "examples": ["Ada"]},
                    "weight": {"type": ["number", "null"], "default": None, "x-unit": "kg"},
                },
                "additionalProperties": False,
            },
        },
        "outputs": {
            "title": "Outputs",
            "type": "object",
            "patternProperties": {
                r"^File(_[0-9]+)?\Z": {
                    "title": "File",
                    "type": "object",
                    "properties": {
                        "folder": {"type": "string", "format": "directory", "default": "~/out"},
                        "depth": {"type": "integer", "default": 1},
                    },
                    "additionalProperties": False,
                },
                r"^Stream(_[0-9]+)?\Z": {
                    "title": "Stream",
                    "type": "object",
                    "required": ["address"],
                    "properties": {
                        "address": {"type": "string", "examples": ["rtsp://here"]},
                        "depth": {"type": "integer", "default": 1},
                    },
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
        "extra": {
            "title": "Extra",
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "additionalProperties": True,
        },
        "notes": {"type": "string", "contentMediaType": "text/plain"},
        "asset": {"type": "string", "format": "asset-path"},
        "prim": {"type": "string", "format": "prim-path"},
    },
    "additionalProperties": False,
}


def _rules(section: dict[str, Any]) -> Iterator[Finding]:
    if section.get("mode") == "fast" and section.get("loud") is True:
        yield Finding(("loud",), "fast things are loud enough", severity="warning")


def toy_box() -> DocumentKind:
    """Return the kind."""
    return DocumentKind("Toy box", Format("toy.box", SCHEMA), rules=_rules)

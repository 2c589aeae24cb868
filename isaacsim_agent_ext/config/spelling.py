"""Keys that can be spelt in two ways (``x-alias-of`` in the schema): writing them as a file does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isaacsim_agent_ext.config.schema import Schema, child_schema


def spelling(key: str, written: Any, properties: Mapping[str, Any]) -> str:
    """Return the spelling of a key that a file uses, of the two that some have.

    Args:
        key: The key.
        written: The map as the file has it, or anything else when it has none.
        properties: The schemas of the map's keys.
    """
    if not isinstance(written, dict) or key in written:
        return key
    canonical = properties.get(key, {}).get("x-alias-of", key)
    spellings = [
        name for name, child in properties.items() if name == canonical or child.get("x-alias-of") == canonical
    ]
    return next((name for name in spellings if name in written), key)


def spelt_as(data: Any, written: Any, schema: Schema) -> Any:
    """Return data with every key spelt as a file does.

    Args:
        data: Any value that the schema allows.
        written: The same as the file has it.
        schema: Its flattened schema.
    """
    if isinstance(data, dict):
        properties = schema.get("properties", {})
        said = written if isinstance(written, dict) else {}
        spelt = {key: spelling(key, said, properties) for key in data}
        return {
            spelt[key]: spelt_as(value, said.get(spelt[key]), child_schema(schema, key) or {})
            for key, value in data.items()
        }
    if isinstance(data, list):
        said_items = written if isinstance(written, list) else []
        item = schema.get("items", {})
        return [spelt_as(one, said_items[i] if i < len(said_items) else None, item) for i, one in enumerate(data)]
    return data

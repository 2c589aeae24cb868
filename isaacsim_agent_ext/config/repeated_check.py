"""Checking a section again after every edit, at the cost of what was edited.

Editors change one value at a time and need to know at once what is wrong. What is found in a map or list is remembered
by the map or list itself, so a section in which most of them are the very same objects as before is checked in a
fraction of the time. Nothing that was checked may be changed afterwards: an edit makes new maps and lists on the way
to the value, and shares the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import extend

from isaacsim_agent_ext.config.dialect import DIALECT, Violation, violations
from isaacsim_agent_ext.config.schema import Format, Schema

_MOST_REMEMBERED = 20_000


class RepeatedCheck:
    """Finds what breaks a schema, and remembers it.

    Args:
        kind: The kind of config file.
    """

    def __init__(self, kind: Format):
        self._known: dict[tuple[int, int], tuple[Any, tuple[ValidationError, ...]]] = {}
        keywords = {
            "properties": self._properties,
            "additionalProperties": self._additional_properties,
            "items": self._items,
        }
        self._validator = extend(DIALECT, keywords)(kind.schema)

    def violations(self, section: Mapping[str, Any]) -> Iterator[Violation]:
        """Yield all that the schema finds wrong, as `isaacsim_agent_ext.config.dialect.violations` does."""
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        return violations(section, self._validator)

    def _properties(self, validator: Any, properties: Schema, value: Any, _: Schema) -> Iterator[ValidationError]:
        if isinstance(value, dict):
            for key, schema in properties.items():
                if key in value:
                    yield from self._within(validator, value[key], schema, key, key)

    def _additional_properties(
        self, validator: Any, free: Any, value: Any, schema: Schema
    ) -> Iterator[ValidationError]:
        if isinstance(value, dict) and isinstance(free, dict) and "patternProperties" not in schema:
            for key in value:
                if key not in schema.get("properties", {}):
                    yield from self._within(validator, value[key], free, key, None)
        else:
            yield from DIALECT.VALIDATORS["additionalProperties"](validator, free, value, schema)

    def _items(self, validator: Any, schema: Any, value: Any, whole: Schema) -> Iterator[ValidationError]:
        if isinstance(value, list) and isinstance(schema, dict) and "prefixItems" not in whole:
            for i, item in enumerate(value):
                yield from self._within(validator, item, schema, i, None)
        else:
            yield from DIALECT.VALIDATORS["items"](validator, schema, value, whole)

    def _within(
        self, validator: Any, value: Any, schema: Schema, key: str | int, keyword: str | None
    ) -> Iterator[ValidationError]:
        """Yield the errors in an entry of a map or list, as seen from that map or list."""
        if not isinstance(value, dict | list):
            yield from validator.descend(value, schema, path=key, schema_path=keyword)
            return
        place = (id(schema), id(value))
        known = self._known.get(place)
        if known is None:
            errors = tuple(validator.evolve(schema=schema).iter_errors(value))
            known = self._known[place] = ((schema, value), errors)  # held on to, so that their ids stay theirs
        for error in known[1]:
            seen_from_here = ValidationError.create_from(error)
            seen_from_here.relative_path.appendleft(key)
            if keyword is not None:
                seen_from_here.relative_schema_path.appendleft(keyword)
            yield seen_from_here

"""JSON Schema as our schema means it: draft 2020-12 by ``jsonschema``, and what a config needs beyond it.

- ``x-ordered`` is a keyword: of a list of two numbers, the first must not be larger.
- Infinity and "not a number", which YAML can say and JSON cannot, are no numbers.
- ``uniqueItems`` says which items are repeated, in linear time.

Importing this module loads ``jsonschema``, so it is imported when a config is checked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from isaacsim_agent_ext.config.schema import KeyPath, Schema, section_schema
from isaacsim_agent_ext.config.wording import found


@dataclass(frozen=True, slots=True)
class Violation:
    """One keyword of the schema that one value breaks.

    Attributes:
        path: Of the value; of the map, when the name of a key is wrong.
        keyword: The keyword, such as ``"minimum"``.
        argument: What the schema says under the keyword.
        schema: The part of the schema in which the keyword stands.
        value: What was found: a value, or the name of a key.
        of_name: Whether it is the name of a key that is wrong.
        message: Written for the user where the keyword is one of this module.
    """

    path: KeyPath
    keyword: str
    argument: Any
    schema: Schema
    value: Any
    of_name: bool
    message: str


def violations(section: Any, validator: Validator | None = None) -> Iterator[Violation]:
    """Yield all that the schema finds wrong with what stands under the root key, as it is found.

    Args:
        section: What stands under the root key.
        validator: For a schema other than the agent config's.
    """
    for error in (validator or _validator()).iter_errors(section):
        schema: Any = error.schema
        yield Violation(
            path=tuple(error.path),
            keyword=str(error.validator),
            argument=error.validator_value,
            schema=schema,
            value=error.instance,
            of_name="propertyNames" in error.schema_path,
            message=error.message,
        )


def is_valid(schema: Schema, value: Any) -> bool:
    """Return whether a part of the schema allows ``value``."""
    return _validator().evolve(schema=schema).is_valid(value)


@cache
def _validator() -> Validator:
    return DIALECT(section_schema())


def _is_number(_checker: TypeChecker, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _ordered(validator: Validator, wanted: bool, value: Any, _schema: Schema) -> Iterator[ValidationError]:
    is_pair = validator.is_type(value, "array") and len(value) == 2
    if wanted and is_pair and all(validator.is_type(number, "number") for number in value) and value[0] > value[1]:
        yield ValidationError(f"found [{value[0]}, {value[1]}], expected [min, max] with the smaller number first")


def _unique(validator: Validator, wanted: bool, value: Any, _schema: Schema) -> Iterator[ValidationError]:
    first: dict[str, int] = {}
    for i, item in enumerate(value if wanted and validator.is_type(value, "array") else ()):
        earlier = first.setdefault(repr(item), i)
        if earlier != i:
            message = f"found {found(item)} a second time, after item {earlier}; remove it"
            yield ValidationError(message, path=[i])


DIALECT = extend(
    Draft202012Validator,
    {"x-ordered": _ordered, "uniqueItems": _unique},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number),
)
"""The validator class of our dialect."""

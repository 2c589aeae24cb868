"""What the schema finds wrong with a config, in words that say what its author probably meant.

``jsonschema`` evaluates the schema. Here its errors become findings: those about one value become one, what is wrong
inside a value of the wrong kind is left out, a key in the wrong place is told where it belongs, and fields that stand
beside their key instead of inside it are recognized. Choices such as ``wander`` or ``patrol`` are maps of one key, so
an error always belongs to the branch that was meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from isaacsim_agent_ext.config.describe import keys
from isaacsim_agent_ext.config.schema import (
    Format,
    KeyPath,
    Schema,
    agent_format,
    child_schema,
    dotted,
    path_parts,
    schema_at,
)
from isaacsim_agent_ext.config.wording import advice, because, code, expected, found, listing, nearest

if TYPE_CHECKING:
    from isaacsim_agent_ext.config.dialect import Violation

_MOST_KEYS_LISTED = 16

_OF_NUMBERS = frozenset(("minimum", "maximum", "exclusiveMinimum"))
_OF_TEXTS_AND_LISTS = frozenset(("pattern", "minLength", "minItems", "maxItems"))
_REFUSING_VALUES = frozenset(("type", "enum", "const", "anyOf")) | _OF_NUMBERS | _OF_TEXTS_AND_LISTS
"""Keywords that refuse a value as a whole, so that nothing need be said about what is in it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, by path; `isaacsim_agent_ext.errors.Problem` adds the place in the file.

    Attributes:
        path: Of the key or list item, below the root key.
        message: What was found and what is allowed.
        at_key: Whether the place to show is the key, not the value.
        severity: ``"error"`` or ``"warning"``.
        missing: The key that is missing, when that is what is wrong.
    """

    path: KeyPath
    message: str
    at_key: bool = False
    severity: str = "error"
    missing: str = ""


def check(
    section: Mapping[str, Any], kind: Format | None = None, violations: Iterable[Violation] | None = None
) -> Iterator[Finding]:
    """Yield what the schema finds wrong with a section, in the order of the section.

    Args:
        section: What stands under the root key.
        kind: A kind of config file other than the agent config.
        violations: What breaks the schema, where it is known already.
    """
    from isaacsim_agent_ext.config import dialect

    by_path: dict[KeyPath, list[Violation]] = {}
    for violation in dialect.violations(section) if violations is None else violations:
        by_path.setdefault(violation.path, []).append(violation)
    forbidden = _forbidden_together(by_path)
    settled: set[KeyPath] = set()
    wanted = {path[:end] for path in by_path for end in range(len(path) + 1)}
    for path in _paths_in(section, wanted):
        if path in by_path and not any(path[:end] in settled for end in range(len(path) + 1)):
            yield from _findings(path, by_path[path], settled, forbidden, kind or agent_format())


def _paths_in(value: Any, wanted: Collection[KeyPath], path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the wanted paths in the order of a value, each before those inside it."""
    if path not in wanted:
        return
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths_in(child, wanted, (*path, key))


def _forbidden_together(by_path: Mapping[KeyPath, Sequence[Violation]]) -> dict[tuple[KeyPath, str], list[KeyPath]]:
    """Return the keys that must not be given, by the map that they stand in and the reason."""
    together: dict[tuple[KeyPath, str], list[KeyPath]] = {}
    for path, violations in by_path.items():
        for violation in violations[:1]:
            if violation.keyword == "not" and not violation.argument:
                together.setdefault((path[:-1], because(violation.schema)), []).append(path)
    return together


def _findings(
    path: KeyPath,
    violations: Sequence[Violation],
    settled: set[KeyPath],
    together: Mapping[tuple[KeyPath, str], Sequence[KeyPath]],
    kind: Format,
) -> Iterator[Finding]:
    """Yield the findings about one path, and add to ``settled`` the paths in which nothing more need be said."""
    schema = schema_at(path, kind.schema) or {}
    forbidden = [violation for violation in violations if violation.keyword == "not" and not violation.argument]
    refused = [one for one in violations if one.keyword in _REFUSING_VALUES and not one.of_name]
    if forbidden:
        reason = because(forbidden[0].schema)
        paths = together.get((path[:-1], reason), [path])
        settled.update(paths)
        verb = "is" if len(paths) == 1 else "are"
        yield Finding(path, f"{listing([str(one[-1]) for one in paths])} {verb} not allowed here{reason}", at_key=True)
    elif refused:
        settled.add(path)
        yield _mismatch(_rule(schema, refused), refused[0].value, path)
    else:
        told: set[Finding] = set()  # of several missing keys, each is a violation, and each tells of all
        for violation in violations:
            for finding in _explain(violation, schema, settled, kind):
                if finding not in told:
                    told.add(finding)
                    yield finding


def _explain(violation: Violation, schema: Schema, settled: set[KeyPath], kind: Format) -> Iterator[Finding]:
    path, value, argument = violation.path, violation.value, violation.argument
    match violation.keyword:
        case _ if violation.of_name:
            message = f"the name {code(value)} cannot be used, expected {expected(violation.schema)}"
            yield Finding((*path, value), message, at_key=True)
        case "additionalProperties":
            yield from _unknown_keys(schema, value, path, settled, kind)
        case "required":
            yield from _missing_keys(schema, violation.schema, value, path)
        case "minProperties" | "maxProperties":
            known = [key for key in value if key in schema["properties"]]
            if not value or len(known) > 1:  # else an unknown key is the problem
                yield Finding(path, f"found {found(value)}, expected {expected(schema)}")
        case "oneOf":
            choices = [branch["required"][0] for branch in argument]
            given = [key for key in choices if key in value]
            neither = f"found neither {listing(choices, 'nor')}; give one of them"
            yield Finding(path, f"found both {listing(given)}; keep one of them" if given else neither, at_key=True)
        case "not":
            yield Finding(path, f"found both {listing(argument['required'])}; keep one of them", at_key=True)
        case _:  # a keyword of our dialect
            yield Finding(path, violation.message)


# ---- values ----------------------------------------------------------------------------------------------------


def _rule(schema: Schema, refused: Sequence[Violation]) -> Schema:
    """Return a value's own schema with the conditions that it breaks (``then``, ``else``) laid over it."""
    rule = dict(schema)
    for violation in refused:
        if violation.schema is not schema:
            rule |= violation.schema
    return rule


def _mismatch(schema: Schema, value: Any, path: KeyPath) -> Finding:
    guess = nearest(value, schema["enum"]) if "enum" in schema and isinstance(value, str) else None
    hint = f", did you mean {code(guess)}?" if guess else advice(value, schema)
    return Finding(path, f"found {found(value)}, expected {expected(schema)}{because(schema)}{hint}")


# ---- keys ------------------------------------------------------------------------------------------------------


def _missing_keys(schema: Schema, condition: Schema, value: Mapping[str, Any], path: KeyPath) -> Iterator[Finding]:
    """Report missing keys, except those that stand there misspelt: that is one problem, not two.

    Args:
        schema: The map's own schema.
        condition: The part of it, or the condition on it, that wants the keys.
        value: The map.
        path: The map's path.
    """
    unknown = islice((key for key in value if child_schema(schema, key) is None), _MOST_KEYS_LISTED)
    misspelt = {nearest(key, schema.get("properties", ())) for key in unknown}
    for key in condition["required"]:
        if key not in value and key not in misspelt:
            wanted = {**(child_schema(schema, key) or {}), **condition.get("properties", {}).get(key, {})}
            reason = because(wanted) if "const" in wanted else ""
            message = f"the key {code(key)} is missing; expected {expected(wanted)}{reason}"
            yield Finding(path, message, at_key=True, missing=key)


def _unknown_keys(
    schema: Schema, value: Mapping[str, Any], path: KeyPath, settled: set[KeyPath], kind: Format
) -> Iterator[Finding]:
    outdented = _outdented_fields(schema, value)
    for key, fields in outdented.items():
        settled.add((*path, key))
        verb = "stands" if len(fields) == 1 else "stand"
        message = f"{listing(fields)} {verb} beside `{key}:`, not inside it; indent by two more spaces"
        yield Finding((*path, fields[0]), message, at_key=True)
    told = {field for fields in outdented.values() for field in fields}
    for key in value:
        if key not in told and child_schema(schema, key) is None:
            yield Finding((*path, key), _explain_unknown(key, schema, path, kind), at_key=True)


def _outdented_fields(schema: Schema, value: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, by empty key, the keys beside it that belong inside it.

    YAML reads them as siblings when they stand in the same column as the key they are meant for.
    """
    outdented: dict[str, list[str]] = {}
    for key, item in value.items():
        branch = schema.get("properties", {}).get(key)
        if item is None and branch is not None and branch.get("properties"):
            beside = [other for other in value if other in branch["properties"] and child_schema(schema, other) is None]
            if beside:
                outdented[key] = beside
    return outdented


def _explain_unknown(key: str, schema: Schema, path: KeyPath, kind: Format) -> str:
    names = [*schema.get("properties", {}), *(child["title"] for child in schema.get("patternProperties", {}).values())]
    home = _home_of(key, path, kind)
    if home is not None:
        return f"the key {code(key)} does not belong here; it belongs in {code(home)}"
    base = next((name for name in names if key.startswith(f"{name}_")), None)
    if base is not None and base not in schema.get("properties", {}):
        return f"unknown key {code(key)}: what follows {code(base + '_')} must be a number, such as {code(base + '_2')}"
    guess = nearest(key, names)
    if guess is not None:
        return f"unknown key {code(key)}, did you mean {code(guess)}?"
    more = f" and {len(names) - _MOST_KEYS_LISTED} more" if len(names) > _MOST_KEYS_LISTED else ""
    return f"unknown key {code(key)}; allowed here: {', '.join(map(code, names[:_MOST_KEYS_LISTED]))}{more}"


@cache
def _places(kind: Format) -> dict[str, list[KeyPath]]:
    """Return the schema's paths by their last key."""
    places: dict[str, list[KeyPath]] = {}
    for description in keys(within=kind.schema):
        places.setdefault(description.key, []).append(path_parts(description.path)[:-1])
    return places


def _home_of(key: str, path: KeyPath, kind: Format) -> str | None:
    """Return the path of the map that ``key`` belongs in, the one nearest to ``path`` when there are several."""
    homes = []
    for place in _places(kind).get(key, ()):
        shared = 0
        for part, actual in zip(place, path, strict=False):
            if part != actual and not (part == "<name>" or (part == "[]" and isinstance(actual, int))):
                break
            shared += 1
        homes.append((-shared, len(place), (*path[:shared], *place[shared:])))
    if not homes:
        return None
    home = min(homes, key=lambda entry: entry[:2])[2]
    return dotted(home).replace(".[]", "[]") or kind.root_key

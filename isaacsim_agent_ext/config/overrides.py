"""Changing a config from the command line: ``--set key.path=value``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from isaacsim_agent_ext.config.document import MAX_DEPTH, read_value
from isaacsim_agent_ext.config.schema import (
    ROOT_KEY,
    KeyPath,
    Schema,
    allowed_types,
    child_schema,
    dotted,
    section_schema,
)
from isaacsim_agent_ext.config.wording import code, found, tame
from isaacsim_agent_ext.errors import ConfigError, Problem


class _Refusal(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, path: KeyPath, message: str):
        self.path = path
        self.message = message


def apply_overrides(section: Any, overrides: Sequence[str]) -> tuple[Any, dict[KeyPath, str], list[Problem]]:
    """Set values in a section.

    Each override reads ``key.path=value``: the path stands below the root key with list positions as numbers, the
    value is YAML. Maps and lists on the way that the file leaves out are created.

    Args:
        section: The data under the root key; changed in place.
        overrides: The arguments in order; the last one wins.

    Returns:
        The section, the argument that each created or replaced path comes from, and what is wrong with the arguments.
    """
    origins: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for override in overrides:
        argument = as_argument(override)
        try:
            path, value = _parse(override)
            origins.update(dict.fromkeys(_assign(section, path, value), argument))
        except _Refusal as refusal:
            problems.append(Problem(dotted(refusal.path), refusal.message, argument))
        except ConfigError as error:
            problems.extend(Problem("", problem.message, argument) for problem in error.problems)
    return section, origins, problems


def as_argument(override: str) -> str:
    """Return an override as the user writes it on the command line."""
    return f"--set {tame(override, longest=200)}"


def _parse(override: str) -> tuple[KeyPath, Any]:
    dotted_path, equals, text = override.partition("=")
    parts = tuple(part.strip() for part in dotted_path.split("."))
    if dotted_path.strip().startswith(f"{ROOT_KEY}."):
        below = dotted_path.strip().removeprefix(f"{ROOT_KEY}.")
        raise _Refusal(
            (), f"paths start below {code(ROOT_KEY)}: write --set {tame(below + equals + text, longest=200)}"
        )
    if not equals or not all(parts):
        raise _Refusal((), "expected key.path=value, such as character.groups.workers.num=20")
    if len(parts) > MAX_DEPTH:
        raise _Refusal((), f"found a path of {len(parts)} keys, expected at most {MAX_DEPTH}")
    return parts, read_value(text)


def _assign(section: Any, path: KeyPath, value: Any) -> Iterator[KeyPath]:
    """Set the value at ``path`` and yield every path that was created or replaced on the way."""
    node, schema = section, section_schema()
    for depth, part in enumerate(path):
        key = _key_in(node, part, path[:depth])
        here = (*path[:depth], key)
        schema = child_schema(schema, key) or {}
        last = depth == len(path) - 1
        exists = key < len(node) if isinstance(key, int) else node.get(key) is not None
        if last or not exists:
            child = value if last else _empty(schema)
            if isinstance(key, int) and key == len(node):
                node.append(child)
            else:
                node[key] = child
            yield here
        node = node[key]


def _empty(schema: Schema) -> Any:
    return [] if "array" in allowed_types(schema) else {}


def _key_in(node: Any, part: str | int, path: KeyPath) -> str | int:
    """Return ``part`` as a key of ``node``: a position when that is a list."""
    if isinstance(node, dict):
        return part
    if not isinstance(node, list):
        raise _Refusal(path, f"has no keys: it is {found(node)}")
    text = str(part)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise _Refusal(path, f"is a list: expected a position from 0 on, found {code(text)}")
    if int(text) > len(node):
        raise _Refusal(path, f"has no item {text}: the list has {len(node)}, so the next one is {len(node)}")
    return int(text)

"""Changing plain data without touching what it was: new maps and lists on the way to the change, the rest shared."""

from __future__ import annotations

from typing import Any

from isaacsim_agent_ext.config.defaults import applicable
from isaacsim_agent_ext.config.edit import same
from isaacsim_agent_ext.config.schema import Schema, child_schema
from isaacsim_agent_ext.ui.viewmodel.form import Path

_NOTHING: Any = object()


def value_at(data: Any, path: Path, default: Any = None) -> Any:
    """Return the value at a path, or ``default`` when there is none."""
    for key in path:
        is_there = key in data if isinstance(data, dict) else isinstance(data, list) and key in range(len(data))
        if not is_there:
            return default
        data = data[key]
    return data


def is_written(data: Any, path: Path) -> bool:
    """Return whether there is anything at a path."""
    return value_at(data, path, _NOTHING) is not _NOTHING


def put(data: Any, path: Path, value: Any, schema: Schema) -> Any:
    """Return the data with a value at a path; maps and lists on the way begin as what leaving them out means.

    Raises:
        KeyError: The path leads through something that is no map or list, or past the end of a list.
    """
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(data, list):
        if not isinstance(key, int) or not 0 <= key < len(data):
            raise KeyError(key)
        return [*data[:key], put(data[key], rest, value, schema.get("items", {})), *data[key + 1 :]]
    if data is None:
        data = {}
    if not isinstance(data, dict) or not isinstance(key, str):
        raise KeyError(key)
    child = child_schema(applicable(schema, data), key) or {}
    before = data.get(key)
    if before is None:
        before = child.get("default")
    return {**data, key: put(before, rest, value, child)}


def without(data: Any, path: Path) -> Any:
    """Return the data without what is at a path."""
    parent = value_at(data, path[:-1])
    if isinstance(parent, list):
        position = int(path[-1])
        rest: Any = [*parent[:position], *parent[position + 1 :]]
    else:
        rest = {key: value for key, value in parent.items() if key != path[-1]}
    return replaced(data, path[:-1], rest)


def replaced(data: Any, path: Path, value: Any) -> Any:
    """Return the data with another value at a path that leads somewhere."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    child = replaced(data[key], rest, value)
    if isinstance(data, list):
        return [child if i == key else item for i, item in enumerate(data)]
    return {name: child if name == key else item for name, item in data.items()}


def sharing(new: Any, old: Any) -> Any:
    """Return ``new`` with everything in it that is as in ``old`` being the very same object."""
    if isinstance(new, dict) and isinstance(old, dict):
        shared = {key: sharing(value, old.get(key)) for key, value in new.items()}
        unchanged = list(new) == list(old) and all(shared[key] is old[key] for key in old)
        return old if unchanged else shared
    if isinstance(new, list) and isinstance(old, list):
        items = [sharing(item, old[i]) if i < len(old) else item for i, item in enumerate(new)]
        return old if len(items) == len(old) and all(a is b for a, b in zip(items, old, strict=True)) else items
    return old if type(new) is type(old) and same(new, old) else new


def differing(new: Any, old: Any, path: Path = ()) -> list[Path]:
    """Return the paths of what differs between two versions that share what is the same."""
    if new is old:
        return []
    if isinstance(new, dict) and isinstance(old, dict) and list(new) == list(old):
        return [place for key in new for place in differing(new[key], old[key], (*path, key))]
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [place for i, (a, b) in enumerate(zip(new, old, strict=True)) for place in differing(a, b, (*path, i))]
    return [] if same(new, old) and not isinstance(new, dict) else [path]

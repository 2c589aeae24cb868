"""Editing a config's text: one value changes, and the comments, the order of keys and every other byte stay.

::

    before = ConfigText.read("warehouse.yaml")
    after = before.set("character.groups.workers.num", 20)      # `before` is still there: undo is keeping it
    Path("warehouse.yaml").write_bytes(after.encode())

Why not ``ruamel.yaml``, the well-kept library for this? It keeps comments, but writes the whole file anew, and so
changes indentation, line breaks, quotes and the spelling of numbers all over; and it reads YAML by other rules than
`isaacsim_agent_ext.config.scalars`, so that a file could mean one thing to the editor and another to a run. Here PyYAML
says where each value stands, the text is changed there, and the result is read back: should it not say exactly what was
meant, as may happen around anchors, the value around it is written anew instead, and so on outwards. An edit may
therefore cost comments in rare cases, but never the meaning.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config import edit_order, edit_yaml
from isaacsim_agent_ext.config.document import MAX_BYTES, Document, read_document
from isaacsim_agent_ext.config.dump import dump_block
from isaacsim_agent_ext.config.edit_spans import Span, aliases, find, read_spans
from isaacsim_agent_ext.config.root import agent_section
from isaacsim_agent_ext.config.schema import ROOT_KEY, KeyPath, dotted, path_parts
from isaacsim_agent_ext.config.text_files import read_start
from isaacsim_agent_ext.config.wording import code, found, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem

Where = str | Sequence[str | int]
"""A dotted path, or its parts."""

_MOST_ALIASES = 200


@dataclass(frozen=True)
class ConfigText:
    """The text of a config file; editing gives a new one.

    Paths are dotted keys below the root key with list positions as numbers, or sequences of them, which also reach keys
    with dots in them.

    Attributes:
        text: The whole file.
        name: What to call it in problems.
        root: The keys below which paths begin; none for a piece of a file.
    """

    text: str
    name: str = "<config>"
    root: KeyPath = (ROOT_KEY,)

    @classmethod
    def read(cls, path: str | Path) -> ConfigText:
        """Read a file.

        Raises:
            ConfigError: It cannot be read, or is no YAML with a root key.
        """
        raw = read_start(Path(path), MAX_BYTES)
        read_document(raw, str(path))  # refuses what is too large or not UTF-8
        return cls(raw.decode(), str(path))

    @classmethod
    def dump(cls, section: dict[str, Any], name: str = "<config>") -> ConfigText:
        """Return the text of a config that was built in memory."""
        return cls(dump_block({ROOT_KEY: section}, "\n") + "\n", name)

    def encode(self) -> bytes:
        """Return the bytes to write into a file."""
        return self.text.encode()

    @property
    def section(self) -> dict[str, Any]:
        """A copy of what stands under the root key, as written.

        Raises:
            ConfigError: The text is no YAML with a root key.
        """
        section, _ = agent_section(self._document)
        return copy.deepcopy(section)

    def get(self, path: Where) -> Any:
        """Return a copy of the value at ``path``, as written.

        Raises:
            ConfigError: There is none.
        """
        return copy.deepcopy(_value(self._document.data, self._resolve(path)))

    def has(self, path: Where) -> bool:
        """Return whether the text says anything at ``path``."""
        try:
            self._resolve(path)
        except ConfigError:
            return False
        return True

    def set(self, path: Where, value: Any) -> ConfigText:
        """Set a value; of a map or list only what differs is rewritten, and maps on the way are created.

        Raises:
            ConfigError: The path leads through something that is no map or list.
        """
        keys = (*self.root, *path_parts(path))
        depth = 0
        node: Any = self._document.data
        while depth < len(keys) and isinstance(node, dict | list):
            key = self._key_in(node, keys[depth], keys[:depth], missing_is_fine=True)
            if (isinstance(node, dict) and key not in node) or (isinstance(node, list) and key == len(node)):
                break
            keys = (*keys[:depth], key, *keys[depth + 1 :])
            node = _value(node, (key,))
            depth += 1
        if depth == len(keys):
            return self._become(keys, value)
        if node is not None and not isinstance(node, dict | list):
            raise self._refusal(keys[:depth], f"has no keys: it is {found(node)}")
        for missing in reversed(keys[depth + 1 :]):
            value = {str(missing): value}
        key = self._key_in({} if node is None else node, keys[depth], keys[:depth], missing_is_fine=True)
        return self._insert(keys[:depth], key, value)

    def insert(self, path: Where, key: str | int, value: Any) -> ConfigText:
        """Insert an entry into the map or list at ``path``.

        Args:
            path: Of the map or list.
            key: A new key, which goes last; or a position, before which the item goes.
            value: The new value.

        Raises:
            ConfigError: There is no map or list, it already has the key, or has no such position.
        """
        here = self._resolve(path)
        node = _value(self._document.data, here)
        key = self._key_in(node if node is not None else {}, key, here, missing_is_fine=True)
        if isinstance(node, dict) and key in node:
            raise self._refusal((*here, key), "is already there")
        return self._insert(here, key, value)

    def remove(self, path: Where) -> ConfigText:
        """Remove an entry of a map or list; comments on lines of their own above it stay.

        Raises:
            ConfigError: There is no such entry.
        """
        return self._remove(self._resolve(path))

    def rename(self, path: Where, key: str) -> ConfigText:
        """Give an entry of a map another key, in its place.

        Raises:
            ConfigError: There is no such entry, or the new key is taken.
        """
        here = self._resolve(path)
        parent = _value(self._document.data, here[:-1])
        if not isinstance(parent, dict):
            raise self._refusal(here, "is an item of a list; only keys can be renamed")
        if key == here[-1]:
            return self
        if key in parent:
            raise self._refusal((*here[:-1], key), "is already there")
        data = copy.deepcopy(self._document.data)
        renamed = {key if name == here[-1] else name: item for name, item in parent.items()}
        data = _with(data, here[:-1], renamed)
        return self._checked(lambda config: config._renamed(here, key), data, here[:-1])

    def move(self, path: Where, place: int) -> ConfigText:
        """Give an entry of a map or list another position; comments directly above it come along.

        Args:
            path: Of the entry.
            place: Its position afterwards, from 0 to the number of entries less one.

        Raises:
            ConfigError: There is no such entry, or no such position.
        """
        here = self._resolve(path)
        parent = _value(self._document.data, here[:-1])
        if not 0 <= place < len(parent):
            raise self._refusal(here, f"cannot be moved to position {place}: there are {len(parent)}")
        data = copy.deepcopy(self._document.data)
        data = _with(data, here[:-1], edit_order.reordered(_value(data, here[:-1]), here[-1], place))
        return self._checked(lambda config: config._moved(here, place), data, here[:-1])

    def duplicate(self, path: Where, key: str | None = None) -> ConfigText:
        """Insert a copy of an entry after it.

        Args:
            path: Of the entry.
            key: The copy's key; for an item of a list, None.

        Raises:
            ConfigError: There is no such entry, or the new key is missing or taken.
        """
        here = self._resolve(path)
        parent = _value(self._document.data, here[:-1])
        if isinstance(parent, dict) and (key is None or key in parent):
            raise self._refusal((*here[:-1], str(key)), "is already there" if key else "is no key")
        new_key = None if isinstance(parent, list) else key
        data = copy.deepcopy(self._document.data)
        data = _with(data, here[:-1], edit_order.with_copy(_value(data, here[:-1]), here[-1], key or 0))
        return self._checked(lambda config: config._duplicated(here, new_key), data, here[:-1])

    # ---- how ---------------------------------------------------------------------------------------------------

    @cached_property
    def _document(self) -> Document:
        return read_document(self.text, self.name)

    @cached_property
    def _spans(self) -> Span:
        return read_spans(self.text)

    def _become(self, path: KeyPath, value: Any) -> ConfigText:
        """Apply, one by one, the changes that turn the value at ``path`` into ``value``."""
        edited = self
        for kind, where, item in _changes(_value(self._document.data, path), value, path):
            if kind == "insert":
                edited = edited._insert(where[:-1], where[-1], item)
            elif kind == "remove":
                edited = edited._remove(where)
            else:
                edited = edited._replace(where, item)
        return edited

    def _replace(self, path: KeyPath, value: Any) -> ConfigText:
        data = _with(copy.deepcopy(self._document.data), path, value)
        return self._checked(lambda config: config._replaced(path, value), data, path[:-1])

    def _insert(self, path: KeyPath, key: str | int, value: Any) -> ConfigText:
        data = copy.deepcopy(self._document.data)
        node = _value(data, path)
        if not node:
            return self._replace(path, [value] if isinstance(key, int) else {key: value})
        if isinstance(node, list):
            node.insert(int(key), value)
        else:
            node[key] = value
        return self._checked(lambda config: config._inserted(path, key, value), data, path)

    def _remove(self, path: KeyPath) -> ConfigText:
        data = copy.deepcopy(self._document.data)
        parent = _value(data, path[:-1])
        if len(parent) == 1:
            return self._replace(path[:-1], type(parent)())
        del parent[path[-1]]
        return self._checked(lambda config: config._removed(path), data, path[:-1])

    def _checked(self, edit: Callable[[ConfigText], str | None], data: Any, around: KeyPath) -> ConfigText:
        """Return an edited text that says ``data``.

        Tried in order: the edit itself; the same with aliases written out, so that an anchor can change alone; and to
        write anew what stands around the edit, from the inside outwards.
        """
        attempts = [edit, lambda config: edit(config._without_aliases())]
        for end in range(len(around), -1, -1):
            where = around[:end]
            attempts.append(lambda config, where=where: config._replaced(where, _value(data, where)))  # type: ignore[misc]
        for attempt in attempts:
            text = attempt(self)
            if text is not None and _says(text, data):
                return replace(self, text=text)
        newline = edit_yaml.newline_of(self.text)
        return replace(self, text=dump_block(data, newline) + newline)

    def _replaced(self, path: KeyPath, value: Any) -> str | None:
        spans = find(self._spans, path)
        if spans is None:
            return None
        return edit_yaml.replace(self.text, spans, spans[-2].entry(path[-1]) if path else None, value)

    def _inserted(self, path: KeyPath, key: str | int, value: Any) -> str | None:
        spans = find(self._spans, path)
        return edit_yaml.insert(self.text, spans, key, value) if spans is not None and spans[-1].entries else None

    def _removed(self, path: KeyPath) -> str | None:
        spans = find(self._spans, path[:-1])
        entry = spans[-1].entry(path[-1]) if spans is not None else None
        return edit_yaml.remove(self.text, spans, entry) if spans is not None and entry is not None else None

    def _renamed(self, path: KeyPath, key: str) -> str | None:
        spans = find(self._spans, path)
        entry = spans[-2].entry(path[-1]) if spans is not None else None
        return edit_yaml.rename(self.text, entry, key) if entry is not None else None

    def _moved(self, path: KeyPath, place: int) -> str | None:
        spans = find(self._spans, path[:-1])
        entry = spans[-1].entry(path[-1]) if spans is not None else None
        return edit_order.move(self.text, spans, entry, place) if spans is not None and entry is not None else None

    def _duplicated(self, path: KeyPath, key: str | None) -> str | None:
        spans = find(self._spans, path[:-1])
        entry = spans[-1].entry(path[-1]) if spans is not None else None
        return edit_order.duplicate(self.text, spans, entry, key) if spans is not None and entry is not None else None

    def _without_aliases(self) -> ConfigText:
        """Return the same config with what aliases stand for written in their places."""
        config, data = self, self._document.data
        for _ in range(_MOST_ALIASES):
            path = next(aliases(config._spans), None)
            text = None if path is None else config._replaced(path, _value(data, path))
            if text is None:
                break
            config = replace(self, text=text)
        return config

    def _resolve(self, path: Where) -> KeyPath:
        """Return the path from the file's root, with list positions as integers.

        Raises:
            ConfigError: There is nothing at ``path``.
        """
        node: Any = self._document.data
        keys: KeyPath = ()
        for part in (*self.root, *path_parts(path)):
            key = self._key_in(node, part, keys)
            node, keys = node[key], (*keys, key)
        return keys

    def _key_in(self, node: Any, part: str | int, path: KeyPath, *, missing_is_fine: bool = False) -> str | int:
        """Return ``part`` as a key of ``node``: a position when that is a list."""
        if isinstance(node, dict):
            key = str(part)
            if key not in node and not missing_is_fine:
                guess = nearest(key, node)
                hint = f", did you mean {code(guess)}?" if guess else ""
                raise self._refusal((*path, key), f"is not there{hint}")
            return key
        if not isinstance(node, list):
            raise self._refusal(path, f"has no keys: it is {found(node)}")
        text = str(part)
        position = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else -1
        if not 0 <= position < len(node) + missing_is_fine:
            raise self._refusal(path, f"is a list of {len(node)}: expected a position in it, found {code(text)}")
        return position

    def _refusal(self, path: KeyPath, message: str) -> ConfigError:
        return ConfigError([Problem(dotted(path), message, self.name)])


def same(a: Any, b: Any) -> bool:
    """Return whether two values mean the same in a config; true is not 1, and not-a-number is itself."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return bool(a == b) and isinstance(a, str) == isinstance(b, str)


def _says(text: str, data: Any) -> bool:
    try:
        document = read_document(text)
    except ConfigError:
        return False
    return not document.problems and same(document.data, data)


def _value(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data[key]
    return data


def _with(data: Any, path: KeyPath, value: Any) -> Any:
    """Return ``data``, changed in place, with ``value`` at ``path``."""
    if not path:
        return value
    _value(data, path[:-1])[path[-1]] = value
    return data


def _changes(old: Any, new: Any, path: KeyPath) -> Iterator[tuple[str, KeyPath, Any]]:
    """Yield the fewest changes, each ``(kind, path, value)``, that turn ``old`` into ``new`` when made in order."""
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() & new.keys():
        for key in old:
            if key in new:
                yield from _changes(old[key], new[key], (*path, key))
        yield from (("remove", (*path, key), None) for key in old if key not in new)
        yield from (("insert", (*path, key), item) for key, item in new.items() if key not in old)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _list_changes(old, new, path)
    else:
        yield "replace", path, new


def _list_changes(old: list[Any], new: list[Any], path: KeyPath) -> Iterator[tuple[str, KeyPath, Any]]:
    """Yield changes between two lists: what both begin and end with is left alone."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if not same(old[i], new[i])), shorter)
    tail = next((i for i in range(shorter - head) if not same(old[-1 - i], new[-1 - i])), shorter - head)
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    for i, (a, b) in enumerate(zip(before, after, strict=False), head):
        yield from _changes(a, b, (*path, i))
    for i in range(len(before) - 1, len(after) - 1, -1):
        yield "remove", (*path, head + i), None
    for i in range(len(before), len(after)):
        yield "insert", (*path, head + i), after[i]

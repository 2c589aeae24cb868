"""The config a session works on: loaded, edited in place, checked after every change, and saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.defaults import defaults_for
from isaacsim_agent_ext.config.edit import ConfigText, same
from isaacsim_agent_ext.config.edit_view import plain, view, without_filled_in
from isaacsim_agent_ext.config.load import LoadedConfig, parse_config
from isaacsim_agent_ext.config.schema import (
    ROOT_KEY,
    KeyPath,
    allowed_types,
    dotted,
    path_parts,
    schema_at,
    section_schema,
)
from isaacsim_agent_ext.config.spelling import spelling, spelt_as
from isaacsim_agent_ext.config.wording import code, found, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.storage.local import LocalSink

ConfigPath = str | Sequence[str | int]
"""A dotted path below the root key, or its parts, for keys that have dots in them."""


@dataclass(frozen=True, kw_only=True)
class OpenConfig:
    """A config at one moment; edits make a new one.

    Attributes:
        text: The file's text with all edits.
        loaded: What it says, checked.
    """

    text: ConfigText
    loaded: LoadedConfig


class CurrentConfig:
    """Holds the config and changes it; a change that makes it wrong is refused and leaves it as it was.

    Args:
        on_change: Called after every change with the dotted path of what changed, empty for everything.

    All methods may be called from any thread. Those that change something raise `ConfigError` when there is no config,
    the path leads nowhere, or the result would not be valid.
    """

    def __init__(self, on_change: Callable[[str], None] = lambda _: None):
        self._on_change = on_change
        self._lock = threading.RLock()
        self._open: OpenConfig | None = None

    @property
    def open(self) -> OpenConfig | None:
        """The config, or None before any was loaded or set."""
        return self._open

    @property
    def path(self) -> Path | None:
        """The file tied to the config."""
        return self._open.loaded.path if self._open else None

    def require(self) -> OpenConfig:
        """Return the config.

        Raises:
            ConfigError: There is none.
        """
        if self._open is None:
            raise ConfigError(
                [Problem("", "no config is loaded; call load_config_file(path) or set_config(config) first")]
            )
        return self._open

    def load(self, path: str | Path, *, keep: bool = True) -> LoadedConfig:
        """Read and check a file; with ``keep`` it becomes the current config."""
        path = Path(path).expanduser().absolute()
        opened = _check(ConfigText.read(path), path)
        if keep:
            self._swap(opened, "")
        return opened.loaded

    def take(self, text: str, path: Path | None) -> LoadedConfig:
        """Make what an editor has written the current config; the same text again changes nothing.

        Args:
            text: The text of a whole file.
            path: The file that the editor is at, or None.
        """
        with self._lock:
            opened = self._open
            name = str(path) if path is not None else "<config>"
            if opened is None or (opened.text.text, opened.loaded.path) != (text, path):
                self._swap(_check(ConfigText(text, name), path, like=opened), "")
            return self.require().loaded

    def save(
        self, path: str | Path | None = None, *, exclude_unset: bool = True, exclude_defaults: bool = False
    ) -> Path:
        """Write the config to a file, which becomes the one tied to it.

        Args:
            path: The file; the one tied to the config by default.
            exclude_unset: Leave out what the file never said; otherwise every key with a default is written.
            exclude_defaults: Leave out what the file says but is the default anyway.

        Raises:
            OutputError: The file cannot be written.
        """
        with self._lock:
            opened = self.require()
            target = Path(path).expanduser().absolute() if path is not None else self.path
            if target is None:
                raise ConfigError([Problem("", "the config has no file yet; call save_config_file(path)")])
            text = opened.text
            if not exclude_unset:
                text = text.set((), spelt_as(opened.loaded.resolved, text.section, section_schema()))
            if exclude_defaults:
                text = _without_defaults(text, opened.loaded)
            LocalSink(target.parent).write(target.name, text.encode())
            self._open = _check(opened.text, target, like=opened)
            return target

    def get(self, path: ConfigPath | None = None) -> Any:
        """Return a copy of the value at ``path`` with defaults filled in; None when there is none."""
        opened = self._open
        if opened is None:
            return None
        node: Any = opened.loaded.resolved
        for part in path_parts(path or ()):
            if isinstance(node, list) and str(part).isdecimal() and int(part) < len(node):
                node = node[int(part)]
            elif isinstance(node, dict) and str(part) in node:
                node = node[str(part)]
            else:
                return None
        return view(node)

    def replace(self, config: Mapping[str, Any], path: str | Path | None = None) -> None:
        """Make ``config`` the current one; of the present text, only what differs is rewritten.

        Args:
            config: What stands under the root key, or a map with the root key.
            path: The file to tie it to; the present one by default.
        """
        section = plain(config.get(ROOT_KEY, config))
        with self._lock:
            opened = self._open
            file = Path(path).expanduser().absolute() if path is not None else self.path
            if opened is None:
                text = ConfigText.dump(section, str(file or "<config>"))
            else:
                written = opened.text.section
                section = without_filled_in(
                    spelt_as(section, written, section_schema()),
                    written,
                    spelt_as(opened.loaded.resolved, written, section_schema()),
                )
                text = opened.text.set((), section)
            self._swap(_check(text, file, like=opened), "")

    def update(self, path: ConfigPath, value: Any) -> None:
        """Set one value."""
        with self._lock:
            keys = self._known(path)
            if not keys:
                raise ConfigError([Problem("", "the path is empty; replace the whole config with set_config(config)")])
            self._edit(lambda text: text.set(keys, plain(value)), keys)

    def add(self, path: ConfigPath, value: Any, key: str | int | None = None) -> None:
        """Add an item to the list, or an entry to the map, at ``path``.

        Args:
            path: Of the list or map.
            value: The new value.
            key: The entry's key; for a list, the position it is to have, by default the last.
        """
        with self._lock:
            keys = self._known(path)
            node = self._resolved(keys)
            whole: Any
            is_list = isinstance(node, list) or "array" in allowed_types(schema_at(keys) or {})
            if is_list:
                items = node or []
                place = len(items) if key is None else key
                if not isinstance(place, int) or not 0 <= place <= len(items):
                    raise _refusal(
                        keys, f"is a list of {len(items)}: expected a position up to that, found {code(str(place))}"
                    )
                whole = [*items[:place], plain(value), *items[place:]]
            elif node is not None and not isinstance(node, dict):
                raise _refusal(keys, f"is no list or map: it is {found(node)}")
            elif not isinstance(key, str) or not key:
                raise _refusal(keys, "is a map: give the new entry's key with key=...")
            elif key in (node or {}):
                raise _refusal((*keys, key), "is already there; change it with update_config")
            else:
                place, whole = key, {key: plain(value)}
            self._edit(
                lambda text: text.insert(keys, place, plain(value)) if text.has(keys) else text.set(keys, whole), keys
            )

    def delete(self, path: ConfigPath, key: str | int | None = None) -> None:
        """Delete an item of the list, or an entry of the map, at ``path``.

        Args:
            path: Of the list or map.
            key: The entry's key, or the item's position, by default the last.
        """
        with self._lock:
            text = self.require().text
            keys = self._known(path)
            node = text.get(keys) if text.has(keys) else None
            if not isinstance(node, dict | list) or not node:
                raise _refusal(keys, "has nothing to delete: the config leaves it out, or it is empty")
            if key is None:
                if isinstance(node, dict):
                    raise _refusal(keys, "is a map: say which entry with key=...")
                key = len(node) - 1
            self._edit(lambda text: text.remove((*keys, key)), keys)

    # ---- how ---------------------------------------------------------------------------------------------------

    def _edit(self, edit: Callable[[ConfigText], ConfigText], path: KeyPath) -> None:
        opened = self.require()
        self._swap(_check(edit(opened.text), opened.loaded.path, like=opened), dotted(path))

    def _swap(self, opened: OpenConfig, changed: str) -> None:
        with self._lock:
            self._open = opened
        self._on_change(changed)

    def _resolved(self, keys: KeyPath) -> Any:
        node: Any = self.require().loaded.resolved
        for key in keys:
            node = node.get(key) if isinstance(node, dict) else node[int(key)] if isinstance(node, list) else None
        return node

    def _known(self, path: ConfigPath) -> KeyPath:
        """Return a path with list positions as integers and keys as the file spells them.

        Every part of it is there, has a default, or is a key of the schema that may be added. Groups and writers, whose
        names are free, must be there: a misspelt name makes no new group.
        """
        opened = self.require()
        node: Any = opened.loaded.resolved
        written: Any = opened.text.section
        keys: KeyPath = ()
        for part in path_parts(path):
            key: str | int = str(part)
            if isinstance(node, list):
                key = int(part) if str(part).isdecimal() else -1
                if not 0 <= key < len(node):
                    raise _refusal(
                        keys, f"is a list of {len(node)}: expected a position in it, found {code(str(part))}"
                    )
                node = node[key]
                written = written[key] if isinstance(written, list) and key < len(written) else None
            elif node is not None and not isinstance(node, dict):
                raise _refusal(keys, f"has no keys: it is {found(node)}")
            else:
                properties = (schema_at(keys) or {}).get("properties", {})
                if key not in (node or {}) and key not in properties:
                    guess = nearest(str(key), [*(node or {}), *properties])
                    hint = f", did you mean {code(guess)}?" if guess else "; add_config_item adds groups and writers"
                    raise _refusal((*keys, key), f"is not there{hint}")
                node = (node or {}).get(key)
                key = spelling(str(key), written, properties)
                written = written.get(key) if isinstance(written, dict) else None
            keys = (*keys, key)
        return keys


def _refusal(path: KeyPath, message: str) -> ConfigError:
    return ConfigError([Problem(dotted(path), message)])


def _check(text: ConfigText, path: Path | None, *, like: OpenConfig | None = None) -> OpenConfig:
    """Return what a text says; a seed that it leaves out is drawn once, and stays while the config is edited."""
    drawn = like.loaded.config.seed if like is not None and like.loaded.seed_drawn else None
    name = str(path) if path is not None else text.name
    if drawn is not None and not text.has("seed"):
        loaded = parse_config(text.text, name=name, seed=drawn)
        loaded = replace(loaded, seed_drawn=True, data=text.section)
    else:
        loaded = parse_config(text.text, name=name)
    return OpenConfig(text=replace(text, name=name), loaded=replace(loaded, path=path))


def _without_defaults(text: ConfigText, loaded: LoadedConfig) -> ConfigText:
    """Return a text that means the same and says less."""
    for path in reversed(list(_defaulted(text.section, ()))):
        shorter = text.remove(path)
        try:
            means_the_same = same(_check(shorter, loaded.path).loaded.resolved, loaded.resolved)
        except ConfigError:
            continue
        if means_the_same:
            text = shorter
    return text


def _defaulted(data: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the paths of keys that have their defaults."""
    if isinstance(data, dict):
        for key, value in data.items():
            try:
                is_default = same(value, defaults_for((*path, key)))
            except KeyError:
                is_default = False
            if is_default and "default" in (schema_at((*path, key)) or {}):
                yield (*path, key)
            else:
                yield from _defaulted(value, (*path, key))
    elif isinstance(data, list):
        for i, item in enumerate(data):
            yield from _defaulted(item, (*path, i))

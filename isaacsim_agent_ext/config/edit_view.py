"""A config as nested maps and lists that scripts read and change, and back into the text it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isaacsim_agent_ext.config.edit import same
from isaacsim_agent_ext.config.wording import code, nearest


class ConfigMap(dict[str, Any]):
    """A map whose keys can also be used as attributes: ``config.character.groups["workers"].num = 20``.

    It is a copy: hand it to ``set_config`` to make the change count.
    """

    def __getattr__(self, key: str) -> Any:
        try:
            return self[key]
        except KeyError:
            guess = None if key.startswith("_") else nearest(key, self)
            hint = f", did you mean {code(guess)}?" if guess else f"; there are {', '.join(self) or 'none'}"
            raise AttributeError(f"the config has no key {code(key)} here{hint}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        try:
            del self[key]
        except KeyError:
            raise AttributeError(f"the config has no key {code(key)} here") from None


def view(data: Any) -> Any:
    """Return a deep copy of plain data with every map a `ConfigMap`."""
    if isinstance(data, Mapping):
        return ConfigMap({str(key): view(value) for key, value in data.items()})
    return [view(item) for item in data] if isinstance(data, list | tuple) else data


def plain(data: Any) -> Any:
    """Return a deep copy with plain maps and lists."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    return [plain(item) for item in data] if isinstance(data, list | tuple) else data


def without_filled_in(new: Any, written: Any, resolved: Any) -> Any:
    """Return ``new`` without what nobody wrote: keys that the file leaves out and that still have their defaults.

    Args:
        new: What the config is to be, with defaults filled in.
        written: What the file says now.
        resolved: The same with defaults filled in, where ``new`` comes from.
    """
    if isinstance(new, dict) and isinstance(resolved, dict):
        said = written if isinstance(written, dict) else {}
        return {
            key: without_filled_in(value, said.get(key), resolved.get(key))
            for key, value in new.items()
            if key in said or key not in resolved or not same(value, resolved[key])
        }
    if isinstance(new, list) and isinstance(resolved, list) and isinstance(written, list):
        return _items_without_filled_in(new, written, resolved)
    return new


def _items_without_filled_in(new: list[Any], written: list[Any], resolved: list[Any]) -> list[Any]:
    """Find for every item the one it was, which may stand elsewhere now."""
    unused = list(range(min(len(written), len(resolved))))
    origins: dict[int, int] = {}
    for position, item in enumerate(new):
        origin = next((i for i in unused if same(item, resolved[i])), None)
        if origin is not None:
            origins[position] = origin
            unused.remove(origin)
    if len(new) == len(resolved):
        for position in range(len(new)):
            if position not in origins and position in unused:
                origins[position] = position
    return [
        without_filled_in(item, written[origins[position]], resolved[origins[position]])
        if position in origins
        else item
        for position, item in enumerate(new)
    ]

"""Moving and copying the entries of maps and lists in a YAML text, with the comments that belong to them.

As in `isaacsim_agent_ext.config.edit_yaml`, a result may be wrong, and is read back before it is used; None says that
the text is not laid out in a way that could be rearranged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isaacsim_agent_ext.config.dump import dump_inline
from isaacsim_agent_ext.config.edit_spans import Entry, Span
from isaacsim_agent_ext.config.edit_yaml import line_end, line_start, newline_of


def move(text: str, spans: Sequence[Span], entry: Entry, place: int) -> str | None:
    """Move an entry to another position; comments directly above it come along.

    Args:
        text: The text.
        spans: The places from the root to the map or list.
        entry: What to move.
        place: Its position afterwards.
    """
    parent = spans[-1]
    extents = _extents(text, parent)
    if extents is None:
        return None
    contents = [text[start:end] for start, end in extents]
    contents.insert(place, contents.pop(parent.entries.index(entry)))
    pieces, done = [], 0
    for (start, end), content in zip(extents, contents, strict=True):
        pieces += [text[done:start], content]
        done = end
    return "".join([*pieces, text[done:]])


def duplicate(text: str, spans: Sequence[Span], entry: Entry, key: str | None) -> str | None:
    """Insert a copy of an entry after it.

    Args:
        text: The text.
        spans: The places from the root to the map or list.
        entry: What to copy.
        key: The copy's key; None for an item of a list.
    """
    end = max(entry.slot, entry.value.end)
    content = text[entry.start : end]
    if key is not None:
        after_key = text[entry.start : entry.slot].rstrip(": \t")
        content = dump_inline(key) + content[len(after_key) :]
    if spans[-1].style == "flow":
        return text[:end] + ", " + content + text[end:]
    indentation = text[line_start(text, entry.start) : entry.start]
    if indentation.strip():
        return None
    end_of_line = line_end(text, end)
    content += text[end:end_of_line]  # a comment beside a last value
    return text[:end_of_line] + newline_of(text) + indentation + content + text[end_of_line:]


def _extents(text: str, parent: Span) -> list[tuple[int, int]] | None:
    """Return where the text of each entry begins and ends, comments that belong to it included."""
    extents: list[tuple[int, int]] = []
    for entry in parent.entries:
        end = max(entry.slot, entry.value.end)
        if parent.style == "flow":
            extents.append((entry.start, end))
            continue
        start = line_start(text, entry.start)
        indentation = text[start : entry.start]
        if indentation.strip():
            return None
        least = extents[-1][1] + 1 if extents else 0
        while start > least:
            above = line_start(text, start - 1)
            if above < least or not text[above:start].startswith(f"{indentation}#"):
                break
            start = above
        extents.append((start, line_end(text, end)))
    return extents


def reordered(parent: Any, key: str | int, place: int) -> Any:
    """Return a copy of a map or list with one entry at another position."""
    if isinstance(parent, list):
        items = list(parent)
        items.insert(place, items.pop(int(key)))
        return items
    names = [name for name in parent if name != key]
    names.insert(place, str(key))
    return {name: parent[name] for name in names}


def with_copy(parent: Any, key: str | int, new_key: str | int) -> Any:
    """Return a copy of a map or list with a second entry of the same value after the first."""
    if isinstance(parent, list):
        place = int(key)
        return [*parent[: place + 1], parent[place], *parent[place + 1 :]]
    entries: dict[str, Any] = {}
    for name, value in parent.items():
        entries[name] = value
        if name == key:
            entries[str(new_key)] = value
    return entries

"""Changing one value in a YAML text, as a person would: nothing else moves, and comments stay.

Each function returns the changed text. It may be wrong where YAML is at its most baroque (explicit keys, anchors that
are used elsewhere), so `isaacsim_agent_ext.config.edit` reads every result back before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isaacsim_agent_ext.config.dump import dump_block, dump_inline
from isaacsim_agent_ext.config.edit_spans import Entry, Span

STEP = 2
"""Columns by which a new block is indented."""


def replace(text: str, spans: Sequence[Span], entry: Entry | None, value: Any) -> str:
    """Replace a value.

    Args:
        text: The text.
        spans: The places from the root to the value.
        entry: The entry that holds the value, or None for the root.
        value: The new value.
    """
    old = spans[-1]
    if entry is None:
        return text[: old.start] + dump_block(value, newline_of(text)) + text[line_end(text, old.end) :]
    block = _is_block(value) and not _in_flow(spans[:-1])
    head = line_end(text, entry.slot)
    if not block:
        new = _inline(value, old)
        if old.start == old.end:
            return text[: entry.slot] + " " + new + text[entry.slot :]
        if old.start > head:  # an indented block below its key: the comment beside the key stays
            return text[: entry.slot] + " " + new + text[entry.slot : head] + text[line_end(text, old.end) :]
        return text[: old.start] + new + text[old.end :]

    column = _column_for_block(text, spans[0], entry, old, value)
    tail = text[line_end(text, old.end) :]
    lines = _indented(dump_block(value, newline_of(text)), column, newline_of(text))
    if old.start > head or old.style in ("|", ">"):
        beside = text[entry.slot : head] if old.start > head else ""
    else:  # what stood beside the key, and is no longer there, leaves its comment
        beside = text[entry.slot : max(entry.slot, old.start)].rstrip() + text[old.end : line_end(text, old.end)]
    if isinstance(entry.key, int):  # the block begins beside the dash
        first, _, more = lines.lstrip().partition(newline_of(text))
        rest = newline_of(text) + more if more else ""
        return text[: entry.slot] + " " * (column - _column(text, entry.slot)) + first + beside.rstrip() + rest + tail
    return text[: entry.slot] + beside.rstrip() + newline_of(text) + lines + tail


def insert(text: str, spans: Sequence[Span], key: str | int, value: Any) -> str:
    """Insert an entry into a map or list that has entries.

    Args:
        text: The text.
        spans: The places from the root to the map or list.
        key: The new key, which goes last, or the position of the new item.
        value: The new value.
    """
    parent = spans[-1]
    place = key if isinstance(key, int) else len(parent.entries)
    if parent.style == "flow":
        new = dump_inline(value) if isinstance(key, int) else f"{dump_inline(key)}: {dump_inline(value)}"
        if place < len(parent.entries):
            at = parent.entries[place].start
            return text[:at] + new + ", " + text[at:]
        at = parent.entries[-1].value.end
        return text[:at] + ", " + new + text[at:]

    newline = newline_of(text)
    column = _column(text, parent.entries[0].start)
    if isinstance(key, int):
        item = dump_block(value, newline) if _is_block(value) else dump_inline(value)
        lines = " " * column + "- " + _indented(item, column + len("- "), newline).lstrip(" ")
    else:
        lines = _indented(dump_block({key: value}, newline), column, newline)
    if place == 0:
        at = parent.entries[0].start
        return text[:at] + lines.lstrip() + newline + " " * column + text[at:]
    before = parent.entries[place - 1]
    at = line_end(text, max(before.slot, before.value.end))
    return text[:at] + newline + lines + text[at:]


def remove(text: str, spans: Sequence[Span], entry: Entry) -> str:
    """Remove an entry that is not the only one, with what is commented beside and inside it.

    Args:
        text: The text.
        spans: The places from the root to the map or list.
        entry: What to remove from it.
    """
    parent = spans[-1]
    place = parent.entries.index(entry)
    end = max(entry.slot, entry.value.end)
    if parent.style == "flow":
        if place + 1 < len(parent.entries):
            return text[: entry.start] + text[parent.entries[place + 1].start :]
        return text[: parent.entries[place - 1].value.end] + text[end:]
    if text[line_start(text, entry.start) : entry.start].strip():  # a first key beside the dash of its map
        return text[: entry.start] + text[parent.entries[place + 1].start :]
    after = line_end(text, end)
    if after == len(text):  # the file's last line, which may end without a newline
        return text[: line_start(text, entry.start)]
    return text[: line_start(text, entry.start)] + text[after + len(newline_at(text, after)) :]


def rename(text: str, entry: Entry, key: str) -> str:
    """Give a map's entry another key."""
    old = text[entry.start : entry.slot]
    after_key = old.rstrip(": \t")
    return text[: entry.start] + dump_inline(key) + old[len(after_key) :] + text[entry.slot :]


# ---- lines -----------------------------------------------------------------------------------------------------


def newline_of(text: str) -> str:
    """Return the line ending that the text uses."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def newline_at(text: str, position: int) -> str:
    """Return the line ending that stands at a position."""
    return "\r\n" if text.startswith("\r\n", position) else text[position : position + 1]


def line_start(text: str, position: int) -> int:
    """Return where the line around a position begins."""
    return text.rfind("\n", 0, position) + 1


def line_end(text: str, position: int) -> int:
    """Return where the line around a position ends, before its line ending."""
    at = text.find("\n", position)
    if at < 0:
        return len(text)
    return at - 1 if at > position and text[at - 1] == "\r" else at


def _column(text: str, position: int) -> int:
    return position - line_start(text, position) - int(text.startswith("\ufeff") and position <= line_end(text, 0))


# ---- values ----------------------------------------------------------------------------------------------------


def _is_block(value: Any) -> bool:
    """Return whether a value is written below its key: maps, and lists that hold any."""
    if isinstance(value, dict):
        return bool(value)
    return isinstance(value, list) and any(_is_block(item) for item in value)


def _in_flow(spans: Sequence[Span]) -> bool:
    return any(span.style == "flow" for span in spans)


def _inline(value: Any, old: Span) -> str:
    """Return a value on one line, a text in the quotes that the old one had."""
    if isinstance(value, str) and old.kind == "scalar" and old.style in ("'", '"'):
        return dump_inline(value, quotes=old.style)
    return dump_inline(value)


def _indented(block: str, column: int, newline: str) -> str:
    return newline.join(" " * column + line if line else line for line in block.split(newline))


def _column_for_block(text: str, root: Span, entry: Entry, old: Span, value: Any) -> int:
    """Return where a new block stands: where the old one stood, else as the text indents elsewhere."""
    if old.style == "block" and old.kind == ("list" if isinstance(value, list) else "map"):
        return _column(text, old.start)
    column = _column(text, entry.start)
    if isinstance(value, list) and isinstance(entry.key, str) and _outdents_lists(text, root):
        return column
    return column + STEP


def _outdents_lists(text: str, span: Span) -> bool:
    """Return whether the first indented list of the text stands in the column of its key."""
    pending = [span]
    while pending:
        parent = pending.pop()
        for entry in parent.entries:
            if entry.value.kind == "list" and entry.value.style == "block" and isinstance(entry.key, str):
                return _column(text, entry.value.start) == _column(text, entry.start)
        pending += [entry.value for entry in reversed(parent.entries)]
    return False

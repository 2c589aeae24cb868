"""Where every value of a YAML text begins and ends, so that one can be changed without touching the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from isaacsim_agent_ext.config.schema import KeyPath

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Span:
    """A value's place.

    Attributes:
        kind: ``"scalar"``, ``"list"``, ``"map"`` or ``"alias"``.
        style: The quotes or block sign of a scalar, an empty text for a plain one; ``"flow"`` for ``[...]`` and
            ``{...}``, ``"block"`` for collections that are indented.
        start: Position of its first character.
        end: Position after its last one; equal to ``start`` for a value that is left out.
        entries: The items of a list, or the keys and values of a map.
    """

    kind: str
    style: str
    start: int
    end: int
    entries: tuple[Entry, ...] = ()

    def entry(self, key: str | int) -> Entry | None:
        """Return the entry of a key or position, or None when the text has none: a merged key, or below an alias."""
        return next((entry for entry in self.entries if entry.key == key), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key or list position with its value.

    Attributes:
        key: The key, or the position counted from 0.
        start: Position of the key, or of an item's dash; in ``[...]``, of the item itself.
        slot: Position after the colon or dash, where the value may begin; in ``[...]``, that of the item itself.
        value: The value's place.
    """

    key: str | int
    start: int
    slot: int
    value: Span


def read_spans(text: str) -> Span:
    """Return the place of the whole document and of everything in it.

    Args:
        text: YAML text that `isaacsim_agent_ext.config.document.read_document` accepts.
    """
    mark = text.startswith("\ufeff")  # a byte order mark is no part of what the parser counts
    return _Reader(text, text[mark:], int(mark)).read()


def find(root: Span, path: KeyPath) -> tuple[Span, ...] | None:
    """Return the spans from the root to the value at ``path``, or None when the text does not spell it out there."""
    spans = [root]
    for key in path:
        entry = spans[-1].entry(key)
        if entry is None:
            return None
        spans.append(entry.value)
    return tuple(spans)


def aliases(span: Span, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every alias, and of every map that merges another one, in order."""
    for entry in span.entries:
        if entry.key == "<<":
            yield path
        elif entry.value.kind == "alias":
            yield (*path, entry.key)
        else:
            yield from aliases(entry.value, (*path, entry.key))


class _Reader:
    """Builds spans from the parser's events, and finds dashes and colons among its tokens."""

    def __init__(self, whole: str, text: str, offset: int):
        self._text = whole
        self._offset = offset
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._dashes: list[int] = []
        self._colons: list[int] = []
        for token in yaml.scan(text, Loader=_LOADER):
            if isinstance(token, yaml.BlockEntryToken):
                self._dashes.append(token.start_mark.index + offset)
            elif isinstance(token, yaml.ValueToken):
                self._colons.append(token.start_mark.index + offset)

    def read(self) -> Span:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self._span(next(self._events))
        return Span("scalar", "", self._offset, self._offset)

    def _span(self, event: Any) -> Span:
        start = event.start_mark.index + self._offset
        if isinstance(event, yaml.AliasEvent):
            return Span("alias", "", start, start + _length(event))
        if isinstance(event, yaml.ScalarEvent):
            end = start + _length(event)
            style = event.style or ""
            if style in ("|", ">"):  # the parser counts the blank lines that follow
                end = start + len(self._text[start:end].rstrip())
            return Span("scalar", style, start, end)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        style = "flow" if event.flow_style else "block"
        entries: list[Entry] = []
        following = next(self._events)
        while not _ends_collection(following):
            entries.append(self._item(len(entries), following, style) if is_list else self._pair(following))
            following = next(self._events)
        if style == "flow":
            end = following.end_mark.index + self._offset
        else:  # the parser puts the end where the next value begins, after comments
            end = max((max(entry.slot, entry.value.end) for entry in entries), default=start)
        return Span("list" if is_list else "map", style, start, end, tuple(entries))

    def _item(self, position: int, event: Any, style: str) -> Entry:
        value = self._span(event)
        if style == "flow":
            return Entry(position, value.start, value.start, value)
        dash = self._last_before(self._dashes, value.start)
        return Entry(position, dash, dash + 1, value)

    def _pair(self, key_event: Any) -> Entry:
        key_start = key_event.start_mark.index + self._offset
        key_end = self._span(key_event).end
        value = self._span(next(self._events))
        place = bisect_left(self._colons, key_end)
        has_colon = place < len(self._colons) and self._colons[place] < max(value.start, key_end + 1)
        slot = self._colons[place] + 1 if has_colon else value.start
        return Entry(getattr(key_event, "value", ""), key_start, slot, value)

    @staticmethod
    def _last_before(positions: Sequence[int], end: int) -> int:
        return positions[max(bisect_left(positions, end) - 1, 0)]


def _length(event: Any) -> int:
    length: int = event.end_mark.index - event.start_mark.index
    return length


def _ends_collection(event: Any) -> bool:
    return isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent)

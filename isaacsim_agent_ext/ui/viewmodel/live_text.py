"""The text of a config while it is edited, at a cost that does not grow with the file.

`isaacsim_agent_ext.config.edit.ConfigText` reads a whole file for every edit. Here the file is cut into pieces, each a
map's entry of some dozens of lines, and an edit changes the piece it falls into, by the same means. A piece is valid
YAML by itself and stays so; what cannot be done within one piece is done to the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

from isaacsim_agent_ext.config.document import Document, read_document
from isaacsim_agent_ext.config.dump import dump_block
from isaacsim_agent_ext.config.edit import ConfigText, same
from isaacsim_agent_ext.config.edit_spans import Entry, Span, aliases, read_spans
from isaacsim_agent_ext.config.edit_yaml import line_end, line_start, newline_of
from isaacsim_agent_ext.config.root import agent_section
from isaacsim_agent_ext.config.schema import Format, KeyPath
from isaacsim_agent_ext.errors import ConfigError, Problem

_LONGEST_PIECE = 40
"""Lines above which a map is cut into its entries."""

_MARKER = re.compile(r"^(---|\.\.\.|%)", re.MULTILINE)
"""What ends or begins a document, and so would not only concern the piece in which it stands."""


@dataclass(frozen=True)
class _Piece:
    """Some lines of the file.

    Attributes:
        path: The entry that they spell, below the root key; None for what is not ours.
        text: The lines, each with its line ending.
        is_whole: Whether they are all of the entry; else they are its first lines, up to the first entry in it.
    """

    path: KeyPath | None
    text: str
    is_whole: bool

    @cached_property
    def document(self) -> Document:
        """What the lines say by themselves."""
        return read_document(self.text)

    @cached_property
    def lines(self) -> int:
        """How many line endings there are."""
        return self.text.count("\n")

    @property
    def indentation(self) -> str:
        """What stands before the key."""
        return self.text[: len(self.text) - len(self.text.lstrip(" "))]


@dataclass(frozen=True)
class LiveText:
    """The text of a config file; editing gives a new one. Paths are sequences of keys below the root key.

    Attributes:
        kind: The kind of config file.
        name: What to call the file in problems.
        pieces: The whole file, cut.
    """

    kind: Format
    name: str
    pieces: tuple[_Piece, ...]

    @classmethod
    def read(cls, kind: Format, text: str, name: str) -> tuple[LiveText, dict[str, Any], tuple[Problem, ...]]:
        """Return a text, what it says under the root key, and what is wrong with keys beside the root key.

        Raises:
            ConfigError: The text is no YAML with the root key, or has a key twice.
        """
        document = read_document(text, name)
        if document.problems:
            raise ConfigError(document.problems)
        section, problems = agent_section(document, kind)
        return cls(kind, name, tuple(_cut(kind, text))), section, tuple(problems)

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return "".join(piece.text for piece in self.pieces)

    def says(self, section: dict[str, Any]) -> bool:
        """Return whether the text says exactly that under its root key."""
        try:
            document = read_document(self.text)
            said, _ = agent_section(document, self.kind)
        except ConfigError:
            return False
        return not document.problems and same(said, section)

    def line(self, path: KeyPath) -> int:
        """Return the line, counted from 1, on which a path stands, or else what is around it."""
        place = self._around(path)
        if place is None:
            return _line_in(read_document(self.text), (self.kind.root_key, *path))
        i, piece = place
        before = self._lines_before[i]
        keys = (self._key(piece), *path[len(piece.path or ()) :])
        return before + (_line_in(piece.document, keys) if piece.is_whole else 1)

    # ---- edits -------------------------------------------------------------------------------------------------

    def typed(self, text: str) -> tuple[LiveText, KeyPath, Any] | None:
        """Return what has become of the text by typing, when that touches the value of one entry only.

        Args:
            text: The whole file.

        Returns:
            The new text, the path of the entry, and its value; None when the file has to be read as a whole.
        """
        head, tail = _shared_ends(self.text, text)
        i = bisect_right(self._starts, head) - 1
        piece = self.pieces[i]
        end_of_piece = self._starts[i] + len(piece.text)
        if not piece.is_whole or piece.path is None or len(self.text) - tail > end_of_piece:
            return None
        edited = text[self._starts[i] : len(text) - (len(self.text) - end_of_piece)]
        if not _fits_in(edited, piece) or _MARKER.search(edited):
            return None
        new = replace(piece, text=edited)
        try:
            said = new.document
        except ConfigError:
            return None
        key = self._key(piece)
        if said.problems or not isinstance(said.data, dict) or list(said.data) != [key] or not isinstance(key, str):
            return None
        pieces = (*self.pieces[:i], *_cut_again(new, key), *self.pieces[i + 1 :])
        value = said.data[key]
        return (replace(self, pieces=pieces), piece.path, value) if piece.path or isinstance(value, dict) else None

    def set(self, path: KeyPath, value: Any) -> LiveText:
        """Set a value; at most its last key is new."""
        place = self._around(path)
        if place is not None and not place[1].is_whole and place[1].path == path[:-1] and path:
            return self._appended(place[0], path, value)
        return self._edited(path, lambda text, here: text.set(here, value))

    def insert(self, path: KeyPath, place: int, value: Any) -> LiveText:
        """Insert an item into the list at ``path``."""
        return self._edited(path, lambda text, here: text.insert(here, place, value))

    def remove(self, path: KeyPath) -> LiveText:
        """Remove an entry."""
        run = self._run(path)
        if run is None:
            return self._edited(path, lambda text, here: text.remove(here))
        start, end = run
        _, comments = _parted(self.pieces[end - 1])
        before = replace(self.pieces[start - 1], text=self.pieces[start - 1].text + comments)
        return replace(self, pieces=(*self.pieces[: start - 1], before, *self.pieces[end:]))

    def rename(self, path: KeyPath, key: str) -> LiveText:
        """Give an entry of a map another key."""
        run = self._run(path)
        if run is None:
            return self._edited(path, lambda text, here: text.rename(here, key))
        start, end = run
        return replace(self, pieces=(*self.pieces[:start], *self._renamed(start, end, key), *self.pieces[end:]))

    def duplicate(self, path: KeyPath, key: str | None) -> LiveText:
        """Insert a copy of an entry after it."""
        run = self._run(path)
        if run is None or key is None:
            return self._edited(path, lambda text, here: text.duplicate(here, key))
        start, end = run
        content, comments = _parted(self.pieces[end - 1])
        original = [*self.pieces[start : end - 1], replace(self.pieces[end - 1], text=content)]
        copies = self._renamed(start, end, key)
        copies[-1] = replace(copies[-1], text=_parted(copies[-1])[0] + comments)
        return replace(self, pieces=(*self.pieces[:start], *original, *copies, *self.pieces[end:]))

    def move(self, path: KeyPath, place: int) -> LiveText:
        """Give an entry another position."""
        moved = self._moved(path, place) if self._run(path) is not None else None
        if moved is not None:
            return moved
        return self._edited(path, lambda text, here: text.move(here, place), within=path[:-1])

    # ---- how ---------------------------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> dict[KeyPath, int]:
        return {piece.path: i for i, piece in enumerate(self.pieces) if piece.path is not None}

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(piece.text) for piece in self.pieces[:-1])]

    @cached_property
    def _lines_before(self) -> list[int]:
        before = [0]
        for piece in self.pieces:
            before.append(before[-1] + piece.lines)
        return before

    def _around(self, path: KeyPath) -> tuple[int, _Piece] | None:
        """Return the piece in which a path stands, or would stand."""
        for end in range(len(path), -1, -1):
            if path[:end] in self._places:
                i = self._places[path[:end]]
                return i, self.pieces[i]
        return None

    def _run(self, path: KeyPath) -> tuple[int, int] | None:
        """Return the pieces, from and up to, that are all of an entry which has others beside it."""
        if path not in self._places or not path:
            return None
        start = self._places[path]
        end = start + 1
        while end < len(self.pieces) and self._is_below(end, path):
            end += 1
        has_before = self.pieces[start - 1].path != path[:-1]
        has_after = end < len(self.pieces) and self._is_below(end, path[:-1])
        return (start, end) if (has_before or has_after) and self.pieces[end - 1].is_whole else None

    def _is_below(self, i: int, path: KeyPath) -> bool:
        below = self.pieces[i].path
        return below is not None and below[: len(path)] == path

    def _key(self, piece: _Piece) -> str | int:
        return piece.path[-1] if piece.path else self.kind.root_key

    def _edited(
        self, path: KeyPath, edit: Callable[[ConfigText, KeyPath], ConfigText], within: KeyPath | None = None
    ) -> LiveText:
        """Return the text with an edit made to one piece, or else to the whole.

        Args:
            path: Of what is edited.
            edit: Takes a text, and the path in it.
            within: The path of a map or list that must be in the piece; that of the edit by default.
        """
        place = self._around(path if within is None else within)
        if place is not None and place[1].is_whole and place[1].path is not None:
            i, piece = place
            keys = (self._key(piece), *path[len(piece.path or ()) :])
            lone = len(keys) == 1  # the entry itself: only its value can change here
            edited = edit(ConfigText(piece.text, self.name, root=()), keys).text
            if (not lone or _first_key(edited) == str(keys[0])) and _fits_in(edited, piece):
                pieces = list(_cut_again(replace(piece, text=edited), self._key(piece)))
                return replace(self, pieces=(*self.pieces[:i], *pieces, *self.pieces[i + 1 :]))
        whole = edit(ConfigText(self.text, self.name, root=(self.kind.root_key,)), path)
        return replace(self, pieces=tuple(_cut(self.kind, whole.text)))

    def _appended(self, header: int, path: KeyPath, value: Any) -> LiveText:
        """Return the text with a new entry after all those of the map whose first lines are ``header``."""
        end = header + 1
        while end < len(self.pieces) and self._is_below(end, path[:-1]):
            end += 1
        last = self.pieces[end - 1]
        content, comments = _parted(last)
        newline = newline_of(self.text) if "\n" in content else "\n"
        if not content.endswith("\n"):
            content += newline
        indentation = self.pieces[header + 1].indentation
        lines = dump_block({path[-1]: value}, newline).split(newline)
        new = newline.join(indentation + line if line else line for line in lines) + newline + comments
        added = list(_cut_again(_Piece(path, new, is_whole=True), path[-1]))
        return replace(self, pieces=(*self.pieces[: end - 1], replace(last, text=content), *added, *self.pieces[end:]))

    def _moved(self, path: KeyPath, place: int) -> LiveText | None:
        """Return the text with an entry moved past others that are pieces, too; None when they are not laid out so.

        Comments directly above an entry come along; blank lines and other comments between entries stay in place.
        """
        runs = self._runs_in(path[:-1])
        old = next(i for i, (start, _) in enumerate(runs) if self.pieces[start].path == path)
        low, high = min(old, place), max(old, place)
        start, end = runs[low][0], runs[high][1]
        indentation = self.pieces[start].indentation
        before = self.pieces[start - 1]
        content, gap = _parted(before) if before.is_whole else ("", before.text)
        rest, lead = _split_lead(gap, indentation)
        above = replace(before, text=content + rest)
        entries: list[tuple[str, list[_Piece]]] = []
        gaps = []
        for first, last in runs[low : high + 1]:
            content, gap = _parted(self.pieces[last - 1])
            if not content.endswith("\n"):
                return None
            entries.append((lead, [*self.pieces[first : last - 1], replace(self.pieces[last - 1], text=content)]))
            rest, lead = _split_lead(gap, indentation)
            gaps.append(rest)
        gaps[-1] += lead
        entries.insert(place - low, entries.pop(old - low))
        moved = [above]
        for (lead, pieces), gap in zip(entries, gaps, strict=True):
            moved[-1] = replace(moved[-1], text=moved[-1].text + lead)
            moved += [*pieces[:-1], replace(pieces[-1], text=pieces[-1].text + gap)]
        return replace(self, pieces=(*self.pieces[: start - 1], *moved, *self.pieces[end:]))

    def _runs_in(self, path: KeyPath) -> list[tuple[int, int]]:
        """Return the pieces, from and up to, of each entry of a map that is cut into them."""
        runs = []
        i = self._places[path] + 1
        while i < len(self.pieces) and self._is_below(i, path):
            start, entry = i, (self.pieces[i].path or ())
            while i < len(self.pieces) and self._is_below(i, entry):
                i += 1
            runs.append((start, i))
        return runs

    def _renamed(self, start: int, end: int, key: str) -> list[_Piece]:
        """Return the pieces of an entry with another key."""
        first = self.pieces[start]
        path = first.path or ()
        renamed = ConfigText(first.text, self.name, root=()).rename((self._key(first),), key).text
        pieces = [replace(first, text=renamed), *self.pieces[start + 1 : end]]
        return [replace(piece, path=(*path[:-1], key, *(piece.path or ())[len(path) :])) for piece in pieces]


def _line_in(document: Document, path: KeyPath) -> int:
    """Return the line on which a path stands, or else what is around it."""
    for end in range(len(path), 0, -1):
        for marks in (document.key_marks, document.value_marks):
            if path[:end] in marks:
                return marks[path[:end]].line
    return 1


# ---- cutting ---------------------------------------------------------------------------------------------------


def _cut(kind: Format, text: str) -> Iterator[_Piece]:
    """Yield the pieces of a file that can be read."""
    spans = read_spans(text)
    root = spans.entry(kind.root_key)
    start = line_start(text, root.start) if root is not None else 0
    if root is None or spans.style != "block" or text[start : root.start] or next(aliases(spans), None) is not None:
        yield _Piece(None, text, is_whole=True)
        return
    later = [line_start(text, entry.start) for entry in spans.entries if entry.start > root.start]
    end = min(later, default=len(text))
    if start:
        yield _Piece(None, text[:start], is_whole=False)
    yield from _cut_entry(text, (start, end), (), root)
    if end < len(text):
        yield _Piece(None, text[end:], is_whole=False)


def _cut_again(piece: _Piece, key: str | int) -> Iterator[_Piece]:
    """Yield a piece, or its pieces when it has become long."""
    if piece.lines <= 2 * _LONGEST_PIECE:
        yield piece
        return
    entry = read_spans(piece.text).entry(key)
    if entry is None or piece.path is None:
        yield piece
    else:
        yield from _cut_entry(piece.text, (0, len(piece.text)), piece.path, entry)


def _cut_entry(text: str, extent: tuple[int, int], path: KeyPath, entry: Entry) -> Iterator[_Piece]:
    start, end = extent
    starts = [line_start(text, child.start) for child in entry.value.entries]
    if text.count("\n", start, end) <= _LONGEST_PIECE or not _can_be_cut(text, entry.value, starts, entry.slot):
        yield _Piece(path, text[start:end], is_whole=True)
        return
    yield _Piece(path, text[start : starts[0]], is_whole=False)
    for child, child_start, child_end in zip(entry.value.entries, starts, [*starts[1:], end], strict=True):
        yield from _cut_entry(text, (child_start, child_end), (*path, child.key), child)


def _can_be_cut(text: str, value: Span, starts: list[int], slot: int) -> bool:
    if value.kind != "map" or value.style != "block" or not starts or starts[0] <= slot:
        return False
    return all(not text[start : child.start].strip(" ") for start, child in zip(starts, value.entries, strict=True))


def _parted(piece: _Piece) -> tuple[str, str]:
    """Return the lines of a whole piece, and those after them that are blank or comments."""
    end = line_end(piece.text, read_spans(piece.text).end)
    end += len(piece.text[end:]) - len(piece.text[end:].removeprefix("\r").removeprefix("\n"))
    return piece.text[:end], piece.text[end:]


def _split_lead(text: str, indentation: str) -> tuple[str, str]:
    """Return lines, and the comments at their end that stand directly above an entry in a column."""
    lines = text.splitlines(keepends=True)
    count = len(lines)
    while count and lines[count - 1].startswith(f"{indentation}#"):
        count -= 1
    return "".join(lines[:count]), "".join(lines[count:])


def _fits_in(edited: str, piece: _Piece) -> bool:
    """Return whether edited lines can stand where the piece stood: in its column, and as lines."""
    indentation = piece.indentation
    first = edited[len(indentation) : len(indentation) + 1]
    return (
        edited.startswith(indentation)
        and first not in ("", " ", "#", "{", "\n", "\r")
        and edited.endswith("\n") == piece.text.endswith("\n")
    )


def _shared_ends(old: str, new: str) -> tuple[int, int]:
    """Return how many characters two texts share at their beginnings, and how many of the rest at their ends."""
    most = min(len(old), len(new))
    head = bisect_left(range(1, most + 1), True, key=lambda count: old[:count] != new[:count])
    most -= head
    tail = bisect_left(range(1, most + 1), True, key=lambda count: old[len(old) - count :] != new[len(new) - count :])
    return head, tail


def _first_key(text: str) -> str | None:
    entries = read_spans(text).entries
    return str(entries[0].key) if len(entries) == 1 else None

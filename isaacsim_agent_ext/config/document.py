"""Reading a YAML file into plain data that remembers where everything stood.

The reader works on the parser's events, so that a hostile file is refused while it is read: no object is ever built
from a tag, nesting, aliases and size are limited, and duplicate keys are found. Mapping keys are always text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from isaacsim_agent_ext.config.scalars import resolve
from isaacsim_agent_ext.config.schema import ROOT_KEY, KeyPath, dotted
from isaacsim_agent_ext.config.wording import code
from isaacsim_agent_ext.errors import ConfigError, Problem

MAX_BYTES = 1024 * 1024
"""Largest file that is read [bytes]."""

MAX_DEPTH = 64
"""Deepest nesting of lists and maps."""

MAX_ALIASED_NODES = 10_000
"""Most nodes that aliases may stand for, all together."""

MAX_ALIASED_TEXT = MAX_BYTES
"""Most characters that aliases may stand for, all together."""

MAX_NODES = 20_000
"""Most nodes of a file, aliases expanded: what is read, checked and filled in within a second."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "<<"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file.

    Attributes:
        line: Counted from 1.
        column: Counted from 1.
    """

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data.

    Attributes:
        name: The file's name as problems show it.
        data: Maps, lists, texts, numbers, booleans and None.
        key_marks: Where the key of a path stands; only for paths that end in a mapping's key.
        value_marks: Where the value of a path begins.
        problems: What is wrong with the file but does not keep it from being read: duplicate keys.
    """

    name: str
    data: Any
    key_marks: Mapping[KeyPath, Mark]
    value_marks: Mapping[KeyPath, Mark]
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Node:
    """A value with its place; shared by all aliases of an anchor."""

    mark: Mark
    value: Any  # scalar, list[_Node] or dict[str, tuple[Mark, _Node]]
    size: int = 1  # nodes, aliases expanded
    height: int = 0  # levels of lists and maps, itself included
    length: int = 0  # characters of all texts and keys, aliases expanded


def read_document(text: str | bytes, name: str = "<config>") -> Document:
    """Read YAML text.

    Args:
        text: The text, or its UTF-8 bytes.
        name: What to call the file in problems.

    Raises:
        ConfigError: The text is no YAML, or is more than a config may be.
    """
    reader = _Reader(_decode(text, name), name)
    root = reader.read()
    if root is None or root.value is None:
        _refuse(name, f"the file is empty; it must begin with the key `{ROOT_KEY}:`")
    key_marks: dict[KeyPath, Mark] = {}
    value_marks: dict[KeyPath, Mark] = {}
    data = _plain(root, (), key_marks, value_marks)
    return Document(name, data, key_marks, value_marks, tuple(reader.problems))


def read_value(text: str) -> Any:
    """Read a single YAML value, such as one given on a command line; nothing at all is None.

    Raises:
        ConfigError: The text is no YAML, or is more than a config may be.
    """
    reader = _Reader(_decode(text, ""), "")
    root = reader.read()
    if reader.problems:
        raise ConfigError(reader.problems)
    return None if root is None else _plain(root, (), {}, {})


def _decode(text: str | bytes, name: str) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        _refuse(name, f"the text holds a character that UTF-8 does not know, at position {error.start}")
    if len(raw) > MAX_BYTES:
        _refuse(name, f"the file has {len(raw):,} bytes; a config may have at most {MAX_BYTES:,}")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse(name, "the file is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        _refuse(name, f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8", Mark(line, column))


def _refuse(name: str, message: str, mark: Mark | None = None) -> NoReturn:
    line, column = (mark.line, mark.column) if mark else (0, 0)
    raise ConfigError([Problem("", message, name, line, column)])


def _plain(node: _Node, path: KeyPath, key_marks: dict[KeyPath, Mark], value_marks: dict[KeyPath, Mark]) -> Any:
    """Return a node as plain data, and note the places of everything in it."""
    value_marks[path] = node.mark
    if isinstance(node.value, list):
        return [_plain(item, (*path, i), key_marks, value_marks) for i, item in enumerate(node.value)]
    if isinstance(node.value, dict):
        data = {}
        for key, (mark, child) in node.value.items():
            key_marks[(*path, key)] = mark
            data[key] = _plain(child, (*path, key), key_marks, value_marks)
        return data
    return node.value


@dataclass(slots=True)
class _Reader:
    """Builds nodes from the events of one text."""

    text: str
    name: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, _Node | None] = field(default_factory=dict)  # None: still being read
    path: list[str | int] = field(default_factory=list)  # of the node that is being read
    nodes: int = 0
    aliased: int = 0
    aliased_text: int = 0

    def read(self) -> _Node | None:
        try:
            return self._document(yaml.parse(self.text, Loader=_LOADER))
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark or error.context_mark
            self._refuse(self._syntax_message(error), _mark(at) if at else None)
        except yaml.reader.ReaderError as error:
            before = self.text[: error.position]
            mark = Mark(before.count("\n") + 1, error.position - before.rfind("\n"))
            character = error.character if isinstance(error.character, int) else ord(error.character)
            self._refuse(f"the character U+{character:04X} is not allowed in YAML", mark)

    def _refuse(self, message: str, mark: Mark | None = None) -> NoReturn:
        _refuse(self.name, message, mark)

    def _syntax_message(self, error: yaml.MarkedYAMLError) -> str:
        """Say what the parser stumbled over; tabs get a message of their own."""
        mark = error.problem_mark or error.context_mark
        lines = self.text.splitlines()
        if mark and mark.line < len(lines):
            line = lines[mark.line]
            indentation = line[: len(line) - len(line.lstrip())]
            if "\t" in indentation or line[mark.column : mark.column + 1] == "\t":
                return "a tab stands in the indentation; YAML allows spaces only"
        begun = error.context_mark
        since = f" (which begins on line {begun.line + 1})" if begun and mark and begun.line != mark.line else ""
        context = f"{error.context}{since}: " if error.context else ""
        said = context + (error.problem or "the text cannot be read")
        return f"this is no valid YAML: {said}; check quotes, brackets and indentation"

    def _document(self, events: Iterator[yaml.Event]) -> _Node | None:
        root: _Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    mark = _mark(event.start_mark)
                    self._refuse("a second document begins here (`---`); a config is one document", mark)
                root = self._node(next(events), events)
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event]) -> _Node:
        mark = _mark(event.start_mark)
        anchor: str | None = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(anchor), mark)
        self._count(1, mark)
        if anchor:
            self.anchors[anchor] = None
        node = self._content(event, events, mark)
        if anchor:
            self.anchors[anchor] = node
        return node

    def _content(self, event: yaml.Event, events: Iterator[yaml.Event], mark: Mark) -> _Node:
        if isinstance(event, yaml.ScalarEvent):
            return _Node(mark, self._scalar(event, mark), length=len(event.value))
        self._check_collection(getattr(event, "tag", None), mark)
        if isinstance(event, yaml.SequenceStartEvent):
            items = self._items(events)
            return _Node(mark, items, *_extent(items))
        children = self._mapping(events)
        return _Node(mark, children, *_extent([child for _, child in children.values()], children))

    def _alias(self, anchor: str, mark: Mark) -> _Node:
        if anchor not in self.anchors:
            self._refuse(f"there is no anchor {code(f'&{anchor}')} before the alias {code(f'*{anchor}')}", mark)
        node = self.anchors[anchor]
        if node is None:
            self._refuse(f"the alias {code(f'*{anchor}')} stands inside its own anchor", mark)
        self.aliased += node.size
        if self.aliased > MAX_ALIASED_NODES:
            self._refuse(f"aliases stand for more than {MAX_ALIASED_NODES:,} nodes; write out what is needed", mark)
        self.aliased_text += node.length
        if self.aliased_text > MAX_ALIASED_TEXT:
            self._refuse(f"aliases stand for more than {MAX_ALIASED_TEXT:,} characters of text", mark)
        self._check_depth(node.height, mark)
        self._count(node.size, mark)
        return node

    def _count(self, nodes: int, mark: Mark) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self._refuse(f"the file has more than {MAX_NODES:,} values", mark)

    def _check_depth(self, height: int, mark: Mark) -> None:
        if len(self.path) + height > MAX_DEPTH:
            self._refuse(f"lists and maps are nested more than {MAX_DEPTH} deep", mark)

    def _check_collection(self, tag: str | None, mark: Mark) -> None:
        if tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._refuse(f"the tag {code(tag)} is not allowed; write plain maps, lists and values", mark)
        self._check_depth(1, mark)

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark) -> Any:
        if event.tag in ("!", "tag:yaml.org,2002:str"):
            return event.value
        if event.tag is not None:
            self._refuse(f"the tag {code(event.tag)} is not allowed; write the value as it is", mark)
        return resolve(event.value) if event.implicit[0] else event.value

    def _child(self, key: str | int, event: yaml.Event, events: Iterator[yaml.Event]) -> _Node:
        self.path.append(key)
        node = self._node(event, events)
        self.path.pop()
        return node

    def _items(self, events: Iterator[yaml.Event]) -> list[_Node]:
        items: list[_Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._child(len(items), event, events))
        return items

    def _mapping(self, events: Iterator[yaml.Event]) -> dict[str, tuple[Mark, _Node]]:
        children: dict[str, tuple[Mark, _Node]] = {}
        inherited: dict[str, tuple[Mark, _Node]] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            mark = _mark(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse("a key must be a plain text, not a list, a map or an alias", mark)
            self._count(1, mark)
            key = event.value
            if event.anchor:
                self.anchors[event.anchor] = _Node(mark, key, length=len(key))
            child = self._child(key, next(events), events)
            if key == _MERGE and event.implicit[0]:
                inherited = {**self._merged(child, mark), **inherited}
            elif key in children:
                first = children[key][0].line
                message = f"the key {code(key)} is already on line {first}; remove one of the two"
                self.problems.append(Problem(dotted((*self.path, key)), message, self.name, mark.line, mark.column))
            else:
                children[key] = (mark, child)
        return {**inherited, **children}

    def _merged(self, node: _Node, mark: Mark) -> dict[str, tuple[Mark, _Node]]:
        """Return what a merge key (``<<``) brings in; of several maps, the first wins."""
        sources: Sequence[_Node] = node.value if isinstance(node.value, list) else [node]
        merged: dict[str, tuple[Mark, _Node]] = {}
        for source in reversed(sources):
            if not isinstance(source.value, dict):
                self._refuse("`<<` takes a map, or a list of maps", mark)
            merged.update(source.value)
        return merged


def _mark(mark: Any) -> Mark:
    """Return a parser's mark as ours, which counts from 1."""
    return Mark(mark.line + 1, mark.column + 1)


def _extent(children: Sequence[_Node], keys: Iterable[str] = ()) -> tuple[int, int, int]:
    """Return the size, height and length of a collection of these children."""
    return (
        1 + sum(child.size for child in children),
        1 + max((child.height for child in children), default=0),
        sum(map(len, keys)) + sum(child.length for child in children),
    )

"""The document that a panel edits: one config file, its form, its problems and its history.

::

    document = Document(agent_config())
    document.open("warehouse.yaml")
    document.set(("character", "groups", "workers", "num"), 20)
    document.undo()
    document.save()

A document may be wrong: values that are not allowed are kept and told of, and so is text that cannot be read, while
the form goes on showing what was there last. Everything is called from one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from isaacsim_agent_ext.config.defaults import applicable, fill
from isaacsim_agent_ext.config.document import MAX_BYTES, read_value
from isaacsim_agent_ext.config.dump import dump_block
from isaacsim_agent_ext.config.edit import ConfigText, same
from isaacsim_agent_ext.config.edit_order import reordered, with_copy
from isaacsim_agent_ext.config.edit_view import plain
from isaacsim_agent_ext.config.schema import Schema, child_schema, dotted
from isaacsim_agent_ext.config.spelling import spelt_as
from isaacsim_agent_ext.config.text_files import read_start
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.ui.viewmodel import schema_kinds as kinds
from isaacsim_agent_ext.ui.viewmodel import section_edits as edits
from isaacsim_agent_ext.ui.viewmodel.document_kind import DocumentKind
from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind, Path
from isaacsim_agent_ext.ui.viewmodel.form_builder import FieldProblem, FormBuilder
from isaacsim_agent_ext.ui.viewmodel.history import History
from isaacsim_agent_ext.ui.viewmodel.judge import Judge
from isaacsim_agent_ext.ui.viewmodel.live_text import LiveText
from isaacsim_agent_ext.ui.viewmodel.new_values import carried, free_name, new_entry, new_item

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """Something wrong with a document.

    Attributes:
        path: Of the field it is about; empty for the text as a whole.
        message: For the user.
        line: Of the text, counted from 1.
        severity: ``"error"`` or ``"warning"``.
    """

    path: Path
    message: str
    line: int
    severity: str = "error"


@dataclass(frozen=True, eq=False)
class _State:
    """A document at one moment.

    Attributes:
        live: Its text; what could be read last when it cannot be read.
        section: What it says under the root key. Never changed; edits share what stays the same.
        beside: What is wrong beside the root key.
        unread: Text that cannot be read, or None.
        refusals: Why it cannot be read.
    """

    live: LiveText
    section: dict[str, Any]
    beside: tuple[Problem, ...] = ()
    unread: str | None = None
    refusals: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        return self.live.text if self.unread is None else self.unread


class Document:
    """A config file that is edited by fields and as text.

    Args:
        kind: The kind of document.
        clock: Returns the time [s], by which edits become one.

    Attributes:
        kind: The kind of document.
        verbose: Whether `save` writes every key that has a default.
        path: The file, or None before a new document is saved.
    """

    def __init__(self, kind: DocumentKind, clock: Callable[[], float] = time.monotonic):
        self.kind = kind
        self.verbose = False
        self.path: FilePath | None = None
        self._judge = Judge(kind)
        self._builder = FormBuilder(kind.format.schema)
        self._subscriptions: list[Subscription] = []
        self._history: History[_State] = History(self._read(kind.new_text, None), clock)
        self._saved = self.text
        self._on_disk: str | None = None
        self._judged: tuple[_State, tuple[FieldProblem, ...]] | None = None
        self._built: tuple[_State, Field] | None = None
        self._listed: tuple[_State, tuple[DocumentProblem, ...]] | None = None

    # ---- what it is --------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The whole file."""
        return self._state.text

    @property
    def section(self) -> dict[str, Any]:
        """What it says under the root key, or said when it could be read last. Treat it as read-only."""
        return self._state.section

    @property
    def is_readable(self) -> bool:
        """Whether the text can be read; while it cannot, only `set_text`, `undo` and the like change it."""
        return self._state.unread is None

    @property
    def dirty(self) -> bool:
        """Whether it differs from its file."""
        return self.text != self._saved

    @property
    def changed_outside(self) -> bool:
        """Whether its file is no longer as it was read or written last; a file that is gone cannot be lost."""
        if self.path is None or not self.path.exists():
            return False
        try:
            return _read_file(self.path) != self._on_disk
        except ConfigError:
            return True

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit that was taken back."""
        return self._history.can_redo

    @property
    def problems(self) -> tuple[DocumentProblem, ...]:
        """What is wrong with it, in the order of the text."""
        state = self._state
        if self._listed is None or self._listed[0] is not state:
            self._listed = state, self._list_problems(state)
        return self._listed[1]

    def _list_problems(self, state: _State) -> tuple[DocumentProblem, ...]:
        if state.unread is not None:
            last = state.unread.count("\n") + 1
            return tuple(
                DocumentProblem((), problem.message, min(max(problem.line, 1), last)) for problem in state.refusals
            )
        found = [DocumentProblem((), one.message, one.line, one.severity) for one in state.beside]
        for one in self._field_problems():
            found.append(DocumentProblem(one.path, one.message, state.live.line(one.path), one.severity))
        return tuple(sorted(found, key=lambda one: one.line))

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with it but warnings."""
        return self.is_readable and not any(problem.severity == "error" for problem in self.problems)

    def form(self) -> Field:
        """Return the form; fields that have not changed are the same objects as before."""
        state = self._state
        if self._built is None or self._built[0] is not state:
            self._built = state, self._builder.build(state.section, self._field_problems())
        return self._built[1]

    def field(self, path: Sequence[str | int]) -> Field:
        """Return one field.

        Raises:
            KeyError: There is none.
        """
        found = self.form().find(tuple(path))
        if found is None:
            raise KeyError(dotted(path))
        return found

    def subscribe(self, callback: Callable[[tuple[Path, ...]], None]) -> Subscription:
        """Call ``callback`` after every change with the paths of all that has changed: values, problems or both.

        The path of a map or list stands for all that is in it. No paths at all are given when only the text has
        changed, or whether it is saved.
        """
        subscription = Subscription(self._subscriptions, callback)
        self._subscriptions.append(subscription)
        return subscription

    # ---- edits of fields ---------------------------------------------------------------------------------------

    def set(self, path: Sequence[str | int], value: Any) -> None:
        """Set a value; setting the same again and again, as in a drag, can be undone at once.

        Raises:
            ConfigError: The path leads nowhere, or the text cannot be read.
        """
        path, value = tuple(path), _tidy(plain(value))
        value = _as_listed(value, (self._schema(path) or {}).get("enum", ()))
        before = self._section_to_edit()
        if edits.is_written(before, path) and _identical(edits.value_at(before, path), value):
            return
        self._push(*self._with_value(self._state.live, before, path, value), edited=("set", path))

    def set_yaml(self, path: Sequence[str | int], text: str) -> None:
        """Set a value that is given as YAML text, such as that of a field of kind `Kind.ANY`; else it is text.

        Raises:
            ConfigError: As for `set`.
        """
        try:
            value = read_value(text)
        except ConfigError:
            value = text
        self.set(path, value)

    def reset(self, path: Sequence[str | int]) -> None:
        """Take back what is written at a path, so that the default counts.

        Raises:
            ConfigError: The text cannot be read.
        """
        section, live = self._section_to_edit(), self._state.live
        for own in self._keys_of(tuple(path)):
            for end in range(len(own), 0, -1):
                if not edits.is_written(section, own[:end]):
                    break
                section, live = edits.without(section, own[:end]), live.remove(own[:end])
                around = own[: end - 1]
                if edits.value_at(section, around) != {} or "default" not in (self._schema(around) or {}):
                    break  # else nothing is left of a map that is as good without
        if section is not self._state.section:
            self._push(section, live)

    def add(self, path: Sequence[str | int], key: str | int | None = None, option: str | None = None) -> Path:
        """Add an entry to a map, or an item to a list, and return its path.

        Args:
            path: Of the map or list.
            key: The entry's key, one that is free by default; or the position of the item, the last by default.
            option: Which of the field's choices it is to be, the first by default.

        Raises:
            ConfigError: The path leads nowhere, the key is taken, or the text cannot be read.
        """
        path = tuple(path)
        self._section_to_edit()
        field, schema = self.field(path), self._schema(path) or {}
        if field.kind is Kind.LIST:
            items = list(field.value or ())
            place = len(items) if not isinstance(key, int) else min(max(key, 0), len(items))
            item = new_item(schema, items, option)
            if edits.is_written(self._state.section, path) and items:
                section = edits.replaced(self._state.section, path, [*items[:place], item, *items[place:]])
                self._push(section, self._state.live.insert(path, place, item))
            else:
                self._push(*self._with_value(*self._now(), path, [*items[:place], item, *items[place:]]))
            return (*path, place)
        entries = field.value or {} if field.kind is Kind.GROUP_MAP else edits.value_at(self._state.section, path, {})
        entry, name = new_entry(schema, option)
        own = str(key) if key is not None else free_name(name, entries)
        if own in entries:
            raise _refusal((*path, own), "is already there; choose another name")
        self._push(*self._with_value(*self._now(), (*path, own), entry))
        return (*path, own)

    def duplicate(self, path: Sequence[str | int]) -> Path:
        """Insert a copy of an entry after it, and return its path.

        Raises:
            ConfigError: There is no such entry, or the text cannot be read.
        """
        path = tuple(path)
        live, section = self._written_parent(path)
        siblings = edits.value_at(section, path[:-1])
        if isinstance(siblings, list):
            new: Path = (*path[:-1], int(path[-1]) + 1)
        else:
            new = (*path[:-1], free_name(str(path[-1]), siblings))
        section = edits.replaced(section, path[:-1], with_copy(siblings, path[-1], new[-1]))
        self._push(section, live.duplicate(path, str(new[-1]) if isinstance(siblings, dict) else None))
        return new

    def rename(self, path: Sequence[str | int], key: str) -> Path:
        """Give an entry of a map another key, and return its new path.

        Raises:
            ConfigError: There is no such entry, the key is empty or taken, or the text cannot be read.
        """
        path = tuple(path)
        live, section = self._written_parent(path)
        siblings = edits.value_at(section, path[:-1])
        if key == path[-1]:
            return path
        if not key or not isinstance(siblings, dict) or key in siblings:
            raise _refusal(path, f"cannot be called `{key}`: that name is taken" if key else "must have a name")
        self._push(_renamed(section, path, key), live.rename(path, key))
        return (*path[:-1], key)

    def move(self, path: Sequence[str | int], delta: int) -> Path:
        """Move an entry down (or up, for a negative number) among its siblings, and return its new path.

        Raises:
            ConfigError: There is no such entry, or the text cannot be read.
        """
        path = tuple(path)
        live, section = self._written_parent(path)
        siblings = edits.value_at(section, path[:-1])
        place = path[-1] if isinstance(path[-1], int) else list(siblings).index(path[-1])
        target = min(max(place + delta, 0), len(siblings) - 1)
        if target == place:
            return path
        section = edits.replaced(section, path[:-1], reordered(siblings, path[-1], target))
        self._push(section, live.move(path, target))
        return (*path[:-1], target) if isinstance(siblings, list) else path

    def remove(self, path: Sequence[str | int]) -> None:
        """Remove an entry.

        Raises:
            ConfigError: There is no such entry, or the text cannot be read.
        """
        live, section = self._written_parent(tuple(path))
        self._push(edits.without(section, tuple(path)), live.remove(tuple(path)))

    def choose(self, path: Sequence[str | int], option: str | None) -> Path:
        """Choose an option of a field of kind `Kind.ONE_OF`; what the old one says and the new one knows is kept.

        Args:
            path: Of the field.
            option: The option; None to take back a choice that need not be made.

        Returns:
            The field's path, which is another one when the option is the kind of a named entry.

        Raises:
            ConfigError: There is no such option, or the text cannot be read.
        """
        path = tuple(path)
        self._section_to_edit()
        field = self.field(path)
        if option is None:
            self.reset(path)
            return path
        if option not in field.choices:
            raise _refusal(path, f"has no option `{option}`; there are {', '.join(field.choices)}")
        if option == field.value and field.is_set:
            return path
        if field.is_choice:
            self._swap(path[:-1], self._chosen_key(path), option)
        elif kinds.kinds_of_entries(self._schema(path[:-1]) or {}):
            siblings = edits.value_at(self._state.section, path[:-1])
            name = free_name(option, siblings)
            self._swap(path[:-1], str(path[-1]), name)
            return (*path[:-1], name)
        else:
            self._swap(path, field.value, option)
        return path

    # ---- text, history, files ----------------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Replace the whole text; typing without a pause can be undone at once."""
        state = self._state
        if text == state.text:
            return
        typed = state.live.typed(text) if state.unread is None and state.live.pieces else None
        if typed is None:
            self._go(self._read(text, state), edited="text")
            return
        live, path, value = typed
        before = edits.value_at(state.section, path)
        after = edits.sharing(value, before)
        section = state.section if after is before else edits.replaced(state.section, path, after)
        self._push(section, live, edited="text")

    def undo(self) -> None:
        """Take back the last edit."""
        before = self._state
        self._history.undo()
        self._announce(before)

    def redo(self) -> None:
        """Take back the last `undo`."""
        before = self._state
        self._history.redo()
        self._announce(before)

    def end_edit(self) -> None:
        """End a drag, or typing: the next edit can be undone by itself."""
        self._history.seal()

    def new(self) -> None:
        """Begin a new document."""
        self._begin(self.kind.new_text, None)

    def open(self, path: str | FilePath) -> None:
        """Open a file, right or wrong.

        Raises:
            ConfigError: It cannot be read, or is not UTF-8.
        """
        path = FilePath(path).expanduser().absolute()
        self._begin(_read_file(path), path)

    def reload(self) -> None:
        """Open the file again; edits that were not saved are lost. A new document begins anew.

        Raises:
            ConfigError: As for `open`.
        """
        if self.path is None:
            self.new()
        else:
            self.open(self.path)

    def save(self, path: str | FilePath | None = None) -> None:
        """Write the document, right or wrong, into its file.

        Args:
            path: The file from now on.

        Raises:
            ConfigError: There is no file yet.
            OutputError: It cannot be written.
        """
        target = FilePath(path).expanduser().absolute() if path is not None else self.path
        if target is None:
            raise ConfigError([Problem("", "the document has no file yet; save it under a name")])
        self._vouch()
        text = self._text_to_save()
        LocalSink(target.parent).write(target.name, text.encode())
        self.path, self._saved, self._on_disk = target, self.text, text
        self._history.seal()
        self._tell(())

    # ---- how: reading and writing ------------------------------------------------------------------------------

    @property
    def _state(self) -> _State:
        return self._history.state

    def _read(self, text: str, before: _State | None) -> _State:
        """Return the state of a text; what stays as it was in ``before`` is shared with it."""
        name = str(self.path or f"new {self.kind.title.lower()}")
        try:
            live, section, beside = LiveText.read(self.kind.format, text, name)
        except ConfigError as error:
            last = before or _State(LiveText(self.kind.format, name, ()), {})
            return _State(last.live, last.section, unread=text, refusals=error.problems)
        return _State(live, edits.sharing(section, before.section) if before else section, beside)

    def _begin(self, text: str, path: FilePath | None) -> None:
        before = self._state
        again, self.path = path is not None and path == self.path, path
        self._history.begin(self._read(text, before if again else None))
        self._saved = self.text
        self._on_disk = text if path is not None else None
        self._announce(before)

    def _vouch(self) -> None:
        """Make sure that the text says what the form shows; write it anew where it does not."""
        state = self._state
        if state.unread is None and not state.live.says(state.section):
            text = ConfigText(state.text, state.live.name, root=(self.kind.format.root_key,))
            try:
                mended = text.set((), state.section).text
            except ConfigError:
                mended = dump_block({self.kind.format.root_key: state.section}) + "\n"
            self._go(self._read(mended, state))

    def _text_to_save(self) -> str:
        if not self.verbose or not self.is_valid:
            return self.text
        schema, section = self.kind.format.schema, self._state.section
        filled = spelt_as(fill(schema, section), section, schema)
        return ConfigText(self.text, self._state.live.name, root=(self.kind.format.root_key,)).set((), filled).text

    # ---- how: edits --------------------------------------------------------------------------------------------

    def _now(self) -> tuple[LiveText, dict[str, Any]]:
        return self._state.live, self._state.section

    def _section_to_edit(self) -> dict[str, Any]:
        """Return the section.

        Raises:
            ConfigError: The text cannot be read, so there is nothing to write an edit into.
        """
        if not self.is_readable:
            first = self.problems[0]
            raise ConfigError([Problem("", f"correct line {first.line} of the text first: {first.message}")])
        return self._state.section

    def _schema(self, path: Path) -> Schema | None:
        """Return the schema of a path with the conditions on the way decided as the document stands."""
        schema: Schema | None = self.kind.format.schema
        value: Any = self._state.section
        for key in path:
            if schema is None:
                return None
            schema = child_schema(applicable(schema, value) if isinstance(value, dict) else schema, key)
            value = edits.value_at(value, (key,), (schema or {}).get("default"))
        return schema

    def _keys_of(self, path: Path) -> list[Path]:
        """Return the paths of what is written for a field: several, when it is a choice between keys."""
        field = self.form().find(path)
        return [(*path[:-1], key) for key in field.choices] if field is not None and field.is_choice else [path]

    def _chosen_key(self, path: Path) -> str | None:
        written = (key for key in self.field(path).choices if edits.is_written(self._state.section, (*path[:-1], key)))
        return next(written, None)

    def _with_value(
        self, live: LiveText, section: dict[str, Any], path: Path, value: Any
    ) -> tuple[dict[str, Any], LiveText]:
        """Return section and text with a value."""
        try:
            after = edits.put(section, path, value, self.kind.format.schema)
        except (KeyError, TypeError) as error:
            raise _refusal(path, "leads nowhere") from error
        end = 0
        while end < len(path) and edits.value_at(section, path[:end]) is not None:
            end += 1  # what is written, up to and with the first key that is not
        while end > 1 and edits.value_at(section, path[: end - 1]) is None:
            end -= 1
        return after, live.set(path[:end], edits.value_at(after, path[:end]))

    def _written_parent(self, path: Path) -> tuple[LiveText, dict[str, Any]]:
        """Return text and section in which the map or list around an entry is written, even if it is the default.

        Raises:
            ConfigError: There is no such entry, or the text cannot be read.
        """
        section, live = self._section_to_edit(), self._state.live
        if edits.is_written(section, path):
            return live, section
        field = self.form().find(path[:-1]) if path else None
        if field is None or edits.value_at(field.value, path[-1:]) is None:
            raise _refusal(path, "is not there")
        section, live = self._with_value(live, section, path[:-1], field.value)
        return live, section

    def _swap(self, path: Path, old: str | None, new: str) -> None:
        """Put one key of a map in the place of another."""
        live, section = self._now()
        schema = self._schema(path) or {}
        target = child_schema(schema, new) or {}
        if old is None or not edits.is_written(section, (*path, old)):
            given = {} if old is None else edits.value_at((self.form().find(path) or _NO_FIELD).value, (old,), {})
            value = {new: carried(given, target)} if kinds.kind_of(schema) is Kind.ONE_OF else None
            where = path if value is not None else (*path, new)
            self._push(*self._with_value(live, section, where, value or carried(given, target)))
            return
        value = carried(edits.value_at(section, (*path, old)), target)
        section, live = _renamed(section, (*path, old), new), live.rename((*path, old), new)
        self._push(*self._with_value(live, section, (*path, new), value))

    def _push(self, section: dict[str, Any], live: LiveText, edited: Hashable = None) -> None:
        self._go(_State(live, section, self._state.beside), edited)

    def _go(self, state: _State, edited: Hashable = None) -> None:
        before = self._state
        self._history.push(state, edited)
        self._announce(before)

    # ---- how: problems and announcements -----------------------------------------------------------------------

    def _field_problems(self) -> tuple[FieldProblem, ...]:
        state = self._state
        if self._judged is None or self._judged[0].section is not state.section:
            self._judged = state, self._judge.problems(state.section)
        return self._judged[1]

    def _announce(self, before: _State) -> None:
        if self._state is before:
            return
        told = set(self._judged[1]) if self._judged is not None and self._judged[0].section is before.section else set()
        changed = edits.differing(self._state.section, before.section)
        changed += [problem.path for problem in told ^ set(self._field_problems())]
        self._tell(tuple(dict.fromkeys(changed)))

    def _tell(self, changed: tuple[Path, ...]) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.callback(changed)


class Subscription:
    """Keeps a callback called until it is reset."""

    def __init__(self, others: list[Subscription], callback: Callable[[tuple[Path, ...]], None]):
        self.callback = callback
        self._others = others

    def reset(self) -> None:
        """Call no more; a second time does nothing."""
        if self in self._others:
            self._others.remove(self)


_NO_FIELD = Field(path=(), kind=Kind.ANY, label="")


def _refusal(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(dotted(path), message)])


def _tidy(value: Any) -> Any:
    """Return a value without the last digits that dragging leaves behind."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def _as_listed(value: Any, allowed: Sequence[Any]) -> Any:
    """Return the allowed value that is called so in a menu, or the value itself."""
    return next((one for one in allowed if isinstance(value, str) and str(one) == value), value)


def _identical(a: Any, b: Any) -> bool:
    return type(a) is type(b) and same(a, b) and (not isinstance(a, dict) or list(a) == list(b))


def _renamed(section: dict[str, Any], path: Path, key: str) -> Any:
    siblings = edits.value_at(section, path[:-1])
    renamed = {key if name == path[-1] else name: value for name, value in siblings.items()}
    return edits.replaced(section, path[:-1], renamed)


def _read_file(path: FilePath) -> str:
    raw = read_start(path, MAX_BYTES)  # what is longer is refused when it is read
    try:
        return raw.decode()  # a byte order mark is kept, to be written again
    except UnicodeDecodeError as error:
        raise ConfigError([Problem("", "the file is not UTF-8; save it as UTF-8", str(path))]) from error

"""What a form shows: a tree of fields, each with its value, its limits and what is wrong with it.

Fields are made by `isaacsim_agent_ext.ui.viewmodel.form_builder` from a JSON Schema and a document. They are immutable,
and a field in which nothing has changed is the same object as before: a view that keeps the field it has drawn need
only compare by ``is`` to know what to draw anew.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
"""Keys and list positions below the root key of the document."""


class Kind(enum.Enum):
    """How a field is shown and edited.

    - `SECTION`: a map with known keys; its children are the fields.
    - `GROUP_MAP`: a map with free keys; its children are the entries. With `Field.choices`, what can be added.
    - `LIST`: a list; its children are the items.
    - `ONE_OF`: a choice; `Field.value` is the option chosen (None for none yet), `Field.choices` are all options, and
      its children the fields of the option chosen.
    - `RANGE`: two numbers, the smaller first.
    - `VECTOR`: as many numbers (or texts, see `Field.item`) as `Field.value` or `Field.length` says.
    - `NUMBER`, `INTEGER`, `BOOLEAN`, `TEXT`: one value.
    - `ENUM`: one of `Field.choices`, all of them texts; `Document.set` takes them as they are.
    - `MULTILINE`: a text of several lines.
    - `ASSET_PATH`, `FOLDER_PATH`, `PRIM_PATH`: a text that can be browsed or picked.
    - `ANY`: whatever the schema leaves open, or a value of the wrong type: edited as YAML, by `Document.set_yaml`.
    """

    SECTION = "section"
    GROUP_MAP = "group_map"
    LIST = "list"
    ONE_OF = "one_of"
    RANGE = "range"
    VECTOR = "vector"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    MULTILINE = "multiline"
    ENUM = "enum"
    ASSET_PATH = "asset_path"
    FOLDER_PATH = "folder_path"
    PRIM_PATH = "prim_path"
    ANY = "any"


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    """One field of a form.

    Attributes:
        path: Where it stands. A choice between keys of one map has no key of its own: its path is that of the map and
            the keys, joined by ``|``.
        kind: How it is shown and edited.
        label: Short name.
        unit: Unit such as ``"m/s"``, or an empty text.
        help: One or more whole sentences, for a tooltip.
        expects: What is allowed, in words: ``"an integer of at least 0"``.
        value: In effect: what is written, else the default, else None.
        is_set: Whether it is written in the document.
        required: Whether it must be.
        default: What leaving it out means; None without a default.
        has_default: Whether leaving it out means `default`.
        minimum: Least number, of each number for ranges and vectors, or None.
        maximum: Largest number, or None.
        exclusive_minimum: Whether `minimum` itself is not allowed.
        exclusive_maximum: Whether `maximum` itself is not allowed.
        step: By how much one step of a drag or a spinner changes the number.
        choices: Values of an `ENUM`; options of a `ONE_OF`; what can be added to a `GROUP_MAP` or `LIST` of choices.
        choice_labels: Short names of the choices, in their order.
        item: Kind of the numbers or texts of a `RANGE` or `VECTOR`, and of the items of a `LIST`.
        length: How many values a `RANGE` or `VECTOR` has.
        nullable: Whether null is allowed.
        placeholder: An example to show in an empty field.
        key: Last part of the path as text: the name of an entry.
        is_entry: Whether it can be duplicated, moved and removed: an entry of a `GROUP_MAP` or an item of a `LIST`.
        can_rename: Whether the user may change `key`.
        can_add: Whether entries or items can be added to it.
        summary: A few words on what an entry holds, to show while it is collapsed.
        children: See `kind`.
        problems: What is wrong with it, not counting its children.
        warnings: What is allowed and probably not meant, likewise.
        problem_count: How many problems it has, its children's included.
    """

    path: Path
    kind: Kind
    label: str
    unit: str = ""
    help: str = ""
    expects: str = ""
    value: Any = None
    is_set: bool = False
    required: bool = False
    default: Any = None
    has_default: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    step: float = 0.1
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    item: Kind | None = None
    length: int = 0
    nullable: bool = False
    placeholder: str = ""
    key: str = ""
    is_entry: bool = False
    can_rename: bool = False
    can_add: bool = False
    summary: str = ""
    children: tuple[Field, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problem_count: int = 0

    @property
    def is_choice(self) -> bool:
        """Whether it is a choice between keys of the map it stands in."""
        return self.kind is Kind.ONE_OF and len(self.choices) > 1 and self.key == "|".join(self.choices)

    def find(self, path: Path) -> Field | None:
        """Return the field at ``path``, in this field or below, or None."""
        if path == self.path:
            return self
        for child in self.children:
            if child.is_choice or path[: len(child.path)] == child.path:
                found = child.find(path)
                if found is not None:
                    return found
        return None

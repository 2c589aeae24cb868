"""Building the form of a document from its schema; nothing here knows which schema that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from isaacsim_agent_ext.config.defaults import applicable
from isaacsim_agent_ext.config.schema import Schema, child_schema, is_forbidden
from isaacsim_agent_ext.ui.viewmodel import schema_kinds as kinds
from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind, Path

_MOST_KNOWN = 50_000


class _Missing:
    """Stands for a value that is written nowhere and has no default."""


_MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Something wrong, by path.

    Attributes:
        path: Of the field, or of something in it that has no field of its own.
        message: For the user.
        severity: ``"error"`` or ``"warning"``.
    """

    path: Path
    message: str
    severity: str = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What a field is in its form, besides what its schema and its value say."""

    path: Path
    is_set: bool
    label: str = ""
    required: bool = False
    is_entry: bool = False
    can_rename: bool = False
    entry_kind: str = ""
    entry_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    schema: Schema
    value: Any
    place: _Place
    problems: tuple[FieldProblem, ...]
    field: Field


class FormBuilder:
    """Builds fields; a field in which nothing has changed is the one that was built before.

    Args:
        schema: The flattened schema of what stands under the root key.
    """

    def __init__(self, schema: Schema):
        self._schema = schema
        self._known: dict[Path, _Known] = {}
        self._problems: Mapping[Path, tuple[FieldProblem, ...]] = {}

    def build(self, section: Mapping[str, Any], problems: Sequence[FieldProblem]) -> Field:
        """Return the form of a section.

        Args:
            section: What stands under the root key; wrong in any way, and never changed afterwards.
            problems: What is wrong with it.
        """
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        within: dict[Path, list[FieldProblem]] = {}
        for problem in problems:
            for end in range(len(problem.path) + 1):
                within.setdefault(problem.path[:end], []).append(problem)
        self._problems = {path: tuple(found) for path, found in within.items()}
        return self._field(_Place(path=(), is_set=True), self._schema, section)

    # ---- one field ---------------------------------------------------------------------------------------------

    def _field(self, place: _Place, schema: Schema, value: Any) -> Field:
        problems = self._problems.get(place.path, ())
        known = self._known.get(place.path)
        if (
            known is not None
            and known.value is value
            and known.problems == problems
            and known.place == place
            and known.schema == schema
        ):
            return known.field
        field = self._made(place, schema, value, problems)
        self._known[place.path] = _Known(schema, value, place, problems, field)
        return field

    def _made(self, place: _Place, schema: Schema, value: Any, problems: tuple[FieldProblem, ...]) -> Field:
        kind = kinds.kind_of(schema)
        shown = schema.get("default") if value is _MISSING or value is None else value
        if shown is not None and not kinds.fits(kind, schema, shown):
            kind = Kind.ANY
        field = _described(place, schema, kind, shown)
        is_set = place.is_set and value is not None
        if kind is Kind.SECTION:
            field = replace(field, **self._section(place.path, schema, shown or {}, is_set))
        elif kind is Kind.ONE_OF:
            field = replace(field, **self._one_of(place.path, schema, shown or {}, is_set))
        elif kind is Kind.GROUP_MAP:
            field = replace(field, **self._group_map(place.path, schema, shown or {}, is_set))
        elif kind is Kind.LIST:
            field = replace(field, **self._list(place.path, schema, shown or [], is_set))
        if place.entry_kind and kind is Kind.SECTION:  # the entry's name says its kind, which can be chosen anew
            names = place.entry_kinds
            field = replace(field, kind=Kind.ONE_OF, value=place.entry_kind, choices=names, choice_labels=names)
        return _judged(field, problems)

    # ---- containers --------------------------------------------------------------------------------------------

    def _section(self, path: Path, schema: Schema, value: Mapping[str, Any], is_set: bool) -> dict[str, Any]:
        children = tuple(self._section_fields(path, schema, value, is_set))
        return {
            "children": children,
            "can_add": schema.get("additionalProperties") is True,
            "summary": _summary(children),
        }

    def _section_fields(self, path: Path, schema: Schema, value: Mapping[str, Any], is_set: bool) -> Iterator[Field]:
        schema = applicable(schema, value)
        properties, required = schema.get("properties", {}), schema.get("required", ())
        choice = kinds.choice_of(schema)
        chosen = _chosen(choice, properties, value) if choice is not None else None
        for key, child in properties.items():
            if choice is not None and key == choice.keys[0]:
                yield self._choice(path, choice, chosen, properties, value, is_set)
            if choice is not None and key in choice.keys and (key == chosen or key not in value):
                continue
            if key in value or not (is_forbidden(child) or "x-alias-of" in child):
                place = _Place(path=(*path, key), is_set=is_set and key in value, required=key in required)
                yield self._field(place, child, _given(child, value, key))
        for key in value:
            if key not in properties:
                place = _Place(path=(*path, key), is_set=is_set, label=key, is_entry=True, can_rename=True)
                yield self._field(place, child_schema(schema, key) or {}, value[key])

    def _choice(
        self,
        path: Path,
        choice: kinds.Choice,
        chosen: str | None,
        properties: Mapping[str, Schema],
        value: Mapping[str, Any],
        is_set: bool,
    ) -> Field:
        """Return the field of a choice between keys of the map at ``path``."""
        titles = tuple(properties[key].get("title", key) for key in choice.keys)
        children: tuple[Field, ...] = ()
        if chosen is not None:
            place = _Place(path=(*path, chosen), is_set=is_set and chosen in value)
            option = self._field(place, properties[chosen], _given(properties[chosen], value, chosen))
            children = option.children if option.kind is Kind.SECTION and not option.problems else (option,)
        field = Field(
            path=(*path, choice.name),
            kind=Kind.ONE_OF,
            label=choice.title or " / ".join(titles),
            help=properties[chosen].get("description", "") if chosen else "",
            value=chosen,
            is_set=is_set and any(key in value for key in choice.keys),
            required=choice.required,
            choices=choice.keys,
            choice_labels=titles,
            key=choice.name,
            children=children,
            problem_count=sum(child.problem_count for child in children),
        )
        known = self._known.get(field.path)
        if known is not None and _same_but_children(known.field, field):
            return known.field
        self._known[field.path] = _Known({}, None, _Place(path=field.path, is_set=field.is_set), (), field)
        return field

    def _one_of(self, path: Path, schema: Schema, value: Mapping[str, Any], is_set: bool) -> dict[str, Any]:
        options = schema["properties"]
        chosen = next((key for key in value if key in options), None)
        children: tuple[Field, ...] = ()
        if chosen is not None:
            place = _Place(path=(*path, chosen), is_set=is_set)
            option = self._field(place, options[chosen], value[chosen])
            children = option.children if option.kind is Kind.SECTION else (option,)
        others = (key for key in value if key != chosen)
        strays = tuple(
            self._field(
                _Place(path=(*path, key), is_set=is_set, label=key, is_entry=True),
                options.get(key, {}),
                value[key],
            )
            for key in others
        )
        titles = {key: option.get("title", key) for key, option in options.items()}
        details = _summary(children)
        return {
            "value": chosen,
            "choices": tuple(options),
            "choice_labels": tuple(titles.values()),
            "children": children + strays,
            "summary": " · ".join(text for text in (titles.get(chosen or "", ""), details) if text),
        }

    def _group_map(self, path: Path, schema: Schema, value: Mapping[str, Any], is_set: bool) -> dict[str, Any]:
        entry_kinds = tuple(kinds.kinds_of_entries(schema))
        children = []
        for key, entry in value.items():
            place = _Place(
                path=(*path, key),
                is_set=is_set,
                label=key,
                is_entry=True,
                can_rename=True,
                entry_kind=kinds.kind_of_entry(schema, key) or "",
                entry_kinds=entry_kinds,
            )
            children.append(self._field(place, child_schema(schema, key) or {}, entry))
        return {
            "children": tuple(children),
            "choices": entry_kinds,
            "choice_labels": entry_kinds,
            "can_add": True,
            "summary": _counted(len(children)),
        }

    def _list(self, path: Path, schema: Schema, value: Sequence[Any], is_set: bool) -> dict[str, Any]:
        item = schema["items"]
        title = item.get("title") or "Item"
        children = tuple(
            self._field(_Place(path=(*path, i), is_set=is_set, label=f"{title} {i + 1}", is_entry=True), item, one)
            for i, one in enumerate(value)
        )
        options = item.get("properties", {}) if kinds.kind_of(item) is Kind.ONE_OF else {}
        choices = tuple(options) or tuple(str(one) for one in item.get("enum", ()))
        return {
            "children": children,
            "choices": choices,
            "choice_labels": tuple(options[key].get("title", key) for key in options) or choices,
            "can_add": len(children) < schema.get("maxItems", len(children) + 1),
            "summary": _counted(len(children)),
        }


# ---- words and numbers -----------------------------------------------------------------------------------------


def _described(place: _Place, schema: Schema, kind: Kind, shown: Any) -> Field:
    """Return the field without its children and its problems."""
    key = str(place.path[-1]) if place.path else ""
    limits = kinds.limits_of(schema)
    choices = tuple(str(one) for one in schema.get("enum", ()))
    item = schema.get("items")
    return Field(
        path=place.path,
        kind=kind,
        label=place.label or schema.get("title") or kinds.in_words(key),
        unit=schema.get("x-unit", ""),
        help=schema.get("description", ""),
        expects=kinds.expects(schema),
        value=str(shown) if kind is Kind.ENUM and shown is not None else shown,
        is_set=place.is_set,
        required=place.required,
        default=schema.get("default"),
        has_default="default" in schema,
        minimum=limits.minimum,
        maximum=limits.maximum,
        exclusive_minimum=limits.exclusive_minimum,
        exclusive_maximum=limits.exclusive_maximum,
        step=limits.step,
        choices=choices,
        choice_labels=choices,
        item=kinds.kind_of(item) if isinstance(item, dict) else None,
        length=schema["minItems"] if kind in (Kind.RANGE, Kind.VECTOR) else 0,
        nullable="null" in kinds.allowed_types(schema),
        placeholder=kinds.placeholder(schema),
        key=key,
        is_entry=place.is_entry,
        can_rename=place.can_rename,
    )


def _judged(field: Field, problems: Sequence[FieldProblem]) -> Field:
    """Return the field with what is wrong with it: what no field below it shows."""
    below = {(*field.path, str(child.value)) if child.is_choice else child.path for child in field.children}
    own = [one for one in problems if not any(one.path[: len(path)] == path for path in below)]
    return replace(
        field,
        problems=tuple(one.message for one in own if one.severity == "error"),
        warnings=tuple(one.message for one in own if one.severity != "error"),
        problem_count=sum(one.severity == "error" for one in problems),
    )


def _chosen(choice: kinds.Choice, properties: Mapping[str, Schema], value: Mapping[str, Any]) -> str | None:
    written = next((key for key in choice.keys if key in value), None)
    return written or next((key for key in choice.keys if "default" in properties[key]), None)


def _given(schema: Schema, value: Mapping[str, Any], key: str) -> Any:
    return value[key] if key in value else schema.get("default", _MISSING)


def _same_but_children(a: Field, b: Field) -> bool:
    same_children = len(a.children) == len(b.children) and all(
        x is y for x, y in zip(a.children, b.children, strict=True)
    )
    return same_children and (a.value, a.is_set, a.label, a.problem_count) == (
        b.value,
        b.is_set,
        b.label,
        b.problem_count,
    )


def _summary(children: Sequence[Field]) -> str:
    """Return the values that must be given, in a few words."""
    told = [child for child in children if child.required and child.kind in kinds.SCALARS and child.value is not None]
    return ", ".join(f"{child.value} {child.unit}".strip() for child in told[:2])


def _counted(count: int) -> str:
    return "none" if count == 0 else f"{count}"

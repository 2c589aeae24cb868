"""The form of a document, whatever its schema."""

from __future__ import annotations

import pytest
from small_kind import toy_box

from isaacsim_agent_ext.config.schema import section_schema
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config
from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind


@pytest.fixture
def toys() -> Document:
    return Document(toy_box())


def every_field(field: Field) -> list[Field]:
    return [field, *(one for child in field.children for one in every_field(child))]


def test_a_new_document_says_what_must_be_said_and_is_valid(toys: Document) -> None:
    assert toys.text == "toy.box:\n  count: 3\n"
    assert toys.is_valid
    assert not toys.dirty


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("count", Kind.INTEGER),
        ("mode", Kind.ENUM),
        ("loud", Kind.BOOLEAN),
        ("span", Kind.RANGE),
        ("near|far", Kind.ONE_OF),
        ("shapes", Kind.LIST),
        ("boxes", Kind.GROUP_MAP),
        ("outputs", Kind.GROUP_MAP),
        ("extra", Kind.SECTION),
        ("notes", Kind.MULTILINE),
        ("asset", Kind.ASSET_PATH),
        ("prim", Kind.PRIM_PATH),
    ],
)
def test_kinds(toys: Document, key: str, kind: Kind) -> None:
    assert toys.field((key,)).kind is kind


def test_what_a_field_knows(toys: Document) -> None:
    count, span, mode, loud = (toys.field((key,)) for key in ("count", "span", "mode", "loud"))
    assert (count.value, count.is_set, count.required) == (3, True, True)
    assert (count.minimum, count.maximum, count.step) == (1, 9, 1.0)
    assert (span.value, span.is_set, span.has_default, span.unit, span.minimum) == ([1.0, 2.0], False, True, "s", 0)
    assert (span.item, span.length) == (Kind.NUMBER, 2)
    assert (mode.choices, mode.value, mode.default) == (("slow", "fast"), "slow", "slow")
    assert loud.label == "Loud"
    assert "of at least 1" in count.expects or "from 1 to 9" in count.expects


def test_the_default_of_a_list_has_fields_that_are_not_set(toys: Document) -> None:
    item = toys.field(("shapes", 0))
    assert (item.value, item.is_set, item.is_entry) == ("brick", False, True)
    assert item.choice_labels == ("Ball", "Brick")
    size = toys.field(("shapes", 0, "brick", "size"))
    assert (size.kind, size.value, size.is_set) == (Kind.VECTOR, [1.0, 1.0, 1.0], False)


def test_a_value_of_the_wrong_kind_is_shown_as_what_it_is(toys: Document) -> None:
    toys.set_text("toy.box: {count: many, boxes: [1]}\n")
    count, boxes = toys.field(("count",)), toys.field(("boxes",))
    assert (count.kind, count.value) == (Kind.ANY, "many")
    assert count.problems
    assert boxes.kind is Kind.ANY
    assert toys.form().problem_count == 2


def test_unknown_keys_are_shown_where_they_can_be_removed(toys: Document) -> None:
    toys.set_text("toy.box: {count: 1, colour: red}\n")
    stray = toys.field(("colour",))
    assert stray.kind is Kind.ANY
    assert stray.is_entry
    assert "unknown key" in stray.problems[0]
    toys.remove(("colour",))
    assert toys.is_valid


def test_a_missing_key_is_told_of_at_its_field(toys: Document) -> None:
    toys.reset(("count",))
    assert not toys.field(("count",)).is_set
    assert "is missing" in toys.field(("count",)).problems[0]
    assert [problem.path for problem in toys.problems] == [("count",)]


def test_problems_of_part_of_a_range_are_those_of_the_range(toys: Document) -> None:
    toys.set(("span",), [-1.0, 2.0])
    assert toys.field(("span",)).problems
    assert toys.form().problem_count == 1
    toys.set(("span",), [3.0, 2.0])
    assert "smaller" in toys.field(("span",)).problems[0]


def test_warnings_are_no_problems(toys: Document) -> None:
    toys.set(("mode",), "fast")
    toys.set(("loud",), True)
    assert toys.field(("loud",)).warnings == ("fast things are loud enough",)
    assert toys.form().problem_count == 0
    assert toys.is_valid


def test_fields_that_do_not_change_stay_the_same_objects(toys: Document) -> None:
    toys.add(("boxes",))
    toys.add(("boxes",))
    before = toys.form()
    toys.set(("boxes", "toy_chest_2", "owner"), "Grace")
    assert toys.form() is not before
    assert toys.field(("boxes", "toy_chest")) is before.find(("boxes", "toy_chest"))
    assert toys.field(("shapes",)) is before.find(("shapes",))
    assert toys.field(("near|far",)) is before.find(("near|far",))
    assert toys.field(("boxes", "toy_chest_2")) is not before.find(("boxes", "toy_chest_2"))


def test_a_choice_between_keys_shows_the_fields_of_the_one_that_is_there(toys: Document) -> None:
    choice = toys.field(("near|far",))
    assert (choice.label, choice.value, choice.is_choice) == ("Where", None, True)
    toys.choose(choice.path, "near")
    assert toys.section["near"] == {}
    assert toys.field(("near", "reach")).value == 1.0
    toys.choose(choice.path, "far")
    assert "near" not in toys.section
    assert toys.field(("far",)).kind is Kind.TEXT
    toys.choose(choice.path, None)
    assert "far" not in toys.section


def test_both_keys_of_a_choice_are_told_of_and_can_be_mended(toys: Document) -> None:
    toys.set_text("toy.box: {count: 1, near: {}, far: x}\n")
    assert "keep one" in toys.problems[0].message
    toys.reset(("far",))
    assert toys.is_valid


def test_every_key_of_the_agent_schema_has_a_place_in_the_form() -> None:
    document = Document(agent_config())
    for path, option in (
        (("character", "groups"), None),
        (("robot", "groups"), None),
        (("sensor", "groups"), None),
        (("replicator", "writers"), "IRABasicWriter"),
        (("replicator", "writers"), "CustomWriter"),
    ):
        document.add(path, option=option)
    assert document.is_valid
    fields = every_field(document.form())
    assert not [field.path for field in fields if field.kind is Kind.ANY]
    assert not [field.path for field in fields if not field.label]
    top = {field.path[0] for field in document.form().children}
    assert top == set(section_schema()["properties"])
    without_help = [field.path for field in fields if field.path and not field.help and not field.is_entry]
    assert [path for path in without_help if "|" not in str(path[-1])] == []

import pytest

from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.errors import ConfigError

PERSON = {"class": ("character",), "team": ("night",)}
ROBOT = {"class": ("robot", "machine")}
TAGGED = {"id": ("7",)}
SHELF = {"class": ("shelf",)}


@pytest.mark.parametrize(
    ("predicate", "labels", "kept"),
    [
        ("class:*", PERSON, {"class": ("character",)}),
        ("class:*", TAGGED, {}),
        ("class:character|robot;id:*", PERSON, {"class": ("character",)}),
        ("class:character|robot;id:*", ROBOT, {"class": ("robot", "machine")}),
        ("class:character|robot;id:*", TAGGED, {"id": ("7",)}),
        ("class:character|robot;id:*", SHELF, {}),
        ("class:character|robot;id:*", PERSON | TAGGED, {"class": ("character",), "id": ("7",)}),
        ("class: robot & machine", ROBOT, {"class": ("robot", "machine")}),
        ("class: robot & !machine", ROBOT, {}),
        ("class: robot & !machine | shelf", SHELF, {"class": ("shelf",)}),
        ("class: robot & !machine, shelf", SHELF, {"class": ("shelf",)}),
        ("class: !robot", SHELF, {"class": ("shelf",)}),
        ("class: !robot", ROBOT, {}),
        ("class: !robot", TAGGED, {}),  # no label of the type at all
        ("class: !!robot", ROBOT, {"class": ("robot", "machine")}),
        ("class: shelf, team: night", PERSON, {"team": ("night",)}),
        ("class: shelf , character , team: day", PERSON, {"class": ("character",)}),
        ("*: night", PERSON, {"team": ("night",)}),
        ("*: *", PERSON, PERSON),
        ("class: char*", PERSON, {"class": ("character",)}),
        ("class: *act*", PERSON, {"class": ("character",)}),
        ("class: char", PERSON, {}),
        ("class: Character", PERSON, {}),
        ("class: cardboard box", {"class": ("cardboard box",)}, {"class": ("cardboard box",)}),
        ("class: a.b", {"class": ("axb",)}, {}),  # a dot is a dot
        ("class:robot;", ROBOT, {"class": ("robot", "machine")}),
        (
            "typeA : labelA & !labelB | labelC , typeB: labelA ; typeC: labelD",
            {"typeC": ("labelD",)},
            {"typeC": ("labelD",)},
        ),
        ("typeA : labelA & !labelB | labelC , typeB: labelA ; typeC: labelD", {"typeA": ("labelA", "labelB")}, {}),
        (
            "typeA : labelA & !labelB | labelC , typeB: labelA",
            {"typeA": ("labelB", "labelC")},
            {"typeA": ("labelB", "labelC")},
        ),
        ("class:*", {"class": ()}, {}),
    ],
)
def test_selects_as_the_grammar_says(predicate, labels, kept):
    assert parse_filter(predicate).select(labels) == kept


@pytest.mark.parametrize(
    ("predicate", "position", "expected"),
    [
        ("", 1, "a label type"),
        ("class", 6, "`:` after the label type `class`"),
        ("class:", 7, "a label"),
        ("class:|robot", 7, "a label"),
        ("class: robot &", 15, "a label"),
        ("class: robot ! shelf", 14, "`;`, `|`, `&` or the end"),
        ("class: robot;;id:*", 14, "a label type"),
        (": robot", 1, "a label type"),
        ("class: robot: id", 13, "`;`, `|`, `&` or the end"),
    ],
)
def test_errors_point_at_the_place(predicate, position, expected):
    with pytest.raises(ConfigError, match=f"at character {position} ") as caught:
        parse_filter(predicate)
    assert f"expected {expected}" in str(caught.value)
    assert "class:character|robot;id:*" in str(caught.value)

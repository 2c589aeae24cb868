"""Reading YAML: places, limits, and what a plain scalar means."""

import math
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.config.document import (
    MAX_ALIASED_NODES,
    MAX_ALIASED_TEXT,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    Mark,
    read_document,
    read_value,
)
from isaacsim_agent_ext.errors import ConfigError


def refusal(text: str | bytes) -> str:
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        read_document(text, "job.yaml")
    assert time.process_time() - started < 1.0
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_every_key_and_value_has_its_place():
    document = read_document("a:\n  - b: 1\n    c: {d: x}\n")
    assert document.data == {"a": [{"b": 1, "c": {"d": "x"}}]}
    assert document.key_marks[("a",)] == Mark(1, 1)
    assert document.value_marks[("a", 0)] == Mark(2, 5)
    assert document.key_marks[("a", 0, "c")] == Mark(3, 5)
    assert document.value_marks[("a", 0, "c", "d")] == Mark(3, 12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("n", "n"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", "017"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-01-31", "2026-01-31"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        ("-.inf", -math.inf),
        ("1.0.0", "1.0.0"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("9" * 30, 1e30),
        ("0x" + "f" * 30, "0x" + "f" * 30),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(text, value):
    found = read_value(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_read_as_such():
    assert math.isnan(read_value(".nan"))


def test_keys_are_texts():
    assert read_document("on: 1\n12: 2\nnull: 3\n").data == {"on": 1, "12": 2, "null": 3}


def test_aliases_and_merge_keys_are_expanded():
    document = read_document("base: &b {x: 1, y: 2}\ncopy: *b\nmore: {<<: *b, y: 3}\n")
    assert document.data["copy"] == {"x": 1, "y": 2}
    assert document.data["more"] == {"x": 1, "y": 3}
    assert document.data["copy"] is not document.data["base"]


def test_of_several_merged_maps_the_first_wins():
    document = read_document("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n  z: 3\n")
    assert document.data["c"] == {"x": 1, "y": 2, "z": 3}


def test_duplicate_keys_are_all_reported_with_both_lines():
    document = read_document("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n", "job.yaml")
    assert [str(problem) for problem in document.problems] == [
        "job.yaml:5:3: b.c: the key `c` is already on line 3; remove one of the two",
        "job.yaml:6:1: a: the key `a` is already on line 1; remove one of the two",
    ]


def test_a_billion_laughs_are_refused():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for name, previous in zip("bcdefghij", "abcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join(['*' + previous] * 10)}]")
    assert f"aliases stand for more than {MAX_ALIASED_NODES:,} nodes" in refusal("\n".join(lines))


def test_merge_keys_count_as_aliases():
    lines = ["a: &a {k0: x, k1: x, k2: [x, x, x, x, x, x, x, x, x, x]}"]
    lines += [f"m{i}: {{<<: *a}}" for i in range(2000)]
    assert "aliases stand for more than" in refusal("\n".join(lines))


@pytest.mark.parametrize(
    "long",
    [
        "a: &a [%s]\nb: [%s]",
        "a: &a {%s: 1}\nb: [%s]",
        "&a %s: 1\nb: [%s]",
        "a: &a {b: {c: %s}}\nb: {c: {<<: *a}, d: [%s]}",
    ],
)
def test_aliases_cannot_multiply_text(long):
    text = long % ("x" * 1000, ", ".join(["*a"] * (MAX_ALIASED_TEXT // 1000 + 1)))
    assert f"aliases stand for more than {MAX_ALIASED_TEXT:,} characters of text" in refusal(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 70 + "x", "a: " + "[" * 64 + "]" * 64])
def test_deep_nesting_is_refused(text):
    assert f"nested more than {MAX_DEPTH} deep" in refusal(text)


def test_aliases_cannot_hide_depth():
    deep = "a: &a " + "[" * 40 + "]" * 40
    assert "nested more than" in refusal(f"{deep}\nb: " + "[" * 40 + "*a" + "]" * 40)


def test_the_deepest_allowed_nesting_is_read():
    read_document("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * (MAX_BYTES + 1), "job.yaml: the file has 1,048,577 bytes; a config may have at most 1,048,576"),
        ("a: [" + "1," * 200_000 + "]", f"the file has more than {MAX_NODES:,} values"),
        ("", "job.yaml: the file is empty; it must begin with the key `isaacsim.replicator.agent:`"),
        ("# nothing\n", "job.yaml: the file is empty"),
        ("---\n...\n", "job.yaml: the file is empty"),
        ("a: 1\n---\nb: 2\n", "job.yaml:2:1: a second document begins here"),
        ("a:\n\tb: 1\n", "job.yaml:2:1: a tab stands in the indentation"),
        ("a: [1,\n  2\n", "while parsing a flow sequence (which begins on line 1)"),
        ("a: 'x\n", "job.yaml:2:1: this is no valid YAML: while scanning a quoted scalar (which begins on line 1)"),
        ("a: b: c", "job.yaml:1:5: this is no valid YAML: mapping values are not allowed in this context"),
        ("a: *b", "job.yaml:1:4: there is no anchor `&b` before the alias `*b`"),
        ("a: &a [*a]", "job.yaml:1:8: the alias `*a` stands inside its own anchor"),
        ("a: !!python/object/apply:os.system [ls]", "job.yaml:1:4: the tag `tag:yaml.org,2002:python/object/apply"),
        ("a: !!int 3", "job.yaml:1:4: the tag `tag:yaml.org,2002:int` is not allowed"),
        ("? [a]\n: 1", "job.yaml:1:3: a key must be a plain text"),
        ("a: {<<: 3}", "job.yaml:1:5: `<<` takes a map, or a list of maps"),
        ("a: \x01", "job.yaml:1:4: the character U+0001 is not allowed in YAML"),
        (b"a: \xff", "job.yaml:1:4: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "job.yaml: the file is UTF-16; save it as UTF-8"),
        ("a: \ud800", "job.yaml: the text holds a character that UTF-8 does not know, at position 3"),
    ],
)
def test_what_cannot_be_read_is_refused(text, message):
    assert message in refusal(text)


def test_a_byte_order_mark_and_windows_lines_are_read():
    assert read_document("\ufeffa: 1\r\nb: 2\r\n".encode()).data == {"a": 1, "b": 2}


YAML_TEXT = st.text(alphabet=st.sampled_from("ab1.:-[]{},&*!|>#%@`'\"\\?~<= \n\t\x00é☃"), max_size=80)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(YAML_TEXT, st.text(max_size=60), st.binary(max_size=60)))
def test_any_text_is_read_or_refused(text):
    with suppress(ConfigError):
        read_document(text)

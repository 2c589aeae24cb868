"""Properties of all configs: valid ones survive writing and reading, any single mistake is found where it is."""

import copy
import re

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from isaacsim_agent_ext.config.document import Document, read_document
from isaacsim_agent_ext.config.dump import dump_config
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.config.schema import ROOT_KEY, agent_schema, schema_at
from isaacsim_agent_ext.config.validation import check
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.resources import sample_config_dir

SAMPLE = (sample_config_dir() / "full_pipeline.yaml").read_text()
DOCUMENT: Document = read_document(SAMPLE)
SECTION = DOCUMENT.data[ROOT_KEY]

READ_OTHERWISE = ("on", "no", "1e3", "0o7", "1_000", "12", "1.5", ".inf", "null", "~", "", "=", "<<", "- a", "a: b")
TEXTS = st.text(max_size=20) | st.sampled_from(READ_OTHERWISE) | st.sampled_from(["#", "\t", "a\nb ", " a\n", "\n"])


def paths_in(data, path=()):
    yield path
    for key, child in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from paths_in(child, (*path, key))


def parent_of(data, path):
    for key in path[:-1]:
        data = data[key]
    return data


PATHS = [path for path in paths_in(SECTION) if path]


def valid_values(schema):
    """Return a strategy for values of a key that holds no maps, valid on their own."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("x-ordered"):
        return st.lists(valid_values(schema["items"]), min_size=2, max_size=2).map(sorted)
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 10**6))
        case "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", -1e6))
            above = "exclusiveMinimum" in schema
            return st.floats(low, schema.get("maximum", 1e6), exclude_min=above) | st.integers(int(low) + above, 360)
        case "string":
            return TEXTS
        case _:
            return st.nothing()


@settings(max_examples=150, deadline=None)
@given(data=st.data(), paths=st.lists(st.sampled_from(PATHS), max_size=6, unique=True))
def test_valid_configs_survive_writing_and_reading(data, paths):
    section = copy.deepcopy(SECTION)
    for path in sorted(paths, reverse=True, key=str):
        try:
            parent = parent_of(section, path)
            parent[path[-1]]
        except (KeyError, IndexError):
            continue  # an earlier change took it away
        replacements = valid_values(schema_at(path) or {})
        if replacements.is_empty or data.draw(st.booleans()):
            del parent[path[-1]]
        else:
            parent[path[-1]] = data.draw(replacements)
    try:
        loaded = parse_config(dump_config(section), seed=3)
    except ConfigError:
        reject()  # against a rule between keys, or a required key is gone
    assert loaded.data == {**section, "seed": 3}
    again = parse_config(dump_config(loaded.resolved))
    assert again.config == loaded.config
    assert again.resolved == again.data == loaded.resolved
    assert not again.seed_drawn


@given(
    st.recursive(
        TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
        lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXTS, children, max_size=4),
        max_leaves=12,
    )
)
def test_any_values_survive_writing_and_reading(value):
    text = dump_config({"value": value})
    assert read_document(text).data[ROOT_KEY] == {"value": value}


# ---- single mistakes -------------------------------------------------------------------------------------------

LINES = SAMPLE.splitlines()
KEYS = [path for path in DOCUMENT.key_marks if len(path) > 1]
SCALARS = [(ROOT_KEY, *path) for path in PATHS if not isinstance(parent_of(SECTION, path)[path[-1]], dict | list)]


def with_replacement(mark, pattern: str, replacement: str) -> str:
    lines = list(LINES)
    line = lines[mark.line - 1]
    match = re.compile(pattern).match(line, mark.column - 1)
    lines[mark.line - 1] = line[: match.start()] + replacement + line[match.end() :]
    return "\n".join(lines)


def places_of_problems(text: str) -> set[tuple[int, int]]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text)
    return {(problem.line, problem.column) for problem in caught.value.problems}


def test_every_misspelt_key_is_found_where_it_stands():
    for path in KEYS:
        mark = DOCUMENT.key_marks[path]
        key = str(path[-1])
        if path[-2] != "groups":  # its keys are names
            places = places_of_problems(with_replacement(mark, re.escape(key), key[0] + "q" + key[1:]))
            assert (mark.line, mark.column) in places, path


def test_every_value_of_the_wrong_type_is_found_where_it_stands():
    for path in SCALARS:
        mark = DOCUMENT.value_marks[path]
        text = with_replacement(mark, r'"[^"]*"|[^,\]}\s]+', "{q: 1}")
        assert (mark.line, mark.column) in places_of_problems(text), path
    assert len(SCALARS) > 150


def test_every_number_out_of_range_is_found_where_it_stands():
    checked = 0
    for path in SCALARS:
        schema = schema_at(path[1:])
        if schema and ("minimum" in schema or "exclusiveMinimum" in schema):
            mark = DOCUMENT.value_marks[path]
            places = places_of_problems(with_replacement(mark, r"[^,\]}\s]+", "-7"))
            assert (mark.line, mark.column) in places, path
            checked += 1
    assert checked > 60


# ---- the schema's file is told in full -------------------------------------------------------------------------


def ordered(validator, value, instance, schema):
    match instance:
        case [int() | float() as low, int() | float() as high] if low > high:
            yield ValidationError("not in order")


BY_THE_FILE = extend(Draft202012Validator, {"x-ordered": ordered})(
    {"$ref": "#/$defs/agent", "$defs": agent_schema()["$defs"]}
)
JUNK = st.sampled_from(
    [None, True, False, 0, -1, 1, 2.5, 10**9, "", "x", "/World/A", "rgb", [], [1, 2], [2, 1], ["a", "a"], {}, {"a": 1}]
)


def changed(data, section):
    """Make one change somewhere in a section."""
    path = data.draw(st.sampled_from([path for path in paths_in(section) if path]))
    parent = parent_of(section, path)
    match data.draw(st.sampled_from(["replace", "remove", "add", "swap"])):
        case "replace":
            parent[path[-1]] = copy.deepcopy(data.draw(JUNK))
        case "remove":
            del parent[path[-1]]
        case "add" if isinstance(parent, dict):
            known = (schema_at(path[:-1]) or {}).get("properties", {})
            parent[data.draw(st.sampled_from([*known, "nonsense"]))] = copy.deepcopy(data.draw(JUNK))
        case _:
            other = data.draw(st.sampled_from(PATHS))
            parent[path[-1]] = copy.deepcopy(parent_of(SECTION, other)[other[-1]])


def tells_of(finding, error) -> bool:
    """Whether a finding covers an error: where it is, at a key of it, or with what it is in."""
    path = tuple(error.path)
    named = bool(path) and f"`{path[-1]}`" in finding.message  # one finding may speak of several keys of a map
    beside = ("beside" in finding.message or named) and finding.path[:-1] == path[:-1]
    # draft 2020-12 also calls every key of a map unevaluated when anything in the map is wrong
    inside = error.validator == "unevaluatedProperties" and finding.path[: len(path)] == path
    here = path in (finding.path, finding.path[:-1])
    return here or inside or beside or path[: len(finding.path)] == finding.path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), changes=st.integers(1, 3))
def test_what_the_schemas_file_finds_is_told_where_it_is_and_nothing_else(data, changes):
    section = copy.deepcopy(SECTION)
    for _ in range(changes):
        changed(data, section)
    errors = list(BY_THE_FILE.iter_errors(section))
    findings = list(check(section))
    assert [error for error in errors if not any(tells_of(finding, error) for finding in findings)] == []
    assert [finding for finding in findings if not any(tells_of(finding, error) for error in errors)] == []
    assert len(findings) == len(set(findings))
    assert not {finding.message for finding in findings} & {error.message for error in errors}

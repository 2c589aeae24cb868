"""Checking again finds what checking finds."""

from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.document import read_document
from isaacsim_agent_ext.config.repeated_check import RepeatedCheck
from isaacsim_agent_ext.config.schema import ROOT_KEY, Format, agent_format, format_of
from isaacsim_agent_ext.config.validation import check

SAMPLE = Path(__file__).parents[2] / "config" / "samples" / "full_pipeline.yaml"


def changed(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, list):
        return [changed(item, path[1:], value) if i == path[0] else item for i, item in enumerate(data)]
    return {**data, path[0]: changed(data.get(path[0]), path[1:], value)}


def test_an_edited_section_is_judged_as_if_for_the_first_time() -> None:
    section = read_document(SAMPLE.read_text()).data[ROOT_KEY]
    again = RepeatedCheck(agent_format())
    workers = ("character", "groups", "warehouse_workers")
    for path, value in (
        ((*workers, "num"), -1),
        ((*workers, "num"), 1),
        ((*workers, "routines", 0, "wander", "walk", "speed_range"), [2, 1]),
        ((*workers, "behavior_tree"), "tree.json"),
        ((*workers, "nmu"), 1),
        (("sensor", "groups", "ceiling_cameras", "num"), -1),
        (("robot", "groups", "carters", "camera_prim_paths"), ["a", "a"]),
        (("robot", "groups", "carters", "write_data"), False),
        (("replicator", "writers", "IRABasicWriter", "end_time"), 1.0),
        (("replicator", "writers", "Nothing"), {}),
        (("character", "groups", "1"), {}),
        (("character", "groups"), []),
    ):
        section = changed(section, path, value)
        expected = list(check(section))
        assert list(check(section, agent_format(), again.violations(section))) == expected
        assert list(check(section, agent_format(), again.violations(section))) == expected


def test_other_kinds_of_files_speak_of_their_own_keys() -> None:
    schema = {
        "type": "object",
        "properties": {
            "colour": {"type": "string"},
            "inner": {"type": "object", "properties": {"depth": {"type": "number"}}, "additionalProperties": False},
        },
        "additionalProperties": False,
    }
    kind = Format("toy.box", schema)
    section = {"color": "red", "depth": 1, "inner": {"depth": "deep"}}
    findings = {
        finding.path: finding.message for finding in check(section, kind, RepeatedCheck(kind).violations(section))
    }
    assert "did you mean `colour`" in findings[("color",)]
    assert "belongs in `inner`" in findings[("depth",)]
    assert "expected a number" in findings[("inner", "depth")]


def test_the_schema_of_another_file_may_refer_to_its_own_definitions() -> None:
    schema = {
        "properties": {"toy.box": {"$ref": "#/$defs/box"}},
        "$defs": {
            "box": {"allOf": [{"$ref": "#/$defs/named"}], "properties": {"size": {"type": "number", "x-order": 2}}},
            "named": {"required": ["name"], "properties": {"name": {"type": "string", "x-order": 1}}},
        },
    }
    kind = format_of(schema, "toy.box")
    assert list(kind.schema["properties"]) == ["name", "size"]
    (finding,) = check({"size": 1}, kind, RepeatedCheck(kind).violations({"size": 1}))
    assert finding.missing == "name"

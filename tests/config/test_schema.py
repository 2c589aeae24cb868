"""The schema file itself, and what is read from it."""

import dataclasses

import pytest
from jsonschema import Draft202012Validator

from isaacsim_agent_ext.config import model
from isaacsim_agent_ext.config.defaults import defaults_for
from isaacsim_agent_ext.config.describe import describe, keys
from isaacsim_agent_ext.config.dialect import DIALECT
from isaacsim_agent_ext.config.schema import agent_schema, schema_at, section_schema

ANNOTATIONS = {
    "title", "description", "default", "examples", "format", "contentMediaType",
    "x-unit", "x-order", "x-expects", "x-because", "x-alias-of", "x-newest-minor", "x-choice",
}  # fmt: skip
NAMES_TO_SCHEMAS = ("properties", "patternProperties", "dependentSchemas")


def subschemas(schema):
    yield schema
    for keyword, value in schema.items():
        if keyword in NAMES_TO_SCHEMAS:
            for child in value.values():
                yield from subschemas(child)
        elif keyword in ("default", "examples", "const", "enum"):
            continue
        elif isinstance(value, dict):
            yield from subschemas(value)
        elif isinstance(value, list):
            for child in value:
                if isinstance(child, dict):
                    yield from subschemas(child)


def test_it_is_a_json_schema():
    Draft202012Validator.check_schema(agent_schema())


def test_every_keyword_is_evaluated():
    used = {keyword for schema in subschemas(section_schema()) for keyword in schema}
    assert used - ANNOTATIONS <= DIALECT.VALIDATORS.keys() | {"then", "else"}
    assert not {"$ref", "allOf", "unevaluatedProperties"} & used


def test_unknown_keys_are_refused_in_every_map():
    open_maps = {
        schema["title"]
        for schema in subschemas(section_schema())
        if "properties" in schema and "title" in schema and schema["additionalProperties"] is not False
    }
    assert open_maps == {"CustomWriter"}


def test_every_key_helps():
    for key in keys():
        assert key.title, key.path
        assert key.type, key.path
        assert key.description.endswith("."), f"{key.path} wants a whole sentence"
        assert key.description[0].isupper(), f"{key.path} wants a whole sentence"


def test_numbers_have_units():
    plain = ("weight", "threshold", "ratio")
    bare = [key.path for key in keys() if key.type in ("number", "[min, max]") and not key.unit]
    assert [path for path in bare if not path.endswith(plain)] == []


def test_keys_of_a_map_have_their_own_places():
    for schema in subschemas(section_schema()):
        places = [child.get("x-order") for child in schema.get("properties", {}).values()]
        if all(places):
            assert places == sorted(set(places))


def test_defaults_are_valid():
    for key in keys():
        schema = schema_at(key.path.replace("<name>", "any_name"))
        if key.has_default:
            assert Draft202012Validator(schema).is_valid(key.default), key.path


def test_the_models_own_defaults_are_the_schemas():
    paths = {
        model.Behavior: "character.groups.a.routines.0.stop",
        model.IdleOption: "character.groups.a.routines.0.wander.idle.0",
        model.Trigger: "character.groups.a.triggers.0.time_trigger",
        model.AimAtTargets: "sensor.groups.a.aim_at_targets",
        model.MaximumCoverage: "sensor.groups.a.maximum_coverage",
        model.ReplicatorSection: "replicator",
        model.WriterConfig: "replicator.writers.IRABasicWriter",
    }
    for data_class, path in paths.items():
        schema = schema_at(path)
        for field in dataclasses.fields(data_class):
            default = schema["properties"].get(field.name, {}).get("default")
            if field.default is not dataclasses.MISSING and default is not None:
                assert field.default == (tuple(default) if isinstance(default, list) else default), (path, field.name)


def test_describe():
    speed = describe("character.groups.workers.routines.0.wander.walk.speed_range")
    assert (speed.key, speed.type, speed.unit, speed.allowed) == ("speed_range", "[min, max]", "m/s", "above 0")
    assert (speed.default, speed.required) == ([1.0, 1.0], False)
    assert describe("version").required
    assert describe("replicator.writers.IRABasicWriter_3.image_output_format").choices == ("png", "jpg", "jpeg")
    assert describe("sensor.groups.a.aim_at_targets.occlusion_threshold").allowed == "-1 or from 0 to 1"
    for path in ("nonsense", "seed.x", "character.groups.a.nonsense", "replicator.writers.NoWriter", ""):
        with pytest.raises(KeyError):
            describe(path)


def test_defaults_for():
    assert defaults_for("simulation_duration") == 60.0
    assert defaults_for("character.groups.a.routines")[0]["wander"]["walk"]["speed_range"] == [1.0, 1.0]
    assert defaults_for("sensor.groups.a.aim_at_targets")["raycast_density"] == 200
    assert defaults_for("replicator.writers.IRABasicWriter_7")["start_frame"] == 30
    for path in ("version", "nonsense"):
        with pytest.raises(KeyError):
            defaults_for(path)


def test_defaults_can_be_changed_without_harm():
    defaults_for("character.groups.a.semantic_labels").append("x")
    assert defaults_for("character.groups.a.semantic_labels") == [["class", "character"]]

"""The schema and the page of nodes are what the table says, and the schema agrees with what is read."""

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest

from isaacsim_agent_ext.actors.trees.composites import COMPOSITES
from isaacsim_agent_ext.actors.trees.find import find_trees, sample_tree_dir
from isaacsim_agent_ext.actors.trees.leaves import LEAVES
from isaacsim_agent_ext.actors.trees.library import NODE_TYPES
from isaacsim_agent_ext.actors.trees.modifiers import MODIFIERS
from isaacsim_agent_ext.config.load import load_config
from isaacsim_agent_ext.errors import AssetError, ConfigError

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "config" / "behavior_tree.schema.json").read_text())
SAMPLES = sorted(sample_tree_dir().glob("*.json"))


def test_page_and_schema_are_up_to_date():
    spec = importlib.util.spec_from_file_location("tree_reference", ROOT / "tools" / "generate_tree_reference.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.main(["--check"]) == 0


def test_every_node_of_the_table_is_carried_out_or_refused():
    implemented = {*COMPOSITES, *LEAVES, *MODIFIERS}
    assert {kind.name for kind in NODE_TYPES if not kind.refused} == implemented


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_the_schema_accepts_the_samples(file):
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(file.read_text()))


@pytest.mark.parametrize(
    ("ports", "more"),
    [
        ({"target": [1, 2, 0]}, {}),
        ({"target": "/World/Shelf", "speed": 1}, {}),
        ({"target": {"type": "BlackboardRef", "value": {"blackboard": "shared", "key": "goal"}}}, {}),
        ({"target": [1, 2]}, {}),
        ({"target": "shelf"}, {}),
        ({"target": [0, 0, 0], "speed": 0}, {}),
        ({"target": [0, 0, 0], "sped": 1}, {}),
        ({"target": [0, 0, 0]}, {"type": "MoveTwo"}),
        ({"target": [0, 0, 0]}, {"source": "nowhere"}),
        ({"target": [0, 0, 0]}, {"name": "a/b"}),
    ],
)
def test_the_schema_and_the_reader_agree(trees, ports, more):
    root = {**trees.node("MoveTo"), "portOverrides": ports, **more}
    try:
        trees.read(root)
        read = True
    except ConfigError:
        read = False
    data = json.loads(trees.document(root).text)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(data) == read


@pytest.mark.parametrize("sample", sorted(sample_tree_dir().glob("*.yaml")), ids=lambda file: file.name)
def test_the_trees_of_the_sample_configs_are_found(sample):
    def no_asset(path):
        raise AssetError(f"{path} is not there")

    states = {"hubs": ("idle", "lift_up", "lift_down")}
    found = find_trees(load_config(sample).config, no_asset, config_dir=sample.parent, states=states)
    assert found.trees
    assert not found.warnings

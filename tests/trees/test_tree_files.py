"""Mistakes in tree files and overrides are told with file, place, node path and the nearest name."""

import json

import pytest

from isaacsim_agent_ext.actors.trees.find import find_trees
from isaacsim_agent_ext.actors.trees.library import NODE_TYPES
from isaacsim_agent_ext.actors.trees.places import read_json
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.errors import AssetError, ConfigError


def problems(call, *args, **kwargs):
    with pytest.raises(ConfigError) as caught:
        call(*args, **kwargs)
    return [str(problem) for problem in caught.value.problems]


def root_of(trees, **more):
    return trees.node("Sequence", {**trees.node("MoveTo", name="Go", target=[1, 2, 0]), **more}, name="Root")


MISTAKES = {
    "a type misspelt": (
        {"type": "MoveTwo"},
        "tree.json:16:13: /root/children/0/type: `/Root/Go`: there is no node `MoveTwo`, did you mean `MoveTo`?",
    ),
    "a modifier among the nodes": (
        {"type": "Repeat", "portOverrides": {}},
        "there is no node `Repeat`; `Repeat` is a modifier, it belongs in `modifiers`",
    ),
    "no type": ({"type": None}, "`/Root/Go`: found nothing (null) as its `type`, expected the type of a node"),
    "another library": (
        {"source": "omni.behavior.tree.core"},
        '/root/children/0/source: `/Root/Go`: found the text "omni.behavior.tree.core", expected '
        "`omni.anim.behavior.tree`, the library of MoveTo",
    ),
    "a port misspelt": (
        {"portOverrides": {"target": [1, 2, 0], "auto_break": True}},
        "/root/children/0/portOverrides/auto_break: `/Root/Go`: MoveTo has no port `auto_break`, "
        "did you mean `auto_brake`?",
    ),
    "a missing port": (
        {"portOverrides": {}},
        "`/Root/Go`: the port `target` needs a value: a point [x, y, z] of three numbers or an absolute prim path",
    ),
    "a value of the wrong kind": (
        {"portOverrides": {"target": [1, 2]}},
        "`/Root/Go`: port `target`: found a list of 2 items, expected a point [x, y, z] of three numbers or",
    ),
    "a type that does not fit": (
        {"portOverrides": {"target": {"type": "carb::Float2", "value": [1, 2]}}},
        "port `target`: found the type `carb::Float2`, expected a point",
    ),
    "a number out of range": (
        {"portOverrides": {"target": [0, 0, 0], "speed": 0}},
        "port `speed`: found 0, expected a number of at least 0.1 [m/s]",
    ),
    "a key misspelt": ({"portOverride": {}}, "unknown key `portOverride`, did you mean `portOverrides`?"),
    "children of an action": (
        {"children": [{}]},
        "/root/children/0/children: `/Root/Go`: MoveTo has no children; put both into a Sequence",
    ),
    "a name with a slash": ({"name": "a/b"}, 'found the text "a/b" as its `name`, expected a text without `/` and `:`'),
    "a blackboard that is none": (
        {"portOverrides": {"target": {"type": "BlackboardRef", "value": {"blackboard": "mine", "key": "x"}}}},
        'found the blackboard the text "mine", expected one of `local` or `shared`',
    ),
    "a robot's node": (
        {"type": "RobotIdle", "source": "isaacsim.anim.robot.bt_nodes", "portOverrides": {}},
        "`/Root/Go`: RobotIdle moves robots, and this tree is for people; use Idle",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_a_node(trees, case):
    change, expected = MISTAKES[case]
    (problem,) = problems(trees.read, root_of(trees, **change))
    assert expected in problem
    assert problem.startswith("tree.json:")


def test_mistakes_in_a_modifier(trees):
    root = trees.node("Wait", name="Root", modifiers=[{"type": "Repeet", "name": "Loop"}])
    assert "`/Root:Loop`: there is no modifier `Repeet`, did you mean `Repeat`?" in problems(trees.read, root)[0]
    root = trees.node("Wait", name="Root", modifiers=[trees.part("RandomNavMeshPoint")])
    assert (
        "`/Root:RandomNavMeshPoint`: it gives its node a target, and Wait takes none" in problems(trees.read, root)[0]
    )
    root = trees.node("Wait", name="Root", modifiers=[trees.part("ForceStatus", status="succes")])
    assert "one of `success` or `failure`, did you mean `success`?" in problems(trees.read, root)[0]


def test_all_mistakes_are_told_at_once(trees):
    root = trees.node("Sequence", {"type": "Wate", "name": "A"}, trees.node("Wait", duration=-1), name="Root")
    assert len(problems(trees.read, root)) == 2


def test_mistakes_below_a_node_of_an_unknown_type_are_told_too(trees):
    root = trees.node("Sequence", trees.node("Wait", name="Rest", duration=-1), name="Root") | {"type": "Sequnce"}
    unknown, below = problems(trees.read, root)
    assert "did you mean `Sequence`?" in unknown
    assert "`/Root/Rest`" in below


def test_two_nodes_of_one_name_are_refused(trees):
    data = trees.node("Sequence", name="Root")
    data["children"] = [trees.node("Wait", name="W"), trees.node("Wait", name="W")]
    assert "`/Root/W`: a part beside it is called `W` too" in problems(trees.read, data)[0]


def test_a_composite_needs_children(trees):
    assert "a Sequence needs at least one child" in problems(trees.read, trees.node("Sequence"))[0]


@pytest.mark.parametrize("kind", [kind.name for kind in NODE_TYPES if kind.refused])
def test_what_cannot_be_carried_out_is_refused_by_name(trees, kind):
    ports = {"target": "/World/Box", "xform": "/World/Place"}
    known = next(one for one in NODE_TYPES if one.name == kind)
    node = trees.node(kind, name="Root", **{port.name: ports[port.name] for port in known.ports if port.name in ports})
    (problem,) = problems(trees.read, node)
    assert f"`/Root`: {kind} cannot be carried out: " in problem


def test_states_that_the_robot_does_not_have(trees):
    node = trees.node("RobotPlayAnimation", name="Lift", state_name="lift_upp")
    (problem,) = problems(trees.read, node, actors="robots", states=("idle", "lift_up"))
    assert "`/Lift`: the robot has no state `lift_upp`, did you mean `lift_up`?" in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"schemaVersion": "2.0.0",}', "tree.json:1:27: this is no valid JSON"),
        ('{"root": {"type": "Wait", "type": "Wait"}}', "tree.json:1:27: /root/type: the key stands here twice"),
        ("[" * 100_000, "tree.json: this is no valid JSON"),
        ("[" * 900 + "]" * 900, "nested more than 200 deep"),
        (
            '{"schemaVersion": "1.0.0", "root": {"type": "Wait"}}',
            '/schemaVersion: found the text "1.0.0", expected version 2',
        ),
        ('{"schemaVersion": "2.0.0"}', "the key `root` is missing"),
        ('{"root": {"type": "Wait"}}', "the key `schemaVersion` is missing"),
        ("3", "found 3, expected a map with"),
    ],
)
def test_mistakes_in_a_file(text, expected):
    from isaacsim_agent_ext.actors.trees.load import Mover, build_tree

    found = problems(lambda: build_tree(read_json(text, "tree.json"), Mover()))
    assert expected in found[0]


def test_what_is_not_known_and_harmless_is_a_warning(trees):
    root = {**root_of(trees), "x-layout": [1, 2]}
    _, warnings = trees.read(root)
    assert [text.partition(": ")[2] for text in warnings] == [
        "/root/x-layout: `/Root`: the key `x-layout` is not known, and ignored"
    ]
    _, warnings = trees.read(trees.node("MoveTo", target=[0, 0, 0], auto_brake=False))
    assert "auto_brake false is not carried out" in warnings[0]


# ---- overrides -------------------------------------------------------------------------------------------------


def test_overrides_change_ports_of_nodes_and_modifiers(trees):
    root = trees.node("Wait", name="Root", modifiers=[trees.part("Repeat", name="Loop", count=1)])
    tree, _ = trees.read(root, {"/Root": {"duration": 3}, "/Root:Loop": {"count": {"type": "int", "value": 4}}})
    assert tree.root.ports == {"duration": 3.0}
    assert tree.root.modifiers[0].ports["count"] == 4


def test_overrides_can_give_what_the_file_leaves_open(trees):
    node = {**trees.node("MoveTo", name="Go"), "portOverrides": {}}
    tree, _ = trees.read(node, {"/Go": {"target": "/World/Shelf"}})
    assert tree.root.ports["target"] == "/World/Shelf"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"/Root/Goo": {}}, "overrides: `/Root/Goo`: tree.json has no such node, did you mean `/Root/Go`?"),
        ({"/Root/Go": {"targett": 1}}, "overrides: `/Root/Go`: MoveTo has no port `targett`, did you mean `target`?"),
        ({"/Root/Go": {"speed": "fast"}}, '`/Root/Go`: port `speed`: found the text "fast", expected a number'),
    ],
)
def test_mistakes_in_overrides(trees, overrides, expected):
    (problem,) = problems(trees.read, root_of(trees), overrides)
    assert expected in problem


# ---- finding files ---------------------------------------------------------------------------------------------


def config(group, section="character"):
    return parse_config(
        "isaacsim.replicator.agent:\n  version: 1.6.0\n  environment: {base_stage_asset_path: a.usd}\n"
        f"  {section}: {{groups: {{g: {group}}}}}\n"
    ).config


def no_asset(path):
    raise AssetError(f"{path} is not there")


def test_a_tree_is_found_beside_the_config_then_as_an_asset_then_among_the_samples(trees, tmp_path):
    group = "{num: 1, behavior_tree: wander.json}"
    (sample,) = find_trees(config(group), no_asset, config_dir=tmp_path).trees.values()
    assert sample.root.name == "Root"
    document = trees.document(trees.node("Wait", name="Mine"))
    (tmp_path / "asset.json").write_text(document.text)
    (asset,) = find_trees(config(group), lambda path: tmp_path / "asset.json", config_dir=tmp_path).trees.values()
    assert asset.root.name == "Mine"
    (tmp_path / "wander.json").write_text(document.text.replace("Mine", "Beside"))
    (beside,) = find_trees(config(group), no_asset, config_dir=tmp_path).trees.values()
    assert beside.root.name == "Beside"


def test_a_tree_that_is_not_there_is_told_with_the_nearest_sample(tmp_path):
    (problem,) = problems(find_trees, config("{num: 1, behavior_tree: wandr.json}"), no_asset, config_dir=tmp_path)
    assert "character.groups.g.behavior_tree: there is no behavior tree wandr.json" in problem
    assert "did you mean wander.json" in problem


def test_trees_in_routines_and_triggers_are_found_with_their_place(tmp_path):
    group = (
        "{num: 1, routines: [{behavior_tree: {path: a.json}}],"
        " triggers: [{time_trigger: {time: 1, behavior: [{behavior_tree: {path: b.json}}]}}]}"
    )
    found = problems(find_trees, config(group), no_asset, config_dir=tmp_path)
    assert [text.split(": ")[1] for text in found] == [
        "character.groups.g.routines.0.behavior_tree.path",
        "character.groups.g.triggers.0.behavior.0.behavior_tree.path",
    ]


def test_overrides_in_a_config_are_checked_when_it_is_loaded(trees, tmp_path):
    found = problems(config, "{num: 1, behavior_tree: a.json, overrides: '{}'}")
    assert "character.groups.g.overrides: the JSON lacks `schemaVersion` and `instanceOverrides`" in found[0]
    found = problems(config, "{num: 1, routines: [{behavior_tree: {path: a.json, overrides: '{'}}]}")
    assert "character.groups.g.routines.0.behavior_tree.overrides: the text is no valid JSON" in found[0]


def test_overrides_that_do_not_fit_the_tree_name_the_key_of_the_config(tmp_path):
    text = json.dumps({"schemaVersion": "2.0.0", "instanceOverrides": {"/Root/MoveTwo": {}}})
    group = f"{{num: 1, behavior_tree: wander.json, overrides: '{text}'}}"
    (problem,) = problems(find_trees, config(group), no_asset, config_dir=tmp_path)
    assert "character.groups.g.overrides: `/Root/MoveTwo`: " in problem
    assert "did you mean `/Root/MoveTo`?" in problem


def test_places_in_json_are_those_of_the_values():
    document = read_json('{\n  "a": [1, {"b\\"": "x"}],\n  "c": -2.5e3 }', "t.json")
    marks = {path: document.problem(path, "").line for path in document.places if "key:" not in str(path)}
    assert marks == {(): 1, ("a",): 2, ("a", 0): 2, ("a", 1): 2, ("a", 1, 'b"'): 2, ("c",): 3}
    assert document.problem(("c",), "").column == 8

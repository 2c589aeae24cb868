"""Trees in whole runs: from a config to data, events and warnings."""

import hashlib
import json
from pathlib import Path

import pytest

from isaacsim_agent_ext import api
from isaacsim_agent_ext.errors import ConfigError, SceneError
from isaacsim_agent_ext.session.runtime import StandaloneRuntime

CONFIG = """\
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 7
  simulation_duration: 0.6
  environment: {base_stage_asset_path: Isaac/Environments/Grid/default_environment.usd}
  character:
    groups:
      guards:
        num: 1
        behavior_tree: guard.json
      crew:
        num: 2
        behavior_tree: wander.json
        triggers:
          - event_trigger: {event: round_done, behavior: [stop: {}]}
  sensor: {groups: {hall: {num: 1}}}
  replicator:
    render_product_resolution: [64, 48]
    writers:
      IRABasicWriter: {start_frame: 0, rgb: true}
"""


def tell(trees, **more):
    done = trees.node("DispatchEvent", name="Tell", event_name="round_done")
    return trees.node("Sequence", trees.node("Wait", duration=0.2), done, name="Root", **more)


@pytest.fixture
def config(trees, tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text(CONFIG)
    (tmp_path / "guard.json").write_text(trees.document(tell(trees)).text)
    return path


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_an_event_of_a_tree_is_told_outside_once_and_is_no_event_from_outside(config, tmp_path):
    heard, fired = [], []
    api.use(StandaloneRuntime())
    try:
        api.set_options(device="cpu", output=tmp_path / "out")
        assert api.load_config_file(config)
        api.observe_event("round_done", heard.append)
        api.observe_event("isaacsim_agent_ext.trigger_fired", fired.append)
        assert api.start_data_generation()
        assert api.wait(120)
        report = api.get_progress().report
    finally:
        api.use(None)
    assert heard == [{}]
    assert [(event["frame"], event["actor"]) for event in fired] == [(7, "crew_0"), (7, "crew_1")]
    assert report.events == ()


def test_trees_give_the_same_bytes_for_any_number_of_workers(config, tmp_path):
    for workers in (1, 2):
        api.run(config, output=tmp_path / str(workers), device="cpu", workers=workers)
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
    log = next((tmp_path / "1").rglob("actor_events.jsonl"))
    kinds = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert kinds.count("event_dispatched") == 1
    assert kinds.count("trigger_fired") == 2


def test_a_tree_that_fails_is_in_the_report_with_its_node(trees, config, tmp_path):
    astray = trees.node("MoveTo", name="Astray", target=[900, 0, 0])
    (tmp_path / "guard.json").write_text(trees.document(trees.node("Sequence", astray, name="Root")).text)
    report = api.run(config, output=tmp_path / "out", device="cpu", overrides=["simulation_duration=0.1"])
    (warning,) = [text for text in report.warnings if "guard.json" in text]
    assert "the behavior tree guard.json failed: /Root/Astray (MoveTo) failed: (900.00, 0.00, 0.00) is off" in warning


def test_a_tree_that_is_wrong_ends_the_set_up_with_the_place_in_its_file(trees, config, tmp_path):
    wrong = trees.document({**tell(trees), "type": "Sequnce"}).text
    (tmp_path / "guard.json").write_text(wrong)
    with pytest.raises(ConfigError) as caught:
        api.run(config, output=tmp_path / "out", device="cpu")
    (problem,) = caught.value.problems
    assert problem.file == str(tmp_path / "guard.json")
    assert problem.line > 1
    assert "did you mean `Sequence`?" in problem.message


def test_a_prim_that_is_not_there_is_told_with_the_node_that_names_it(trees, config, tmp_path):
    lost = trees.node("MoveTo", name="Lost", target="/World/Nowhere")
    (tmp_path / "guard.json").write_text(trees.document(lost).text)
    with pytest.raises(SceneError, match=r"guard.json: /Lost \(MoveTo\), port target: there is no prim /World/Nowhere"):
        api.run(config, output=tmp_path / "out", device="cpu")


def test_a_run_repeats_from_the_config_beside_its_data(config, tmp_path):
    api.run(config, output=tmp_path / "out", device="cpu", overrides=["simulation_duration=0.1"])
    copy = next((tmp_path / "out").rglob("*.yaml"))
    api.run(copy, output=tmp_path / "again", device="cpu")
    pictures = [
        {name: digest for name, digest in digests(tmp_path / folder).items() if name.endswith(".png")}
        for folder in ("out", "again")
    ]
    assert pictures[0] == pictures[1]

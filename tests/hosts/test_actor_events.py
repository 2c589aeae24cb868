"""What happens to triggers is written down beside the data: the same bytes whoever simulates, and once more."""

import json

import pytest
from pxr import Sdf, Usd, UsdGeom

from isaacsim_agent_ext.cli import main
from isaacsim_agent_ext.hosts.protocol import HostOptions
from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.session.event_script import read_events
from isaacsim_agent_ext.session.repeat import repeating_config
from isaacsim_agent_ext.session.run import run_job

REACTIONS = """character.groups.crew.triggers=[
  {time_trigger: {time: 0.1, behavior: [{stop: {time_range: [0.2, 0.2]}}]}},
  {event_trigger: {event: alarm, priority: 5, behavior: [{stop: {time_range: [0.1, 0.1]}}]}},
  {collision_trigger: {self_collider: sense, other_colliders: hall, trigger_exit: true, behavior: [{stop: {}}]}}]"""


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    """A prop: an invisible zone over the whole hall that has a name and no collision."""
    path = tmp_path_factory.mktemp("zone") / "zone.usda"
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    cube = UsdGeom.Cube.Define(stage, "/Zone")
    cube.CreateSizeAttr(30.0)
    cube.CreateVisibilityAttr("invisible")
    cube.GetPrim().CreateAttribute("metro:collider:name", Sdf.ValueTypeNames.String).Set("hall")
    stage.GetRootLayer().Save()
    return path


@pytest.fixture
def loaded(job, zone):
    return job(
        REACTIONS,
        "character.groups.crew.colliders=[{cylinder: {name: sense, radius: 0.6}}]",
        f"environment.prop_asset_paths=[{zone}]",
        "replicator.writers.IRABasicWriter.end_frame=17",
        "sensor.groups.overview.num=1",
    )


def run(loaded, output, *, events=(), workers=1):
    options = HostOptions(device="cpu", workers=workers)
    run_job(loaded, StandaloneHost(), options=options, output=output, events=events)
    return (output / "actor_events.jsonl").read_bytes()


def test_every_firing_has_a_line_with_its_cause(loaded, tmp_path):
    events = [SimulationEvent(frame=10, name="alarm", payload={"prim_path": "/World/Characters/crew/crew_1"})]
    written = run(loaded, tmp_path / "one", events=events)
    lines = [json.loads(line) for line in written.splitlines()]
    first = lines[0]
    assert first == {
        "frame": 0,
        "time": 0.0,
        "actor": "crew_0",
        "prim_path": "/World/Characters/crew/crew_0",
        "event": "trigger_fired",
        "message": "collision_trigger of 'sense', enter /Zone, priority 1",
        "trigger": "collision_trigger",
        "priority": 1,
        "firing": 1,
        "cause": {
            "self_collider": "sense",
            "touch": "enter",
            "other_collider": "hall",
            "other_prim_path": "/Zone",
            "other_actor": None,
        },
    }
    assert [line["frame"] for line in lines] == sorted(line["frame"] for line in lines)
    alarms = [(line["event"], line["actor"]) for line in lines if line["trigger"] == "event_trigger"]
    assert alarms == [(f"trigger_{what}", "crew_1") for what in ("fired", "started", "completed")]
    queued = [line["actor"] for line in lines if line["event"] == "trigger_queued"]
    assert queued == ["crew_0", "crew_1", "crew_2"]  # the timer waits for the stop in the zone

    assert run(loaded, tmp_path / "two", events=events, workers=2) == written
    repeated = read_events(tmp_path / "one" / "run.json")
    assert run(loaded, tmp_path / "again", events=repeated) == written


def test_nothing_is_written_when_nothing_happens(job, tmp_path):
    (tmp_path / "actor_events.jsonl").write_text("of an earlier run\n")
    quiet = job("simulation_duration=0.1", "sensor.groups.overview.num=1", "character.groups.crew.num=1")
    run_job(quiet, StandaloneHost(), options=HostOptions(device="cpu", workers=1), output=tmp_path)
    assert (tmp_path / "run.json").is_file()
    assert not (tmp_path / "actor_events.jsonl").exists()


def test_a_script_and_its_repetition_give_the_same_bytes(loaded, tmp_path):
    """From the command line: the config's script and an event beside it, then the log of that run in their place."""
    config = tmp_path / "config.yaml"
    config.write_bytes(repeating_config(loaded))
    (tmp_path / "script.yaml").write_text("- {time: 0.2, event: alarm}\n")
    fast = ["--device", "cpu", "--workers", "1", "--quiet"]
    script = ["--set", "event_script=script.yaml"]
    alarm = ["--event", 'alarm@0.4:{"prim_path": "/World/Characters/crew/crew_2"}']
    assert main(["run", str(config), "--output", str(tmp_path / "one"), *script, *alarm, *fast]) == 0
    record = json.loads((tmp_path / "one" / "run.json").read_text())
    assert [(event["frame"], event["event"]) for event in record["events"]] == [(6, "alarm"), (12, "alarm")]
    copy, log = str(tmp_path / "one" / "config.yaml"), str(tmp_path / "one" / "run.json")
    assert main(["run", copy, "--output", str(tmp_path / "two"), "--events", log, *fast]) == 0
    files = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.*")}
    assert "actor_events.jsonl" in {path.name for path in files}
    for path, content in files.items():
        assert (tmp_path / "two" / path).read_bytes() == content, path

"""Whole runs through the API on the real standalone host, small."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from isaacsim_agent_ext import api
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.session.event_script import read_events
from isaacsim_agent_ext.session.runtime import StandaloneRuntime


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def alarm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "alarm.yaml"
    from_conftest = Path(__file__).with_name("conftest.py").read_text()
    text = from_conftest.split('CONFIG = """\\\n')[1].split('"""')[0]
    path.write_text(text.replace("simulation_duration: 0.4", "simulation_duration: 0.8"))
    return path


@pytest.fixture(scope="module")
def driven(alarm: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict], Any]:
    """A run during which a script sounds the alarm as soon as frame 6 is captured."""
    output = tmp_path_factory.mktemp("driven") / "out"
    fired: list[dict] = []
    api.use(StandaloneRuntime())
    try:
        api.set_options(device="cpu", output=output)
        assert api.load_config_file(alarm)
        api.observe_event("isaacsim_agent_ext.trigger_fired", fired.append)
        api.observe_event(
            "isaacsim_agent_ext.frame_captured",
            lambda payload: payload["frame"] == 6 and api.dispatch_event("alarm"),
        )
        assert api.start_data_generation()
        assert api.wait(120)
        return output, fired, api.get_progress().report
    finally:
        api.use(None)


def test_an_event_during_the_run_triggers_everybody_who_waits_for_it(driven) -> None:
    output, fired, report = driven
    assert [(event["frame"], event["actor"]) for event in fired] == [(6, "crew_0"), (6, "crew_1")]
    assert [(event.frame, event.name) for event in report.events] == [(6, "alarm")]
    assert read_events(output / "run.json") == tuple(report.events)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_log_repeats_a_driven_run_to_the_byte(driven, alarm: Path, tmp_path: Path, workers: int) -> None:
    output, _, _ = driven
    again = api.run(alarm, output=tmp_path, events=read_events(output / "run.json"), device="cpu", workers=workers)
    assert [(event.frame, event.name) for event in again.events] == [(6, "alarm")]
    assert digests(tmp_path) == digests(output)


def test_without_the_event_the_run_is_another(driven, alarm: Path, tmp_path: Path) -> None:
    output, _, _ = driven
    report = api.run(str(alarm), output=str(tmp_path), device="cpu")
    assert report.events == ()
    assert digests(tmp_path) != digests(output)


def test_a_run_takes_a_map_and_overrides(tmp_path: Path) -> None:
    section = {
        "version": "1.6.0",
        "environment": {"base_stage_asset_path": "Isaac/Environments/Grid/default_environment.usd"},
        "character": {"groups": {"crew": {"num": 1, "routines": [{"stop": {}}]}}},
        "sensor": {"groups": {"hall": {"num": 1}}},
        "replicator": {
            "render_product_resolution": [64, 48],
            "writers": {"IRABasicWriter": {"start_frame": 0, "end_frame": 2, "rgb": True}},
        },
    }
    report = api.run(section, output=tmp_path, seed=9, overrides=["simulation_duration=0.1"], device="cpu")
    assert (report.seed, report.frames) == (9, 2)
    with pytest.raises(ConfigError, match="simulation_durashun"):
        api.run(section, overrides=["simulation_durashun=1"])


def test_importing_the_api_is_quick_and_starts_nothing() -> None:
    code = (
        "import sys, threading; from isaacsim_agent_ext import api, events; "
        "heavy = [m for m in ('pxr', 'warp', 'PIL', 'av', 'numpy', 'yaml', 'jsonschema') if m in sys.modules]; "
        "print(heavy, threading.active_count())"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["[]", "1"]

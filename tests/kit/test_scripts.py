"""The scripts for Isaac Sim's python.sh, in the emulated app."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from isaacsim_agent_ext import api

TOOLS = Path(__file__).parents[2] / "tools" / "kit"


def script(name: str):
    spec = importlib.util.spec_from_file_location(f"kit_script_{name}", TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def app(kit, monkeypatch):
    """Return an app that finds our extension under its name."""
    runtime = importlib.import_module("isaacsim_agent_ext.hosts.kit.runtime").kit_runtime()
    enable = kit.extensions.enable

    def enable_ours(name: str) -> bool:
        if name == "isaacsim_agent_ext":
            api.use(runtime)
            return True
        return enable(name)

    monkeypatch.setattr(kit.extensions, "enable", enable_ours)
    yield kit
    api.use(None)
    runtime.close()
    kit.pump(3)


def test_a_job_ends_with_0(app, write_config, tmp_path, capsys):
    assert script("run_job").main(["-c", str(write_config()), "-o", str(tmp_path / "data"), "--seed", "3"]) == 0
    assert json.loads((tmp_path / "data" / "run.json").read_text())["seed"] == 3
    assert f"data: {tmp_path / 'data'}" in capsys.readouterr().out
    assert app.quit_codes == [0]


def test_extensions_and_settings_go_to_the_app(app, write_config, tmp_path):
    words = ["--enable", "omni.anim.retarget.core", "--/exts/isaacsim_agent_ext/rt_subframes=2"]
    assert script("run_job").main(["-c", str(write_config()), "-o", str(tmp_path / "data"), *words]) == 0
    assert "omni.anim.retarget.core" in app.extensions.enabled
    assert app.settings.get("/exts/isaacsim_agent_ext/rt_subframes") == 2


@pytest.mark.parametrize(("change", "exit_code"), [(("num: 2", "num: two"), 2), (("F_Casual_01.usd", "Nobody.usd"), 3)])
def test_failures_end_with_their_exit_code(app, write_config, change, exit_code, monkeypatch, capsys):
    run_job = script("run_job")
    ended = []
    monkeypatch.setattr(run_job.os, "_exit", ended.append)
    assert run_job.main(["-c", str(write_config(change))]) == exit_code
    assert "failed: " in capsys.readouterr().err
    assert exit_code in (*app.quit_codes, *ended)


def test_an_app_that_is_closed_is_a_job_that_was_stopped(app, write_config, monkeypatch, capsys):
    run_job = script("run_job")
    ended = []
    monkeypatch.setattr(run_job.os, "_exit", ended.append)
    config = write_config(("simulation_duration: 0.2", "simulation_duration: 9"))
    capture = type(app.replicator).capture
    monkeypatch.setattr(type(app.replicator), "capture", lambda made: (app.quit_codes.append(0), capture(made)))
    assert run_job.main(["-c", str(config)]) == 130
    assert "the app was closed before the job was done" in capsys.readouterr().err


def test_a_config_that_is_not_there_starts_no_app(kit, tmp_path, capsys):
    assert script("run_job").main(["-c", str(tmp_path / "none.yaml")]) == 2
    assert "there is no such config file" in capsys.readouterr().err
    assert kit.updates == 0


def test_the_smoke_script_finds_nothing_wrong_with_the_double(app, hall, capsys, monkeypatch):
    smoke = script("smoke")
    monkeypatch.setattr(smoke.os, "_exit", lambda code: pytest.fail(f"ended with {code}"))
    smoke.WAREHOUSE = str(hall)  # the double takes every mesh for a box, and so a roof for a floor
    assert smoke.main() == 0
    out = capsys.readouterr().out
    assert "FAILED" not in out
    assert "bounding_box_2d_tight" in out
    assert "triangles" in out
    assert "at rest at 21.0" in out
    assert out.count("30 frames") == 2
    assert sys.modules.get("isaacsim_agent_ext") is not None

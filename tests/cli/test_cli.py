"""The command line: help, exit codes, and what it says when something is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from isaacsim_agent_ext import __version__
from isaacsim_agent_ext.cli import main
from isaacsim_agent_ext.command_line import build_parser
from isaacsim_agent_ext.errors import AgentError
from isaacsim_agent_ext.resources import sample_config_dir

QUICK_START = sample_config_dir() / "quick_start.yaml"


@pytest.fixture
def wrong_config(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.yaml"
    path.write_text(QUICK_START.read_text().replace("routines:", "routins:").replace("simulation_duration", "duraton"))
    return path


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, isaacsim_agent_ext.command_line; "
        "heavy = ('pxr', 'warp', 'PIL', 'av', 'omni', 'carb', 'numpy', 'yaml', 'jsonschema'); "
        "print([module for module in heavy if module in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_validating_loads_neither_scenes_nor_arrays() -> None:
    code = (
        "import sys, isaacsim_agent_ext.cli as cli; "
        f"cli.main(['validate', {str(QUICK_START)!r}]); "
        "print([module for module in ('pxr', 'warp', 'numpy') if module in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_help_of_every_command_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "validate", "schema", "migrate", "doctor"):
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args([command, "--help"])
        assert ended.value.code == 0
        assert f"isaacsim-agent {command}" in capsys.readouterr().out


def test_the_exit_codes_in_the_help_are_those_of_the_errors(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--help"])
    listed = {int(line.split()[0]) for line in capsys.readouterr().out.splitlines() if line.strip()[:1].isdigit()}

    def codes(kind: type[AgentError]) -> set[int]:
        return {kind.exit_code}.union(*(codes(child) for child in kind.__subclasses__()))

    assert listed == codes(AgentError) | {0}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert __version__ in capsys.readouterr().out


def test_validate_accepts_every_sample(capsys: pytest.CaptureFixture[str]) -> None:
    folders = (sample_config_dir(), sample_config_dir() / "behavior_tree")
    samples = sorted(str(path) for folder in folders for path in folder.glob("*.yaml"))
    assert main(["validate", *samples]) == 0
    assert capsys.readouterr().out.count(": valid") == len(samples)


def test_validate_lists_all_mistakes_with_places_and_suggestions(
    wrong_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(wrong_config)]) == 2
    told = capsys.readouterr().err
    assert "`routins`, did you mean `routines`?" in told
    assert "duraton" in told
    lines = wrong_config.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "routins:" in text)
    assert f"{wrong_config}:{line}:" in told
    assert "Traceback" not in told


def test_validate_reads_the_files_that_a_config_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tree.json").write_text('{"schemaVersion": "2.0.0", "root": {"type": "Sequense", "name": "Root"}}')
    (tmp_path / "events.yaml").write_text("[{tim: 3, event: alarm}]")
    config = tmp_path / "config.yaml"
    config.write_text(
        """isaacsim.replicator.agent:
  version: 1.6.0
  environment: {base_stage_asset_path: Isaac/Environments/Simple_Warehouse/full_warehouse.usd}
  event_script: events.yaml
  character: {groups: {workers: {num: 1, behavior_tree: tree.json}}}
  robot: {groups: {carters: {num: 1, config_file_path: nova_cartr.yaml}}}
"""
    )
    assert main(["validate", str(config)]) == 2
    told = capsys.readouterr().err
    assert f"{config}:6:" in told
    assert "did you mean nova_carter.yaml?" in told
    assert "events.yaml:1:" in told
    assert "`tim`, did you mean `time`?" in told
    config.write_text(config.read_text().replace("nova_cartr", "nova_carter"))
    assert main(["validate", str(config)]) == 2
    assert f"{tmp_path / 'tree.json'}:1:" in (told := capsys.readouterr().err)
    assert "`Sequense`, did you mean `Sequence`?" in told


def test_problems_are_data_with_json(wrong_config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(wrong_config), "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["exit_code"] == 2
    assert {problem["key_path"] for problem in answer["error"]["problems"]} >= {"duraton"}


def test_a_wrong_override_is_refused_before_anything_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(QUICK_START), "--set", "character.groups.workers.nun=3"]) == 2
    told = capsys.readouterr().err
    assert "nun" in told
    assert "`num`" in told


def test_a_run_too_short_for_its_writers_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(QUICK_START), "--frames", "10", "--quiet"]) == 2
    assert "start_frame" in capsys.readouterr().err


def test_a_missing_file_is_told_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path / "none.yaml")]) == 2
    told = capsys.readouterr().err
    assert "none.yaml" in told
    assert "Traceback" not in told


def test_a_missing_stage_ends_with_3_and_says_where_it_was_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setting = "environment.base_stage_asset_path=Isaac/Environments/Simple_Warehouse/full_warehous.usd"
    code = main(["run", str(QUICK_START), "--set", setting, "--output", str(tmp_path / "out"), "--quiet"])
    told = capsys.readouterr().err
    assert code == 3
    assert "full_warehouse.usd" in told
    assert not (tmp_path / "out").exists()


def test_an_unknown_device_ends_with_6(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(QUICK_START), "--device", "cuda:99", "--quiet"]) == 6
    assert "cuda:99" in capsys.readouterr().err


def test_schema_explains_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "sensor.groups.any.aim_at_targets.height_range"]) == 0
    assert "default [2" in capsys.readouterr().out


def test_schema_suggests_the_nearest_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "sensor.groups.any.nm"]) == 2
    assert "did you mean `sensor.groups.any.num`?" in capsys.readouterr().err


def test_schema_looks_past_names_and_list_positions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "character.groups"]) == 0
    assert "character.groups.<name>.num " in capsys.readouterr().out
    assert main(["schema", "character.groups.any.routines"]) == 0
    assert "character.groups.any.routines.[].wander " in capsys.readouterr().out
    assert main(["schema", "character.groups.any.routines.wander"]) == 2
    assert "did you mean `character.groups.any.routines.[].wander`?" in capsys.readouterr().err


def test_every_key_path_that_schema_prints_is_one_it_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--all"]) == 0
    paths = [line.split("  (")[0] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert len(paths) > 100
    assert {main(["schema", path]) for path in paths} == {0}


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5"])
def test_counts_are_whole_and_positive(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", str(QUICK_START), f"--frames={count}"])
    assert ended.value.code == 2
    assert "whole number of at least 1" in capsys.readouterr().err


def test_schema_prints_the_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


def test_doctor_finds_this_machine_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["isaacsim-agent-recast"]["ok"]
    assert "cpu" in findings["devices"]["detail"]


def test_a_fault_of_ours_leaves_a_report_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("isaacsim_agent_ext.config.load.load_config", break_down)
    assert main(["validate", str(QUICK_START)]) == 1
    told = capsys.readouterr().err
    assert "Traceback" not in told
    (report,) = tmp_path.glob("isaacsim-agent-fault-*.txt")
    assert "ZeroDivisionError: a fault" in report.read_text()
    assert str(report) in told


@pytest.mark.parametrize(
    ("command", "expected"),
    [("schema --all", 0), ("--help", 0), ("validate {wrong}", 2), ("validate {wrong} --json", 2)],
)
def test_a_reader_that_goes_away_costs_neither_exit_code_nor_traceback(
    command: str, expected: int, wrong_config: Path, tmp_path: Path
) -> None:
    """As with `isaacsim-agent … 2>&1 | head -0`, made certain: nobody ever reads the pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "isaacsim_agent_ext.cli", *command.format(wrong=wrong_config).split()]
    with (tmp_path / "errors").open("w+") as errors:
        stderr = writing if "--json" not in command and "wrong" in command else errors
        result = subprocess.run(words, stdout=writing, stderr=stderr, check=False)
        os.close(writing)
        errors.seek(0)
        told = errors.read()
    assert result.returncode == expected
    assert told == ""

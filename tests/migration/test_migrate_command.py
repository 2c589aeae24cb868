"""``isaacsim-agent migrate`` shows, writes, and never overwrites."""

import json
import shutil
from pathlib import Path

import pytest

from isaacsim_agent_ext.cli import main
from isaacsim_agent_ext.config.load import load_config

EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    return tmp_path / "warehouse_0.7.yaml"


def test_without_an_output_it_only_shows(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(old.parent.iterdir())
    assert main(["migrate", str(old)]) == 0
    shown = capsys.readouterr().out
    assert "+  simulation_duration: 60.0" in shown
    assert f"renamed  {old}:4" in shown
    assert "nothing was written" in shown
    assert sorted(old.parent.iterdir()) == before


def test_what_it_writes_is_valid(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = old.with_name("new.yaml")
    assert main(["migrate", str(old), "--output", str(new)]) == 0
    assert f"{new}: written, valid" in capsys.readouterr().out
    assert len(load_config(new).config.character.groups) == 4


def test_command_files_can_be_given(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people, robots = old.with_name("p.txt"), old.with_name("r.txt")
    people.write_text("Ann Idle 1\n")
    robots.write_text("Carter Idle 1\n")
    assert main(["migrate", str(old), "--commands", str(people), "--robot-commands", str(robots), "--json"]) == 0
    config = json.loads(capsys.readouterr().out)["config"]
    assert " Ann:" in config
    assert " Carter:" in config
    assert " Tom:" not in config


@pytest.mark.parametrize("target", ["warehouse_0.7.yaml", "people.txt"])
def test_files_that_are_there_are_not_overwritten(old: Path, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = old.with_name(target)
    before = path.read_bytes()
    assert main(["migrate", str(old), "--output", str(path)]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_json_holds_notes_diff_and_config(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", str(old), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["ok"], result["converted"], result["output"]) == (True, True, None)
    assert {"change": "renamed", "key": "global.seed", "message": "now `seed`", "file": str(old), "line": 4} in result[
        "notes"
    ]
    assert result["diff"].startswith("---")
    assert result["config"].startswith("isaacsim.replicator.agent:")


def test_a_config_of_version_1_needs_nothing(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = old.with_name("new.yaml")
    assert main(["migrate", str(old.with_name("warehouse_1.6.yaml")), "--output", str(new)]) == 0
    assert "of version 1 already" in capsys.readouterr().out
    assert not new.exists()


def test_problems_end_with_2_and_leave_nothing_behind(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old.with_name("people.txt").write_text("Tom GoTo here\n")
    new = old.with_name("new.yaml")
    assert main(["migrate", str(old), "--output", str(new)]) == 2
    assert "people.txt:1:1: found `here`, expected a number" in capsys.readouterr().err
    assert not new.exists()

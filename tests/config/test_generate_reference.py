"""The generated reference pages, and the tool that writes and checks them."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from isaacsim_agent_ext.config.describe import keys

REPOSITORY = Path(__file__).resolve().parents[2]
TOOL = runpy.run_path(str(REPOSITORY / "tools" / "generate_reference.py"))
by_python_3_12 = pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="help texts are those of Python 3.12")


@pytest.mark.parametrize("how", [["tools/generate_reference.py"], ["-m", "tools.generate_reference"]])
def test_the_pages_are_up_to_date(how):
    command = [sys.executable, *how, "--check"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@by_python_3_12
@pytest.mark.parametrize("name", ["config.md", "command-line.md"])
def test_a_stale_page_is_named(name, tmp_path, capsys):
    main = TOOL["main"]
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    capsys.readouterr()
    page = tmp_path / name
    page.write_text(page.read_text() + "more")
    assert main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == f"{page} is stale: run python tools/generate_reference.py\n"


def test_help_texts_are_left_to_one_version_of_python(tmp_path, capsys, monkeypatch):
    main = TOOL["main"]
    monkeypatch.setitem(main.__globals__, "HELP_PYTHON", (3, 99))
    assert main([], tmp_path) == 0
    assert [page.name for page in tmp_path.iterdir()] == ["config.md"]
    assert main(["--check"], tmp_path) == 0
    assert "command-line.md is left alone: its help texts are those of Python 3.99" in capsys.readouterr().err


def test_the_config_page_has_every_key():
    page = TOOL["config_page"]()
    missing = [key.path for key in keys() if f"{key.key}`" not in page and key.key not in page]
    assert missing == []


@by_python_3_12
@pytest.mark.parametrize("command", ["run", "validate", "schema", "doctor"])
def test_the_help_of_a_command_stands_as_it_is_printed(command):
    arguments = [sys.executable, "-m", "isaacsim_agent_ext.cli", command, "--help"]
    printed = subprocess.run(
        arguments, cwd=REPOSITORY, env={"COLUMNS": "100"}, capture_output=True, text=True, check=True
    )
    assert f"$ isaacsim-agent {command} --help\n{printed.stdout}```\n" in TOOL["command_line_page"]()


def test_every_exit_code_is_told():
    page = TOOL["command_line_page"]()
    assert "| 0 | done |\n| 1 | a fault in this program" in page
    assert "\n| 130 | stopped with Ctrl-C" in page

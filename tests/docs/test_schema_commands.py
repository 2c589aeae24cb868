"""Every `isaacsim-agent schema` command in the documentation prints something."""

import re
from pathlib import Path

import pytest

from isaacsim_agent_ext.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"agent schema\s+([a-z]+\.[\w.*]+)")
COMMANDS = sorted({path for page in PAGES for path in COMMAND.findall(page.read_text())})


@pytest.mark.parametrize("path", COMMANDS)
def test_the_schema_has_what_the_documentation_asks_for(path, capsys):
    assert main(["schema", path]) == 0
    assert path.rpartition(".")[2] in capsys.readouterr().out


def test_there_are_such_commands():
    assert len(COMMANDS) >= 3

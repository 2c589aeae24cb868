"""``isaacsim-agent ui``: pictures without a display, and what it says when something is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config/samples/minimal.yaml"
needs_ovui = pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="ovui exists for Python 3.12 only")


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder of its own, without a display."""
    clean = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "isaacsim_agent_ext.cli", "ui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=clean | {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(cwd / "remembered")} | environment,
        timeout=120,
    )


@needs_ovui
def test_a_picture_and_nothing_else(tmp_path: Path) -> None:
    from PIL import Image

    result = command(str(SAMPLE), "--screenshot", "a.png", "--size", "400x500", "--scale", "2", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "a.png\n", "omni.ui's own chatter stays away"
    assert result.stderr == ""
    assert Image.open(tmp_path / "a.png").size == (800, 1000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"], "no imgui.ini, no half a picture"


@needs_ovui
def test_a_tab_can_be_named(tmp_path: Path) -> None:
    result = command(str(SAMPLE), "--screenshot", "a.png", "--tab", "YAML", "--json", cwd=tmp_path)
    assert json.loads(result.stdout) == {"ok": True, "screenshot": "a.png"}
    result = command(str(SAMPLE), "--screenshot", "b.png", "--tab", "Yml", cwd=tmp_path)
    assert result.returncode == 2
    assert "Config, YAML" in result.stderr
    assert not (tmp_path / "b.png").exists()


@needs_ovui
def test_a_config_that_is_not_there(tmp_path: Path) -> None:
    result = command("gone.yaml", "--screenshot", "a.png", cwd=tmp_path)
    assert result.returncode == 2
    assert "gone.yaml" in result.stderr


def test_without_a_display_it_says_what_to_do(tmp_path: Path) -> None:
    result = command(str(SAMPLE), cwd=tmp_path)
    assert result.returncode == 6
    assert "--screenshot" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("size", ["0x0", "big", "100x900"])
def test_a_size_that_makes_no_sense(tmp_path: Path, size: str) -> None:
    result = command(str(SAMPLE), "--size", size, cwd=tmp_path)
    assert result.returncode == 2
    assert "560x900" in result.stderr


@needs_ovui
def test_without_a_compiler_it_says_what_to_do(tmp_path: Path) -> None:
    result = command(
        str(SAMPLE), "--screenshot", "a.png", cwd=tmp_path, PATH=str(tmp_path), ISAACSIM_AGENT_CACHE=str(tmp_path / "c")
    )
    assert result.returncode == 6
    assert "apt install gcc" in result.stderr


def test_pictures_are_png(tmp_path: Path) -> None:
    result = command(str(SAMPLE), "--screenshot", "a.jpg", cwd=tmp_path)
    assert result.returncode == 2
    assert "expected a name such as panel.png" in result.stderr
    assert not list(tmp_path.glob("*.jpg"))

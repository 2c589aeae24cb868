"""The API's documentation: its examples run, and its reference is that of the code."""

import asyncio
import inspect
import re
import runpy
from pathlib import Path

import pytest

from isaacsim_agent_ext import api
from isaacsim_agent_ext.session.runtime import StandaloneRuntime

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "script-editor.md"
TOOL = runpy.run_path(str(ROOT / "tools" / "generate_api_reference.py"))
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def plain_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_file: Path):
    """A folder with a small config, in which nothing has been done yet."""
    text = (
        config_file.read_text()
        .replace("crew", "workers")
        .replace("simulation_duration: 0.4", "simulation_duration: 0.5")
    )
    without_triggers = re.sub(r"        triggers:.*?  sensor:", "  sensor:", text, flags=re.DOTALL)
    (tmp_path / "warehouse.yaml").write_text(without_triggers)
    monkeypatch.chdir(tmp_path)
    api.use(StandaloneRuntime())
    yield tmp_path
    api.use(None)


async def in_an_event_loop(code: str, names: dict) -> None:
    exec(code, names)
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))


def test_the_examples_run_in_order(plain_python: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict = {}
    blocks = BLOCK.findall(PAGE.read_text())
    inside_kit = [block for block in blocks if "carb" in block]
    assert (len(blocks), len(inside_kit)) == (10, 1)
    for block in blocks:
        if block in inside_kit:
            continue
        if "ensure_future" in block:
            asyncio.run(in_an_event_loop(block, names))
        else:
            exec(block, names)
    told = capsys.readouterr().out
    assert "workers_0 heard" in told
    assert (plain_python / "busier.yaml").read_text().startswith("# Two people and an alarm.")
    one, two = plain_python / "out" / "two", plain_python / "out" / "three"
    assert (one / "run.json").read_text() == (two / "run.json").read_text()
    assert sorted(p.name for p in one.rglob("*.png")) == sorted(p.name for p in two.rglob("*.png"))


def test_the_reference_is_up_to_date() -> None:
    assert TOOL["main"](["--check"]) == 0, "run python tools/generate_api_reference.py"


def test_a_stale_reference_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "api.md"
    assert TOOL["main"](["--check"], page) == 1
    assert "api.md is stale" in capsys.readouterr().err
    assert TOOL["main"]([], page) == 0
    assert TOOL["main"](["--check"], page) == 0


def test_the_reference_has_every_function_and_argument() -> None:
    listed = {function for functions in TOOL["GROUPS"].values() for function in functions}
    public = {
        function
        for name, function in inspect.getmembers(api, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == api.__name__
    }
    assert listed == public
    for function in public:
        described = set(re.findall(r"^    (\w+): ", (inspect.getdoc(function) or ""), re.MULTILINE))
        undescribed = set(inspect.signature(function).parameters) - described
        assert not undescribed or not described, (function.__name__, undescribed)

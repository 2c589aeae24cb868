"""The product makes no Kit call outside the contract, and imports Kit only where it may."""

from pathlib import Path

import pytest
from kit_contract.contract import load_contract
from kit_contract.source_calls import kit_importers, product_sources, walk_sources
from kit_contract.table import HEADER, PAGE, PANEL, TESTED_IN, guard_of, needs_guard, read_page, table, used_symbols

ROOT = Path(__file__).parents[2]


def test_every_kit_call_is_in_the_contract():
    findings = walk_sources(product_sources(ROOT), ROOT)
    assert not findings.problems, "\n".join(sorted(findings.problems))
    assert len(findings.sites) > 50, "the walk no longer finds the calls"


def test_kit_is_imported_only_by_the_adapter():
    allowed = (ROOT / "isaacsim_agent_ext/hosts/kit", ROOT / "isaacsim_agent_ext/extension.py")
    panel = ROOT / "isaacsim_agent_ext/ui"
    strays = {
        path.relative_to(ROOT).as_posix(): modules
        for path, modules in kit_importers(ROOT).items()
        if not any(path.is_relative_to(place) for place in allowed)
        and not (path.is_relative_to(panel) and all(f"{name}.".startswith("omni.ui.") for name in modules))
    }
    assert strays == {}


def problems(tmp_path: Path, source: str, name: str = "isaacsim_agent_ext/hosts/kit/sample.py") -> str:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return "\n".join(sorted(walk_sources([path], tmp_path).problems))


OUTSIDE = {
    "omni.usd.get_contxt is not in the Kit contract (nearest: omni.usd.get_context": """
import omni.usd
omni.usd.get_contxt()
""",
    "module omni.kit.viewport.utility": "import omni.kit.viewport.utility",
    "py:4: omni.usd.UsdContext.open_stage is not": """
import omni.usd as u
ctx = u.get_context()
ctx.open_stage('a')
""",
    "get_stagee": """
from omni.usd import get_context
def first():
    return second()
def second():
    c = get_context()
    return c
first().get_stagee()
""",
    "'frames'": """
import omni.replicator.core as rep
async def f():
    await rep.orchestrator.step_async(frames=2)
""",
    "too many positional": """
import carb.eventdispatcher as e
e.get_eventdispatcher().observe_event('a', print)
""",
    "py:7: carb.settings.ISettings.fetch": """
import carb.settings
class A:
    def __init__(self):
        self.s = carb.settings.get_settings()
    def g(self):
        self.s.fetch('a')
""",
    "py:4: carb.settings.ISettings.fetch": """
import carb.settings
def g(s):
    s.fetch('a')
g(carb.settings.get_settings())
""",
    "RunLoopRunner.set_step": """
import omni.kit.loop._loop as l
def take():
    try:
        x = l.acquire_loop_interface()
    except ImportError:
        return None, 1
    return x, 2
loop, n = take()
loop.set_step(1)
""",
    "never awaited": """
import omni.kit.app
async def f():
    omni.kit.app.get_app().next_update_async()
""",
    "re-enters": """
import omni.kit.app
omni.kit.app.get_app().update()
""",
    "Kit runs the event loop": """
import asyncio
asyncio.run(None)
""",
    "GLOBAL_EVENT_START": """
import omni.timeline as t
hasattr(t, 'GLOBAL_EVENT_START')
""",
    "command 'MakeStage'": """
import omni.kit.commands as c
c.execute('MakeStage', a=1)
""",
    "'prims'": """
import omni.kit.commands as c
c.execute('DeletePrimsCommand', paths=[], prims=[])
""",
    "takes no code": """
import omni.kit.app as a
a.get_app().post_quit(**{}, code=1)
""",
    "omni.usd.nothing": """
import importlib
m = importlib.import_module('omni.usd')
m.nothing
""",
}
INSIDE = {
    "guarded": """
import omni.timeline as t
if hasattr(t, 'GLOBAL_EVENT_PLAY'):
    print(t.GLOBAL_EVENT_PLAY)
""",
    "awaited": """
import omni.kit.app
async def f():
    dt = await omni.kit.app.get_app().next_update_async()
""",
    "command": """
import omni.kit.commands as c
c.execute('DeletePrimsCommand', paths=[])
""",
    "value": """
import omni.replicator.core as rep
rp = rep.create.render_product('/C', (4, 3), name='C')
rp.hydra_texture.set_updates_enabled(False)
""",
    "through the class": """
import omni.replicator.core as rep
class W(rep.Writer):
    def detach(self):
        rep.Writer.detach(self)
""",
}


@pytest.mark.parametrize("expected", OUTSIDE)
def test_finds_calls_outside_the_contract(tmp_path: Path, expected: str):
    assert expected in problems(tmp_path, OUTSIDE[expected])


@pytest.mark.parametrize("case", INSIDE)
def test_accepts_calls_in_the_contract(tmp_path: Path, case: str):
    assert problems(tmp_path, INSIDE[case]) == ""


def test_scripts_may_drive_the_application(tmp_path: Path):
    source = "import omni.kit.app\nomni.kit.app.get_app().update()"
    assert problems(tmp_path, source, name="tools/kit/script.py") == ""


def test_every_unsure_call_has_a_named_guard():
    contract = load_contract()
    used = {*used_symbols(), *read_page()}
    unsure = [name for name in sorted(used) if needs_guard(contract.find(name)) and guard_of(name) is None]
    assert unsure == [], "name guard and fallback in table.GUARDS"


def test_the_page_of_calls_is_fresh():
    text = table(read_page())
    assert PAGE.read_text(encoding="utf-8") == HEADER + text, "PYTHONPATH=tests python -m kit_contract.table --write"


def test_every_call_is_tested():
    files = [
        file for place in TESTED_IN for file in ((ROOT / place).glob("*.py") if "." not in place else [ROOT / place])
    ]
    sources = "".join(file.read_text(encoding="utf-8") for file in files)
    reached = read_page()
    untested = [name for name, files in reached.items() if not any(files.values()) and set(files) != {PANEL}]
    assert untested == []
    tests = {test for files in reached.values() for each in files.values() for test in each}
    assert [test for test in sorted(tests) if f"def {test.rpartition('::')[2]}(" not in sources] == []

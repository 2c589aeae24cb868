"""Behaviors from plug-ins: allowed, loaded, checked, run, and blamed when they fail."""

import contextlib
import gc
import random
import re
from pathlib import Path

import numpy as np
import pytest

from isaacsim_agent_ext.actors.actions import Idle, MoveTo
from isaacsim_agent_ext.actors.conformance import check_behavior
from isaacsim_agent_ext.actors.legs import path_to
from isaacsim_agent_ext.actors.plugins import PluginSource, load_plugin
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.errors import ConfigError, PluginError
from isaacsim_agent_ext.hosts.plugins import find_plugins

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "custom-behavior.md"

CONFIG = """
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 1
  simulation_duration: 2.0
  environment: {{base_stage_asset_path: Isaac/Environments/Grid/default_environment.usd}}
  character:
    groups:
      workers:
        num: 1
        routines:
          - custom_behavior: {behavior}
"""

PLUGIN = """
from isaacsim_agent_ext.actors.actions import Idle


class Nod:
    parameters_schema = {"type": "object", "properties": {"seconds": {"type": "number"}}, "additionalProperties": False}

    def __init__(self, parameters):
        self.seconds = parameters.get("seconds", 1.0)

    def actions(self, actor):
        yield Idle(self.seconds)


class Break:
    def __init__(self, parameters):
        pass

    def actions(self, actor):
        yield Idle(0.5)
        raise ValueError("the battery is flat")


class Mumble:
    def __init__(self, parameters):
        pass

    def actions(self, actor):
        yield "walk, perhaps"


nothing = 3
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    return tmp_path


def problem(behavior, folder, *, allowed=True):
    config = parse_config(CONFIG.format(behavior=behavior)).config
    with pytest.raises(ConfigError) as caught:
        find_plugins(config, allowed=allowed, config_dir=folder)
    (only,) = caught.value.problems
    return only


# ---- allowing, finding, checking -------------------------------------------------------------------------------


def test_nothing_is_loaded_unless_the_user_allows_it(folder):
    (folder / "mine.py").write_text("raise SystemExit('this code ran')")
    refusal = problem("{name: Nod, module: ./mine.py}", folder, allowed=False)
    assert refusal.key_path == "character.groups.workers.routines.0.custom_behavior"
    assert "--allow-plugins" in refusal.message
    assert "allow_plugins=True" in refusal.message
    assert "/exts/isaacsim_agent_ext/allow_plugins" in refusal.message


def test_a_file_is_found_beside_the_config(folder):
    config = parse_config(CONFIG.format(behavior="{name: Nod, module: ./mine.py}")).config
    (source,) = find_plugins(config, allowed=True, config_dir=folder).values()
    assert source == PluginSource("Nod", folder / "mine.py")
    assert load_plugin(source).__name__ == "Nod"


@pytest.mark.parametrize(
    ("behavior", "says"),
    [
        ("{name: Nod, module: ./yours.py}", r"there is no file .*yours\.py"),
        ("{name: Nods, module: ./mine.py}", r"has no class of that name; it has Nod, Break, Mumble"),
        ("{name: nothing, module: ./mine.py}", r"is no class with a method actions\(self, actor\)"),
        ("{name: Nod, module: ./mine.py, parameters: {seconds: long}}", r"'long' is not of type 'number'"),
        ("{name: Nod, module: ./mine.py, parameters: {second: 1}}", r"'second' was unexpected"),
        ("{name: Nod}", r"no behavior 'Nod' among the entry points of the group isaacsim_agent_ext.behaviors"),
    ],
)
def test_what_cannot_be_used_is_told_before_the_run(folder, behavior, says):
    assert re.search(says, problem(behavior, folder).message)


def test_code_that_fails_while_it_is_loaded_is_told_with_its_line(folder):
    (folder / "mine.py").write_text("import math\nmath.tau / 0\n")
    assert re.search(r"mine\.py:2: ZeroDivisionError", problem("{name: Nod, module: ./mine.py}", folder).message)


def test_an_entry_point_is_found_by_its_name(folder, monkeypatch):
    info = folder / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[isaacsim_agent_ext.behaviors]\nnodding = mine:Nod\n")
    monkeypatch.syspath_prepend(str(folder))
    config = parse_config(CONFIG.format(behavior="{name: nodding}")).config
    (source,) = find_plugins(config, allowed=True, config_dir=None).values()
    assert load_plugin(source).__name__ == "Nod"


# ---- running ---------------------------------------------------------------------------------------------------


def blamed(name, folder):
    with pytest.raises(PluginError) as caught:
        check_behavior(load_plugin(PluginSource(name, folder / "mine.py")))
    return str(caught.value)


def test_a_failure_names_the_plug_in_its_line_and_the_actor(folder):
    line = PLUGIN.splitlines().index('        raise ValueError("the battery is flat")') + 1
    message = blamed("Break", folder)
    assert (
        f"the plug-in Break failed for people_0: {folder / 'mine.py'}:{line}: ValueError: the battery is flat"
        in message
    )


def test_what_is_no_action_is_told(folder):
    assert "it yielded 'walk, perhaps', expected an action: MoveTo, Idle" in blamed("Mumble", folder)


ASTRAY = """
import numpy as np
from isaacsim_agent_ext.actors.actions import Idle, MoveTo, Turn


class Astray:
    def __init__(self, parameters):
        pass

    def actions(self, actor):
        BODY
"""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return None", r"actions\(self, actor\) returned None, expected a generator"),
        ("return [Idle(1.0)]", r"returned \[Idle.*expected a generator"),
        ("yield MoveTo([[0, 0, 0], [1, 0, 0]], 1.0)", r"MoveTo with the path \[\[0, 0, 0\].*expected an array"),
        ("yield MoveTo(actor.position, 1.0)", r"MoveTo with the path an array of shape \(3,\)"),
        ("yield MoveTo(np.full((2, 3), np.nan), 1.0)", "not all finite"),
        ("yield MoveTo(np.eye(3), 0.0)", r"the speed 0.0, expected a number above 0 \[m/s\]"),
        ("yield MoveTo(np.eye(3), float('inf'))", "the speed inf"),
        ("yield Idle(-1.0)", "Idle with seconds -1.0"),
        ("yield Turn(None)", "Turn with yaw None"),
        ("import sys; sys.exit(3); yield", r"astray\.py:11: SystemExit: 3"),
        (
            "try:\n            yield Idle(99.0)\n        finally:\n            1 / 0",
            "as it was closed: .*ZeroDivisionError",
        ),
        (
            "while True:\n            try:\n                yield Idle(99.0)\n            except GeneratorExit:\n"
            "                stays = True",
            "as it was closed: .*let GeneratorExit pass",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_code_that_does_what_it_must_not_is_blamed(tmp_path, body, says):
    (tmp_path / "astray.py").write_text(ASTRAY.replace("BODY", body))
    with pytest.raises(PluginError, match=says):
        check_behavior(load_plugin(PluginSource("Astray", tmp_path / "astray.py")))
    gc.collect()  # generators that cannot be closed complain once more


# ---- the conformance check -------------------------------------------------------------------------------------


class Good:
    def __init__(self, parameters):
        self.speed = parameters.get("speed", 1.0)

    def actions(self, actor):
        point = actor.navmesh.random_points(actor.rng("good"), 1)[0]
        actor.claim("desk")
        try:
            yield MoveTo(path_to(actor, point), self.speed)
            yield Idle(1.0, "look_around")
        finally:
            actor.release("desk")


class NoMethod:
    def __init__(self, parameters):
        pass


class TakesNothing:
    def actions(self, actor):
        yield Idle(1.0)


class TakesTooMuch(NoMethod):
    def actions(self, actor, world):
        yield Idle(1.0)


class Dice(NoMethod):
    def actions(self, actor):
        yield Idle(random.uniform(0.5, 1.0))


class Memory(NoMethod):
    runs = 0

    def actions(self, actor):
        Memory.runs += 1
        yield Idle(1.0 + 0.2 * Memory.runs)
        path = path_to(actor, actor.position + np.array([1.0, 0.0, 0.0]))
        yield MoveTo(path, 1.0)


class Clings(NoMethod):
    def actions(self, actor):
        while True:
            with contextlib.suppress(GeneratorExit):
                yield Idle(1.0)


class Greedy:
    def __init__(self, parameters):
        parameters.clear()

    def actions(self, actor):
        yield Idle(1.0)


class Lost(NoMethod):
    def actions(self, actor):
        yield MoveTo(path_to(actor, actor.locate("/World/Dock")), 1.0)


def test_a_good_behavior_passes():
    check_behavior(Good, {"speed": 1.2}, seconds=8.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the one that clings
@pytest.mark.parametrize(
    ("plugin", "says"),
    [
        (Good({}), "is no class"),
        (NoMethod, r"has no method actions\(self, actor\)"),
        (TakesNothing, "cannot be made from"),
        (TakesTooMuch, "has to take the actor and nothing else"),
        (Dice, "draws from the random numbers of the whole process"),
        (Memory, "two runs with one seed differ"),
        (Clings, "GeneratorExit"),
        (Greedy, "__init__ changes the parameters"),
        (Lost, "the prim /World/Dock was not looked up before the run; list it"),
    ],
)
def test_a_bad_behavior_is_told_what_to_mend(plugin, says):
    with pytest.raises(PluginError, match=says):
        check_behavior(plugin, {"speed": 1.0}, seconds=4.0)


def test_the_example_of_the_documentation_passes_and_runs(tmp_path):
    (code,) = re.findall(r"```python\n# stocktaking\.py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = re.findall(r"```yaml\n(- custom_behavior:.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "stocktaking.py").write_text(code)
    behavior = block.removeprefix("- custom_behavior:").strip("\n")
    config = parse_config(CONFIG.format(behavior="\n" + re.sub("^", " " * 10, behavior, flags=re.MULTILINE))).config
    (source,) = find_plugins(config, allowed=True, config_dir=tmp_path).values()
    check_behavior(load_plugin(source), config.character.groups[0].routines[0].parameters)

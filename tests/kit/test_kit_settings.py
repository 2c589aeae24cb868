"""Settings: each is documented once, with the default that Kit reads; those of others come back as they were."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "isaacsim_agent_ext"


def documented() -> dict[str, str]:
    """Return every setting of the table in the guide, and its default."""
    page = (ROOT / "docs/how-to/isaac-sim.md").read_text(encoding="utf-8")
    table = page.partition("## Settings")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.MULTILINE))


def test_every_setting_is_in_the_guide_with_its_default():
    described = tomllib.loads((ROOT / "extension.toml").read_text(encoding="utf-8"))
    defaults = described["settings"]["exts"][PACKAGE]
    shown = {
        name: "none" if value == "" else f"`{str(value).lower() if isinstance(value, bool) else value}`"
        for name, value in defaults.items()
    }
    assert documented() == shown


def test_every_setting_that_is_read_is_declared():
    text = (ROOT / PACKAGE / "hosts/kit/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'_(?:text|flag|number)\("(\w+)"', text))
    assert read == set(documented())


def test_a_setting_that_was_not_there_goes_again(kit):
    overridden = importlib.import_module("isaacsim_agent_ext.hosts.kit.settings").overridden
    before = dict(kit.settings.values)

    def fail_half_way():
        with overridden({"/not/there": 1, "/app/fastShutdown": False}):
            assert kit.settings.get("/not/there") == 1
            assert kit.settings.get("/app/fastShutdown") is False
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    assert kit.settings.values == before


def test_settings_that_a_version_lacks_can_be_left_alone(kit):
    overridden = importlib.import_module("isaacsim_agent_ext.hosts.kit.settings").overridden
    with overridden({"/not/there": 1}, only_existing=True):
        assert kit.settings.get("/not/there") is None


def test_drawings_of_crowds_are_hidden_and_come_back(kit):
    gizmos = importlib.import_module("isaacsim_agent_ext.hosts.kit.gizmos")
    switch = "/exts/omni.anim.behavior.core/displayCrowdSimulation/"
    kit.settings.values |= {f"{switch}showPaths": True, f"{switch}showAgents": False, f"{switch}lineWidth": 2}
    before = dict(kit.settings.values)
    with gizmos.hidden():
        assert kit.settings.get(f"{switch}showPaths") is False
        assert kit.settings.get(f"{switch}lineWidth") == 2
    assert kit.settings.values == before
    with gizmos.hidden(False):
        assert kit.settings.values == before

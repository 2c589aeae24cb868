"""Isaac Sim's own Warp is older than what our renderer needs; only placing cameras asks for it there."""

import importlib
import sys

import pytest

from isaacsim_agent_ext import api


@pytest.mark.parametrize("module", ["isaacsim_agent_ext.render.raycast", "warp"])
def test_cameras_are_placed_all_the_same(kit, write_config, monkeypatch, module):
    for name in [name for name in sys.modules if name.startswith("isaacsim_agent_ext.render.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    runtime = importlib.import_module("isaacsim_agent_ext.hosts.kit.runtime").kit_runtime()
    api.use(runtime)
    try:
        api.load_config_file(write_config())
        assert kit.run(api.setup_simulation_async(), updates=20_000), api.get_last_error()
        assert kit.stages.stage.GetPrimAtPath("/World/Cameras/overview/overview_0")
    finally:
        api.use(None)
        runtime.close()
        kit.pump(3)

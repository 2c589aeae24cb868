"""The extension as Kit sees it: what it adds to the app when it starts, and takes away when it stops."""

from __future__ import annotations

from contextlib import ExitStack
from importlib.util import find_spec

import carb
import omni.ext

_NEEDED = {"jsonschema": "jsonschema", "numpy": "numpy", "yaml": "PyYAML"}
"""Modules that a config cannot be read without, and the packages that have them; Isaac Sim brings most."""


class AgentExtension(omni.ext.IExt):
    """Started and stopped by Kit, any number of times in one process; both return at once."""

    def on_startup(self, ext_id: str) -> None:
        """Add the menu entry and the script-editor API, and begin what the settings ask for."""
        self._added = ExitStack()
        missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
        if missing:
            carb.log_error(
                f"isaacsim_agent_ext: this app's Python lacks {', '.join(missing)}; install it with "
                f"`python.sh -m pip install {' '.join(missing)}` and start again"
            )
            return
        from isaacsim_agent_ext import api
        from isaacsim_agent_ext.hosts.kit.menu import add_menu
        from isaacsim_agent_ext.hosts.kit.runtime import kit_runtime
        from isaacsim_agent_ext.hosts.kit.start import start_up

        runtime = kit_runtime()
        self._added.callback(runtime.close)
        api.use(runtime)
        self._added.callback(api.use, None)
        self._added.callback(add_menu())
        runtime.submit(start_up(runtime.host))

    def on_shutdown(self) -> None:
        """Take everything away again; what is going on ends, with every file that was written whole."""
        self._added.close()

"""The extension as Kit sees it: what it adds to the app when it starts, and takes away when it stops."""

from __future__ import annotations

from contextlib import ExitStack
from importlib.util import find_spec

import carb
import carb.settings
import omni.ext
import omni.kit.app

from isaacsim_agent_ext.errors import DependencyError

_NEEDED = {"jsonschema": "jsonschema", "numpy": "numpy", "PIL": "pillow", "yaml": "PyYAML"}
"""Modules that no job goes without, and the packages that have them; Isaac Sim brings most."""


class AgentExtension(omni.ext.IExt):
    """Started and stopped by Kit, any number of times in one process; both return at once."""

    def on_startup(self, ext_id: str) -> None:
        """Add the menu entry and the script-editor API, and begin what the settings ask for."""
        self._added = ExitStack()
        missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
        if missing:
            _give_up(
                f"this app's Python lacks {', '.join(missing)}; install it with "
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


def _give_up(reason: str) -> None:
    """Say why nothing goes on, and end an app that was started for a job alone."""
    carb.log_error(f"isaacsim_agent_ext: {reason}")
    settings = carb.settings.get_settings()
    if all(settings.get_as_bool(f"/exts/isaacsim_agent_ext/{name}") for name in ("autorun", "quit_when_done")):
        omni.kit.app.get_app().post_quit(DependencyError.exit_code)

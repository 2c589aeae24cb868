"""omni.ext: which extensions there are, which are enabled, and how one starts and stops."""

from __future__ import annotations

import importlib
import inspect
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

OWNERS = {  # modules whose extension is not named as they are
    "omni.kit.loop": "omni.kit.loop-isaac",
    "NavSchema": "omni.anim.navigation.schema",
    "omni.ext": "omni.kit.app",
    "carb": "omni.kit.app",
    "isaacsim.robot.experimental.wheeled_robots": "isaacsim.robot.experimental.wheeled_robots",
    "isaacsim.core.utils": "isaacsim.core.utils",
    "isaacsim.core.experimental.utils": "isaacsim.core.experimental.utils",
    "isaacsim.core.experimental.prims": "isaacsim.core.experimental.prims",
    "isaacsim.core.rendering_manager": "isaacsim.core.rendering_manager",
    "isaacsim.core.simulation_manager": "isaacsim.core.simulation_manager",
    "isaacsim.replicator.agent.core": "isaacsim.replicator.agent.core",
    "isaacsim.storage.native": "isaacsim.storage.native",
    "isaacsim.robot.wheeled_robots": "isaacsim.robot.wheeled_robots",
    "isaacsim": "isaacsim.simulation_app",
    "omni.client": "omni.client",
    "omni.kit.commands": "omni.kit.commands",
    "omni.kit.app": "omni.kit.app",
    "omni.kit.async_engine": "omni.kit.async_engine",
    "omni.kit.menu.utils": "omni.kit.menu.utils",
    "omni.kit.notification_manager": "omni.kit.notification_manager",
    "omni.kit.scripting": "omni.kit.scripting",
    "omni.kit.test": "omni.kit.test",
    "omni.kit.ui_test": "omni.kit.ui_test",
    "omni.kit.window.filepicker": "omni.kit.window.filepicker",
    "omni.anim.behavior.core": "omni.anim.behavior.core",
    "omni.anim.graph.core": "omni.anim.graph.core",
    "omni.anim.navigation.core": "omni.anim.navigation.core",
    "omni.behavior.scripting.core": "omni.behavior.scripting.core",
    "omni.physics.core": "omni.physics",
    "omni.physx": "omni.physx",
    "omni.replicator.core": "omni.replicator.core",
    "omni.timeline": "omni.timeline",
    "omni.ui": "omni.ui",
    "omni.usd": "omni.usd",
}
INTERFACE = {"omni.ui", "omni.kit.uiapp", "omni.kit.menu.utils", "omni.kit.notification_manager"} | {
    "omni.kit.window.filepicker",
    "omni.kit.ui_test",
}
ENABLED = {
    "omni.kit.app",
    "omni.kit.async_engine",
    "omni.kit.loop-isaac",
    "omni.kit.commands",
    "omni.client",
    "omni.usd",
    "omni.timeline",
    "omni.replicator.core",
    "omni.physx",
    "isaacsim.simulation_app",
    "isaacsim.storage.native",
    "isaacsim.core.simulation_manager",
}
"""What every Isaac Sim application has running; the rest waits to be enabled."""

ONLY_IN = {
    "5.1": {"omni.anim.people", "omni.kit.scripting", "isaacsim.core.utils", "isaacsim.robot.wheeled_robots"},
    "6.0": {
        "omni.anim.behavior.core",
        "omni.anim.behavior.tree",
        "omni.behavior.scripting.core",
        "omni.physics",
        "omni.metropolis.pipeline",
        "isaacsim.anim.robot.core",
        "isaacsim.core.experimental.utils",
        "isaacsim.core.rendering_manager",
        "isaacsim.robot.experimental.wheeled_robots",
    },
}
TOGETHER = {"omni.anim.navigation.core": ["omni.anim.navigation.schema"]}


class Extensions:
    """The extensions of one installation.

    Attributes:
        installed: Names of all that could be enabled; remove some to emulate a leaner installation.
        enabled: Names of those that are.
        running: The `omni.ext.IExt` objects of the product.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        elsewhere = set().union(*(names for profile, names in ONLY_IN.items() if profile != kit.profile))
        everything = set(OWNERS.values()) | ENABLED | INTERFACE | ONLY_IN[kit.profile] | {"omni.anim.retarget.core"}
        self.installed = everything - elsewhere
        if kit.headless:
            self.installed -= INTERFACE
        self.enabled = {name for name in self.installed if name in ENABLED or name in INTERFACE}
        self.running: list[Any] = []
        self._paths: dict[str, tuple[str, Path]] = {}

    def importable(self, module: str) -> bool:
        """Whether a module's extension is enabled; packages over modules always are."""
        contract = self._kit.contract
        if module not in contract.modules:
            below = [name for name in contract.modules if name.startswith(f"{module}.")]
            return any(self.importable(name) for name in below)
        symbols = contract.modules[module].values()
        if not any(self._kit.profile in symbol.profiles for symbol in symbols):
            return False
        return self.owner(module) in self.enabled

    @staticmethod
    def owner(module: str) -> str:
        """Return the extension a module belongs to."""
        parts = module.split(".")
        for cut in range(len(parts), 0, -1):
            name = OWNERS.get(".".join(parts[:cut]))
            if name is not None:
                return name
        return module

    def enable(self, name: str) -> bool:
        """Enable one of Kit's own extensions."""
        if name not in self.installed:
            self._kit.log.append(("error", f"extension {name} was not found"))
            return False
        self.enabled |= {name, *TOGETHER.get(name, [])}
        return True

    def disable(self, name: str) -> bool:
        """Disable one of Kit's own extensions."""
        self.enabled -= {name}
        return True

    def start(self, folder: Path, *flags: str) -> list[Any]:
        """Enable an extension from its folder, as ``--ext-folder <parent> --enable <name> <flags>`` does.

        Returns:
            Its `omni.ext.IExt` objects, started.

        Raises:
            RuntimeError: A dependency is missing: the extension does not resolve.
        """
        self._kit.settings.command_line(*flags)
        where = next(path for path in (folder / "config/extension.toml", folder / "extension.toml") if path.is_file())
        described = tomllib.loads(where.read_text(encoding="utf-8"))
        for name, options in described.get("dependencies", {}).items():
            if options.get("optional"):
                continue
            if not self.enable(name):
                raise RuntimeError(f"{folder.name} cannot be enabled: its dependency {name} does not exist")
        for path, value in _flatten(described.get("settings", {})):
            if path not in self._kit.settings.values:
                self._kit.settings.set(path, value)
        name = folder.name
        ext_id = f"{name}-{described['package']['version']}"
        self._paths[name] = (ext_id, folder)
        self.enabled.add(name)
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
        interface = self._kit.guard.build(self._kit.contract.modules["omni.ext"]["IExt"])
        started = []
        for entry in described["python"]["module"]:
            module = importlib.import_module(entry["name"])
            for _, kind in sorted(inspect.getmembers(module, inspect.isclass)):
                if issubclass(kind, interface) and kind is not interface and kind.__module__ == module.__name__:
                    extension = kind()
                    extension.on_startup(ext_id)
                    started.append(extension)
        self.running += started
        return started

    def stop(self) -> None:
        """Disable the product's extension."""
        while self.running:
            self.running.pop().on_shutdown()
        for name in self._paths:
            self.enabled.discard(name)

    def path_of(self, ext_id: str) -> str:
        """Return the folder of an extension by its full id."""
        for known, folder in self._paths.values():
            if known == ext_id:
                return str(folder)
        return ""


def _flatten(settings: dict[str, Any], path: str = "") -> list[tuple[str, Any]]:
    flat = []
    for key, value in settings.items():
        if key.startswith("filter:platform"):
            flat += _flatten(value.get("linux-x86_64", {}), path)
        elif isinstance(value, dict):
            flat += _flatten(value, f"{path}/{key}")
        else:
            flat.append((f"{path}/{key}", value))
    return flat


@emulate("omni.ext.IExt")
class IExt:
    _open = True

    def on_startup(self, ext_id: str) -> None:
        """Start: extensions override this."""

    def on_shutdown(self) -> None:
        """Stop: extensions override this."""


@emulate("omni.ext.ExtensionManager")
class ExtensionManager:
    _kit: Kit

    def get_extension_path(self, ext_id: str) -> str:
        return self._kit.extensions.path_of(ext_id)

    def get_extension_path_by_module(self, module: str) -> str:
        known = self._kit.extensions._paths.get(module.partition(".")[0])
        return str(known[1]) if known else ""

    def get_enabled_extension_id(self, name: str) -> str | None:
        if name in self._kit.extensions._paths:
            return self._kit.extensions._paths[name][0]
        return f"{name}-1.0.0" if name in self._kit.extensions.enabled else None

    def set_extension_enabled_immediate(self, name: str, enabled: bool) -> bool:
        return self._kit.extensions.enable(name) if enabled else self._kit.extensions.disable(name)

    def is_extension_enabled(self, name: str) -> bool:
        return name in self._kit.extensions.enabled

    def subscribe_to_extension_enable(
        self, on_enable_fn: Any, on_disable_fn: Any = None, ext_name: str = "", hook_name: str = ""
    ) -> Any:
        return object()

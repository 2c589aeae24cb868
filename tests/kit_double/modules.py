"""Makes the emulated Kit modules importable, as far as their extensions are enabled."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kit_double.kit import Kit

ROOTS = ("carb", "omni", "isaacsim", "NavSchema")


class KitModule(ModuleType):
    """A Kit module: its names come from the contract, through the guard."""

    _kit: Kit

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_kit" not in self.__dict__:
            raise AttributeError(name)
        kit = self._kit
        symbol = kit.contract.modules.get(self.__name__, {}).get(name)
        if symbol is not None:
            if kit.profile not in symbol.profiles:
                raise AttributeError(f"{symbol.name} is not in {kit.profile}")
            if symbol.kind != "function":
                kit.note(symbol)
            return kit.guard.build(symbol)
        child = f"{self.__name__}.{name}"
        if kit.contract.is_package(child):
            raise AttributeError(f"{child} is a module that nobody has imported: import it")
        raise kit.guard.refusal(self.__name__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not isinstance(value, ModuleType):
            raise self._kit.guard.refusal(self.__name__, name)
        super().__setattr__(name, value)


class KitFinder(MetaPathFinder, Loader):
    """Finds the modules of the enabled extensions."""

    def __init__(self, kit: Kit):
        self._kit = kit

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of an emulated module."""
        if fullname.partition(".")[0] not in ROOTS:
            return None
        contract = self._kit.contract
        if not contract.is_package(fullname):
            parent, _, name = fullname.rpartition(".")
            if _asked_by_product():
                message = f"module {fullname} is not in the Kit contract{contract.nearest(fullname)}"
                self._kit.violations.append(message)
            raise ModuleNotFoundError(f"No module named {fullname!r} ({parent} has no {name})", name=fullname)
        if not self._kit.extensions.importable(fullname):
            raise ModuleNotFoundError(f"No module named {fullname!r} (its extension is not enabled)", name=fullname)
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, still without submodules."""
        module = KitModule(spec.name)
        module._kit = self._kit
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Import the submodules that come with a package."""
        if module.__name__.startswith("omni.replicator.core"):
            for child in self._kit.contract.modules:
                parent, _, name = child.rpartition(".")
                comes_along = parent == module.__name__ and name != "scripts"
                if comes_along and self._kit.extensions.importable(child):
                    importlib.import_module(child)


def _asked_by_product() -> bool:
    """Whether the import at hand is the product's (libraries look for Kit modules on their own account)."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("importlib"):
        frame = frame.f_back
    name = frame.f_globals.get("__name__", "") if frame is not None else ""
    origin = frame.f_globals.get("__file__", "") if frame is not None else ""
    return name.startswith("isaacsim_agent_ext") or "site-packages" not in str(origin)


def kit_modules() -> dict[str, ModuleType]:
    """Return what is imported of Kit, emulated or real: the standalone omni.ui is."""
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in ROOTS}


def forget_kit_modules() -> None:
    """Drop the emulated modules, and the product's that hold on to them."""
    for name in list(sys.modules):
        in_kit = name.partition(".")[0] in ROOTS
        in_product = name == "isaacsim_agent_ext.extension" or name.startswith("isaacsim_agent_ext.hosts.kit")
        if in_kit or in_product:
            del sys.modules[name]
            parent, _, child = name.rpartition(".")
            if parent in sys.modules and hasattr(sys.modules[parent], child) and in_product:
                delattr(sys.modules[parent], child)

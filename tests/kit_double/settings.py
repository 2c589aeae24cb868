"""carb.settings, carb.tokens and the log."""

from __future__ import annotations

import itertools
import shlex
from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

BASE_SETTINGS = {
    "/app/runLoops/main/manualModeEnabled": True,
    "/app/runLoops/main/rateLimitEnabled": False,
    "/app/player/useFixedTimeStepping": False,
    "/omni/replicator/asyncRendering": False,
    "/omni/replicator/captureOnPlay": True,
    "/app/asyncRendering": False,
    "/app/fastShutdown": True,
    "/persistent/isaac/asset_root/timeout": 5.0,
    # Centimetres, whatever the stage is in.
    "/exts/omni.anim.navigation.core/navMesh/config/agentMinHeight": 200.0,
    "/exts/omni.anim.navigation.core/navMesh/config/agentMinRadius": 20.0,
    "/exts/omni.anim.navigation.core/navMesh/config/agentMaxRadius": 50.0,
    "/exts/omni.anim.navigation.core/navMesh/config/agentMaxStepHeight": 25.0,
    "/exts/omni.anim.navigation.core/navMesh/config/agentMaxFloorSlope": 45.0,
    "/exts/omni.anim.navigation.core/navMesh/config/excludeRigidBodies": True,
    "/exts/omni.anim.navigation.core/navMesh/config/autoRebakeOnChanges": False,
}


class Settings:
    """The tree of settings, flat: path to value."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = dict(BASE_SETTINGS)
        self.observers: dict[int, tuple[str, Any]] = {}
        self._ids = itertools.count(1)

    def get(self, path: str) -> Any:
        """Return a value, a dictionary for a path with settings below it, or None."""
        if path in self.values:
            return self.values[path]
        below: dict[str, Any] = {}
        for name, value in self.values.items():
            if name.startswith(f"{path}/"):
                level = below
                *parents, last = name[len(path) + 1 :].split("/")
                for parent in parents:
                    level = level.setdefault(parent, {})
                level[last] = value
        return below or None

    def set(self, path: str, value: Any) -> None:
        """Change a value and tell its observers."""
        if not path.startswith("/"):
            raise ValueError(f"settings paths start with a slash: {path!r}")
        _check(path, value)
        changed = path not in self.values or self.values[path] != value
        if isinstance(value, dict):
            for name, each in value.items():
                self.set(f"{path}/{name}", each)
            return
        self.values[path] = value
        if changed:
            for watched, callback in list(self.observers.values()):
                if path == watched or path.startswith(f"{watched}/"):
                    callback(path, 0)

    def command_line(self, *flags: str) -> None:
        """Apply flags such as ``--/exts/my.ext/key=value`` as a command line does."""
        for flag in flags:
            path, equals, text = flag.removeprefix("--").partition("=")
            if not equals or not flag.startswith("--/"):
                raise ValueError(f"not a setting: {flag}")
            self.set(path, _parse(text))

    def observe(self, path: str, callback: Any) -> int:
        """Register an observer."""
        number = next(self._ids)
        self.observers[number] = (path, callback)
        return number

    def leftovers(self) -> list[str]:
        """Name the observers."""
        return [f"observer of setting {path}" for path, _ in self.observers.values()]


def _check(path: str, value: Any) -> None:
    if isinstance(value, list | tuple):
        for each in value:
            _check(path, each)
    elif type(value) not in (bool, int, float, str, dict):
        raise TypeError(f"{path}: a setting cannot hold {type(value).__name__}")


def _parse(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    parts = shlex.split(text) if text[:1] in "\"'" else [text]
    return " ".join(parts)


@emulate("carb.settings.get_settings")
def get_settings(kit: Kit) -> Any:
    return kit.one("carb.settings.ISettings")


@emulate("carb.settings.ISettings")
class ISettings:
    _kit: Kit

    def get(self, path: str) -> Any:
        return self._kit.settings.get(path)

    def set(self, path: str, value: Any) -> None:
        self._kit.settings.set(path, value)

    set_bool = set_int = set_float = set_string = set

    def get_as_bool(self, path: str) -> bool:
        return bool(self._kit.settings.get(path))

    def get_as_int(self, path: str) -> int:
        return int(self._kit.settings.get(path) or 0)

    def get_as_float(self, path: str) -> float:
        return float(self._kit.settings.get(path) or 0.0)

    def get_as_string(self, path: str) -> str:
        value = self._kit.settings.get(path)
        return "" if value is None else str(value)

    def set_default_string(self, path: str, value: Any) -> None:
        if path not in self._kit.settings.values:
            self._kit.settings.set(path, value)

    set_default_int = set_default_bool = set_default_float = set_default_string

    def destroy_item(self, path: str) -> None:
        values = self._kit.settings.values
        for name in [name for name in values if name == path or name.startswith(f"{path}/")]:
            del values[name]

    def subscribe_to_node_change_events(self, path: str, fn: Any) -> int:
        return self._kit.settings.observe(path, fn)

    def unsubscribe_to_change_events(self, sub: int) -> None:
        self._kit.settings.observers.pop(sub, None)


@emulate("omni.kit.app.SettingChangeSubscription")
class SettingChangeSubscription:
    _kit: Kit

    def __init__(self, path: str, fn: Any):
        self._number = self._kit.settings.observe(path, fn)

    def __del__(self) -> None:
        self._kit.settings.observers.pop(self._number, None)


@emulate("carb.tokens.get_tokens_interface")
def get_tokens_interface(kit: Kit) -> Any:
    return kit.one("carb.tokens.ITokens")


@emulate("carb.tokens.ITokens")
class ITokens:
    _kit: Kit

    def resolve(self, text: str) -> str:
        for name, value in self._kit.application.tokens.items():
            text = text.replace(f"${{{name}}}", value)
        return text


def _log(level: str) -> Any:
    def log(kit: Kit, msg: str) -> None:
        if not isinstance(msg, str):
            raise TypeError(f"carb.log_{level}(): a message is a str, not {type(msg).__name__}")
        kit.log.append((level, msg))

    return log


for _level in ("info", "warn", "error", "verbose"):
    emulate(f"carb.log_{_level}")(_log(_level))

"""The settings of this extension, and settings of others changed for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import carb.settings

from isaacsim_agent_ext.hosts.protocol import HostOptions

ROOT = "/exts/isaacsim_agent_ext/"
"""Where our settings are."""


@dataclass(frozen=True, kw_only=True)
class StartUp:
    """What the settings ask of the extension when it starts.

    Attributes:
        config: Config file to load, or None.
        autorun: Whether to set up and generate at once.
        quit_when_done: Whether to end the app afterwards, with an exit code that says how it went.
        output_dir: Output folder in place of the config's, or None.
        seed: Seed in place of the config's, or None.
    """

    config: Path | None
    autorun: bool
    quit_when_done: bool
    output_dir: Path | None
    seed: int | None


def read_start_up() -> StartUp:
    """Return what the settings say now."""
    config, output_dir, seed = _text("config"), _text("output_dir"), _number("seed", -1)
    return StartUp(
        config=Path(config).expanduser() if config else None,
        autorun=_flag("autorun"),
        quit_when_done=_flag("quit_when_done"),
        output_dir=Path(output_dir).expanduser() if output_dir else None,
        seed=seed if seed >= 0 else None,
    )


def host_options() -> HostOptions:
    """Return the machine's share of a job as the settings have it."""
    return HostOptions(asset_root=_text("asset_root") or None, allow_plugins=_flag("allow_plugins"))


def asset_seconds() -> float:
    """Return how long to wait for an asset or a stage [s]."""
    return float(_number("asset_timeout", 300))


def navmesh_seconds() -> float:
    """Return how long to wait for a NavMesh [s]."""
    return float(_number("navmesh_timeout", 300))


def frame_seconds() -> float:
    """Return how long to wait for one captured frame [s]."""
    return float(_number("frame_timeout", 600))


def render_subframes() -> int:
    """Return how often the renderer refines each captured frame."""
    return max(1, int(_number("rt_subframes", 1)))


def character_animation() -> str:
    """Return who animates people: ``"skeleton"`` for us, ``"behavior"`` or ``"graph"`` for the app."""
    return _text("character_animation") or "skeleton"


def read_setting(path: str) -> Any:
    """Return the value of any setting, or None."""
    return carb.settings.get_settings().get(path)


@contextmanager
def overridden(values: Mapping[str, Any], *, only_existing: bool = False) -> Iterator[None]:
    """Change settings for a while; they are put back even after an error.

    Args:
        values: Setting path to value.
        only_existing: Leave out settings that do not exist, for those which not every version has.
    """
    settings = carb.settings.get_settings()
    before = {path: settings.get(path) for path in values}
    changed = [path for path in values if before[path] is not None or not only_existing]
    try:
        for path in changed:
            settings.set(path, values[path])
        yield
    finally:
        for path in changed:
            if before[path] is None:
                settings.destroy_item(path)
            else:
                settings.set(path, before[path])


def _text(name: str) -> str:
    return str(carb.settings.get_settings().get(ROOT + name) or "").strip()


def _flag(name: str) -> bool:
    return bool(carb.settings.get_settings().get_as_bool(ROOT + name))


def _number(name: str, missing: float) -> Any:
    found = carb.settings.get_settings().get(ROOT + name)
    return missing if found is None or isinstance(found, str) else found

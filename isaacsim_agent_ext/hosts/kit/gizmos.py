"""Drawings for people at the screen, which have no place in a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from isaacsim_agent_ext.hosts.kit.settings import overridden, read_setting

SHOWN = {
    "/persistent/exts/omni.anim.navigation.core/navMesh/viewNavMesh": False,
    "/exts/omni.anim.navigation.core/navMesh/viewNavMesh": False,
    "/persistent/app/viewport/displayOptions": 0,
    "/app/viewport/show/lights": False,
    "/app/viewport/show/skeletons": False,
}
"""Settings under which versions show NavMesh, skeletons and lights, and their values for none."""

_CROWD = (
    "/exts/omni.anim.behavior.core/displayCrowdSimulation",
    "/persistent/exts/omni.anim.behavior.core/displayCrowdSimulation",
)
"""Where Isaac Sim 6.0 has a switch, called ``show...``, for everything it draws of its people's motion."""


@contextmanager
def hidden(hide: bool = True) -> Iterator[None]:
    """Hide NavMesh, skeletons and light gizmos for a while; they come back even after an error.

    Settings that a version does not have are left alone.
    """
    with overridden({**SHOWN, **_crowd()} if hide else {}, only_existing=True):
        yield


def _crowd() -> dict[str, bool]:
    """Return the switches that are there, each switched off."""
    groups = {path: read_setting(path) for path in _CROWD}
    return {
        f"{path}/{name}": False
        for path, switches in groups.items()
        if isinstance(switches, dict)
        for name, value in switches.items()
        if name.startswith("show") and isinstance(value, bool)
    }

"""Drawings for people at the screen, which have no place in a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from isaacsim_agent_ext.hosts.kit.settings import overridden

SHOWN = {
    "/persistent/exts/omni.anim.navigation.core/navMesh/viewNavMesh": False,
    "/exts/omni.anim.navigation.core/navMesh/viewNavMesh": False,
    "/persistent/app/viewport/displayOptions": 0,
    "/app/viewport/show/lights": False,
    "/app/viewport/show/skeletons": False,
}
"""Settings under which versions show NavMesh, skeletons and lights, and their values for none."""


@contextmanager
def hidden(hide: bool = True) -> Iterator[None]:
    """Hide NavMesh, skeletons and light gizmos for a while; they come back even after an error.

    Settings that a version does not have are left alone.
    """
    with overridden(SHOWN if hide else {}, only_existing=True):
        yield

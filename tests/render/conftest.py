"""Renderers for the tests; the scenes they render are made by ``known_scenes``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from isaacsim_agent_ext.render.device import describe_devices
from isaacsim_agent_ext.render.embree import is_available
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

sys.path.insert(0, str(Path(__file__).parent))

from known_scenes import where


@pytest.fixture
def renderer() -> Iterator[Callable[..., Renderer]]:
    """Make renderers that are closed after the test; one thread unless asked otherwise."""
    made: list[Renderer] = []

    def make(snapshot: SceneSnapshot, *, backend: str = "auto", **kwargs: object) -> Renderer:
        made.append(Renderer(snapshot, **{"threads": 1, **where(backend), **kwargs}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(params=["embree", "warp", "cuda"])
def backend(request: pytest.FixtureRequest) -> str:
    """Return who answers rays; "cuda" is Warp's own tracer on a GPU, see `where`."""
    if request.param == "embree" and not is_available():
        pytest.skip("no Embree here")
    if request.param == "cuda" and "cuda:0" not in describe_devices():
        pytest.skip("no CUDA device here")
    return str(request.param)

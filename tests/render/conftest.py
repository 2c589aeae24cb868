"""Renderers for the tests; the scenes they render are made by ``known_scenes``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from isaacsim_agent_ext.render.embree import is_available
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def renderer() -> Iterator[Callable[..., Renderer]]:
    """Make renderers that are closed after the test; one thread unless asked otherwise."""
    made: list[Renderer] = []

    def make(snapshot: SceneSnapshot, **kwargs: object) -> Renderer:
        made.append(Renderer(snapshot, **{"threads": 1, **kwargs}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(params=["embree", "warp"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "embree" and not is_available():
        pytest.skip("no Embree here")
    return str(request.param)

"""Makes the helpers of this folder importable, and the plain hall they drive in."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def hall():
    from driving_floor import FloorNavMesh

    return FloorNavMesh((-10, -10, 10, 10))

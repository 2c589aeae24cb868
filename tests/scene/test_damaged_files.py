from __future__ import annotations

import contextlib
import random

import pytest

from isaacsim_agent_ext.errors import AgentError, AssetError
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot

QUAD = """
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    int[] faceVertexCounts = [4]
    int[] faceVertexIndices = [0, 1, 2, 3]
"""


@pytest.mark.parametrize("seed", range(8))
def test_damaged_text_files_are_refused_or_read(person, tmp_path, seed):
    """Nothing but our own errors may come out, whichever characters are wrong."""
    rng = random.Random(seed)
    whole = person().read_text()
    signs = '0123456789abcxyz()[]{}<>@"=.,: \n'
    for i in range(25):
        text = list(whole)
        for _ in range(rng.choice([1, 1, 2, 4])):
            text[rng.randrange(60, len(text))] = rng.choice(signs)
        path = tmp_path / f"damaged_{i}.usda"
        path.write_text("".join(text))
        with contextlib.suppress(AgentError):
            read_snapshot(open_stage(path))


def test_bytes_that_are_no_text_can_be_quoted(tmp_path):
    path = tmp_path / "bad.usda"
    path.write_bytes(b'#usda 1.0\n(\n    upAxis = \x90Z"\n)\n')
    with pytest.raises(AssetError, match=r"bad\.usda:3:"):
        open_stage(path)


def test_values_of_the_wrong_type_cost_one_prim(read):
    snapshot, warnings = read(f"""
        def SphereLight "Odd" {{ string inputs:intensity = "bright" }}
        def Cube "Word" {{ token size = "large" }}
        def Mesh "Words" {{ {QUAD} string[] primvars:st = ["a", "b", "c", "d"] (interpolation = "vertex") }}
        def Mesh "Good" {{ {QUAD} }}
        def SphereLight "Fine" {{ }}
    """)
    assert "/Good" in [instance.prim_path for instance in snapshot.instances]
    assert [light.prim_path for light in snapshot.lights] == ["/Fine"]
    assert any(text.startswith("/Odd: left out, its data is broken") for text in warnings)


def test_flat_and_endless_transforms_are_left_out(read):
    snapshot, warnings = read(f"""
        def Mesh "Flat" {{ {QUAD} float3 xformOp:scale = (1, 1, 0)
            uniform token[] xformOpOrder = ["xformOp:scale"] }}
        def Mesh "Endless" {{ {QUAD} double3 xformOp:translate = (inf, 0, 0)
            uniform token[] xformOpOrder = ["xformOp:translate"] }}
        def Mesh "Good" {{ {QUAD} }}
    """)
    assert [instance.prim_path for instance in snapshot.instances] == ["/Good"]
    assert [text.split(":")[0] for text in warnings] == ["/Flat", "/Endless"]

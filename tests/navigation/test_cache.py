import numpy as np
import pytest

from isaacsim_agent_ext.navigation import bake as baking
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.settings import NavMeshSettings


@pytest.fixture
def bakes(monkeypatch):
    """Counts how often something is really baked."""
    calls = []
    real = baking._bake
    monkeypatch.setattr(baking, "_bake", lambda *arguments: calls.append(1) or real(*arguments))
    return calls


def test_second_bake_comes_from_the_cache(scene, tmp_path, bakes):
    scene.floor(0, 0, 5, 5)
    first = bake(scene.snapshot(), cache_dir=tmp_path)
    second = bake(scene.snapshot(), cache_dir=tmp_path)
    assert len(bakes) == 1
    assert first.to_bytes() == second.to_bytes()
    assert [path.suffix for path in tmp_path.iterdir()] == [".navmesh"]


def test_any_change_bakes_anew(scene, volume, tmp_path, bakes):
    scene.floor(0, 0, 5, 5)
    bake(scene.snapshot(), cache_dir=tmp_path)
    bake(scene.snapshot(), cache_dir=tmp_path, settings=NavMeshSettings(agent_radius=0.4))
    bake(scene.snapshot(), [volume("area", [0, 0, 0], [1, 1, 1], area="Corner")], cache_dir=tmp_path)
    bake(scene.snapshot(), [volume("exclude", [0, 0, 0], [1, 1, 1])], cache_dir=tmp_path)
    scene.box([2, 2, 0], [3, 3, 1])
    bake(scene.snapshot(), cache_dir=tmp_path)
    assert len(bakes) == len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-7], lambda data: b"", lambda data: data[:40] + b"!" + data[41:]]
)
def test_damaged_file_is_baked_anew_and_replaced(scene, tmp_path, bakes, damage):
    scene.floor(0, 0, 5, 5)
    expected = bake(scene.snapshot(), cache_dir=tmp_path).to_bytes()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert bake(scene.snapshot(), cache_dir=tmp_path).to_bytes() == expected
    assert len(bakes) == 2
    assert file.read_bytes() == whole


def test_folder_that_cannot_be_written_is_no_obstacle(scene, tmp_path):
    scene.floor(0, 0, 5, 5)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert np.isfinite(bake(scene.snapshot(), cache_dir=blocked / "cache").triangles()).all()

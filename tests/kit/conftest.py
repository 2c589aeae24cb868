"""Jobs in the emulated Kit, once per Isaac Sim version, on a small hall."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdLux, UsdSemantics, Vt

sys.path.append(str(Path(__file__).parents[1]))

from kit_double.fixtures import kit, kit_51, kit_60, kit_desktop  # noqa: F401
from kit_double.kit import Kit

from isaacsim_agent_ext import api
from isaacsim_agent_ext.resources import asset_pack_root

BOX = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
FACES = [0, 1, 3, 2, 4, 6, 7, 5, 0, 4, 5, 1, 2, 3, 7, 6, 0, 2, 6, 4, 1, 5, 7, 3]
MODULE = "isaacsim_agent_ext.extension"

CONFIG = """
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 11
  simulation_duration: 0.2
  environment: {{base_stage_asset_path: {stage}}}
  character:
    groups:
      crew:
        num: 2
        asset_path: Isaac/People/Characters/F_Casual_01/F_Casual_01.usd
        routines: [{{wander: {{walk: {{distance_range: [2, 4]}}}}}}]
        triggers:
          - event_trigger: {{event: alarm, behavior: [{{stop: {{time_range: [1, 1]}}}}]}}
  sensor:
    groups:
      overview:
        num: 1
        aim_at_targets: {{height_range: [2.5, 3], distance_range: [4, 6], look_down_angle_range: [5, 60]}}
  replicator:
    render_product_resolution: [64, 48]
    writers:
      IRABasicWriter:
        start_frame: 2
        output_dir: {output}
        rgb: true
        semantic_segmentation: true
        instance_segmentation: true
        distance_to_camera: true
        camera_params: true
        semantic_filter_predicate: "class:*"
        agent_info_skeleton_data: true
"""


def write_hall(path: Path, *, up_axis: str = "Z", meters_per_unit: float = 1.0) -> Path:
    """Write a 12 x 12 m floor with two crates on it."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, meters_per_unit)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/World").GetPrim())

    def mesh(name: str, points: np.ndarray, faces: list[int], label: str) -> None:
        upright = points if up_axis == "Z" else points[:, [0, 2, 1]] * [1.0, 1.0, -1.0]
        shape = UsdGeom.Mesh.Define(stage, f"/World/{name}")
        shape.CreatePointsAttr(Vt.Vec3fArray.FromNumpy((upright / meters_per_unit).astype(np.float32)))
        shape.CreateFaceVertexCountsAttr([4] * (len(faces) // 4))
        shape.CreateFaceVertexIndicesAttr(faces)
        shape.CreateSubdivisionSchemeAttr("none")
        shape.CreateDisplayColorAttr([Gf.Vec3f(0.6, 0.5, 0.4)])
        UsdSemantics.LabelsAPI.Apply(shape.GetPrim(), "class").CreateLabelsAttr([label])

    mesh("Floor", np.array([(-6, -6, 0), (6, -6, 0), (6, 6, 0), (-6, 6, 0)], float), [0, 1, 2, 3], "floor")
    for number, (x, y) in enumerate([(-3.0, 2.0), (2.5, -2.5)]):
        mesh(f"Crate_{number}", BOX * [1.0, 1.0, 0.8] + [x, y, 0.0], FACES, "crate")
    UsdLux.DomeLight.Define(stage, "/World/Sky").CreateIntensityAttr(500.0)
    stage.GetRootLayer().Save()
    return path


@pytest.fixture(scope="session")
def y_up_hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hall(tmp_path_factory.mktemp("stage") / "hall_cm.usda", up_axis="Y", meters_per_unit=0.01)


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hall(tmp_path_factory.mktemp("stage") / "hall.usda")


@pytest.fixture
def write_config(tmp_path: Path, hall: Path) -> Callable[..., Path]:
    """Return a function that writes the config of a short run, with changes."""

    def write(*replacements: tuple[str, str], stage: object = hall) -> Path:
        text = CONFIG.format(stage=stage, output=tmp_path / "out")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "config.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture(autouse=True)
def fresh_product(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Import the product's Kit modules anew for every application, and leave no session behind."""
    monkeypatch.setenv("ISAACSIM_AGENT_ASSET_ROOT", str(asset_pack_root()))
    monkeypatch.setenv("ISAACSIM_AGENT_CACHE", os.environ.get("ISAACSIM_AGENT_CACHE", str(tmp_path / "cache")))
    _forget()
    yield
    _forget()


@pytest.fixture
def app(kit: Kit) -> Iterator[Kit]:  # noqa: F811 - a fixture
    """Return the app with a session of ours in it, once per version."""
    yield from _in_session(kit)


@pytest.fixture
def app_60(kit_60: Kit) -> Iterator[Kit]:  # noqa: F811 - a fixture
    """Return the newer app with a session of ours in it, for what does not depend on the version."""
    yield from _in_session(kit_60)


def _in_session(started: Kit) -> Iterator[Kit]:
    runtime = importlib.import_module("isaacsim_agent_ext.hosts.kit.runtime").kit_runtime()
    api.use(runtime)
    yield started
    api.use(None)
    runtime.close()
    started.pump(3)
    assert started.leftovers() == []


def _forget() -> None:
    api._session = None
    for name in [name for name in sys.modules if name.startswith(("isaacsim_agent_ext.hosts.kit", MODULE))]:
        del sys.modules[name]
    package = sys.modules.get("isaacsim_agent_ext.hosts")
    if package is not None and hasattr(package, "kit"):
        del package.kit

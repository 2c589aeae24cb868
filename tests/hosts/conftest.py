"""A small hall to run jobs in: a floor, a few crates, a light; in metres Z-up or in centimetres Y-up."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdLux, UsdSemantics, Vt

from isaacsim_agent_ext.config.load import LoadedConfig, parse_config

BOX = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
FACES = [0, 1, 3, 2, 4, 6, 7, 5, 0, 4, 5, 1, 2, 3, 7, 6, 0, 2, 6, 4, 1, 5, 7, 3]


def write_hall(path: Path, *, up_axis: str = "Z", meters_per_unit: float = 1.0) -> Path:
    """Write a 12 x 12 m floor with three crates on it."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, meters_per_unit)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/Root").GetPrim())

    def place(points: np.ndarray) -> Vt.Vec3fArray:
        upright = points if up_axis == "Z" else points[:, [0, 2, 1]] * [1.0, 1.0, -1.0]
        return Vt.Vec3fArray.FromNumpy((upright / meters_per_unit).astype(np.float32))

    def mesh(name: str, points: np.ndarray, faces: list[int], label: str) -> None:
        shape = UsdGeom.Mesh.Define(stage, f"/Root/{name}")
        shape.CreatePointsAttr(place(points))
        shape.CreateFaceVertexCountsAttr([4] * (len(faces) // 4))
        shape.CreateFaceVertexIndicesAttr(faces)
        shape.CreateSubdivisionSchemeAttr("none")
        shape.CreateDisplayColorAttr([Gf.Vec3f(0.6, 0.5, 0.4)])
        UsdSemantics.LabelsAPI.Apply(shape.GetPrim(), "class").CreateLabelsAttr([label])

    mesh("Floor", np.array([(-6, -6, 0), (6, -6, 0), (6, 6, 0), (-6, 6, 0)], float), [0, 1, 2, 3], "floor")
    for number, (x, y) in enumerate([(-3.0, 2.0), (2.5, -2.5), (3.0, 3.0)]):
        mesh(f"Crate_{number}", BOX * [1.0, 1.0, 0.8] + [x, y, 0.0], FACES, "crate")
    UsdLux.DomeLight.Define(stage, "/Root/Sky").CreateIntensityAttr(500.0)
    stage.GetRootLayer().Save()
    return path


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hall(tmp_path_factory.mktemp("stage") / "hall.usda")


@pytest.fixture(scope="session")
def y_up_hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hall(tmp_path_factory.mktemp("stage") / "hall_cm.usda", up_axis="Y", meters_per_unit=0.01)


@pytest.fixture(scope="session")
def job(hall: Path) -> Callable[..., LoadedConfig]:
    """Return a function that builds the config of a short, small run."""

    def build(*overrides: str, stage: Path = hall) -> LoadedConfig:
        text = f"""
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 11
  simulation_duration: 0.7
  environment: {{base_stage_asset_path: {stage}}}
  character:
    groups:
      crew:
        num: 3
        routines: [{{wander: {{walk: {{distance_range: [2, 4]}}}}}}]
  sensor:
    groups:
      overview:
        num: 2
        aim_at_targets: {{height_range: [2.5, 3], distance_range: [4, 6], look_down_angle_range: [5, 60]}}
  replicator:
    render_product_resolution: [128, 96]
    writers:
      IRABasicWriter:
        start_frame: 0
        rgb: true
        semantic_segmentation: true
        instance_segmentation: true
        distance_to_camera: true
        normals: true
        occlusion: true
        motion_vectors: true
        agent_info_skeleton_data: true
        video_rendering_annotator_list: [rgb]
"""
        return parse_config(text, overrides=overrides)

    return build

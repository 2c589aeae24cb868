"""Looking through a dataset that our own writers laid out."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.ui.viewmodel.background import Background
from isaacsim_agent_ext.ui.viewmodel.dataset import DatasetModel
from isaacsim_agent_ext.ui.viewmodel.dataset_index import read_index, read_overlays, read_picture
from isaacsim_agent_ext.ui.viewmodel.overlays import BOXES, MASKS, SKELETONS, drawn_over
from isaacsim_agent_ext.writers.images import encode_ids, encode_png
from isaacsim_agent_ext.writers.pictures import colorize_depth

SIZE = (36, 64)
RECORD = {
    "agents": {
        "/World/Characters/crew/crew_0": {
            "label": {"class": "character"},
            "annotators": {
                "bounding_box_2d_tight_fast": {
                    "x_min": 10,
                    "y_min": 8,
                    "x_max": 20,
                    "y_max": 30,
                    "occlusionRatio": 0.0,
                },
                "skeleton_data": {"skeleton_parents": [-1, 0], "translations_2d": [[12.0, 10.0], [18.0, 28.0]]},
            },
        }
    },
    "objects": {},
}


def grey(value: int) -> np.ndarray:
    picture = np.full((*SIZE, 4), value, np.uint8)
    picture[..., 3] = 255
    return picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ids = np.zeros(SIZE, np.uint32)
    ids[10:20, 10:20] = 7
    for camera in ("World_Cameras_a", "World_Cameras_b"):
        for name in ("rgb", "distance_to_camera", "instance_segmentation", "object_detection"):
            (tmp_path / camera / name).mkdir(parents=True)
        for frame in (30, 31, 40):
            base = tmp_path / camera
            (base / "rgb" / f"rgb_{frame:04}.png").write_bytes(encode_png(grey(frame)))
            np.save(base / "distance_to_camera" / f"distance_to_camera_{frame:04}.npy", np.full(SIZE, 2.0, np.float32))
            if camera.endswith("a"):
                (base / "instance_segmentation" / f"instance_segmentation_{frame:04}.png").write_bytes(encode_ids(ids))
            (base / "object_detection" / f"object_detection_{frame:04}.json").write_text(json.dumps(RECORD))
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "contact_sheet.png").write_bytes(encode_png(grey(1)))
    return tmp_path


def settle(model: DatasetModel) -> None:
    deadline = time.monotonic() + 20
    while model._background.is_busy:
        assert time.monotonic() < deadline
        time.sleep(0.005)
        model.update()
    model.update()
    if model._background.is_busy:
        settle(model)


def test_an_index_knows_cameras_annotators_and_frames(folder: Path) -> None:
    index = read_index(folder)
    assert index.cameras == ("World_Cameras_a", "World_Cameras_b")
    assert index.annotators("World_Cameras_a") == ("rgb", "distance_to_camera", "instance_segmentation")
    assert index.frames("World_Cameras_b", "rgb") == (30, 31, 40)
    assert index.frames("World_Cameras_b", "normals") == ()


def test_flat_folders_are_understood_too(tmp_path: Path) -> None:
    (tmp_path / "World_Cam_rgb_0030.png").write_bytes(encode_png(grey(5)))
    (tmp_path / "World_Cam_object_detection_0030.json").write_text(json.dumps(RECORD))
    index = read_index(tmp_path)
    assert index.cameras == ("World_Cam",)
    assert read_overlays(index, "World_Cam", 30).boxes


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, missing: bool) -> None:
    with pytest.raises(OutputError, match="no folder" if missing else "no pictures"):
        read_index(tmp_path / "none" if missing else tmp_path)


def test_pictures_of_every_kind_can_be_looked_at(folder: Path) -> None:
    index = read_index(folder)
    pictures = {
        annotator: read_picture(annotator, index.pictures["World_Cameras_a"][annotator][30].path)
        for annotator in index.annotators("World_Cameras_a")
    }
    assert all(picture.shape == (*SIZE, 4) and picture.dtype == np.uint8 for picture in pictures.values())
    assert (pictures["distance_to_camera"] == colorize_depth(np.full(SIZE, 2.0))).all()
    assert pictures["instance_segmentation"][15, 15, :3].any()
    (folder / "broken.png").write_bytes(b"no picture")
    with pytest.raises(OutputError, match="cannot be read"):
        read_picture("rgb", folder / "broken.png")


@pytest.mark.parametrize("overlay", [BOXES, SKELETONS, MASKS])
def test_overlays_change_the_picture_where_they_are(folder: Path, overlay: str) -> None:
    index = read_index(folder)
    overlays = read_overlays(index, "World_Cameras_a", 30)
    plain = drawn_over(grey(90), overlays, (), 640)
    drawn = drawn_over(grey(90), overlays, (overlay,), 640)
    assert plain.shape == drawn.shape == (360, 640, 4)
    assert (plain[..., :3] == 90).all()
    changed = np.argwhere((drawn != plain).any(axis=2))
    assert len(changed)
    assert changed.min(axis=0)[1] >= 70
    assert changed.max(axis=0)[1] <= 330


def test_stepping_keeps_what_the_next_camera_has(folder: Path) -> None:
    model = DatasetModel()
    model.open(folder)
    settle(model)
    assert (model.camera, model.annotator, model.frame, model.message) == ("World_Cameras_a", "rgb", 30, "")
    model.step(2)
    settle(model)
    assert model.frame == 40
    model.step(1)
    assert model.frame == 40
    model.choose_annotator("instance_segmentation")
    model.choose_camera("World_Cameras_b")
    settle(model)
    assert (model.annotator, model.frame) == ("rgb", 40)
    before = model.picture
    model.switch(BOXES)
    settle(model)
    assert before is not None
    assert model.picture is not None
    assert (model.picture != before).any()
    model.close()


def test_what_is_wrong_with_a_folder_is_told(tmp_path: Path) -> None:
    model = DatasetModel()
    model.open(tmp_path / "none")
    settle(model)
    assert model.picture is None
    assert "no folder" in model.message
    model.close()


def test_work_that_is_overtaken_is_left_out() -> None:
    background: Background[int] = Background("test")
    done: list[int] = []

    def work(number: int) -> int:
        time.sleep(0.02)
        done.append(number)
        return number

    for number in range(50):
        background.do(partial(work, number))
    while background.is_busy:
        time.sleep(0.005)
    outcome = background.take()
    assert outcome is not None
    assert outcome.result == 49
    assert len(done) < 10
    assert background.take() is None
    background.close()

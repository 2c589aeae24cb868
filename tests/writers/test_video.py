import sys

import numpy as np
import pytest
from small_run import RESOLUTION, cameras, config, contents, files, record

from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.writers.registry import create_writer

av = pytest.importorskip("av")

VIDEO = config(video_rendering_annotator_list=["rgb"])


def decoded(path):
    with av.open(str(path)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def test_one_video_per_camera_and_annotator_at_30_pictures_a_second(tmp_path):
    annotators = ["rgb", "semantic_segmentation", "distance_to_camera", "normals"]
    record(tmp_path, config(video_rendering_annotator_list=annotators), range(40, 50))
    expected = [f"World_Cameras_hall_hall_{camera}/{name}.mp4" for camera in (0, 1) for name in annotators]
    assert files(tmp_path) == sorted([*expected, "metadata.txt"])
    with av.open(str(tmp_path / expected[0])) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == RESOLUTION
        assert stream.average_rate == 30
        assert stream.frames == 10


def test_pictures_come_back_in_order(tmp_path):
    record(tmp_path, config(rgb=True, video_rendering_annotator_list=["rgb"]), range(10, 50), views=cameras(1))
    from PIL import Image

    camera = tmp_path / "World_Cameras_hall_hall_0"
    shown = decoded(camera / "rgb.mp4")
    assert len(shown) == 40
    for index, (time, picture) in enumerate(shown):
        assert time == pytest.approx(index / 30, abs=1e-4)
        original = np.asarray(Image.open(camera / f"rgb/rgb_{10 + index:04d}.png"))[..., :3]
        assert np.abs(picture.astype(int) - original).mean() < 3


def test_any_grouping_of_chunks_gives_the_same_file(tmp_path):
    for processes in (1, 2, 4):
        record(tmp_path / str(processes), VIDEO, range(20, 80), views=cameras(1), processes=processes)
    assert contents(tmp_path / "1") == contents(tmp_path / "2") == contents(tmp_path / "4")


def test_a_run_that_stops_early_has_a_video_of_what_it_has(tmp_path):
    record(tmp_path, VIDEO, range(30, 50), views=cameras(1), finish_with=list(range(30, 50)))
    record(tmp_path / "cut", VIDEO, range(30, 39), views=cameras(1), finish_with=list(range(30, 39)))
    assert len(decoded(tmp_path / "cut/World_Cameras_hall_hall_0/rgb.mp4")) == 9
    assert not any(name.startswith(".video") for name in files(tmp_path / "cut"))


def test_odd_sizes_are_padded_to_even(tmp_path):
    from box_scene import look_along_x

    odd = look_along_x((0, 0, 1), resolution=(95, 53))
    record(tmp_path, VIDEO, range(30, 32), views=[odd])
    (_, picture), *_ = decoded(tmp_path / "World_Cameras_cam/rgb.mp4")
    assert picture.shape == (54, 96, 3)


def test_videos_play_while_they_download(tmp_path):
    record(tmp_path, VIDEO, range(30, 32), views=cameras(1))
    content = (tmp_path / "World_Cameras_hall_hall_0/rgb.mp4").read_bytes()
    assert content.find(b"moov") < content.find(b"mdat")


def test_a_missing_encoder_is_told_before_the_run(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    for module in ("video", "h264"):
        monkeypatch.delitem(sys.modules, f"isaacsim_agent_ext.writers.{module}", raising=False)
    with pytest.raises(DependencyError, match=r"pip install 'isaacsim-agent-ext\[video\]'"):
        create_writer(VIDEO, sink=None)
    create_writer(config(rgb=True), sink=None)

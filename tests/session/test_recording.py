"""The recording plan: frames, chunks, folders and cameras."""

from dataclasses import replace
from pathlib import Path

import pytest

from isaacsim_agent_ext.config.model import Config, Environment, ReplicatorSection, WriterConfig
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.session.recording import plan_recording, select_cameras
from isaacsim_agent_ext.writers.base import CHUNK_FRAMES

CAMERAS = ("/World/Cameras/a/a_0", "/World/Cameras/a/a_1", "/World/Cameras/ab/ab_0")


def config(*writers: WriterConfig, seconds: float = 5.0) -> Config:
    return Config(
        version="1.6.0",
        seed=1,
        simulation_duration=seconds,
        environment=Environment(base_stage_asset_path="x.usd"),
        replicator=ReplicatorSection(writers=writers),
    )


def writer(key: str = "IRABasicWriter", **changes: object) -> WriterConfig:
    return replace(WriterConfig(key=key, type="IRABasicWriter"), **changes)


def test_recording_starts_at_frame_30_and_ends_before_the_last() -> None:
    plan = plan_recording(config(writer()), CAMERAS)
    assert plan.frame_count == 150
    assert plan.frames == tuple(range(30, 150))


def test_end_frame_is_exclusive_and_cut_at_the_end_of_the_run() -> None:
    assert plan_recording(config(writer(start_frame=0, end_frame=10)), CAMERAS).frames == tuple(range(10))
    assert plan_recording(config(writer(start_frame=140, end_frame=999)), CAMERAS).frames == tuple(range(140, 150))


def test_a_writer_that_starts_after_the_end_records_nothing() -> None:
    plan = plan_recording(config(writer(start_frame=30), seconds=0.5), CAMERAS)
    assert plan.frames == ()
    assert plan.chunks == ()


def test_chunks_are_cut_at_fixed_frames_whoever_starts_where() -> None:
    plan = plan_recording(config(writer(start_frame=20, end_frame=40)), CAMERAS)
    assert plan.chunks == (tuple(range(20, 30)), tuple(range(30, 40)))
    assert all(frame // CHUNK_FRAMES == chunk[0] // CHUNK_FRAMES for chunk in plan.chunks for frame in chunk)


def test_frames_of_all_writers_are_recorded_once() -> None:
    plan = plan_recording(
        config(writer(start_frame=0, end_frame=4), writer("IRABasicWriter_2", start_frame=2, end_frame=6)), CAMERAS
    )
    assert plan.frames == (0, 1, 2, 3, 4, 5)


def test_one_writer_writes_into_the_output_itself_and_several_below_it(tmp_path: Path) -> None:
    one = plan_recording(config(writer()), CAMERAS, output=tmp_path)
    assert [item.output_dir for item in one.writers] == [tmp_path]
    two = plan_recording(config(writer(), writer("IRABasicWriter_2")), CAMERAS, output=tmp_path)
    assert [item.output_dir for item in two.writers] == [tmp_path / "IRABasicWriter", tmp_path / "IRABasicWriter_2"]


def test_the_home_folder_is_expanded() -> None:
    plan = plan_recording(config(writer(output_dir="~/data")), CAMERAS)
    assert plan.writers[0].output_dir == Path.home() / "data"


def test_a_prim_above_cameras_stands_for_all_of_them_but_not_for_its_namesakes() -> None:
    chosen = select_cameras(writer(sensor_prim_list=("/World/Cameras/a",)), CAMERAS)
    assert chosen == CAMERAS[:2]
    assert select_cameras(writer(), CAMERAS) == CAMERAS


def test_an_unknown_camera_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigError) as caught:
        select_cameras(writer(sensor_prim_list=("/World/Cameras/a/a_0", "/World/Cameras/zzz")), CAMERAS)
    (problem,) = caught.value.problems
    assert problem.key_path == "replicator.writers.IRABasicWriter.sensor_prim_list.1"
    assert "/World/Cameras/ab/ab_0" in problem.message

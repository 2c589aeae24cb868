"""What a run warns of, and where it says that a problem found after loading stands."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from isaacsim_agent_ext.commands.run import summary
from isaacsim_agent_ext.config.load import LoadedConfig, load_config
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.hosts.protocol import HostOptions
from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
from isaacsim_agent_ext.session.progress import SilentReporter
from isaacsim_agent_ext.session.report import RunReport
from isaacsim_agent_ext.session.run import run_job

Job = Callable[..., LoadedConfig]
WRITER = "replicator.writers.IRABasicWriter"
NOBODY = ("character.groups.crew.num=0", "sensor.groups.overview.num=0")


def set_up_warnings(loaded: LoadedConfig) -> list[str]:
    return list(StandaloneHost().set_up(loaded, HostOptions(device="cpu", workers=1), SilentReporter()).warnings)


def test_a_filter_that_nothing_passes_is_told_with_the_labels_there_are(job: Job) -> None:
    loaded = job(f"{WRITER}.semantic_filter_predicate='class:worker'", *NOBODY)
    (text,) = [text for text in set_up_warnings(loaded) if "semantic filter" in text]
    assert text.startswith("IRABasicWriter: no prim of the scene passes the semantic filter `class:worker`")
    assert text.endswith("the scene has class: crate, floor")


@pytest.mark.parametrize(
    "changes",
    [
        ("semantic_filter_predicate='class:cra*'",),
        tuple(
            f"{switch}=false"
            for switch in (
                "semantic_segmentation",
                "instance_segmentation",
                "object_info_bounding_box_2d_tight",
                "object_info_bounding_box_2d_loose",
                "object_info_bounding_box_3d",
            )
        ),
    ],
)
def test_a_filter_that_serves_is_not_told_of(job: Job, changes: tuple[str, ...]) -> None:
    loaded = job(*(f"{WRITER}.{change}" for change in changes), *NOBODY)
    assert not [text for text in set_up_warnings(loaded) if "semantic filter" in text]


PLACED = """\
isaacsim.replicator.agent:
  version: 1.6.0
  environment: {{base_stage_asset_path: {stage}}}
  character: {{groups: {{crew: {{num: 1, routines: [wander: {{idle: [{{animation: {animation}}}]}}]}}}}}}
  sensor: {{groups: {{overview: {{num: 1, aim_at_targets: {{distance_range: [4, 6]}}}}}}}}
  replicator:
    writers:
      IRABasicWriter:
        sensor_prim_list: [/World/Cameras/overview, {camera}]
"""


@pytest.mark.parametrize(
    ("animation", "camera", "place"),
    [
        ("lok_around", "/World/Cameras", "4:78: character.groups.crew.routines.0.wander.idle.0.animation: "),
        ("idle", "/World/Cams", "9:53: replicator.writers.IRABasicWriter.sensor_prim_list.1: "),
    ],
)
def test_problems_found_after_loading_say_where_they_stand(
    hall: Path, tmp_path: Path, animation: str, camera: str, place: str
) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(PLACED.format(stage=hall, animation=animation, camera=camera))
    with pytest.raises(ConfigError) as caught:
        run_job(load_config(path), StandaloneHost(), options=HostOptions(device="cpu"), output=tmp_path / "out")
    assert str(caught.value).startswith(f"{path}:{place}")


def test_a_problem_of_what_the_command_line_set_names_the_argument(job: Job) -> None:
    override = "character.groups.crew.routines=[{wander: {idle: [{animation: lok_around}]}}]"
    with pytest.raises(ConfigError) as caught:
        run_job(job(override), StandaloneHost(), options=HostOptions(device="cpu"))
    assert str(caught.value).startswith("--set character.groups.crew.routines=")


def run(loaded: LoadedConfig, output: Path) -> RunReport:
    return run_job(loaded, StandaloneHost(), options=HostOptions(device="cpu", workers=1), output=output)


def test_without_a_camera_there_is_one_warning_per_writer(job: Job, tmp_path: Path) -> None:
    report = run(job("sensor.groups.overview.num=0", "character.groups.crew.num=0"), tmp_path / "out")
    assert len([text for text in report.warnings if "camera" in text]) == 1


def test_a_writer_that_starts_too_late_is_told_of_once(job: Job, tmp_path: Path) -> None:
    late = "replicator.writers.BasicWriter={rgb: true, start_frame: 500, output_dir: x}"
    report = run(job(late, f"{WRITER}.end_frame=1"), tmp_path / "out")
    assert len([text for text in report.warnings if "BasicWriter:" in text or "start_frame" in text]) == 1


def test_a_writer_without_annotators_is_told_of(job: Job, tmp_path: Path) -> None:
    report = run(job("replicator.writers.BasicWriter={output_dir: x}", f"{WRITER}.end_frame=1"), tmp_path / "out")
    (text,) = [text for text in report.warnings if "records nothing" in text]
    assert text.startswith("BasicWriter records nothing: all its annotators are off")


def test_the_record_of_a_run_says_nothing_of_places_in_the_config(job: Job, tmp_path: Path) -> None:
    report = run(job("version=1.99.0", f"{WRITER}.end_frame=1"), tmp_path / "out")
    assert any("--set version=1.99.0: version:" in text for text in report.warnings)
    (told,) = [text for text in json.loads((tmp_path / "out" / "run.json").read_text())["warnings"] if "1.99" in text]
    assert told.startswith("version: version `1.99.0` is newer")


def test_what_many_people_are_warned_of_is_one_line_and_each_is_in_the_record(job: Job, tmp_path: Path) -> None:
    routines = "character.groups.crew.routines=[{patrol: {path_points: [[90, 90, 0]]}}]"
    report = run(job(routines, f"{WRITER}.end_frame=20"), tmp_path / "out")
    (line,) = [text for text in report.warnings if "(90" in text]
    assert "crew_0 and 2 others: " in line
    record = json.loads((tmp_path / "out" / "run.json").read_text())["warnings"]
    assert len([text for text in record if "(90" in text]) == 3


@pytest.mark.parametrize("kind", ["2d_loose", "3d"])
def test_boxes_of_every_kind_are_counted(job: Job, tmp_path: Path, kind: str) -> None:
    writer = f"replicator.writers={{BasicWriter: {{start_frame: 0, end_frame: 1, bounding_box_{kind}: true}}}}"
    report = run(job(writer), tmp_path / "out")
    assert report.boxes
    assert report.objects
    assert "labels: " in summary(report)


def test_without_a_writer_the_world_is_simulated_and_nothing_written(job: Job, tmp_path: Path) -> None:
    report = run(job("replicator={writers: {}}"), tmp_path / "out")
    assert report.actors == 3
    assert not report.cancelled
    (text,) = [text for text in report.warnings if "nothing is recorded" in text]
    assert "IRABasicWriter" in text
    assert "nothing was recorded" in summary(report)
    assert not (tmp_path / "out").exists()


def test_without_a_writer_what_the_simulation_finds_is_told(job: Job, tmp_path: Path) -> None:
    routines = "character.groups.crew.routines=[{patrol: {path_points: [[90, 90, 0]]}}]"
    report = run(job("replicator={writers: {}}", routines), tmp_path / "out")
    assert any("(90" in text for text in report.warnings)

"""Whole jobs on the standalone host: from a config to files, small."""

import functools
import hashlib
import itertools
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from isaacsim_agent_ext.config.load import LoadedConfig, dump_config, load_config
from isaacsim_agent_ext.errors import AssetError, ConfigError, NavMeshError, OutputError
from isaacsim_agent_ext.hosts.protocol import HostOptions
from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
from isaacsim_agent_ext.session.progress import SilentReporter
from isaacsim_agent_ext.session.report import RunReport
from isaacsim_agent_ext.session.run import run_job

Job = Callable[..., LoadedConfig]
FRAMES = 21


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def run(loaded: LoadedConfig, output: Path, *, workers: int = 1, cancel_after: int | None = None) -> RunReport:
    asked = itertools.count(1)
    return run_job(
        loaded,
        StandaloneHost(),
        options=HostOptions(device="cpu", workers=workers),
        output=output,
        cancelled=lambda: cancel_after is not None and next(asked) > cancel_after,
    )


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def records(output: Path, camera: int = 0) -> list[dict]:
    folder = output / f"World_Cameras_overview_overview_{camera}" / "object_detection"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@pytest.fixture(scope="module")
def finished(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunReport, Path]]:
    """One job in one process, looked at by several tests."""
    output = tmp_path_factory.mktemp("run") / "out"
    return run(job(), output), output


def test_every_frame_of_every_camera_is_written(finished: tuple[RunReport, Path]) -> None:
    report, output = finished
    assert (report.frames, report.views, report.actors, report.cancelled) == (FRAMES, 2 * FRAMES, 3, False)
    for camera in (0, 1):
        folder = output / f"World_Cameras_overview_overview_{camera}"
        for annotator in ("rgb", "semantic_segmentation", "instance_segmentation", "normals"):
            names = sorted(path.name for path in (folder / annotator).glob("*.png"))
            assert names == [f"{annotator}_{frame:04d}.png" for frame in range(FRAMES)]
        assert (folder / "rgb.mp4").stat().st_size > 0
    assert report.contact_sheets["IRABasicWriter"].is_file()
    assert not list(output.rglob("*.part"))
    assert not list(output.rglob(".*"))


def test_people_are_seen_boxed_and_described(finished: tuple[RunReport, Path]) -> None:
    report, output = finished
    assert report.objects == 3
    seen = 0
    for record in records(output):
        assert len(record["agents"]) == 3
        for path, agent in record["agents"].items():
            assert path.startswith("/World/Characters/crew/crew_")
            data = agent["metro_agent_data"]
            assert data["agent_type"] == "IRACharacterAPI"
            assert abs(data["world_position"][0]) <= 6
            box = agent["annotators"].get("bounding_box_2d_tight_fast")
            if box:
                seen += 1
                assert 0 <= box["x_min"] <= box["x_max"] < 128
    assert seen > FRAMES


def test_positions_and_boxes_agree_and_people_really_move(finished: tuple[RunReport, Path]) -> None:
    _, output = finished
    first, last = records(output)[0], records(output)[-1]
    moved = 0.0
    for path in first["agents"]:
        start = np.array(first["agents"][path]["metro_agent_data"]["world_position"])
        end = np.array(last["agents"][path]["metro_agent_data"]["world_position"])
        moved = max(moved, float(np.linalg.norm(end - start)))
    assert moved > 0.2
    for record in records(output):
        for agent in record["agents"].values():
            box = agent["annotators"].get("bounding_box_3d_fast")
            if box:
                at = np.array(agent["metro_agent_data"]["world_position"])
                np.testing.assert_allclose(box["transform"][3][:3], at, atol=1e-4)


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_workers(
    finished: tuple[RunReport, Path], job: Job, tmp_path: Path
) -> None:
    _, output = finished
    run(job(), tmp_path / "out", workers=2)
    assert digests(tmp_path / "out") == digests(output)


def test_the_written_config_repeats_the_run(finished: tuple[RunReport, Path], tmp_path: Path) -> None:
    _, output = finished
    again = load_config(output / "config.yaml", overrides=["simulation_duration=0.1"])
    run(again, tmp_path / "out")
    name = "World_Cameras_overview_overview_1/rgb/rgb_0002.png"
    assert (tmp_path / "out" / name).read_bytes() == (output / name).read_bytes()


def test_another_seed_gives_another_run(finished: tuple[RunReport, Path], job: Job, tmp_path: Path) -> None:
    _, output = finished
    run(job("seed=12", "simulation_duration=0.1"), tmp_path / "out")
    assert records(tmp_path / "out")[0]["agents"] != records(output)[0]["agents"]


def test_another_camera_does_not_change_what_people_do(
    finished: tuple[RunReport, Path], job: Job, tmp_path: Path
) -> None:
    _, output = finished
    run(job("sensor.groups.overview.num=3", "simulation_duration=0.1"), tmp_path / "out")
    for new, old in zip(records(tmp_path / "out"), records(output)[:3], strict=True):
        for path, agent in new["agents"].items():
            assert agent["metro_agent_data"] == old["agents"][path]["metro_agent_data"]


def test_cancelling_ends_at_a_frame_boundary_with_everything_whole(job: Job, tmp_path: Path) -> None:
    report = run(job(), tmp_path / "out", cancel_after=6)
    assert report.cancelled
    assert 0 < report.frames < FRAMES
    for camera in (0, 1):
        assert len(records(tmp_path / "out", camera)) == report.frames
        folder = tmp_path / "out" / f"World_Cameras_overview_overview_{camera}"
        assert len(list((folder / "rgb").glob("*.png"))) == report.frames
        assert (folder / "rgb.mp4").stat().st_size > 0
    assert json.loads((tmp_path / "out" / "run.json").read_text())["complete"] is False


def test_a_stage_in_centimetres_with_y_up_gives_the_same_world(
    finished: tuple[RunReport, Path], job: Job, y_up_hall: Path, tmp_path: Path
) -> None:
    _, output = finished
    run(job("simulation_duration=0.1", stage=y_up_hall), tmp_path / "out")
    for new, old in zip(records(tmp_path / "out"), records(output)[:3], strict=True):
        for path, agent in new["agents"].items():
            ours, theirs = agent["metro_agent_data"], old["agents"][path]["metro_agent_data"]
            np.testing.assert_allclose(ours["world_position"], theirs["world_position"], atol=1e-3)
            assert ours["speed"] == pytest.approx(theirs["speed"], abs=1e-3)


def test_a_stage_without_floor_is_refused_and_nothing_is_written(job: Job, tmp_path: Path) -> None:
    (tmp_path / "empty.usda").write_text('#usda 1.0\n(upAxis = "Z"\nmetersPerUnit = 1)\n')
    with pytest.raises(NavMeshError):
        run(job(stage=tmp_path / "empty.usda"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_spawn_area_names_those_there_are(job: Job, tmp_path: Path) -> None:
    with pytest.raises(NavMeshError, match="Walkable"):
        run(job("character.groups.crew.spawn_areas=[roof]"), tmp_path / "out")


def test_an_unknown_area_of_a_behavior_that_never_runs_is_told_before_anybody_walks(job: Job, tmp_path: Path) -> None:
    rare = (
        "character.groups.crew.routines=[{stop: {}}, {wander: {weight: 0, walk: {navigation_areas: [Walkable, hal]}}}]"
    )
    with pytest.raises(NavMeshError, match=r"crew\.routines\.1\.wander\.walk\.navigation_areas\.1: .*hal") as refused:
        run(job(rare, "character.groups.crew.spawn_areas=[roof]"), tmp_path / "out")
    assert "crew.spawn_areas.0" in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_all_missing_assets_are_told_at_once(job: Job, tmp_path: Path) -> None:
    props = "environment.prop_asset_paths=[one.usd, Isaac/two.usd]"
    with pytest.raises(AssetError, match=r"nowhere\.usda[\s\S]*one\.usd[\s\S]*two\.usd"):
        run(job(props, stage=tmp_path / "nowhere.usda"), tmp_path / "out")


def test_a_reference_that_does_not_load_is_told_before_the_floor_is_missed(job: Job, tmp_path: Path) -> None:
    stage = tmp_path / "stage.usda"
    stage.write_text(
        '#usda 1.0\n(metersPerUnit = 1\nupAxis = "Z")\ndef Xform "Hall" (references = @gone/hall.usd@) {}\n'
    )
    told: list[str] = []
    reporter = SilentReporter()
    reporter.warning = told.append  # type: ignore[method-assign]
    with pytest.raises(NavMeshError):
        run_job(job(stage=stage), StandaloneHost(), options=HostOptions(device="cpu"), reporter=reporter)
    assert any("gone/hall.usd" in text for text in told)


def test_a_broken_download_is_named_by_its_address(job: Job, tmp_path: Path) -> None:
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    (tmp_path / "broken.usda").write_text("<html>please log in</html>")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/broken.usda"
        try:
            with pytest.raises(AssetError, match=address):
                run(job(f"environment.base_stage_asset_path={address}?key=secret"), tmp_path / "out")
        finally:
            server.shutdown()


def test_a_person_who_is_a_forklift_is_refused_before_the_stage_is_opened(job: Job, tmp_path: Path) -> None:
    class Phases(SilentReporter):
        def phase(self, name: str, detail: str = "") -> None:
            told.append(name)

    told: list[str] = []
    forklift = job("character.groups.crew.asset_path=Isaac/Props/Forklift/forklift.usd")
    with pytest.raises(AssetError, match=r"forklift\.usd is no character: .* rigged characters"):
        run_job(forklift, StandaloneHost(), output=tmp_path, reporter=Phases())
    assert told == ["config", "assets"]


def test_an_unknown_animation_is_refused_with_the_nearest(job: Job, tmp_path: Path) -> None:
    routine = "character.groups.crew.routines=[{wander: {idle: [{animation: lok_around}]}}]"
    with pytest.raises(ConfigError, match="look_around"):
        run(job(routine), tmp_path / "out")


def test_a_broken_stage_is_named(job: Job, tmp_path: Path) -> None:
    (tmp_path / "broken.usda").write_text("this is no USD")
    with pytest.raises(AssetError, match=r"broken\.usda"):
        run(job(stage=tmp_path / "broken.usda"), tmp_path / "out")


def test_an_output_folder_that_cannot_be_made_is_told(job: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for workers in (1, 2):
        with pytest.raises(OutputError, match="file"):
            run(job("simulation_duration=0.7"), tmp_path / "file" / "out", workers=workers)


def test_a_second_run_into_a_folder_is_warned_of_and_leaves_the_same_bytes(job: Job, tmp_path: Path) -> None:
    loaded = job("simulation_duration=0.1")
    assert run(loaded, tmp_path / "out").warnings == ()
    first = digests(tmp_path / "out")
    (warning,) = run(loaded, tmp_path / "out").warnings
    assert "is not empty" in warning
    assert digests(tmp_path / "out") == first


def test_a_run_that_fails_while_recording_leaves_its_seed(job: Job, tmp_path: Path) -> None:
    (tmp_path / "World_Cameras_overview_overview_0").write_text("in the way")
    with pytest.raises(OutputError):
        run(job("seed=77"), tmp_path)
    assert load_config(tmp_path / "config.yaml").config.seed == 77


def test_ctrl_c_keeps_what_is_written_and_says_where(job: Job, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(dump_config(job("simulation_duration=20").resolved))
    output = tmp_path / "out"
    command = [sys.executable, "-m", "isaacsim_agent_ext.cli", "run", str(tmp_path / "config.yaml")]
    process = subprocess.Popen(
        [*command, "--output", str(output), "--workers", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "frame" in line:
            break
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"data: {output}" in told
    frames = len(records(output))
    assert frames > 0
    assert f"{frames} of 600 frames" in told
    assert not list(output.rglob("*.part"))

"""Pictures of the world that is set up are those that a run writes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.hosts.protocol import HostOptions
from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost, StandaloneScenario
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.session.job import Job
from isaacsim_agent_ext.session.progress import SilentReporter
from isaacsim_agent_ext.ui.viewmodel.overlays import OVERLAYS
from isaacsim_agent_ext.ui.viewmodel.studio import Studio

TEXT = """\
isaacsim.replicator.agent:
  version: 1.6.0
  seed: 11
  simulation_duration: 0.5
  environment: {base_stage_asset_path: Isaac/Environments/Grid/default_environment.usd}
  character:
    groups:
      crew:
        num: 1
        triggers: [{event_trigger: {event: halt, behavior: [{stop: {}}]}}]
  sensor: {groups: {overview: {num: 1, aim_at_targets: {distance_range: [4, 5]}}}}
  replicator:
    render_product_resolution: [640, 360]
    writers: {IRABasicWriter: {start_frame: 9, end_frame: 11, rgb: true}}
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[StandaloneScenario, np.ndarray]:
    """Return a world, and its picture in frame 10 as a run wrote it."""
    folder = tmp_path_factory.mktemp("run")
    job = Job(parse_config(TEXT), output=folder, reporter=SilentReporter())
    job.begin()
    scenario = StandaloneHost().set_up(parse_config(TEXT), HostOptions(device="cpu", workers=1), job.reporter)
    scenario.record(job.plan(scenario), job.reporter, lambda: False)
    (picture,) = folder.rglob("rgb_0010.png")
    return scenario, np.asarray(Image.open(picture).convert("RGB"))


def test_the_preview_is_what_is_written(recorded: tuple[StandaloneScenario, np.ndarray]) -> None:
    scenario, written = recorded
    studio = Studio(scenario.world, "cpu")
    camera = scenario.cameras[0]
    shot = studio.shoot(camera, "rgb", 10, frozenset())
    assert (shot.picture[..., :3] == written).all()
    later = studio.shoot(camera, "rgb", 14, frozenset())
    assert (later.picture != shot.picture).any()
    again = studio.shoot(camera, "rgb", 10, frozenset())
    assert (again.picture == shot.picture).all()
    for overlay in OVERLAYS:
        assert (studio.shoot(camera, "rgb", 10, frozenset({overlay})).picture != shot.picture).any(), overlay
    halted = studio.shoot(camera, "rgb", 10, frozenset(), (SimulationEvent(frame=0, name="halt"),))
    assert (halted.picture != shot.picture).any()
    studio.close()

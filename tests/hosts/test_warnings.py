"""What a run warns of, and where it says that a problem found after loading stands."""

from collections.abc import Callable

import pytest

from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.hosts.protocol import HostOptions
from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost
from isaacsim_agent_ext.session.progress import SilentReporter

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

"""BasicWriter: Replicator's stock writer, one or more plain files per annotator and frame."""

from __future__ import annotations

from collections.abc import Sequence

from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.writers.annotator_files import AnnotatorFiles
from isaacsim_agent_ext.writers.base import Sink, Writer
from isaacsim_agent_ext.writers.group import WriterGroup
from isaacsim_agent_ext.writers.layout import Layout
from isaacsim_agent_ext.writers.metadata import Metadata
from isaacsim_agent_ext.writers.object_detection import RECORD_ANNOTATORS
from isaacsim_agent_ext.writers.parameters import Parameters


def basic_writer(config: WriterConfig, sink: Sink, *, cameras: Sequence[str] = (), seed: int | None = None) -> Writer:
    """Return a BasicWriter.

    With a single camera all files lie in the output folder itself, as Replicator has it for a single render product;
    with several, or when it is not said how many there are, each camera has a folder, or with
    ``use_common_output_dir`` a prefix.

    Args:
        config: Its configuration.
        sink: Where files go.
        cameras: Prim paths of the cameras it records.
        seed: The run's seed, for ``metadata.txt``.

    Raises:
        ConfigError: A parameter cannot be used.
    """
    parameters = Parameters(config)
    parameters.refuse_uploads()
    semantic_filter = parameters.semantic_filter()
    common = parameters.on("use_common_output_dir")
    layout = Layout(
        camera_folders=len(cameras) != 1 and not common,
        camera_prefixes=len(cameras) != 1 and common,
        frame_padding=parameters.value("frame_padding", 4),
    )
    requests = parameters.file_requests(semantic_filter, RECORD_ANNOTATORS)
    return WriterGroup(
        [
            AnnotatorFiles(requests, sink, layout, parameters.file_options()),
            Metadata(config.type, seed, sink),
        ]
    )

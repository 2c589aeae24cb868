"""IRABasicWriter: a folder per camera and annotator, and a record of every actor and object in each frame."""

from __future__ import annotations

from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.writers.annotator_files import AnnotatorFiles
from isaacsim_agent_ext.writers.base import Sink, Writer
from isaacsim_agent_ext.writers.group import WriterGroup
from isaacsim_agent_ext.writers.layout import Layout
from isaacsim_agent_ext.writers.metadata import Metadata
from isaacsim_agent_ext.writers.object_detection import RECORD_ANNOTATORS, ObjectDetection
from isaacsim_agent_ext.writers.parameters import Parameters

_RECORD_PREFIX = {"skeleton_data": "agent_info_"}


def ira_basic_writer(config: WriterConfig, sink: Sink, *, seed: int | None = None) -> Writer:
    """Return an IRABasicWriter.

    Boxes and skeletons go into ``object_detection`` records, under either spelling of their switches
    (``bounding_box_2d_tight`` or ``object_info_bounding_box_2d_tight``); where both are set, the short one, which has
    no default, decides. Without any of them there is no record.

    Args:
        config: Its configuration.
        sink: Where files go.
        seed: The run's seed, for ``metadata.txt``.

    Raises:
        ConfigError: A parameter cannot be used.
        DependencyError: Videos are asked for and PyAV is not installed.
    """
    parameters = Parameters(config)
    parameters.refuse_uploads()
    semantic_filter = parameters.semantic_filter()
    common = parameters.on("use_common_output_dir")
    layout = Layout(
        camera_folders=not common, camera_prefixes=common, frame_padding=parameters.value("frame_padding", 4)
    )
    requests = parameters.file_requests(semantic_filter)
    parts: list[Writer] = [AnnotatorFiles(requests, sink, layout, parameters.file_options())]
    recorded = [
        name for name in RECORD_ANNOTATORS if parameters.on(name, _RECORD_PREFIX.get(name, "object_info_") + name)
    ]
    if recorded:
        consolidated = parameters.on("consolidated_object_detection")
        parts.append(ObjectDetection(recorded, semantic_filter, sink, layout, consolidated=consolidated))
    if videos := parameters.video_requests(semantic_filter):
        from isaacsim_agent_ext.writers.video import Videos  # PyAV is optional, and slow to import

        parts.append(Videos(videos, sink, layout))
    parts.append(Metadata(config.type, seed, sink))
    return WriterGroup(parts)

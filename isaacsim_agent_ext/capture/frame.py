"""One captured view in Replicator's own data shapes: the contract between capture and every writer.

The shapes are those of ``omni.replicator.core`` annotators, so that a writer serves both hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.sensors.camera import CameraView


@dataclass(frozen=True, eq=False)
class AnnotatorData:
    """One annotator's result.

    Attributes:
        data: The array (or dictionary, for ``camera_params`` and ``skeleton_data``).
        info: What Replicator hands beside it: ``idToLabels``, ``idToSemantics``, ``primPaths``, ``bboxIds`` ...
    """

    data: Any
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnnotatorRequest:
    """What a writer wants from each view.

    Attributes:
        name: Annotator name, such as ``"semantic_segmentation"``.
        colorize: Segmentation as RGBA colours in place of ids.
        semantic_filter: Replicator's filter predicate, such as ``"class:character|robot;id:*"``.
        include_unlabelled: ``pointcloud`` only: points of surfaces without a label, too.
    """

    name: str
    colorize: bool = False
    semantic_filter: str = "class:*"
    include_unlabelled: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class CapturedView:
    """One camera in one frame, as one writer sees it.

    Attributes:
        frame: Simulation frame, counted from 0.
        time: Simulated time of the frame [s].
        camera: Where and how the camera stood.
        annotators: Annotator name to result, for what the writer asked.
        actors: Every actor's state, sorted by prim path.
    """

    frame: int
    time: float
    camera: CameraView
    annotators: Mapping[str, AnnotatorData]
    actors: tuple[ActorState, ...] = ()

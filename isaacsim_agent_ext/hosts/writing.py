"""What every host does with the writers of a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from isaacsim_agent_ext.capture.frame import CapturedView
from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.config.model import Config, WriterConfig
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot
from isaacsim_agent_ext.session.recording import WriterPlan
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.base import Writer
from isaacsim_agent_ext.writers.registry import WRITER_TYPES, create_writer

_BY_LABEL = frozenset(
    {
        "semantic_segmentation",
        "instance_segmentation",
        "bounding_box_2d_tight",
        "bounding_box_2d_loose",
        "bounding_box_3d",
        "pointcloud",
    }
)
"""The annotators that tell of labelled prims only."""

_BOXES = (
    "bounding_box_2d_tight",
    "bounding_box_2d_tight_fast",
    "bounding_box_2d_loose",
    "bounding_box_2d_loose_fast",
    "bounding_box_3d",
    "bounding_box_3d_fast",
)

_MOST_LABELS_TOLD = 5


def open_writer(plan: WriterPlan, *, seed: int) -> Writer:
    """Return the writer of a plan, writing into the plan's folder."""
    return create_writer(plan.config, LocalSink(plan.output_dir), cameras=plan.cameras, seed=seed)


def boxed_objects(view: CapturedView) -> Sequence[str] | None:
    """Return the prim path of each box in a view, or None when it has no boxes.

    Of several kinds of boxes the first counts: tight, loose, 3D.
    """
    for name in _BOXES:
        if name in view.annotators:
            paths: Sequence[str] = view.annotators[name].info["primPaths"]
            return paths
    return None


def filter_warnings(config: Config, snapshot: SceneSnapshot) -> tuple[str, ...]:
    """Return a text for each writer whose semantic filter lets no prim of the scene pass, though it records labels."""
    writers = config.replicator.writers if config.replicator else ()
    texts = []
    for writer in writers:
        if writer.type not in WRITER_TYPES:  # what Replicator's do with labels is theirs
            continue
        for predicate in _predicates_by_label(writer):
            select = parse_filter(predicate).select
            if not any(select(prim.labels) for instance in snapshot.instances for prim in instance.semantics):
                texts.append(
                    f"{writer.key}: no prim of the scene passes the semantic filter `{predicate}`, so nothing is "
                    f"labelled; {_labels_there(snapshot)}"
                )
    return tuple(texts)


def _predicates_by_label(writer: WriterConfig) -> list[str]:
    requests = create_writer(writer, LocalSink(Path(writer.output_dir))).requests
    return sorted({request.semantic_filter for request in requests if request.name in _BY_LABEL})


def _labels_there(snapshot: SceneSnapshot) -> str:
    """Say which labels a scene has, by type, those that most meshes carry first."""
    counts: dict[str, Counter[str]] = {}
    for instance in snapshot.instances:
        for prim in instance.semantics:
            for label_type, labels in prim.labels.items():
                counts.setdefault(label_type, Counter()).update(labels)
    if not counts:
        return "the scene has no labels"
    return "the scene has " + "; ".join(_of_type(label_type, counts[label_type]) for label_type in sorted(counts))


def _of_type(label_type: str, counts: Counter[str]) -> str:
    labels = sorted(counts, key=lambda label: (-counts[label], label))
    more = len(labels) - _MOST_LABELS_TOLD
    return f"{label_type}: {', '.join(labels[:_MOST_LABELS_TOLD])}" + (f" and {more} more" if more > 0 else "")

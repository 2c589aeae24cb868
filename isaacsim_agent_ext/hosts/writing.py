"""What every host does with the writers of a recording."""

from __future__ import annotations

from collections.abc import Sequence

from isaacsim_agent_ext.capture.frame import CapturedView
from isaacsim_agent_ext.session.recording import WriterPlan
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.base import Writer
from isaacsim_agent_ext.writers.registry import create_writer


def open_writer(plan: WriterPlan, *, seed: int) -> Writer:
    """Return the writer of a plan, writing into the plan's folder."""
    return create_writer(plan.config, LocalSink(plan.output_dir), cameras=plan.cameras, seed=seed)


def boxed_objects(view: CapturedView) -> Sequence[str] | None:
    """Return the prim paths of the objects with a tight 2D box, or None when the view has no such boxes."""
    for name in ("bounding_box_2d_tight", "bounding_box_2d_tight_fast"):
        if name in view.annotators:
            paths: Sequence[str] = view.annotators[name].info["primPaths"]
            return paths
    return None

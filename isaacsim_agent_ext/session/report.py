"""What a finished (or cancelled) run has to show, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isaacsim_agent_ext import __version__
from isaacsim_agent_ext.session.event_log import SimulationEvent


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """The result of a run.

    Attributes:
        seed: The seed that ruled it.
        output_dirs: Each writer's output root, by writer key.
        contact_sheets: One overview picture per writer that recorded colour images, by writer key.
        frames_planned: Frames to record.
        frames: Frames recorded.
        views: Images recorded: frames times cameras, over all writers.
        boxes: Labelled boxes (2D where there are both) over all views, or None when no writer asked for boxes.
        objects: Different labelled objects among them.
        actors: Actors simulated.
        cameras: Prim paths of the cameras.
        warnings: Everything the user should know, in order, each once.
        cancelled: Whether the user stopped it.
        seconds: Wall-clock time of each phase [s]; never part of the dataset.
        events: What reached the simulation from outside, in order of frames.
    """

    seed: int
    output_dirs: Mapping[str, Path]
    contact_sheets: Mapping[str, Path] = field(default_factory=dict)
    frames_planned: int = 0
    frames: int = 0
    views: int = 0
    boxes: int | None = None
    objects: int = 0
    actors: int = 0
    cameras: Sequence[str] = ()
    warnings: Sequence[str] = ()
    cancelled: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    events: Sequence[SimulationEvent] = ()

    @property
    def frames_per_second(self) -> float:
        """Recorded frames per second of the generate phase [1/s]."""
        spent = self.seconds.get("generate", 0.0)
        return self.frames / spent if spent else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON-compatible data."""
        return {
            "seed": self.seed,
            "output_dirs": {key: str(path) for key, path in self.output_dirs.items()},
            "contact_sheets": {key: str(path) for key, path in self.contact_sheets.items()},
            "frames_planned": self.frames_planned,
            "frames": self.frames,
            "views": self.views,
            "boxes": self.boxes,
            "objects": self.objects,
            "actors": self.actors,
            "cameras": list(self.cameras),
            "warnings": list(self.warnings),
            "cancelled": self.cancelled,
            "seconds": {phase: round(spent, 3) for phase, spent in self.seconds.items()},
            "frames_per_second": round(self.frames_per_second, 3),
            "events": [event.to_json() for event in self.events],
        }


def run_record(report: RunReport) -> bytes:
    """Return ``run.json``, the record of a run that is written beside its data.

    It holds no times, paths or counts of workers, so that the same config and seed give the same bytes.
    """
    record = {
        "product": "isaacsim_agent_ext",
        "version": __version__,
        "seed": report.seed,
        "complete": not report.cancelled,
        "frames_planned": report.frames_planned,
        "frames": report.frames,
        "actors": report.actors,
        "cameras": list(report.cameras),
        "warnings": list(report.warnings),
        "events": [event.to_json() for event in report.events],
    }
    return (json.dumps(record, indent=2) + "\n").encode()

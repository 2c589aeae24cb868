"""The diary of the actors that a run leaves beside its data: what happened to every trigger, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable

from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND

ACTOR_EVENTS_FILE = "actor_events.jsonl"
"""Its name; it is there when anything happened."""


def actor_event_lines(records: Iterable[SimulationRecord]) -> bytes:
    """Return a line of JSON for each record, in order; the same run always gives the same bytes."""
    return "".join(json.dumps(_entry(record), ensure_ascii=False) + "\n" for record in records).encode()


def _entry(record: SimulationRecord) -> dict[str, object]:
    return {
        "frame": record.frame,
        "time": round(record.frame / FRAMES_PER_SECOND, 6),
        "actor": record.actor,
        "prim_path": record.prim_path,
        "event": record.kind,
        "message": record.message,
        **record.details,
    }

"""What a run records: which frames, in which chunks, by which writer, from which cameras, to which folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from isaacsim_agent_ext.config.model import Config, WriterConfig
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.session.event_log import SimulationEvent
from isaacsim_agent_ext.writers.base import CHUNK_FRAMES, FRAMES_PER_SECOND


@dataclass(frozen=True, kw_only=True)
class WriterPlan:
    """One writer's share of the run.

    Attributes:
        config: The writer as configured.
        output_dir: Its output root.
        frames: The frames it records; empty when its start lies past the end of the run.
        cameras: Prim paths of the cameras it records.
    """

    config: WriterConfig
    output_dir: Path
    frames: range
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordingPlan:
    """All writers' shares.

    Attributes:
        frame_count: Simulated steps of the whole run; frame ``n`` is the world after ``n`` steps.
        writers: One plan per writer of the config, in its order.
        events: What reaches the simulation from outside, and when: the log of an earlier run that is repeated.
    """

    frame_count: int
    writers: tuple[WriterPlan, ...]
    events: tuple[SimulationEvent, ...] = ()

    @property
    def frames(self) -> tuple[int, ...]:
        """Every frame that any writer records, in order."""
        return tuple(sorted(set().union(*(writer.frames for writer in self.writers))))

    @property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """The recorded frames cut at multiples of `CHUNK_FRAMES`: the unit of work of one process."""
        chunks: dict[int, list[int]] = {}
        for frame in self.frames:
            chunks.setdefault(frame // CHUNK_FRAMES, []).append(frame)
        return tuple(tuple(frames) for _, frames in sorted(chunks.items()))


def frame_count(config: Config) -> int:
    """Return the number of simulated steps: the config's duration at 30 per second."""
    return round(config.simulation_duration * FRAMES_PER_SECOND)


def output_dirs(writers: Sequence[WriterConfig], output: Path | None) -> tuple[Path, ...]:
    """Return where each writer writes.

    Without ``output`` that is its own ``output_dir`` with ``~`` expanded. With it, a single writer writes straight
    into ``output``, and several write into a folder of it each, named by their keys.
    """
    if output is None:
        return tuple(Path(writer.output_dir).expanduser().absolute() for writer in writers)
    if len(writers) == 1:
        return (output.absolute(),)
    return tuple((output / writer.key).absolute() for writer in writers)


def select_cameras(writer: WriterConfig, cameras: Iterable[str]) -> tuple[str, ...]:
    """Return the cameras that ``sensor_prim_list`` names, a prim above cameras standing for all of them.

    Raises:
        ConfigError: An entry names no camera; the message lists those that exist.
    """
    available = tuple(cameras)
    if not writer.sensor_prim_list:
        return available
    chosen: set[str] = set()
    problems = []
    for position, path in enumerate(writer.sensor_prim_list):
        below = {camera for camera in available if camera == path or camera.startswith(path.rstrip("/") + "/")}
        if not below:
            problems.append(
                Problem(
                    f"replicator.writers.{writer.key}.sensor_prim_list.{position}",
                    f"no camera at or below `{path}`; there are: {', '.join(available) or 'none'}",
                )
            )
        chosen |= below
    if problems:
        raise ConfigError(problems)
    return tuple(camera for camera in available if camera in chosen)


def plan_recording(
    config: Config,
    cameras: Sequence[str],
    *,
    output: Path | None = None,
    events: Sequence[SimulationEvent] = (),
) -> RecordingPlan:
    """Work out who records what.

    Args:
        config: The whole config.
        cameras: Prim paths of all cameras placed.
        output: Output folder given by the user in place of the config's.
        events: The events of an earlier run that is repeated.

    Raises:
        ConfigError: A writer names a camera that does not exist.
    """
    count = frame_count(config)
    writers = config.replicator.writers if config.replicator else ()
    return RecordingPlan(
        frame_count=count,
        events=tuple(events),
        writers=tuple(
            WriterPlan(
                config=writer,
                output_dir=folder,
                frames=range(writer.start_frame, min(count, count if writer.end_frame is None else writer.end_frame)),
                cameras=select_cameras(writer, cameras),
            )
            for writer, folder in zip(writers, output_dirs(writers, output), strict=True)
        ),
    )

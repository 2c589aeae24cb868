"""Recording with several processes: each simulates from the start and draws only the chunks it takes.

The simulation is a pure function of the world, and cheap beside drawing, so processes share nothing but a counter of
chunks taken. Frames, and therefore bytes, do not depend on who drew them.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from isaacsim_agent_ext.errors import AgentError, WorkerError
from isaacsim_agent_ext.hosts.protocol import RecordingTally
from isaacsim_agent_ext.hosts.standalone.recorder import Recorder
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.recording import RecordingPlan

SECONDS_BETWEEN_LOOKS = 0.2
"""How often the parent looks whether the user cancelled or a process died [s]."""

MOST_ON_GPU = 4
"""Processes that share a GPU unless the user asks for more: on an H200 the quick start takes 30 s with one, 21 s with
four and 28 s with eight, whose start-up then outweighs their help."""

# Spawned, not forked: USD, Embree and CUDA keep threads that do not survive a fork.
_processes = multiprocessing.get_context("spawn")


def usable_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(asked: int | None, device: str, chunks: int) -> int:
    """Return how many processes to record with.

    Args:
        asked: What the user asked for, or None for what suits: one per core on a CPU; on a GPU a few, because
            labelling and encoding take longer than drawing there, but each holds a copy of the scene on it.
        device: Where pictures are made.
        chunks: How many chunks there are; more processes than that would idle.
    """
    suits = min(MOST_ON_GPU, usable_cores() // 2) if device.startswith("cuda") else usable_cores()
    return max(1, min(asked or suits, chunks))


def record_in_processes(
    world: World,
    plan: RecordingPlan,
    *,
    device: str,
    count: int,
    reporter: Reporter,
    cancelled: Callable[[], bool],
) -> RecordingTally:
    """Record the plan with ``count`` processes and return what they recorded together.

    Raises:
        WorkerError: A process died; the message says how.
        AgentError: Whatever a process raised on purpose.
    """
    chunks_taken = _processes.Value("l", 0)
    stop = _processes.Event()
    messages: Any = _processes.Queue()
    arguments = (world, plan, device, chunks_taken, stop, messages)
    workers = [_processes.Process(target=_work, args=arguments, daemon=True) for _ in range(count)]
    try:
        for worker in workers:
            worker.start()
        return _listen(workers, messages, len(plan.frames), reporter, cancelled, stop)
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=10.0)
            if worker.is_alive():
                worker.terminate()


def _listen(
    workers: list[Any],
    messages: Any,
    frames_planned: int,
    reporter: Reporter,
    cancelled: Callable[[], bool],
    stop: Any,
) -> RecordingTally:
    """Pass on what the workers say until each has handed in its tally."""
    tally = RecordingTally()
    tallies = frames = 0
    while tallies < len(workers):
        if cancelled():
            stop.set()
        try:
            kind, content = messages.get(timeout=SECONDS_BETWEEN_LOOKS)
        except queue.Empty:
            _check_alive(workers, messages)
            continue
        if kind == "frame":
            frames += 1
            reporter.frames(frames, frames_planned)
        elif kind == "tally":
            tallies += 1
            tally += content
        elif kind == "error":
            raise content
    return tally


def _check_alive(workers: list[Any], messages: Any) -> None:
    """Raise when a worker ended without a word."""
    for worker in workers:
        if worker.exitcode not in (None, 0) and messages.empty():
            how = f"signal {-worker.exitcode}" if worker.exitcode < 0 else f"exit code {worker.exitcode}"
            hint = "; it probably ran out of memory: use fewer --workers" if worker.exitcode == -signal.SIGKILL else ""
            raise WorkerError(f"a recording process died with {how}{hint}; frames written before are whole")


def _work(world: World, plan: RecordingPlan, device: str, chunks_taken: Any, stop: Any, messages: Any) -> None:
    """The life of one worker process: take chunks until none is left, then hand in the tally."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    try:
        with Recorder(world, plan, device=device, threads=1) as recorder:
            tally = RecordingTally()
            chunks = plan.chunks
            while not stop.is_set():
                with chunks_taken.get_lock():
                    taken = chunks_taken.value
                    chunks_taken.value += 1
                if taken >= len(chunks):
                    break
                tally += recorder.record(
                    chunks[taken], on_frame=lambda: messages.put(("frame", None)), cancelled=stop.is_set
                )
            messages.put(("tally", tally + recorder.notes()))
    except AgentError as error:
        messages.put(("error", error))
    except BaseException:
        messages.put(("error", WorkerError(f"a recording process failed:\n{traceback.format_exc()}")))
    finally:
        sys.stdout.flush()
        messages.close()
        messages.join_thread()

"""The timeline while something is simulated: one update of the app, one step, one thirtieth of a second or less."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import carb.settings
import omni.timeline

from isaacsim_agent_ext.hosts.kit.app import next_updates
from isaacsim_agent_ext.hosts.kit.settings import overridden
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND

SPARE_SECONDS = 3600.0
"""How much longer than the run the timeline is made, so that it never wraps around [s]."""

_MANUAL = "/app/runLoops/main/manualModeEnabled"
_DEFAULT_STEP = 1.0 / 60.0


@asynccontextmanager
async def playing(seconds: float, *, step: float = 1.0 / FRAMES_PER_SECOND) -> AsyncIterator[None]:
    """Play the app's timeline from 0, one step per update; afterwards everything is as before, and stopped.

    Args:
        seconds: How long the run is [s].
        step: By how much each update advances [s].
    """
    timeline = omni.timeline.get_timeline_interface()
    start, end = timeline.get_start_time(), timeline.get_end_time()
    looping = timeline.is_looping()
    loop, mode, usual_step = take_loop(step)
    fixed = {"/app/player/useFixedTimeStepping": False} if loop is not None else {}
    with overridden(fixed):
        try:
            timeline.set_looping(False)
            timeline.set_start_time(0.0)
            timeline.set_end_time(seconds + SPARE_SECONDS)
            timeline.set_current_time(0.0)
            timeline.play()
            timeline.commit()
            yield
        finally:
            timeline.stop()
            timeline.set_start_time(start)
            timeline.set_end_time(end)
            timeline.set_looping(looping)
            timeline.commit()
            if loop is not None:
                loop.set_manual_step_size(usual_step)
                loop.set_manual_mode(mode)
    await next_updates()


def take_loop(step: float) -> tuple[Any, bool, float]:
    """Make every update advance by ``step`` [s], where the app has Isaac Sim's run loop.

    Returns:
        The run loop or None, whether it was stepped by hand before, and its step then [s].
    """
    try:
        import omni.kit.loop._loop as omni_loop
    except ImportError:
        return None, False, _DEFAULT_STEP  # the timeline then follows the clock; our simulation never does
    loop = omni_loop.acquire_loop_interface()
    if hasattr(loop, "get_manual_mode"):
        mode, usual_step = bool(loop.get_manual_mode()), float(loop.get_manual_step_size())
    else:
        mode, usual_step = bool(carb.settings.get_settings().get_as_bool(_MANUAL)), _DEFAULT_STEP
    loop.set_manual_step_size(step)
    loop.set_manual_mode(True)
    return loop, mode, usual_step

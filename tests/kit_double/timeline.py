"""omni.timeline: changes wait for the next update, unless they are committed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

STREAM = "omni.timeline"


class TimelineState:
    """Where the timeline stands.

    Attributes:
        state: ``"stopped"``, ``"playing"`` or ``"paused"``.
        time: Current time [s].
        fps: Time codes per second.
        held: Replicator is capturing: time stands still.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.state = "stopped"
        self.time = 0.0
        self.start = 0.0
        self.end = 100 / 24.0
        self.fps = 24.0
        self.looping = True
        self.auto_update = True
        self.target_fps = 60.0
        self.held = False
        self.pending: list[tuple[str, Any]] = []

    @property
    def playing(self) -> bool:
        """Whether time passes."""
        return self.state == "playing"

    @property
    def time_code(self) -> float:
        """Current time code."""
        return self.time * self.fps

    def step_seconds(self) -> float:
        """Return by how much the next update moves time [s]."""
        application = self._kit.application
        if self._kit.settings.get("/app/player/useFixedTimeStepping"):
            return 1.0 / self.fps
        if application.manual_mode:
            return application.manual_step
        return 1.0 / 60.0 * (1.0 + 0.2 * math.sin(self._kit.updates))  # the wall clock's pace

    def update(self, dt: float) -> None:
        """Apply what was asked for, and let time pass."""
        self.commit()
        if self.playing and self.auto_update and not self.held:
            self.advance(dt)

    def advance(self, dt: float) -> None:
        """Move time forward; a looping timeline starts over at its end."""
        self.time += dt
        if self.time > self.end + 1e-9:
            if self.looping:
                self.time = self.start
            else:
                self.time = self.end
                self._turn("paused", silent=False)
        self._tell("CURRENT_TIME_TICKED", {"currentTime": self.time})

    def commit(self, *, silent: bool = False) -> None:
        """Apply what was asked for."""
        pending, self.pending = self.pending, []
        for what, value in pending:
            if what == "state":
                self._turn(value, silent=silent)
            else:
                setattr(self, what, value)

    def adopt(self, stage: Any) -> None:
        """Take over a stage's timing."""
        self.state, self.time, self.pending = "stopped", 0.0, []
        self.fps = stage.GetTimeCodesPerSecond() or 24.0
        has_range = stage.HasAuthoredTimeCodeRange()
        self.start = stage.GetStartTimeCode() / self.fps if has_range else 0.0
        self.end = (stage.GetEndTimeCode() if has_range else 100.0) / self.fps

    def _turn(self, state: str, *, silent: bool) -> None:
        if state == self.state or (state == "paused" and self.state == "stopped"):
            return
        was_stopped = self.state == "stopped"
        self.state = state
        if state == "stopped":
            self.time = self.start
        if silent:
            return
        self._tell({"playing": "PLAY", "paused": "PAUSE", "stopped": "STOP"}[state], {})
        if state == "playing" and was_stopped:
            self._kit.stages.tell("SIMULATION_START_PLAY")
        if state == "stopped":
            self._kit.stages.tell("SIMULATION_STOP_PLAY")

    def _tell(self, event: str, payload: dict[str, Any]) -> None:
        if self._kit.profile == "6.0":
            name = f"omni.timeline.GLOBAL_EVENT_{event}"
            self._kit.events.dispatch(name, payload, quiet=event == "CURRENT_TIME_TICKED")
        kinds = self._kit.enum("omni.timeline.TimelineEventType")
        self._kit.events.push(STREAM, int(kinds[event]))


@emulate("omni.timeline.get_timeline_interface")
def get_timeline_interface(kit: Kit, name: str = "") -> Any:
    return kit.one("omni.timeline.Timeline")


@emulate("omni.timeline.Timeline")
class Timeline:
    _kit: Kit

    def _ask(self, what: str, value: Any) -> None:
        self._kit.timeline.pending.append((what, value))

    def play(self, start_timecode: float = 0, end_timecode: float = 0, looping: bool = True) -> None:
        self._ask("state", "playing")

    def stop(self) -> None:
        self._ask("state", "stopped")

    def pause(self) -> None:
        self._ask("state", "paused")

    def commit(self) -> None:
        self._kit.timeline.commit()

    def commit_silently(self) -> None:
        self._kit.timeline.commit(silent=True)

    def is_playing(self) -> bool:
        return self._kit.timeline.playing

    def is_stopped(self) -> bool:
        return self._kit.timeline.state == "stopped"

    def set_start_time(self, s: float) -> None:
        self._ask("start", float(s))

    def set_end_time(self, s: float) -> None:
        self._ask("end", float(s))

    def get_start_time(self) -> float:
        return self._kit.timeline.start

    def get_end_time(self) -> float:
        return self._kit.timeline.end

    def set_current_time(self, s: float) -> None:
        self._ask("time", float(s))

    def get_current_time(self) -> float:
        return self._kit.timeline.time

    def set_time_codes_per_second(self, fps: float) -> None:
        self._ask("fps", float(fps))

    def get_time_codes_per_second(self) -> float:
        return self._kit.timeline.fps

    def get_time_codes_per_seconds(self) -> float:
        return self._kit.timeline.fps

    def set_looping(self, looping: bool) -> None:
        self._ask("looping", bool(looping))

    def is_looping(self) -> bool:
        return self._kit.timeline.looping

    def set_target_framerate(self, fps: float) -> None:
        self._ask("target_fps", float(fps))

    def set_auto_update(self, enabled: bool) -> None:
        self._ask("auto_update", bool(enabled))

    def set_play_every_frame(self, enabled: bool) -> None:
        pass

    def set_ticks_per_frame(self, n: int) -> None:
        pass

    def forward_one_frame(self) -> None:
        if self._kit.profile == "6.0" and self._kit.replicator.captures:
            raise RuntimeError("the application crashed: forward_one_frame() after Replicator was used")
        self._kit.timeline.time += 1.0 / self._kit.timeline.fps

    def get_timeline_event_stream(self) -> Any:
        return self._kit.events.stream(STREAM)

    def get_event_key(self) -> dict[str, Any]:
        return {}

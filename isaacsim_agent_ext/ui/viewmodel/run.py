"""Running the document: what a session does with it, as a panel shows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isaacsim_agent_ext import events
from isaacsim_agent_ext.errors import AgentError
from isaacsim_agent_ext.session.agent_session import FAILED, GENERATING, SETTING_UP, AgentSession, Progress
from isaacsim_agent_ext.session.onlooker import ActorsNow
from isaacsim_agent_ext.session.progress import PHASES
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.section_edits import value_at

_PHASES = dict(
    zip(
        PHASES,
        (
            "Checking the config",
            "Fetching assets",
            "Opening the stage",
            "Finding the walkable floor",
            "Placing people and robots",
            "Placing cameras",
            "Recording",
            "Finishing",
        ),
        strict=True,
    )
)
_STATES = {
    "idle": "Nothing is set up yet",
    "ready": "The simulation is set up",
    "done": "The dataset is written",
    "cancelled": "Cancelled",
    "failed": "Failed",
}
_SPEED_WINDOW = 5.0  # s
_MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log.

    Attributes:
        time: When, as ``hh:mm:ss``.
        text: What happened.
        kind: ``"info"``, ``"warning"`` or ``"error"``.
    """

    time: str
    text: str
    kind: str = "info"


@dataclass(frozen=True, kw_only=True)
class RunState:
    """A run at one moment.

    Attributes:
        headline: What is going on, in a few words.
        detail: What it works on, such as a file name.
        tone: ``"idle"``, ``"busy"``, ``"good"`` or ``"error"``.
        fraction: How much of it is done, from 0 to 1; None when nobody knows.
        frames: Frames written.
        frames_total: Frames to write.
        frames_per_second: How fast they are written lately; 0 while that is not known.
        seconds_left: How long it will take [s], or None while that is not known.
        set_up_refusal: Why the simulation cannot be set up now; empty when it can.
        start_refusal: Why no data can be generated now; empty when it can.
        can_pause: Whether it can be paused.
        is_paused: Whether it is.
        can_cancel: Whether there is anything to cancel.
        outputs: The folders of the last run, by writer.
        events: Names of events that triggers of the document wait for.
        actors: What the actors are doing.
    """

    headline: str = _STATES["idle"]
    detail: str = ""
    tone: str = "idle"
    fraction: float | None = 0.0
    frames: int = 0
    frames_total: int = 0
    frames_per_second: float = 0.0
    seconds_left: float | None = None
    set_up_refusal: str = ""
    start_refusal: str = ""
    can_pause: bool = False
    is_paused: bool = False
    can_cancel: bool = False
    outputs: tuple[tuple[str, Path], ...] = ()
    events: tuple[str, ...] = ()
    actors: ActorsNow = field(default_factory=ActorsNow)


class RunModel:
    """Starts what a document describes in a session, and follows it.

    Args:
        document: What to run: its text as it is on the screen, saved or not.
        session: Where to run it; others may start things there, too.
        clock: Returns the time [s].

    Attributes:
        state: The run when `update` was called last.
        log: What has happened, the latest last.
    """

    def __init__(self, document: Document, session: AgentSession, clock: Callable[[], float] = time.monotonic):
        self.session = session
        self.log: deque[LogLine] = deque(maxlen=_MOST_LINES)
        self._document = document
        self._clock = clock
        self._written: deque[tuple[float, int]] = deque()
        self._progress = session.progress
        self._loaded: Path | None = None
        self._subscription = session.runtime.events.observe(events.CONFIG_LOADED, self._note_loaded)
        self.state = self._look()

    @property
    def is_busy(self) -> bool:
        """Whether something is going on."""
        return self._progress.busy

    def update(self) -> None:
        """Look what has become of the run, and of the config that a script may have loaded."""
        self._follow_session()
        before = self._progress
        self._progress = self.session.progress
        self._note(before, self._progress)
        self._measure(before, self._progress)
        self.state = self._look()

    def close(self) -> None:
        """Follow the session no longer; what goes on in it goes on."""
        self._subscription.reset()

    # ---- what the user does ------------------------------------------------------------------------------------

    def set_up(self) -> bool:
        """Start setting up the simulation; return whether it was started."""
        return self._start(self.session.set_up)

    def start(self) -> bool:
        """Start writing the dataset; return whether it was started."""
        return self._start(self.session.generate)

    def pause(self) -> None:
        """Make the run wait, or go on."""
        if not self.session.resume():
            self.session.pause()
        self.update()

    def cancel(self) -> None:
        """Stop what is going on; what is written stays."""
        self.session.cancel()
        self.update()

    def fire(self, event: str) -> bool:
        """Announce an event; return whether the running simulation waits for it."""
        heard = self.session.dispatch(event)
        self._write(f"Fired the event {event}" + ("" if heard else ": nobody waits for it now"))
        return heard

    def _start(self, begin: Callable[[], Any]) -> bool:
        try:
            self.session.config.take(self._document.text, self._document.path)
            begin()
        except AgentError as error:
            self.session.refuse(error)
            self._write(str(error), "error")
            return False
        finally:
            self.update()
        return True

    def _note_loaded(self, payload: Mapping[str, Any]) -> None:
        self._loaded = Path(str(payload["path"]))  # opened by `update`: this may be any thread

    def _follow_session(self) -> None:
        """Show the config that somebody has loaded into the session, unless edits would be lost."""
        path, self._loaded = self._loaded, None
        if path is None or path == self._document.path:
            return
        if self._document.dirty:
            self._write(f"{path.name} was loaded by a script; the panel keeps its unsaved changes", "warning")
            return
        try:
            self._document.open(path)
        except AgentError as error:
            self._write(str(error), "error")

    # ---- how ---------------------------------------------------------------------------------------------------

    def _look(self) -> RunState:
        progress = self._progress
        busy_reason = "wait until it is done, or cancel it" if progress.busy else ""
        refusal = busy_reason or self._wrong()
        speed = self._speed()
        left = (progress.frames_total - progress.frames) / speed if speed and progress.state == GENERATING else None
        report = progress.report
        return RunState(
            headline=_headline(progress),
            detail=progress.error if progress.state == FAILED else progress.detail,
            tone=_tone(progress),
            fraction=_fraction(progress),
            frames=progress.frames,
            frames_total=progress.frames_total,
            frames_per_second=speed,
            seconds_left=left,
            set_up_refusal=refusal,
            start_refusal=refusal or self._pointless(),
            can_pause=progress.state == GENERATING,
            is_paused=progress.paused,
            can_cancel=progress.busy,
            outputs=tuple(report.output_dirs.items()) if report is not None else (),
            events=event_names(self._document.section),
            actors=self.session.actors,
        )

    def _wrong(self) -> str:
        """Return what is wrong with the document, in one line."""
        errors = [problem for problem in self._document.problems if problem.severity == "error"]
        if not errors:
            return ""
        first = errors[0]
        where = ".".join(map(str, first.path)) or f"line {first.line}"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return f"{where}: {first.message}{more}"

    def _pointless(self) -> str:
        writers = value_at(self._document.section, ("replicator", "writers"))
        return "" if writers else "nothing would be written: add a writer under Replicator"

    def _note(self, before: Progress, now: Progress) -> None:
        """Write down what has happened since."""
        known = len(before.warnings)
        for text in now.warnings[known:] if now.warnings[:known] == before.warnings else now.warnings:
            self._write(text, "warning")
        if now.phase and (now.phase, now.detail) != (before.phase, before.detail):
            self._write(": ".join(filter(None, (_PHASES.get(now.phase, now.phase), Path(now.detail).name))))
        if now.paused != before.paused and now.busy:
            self._write("Paused" if now.paused else "Resumed")
        if now.state != before.state and not now.busy:
            self._write(
                now.error if now.state == FAILED else _headline(now), "error" if now.state == FAILED else "info"
            )

    def _write(self, text: str, kind: str = "info") -> None:
        self.log.append(LogLine(time.strftime("%H:%M:%S"), text, kind))

    def _measure(self, before: Progress, now: Progress) -> None:
        if now.state != GENERATING or now.paused or now.frames < before.frames:
            self._written.clear()
        if now.state == GENERATING and not now.paused and now.phase == "generate":
            moment = self._clock()
            self._written.append((moment, now.frames))
            while len(self._written) > 2 and moment - self._written[0][0] > _SPEED_WINDOW:
                self._written.popleft()

    def _speed(self) -> float:
        if len(self._written) < 2:
            return 0.0
        (since, first), (until, last) = self._written[0], self._written[-1]
        return (last - first) / (until - since) if until - since > 0.5 else 0.0


def event_names(section: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of events that triggers in a section wait for, right or wrong, sorted."""
    names: set[str] = set()
    for kind in ("character", "robot"):
        groups = value_at(section, (kind, "groups"))
        for name in groups if isinstance(groups, dict) else ():
            triggers = value_at(groups, (name, "triggers"))
            for trigger in triggers if isinstance(triggers, list) else ():
                event = value_at(trigger, ("event_trigger", "event"))
                if isinstance(event, str) and event:
                    names.add(event)
    return tuple(sorted(names))


def duration_in_words(seconds: float) -> str:
    """Return a duration as ``"0:42"`` or ``"1:02:03"``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _headline(progress: Progress) -> str:
    if progress.paused:
        return f"Paused at frame {progress.frames} of {progress.frames_total}"
    if progress.phase == "generate" and progress.frames_total:
        return f"Recording frame {progress.frames} of {progress.frames_total}"
    if progress.busy:
        return _PHASES.get(progress.phase, "Starting")
    report = progress.report
    if progress.state == "done" and report is not None:
        return f"{report.frames} frames from {len(report.cameras)} cameras are written"
    return _STATES[progress.state]


def _tone(progress: Progress) -> str:
    if progress.busy:
        return "busy"
    return {"failed": "error", "ready": "good", "done": "good"}.get(progress.state, "idle")


def _fraction(progress: Progress) -> float | None:
    if progress.state == SETTING_UP or (progress.state == GENERATING and progress.phase not in ("generate", "finish")):
        return PHASES.index(progress.phase) / PHASES.index("generate") if progress.phase in PHASES else 0.0
    if progress.state == GENERATING:
        return progress.frames / progress.frames_total if progress.frames_total else None
    return 1.0 if progress.state in ("ready", "done") else 0.0

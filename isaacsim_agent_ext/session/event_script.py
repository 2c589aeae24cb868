"""Events written down beforehand: in a file, in the config, or on the command line.

A file is YAML, or JSON when its name ends so: a list of events, or a map with that list under ``events``, such as the
``run.json`` that a run leaves beside its data::

    - {time: 3.0, event: fire_alarm}
    - {frame: 150, event: restock, payload: {prim_path: /World/Robots/hubs/iw_hub}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.document import MAX_BYTES, Document, Mark, read_document
from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.config.model import Config
from isaacsim_agent_ext.config.schema import KeyPath, dotted
from isaacsim_agent_ext.config.text_files import read_start, read_text
from isaacsim_agent_ext.config.timing import first_frame_at
from isaacsim_agent_ext.config.wording import code, found, listing, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.session.event_log import SimulationEvent, check_payload, event_names

_KEYS = ("time", "frame", "event", "payload")
_MOST_OF_RECORD = 64 * 1024 * 1024  # [bytes] a run.json holds every event that came from outside
_ARGUMENT = re.compile(r"(?P<name>.+?)@(?P<time>[0-9]+(\.[0-9]*)?)(:(?P<payload>.*))?", re.DOTALL)


def read_events(path: str | Path) -> tuple[SimulationEvent, ...]:
    """Read the events of a script, or of an earlier run's ``run.json``, in order of their frames.

    Raises:
        ConfigError: The file cannot be read, or anything in it is wrong; it holds every problem.
    """
    path = Path(path).expanduser()
    document = _read(path)
    entries = document.data
    above: KeyPath = ()
    if isinstance(entries, dict):
        entries, above = entries.get("events"), ("events",)
    problems = list(document.problems)
    if not isinstance(entries, list):
        problems.append(_problem(document, (), f"found {found(document.data)}, expected a list of events"))
        entries = []
    events = []
    for number, entry in enumerate(entries):
        wrong = [_problem(document, (*above, number, *at), message) for at, message in _mistakes(entry)]
        problems += wrong
        if not wrong:
            events.append(_event(entry))
    if problems:
        raise ConfigError(problems)
    return tuple(sorted(events, key=lambda event: event.frame))


def scripted_events(loaded: LoadedConfig) -> tuple[SimulationEvent, ...]:
    """Return the events of a config's ``event_script``, a path absolute or relative to the config; none without one.

    Raises:
        ConfigError: As `read_events` does.
    """
    script = loaded.config.event_script
    if script is None:
        return ()
    folder = loaded.path.absolute().parent if loaded.path else Path()
    path = folder / Path(script).expanduser()
    if not path.is_file():
        raise ConfigError([loaded.placed(Problem("event_script", f"there is no file {code(str(path))}"))])
    return read_events(path)


def unheard_events(events: Sequence[SimulationEvent], config: Config) -> Iterator[str]:
    """Yield a warning for each name of an event that no trigger waits for."""
    waited_for = event_names(config)
    for name in dict.fromkeys(event.name for event in events):
        if name not in waited_for:
            guess = nearest(name, waited_for)
            hint = f"did you mean {code(guess)}?" if guess else f"triggers wait for {listing(waited_for)}"
            yield f"no event_trigger waits for the event {code(name)}; {hint if waited_for else 'there are none'}"


def lost_events(events: Sequence[SimulationEvent], specs: Sequence[ActorSpec], frame_count: int) -> Iterator[str]:
    """Yield a warning for each event that comes too late for a run, or is addressed to nobody.

    Args:
        events: The events.
        specs: The actors.
        frame_count: How many frames are simulated.
    """
    paths = sorted({path for spec in specs for path in (spec.prim_path, spec.agent_prim_path)})
    for event in events:
        if event.frame + 1 >= frame_count:  # what it changes is seen a frame later
            yield (
                f"the event {code(event.name)} at frame {event.frame} comes too late for the run, which has "
                f"{frame_count} frames"
            )
        addressed = event.payload.get("prim_path")
        if addressed is not None and addressed not in paths:
            guess = nearest(str(addressed), paths)
            hint = f"; did you mean {code(guess)}?" if guess else ""
            path = code(str(addressed))
            yield f"the event {code(event.name)} reaches nobody: no actor has the prim_path {path}{hint}"


def parse_event(text: str) -> SimulationEvent:
    """Return the event that ``NAME@SECONDS`` or ``NAME@SECONDS:PAYLOAD`` means, with the payload as JSON.

    Raises:
        ConfigError: The text has another form.
    """
    match = _ARGUMENT.fullmatch(text)
    where = f"--event {text}"
    if match is None:
        message = f"expected NAME@SECONDS or NAME@SECONDS:PAYLOAD, such as fire_alarm@3.5, found {code(text)}"
        raise ConfigError([Problem("", message, where)])
    entry: dict[str, Any] = {"time": float(match["time"]), "event": match["name"]}
    if match["payload"] is not None:
        try:
            entry["payload"] = json.loads(match["payload"])
        except ValueError as error:
            raise ConfigError([Problem("", f"the payload is no valid JSON: {error}", where)]) from error
    mistakes = [Problem(dotted(at), message, where) for at, message in _mistakes(entry)]
    if mistakes:
        raise ConfigError(mistakes)
    return _event(entry)


def _read(path: Path) -> Document:
    """Return the file as plain data; JSON has no places."""
    if path.suffix.lower() != ".json":
        return read_document(read_start(path, MAX_BYTES), str(path))
    text = read_text(path, _MOST_OF_RECORD)
    try:
        return Document(str(path), json.loads(text), {}, {})
    except (ValueError, RecursionError) as error:
        raise ConfigError([Problem("", f"the file is no valid JSON: {error}", str(path))]) from error


def _event(entry: dict[str, Any]) -> SimulationEvent:
    frame = entry["frame"] if "frame" in entry else first_frame_at(entry["time"])
    return SimulationEvent(frame=frame, name=entry["event"], payload=check_payload(entry.get("payload") or {}))


def _mistakes(entry: Any) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with an entry, and where in it."""
    if not isinstance(entry, dict):
        yield (), f"found {found(entry)}, expected a map such as {{time: 3.0, event: fire_alarm}}"
        return
    for key in entry:
        if key not in _KEYS:
            guess = nearest(key, _KEYS)
            yield (key,), f"unknown key {code(key)}, " + (f"did you mean {code(guess)}?" if guess else listing(_KEYS))
    if ("time" in entry) == ("frame" in entry):
        yield (), "expected either `time` [s] or `frame`, found " + ("both" if "time" in entry else "neither")
    time, frame = entry.get("time", 0.0), entry.get("frame", 0)
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0.0 <= time < float("inf"):
        yield ("time",), f"found {found(time)}, expected a number of at least 0 [s]"
    if isinstance(frame, bool) or not isinstance(frame, int) or frame < 0:
        yield ("frame",), f"found {found(frame)}, expected a whole number of at least 0"
    name, payload = entry.get("event"), entry.get("payload")
    if not isinstance(name, str) or not name:
        yield ("event",), f"found {found(name)}, expected the name of an event"
    if payload is not None and not isinstance(payload, dict):
        yield ("payload",), f"found {found(payload)}, expected a map"
    elif payload:
        try:
            check_payload(payload)
        except TypeError as error:
            yield ("payload",), str(error)


def _problem(document: Document, path: KeyPath, message: str) -> Problem:
    marks = document.value_marks
    mark = marks.get(path) or marks.get(path[:-1]) or marks.get(()) or Mark(0, 0)
    return Problem(dotted(path), message, document.name, mark.line, mark.column)

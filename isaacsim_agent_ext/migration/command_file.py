"""Command files of ``omni.anim.people``: one command a line, read into what a time trigger can do.

::

    Spawn Tom 0 0 0 90              a person, perhaps where it stands and faces [m, deg]
    Tom GoTo 5 0 0 5 3 0 _          points to walk to, then the direction to face [deg] or _ for any
    Tom Idle 4                      seconds
    Tom LookAround 2.5              seconds
    Tom Sit /World/Chair 10         a prim, then seconds
    Queue desk                      a queue, and where people stand in it, the head being number 0 [m, deg]
    Queue_Spot desk 0 1 2 0 90
    Tom Queue desk                  to stand in it
    iw_hub LiftUp                   a robot's own states
    # a comment

Everything else that begins with a name, such as commands of one's own, is kept as a comment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from isaacsim_agent_ext.config.dialect import is_valid
from isaacsim_agent_ext.config.schema import definition
from isaacsim_agent_ext.config.wording import code, tame
from isaacsim_agent_ext.errors import Problem
from isaacsim_agent_ext.migration.comments import Comment
from isaacsim_agent_ext.migration.log import Log, Note

ActorKind = Literal["character", "robot"]

CAN_LIFT = re.compile(r"iw[_.]?hub", re.IGNORECASE)
"""What the names of robots with a lift begin with."""

_LIFTING = {"liftup": "lift_up", "lift_up": "lift_up", "liftdown": "lift_down", "lift_down": "lift_down"}
_QUEUE_WORDS = frozenset(("Queue", "Queue_Spot"))


@dataclass(slots=True)
class Script:
    """What one named actor does, in order.

    Attributes:
        name: As the file spells it.
        line: Where the actor is first named, counted from 1.
        spawn: Where it stands at the beginning, as in ``spawn_points``, or None for anywhere.
        steps: Behaviors of the config format, and comments.
    """

    name: str
    line: int
    spawn: dict[str, Any] | None = None
    steps: list[dict[str, Any] | Comment] = field(default_factory=list)


@dataclass(slots=True)
class CommandFile:
    """A whole command file.

    Attributes:
        name: The file's name as problems show it.
        scripts: By actor, in the order in which the file names them.
        comments: Lines that belong to no actor.
    """

    name: str
    scripts: list[Script] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


def parse_commands(text: str, name: str, kind: ActorKind, log: Log) -> CommandFile:
    """Read the text of a command file.

    Args:
        text: One command a line.
        name: What to call the file in notes and problems.
        kind: Whether the commands are for people or for robots.
        log: Takes a note for every command without a counterpart, and a problem for every line that makes no sense.
    """
    result = CommandFile(name)
    reader = _Reader(result, kind, log)
    for number, line in enumerate(text.removeprefix("\N{BYTE ORDER MARK}").split("\n"), start=1):
        reader.read(number, line.strip())
    reader.line_up()
    result.comments += reader.remarks
    return result


class _MisreadError(ValueError):
    """A line that makes no sense; its text says why."""


class _Reader:
    """Sorts the lines of one file by actor."""

    def __init__(self, result: CommandFile, kind: ActorKind, log: Log):
        self.result = result
        self.kind = kind
        self.log = log
        self.scripts: dict[str, Script] = {}
        self.queues: dict[str, dict[int, list[float]]] = {}
        self.queueing: list[tuple[int, str, Script, int]] = []  # who stands in a queue: line, text, whose, which step
        self.remarks: list[Comment] = []  # comment lines that wait for the command they stand above

    def read(self, number: int, line: str) -> None:
        words = line.split()
        if not words:
            return
        if line.startswith("#"):
            self.remarks.append(Comment(line.lstrip("# ")))
            return
        try:
            if words[0] in _QUEUE_WORDS:
                self.queue(words)
            elif words[0] == "Spawn":
                self.spawn(number, line, words[1:])
            elif len(words) == 1:
                raise _MisreadError(
                    f"found {code(line)} alone, expected `name Command values`, such as `{line} Idle 5`"
                )
            else:
                self.command(number, line, *words)
        except _MisreadError as error:
            self.log.problems.append(Problem("", str(error), self.result.name, number, 1))

    def script(self, name: str, number: int) -> Script:
        if name not in self.scripts:
            self.scripts[name] = Script(name, number)
            self.result.scripts.append(self.scripts[name])
        script = self.scripts[name]
        script.steps += self.remarks
        self.remarks.clear()
        return script

    def spawn(self, number: int, line: str, words: Sequence[str]) -> None:
        if len(words) not in (1, 5):
            raise _MisreadError(
                f"found {_count(words)} after `Spawn`, expected `Spawn name` or `Spawn name x y z rotation`"
            )
        numbers = _numbers(words[1:])
        script = self.script(words[0], number)
        if numbers:
            script.spawn = {"position": numbers[:3], "yaw": numbers[3]}

    def queue(self, words: Sequence[str]) -> None:
        """Take note of a queue, or of a place to stand in it."""
        if words[0] == "Queue":
            if len(words) != 2:
                raise _MisreadError(f"found {_count(words[1:])} after `Queue`, expected one: the queue's name")
            self.queues.setdefault(words[1], {})
            return
        if len(words) != 7:
            expected = "`Queue_Spot queue number x y z rotation`"
            raise _MisreadError(f"found {_count(words[1:])} after `Queue_Spot`, expected {expected}")
        number, *place = _numbers(words[2:])
        self.queues.setdefault(words[1], {})[int(number)] = place[:3]

    def line_up(self) -> None:
        """Write down where the queues are, now that all of the file is known."""
        for number, line, script, step in self.queueing:
            name = line.split()[2]
            spots = [spot for _, spot in sorted(self.queues.get(name, {}).items())]
            if spots:
                script.steps[step] = {"queue": {"name": name, "path_points": spots}}
                continue
            reason = f"the file has no `Queue_Spot` of the queue {code(name)}; kept as a comment"
            self.log.notes.append(Note("dropped", tame(line, 120), reason, self.result.name, number))

    def command(self, number: int, line: str, name: str, verb: str, *values: str) -> None:
        if verb == "GoTo":
            points, facing = _route(values)
            steps = self.script(name, number).steps
            if facing is not None:
                reason = f"the way is kept, facing {facing:g} deg at its end is not: no behavior does that"
                self.drop(number, line, reason, steps, f"the direction at the end of: {line}")
            steps.append({"patrol": {"path_points": points}})
        elif verb == "Idle":
            self.script(name, number).steps.append(self.pause(_seconds(verb, values)))
        elif verb == "LookAround" and self.kind == "character":
            seconds = _seconds(verb, values)
            self.script(name, number).steps.append({"look_around": {"time_range": [seconds, seconds]}})
        elif verb == "Sit" and self.kind == "character":
            seat, seconds = _seat(values)
            sit = {"target_prims": [seat], "time_range": [seconds, seconds]}
            self.script(name, number).steps.append({"sit": sit})
        elif verb == "Queue" and self.kind == "character" and len(values) == 1:
            script = self.script(name, number)
            self.queueing.append((number, line, script, len(script.steps)))
            script.steps.append(Comment(f"not converted: {line}"))
        elif verb.lower() in _LIFTING and CAN_LIFT.match(name) and self.kind == "robot" and not values:
            self.script(name, number).steps.append({"play_animation": {"state": _LIFTING[verb.lower()]}})
        else:
            self.drop(number, line, f"no behavior does what {code(verb)} did", self.script(name, number).steps)

    def pause(self, seconds: float) -> dict[str, Any]:
        return {"stop" if self.kind == "character" else "halt": {"time_range": [seconds, seconds]}}

    def drop(self, number: int, line: str, reason: str, comments: list[Any], what: str = "") -> None:
        comments.append(Comment(f"not converted: {what or line}"))
        self.log.notes.append(
            Note("dropped", tame(line, 120), f"{reason}; kept as a comment", self.result.name, number)
        )


def _route(values: Sequence[str]) -> tuple[list[list[float]], float | None]:
    """Return the points of a ``GoTo`` [m] and the direction to face at its end [deg], if one is given."""
    numbers = _numbers(values[:-1] if values and values[-1] == "_" else values)
    facing = numbers.pop() if len(numbers) % 3 == 1 and values[-1] != "_" else None
    if not numbers or len(numbers) % 3:
        expected = "`GoTo x y z [x y z ...] rotation`, with `_` for any rotation"
        raise _MisreadError(f"found {_count(values)} after `GoTo`, expected {expected}")
    return [numbers[i : i + 3] for i in range(0, len(numbers), 3)], facing


def _seat(values: Sequence[str]) -> tuple[str, float]:
    """Return the prim to sit on, and for how long [s]."""
    if not values or len(values) > 2 or not is_valid(definition("primPath"), values[0]):
        expected = "a prim path and seconds, such as `Sit /World/Chair 5`"
        raise _MisreadError(f"found {_count(values)} after `Sit`, expected {expected}")
    return values[0], _seconds("Sit", values[1:] or ("10",))


def _seconds(verb: str, values: Sequence[str]) -> float:
    numbers = _numbers(values)
    if len(numbers) != 1:
        raise _MisreadError(f"found {_count(values)} after {code(verb)}, expected one: seconds, such as `{verb} 5`")
    if numbers[0] < 0:
        raise _MisreadError(f"found {values[0]} after {code(verb)}, expected seconds of at least 0")
    return numbers[0]


def _numbers(words: Sequence[str]) -> list[float]:
    numbers = []
    for word in words:
        try:
            number = float(word.replace("_", "?"))  # float() would read 1_0 as 10
        except ValueError:
            raise _MisreadError(f"found {code(word)}, expected a number") from None
        if not math.isfinite(number):
            raise _MisreadError(f"found {code(word)}, expected a number that is not infinite")
        numbers.append(number)
    return numbers


def _count(words: Sequence[str]) -> str:
    return f"{len(words)} value{'' if len(words) == 1 else 's'}" if words else "nothing"

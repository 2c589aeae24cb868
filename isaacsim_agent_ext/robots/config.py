"""A robot's own file: one kind of robot as typed, frozen data, or every problem of the file with its place."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.document import MAX_BYTES, Document, read_document
from isaacsim_agent_ext.config.schema import KeyPath, dotted
from isaacsim_agent_ext.config.text_files import read_start
from isaacsim_agent_ext.config.wording import advice, code, expected, found, listing, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.resources import extension_root, sample_config_dir
from isaacsim_agent_ext.robots.state_machine import DRIVING_STATES, IDLE, way_between


@dataclass(frozen=True, kw_only=True)
class RobotConfig:
    """One kind of robot.

    Attributes:
        path: The file it comes from.
        agent_name: Names its prim.
        asset_path: Its USD file as written.
        linear_velocity: Speed on a free way [m/s].
        angular_velocity: Turn rate [rad/s].
        forward: Yaw that the asset drives along in its own upright coordinates [rad].
        joints: Moving parts as prim paths relative to the robot, without a leading slash.
        differential: Whether it turns in place and drives straight; else it drives along curves.
        plans_on_navmesh: Whether it takes the shortest way over the NavMesh; else it goes straight.
        states: All its states.
        transitions: Which states may follow each.
        animation_paths: Folders of recorded animations by state, as written.
        radius: How far it reaches from the point it turns about [m], or None.
    """

    path: Path
    agent_name: str
    asset_path: str
    linear_velocity: float
    angular_velocity: float
    forward: float
    joints: tuple[str, ...]
    differential: bool
    plans_on_navmesh: bool
    states: tuple[str, ...]
    transitions: Mapping[str, tuple[str, ...]]
    animation_paths: Mapping[str, str]
    radius: float | None


def robot_config_dir() -> Path:
    """Return the folder of the robot files that ship with this package."""
    return sample_config_dir() / "robots"


@cache
def robot_schema() -> dict[str, Any]:
    """Return the JSON Schema of a robot's file. Treat it as read-only."""
    path = extension_root() / "config" / "robot_config.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def find_robot_config(config_file_path: str, config_dir: Path | None, *, key_path: str = "config_file_path") -> Path:
    """Return the file that a group's ``config_file_path`` means.

    A path is absolute, or relative to the config's folder, or to the robots that ship with this package.

    Args:
        config_file_path: As in the config.
        config_dir: The config file's folder, or None.
        key_path: Where in the config it stands, for the message.

    Raises:
        ConfigError: There is no such file; the message says where it was looked for.
    """
    asked = Path(config_file_path).expanduser()
    folders = [*([config_dir] if config_dir else []), robot_config_dir()]
    tried = [asked] if asked.is_absolute() else [folder / asked for folder in folders]
    for path in tried:
        if path.is_file():
            return path
    shipped = sorted(path.name for path in robot_config_dir().glob("*.yaml"))
    near = nearest(asked.name, shipped)
    hint = f"did you mean {near}?" if near else f"robots that ship with this package: {', '.join(shipped)}"
    places = "".join(f"\n  {path}" for path in tried)
    message = f"there is no robot file {config_file_path}; it was looked for at{places}\n{hint}"
    raise ConfigError([Problem(key_path, message)])


def load_robot_config(path: Path) -> RobotConfig:
    """Load a robot's file.

    Raises:
        ConfigError: The file cannot be read, or anything in it is wrong; it holds every problem.
    """
    text = read_start(path, MAX_BYTES)
    if not text.strip():
        raise ConfigError([Problem("", "the file is empty; a robot needs at least asset_path", str(path))])
    document = read_document(text, str(path))
    problems = [*document.problems, *_schema_problems(document)]
    if not problems:
        problems = list(_rule_problems(document))
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return _build(path, _filled(document.data))


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the file's keys with every default filled in; null stands for the default."""
    return {
        key: copy.deepcopy(schema["default"]) if data.get(key) is None else data[key]
        for key, schema in robot_schema()["properties"].items()
    }


def _build(path: Path, data: Mapping[str, Any]) -> RobotConfig:
    forward = data["forward_vec"]
    return RobotConfig(
        path=path,
        agent_name=data["agent_name"].replace(" ", "_"),
        asset_path=data["asset_path"],
        linear_velocity=float(data["linear_velocity"]),
        angular_velocity=math.radians(data["angular_velocity"]),
        forward=math.atan2(forward[1], forward[0]),
        joints=tuple(joint.strip("/") for joint in data["joints"]),
        differential=data["drive_base"] == "differential",
        plans_on_navmesh=data["path_planner"] == "navmesh",
        states=tuple(data["states"]),
        transitions={state: tuple(following) for state, following in data["transitions"].items()},
        animation_paths=data["animation_paths"],
        radius=None if data["radius"] is None else float(data["radius"]),
    )


# ---- what can be wrong -----------------------------------------------------------------------------------------


def _schema_problems(document: Document) -> Iterator[Problem]:
    from isaacsim_agent_ext.config.dialect import DIALECT

    schema = robot_schema()
    # Null stands for the default, as in the agent config.
    data = document.data
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if value is not None or key not in schema["properties"]}
    for error in DIALECT(schema).iter_errors(data):
        path: KeyPath = tuple(error.path)
        if error.validator == "additionalProperties" and not path:
            for key in data:
                if key not in schema["properties"]:
                    yield _problem(document, (key,), _unknown_key(key), at_key=True)
        elif error.validator in ("uniqueItems", "x-ordered"):
            yield _problem(document, path, error.message)
        else:
            part: Any = error.schema
            guess = None
            if "enum" in part and isinstance(error.instance, str):
                guess = nearest(error.instance, part["enum"])
            hint = f", did you mean {code(guess)}?" if guess else advice(error.instance, part)
            yield _problem(document, path, f"found {found(error.instance)}, expected {expected(part)}{hint}")


def _unknown_key(key: str) -> str:
    names = list(robot_schema()["properties"])
    guess = nearest(key, names)
    if guess:
        return f"unknown key {code(key)}, did you mean {code(guess)}?"
    return f"unknown key {code(key)}; allowed here: {', '.join(map(code, names))}"


def _rule_problems(document: Document) -> Iterator[Problem]:
    """Yield what the schema cannot say: that there is an asset, a direction, and states that fit together."""
    data = _filled(document.data)
    if data["asset_path"] is None:
        message = "the key `asset_path` is missing: the robot's USD file, such as Isaac/Samples/AnimRobot/iw_hub.usd"
        yield _problem(document, ("asset_path",), message)
    if abs(data["forward_vec"][0]) + abs(data["forward_vec"][1]) < 1e-6:
        yield _problem(
            document, ("forward_vec",), "found a vector that points nowhere over the floor, expected x or y in it"
        )
    states = data["states"]
    missing = [state for state in DRIVING_STATES if state not in states]
    if missing:
        yield _problem(document, ("states",), f"{listing(missing)} must be among the states; every robot has them")
    for key in ("transitions", "animation_paths"):
        for state in data[key]:
            if state not in states:
                yield _problem(document, (key, state), _unknown_state(state, states), at_key=True)
    unknown = False
    for state, following in data["transitions"].items():
        for number, target in enumerate(following):
            if target not in states:
                unknown = True
                yield _problem(document, ("transitions", state, number), _unknown_state(target, states))
    if not missing and not unknown:
        for state in states:
            for start, end in ((IDLE, state), (state, IDLE)):
                if way_between(data["transitions"], start, end) is None:
                    message = f"no transitions lead from {code(start)} to {code(end)}; the robot would be stuck"
                    yield _problem(document, ("transitions",), message)


def _unknown_state(state: str, states: list[str]) -> str:
    guess = nearest(state, states)
    return f"{code(state)} is no state" + (
        f", did you mean {code(guess)}?" if guess else f"; there are {listing(states)}"
    )


def _problem(document: Document, path: KeyPath, message: str, *, at_key: bool = False) -> Problem:
    marks = document.key_marks if at_key else document.value_marks
    mark = marks.get(path) or document.value_marks.get(path) or document.value_marks[()]
    return Problem(dotted(path), message, document.name, mark.line, mark.column)

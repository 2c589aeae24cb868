"""A whole config of version 0 turned into one of version 1, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from isaacsim_agent_ext.config.dump import dump_block
from isaacsim_agent_ext.config.rules import check_rules
from isaacsim_agent_ext.config.timing import STEPS_PER_SECOND
from isaacsim_agent_ext.config.validation import Finding, check
from isaacsim_agent_ext.config.wording import code
from isaacsim_agent_ext.migration.actors import convert_characters, convert_robots
from isaacsim_agent_ext.migration.command_file import ActorKind, CommandFile
from isaacsim_agent_ext.migration.comments import Comment, without_comments
from isaacsim_agent_ext.migration.log import Log
from isaacsim_agent_ext.migration.old_map import OldMap
from isaacsim_agent_ext.migration.recording import convert_cameras, convert_writer, drop_parameter

NEW_VERSION = "1.6.0"
"""The version that converted configs are written for: Isaac Sim 6.0's."""

DEFAULT_STAGE = "Isaac/Environments/Simple_Warehouse/full_warehouse.usd"
"""The stage that 0.x opened when its config named none."""

CommandsOf = Callable[[OldMap, ActorKind], CommandFile | None]
"""Reads the commands that go with a section of actors."""

_SEEDS = 2**32


def convert(old: OldMap, commands_of: CommandsOf, log: Log) -> dict[Any, Any]:
    """Return the new section; what 1.x has nothing for stands in it as comments.

    Args:
        old: The old section.
        commands_of: Reads the commands of the people and of the robots.
        log: Takes notes and problems; with problems in it the new section is of no use.
    """
    new: dict[Any, Any] = {"version": NEW_VERSION}
    old.take("version")
    old.note("changed", "version", f"now {code(NEW_VERSION)}")

    general, scene, sensor = old.map("global"), old.map("scene"), old.map("sensor")
    people, robots, replicator = old.map("character"), old.map("robot"), old.map("replicator")
    _convert_seed(general, new)
    frames = general.count("simulation_length")
    if frames is not None:
        new["simulation_duration"] = seconds = frames / STEPS_PER_SECOND
        message = f"now `simulation_duration`: {frames} frames, {STEPS_PER_SECOND} a second, are {seconds:g} s"
        general.note("changed", "simulation_length", message)
    new["environment"] = {"base_stage_asset_path": _stage(scene)}

    sensors, cameras = convert_cameras(sensor)
    sections = {
        "character": convert_characters(people, commands_of(people, "character"), log),
        "robot": convert_robots(robots, commands_of(robots, "robot"), log),
        "sensor": sensors,
        "replicator": convert_writer(replicator, cameras, frames),
    }
    new |= {name: section for name, section in sections.items() if section is not None}
    if not log.problems:
        _drop_refused_parameters(new, replicator)
    left: dict[str, Any] = {}
    for name, section in (("global", general), ("scene", scene), ("sensor", sensor), ("character", people),
                          ("robot", robots), ("replicator", replicator), ("", old)):  # fmt: skip
        rest = _leftovers(section)
        left |= {name: rest} if name and rest else rest
    return new | as_comments(left)


def _convert_seed(general: OldMap, new: dict[Any, Any]) -> None:
    seed = general.integer("seed")
    if seed is None:
        return
    new["seed"] = seed % _SEEDS
    if new["seed"] == seed:
        general.renamed("seed", "seed")
    else:
        general.note("changed", "seed", f"now {new['seed']}: seeds have 32 bits and no sign")


def _stage(scene: OldMap) -> str:
    stage = scene.asset_path("asset_path", "environment.base_stage_asset_path")
    if stage is None:
        scene.note("added", "", f"`environment.base_stage_asset_path` must be given; 0.x opened {code(DEFAULT_STAGE)}")
        return DEFAULT_STAGE
    return stage


def _leftovers(old: OldMap) -> dict[str, Any]:
    """Return what nobody took from a map of the old config, and tell why."""
    left: dict[str, Any] = {}
    for key, value in old.left_over().items():
        if value in (None, "", [], {}):
            old.note("dropped", key, "1.x has no such key, and it is empty")
        else:
            old.note("dropped", key, f"{_REMOVED.get(key, '1.x has no such key')}; kept as a comment")
            left[key] = value
    return left


_REMOVED = {
    "filters": "1.x does not choose characters by filters: give each kind of people a group with its own `asset_path`",
    "response": "in 1.x the triggers of a group say how its actors respond",
    "event": "in 1.x the triggers of a group say what events do",
    "incident": "in 1.x the triggers of a group say what events do",
}


def as_comments(values: Mapping[str, Any]) -> dict[Any, Any]:
    """Return a map as comment lines, to be joined to another map."""
    if not values:
        return {}
    lines = ["not converted:", *dump_block(values).splitlines()]
    return dict.fromkeys(Comment(line) for line in lines)


def _drop_refused_parameters(new: dict[Any, Any], replicator: OldMap) -> None:
    """Take out what 1.x refuses of the writer's parameters: they are the part of a config that anyone may extend."""
    while True:
        refused = next(filter(_is_about_a_parameter, _errors(without_comments(new))), None)
        if refused is None:
            return
        _, _, writer, key, *_ = map(str, refused.path)
        drop_parameter(new["replicator"], replicator, writer, key, refused.message.partition("; allowed here")[0])


def _errors(section: dict[str, Any]) -> Iterator[Finding]:
    yield from (finding for finding in check(section) if finding.severity == "error")
    yield from (finding for finding in check_rules(section) if finding.severity == "error")


def _is_about_a_parameter(finding: Finding) -> bool:
    return finding.path[:2] == ("replicator", "writers") and len(finding.path) > 3

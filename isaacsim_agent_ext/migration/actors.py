"""People and robots of an old config: from numbers and command files to named groups."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from isaacsim_agent_ext.config.dialect import is_valid
from isaacsim_agent_ext.config.schema import definition
from isaacsim_agent_ext.config.wording import code, listing, tame
from isaacsim_agent_ext.migration.command_file import CAN_LIFT, CommandFile, Script
from isaacsim_agent_ext.migration.comments import Comment
from isaacsim_agent_ext.migration.log import Log, Note
from isaacsim_agent_ext.migration.old_map import OldMap

ROBOT_KINDS = {"nova_carter": "nova_carters", "iw_hub": "iw_hubs"}
"""The robots that both versions know, and what the group of those without a name of their own is called."""

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")


def convert_characters(old: OldMap, commands: CommandFile | None, log: Log) -> dict[Any, Any] | None:
    """Return the section ``character``, or None when there are no people.

    Args:
        old: The section of the old config.
        commands: The people's commands, or None when there are none.
        log: Takes the notes about commands.
    """
    total = old.count("num")
    common: dict[str, Any] = {}
    asset_path = old.asset_path("asset_path", "character.groups.<name>.asset_path")
    if asset_path is not None:
        common["asset_path"] = asset_path
    areas, walk = _areas(old, "walk")
    common |= areas

    groups, names = _scripted_groups(commands, lambda _: common, "stop", log)
    rest = _without_commands(old, "num", total, len(groups))
    if rest:
        name = _group_name("characters", names)
        groups[name] = {"num": rest, **common}
        if commands is None:
            pauses = [{"animation": "idle"}, {"animation": "look_around"}]
            groups[name]["routines"] = [{"wander": {**walk, "idle": pauses}}]
            old.note("changed", "num", f"{_people(rest)} to walk and look around at random: the group {code(name)}")
        else:
            groups[name]["routines"] = [{"stop": {}}]
            old.note("changed", "num", f"{_people(rest)} without commands, who stand: the group {code(name)}")
    _tell_navigation_areas(old, walk, used=bool(rest) and commands is None)
    return _section(groups, commands)


def convert_robots(old: OldMap, commands: CommandFile | None, log: Log) -> dict[Any, Any] | None:
    """Return the section ``robot``, or None when there are no robots.

    Args:
        old: The section of the old config.
        commands: The robots' commands, or None when there are none.
        log: Takes the notes about commands.
    """
    areas, move = _areas(old, "move")
    common: dict[str, Any] = dict(areas)
    if old.flag("write_data"):
        common["write_data"] = True
    old.renamed("write_data", "robot.groups.<name>.write_data")
    if old.count("transporter_num"):
        old.note("dropped", "transporter_num", "there is no robot file for it: add a group with a `config_file_path`")

    def of_kind(name: str) -> dict[str, Any]:
        return {"config_file_path": f"{robot_kind(name)}.yaml", **common}

    groups, names = _scripted_groups(commands, of_kind, "halt", log)
    kinds = [robot_kind(script.name) for script in commands.scripts] if commands else []
    wanders = False
    for kind, plural in ROBOT_KINDS.items():
        key = f"{kind}_num"
        rest = _without_commands(old, key, old.count(key), kinds.count(kind))
        if not rest:
            continue
        name = _group_name(plural, names)
        groups[name] = {"num": rest, "config_file_path": f"{kind}.yaml", **common}
        if commands is None:
            wanders = True
            groups[name]["routines"] = [{"wander": move}]
            old.note("changed", key, f"robots that drive around at random: the group {code(name)} of {rest}")
        else:
            groups[name]["routines"] = [{"halt": {}}]
            old.note("changed", key, f"robots without commands, which stand: the group {code(name)} of {rest}")
    _tell_navigation_areas(old, move, used=wanders)
    return _section(groups, commands)


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def robot_kind(name: str) -> str:
    """Return which kind of robot a command file means by a name such as ``iw_hub_01`` or ``Carter_01``."""
    return "iw_hub" if CAN_LIFT.match(name) else "nova_carter"


def _section(groups: dict[str, Any], commands: CommandFile | None) -> dict[Any, Any] | None:
    comments: dict[Any, Any] = dict.fromkeys(commands.comments) if commands else {}
    return {**comments, "groups": groups} if groups or comments else None


def _scripted_groups(
    commands: CommandFile | None, keys_of: Callable[[str], dict[str, Any]], rest: str, log: Log
) -> tuple[dict[str, dict[Any, Any]], set[str]]:
    """Return a group of one for each named actor, and the names that are taken, in lower case.

    Args:
        commands: The command file.
        keys_of: Gives the keys that a group has besides its number and what it does, by the actor's name.
        rest: The behavior that stands still.
        log: Takes a note for each actor.
    """
    groups: dict[str, dict[Any, Any]] = {}
    names: set[str] = set()
    if commands is None:
        return groups, names
    for script in commands.scripts:
        name = _group_name(script.name, names)
        place = {"spawn_points": [script.spawn]} if script.spawn else {}
        groups[name] = {"num": 1, **keys_of(script.name), **place, **_carry_out(script, rest)}
        member = "" if rest == "halt" else f", whose one member is called {code(f'{name}_0')}"  # robots keep their own
        means = f"the group {code(name)}{member}"
        log.notes.append(Note("changed", tame(script.name), means, commands.name, script.line))
    return groups, names


def _carry_out(script: Script, rest: str) -> dict[Any, Any]:
    """Return the keys of a group that carries out a script, and then stands."""
    stand: dict[Any, Any] = {"routines": [{rest: {}}]}
    if all(isinstance(step, Comment) for step in script.steps):
        return dict.fromkeys(script.steps) | stand
    return stand | {"triggers": [{"time_trigger": {"time": 0, "behavior": script.steps}}]}


def _group_name(name: str, taken: set[str]) -> str:
    """Return a name that a group can have, and take it."""
    usable = _NOT_IN_NAMES.sub("_", name)
    if not is_valid(definition("groupName"), usable):
        usable = f"_{usable}"
    unique, number = usable, 2
    while unique.lower() in taken:  # lower case, because a group becomes a folder
        unique, number = f"{usable}_{number}", number + 1
    taken.add(unique.lower())
    return unique


def _without_commands(old: OldMap, key: str, total: int | None, with_commands: int) -> int:
    """Return how many of the actors that a key counts have no commands."""
    if total is None:
        return 0
    if with_commands > total:
        more = f"the command file names {with_commands}, {with_commands - total} more than {total}; all are kept"
        old.note("changed", key, more)
    elif not total:
        old.note("dropped", key, "there are none, so there is no group of them")
    elif total == with_commands:
        old.note("changed", key, "each has commands, and so a group of its own")
    return max(total - with_commands, 0)


def _areas(old: OldMap, leg: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the keys of a group and of its wandering that say where its actors appear and go."""
    spawn, navigation = old.names("spawn_area"), old.names("navigation_area")
    old.renamed("spawn_area", "groups.<name>.spawn_areas")
    return {"spawn_areas": spawn} if spawn else {}, {leg: {"navigation_areas": navigation}} if navigation else {}


def _tell_navigation_areas(old: OldMap, leg: dict[str, Any], *, used: bool) -> None:
    for name, values in leg.items():
        if used:
            old.renamed("navigation_area", f"wander.{name}.navigation_areas")
        else:
            areas = listing(values["navigation_areas"])
            old.note("dropped", "navigation_area", f"nobody wanders, so nobody picks places in {areas}")
    if not leg:
        old.renamed("navigation_area", "")

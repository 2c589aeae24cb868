"""The motion library that a config names, and the animations it has to have."""

from __future__ import annotations

from isaacsim_agent_ext.actors.behaviors.basic import LOOK_AROUND
from isaacsim_agent_ext.animation.motion_library import MotionLibrary
from isaacsim_agent_ext.config.model import (
    CharacterGroup,
    CharacterGroupWalk,
    CharacterLookAround,
    CharacterWander,
    Config,
)
from isaacsim_agent_ext.errors import AssetError, ConfigError, Problem
from isaacsim_agent_ext.hosts.population import character_groups


def motion_library_path(config: Config) -> str | None:
    """Return the path of the motion library as the config names it, or None when there are no people.

    Raises:
        ConfigError: The groups name different ones.
    """
    groups = [group for group in character_groups(config) if group.num]
    if not groups or config.character is None:
        return None
    paths = {group.motion_library_path or config.character.motion_library_path for group in groups}
    if len(paths) > 1:
        raise ConfigError(
            [
                Problem(
                    "character.groups",
                    f"the groups name {len(paths)} motion libraries ({', '.join(sorted(paths))}), and one run can use "
                    "only one; put motion_library_path at `character`",
                )
            ]
        )
    return paths.pop()


def check_animations(config: Config, library: MotionLibrary) -> None:
    """Make sure that the library has every animation the config names.

    Raises:
        ConfigError: It lacks some; the message names them all.
    """
    problems = [
        Problem(f"character.groups.{group.name}.{key_path}", reason)
        for group in character_groups(config)
        if group.num
        for key_path, animation in _animations(group)
        if (reason := _why_no_clip(library, animation))
    ]
    if problems:
        raise ConfigError(problems)


def _animations(group: CharacterGroup) -> list[tuple[str, str]]:
    """Return the key path and the name of every animation that a group's behaviors ask for."""
    behaviors = [(f"routines.{number}", behavior) for number, behavior in enumerate(group.routines)]
    for number, trigger in enumerate(group.triggers):
        behaviors += [(f"triggers.{number}.behavior.{place}", item) for place, item in enumerate(trigger.behavior)]
    named = []
    for key_path, behavior in behaviors:
        if isinstance(behavior, CharacterWander | CharacterGroupWalk):
            kind = "wander" if isinstance(behavior, CharacterWander) else "group_walk"
            named += [(f"{key_path}.{kind}.idle.{k}.animation", idle.animation) for k, idle in enumerate(behavior.idle)]
        elif isinstance(behavior, CharacterLookAround):
            named.append((f"{key_path}.look_around", LOOK_AROUND))
    return named


def _why_no_clip(library: MotionLibrary, animation: str) -> str:
    try:
        library.clip(animation)
    except AssetError as error:
        return str(error)
    return ""

"""The NavMesh areas that groups name, checked before anybody is placed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from isaacsim_agent_ext.config.model import ActorGroup, CharacterWander, RobotGroup, RobotWander
from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.navmesh import NavMesh


def check_areas(groups: Iterable[ActorGroup], navmesh: NavMesh) -> None:
    """Make sure that actors can get onto every area their groups name, also in behaviors that are rarely picked.

    Raises:
        NavMeshError: They cannot; the message names all such areas, and those that exist.
    """
    reasons = []
    for key_path, area in _named_areas(groups):
        try:
            navmesh.random_points(np.random.default_rng(0), 1, areas=(area,))
        except NavMeshError as error:
            reasons.append(f"{key_path}: {error}")
    if reasons:
        raise NavMeshError("\n".join(reasons))


def _named_areas(groups: Iterable[ActorGroup]) -> Iterator[tuple[str, str]]:
    """Yield the key path and the name of every area of the groups that have actors."""
    for group in groups:
        at = f"{'robot' if isinstance(group, RobotGroup) else 'character'}.groups.{group.name}"
        behaviors = [(f"{at}.routines.{number}", behavior) for number, behavior in enumerate(group.routines)]
        for number, trigger in enumerate(group.triggers):
            steps = enumerate(trigger.behavior)
            behaviors += [(f"{at}.triggers.{number}.behavior.{step}", behavior) for step, behavior in steps]
        lists = [(f"{at}.spawn_areas", group.spawn_areas)] + [
            (f"{key_path}.wander.walk.navigation_areas", behavior.walk.navigation_areas)
            for key_path, behavior in behaviors
            if isinstance(behavior, CharacterWander)
        ]
        lists += [
            (f"{key_path}.wander.move.navigation_areas", behavior.navigation_areas)
            for key_path, behavior in behaviors
            if isinstance(behavior, RobotWander)
        ]
        for key_path, areas in lists if group.num else ():
            yield from ((f"{key_path}.{number}", area) for number, area in enumerate(areas))

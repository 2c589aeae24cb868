"""The NavMesh areas that people's groups name, checked before anybody is placed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from isaacsim_agent_ext.config.model import CharacterGroup, CharacterWander
from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.navmesh import NavMesh


def check_areas(groups: Iterable[CharacterGroup], navmesh: NavMesh) -> None:
    """Make sure that people can walk on every area their groups name, also in behaviors that are rarely picked.

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


def _named_areas(groups: Iterable[CharacterGroup]) -> Iterator[tuple[str, str]]:
    """Yield the key path and the name of every area of the groups that have people."""
    for group in groups:
        at = f"character.groups.{group.name}"
        behaviors = [(f"{at}.routines.{number}", behavior) for number, behavior in enumerate(group.routines)]
        for number, trigger in enumerate(group.triggers):
            steps = enumerate(trigger.behavior)
            behaviors += [(f"{at}.triggers.{number}.behavior.{step}", behavior) for step, behavior in steps]
        lists = [(f"{at}.spawn_areas", group.spawn_areas)] + [
            (f"{key_path}.wander.walk.navigation_areas", behavior.walk.navigation_areas)
            for key_path, behavior in behaviors
            if isinstance(behavior, CharacterWander)
        ]
        for key_path, areas in lists if group.num else ():
            yield from ((f"{key_path}.{number}", area) for number, area in enumerate(areas))

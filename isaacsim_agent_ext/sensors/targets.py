"""What cameras aim at, and which of it a config's ``targets`` mean."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.errors import AgentError, PlacementError


@dataclass(frozen=True, eq=False)
class TargetBounds:
    """An upright box around something worth seeing.

    Attributes:
        prim_path: The prim it stands for.
        lower: ``(3,)`` float64 lower corner in the world [m].
        upper: ``(3,)`` float64 upper corner in the world [m].
    """

    prim_path: str
    lower: np.ndarray
    upper: np.ndarray

    @property
    def center(self) -> np.ndarray:
        """``(3,)`` middle of the box [m]: what a camera aims at."""
        return (self.lower + self.upper) / 2

    @property
    def floor(self) -> float:
        """Height of the ground it stands on [m]."""
        return float(self.lower[2])


def actor_target(spec: ActorSpec) -> TargetBounds:
    """Return the box around an actor where it spawns."""
    lower = spec.position - np.array([spec.radius, spec.radius, 0.0])
    upper = spec.position + np.array([spec.radius, spec.radius, spec.height])
    return TargetBounds(spec.prim_path, lower, upper)


def select_targets(
    names: Sequence[str], actors: Sequence[TargetBounds], locate: Callable[[str], np.ndarray]
) -> list[TargetBounds]:
    """Return the targets that a group's ``targets`` stand for, each once, in the order of the actors.

    A name may be the path of an actor or of a prim below it, a prim above actors (all of them), the name of an actor
    or of a group, or any other prim of the stage.

    Args:
        names: As in the config; empty means all actors.
        actors: All actors.
        locate: Gives the bounds ``(2, 3)`` of any prim of the stage [m], or raises an `AgentError`.

    Raises:
        PlacementError: A name stands for nothing.
    """
    if not names:
        return list(actors)
    chosen: set[str] = set()
    others: dict[str, TargetBounds] = {}
    for name in names:
        found = [actor.prim_path for actor in actors if _stands_for(name, actor.prim_path)]
        chosen.update(found)
        if not found and name not in others:
            others[name] = _locate(name, actors, locate)
    return [actor for actor in actors if actor.prim_path in chosen] + list(others.values())


def _stands_for(name: str, prim_path: str) -> bool:
    if not name.startswith("/"):
        return name in prim_path.split("/")[-2:]
    path, name = prim_path + "/", name.rstrip("/") + "/"
    return path.startswith(name) or name.startswith(path)


def _locate(name: str, actors: Sequence[TargetBounds], locate: Callable[[str], np.ndarray]) -> TargetBounds:
    if name.startswith("/"):
        try:
            lower, upper = np.asarray(locate(name), dtype=np.float64)
        except AgentError as error:
            raise PlacementError(f"Cameras cannot aim at {name}: {error}") from error
        return TargetBounds(name, lower, upper)
    known = sorted({part for actor in actors for part in actor.prim_path.split("/")[-2:]})
    near = difflib.get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known[:8]) or 'none'}"
    raise PlacementError(f'Cameras cannot aim at "{name}": no actor and no group has this name; {hint}')

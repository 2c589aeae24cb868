"""Exact places that a config gives to actors: on the floor, and clear of each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.config.model import ActorGroup
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.navigation.navmesh import NavMesh

_OFF = 0.02  # [m] that a place may be off the floor; rounding of what was read off a stage
_STEP_DOWN = 0.5  # [m] that it may be above or below
_NEAR = 10.0  # [m] in which the nearest good place is looked for
_SAME_FLOOR = 2.0  # [m]


@dataclass(frozen=True, eq=False, slots=True)
class ExactPlace:
    """One spawn point.

    Attributes:
        key_path: Where it stands in the config.
        position: ``(3,)`` on the floor [m].
        radius: Of the actor that stands there [m].
    """

    key_path: str
    position: np.ndarray
    radius: float


def exact_places(section: str, group: ActorGroup, navmesh: NavMesh, radius: float) -> list[ExactPlace]:
    """Return the spawn points of a group, put on the floor.

    Args:
        section: ``"character"`` or ``"robot"``.
        group: The group.
        navmesh: Where its actors can be.
        radius: Of each [m].

    Raises:
        ConfigError: Any of them is off the floor; says where the nearest place on it is.
    """
    if not group.spawn_points:
        return []
    asked = np.array([point.position for point in group.spawn_points], np.float64)
    nearest = np.asarray(navmesh.closest_points(asked, reach=_NEAR), np.float64)
    places, problems = [], []
    for number, (point, found) in enumerate(zip(asked, nearest, strict=True)):
        key_path = f"{section}.groups.{group.name}.spawn_points.{number}.position"
        off = float(np.hypot(*(found - point)[:2]))
        if off <= _OFF and abs(found[2] - point[2]) <= _STEP_DOWN:
            places.append(ExactPlace(key_path, found, radius))
        elif np.isfinite(off):
            message = f"{_text(point)} is not on the walkable floor; the nearest place on it is {_text(found)}"
            problems.append(Problem(key_path, message))
        else:
            message = f"{_text(point)} is not on the walkable floor, and there is none within {_NEAR:g} m of it"
            problems.append(Problem(key_path, message))
    if problems:
        raise ConfigError(problems)
    return places


def exact_yaw(group: ActorGroup, index: int, otherwise: float) -> float:
    """Return where the actor at a spawn point looks [rad]."""
    yaw = group.spawn_points[index].yaw
    return otherwise if yaw is None else math.radians(yaw)


def check_apart(places: Sequence[ExactPlace], others: Sequence[tuple[np.ndarray, float]] = ()) -> None:
    """Make sure that nobody overlaps.

    Args:
        places: Spawn points.
        others: Positions ``(3,)`` and radii [m] of actors that are there already.

    Raises:
        ConfigError: Bodies would overlap; names the spawn points.
    """
    problems = []
    for number, place in enumerate(places):
        for other in places[:number]:
            if _overlap(place.position, place.radius, other.position, other.radius):
                problems.append(Problem(place.key_path, _too_near(place, other.position, other.radius, other.key_path)))
                break
        else:
            for position, radius in others:
                if _overlap(place.position, place.radius, position, radius):
                    problems.append(Problem(place.key_path, _too_near(place, position, radius, "a person")))
                    break
    if problems:
        raise ConfigError(problems)


def _overlap(one: np.ndarray, radius: float, other: np.ndarray, other_radius: float) -> bool:
    apart = other - one
    return bool(np.hypot(apart[0], apart[1]) < radius + other_radius) and abs(float(apart[2])) < _SAME_FLOOR


def _too_near(place: ExactPlace, other: np.ndarray, radius: float, whose: str) -> str:
    apart = float(np.hypot(*(other - place.position)[:2]))
    return (
        f"{_text(place.position)} is {apart:.2f} m from that of {whose}, and the bodies need "
        f"{place.radius + radius:.2f} m; move one of them"
    )


def _text(point: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:.2f}" for value in point) + "]"

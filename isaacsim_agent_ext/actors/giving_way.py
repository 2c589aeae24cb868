"""Giving way: when two people meet where they cannot pass, one of them goes back to let the other through.

Whoever has the shorter way to a *refuge*, a place beside the other's way, walks there, waits until the other is past,
and goes on. So whoever is deep inside a narrow passage comes out first. Those behind the one who comes back meet it
head on in their turn, and give way like anybody else: a queue backs out of a passage one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.detours import distance_to_legs
from isaacsim_agent_ext.actors.routes import path_length
from isaacsim_agent_ext.navigation.navmesh import NavMesh

HURRY = 12
"""Steps without progress after which somebody on the way to a refuge deals with who stands in the way."""

WAIT = 45
"""Steps in a refuge after which somebody goes on in any case."""

MOMENTUM = 2.0
"""How much longer than the other's [m] the way to a new refuge of somebody who gives way already has to be."""

_CANDIDATES = 32
_TRIED = 6  # refuges to which a path is planned
_ROOM = 0.1  # [m] between a refuge and whoever passes
_CROWDED = 1.0  # [m] that a body on a refuge is worth
_LONGEST_WALK = 240  # [steps] on the way to a refuge
_PAST = 2.0  # [m] the other is past when it is this far away


@dataclass(frozen=True, eq=False, slots=True)
class Refuge:
    """A place to wait, as the path to it ``(n, 3)`` [m], and what going there costs [m]."""

    path: np.ndarray
    cost: float


def find_refuge(
    navmesh: NavMesh,
    rng: np.random.Generator,
    here: np.ndarray,
    *,
    reach: float,
    way: np.ndarray,
    clearance: float,
    others: np.ndarray,
    areas: Sequence[str] = (),
) -> Refuge | None:
    """Return the nearest of some random places beside somebody's way, or None.

    Args:
        navmesh: The walkable floor.
        rng: A stream of random numbers.
        here: ``(3,)`` who looks for it [m].
        reach: How far away it may be [m].
        way: ``(n, 3)`` where the other stands and wants to go [m].
        clearance: At which distance the two touch [m].
        others: ``(k, 3)`` positions of those nearby, without the two [m].
        areas: Areas to stay on; empty allows all.
    """
    points = navmesh.random_points_around(rng, here, reach, _CANDIDATES, areas=areas)
    if not len(points):
        return None
    beside = distance_to_legs(points, way[:-1], way[1:]).min(axis=0) > clearance + _ROOM
    points = points[beside]
    apart = others[None, :, :2] - points[:, None, :2]
    crowd = ((apart * apart).sum(axis=2) < clearance**2).sum(axis=1)
    straight = np.sqrt(((points - here) ** 2).sum(axis=1))
    distance = float(np.sqrt(((way[0] - here)[:2] ** 2).sum()))
    best: Refuge | None = None
    for index in np.argsort(straight + _CROWDED * crowd, kind="stable")[:_TRIED]:
        path = navmesh.path(here, points[index], areas=areas)
        if path is None or not path.complete or len(path.points) < 2:
            continue
        nearest = distance_to_legs(way[:1], path.points[:-1], path.points[1:]).min()
        if nearest < min(distance, clearance) - 0.05:
            continue  # it leads past the other
        cost = path_length(path.points) + _CROWDED * float(crowd[index])
        if best is None or cost < best.cost:
            best = Refuge(path.points, cost)
    return best


class GivingWay:
    """Who gives way to whom.

    Args:
        count: Number of actors.

    Attributes:
        active: ``(n,)`` who is on the way to a refuge or waits in it.
        waiting: ``(n,)`` who waits in it.
        goal: ``(n, 3)`` where those who are active want to go afterwards [m].
        beyond: ``(n,)`` the distance from the refuge to that [m]; 0 for everybody else.
    """

    def __init__(self, count: int):
        self.active = np.zeros(count, bool)
        self.waiting = np.zeros(count, bool)
        self.goal = np.zeros((count, 3))
        self.beyond = np.zeros(count)
        self._other = np.zeros(count, np.int64)
        self._steps = np.zeros(count, np.int64)
        self._wait = np.zeros(count, np.int64)

    def begin(self, actor: int, other: int, goal: np.ndarray, beyond: float, wait: int = WAIT) -> None:
        """Let an actor give way to another one, for up to ``wait`` steps, and walk to its goal ``(3,)`` afterwards."""
        self.active[actor], self.waiting[actor] = True, False
        self.goal[actor], self.beyond[actor] = goal, beyond
        self._other[actor], self._steps[actor], self._wait[actor] = other, 0, wait

    def end(self, actor: int) -> None:
        """Let an actor go on."""
        self.active[actor] = self.waiting[actor] = False
        self.beyond[actor] = 0.0

    def observe(self, positions: np.ndarray, in_refuge: np.ndarray) -> np.ndarray:
        """Note who ``(n,)`` has reached its refuge, once per step; return who goes on, in ascending order."""
        rows = np.flatnonzero(self.active)
        if not len(rows):
            return rows
        self._steps[rows] += 1
        begins = rows[in_refuge[rows] & ~self.waiting[rows]]
        self.waiting[begins], self._steps[begins] = True, 0
        apart = positions[rows, :2] - positions[self._other[rows], :2]
        past = (apart * apart).sum(axis=1) > _PAST**2
        waits = self.waiting[rows]
        tired = self._steps[rows] >= np.where(waits, self._wait[rows], _LONGEST_WALK)
        return rows[tired | (waits & past)]

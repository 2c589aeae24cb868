"""Blocked ways: what is done for people who want to walk and make no progress.

Those who stand in the way are asked to step aside. Two who meet where they cannot pass settle who gives way. Otherwise
a detour is tried, at once around robots, every other time around people. Who cannot get nearer to a goal that others
stand on has reached it, and who has tried everything gives it up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.detours import find_detour
from isaacsim_agent_ext.actors.giving_way import HURRY, MOMENTUM, WAIT, GivingWay, Refuge, find_refuge
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.recovery import StallWatch
from isaacsim_agent_ext.actors.routes import Routes, cut_path, path_length, shape_path
from isaacsim_agent_ext.navigation.navmesh import NavMesh

SHUFFLE_SPEED = 0.5
"""Speed of somebody who makes room [m/s]."""

_BESIDE = 0.4  # [m] that may be missing to those who stand around a goal, beyond the own radius
_PACKED = 0.55  # share of the floor that bodies cover in a dense group
_BESIDE_CHECK = 15  # [steps] without progress between looks whether the goal is taken
_ROOM_AHEAD = 0.8  # [m] beyond touching, in which others are asked to make room
_SOON = 5.0  # [m] of a way that others leave free
_SLOW = 0.2  # [m/s]
_NARROW = 1.0  # [m] to a wall, where two people meet; wider bodies need more
_MEETING = 0.4  # [m] between two who meet head on
_MEETING_DRIVEN = 1.2  # [m] the same with what is driven, which people do not go near
_WAIT_FOR_DRIVEN = 150  # [steps] in a refuge; robots creep among people
_ROOM_BESIDE = 0.2  # [m] beyond touching, for whoever is asked to make room; robots keep less


@dataclass(frozen=True, eq=False, slots=True)
class GivenUp:
    """A goal that was given up, and who stood nearest."""

    actor: int
    goal: np.ndarray
    nearest: int | None


@dataclass(frozen=True, eq=False, slots=True)
class Walkers:
    """Everybody on the floor and where they go; the arrays change from step to step.

    Attributes:
        bodies: Where everybody is.
        navmesh: The floor.
        routes: Where those who walk go.
        walking: ``(n,)`` who walks.
        driven: ``(n,)`` who is moved by something else.
        areas: For each the areas to stay on; empty allows all.
    """

    bodies: Bodies
    navmesh: NavMesh
    routes: Routes
    walking: np.ndarray
    driven: np.ndarray
    areas: list[tuple[str, ...]]


class BlockedWays:
    """Who is blocked, and what is being done about it.

    Args:
        walkers: Everybody.
        rng: The random stream of an actor (by index).

    Attributes:
        stalls: How long everybody has been without progress.
        giving: Who gives way to whom.
    """

    def __init__(self, walkers: Walkers, rng: Callable[[int], np.random.Generator]):
        count = len(walkers.walking)
        self.stalls = StallWatch(count)
        self.giving = GivingWay(count)
        self._walkers = walkers
        self._rng = rng
        self._direction = np.zeros((count, 2))
        self._pairs = np.empty(0, np.int64), np.empty(0, np.int64)

    def restart(self, actor: int) -> None:
        """Forget an actor's troubles: it has a new goal, or none."""
        self.stalls.restart(actor)
        self.giving.end(actor)

    def reroute(self, actor: int) -> None:
        """Find a new way to where its route ends for somebody who was pushed off it."""
        self._route_to(actor, self._walkers.routes.goal(actor))

    def release(self, in_refuge: np.ndarray) -> None:
        """Let those walk on whom they gave way to is past; ``in_refuge`` ``(n,)`` are at the end of their route."""
        for actor in self.giving.observe(self._walkers.bodies.position, in_refuge).tolist():
            if self._route_to(actor, self.giving.goal[actor]):
                self.giving.end(actor)

    def help(
        self,
        rows: np.ndarray,
        remaining: np.ndarray,
        arrived: np.ndarray,
        direction: np.ndarray,
        pairs: tuple[np.ndarray, np.ndarray],
    ) -> tuple[np.ndarray, tuple[GivenUp, ...]]:
        """Help those who make no progress, once per step.

        Args:
            rows: ``(k,)`` who walks.
            remaining: ``(k,)`` distance to the end of their routes [m].
            arrived: ``(k,)`` whether they need no help any more.
            direction: ``(n, 2)`` of everybody's route.
            pairs: Who is near whom, as `neighbor_pairs`.

        Returns:
            Who has come as near as possible to a goal that others stand on, and who has given up.
        """
        self._direction, self._pairs = direction, pairs
        giving, stalls = self.giving, self.stalls
        stalls.stalled[giving.waiting] = 0
        blocked = stalls.observe(rows, remaining + giving.beyond[rows])
        stalled = stalls.stalled[rows]
        looking = rows[(stalled > 0) & (stalled % _BESIDE_CHECK == 0) & ~arrived & ~giving.active[rows]]
        beside = looking[np.array([self._goal_is_taken(actor) for actor in looking.tolist()], bool)]
        hurried = rows[giving.active[rows] & ~giving.waiting[rows] & (stalled > 0) & (stalled % HURRY == 0)]
        if not len(blocked.retrying) + len(blocked.hopeless) + len(hurried):
            return beside, ()
        for actor in np.setdiff1d(np.union1d(blocked.retrying, hurried), beside).tolist():
            if giving.waiting[actor]:
                continue
            self._get_on(actor)
            if actor in blocked.retrying:
                stalls.retry(actor)
        given_up = tuple(
            GivenUp(actor, self._goal(actor), self._nearest(actor))
            for actor in np.setdiff1d(blocked.hopeless, beside).tolist()
        )
        return beside, given_up

    def ask_for_room(self, actor: int, way: np.ndarray, others: np.ndarray) -> None:
        """Let those people among some who are in an actor's way make room.

        Those who stand step aside, each to the side on which it is already. Those who walk and are kept from it by
        something that is driven go to a place beside its way.

        Args:
            actor: Who wants to pass.
            way: ``(n, 3)`` where it is and wants to go [m].
            others: Indices of those near it.
        """
        bodies, walking = self._walkers.bodies, self._walkers.walking
        leg = (way[1] - way[0])[:2]
        leg /= max(float(np.sqrt((leg * leg).sum())), 1e-9)
        others = others[~self._walkers.driven[others]]
        apart = bodies.position[others, :2] - bodies.position[actor, :2]
        ahead = apart[:, 0] * leg[0] + apart[:, 1] * leg[1]
        left = apart[:, 1] * leg[0] - apart[:, 0] * leg[1]
        reach = bodies.radius[others] + bodies.radius[actor]
        blocks = (ahead > 0.0) & (ahead < reach + _ROOM_AHEAD) & (np.abs(left) < reach + _ROOM_BESIDE)
        stands = blocks & ~walking[others]
        side = np.where(left[stands] > 0.0, SHUFFLE_SPEED, -SHUFFLE_SPEED)
        self.stalls.step_aside(others[stands], side[:, None] * np.array([-leg[1], leg[0]]))
        if self._walkers.driven[actor]:
            for other in others[blocks & walking[others] & ~self.giving.active[others]].tolist():
                refuge = self._refuge(other, actor, way, others)
                if refuge is not None:
                    self._give_way(other, actor, refuge)

    def _get_on(self, actor: int) -> None:
        """Try something for somebody who is blocked."""
        walkers = self._walkers
        here = walkers.bodies.position[actor]
        self.ask_for_room(actor, walkers.routes.ahead(actor, here), self._others(actor))
        # People go out of the way of somebody who waits; a robot that waits may stay for long.
        if not self._settle(actor) and (self.stalls.attempts[actor] % 2 or self._is_kept_by_driven(actor)):
            self._detour(actor)

    # ---- who is in the way -------------------------------------------------------------------------------------

    def _others(self, actor: int) -> np.ndarray:
        first, second = self._pairs
        return np.concatenate([second[first == actor], first[second == actor]])

    def _nearest(self, actor: int) -> int | None:
        others = self._others(actor)
        return int(others[self._distances(actor, others)[1].argmin()]) if len(others) else None

    def _distances(self, actor: int, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return for some others the offset ``(k, 2)``, the distance, and how far ahead they are ``(k,)`` [m]."""
        position, (dx, dy) = self._walkers.bodies.position, self._direction[actor]
        apart = position[others, :2] - position[actor, :2]
        return apart, np.sqrt((apart * apart).sum(axis=1)), apart[:, 0] * dx + apart[:, 1] * dy

    def _touching(self, actor: int, others: np.ndarray, distance: np.ndarray) -> np.ndarray:
        radius = self._walkers.bodies.radius
        room = np.where(self._walkers.driven[others], _MEETING_DRIVEN, _MEETING)
        return distance < radius[others] + radius[actor] + room

    def _opponent(self, actor: int) -> int | None:
        """Return the nearest of those who come towards a blocked actor and are about to touch it."""
        others = self._others(actor)
        driven = self._walkers.driven[others]
        way = np.where(driven[:, None], self._walkers.bodies.heading[others], self._direction[others])
        _, distance, ahead = self._distances(actor, others)
        dx, dy = self._direction[actor]
        towards = way[:, 0] * dx + way[:, 1] * dy < -0.2
        meets = np.flatnonzero((ahead > 0.3 * distance) & towards & self._touching(actor, others, distance))
        return int(others[meets[distance[meets].argmin()]]) if len(meets) else None

    def _is_kept_by_driven(self, actor: int) -> bool:
        """Return whether something that is driven stands right before an actor."""
        others = self._others(actor)
        others = others[self._walkers.driven[others]]
        _, distance, ahead = self._distances(actor, others)
        return bool(((ahead > 0.0) & self._touching(actor, others, distance)).any())

    def _is_narrow(self, actor: int, other: int) -> bool:
        """Return whether a wall is so near that two may not get past each other; in the open they find a way."""
        position, radius = self._walkers.bodies.position[actor], self._walkers.bodies.radius
        reach = _NARROW + 2.0 * float(radius[other] - radius[actor])
        return bool(self._walkers.navmesh.distance_to_wall(position[None], reach=reach)[0] < reach)

    def _goal_is_taken(self, actor: int) -> bool:
        """Return whether somebody stands on an actor's goal and it is next to them, or to all who stand around it."""
        bodies, goal = self._walkers.bodies, self._walkers.routes.goal(actor)
        others = self._others(actor)
        others = others[~self._walkers.walking[others]]
        to_goal = bodies.position[others, :2] - goal[:2]
        away, radius = np.sqrt((to_goal * to_goal).sum(axis=1)), bodies.radius[others]
        missing = bodies.position[actor, :2] - goal[:2]
        distance = float(np.sqrt((missing * missing).sum()))
        around = radius[away < distance]
        pack = float(np.sqrt((around * around).sum() / _PACKED))  # radius of a disc that they fill
        on_goal = bool((away < radius + bodies.radius[actor]).any())
        return on_goal and distance < pack + float(bodies.radius[actor]) + _BESIDE

    # ---- giving way --------------------------------------------------------------------------------------------

    def _settle(self, actor: int) -> bool:
        """Find who meets a blocked actor head on, and let one of the two give way; returns whether there was one."""
        other = self._opponent(actor)
        if other is None or not self._is_narrow(actor, other):
            return False
        mine = self._refuge(actor, other, self._way(other), self._others(actor))
        theirs = None
        if self._walkers.walking[other] and not self.giving.waiting[other]:
            theirs = self._refuge(other, actor, self._way(actor), self._others(other))
        if mine is not None and (theirs is None or self._cost(actor, mine) <= self._cost(other, theirs)):
            self._give_way(actor, other, mine)
        elif theirs is not None:
            self._give_way(other, actor, theirs)
        return mine is not None or theirs is not None

    def _cost(self, actor: int, refuge: Refuge) -> float:
        return refuge.cost + MOMENTUM * bool(self.giving.active[actor])

    def _way(self, actor: int) -> np.ndarray:
        """Return where an actor is and will soon be ``(n, 3)`` [m]."""
        bodies = self._walkers.bodies
        here = bodies.position[actor]
        if self._walkers.driven[actor]:
            return np.array([here, here + _SOON * np.append(bodies.heading[actor], 0.0)])
        return cut_path(self._walkers.routes.ahead(actor, here), _SOON)

    def _refuge(self, actor: int, other: int, way: np.ndarray, around: np.ndarray) -> Refuge | None:
        """Return a place for an actor beside another one's way; ``around`` are those nearby."""
        bodies = self._walkers.bodies
        clearance = float(bodies.radius[actor] + bodies.radius[other])
        return find_refuge(
            self._walkers.navmesh,
            self._rng(actor),
            bodies.position[actor],
            reach=2.5 + clearance + 0.5 * float(self.stalls.attempts[actor]),
            way=way,
            clearance=clearance,
            others=bodies.position[around[(around != other) & (around != actor)]],
            areas=self._walkers.areas[actor],
        )

    def _give_way(self, actor: int, other: int, refuge: Refuge) -> None:
        walkers, goal = self._walkers, self._goal(actor)
        on = walkers.navmesh.path(refuge.path[-1], goal, areas=walkers.areas[actor])
        beyond = path_length(on.points) if on is not None else 0.0
        walkers.routes.set(actor, shape_path(refuge.path, walkers.navmesh))
        self.giving.begin(actor, other, goal, beyond, _WAIT_FOR_DRIVEN if walkers.driven[other] else WAIT)
        self.stalls.retry(actor)

    def _goal(self, actor: int) -> np.ndarray:
        return self.giving.goal[actor].copy() if self.giving.active[actor] else self._walkers.routes.goal(actor)

    # ---- other ways --------------------------------------------------------------------------------------------

    def _route_to(self, actor: int, goal: np.ndarray) -> bool:
        walkers = self._walkers
        path = walkers.navmesh.path(walkers.bodies.position[actor], goal, areas=walkers.areas[actor])
        if path is None or not path.complete:
            return False
        walkers.routes.set(actor, shape_path(path.points, walkers.navmesh))
        return True

    def _detour(self, actor: int) -> None:
        """Send a blocked actor around those who stand in its way."""
        walkers, bodies = self._walkers, self._walkers.bodies
        others = self._others(actor)
        velocity = bodies.velocity[others]
        others = others[(velocity * velocity).sum(axis=1) < _SLOW**2]
        detour = find_detour(
            walkers.navmesh,
            self._rng(actor),
            bodies.position[actor],
            walkers.routes.corner(actor),
            self._goal(actor),
            attempts=int(self.stalls.attempts[actor]),
            standing=bodies.position[others],
            clearance=bodies.radius[others] + bodies.radius[actor],
            areas=walkers.areas[actor],
        )
        if detour is None:
            self.reroute(actor)
        else:
            self.giving.end(actor)
            walkers.routes.set(actor, shape_path(detour, walkers.navmesh))

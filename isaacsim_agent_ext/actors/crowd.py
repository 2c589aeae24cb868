"""The crowd: all bodies on the floor, moved together one step at a time.

The crowd knows routes, avoidance and blocked ways, but nothing of behaviors: it is told who walks where, and says
who has arrived and who has given up. Bodies that something else drives are avoided like people, and never moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.avoidance import AvoidanceSettings, Movers, avoid
from isaacsim_agent_ext.actors.detours import find_detour
from isaacsim_agent_ext.actors.giving_way import HURRY, MOMENTUM, GivingWay, Refuge, find_refuge
from isaacsim_agent_ext.actors.locomotion import Bodies, MotionLimits, limit_change, turn_first, turn_towards
from isaacsim_agent_ext.actors.neighbors import SAME_FLOOR, neighbor_pairs
from isaacsim_agent_ext.actors.recovery import StallWatch
from isaacsim_agent_ext.actors.routes import Routes, cut_path, path_length, shape_path
from isaacsim_agent_ext.actors.separation import separate, slide
from isaacsim_agent_ext.actors.walls import WallSense
from isaacsim_agent_ext.navigation.navmesh import NavMesh

STEP = 1.0 / 30.0
"""One simulation step [s]."""

_ARRIVED = 1e-4  # [m]
_NEAR_ENOUGH = 0.2  # [m] for somebody who would have to push others to get nearer
_FARTHEST_LOOK = 5.0  # [m] nobody minds others further away
_BESIDE = 0.4  # [m] that may be missing to those who stand around a goal, beyond the own radius
_PACKED = 0.55  # share of the floor that bodies cover in a dense group
_BESIDE_CHECK = 15  # [steps] without progress between looks whether the goal is taken
_SHUFFLE_SPEED = 0.5  # [m/s] of somebody who makes room
_ROOM_AHEAD = 0.8  # [m] beyond touching, in which others are asked to make room
_SHUFFLE_DISTANCE = 0.3  # [m]
_SLOW = 0.2  # [m/s]
_NARROW = 1.0  # [m] to a wall
_MEETING = 0.4  # [m] between two who meet head on


@dataclass(frozen=True, eq=False, slots=True)
class GivenUp:
    """A goal that was given up, and who stood nearest."""

    actor: int
    goal: np.ndarray
    nearest: int | None


@dataclass(frozen=True, eq=False, slots=True)
class StepResult:
    """Whose walk ended in a step."""

    arrived: np.ndarray
    given_up: tuple[GivenUp, ...]


class Crowd:
    """All bodies and where they go.

    Args:
        bodies: Where everybody stands; nobody overlaps.
        navmesh: The walkable floor.
        rng: The random stream of an actor (by index) for getting out of blocked ways.
        limits: What the bodies can do.
        avoidance: How they avoid each other.
        driven: Indices of bodies that something else moves, before each step and clear of everybody.
    """

    def __init__(
        self,
        bodies: Bodies,
        navmesh: NavMesh,
        rng: Callable[[int], np.random.Generator],
        *,
        limits: MotionLimits | None = None,
        avoidance: AvoidanceSettings | None = None,
        driven: Sequence[int] = (),
    ):
        count = len(bodies.radius)
        self.bodies = bodies
        self.walking = np.zeros(count, bool)
        self._navmesh = navmesh
        self._rng = rng
        self._limits = limits or MotionLimits()
        self._avoidance = avoidance or AvoidanceSettings()
        self._routes = Routes(count)
        self._stalls = StallWatch(count)
        self._giving = GivingWay(count)
        self._direction = np.zeros((count, 2))  # of the routes
        self._walls = WallSense(navmesh, count)
        self._speed = np.zeros(count)
        self._areas: list[tuple[str, ...]] = [()] * count
        self._facing_wish = np.zeros((count, 2))
        self._drives = np.zeros(count, bool)
        self._drives[list(driven)] = True
        self._sort_out_driven()

    def walk(self, actor: int, path: np.ndarray, speed: float, areas: tuple[str, ...] = ()) -> None:
        """Let an actor walk along a path ``(n, 3)`` that begins where it stands.

        Args:
            actor: Index.
            path: Corners [m].
            speed: Walking speed [m/s].
            areas: Areas to stay on when another way has to be found; empty allows all.
        """
        self._routes.set(actor, path)
        self._stalls.restart(actor)
        self._giving.end(actor)
        self._speed[actor] = speed
        self._areas[actor] = areas
        self.walking[actor] = True

    def stand(self, actor: int) -> None:
        """Let an actor come to a stop and stay where it is."""
        self._stalls.restart(actor)
        self._giving.end(actor)
        self.walking[actor] = False

    def pace(self, actor: int, speed: float) -> None:
        """Let a walking actor go on at another speed [m/s]."""
        self._speed[actor] = speed

    def face(self, actor: int, direction: np.ndarray | None) -> None:
        """Let an actor turn to a direction ``(2,)``, a unit vector, whenever it stands; None lets it be."""
        self._facing_wish[actor] = 0.0 if direction is None else direction

    def hold(self, actor: int) -> None:
        """Leave an actor to somebody else, who moves it from now on; it stands."""
        self.stand(actor)
        self._drives[actor] = True
        self._sort_out_driven()

    def let_go(self, actor: int) -> None:
        """Take an actor back that was held."""
        self._drives[actor] = False
        self._sort_out_driven()

    def _sort_out_driven(self) -> None:
        self._driven, self._people = np.flatnonzero(self._drives), np.flatnonzero(~self._drives)

    def step(self) -> StepResult:
        """Advance everybody by `STEP`."""
        bodies, before = self.bodies, self.bodies.position
        rows = np.flatnonzero(self.walking)
        speed = np.sqrt(bodies.velocity[:, 0] ** 2 + bodies.velocity[:, 1] ** 2)
        yielding = self.walking | self._stalls.stepping_aside
        mobile = yielding | (speed > 0.0)  # who was told to stand still takes a moment to stop
        mobile[self._driven] = False
        turns = bodies.turn_rate[self._people].any() or self._facing_wish[self._people].any()
        if not mobile.any() and not turns:
            return StepResult(rows, ())

        for actor in self._routes.advance(before, rows, self._navmesh):
            self._reroute(int(actor))
        preferred, direction = self._wishes(rows)
        self._direction = direction
        most = np.where(self.walking, self._speed, np.maximum(speed, _SHUFFLE_SPEED))
        most = np.where(mobile, np.maximum(most, _SHUFFLE_SPEED), 0.0)
        most[self._driven] = speed[self._driven]
        pairs = self._pairs(before, most)
        movers = Movers(before[:, :2], bodies.velocity, preferred, most, bodies.radius, yielding)
        wanted, deviates = avoid(movers, pairs, lambda some: self._walls.half_planes(before, some), self._avoidance)
        vigor = self._limits.vigor(self._speed)
        acceleration = vigor * np.where(deviates, self._limits.avoiding_acceleration, self._limits.acceleration)
        velocity = limit_change(bodies.velocity, wanted, acceleration, STEP)

        after = before.copy()
        goers = np.flatnonzero(mobile)
        target = before[goers]
        target[:, :2] += velocity[goers] * STEP
        after[goers] = slide(self._navmesh, before[goers], target)
        after = separate(before, after, bodies.radius, mobile=mobile, pairs=pairs, navmesh=self._navmesh)

        shift = (after - before) / STEP
        moved_elsewhere = bodies.motion_of(self._driven)
        bodies.position, bodies.velocity, bodies.climb = after, shift[:, :2], shift[:, 2]
        turn_towards(bodies, self._facing(direction), self._limits, STEP)
        bodies.set_motion_of(self._driven, moved_elsewhere)
        return self._finish(rows, deviates, pairs)

    def _pairs(self, positions: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return who minds whom, as `neighbor_pairs`; what is driven changes nothing between people."""
        people, driven = self._people, self._driven
        first, second = neighbor_pairs(positions[people], self._look_distance(most))
        if not len(driven):
            return first, second
        reach = self.bodies.radius + self._avoidance.horizon * most
        apart = positions[people, None] - positions[None, driven]
        look = np.minimum(reach[people, None] + reach[driven], _FARTHEST_LOOK) + self._avoidance.personal_space
        look = np.maximum(look, self.bodies.radius[people, None] + self.bodies.radius[driven] + 1.0)
        near = (apart[..., 0] ** 2 + apart[..., 1] ** 2 <= look * look) & (np.abs(apart[..., 2]) <= SAME_FLOOR)
        person, other = np.nonzero(near)
        first = np.concatenate([people[first], people[person]])
        second = np.concatenate([people[second], driven[other]])
        return np.minimum(first, second), np.maximum(first, second)

    def _look_distance(self, most: np.ndarray) -> float:
        """Return how far apart two people may be and still mind each other [m]."""
        radius, settings = float(self.bodies.radius[self._people].max()), self._avoidance
        look = 2.0 * (radius + settings.horizon * float(most[self._people].max())) + settings.personal_space
        return max(min(look, _FARTHEST_LOOK), 2.0 * radius + 1.0)

    def _wishes(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the velocities everybody would take alone, and the directions of the routes, ``(n, 2)`` each."""
        bodies = self.bodies
        aside = self._stalls.stepping_aside & ~self.walking
        preferred, directions = np.where(aside[:, None], self._stalls.aside, 0.0), np.zeros_like(bodies.velocity)
        if not len(rows):
            return preferred, directions
        braking = self._limits.braking * self._limits.vigor(self._speed[rows])
        direction, speed = self._routes.steer(bodies.position, rows, self._speed[rows], braking, STEP)
        # The last half step to a goal needs no turning.
        shuffling = self._routes.remaining(bodies.position, rows) < _SHUFFLE_DISTANCE
        share = np.where(shuffling, 1.0, turn_first(direction, bodies.heading[rows], bodies.velocity[rows]))
        waits = self._giving.waiting[rows]
        preferred[rows] = direction * np.where(waits, 0.0, speed * share)[:, None]
        directions[rows] = np.where((shuffling | waits)[:, None], 0.0, direction)
        return preferred, directions

    def _facing(self, direction: np.ndarray) -> np.ndarray:
        """Return where walkers turn: where they walk, and where they want to walk when they hardly move."""
        velocity = self.bodies.velocity
        speed = np.sqrt(velocity[:, 0] ** 2 + velocity[:, 1] ** 2)
        # Whoever has to step back or aside does not turn away from where it is going.
        heading = self.bodies.heading
        onward = (velocity[:, 0] * heading[:, 0] + velocity[:, 1] * heading[:, 1]) / np.maximum(speed, 1e-9)
        weight = np.where(self.walking & (speed > 0.25), np.clip(2.0 * onward + 0.6, 0.0, 1.0), 0.0)
        facing = velocity * weight[:, None] + 0.4 * direction
        size = np.sqrt(facing[:, 0] ** 2 + facing[:, 1] ** 2)
        onwards = np.where((size > 0.05)[:, None], facing / np.maximum(size, 1e-9)[:, None], 0.0)
        return np.where(self.walking[:, None], onwards, self._facing_wish)

    def _finish(self, rows: np.ndarray, deviates: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> StepResult:
        """Find out who has arrived, and help those who are blocked."""
        giving = self._giving
        in_refuge = np.zeros(len(self.walking), bool)
        in_refuge[rows] = self._routes.remaining(self.bodies.position, rows) < _NEAR_ENOUGH
        for actor in giving.observe(self.bodies.position, in_refuge):
            self._go_on(int(actor))
        remaining = self._routes.remaining(self.bodies.position, rows)
        arrived = ~giving.active[rows] & (remaining <= np.where(deviates[rows], _NEAR_ENOUGH, _ARRIVED))
        self._stalls.stalled[giving.waiting] = 0
        blocked = self._stalls.observe(rows, remaining + giving.beyond[rows])
        stalled = self._stalls.stalled[rows]
        waiting = rows[(stalled > 0) & (stalled % _BESIDE_CHECK == 0) & ~arrived & ~giving.active[rows]]
        taken = [self._goal_is_taken(int(actor), pairs) for actor in waiting]
        beside = waiting[np.array(taken, bool)]
        hurried = rows[giving.active[rows] & ~giving.waiting[rows] & (stalled > 0) & (stalled % HURRY == 0)]
        for actor in np.setdiff1d(np.union1d(blocked.retrying, hurried), beside):
            if giving.waiting[actor]:
                continue
            self._ask_for_room(int(actor), pairs)
            if not self._settle(int(actor), pairs) and self._stalls.attempts[actor] % 2:
                self._detour(int(actor), pairs)
            if actor in blocked.retrying:
                self._stalls.retry(int(actor))
        given_up = tuple(
            GivenUp(int(actor), self._goal(int(actor)), self._nearest(int(actor), pairs))
            for actor in np.setdiff1d(blocked.hopeless, beside)
        )
        done = np.union1d(rows[arrived], beside)
        for actor in done:
            self.stand(int(actor))
        for gone in given_up:
            self.stand(gone.actor)
        self.bodies.velocity[rows[arrived & (remaining <= _ARRIVED)]] = 0.0
        return StepResult(done, given_up)

    def _goal(self, actor: int) -> np.ndarray:
        return self._giving.goal[actor].copy() if self._giving.active[actor] else self._routes.goal(actor)

    def _settle(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> bool:
        """Find who meets a blocked actor head on, and let one of the two give way; returns whether there was one."""
        other = self._opponent(actor, pairs)
        if other is None or not (other in self._driven or self._is_narrow(actor)):
            return False
        mine = self._refuge(actor, other, self._way(other), self._others(actor, pairs))
        theirs = None
        if self.walking[other] and not self._giving.waiting[other]:
            theirs = self._refuge(other, actor, self._way(actor), self._others(other, pairs))
        if mine is not None and (theirs is None or self._cost(actor, mine) <= self._cost(other, theirs)):
            self._give_way(actor, other, mine)
        elif theirs is not None:
            self._give_way(other, actor, theirs)
        return mine is not None or theirs is not None

    def _is_narrow(self, actor: int) -> bool:
        """Return whether there is a wall near an actor; in the open, people find a way past each other."""
        position = self.bodies.position[actor]
        return bool(self._navmesh.distance_to_wall(position[None], reach=_NARROW)[0] < _NARROW)

    def _cost(self, actor: int, refuge: Refuge) -> float:
        return refuge.cost + MOMENTUM * bool(self._giving.active[actor])

    def _opponent(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> int | None:
        """Return the nearest of those who come towards a blocked actor and are about to touch it."""
        bodies, direction = self.bodies, self._direction
        others = self._others(actor, pairs)
        way = np.where(np.isin(others, self._driven)[:, None], bodies.heading[others], direction[others])
        apart = bodies.position[others, :2] - bodies.position[actor, :2]
        distance = np.sqrt((apart * apart).sum(axis=1))
        dx, dy = direction[actor]
        ahead = apart[:, 0] * dx + apart[:, 1] * dy > 0.3 * distance
        towards = way[:, 0] * dx + way[:, 1] * dy < -0.2
        near = distance < bodies.radius[others] + bodies.radius[actor] + _MEETING
        meets = np.flatnonzero(ahead & towards & near)
        return int(others[meets[distance[meets].argmin()]]) if len(meets) else None

    def _way(self, actor: int) -> np.ndarray:
        """Return where an actor is and will soon be ``(n, 3)`` [m]."""
        here = self.bodies.position[actor]
        if actor in self._driven:
            return np.array([here, here + _FARTHEST_LOOK * np.append(self.bodies.heading[actor], 0.0)])
        return cut_path(self._routes.ahead(actor, here), _FARTHEST_LOOK)

    def _refuge(self, actor: int, other: int, way: np.ndarray, around: np.ndarray) -> Refuge | None:
        """Return a place for an actor beside another one's way; ``around`` are those nearby."""
        bodies = self.bodies
        clearance = float(bodies.radius[actor] + bodies.radius[other])
        return find_refuge(
            self._navmesh,
            self._rng(actor),
            bodies.position[actor],
            reach=2.5 + clearance + 0.5 * float(self._stalls.attempts[actor]),
            way=way,
            clearance=clearance,
            others=bodies.position[around[(around != other) & (around != actor)]],
            areas=self._areas[actor],
        )

    def _give_way(self, actor: int, other: int, refuge: Refuge) -> None:
        goal = self._goal(actor)
        on = self._navmesh.path(refuge.path[-1], goal, areas=self._areas[actor])
        beyond = path_length(on.points) if on is not None else 0.0
        self._routes.set(actor, shape_path(refuge.path, self._navmesh))
        self._giving.begin(actor, other, goal, beyond)
        self._stalls.retry(actor)

    def _others(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        first, second = pairs
        return np.concatenate([second[first == actor], first[second == actor]])

    def _goal_is_taken(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> bool:
        """Return whether somebody stands on an actor's goal and it is next to them, or to all who stand around it."""
        bodies, goal = self.bodies, self._routes.goal(actor)
        others = self._others(actor, pairs)
        others = others[~self.walking[others]]
        to_goal = bodies.position[others, :2] - goal[:2]
        away, radius = np.sqrt((to_goal * to_goal).sum(axis=1)), bodies.radius[others]
        missing = bodies.position[actor, :2] - goal[:2]
        distance = float(np.sqrt((missing * missing).sum()))
        around = radius[away < distance]
        pack = float(np.sqrt((around * around).sum() / _PACKED))  # radius of a disc that they fill
        on_goal = bool((away < radius + bodies.radius[actor]).any())
        return on_goal and distance < pack + float(bodies.radius[actor]) + _BESIDE

    def ask_for_room(self, actor: int, way: np.ndarray, others: np.ndarray) -> None:
        """Let those people among some who are in an actor's way make room.

        Those who stand step aside, each to the side on which it is already. Those who walk and are kept from it by
        something that is driven go to a place beside its way.

        Args:
            actor: Who wants to pass.
            way: ``(n, 3)`` where it is and wants to go [m].
            others: Indices of those near it.
        """
        bodies = self.bodies
        leg = (way[1] - way[0])[:2]
        leg /= max(float(np.sqrt((leg * leg).sum())), 1e-9)
        others = others[~np.isin(others, self._driven)]
        apart = bodies.position[others, :2] - bodies.position[actor, :2]
        ahead = apart[:, 0] * leg[0] + apart[:, 1] * leg[1]
        left = apart[:, 1] * leg[0] - apart[:, 0] * leg[1]
        reach = bodies.radius[others] + bodies.radius[actor]
        blocks = (ahead > 0.0) & (ahead < reach + _ROOM_AHEAD) & (np.abs(left) < reach + 0.1)
        stands = blocks & ~self.walking[others]
        side = np.where(left[stands] > 0.0, _SHUFFLE_SPEED, -_SHUFFLE_SPEED)
        self._stalls.step_aside(others[stands], side[:, None] * np.array([-leg[1], leg[0]]))
        if actor in self._driven:
            for other in others[blocks & self.walking[others] & ~self._giving.active[others]]:
                refuge = self._refuge(int(other), actor, way, others)
                if refuge is not None:
                    self._give_way(int(other), actor, refuge)

    def _ask_for_room(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> None:
        self.ask_for_room(actor, self._routes.ahead(actor, self.bodies.position[actor]), self._others(actor, pairs))

    def _nearest(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> int | None:
        others = self._others(actor, pairs)
        if not len(others):
            return None
        apart = self.bodies.position[others, :2] - self.bodies.position[actor, :2]
        return int(others[(apart * apart).sum(axis=1).argmin()])

    def _reroute(self, actor: int) -> None:
        """Find a new way to where its route ends for somebody who was pushed off it."""
        self._route_to(actor, self._routes.goal(actor))

    def _go_on(self, actor: int) -> None:
        """Let somebody who gave way walk to its goal."""
        if self._route_to(actor, self._giving.goal[actor]):
            self._giving.end(actor)

    def _route_to(self, actor: int, goal: np.ndarray) -> bool:
        path = self._navmesh.path(self.bodies.position[actor], goal, areas=self._areas[actor])
        if path is None or not path.complete:
            return False
        self._routes.set(actor, shape_path(path.points, self._navmesh))
        return True

    def _detour(self, actor: int, pairs: tuple[np.ndarray, np.ndarray]) -> None:
        """Send a blocked actor around those who stand in its way."""
        bodies = self.bodies
        others = self._others(actor, pairs)
        velocity = bodies.velocity[others]
        others = others[(velocity * velocity).sum(axis=1) < _SLOW**2]
        detour = find_detour(
            self._navmesh,
            self._rng(actor),
            bodies.position[actor],
            self._routes.corner(actor),
            self._goal(actor),
            attempts=int(self._stalls.attempts[actor]),
            standing=bodies.position[others],
            clearance=bodies.radius[others] + bodies.radius[actor],
            areas=self._areas[actor],
        )
        if detour is None:
            self._reroute(actor)
        else:
            self._giving.end(actor)
            self._routes.set(actor, shape_path(detour, self._navmesh))

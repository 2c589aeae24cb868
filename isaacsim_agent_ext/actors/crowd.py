"""The crowd: all bodies on the floor, moved together one step at a time.

The crowd knows routes, avoidance and blocked ways, but nothing of behaviors: it is told who walks where, and says
who has arrived and who has given up. Bodies that something else drives are avoided like people, and never moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.avoidance import AvoidanceSettings, Movers, avoid
from isaacsim_agent_ext.actors.blocked_ways import SHUFFLE_SPEED, BlockedWays, GivenUp, Walkers
from isaacsim_agent_ext.actors.locomotion import Bodies, MotionLimits, limit_change, turn_first, turn_towards
from isaacsim_agent_ext.actors.neighbors import SAME_FLOOR, neighbor_pairs
from isaacsim_agent_ext.actors.routes import Routes
from isaacsim_agent_ext.actors.separation import separate, slide
from isaacsim_agent_ext.actors.walls import WallSense
from isaacsim_agent_ext.navigation.navmesh import NavMesh

STEP = 1.0 / 30.0
"""One simulation step [s]."""

_ARRIVED = 1e-4  # [m]
_NEAR_ENOUGH = 0.2  # [m] for somebody who would have to push others to get nearer
_FARTHEST_LOOK = 4.0  # [m] nobody minds others further away
_SHUFFLE_DISTANCE = 0.3  # [m]


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
        self._limits = limits or MotionLimits()
        self._avoidance = avoidance or AvoidanceSettings()
        self._routes = Routes(count)
        self._direction = np.zeros((count, 2))  # of the routes
        self._walls = WallSense(navmesh, count)
        self._speed = np.zeros(count)
        self._areas: list[tuple[str, ...]] = [()] * count
        self._facing_wish = np.zeros((count, 2))
        self._drives = np.zeros(count, bool)
        self._drives[list(driven)] = True
        self._intent = np.zeros((count, 2))  # velocities that driven bodies want
        walkers = Walkers(bodies, navmesh, self._routes, self.walking, self._drives, self._areas)
        self._blocked = BlockedWays(walkers, rng)
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
        self._blocked.restart(actor)
        self._speed[actor] = speed
        self._areas[actor] = areas
        self.walking[actor] = True

    def stand(self, actor: int) -> None:
        """Let an actor come to a stop and stay where it is."""
        self._blocked.restart(actor)
        self.walking[actor] = False

    def pace(self, actor: int, speed: float) -> None:
        """Let a walking actor go on at another speed [m/s]."""
        self._speed[actor] = speed

    def face(self, actor: int, direction: np.ndarray | None) -> None:
        """Let an actor turn to a direction ``(2,)``, a unit vector, whenever it stands; None lets it be."""
        self._facing_wish[actor] = 0.0 if direction is None else direction

    def announce(self, actor: int, velocity: np.ndarray) -> None:
        """Let people reckon with the velocity ``(2,)`` that a driven body wants [m/s], which may stand for them."""
        self._intent[actor] = velocity

    def ask_for_room(self, actor: int, way: np.ndarray, others: np.ndarray) -> None:
        """Let people make room, as `BlockedWays.ask_for_room`."""
        self._blocked.ask_for_room(actor, way, others)

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
        yielding = self.walking | self._blocked.stalls.stepping_aside
        mobile = yielding | (speed > 0.0)  # who was told to stand still takes a moment to stop
        mobile[self._driven] = False
        turns = bodies.turn_rate[self._people].any() or self._facing_wish[self._people].any()
        if not mobile.any() and not turns:
            return StepResult(rows, ())

        for actor in self._routes.advance(before, rows, self._navmesh).tolist():
            self._blocked.reroute(actor)
        preferred, direction = self._wishes(rows)
        self._direction = direction
        most = np.where(self.walking, self._speed, np.maximum(speed, SHUFFLE_SPEED))
        most = np.where(mobile, np.maximum(most, SHUFFLE_SPEED), 0.0)
        expected = self._expected()
        most[self._driven] = np.sqrt((expected[self._driven] ** 2).sum(axis=1))
        pairs = self._pairs(before, most)
        movers = Movers(before[:, :2], expected, preferred, most, bodies.radius, yielding)
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

    def _expected(self) -> np.ndarray:
        """Return the velocities ``(n, 2)`` that people reckon with: of what is driven, the one it wants if faster."""
        velocity = self.bodies.velocity.copy()
        moves, wants = velocity[self._driven], self._intent[self._driven]
        held = (wants * wants).sum(axis=1) > (moves * moves).sum(axis=1)
        velocity[self._driven] = np.where(held[:, None], wants, moves)
        return velocity

    def _look_distance(self, most: np.ndarray) -> float:
        """Return how far apart two people may be and still mind each other [m]."""
        radius, settings = float(self.bodies.radius[self._people].max()), self._avoidance
        look = 2.0 * (radius + settings.horizon * float(most[self._people].max())) + settings.personal_space
        return max(min(look, _FARTHEST_LOOK), 2.0 * radius + 1.0)

    def _wishes(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the velocities everybody would take alone, and the directions of the routes, ``(n, 2)`` each."""
        bodies = self.bodies
        aside = self._blocked.stalls.stepping_aside & ~self.walking
        preferred, directions = (
            np.where(aside[:, None], self._blocked.stalls.aside, 0.0),
            np.zeros_like(bodies.velocity),
        )
        if not len(rows):
            return preferred, directions
        braking = self._limits.braking * self._limits.vigor(self._speed[rows])
        direction, speed = self._routes.steer(bodies.position, rows, self._speed[rows], braking, STEP)
        # The last half step to a goal needs no turning.
        shuffling = self._routes.remaining(bodies.position, rows) < _SHUFFLE_DISTANCE
        share = np.where(shuffling, 1.0, turn_first(direction, bodies.heading[rows], bodies.velocity[rows]))
        waits = self._blocked.giving.waiting[rows]
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
        blocked, position = self._blocked, self.bodies.position
        in_refuge = np.zeros(len(self.walking), bool)
        in_refuge[rows] = self._routes.remaining(position, rows) < _NEAR_ENOUGH
        blocked.release(in_refuge)
        remaining = self._routes.remaining(position, rows)
        near = remaining <= np.where(deviates[rows], _NEAR_ENOUGH, _ARRIVED)
        arrived = near & ~blocked.giving.active[rows]
        beside, given_up = blocked.help(rows, remaining, arrived, self._direction, pairs)
        done = np.union1d(rows[arrived], beside) if len(beside) else rows[arrived]
        for actor in (*done.tolist(), *(gone.actor for gone in given_up)):
            self.stand(actor)
        self.bodies.velocity[rows[arrived & (remaining <= _ARRIVED)]] = 0.0
        return StepResult(done, given_up)

"""The fleet: all robots on the floor, moved one step at a time before the people around them.

Robots run on rails: the path is shaped for the drive, and followed exactly. People avoid robots, and robots yield:
they slow down for whoever is on their way or about to be, and stop before they touch. A robot takes no step that would
bring it nearer to somebody than their bodies allow, so nobody ever overlaps. It announces how it wants to move, so that
people do not keep stepping before one that waits. Whoever waits too long asks people who stand about to step aside,
gives way to another robot or to people who cannot get past, looks for a way around, and at last gives its goal up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.blocked_ways import GivenUp
from isaacsim_agent_ext.actors.crowd import STEP, StepResult
from isaacsim_agent_ext.actors.detours import find_detour
from isaacsim_agent_ext.actors.drive import Drive
from isaacsim_agent_ext.actors.giving_way import Refuge, find_refuge
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.neighbors import SAME_FLOOR
from isaacsim_agent_ext.actors.routes import cut_path
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.robots.rails import Rails, braking_speed, shape_for
from isaacsim_agent_ext.robots.state_machine import FORWARD, IDLE, TURN_LEFT, TURN_RIGHT, StateMachine
from isaacsim_agent_ext.robots.yielding import free_way

_ACCELERATION = 0.6  # [m/s²]
_BRAKING = 0.8  # [m/s²] planned
_HARDEST_BRAKING = 3.0  # [m/s²] when somebody steps in the way
_SPIN_UP = 0.5  # [s] from rest to the full turn rate
_ALIGNED = 1e-3  # [rad]
_GAP = 0.15  # [m] left to whoever the robot waits for
_OFF_RAILS = 0.05  # [m] a path that begins further away is planned anew

_POLITE = 30  # [steps] of waiting before a robot creeps past people
_CREEP = 0.25  # [m/s]
_SQUEEZE = 0.03  # [m] kept to people while creeping
_PATIENCE = 45  # [steps] of waiting before something is tried; a third of it more after every attempt
_HESITATION = 30  # [steps] at most by which robots differ in it, so that two do not dance around each other
_ATTEMPTS = 8
_RELIEF = 1.5  # [m] after which earlier attempts are forgotten
_SLOW = 0.05  # [m/s]
_LEFT_FREE = 5.0  # [m] of its way that a robot leaves to another one
_PAST = 1.0  # [m] between two of which one is past the other
_LONGEST_REST = 150  # [steps] in a refuge
_STUBBORN = 3  # attempts after which a robot makes way for people
_STANDING = np.zeros(2)

AskForRoom = Callable[[int, np.ndarray, np.ndarray], None]
"""Takes who wants to pass, where it is and wants to go ``(n, 3)``, and the indices of those nearby."""

Announce = Callable[[int, np.ndarray], None]
"""Takes a robot and the velocity ``(2,)`` that it wants [m/s]."""


@dataclass(slots=True)
class _GivingWay:
    """To whom a robot gives way, where it goes afterwards [m], and for how many steps it has rested in its refuge."""

    other: int
    goal: np.ndarray
    rested: int = 0


class _Robot:
    """One robot's drive, rails and patience."""

    def __init__(self, index: int, drive: Drive, navmesh: NavMesh):
        self.index = index
        self.drive = drive
        self.navmesh = navmesh
        self.machine = StateMachine(drive.transitions)
        self.rails: Rails | None = None
        self.areas: tuple[str, ...] = ()
        self.driving = False
        self.resting = IDLE
        self.facing: np.ndarray | None = None
        self.speed = 0.0
        self.blocker: int | None = None
        self.waited = 0
        self.creeps = False
        self.patience = _PATIENCE
        self.attempts = 0
        self.driven_since = 0.0  # [m] since the last attempt
        self.gives_way: _GivingWay | None = None


class Fleet:
    """All robots.

    Args:
        bodies: Where everybody stands, people included; nobody overlaps.
        drives: The drive of each robot, by index.
        navmeshes: The floor of each robot, by index.
        rng: The random stream of a robot (by index) for getting out of blocked ways.
        ask_for_room: Makes people who stand about step aside.
        announce: Tells people how a robot wants to move.
    """

    def __init__(
        self,
        bodies: Bodies,
        drives: Mapping[int, Drive],
        navmeshes: Mapping[int, NavMesh],
        rng: Callable[[int], np.random.Generator],
        ask_for_room: AskForRoom,
        announce: Announce,
    ):
        self._bodies = bodies
        self._rng = rng
        self._ask_for_room = ask_for_room
        self._announce = announce
        self._robots = {index: _Robot(index, drives[index], navmeshes[index]) for index in sorted(drives)}

    def __contains__(self, actor: int) -> bool:
        return actor in self._robots

    def drive(self, actor: int, path: np.ndarray, areas: Sequence[str] = ()) -> None:
        """Let a robot drive along a path ``(n, 3)`` [m].

        Args:
            actor: Index.
            path: Corners from where the robot stands; planned anew when it stands elsewhere.
            areas: Areas to stay on when another way has to be found; empty allows all.
        """
        robot = self._robots[actor]
        robot.resting, robot.facing = IDLE, None
        robot.areas = tuple(areas)
        robot.driving, robot.gives_way = True, None
        robot.waited = robot.attempts = 0
        here = self._bodies.position[actor]
        away = (path[0] - here)[:2]
        if away @ away > _OFF_RAILS**2:
            again = robot.navmesh.path(here, path[-1], areas=areas)
            path = path if again is None else shape_for(robot.drive, again.points, robot.navmesh)
        self._set_rails(robot, path)

    def halt(self, actor: int, state: str = IDLE, facing: np.ndarray | None = None) -> None:
        """Let a robot come to a stop.

        Args:
            actor: Index.
            state: The state of its machine to go to then.
            facing: ``(2,)`` unit vector to turn to first.
        """
        robot = self._robots[actor]
        robot.driving, robot.resting, robot.facing = False, state, facing
        robot.gives_way = None

    def state(self, actor: int) -> str:
        """Return the state that a robot's machine is in."""
        return self._robots[actor].machine.state

    def seconds_in(self, actor: int, state: str) -> float:
        """Return how long the animation of one of a robot's own states takes [s]."""
        return self._robots[actor].drive.state_seconds.get(state, 0.0)

    def knows(self, actor: int, state: str) -> bool:
        """Return whether a robot has a state and can get to it."""
        return self._robots[actor].machine.reaches(state)

    def task(self, actor: int) -> str:
        """Return what a robot does: ``"MoveTo"``, ``"Turn"`` or ``"Idle"``."""
        robot = self._robots[actor]
        turns = robot.machine.state in (TURN_LEFT, TURN_RIGHT) and robot.speed == 0.0
        return "Turn" if turns else "MoveTo" if robot.driving else "Idle"

    def driving(self) -> list[int]:
        """Return the robots that are on their way."""
        return [robot.index for robot in self._robots.values() if robot.driving]

    def step(self) -> StepResult:
        """Advance all robots by `STEP`."""
        if self._robots:
            self._bodies.detach()
        arrived: list[int] = []
        given_up: list[GivenUp] = []
        for robot in self._robots.values():
            self._announce(robot.index, _STANDING)
            if self._advance(robot):
                arrived.append(robot.index)
            elif robot.driving:
                rails = robot.rails
                if rails is not None and not self._keep_patience(robot):
                    given_up.append(GivenUp(robot.index, _goal(robot, rails).copy(), robot.blocker))
                    robot.driving, robot.gives_way = False, None
        return StepResult(np.array(arrived, np.int64), tuple(given_up))

    # ---- driving -----------------------------------------------------------------------------------------------

    def _set_rails(self, robot: _Robot, path: np.ndarray) -> None:
        points = np.concatenate([self._bodies.position[robot.index][None], path[1:] if len(path) > 1 else path])
        robot.rails = Rails(points, robot.drive)

    def _advance(self, robot: _Robot) -> bool:
        """Move a robot by one step; returns whether it has arrived."""
        rails = robot.rails
        if rails is None or not (robot.driving or robot.speed > 0.0):
            aligned = self._turn(robot, robot.facing)
            self._place(robot, self._bodies.position[robot.index])
            if aligned or robot.facing is None:
                robot.machine.request(robot.resting)
            return False
        position = self._bodies.position[robot.index]
        while not rails.last and _distance(position, rails.corner) < 1e-6:
            rails.leg += 1
        direction = _direction(position, rails.corner)
        if direction is None:  # at the goal
            robot.speed = 0.0
            self._turn(robot, None)
            self._place(robot, position)
            return self._end(robot)
        aligned = self._turn(robot, direction)
        turns_first = robot.drive.differential and robot.speed == 0.0
        if turns_first and not aligned:
            self._place(robot, position)
            return False
        ready = robot.machine.request(FORWARD)
        after = self._along(robot, rails, position, ready)
        robot.speed = self._place(robot, after)
        if rails.last and _distance(after, rails.corner) < 1e-6:
            return self._end(robot)
        if not rails.last and rails.corner_speed == 0.0 and _distance(after, rails.corner) < 1e-6:
            robot.speed = 0.0
            rails.leg += 1
        return False

    def _end(self, robot: _Robot) -> bool:
        if robot.driving and robot.gives_way is not None:
            self._rest(robot, robot.gives_way)
            return False
        arrived = robot.driving
        robot.speed, robot.driving, robot.rails = 0.0, False, None
        return arrived

    def _rest(self, robot: _Robot, giving: _GivingWay) -> None:
        """Let a robot stand in its refuge until the other one is past, and go on then."""
        bodies, here, other = self._bodies, self._bodies.position[robot.index], giving.other
        robot.speed, robot.blocker = 0.0, None
        giving.rested += 1
        gap = _distance(here, bodies.position[other]) - float(bodies.radius[robot.index] + bodies.radius[other])
        stays = other in self._robots and not self._robots[other].driving
        if gap < _PAST and not stays and giving.rested < _LONGEST_REST:
            return
        path = robot.navmesh.path(here, giving.goal, areas=robot.areas)
        if path is not None and path.complete:
            robot.gives_way = None
            self._set_rails(robot, shape_for(robot.drive, path.points, robot.navmesh))

    def _along(self, robot: _Robot, rails: Rails, position: np.ndarray, ready: bool) -> np.ndarray:
        """Return where a robot is after one step on its rails ``(3,)``."""
        wanted = robot.drive.linear_velocity if robot.driving and ready else 0.0
        wanted = min(wanted, rails.allowed_speed(position, _BRAKING, STEP))
        self._announce(robot.index, wanted * self._bodies.heading[robot.index])
        yielding, robot.blocker = self._yielding(robot, rails, position)
        slowest = robot.speed - (_HARDEST_BRAKING if yielding < wanted else _BRAKING * 1.5) * STEP
        wanted = min(wanted, yielding)
        speed = max(0.0, min(max(wanted, slowest), robot.speed + _ACCELERATION * STEP))
        travel, after = speed * STEP, position
        while True:
            left = _distance(after, rails.corner)
            if travel < left:
                step = (rails.corner - after) * (travel / left)
                break
            if rails.last or rails.corner_speed == 0.0:
                step = rails.corner - after
                break
            travel, after = travel - left, rails.corner
            rails.leg += 1
        after = self._on_floor(robot, position, after + step)
        return position if self._touches(robot, position, after) else after

    def _on_floor(self, robot: _Robot, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return a place on the rails ``(3,)`` at the height of the floor there."""
        moved = robot.navmesh.move_along_surface(before[None], after[None])[0]
        if np.isfinite(moved).all() and abs(moved[0] - after[0]) + abs(moved[1] - after[1]) < _OFF_RAILS:
            after = np.array([after[0], after[1], moved[2]])
        return after

    def _turn(self, robot: _Robot, direction: np.ndarray | None) -> bool:
        """Turn a robot towards a direction ``(2,)``, or stop turning; returns whether it faces there."""
        bodies, index = self._bodies, robot.index
        hx, hy = bodies.heading[index].tolist()
        rate = float(bodies.turn_rate[index])
        most = robot.drive.angular_velocity
        change = most / _SPIN_UP * STEP
        wanted = 0.0
        if direction is not None:
            dx, dy = direction.tolist()
            chord = math.sqrt((dx - hx) ** 2 + (dy - hy) ** 2)
            if chord < _ALIGNED:
                bodies.heading[index] = direction
                bodies.turn_rate[index] = 0.0
                return True
            left = hx * dy - hy * dx >= 0.0
            # A differential drive stands while it turns, as its states say.
            if robot.drive.differential and robot.speed == 0.0:
                ready = robot.machine.request(TURN_LEFT if left else TURN_RIGHT)
                most *= ready
            wanted = min(most, math.sqrt(most / _SPIN_UP * chord), chord / STEP) * (1.0 if left else -1.0)
        rate += max(-change, min(change, wanted - rate))
        bodies.turn_rate[index] = rate
        if rate != 0.0:
            # Rotation by twice the angle whose tangent is k: no trigonometry, so no processor's own rounding.
            k = 0.5 * STEP * rate
            scale = 1.0 / (1.0 + k * k)
            cosine, sine = (1.0 - k * k) * scale, 2.0 * k * scale
            x, y = hx * cosine - hy * sine, hx * sine + hy * cosine
            size = math.sqrt(x * x + y * y)
            bodies.heading[index] = x / size, y / size
        return False

    def _place(self, robot: _Robot, after: np.ndarray) -> float:
        """Put a robot somewhere ``(3,)`` and return the speed over the floor that takes it there [m/s]."""
        bodies, index = self._bodies, robot.index
        shift = (after - bodies.position[index]) / STEP
        bodies.position[index] = after
        bodies.velocity[index], bodies.climb[index] = shift[:2], shift[2]
        return math.sqrt(float(shift[0] ** 2 + shift[1] ** 2))

    # ---- others ------------------------------------------------------------------------------------------------

    def _others(self, robot: _Robot, position: np.ndarray, reach: float) -> np.ndarray:
        """Return who is near a robot: indices in ascending order."""
        bodies = self._bodies
        apart = bodies.position - position
        look = reach + bodies.radius + bodies.radius[robot.index]
        near = (apart[:, 0] ** 2 + apart[:, 1] ** 2 < look * look) & (np.abs(apart[:, 2]) <= SAME_FLOOR)
        near[robot.index] = False
        return np.flatnonzero(near)

    def _yielding(self, robot: _Robot, rails: Rails, position: np.ndarray) -> tuple[float, int | None]:
        """Return the speed at which a robot can still stop for whoever is in its way [m/s], and who that is."""
        bodies = self._bodies
        reach = robot.drive.linear_velocity**2 / (2.0 * _BRAKING) + 2.0 * _GAP + 0.5
        others = self._others(robot, position, reach + 1.5)
        if not len(others):
            return math.inf, None
        scene = (
            rails.ahead(position, reach),
            float(bodies.radius[robot.index]),
            bodies.position[others, :2],
            bodies.velocity[others],
            bodies.radius[others],
        )
        free, blocker = free_way(*scene)
        if blocker < 0:
            robot.creeps = False
            return math.inf, None
        speed = braking_speed(0.0, free - _GAP, _BRAKING, STEP)
        # Among many people somebody is always about to cross: who has waited for a while goes on slowly where it can.
        robot.creeps = speed < _CREEP and (robot.creeps or robot.waited >= _POLITE)
        if robot.creeps:
            room, _ = free_way(*scene, margin=_SQUEEZE, foresight=0.0)
            speed = max(speed, min(_CREEP, braking_speed(0.0, room - _SQUEEZE, _BRAKING, STEP)))
        return speed, int(others[blocker])

    def _touches(self, robot: _Robot, before: np.ndarray, after: np.ndarray) -> bool:
        """Return whether a step would bring a robot nearer to somebody than touching."""
        bodies = self._bodies
        others = self._others(robot, after, 0.0)
        then = ((bodies.position[others, :2] - after[:2]) ** 2).sum(axis=1)
        now = ((bodies.position[others, :2] - before[:2]) ** 2).sum(axis=1)
        return bool((then < now).any())

    def _keep_patience(self, robot: _Robot) -> bool:
        """Help a robot that is kept waiting; returns False when it had better give up."""
        if robot.speed > _SLOW or robot.blocker is None or self._bodies.turn_rate[robot.index] != 0.0:
            robot.waited = 0
            robot.driven_since += robot.speed * STEP
            if robot.driven_since > _RELIEF:
                robot.attempts = 0
            return True
        robot.waited += 1
        if robot.waited < robot.patience + _PATIENCE // 3 * robot.attempts:
            return True
        if robot.attempts >= _ATTEMPTS:
            return False
        rng = self._rng(robot.index)
        robot.waited, robot.driven_since = 0, 0.0
        robot.patience = _PATIENCE + int(rng.integers(_HESITATION))
        self._get_on(robot, rng)
        robot.attempts += 1
        return True

    def _get_on(self, robot: _Robot, rng: np.random.Generator) -> None:
        """Ask those who stand in the way for room; every other time, give way or go around them too."""
        bodies, rails = self._bodies, robot.rails
        assert rails is not None  # of a robot that drives
        position = bodies.position[robot.index]
        others = self._others(robot, position, 6.0)
        if _direction(position, rails.corner) is not None:
            self._ask_for_room(robot.index, np.concatenate([position[None], rails.points[rails.leg :]]), others)
        if robot.blocker in self._robots:
            settled = self._settle(robot, self._robots[robot.blocker])
        else:
            settled = robot.attempts % 2 == 0 or self._back_out(robot)
        if settled:
            return
        slow = others[(bodies.velocity[others] ** 2).sum(axis=1) < 0.2**2]
        detour = find_detour(
            robot.navmesh,
            rng,
            position,
            rails.corner,
            _goal(robot, rails),
            attempts=robot.attempts,
            standing=bodies.position[slow],
            clearance=bodies.radius[slow] + bodies.radius[robot.index],
            areas=robot.areas,
        )
        if detour is not None:
            robot.gives_way = None
            self._set_rails(robot, shape_for(robot.drive, detour, robot.navmesh))

    def _settle(self, robot: _Robot, other: _Robot) -> bool:
        """Let one of two robots that meet head on give way to the other; returns whether one does."""
        if other.blocker != robot.index or not other.driving:
            return False
        mine, theirs = self._refuge(robot, other.index, _way(other)), self._refuge(other, robot.index, _way(robot))
        if mine is not None and (theirs is None or mine.cost <= theirs.cost):
            self._give_way(robot, other.index, mine)
        elif theirs is not None:
            self._give_way(other, robot.index, theirs)
        return mine is not None or theirs is not None

    def _back_out(self, robot: _Robot) -> bool:
        """Let a robot make way for whoever comes towards it and finds no room; returns whether it does."""
        person = robot.blocker
        if person is None or robot.attempts < _STUBBORN:
            return False
        bodies, index = self._bodies, robot.index
        there, here = bodies.position[person], bodies.position[index]
        behind = here - _LEFT_FREE * np.append(bodies.heading[index], 0.0)
        refuge = self._refuge(robot, person, np.array([there, here, behind]))
        if refuge is not None:
            self._give_way(robot, person, refuge)
        return refuge is not None

    def _refuge(self, robot: _Robot, other: int, way: np.ndarray) -> Refuge | None:
        """Return a place for a robot beside the way ``(n, 3)`` of another one, or of somebody."""
        bodies = self._bodies
        clearance = float(bodies.radius[robot.index] + bodies.radius[other]) + _GAP
        robots = [index for index in self._robots if index not in (robot.index, other)]
        return find_refuge(
            robot.navmesh,
            self._rng(robot.index),
            bodies.position[robot.index],
            reach=2.0 * clearance + 0.5 * robot.attempts,
            way=cut_path(np.concatenate([bodies.position[other][None], way[1:]]), _LEFT_FREE),
            clearance=clearance,
            others=bodies.position[robots],
            areas=robot.areas,
        )

    def _give_way(self, robot: _Robot, other: int, refuge: Refuge) -> None:
        assert robot.rails is not None  # of a robot that drives
        robot.gives_way, robot.waited = _GivingWay(other, _goal(robot, robot.rails)), 0
        self._set_rails(robot, shape_for(robot.drive, refuge.path, robot.navmesh))


def _way(robot: _Robot) -> np.ndarray:
    """Return the corners ``(n, 3)`` before a robot that drives, after one for where it is [m]."""
    assert robot.rails is not None  # of a robot that drives
    return robot.rails.points[robot.rails.leg - 1 :]


def _goal(robot: _Robot, rails: Rails) -> np.ndarray:
    """Return where a robot that drives wants to go in the end ``(3,)`` [m]."""
    return rails.goal if robot.gives_way is None else robot.gives_way.goal


def _distance(here: np.ndarray, there: np.ndarray) -> float:
    return math.sqrt(float((there[0] - here[0]) ** 2 + (there[1] - here[1]) ** 2))


def _direction(here: np.ndarray, there: np.ndarray) -> np.ndarray | None:
    """Return the unit vector ``(2,)`` from here to there, or None when they are one place."""
    distance = _distance(here, there)
    return None if distance < 1e-6 else (there[:2] - here[:2]) / distance

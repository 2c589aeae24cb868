"""The fleet: all robots on the floor, moved one step at a time before the people around them.

Robots run on rails: the path is shaped for the drive, and followed exactly. People avoid robots, and robots yield:
they slow down for whoever is on their way or about to be, and stop before they touch. A robot takes no step that would
bring it nearer to somebody than their bodies allow, so nobody ever overlaps. Whoever waits too long asks people who
stand about to step aside, looks for a way around, and at last gives its goal up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isaacsim_agent_ext.actors.crowd import STEP, GivenUp, StepResult
from isaacsim_agent_ext.actors.detours import find_detour
from isaacsim_agent_ext.actors.drive import Drive
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.neighbors import SAME_FLOOR
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

AskForRoom = Callable[[int, np.ndarray, np.ndarray], None]
"""Takes who wants to pass, where it is and wants to go ``(n, 3)``, and the indices of those nearby."""


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


class Fleet:
    """All robots.

    Args:
        bodies: Where everybody stands, people included; nobody overlaps.
        drives: The drive of each robot, by index.
        navmeshes: The floor of each robot, by index.
        rng: The random stream of a robot (by index) for getting out of blocked ways.
        ask_for_room: Makes people who stand about step aside.
    """

    def __init__(
        self,
        bodies: Bodies,
        drives: Mapping[int, Drive],
        navmeshes: Mapping[int, NavMesh],
        rng: Callable[[int], np.random.Generator],
        ask_for_room: AskForRoom,
    ):
        self._bodies = bodies
        self._rng = rng
        self._ask_for_room = ask_for_room
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
        robot.driving = True
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
            if self._advance(robot):
                arrived.append(robot.index)
            elif robot.driving:
                goal = robot.rails.goal if robot.rails else None
                if goal is not None and not self._keep_patience(robot):
                    given_up.append(GivenUp(robot.index, goal.copy(), robot.blocker))
                    robot.driving = False
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
        arrived = robot.driving
        robot.speed, robot.driving, robot.rails = 0.0, False, None
        return arrived

    def _along(self, robot: _Robot, rails: Rails, position: np.ndarray, ready: bool) -> np.ndarray:
        """Return where a robot is after one step on its rails ``(3,)``."""
        wanted = robot.drive.linear_velocity if robot.driving and ready else 0.0
        wanted = min(wanted, rails.allowed_speed(position, _BRAKING, STEP))
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
        """Ask those who stand in the way for room; every other time, go around them too."""
        bodies, rails = self._bodies, robot.rails
        assert rails is not None  # of a robot that drives
        position = bodies.position[robot.index]
        others = self._others(robot, position, 6.0)
        if _direction(position, rails.corner) is not None:
            self._ask_for_room(robot.index, np.concatenate([position[None], rails.points[rails.leg :]]), others)
        if robot.blocker not in self._robots and robot.attempts % 2 == 0:
            return
        slow = others[(bodies.velocity[others] ** 2).sum(axis=1) < 0.2**2]
        detour = find_detour(
            robot.navmesh,
            rng,
            position,
            rails.corner,
            rails.goal,
            attempts=robot.attempts,
            standing=bodies.position[slow],
            clearance=bodies.radius[slow] + bodies.radius[robot.index],
            areas=robot.areas,
        )
        if detour is not None:
            self._set_rails(robot, shape_for(robot.drive, detour, robot.navmesh))


def _distance(here: np.ndarray, there: np.ndarray) -> float:
    return math.sqrt(float((there[0] - here[0]) ** 2 + (there[1] - here[1]) ** 2))


def _direction(here: np.ndarray, there: np.ndarray) -> np.ndarray | None:
    """Return the unit vector ``(2,)`` from here to there, or None when they are one place."""
    distance = _distance(here, there)
    return None if distance < 1e-6 else (there[:2] - here[:2]) / distance

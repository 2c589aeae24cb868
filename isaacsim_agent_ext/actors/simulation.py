"""The simulation of all actors: a pure function of the config, the floor and the seed.

It advances by exactly 1/30 s per step and never looks at a clock. The state at frame N is the state after N steps:
at frame 0 everybody stands at the spawn pose and has no task yet. Every actor draws from its own random streams, one
for each purpose, so that what one actor does changes another's life only where they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.actions import Action, Idle, MoveTo, Outcome
from isaacsim_agent_ext.actors.agenda import Agenda
from isaacsim_agent_ext.actors.crowd import STEP, Crowd, GivenUp
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.routes import shape_path
from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.actors.triggers import Firing, Triggers
from isaacsim_agent_ext.config.model import (
    ActorGroup,
    CharacterPatrol,
    CollisionTrigger,
    RobotPatrol,
)
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.robots.fleet import Fleet
from isaacsim_agent_ext.robots.rails import shape_for

Locate = Callable[[str], np.ndarray]
"""From a prim path to its world position ``(3,)`` [m]."""


class Simulation:
    """All actors of a run.

    Args:
        seed: The config's seed.
        navmesh: The walkable floor.
        robot_floors: The floor of the robots of each group, by the group's name; `navmesh` where there is none.
        specs: The actors; nobody overlaps. The order is that of `states`, and plays no part in what they do.
        groups: Every group that occurs in ``specs``.
        locate: Finds the prims that patrols visit; called again whenever one is visited.

    Attributes:
        frame: How many steps have been taken.
        events: Triggers that fired, waited, were interrupted, and so on, in order.
        warnings: What the user should know, in order.

    Raises:
        ValueError: An actor's group is missing from ``groups``, or two actors have one name.
        SceneError: As raised by ``locate``, when a patrol names a prim that does not exist.
    """

    def __init__(
        self,
        *,
        seed: int,
        navmesh: NavMesh,
        specs: Sequence[ActorSpec],
        groups: Sequence[ActorGroup],
        locate: Locate | None = None,
        robot_floors: Mapping[str, NavMesh] | None = None,
    ):
        self.frame = 0
        self.events: list[SimulationRecord] = []
        self.warnings: list[SimulationRecord] = []
        self._specs = tuple(specs)
        self._groups = {group.name: group for group in groups}
        self._check(locate)
        count = len(specs)
        positions = np.array([spec.position for spec in specs], np.float64).reshape(count, 3)
        yaws = np.array([spec.yaw for spec in specs], np.float64)
        self._bodies = Bodies(positions, yaws, np.array([spec.radius for spec in specs], np.float64))
        floors = [navmesh if spec.drive is None else (robot_floors or {}).get(spec.group, navmesh) for spec in specs]
        self._actors = [_Actor(self, index, seed, floors[index], locate) for index in range(count)]
        drives = {index: spec.drive for index, spec in enumerate(specs) if spec.drive is not None}
        self._crowd = Crowd(self._bodies, navmesh, self._recovery_stream, driven=tuple(drives))
        self._fleet = Fleet(
            self._bodies,
            drives,
            {index: floors[index] for index in drives},
            self._recovery_stream,
            self._crowd.ask_for_room,
        )
        self._idle_steps = np.zeros(count, np.int64)
        self._actions: list[Action | None] = [None] * count
        self._started = [0] * count
        self._outcomes: dict[int, Outcome] = dict.fromkeys(range(count), Outcome.DONE)
        self._agendas = [Agenda(self._groups[actor.spec.group].routines, actor, actor.record) for actor in self._actors]
        self._triggers = Triggers(self._specs, self._groups)

    @property
    def time(self) -> float:
        """Simulated time [s]."""
        return self.frame * STEP

    def dispatch(self, event: str, payload: Mapping[str, Any] | None = None) -> None:
        """Announce an event; triggers that wait for it fire at the beginning of the next step.

        Args:
            event: The event's name.
            payload: ``prim_path`` restricts it to the actor with that root prim or agent prim.
        """
        self._triggers.announce(event, payload or {})

    def step(self) -> None:
        """Advance the simulation by 1/30 s."""
        for firing in self._triggers.due(self.frame):
            self._fire(firing)
        for index in sorted(self._outcomes):
            self._begin(index, self._agendas[index].next(self._outcomes[index]))
        self._outcomes.clear()

        results = self._fleet.step(), self._crowd.step()
        self.frame += 1
        for result in results:
            self._outcomes.update(dict.fromkeys(result.arrived.tolist(), Outcome.DONE))
            for gone in result.given_up:
                self._report_given_up(gone)
                self._outcomes[gone.actor] = Outcome.FAILED
        waiting = self._idle_steps > 0
        self._idle_steps -= waiting
        ended = np.flatnonzero(waiting & (self._idle_steps == 0)).tolist()
        self._outcomes.update(dict.fromkeys(ended, Outcome.DONE))

    def states(self) -> tuple[ActorState, ...]:
        """Return everybody's state at the present frame, in the order of the specs."""
        bodies = self._bodies
        velocities = np.concatenate([bodies.velocity, bodies.climb[:, None]], axis=1)
        positions, yaws, rates = bodies.position, bodies.yaws().tolist(), bodies.turn_rate.tolist()
        states = []
        for index, (spec, action) in enumerate(zip(self._specs, self._actions, strict=True)):
            states.append(
                ActorState(
                    spec=spec,
                    position=positions[index],
                    yaw=yaws[index],
                    velocity=velocities[index],
                    turn_rate=rates[index],
                    task=self._task(index, action),
                    animation=action.animation if isinstance(action, Idle) else "idle",
                    animation_time=(self.frame - self._started[index]) * STEP,
                )
            )
        return tuple(states)

    def _recovery_stream(self, index: int) -> np.random.Generator:
        return self._actors[index].rng("recovery")

    def _task(self, index: int, action: Action | None) -> str | None:
        if action is None:
            return None
        return self._fleet.task(index) if index in self._fleet else action.name

    def _check(self, locate: Locate | None) -> None:
        names = [spec.name for spec in self._specs]
        if len(set(names)) < len(names):
            raise ValueError(f"two actors are called {max(names, key=names.count)!r}; names must be unique")
        missing = sorted({spec.group for spec in self._specs} - set(self._groups))
        if missing:
            raise ValueError(f"actors belong to unknown groups {missing}; known are {sorted(self._groups)}")
        populated = [self._groups[name] for name in dict.fromkeys(spec.group for spec in self._specs)]
        for group in populated:
            reactions = [behavior for trigger in group.triggers for behavior in trigger.behavior]
            for behavior in (*group.routines, *reactions):
                for prim in (isinstance(behavior, CharacterPatrol | RobotPatrol) and behavior.target_prims) or ():
                    if locate is None:
                        raise ValueError(f"group {group.name!r} patrols the prim {prim}, but prims cannot be located")
                    locate(prim)
            if group.behavior_tree is not None:
                self._warn_group(group, "behavior trees are not carried out yet: its actors stand idle")
            if any(isinstance(trigger, CollisionTrigger) for trigger in group.triggers):
                self._warn_group(group, "collision triggers are not carried out yet: they never fire")

    def _warn_group(self, group: ActorGroup, message: str) -> None:
        self.warnings.append(SimulationRecord(0, group.name, "not_supported", message))

    def _fire(self, firing: Firing) -> None:
        index = firing.actor
        action = self._agendas[index].fire(firing, self._unfinished(index))
        if action is not None:
            self._outcomes.pop(index, None)
            self._begin(index, action)

    def _unfinished(self, index: int) -> Action | None:
        """Return what is left of an actor's action, to be taken up again later."""
        action = self._actions[index]
        if index in self._outcomes:
            return None
        if isinstance(action, Idle):
            return Idle(int(self._idle_steps[index]) * STEP, action.animation)
        return action

    def _begin(self, index: int, action: Action) -> None:
        self._actions[index] = action
        self._started[index] = self.frame
        drives = index in self._fleet
        if isinstance(action, MoveTo):
            self._idle_steps[index] = 0
            if drives:
                self._fleet.drive(index, action.path, action.areas)
            else:
                self._crowd.walk(index, action.path, action.speed, action.areas)
        else:
            self._idle_steps[index] = max(1, round(action.seconds / STEP))
            if drives:
                self._fleet.halt(index)
            else:
                self._crowd.stand(index)

    def _report_given_up(self, gone: GivenUp) -> None:
        actor = self._actors[gone.actor]
        going = "driving" if gone.actor in self._fleet else "walking"
        near = "" if gone.nearest is None else f", with {self._specs[gone.nearest].name} in the way"
        actor.warn(
            f"gave up {going} to {_coordinates(gone.goal)}: blocked at {_coordinates(actor.position)}{near}",
            kind="goal_given_up",
        )


class _Actor:
    """What behaviors see of one actor (`actions.ActorHandle`)."""

    def __init__(self, simulation: Simulation, index: int, seed: int, navmesh: NavMesh, locate: Locate | None):
        self.spec = simulation._specs[index]
        self.navmesh = navmesh
        self._simulation = simulation
        self._index = index
        self._seed = seed
        self._locate = locate
        self._streams: dict[str, np.random.Generator] = {}
        self._said: set[str] = set()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def position(self) -> np.ndarray:
        return self._simulation._bodies.position[self._index].copy()

    def shape(self, points: np.ndarray) -> np.ndarray:
        if self.spec.drive is None:
            return shape_path(points, self.navmesh)
        return shape_for(self.spec.drive, points, self.navmesh)

    def rng(self, purpose: str) -> np.random.Generator:
        if purpose not in self._streams:
            kind = "actor" if self.spec.drive is None else "robot"
            self._streams[purpose] = stream(self._seed, kind, self.spec.group, self.spec.name, purpose)
        return self._streams[purpose]

    def locate(self, prim_path: str) -> np.ndarray:
        assert self._locate is not None  # checked by Simulation
        return np.asarray(self._locate(prim_path), np.float64)

    def warn(self, message: str, kind: str = "behavior") -> None:
        if message not in self._said:
            self._said.add(message)
            self._simulation.warnings.append(SimulationRecord(self._simulation.frame, self.name, kind, message))

    def record(self, kind: str, message: str, details: Mapping[str, Any]) -> None:
        frame, path = self._simulation.frame, self.spec.prim_path
        self._simulation.events.append(SimulationRecord(frame, self.name, kind, message, path, details))


def _coordinates(point: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:.2f}" for value in point) + ")"

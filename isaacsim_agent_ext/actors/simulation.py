"""The simulation of all actors: a pure function of the config, the floor and the seed.

It advances by exactly 1/30 s per step and never looks at a clock. The state at frame N is the state after N steps:
at frame 0 everybody stands at the spawn pose and has no task yet. Every actor draws from its own random streams, one
for each purpose, so that what one actor does changes another's life only where they meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.actions import Outcome
from isaacsim_agent_ext.actors.agenda import Agenda
from isaacsim_agent_ext.actors.colliders import StageCollider
from isaacsim_agent_ext.actors.crowd import STEP, Crowd
from isaacsim_agent_ext.actors.handle import Company, Handle, Locate
from isaacsim_agent_ext.actors.performer import Performer, coordinates
from isaacsim_agent_ext.actors.plugins import BehaviorPlugin, PluginKey
from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.actors.stuck import STUCK_STEPS, StuckWatch, in_the_way
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, TreeKey
from isaacsim_agent_ext.actors.triggers import Firing, Triggers
from isaacsim_agent_ext.config.model import ActorGroup, SemanticLabel
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.robots.fleet import Fleet


class Simulation:
    """All actors of a run.

    Args:
        seed: The config's seed.
        navmesh: The walkable floor.
        robot_floors: The floor of the robots of each group, by the group's name; `navmesh` where there is none.
        specs: The actors; nobody overlaps. The order is that of `states`, and plays no part in what they do.
        groups: Every group that occurs in ``specs``.
        locate: Finds the prims that patrols visit; called again whenever one is visited.
        stage_colliders: What the actors' colliders can touch besides other actors.
        trees: The behavior trees that the groups name.
        plugins: The classes of the plug-ins that they name.
        labelled: The prims that carry the semantic labels which behaviors name.

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
        stage_colliders: Sequence[StageCollider] = (),
        trees: Mapping[TreeKey, BehaviorTree] | None = None,
        plugins: Mapping[PluginKey, type[BehaviorPlugin]] | None = None,
        labelled: Mapping[SemanticLabel, Sequence[str]] | None = None,
    ):
        self._specs = tuple(specs)
        self._groups = {group.name: group for group in groups}
        floors = [navmesh if spec.drive is None else (robot_floors or {}).get(spec.group, navmesh) for spec in specs]
        self._company = company = Company(
            seed=seed,
            specs=specs,
            floors=floors,
            locate=locate,
            trees=trees or {},
            plugins=plugins or {},
            labelled=labelled or {},
        )
        self._check()
        drives = {index: spec.drive for index, spec in enumerate(specs) if spec.drive is not None}
        crowd = Crowd(company.bodies, navmesh, self._recovery_stream, driven=tuple(drives))
        fleet = Fleet(
            company.bodies,
            drives,
            {index: floors[index] for index in drives},
            self._recovery_stream,
            crowd.ask_for_room,
            crowd.announce,
        )
        company.machine_state = fleet.state
        self._performer = Performer(company, crowd, fleet)
        self._stuck = StuckWatch(len(specs))
        self._outcomes: dict[int, Outcome] = dict.fromkeys(range(len(specs)), Outcome.DONE)
        self._agendas = [self._agenda(actor) for actor in company.handles]
        self._triggers = Triggers(self._specs, self._groups, stage_colliders)

    @property
    def frame(self) -> int:
        """How many steps have been taken."""
        return self._company.frame

    @property
    def events(self) -> list[SimulationRecord]:
        """Triggers that fired, waited, were interrupted, and so on, in order."""
        return self._company.events

    @property
    def warnings(self) -> list[SimulationRecord]:
        """What the user should know, in order."""
        return self._company.warnings

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
        for firing in self._triggers.due(self.frame, self._company.bodies.position, self._company.bodies.heading):
            self._fire(firing)
        for index in sorted(self._outcomes):
            self._performer.begin(index, self._agendas[index].next(self._outcomes[index]))
        for event, payload in self._company.announced:
            self._triggers.announce(event, payload)
        self._company.announced.clear()
        self._outcomes = self._performer.step()
        on_the_way = self._performer.on_the_way()
        on_the_way[list(self._outcomes)] = False  # what comes next begins here
        for index in self._stuck.observe(on_the_way, self._company.bodies.position):
            self._report_stuck(index)

    def states(self) -> tuple[ActorState, ...]:
        """Return everybody's state at the present frame, in the order of the specs."""
        bodies, performer = self._company.bodies, self._performer
        velocities = np.concatenate([bodies.velocity, bodies.climb[:, None]], axis=1)
        positions, yaws, rates = bodies.position, bodies.yaws().tolist(), bodies.turn_rate.tolist()
        states = []
        for index, spec in enumerate(self._specs):
            animation, since = performer.animation(index)
            states.append(
                ActorState(
                    spec=spec,
                    position=positions[index],
                    yaw=yaws[index],
                    velocity=velocities[index],
                    turn_rate=rates[index],
                    task=performer.task(index),
                    animation=animation,
                    animation_time=since,
                    seating=performer.seating(index),
                    machine=self._company.handles[index].state,
                )
            )
        return tuple(states)

    def goals(self) -> tuple[np.ndarray | None, ...]:
        """Return where everybody is going ``(3,)`` [m], or None for those who stay, in the order of the specs."""
        return tuple(self._performer.goal(index) for index in range(len(self._specs)))

    def _agenda(self, actor: Handle) -> Agenda:
        group = self._groups[actor.group]
        return Agenda(group.routines, actor, actor.record, resumes=group.behavior_tree is not None)

    def _report_stuck(self, index: int) -> None:
        actor, goal = self._company.handles[index], self._performer.goal(index)
        other = in_the_way(index, self._company.bodies)
        bound = "" if goal is None else f" on its way to {coordinates(goal)}"
        cause = "nobody near: the way itself is blocked" if other is None else f"{self._specs[other].name} in the way"
        seconds, place = STUCK_STEPS * STEP, coordinates(actor.position)
        actor.warn(f"made no progress for {seconds:g} s{bound}: it stands at {place}, {cause}", kind="stuck")

    def _recovery_stream(self, index: int) -> np.random.Generator:
        return self._company.handles[index].rng("recovery")

    def _check(self) -> None:
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
                for prim in getattr(behavior, "target_prims", None) or ():
                    self._company.place(prim)
                target = getattr(behavior, "target", None)
                if target is not None and self._company.index_of(target) is None:
                    self._company.place(target)

    def _fire(self, firing: Firing) -> None:
        index = firing.actor
        outcome = self._outcomes.get(index, Outcome.RUNNING)
        left = self._performer.unfinished(index) if outcome is Outcome.RUNNING else outcome
        action = self._agendas[index].fire(firing, left)
        if action is not None:
            self._outcomes.pop(index, None)
            self._performer.begin(index, action)

"""Handles: what behaviors see of their actors, and what all actors share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.claims import Claims
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.plugins import BehaviorPlugin, PluginKey, key_of
from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.routes import shape_path
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, TreeKey
from isaacsim_agent_ext.config.model import CustomBehavior, RunTree, SemanticLabel
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.robots.rails import shape_for
from isaacsim_agent_ext.robots.state_machine import IDLE
from isaacsim_agent_ext.scene.place import Place

Locate = Callable[[str], Place]
"""From a prim path to where the prim stands."""


class Company:
    """All actors of a run: their bodies, their claims, and what there is to tell of them.

    Args:
        seed: The config's seed.
        specs: The actors.
        floors: The floor of each.
        locate: Finds prims, or None when no behavior names one.
        labelled: The prims that carry the semantic labels which behaviors name.

    Attributes:
        frame: How many steps have been taken.
        bodies: Everybody's body.
        claims: What is reserved.
        trees: The behavior trees that the config names.
        plugins: The classes of the plug-ins that the config names.
        ways_back: Of those who are off the floor, such as on a seat, where they return to it, ``(3,)`` each [m].
        handles: Everybody's handle, in the order of the specs.
        events: Triggers that fired, waited, were interrupted, and so on, in order.
        warnings: What the user should know, in order.
        announced: Events that actors have announced, name and payload, until somebody takes them.
        shared: What the actors of each group share, by the group's name.
        machine_state: Tells the state of a robot's machine, by index.
    """

    def __init__(
        self,
        *,
        seed: int,
        specs: Sequence[ActorSpec],
        floors: Sequence[NavMesh],
        locate: Locate | None,
        trees: Mapping[TreeKey, BehaviorTree],
        plugins: Mapping[PluginKey, type[BehaviorPlugin]],
        labelled: Mapping[SemanticLabel, Sequence[str]],
    ):
        self.frame = 0
        self.specs = tuple(specs)
        self.bodies = Bodies(
            np.array([spec.position for spec in specs], np.float64).reshape(len(specs), 3),
            np.array([spec.yaw for spec in specs], np.float64),
            np.array([spec.radius for spec in specs], np.float64),
        )
        self.claims = Claims()
        self.ways_back: dict[int, np.ndarray] = {}
        self.events: list[SimulationRecord] = []
        self.warnings: list[SimulationRecord] = []
        self.members: dict[str, tuple[str, ...]] = {}
        for spec in self.specs:
            self.members[spec.group] = (*self.members.get(spec.group, ()), spec.name)
        self.announced: list[tuple[str, Mapping[str, Any]]] = []
        self.shared: dict[str, dict[str, Any]] = {spec.group: {} for spec in specs}
        self.machine_state: Callable[[int], str] = lambda index: IDLE
        self.trees = trees
        self.plugins = plugins
        self._seed = seed
        self._locate = locate
        self.labelled = labelled
        self.handles = tuple(Handle(self, index, floor) for index, floor in enumerate(floors))
        self._indices = {path: index for index, spec in enumerate(specs) for path in (spec.prim_path, spec.name)}

    def index_of(self, name: str) -> int | None:
        """Return which actor has a name, or has a prim path that is or contains the one given; None if nobody."""
        while name not in self._indices and name.count("/") > 1:
            name = name.rpartition("/")[0]
        return self._indices.get(name)

    def place(self, prim_path: str) -> Place:
        """Return where a prim stands."""
        if self._locate is None:
            raise ValueError(f"the prim {prim_path} cannot be located: the simulation was given no way to")
        try:
            return self._locate(prim_path)
        except KeyError:
            raise SceneError(
                f"the prim {prim_path} was not looked up before the run; list it in the config, or in target_prims of "
                "the plug-in that asks for it"
            ) from None

    def stream(self, index: int, purpose: str) -> np.random.Generator:
        """Return a new random stream of an actor for a purpose."""
        spec = self.specs[index]
        return stream(self._seed, "actor" if spec.drive is None else "robot", spec.group, spec.name, purpose)


class Handle:
    """One actor as behaviors see it (`actions.ActorHandle`)."""

    def __init__(self, company: Company, index: int, navmesh: NavMesh):
        self.spec = company.specs[index]
        self.navmesh = navmesh
        self._company = company
        self._index = index
        self._streams: dict[str, np.random.Generator] = {}
        self._said: set[str] = set()

    @property
    def name(self) -> str:
        """The actor's name."""
        return self.spec.name

    @property
    def group(self) -> str:
        """The name of its group."""
        return self.spec.group

    @property
    def members(self) -> Sequence[str]:
        """The names of all actors of the group."""
        return self._company.members[self.spec.group]

    @property
    def time(self) -> float:
        """Simulated time [s]."""
        return self._company.frame * STEP

    @property
    def position(self) -> np.ndarray:
        """``(3,)`` where it stands, or will stand up from its seat [m]."""
        back = self._company.ways_back.get(self._index)
        return (self._company.bodies.position[self._index] if back is None else back).copy()

    @property
    def yaw(self) -> float:
        """Where it faces [rad]."""
        x, y = self._company.bodies.heading[self._index].tolist()
        return math.atan2(y, x)

    def shape(self, points: np.ndarray) -> np.ndarray:
        """Return a path as this actor takes it."""
        if self.spec.drive is None:
            return shape_path(points, self.navmesh)
        return shape_for(self.spec.drive, points, self.navmesh)

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the actor's random stream for a purpose."""
        if purpose not in self._streams:
            self._streams[purpose] = self._company.stream(self._index, purpose)
        return self._streams[purpose]

    def locate(self, prim_path: str) -> np.ndarray:
        """Return the world position of a prim [m]."""
        return self.place(prim_path).position

    def place(self, prim_path: str) -> Place:
        """Return where a prim stands."""
        return self._company.place(prim_path)

    def labelled(self, label: SemanticLabel) -> Sequence[str]:
        """Return the prims with a semantic label."""
        return self._company.labelled.get(label, ())

    def other(self, name: str) -> Handle | None:
        """Return an actor by its name or prim path."""
        index = self._company.index_of(name)
        return None if index is None else self._company.handles[index]

    def claim(self, key: str) -> bool:
        """Reserve something; returns whether the actor holds it now."""
        return self._company.claims.claim(key, self._index)

    def release(self, key: str) -> None:
        """Give back what was claimed."""
        self._company.claims.release(key, self._index)

    def holder(self, key: str) -> str | None:
        """Return the name of who holds a claim."""
        holder = self._company.claims.holder(key)
        return None if holder is None else self._company.specs[holder].name

    def put_down_claims(self) -> tuple[str, ...]:
        """Release everything that was claimed, and return what that was."""
        keys = self._company.claims.of(self._index)
        for key in keys:
            self.release(key)
        return keys

    def take_up_claims(self, keys: Sequence[str]) -> bool:
        """Claim again what `put_down_claims` returned; returns whether nobody has taken any of it."""
        return self._company.claims.claim_all(keys, self._index)

    @property
    def radius(self) -> float:
        """How much room the body takes [m]."""
        return self.spec.radius

    @property
    def drives(self) -> bool:
        """Whether it is a robot."""
        return self.spec.drive is not None

    @property
    def state(self) -> str:
        """The state of a robot's machine."""
        return IDLE if self.spec.drive is None else self._company.machine_state(self._index)

    @property
    def shared(self) -> dict[str, Any]:
        """What the actors of the group share."""
        return self._company.shared[self.spec.group]

    def plugin(self, behavior: CustomBehavior) -> type[BehaviorPlugin]:
        """Return the class of a plug-in that the config names."""
        return self._company.plugins[key_of(behavior)]

    def tree(self, run: RunTree) -> BehaviorTree:
        """Return a behavior tree that the config names."""
        return self._company.trees[run.path, run.overrides]

    def dispatch(self, event: str, payload: Mapping[str, Any]) -> None:
        """Announce an event."""
        self._company.announced.append((event, payload))
        details = {"dispatched": event, "payload": dict(payload)}
        self.record("event_dispatched", f"announced the event {event!r}", details)

    def warn(self, message: str, kind: str = "behavior") -> None:
        """Record something the user should know, once."""
        if message not in self._said:
            self._said.add(message)
            company = self._company
            company.warnings.append(SimulationRecord(company.frame, self.name, kind, message, self.spec.prim_path))

    def record(self, kind: str, message: str, details: Mapping[str, Any]) -> None:
        """Note what happened to the actor."""
        company = self._company
        company.events.append(SimulationRecord(company.frame, self.name, kind, message, self.spec.prim_path, details))

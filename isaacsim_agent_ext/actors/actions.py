"""What an actor can do at a time: the alphabet of all behaviors.

Behaviors are written as generators: they yield one action after another and are told how each ended::

    def stop(settings, actor):
        yield Idle(seconds=actor.rng("stop").uniform(*settings.time_range))

`Simulation` carries the actions out.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, get_args

import numpy as np

from isaacsim_agent_ext.config.model import SemanticLabel
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.scene.place import Place

if TYPE_CHECKING:
    from isaacsim_agent_ext.actors.plugins import BehaviorPlugin
    from isaacsim_agent_ext.actors.trees.tree import BehaviorTree
    from isaacsim_agent_ext.config.model import CustomBehavior, RunTree

AS_FAST_AS_POSSIBLE = math.inf


class Outcome(enum.Enum):
    """How an action ended."""

    DONE = enum.auto()
    FAILED = enum.auto()
    RUNNING = enum.auto()  # only of a `Tick`


@dataclass(frozen=True, eq=False, slots=True)
class MoveTo:
    """Walk along a path.

    Attributes:
        path: ``(n, 3)`` corners from where the actor stands to the goal [m].
        speed: Walking speed [m/s]; `AS_FAST_AS_POSSIBLE` for a robot, which has its own limit.
        areas: Areas to stay on when a new path to the goal is needed; empty allows all.
        companions: Names of actors to wait for on the way.
        within: How far they may fall behind [m].
        until: Asked a few times a second; the walk is over before the goal when it says so.
    """

    path: np.ndarray
    speed: float
    areas: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    within: float = math.inf
    until: Callable[[], bool] | None = None

    @property
    def name(self) -> str:
        """The action's name in the output."""
        return "MoveTo"

    @property
    def goal(self) -> np.ndarray:
        """``(3,)`` end of the path [m]."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Idle:
    """Stand and play an animation.

    Attributes:
        seconds: How long [s]; at least one step.
        animation: Clip of the motion library.
        facing: Heading to turn to first [rad]; None keeps the present one. The time runs from then on.
    """

    seconds: float
    animation: str = "idle"
    facing: float | None = None

    @property
    def name(self) -> str:
        """The action's name in the output: the clip's, in the style of action names (``LookAround``)."""
        return task_name(self.animation) or "Idle"


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn on the spot.

    Attributes:
        yaw: Heading to face [rad].
    """

    yaw: float

    @property
    def name(self) -> str:
        """The action's name in the output."""
        return "Turn"


@dataclass(frozen=True, slots=True)
class Follow:
    """Keep after somebody, or to a prim, by ever new ways.

    Attributes:
        target: Name or prim path of an actor, or the path of any other prim.
        distance: How far behind to stay [m].
        speed: The most to walk at [m/s]; `AS_FAST_AS_POSSIBLE` for a robot, which has its own limit.
        seconds: When to leave off [s].
        offset: Where to be beside the target in place of behind it: ahead and to the left of it [m]. Where there is
            no floor, such as in a door, the actor falls in line behind.
    """

    target: str
    distance: float
    speed: float
    seconds: float
    offset: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """The action's name in the output."""
        return "Follow"


@dataclass(frozen=True, eq=False, slots=True)
class Sit:
    """Go to a seat, sit down, stay, and stand up.

    Attributes:
        place: The seat.
        seconds: How long to stay [s].
        speed: Walking speed to it [m/s].
    """

    place: Place
    seconds: float
    speed: float

    @property
    def name(self) -> str:
        """The action's name in the output."""
        return "Sit"


@dataclass(frozen=True, slots=True)
class PlayState:
    """Go to a state of the robot's state machine, such as ``lift_up``, and stay in it.

    Attributes:
        state: The state.
        seconds: How long to stay [s]; None plays its animation once.
    """

    state: str
    seconds: float | None = None

    @property
    def name(self) -> str:
        """The action's name in the output: the state's, in the style of action names (``LiftUp``)."""
        return task_name(self.state)


PlainAction = MoveTo | Idle | Turn | Follow | Sit | PlayState


@dataclass(frozen=True, eq=False, slots=True)
class Tick:
    """Carry out an action for one step; yielded again, it goes on where it was.

    It ends as `Outcome.RUNNING`, or as the action does when that ends within the step.

    Attributes:
        action: The action.
        key: Stands for the whole of its steps, however often a trigger interrupts them.
    """

    action: PlainAction
    key: object = field(default_factory=object)

    @property
    def name(self) -> str:
        """The action's name in the output."""
        return self.action.name


Action = PlainAction | Tick

ACTIONS = get_args(PlainAction)
"""The classes of what a behavior may yield."""

Actions = Generator[Action, Outcome, None]
"""A behavior on its way: yields actions, is sent their outcomes, and returns when it is over."""


class ActorHandle(Protocol):
    """What a behavior sees of the actor it moves."""

    @property
    def name(self) -> str:
        """The actor's name."""

    @property
    def group(self) -> str:
        """The name of the actor's group."""

    @property
    def members(self) -> Sequence[str]:
        """The names of all actors of the group."""

    @property
    def time(self) -> float:
        """Simulated time [s]."""

    @property
    def navmesh(self) -> NavMesh:
        """The surface the actor walks on."""

    @property
    def position(self) -> np.ndarray:
        """``(3,)`` where the actor stands now; where it will stand up when it sits [m]."""

    @property
    def yaw(self) -> float:
        """Where the actor faces now [rad]."""

    def shape(self, points: np.ndarray) -> np.ndarray:
        """Return a shortest path ``(n, 3)`` as this actor takes it: in curves, or in straight legs [m]."""

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the actor's own random stream for a purpose; the same one every time it is asked for."""

    def locate(self, prim_path: str) -> np.ndarray:
        """Return the world position ``(3,)`` of a prim [m]."""

    def place(self, prim_path: str) -> Place:
        """Return where a prim stands that the config names.

        Raises:
            SceneError: There is no such prim.
        """

    def labelled(self, label: SemanticLabel) -> Sequence[str]:
        """Return the paths of the prims that carry a semantic label which the config names, in order."""

    def other(self, name: str) -> ActorHandle | None:
        """Return an actor by its name or prim path, or None when there is none."""

    def claim(self, key: str) -> bool:
        """Reserve something that one actor at a time may have, such as a seat; returns whether it is the actor's now.

        What a behavior claimed is released when it ends, and while a trigger interrupts it. When somebody else has
        it by the time the behavior goes on, the interrupted action ends as `Outcome.FAILED`.
        """

    def release(self, key: str) -> None:
        """Give back what was claimed; nothing happens when somebody else holds it."""

    def holder(self, key: str) -> str | None:
        """Return the name of the actor that holds a claim."""

    @property
    def radius(self) -> float:
        """How much room the body takes, as a radius [m]."""

    @property
    def drives(self) -> bool:
        """Whether the actor is a robot."""

    @property
    def state(self) -> str:
        """The state that a robot's machine is in; ``"idle"`` of a person."""

    @property
    def shared(self) -> dict[str, Any]:
        """What the actors of the group share with each other, by any names they like."""

    def plugin(self, behavior: CustomBehavior) -> type[BehaviorPlugin]:
        """Return the class of a plug-in that the config names."""

    def tree(self, run: RunTree) -> BehaviorTree:
        """Return a behavior tree that the config names."""

    def dispatch(self, event: str, payload: Mapping[str, Any]) -> None:
        """Announce an event, JSON-compatible: triggers hear it in the next step, and so does the world outside."""

    def record(self, kind: str, message: str, details: Mapping[str, Any]) -> None:
        """Take down what happened, in one sentence and JSON-compatible details."""

    def warn(self, message: str) -> None:
        """Record something the user should know, once for each different message."""


def task_name(name: str) -> str:
    """Return a clip's or state's name in the style of action names: ``LookAround`` for ``look_around``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))

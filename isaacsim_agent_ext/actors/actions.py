"""What an actor can do at a time: the alphabet of all behaviors.

Behaviors are written as generators: they yield one action after another and are told how each ended::

    def stop(settings, actor):
        yield Idle(seconds=actor.rng("stop").uniform(*settings.time_range))

`Simulation` carries the actions out.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from isaacsim_agent_ext.navigation.navmesh import NavMesh

AS_FAST_AS_POSSIBLE = math.inf


class Outcome(enum.Enum):
    """How an action ended."""

    DONE = enum.auto()
    FAILED = enum.auto()


@dataclass(frozen=True, eq=False, slots=True)
class MoveTo:
    """Walk along a path.

    Attributes:
        path: ``(n, 3)`` corners from where the actor stands to the goal [m].
        speed: Walking speed [m/s]; `AS_FAST_AS_POSSIBLE` for a robot, which has its own limit.
        areas: Areas to stay on when a new path to the goal is needed; empty allows all.
    """

    path: np.ndarray
    speed: float
    areas: tuple[str, ...] = ()

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
    """

    seconds: float
    animation: str = "idle"

    @property
    def name(self) -> str:
        """The action's name in the output: the clip's, in the style of action names (``LookAround``)."""
        return "".join(part[:1].upper() + part[1:] for part in self.animation.split("_")) or "Idle"


Action = MoveTo | Idle
Actions = Generator[Action, Outcome, None]
"""A behavior on its way: yields actions, is sent their outcomes, and returns when it is over."""


class ActorHandle(Protocol):
    """What a behavior sees of the actor it moves."""

    @property
    def name(self) -> str:
        """The actor's name."""

    @property
    def navmesh(self) -> NavMesh:
        """The surface the actor walks on."""

    @property
    def position(self) -> np.ndarray:
        """``(3,)`` where the actor stands now [m]."""

    def shape(self, points: np.ndarray) -> np.ndarray:
        """Return a shortest path ``(n, 3)`` as this actor takes it: in curves, or in straight legs [m]."""

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the actor's own random stream for a purpose; the same one every time it is asked for."""

    def locate(self, prim_path: str) -> np.ndarray:
        """Return the world position ``(3,)`` of a prim [m]."""

    def warn(self, message: str) -> None:
        """Record something the user should know, once for each different message."""

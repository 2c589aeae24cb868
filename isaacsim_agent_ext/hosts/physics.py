"""The physics seam: let rigid bodies fall and come to rest before anything is recorded.

Standalone `isaacsim_agent_ext.hosts.standalone.physics.MujocoPhysics` does it, in an app
`isaacsim_agent_ext.hosts.kit.physics.KitPhysics`. Both take the bodies, colliders, masses and friction that a stage
has by the UsdPhysics schemas, and leave the poses in our ``props`` layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from isaacsim_agent_ext.scene.compose import ComposedStage


@dataclass(frozen=True, kw_only=True)
class SettleRule:
    """When bodies have come to rest.

    A body is slow for a moment at the top of each bounce, and a pile whose top lies still may slide below. So by
    default all bodies have to be slow, several steps in a row.

    Attributes:
        step: Time between two looks at the bodies [s].
        max_steps: Steps after which it ends in any case.
        slow: Slower bodies are at rest [m/s].
        slow_turning: Bodies that turn slower are at rest [rad/s].
        steady_steps: How many steps in a row they have to be.
        watched: Prim paths of the bodies that count; none for all.
    """

    step: float = 1.0 / 90.0
    max_steps: int = 250
    slow: float = 0.01
    slow_turning: float = 0.1
    steady_steps: int = 5
    watched: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """How bodies came to rest.

    Attributes:
        steps: Steps that it took.
        poses: Each body's prim path to its pose ``(4, 4)``, rigid, in the world (row vectors) [m].
        moving: The watched bodies that were still moving after the last step; none when all came to rest.
        engine: What simulated them: ``"MuJoCo"`` or ``"PhysX"``.
        warnings: What the user should know.
    """

    steps: int
    poses: Mapping[str, np.ndarray]
    moving: tuple[str, ...]
    engine: str
    warnings: tuple[str, ...] = ()


class Physics(Protocol):
    """Settles bodies at once."""

    def settle(self, stage: ComposedStage, bodies: Sequence[str], rule: SettleRule | None = None) -> Settlement:
        """Let bodies fall and come to rest, and put them where they lie.

        All other rigid bodies of the stage are held where they are. Nothing is written but the poses, into our layer
        ``props``, and the same stage always gives the same poses on the same machine.

        Args:
            stage: The stage.
            bodies: Prim paths of the rigid bodies that may move.
            rule: When to stop; None for the defaults.

        Raises:
            SceneError: A body is not there, is no rigid body with a collider, or cannot be moved.
            DependencyError: What simulates is not installed.
        """


class AsyncPhysics(Protocol):
    """`Physics` where an app has to go on updating meanwhile."""

    async def settle(self, stage: ComposedStage, bodies: Sequence[str], rule: SettleRule | None = None) -> Settlement:
        """Let bodies fall and come to rest, as `Physics.settle`."""


class RestWatch:
    """Decides step by step whether bodies have come to rest.

    Attributes:
        steps: Steps seen so far.
    """

    def __init__(self, bodies: Sequence[str], rule: SettleRule):
        """Watch bodies, by their prim paths.

        Raises:
            ValueError: The rule watches a body that is not among them.
        """
        unknown = sorted(set(rule.watched) - set(bodies))
        if unknown:
            raise ValueError(f"the rule watches {', '.join(unknown)}, which is not among the bodies that may move")
        self._bodies = list(bodies)
        self._counts = np.array([not rule.watched or body in rule.watched for body in bodies], bool)
        self._rule = rule
        self._fast = self._counts.copy()
        self._steady = 0
        self.steps = 0

    @property
    def ended(self) -> bool:
        """Whether it is over: at rest, or out of steps."""
        return self._steady >= self._rule.steady_steps or self.steps >= self._rule.max_steps

    @property
    def moving(self) -> tuple[str, ...]:
        """The bodies that have not come to rest."""
        if self._steady >= self._rule.steady_steps:
            return ()
        return tuple(body for body, fast in zip(self._bodies, self._fast, strict=True) if fast)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the end."""
        return (f"not at rest after {self.steps} steps: {', '.join(self.moving)}",) if self.moving else ()

    def see(self, speeds: np.ndarray, turning: np.ndarray) -> None:
        """Take one step into account.

        Args:
            speeds: ``(bodies,)`` how fast each one moves [m/s].
            turning: ``(bodies,)`` how fast each one turns [rad/s].
        """
        self.steps += 1
        self._fast = self._counts & ((speeds >= self._rule.slow) | (turning >= self._rule.slow_turning))
        self._steady = 0 if self._fast.any() else self._steady + 1

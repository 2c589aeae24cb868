"""How a robot drives, as its actor's spec says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Drive:
    """What a robot's base can do.

    Attributes:
        linear_velocity: Speed on a free way [m/s].
        angular_velocity: Turn rate [rad/s].
        differential: Whether it turns in place and drives straight; else it drives along curves and turns meanwhile.
        plans_on_navmesh: Whether it takes the shortest way over the NavMesh; else it goes straight.
        transitions: Which of its states may follow each; see `isaacsim_agent_ext.robots.state_machine`.
        state_seconds: How long the animations of its own states take [s]; those that move nothing are left out.
    """

    linear_velocity: float
    angular_velocity: float
    differential: bool
    plans_on_navmesh: bool
    transitions: Mapping[str, tuple[str, ...]]
    state_seconds: Mapping[str, float] = field(default_factory=dict)

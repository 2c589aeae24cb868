"""What the simulation says about each actor after a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.drive import Drive


@dataclass(frozen=True, eq=False, slots=True)
class Seating:
    """How somebody sits, sits down or stands up.

    Attributes:
        point: ``(3,)`` where on the seat [m].
        share: From 0, standing, to 1, seated; even in time.
    """

    point: np.ndarray
    share: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ActorSpec:
    """An actor as it enters the simulation.

    Attributes:
        name: Unique within the run, such as ``"workers_0"``.
        group: Name of its group.
        prim_path: Its root prim, such as ``/World/Characters/workers/workers_0``.
        agent_prim_path: The prim that carries the agent schema (a character's SkelRoot).
        agent_type: ``"IRACharacterAPI"`` or ``"AnimRobotAPI"``.
        asset_url: Its asset as resolved.
        position: ``(3,)`` float64 spawn position [m].
        yaw: Spawn heading [rad], counter-clockwise from +X seen from above.
        radius: Body radius for avoidance [m].
        height: Standing height [m].
        label_prim_path: A robot's prim that carries its labels, or None for the root.
        drive: How a robot drives; None for a person.
    """

    name: str
    group: str
    prim_path: str
    agent_prim_path: str
    agent_type: str
    asset_url: str
    position: np.ndarray
    yaw: float
    radius: float = 0.25
    height: float = 1.75
    label_prim_path: str | None = None
    drive: Drive | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ActorState:
    """One actor after one step; actors face along their heading, +X at yaw 0.

    Attributes:
        spec: Who it is.
        position: ``(3,)`` float64 [m], on the floor between the feet.
        yaw: Heading [rad].
        velocity: ``(3,)`` float64 [m/s].
        turn_rate: Change of heading [rad/s], positive to the left.
        task: Current action: ``"MoveTo"``, ``"Idle"``, ``"LookAround"`` ..., or None before the first.
        animation: Clip of the motion library to play when not moving, such as ``"idle"`` or ``"look_around"``.
        animation_time: Seconds since that clip was asked for.
        machine: The state that a robot's machine is in, such as ``"forward"`` or ``"lift_up"``.
        seating: How the actor sits; None while it stands or walks.
    """

    spec: ActorSpec
    position: np.ndarray
    yaw: float
    velocity: np.ndarray
    turn_rate: float = 0.0
    task: str | None = None
    animation: str = "idle"
    animation_time: float = 0.0
    machine: str = "idle"
    seating: Seating | None = None

    @property
    def speed(self) -> float:
        """Horizontal speed [m/s]."""
        return float(np.hypot(self.velocity[0], self.velocity[1]))

    @property
    def facing(self) -> np.ndarray:
        """``(3,)`` unit vector the actor faces along."""
        return np.array([np.cos(self.yaw), np.sin(self.yaw), 0.0])

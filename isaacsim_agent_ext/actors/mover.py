"""Movers: one actor's body, as whoever carries out an action moves it."""

from __future__ import annotations

import math

import numpy as np

from isaacsim_agent_ext.actors.crowd import STEP, Crowd
from isaacsim_agent_ext.actors.handle import Company, Handle
from isaacsim_agent_ext.actors.state import Seating
from isaacsim_agent_ext.robots.fleet import Fleet

_FACES = 2e-3
"""How far the heading may be off somebody's wish, as a chord of the unit circle."""


class Mover:
    """The body of one actor.

    Attributes:
        handle: Whose body it is.
        seating: Set while the actor sits, sits down or stands up.
    """

    def __init__(self, company: Company, index: int, crowd: Crowd, fleet: Fleet):
        self.handle: Handle = company.handles[index]
        self.seating: Seating | None = None
        self.drives = index in fleet
        self._company = company
        self._index = index
        self._crowd = crowd
        self._fleet = fleet

    @property
    def position(self) -> np.ndarray:
        """``(3,)`` where the body stands [m]."""
        return self._company.bodies.position[self._index].copy()

    @property
    def way_back(self) -> np.ndarray:
        """``(3,)`` where a held body returns to the floor; for any other, where it stands [m]."""
        return self.handle.position

    @property
    def heading(self) -> np.ndarray:
        """``(2,)`` unit vector that it faces along."""
        return self._company.bodies.heading[self._index].copy()

    @property
    def velocity(self) -> np.ndarray:
        """``(2,)`` over the floor [m/s]."""
        return self._company.bodies.velocity[self._index].copy()

    def go(self, path: np.ndarray, speed: float, areas: tuple[str, ...] = ()) -> None:
        """Move along a path ``(n, 3)`` [m], people at a speed [m/s]."""
        if self.drives:
            self._fleet.drive(self._index, path, areas)
        else:
            self._crowd.face(self._index, None)
            self._crowd.walk(self._index, path, speed, areas)

    def pace(self, speed: float) -> None:
        """Walk on at another speed [m/s]; robots keep to their own."""
        if not self.drives:
            self._crowd.pace(self._index, speed)

    def stand(self, yaw: float | None = None) -> None:
        """Come to a stop and stay, facing along a heading [rad] if there is one."""
        direction = None if yaw is None else np.array([math.cos(yaw), math.sin(yaw)])
        if self.drives:
            self._fleet.halt(self._index, facing=direction)
        else:
            self._crowd.face(self._index, direction)
            self._crowd.stand(self._index)

    def faces(self, yaw: float) -> bool:
        """Return whether the body stands still and faces along a heading [rad]."""
        bodies, index = self._company.bodies, self._index
        away = bodies.heading[index] - np.array([math.cos(yaw), math.sin(yaw)])
        moves = bodies.velocity[index] @ bodies.velocity[index] > 1e-6
        return bool(away @ away < _FACES**2) and not moves

    def hold(self) -> None:
        """Leave the crowd for a place where there is no floor, moved by `put` until `let_go`."""
        self._company.ways_back[self._index] = self.position
        self._crowd.face(self._index, None)
        self._crowd.hold(self._index)

    def put(self, position: np.ndarray, heading: np.ndarray) -> None:
        """Move a held body somewhere ``(3,)`` [m], facing along ``(2,)``."""
        bodies, index = self._company.bodies, self._index
        bodies.detach()
        shift = (position - bodies.position[index]) / STEP
        before = bodies.heading[index]
        cross = before[0] * heading[1] - before[1] * heading[0]
        bodies.turn_rate[index] = math.asin(max(-1.0, min(1.0, float(cross)))) / STEP
        bodies.position[index], bodies.heading[index] = position, heading
        bodies.velocity[index], bodies.climb[index] = shift[:2], shift[2]

    def let_go(self) -> None:
        """Return to the crowd, at rest."""
        bodies, index = self._company.bodies, self._index
        bodies.detach()
        bodies.velocity[index], bodies.climb[index], bodies.turn_rate[index] = 0.0, 0.0, 0.0
        self._company.ways_back.pop(self._index, None)
        self._crowd.let_go(self._index)

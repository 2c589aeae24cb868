"""How bodies move: from where actors want to go to positions, headings and velocities, one step for all at once.

The bodies are kept as a struct of arrays. Apart from the final conversion to angles only additions, multiplications,
divisions and square roots are used, so a run does not depend on the processor's vector instructions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_WALK = 1.5  # [m/s]


@dataclass(frozen=True, slots=True)
class MotionLimits:
    """What a body can do; the defaults are those of a person.

    Attributes:
        acceleration: Largest change of velocity when nobody is in the way [m/s²].
        avoiding_acceleration: Largest change of velocity to avoid somebody [m/s²].
        braking: Deceleration planned towards goals and sharp corners [m/s²].
        turn_rate: Largest turn rate on the spot [rad/s].
        running_turn_rate: Largest turn rate at high speed [rad/s].
        turn_acceleration: Largest change of the turn rate [rad/s²].
        vigor_per_speed: How much more accelerations are for each m/s above a walk, as a fraction [s/m].
    """

    acceleration: float = 2.0
    avoiding_acceleration: float = 4.0
    braking: float = 1.0
    turn_rate: float = 3.5
    running_turn_rate: float = 1.8
    turn_acceleration: float = 15.0
    vigor_per_speed: float = 0.3

    def vigor(self, speeds: np.ndarray) -> np.ndarray:
        """Return by how much more than at a walk the body accelerates and brakes on legs of these speeds ``(n,)``."""
        return 1.0 + self.vigor_per_speed * np.maximum(speeds - _WALK, 0.0)


class Bodies:
    """Where every body is and how it moves.

    Attributes:
        position: ``(n, 3)`` [m].
        velocity: ``(n, 2)`` over the floor [m/s].
        climb: ``(n,)`` upwards [m/s].
        heading: ``(n, 2)`` unit vectors.
        turn_rate: ``(n,)`` [rad/s], positive to the left.
        radius: ``(n,)`` [m].
    """

    def __init__(self, positions: np.ndarray, yaws: np.ndarray, radii: np.ndarray):
        count = len(yaws)
        self.position = np.array(positions, np.float64).reshape(count, 3)
        self.velocity = np.zeros((count, 2))
        self.climb = np.zeros(count)
        self.heading = np.stack([np.cos(yaws), np.sin(yaws)], axis=1)
        self.turn_rate = np.zeros(count)
        self.radius = np.array(radii, np.float64)

    def detach(self) -> None:
        """Leave the present arrays to whoever holds them, so that bodies can be moved one by one."""
        self.position, self.velocity, self.climb = self.position.copy(), self.velocity.copy(), self.climb.copy()
        self.heading, self.turn_rate = self.heading.copy(), self.turn_rate.copy()

    def motion_of(self, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return how some bodies move and face, for `set_motion_of`."""
        return self.velocity[rows], self.climb[rows], self.heading[rows], self.turn_rate[rows]

    def set_motion_of(self, rows: np.ndarray, motion: tuple[np.ndarray, ...]) -> None:
        """Let some bodies move and face as `motion_of` said."""
        self.velocity[rows], self.climb[rows], self.heading[rows], self.turn_rate[rows] = motion

    def yaws(self) -> np.ndarray:
        """Return the headings as angles ``(n,)`` [rad], counter-clockwise from +X."""
        return np.arctan2(self.heading[:, 1], self.heading[:, 0])


def limit_change(velocity: np.ndarray, wanted: np.ndarray, acceleration: np.ndarray | float, step: float) -> np.ndarray:
    """Return the velocity nearest to the wanted one ``(n, 2)`` that the acceleration [m/s²] allows after one step."""
    change = wanted - velocity
    size = np.sqrt(change[:, 0] ** 2 + change[:, 1] ** 2)
    allowed = acceleration * step
    share = np.minimum(1.0, allowed / np.maximum(size, 1e-12))
    return np.where((size <= allowed)[:, None], wanted, velocity + change * share[:, None])


def turn_first(direction: np.ndarray, heading: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Return the share of its speed ``(n,)`` that a body may use before it faces where it wants to go.

    Somebody who stands turns on the spot until the way is roughly ahead, and only then starts; somebody who walks
    takes the turn as a curve.
    """
    ahead = direction[:, 0] * heading[:, 0] + direction[:, 1] * heading[:, 1]
    facing = np.clip((ahead - 0.6) / 0.3, 0.0, 1.0)
    speed = np.sqrt(velocity[:, 0] ** 2 + velocity[:, 1] ** 2)
    walking = np.clip((speed - 0.4) / 0.4, 0.0, 1.0)
    return facing + (1.0 - facing) * walking


def turn_towards(bodies: Bodies, direction: np.ndarray, limits: MotionLimits, step: float) -> None:
    """Turn all bodies towards the directions ``(n, 2)``, unit vectors or zero to stop turning.

    The turn rate is limited, less so for slow bodies, and changes no faster than its own limit; it falls in time to end
    the turn without swinging over.
    """
    heading = bodies.heading
    cross = heading[:, 0] * direction[:, 1] - heading[:, 1] * direction[:, 0]
    wants = (direction[:, 0] != 0.0) | (direction[:, 1] != 0.0)
    # The chord stands in for the angle: nearly equal when small, and monotone up to half a turn.
    chord = np.sqrt((direction[:, 0] - heading[:, 0]) ** 2 + (direction[:, 1] - heading[:, 1]) ** 2)
    speed = np.sqrt(bodies.velocity[:, 0] ** 2 + bodies.velocity[:, 1] ** 2)
    most = limits.running_turn_rate + (limits.turn_rate - limits.running_turn_rate) / (1.0 + speed)
    slowing = np.sqrt(limits.turn_acceleration * chord)  # half of what would stop in time at the limit
    rate = np.minimum(np.minimum(most, slowing), chord / step)
    wanted = np.where(wants, np.where(cross >= 0.0, rate, -rate), 0.0)
    change = limits.turn_acceleration * step
    bodies.turn_rate = bodies.turn_rate + np.clip(wanted - bodies.turn_rate, -change, change)

    # Rotation by twice the angle whose tangent is k, which is the turn of this step but for its third power.
    k = 0.5 * step * bodies.turn_rate
    scale = 1.0 / (1.0 + k * k)
    cosine, sine = (1.0 - k * k) * scale, 2.0 * k * scale
    x = heading[:, 0] * cosine - heading[:, 1] * sine
    y = heading[:, 0] * sine + heading[:, 1] * cosine
    norm = np.sqrt(x * x + y * y)
    bodies.heading = np.stack([x / norm, y / norm], axis=1)

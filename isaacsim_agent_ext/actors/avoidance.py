"""Local avoidance: which velocity each actor takes so that nobody collides within the next seconds.

Optimal reciprocal collision avoidance (van den Berg, Guy, Lin, Manocha: *Reciprocal n-Body Collision Avoidance*, 2011).
Every near pair gives each of its two actors one half-plane of velocities that are safe for the time horizon if the
other keeps its half of the bargain; every actor then takes the velocity nearest to the one it prefers. All pairs and
all actors are treated at once in NumPy. Only additions, multiplications, divisions and square roots are used, so that
the result does not depend on which vector instructions the processor has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.half_planes import least_violation, nearest_velocity

Walls = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From actor indices ``(k,)`` to wall half-planes: normals ``(2, walls, k)`` and offsets ``(walls, k)`` [m/s]."""


@dataclass(frozen=True, slots=True)
class AvoidanceSettings:
    """How far people look ahead and how close they pass.

    Attributes:
        horizon: Time for which a velocity must be free of collisions with others who walk briskly [s].
        slow_horizon: The same where both hardly move [s].
        standing_horizon: The same for those who stand, who hold no surprises [s].
        personal_space: Distance kept between bodies when there is room [m].
        ease_time: Time in which people who stand closer than that drift apart [s].
        most_neighbors: How many of the nearest relevant neighbours an actor minds.
        keep_right: How far a blocked walker's preference leans to the right, as a fraction of its speed.
    """

    horizon: float = 2.0
    slow_horizon: float = 0.8
    standing_horizon: float = 1.2
    personal_space: float = 0.08
    ease_time: float = 0.8
    most_neighbors: int = 10
    keep_right: float = 0.2


@dataclass(frozen=True, eq=False, slots=True)
class Movers:
    """Everybody as avoidance sees them.

    Attributes:
        position: ``(n, 2)`` [m].
        velocity: ``(n, 2)`` at present [m/s].
        preferred: ``(n, 2)`` what each would like [m/s].
        limit: ``(n,)`` largest speed [m/s].
        radius: ``(n,)`` of the body [m].
        yielding: ``(n,)`` whether it takes its share of the avoiding; the others stay as they are.
    """

    position: np.ndarray
    velocity: np.ndarray
    preferred: np.ndarray
    limit: np.ndarray
    radius: np.ndarray
    yielding: np.ndarray


@dataclass(frozen=True, eq=False, slots=True)
class _HalfPlanes:
    """Half-planes ``normal · v >= offset``, several for each actor; all arrays have one length.

    Attributes:
        actor: Whose velocity is restricted.
        nx: Unit normal, x.
        ny: Unit normal, y.
        offset: [m/s].
        gap: Room between the two bodies [m], negative inside the personal space.
    """

    actor: np.ndarray
    nx: np.ndarray
    ny: np.ndarray
    offset: np.ndarray
    gap: np.ndarray


def avoid(
    movers: Movers, pairs: tuple[np.ndarray, np.ndarray], walls: Walls, settings: AvoidanceSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return the velocity each actor should take now.

    Args:
        movers: Everybody.
        pairs: Near pairs as of `neighbors.neighbor_pairs`.
        walls: Asked for the walls near those actors that have to deviate.
        settings: Horizon and distances.

    Returns:
        ``(n, 2)`` velocities [m/s] and ``(n,)`` whether the actor had to deviate from its preference.
    """
    preferred = movers.preferred
    planes = _half_planes(movers, pairs, settings)
    actor = planes.actor
    broken = planes.nx * preferred[actor, 0] + planes.ny * preferred[actor, 1] < planes.offset
    deviates = np.zeros(len(preferred), bool)
    deviates[actor[broken]] = True
    rows = np.flatnonzero(deviates)
    if not len(rows):
        return preferred, deviates

    wall_normals, wall_offsets = walls(rows)
    normals, offsets = _tabulate(planes, rows, deviates, settings.most_neighbors)
    normals = np.concatenate([wall_normals, normals], axis=1)
    offsets = np.concatenate([wall_offsets, offsets], axis=0)
    wish_x, wish_y = preferred[rows, 0], preferred[rows, 1]
    wish = np.stack([wish_x + settings.keep_right * wish_y, wish_y - settings.keep_right * wish_x])
    limit = movers.limit[rows]
    velocity, feasible = nearest_velocity(normals, offsets, wish, limit)
    stuck = np.flatnonzero(~feasible)
    if len(stuck):
        velocity[:, stuck] = least_violation(
            normals[:, :, stuck], offsets[:, stuck], wish[:, stuck], limit[stuck], firm=len(wall_offsets)
        )
    velocities = preferred.copy()
    velocities[rows] = velocity.T
    return velocities, deviates


def _half_planes(movers: Movers, pairs: tuple[np.ndarray, np.ndarray], settings: AvoidanceSettings) -> _HalfPlanes:
    """Return the half-planes that can bind: those that do not hold for every velocity an actor can reach."""
    yielding, limit = movers.yielding, movers.limit
    x, y = movers.position[:, 0], movers.position[:, 1]
    first, second = pairs
    relevant = yielding[first] | yielding[second]
    first, second = first[relevant], second[relevant]
    dx, dy = x[second] - x[first], y[second] - y[first]
    distance = np.sqrt(dx * dx + dy * dy)
    speed = np.sqrt(movers.velocity[:, 0] ** 2 + movers.velocity[:, 1] ** 2)
    body = movers.radius + settings.personal_space * (0.2 + 0.3 * np.minimum(speed, 1.0))
    room = body[first] + body[second]
    # In a jam everybody is slow, and whoever minded what may happen in two seconds would not move at all.
    pace = np.minimum(0.5 * (speed[first] + speed[second]), 1.0)
    walking_horizon = settings.slow_horizon + (settings.horizon - settings.slow_horizon) * pace
    both = yielding[first] & yielding[second]
    horizon = np.where(both, walking_horizon, settings.standing_horizon)
    near = distance < room + horizon * (limit[first] + limit[second])
    first, second, dx, dy, distance, room, horizon = (
        part[near] for part in (first, second, dx, dy, distance, room, horizon)
    )

    first_vx, first_vy = movers.velocity[first, 0], movers.velocity[first, 1]
    second_vx, second_vy = movers.velocity[second, 0], movers.velocity[second, 1]
    vx, vy = first_vx - second_vx, first_vy - second_vy
    close = distance <= room
    horizon = np.where(close, settings.ease_time, horizon)

    # The forbidden relative velocities are a cone cut off by a disc; w points from the disc's centre to the velocity.
    wx, wy = vx - dx / horizon, vy - dy / horizon
    length = np.sqrt(wx * wx + wy * wy)
    safe = np.maximum(length, 1e-12)
    dot = wx * dx + wy * dy
    on_disc = close | ((dot < 0.0) & (dot * dot > room * room * length * length))

    # Otherwise the nearest boundary is the left or the right leg of the cone.
    square = np.maximum(distance * distance, 1e-12)
    leg = np.sqrt(np.maximum(square - room * room, 0.0))
    side = np.where(dx * wy - dy * wx > 0.0, 1.0, -1.0)
    leg_nx = -(dx * room + side * dy * leg) / square
    leg_ny = (side * dx * leg - dy * room) / square

    nx, ny = np.where(on_disc, wx / safe, leg_nx), np.where(on_disc, wy / safe, leg_ny)
    shift = np.where(on_disc, room / horizon - length, -(vx * leg_nx + vy * leg_ny))
    first_offset = nx * first_vx + ny * first_vy + np.where(yielding[second], 0.5, 1.0) * shift
    second_offset = -(nx * second_vx + ny * second_vy) + np.where(yielding[first], 0.5, 1.0) * shift

    actor = np.concatenate([first, second])
    offset = np.concatenate([first_offset, second_offset])
    binding = yielding[actor] & (offset > -limit[actor])
    planes = (actor, np.concatenate([nx, -nx]), np.concatenate([ny, -ny]), offset, np.tile(distance - room, 2))
    return _HalfPlanes(*(part[binding] for part in planes))


def _tabulate(planes: _HalfPlanes, rows: np.ndarray, wanted: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Arrange the half-planes of the wanted actors ``rows`` as ``(2, lines, k)`` and ``(lines, k)``, nearest first."""
    chosen = np.flatnonzero(wanted[planes.actor])
    # One key in place of two: actors are whole numbers, gaps are shrunk to fractions.
    key = planes.actor[chosen] + np.clip(planes.gap[chosen] / 64.0 + 0.25, 0.0, 0.99)
    chosen = chosen[np.argsort(key, kind="stable")]
    row = np.searchsorted(rows, planes.actor[chosen])
    count = np.bincount(row, minlength=len(rows))
    rank = np.arange(len(chosen)) - np.repeat(np.cumsum(count) - count, count)
    kept = rank < most
    chosen, row, rank = chosen[kept], row[kept], rank[kept]
    depth = int(rank.max()) + 1
    normals = np.zeros((2, depth, len(rows)))
    offsets = np.full((depth, len(rows)), -np.inf)
    normals[0, rank, row] = planes.nx[chosen]
    normals[1, rank, row] = planes.ny[chosen]
    offsets[rank, row] = planes.offset[chosen]
    return normals, offsets

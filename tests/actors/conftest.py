"""Doubles and helpers: a flat floor with boxes that is a NavMesh, and people on it."""

from __future__ import annotations

import numpy as np
import pytest

from isaacsim_agent_ext.actors.crowd import Crowd
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.actors.routes import shape_path
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.spawn import spawn_characters
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterSection, CharacterWander, IdleOption, Walk
from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.navigation.navmesh import Path
from isaacsim_agent_ext.randomness import stream

_TOUCH = 1e-6


class FloorNavMesh:
    """Centres may stand in ``bounds`` (x0, y0, x1, y1) but not inside ``boxes``; ``areas`` are named rectangles."""

    def __init__(self, bounds, boxes=(), areas=None):
        self.bounds = np.array(bounds, float)
        self.boxes = np.array(boxes, float).reshape(-1, 4)
        self._areas = dict(areas or {})
        x0, y0, x1, y1 = (self.boxes + np.array([-1, -1, 1, 1]) * 1e-3).T
        corners = np.concatenate([np.stack(c, 1) for c in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
        self._corners = corners[self._free(corners)]
        self._visible = self._sees(self._corners[:, None], self._corners[None])
        self.path_queries = 0

    @property
    def areas(self):
        return tuple(sorted(self._areas))

    def _free(self, points, areas=()):
        x, y = points[..., 0, None], points[..., 1, None]
        b = self.boxes
        inside = (
            (x > b[:, 0] + _TOUCH) & (x < b[:, 2] - _TOUCH) & (y > b[:, 1] + _TOUCH) & (y < b[:, 3] - _TOUCH)
        ).any(-1)
        x0, y0, x1, y1 = self.bounds
        x, y = x[..., 0], y[..., 0]
        free = ~inside & (x >= x0 - _TOUCH) & (x <= x1 + _TOUCH) & (y >= y0 - _TOUCH) & (y <= y1 + _TOUCH)
        if areas:
            rectangles = [self._areas[name] for name in areas]
            free &= np.any([(x >= r[0]) & (x <= r[2]) & (y >= r[1]) & (y <= r[3]) for r in rectangles], axis=0)
        return free

    def _fraction(self, starts, ends):
        """Fraction of each straight line up to the first box or the bounds; broadcasts."""
        starts, ends = np.broadcast_arrays(starts, ends)
        origin, ray = starts[..., None, :], (ends - starts)[..., None, :]
        low, high = self.boxes[:, :2] + _TOUCH, self.boxes[:, 2:] - _TOUCH
        with np.errstate(divide="ignore", invalid="ignore"):
            one, two = (low - origin) / ray, (high - origin) / ray
        parallel = ray == 0
        outside = parallel & ((origin <= low) | (origin >= high))
        near = np.where(parallel, -np.inf, np.minimum(one, two)).max(-1)
        far = np.where(parallel, np.inf, np.maximum(one, two)).min(-1)
        hit = (near < far) & (far > 0) & (near < 1) & ~outside.any(-1)
        fraction = np.where(hit, np.maximum(near, 0), 1.0).min(-1, initial=1.0)
        edge = self.bounds.reshape(2, 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            leave = np.where(
                ray[..., 0, :] > 0, (edge[1] - starts) / ray[..., 0, :], (edge[0] - starts) / ray[..., 0, :]
            )
        leave = np.where(ray[..., 0, :] == 0, np.inf, leave).min(-1)
        return np.minimum(fraction, np.where(leave >= 1 - 1e-9, 1.0, np.maximum(leave, 0)))

    def _sees(self, starts, ends):
        return self._fraction(starts, ends) >= 1.0

    def path(self, start, end, *, areas=()):
        self.path_queries += 1
        start, end = np.asarray(start, float), np.asarray(end, float)
        if not (self._free(start, areas) and self._free(end, areas)):
            return None
        if self._sees(start[:2], end[:2]):
            return Path(np.stack([start, end]), True)
        nodes = np.concatenate([self._corners, start[None, :2], end[None, :2]])
        count = len(nodes)
        visible = np.zeros((count, count), bool)
        visible[:-2, :-2] = self._visible
        for k in (count - 2, count - 1):
            visible[k] = visible[:, k] = self._sees(nodes[k], nodes)
        cost = np.where(visible, np.linalg.norm(nodes[:, None] - nodes[None], axis=-1), np.inf)
        best, previous, open_ = np.full(count, np.inf), np.full(count, -1), np.ones(count, bool)
        best[count - 2] = 0
        while open_.any():
            reached = np.where(open_, best, np.inf)
            k = int(reached.argmin())
            if k == count - 1 or not np.isfinite(reached[k]):
                break
            open_[k] = False
            better = best[k] + cost[k] < best
            best[better], previous[better] = best[k] + cost[k][better], k
        if not np.isfinite(best[-1]):
            return Path(np.stack([start, start]), False)
        chain = [count - 1]
        while chain[-1] != count - 2:
            chain.append(int(previous[chain[-1]]))
        return Path(np.pad(nodes[chain[::-1]], ((0, 0), (0, 1)), constant_values=0.0), True)

    def paths(self, starts, ends):
        return [self.path(start, end) for start, end in zip(starts, ends, strict=True)]

    def random_points(self, rng, count, *, areas=()):
        unknown = set(areas) - set(self._areas)
        if unknown:
            raise NavMeshError(f"no area {sorted(unknown)}; there are {self.areas}")
        found = np.empty((0, 2))
        while len(found) < count:
            points = rng.uniform(self.bounds[:2], self.bounds[2:], (64, 2))
            found = np.concatenate([found, points[self._free(points, areas)]])
        return np.pad(found[:count], ((0, 0), (0, 1)))

    def random_points_around(self, rng, center, radius, count, *, areas=()):
        x0, y0, x1, y1 = self.bounds
        low = np.maximum(center[:2] - radius, [x0, y0])
        high = np.minimum(center[:2] + radius, [x1, y1])
        points = rng.uniform(low, high, (16 * count, 2))
        near = np.hypot(*(points - center[:2]).T) <= radius
        points = points[near & self._free(points, areas)][:count]
        return np.pad(points, ((0, 0), (0, 1)))

    def closest_points(self, points, *, reach=2.0):
        moved = self._pushed_out(np.asarray(points, float)[:, :2])
        moved[np.hypot(*(moved - points[:, :2]).T) > reach] = np.nan
        return np.pad(moved, ((0, 0), (0, 1)))

    def raycast(self, starts, ends):
        return self._fraction(starts[:, :2], ends[:, :2])

    def distance_to_wall(self, points, *, reach=5.0):
        x, y = points[:, :1], points[:, 1:2]
        b = self.boxes
        dx = np.maximum(np.maximum(b[:, 0] - x, x - b[:, 2]), 0)
        dy = np.maximum(np.maximum(b[:, 1] - y, y - b[:, 3]), 0)
        x0, y0, x1, y1 = self.bounds
        edges = np.concatenate([x - x0, x1 - x, y - y0, y1 - y], axis=1)
        return np.minimum(np.concatenate([np.hypot(dx, dy), np.maximum(edges, 0)], axis=1).min(1), reach)

    def _pushed_out(self, points):
        moved = np.clip(points, self.bounds[:2], self.bounds[2:])
        for x0, y0, x1, y1 in self.boxes:
            depth = np.stack([moved[:, 0] - x0, x1 - moved[:, 0], moved[:, 1] - y0, y1 - moved[:, 1]], 1)
            inside, side = (depth > 0).all(1), depth.argmin(1)
            for k, (axis, value) in enumerate(((0, x0), (0, x1), (1, y0), (1, y1))):
                moved[inside & (side == k), axis] = value
        return moved

    def move_along_surface(self, starts, ends):
        moved = self._pushed_out(np.asarray(ends, float)[:, :2])
        stay = ~self._free(moved)
        moved[stay] = starts[stay, :2]
        return np.pad(moved, ((0, 0), (0, 1)))

    def triangles(self):
        x0, y0, x1, y1 = self.bounds
        return np.array([[[x0, y0, 0], [x1, y0, 0], [x1, y1, 0]], [[x0, y0, 0], [x1, y1, 0], [x0, y1, 0]]], np.float32)


RADIUS = 0.25
STEP = 1 / 30


class Log:
    """Positions, headings and so on of everybody in every step, as arrays ``(steps, actors, ...)``."""

    def __init__(self, position, velocity, heading, turn_rate):
        self.position, self.velocity = np.array(position), np.array(velocity)
        self.heading, self.turn_rate = np.array(heading), np.array(turn_rate)

    @property
    def gaps(self):
        """Smallest gap between two bodies in each step."""
        apart = np.linalg.norm(self.position[:, :, None, :2] - self.position[:, None, :, :2], axis=-1)
        return (apart + 100 * np.eye(apart.shape[1])).min((1, 2)) - 2 * RADIUS

    @property
    def speed(self):
        return np.linalg.norm(self.velocity[..., :2], axis=-1)

    @property
    def acceleration(self):
        return np.linalg.norm(np.diff(self.velocity[..., :2], axis=0), axis=-1) / STEP


class Walkers:
    """A crowd without minds: everybody walks to one goal, or stands."""

    def __init__(self, navmesh, starts, goals, speeds=1.3, yaws=None):
        starts = np.pad(np.array(starts, float), ((0, 0), (0, 1)))
        count = len(starts)
        yaws = np.zeros(count) if yaws is None else np.array(yaws, float)
        streams = [stream(1, "walker", index) for index in range(count)]
        self.navmesh, self.goals = navmesh, goals
        self.crowd = Crowd(Bodies(starts, yaws, np.full(count, RADIUS)), navmesh, streams.__getitem__)
        self.arrived, self.given_up = {}, []
        for index, (goal, speed) in enumerate(zip(goals, np.broadcast_to(speeds, count), strict=True)):
            if goal is not None:
                path = navmesh.path(starts[index], np.array([*goal, 0.0]))
                self.crowd.walk(index, shape_path(path.points, navmesh), float(speed))

    def run(self, steps, *, until_done=True):
        rows = []
        bodies = self.crowd.bodies
        for step in range(steps):
            result = self.crowd.step()
            self.arrived.update(dict.fromkeys(result.arrived.tolist(), step))
            self.given_up += result.given_up
            rows.append(
                (bodies.position.copy(), bodies.velocity.copy(), bodies.heading.copy(), bodies.turn_rate.copy())
            )
            if until_done and not self.crowd.walking.any():
                break
        return Log(*zip(*rows, strict=True))


def wanderers(name, num, *, speed=(0.8, 1.5), distance=(4.0, 8.0), pause=(0.5, 2.0), areas=(), **group):
    walk = Walk(speed_range=speed, distance_range=distance, navigation_areas=areas)
    idle = (IdleOption(animation="idle", time_range=pause), IdleOption(animation="look_around", time_range=pause))
    return CharacterGroup(name=name, num=num, asset_path="", routines=(CharacterWander(walk=walk, idle=idle),), **group)


def simulate(navmesh, groups, *, seed=1, locate=None, poses=None):
    """Spawn the groups and return their simulation; ``poses`` (name to x, y, yaw) replaces spawning."""
    if poses is None:
        section = CharacterSection(root_prim_path="/World/Characters", motion_library_path="", groups=tuple(groups))
        spawned = spawn_characters(section, navmesh, seed, {group.name: ["a.usd", "b.usd"] for group in groups})
        specs = [spawn.spec(agent_prim_path=f"{spawn.prim_path}/ManRoot") for spawn in spawned]
    else:
        specs = [actor_spec(name, *pose) for name, pose in poses.items()]
    return Simulation(seed=seed, navmesh=navmesh, specs=specs, groups=groups, locate=locate)


def actor_spec(name, x, y, yaw=0.0):
    group = name.rsplit("_", 1)[0]
    return ActorSpec(
        name=name,
        group=group,
        prim_path=f"/World/Characters/{group}/{name}",
        agent_prim_path=f"/World/Characters/{group}/{name}/ManRoot",
        agent_type="IRACharacterAPI",
        asset_url="a.usd",
        position=np.array([x, y, 0.0]),
        yaw=yaw,
    )


def run(simulation, steps):
    rows = []
    for _ in range(steps):
        simulation.step()
        states = simulation.states()
        rows.append(
            (
                [state.position.copy() for state in states],
                [state.velocity.copy() for state in states],
                [state.facing for state in states],
                [state.turn_rate for state in states],
            )
        )
    return Log(*zip(*rows, strict=True))


@pytest.fixture(scope="session")
def floor():
    """Make a floor: ``floor(bounds, boxes, areas)``."""
    return FloorNavMesh


@pytest.fixture(scope="session")
def plane():
    return FloorNavMesh((-20, -20, 20, 20))


@pytest.fixture(scope="session")
def warehouse():
    """A 40 x 24 m hall with twelve shelves of 8 x 1.2 m."""
    return FloorNavMesh((0, 0, 40, 24), [(x, y, x + 8, y + 1.2) for x in (4, 16, 28) for y in (4, 9, 14, 19)])


@pytest.fixture(scope="session")
def people():
    """The helpers of this file: ``Walkers``, ``wanderers``, ``simulate``, ``run`` and ``actor_spec``."""

    class Helpers:
        pass

    for helper in (Walkers, wanderers, simulate, run, actor_spec, Log):
        setattr(Helpers, helper.__name__, staticmethod(helper) if callable(helper) else helper)
    return Helpers

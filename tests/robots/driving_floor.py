"""Robots and people on a flat floor, without a stage."""

import importlib.util
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.actors.drive import Drive
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import (
    CharacterGroup,
    CharacterStop,
    RobotGroup,
    RobotHalt,
    RobotPatrol,
    RobotWander,
    TimeTrigger,
)

_SPEC = importlib.util.spec_from_file_location("floors", Path(__file__).parents[1] / "actors" / "conftest.py")
_FLOORS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_FLOORS)
FloorNavMesh, wanderers = _FLOORS.FloorNavMesh, _FLOORS.wanderers

TRANSITIONS = {
    "idle": ("turn_left", "turn_right", "idle", "forward"),
    "turn_left": ("idle", "forward"),
    "turn_right": ("idle", "forward"),
    "forward": ("turn_left", "turn_right", "idle"),
}


def drive(*, differential=True, speed=1.0, turn=0.8, on_navmesh=True, transitions=TRANSITIONS):
    return Drive(
        linear_velocity=speed,
        angular_velocity=float(turn),
        differential=differential,
        plans_on_navmesh=on_navmesh,
        transitions=transitions,
    )


def robot(name, x, y, yaw=0.0, *, radius=0.5, **how):
    group = name.partition("/")[0]
    return ActorSpec(
        name=name,
        group=group,
        prim_path=f"/World/Robots/{name}",
        agent_prim_path=f"/World/Robots/{name}",
        agent_type="AnimRobotAPI",
        asset_url="r.usd",
        position=np.array([x, y, 0.0]),
        yaw=yaw,
        radius=radius,
        drive=drive(**how),
    )


def person(name, x, y, yaw=0.0):
    return _FLOORS.actor_spec(name, x, y, yaw)


def robots(name, *routines, **group):
    group = {"num": 1, "config_file_path": "r.yaml", "agent_radius": 0.5, **group}
    return RobotGroup(name=name, routines=tuple(routines), **group)


def script(name, *behaviors, **group):
    """A group that carries out some behaviors in order, once, and then stands."""
    once = TimeTrigger(time=0.0, behavior=behaviors)
    return robots(name, halt(), triggers=(once, *group.pop("triggers", ())), **group)


def patrol(*points):
    return RobotPatrol(path_points=tuple((*point, 0.0) for point in points))


def wander(shortest=4.0, longest=8.0):
    return RobotWander(distance_range=(shortest, longest), navigation_areas=(), idle_time_range=(0.5, 1.0))


def halt(seconds=1000.0):
    return RobotHalt(time_range=(seconds, seconds))


def standing(name):
    return CharacterGroup(name=name, num=1, asset_path="", routines=(CharacterStop(time_range=(1000.0, 1000.0)),))


class Log:
    """Every step's positions, yaws and tasks."""

    def __init__(self, simulation, steps):
        rows = []
        for _ in range(steps):
            simulation.step()
            rows.append(simulation.states())
        self.simulation = simulation
        self.radii = np.array([state.spec.radius for state in rows[0]])
        self.position = np.array([[state.position for state in row] for row in rows])
        self.yaw = np.array([[state.yaw for state in row] for row in rows])
        self.velocity = np.array([[state.velocity for state in row] for row in rows])
        self.turn_rate = np.array([[state.turn_rate for state in row] for row in rows])
        self.task = [[state.task for state in row] for row in rows]

    @property
    def speed(self):
        return np.linalg.norm(self.velocity[..., :2], axis=-1)

    @property
    def smallest_gap(self):
        apart = np.linalg.norm(self.position[:, :, None, :2] - self.position[:, None, :, :2], axis=-1)
        gaps = apart - self.radii[:, None] - self.radii
        return float((gaps + 100 * np.eye(len(self.radii))).min())

    def tasks(self, actor=0):
        return [row[actor] for row in self.task]


def simulation(navmesh, specs, groups, *, seed=1, **more):
    return Simulation(seed=seed, navmesh=navmesh, specs=specs, groups=groups, **more)

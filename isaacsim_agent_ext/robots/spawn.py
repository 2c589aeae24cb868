"""Spawning: where robots stand at the beginning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from isaacsim_agent_ext.actors.drive import Drive
from isaacsim_agent_ext.actors.spawn import find_free_place, no_room
from isaacsim_agent_ext.actors.spawn_points import ExactPlace, check_apart, exact_places, exact_yaw
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import RobotGroup, RobotSection
from isaacsim_agent_ext.errors import PlacementError
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.robots.config import RobotConfig

DEFAULT_RADIUS = 0.5
"""Radius of a robot whose group gives none [m]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RobotSpawn:
    """A robot before its asset is on the stage.

    Attributes:
        name: Unique within the run: the group's name and the prim's, such as ``"carters/Nova_Carter_0"``.
        group: Its group.
        kind: Its own file.
        prim_path: Its root prim.
        position: ``(3,)`` float64 on the floor [m].
        yaw: Heading [rad], counter-clockwise from +X.
        radius: Body radius [m].
    """

    name: str
    group: RobotGroup
    kind: RobotConfig
    prim_path: str
    position: np.ndarray
    yaw: float
    radius: float

    def spec(
        self,
        *,
        asset_url: str,
        height: float,
        label_prim_path: str | None,
        state_seconds: Mapping[str, float] | None = None,
    ) -> ActorSpec:
        """Return the robot as it enters the simulation.

        Args:
            asset_url: What to call its asset in datasets.
            height: How tall it is [m].
            label_prim_path: The prim with its labels when that is not the root.
            state_seconds: How long the animations of its own states take [s].
        """
        return ActorSpec(
            name=self.name,
            group=self.group.name,
            prim_path=self.prim_path,
            agent_prim_path=self.prim_path,
            agent_type="AnimRobotAPI",
            asset_url=asset_url,
            position=self.position,
            yaw=self.yaw,
            radius=self.radius,
            height=height,
            label_prim_path=label_prim_path,
            drive=Drive(
                linear_velocity=self.kind.linear_velocity,
                angular_velocity=self.kind.angular_velocity,
                differential=self.kind.differential,
                plans_on_navmesh=self.kind.plans_on_navmesh,
                transitions=self.kind.transitions,
                state_seconds=state_seconds or {},
            ),
        )


def floor_radius(group: RobotGroup) -> float:
    """Return how far robots of a group keep from walls [m]."""
    return group.agent_radius or DEFAULT_RADIUS


def body_radius(group: RobotGroup, kind: RobotConfig) -> float:
    """Return how far others keep from robots of a group [m]."""
    return max(floor_radius(group), kind.radius or 0.0)


def reserved_places(
    section: RobotSection, kinds: Mapping[str, RobotConfig], floors: Mapping[str, NavMesh]
) -> dict[str, list[ExactPlace]]:
    """Return the spawn points of each group with robots, by the group's name.

    Args:
        section: The groups.
        kinds: The file of each group's robots, by the group's name.
        floors: Where the robots of each group can drive, by the group's name.

    Raises:
        ConfigError: Any of them is off the floor.
    """
    return {
        group.name: exact_places("robot", group, floors[group.name], body_radius(group, kinds[group.name]))
        for group in section.groups
        if group.num
    }


def spawn_robots(
    section: RobotSection,
    kinds: Mapping[str, RobotConfig],
    floors: Mapping[str, NavMesh],
    seed: int,
    *,
    occupied: Sequence[tuple[np.ndarray, float]] = (),
) -> list[RobotSpawn]:
    """Place all robots of a config, clear of each other and of everybody who is there already.

    The spawn points of all groups are taken first. Every other robot draws its place from its own stream until it is
    free.

    Args:
        section: The groups, in the order of the config.
        kinds: The file of each group's robots, by the group's name.
        floors: Where the robots of each group can drive, by the group's name.
        seed: The config's seed.
        occupied: Positions ``(3,)`` and radii [m] of people.

    Raises:
        ConfigError: A spawn point is off the floor, or too near another or a person.
        PlacementError: There is not enough room; says how many fit and where.
        NavMeshError: A spawn area does not exist.
    """
    spawned: list[RobotSpawn] = []
    exact = reserved_places(section, kinds, floors)
    reserved = list(chain.from_iterable(exact.values()))
    check_apart(reserved, occupied)
    taken = [*occupied, *((place.position, place.radius) for place in reserved)]
    places = np.array([place for place, _ in taken], np.float64).reshape(-1, 3)
    radii = np.array([radius for _, radius in taken], np.float64)
    for group in section.groups:
        if not group.num:
            continue
        kind, floor = kinds[group.name], floors[group.name]
        radius = body_radius(group, kind)
        for index in range(group.num):
            leaf = kind.agent_name if group.num == 1 else f"{kind.agent_name}_{index}"
            name = f"{group.name}/{leaf}"
            rng = stream(seed, "robot", group.name, name, "spawn")
            yaw = float(rng.uniform(-math.pi, math.pi))
            if index < len(exact[group.name]):
                place, yaw = exact[group.name][index].position, exact_yaw(group, index, yaw)
            else:
                clearance = radius - floor_radius(group)
                free = find_free_place(floor, rng, group, places, radii, radius=radius, clearance=clearance)
                if free is None:
                    raise PlacementError(no_room(group, index, len(places), floor, radius=radius, kind="robots"))
                place = free
                places, radii = np.concatenate([places, place[None]]), np.append(radii, radius)
            spawned.append(
                RobotSpawn(
                    name=name,
                    group=group,
                    kind=kind,
                    prim_path=f"{section.root_prim_path.rstrip('/')}/{group.name}/{leaf}",
                    position=place,
                    yaw=yaw,
                    radius=radius,
                )
            )
    return spawned

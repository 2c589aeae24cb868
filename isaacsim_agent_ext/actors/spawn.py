"""Spawning: where people stand at the beginning, and which asset each of them is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import PurePosixPath

import numpy as np

from isaacsim_agent_ext.actors.spawn_points import check_apart, exact_places, exact_yaw
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import ActorGroup, CharacterGroup, CharacterSection
from isaacsim_agent_ext.config.wording import code, listing, nearest
from isaacsim_agent_ext.errors import ConfigError, PlacementError, Problem
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.randomness import stream

PERSON_RADIUS = 0.25
"""Body radius of a person [m]."""

SPAWN_MARGIN = 0.15
"""Distance kept between bodies at the beginning [m]."""

_WALL_CLEARANCE = 0.15  # [m] beyond what the NavMesh keeps from walls already; given up when room is short
_FIRST_TRIES = 8
_TRIES = 2000
_BATCH = 100


@dataclass(frozen=True, eq=False, kw_only=True)
class CharacterSpawn:
    """A person before its asset is on the stage.

    Attributes:
        name: Unique within the run, such as ``"workers_0"``.
        group: Name of its group.
        prim_path: Its root prim.
        asset: The chosen one of the group's assets.
        position: ``(3,)`` float64 on the floor [m].
        yaw: Heading [rad], counter-clockwise from +X.
        radius: Body radius [m].
    """

    name: str
    group: str
    prim_path: str
    asset: str
    position: np.ndarray
    yaw: float
    radius: float = PERSON_RADIUS

    def spec(self, *, agent_prim_path: str, asset_url: str | None = None, height: float = 1.75) -> ActorSpec:
        """Return the actor as it enters the simulation.

        Args:
            agent_prim_path: The SkelRoot found in the asset.
            asset_url: The asset as resolved, when it differs from `asset`.
            height: Standing height [m].
        """
        return ActorSpec(
            name=self.name,
            group=self.group,
            prim_path=self.prim_path,
            agent_prim_path=agent_prim_path,
            agent_type="IRACharacterAPI",
            asset_url=self.asset if asset_url is None else asset_url,
            position=self.position,
            yaw=self.yaw,
            radius=self.radius,
            height=height,
        )


def spawn_characters(
    section: CharacterSection,
    navmesh: NavMesh,
    seed: int,
    assets: Mapping[str, Sequence[str]],
    *,
    occupied: Sequence[tuple[np.ndarray, float]] = (),
) -> list[CharacterSpawn]:
    """Place all people of a config on the NavMesh, at least `SPAWN_MARGIN` between any two bodies.

    The spawn points of all groups are taken first. Everybody else draws a place from its own stream until it is free,
    so that a group added at the end changes nothing for the groups before it, and a group added before them only moves
    whom it is in the way of.

    Args:
        section: The groups, in the order of the config.
        navmesh: Its surface keeps the agent radius from walls already.
        seed: The config's seed.
        assets: For each group with people the assets to choose from; they are spread evenly before any repeats.
        occupied: Positions ``(3,)`` and radii [m] of actors that are there already.

    Returns:
        The people in the order of the config.

    Raises:
        ConfigError: A spawn point is off the floor or too near another, or a group names an asset that is not there.
        PlacementError: There is not enough room; says how many fit and where.
        NavMeshError: A spawn area does not exist.
    """
    spawned: list[CharacterSpawn] = []
    exact = {group.name: exact_places("character", group, navmesh, PERSON_RADIUS) for group in section.groups}
    reserved = list(chain.from_iterable(exact.values()))
    check_apart(reserved)
    taken = [*occupied, *((place.position, place.radius) for place in reserved)]
    places = np.array([place for place, _ in taken], np.float64).reshape(-1, 3)
    radii = np.array([radius for _, radius in taken], np.float64)
    for group in section.groups:
        choice = named_assets(group, assets.get(group.name, ()))
        chosen = assign_assets(choice, group.num, stream(seed, "character", group.name, "assets"))
        if len(chosen) < group.num:
            raise PlacementError(f"group {group.name!r} wants {group.num} people, but there is no asset to choose from")
        for index, asset in enumerate(chosen):
            name = f"{group.name}_{index}"
            rng = stream(seed, "character", group.name, name, "spawn")
            yaw = float(rng.uniform(-math.pi, math.pi))
            if index < len(exact[group.name]):
                place, yaw = exact[group.name][index].position, exact_yaw(group, index, yaw)
            else:
                free = find_free_place(navmesh, rng, group, places, radii)
                if free is None:
                    raise PlacementError(no_room(group, index, len(places), navmesh))
                place = free
                places = np.concatenate([places, place[None]])
                radii = np.append(radii, PERSON_RADIUS)
            prim_path = f"{section.root_prim_path.rstrip('/')}/{group.name}/{name}"
            spawned.append(
                CharacterSpawn(name=name, group=group.name, prim_path=prim_path, asset=asset, position=place, yaw=yaw)
            )
    return spawned


def named_assets(group: CharacterGroup, assets: Sequence[str]) -> list[str]:
    """Return those of a group's assets that it names, by file names without endings; all when it names none.

    Raises:
        ConfigError: A name fits none of them; the message has the nearest.
    """
    if not group.assets or not group.num:
        return list(assets)
    names = {asset: PurePosixPath(asset.partition("?")[0].replace("\\", "/")).stem for asset in assets}
    known = sorted(set(names.values()))
    problems = []
    for number, pattern in enumerate(group.assets):
        if not any(fnmatchcase(name, pattern) for name in known):
            guess = nearest(pattern, known)
            hint = f"did you mean {code(guess)}?" if guess else f"there are {listing(known)}"
            key_path = f"character.groups.{group.name}.assets.{number}"
            message = f"no character of {code(group.asset_path)} is called {code(pattern)}; {hint}"
            problems.append(Problem(key_path, message))
    if problems:
        raise ConfigError(problems)
    return [asset for asset, name in names.items() if any(fnmatchcase(name, pattern) for pattern in group.assets)]


def assign_assets(assets: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    """Return ``count`` assets: every one once in random order, then every one again, and so on.

    A larger count only adds to the end of the list.
    """
    ordered = sorted(set(assets))
    chosen: list[str] = []
    while ordered and len(chosen) < count:
        chosen += [ordered[index] for index in rng.permutation(len(ordered))]
    return chosen[:count]


def find_free_place(
    navmesh: NavMesh,
    rng: np.random.Generator,
    group: ActorGroup,
    places: np.ndarray,
    radii: np.ndarray,
    *,
    radius: float = PERSON_RADIUS,
    clearance: float = _WALL_CLEARANCE,
) -> np.ndarray | None:
    """Return the first free one ``(3,)`` of many random points, or None.

    Args:
        navmesh: The floor.
        rng: The actor's stream.
        group: Says in which areas.
        places: ``(n, 3)`` where others stand [m].
        radii: ``(n,)`` their radii [m].
        radius: Of the actor [m].
        clearance: Distance to the edge of the floor [m], given up when room is short.
    """
    apart = radii + radius + SPAWN_MARGIN
    tried = 0
    while tried < _TRIES:
        batch = _FIRST_TRIES if tried == 0 else _BATCH
        points = np.asarray(navmesh.random_points(rng, batch, areas=group.spawn_areas), np.float64)
        offset = points[:, None, :] - places[None, :, :]
        near = (offset[..., 0] ** 2 + offset[..., 1] ** 2 < apart * apart) & (np.abs(offset[..., 2]) < 2.0)
        free = ~near.any(axis=1)
        if tried < _TRIES // 2:
            free &= navmesh.distance_to_wall(points, reach=max(clearance, 0.01)) >= clearance
        if free.any():
            return points[int(free.argmax())].copy()
        tried += batch
    return None


def no_room(
    group: ActorGroup,
    placed: int,
    others: int,
    navmesh: NavMesh,
    *,
    radius: float = PERSON_RADIUS,
    kind: str = "people",
) -> str:
    """Return what to tell the user when only some of a group found a place."""
    where = f"the spawn areas {', '.join(group.spawn_areas)}" if group.spawn_areas else "the walkable floor"
    corners = navmesh.triangles().astype(np.float64)
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    return (
        f"group {group.name!r}: only {placed} of {group.num} {kind} fit on {where} "
        f"({others} actors stand on the floor already, which has {area:.1f} m² in all; each needs a circle of "
        f"{2 * radius + SPAWN_MARGIN:.2f} m); lower num, or allow more or larger spawn_areas"
    )

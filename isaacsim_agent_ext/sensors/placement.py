"""Placing the cameras of a group around what they aim at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.config.model import AimAtTargets, SensorGroup
from isaacsim_agent_ext.errors import PlacementError
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.candidates import Candidates, check_ranges, draw_candidates
from isaacsim_agent_ext.sensors.look_at import look_at
from isaacsim_agent_ext.sensors.scoring import Subject, Views, look, rate
from isaacsim_agent_ext.sensors.targets import TargetBounds
from isaacsim_agent_ext.sensors.visibility import RayCaster, is_clear, occlusion

CAMERA_CLEARANCE = 0.5
"""Distance kept between cameras and any surface [m]."""

_ROUNDS = 4  # of `raycast_density` candidates each, until there is a choice
_ENOUGH = 12  # candidates that satisfy everything
_RELAXING_STEP = 0.15  # of the occlusion threshold
_OVER_FLOOR = 0.5  # [m] from the NavMesh, seen from above
_STROLL = 5.0  # [m] around a target where it may be later
_STROLL_POINTS, _STROLL_TARGETS = 8, 24
_CHEST_HEIGHT = 1.2  # [m]


@dataclass(frozen=True, eq=False)
class PlacedCameras:
    """The cameras of a group.

    Attributes:
        cameras: In order of their index.
        warnings: What had to give way to place them.
    """

    cameras: tuple[CameraView, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Judged:
    """Candidates, and what holds for each: ``(n,)`` arrays."""

    candidates: Candidates
    clear: np.ndarray
    over_floor: np.ndarray
    hidden: np.ndarray

    def passing(self, threshold: float, *, over_floor: bool) -> np.ndarray:
        return np.flatnonzero(self.clear & (self.hidden < threshold) & (self.over_floor | (not over_floor)))


def place_aim_at_targets(
    group: SensorGroup,
    targets: Sequence[TargetBounds],
    navmesh: NavMesh,
    caster: RayCaster,
    *,
    seed: int,
    resolution: tuple[int, int],
    root_prim_path: str = "/World/Cameras",
) -> PlacedCameras:
    """Place the cameras of an ``aim_at_targets`` group.

    Every camera looks at the middle of one target, from a height above that target's floor, a distance, a look-down
    angle and a yaw (the direction from the target to the camera, counter-clockwise from +X) within the group's
    ranges. Positions within 0.5 m of a surface, and those from which too much of the target is hidden, are out; those
    over the NavMesh are preferred. Among `raycast_density` candidates the one is taken that shows most people, now
    and after they have walked some metres, and least of what the group's cameras before it show.

    Each camera draws from its own stream, named by seed, group and index: other groups, and later cameras of the same
    group, change nothing.

    Args:
        group: The group; its strategy is `AimAtTargets`.
        targets: What to aim at (see `isaacsim_agent_ext.sensors.targets.select_targets`).
        navmesh: Tells where people may walk.
        caster: Answers rays against the scene.
        seed: The config's seed.
        resolution: Width and height of the images [px].
        root_prim_path: Prim above all groups' cameras.

    Raises:
        PlacementError: There is nothing to aim at, the ranges contradict each other, or no position is usable.
    """
    placement = group.placement
    if not isinstance(placement, AimAtTargets):
        raise TypeError(f"sensor group {group.name} does not aim at targets but places by {type(placement).__name__}")
    if group.num == 0:
        return PlacedCameras(())
    if not targets:
        raise PlacementError(
            f"Camera group {group.name} has nothing to aim at: there are no people or robots. Add a group of them, or "
            f"name prims under sensor.groups.{group.name}.aim_at_targets.targets."
        )
    check_ranges(group.name, placement, [float(target.center[2] - target.floor) for target in targets])

    floor = _stroll_floor(stream(seed, "sensor", group.name, "floor"), targets, navmesh)
    subject = Subject(tuple(targets), floor)
    cameras: list[CameraView] = []
    views: list[Views] = []
    warnings: list[str] = []
    for index in range(group.num):
        rng = stream(seed, "sensor", group.name, index)
        name = f"{group.name}_{index}"
        focal_length = float(rng.uniform(*placement.focal_length_range))
        judged = _judge_candidates(rng, placement, subject.targets, navmesh, caster)
        usable, threshold = _choose_threshold(judged, placement, name)
        if threshold > _threshold(placement):
            warnings.append(
                f"camera {name}: from no position less than {placement.occlusion_threshold:.0%} of its target is "
                f"hidden; occlusion_threshold was relaxed to {threshold:.2f}. Wider ranges, or a lower "
                "look-down angle, give it more to choose from."
            )
        options = [
            CameraView(
                prim_path=f"{root_prim_path}/{group.name}/{name}",
                transform=look_at(judged.candidates.positions[i], targets[judged.candidates.targets[i]].center),
                resolution=resolution,
                focal_length=focal_length,
            )
            for i in usable
        ]
        aims = np.array([targets[judged.candidates.targets[i]].center for i in usable])
        distances = np.linalg.norm(judged.candidates.positions[usable] - aims, axis=1)
        seen = look(caster, options, distances, subject)
        best = int(np.argmax(rate(seen, options, cameras, views)))
        cameras.append(options[best])
        views.append(Views(*(part[best : best + 1] for part in (seen.targets, seen.sizes, seen.floor, seen.openness))))
    return PlacedCameras(tuple(cameras), tuple(warnings))


def _judge_candidates(
    rng: np.random.Generator,
    placement: AimAtTargets,
    targets: tuple[TargetBounds, ...],
    navmesh: NavMesh,
    caster: RayCaster,
) -> _Judged:
    """Draw candidates until enough of them satisfy everything, or the rounds are over."""
    rounds: list[_Judged] = []
    for _ in range(_ROUNDS):
        drawn = draw_candidates(rng, placement, list(targets), placement.raycast_density)
        clear = is_clear(caster, drawn.positions, CAMERA_CLEARANCE)
        hidden = np.ones(len(clear))
        hidden[clear] = occlusion(
            caster, drawn.positions[clear], [targets[index] for index in drawn.targets[clear]], targets
        )
        feet = drawn.positions.copy()
        feet[:, 2] = [targets[index].floor for index in drawn.targets]
        over_floor = np.isfinite(navmesh.closest_points(feet, reach=_OVER_FLOOR)).all(axis=1)
        rounds.append(_Judged(drawn, clear, over_floor, hidden))
        judged = _concatenate(rounds)
        if len(judged.passing(_threshold(placement), over_floor=True)) >= min(_ENOUGH, placement.raycast_density):
            break
    return judged


def _concatenate(rounds: Sequence[_Judged]) -> _Judged:
    return _Judged(
        Candidates(
            np.concatenate([judged.candidates.positions for judged in rounds]),
            np.concatenate([judged.candidates.targets for judged in rounds]),
        ),
        np.concatenate([judged.clear for judged in rounds]),
        np.concatenate([judged.over_floor for judged in rounds]),
        np.concatenate([judged.hidden for judged in rounds]),
    )


def _threshold(placement: AimAtTargets) -> float:
    return np.inf if placement.occlusion_threshold < 0 else placement.occlusion_threshold


def _choose_threshold(judged: _Judged, placement: AimAtTargets, name: str) -> tuple[np.ndarray, float]:
    """Return the candidates to choose from and the occlusion threshold they keep to.

    Raises:
        PlacementError: There is none even when only a glimpse of the target is asked for.
    """
    threshold = _threshold(placement)
    while True:
        for over_floor in (True, False):
            usable = judged.passing(threshold, over_floor=over_floor)
            if len(usable):
                return usable, threshold
        if threshold >= 1.0:
            break
        threshold = min(threshold + _RELAXING_STEP, 1.0)
    count, near = len(judged.clear), int((~judged.clear).sum())
    raise PlacementError(
        f"There is no place for camera {name}: of {count} positions tried, {near} are within {CAMERA_CLEARANCE:g} m of "
        f"a surface or inside something, and from {count - near} the target is completely hidden. Change height_range, "
        "distance_range, look_down_angle_range or yaw_range so that cameras stand in the same open space as their "
        "targets, or raise raycast_density."
    )


def _stroll_floor(rng: np.random.Generator, targets: Sequence[TargetBounds], navmesh: NavMesh) -> np.ndarray:
    """Return points ``(n, 3)`` at chest height where targets may be after a while; none for targets off the NavMesh."""
    chosen = rng.permutation(len(targets))[:_STROLL_TARGETS]
    points = [np.zeros((0, 3))]
    for index in chosen:
        target = targets[index]
        feet = np.array([target.center[0], target.center[1], target.floor])
        points.append(navmesh.random_points_around(rng, feet, _STROLL, _STROLL_POINTS))
    return np.concatenate(points) + np.array([0.0, 0.0, _CHEST_HEIGHT])

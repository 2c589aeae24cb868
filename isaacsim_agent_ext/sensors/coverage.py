"""Placing the cameras of a group so that together they see as much of the walkable floor as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.config.model import MaximumCoverage, SensorGroup
from isaacsim_agent_ext.errors import PlacementError
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.sensors.camera import HORIZONTAL_APERTURE, CameraView
from isaacsim_agent_ext.sensors.candidates import check_ranges, feasible_shapes
from isaacsim_agent_ext.sensors.floor_grid import FloorGrid, grid_floor
from isaacsim_agent_ext.sensors.greedy_cover import greedy_cover
from isaacsim_agent_ext.sensors.look_at import look_along
from isaacsim_agent_ext.sensors.placement import CAMERA_CLEARANCE, PlacedCameras
from isaacsim_agent_ext.sensors.targets import TargetBounds
from isaacsim_agent_ext.sensors.visibility import RayCaster, is_clear, sees

FOCUS_HEIGHT = 0.5
"""Height above the floor of the points that cameras look at, and that stand for the cells [m]."""

_YAWS = np.arange(8) * np.pi / 4
_AREA_PER_POSITION = 1.5  # [m²]
_FEWEST_POSITIONS, _MOST_POSITIONS = 128, 640
_ROUNDS = 4  # of drawing positions, while most of them are not usable
_LEAST_GAIN = 2  # cells that a camera must add where their number is free
_RAYS_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Cameras to choose from, eight at each position: ``(n, ...)`` arrays.

    Attributes:
        positions: ``(n, 3)`` [m].
        rotations: ``(n, 3, 3)`` camera-to-world; the rows are right, up and backward.
        focal_lengths: ``(n,)`` [mm].
    """

    positions: np.ndarray
    rotations: np.ndarray
    focal_lengths: np.ndarray


def place_maximum_coverage(
    group: SensorGroup,
    navmesh: NavMesh,
    caster: RayCaster,
    *,
    seed: int,
    resolution: tuple[int, int],
    root_prim_path: str = "/World/Cameras",
    transparent: Sequence[TargetBounds] = (),
) -> PlacedCameras:
    """Place the cameras of a ``maximum_coverage`` group.

    The floor is divided into cells of `grid_resolution`. A camera covers a cell when the point 0.5 m above it is
    inside its image, no further than the upper end of `distance_range` plus half the diagonal of a cell, and nothing
    stands in between. Candidates hang above the walkable floor, at least 0.5 m from any surface, and look in eight
    directions; their height, look-down angle and focal length, and the distance along the optical axis to 0.5 m above
    the floor, are within the group's ranges. Of these the camera is taken that adds most cells, then the next.

    With `num` -1 this ends when the cameras cover `target_coverage_ratio` of the cells that any candidate covers, or
    when the next one would add fewer than two cells. With a fixed `num` all cameras are placed; once there is nothing
    to add they look at what is covered least. More cameras leave those before them where they are.

    Args:
        group: The group; its strategy is `MaximumCoverage`.
        navmesh: The walkable floor.
        caster: Answers rays against the scene.
        seed: The config's seed.
        resolution: Width and height of the images [px].
        root_prim_path: Prim above all groups' cameras.
        transparent: Boxes that hide nothing: of people and robots, who will walk on.

    Raises:
        PlacementError: There is no floor, the ranges contradict each other, or no position is usable.
    """
    placement = group.placement
    if not isinstance(placement, MaximumCoverage):
        raise TypeError(f"sensor group {group.name} does not cover the floor but has a {type(placement).__name__}")
    if group.num == 0:
        return PlacedCameras(())
    check_ranges(group.name, placement, [FOCUS_HEIGHT])
    grid = grid_floor(navmesh.triangles(), placement.grid_resolution)
    if len(grid.cells) == 0:
        raise PlacementError(f"Camera group {group.name} has no floor to cover: there is no walkable surface.")

    rng = stream(seed, "sensor", group.name, "coverage")
    positions, floors = _draw_positions(rng, group, placement, grid, caster, transparent)
    candidates = _draw_candidates(rng, placement, positions, floors)
    points = grid.cells + np.array([0.0, 0.0, FOCUS_HEIGHT])
    reach = placement.distance_range[1] + placement.grid_resolution / np.sqrt(2.0)
    covers = _covered_cells(candidates, points, reach, resolution, caster, transparent)
    coverable = len(np.unique(np.concatenate(covers)))
    if coverable == 0:
        raise PlacementError(
            f"Camera group {group.name} sees no floor from any of {len(positions)} positions: what it looks at is "
            "hidden or out of distance_range. Change height_range, look_down_angle_range or distance_range."
        )
    chosen, covered = _choose(covers, len(points), group.num, placement.target_coverage_ratio * coverable)
    cameras = tuple(
        CameraView(
            prim_path=f"{root_prim_path}/{group.name}/{group.name}_{index}",
            transform=_transform(candidates, candidate),
            resolution=resolution,
            focal_length=float(candidates.focal_lengths[candidate]),
        )
        for index, candidate in enumerate(chosen)
    )
    return PlacedCameras(cameras, _warnings(group, placement, len(cameras), covered, coverable, len(points)))


def _draw_positions(
    rng: np.random.Generator,
    group: SensorGroup,
    placement: MaximumCoverage,
    grid: FloorGrid,
    caster: RayCaster,
    transparent: Sequence[TargetBounds],
) -> tuple[np.ndarray, np.ndarray]:
    """Return positions ``(n, 3)`` spread over the floor that cameras can hang at, and the floor ``(n,)`` below [m].

    Raises:
        PlacementError: There is none.
    """
    shapes = feasible_shapes(rng, placement, FOCUS_HEIGHT)
    area = len(grid.cells) * placement.grid_resolution**2
    count = int(np.clip(area / _AREA_PER_POSITION, _FEWEST_POSITIONS, _MOST_POSITIONS))
    positions, floors, tried, near = [], [], 0, 0
    for _ in range(_ROUNDS):
        spread = ((np.arange(count) + rng.random(count)) / count * len(grid.samples)).astype(np.int64)
        below = grid.samples[np.minimum(spread, len(grid.samples) - 1)] + np.array([0.0, 0.0, FOCUS_HEIGHT])
        drawn = below + shapes[rng.integers(len(shapes), size=count), 1][:, None] * np.array([0.0, 0.0, 1.0])
        clear = is_clear(caster, drawn, CAMERA_CLEARANCE)
        open_below = sees(caster, drawn, below, transparent)  # else it hangs over a roof, or over the next storey
        positions.append(drawn[clear & open_below])
        floors.append(below[clear & open_below, 2] - FOCUS_HEIGHT)
        tried, near = tried + count, near + int((~clear).sum())
        if 2 * sum(map(len, positions)) >= count:
            break
    found = np.concatenate(positions)
    if len(found) == 0:
        raise PlacementError(
            f"There is no place for the cameras of group {group.name}: of {tried} positions above the floor, {near} "
            f"are within {CAMERA_CLEARANCE:g} m of a surface, and the others are above a ceiling or an upper storey. "
            f"Change height_range, now {placement.height_range[0]:g} to {placement.height_range[1]:g} m."
        )
    return found, np.concatenate(floors)


def _draw_candidates(
    rng: np.random.Generator, placement: MaximumCoverage, positions: np.ndarray, floors: np.ndarray
) -> _Candidates:
    """Give every position a camera in each direction; its distance follows from its look-down angle."""
    count = len(positions) * len(_YAWS)
    drop = np.repeat(positions[:, 2] - floors - FOCUS_HEIGHT, len(_YAWS))
    nearest, farthest = placement.distance_range
    lower, upper = np.radians(placement.look_down_angle_range)
    shallowest = np.clip(np.arcsin(np.clip(drop / farthest, 0.0, 1.0)), lower, upper)
    steepest = np.clip(np.arcsin(np.clip(drop / nearest, 0.0, 1.0)), shallowest, upper)
    angles = shallowest + (steepest - shallowest) * rng.random(count)
    return _Candidates(
        np.repeat(positions, len(_YAWS), axis=0),
        look_along(np.tile(_YAWS, len(positions)), angles),
        rng.uniform(*placement.focal_length_range, count),
    )


def _covered_cells(
    candidates: _Candidates,
    points: np.ndarray,
    reach: float,
    resolution: tuple[int, int],
    caster: RayCaster,
    transparent: Sequence[TargetBounds],
) -> list[np.ndarray]:
    """Return the cells that each candidate covers, as indices.

    The candidates of one position share its rays, which go only to points in one of their images.
    """
    covers: list[np.ndarray] = []
    block = len(_YAWS) * max(1, _RAYS_AT_ONCE // len(points))
    for start in range(0, len(candidates.positions), block):
        firsts = range(start, min(start + block, len(candidates.positions)), len(_YAWS))
        framed = [
            _framed_cells(candidates, slice(first, first + len(_YAWS)), points, reach, resolution) for first in firsts
        ]
        sizes = [len(cells) for cells, _ in framed]
        origins = np.repeat(candidates.positions[list(firsts)], sizes, axis=0)
        seen = sees(caster, origins, points[np.concatenate([cells for cells, _ in framed])], transparent)
        for (cells, inside), open_to in zip(framed, np.split(seen, np.cumsum(sizes)[:-1]), strict=True):
            covers += [cells[row & open_to].astype(np.int32) for row in inside]
    return covers


def _framed_cells(
    candidates: _Candidates, here: slice, points: np.ndarray, reach: float, resolution: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells ``(n,)`` that candidates at one position have in their images, and which ``(cameras, n)``."""
    offsets = points - candidates.positions[here.start]
    near = np.flatnonzero((offsets**2).sum(axis=1) <= reach**2)
    inside = _in_image(offsets[near], candidates.rotations[here], candidates.focal_lengths[here], resolution)
    any_inside = inside.any(axis=0)
    return near[any_inside], inside[:, any_inside]


def _in_image(
    offsets: np.ndarray, rotations: np.ndarray, focal_lengths: np.ndarray, resolution: tuple[int, int]
) -> np.ndarray:
    """Return for cameras at one position which points are inside their images ``(cameras, points)``."""
    right, up, backward = np.moveaxis(rotations @ offsets.T, 1, 0)
    half_width = HORIZONTAL_APERTURE / 2 / focal_lengths[:, None]
    half_height = half_width * resolution[1] / resolution[0]
    depth = -backward
    return (depth > 0) & (np.abs(right) <= half_width * depth) & (np.abs(up) <= half_height * depth)


def _choose(covers: Sequence[np.ndarray], size: int, num: int, enough: float) -> tuple[list[int], int]:
    """Return the candidates to take, in order, and how many cells they cover."""
    chosen: list[int] = []
    covered = 0
    for candidate, gain in greedy_cover(covers, size):
        if len(chosen) == num or (num < 0 and (covered >= enough or (chosen and gain < _LEAST_GAIN))):
            break
        chosen.append(candidate)
        covered += gain
    return chosen, covered


def _transform(candidates: _Candidates, index: int) -> np.ndarray:
    transform = np.eye(4)
    transform[:3, :3], transform[3, :3] = candidates.rotations[index], candidates.positions[index]
    return transform


def _warnings(
    group: SensorGroup, placement: MaximumCoverage, count: int, covered: int, coverable: int, floor: int
) -> tuple[str, ...]:
    warnings = []
    target = placement.target_coverage_ratio
    if covered < target * coverable:
        remedy = (
            "what is left would take a camera for every single cell"
            if group.num < 0
            else "more cameras, wider ranges or shorter focal lengths cover more"
        )
        cameras = "1 camera" if count == 1 else f"{count} cameras"
        ratio = np.floor(100 * covered / coverable) / 100  # never shown as reached
        warnings.append(f"camera group {group.name}: coverage {ratio:.2f} of {target:.2f} with {cameras}: {remedy}.")
    if coverable < target * floor:
        warnings.append(
            f"camera group {group.name}: {1 - coverable / floor:.0%} of the floor is out of sight of every position "
            "and direction its ranges allow, and does not count; wider height, look-down angle or distance ranges "
            "reach more of it."
        )
    return tuple(warnings)

"""Positions from which a camera can look at a target within a group's ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.config.model import AimAtTargets, Placement, Range
from isaacsim_agent_ext.errors import PlacementError
from isaacsim_agent_ext.randomness import stream
from isaacsim_agent_ext.sensors.targets import TargetBounds

_TRIES = 2048
_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Candidates:
    """Positions around targets.

    Attributes:
        positions: ``(n, 3)`` float64 [m].
        targets: ``(n,)`` index of the target each looks at.
    """

    positions: np.ndarray
    targets: np.ndarray


def draw_candidates(
    rng: np.random.Generator, placement: AimAtTargets, targets: list[TargetBounds], count: int
) -> Candidates:
    """Draw positions that keep to the height, distance, look-down and yaw ranges; fewer, or none, when few do.

    Targets take turns, in random order; yaws are spread evenly over their range, with jitter.
    """
    order = rng.permutation(len(targets))
    chosen = order[np.arange(count) % len(targets)]
    low, high = np.radians(placement.yaw_range)
    yaw = low + (high - low) * (rng.permutation(count) + rng.random(count)) / count

    positions, kept = [], []
    shapes: dict[float, np.ndarray] = {}
    for index, angle in zip(chosen, yaw, strict=True):
        target = targets[index]
        raise_of_target = float(target.center[2] - target.floor)
        key = round(raise_of_target, 6)
        if key not in shapes:
            shapes[key] = feasible_shapes(rng, placement, raise_of_target)
        options = shapes[key]
        if len(options) == 0:
            continue
        distance, drop = options[rng.integers(len(options))]
        reach = np.sqrt(max(distance**2 - drop**2, 0.0))
        positions.append(target.center + np.array([reach * np.cos(angle), reach * np.sin(angle), drop]))
        kept.append(index)
    return Candidates(np.array(positions, dtype=np.float64).reshape(-1, 3), np.array(kept, dtype=np.int64))


def feasible_shapes(rng: np.random.Generator, placement: Placement, target_height: float) -> np.ndarray:
    """Return pairs of distance and height above the target ``(n, 2)`` [m] that satisfy all three ranges.

    Any two of height, distance and look-down angle give the third. Each pair in turn is drawn, so that ranges of
    width zero are met exactly, whichever they are.

    Args:
        rng: Draws the pairs.
        placement: The ranges.
        target_height: Height of what is looked at above its floor [m].
    """
    heights = (placement.height_range[0] - target_height, placement.height_range[1] - target_height)
    angles = (np.radians(placement.look_down_angle_range[0]), np.radians(placement.look_down_angle_range[1]))

    def draw(limits: Range) -> np.ndarray:
        return rng.uniform(limits[0], limits[1], _TRIES) if limits[1] > limits[0] else np.full(_TRIES, limits[0])

    pairs = []
    drop, distance = draw(heights), draw(placement.distance_range)
    pairs.append((distance, drop))
    angle = draw(angles)
    pairs.append((distance, distance * np.sin(angle)))
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs.append((np.where(np.abs(np.sin(angle)) > 1e-9, drop / np.sin(angle), np.inf), drop))
    shapes = np.concatenate([np.stack(pair, axis=1) for pair in pairs])
    distance, drop = shapes.T
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.arcsin(drop / distance)  # NaN where the camera would be nearer than it is high: not within
    fits = np.isfinite(distance) & _within(distance, placement.distance_range) & _within(drop, heights)
    return shapes[fits & _within(angle, angles)]


def check_ranges(name: str, placement: Placement, target_heights: Sequence[float]) -> None:
    """Refuse ranges that no camera can be within all at once.

    Args:
        name: The camera group.
        placement: The ranges.
        target_heights: Heights of what is looked at above its floor, one or more [m].

    Raises:
        PlacementError: The ranges leave no camera, whichever target it looks at.
    """
    rng = stream(0, "sensor", "ranges")
    lifts = sorted({round(height, 6) for height in target_heights})
    if any(len(feasible_shapes(rng, placement, lift)) for lift in lifts):
        return
    heights, distances, lift = placement.height_range, placement.distance_range, lifts[0]
    angles = [
        float(np.degrees(np.arcsin(np.clip((height - lift) / distance, -1, 1)))) if distance > 0 else 90.0
        for height in heights
        for distance in distances
    ]
    reachable = (
        f"look-down angles lie between {min(angles):.0f} and {max(angles):.0f} degrees"
        if distances[1] >= heights[0] - lift
        else f"the lowest camera is {heights[0] - lift:.1f} m above its target already, out of distance_range"
    )
    raise PlacementError(
        f"The ranges of camera group {name} contradict each other: {heights[0]:g} to {heights[1]:g} m above the floor "
        f"and {distances[0]:g} to {distances[1]:g} m from what they look at (at {lift:.2f} m), {reachable}; "
        f"look_down_angle_range asks for {placement.look_down_angle_range[0]:g} to "
        f"{placement.look_down_angle_range[1]:g}. Change height_range, distance_range or look_down_angle_range."
    )


def _within(values: np.ndarray, limits: Range) -> np.ndarray:
    return (values >= limits[0] - _TOLERANCE) & (values <= limits[1] + _TOLERANCE)

"""Rooms of boxes with a ray caster and a floor of known shape."""

from __future__ import annotations

import numpy as np
import pytest

from isaacsim_agent_ext.config.model import AimAtTargets, SensorGroup
from isaacsim_agent_ext.sensors.targets import TargetBounds


class BoxCaster:
    """Casts rays at axis-aligned boxes, from outside or inside (slab test)."""

    def __init__(self, boxes):
        self.boxes = np.array(boxes, dtype=np.float64).reshape(-1, 2, 3)

    def cast(self, origins, directions, *, max_distance=np.inf):
        origins, directions = np.asarray(origins, dtype=float), np.asarray(directions, dtype=float)
        nearest, owner = np.full(len(origins), np.inf), np.full(len(origins), -1)
        with np.errstate(divide="ignore", invalid="ignore"):
            for index, box in enumerate(self.boxes):
                slabs = (box[None] - origins[:, None]) / directions[:, None]
                near, far = np.nanmax(slabs.min(axis=1), axis=1), np.nanmin(slabs.max(axis=1), axis=1)
                hit = np.where(near > 1e-9, near, far)
                closer = (far >= near) & (hit > 1e-9) & (hit < nearest) & (hit <= max_distance)
                nearest[closer], owner[closer] = hit[closer], index
        return nearest, owner


class FlatFloor:
    """The NavMesh of a rectangle at height 0, as far as placement asks."""

    def __init__(self, size):
        self.lower, self.upper = np.zeros(2), np.array(size, dtype=float)

    def closest_points(self, points, *, reach=2.0):
        nearest = np.concatenate([np.clip(points[:, :2], self.lower, self.upper), np.zeros((len(points), 1))], axis=1)
        nearest[np.linalg.norm(nearest - points, axis=1) > reach] = np.nan
        return nearest

    def random_points_around(self, rng, center, radius, count, *, areas=()):
        angle, distance = rng.uniform(0, 2 * np.pi, count), radius * np.sqrt(rng.random(count))
        points = center + np.stack([distance * np.cos(angle), distance * np.sin(angle), 0 * angle], axis=1)
        points[:, :2] = np.clip(points[:, :2], self.lower, self.upper)
        return points


def shell(size, thickness=0.2):
    """Floor, ceiling and walls around a room, as boxes."""
    x, y, z = size
    t = thickness
    return [
        ([-t, -t, -t], [x + t, y + t, 0]),
        ([-t, -t, z], [x + t, y + t, z + t]),
        ([-t, -t, 0], [0, y + t, z]),
        ([x, -t, 0], [x + t, y + t, z]),
        ([0, -t, 0], [x, 0, z]),
        ([0, y, 0], [x, y + t, z]),
    ]


@pytest.fixture
def person():
    def make(x, y, index=0, group="workers"):
        path = f"/World/Characters/{group}/{group}_{index}"
        return TargetBounds(path, np.array([x - 0.25, y - 0.25, 0.0]), np.array([x + 0.25, y + 0.25, 1.75]))

    return make


@pytest.fixture
def room():
    """Makes a caster and a floor from a size and boxes inside."""

    def make(size=(30, 20, 6), boxes=()):
        return BoxCaster([*shell(size), *boxes]), FlatFloor(size[:2])

    return make


@pytest.fixture
def group():
    def make(num=4, name="cams", **keys):
        ranges = {
            "height_range": (2.0, 3.0),
            "look_down_angle_range": (0.0, 60.0),
            "focal_length_range": (13.0, 23.0),
            "distance_range": (5.0, 9.0),
        }
        return SensorGroup(name=name, num=num, placement=AimAtTargets(**(ranges | keys)))

    return make

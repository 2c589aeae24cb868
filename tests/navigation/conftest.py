"""Small scenes with known answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from isaacsim_agent_ext.scene.navigation_volumes import NavigationVolume
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneSnapshot

_CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float64)
_BOX = np.array(
    [
        *([0, 3, 1], [0, 2, 3], [4, 5, 7], [4, 7, 6]),
        *([0, 1, 5], [0, 5, 4], [2, 7, 3], [2, 6, 7]),
        *([0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]),
    ]
)


@dataclass
class SceneBuilder:
    """Collects meshes; each call returns the index of its instance."""

    meshes: list[Mesh] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)

    def mesh(self, points, triangles, transform=None, navigation=True, area="") -> int:
        points, triangles = np.asarray(points, dtype=np.float32), np.asarray(triangles, dtype=np.int32)
        empty = np.zeros((len(points), 3), dtype=np.float32)
        self.meshes.append(Mesh(points, empty, empty[:, :2], triangles, np.zeros(len(triangles), dtype=np.int32)))
        index = len(self.instances)
        transform = np.eye(4) if transform is None else np.asarray(transform, dtype=np.float64)
        self.instances.append(Instance(f"/World/Mesh_{index}", index, transform, navigation=navigation, area=area))
        return index

    def box(self, lower, upper, **options) -> int:
        lower, upper = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
        return self.mesh(lower + _CORNERS * (upper - lower), _BOX, **options)

    def floor(self, x0, y0, x1, y1, *, z=0.0, **options) -> int:
        return self.mesh([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]], [[0, 1, 2], [0, 2, 3]], **options)

    def ramp(self, x_range, y_range, z_range) -> int:
        (x0, x1), (y0, y1), (z0, z1) = x_range, y_range, z_range
        return self.mesh([[x0, y0, z0], [x1, y0, z1], [x1, y1, z1], [x0, y1, z0]], [[0, 1, 2], [0, 2, 3]])

    def snapshot(self) -> SceneSnapshot:
        return SceneSnapshot(tuple(self.meshes), tuple(self.instances), ())


@pytest.fixture
def scene() -> SceneBuilder:
    return SceneBuilder()


@pytest.fixture
def volume():
    """Makes box-shaped volumes from two corners."""

    def make(kind, lower, upper, area=""):
        (x0, y0, z0), (x1, y1, z1) = lower, upper
        footprint = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)
        return NavigationVolume(kind=kind, area=area, footprint=footprint, z_min=z0, z_max=z1)

    return make

"""Ambient light inside the scene: what surfaces send on after the lights met them, averaged over the scene.

A handful of probes stand at body height over the floors. From each, rays go out in all directions; whatever they
meet is lit by all lights, with shadows, and sends its share back. The mean over all probes is what the shader adds
everywhere, dimmed where surroundings are close.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.render.geometry import PackedScene
from isaacsim_agent_ext.render.lights import Dome, LightTable
from isaacsim_agent_ext.render.textures import srgb_to_linear
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

PROBES = 64
DIRECTIONS = 64
PROBE_HEIGHT = 1.2
LARGEST_SHARE = 25.0
"""Area [m2] above which a triangle draws no more probes: a vast ground plane is no place to stand on."""

Cast = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Rays ``(origins, directions, reach)`` to their distances and triangles."""


@dataclass(frozen=True, eq=False)
class Bounce:
    """Reflected light, as the radiance that a white matt surface would show.

    Attributes:
        up: ``(3,)`` on a surface that faces the floor.
        down: ``(3,)`` on a surface that faces up.
        open_sky: Part of the rays that left the scene.
    """

    up: np.ndarray
    down: np.ndarray
    open_sky: float


def estimate_bounce(
    snapshot: SceneSnapshot, packed: PackedScene, lights: LightTable, dome: Dome | None, cast: Cast
) -> Bounce:
    """Measure the scene's reflected light at rest."""
    normals, areas = _faces(packed)
    floor = np.flatnonzero((normals[:, 2] > 0.7) & (areas > 1e-4))
    if not len(floor):
        return Bounce(np.zeros(3), np.zeros(3), 1.0)
    share = np.cumsum(np.minimum(areas[floor], LARGEST_SHARE))
    chosen = floor[np.searchsorted(share, (np.arange(PROBES) + 0.5) / PROBES * share[-1]).clip(max=len(floor) - 1)]
    probes = packed.points[packed.triangles[chosen]].mean(axis=1) + np.array([0.0, 0.0, PROBE_HEIGHT])

    directions = _sphere(DIRECTIONS)
    origins = np.repeat(probes, DIRECTIONS, axis=0)
    rays = np.tile(directions, (PROBES, 1))
    distance, triangle = cast(origins, rays, np.full(len(rays), 1e6))
    met = triangle >= 0
    if not met.any():
        return Bounce(np.zeros(3), np.zeros(3), 1.0)
    normal = normals[triangle[met]]
    normal = np.where(np.einsum("rc,rc->r", normal, rays[met])[:, None] > 0.0, -normal, normal)
    points = origins[met] + rays[met] * distance[met, None] + normal * 2e-3
    albedo = _albedos(snapshot)[packed.material[triangle[met]]]
    radiance = np.zeros((len(rays), 3))
    radiance[met] = albedo * _irradiance(points, normal, lights, dome, cast) / math.pi
    # Light goes on bouncing; each time it keeps what surfaces reflect of what does not escape to the sky
    # (the ambient term of Cohen et al. 1988, A Progressive Refinement Approach to Fast Radiosity Image Generation).
    kept = np.clip(albedo.mean(axis=0) * met.mean(), 0.0, 0.8)
    radiance = radiance / (1.0 - kept)

    mean = radiance.reshape(PROBES, DIRECTIONS, 3).mean(axis=0)
    below = np.maximum(-directions[:, 2], 0.0)
    above = np.maximum(directions[:, 2], 0.0)
    return Bounce(up=below @ mean / below.sum(), down=above @ mean / above.sum(), open_sky=1.0 - float(met.mean()))


def _irradiance(
    points: np.ndarray, normals: np.ndarray, lights: LightTable, dome: Dome | None, cast: Cast
) -> np.ndarray:
    """Return the irradiance ``(points, 3)`` from all lights with shadows, and from the dome where the sky is open."""
    total = np.zeros((len(points), 3))
    if len(lights):
        direction, distance, irradiance = lights.incident(points)
        arriving = irradiance * np.maximum(np.einsum("plc,pc->pl", direction, normals), 0.0)[..., None]
        point, light = np.nonzero(arriving.sum(axis=2) > 1e-4)
        reach = np.minimum(distance[point, light] - 0.02, 1e6)
        _, blocker = cast(points[point], direction[point, light], reach)
        free = blocker < 0
        np.add.at(total, point[free], arriving[point[free], light[free]])
    if dome is not None:
        up = np.tile([0.0, 0.0, 1.0], (len(points), 1))
        _, blocker = cast(points, up, np.full(len(points), 1e6))
        facing = 0.5 + 0.5 * normals[:, 2]
        total += math.pi * dome.irradiance[0] * (facing * (blocker < 0))[:, None]
    return total


def _faces(packed: PackedScene) -> tuple[np.ndarray, np.ndarray]:
    """Return unit normals ``(triangles, 3)`` and areas ``(triangles,)`` [m2]."""
    a, b, c = (packed.points[packed.triangles[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    length = np.linalg.norm(normals, axis=1)
    return normals / np.maximum(length, 1e-20)[:, None], 0.5 * length


def _albedos(snapshot: SceneSnapshot) -> np.ndarray:
    """Return the mean colour ``(materials, 3)`` of each material."""
    albedos = np.zeros((max(len(snapshot.materials), 1), 3))
    for index, material in enumerate(snapshot.materials):
        albedos[index] = material.base_color
        if material.base_color_texture >= 0:
            pixels = snapshot.textures[material.base_color_texture].pixels
            sparse = pixels[:: max(pixels.shape[0] // 32, 1), :: max(pixels.shape[1] // 32, 1), :3]
            albedos[index] *= srgb_to_linear(sparse / 255.0).mean(axis=(0, 1))
    return albedos


def _sphere(count: int) -> np.ndarray:
    """Return ``(count, 3)`` directions spread evenly over the sphere (a Fibonacci lattice)."""
    index = np.arange(count)
    height = 1.0 - 2.0 * (index + 0.5) / count
    angle = math.pi * (3.0 - math.sqrt(5.0)) * index
    ring = np.sqrt(1.0 - height**2)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=1)

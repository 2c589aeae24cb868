"""Lights as the kernels read them, and which of them matter to a view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from isaacsim_agent_ext.render.textures import srgb_to_linear
from isaacsim_agent_ext.scene.snapshot import Light, Texture
from isaacsim_agent_ext.sensors.camera import CameraView

WHITE = 700.0
"""Radiance that exposure 0 takes as 1: scenes made for Kit, lit by domes of 1000 and lamps to match, look right."""

FAINTEST = 0.002
"""Irradiance, relative to white, at which a light is taken to end."""

SMALLEST = 1e-3
"""Radius given to lights of none [m]."""

LONG = 3.0
"""Length over width from which a light counts as long."""

SAMPLE_SHAPES = ("point", "rect", "disk", "ball", "line")
"""Rows of the table of sample points; one more row follows, of directions over a hemisphere."""


@dataclass(frozen=True, eq=False)
class LightTable:
    """All lights but domes, each attribute an array over lights; colours are relative to white.

    Attributes:
        distant: ``(lights,)`` bool.
        one_sided: ``(lights,)`` bool, whether it shines to the front only.
        samples: ``(lights,)`` int, row of `sample_points`.
        position: ``(lights, 3)`` [m]; of a distant light, the unit vector towards it.
        long_axis: ``(lights, 3)`` unit vector along a long light.
        half_length: ``(lights,)`` of a long light, else 0 [m].
        axes: ``(lights, 3, 3)`` rows span the points that shadow rays go to [m].
        direction: ``(lights, 3)`` unit vector along which it shines.
        color: ``(lights, 3)`` radiance times area [m2]; of a distant light, irradiance.
        softening: ``(lights,)`` [m2] added to the squared distance, so that near lights stay finite.
        radius: ``(lights,)`` [m]; of a distant light, the tangent of its half angle.
        reach: ``(lights,)`` distance at which it ends [m].
    """

    distant: np.ndarray
    one_sided: np.ndarray
    samples: np.ndarray
    position: np.ndarray
    long_axis: np.ndarray
    half_length: np.ndarray
    axes: np.ndarray
    direction: np.ndarray
    color: np.ndarray
    softening: np.ndarray
    radius: np.ndarray
    reach: np.ndarray

    def __len__(self) -> int:
        return len(self.position)

    def incident(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what each light sends to each point if nothing is in the way, as the kernels compute it.

        Args:
            points: ``(points, 3)`` [m].

        Returns:
            Unit vectors towards the light ``(points, lights, 3)``, distances ``(points, lights)`` [m] (inf for
            distant lights) and irradiance on a surface facing it ``(points, lights, 3)``.
        """
        offset = self.position - points[:, None]
        squared = np.einsum("plc,plc->pl", offset, offset)
        half = np.maximum(self.half_length, 1e-9)
        along = np.einsum("plc,lc->pl", offset, self.long_axis)
        away = np.maximum(squared - along**2, 0.0) + self.softening
        far_end = 1.0 / np.sqrt(away + (along + half) ** 2 + 1e-12)
        near_end = 1.0 / np.sqrt(away + (along - half) ** 2 + 1e-12)
        across = ((along + half) * far_end - (along - half) * near_end) / (away + 1e-12)
        by_length = (offset - self.long_axis * along[..., None]) * across[..., None]
        by_length = (by_length + self.long_axis * (near_end - far_end)[..., None]) / (2.0 * half[:, None])
        by_centre = offset / (np.sqrt(squared + 1e-12) * (squared + self.softening))[..., None]
        total = np.where((self.half_length > 0.0)[:, None], by_length, by_centre)
        strength = np.linalg.norm(total, axis=2)
        direction = total / np.maximum(strength, 1e-12)[..., None]
        facing = np.maximum(-np.einsum("plc,lc->pl", direction, self.direction), 0.0)
        strength = np.where(self.one_sided, strength * facing, strength)
        strength = strength * np.maximum(1.0 - (squared / self.reach**2) ** 2, 0.0) ** 2
        strength = np.where(self.distant, 1.0, strength)
        direction = np.where(self.distant[:, None], self.position, direction)
        return direction, np.where(self.distant, np.inf, np.sqrt(squared)), self.color * strength[..., None]


@dataclass(frozen=True, eq=False)
class Dome:
    """The sum of all dome lights, relative to white.

    Attributes:
        irradiance: ``(9, 3)`` coefficients of irradiance / pi, in the order of the kernel's polynomial.
        color: ``(3,)`` what the background shows, times the texture if there is one.
        texture: Texture of the background, or -1.
        rotation: ``(3, 3)`` takes column vectors from the world to the dome.
    """

    irradiance: np.ndarray
    color: np.ndarray
    texture: int
    rotation: np.ndarray


def default_rig() -> tuple[Light, ...]:
    """Return the lights of a scene that has none: a bright sky and a soft sun."""
    height, turn = math.radians(52.0), math.radians(215.0)
    back = np.array([math.cos(height) * math.cos(turn), math.cos(height) * math.sin(turn), math.sin(height)])
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    sun = np.eye(4)
    sun[:3, :3] = right, np.cross(back, right), back
    return (
        Light(kind="dome", prim_path="", color=(0.86, 0.93, 1.0), intensity=0.45 * WHITE, transform=np.eye(4)),
        Light(
            kind="distant", prim_path="", color=(1.0, 0.95, 0.87), intensity=1.9 * WHITE, transform=sun, size=(3.0, 0)
        ),
    )


def light_table(lights: Sequence[Light], exposure: float) -> LightTable:
    """Collect all lights but domes.

    Args:
        lights: The lights; those of no intensity are left out.
        exposure: [EV].
    """
    shining = [light for light in lights if light.kind != "dome" and light.intensity > 0.0 and max(light.color) > 0.0]
    emitters = [_distant(light) if light.kind == "distant" else _area(light) for light in shining]

    def column(name: str, *shape: int) -> np.ndarray:
        values = [getattr(emitter, name) for emitter in emitters]
        return np.array(values, dtype=np.float64).reshape(len(emitters), *shape)

    color = column("color", 3) * (2.0**exposure / WHITE)
    distant = column("distant").astype(bool)
    reach = np.sqrt(np.maximum(color.max(axis=1, initial=0.0), 1e-12) / FAINTEST)
    return LightTable(
        distant=distant,
        one_sided=column("one_sided").astype(bool),
        samples=np.array([SAMPLE_SHAPES.index(emitter.shape) for emitter in emitters], dtype=np.int64),
        position=column("position", 3),
        long_axis=column("long_axis", 3),
        half_length=column("half_length"),
        axes=column("axes", 3, 3),
        direction=column("direction", 3),
        color=color,
        softening=column("softening"),
        radius=column("radius"),
        reach=np.where(distant, 1e9, reach),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Emitter:
    """One row of the table; see `LightTable`."""

    shape: str
    position: np.ndarray
    direction: np.ndarray
    color: np.ndarray
    axes: list[np.ndarray]
    radius: float
    softening: float = 0.0
    distant: bool = False
    one_sided: bool = False
    long_axis: np.ndarray = field(default_factory=lambda: np.zeros(3))
    half_length: float = 0.0


def _distant(light: Light) -> _Emitter:
    """Read a distant light as Kit does: its intensity is the irradiance of a surface facing it, whatever its angle."""
    x, y, back = (_unit(axis) for axis in np.asarray(light.transform, dtype=np.float64)[:3, :3])
    spread = math.tan(math.radians(light.size[0]) / 2.0)
    return _Emitter(
        shape="disk",
        distant=True,
        position=back,
        direction=-back,
        color=np.asarray(light.color) * light.intensity,
        axes=[x * spread, y * spread, np.zeros(3)],
        radius=spread,
    )


def _area(light: Light) -> _Emitter:
    x, y, z, position = np.asarray(light.transform, dtype=np.float64)[:, :3]
    none = np.zeros(3)
    first, second = x * light.size[0], y * light.size[0]
    if light.kind == "rect":
        first, second = first / 2.0, y * light.size[1] / 2.0
        shape, axes = "rect", [first, second, none]
        area = 4.0 * float(np.linalg.norm(np.cross(first, second)))
        radius = 0.5 * math.sqrt(area)
        softening = area / math.pi
    elif light.kind == "disk":
        shape, axes = "disk", [first, second, none]
        area = math.pi * float(np.linalg.norm(np.cross(first, second)))
        radius = math.sqrt(area / math.pi)
        softening = area / math.pi
    elif light.kind == "cylinder":
        first, second = x * light.size[1] / 2.0, y * light.size[0]
        shape, axes = "line", [first, none, none]
        radius = max(float(np.linalg.norm(second)), SMALLEST)
        area = 4.0 * radius * float(np.linalg.norm(first))
        softening = area / math.pi
    else:
        radius = max(float(np.linalg.norm(first)), SMALLEST)
        shape, axes = "ball", list(np.eye(3) * radius)
        area = math.pi * radius * radius
        softening = 0.25 * radius * radius
        first = second = none
    long = _longest(first, second)
    half_length = float(np.linalg.norm(long))
    return _Emitter(
        shape=shape,
        one_sided=light.kind in ("rect", "disk"),
        position=position,
        direction=-_unit(z),
        color=np.asarray(light.color) * light.intensity * area,
        axes=axes,
        radius=radius,
        long_axis=_unit(long),
        half_length=half_length,
        # A long light stays finite close by for its width alone.
        softening=(softening / (2.0 * half_length)) ** 2 if half_length else softening,
    )


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _longest(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the longer of two half axes if it is much longer, else nothing."""
    lengths = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    if lengths[0] > LONG * lengths[1]:
        return first
    return second if lengths[1] > LONG * lengths[0] else np.zeros(3)


def strongest(table: LightTable, camera: CameraView, count: int) -> np.ndarray:
    """Return the indices of the lights that matter most to a view, in their own order.

    A light's worth is the irradiance it could bring to points spread through what the camera can see.
    """
    if len(table) <= count:
        return np.arange(len(table))
    half_width = 0.5 * camera.horizontal_aperture / camera.focal_length
    half_height = half_width * camera.resolution[1] / camera.resolution[0]
    x, y, depth = np.meshgrid([-0.8, 0.0, 0.8], [-0.8, 0.0, 0.8], [2.0, 4.0, 8.0, 16.0, 32.0], indexing="ij")
    local = np.stack([x * half_width * depth, y * half_height * depth, -depth], axis=-1).reshape(-1, 3)
    points = local @ camera.transform[:3, :3] + camera.transform[3, :3]
    _, _, irradiance = table.incident(points)
    worth = np.minimum(irradiance.sum(axis=2), 3.0).sum(axis=0)
    return np.sort(np.argsort(-worth, kind="stable")[:count])


def sample_points() -> np.ndarray:
    """Return the ``(shapes + 1, 16, 3)`` points that shadow rays go to, per `SAMPLE_SHAPES`, then ambient directions.

    Points next to each other in the 4x4 pattern of pixels lie far apart on the light, so that even a part of the
    pattern covers it.
    """
    order = np.array([0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5])  # Bayer's 4x4 matrix
    index = order.astype(np.float64)
    stratum = (index + 0.5) / 16.0
    # The R2 sequence (Roberts 2018): two coordinates, evenly spread for any number of points.
    r2 = np.stack([(0.5 + index * 0.7548776662466927) % 1.0, (0.5 + index * 0.5698402909980532) % 1.0], axis=1)
    table = np.zeros((len(SAMPLE_SHAPES) + 1, 16, 3))
    table[1, :, :2] = 2.0 * r2 - 1.0
    angle = 2.0 * math.pi * ((index * 0.6180339887498949) % 1.0)
    disk = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.sqrt(stratum)[:, None]
    table[2, :, :2] = disk
    height = 2.0 * stratum - 1.0
    table[3, :, :2] = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.sqrt(1.0 - height**2)[:, None]
    table[3, :, 2] = height
    table[3] *= 0.8
    table[4, :, 0] = 2.0 * stratum - 1.0
    # Cosine-weighted: a disk, lifted to the hemisphere. Only the first 8 in Bayer's order are asked for.
    table[5, :, :2] = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.sqrt((2.0 * stratum) % 1.0)[:, None]
    table[5, :, 2] = np.sqrt(1.0 - (2.0 * stratum) % 1.0)
    return table


def gather_domes(lights: Sequence[Light], textures: Sequence[Texture], exposure: float) -> Dome | None:
    """Add up all dome lights; the first textured one is what the background shows."""
    domes = [light for light in lights if light.kind == "dome"]
    if not domes:
        return None
    gain = 2.0**exposure / WHITE
    irradiance = np.zeros((9, 3))
    for light in domes:
        color = np.asarray(light.color) * light.intensity * gain
        if light.texture < 0:
            irradiance[0] += color
        else:
            irradiance += color * _project(textures[light.texture].pixels, _rotation(light))
    shown = next((light for light in domes if light.texture >= 0), None)
    if shown is None:
        return Dome(irradiance, irradiance[0].copy(), -1, np.eye(3))
    color = np.asarray(shown.color) * shown.intensity * gain
    return Dome(irradiance, color, shown.texture, _rotation(shown))


def _rotation(light: Light) -> np.ndarray:
    axes = np.asarray(light.transform, dtype=np.float64)[:3, :3]
    return axes / np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-12)


def _project(pixels: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Return the 9 coefficients of irradiance / pi under a latitude-longitude image.

    Ramamoorthi and Hanrahan 2001, An Efficient Representation for Irradiance Environment Maps, with the constants of
    basis and cosine lobe folded into the coefficients.
    """
    rows = np.linspace(0, pixels.shape[0] - 1, min(pixels.shape[0], 64)).round().astype(int)
    columns = np.linspace(0, pixels.shape[1] - 1, min(pixels.shape[1], 128)).round().astype(int)
    radiance = srgb_to_linear(pixels[rows][:, columns, :3] / 255.0)
    latitude = math.pi * (0.5 - (np.arange(len(rows)) + 0.5) / len(rows))
    longitude = 2.0 * math.pi * ((np.arange(len(columns)) + 0.5) / len(columns) - 0.5)
    lat, lon = np.meshgrid(latitude, longitude, indexing="ij")
    local = np.stack([np.cos(lat) * np.sin(lon), np.cos(lat) * np.cos(lon), np.sin(lat)], axis=-1)
    x, y, z = np.moveaxis(local @ rotation, -1, 0)
    solid_angle = np.cos(lat) * (math.pi / len(rows)) * (2.0 * math.pi / len(columns))
    basis = np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y])
    scale = np.array([1 / 4, 1 / 2, 1 / 2, 1 / 2, 15 / 16, 15 / 16, 5 / 64, 15 / 16, 15 / 64]) / math.pi
    return scale[:, None] * np.einsum("bhw,hwc,hw->bc", basis, radiance, solid_angle)

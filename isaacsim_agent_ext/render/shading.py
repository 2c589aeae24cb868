"""Uploads what colours need: materials, textures, lights, ambient light, the tone curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isaacsim_agent_ext.render.bounce import Bounce, Cast, estimate_bounce
from isaacsim_agent_ext.render.buffers import Uploads
from isaacsim_agent_ext.render.device import wp
from isaacsim_agent_ext.render.geometry import PackedScene
from isaacsim_agent_ext.render.kernels.lamps import LAMP_ROWS, LANES
from isaacsim_agent_ext.render.kernels.types import Light, Material, Shading, Textures
from isaacsim_agent_ext.render.lights import (
    Dome,
    LightTable,
    default_rig,
    gather_domes,
    light_table,
    sample_points,
    strongest,
)
from isaacsim_agent_ext.render.settings import RenderSettings
from isaacsim_agent_ext.render.textures import Layers, pack_textures
from isaacsim_agent_ext.render.tone import tone_curve
from isaacsim_agent_ext.scene.snapshot import Material as SurfaceMaterial
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot
from isaacsim_agent_ext.sensors.camera import CameraView

CLOSED_ROOF = 0.005
"""Part of the rays from inside the scene that may leave it under what still counts as a closed roof."""

BACKDROP = 0.02
"""Radiance of the background of a scene that has lights but no dome."""


class ShadingModel:
    """How the scene is lit and what its surfaces are made of.

    Attributes:
        lights: All lights but domes.
    """

    def __init__(self, snapshot: SceneSnapshot, packed: PackedScene, device: Any, settings: RenderSettings, cast: Cast):
        self._device = device
        self._uploads = Uploads(device)
        self._settings = settings
        lights = snapshot.lights if any(light.intensity > 0.0 for light in snapshot.lights) else default_rig()
        self.lights: LightTable = light_table(lights, settings.exposure)
        dome = gather_domes(lights, snapshot.textures, settings.exposure)
        bounce = estimate_bounce(snapshot, packed, self.lights, dome, cast)
        shading = Shading()
        background = -1 if dome is None else dome.texture
        packed_textures = _packed_textures(snapshot, background)
        shading.textures = _upload_textures(snapshot, list(packed_textures), device)
        shading.materials = _upload_materials(snapshot, packed_textures, device, 2.0**settings.exposure)
        shading.samples = wp.array(sample_points().astype(np.float32), dtype=wp.vec3, device=device)
        shading.spread = wp.array(_spread_bits(), dtype=wp.uint64, device=device)
        shading.tone_curve = wp.array(tone_curve(), dtype=wp.uint32, device=device)
        shading.ambient_radius = settings.ambient_radius
        # Under a closed roof a dome lights nothing, whatever it costs to find out pixel by pixel.
        shading.has_dome = int(dome is not None and bounce.open_sky > CLOSED_ROOF)
        shading.ambient_rays = 1 + shading.has_dome if settings.ambient_occlusion else 0
        self._base = shading
        self._set_ambient(dome, bounce)
        shading.dome_texture = packed_textures.get(Layers(color=background), -1)

    def for_cameras(self, cameras: Sequence[CameraView]) -> Any:
        """Return the kernels' structure with the lights that matter to each of some cameras."""
        count = self._settings.max_lights
        chosen = [strongest(self.lights, camera, count) for camera in cameras]
        rows = np.zeros((len(cameras), count), dtype=_record(Light))
        for row, indices in zip(rows, chosen, strict=True):
            _fill_lights(row, self.lights, indices)
        lamps = np.stack([_lamps(self.lights, indices) for indices in chosen])
        shading = Shading()
        for name in _fields(Shading):
            setattr(shading, name, getattr(self._base, name))
        shading.lights = self._uploads.send("lights", rows, Light)
        shading.lamps = self._uploads.send("lamps", lamps, wp.float32)
        shading.light_count = self._uploads.send("light_count", np.array([len(i) for i in chosen], np.int32), wp.int32)
        return shading

    def _set_ambient(self, dome: Dome | None, bounce: Bounce) -> None:
        shading = self._base
        shading.bounce_up = wp.vec3(*map(float, bounce.up))
        shading.bounce_down = wp.vec3(*map(float, bounce.down))
        irradiance = np.zeros((9, 3)) if dome is None else dome.irradiance
        shading.dome = wp.array(irradiance.astype(np.float32), dtype=wp.vec3, device=self._device)
        shading.dome_color = wp.vec3(*([BACKDROP] * 3 if dome is None else map(float, dome.color)))
        rotation = np.eye(3) if dome is None else dome.rotation
        shading.dome_rotation = wp.mat33(*map(float, rotation.ravel()))


def _fill_lights(row: np.ndarray, table: LightTable, indices: np.ndarray) -> None:
    used = row[: len(indices)]
    used["distant"] = table.distant[indices]
    used["one_sided"] = table.one_sided[indices]
    used["samples"] = table.samples[indices]
    used["position"] = table.position[indices]
    for axis, name in enumerate(("axis_u", "axis_v", "axis_w")):
        used[name] = table.axes[indices, axis]
    used["direction"] = table.direction[indices]
    used["softening"] = table.softening[indices]
    used["reach"] = table.reach[indices]
    used["power"] = table.color[indices].max(axis=1)


def _lamps(table: LightTable, indices: np.ndarray) -> np.ndarray:
    """Return ``(LAMP_ROWS, LANES)`` float32; lanes without a light hold what does no harm to compute with."""
    distant, long = table.distant[indices], table.half_length[indices] > 0.0
    columns = {
        "half_length": np.where(long, table.half_length[indices], 1.0),
        "softening": table.softening[indices],
        "radius": table.radius[indices],
        "fading": np.where(distant, 0.0, table.reach[indices] ** -2.0),
        "distant": distant,
        "one_sided": table.one_sided[indices] & ~distant,
        "long": long,
    }
    for name, vectors in (("position", table.position), ("long", table.long_axis), ("direction", table.direction)):
        columns.update(zip((f"{name}_x", f"{name}_y", f"{name}_z"), vectors[indices].T, strict=True))
    columns.update(zip(("red", "green", "blue"), table.color[indices].T, strict=True))
    rows = np.zeros((len(LAMP_ROWS), LANES), dtype=np.float32)
    rows[LAMP_ROWS.index("half_length")] = rows[LAMP_ROWS.index("softening")] = 1.0
    for row, name in zip(rows, LAMP_ROWS, strict=True):
        row[: len(indices)] = columns[name]
    return rows


def _surface_layers(material: SurfaceMaterial) -> Layers:
    return Layers(
        color=material.base_color_texture,
        roughness=material.roughness_texture,
        roughness_channel=material.roughness_channel,
        metallic=material.metallic_texture,
        metallic_channel=material.metallic_channel,
        normal=material.normal_texture,
    )


def _packed_textures(snapshot: SceneSnapshot, background: int) -> dict[Layers, int]:
    """Return what kernels look up, each once, and its index."""
    wanted = [_surface_layers(material) for material in snapshot.materials]
    wanted += [Layers(color=material.emissive_texture) for material in snapshot.materials]
    wanted.append(Layers(color=background))
    return {layers: index for index, layers in enumerate(dict.fromkeys(each for each in wanted if each.images))}


def _upload_textures(snapshot: SceneSnapshot, packed: Sequence[Layers], device: Any) -> Any:
    texels, offsets, sizes, levels = pack_textures(snapshot.textures, packed)
    textures = Textures()
    textures.texels = wp.array(texels, dtype=wp.uint64, device=device)
    textures.offset = wp.array(offsets, dtype=wp.int32, device=device)
    textures.size = wp.array(sizes, dtype=wp.vec2i, device=device)
    textures.levels = wp.array(levels, dtype=wp.int32, device=device)
    longer_side = sizes[:, 0].max(axis=1).astype(np.float32)
    textures.resolution = wp.array(np.log2(longer_side), dtype=wp.float32, device=device)
    return textures


def _upload_materials(snapshot: SceneSnapshot, packed: dict[Layers, int], device: Any, emission: float) -> Any:
    rows: Any = np.zeros(max(len(snapshot.materials), 1), dtype=_record(Material))
    for row, material in zip(rows, snapshot.materials, strict=False):
        row["base_color"] = material.base_color
        row["emissive"] = np.asarray(material.emissive) * emission
        row["roughness"], row["metallic"] = material.roughness, material.metallic
        row["texture"] = packed.get(_surface_layers(material), -1)
        row["bumped"] = material.normal_texture >= 0
        row["emissive_texture"] = packed.get(Layers(color=material.emissive_texture), -1)
    return wp.array(rows, dtype=Material, device=device)


def _fields(struct: Any) -> Sequence[str]:
    """Return the names of a Warp structure's members."""
    return list(struct.vars)


def _record(struct: Any) -> Any:
    """Return the NumPy type of a Warp structure."""
    return struct.numpy_dtype()


def _spread_bits() -> np.ndarray:
    """Return for each byte the 64-bit word whose bytes are its bits."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    return (bits.astype(np.uint64) << (8 * np.arange(8)).astype(np.uint64)).sum(axis=1, dtype=np.uint64)

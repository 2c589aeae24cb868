"""UsdLux lights as plain numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pxr import Gf, Sdf, Usd, UsdLux

from isaacsim_agent_ext.scene.materials import TextureTable
from isaacsim_agent_ext.scene.metrics import AT_REST, without_scale
from isaacsim_agent_ext.scene.snapshot import Light

LIGHT_KINDS = {
    "DistantLight": "distant",
    "SphereLight": "sphere",
    "RectLight": "rect",
    "DiskLight": "disk",
    "CylinderLight": "cylinder",
    "DomeLight": "dome",
    "DomeLight_1": "dome",
}
UNSUPPORTED_LIGHTS = ("GeometryLight", "PortalLight", "PluginLight")

POINT_RADIUS = 0.01
"""Radius given to lights of no size, whose emission USD leaves undefined [m]."""

_DOME_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tga", ".tif", ".tiff", ".webp")


def read_light(
    prim: Usd.Prim,
    *,
    prim_path: str,
    transform: np.ndarray,
    meters_per_unit: float,
    up_axis: str,
    textures: TextureTable,
    warn: Callable[[str], None],
) -> Light | None:
    """Read a light, or return None (with a warning) when its inputs make no sense.

    Args:
        prim: The light prim.
        prim_path: Its path in the scene, which for an instanced light is not the prim's own.
        transform: ``(4, 4)`` local-to-world, local coordinates in metres.
        meters_per_unit: Of the stage; USD's ``normalize`` divides by the area in the stage's units.
        up_axis: Of the stage; a dome stands upright on it.
        textures: Where a dome's texture is asked for.
        warn: Hears of what cannot be used.

    Returns:
        The light. Scale is taken out of the transform and folded into the size; a dome's transform has its pole
        along local +Z.
    """
    kind = LIGHT_KINDS[str(prim.GetTypeName())]
    rigid, scale = without_scale(transform)
    scale = np.abs(scale)
    unit = meters_per_unit

    def number(name: str, default: float) -> float:
        value = prim.GetAttribute(f"inputs:{name}").Get(AT_REST)
        return float(default if value is None else value)

    intensity = number("intensity", 1.0) * 2.0 ** number("exposure", 0.0)
    normalized = bool(prim.GetAttribute("inputs:normalize").Get(AT_REST))
    size, area = (0.0, 0.0), 1.0
    if kind == "distant":
        size = (number("angle", 0.53), 0.0)
        area = np.pi * np.sin(np.radians(min(size[0], 180.0) / 2)) ** 2
    elif kind == "rect":
        size = (number("width", 1.0) * unit * scale[0], number("height", 1.0) * unit * scale[1])
        area = size[0] * size[1]
    elif kind != "dome":
        # USD's CylinderLight lies along local X; disks lie in local XY.
        across = scale[1:].mean() if kind == "cylinder" else scale[:2].mean() if kind == "disk" else scale.mean()
        radius = max(number("radius", 0.5) * unit * across, POINT_RADIUS)
        size = (radius, number("length", 1.0) * unit * scale[0] if kind == "cylinder" else 0.0)
        area = {"sphere": 4 * np.pi * radius**2, "disk": np.pi * radius**2}.get(kind, 2 * np.pi * radius * size[1])
    if normalized and kind != "dome":
        area = area if kind == "distant" else area / unit**2
        intensity /= area or 1.0  # a distant light of no angle is not divided
    if not np.isfinite([intensity, *size]).all() or not np.isfinite(rigid).all():
        warn(f"{prim_path}: the light is left out, its inputs are not finite numbers")
        return None

    if kind == "dome":
        rigid = _upright(prim, up_axis) @ rigid
    return Light(
        kind=kind,
        prim_path=prim_path,
        color=_color(prim, warn),
        intensity=float(intensity),
        transform=rigid,
        size=(float(size[0]), float(size[1])),
        texture=_dome_texture(prim, textures, warn) if kind == "dome" else -1,
    )


def _color(prim: Usd.Prim, warn: Callable[[str], None]) -> tuple[float, float, float]:
    value = prim.GetAttribute("inputs:color").Get(AT_REST)
    color = np.array(value if isinstance(value, Gf.Vec3f) else (1.0, 1.0, 1.0), dtype=float)
    if prim.GetAttribute("inputs:enableColorTemperature").Get(AT_REST):
        kelvin = prim.GetAttribute("inputs:colorTemperature").Get(AT_REST)
        color = color * np.array(UsdLux.BlackbodyTemperatureAsRgb(float(kelvin or 6500.0)))
    if not np.isfinite(color).all():
        warn(f"{prim.GetPath()}: the light's colour is not finite; white is used")
        return (1.0, 1.0, 1.0)
    return (float(color[0]), float(color[1]), float(color[2]))


def _upright(prim: Usd.Prim, up_axis: str) -> np.ndarray:
    """Return the matrix from a frame whose pole is +Z to the light's own.

    A plain DomeLight's pole is said to be +Y; Omniverse and most other renderers stand it on the stage's up axis
    all the same, and so do we.
    """
    pole = str(prim.GetAttribute("poleAxis").Get(AT_REST) or "scene")
    axis = pole if pole in ("Y", "Z") else up_axis
    matrix = np.eye(4)
    if axis == "Y":
        matrix[:3, :3] = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    return matrix


def _dome_texture(prim: Usd.Prim, textures: TextureTable, warn: Callable[[str], None]) -> int:
    asset = prim.GetAttribute("inputs:texture:file").Get(AT_REST)
    if not isinstance(asset, Sdf.AssetPath) or not asset.path:
        return -1
    if not asset.resolvedPath:
        warn(f"{prim.GetPath()}: dome texture {asset.path} is not there")
        return -1
    if not str(asset.resolvedPath).lower().split("]")[0].endswith(_DOME_IMAGES):
        warn(f"{prim.GetPath()}: dome texture {asset.path} is not of 8 bits per channel; the dome's colour is used")
        return -1
    return textures.add(str(asset.resolvedPath), str(prim.GetPath()))

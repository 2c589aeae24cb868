"""Materials as metallic-roughness surfaces, from UsdPreviewSurface or MDL shaders of the OmniPBR kind."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from pxr import Ar, Sdf, Usd, UsdShade

from isaacsim_agent_ext.scene.metrics import AT_REST
from isaacsim_agent_ext.scene.snapshot import Material, Texture
from isaacsim_agent_ext.scene.textures import TextureRequest, load_textures

Color = tuple[float, float, float]
Slot = Literal["base_color_texture", "roughness_texture", "metallic_texture", "normal_texture", "emissive_texture"]

TEXTURE_SLOTS: tuple[Slot, ...] = (
    "base_color_texture",
    "roughness_texture",
    "metallic_texture",
    "normal_texture",
    "emissive_texture",
)
_COLOR_SLOTS = ("base_color_texture", "emissive_texture")
_CHANNELS = {"r": 0, "g": 1, "b": 2, "a": 3}

_IDENTITY_UV = np.eye(3)[:, :2]


@dataclass(frozen=True, eq=False)
class SurfaceMaterial:
    """A material, and how meshes that use it find their texture coordinates.

    Attributes:
        material: Its texture indices count through the `TextureTable` it was read with.
        missing: The constants to use in a slot whose texture turns out to be missing.
        uv_primvar: Name of the texture coordinates it asks for, or "" for the mesh's own.
        uv_transform: ``(3, 2)`` float64: ``uv' = [u, v, 1] @ uv_transform``.
    """

    material: Material
    missing: dict[Slot, Any]
    uv_primvar: str = ""
    uv_transform: np.ndarray | None = None


class TextureTable:
    """Collects the textures that materials and lights ask for, each once, and loads them together."""

    def __init__(self, cache: MutableMapping[TextureRequest, Texture | str] | None = None) -> None:
        """``cache`` keeps what was loaded for a next reading of the same stage."""
        self._cache = {} if cache is None else cache
        self._numbers: dict[TextureRequest, int] = {}
        self._asked_by: list[str] = []

    def add(self, path: str, asked_by: str, decode: str = "") -> int:
        """Return the number of a texture, for `load` to translate."""
        request = TextureRequest(path, decode)
        if request not in self._numbers:
            self._numbers[request] = len(self._numbers)
            self._asked_by.append(asked_by)
        return self._numbers[request]

    def load(self, warn: Callable[[str], None]) -> tuple[tuple[Texture, ...], np.ndarray]:
        """Load all of them.

        Returns:
            The textures that could be loaded, and the index of each number into them; -1 for those missing.
        """
        indices = np.full(len(self._numbers), -1, dtype=np.int64)
        textures: list[Texture] = []
        new = [request for request in self._numbers if request not in self._cache]
        self._cache.update(zip(new, load_textures(new), strict=True))
        for number, request in enumerate(self._numbers):
            result = self._cache[request]
            if isinstance(result, Texture):
                indices[number] = len(textures)
                textures.append(result)
            else:
                warn(f"{self._asked_by[number]}: texture {request.path} {result}")
        return tuple(textures), indices


def with_loaded_textures(surface: SurfaceMaterial, indices: np.ndarray) -> Material:
    """Return a material whose texture numbers are translated by `TextureTable.load`'s indices."""
    changes: dict[str, Any] = {}
    for slot in TEXTURE_SLOTS:
        number = getattr(surface.material, slot)
        if number < 0:
            continue
        changes[slot] = int(indices[number])
        if indices[number] < 0 and slot in surface.missing:
            changes[slot.removesuffix("_texture")] = surface.missing[slot]
    return replace(surface.material, **changes)


def display_material(color: Sequence[float] | np.ndarray, opacity: float = 1.0) -> Material:
    """Return the surface of a mesh that has a ``displayColor`` and no material."""
    return Material(name="displayColor", base_color=_color(color), roughness=0.6, opacity=opacity)


def read_material(material: UsdShade.Material, textures: TextureTable, warn: Callable[[str], None]) -> SurfaceMaterial:
    """Read a material; what is not understood is left at its default, with a warning that names it."""
    shader = _surface_shader(material)
    name = material.GetPrim().GetName()
    if shader is None:
        warn(f"{material.GetPath()}: no surface shader is connected; it is drawn grey")
        return SurfaceMaterial(Material(name=name), {})
    reader = _ShaderReader(shader, textures, warn)
    if shader.GetShaderId() in ("UsdPreviewSurface", "ND_UsdPreviewSurface_surfaceshader"):
        return reader.preview_surface(name)
    return reader.mdl(name)


def _surface_shader(material: UsdShade.Material) -> UsdShade.Shader | None:
    """Return the shader to read: UsdPreviewSurface when there is one, else whatever MDL or MaterialX offers."""
    found = None
    for context in (UsdShade.Tokens.universalRenderContext, "mdl", "mtlx"):
        shader = material.ComputeSurfaceSource(context)[0]
        if shader and shader.GetShaderId() == "UsdPreviewSurface":
            return shader
        found = found or (shader if shader else None)
    return found


@dataclass(frozen=True, eq=False)
class _TextureNode:
    """What an input is connected to."""

    shader: UsdShade.Shader
    channel: int


class _ShaderReader:
    """Reads one shader's inputs."""

    def __init__(self, shader: UsdShade.Shader, textures: TextureTable, warn: Callable[[str], None]):
        self._shader = shader
        self._textures = textures
        self._warn = warn
        self._uv_primvar = ""
        self._uv_transform: np.ndarray | None = None

    # ---- UsdPreviewSurface -------------------------------------------------------------------------------------

    def preview_surface(self, name: str) -> SurfaceMaterial:
        """Read a UsdPreviewSurface and the UsdUVTexture nodes it is connected to."""
        values: dict[str, Any] = {}
        missing: dict[Slot, Any] = {}
        for slot, input_name, default in (
            ("base_color_texture", "diffuseColor", (0.18, 0.18, 0.18)),
            ("emissive_texture", "emissiveColor", (0.0, 0.0, 0.0)),
            ("roughness_texture", "roughness", 0.5),
            ("metallic_texture", "metallic", 0.0),
        ):
            self._read_slot(slot, input_name, default, values, missing)  # type: ignore[arg-type]
        normal = self._source(self._shader, "normal")
        if isinstance(normal, _TextureNode):
            values["normal_texture"] = self._texture(normal, "normal_texture")
        opacity = self._source(self._shader, "opacity")
        if isinstance(opacity, int | float):
            values["opacity"] = float(opacity)
        return SurfaceMaterial(
            Material(name=name, **values), missing, uv_primvar=self._uv_primvar, uv_transform=self._uv_transform
        )

    def _read_slot(
        self, slot: Slot, input_name: str, default: Any, values: dict[str, Any], missing: dict[Slot, Any]
    ) -> None:
        constant = slot.removesuffix("_texture")
        source = self._source(self._shader, input_name)
        if not isinstance(source, _TextureNode):
            values[constant] = _like(default, default if source is None else source)
            return
        fallback = self._source(source.shader, "fallback")
        scale = self._source(source.shader, "scale")
        scale = np.ones(4) if not _is_vector(scale, 4) else np.array(scale, dtype=float)
        if slot in _COLOR_SLOTS:
            values[constant] = _color(scale)
            missing[slot] = default if not _is_vector(fallback, 4) else _color(fallback)
        else:
            values[constant] = float(scale[source.channel])
            values[f"{constant}_channel"] = source.channel
            missing[slot] = default if not _is_vector(fallback, 4) else float(fallback[source.channel])
        values[slot] = self._texture(source, slot)
        if values[slot] < 0:
            values[constant] = missing[slot]

    def _texture(self, node: _TextureNode, slot: Slot) -> int:
        """Return the number of a UsdUVTexture's image, or -1."""
        self._read_coordinates(node.shader)
        color_space = self._source(node.shader, "sourceColorSpace")
        return self._image(self._source(node.shader, "file"), slot, str(color_space or "auto"), node.shader.GetPrim())

    def _read_coordinates(self, texture: UsdShade.Shader) -> None:
        """Remember which primvar the first texture reads, and a UsdTransform2d in between."""
        if self._uv_primvar:
            return
        node = self._source(texture, "st")
        transform = None
        if isinstance(node, _TextureNode) and node.shader.GetShaderId() == "UsdTransform2d":
            transform = _uv_transform(
                self._source(node.shader, "scale"),
                self._source(node.shader, "rotation"),
                self._source(node.shader, "translation"),
            )
            node = self._source(node.shader, "in")
        if isinstance(node, _TextureNode):
            self._uv_primvar = str(self._source(node.shader, "varname") or "")
            self._uv_transform = transform

    # ---- MDL ---------------------------------------------------------------------------------------------------

    def mdl(self, name: str) -> SurfaceMaterial:
        """Read a shader by the input names of OmniPBR, OmniSurface, OmniGlass and their kin."""
        tint = self._vector("diffuse_tint", "tint_color") or (1.0, 1.0, 1.0)
        base = self._vector("diffuse_color_constant", "base_color", "diffuse_reflection_color", "glass_color")
        base = base or (0.2, 0.2, 0.2)
        untextured = _color(np.multiply(base, tint))
        values: dict[str, Any] = {
            "base_color": untextured,
            "roughness": self._number(0.5, "reflection_roughness_constant", "specular_reflection_roughness",
                                      "specular_roughness", "frosting_roughness"),
            "metallic": self._number(0.0, "metallic_constant", "metalness"),
        }  # fmt: skip
        missing: dict[Slot, Any] = {slot: values[slot.removesuffix("_texture")] for slot in TEXTURE_SLOTS[:3]}

        image = self._mdl_image("base_color_texture", "diffuse_texture", "diffuse_reflection_color_image")
        if image >= 0:
            values |= {"base_color_texture": image, "base_color": tint}
        packed = self._flag("enable_ORM_texture")
        for slot, channel, influence, texture in (
            ("roughness_texture", 1, "reflection_roughness_texture_influence", "reflectionroughness_texture"),
            ("metallic_texture", 2, "metallic_texture_influence", "metallic_texture"),
        ):
            if self._number(0.0, influence) < 0.5:
                continue
            image = self._mdl_image(slot, "ORM_texture" if packed else texture)  # type: ignore[arg-type]
            if image >= 0:
                constant = slot.removesuffix("_texture")
                values |= {slot: image, constant: 1.0, f"{constant}_channel": channel if packed else 0}
        values["normal_texture"] = self._mdl_image("normal_texture", "normalmap_texture", "geometry_normal_image")
        if self._flag("enable_emission"):
            emission = np.multiply(
                self._vector("emissive_color") or (1.0, 0.1, 0.1), self._number(40.0, "emissive_intensity")
            )
            values["emissive"] = _color(emission)
            values["emissive_texture"] = self._mdl_image("emissive_texture", "emissive_color_texture")
            missing["emissive_texture"] = values["emissive"]
        if self._flag("enable_opacity"):
            values["opacity"] = self._number(1.0, "opacity_constant")
        elif self._vector("glass_color"):
            values["opacity"] = 0.2
        return SurfaceMaterial(Material(name=name, **values), missing, uv_transform=self._mdl_uv_transform())

    def _mdl_uv_transform(self) -> np.ndarray | None:
        return _uv_transform(
            self._source(self._shader, "texture_scale"),
            self._source(self._shader, "texture_rotate"),
            self._source(self._shader, "texture_translate"),
        )

    def _mdl_image(self, slot: Slot, *names: str) -> int:
        for name in names:
            value = self._source(self._shader, name)
            if isinstance(value, Sdf.AssetPath) and value.path:
                return self._image(value, slot, "auto", self._shader.GetPrim())
        return -1

    def _vector(self, *names: str) -> Color | None:
        for name in names:
            value = self._source(self._shader, name)
            if _is_vector(value, 3):
                return _color(value)
        return None

    def _number(self, default: float, *names: str) -> float:
        for name in names:
            value = self._source(self._shader, name)
            if isinstance(value, int | float):
                return float(value)
        return default

    def _flag(self, name: str) -> bool:
        return bool(self._source(self._shader, name))

    # ---- both --------------------------------------------------------------------------------------------------

    def _image(self, asset: Any, slot: Slot, color_space: str, prim: Usd.Prim) -> int:
        if not isinstance(asset, Sdf.AssetPath) or not asset.path:
            self._warn(f"{prim.GetPath()}: the texture node has no file")
            return -1
        path = _resolve(asset)
        if not path:
            self._warn(f"{prim.GetPath()}: texture {asset.path} is not there")
            return -1
        decode = ""
        if slot in _COLOR_SLOTS and color_space == "raw":
            decode = "srgb"
        elif slot not in _COLOR_SLOTS and slot != "normal_texture" and color_space == "sRGB":
            decode = "linear"
        return self._textures.add(path, str(prim.GetPath()), decode)

    @staticmethod
    def _source(shader: UsdShade.Shader, name: str) -> Any:
        """Return an input's value, the node it is connected to, or None when it is not authored."""
        shader_input = shader.GetInput(name)
        if not shader_input:
            return None
        attributes = UsdShade.Utils.GetValueProducingAttributes(shader_input)
        if not attributes:
            return None
        attribute = attributes[0]
        output = attribute.GetName()
        if output.startswith("outputs:"):
            channel = _CHANNELS.get(output.removeprefix("outputs:"), 0)
            return _TextureNode(UsdShade.Shader(attribute.GetPrim()), channel)
        return attribute.Get(AT_REST)


def _resolve(asset: Sdf.AssetPath) -> str:
    if asset.resolvedPath:
        return str(asset.resolvedPath)
    if "<UDIM>" in asset.path:  # the first tile stands for all
        return str(Ar.GetResolver().Resolve(asset.path.replace("<UDIM>", "1001")))
    return ""


def _uv_transform(scale: Any, rotation: Any, translation: Any) -> np.ndarray | None:
    """Return scale, then rotation [deg], then translation as one ``(3, 2)`` matrix, or None for the identity."""
    angle = np.radians(float(rotation) if isinstance(rotation, int | float) else 0.0)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    linear = np.diag(scale if _is_vector(scale, 2) else (1.0, 1.0)) @ turn
    matrix = np.vstack([linear, translation if _is_vector(translation, 2) else (0.0, 0.0)]).astype(np.float64)
    return None if np.allclose(matrix, _IDENTITY_UV) else matrix


def _is_vector(value: Any, length: int) -> bool:
    return value is not None and hasattr(value, "__len__") and not isinstance(value, str) and len(value) == length


def _like(default: Any, value: Any) -> Any:
    """Return a value in the default's form; a mistyped one gives way to the default."""
    if isinstance(default, tuple):
        return _color(value) if _is_vector(value, 3) else default
    return float(value) if isinstance(value, int | float) else default


def _color(value: Sequence[float] | np.ndarray) -> Color:
    red, green, blue = (float(channel) for channel in value[:3])
    return (red, green, blue)

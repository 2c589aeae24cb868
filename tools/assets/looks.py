"""The material library: every look of the pack, its textures and its UsdPreviewSurface network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pxr import Gf, Sdf, Usd, UsdShade

from .authoring import new_stage, save_stage
from .textures import floors, metals, packaging, signs
from .textures.image import TextureSet, save_set

FOLDER = "Isaac/Environments/Simple_Warehouse/Materials"
FILE = f"{FOLDER}/Materials.usd"

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """A surface.

    Attributes:
        tile: Metres one repeat of the texture covers; 1 for looks whose texture coordinates are in texture units.
        draw: Makes the textures, or None for plain colours.
        base_color: Linear RGB, used where there is no colour texture.
        roughness: Used where there is no roughness texture.
        metallic: 0 or 1.
        emissive: Linear RGB radiance.
        glows: Whether the colour texture also glows.
    """

    tile: float = 1.0
    draw: Callable[[], TextureSet] | None = None
    base_color: Color = (0.5, 0.5, 0.5)
    roughness: float = 0.5
    metallic: float = 0.0
    emissive: Color = (0.0, 0.0, 0.0)
    glows: bool = False


BLUE, ORANGE, YELLOW = (26, 72, 138), (222, 96, 26), (226, 172, 22)
RED, GREEN, GRAY, DARK, WHITE = (176, 26, 28), (34, 112, 74), (128, 132, 136), (48, 50, 54), (216, 218, 216)


def _steel(seed: int, color: Color, wear: float = 0.6, gloss: float = 0.42) -> Look:
    return Look(1.0, lambda: metals.painted_steel(seed, color, wear=wear, gloss=gloss))


def _plastic(seed: int, color: Color) -> Look:
    return Look(0.8, lambda: packaging.scuffed_plastic(seed, color))


LOOKS: dict[str, Look] = {
    # Floors
    "ConcreteSlabA": Look(1.0, lambda: floors.concrete_slab(0)),
    "ConcreteSlabB": Look(1.0, lambda: floors.concrete_slab(1)),
    "VinylTiles": Look(2.0, floors.vinyl_tiles),
    "ReferenceGrid": Look(1.0, floors.reference_grid, roughness=0.6),
    "PaintYellow": Look(1.0, lambda: floors.road_paint(0, (216, 170, 28))),
    "PaintWhite": Look(1.0, lambda: floors.road_paint(1, (212, 210, 202))),
    "PaintGreen": Look(1.0, lambda: floors.road_paint(2, (58, 116, 82))),
    "HazardStripes": Look(1.0, floors.hazard_stripes),
    # Buildings
    "BlockWall": Look(1.6, lambda: metals.block_wall((158, 168, 174))),
    "WallPanel": Look(2.0, lambda: metals.cassette_panel((214, 216, 212))),
    "RoofSheet": Look(2.0, lambda: metals.trapezoid_sheet(0, (178, 182, 184))),
    "TrailerWall": Look(1.0, lambda: metals.trapezoid_sheet(1, (196, 198, 200), ribs=5, tile=1.0)),
    "SteelGalvanised": Look(1.0, metals.galvanised, metallic=0.0),
    "SteelGray": _steel(10, GRAY, 0.4),
    "SteelWhite": _steel(11, WHITE, 0.15),
    "SteelDark": _steel(12, DARK, 0.6),
    "SteelBlue": _steel(13, BLUE, 0.7),
    "SteelOrange": _steel(14, ORANGE, 0.8),
    "SteelYellow": _steel(15, YELLOW, 1.0),
    "SteelRed": _steel(16, RED, 0.4, 0.3),
    "SteelGreen": _steel(17, GREEN, 0.6),
    "RackUpright": Look(0.1, lambda: metals.rack_upright(BLUE)),
    # Goods
    "CartonA": Look(1.0, lambda: packaging.carton(0, (188, 148, 102), "NORDIA", (120, 30, 24))),
    "CartonB": Look(1.0, lambda: packaging.carton(1, (170, 128, 84), "KESTREL", (24, 48, 110))),
    "CartonC": Look(1.0, lambda: packaging.carton(2, (206, 202, 194), "ALBA BIO", (20, 110, 84))),
    "CartonD": Look(1.0, lambda: packaging.carton(3, (180, 138, 92), "TORQUE", (30, 28, 28))),
    "WoodPallet": Look(1.0, lambda: packaging.planks(0, (186, 150, 106))),
    "WoodOld": Look(1.0, lambda: packaging.planks(1, (148, 126, 100))),
    "WoodBlue": Look(1.0, lambda: packaging.planks(2, (52, 92, 150))),
    "StretchFilm": Look(1.2, packaging.stretch_film),
    "PlasticBlue": _plastic(0, (24, 84, 158)),
    "PlasticBlack": _plastic(1, (44, 45, 48)),
    "PlasticGray": _plastic(2, (140, 144, 148)),
    "PlasticRed": _plastic(3, (172, 34, 30)),
    "PlasticYellow": _plastic(4, (228, 178, 30)),
    "PlasticGreen": _plastic(5, (44, 124, 72)),
    "PlasticOrange": _plastic(6, (226, 84, 24)),
    "PlasticWhite": _plastic(7, (214, 216, 214)),
    "Rubber": Look(0.5, packaging.rubber),
    "Cloth": Look(0.25, lambda: packaging.cloth((44, 62, 92)), roughness=0.9),
    "Laminate": Look(1.0, packaging.laminate),
    # Plain
    "Chrome": Look(base_color=(0.62, 0.62, 0.64), roughness=0.22, metallic=1.0),
    "Retroreflective": Look(base_color=(0.86, 0.87, 0.86), roughness=0.3),
    "BottleBlue": Look(base_color=(0.30, 0.52, 0.66), roughness=0.12),
    "CaptainGreen": Look(base_color=(0.16, 0.52, 0.03), roughness=0.35),
    "DarkGlass": Look(base_color=(0.02, 0.022, 0.026), roughness=0.08),
    "LampWhite": Look(base_color=(0.9, 0.9, 0.9), emissive=(2.4, 2.4, 2.3)),
    "LampAmber": Look(base_color=(0.9, 0.4, 0.02), roughness=0.25, emissive=(1.2, 0.42, 0.02)),
    "Skylight": Look(base_color=(0.8, 0.84, 0.88), roughness=0.6, emissive=(0.85, 0.95, 1.08)),
    # Print
    "Signs": Look(1.0, signs.sign_atlas),
    "SignsLit": Look(1.0, signs.sign_atlas, glows=True),
}
"""Look name to look."""

_IMAGES_OF = {"SignsLit": "Signs"}
"""Looks that borrow another look's images."""


def build(root: Path) -> None:
    """Write the textures and the material library below ``root``."""
    folder = root / FOLDER / "Textures"
    stage = new_stage("Looks", prim_type="Scope")
    for name, look in LOOKS.items():
        textures = look.draw() if look.draw is not None else TextureSet()
        images = _IMAGES_OF.get(name, name)
        if images == name:
            save_set(textures, folder, name)
        _write_material(stage, name, look, textures, images)
    save_stage(stage, root / FILE)


def _write_material(stage: Usd.Stage, name: str, look: Look, textures: TextureSet, images: str) -> None:
    material = UsdShade.Material.Define(stage, f"/Looks/{name}")
    surface = UsdShade.Shader.Define(stage, f"/Looks/{name}/Surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*look.base_color))
    surface.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(look.roughness)
    surface.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(look.metallic)
    if any(look.emissive):
        surface.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*look.emissive))
    if textures.color is None:
        return
    reader = UsdShade.Shader.Define(stage, f"/Looks/{name}/TextureCoordinates")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")
    result = reader.CreateOutput("result", Sdf.ValueTypeNames.Float2)

    def texture(kind: str, output: str, value_type: Sdf.ValueTypeName, space: str) -> UsdShade.Output:
        shader = UsdShade.Shader.Define(stage, f"/Looks/{name}/{kind}Texture")
        shader.CreateIdAttr("UsdUVTexture")
        path = Sdf.AssetPath(f"./Textures/{images}_{kind}.jpg")
        shader.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(path)
        shader.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set(space)
        shader.CreateInput("wrapS", Sdf.ValueTypeNames.Token).Set("repeat")
        shader.CreateInput("wrapT", Sdf.ValueTypeNames.Token).Set("repeat")
        shader.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(result)
        if kind == "Normal":
            shader.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(2, 2, 2, 1))
            shader.CreateInput("bias", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(-1, -1, -1, 0))
        return shader.CreateOutput(output, value_type)

    color = texture("Color", "rgb", Sdf.ValueTypeNames.Float3, "sRGB")
    surface.GetInput("diffuseColor").ConnectToSource(color)
    if look.glows:
        surface.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).ConnectToSource(color)
    if textures.roughness is not None:
        rough = texture("Roughness", "r", Sdf.ValueTypeNames.Float, "raw")
        surface.GetInput("roughness").ConnectToSource(rough)
    if textures.height is not None:
        normal = texture("Normal", "rgb", Sdf.ValueTypeNames.Float3, "raw")
        surface.CreateInput("normal", Sdf.ValueTypeNames.Normal3f).ConnectToSource(normal)

"""A prop: a labelled object in a file of its own, possibly with parts that can move."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from pxr import Gf, Kind, Usd, UsdGeom

from . import looks
from .authoring import Wardrobe, add_label, add_old_label, new_stage, place, save_stage
from .geometry.solid import Solid

WAREHOUSE_PROPS = "Isaac/Environments/Simple_Warehouse/Props"


@dataclass(frozen=True)
class Eye:
    """A camera on a robot; it looks along its parent's +X.

    Attributes:
        focal_length: [mm], for a 20.955 mm wide aperture.
    """

    focal_length: float = 12.0


@dataclass(frozen=True, eq=False)
class Link:
    """A part with its own transform, so that it can turn or lift later.

    Attributes:
        name: Prim name.
        pivot: Where it is hinged, in its parent's space [m].
        solid: Meshes in its own space, the pivot at the origin.
        links: Parts fixed to it.
        eye: A camera in place of meshes.
        yaw: Turn about z at rest [degrees].
    """

    name: str
    pivot: tuple[float, float, float] = (0.0, 0.0, 0.0)
    solid: Solid = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    eye: Eye | None = None
    yaw: float = 0.0


@dataclass(frozen=True, eq=False)
class Prop:
    """An object.

    Attributes:
        name: File and default prim name.
        label: Its class.
        solid: Meshes that belong to the root.
        folder: Folder of its file below the pack's root.
        links: Moving parts.
        old_label: Write the label as older assets do.
        file_name: File name without ending, when it differs from ``name``.
    """

    name: str
    label: str
    solid: Solid = field(default_factory=dict)
    folder: str = WAREHOUSE_PROPS
    links: tuple[Link, ...] = ()
    old_label: bool = False
    file_name: str = ""

    @property
    def path(self) -> str:
        """Path of its file below the pack's root."""
        return f"{self.folder}/{self.file_name or self.name}.usd"


def write_prop(prop: Prop, root: Path) -> Path:
    """Write a prop's file below ``root`` and return its path."""
    target = root / prop.path
    stage = new_stage(prop.name, kind=Kind.Tokens.component, beside=target)
    base = f"/{prop.name}"
    library = os.path.relpath(root / looks.FILE, target.parent)
    wardrobe = Wardrobe(stage, base, library, {name: look.tile for name, look in looks.LOOKS.items()})
    prim = stage.GetDefaultPrim()
    (add_old_label if prop.old_label else add_label)(prim, prop.label)
    wardrobe.add_solid(base, prop.solid, "Mesh_")
    for link in prop.links:
        _write_link(stage, wardrobe, base, link)
    bounds = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_]).ComputeLocalBound(prim)
    box = bounds.ComputeAlignedRange()
    UsdGeom.ModelAPI.Apply(prim).SetExtentsHint([Gf.Vec3f(box.GetMin()), Gf.Vec3f(box.GetMax())])
    save_stage(stage, target)
    return target


def _write_link(stage: Usd.Stage, wardrobe: Wardrobe, parent: str, link: Link) -> None:
    path = f"{parent}/{link.name}"
    if link.eye is not None:
        camera = UsdGeom.Camera.Define(stage, path)
        camera.CreateFocalLengthAttr(link.eye.focal_length)
        camera.CreateHorizontalApertureAttr(20.955)
        camera.CreateVerticalApertureAttr(20.955 * 9 / 16)
        camera.CreateClippingRangeAttr(Gf.Vec2f(0.01, 1000.0))
        # A camera looks along -Z with +Y up: turned so, it looks along +X with +Z up.
        place(camera.GetPrim(), link.pivot, (90.0, 0.0, link.yaw - 90.0))
        return
    prim = stage.DefinePrim(path, "Xform")
    place(prim, link.pivot, link.yaw)
    wardrobe.add_solid(path, link.solid, "Mesh_")
    for child in link.links:
        _write_link(stage, wardrobe, path, child)

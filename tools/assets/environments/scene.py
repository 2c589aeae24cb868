"""The stage of an environment while it is being put together."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdLux, Vt

from .. import looks
from ..authoring import Wardrobe, add_group, add_label, new_stage, place, save_stage
from ..geometry.mesh import Mesh
from ..prop import WAREHOUSE_PROPS

Position = tuple[float, float, float]


class Scene:
    """One environment file: props by reference, building parts as meshes, lights, NavMesh volumes."""

    def __init__(self, root: Path, path: str):
        """Start the file ``path`` below the pack's ``root``."""
        self.target = root / path
        self.stage = new_stage("Root", kind=Kind.Tokens.assembly, beside=self.target)
        self._pack = root
        self._names: Counter[str] = Counter()
        library = os.path.relpath(root / looks.FILE, self.target.parent)
        tiles = {name: look.tile for name, look in looks.LOOKS.items()}
        self._wardrobe = Wardrobe(self.stage, "/Root", library, tiles)

    def group(self, name: str) -> str:
        """Define ``/Root/<name>`` and the groups above it, unless they are there, and return its path."""
        path = Sdf.Path(f"/Root/{name}")
        for prefix in path.GetPrefixes()[1:]:
            if not self.stage.GetPrimAtPath(prefix):
                add_group(self.stage, str(prefix))
        return str(path)

    def put(
        self,
        group: str,
        prop: str,
        position: Position,
        turn: float | tuple[float, float, float] = 0.0,
        *,
        name: str = "",
        scale: tuple[float, float, float] | None = None,
    ) -> Usd.Prim:
        """Place an instance of a prop.

        Args:
            group: Group below ``/Root``.
            prop: Name of a warehouse prop, or a path below the pack's root.
            position: [m].
            turn: About z, or about x, y and z in turn [degrees].
            name: Prim name; numbered after the prop when left out.
            scale: Per axis.
        """
        file = prop if "/" in prop else f"{WAREHOUSE_PROPS}/{prop}.usd"
        stem = name or Path(file).stem
        parent = self.group(group)
        if not name:
            stem = f"{stem}_{self._names[f'{parent}/{stem}']:02d}"
            self._names[f"{parent}/{Path(file).stem}"] += 1
        prim = self.stage.DefinePrim(f"{parent}/{stem}")
        prim.GetReferences().AddReference(os.path.relpath(self._pack / file, self.target.parent))
        prim.SetInstanceable(True)
        place(prim, position, turn, scale)
        return prim

    def surface(self, group: str, name: str, parts: dict[str, Mesh], label: str, *, area: str = "") -> Usd.Prim:
        """Add a part of the building: meshes by look under one labelled Xform.

        Args:
            group: Group below ``/Root``.
            name: Prim name.
            parts: Look to mesh.
            label: Its class.
            area: NavMesh area of its meshes, or none.
        """
        path = f"{self.group(group)}/{name}"
        prim = self.stage.DefinePrim(path, "Xform")
        Usd.ModelAPI(prim).SetKind(Kind.Tokens.component)
        add_label(prim, label)
        self._wardrobe.add_solid(path, parts, "Mesh_")
        if area:
            prim.AddAppliedSchema("NavMeshAreaAPI")
            prim.CreateAttribute("navmesh:area", Sdf.ValueTypeNames.Token, custom=False).Set(area)
        return prim

    def scatter(
        self, group: str, name: str, props: list[str], which: list[int], points: np.ndarray, yaws: np.ndarray
    ) -> None:
        """Add a PointInstancer.

        Args:
            group: Group below ``/Root``.
            name: Prim name.
            props: Warehouse props to choose from.
            which: Index into ``props`` for every point.
            points: ``(n, 3)`` [m].
            yaws: ``(n,)`` [degrees].
        """
        path = f"{self.group(group)}/{name}"
        instancer = UsdGeom.PointInstancer.Define(self.stage, path)
        targets = []
        for prop in props:
            prototype = self.stage.DefinePrim(f"{path}/Prototypes/{prop}")
            file = self._pack / WAREHOUSE_PROPS / f"{prop}.usd"
            prototype.GetReferences().AddReference(os.path.relpath(file, self.target.parent))
            targets.append(prototype.GetPath())
        instancer.CreatePrototypesRel().SetTargets(targets)
        instancer.CreateProtoIndicesAttr(Vt.IntArray(which))
        instancer.CreatePositionsAttr(Vt.Vec3fArray.FromNumpy(points.astype(np.float32)))
        half = np.radians(yaws) / 2
        turns = [Gf.Quath(float(np.cos(angle)), 0.0, 0.0, float(np.sin(angle))) for angle in half]
        instancer.CreateOrientationsAttr(Vt.QuathArray(turns))

    def rect_light(
        self, name: str, center: Position, size: tuple[float, float], intensity: float, yaw: float = 0.0
    ) -> None:
        """Add a rectangular light that shines down; size along its own x and y [m]."""
        light = UsdLux.RectLight.Define(self.stage, f"{self.group('Lights')}/{name}")
        light.CreateWidthAttr(size[0])
        light.CreateHeightAttr(size[1])
        light.CreateIntensityAttr(intensity)
        light.CreateColorAttr(Gf.Vec3f(1.0, 0.965, 0.915))
        place(light.GetPrim(), center, yaw)

    def dome_light(self, intensity: float, color: tuple[float, float, float], texture: str = "") -> None:
        """Add the sky, or indoors the light that has bounced too often to be traced."""
        light = UsdLux.DomeLight.Define(self.stage, f"{self.group('Lights')}/Ambience")
        light.CreateIntensityAttr(intensity)
        light.CreateColorAttr(Gf.Vec3f(*color))
        if texture:
            light.CreateTextureFileAttr(texture)
            light.CreateTextureFormatAttr("latlong")

    def navmesh_volume(self, name: str, kind: str, low: Position, high: Position, *, area: str = "") -> None:
        """Add a NavMesh volume, a unit cube scaled to the box between two corners.

        Args:
            name: Prim name.
            kind: ``"Include"`` or ``"Exclude"``.
            low: Smallest corner [m].
            high: Largest corner [m].
            area: Area painted inside, or none.
        """
        prim = self.stage.DefinePrim(f"{self.group('Navigation')}/{name}", "NavMeshVolume")
        low_corner, high_corner = np.asarray(low, float), np.asarray(high, float)
        size = high_corner - low_corner
        place(prim, (low_corner + high_corner) / 2, scale=(float(size[0]), float(size[1]), float(size[2])))
        prim.CreateAttribute("nav:type", Sdf.ValueTypeNames.Token, custom=False).Set(kind)
        prim.CreateAttribute("extent", Sdf.ValueTypeNames.Float3Array, custom=False).Set(
            Vt.Vec3fArray([Gf.Vec3f(-0.5), Gf.Vec3f(0.5)])
        )
        if area:
            prim.AddAppliedSchema("NavMeshAreaAPI")
            prim.CreateAttribute("navmesh:area", Sdf.ValueTypeNames.Token, custom=False).Set(area)

    def landmark(self, path: str, position: Position) -> None:
        """Add an Xform that only marks a place, as routines name them."""
        parent = str(Sdf.Path(path).GetParentPath())
        if parent != "/":
            self.stage.DefinePrim(parent, "Xform")
        place(self.stage.DefinePrim(path, "Xform"), position)

    def save(self) -> Path:
        """Write the file and return its path."""
        save_stage(self.stage, self.target)
        return self.target

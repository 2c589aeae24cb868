"""How fast stages are composed and read.

::

    python benchmarks/bench_reader.py [--shelves 300] [--repeat 3] [--json]

The same shelves of 55 boxes each (198,000 triangles at the default number) are laid out in four ways, because reading
costs per prim, not per triangle; then the stand-in warehouse, empty and with ten people. Times are CPU time of all
threads and wall-clock time, the best of the repetitions; "again" is a second reading of the same stage, which finds
its images decoded.
"""

from __future__ import annotations

import argparse
import functools
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, Vt

from isaacsim_agent_ext.assets.resolver import AssetResolver
from isaacsim_agent_ext.scene import gprims
from isaacsim_agent_ext.scene.actors import add_character
from isaacsim_agent_ext.scene.compose import ComposedStage, open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot

BOXES_PER_SHELF = 55
WAREHOUSE = "Isaac/Environments/Simple_Warehouse/full_warehouse.usd"
PEOPLE = "Isaac/People/Characters/"

Boxes = tuple[np.ndarray, np.ndarray]
Result = TypeVar("Result")


def shelf(rng: np.random.Generator) -> Boxes:
    """Return points and triangles of the boxes on one shelf."""
    cube = gprims.cube(1.0)
    quads = cube.indices.reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    places = rng.uniform((0, 0, 0), (2.7, 0.9, 3.0), (BOXES_PER_SHELF, 1, 3))
    points = cube.points * rng.uniform(0.2, 0.4, (BOXES_PER_SHELF, 1, 3)) + places
    first = np.arange(BOXES_PER_SHELF)[:, None, None] * len(cube.points)
    return points.reshape(-1, 3).astype(np.float32), (triangles + first).reshape(-1, 3).astype(np.int32)


def define_mesh(layer: Sdf.Layer, path: str, boxes: Boxes) -> Sdf.PrimSpec:
    """Author a triangle mesh."""
    points, triangles = boxes
    prim = Sdf.CreatePrimInLayer(layer, path)
    prim.specifier, prim.typeName = Sdf.SpecifierDef, "Mesh"
    types = Sdf.ValueTypeNames
    for name, kind, value in (
        ("points", types.Point3fArray, Vt.Vec3fArray.FromNumpy(points)),
        ("faceVertexCounts", types.IntArray, Vt.IntArray(len(triangles), 3)),
        ("faceVertexIndices", types.IntArray, Vt.IntArray.FromNumpy(triangles.ravel())),
    ):
        Sdf.AttributeSpec(prim, name, kind).default = value
    return prim


def write_stage(path: Path, layout: str, shelves: int) -> None:
    """Write the shelves in one of the layouts."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    layer = stage.GetRootLayer()
    points, triangles = shelf(np.random.default_rng(0))
    places = [Gf.Vec3d(3.0 * (i % 20), 2.0 * (i // 20), 0.0) for i in range(shelves)]
    if layout == "point instances":
        instancer = UsdGeom.PointInstancer.Define(stage, "/World/Shelves")
        define_mesh(layer, "/World/Shelves/Shelf", (points, triangles))
        instancer.CreatePrototypesRel().SetTargets(["/World/Shelves/Shelf"])
        instancer.CreateProtoIndicesAttr([0] * shelves)
        instancer.CreatePositionsAttr([Gf.Vec3f(place) for place in places])
        stage.Save()
        return
    if layout == "native instances":
        define_mesh(layer, "/Shelf/Mesh", (points, triangles))
        layer.GetPrimAtPath("/Shelf").specifier = Sdf.SpecifierClass
    for i, place in enumerate(places):
        xform = UsdGeom.Xform.Define(stage, f"/World/Shelf_{i:04d}")
        xform.AddTranslateOp().Set(place)
        if layout == "native instances":
            xform.GetPrim().GetReferences().AddInternalReference("/Shelf")
            xform.GetPrim().SetInstanceable(True)
        elif layout == "a mesh per shelf":
            define_mesh(layer, f"/World/Shelf_{i:04d}/Mesh", (points, triangles))
        else:
            with Sdf.ChangeBlock():
                for box in range(BOXES_PER_SHELF):
                    corners, sides = slice(box * 24, box * 24 + 24), slice(box * 12, box * 12 + 12)
                    boxes = points[corners], triangles[sides] - box * 24
                    define_mesh(layer, f"/World/Shelf_{i:04d}/Box_{box:02d}", boxes)
    stage.Save()


def scenes(folder: Path, shelves: int) -> Iterator[tuple[str, Callable[[], ComposedStage]]]:
    """Yield names, and what opens each scene."""
    for layout in ("a mesh per box", "a mesh per shelf", "native instances", "point instances"):
        path = folder / f"{layout.replace(' ', '_')}.usdc"
        write_stage(path, layout, shelves)
        yield layout, lambda path=path: open_stage(path)
    assets = AssetResolver()
    yield "stand-in warehouse", lambda: open_stage(assets.resolve(WAREHOUSE).local_path)
    yield "with ten people", lambda: warehouse_with_people(assets)


def warehouse_with_people(assets: AssetResolver) -> ComposedStage:
    """Return the stand-in warehouse with ten people in it."""
    people = assets.list_usd(PEOPLE)
    stage = open_stage(assets.resolve(WAREHOUSE).local_path)
    for i in range(10):
        asset = people[i % len(people)].local_path
        add_character(stage, f"/World/Characters/p_{i}", asset, position=np.array([i, 0.0, 0.0]), yaw=0.0)
    return stage


def snapshot_of(composed: ComposedStage) -> SceneSnapshot:
    return read_snapshot(composed)[0]


def timed(action: Callable[[], Result]) -> tuple[Result, float, float]:
    """Return an action's result, CPU and wall-clock time [s]."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = action()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def measure(open_scene: Callable[[], ComposedStage], repeat: int) -> dict[str, float]:
    """Return the best times of one scene, and its size."""
    rounds = []
    for _ in range(repeat):
        composed, open_cpu, _ = timed(open_scene)
        snapshot, read_cpu, read_wall = timed(functools.partial(snapshot_of, composed))
        _, again_cpu, _ = timed(functools.partial(snapshot_of, composed))
        rounds.append((open_cpu, read_cpu, read_wall, again_cpu))
    best = np.array(rounds).min(axis=0)
    return {
        "prims": sum(1 for _ in Usd.PrimRange(composed.stage.GetPseudoRoot())),
        "instances": len(snapshot.instances),
        "triangles": sum(len(snapshot.meshes[instance.mesh].triangles) for instance in snapshot.instances),
        **dict(zip(("open_cpu_s", "read_cpu_s", "read_wall_s", "again_cpu_s"), map(float, best), strict=True)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shelves", type=int, default=300, help="shelves of 55 boxes (300)")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions, of which the best counts (3)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = {name: measure(opened, arguments.repeat) for name, opened in scenes(Path(folder), arguments.shelves)}
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'scene':20}{'prims':>8}{'inst.':>8}{'triangles':>11}{'open':>8}{'read':>8}{'wall':>8}{'again':>8}   [s]")
    for name, row in rows.items():
        sizes = f"{row['prims']:8}{row['instances']:8}{row['triangles']:11,}"
        times = "".join(f"{row[key]:8.2f}" for key in ("open_cpu_s", "read_cpu_s", "read_wall_s", "again_cpu_s"))
        print(f"{name:20}{sizes}{times}")


if __name__ == "__main__":
    main()

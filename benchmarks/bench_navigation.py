"""How fast NavMeshes are baked and asked.

::

    python benchmarks/bench_navigation.py [--size 60x40] [--queries 5000] [--repeat 3] [--json]

The floor is a made-up warehouse: rows of shelves, each of 55 boxes, 175,000 triangles at the default size. Times are
CPU time of one core, the best of the repetitions. "single" is one Python call per query, "batch" one for all.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.recast_navmesh import RecastNavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneSnapshot

SHELF_LENGTH, SHELF_DEPTH, BOXES_PER_SHELF = 2.2, 0.9, 55
SINGLE_QUERIES = 1000
CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float32)
FACES = np.array(
    [
        *([0, 3, 1], [0, 2, 3], [4, 5, 7], [4, 7, 6]),
        *([0, 1, 5], [0, 5, 4], [2, 7, 3], [2, 6, 7]),
        *([0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]),
    ],
    dtype=np.int32,
)


def warehouse(length: float, width: float) -> SceneSnapshot:
    """Return a walled hall full of shelves, as one mesh of boxes."""
    rng = np.random.default_rng(0)
    lower = [np.array([[0, 0, -0.1], [-0.2, 0, 0], [length, 0, 0], [0, -0.2, 0], [0, width, 0]])]
    upper = [
        np.array(
            [[length, width, 0], [0, width, 4], [length + 0.2, width, 4], [length, 0, 4], [length, width + 0.2, 4]]
        )
    ]
    for x in np.arange(2.0, length - 2.0, 2.95):
        for row, y in enumerate(np.arange(1.5, width - 3.5, SHELF_LENGTH)):
            if row % 6 == 5:
                continue  # an aisle across
            size = rng.uniform(0.2, 0.4, (BOXES_PER_SHELF, 3))
            corner = rng.random((BOXES_PER_SHELF, 3)) * (np.array([SHELF_DEPTH, SHELF_LENGTH, 3.0]) - size)
            corner[: BOXES_PER_SHELF // 3, 2] = 0.0  # some stand on the floor
            corner += np.array([x, y, 0.0])
            lower.append(corner)
            upper.append(corner + size)
    low, high = np.concatenate(lower), np.concatenate(upper)
    points = (low[:, None] + (high - low)[:, None] * CORNERS).reshape(-1, 3).astype(np.float32)
    triangles = (FACES + 8 * np.arange(len(low), dtype=np.int32)[:, None, None]).reshape(-1, 3)
    flat = np.zeros_like(points)
    mesh = Mesh(points, flat, flat[:, :2], triangles, np.zeros(len(triangles), np.int32))
    return SceneSnapshot((mesh,), (Instance("/World/Hall", 0, np.eye(4)),), ())


def cpu_seconds(work: Callable[[], object], repeat: int) -> float:
    best = np.inf
    for _ in range(repeat):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return float(best)


def bench_bakes(snapshot: SceneSnapshot, repeat: int) -> list[dict]:
    rows = []
    kinds = {
        "one tile, 0.1 m": NavMeshSettings(),
        "one tile, 0.05 m": NavMeshSettings(cell_size=0.05),
        "tiles of 128, 0.1 m": NavMeshSettings(tile_size=128),
    }
    for name, settings in kinds.items():
        seconds = cpu_seconds(lambda settings=settings: bake(snapshot, settings=settings), repeat)  # type: ignore[misc]
        navmesh = bake(snapshot, settings=settings)
        rows.append(bake_row(name, seconds, navmesh))
    with tempfile.TemporaryDirectory() as folder:
        bake(snapshot, cache_dir=Path(folder))
        seconds = cpu_seconds(lambda: bake(snapshot, cache_dir=Path(folder)), repeat)
        rows.append(bake_row("from the cache", seconds, bake(snapshot, cache_dir=Path(folder))))
    return rows


def bake_row(name: str, seconds: float, navmesh: RecastNavMesh) -> dict:
    return {
        "bake": name,
        "ms": round(seconds * 1000, 1),
        "triangles": len(navmesh.triangles()),
        "kilobytes": round(len(navmesh.to_bytes()) / 1000),
    }


def bench_queries(navmesh: RecastNavMesh, count: int, repeat: int) -> list[dict]:
    rng = np.random.default_rng(1)
    starts, ends = navmesh.random_points(rng, count), navmesh.random_points(rng, count)
    near = starts + rng.normal(0, 0.05, starts.shape) * [1, 1, 0]
    single = range(min(count, SINGLE_QUERIES))
    queries: dict[str, tuple[int, Callable[[], object]]] = {
        "path, batch": (count, lambda: navmesh.paths(starts, ends)),
        "path, single": (len(single), lambda: [navmesh.path(starts[i], ends[i]) for i in single]),
        "random point, batch": (count, lambda: navmesh.random_points(rng, count)),
        "random point around, single": (
            len(single),
            lambda: [navmesh.random_points_around(rng, starts[i], 5.0, 1) for i in single],
        ),
        "closest point, batch": (count, lambda: navmesh.closest_points(near)),
        "raycast, batch": (count, lambda: navmesh.raycast(starts, ends)),
        "distance to wall, batch": (count, lambda: navmesh.distance_to_wall(starts)),
        "move along surface, batch": (count, lambda: navmesh.move_along_surface(starts, near)),
        "move along surface, 100 at once": (100, lambda: navmesh.move_along_surface(starts[:100], near[:100])),
    }
    rows = []
    for name, (number, work) in queries.items():
        work()
        seconds = max(cpu_seconds(work, repeat), 1e-9)
        rows.append({"query": name, "us": round(seconds / number * 1e6, 2), "per_s": round(number / seconds)})
    return rows


def print_table(title: str, rows: list[dict]) -> None:
    print(f"\n{title}")
    lines = [
        list(rows[0]),
        *([value if isinstance(value, str) else f"{value:,}" for value in row.values()] for row in rows),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for name, *numbers in lines:
        print("  ".join([name.ljust(widths[0]), *(n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True))]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="60x40", help="length and width of the hall [m] (default: 60x40)")
    parser.add_argument("--queries", type=int, default=5000, help="queries in a batch (default: 5000)")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions; the best counts (default: 3)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    options = parser.parse_args()
    length, width = (float(value) for value in options.size.split("x"))
    snapshot = warehouse(length, width)
    bakes = bench_bakes(snapshot, options.repeat)
    queries = bench_queries(bake(snapshot), options.queries, options.repeat)
    triangles = len(snapshot.meshes[0].triangles)
    if options.json:
        print(json.dumps({"triangles": triangles, "bakes": bakes, "queries": queries}, indent=2))
        return
    print(f"{length:g} m x {width:g} m, {triangles:,} triangles")
    print_table("Bake, including the gathering of triangles", bakes)
    print_table("Queries", queries)


if __name__ == "__main__":
    main()

"""How fast people are simulated: spawning, routines, paths, walking and avoidance on a real NavMesh.

::

    python benchmarks/bench_simulation.py [--people 10 100 1000] [--steps 300] [--size 60x40] [--json]

The floor is a made-up warehouse with rows of shelves; everybody wanders without long pauses, so that nearly all of them
walk at any time. Times are CPU time of one core per simulation step of 1/30 s, after a second of warming up: the mean
and the 95th percentile, and beside them what handing out all states costs. "closest" is the smallest gap between two
bodies in all steps, negative where they overlap (0.01 m is allowed); "walking" is the share of people on their way.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from isaacsim_agent_ext.actors.neighbors import neighbor_pairs
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.spawn import PERSON_RADIUS, spawn_characters
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterSection, CharacterWander, IdleOption, Walk
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneSnapshot

WARM_UP = 30  # [steps]
SHELF = (8.0, 1.0)  # [m] length and depth
CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float64)
FACES = np.array(
    [
        *([0, 3, 1], [0, 2, 3], [4, 5, 7], [4, 7, 6]),
        *([0, 1, 5], [0, 5, 4], [2, 7, 3], [2, 6, 7]),
        *([0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]),
    ],
    dtype=np.int32,
)


def warehouse(length: float, width: float, shelf: tuple[float, float] = SHELF) -> NavMesh:
    """Return the NavMesh of a hall with shelves 3 m apart, and aisles across."""
    low, high = [[0.0, 0.0, -0.1]], [[length, width, 0.0]]
    for x, y in shelf_corners(length, width, shelf):
        low.append([x, y, 0.0])
        high.append([x + shelf[0], y + shelf[1], 3.0])
    return bake_boxes(np.array(low), np.array(high))


def shelf_corners(length: float, width: float, shelf: tuple[float, float] = SHELF) -> list[tuple[float, float]]:
    """Return the lower left corners of the shelves [m]."""
    columns = np.arange(3.0, length - shelf[0] - 1.0, shelf[0] + 3.0)
    return [(float(x), float(y)) for x in columns for y in np.arange(3.0, width - 3.0, shelf[1] + 3.0)]


def bake_boxes(lower: np.ndarray, upper: np.ndarray) -> NavMesh:
    """Return the NavMesh on boxes with corners ``(n, 3)`` [m]."""
    points = (lower[:, None] + (upper - lower)[:, None] * CORNERS).reshape(-1, 3).astype(np.float32)
    triangles = (FACES + 8 * np.arange(len(lower), dtype=np.int32)[:, None, None]).reshape(-1, 3)
    flat = np.zeros_like(points)
    mesh = Mesh(points, flat, flat[:, :2], triangles, np.zeros(len(triangles), np.int32))
    return bake(SceneSnapshot((mesh,), (Instance("/World/Hall", 0, np.eye(4)),), ()))


def people_group(people: int) -> CharacterGroup:
    """Return a group that wanders and hardly ever pauses."""
    walk = Walk(speed_range=(0.8, 1.5), distance_range=(5.0, 15.0), navigation_areas=())
    wander = CharacterWander(walk=walk, idle=(IdleOption(animation="idle", time_range=(0.0, 1.0)),))
    return CharacterGroup(name="workers", num=people, asset_path="", routines=(wander,))


def spawn_people(navmesh: NavMesh, people: int, seed: int) -> list[ActorSpec]:
    group = people_group(people)
    section = CharacterSection(root_prim_path="/World/Characters", motion_library_path="", groups=(group,))
    spawned = spawn_characters(section, navmesh, seed, {"workers": ["person"]})
    return [spawn.spec(agent_prim_path=spawn.prim_path) for spawn in spawned]


def populate(navmesh: NavMesh, people: int, seed: int = 1) -> Simulation:
    specs = spawn_people(navmesh, people, seed)
    return Simulation(seed=seed, navmesh=navmesh, specs=specs, groups=[people_group(people)])


def measure(navmesh: NavMesh, people: int, steps: int) -> dict:
    begin = time.process_time()
    simulation = populate(navmesh, people)
    spawn = time.process_time() - begin
    begin = time.process_time()
    simulation.step()
    first = time.process_time() - begin
    for _ in range(WARM_UP - 1):
        simulation.step()
    times, states_time, closest, walking = [], 0.0, np.inf, 0
    for _ in range(steps):
        begin = time.process_time()
        simulation.step()
        middle = time.process_time()
        states = simulation.states()
        times.append(middle - begin)
        states_time += time.process_time() - middle
        positions = np.array([state.position for state in states])
        one, other = neighbor_pairs(positions, 1.0)
        apart = np.hypot(*(positions[one] - positions[other])[:, :2].T)
        closest = min(closest, float(apart.min(initial=np.inf)) - 2 * PERSON_RADIUS)
        walking += sum(state.task == "MoveTo" for state in states)
    mean = float(np.mean(times))
    return {
        "people": people,
        "step_ms": 1e3 * mean,
        "step_p95_ms": 1e3 * float(np.percentile(times, 95)),
        "states_ms": 1e3 * states_time / steps,
        "steps_per_s": 1.0 / mean,
        "us_per_person": 1e6 * mean / people,
        "first_step_ms": 1e3 * first,
        "spawn_ms": 1e3 * spawn,
        "walking": walking / (steps * people),
        "closest_m": closest if np.isfinite(closest) else None,
        "given_up": sum(warning.kind == "goal_given_up" for warning in simulation.warnings),
    }


def show(rows: list[dict]) -> None:
    columns = {
        "people": "{:d}",
        "step_ms": "{:.2f}",
        "step_p95_ms": "{:.2f}",
        "states_ms": "{:.2f}",
        "steps_per_s": "{:.0f}",
        "us_per_person": "{:.1f}",
        "first_step_ms": "{:.1f}",
        "spawn_ms": "{:.1f}",
        "walking": "{:.0%}",
        "closest_m": "{:+.3f}",
        "given_up": "{:d}",
    }
    print(" ".join(f"{name:>13}" for name in columns))
    for row in rows:
        cells = ["-" if row[name] is None else form.format(row[name]) for name, form in columns.items()]
        print(" ".join(f"{cell:>13}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--size", default="60x40", help="of the hall in metres")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    navmesh = warehouse(*map(float, arguments.size.split("x")))
    rows = [measure(navmesh, people, arguments.steps) for people in arguments.people]
    if arguments.json:
        print(json.dumps(rows, indent=2))
    else:
        show(rows)


if __name__ == "__main__":
    main()

"""What can go wrong in a crowd, counted: a million steps of people in the full warehouse, at each of three densities.

::

    python benchmarks/bench_crowd.py [--people 100 400 1000] [--agent-steps 1000000] [--robots] [--verbose] [--json]

Everybody wanders without long pauses. Counted after every step of 1/30 s:

- "overlaps": pairs of bodies more than 5 cm nearer than touching; "closest" is the smallest gap of all,
- "wall crossings": moves of which any part is more than 2 cm off the NavMesh,
- "stuck": times somebody on the way stayed within half a metre for 10 s,
- "reached" and "given up": how the walks ended.

With ``--robots`` ten robots of three kinds drive among the people. Times are CPU time of one core, simulation only.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from bench_simulation import WARM_UP, people_group, spawn_people

from isaacsim_agent_ext.actors.neighbors import neighbor_pairs
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.assets.resolver import AssetResolver
from isaacsim_agent_ext.config.model import RobotGroup, RobotSection, RobotWander
from isaacsim_agent_ext.navigation.bake import bake
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings
from isaacsim_agent_ext.robots.config import find_robot_config, load_robot_config
from isaacsim_agent_ext.robots.spawn import floor_radius, spawn_robots
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.navigation_volumes import read_volumes
from isaacsim_agent_ext.scene.reader import read_snapshot

STAGE = "Isaac/Environments/Simple_Warehouse/full_warehouse.usd"
ROBOTS = {"nova_carter": (6, 0.5), "iw_hub": (3, 0.8), "forklift": (1, 1.3)}  # count and radius [m]
DEEP = 0.05  # [m]
OFF_FLOOR = 0.02  # [m]
ALONG = np.arange(1, 8) / 8.0  # where a move is looked at
STUCK_WITHIN, STUCK_STEPS = 0.5, 300  # [m], [steps]


class Warehouse:
    """The full warehouse, with a floor for bodies of any radius."""

    def __init__(self) -> None:
        stage = open_stage(AssetResolver(None).resolve(STAGE).local_path, [])
        self._scene, _ = read_snapshot(stage)
        self._volumes = read_volumes(stage)

    def floor(self, radius: float | None = None) -> NavMesh:
        """Return where bodies of a radius [m] can go; people without one."""
        settings = NavMeshSettings() if radius is None else NavMeshSettings(agent_radius=radius)
        return bake(self._scene, self._volumes, settings=settings)


@dataclass
class Findings:
    """What happened in one run."""

    people: int
    robots: int
    agent_steps: int = 0
    step_ms: float = 0.0
    walking: float = 0.0
    closest_m: float = float("inf")
    overlaps: int = 0
    wall_crossings: int = 0
    stuck: int = 0
    reached: int = 0
    given_up: int = 0
    notes: list[str] = field(default_factory=list)


class Watch:
    """Looks at everybody after every step."""

    def __init__(self, floors: Sequence[NavMesh], states: Sequence[ActorState], findings: Findings):
        self._floors = {floor: np.array([other is floor for other in floors]) for floor in dict.fromkeys(floors)}
        self._radius = np.array([state.spec.radius for state in states])
        self._findings = findings
        self._before = np.array([state.position for state in states])
        self._anchor = self._before.copy()
        self._still = np.zeros(len(states), np.int64)
        self._walked = np.zeros(len(states), bool)

    def look(self, frame: int, states: Sequence[ActorState]) -> None:
        """Count what the step before this frame did."""
        position = np.array([state.position for state in states])
        walks = np.array([state.task == "MoveTo" for state in states])
        self._gaps(position)
        self._walls(frame, position, states)
        self._progress(frame, position, walks, states)
        self._findings.reached += int((self._walked & ~walks).sum())
        self._before, self._walked = position, walks

    def _gaps(self, position: np.ndarray) -> None:
        one, two = neighbor_pairs(position, 2.0 * float(self._radius.max()))
        gaps = np.hypot(*(position[one] - position[two])[:, :2].T) - self._radius[one] - self._radius[two]
        self._findings.closest_m = min(self._findings.closest_m, float(gaps.min(initial=np.inf)))
        self._findings.overlaps += int((gaps < -DEEP).sum())

    def _walls(self, frame: int, position: np.ndarray, states: Sequence[ActorState]) -> None:
        for floor, rows in self._floors.items():
            before, after = self._before[rows], position[rows]
            # A walk along a wall grazes it by rounding, and may cut a corner by a hair.
            suspects = np.flatnonzero((floor.raycast(before, after) < 1.0) & (before != after).any(axis=1))
            steps = before[suspects, None] + (after - before)[suspects, None] * ALONG[:, None]
            lost = np.isnan(floor.closest_points(steps.reshape(-1, 3), reach=OFF_FLOOR)).any(axis=1)
            off = np.isnan(floor.closest_points(after, reach=OFF_FLOOR)).any(axis=1)
            off[suspects] |= lost.reshape(len(suspects), len(ALONG)).any(axis=1)
            for index in np.flatnonzero(rows)[off]:
                self._findings.wall_crossings += 1
                self._note(frame, "crossed a wall", states[index])

    def _progress(self, frame: int, position: np.ndarray, walks: np.ndarray, states: Sequence[ActorState]) -> None:
        away = np.hypot(*(position - self._anchor)[:, :2].T) > STUCK_WITHIN
        fresh = away | ~walks
        self._anchor[fresh] = position[fresh]
        self._still = np.where(fresh, 0, self._still + 1)
        for index in np.flatnonzero(self._still == STUCK_STEPS):
            self._findings.stuck += 1
            self._note(frame, "stuck", states[index])

    def _note(self, frame: int, what: str, state: ActorState) -> None:
        x, y = state.position[:2]
        self._findings.notes.append(f"frame {frame}: {state.spec.name} {what} at ({x:.2f}, {y:.2f})")


def measure(warehouse: Warehouse, people: int, *, robots: bool, agent_steps: int, seed: int) -> Findings:
    navmesh = warehouse.floor()
    groups: list = [people_group(people)]
    specs = spawn_people(navmesh, people, seed)
    floors: dict[str, NavMesh] = {}
    if robots:
        group_of = {
            name: RobotGroup(
                name=name,
                num=count,
                config_file_path=f"{name}.yaml",
                agent_radius=radius,
                routines=(RobotWander(distance_range=(5.0, 15.0), navigation_areas=(), idle_time_range=(0.0, 1.0)),),
            )
            for name, (count, radius) in ROBOTS.items()
        }
        floors = {name: warehouse.floor(floor_radius(group)) for name, group in group_of.items()}
        kinds = {name: load_robot_config(find_robot_config(f"{name}.yaml", None)) for name in ROBOTS}
        section = RobotSection(root_prim_path="/World/Robots", groups=tuple(group_of.values()))
        # Robots first: there is always room for people around them.
        spawned = spawn_robots(section, kinds, floors, seed)
        robot_specs = [spawn.spec(asset_url="robot", height=1.0, label_prim_path=None) for spawn in spawned]
        clear = [
            spec
            for spec in specs
            if all(np.hypot(*(spec.position - r.position)[:2]) > spec.radius + r.radius + 0.05 for r in robot_specs)
        ]
        specs = [*clear, *robot_specs]
        groups += group_of.values()
    simulation = Simulation(seed=seed, navmesh=navmesh, specs=specs, groups=groups, robot_floors=floors)
    driving = sum(spec.drive is not None for spec in specs)
    findings = Findings(people=len(specs) - driving, robots=driving)
    watch = Watch([floors.get(spec.group, navmesh) for spec in specs], simulation.states(), findings)
    steps = -(-agent_steps // len(specs))
    spent, walking = 0.0, 0
    for step in range(steps):
        begin = time.process_time()
        simulation.step()
        spent += (time.process_time() - begin) * (step >= WARM_UP)
        states = simulation.states()
        walking += sum(state.task == "MoveTo" for state in states)
        watch.look(simulation.frame, states)
    lost = [warning for warning in simulation.warnings if warning.kind == "goal_given_up"]
    findings.given_up = len(lost)
    findings.reached -= findings.given_up
    findings.notes += [str(warning) for warning in lost]
    findings.agent_steps = steps * len(specs)
    findings.step_ms = 1e3 * spent / max(steps - WARM_UP, 1)
    findings.walking = walking / findings.agent_steps
    return findings


def show(rows: Sequence[Findings], *, verbose: bool) -> None:
    columns = {
        "people": "{:d}",
        "robots": "{:d}",
        "agent_steps": "{:,d}",
        "step_ms": "{:.2f}",
        "walking": "{:.0%}",
        "closest_m": "{:+.4f}",
        "overlaps": "{:d}",
        "wall_crossings": "{:d}",
        "stuck": "{:d}",
        "reached": "{:,d}",
        "given_up": "{:d}",
    }
    print(" ".join(f"{name:>14}" for name in columns))
    for row in rows:
        values = asdict(row)
        print(" ".join(f"{form.format(values[name]):>14}" for name, form in columns.items()))
    for note in (note for row in rows for note in row.notes if verbose):
        print(note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[100, 400, 1000])
    parser.add_argument("--agent-steps", type=int, default=1_000_000, help="for each density")
    parser.add_argument("--robots", action="store_true", help="let ten robots drive among the people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="say where and when")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warehouse = Warehouse()
    rows = [
        measure(warehouse, people, robots=options.robots, agent_steps=options.agent_steps, seed=options.seed)
        for people in options.people
    ]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        show(rows, verbose=options.verbose)


if __name__ == "__main__":
    main()

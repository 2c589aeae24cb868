"""Our crowd beside JuPedSim's: time of a simulation step for the same floor, head count and time step.

::

    pip install --no-deps jupedsim shapely deprecated wrapt
    python benchmarks/bench_crowd_speed.py [--people 10 100 1000 5000] [--floors "long shelves" racks] [--json]

The floor is a hall full of shelves, 2.4 m² for each person from 1,000 people on, and the one for 1,000 below; once with
long shelves, and once with many small racks, which cost JuPedSim's routing more.
Steps are 1/30 s for both. Ours carries whole actors: behaviors, shortest paths, headings and recovery. JuPedSim runs
its collision-free speed model; its people go to and fro between places at random. Times are CPU time of one core per
step, after a second of warming up for ours and five steps for JuPedSim. Without JuPedSim its columns stay empty.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence

import numpy as np
from bench_simulation import measure, shelf_corners, warehouse

RADIUS = 0.25  # [m]
STEP = 1.0 / 30.0  # [s]
FLOORS = {"long shelves": (8.0, 1.0), "racks": (2.2, 0.9)}  # length and depth of a shelf [m]
ROOM = 2.4  # [m²] for each person
PLACES = 40  # between which people go to and fro
JUPEDSIM_WARM_UP = 5  # [steps]


def hall_size(people: int) -> tuple[float, float]:
    """Return length and width of the hall [m], in the ratio 3 to 2."""
    area = ROOM * max(people, 1000)
    width = math.sqrt(area * 2.0 / 3.0)
    return round(1.5 * width), round(width)


def jupedsim_step_ms(people: int, size: tuple[float, float], shelf: tuple[float, float], steps: int) -> float | None:
    """Return the mean CPU time of a step of JuPedSim, or None when it is not installed."""
    try:
        import jupedsim as jps
        import shapely
    except ImportError:
        return None
    length, width = size

    def floor(margin: float) -> shapely.Polygon:
        shelves = [
            shapely.box(x - margin, y - margin, x + shelf[0] + margin, y + shelf[1] + margin)
            for x, y in shelf_corners(length, width, shelf)
        ]
        hall = shapely.box(margin, margin, length - margin, width - margin)
        return hall.difference(shapely.union_all(shelves))

    simulation = jps.Simulation(model=jps.CollisionFreeSpeedModel(), geometry=floor(0.0), dt=STEP)
    starts = jps.distribute_by_number(
        polygon=floor(0.35), number_of_agents=people, distance_to_agents=0.6, distance_to_polygon=0.05, seed=1
    )
    places = jps.distribute_by_number(
        polygon=floor(0.6), number_of_agents=PLACES, distance_to_agents=2.0, distance_to_polygon=0.1, seed=7
    )
    stages = [simulation.add_waypoint_stage(place, 0.5) for place in places]
    journeys = []
    for here, there in zip(stages[::2], stages[1::2], strict=True):
        journey = jps.JourneyDescription([here, there])
        journey.set_transition_for_stage(here, jps.Transition.create_fixed_transition(there))
        journey.set_transition_for_stage(there, jps.Transition.create_fixed_transition(here))
        journeys.append((simulation.add_journey(journey), here))
    speeds = np.random.default_rng(1).uniform(0.8, 1.5, people)
    for index, (start, speed) in enumerate(zip(starts, speeds, strict=True)):
        journey, stage = journeys[index % len(journeys)]
        simulation.add_agent(
            jps.CollisionFreeSpeedModelAgentParameters(
                position=start, journey_id=journey, stage_id=stage, desired_speed=float(speed), radius=RADIUS
            )
        )
    simulation.iterate(JUPEDSIM_WARM_UP)
    begin = time.process_time()
    simulation.iterate(steps)
    return 1e3 * (time.process_time() - begin) / steps


def compare(people: int, floor: str, steps: int, jupedsim_steps: int) -> dict:
    """Return one row of the table."""
    size, shelf = hall_size(people), FLOORS[floor]
    ours = measure(warehouse(*size, shelf), people, steps)
    theirs = jupedsim_step_ms(people, size, shelf, jupedsim_steps)
    return {
        "floor": floor,
        "people": people,
        "hall": f"{size[0]:g}x{size[1]:g}",
        "ours_ms": ours["step_ms"],
        "ours_p95_ms": ours["step_p95_ms"],
        "jupedsim_ms": theirs,
        "ours_us_each": 1e3 * ours["step_ms"] / people,
        "jupedsim_us_each": None if theirs is None else 1e3 * theirs / people,
        "ratio": None if theirs is None else theirs / ours["step_ms"],
    }


def show(rows: Sequence[dict]) -> None:
    print(" ".join(f"{name:>16}" for name in rows[0]))
    for row in rows:
        cells = ["-" if cell is None else f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row.values()]
        print(" ".join(f"{cell:>16}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10, 100, 1000, 5000])
    parser.add_argument("--floors", nargs="+", choices=FLOORS, default=list(FLOORS))
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--jupedsim-steps", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [
        compare(people, floor, options.steps, options.jupedsim_steps)
        for floor in options.floors
        for people in options.people
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        show(rows)


if __name__ == "__main__":
    main()

"""Speed against density: our crowd, JuPedSim's collision-free speed model, and what has been seen of people.

::

    pip install --no-deps jupedsim shapely deprecated wrapt; pip install matplotlib
    python benchmarks/bench_crowd_flow.py [--people 15 30 ...] [--plot docs/images/crowd_flow.png] [--json]

People walk around a closed corridor 3 m wide, all in one direction, each on a lane of its own, at speeds drawn from
1.34 ± 0.26 m/s. After ten seconds the speed along the corridor and the density are averaged for ten seconds over the
middle 8 m of both long sides. Both models get the same bodies (0.25 m), lanes, speeds and step (1/30 s). The reference
is U. Weidmann, *Transporttechnik der Fussgänger*, ETH Zürich 1993: v = 1.34 (1 - exp(-1.913 (1/ρ - 1/5.4))) m/s.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from bench_simulation import bake_boxes

from isaacsim_agent_ext.actors.crowd import STEP, Crowd
from isaacsim_agent_ext.actors.locomotion import Bodies
from isaacsim_agent_ext.randomness import stream

RADIUS = 0.25  # [m]
LENGTH, WIDTH, CORRIDOR = 22.0, 12.0, 3.0  # [m] of the whole loop, and how wide it is
BEND = CORRIDOR / 2.0
SIDE = (LENGTH / 2.0 - 4.0, LENGTH / 2.0 + 4.0)  # [m] measured along the long sides
WARM_UP, MEASURED, EVERY = 300, 300, 10  # [steps]
LANES = 0.85  # [m] farthest lane from the middle of the corridor

Positions = Callable[[], tuple[np.ndarray, np.ndarray]]
"""Advances one step and returns positions and velocities ``(n, 2)``."""


def weidmann(density: np.ndarray) -> np.ndarray:
    """Return the speed [m/s] seen at a density [1/m²]."""
    return 1.34 * (1.0 - np.exp(-1.913 * (1.0 / density - 1.0 / 5.4)))


def lane_corners(offset: float) -> np.ndarray:
    """Return the corners ``(4, 2)`` of a lane, counter-clockwise; a positive offset is nearer to the outside."""
    inset = BEND - offset
    return np.array([(inset, inset), (LENGTH - inset, inset), (LENGTH - inset, WIDTH - inset), (inset, WIDTH - inset)])


def people_on_loop(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return positions ``(n, 2)``, lane offsets, next corners and speeds."""
    rng = np.random.default_rng(count)
    offsets = rng.permutation(np.linspace(-LANES, LANES, count))
    speeds = np.clip(rng.normal(1.34, 0.26, count), 0.8, 1.9)
    slots = []  # a regular grid along both long sides and the short ones, that everybody fits on
    for lane in np.arange(-LANES, LANES + 0.01, 0.55):
        corners = lane_corners(lane)
        for corner in range(4):
            begin, end = corners[corner], corners[(corner + 1) % 4]
            length = float(np.abs(end - begin).sum())
            for along in np.arange(0.0, length - 0.54, 0.55):
                slots.append((*(begin + (end - begin) * along / length), (corner + 1) % 4))
    if count > len(slots):
        raise SystemExit(f"at most {len(slots)} people fit on the loop")
    chosen = np.array(slots)[rng.permutation(len(slots))[:count]]
    return chosen[:, :2], offsets, chosen[:, 2].astype(int), speeds


def next_corners(position: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """Return the corners that people walk to, the following one for whoever has reached the bend."""
    x, y = position.T
    inside = CORRIDOR - 0.6  # [m] from the outer wall one sees around the bend
    reached = np.choose(corner, [y < inside, x > LENGTH - inside, y > WIDTH - inside, x < inside])
    return np.where(reached, (corner + 1) % 4, corner)


def our_crowd(count: int) -> Positions:
    begin = np.array([[0, 0, -0.1], [CORRIDOR, CORRIDOR, 0]])
    end = np.array([[LENGTH, WIDTH, 0], [LENGTH - CORRIDOR, WIDTH - CORRIDOR, 3]])
    navmesh = bake_boxes(begin, end)
    position, offsets, corner, speeds = people_on_loop(count)
    lanes = [lane_corners(offset) for offset in offsets]
    start = np.column_stack([position, np.zeros(count)])
    yaws = (corner - 1) * np.pi / 2
    streams = [stream(1, "walker", index) for index in range(count)]
    crowd = Crowd(Bodies(start, yaws, np.full(count, RADIUS)), navmesh, streams.__getitem__)

    def send(actor: int) -> None:
        following = lanes[actor][[corner[actor], (corner[actor] + 1) % 4]]
        following[1] = following.mean(axis=0)  # no further than half a side, or the other way around may be shorter
        here = crowd.bodies.position[actor]
        crowd.walk(actor, np.concatenate([here[None], np.pad(following, ((0, 0), (0, 1)))]), float(speeds[actor]))

    for actor in range(count):
        send(actor)

    def step() -> tuple[np.ndarray, np.ndarray]:
        nonlocal corner
        crowd.step()
        following = next_corners(crowd.bodies.position[:, :2], corner)
        turned = np.flatnonzero((following != corner) | ~crowd.walking)
        corner = following
        for actor in turned:
            send(int(actor))
        return crowd.bodies.position[:, :2], crowd.bodies.velocity

    return step


def jupedsim_crowd(count: int) -> Positions:
    import jupedsim as jps
    import shapely

    inner = shapely.box(CORRIDOR, CORRIDOR, LENGTH - CORRIDOR, WIDTH - CORRIDOR)
    floor = shapely.box(0, 0, LENGTH, WIDTH).difference(inner)
    simulation = jps.Simulation(model=jps.CollisionFreeSpeedModel(), geometry=floor, dt=STEP)
    position, offsets, corner, speeds = people_on_loop(count)
    lanes = np.array([lane_corners(offset) for offset in offsets])
    stage = simulation.add_direct_steering_stage()
    journey = simulation.add_journey(jps.JourneyDescription([stage]))
    actors = [
        simulation.add_agent(
            jps.CollisionFreeSpeedModelAgentParameters(
                position=tuple(place), journey_id=journey, stage_id=stage, desired_speed=float(speed), radius=RADIUS
            )
        )
        for place, speed in zip(position, speeds, strict=True)
    ]
    rows = np.arange(count)

    def step() -> tuple[np.ndarray, np.ndarray]:
        nonlocal corner, position
        for actor, target in zip(actors, lanes[rows, corner], strict=True):
            simulation.agent(actor).target = tuple(target)
        simulation.iterate()
        after = np.array([simulation.agent(actor).position for actor in actors])
        velocity = (after - position) / STEP
        position = after
        corner = next_corners(position, corner)
        return position, velocity

    return step


def measure(crowd: Positions) -> tuple[float, float]:
    """Return density [1/m²] and speed [m/s]."""
    heads, speeds = [], []
    for step in range(WARM_UP + MEASURED):
        position, velocity = crowd()
        if step < WARM_UP or step % EVERY:
            continue
        within = (position[:, 0] > SIDE[0]) & (position[:, 0] < SIDE[1])
        onward = np.where(position[:, 1] < WIDTH / 2, velocity[:, 0], -velocity[:, 0])
        heads.append(within.sum())
        speeds.append(onward[within])
    density = float(np.mean(heads)) / (2.0 * CORRIDOR * (SIDE[1] - SIDE[0]))
    return density, float(np.concatenate(speeds).mean())


def plot(rows: Sequence[dict], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 4.4), layout="constrained")
    density = np.linspace(0.1, 4.0, 200)
    axes.plot(density, weidmann(density), color="0.35", linestyle="--", label="people (Weidmann 1993)")
    for kind, name, marker, color in (
        ("ours", "this crowd", "o", "#1f6fb2"),
        ("jupedsim", "JuPedSim, collision-free speed model", "s", "#d9822b"),
    ):
        points = [(row[f"{kind}_density"], row[f"{kind}_speed"]) for row in rows if row[f"{kind}_speed"] is not None]
        if points:
            axes.plot(*zip(*points, strict=True), marker=marker, color=color, markersize=5, label=name)
    axes.set(xlabel="density [1/m²]", ylabel="mean speed [m/s]", xlim=(0.0, 2.5), ylim=(0.0, 1.6))
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)


def has_jupedsim() -> bool:
    try:
        import jupedsim  # noqa: F401
    except ImportError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[15, 40, 80, 120, 160, 200, 240, 300])
    parser.add_argument("--plot", type=Path, help="write a picture")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for count in options.people:
        ours = measure(our_crowd(count))
        theirs = measure(jupedsim_crowd(count)) if has_jupedsim() else (None, None)
        rows.append(
            {
                "people": count,
                "ours_density": ours[0],
                "ours_speed": ours[1],
                "jupedsim_density": theirs[0],
                "jupedsim_speed": theirs[1],
                "weidmann_speed": float(weidmann(np.array(ours[0]))),
            }
        )
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print(" ".join(f"{name:>16}" for name in rows[0]))
        for row in rows:
            cells = [
                "-" if cell is None else f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row.values()
            ]
            print(" ".join(f"{cell:>16}" for cell in cells))
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()

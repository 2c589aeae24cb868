"""Measure the animation runtime: foot slide at several speeds, and the cost of a step and of a pose.

Run `python -m benchmarks.bench_animation`; `--json` prints numbers for machines.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from pxr import Usd, UsdSkel

from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.animation.animator import STEP, Animator
from isaacsim_agent_ext.animation.legs import HEEL_SHARE
from isaacsim_agent_ext.animation.motion_library import load_motion_library
from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.scene.snapshot import Skeleton

SPEEDS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
TOUCH = 0.006
"""Height below which a point of the sole counts as touching the floor [m]."""


def character_files() -> list[Path]:
    folder = asset_pack_root() / "Isaac/People/Characters"
    return sorted(path for path in folder.glob("*/*.usd") if path.stem == path.parent.name)


def read_skeleton(path: Path) -> Skeleton:
    stage = Usd.Stage.Open(str(path))
    prim = next(p for p in stage.Traverse() if p.IsA(UsdSkel.Skeleton))
    skeleton = UsdSkel.Skeleton(prim)
    joints = [str(joint) for joint in skeleton.GetJointsAttr().Get()]
    topology = UsdSkel.Topology(joints)
    return Skeleton(
        prim_path=str(prim.GetPath()),
        joints=tuple(joint.rsplit("/", 1)[-1] for joint in joints),
        parents=np.array([topology.GetParent(k) for k in range(len(joints))], dtype=np.int32),
        bind=np.array(skeleton.GetBindTransformsAttr().Get()),
        rest=np.array(skeleton.GetRestTransformsAttr().Get()),
        transform=np.eye(4),
    )


def actor(index: int) -> ActorSpec:
    path = f"/World/Characters/bench/bench_{index}"
    return ActorSpec(
        name=f"bench_{index}",
        group="bench",
        prim_path=path,
        agent_prim_path=f"{path}/ManRoot",
        agent_type="IRACharacterAPI",
        asset_url="",
        position=np.zeros(3),
        yaw=0.0,
    )


def walk(spec: ActorSpec, speed: float, radius: float | None, steps: int) -> Iterator[ActorState]:
    """Yield the states of somebody who walks at a constant speed, straight on or on a circle to the left."""
    for k in range(steps):
        way = speed * STEP * k
        yaw = way / radius if radius else 0.0
        if radius:
            position = np.array([radius * np.sin(yaw), radius * (1.0 - np.cos(yaw)), 0.0])
        else:
            position = np.array([way, 0.0, 0.0])
        velocity = speed * np.array([np.cos(yaw), np.sin(yaw), 0.0])
        rate = speed / radius if radius else 0.0
        yield ActorState(spec=spec, position=position, yaw=yaw, velocity=velocity, turn_rate=rate)


def sole_points(skeleton: Skeleton) -> list[tuple[int, np.ndarray]]:
    """Return points under heel and ball of both feet: the joint each moves with, and where it is in bind space."""
    points = []
    for side in "lr":
        foot, ball = skeleton.joints.index(f"foot_{side}"), skeleton.joints.index(f"ball_{side}")
        ankle, tip = skeleton.bind[foot, 3, :3], skeleton.bind[ball, 3, :3]
        points.append((foot, np.array([ankle[0] - HEEL_SHARE * (tip[0] - ankle[0]), ankle[1], 0.0, 1.0])))
        points.append((ball, np.array([tip[0], tip[1], 0.0, 1.0])))
    return points


def foot_slide(speed: float, radius: float | None = None, *, people: int = 4, seconds: float = 8.0) -> dict[str, float]:
    """Return mean and 95th percentile of the speed of sole points that touch the floor [m/s], and penetration [m]."""
    library = load_motion_library(asset_pack_root() / "Isaac/People/MotionLibrary/HumanMotionLibrary.usd")
    skeletons = [read_skeleton(path) for path in character_files()[:people]]
    specs = [actor(k) for k in range(len(skeletons))]
    animator = Animator(skeletons, library, specs)
    walks = [walk(spec, speed, radius, int(seconds / STEP)) for spec in specs]
    speeds, lowest = [], 0.0
    before: list[np.ndarray] | None = None
    for frame, states in enumerate(zip(*walks, strict=True)):
        animator.advance(states)
        poses = animator.pose()
        now = [
            np.array([point @ matrices[joint].astype(np.float64) for joint, point in sole_points(skeleton)])[:, :3]
            for skeleton, matrices in zip(skeletons, poses.skinning, strict=True)
        ]
        if before is not None and frame > 60:
            for last, present in zip(before, now, strict=True):
                touching = (last[:, 2] < TOUCH) & (present[:, 2] < TOUCH)
                speeds += (np.linalg.norm(present - last, axis=1)[touching] / STEP).tolist()
                lowest = min(lowest, float(present[:, 2].min()))
        before = now
    return {"mean": float(np.mean(speeds)), "p95": float(np.percentile(speeds, 95)), "below_floor": -lowest}


def cost(people: int, steps: int = 30) -> dict[str, float]:
    """Return CPU milliseconds of a step and of a pose."""
    library = load_motion_library(asset_pack_root() / "Isaac/People/MotionLibrary/HumanMotionLibrary.usd")
    files = character_files()
    pool = [read_skeleton(path) for path in files]
    skeletons = [replace(pool[k % len(pool)]) for k in range(people)]
    specs = [actor(k) for k in range(people)]
    animator = Animator(skeletons, library, specs)
    walks = [list(walk(spec, 0.6 + 0.02 * k % 1.4, None, steps)) for k, spec in enumerate(specs)]
    frames = list(zip(*walks, strict=True))
    advancing, posing = [], []
    for states in frames:
        start = time.process_time()
        animator.advance(states)
        middle = time.process_time()
        animator.pose()
        advancing.append(middle - start)
        posing.append(time.process_time() - middle)
    return {"advance": 1e3 * float(np.median(advancing)), "pose": 1e3 * float(np.median(posing))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    slides = [("straight", speed, foot_slide(speed)) for speed in SPEEDS]
    slides += [("curve of 2 m", speed, foot_slide(speed, 2.0)) for speed in (0.5, 1.0, 1.5, 2.0)]
    costs = {people: cost(people) for people in (10, 100, 1000)}
    if arguments.json:
        rows = [{"path": path, "speed": speed, **slide} for path, speed, slide in slides]
        print(json.dumps({"foot_slide": rows, "cost_ms": costs}, indent=2))
        return
    print("speed of sole points that touch the floor")
    print(f"{'path':>16} {'m/s':>5} {'mean cm/s':>10} {'p95 cm/s':>10} {'below floor mm':>15}")
    for path, speed, slide in slides:
        print(
            f"{path:>16} {speed:5.1f} {100 * slide['mean']:10.2f} {100 * slide['p95']:10.2f}"
            f" {1000 * slide['below_floor']:15.1f}"
        )
    print("\nCPU milliseconds")
    print(f"{'people':>16} {'step':>8} {'pose':>8}")
    for people, milliseconds in costs.items():
        print(f"{people:16d} {milliseconds['advance']:8.2f} {milliseconds['pose']:8.2f}")


if __name__ == "__main__":
    main()

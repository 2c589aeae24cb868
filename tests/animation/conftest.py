from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdSkel

from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.animation.animator import STEP, Animator
from isaacsim_agent_ext.animation.motion_library import MotionLibrary, load_motion_library
from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.scene.snapshot import Skeleton

PEOPLE = asset_pack_root() / "Isaac/People"


def _read_skeleton(path: Path) -> Skeleton:
    stage = Usd.Stage.Open(str(path))
    skeleton = UsdSkel.Skeleton(next(p for p in stage.Traverse() if p.IsA(UsdSkel.Skeleton)))
    joints = [str(joint) for joint in skeleton.GetJointsAttr().Get()]
    topology = UsdSkel.Topology(joints)
    return Skeleton(
        prim_path=str(skeleton.GetPath()),
        joints=tuple(joint.rsplit("/", 1)[-1] for joint in joints),
        parents=np.array([topology.GetParent(k) for k in range(len(joints))], dtype=np.int32),
        bind=np.array(skeleton.GetBindTransformsAttr().Get()),
        rest=np.array(skeleton.GetRestTransformsAttr().Get()),
        transform=np.eye(4),
    )


@pytest.fixture(scope="session")
def library_path() -> Path:
    return PEOPLE / "MotionLibrary/HumanMotionLibrary.usd"


@pytest.fixture(scope="session")
def library(library_path: Path) -> MotionLibrary:
    return load_motion_library(library_path)


@pytest.fixture(scope="session")
def character_files() -> list[Path]:
    return sorted(path for path in (PEOPLE / "Characters").glob("*/*.usd") if path.stem == path.parent.name)


@pytest.fixture(scope="session")
def skeletons(character_files: list[Path]) -> list[Skeleton]:
    return [_read_skeleton(path) for path in character_files]


@pytest.fixture(scope="session")
def make_specs() -> Callable[[int], list[ActorSpec]]:
    def specs(count: int) -> list[ActorSpec]:
        return [
            ActorSpec(
                name=f"group_{k}",
                group="group",
                prim_path=f"/World/Characters/group/group_{k}",
                agent_prim_path=f"/World/Characters/group/group_{k}/ManRoot",
                agent_type="IRACharacterAPI",
                asset_url="",
                position=np.zeros(3),
                yaw=0.0,
            )
            for k in range(count)
        ]

    return specs


@pytest.fixture(scope="session")
def travel() -> Callable[..., list[ActorState]]:
    """Integrate a speed and a rate of turn, both functions of time, into the states of one actor."""

    def states(
        spec: ActorSpec,
        steps: int,
        speed: Callable[[float], float],
        rate: Callable[[float], float] = lambda t: 0.0,
        animation: Callable[[float], str] = lambda t: "idle",
    ) -> list[ActorState]:
        position, yaw, result = np.zeros(3), 0.0, []
        asked, since = "", 0.0
        for k in range(steps):
            t = k * STEP
            if k:
                yaw += rate(t) * STEP
                position = position + speed(t) * STEP * np.array([np.cos(yaw), np.sin(yaw), 0.0])
            since = since + STEP if animation(t) == asked else 0.0
            asked = animation(t)
            result.append(
                ActorState(
                    spec=spec,
                    position=position,
                    yaw=yaw,
                    velocity=speed(t) * np.array([np.cos(yaw), np.sin(yaw), 0.0]),
                    turn_rate=rate(t),
                    animation=asked,
                    animation_time=since,
                )
            )
        return result

    return states


@pytest.fixture(scope="session")
def play() -> Callable[[Animator, Iterable[ActorState]], np.ndarray]:
    """Animate one actor and return its joints in every frame, ``(frames, joints, 3)``."""

    def joints(animator: Animator, states: Iterable[ActorState]) -> np.ndarray:
        frames = []
        for state in states:
            animator.advance([state])
            frames.append(animator.pose().joint_positions[0])
        return np.array(frames, dtype=np.float64)

    return joints

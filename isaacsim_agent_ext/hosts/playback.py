"""The world in motion: steps the simulation and poses people, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.animator import Animator, Poses, actor_transform, root_transform
from isaacsim_agent_ext.hosts.world import World, start_simulation
from isaacsim_agent_ext.robots.wheels import JointMover
from isaacsim_agent_ext.scene.snapshot import SceneFrame
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.session.event_log import EventFeed


class MovableScene(Protocol):
    """What can be brought to a frame: a renderer."""

    def update(self, frame: SceneFrame) -> None:
        """Move everything to where it stands in the frame."""


class Playback:
    """Plays a world forwards; a frame depends on the world, its number and the events let in before it alone."""

    def __init__(self, world: World, feed: EventFeed | None = None):
        self._world = world
        self._feed = feed or EventFeed()
        self._simulation = start_simulation(world)
        self._animator = Animator(world.skeletons, world.motion_library, world.people)
        self._wheels = [JointMover(rig.joints) for rig in world.rigs]
        self._mounts = _mounts(world)
        self._roots: dict[str, np.ndarray] = {}
        self._roots_before: dict[str, np.ndarray] = {}
        self._animate()
        self.drawn: int | None = None

    @property
    def frame(self) -> int:
        """The frame the world stands at."""
        return self._simulation.frame

    @property
    def actors(self) -> tuple[ActorState, ...]:
        """Every actor's state in this frame."""
        return self._simulation.states()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the simulation has found worth telling so far."""
        return tuple(str(record) for record in self._simulation.warnings)

    @property
    def actor_events(self) -> tuple[SimulationRecord, ...]:
        """What has happened to the actors' triggers so far."""
        return tuple(self._simulation.events)

    def advance_to(self, frame: int) -> None:
        """Step to a frame that is not in the past."""
        if frame < self.frame:
            raise ValueError(f"cannot step back from frame {self.frame} to {frame}")
        while self.frame < frame:
            self._feed.step(self._simulation)
            self._animate()

    def _animate(self) -> None:
        states = self.actors
        count = len(self._world.people)
        self._animator.advance(states[:count])
        for wheels, state in zip(self._wheels, states[count:], strict=True):
            wheels.advance(state)

    def scene_frame(self) -> SceneFrame:
        """Return what stands where in this frame."""
        poses = self._animator.pose()
        roots = {state.spec.prim_path: actor_transform(state) for state in self.actors}
        turned = {rig.prim_path: wheels.poses() for rig, wheels in zip(self._world.rigs, self._wheels, strict=True)}
        return SceneFrame(
            skinning=dict(zip(self._world.skeleton_indices, poses.skinning, strict=True)),
            joint_positions=dict(zip(self._world.skeleton_indices, poses.joint_positions, strict=True)),
            transforms={
                part.instance: (part.to_root if part.joint < 0 else part.to_root @ turned[part.prim_path][part.joint])
                @ roots[part.prim_path]
                for part in self._world.carried
            },
            prim_transforms=roots,
        )

    def show(
        self,
        move_people: Callable[[Sequence[ActorState], Poses], None],
        move_robots: Callable[[Sequence[ActorState], Sequence[Sequence[np.ndarray]]], None],
    ) -> None:
        """Hand out where everybody is in this frame.

        Args:
            move_people: Takes the people, and how they stand.
            move_robots: Takes the robots, and for each the poses of its joints (see `JointMover.poses`).
        """
        count = len(self._world.people)
        move_people(self.actors[:count], self._animator.pose())
        move_robots(self.actors[count:], [wheels.poses() for wheels in self._wheels])

    def views_of(self, camera: CameraView) -> tuple[CameraView, CameraView | None]:
        """Return a camera as it stands in the frame drawn last, and in the one before if it rides on an actor."""
        if camera.prim_path not in self._mounts:
            return camera, None
        root, to_root = self._mounts[camera.prim_path]
        now = replace(camera, transform=to_root @ self._roots[root])
        return now, replace(camera, transform=to_root @ self._roots_before.get(root, self._roots[root]))

    def draw(self, scene: MovableScene) -> SceneFrame:
        """Bring a renderer to this frame and return what stands where."""
        frame = self.scene_frame()
        scene.update(frame)
        self._roots_before, self._roots = self._roots, dict(frame.prim_transforms)
        self.drawn = self.frame
        return frame


def _mounts(world: World) -> dict[str, tuple[str, np.ndarray]]:
    """Return for each camera that rides on an actor that actor's root prim, and the camera's place on it ``(4, 4)``."""
    return {
        camera.prim_path: (
            spec.prim_path,
            camera.transform @ np.linalg.inv(root_transform(spec.position, spec.yaw)),
        )
        for camera in world.cameras
        for spec in world.specs
        if camera.prim_path.startswith(spec.prim_path + "/")
    }

"""The world in motion: steps the simulation and poses people, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from isaacsim_agent_ext.actors.records import SimulationRecord
from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.animator import Animator, Poses, actor_transform
from isaacsim_agent_ext.hosts.world import World, find_mount, start_simulation
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
        mounts = {
            camera.prim_path: find_mount(camera.prim_path, camera.transform, world.specs, world.rigs)
            for camera in world.cameras
        }
        self._mounts = {path: mount for path, mount in mounts.items() if mount is not None}
        self._drawn: dict[str, np.ndarray] = {}
        self._drawn_before: dict[str, np.ndarray] = {}
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
        joints = self._joints()
        return SceneFrame(
            skinning=dict(zip(self._world.skeleton_indices, poses.skinning, strict=True)),
            joint_positions=dict(zip(self._world.skeleton_indices, poses.joint_positions, strict=True)),
            transforms={
                part.instance: part.transform(roots[part.prim_path], joints.get(part.prim_path, ()))
                for part in self._world.carried
            },
            prim_transforms=roots,
        )

    def _joints(self) -> dict[str, list[np.ndarray]]:
        """Return how the joints of each robot have moved, by its root prim."""
        return {rig.prim_path: wheels.poses() for rig, wheels in zip(self._world.rigs, self._wheels, strict=True)}

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
        now = self._drawn[camera.prim_path]
        before = self._drawn_before.get(camera.prim_path, now)
        return replace(camera, transform=now), replace(camera, transform=before)

    def draw(self, scene: MovableScene) -> SceneFrame:
        """Bring a renderer to this frame and return what stands where."""
        frame = self.scene_frame()
        scene.update(frame)
        joints = self._joints()
        self._drawn_before = self._drawn
        self._drawn = {
            path: mount.transform(frame.prim_transforms[mount.prim_path], joints.get(mount.prim_path, ()))
            for path, mount in self._mounts.items()
        }
        self.drawn = self.frame
        return frame

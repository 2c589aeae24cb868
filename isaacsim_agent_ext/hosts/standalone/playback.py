"""The world in motion: steps the simulation and poses people, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.animator import Animator, Poses, actor_transform
from isaacsim_agent_ext.hosts.standalone.world import World, start_simulation
from isaacsim_agent_ext.scene.snapshot import SceneFrame
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
        self._animator = Animator(world.skeletons, world.motion_library, world.specs)
        self._animator.advance(self._simulation.states())
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

    def advance_to(self, frame: int) -> None:
        """Step to a frame that is not in the past."""
        if frame < self.frame:
            raise ValueError(f"cannot step back from frame {self.frame} to {frame}")
        while self.frame < frame:
            self._feed.step(self._simulation)
            self._animator.advance(self._simulation.states())

    def scene_frame(self) -> SceneFrame:
        """Return what stands where in this frame."""
        poses = self._animator.pose()
        roots = {state.spec.prim_path: actor_transform(state) for state in self.actors}
        return SceneFrame(
            skinning=dict(zip(self._world.skeleton_indices, poses.skinning, strict=True)),
            joint_positions=dict(zip(self._world.skeleton_indices, poses.joint_positions, strict=True)),
            transforms={part.instance: part.to_root @ roots[part.prim_path] for part in self._world.carried},
            prim_transforms=roots,
        )

    def show(self, move: Callable[[Sequence[ActorState], Poses], None]) -> None:
        """Hand out where everybody is in this frame, and how they stand."""
        move(self.actors, self._animator.pose())

    def draw(self, scene: MovableScene) -> SceneFrame:
        """Bring a renderer to this frame and return what stands where."""
        frame = self.scene_frame()
        scene.update(frame)
        self.drawn = self.frame
        return frame

"""People whom the app's own behavior system walks along our simulation (``omni.anim.behavior``, Isaac Sim 6.0).

The simulation says where everybody goes; the app chooses the steps, and gets within some decimetres of it. So where
people are is asked of the app, which keeps that out of USD's sight. Nothing of this system is documented in full: the
calls are those that others have seen work, everything is tried once before a recording, and where anything is missing
or answers otherwise people are animated by `isaacsim_agent_ext.hosts.kit.people.People` as usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import carb
import numpy as np
from pxr import Sdf, Usd

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.animation.animator import Poses
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.hosts.kit.app import enable_extension, next_updates
from isaacsim_agent_ext.hosts.kit.people import People
from isaacsim_agent_ext.hosts.kit.settings import ROOT, asset_seconds, character_animation
from isaacsim_agent_ext.hosts.kit.stage import Overlay, until_loaded
from isaacsim_agent_ext.hosts.kit.timeline import playing
from isaacsim_agent_ext.hosts.world import World
from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.writers.base import FRAMES_PER_SECOND

EXTENSION = "omni.anim.behavior.core"
NAVIGATION = "omni.anim.navigation.core"
LIBRARY_PATH = "/World/HumanMotionLibrary"
LIBRARY_TYPE = "BehaviorMotionLibrary"
RIG = "Human"

APPEARING_UPDATES = 300
"""Updates of a playing timeline within which the app has to make agents of everybody."""

AHEAD = 0.5
"""People are sent to where the simulation has them so much later, which keeps them walking [s]."""

STANDING = 0.05
"""Slower people stand [m/s]."""

ARRIVED = 0.15
"""People who stop this close to where they should are left there [m]."""

HASTE = 1.5
"""People who have fallen behind walk at most this much faster than the simulation has them."""

_OTHERWISE = (AttributeError, ImportError, KeyError, TypeError, ValueError, RuntimeError)


class KitPeople(Protocol):
    """Who moves people in the app, and knows where they are."""

    async def begin(self) -> None:
        """Wait until people are there; the timeline plays."""

    def move(self, states: Sequence[ActorState], poses: Poses) -> None:
        """Bring people to a frame of the simulation, or on their way to it."""

    def seen(self, states: Sequence[ActorState]) -> Sequence[ActorState]:
        """Return the states of all actors with people where they really are."""


async def open_people(
    overlay: Overlay, world: World, layer: Sdf.Layer, *, library: Path | str | None, with_skeletons: bool
) -> tuple[KitPeople, tuple[str, ...]]:
    """Return who moves people, as the setting ``character_animation`` has it, and what the user should know.

    Args:
        overlay: Our layers over the app's stage; the timeline is stopped.
        world: The world on it.
        layer: Where everything is written; a sublayer of the stage's session layer, empty.
        library: The file or URL of the motion library that the config names.
        with_skeletons: Whether a writer asks for joints, which the app tells nobody.
    """
    wanted = character_animation()
    warnings: tuple[str, ...] = ()
    if wanted != "skeleton" and world.people:
        try:
            if wanted == "graph":
                raise SceneError("animation graphs walk at a pace of their own, so people would not be where they go")
            if wanted != "behavior":
                raise SceneError("there is no such choice; there are skeleton and behavior")
            if with_skeletons:
                raise SceneError("a writer asks for skeletons, and the app does not say where its people's joints are")
            return await _behavior_people(overlay.composed, world, layer, library), ()
        except _OTHERWISE as error:
            warnings = (f"{ROOT}character_animation is {wanted!r}, but people are animated by us: {error}",)
            carb.log_warn(f"isaacsim_agent_ext: {warnings[0]}")
            layer.Clear()
            await until_loaded(asset_seconds())
    return People(overlay.composed.stage, world, layer), warnings


async def _behavior_people(
    composed: ComposedStage, world: World, layer: Sdf.Layer, library: Path | str | None
) -> BehaviorPeople:
    """Make agents of all people, and try once whether the app walks them.

    Raises:
        SceneError: It does not; the message says why. Other errors mean that it answers otherwise than expected.
    """
    if not await enable_extension(EXTENSION):
        raise SceneError(f"this app has no extension {EXTENSION}, which Isaac Sim 6.0 has")
    import omni.anim.behavior.core as behavior

    _check_navmesh()
    pack = str(asset_pack_root())
    if library is None or str(library).startswith(pack):
        raise SceneError(
            "the motion library is our stand-in, and the app needs its own; set an assets root that has it"
        )
    strangers = [actor.prim_path for actor in composed.actors if str(actor.asset).startswith(pack)]
    strangers = [path for path in strangers if path in {spec.prim_path for spec in world.people}]
    if strangers:
        raise SceneError(
            f"{', '.join(strangers)}: our stand-in people, whom the app cannot walk; name characters of its"
        )
    await _make_agents(composed, world, layer, str(library))
    people = BehaviorPeople(composed, world, behavior)
    async with playing(APPEARING_UPDATES / FRAMES_PER_SECOND):
        await people.begin()
        people.try_all()
    return people


def _check_navmesh() -> None:
    """Make sure that the app has a NavMesh: over ours it makes no agents."""
    try:
        import omni.anim.navigation.core as navigation
    except ImportError as error:
        raise SceneError(f"{NAVIGATION} cannot be imported ({error})") from error
    if navigation.acquire_interface().get_navmesh() is None:
        raise SceneError("the app has no NavMesh of its own, without which it makes no agents")


async def _make_agents(composed: ComposedStage, world: World, layer: Sdf.Layer, library: str) -> None:
    """Put the motion library on the stage and make the app's agents of all people."""
    import omni.kit.commands

    stage = composed.stage
    with Usd.EditContext(stage, layer):
        stage.DefinePrim(LIBRARY_PATH).GetPayloads().AddPayload(library)
        for spec in world.people:
            _load_as_payload(stage.GetPrimAtPath(spec.prim_path))
    await until_loaded(asset_seconds())
    kind = stage.GetPrimAtPath(LIBRARY_PATH).GetTypeName()
    if kind != LIBRARY_TYPE:
        raise SceneError(f"{library} is a {kind or 'prim without a type'}, not a {LIBRARY_TYPE} of Isaac Sim 6.0")
    with Usd.EditContext(stage, layer):
        done, _ = omni.kit.commands.execute(
            "ApplyBehaviorAgentAPICommand",
            skelroot_prim_paths=[Sdf.Path(spec.agent_prim_path) for spec in world.people],
            motion_library_prim_path=Sdf.Path(LIBRARY_PATH),
            motion_library_skeleton_rig=RIG,
        )
    if not done:
        raise SceneError("the app refuses to make agents (ApplyBehaviorAgentAPICommand)")
    await next_updates()


def _load_as_payload(root: Usd.Prim) -> None:
    """Turn an actor's reference into a payload: the app retargets motions to no other characters."""
    reference = next(
        item for spec in root.GetPrimStack() for item in spec.referenceList.GetAddedOrExplicitItems() if item.assetPath
    )
    root.GetReferences().SetReferences([])
    root.GetPayloads().AddPayload(reference.assetPath, reference.primPath)


class BehaviorPeople:
    """`KitPeople` by ``omni.anim.behavior``."""

    def __init__(self, composed: ComposedStage, world: World, behavior: Any):
        """Remember the world.

        Args:
            composed: The app's stage.
            world: The world on it, everybody at their spawn pose.
            behavior: The module ``omni.anim.behavior.core``.
        """
        self._behavior = behavior
        self._specs = world.people
        self._seed = world.config.seed % 2**31  # the app takes a C int
        self._space = _Space(composed.to_world)
        self._walkers: list[_Walker] = []

    async def begin(self) -> None:
        """Wait until the app has made an agent of everybody.

        Raises:
            SceneError: It does not.
        """
        system = self._behavior.acquire_interface()
        system.set_random_seed(self._seed)
        for _ in range(APPEARING_UPDATES):
            agents = [system.get_agent(spec.agent_prim_path) for spec in self._specs]
            if all(agent is not None for agent in agents):
                break
            await next_updates()
        missing = [spec.prim_path for spec, agent in zip(self._specs, agents, strict=True) if agent is None]
        if missing:
            raise SceneError(f"the app has made no agents of {', '.join(missing)} in {APPEARING_UPDATES} updates")
        invalid = getattr(self._behavior, "BEHAVIOR_TASK_ID_INVALID", None)
        self._walkers = [_Walker(agent, self._space, invalid) for agent in agents]
        for walker, spec in zip(self._walkers, self._specs, strict=True):
            walker.start(spec.position, spec.yaw)

    def try_all(self) -> None:
        """Make every call that a recording makes, so that it does not fail half-way."""
        for walker, spec in zip(self._walkers, self._specs, strict=True):
            ahead = spec.position + 2 * ARRIVED * np.array([np.cos(spec.yaw), np.sin(spec.yaw), 0.0])
            walker.walk(ahead, 1.0)
            walker.stand(ahead, "idle")
            walker.act("idle")
            walker.start(spec.position, spec.yaw)

    def move(self, states: Sequence[ActorState], poses: Poses) -> None:
        """Send everybody on; how they step is the app's choice."""
        for walker, state in zip(self._walkers, states, strict=False):
            if state.speed > STANDING:
                walker.walk(state.position + AHEAD * state.velocity, state.speed)
            else:
                walker.stand(state.position, "idle" if state.seating else state.animation)

    def seen(self, states: Sequence[ActorState]) -> Sequence[ActorState]:
        """Return the states with people where the app has them."""
        really = []
        for walker, state in zip(self._walkers, states, strict=False):
            position, yaw = walker.place()
            really.append(replace(state, position=position, yaw=yaw))
        return (*really, *states[len(really) :])


class _Space:
    """Between our world and the stage's."""

    def __init__(self, to_world: np.ndarray):
        self._to_world = to_world
        self._to_stage = np.linalg.inv(to_world)
        self.unit = float(np.linalg.norm(to_world[0, :3]))  # [m]

    def point(self, point: np.ndarray) -> Any:
        """Return a point [m] as the app takes it."""
        return carb.Float3(*(float(value) for value in point @ self._to_stage[:3, :3] + self._to_stage[3, :3]))

    def direction(self, yaw: float) -> Any:
        """Return where a heading [rad] leads as the app takes it."""
        ahead = np.array([np.cos(yaw), np.sin(yaw), 0.0]) @ self._to_stage[:3, :3] * self.unit
        return carb.Float3(*(float(value) for value in ahead))

    def our_point(self, point: Any) -> np.ndarray:
        """Return a point of the app's ``(3,)`` [m]."""
        values = np.array([float(point[axis]) for axis in range(3)])
        return np.asarray(values @ self._to_world[:3, :3] + self._to_world[3, :3])

    def our_yaw(self, direction: Any) -> float:
        """Return the heading of a direction of the app's [rad]."""
        ahead = np.array([float(direction[axis]) for axis in range(3)]) @ self._to_world[:3, :3]
        return float(np.arctan2(ahead[1], ahead[0]))


class _Walker:
    """One of the app's agents, told only what is new."""

    def __init__(self, agent: Any, space: _Space, invalid: Any):
        self._agent = agent
        self._space = space
        self._invalid = invalid
        self._stopping: Any = None
        self._doing = ""

    def start(self, position: np.ndarray, yaw: float) -> None:
        """Stand at a place; the app keeps its own avoidance out of our simulation's."""
        self._agent.set_auto_avoidance_enabled(False)
        self._agent.set_obstacle_avoidance_enabled(False)
        self._agent.teleport(self._space.point(position), self._space.direction(yaw))
        self._stopping, self._doing = None, ""

    def walk(self, target: np.ndarray, speed: float) -> None:
        """Walk on to a point [m], as fast as the simulation [m/s] or faster to catch up."""
        left = float(np.linalg.norm((target - self.place()[0])[:2]))
        self._agent.set_speed(min(left / AHEAD, HASTE * speed) / self._space.unit)
        self._agent.move_to(self._space.point(target), False)
        self._stopping, self._doing = None, ""

    def stand(self, position: np.ndarray, animation: str) -> None:
        """Come to a halt at a point [m], then play an animation there."""
        if self._doing == animation:
            return
        if not self._doing:
            left = float(np.linalg.norm((position - self.place()[0])[:2]))
            if self._stopping is None and left > ARRIVED:
                self._stopping = self._agent.move_to(self._space.point(position), True)
            if self._stopping is not None and left > ARRIVED and self._agent.is_task_running(self._stopping):
                return
        self.act(animation)
        self._doing = animation

    def act(self, animation: str) -> None:
        """Play an animation of the app's motion library; stand idly if it has none of this name."""
        if animation != "idle":
            try:
                if self._agent.custom_action(animation) != self._invalid:
                    return
            except _OTHERWISE as error:
                carb.log_warn(f"isaacsim_agent_ext: the app does not play {animation!r}: {error}")
        self._agent.idle()

    def place(self) -> tuple[np.ndarray, float]:
        """Return where the agent is [m] and its heading [rad]."""
        position = self._space.our_point(self._agent.get_world_translation())
        return position, self._space.our_yaw(self._agent.get_facing_direction())

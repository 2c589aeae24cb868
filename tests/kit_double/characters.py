"""omni.anim.graph (5.1) and omni.anim.behavior (6.0): characters that Kit drives, out of USD's sight."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from kit_double.guard import IMPLEMENTATIONS, emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

IMPLEMENTATIONS["omni.anim.behavior.core.BEHAVIOR_TASK_ID_INVALID"] = 0
FRAMES_TO_APPEAR = 4


class Characters:
    """Characters and agents.

    Attributes:
        graphs: SkelRoots with an animation graph.
        agents_wanted: SkelRoots with the behavior agent API.
        agents: Agents that have appeared: only while the timeline plays, over a baked NavMesh.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.graphs: set[str] = set()
        self.agents_wanted: set[str] = set()
        self.agents: dict[str, Any] = {}
        self.characters: dict[str, Any] = {}
        self.played = 0

    def update(self, dt: float) -> None:
        """Move the agents; their prims stay where they were authored."""
        if not self._kit.timeline.playing:
            self.played = 0
            self.agents.clear()
            self.characters.clear()
            return
        if self._kit.timeline.held:
            return
        self.played += 1
        if self.played == FRAMES_TO_APPEAR:
            if self._kit.navigation.navmesh is not None:
                for path in sorted(self.agents_wanted):
                    self.agents[path] = self._kit.make("omni.anim.behavior.core.IBehaviorAgent", path)
            for path in sorted(self.graphs):
                self.characters[path] = self._kit.make("omni.anim.graph.core.ICharacter", path)
        for agent in self.agents.values():
            agent._walk(dt)

    def place(self, path: str) -> np.ndarray:
        """Return where a prim is authored."""
        from pxr import UsdGeom

        prim = self._kit.stages.stage.GetPrimAtPath(path)
        return np.array(UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(0).ExtractTranslation())

    def vector(self, values: Any) -> Any:
        """Return a `carb.Float3` or `carb.Float4`."""
        values = list(values)
        return self._kit.make(f"carb.Float{len(values)}", *values)


@emulate("omni.anim.graph.core.get_character")
def get_character(kit: Kit, skelroot_path: str) -> Any:
    return kit.characters.characters.get(skelroot_path)


@emulate("omni.anim.graph.core.ICharacter")
class ICharacter:
    _kit: Kit

    def __init__(self, path: str):
        self._variables: dict[str, Any] = {}
        self._position = self._kit.characters.place(path)
        self._rotation = (0.0, 0.0, 0.0, 1.0)

    def set_variable(self, name: str, value: Any) -> None:
        self._variables[name] = value

    def get_world_transform(self, pos: Any, rot: Any) -> None:
        for index in range(3):
            pos[index] = self._position[index]
        for index in range(4):
            rot[index] = self._rotation[index]

    def set_world_transform(self, pos: Any, rot: Any) -> None:
        self._position = np.array(list(pos))
        self._rotation = tuple(rot)


@emulate("omni.anim.behavior.core.acquire_interface")
def acquire_interface(kit: Kit) -> Any:
    return kit.one("omni.anim.behavior.core.IBehaviorSystem")


@emulate("omni.anim.behavior.core.IBehaviorSystem")
class IBehaviorSystem:
    _kit: Kit

    def get_agent(self, skelroot_path: str) -> Any:
        return self._kit.characters.agents.get(skelroot_path)

    def set_random_seed(self, seed: int) -> None:
        pass


@emulate("omni.anim.behavior.core.IBehaviorAgent")
class IBehaviorAgent:
    """Walks straight to where it is told, in stage units."""

    _kit: Kit

    def __init__(self, path: str):
        self._position = self._kit.characters.place(path)
        self._yaw = 0.0
        self._speed = 1.2
        self._targets: list[np.ndarray] = []
        self._tasks = itertools.count(1)
        self._task = 0

    def _start(self, targets: list[np.ndarray]) -> int:
        self._targets = targets
        self._task = next(self._tasks)
        return self._task

    def _walk(self, dt: float) -> None:
        left = self._speed * dt
        while self._targets and left > 0:
            way = self._targets[0] - self._position
            distance = float(np.linalg.norm(way))
            if distance > 1e-9:
                self._yaw = math.atan2(way[1], way[0])
            step = min(left, distance)
            self._position = self._position + way * (step / distance if distance else 0.0)
            left -= step
            if step >= distance:
                self._targets.pop(0)

    def move_to(self, target: Any, auto_brake: bool = True) -> int:
        goal = self._kit.characters.place(target) if isinstance(target, str) else np.array(list(target), float)
        return self._start([goal])

    def move_along(self, target: Any, start_from_closest_point: bool = False, auto_brake: bool = True) -> int:
        return self._start([np.array(list(point), float) for point in target])

    def idle(self, facing: Any = None, duration: float = 0.0) -> int:
        return self._start([])

    def follow(self, target: Any, distance: float = -1.0) -> int:
        return self.move_to(target)

    def sit(self, path: str, snap_to_seat: bool = False) -> int:
        return self.move_to(path)

    def look_at(self, target: Any) -> int:
        return self._start([])

    def custom_action(self, action: str, root_animation: Any = None, duration: float = 0.0) -> int:
        return self._start([])

    def set_speed(self, speed: float) -> None:
        self._speed = float(speed)

    def teleport(self, pos: Any, facing: Any) -> None:
        self._position = np.array(list(pos), float)
        self._yaw = math.atan2(facing[1], facing[0])

    def get_world_translation(self) -> Any:
        return self._kit.characters.vector(self._position)

    def get_world_rotation(self) -> Any:
        return self._kit.characters.vector((0.0, 0.0, math.sin(self._yaw / 2), math.cos(self._yaw / 2)))

    def get_facing_direction(self) -> Any:
        return self._kit.characters.vector((math.cos(self._yaw), math.sin(self._yaw), 0.0))

    def get_radius(self) -> float:
        return 0.3

    def get_height(self) -> float:
        return 1.8

    def is_task_running(self, task_id: int) -> bool:
        return task_id == self._task and bool(self._targets)

    def cancel_task(self, task_id: int) -> None:
        if task_id == self._task:
            self._targets = []

    def set_auto_avoidance_enabled(self, enabled: bool) -> None:
        pass

    def set_obstacle_avoidance_enabled(self, enabled: bool) -> None:
        pass


class _Script:
    """Base of behavior scripts."""

    _open = True

    def on_init(self) -> None:
        """Scripts override this."""

    def on_destroy(self) -> None:
        """Scripts override this."""

    def on_play(self) -> None:
        """Scripts override this."""

    def on_pause(self) -> None:
        """Scripts override this."""

    def on_stop(self) -> None:
        """Scripts override this."""

    def on_update(self, current_time: float, delta_time: float) -> None:
        """Scripts override this."""


IMPLEMENTATIONS["omni.behavior.scripting.core.BehaviorScript"] = _Script
IMPLEMENTATIONS["omni.kit.scripting.BehaviorScript"] = _Script

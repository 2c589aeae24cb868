"""Checking a plug-in's class before it is used in a run.

::

    from isaacsim_agent_ext.actors.conformance import check_behavior

    check_behavior(Inspect, {"seconds": 3.0})

The check goes step by step, from the class to what it does with a person on a plain floor, and stops at the first
thing that is wrong.
"""

from __future__ import annotations

import copy
import inspect
import random
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.plugins import parameter_problems
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterStop, CustomBehavior, EventTrigger
from isaacsim_agent_ext.errors import AgentError, PluginError
from isaacsim_agent_ext.navigation.navmesh import NavMesh
from isaacsim_agent_ext.scene.place import Place

_SIDE = 24.0  # [m] of the floor
_CALL = "conformance check"


def check_behavior(plugin: type, parameters: Mapping[str, Any] | None = None, *, seconds: float = 20.0) -> None:
    """Make sure that a class can be used as a ``custom_behavior``.

    It is looked at, made with the parameters, run for a while on a floor of 24 m x 24 m, run once more, and
    interrupted in the middle.

    Args:
        plugin: The class.
        parameters: What the config would tell it.
        seconds: How long to run it [s].

    Raises:
        PluginError: Something is wrong; the message says what was found, what is expected and how to mend it.
    """
    given = dict(parameters or {})
    _check_class(plugin)
    _check_parameters(plugin, given)
    made = _make(plugin, given)
    prims = _prims(plugin, made)
    states = random.getstate(), np.random.get_state()[1].tobytes()
    first = _run(plugin, given, prims, seconds, interrupted=False)
    if (random.getstate(), np.random.get_state()[1].tobytes()) != states:
        raise _fault(
            plugin,
            "it draws from the random numbers of the whole process (random, numpy.random), so a seed does not repeat a "
            "run; draw from actor.rng('some purpose')",
        )
    second = _run(plugin, given, prims, seconds, interrupted=False)
    if first != second:
        raise _fault(
            plugin,
            "two runs with one seed differ; keep nothing in the class or the module between runs, ask no clock, and "
            "draw from actor.rng('some purpose')",
        )
    _run(plugin, given, prims, seconds, interrupted=True)


def _check_class(plugin: Any) -> None:
    if not isinstance(plugin, type):
        raise PluginError(f"{plugin!r} is no class; give the class itself, not an instance or a function")
    actions = getattr(plugin, "actions", None)
    if not callable(actions):
        raise _fault(plugin, "it has no method actions(self, actor), which yields the actions of one run")
    try:
        inspect.signature(actions).bind(object(), object())
    except TypeError as error:
        raise _fault(plugin, f"actions() has to take the actor and nothing else: {error}") from error


def _check_parameters(plugin: type, parameters: Mapping[str, Any]) -> None:
    for path, message in parameter_problems(getattr(plugin, "parameters_schema", None), parameters):
        where = f"parameters{path}: " if path or "JSON Schema" not in message else ""
        raise _fault(plugin, f"{where}{message}")


def _make(plugin: type, parameters: dict[str, Any]) -> Any:
    before = copy.deepcopy(parameters)
    try:
        made = plugin(parameters)
    except Exception as error:
        raise _fault(plugin, f"it cannot be made from {parameters!r}: {type(error).__name__}: {error}") from error
    if parameters != before:
        raise _fault(plugin, "__init__ changes the parameters, which others are told as well; copy them first")
    return made


def _prims(plugin: type, made: Any) -> tuple[str, ...]:
    prims = getattr(made, "target_prims", ())
    if isinstance(prims, str) or not all(isinstance(prim, str) and prim.startswith("/") for prim in prims):
        raise _fault(plugin, f"target_prims has to be a list of prim paths such as /World/Dock; found {prims!r}")
    return tuple(prims)


def _run(
    plugin: type, parameters: Mapping[str, Any], prims: tuple[str, ...], seconds: float, *, interrupted: bool
) -> list[tuple[Any, ...]]:
    """Let a person carry the behavior out; returns where they are and what they do in every step."""
    behavior = CustomBehavior(name=plugin.__name__, parameters=parameters)
    interruption = EventTrigger(event=_CALL, priority=1, behavior=(CharacterStop(time_range=(0.5, 0.5)),))
    work = EventTrigger(event="work", priority=1, behavior=(behavior,))
    resting = CharacterGroup(name="people", num=1, asset_path="", routines=(behavior,), triggers=(interruption, work))
    spec = ActorSpec(
        name="people_0",
        group="people",
        prim_path="/World/Characters/people/people_0",
        agent_prim_path="/World/Characters/people/people_0",
        agent_type="IRACharacterAPI",
        asset_url="",
        position=np.zeros(3),
        yaw=0.0,
    )
    places = {prim: Place(np.array([2.0 + number, 2.0, 0.0])) for number, prim in enumerate(prims)}
    simulation = Simulation(
        seed=1,
        navmesh=_floor(),
        specs=[spec],
        groups=[resting],
        locate=places.__getitem__,
        plugins={(plugin.__name__, None): plugin},
    )
    steps = max(2, round(seconds * 30))
    film: list[tuple[Any, ...]] = []
    try:
        for step in range(steps):
            if interrupted and step == steps // 2:
                simulation.dispatch(_CALL)
            simulation.step()
            (state,) = simulation.states()
            film.append((*state.position.tolist(), state.yaw, state.task, state.animation))
    except AgentError as error:
        raise _fault(plugin, str(error)) from error
    return film


@cache
def _floor() -> NavMesh:
    """Return a plain square floor around the origin."""
    from isaacsim_agent_ext.navigation.bake import bake
    from isaacsim_agent_ext.scene.snapshot import Instance, Material, Mesh, SceneSnapshot

    half = _SIDE / 2.0
    corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]], np.float32)
    mesh = Mesh(
        points=corners,
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uvs=np.zeros((4, 2), np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        materials=np.zeros(2, np.int32),
    )
    floor = Instance(prim_path="/Floor", mesh=0, transform=np.eye(4))
    return bake(SceneSnapshot(meshes=(mesh,), instances=(floor,), materials=(Material(),)))


def _fault(plugin: type, message: str) -> PluginError:
    return PluginError(f"{plugin.__module__}.{plugin.__qualname__}: {message}")

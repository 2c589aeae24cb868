"""Behaviors from plug-ins: Python classes that users write.

A plug-in is a class that takes the config's parameters, and has one method that yields actions::

    class Inspect:
        parameters_schema = {"type": "object", "properties": {"seconds": {"type": "number"}}}

        def __init__(self, parameters):
            self.seconds = parameters.get("seconds", 2.0)

        def actions(self, actor):
            yield Idle(self.seconds, "look_around")

It is found by an entry point of the group `ENTRY_POINTS`, or in a file. Loading one runs its code, so nothing is
loaded unless the user allowed it. `isaacsim_agent_ext.actors.conformance` checks a class.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from isaacsim_agent_ext.actors.action_check import action_mistake
from isaacsim_agent_ext.actors.actions import Actions, ActorHandle
from isaacsim_agent_ext.config.model import CustomBehavior
from isaacsim_agent_ext.errors import PluginError

ENTRY_POINTS = "isaacsim_agent_ext.behaviors"
"""The group of entry points whose names are names of behaviors."""

PluginKey = tuple[str, str | None]
"""A plug-in as a config names it: its name and its file."""


class BehaviorPlugin(Protocol):
    """What a plug-in's class has; two class attributes may be added.

    ``parameters_schema`` is a JSON Schema that the config's parameters are checked against before a run, and
    ``target_prims`` of an instance lists the prims that it will ask `ActorHandle.place` for.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        """Take the config's parameters."""

    def actions(self, actor: ActorHandle) -> Actions:
        """Return the actions of one run: a generator, which is sent how each action ended."""


@dataclass(frozen=True, slots=True)
class PluginSource:
    """Where a plug-in comes from, in a form that travels to other processes.

    Attributes:
        name: Of the entry point, or of the class in the file.
        file: The Python file, or None for an entry point.
    """

    name: str
    file: Path | None = None


def key_of(behavior: CustomBehavior) -> PluginKey:
    """Return which plug-in a behavior of the config names."""
    return behavior.name, behavior.module


@cache
def load_plugin(source: PluginSource) -> type[BehaviorPlugin]:
    """Load a plug-in's class, once in each process; this runs its code.

    Raises:
        PluginError: It is not there, or its code fails.
    """
    loaded = _from_file(source.name, source.file) if source.file else _from_entry_point(source.name)
    if not isinstance(loaded, type) or not callable(getattr(loaded, "actions", None)):
        raise PluginError(
            f"the plug-in {source.name} ({_place(source)}) is no class with a method actions(self, actor)"
        )
    return loaded


def _from_entry_point(name: str) -> Any:
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in found:
        there = ", ".join(sorted(found)) or "none is installed"
        raise PluginError(
            f"there is no behavior {name!r} among the entry points of the group {ENTRY_POINTS} ({there}); install the "
            "package that has it, or name its file by `module`"
        )
    try:
        return found[name].load()
    except (Exception, SystemExit) as error:
        raise PluginError(f"the plug-in {name} ({found[name].value}) cannot be loaded: {_cause(error)}") from error


def _from_file(name: str, file: Path) -> Any:
    if not file.is_file():
        raise PluginError(f"the plug-in {name} cannot be loaded: there is no file {file}")
    module_name = f"isaacsim_agent_plugin_{sha256(str(file).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"the plug-in {name} cannot be loaded: {file} is no Python file")
    module = sys.modules.get(module_name)
    if module is None:
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[module_name]
            raise PluginError(f"the plug-in {name} cannot be loaded: {_cause(error, file)}") from error
    if not hasattr(module, name):
        own = [key for key, value in vars(module).items() if getattr(value, "__module__", "") == module_name]
        raise PluginError(
            f"the plug-in {name} cannot be loaded: {file} has no class of that name; it has {', '.join(own) or 'none'}"
        )
    return getattr(module, name)


def parameter_problems(schema: Any, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a plug-in's schema finds wrong with parameters: the key path below them, and what it is."""
    if schema is None:
        return []
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [("", f"the plug-in's parameters_schema is no JSON Schema: {error.message}")]
    errors = sorted(
        Draft202012Validator(schema).iter_errors(dict(parameters)), key=lambda error: list(map(str, error.path))
    )
    return [("".join(f".{part}" for part in error.path), error.message) for error in errors]


def prims_of(behavior: CustomBehavior, plugin: type[BehaviorPlugin]) -> tuple[str, ...]:
    """Return the prims that a plug-in's behavior will ask for.

    Raises:
        PluginError: Its code fails.
    """
    try:
        return tuple(getattr(plugin(behavior.parameters), "target_prims", ()))
    except (Exception, SystemExit) as error:
        file = Path(inspect.getsourcefile(plugin) or "")
        raise PluginError(f"the plug-in {behavior.name} failed before the run: {_cause(error, file)}") from error


def run_plugin(behavior: CustomBehavior, actor: ActorHandle) -> Actions:
    """Carry out a plug-in's behavior.

    Raises:
        PluginError: Its code fails, or yields something that is no action; the message says which, where and whose.
    """
    plugin = actor.plugin(behavior)
    file = Path(inspect.getsourcefile(plugin) or "")
    blame = f"the plug-in {behavior.name} failed for {actor.name}"
    actions: Actions | None = None
    outcome = None
    try:
        while True:
            try:
                if actions is None:
                    actions = plugin(behavior.parameters).actions(actor)
                    if not isinstance(actions, Generator):
                        message = f"actions(self, actor) returned {actions!r}, expected a generator: yield each action"
                        raise PluginError(f"{blame}: {file}: {message}")
                    action = next(actions)
                else:
                    action = actions.send(outcome)  # type: ignore[arg-type]
            except StopIteration:
                return
            except PluginError:
                raise
            except (Exception, SystemExit) as error:
                raise PluginError(f"{blame}: {_cause(error, file)}") from error
            mistake = action_mistake(action, drives=actor.drives)
            if mistake is not None:
                raise PluginError(f"{blame}: {file}: it yielded {mistake}")
            outcome = yield action
    finally:
        if isinstance(actions, Generator):
            try:
                actions.close()
            except (Exception, SystemExit) as error:
                goes_on = isinstance(error, RuntimeError) and "GeneratorExit" in str(error)
                hint = "; it has to end there: let GeneratorExit pass" if goes_on else ""
                raise PluginError(f"{blame} as it was closed: {_cause(error, file)}{hint}") from error


def _cause(error: BaseException, file: Path | None = None) -> str:
    """Return an exception in one line, with the place in the plug-in's file that it comes from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if file is not None and Path(frame.filename) == file] or frames[-1:]
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: SyntaxError: {error.msg}"
    place = f"{own[-1].filename}:{own[-1].lineno}: " if own else ""
    return f"{place}{type(error).__name__}: {error}"


def _place(source: PluginSource) -> str:
    return str(source.file) if source.file else f"entry point of {ENTRY_POINTS}"

"""Finding and reading tree files; everything that is wrong with one is told at once, with its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.actors.trees.library import (
    ACTION,
    COMPOSITE,
    NODE_TYPES,
    PEOPLE,
    RANDOM_TARGETS,
    NodeType,
    modifiers_by_name,
    nodes_by_name,
)
from isaacsim_agent_ext.actors.trees.places import MAX_BYTES, JsonPath, JsonText, read_json
from isaacsim_agent_ext.actors.trees.ports import REQUIRED, read_value
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, Node, Part
from isaacsim_agent_ext.config.text_files import read_text
from isaacsim_agent_ext.config.wording import code, found, listing, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem

SCHEMA_MAJOR = "2"
"""Tree files of this major schema version are read."""

MAX_NODES = 5_000
"""Most nodes of a tree."""

MAX_LEVELS = 60
"""Most levels of a tree, modifiers counted."""

_TREE_KEYS = ("schemaVersion", "nodeLibraries", "root", "$schema")
_NODE_KEYS = ("type", "source", "name", "children", "modifiers", "portOverrides")
_MODIFIER_KEYS = ("type", "source", "name", "portOverrides")

Overrides = Mapping[str, Mapping[str, Any]]
"""Values of ports as in JSON, by the path of the node or modifier and the port."""


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Whom a tree is for.

    Attributes:
        actors: ``"people"`` or ``"robots"``.
        states: The states of a robot; empty for people.
    """

    actors: str = PEOPLE
    states: Collection[str] = ()


@dataclass
class _Reading:
    """A file on its way to a tree."""

    document: JsonText
    mover: Mover
    overrides: Overrides
    overrides_key: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    nodes: int = 0

    def refuse(self, path: JsonPath, where: str, message: str, *, at_key: bool = False) -> None:
        text = f"{code(where)}: {message}" if where else message
        self.problems.append(self.document.problem(path, text, at_key=at_key))

    def refuse_override(self, where: str, message: str) -> None:
        self.problems.append(Problem(self.overrides_key, f"{code(where)}: {message}"))

    def warn(self, path: JsonPath, where: str, message: str) -> None:
        text = f"{code(where)}: {message}" if where else message
        self.warnings.append(self.document.problem(path, text, severity="warning"))


def read_tree_file(path: Path) -> JsonText:
    """Return the text of a tree file, read as JSON.

    Raises:
        ConfigError: It cannot be read, or is no JSON.
    """
    return read_json(read_text(path, MAX_BYTES), str(path))


def build_tree(
    document: JsonText, mover: Mover, overrides: Overrides | None = None, *, overrides_key: str = "overrides"
) -> tuple[BehaviorTree, tuple[str, ...]]:
    """Return the tree that a file describes, and what is worth telling about it.

    Args:
        document: The file.
        mover: Whom it is for.
        overrides: Values in place of the file's.
        overrides_key: Where in the config they stand, for problems.

    Raises:
        ConfigError: Anything in it is wrong; it holds every problem.
    """
    reading = _Reading(document, mover, overrides or {}, overrides_key)
    root = _read_file(reading)
    for path in sorted(set(reading.overrides) - set(reading.paths)):
        guess = nearest(path, reading.paths)
        hint = f", did you mean {code(guess)}?" if guess else f"; the tree has {listing(reading.paths[:12])}"
        reading.refuse_override(path, f"{reading.document.name} has no such node{hint}")
    if reading.problems or root is None:
        raise ConfigError(sorted(reading.problems, key=lambda problem: (problem.line, problem.column)))
    tree = BehaviorTree(name=Path(document.name).name, root=root)
    return tree, tuple(map(str, reading.warnings))


def _read_file(reading: _Reading) -> Node | None:
    data = reading.document.data
    if not isinstance(data, dict):
        reading.refuse((), "", f"found {found(data)}, expected a map with {listing(_TREE_KEYS[:3])}")
        return None
    _check_keys(reading, (), "", data, _TREE_KEYS)
    version = data.get("schemaVersion")
    if version is None:
        reading.refuse((), "", 'the key `schemaVersion` is missing; write "schemaVersion": "2.0.0"')
    elif not isinstance(version, str) or version.partition(".")[0] != SCHEMA_MAJOR:
        reading.refuse(("schemaVersion",), "", f"found {found(version)}, expected version {SCHEMA_MAJOR}, as in 2.0.0")
    _check_libraries(reading, data.get("nodeLibraries", []))
    if "root" not in data:
        reading.refuse((), "", "the key `root` is missing: the tree's first node")
        return None
    return _read_node(reading, data["root"], ("root",), "", 1, set())


def _check_libraries(reading: _Reading, libraries: Any) -> None:
    if not isinstance(libraries, list):
        reading.refuse(("nodeLibraries",), "", f"found {found(libraries)}, expected a list")
        return
    known = sorted({kind.library for kind in NODE_TYPES})
    for number, library in enumerate(libraries):
        name = library.get("name") if isinstance(library, dict) else None
        if name not in known:
            guess = nearest(name, known) if isinstance(name, str) else None
            hint = f", did you mean {code(guess)}?" if guess else f"; known are {listing(known)}"
            where = ("nodeLibraries", number)
            reading.warn(where, "", f"the library {found(name)} is not known{hint}; its nodes would be refused")


# ---- nodes and modifiers ---------------------------------------------------------------------------------------


def _read_node(reading: _Reading, data: Any, at: JsonPath, parent: str, level: int, siblings: set[str]) -> Node | None:
    reading.nodes += 1
    if reading.nodes > MAX_NODES:
        if reading.nodes == MAX_NODES + 1:
            reading.refuse(at, parent, f"the tree has more than {MAX_NODES:,} nodes")
        return None
    part = _read_part(reading, data, at, f"{parent}/", siblings, nodes_by_name(), "node", _NODE_KEYS)
    if part is None:
        _look_below(reading, data, at, parent, level)
        return None
    modifiers = _read_modifiers(reading, data, at, part)
    if level + len(modifiers) > MAX_LEVELS:
        reading.refuse(at, part.path, f"the tree is more than {MAX_LEVELS} levels deep, modifiers counted")
        return None
    children = _read_children(reading, data, at, part, level + len(modifiers))
    return Node(
        kind=part.kind, name=part.name, path=part.path, ports=part.ports, modifiers=modifiers, children=children
    )


def _look_below(reading: _Reading, data: Any, at: JsonPath, parent: str, level: int) -> None:
    """Find what is wrong below a node of an unknown type, to tell it all at once."""
    children = data.get("children") if isinstance(data, dict) else None
    if isinstance(children, list) and level < MAX_LEVELS:
        names: set[str] = set()
        for number, child in enumerate(children):
            _read_node(reading, child, (*at, "children", number), f"{parent}/{data.get('name', '?')}", level + 1, names)


def _read_children(
    reading: _Reading, data: Mapping[str, Any], at: JsonPath, part: Part, level: int
) -> tuple[Node, ...]:
    children = data.get("children", [])
    if not isinstance(children, list):
        reading.refuse((*at, "children"), part.path, f"found {found(children)}, expected a list of nodes")
        return ()
    if part.kind.role == ACTION and children:
        message = f"{part.kind.name} has no children; put both into a Sequence"
        reading.refuse((*at, "children"), part.path, message, at_key=True)
        return ()
    if part.kind.role == COMPOSITE and not children:
        reading.refuse(at, part.path, f"a {part.kind.name} needs at least one child in `children`")
    names: set[str] = set()
    nodes = [
        _read_node(reading, child, (*at, "children", number), part.path, level + 1, names)
        for number, child in enumerate(children)
    ]
    return tuple(node for node in nodes if node is not None)


def _read_modifiers(reading: _Reading, data: Mapping[str, Any], at: JsonPath, part: Part) -> tuple[Part, ...]:
    modifiers = data.get("modifiers", [])
    if not isinstance(modifiers, list):
        reading.refuse((*at, "modifiers"), part.path, f"found {found(modifiers)}, expected a list of modifiers")
        return ()
    names: set[str] = set()
    parts = []
    for number, modifier in enumerate(modifiers):
        where = (*at, "modifiers", number)
        read = _read_part(
            reading, modifier, where, f"{part.path}:", names, modifiers_by_name(), "modifier", _MODIFIER_KEYS
        )
        if read is not None and read.kind.name == "RandomNavMeshPoint" and part.kind.name not in RANDOM_TARGETS:
            message = (
                f"it gives its node a target, and {part.kind.name} takes none; use it on {listing(RANDOM_TARGETS)}"
            )
            reading.refuse(where, read.path, message)
        if read is not None:
            parts.append(read)
    return tuple(parts)


def _read_part(
    reading: _Reading,
    data: Any,
    at: JsonPath,
    prefix: str,
    siblings: set[str],
    kinds: Mapping[str, NodeType],
    what: str,
    keys: tuple[str, ...],
) -> Part | None:
    """Read what nodes and modifiers share; a part of an unknown type is none."""
    if not isinstance(data, dict):
        reading.refuse(at, prefix, f"found {found(data)}, expected a map with `type` and `name`")
        return None
    kind = _read_kind(reading, data, at, prefix, kinds, what)
    name = _read_name(reading, data, at, prefix, siblings)
    path = f"{prefix}{name}"
    reading.paths.append(path)
    _check_keys(reading, at, path, data, keys)
    if kind is None:
        return None
    _check_kind(reading, data, at, path, kind)
    return Part(kind=kind, name=name, path=path, ports=_read_ports(reading, data, at, path, kind))


def _read_kind(
    reading: _Reading, data: Mapping[str, Any], at: JsonPath, prefix: str, kinds: Mapping[str, NodeType], what: str
) -> NodeType | None:
    name = data.get("type")
    where = prefix + str(data.get("name", "")) if data.get("name") else prefix
    if not isinstance(name, str):
        reading.refuse(at, where, f"found {found(name)} as its `type`, expected the type of a {what}")
        return None
    if name in kinds:
        return kinds[name]
    other = {"node": modifiers_by_name(), "modifier": nodes_by_name()}[what]
    guess = nearest(name, kinds)
    if name in other:
        hint = f"; {code(name)} is a {'modifier' if what == 'node' else 'node'}, it belongs in " + (
            "`modifiers`" if what == "node" else "`children`"
        )
    else:
        hint = f", did you mean {code(guess)}?" if guess else f"; there are {listing(kinds)}"
    reading.refuse((*at, "type"), where, f"there is no {what} {code(name)}{hint}")
    return None


def _read_name(reading: _Reading, data: Mapping[str, Any], at: JsonPath, prefix: str, siblings: set[str]) -> str:
    """Return a part's name; one without a name takes its type's, made unique."""
    name = data.get("name")
    if name is None:
        base = str(data.get("type", "Node"))
        number = 1
        name = base
        while name in siblings:
            number += 1
            name = f"{base}_{number}"
    elif not isinstance(name, str) or not name or set(name) & {"/", ":"}:
        message = f"found {found(name)} as its `name`, expected a text without `/` and `:`"
        reading.refuse((*at, "name"), prefix, message)
        return "?"
    elif name in siblings:
        message = f"a part beside it is called {code(name)} too; give each its own name"
        reading.refuse((*at, "name"), prefix + name, message)
    siblings.add(name)
    return name


def _check_keys(reading: _Reading, at: JsonPath, where: str, data: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    """Refuse misspelt keys; others, such as an editor's own, are told and left alone."""
    for key in data:
        if key in keys:
            continue
        guess = nearest(key, keys)
        if guess is not None:
            message = f"unknown key {code(key)}, did you mean {code(guess)}?"
            reading.refuse((*at, key), where, message, at_key=True)
        else:
            reading.warn((*at, key), where, f"the key {code(key)} is not known, and ignored")


def _check_kind(reading: _Reading, data: Mapping[str, Any], at: JsonPath, path: str, kind: NodeType) -> None:
    source = data.get("source")
    if source is not None and source != kind.library:
        message = f"found {found(source)}, expected {code(kind.library)}, the library of {kind.name}"
        reading.refuse((*at, "source"), path, message)
    if kind.refused:
        reading.refuse((*at, "type"), path, f"{kind.name} cannot be carried out: {kind.refused}")
    elif kind.actors not in (None, reading.mover.actors):
        twin = {"people": f"Robot{kind.name}", "robots": kind.name.removeprefix("Robot")}[str(kind.actors)]
        hint = f"; use {twin}" if twin in nodes_by_name() else ""
        message = f"{kind.name} moves {kind.actors}, and this tree is for {reading.mover.actors}{hint}"
        reading.refuse((*at, "type"), path, message)


# ---- ports -----------------------------------------------------------------------------------------------------


def _read_ports(reading: _Reading, data: Mapping[str, Any], at: JsonPath, path: str, kind: NodeType) -> dict[str, Any]:
    given = data.get("portOverrides", {})
    if not isinstance(given, dict):
        reading.refuse((*at, "portOverrides"), path, f"found {found(given)}, expected a map from ports to values")
        given = {}
    values: dict[str, Any] = {}
    for name, raw in given.items():
        problem = _read_port(kind, name, raw, values)
        if problem:
            reading.refuse((*at, "portOverrides", name), path, problem, at_key=kind.port(name) is None)
    overridden = reading.overrides.get(path, {})
    for name, raw in overridden.items():
        problem = _read_port(kind, name, raw, values)
        if problem:
            reading.refuse_override(path, problem)
    for port in kind.ports:
        named = port.name in given or port.name in overridden
        if port.default is REQUIRED and not named and not _drawn(data, port.name):
            reading.refuse(at, path, f"the port {code(port.name)} needs a value: {port.expected}")
        values.setdefault(port.name, None if port.default is REQUIRED else port.default)
    _check_values(reading, at, path, values)
    return {port.name: values[port.name] for port in kind.ports}


def _read_port(kind: NodeType, name: str, raw: Any, values: dict[str, Any]) -> str:
    """Read a value into ``values``; returns what is wrong with it, or an empty text."""
    port = kind.port(name)
    if port is None:
        names = [port.name for port in kind.ports]
        guess = nearest(name, names)
        hint = f", did you mean {code(guess)}?" if guess else f"; it has {listing(names) if names else 'none'}"
        return f"{kind.name} has no port {code(name)}{hint}"
    try:
        values[name] = read_value(port, raw)
    except ValueError as error:
        return f"port {code(name)}: {error}"
    return ""


def _drawn(data: Mapping[str, Any], port: str) -> bool:
    """Return whether a modifier gives a node's port its value."""
    modifiers = data.get("modifiers")
    kinds = [one.get("type") for one in modifiers if isinstance(one, dict)] if isinstance(modifiers, list) else []
    return "RandomNavMeshPoint" in kinds and RANDOM_TARGETS.get(str(data.get("type"))) == port


def _check_values(reading: _Reading, at: JsonPath, path: str, values: Mapping[str, Any]) -> None:
    where = (*at, "portOverrides")
    if values.get("auto_brake") is False:
        message = "auto_brake false is not carried out: people always slow down before their goal"
        reading.warn((*where, "auto_brake"), path, message)
    state = values.get("state_name")
    states = sorted(reading.mover.states)
    if isinstance(state, str) and states and state not in states:
        guess = nearest(state, states)
        hint = f", did you mean {code(guess)}?" if guess else f"; it has {listing(states)}"
        reading.refuse((*where, "state_name"), path, f"the robot has no state {code(state)}{hint}")

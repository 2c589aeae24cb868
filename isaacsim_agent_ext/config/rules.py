"""The rules that a schema cannot say: those that compare one part of a config with another.

Each rule takes the section and yields findings. It runs whether or not the schema is content, so that all problems
come at once, and therefore looks only at values of the types that it expects.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.config.defaults import defaults_for
from isaacsim_agent_ext.config.schema import KeyPath, schema_at
from isaacsim_agent_ext.config.timing import first_frame_at
from isaacsim_agent_ext.config.validation import Finding
from isaacsim_agent_ext.config.wording import code, found, listing, nearest
from isaacsim_agent_ext.errors import ConfigError

_ENDS = ("start", "end")

Rule = Callable[[dict[str, Any]], Iterator[Finding]]


def check_rules(section: dict[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with a section beyond what the schema says."""
    for rule in _RULES:
        yield from rule(section)


def version_refusal(section: Any) -> Finding | None:
    """Return why the whole config cannot be judged: it is written for another major version."""
    version = section.get("version") if isinstance(section, dict) else None
    major = str(version).split(".", maxsplit=1)[0] if isinstance(version, str | float | int) else ""
    if not major.isdecimal() or major == "1":
        return None
    advice = (
        "convert it by `isaacsim-agent migrate`"
        if int(major[:9]) == 0
        else "update this software, or write the config for version 1"
    )
    return Finding(("version",), f"found version {code(str(version))}, expected 1.minor.patch; {advice}")


# ---- looking around in data of any shape -----------------------------------------------------------------------


def _select(data: Any, *pattern: str, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield path and value of everything that fits the pattern, in which ``*`` stands for any key or position."""
    if not pattern:
        yield path, data
        return
    head, *rest = pattern
    if isinstance(data, dict):
        for key in data if head == "*" else [head] if head in data else []:
            yield from _select(data[key], *rest, path=(*path, key))
    elif isinstance(data, list) and head == "*":
        for i, item in enumerate(data):
            yield from _select(item, *rest, path=(*path, i))


def _maps(data: Any, *pattern: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for path, value in _select(data, *pattern):
        if isinstance(value, dict):
            yield path, value


def _groups(section: Any) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    yield from _maps(section, "character", "groups", "*")
    yield from _maps(section, "robot", "groups", "*")


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


# ---- rules -----------------------------------------------------------------------------------------------------


def _version_is_known(section: dict[str, Any]) -> Iterator[Finding]:
    version = section.get("version")
    newest = (schema_at("version") or {})["x-newest-minor"]
    if not isinstance(version, str):
        return
    parts = version.split(".")
    if len(parts) >= 3 and parts[1].isdecimal() and len(parts[1]) < 9 and int(parts[1]) > newest:
        message = f"version {code(version)} is newer than 1.{newest}, the newest known here; keys it adds are refused"
        yield Finding(("version",), message, severity="warning")


def _some_weight_is_positive(section: dict[str, Any]) -> Iterator[Finding]:
    for path, routines in _select(section, "*", "groups", "*", "routines"):
        behaviors = [behavior for _, behavior in _select(routines, "*", "*")]
        if _none_can_be_picked(behaviors):
            yield Finding(path, "all weights are 0, so no behavior can be picked; give one a weight above 0")
    group = ("character", "groups", "*")
    for where in (("routines",), ("triggers", "*", "*", "behavior")):
        for path, options in _select(section, *group, *where, "*", "wander", "idle"):
            if isinstance(options, list) and _none_can_be_picked(options):
                yield Finding(path, "all weights are 0, so no option can be picked; give one a weight above 0")


def _none_can_be_picked(weighted: list[Any]) -> bool:
    return bool(weighted) and all(isinstance(one, dict) and _number(one.get("weight")) == 0 for one in weighted)


def _colliders_are_known(section: dict[str, Any]) -> Iterator[Finding]:
    for path, group in _groups(section):
        names: list[str] = []
        for where, name in _select(group, "colliders", "*", "*", "name"):
            if _is_name(name) and name in names:
                yield Finding((*path, *where), f"the group already has a collider {code(name)}; give each its own name")
            elif _is_name(name):
                names.append(name)
        for where, name in _select(group, "triggers", "*", "collision_trigger", "self_collider"):
            if _is_name(name) and name not in names:
                guess = nearest(name, names)
                have = f"the group has {listing(names)}" if names else "the group has no `colliders`"
                hint = f", did you mean {code(guess)}?" if guess else ""
                yield Finding((*path, *where), f"there is no collider {code(name)}; {have}{hint}")


def _spawn_points_are_for_actors(section: dict[str, Any]) -> Iterator[Finding]:
    for path, group in _groups(section):
        points, count = group.get("spawn_points"), _number(group.get("num"))
        if isinstance(points, list) and count is not None and len(points) > count:
            message = f"found {len(points)} spawn points for {count:g} actors; raise `num`, or leave some out"
            yield Finding((*path, "spawn_points"), message, at_key=True)


def _queues_of_one_name_are_one(section: dict[str, Any]) -> Iterator[Finding]:
    seen: dict[str, tuple[Any, str]] = {}
    for path, group in _groups(section):
        for where in (("routines", "*"), ("triggers", "*", "*", "behavior", "*")):
            for below, queue in _maps(group, *where, "queue"):
                name, spots = queue.get("name"), queue.get("spots", queue.get("path_points"))
                if not isinstance(name, str):
                    continue
                first, whose = seen.setdefault(name, (spots, ".".join(map(str, (*path, *below)))))
                if first != spots:
                    message = f"the queue {code(name)} has other places here than in {whose}; give both the same"
                    yield Finding((*path, *below), message, at_key=True)


def _trees_are_well_formed(section: dict[str, Any]) -> Iterator[Finding]:
    for path, group in _groups(section):
        trees = [(path, group)]
        for where in (("routines", "*"), ("triggers", "*", "*", "behavior", "*")):
            trees += [((*path, *at), tree) for at, tree in _maps(group, *where, "behavior_tree")]
        for at, tree in trees:
            overrides = tree.get("overrides")
            problem = _override_problem(overrides) if _is_name(overrides) else None
            if problem:
                yield Finding((*at, "overrides"), problem)


def _override_problem(text: Any) -> str | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"the text is no valid JSON: {error}"
    missing = [key for key in ("schemaVersion", "instanceOverrides") if not isinstance(data, dict) or key not in data]
    return f"the JSON lacks {listing(missing)}" if missing else None


def _actors_have_own_prims(section: dict[str, Any]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for kind in ("character", "robot", "sensor"):
        for path, _ in _maps(section, kind, "groups", "*"):
            root = section[kind].get("root_prim_path", defaults_for((kind, "root_prim_path")))
            prim = f"{root}/{path[-1]}"
            if prim in seen:
                message = f"the group would stand at {prim}, as {seen[prim]} does; rename one of them"
                yield Finding(path, message, at_key=True)
            seen.setdefault(prim, ".".join(map(str, path)))


def _writers_record_something(section: dict[str, Any]) -> Iterator[Finding]:
    duration = _number(section.get("simulation_duration", defaults_for("simulation_duration")))
    for path, writer in _maps(section, "replicator", "writers", "*"):
        if any(f"{end}_frame" in writer for end in _ENDS) and any(f"{end}_time" in writer for end in _ENDS):
            continue  # which of them counts is the question, and the schema asks it
        first, start_key = _frame(writer, "start")
        last, end_key = _frame(writer, "end")
        start = code(start_key)
        if start_key not in writer:
            first = defaults_for((*path[:-1], "IRABasicWriter", "start_frame"))
            start = f"frame {first}, where recording starts by default"
        if first is None:
            continue
        if last is not None and last <= first:
            message = f"found {found(writer[end_key])}, expected more than {start}: nothing would be recorded"
            yield Finding((*path, end_key), message)
        elif duration is not None and first >= first_frame_at(duration):
            frames = first_frame_at(duration)
            message = f"nothing is recorded: recording starts with frame {first}, and there are {frames} frames"
            where = (*path, start_key) if start_key in writer else path
            yield Finding(where, message, at_key=True, severity="warning")


def _frame(writer: Mapping[str, Any], end: str) -> tuple[int | None, str]:
    """Return the frame of a writer's ``start`` or ``end``, if it is given, and its key."""
    key = f"{end}_time" if f"{end}_time" in writer else f"{end}_frame"
    value = _number(writer.get(key))
    if value is None:
        return None, key
    return (first_frame_at(value) if key.endswith("time") else int(value)), key


def _edge_thresholds_are_ordered(section: dict[str, Any]) -> Iterator[Finding]:
    for path, writer in _maps(section, "replicator", "writers", "*"):
        low, high = _number(writer.get("canny_threshold_low")), _number(writer.get("canny_threshold_high"))
        if low is not None and high is not None and low > high:
            message = f"found {low:g}, expected at most `canny_threshold_high`, which is {high:g}"
            yield Finding((*path, "canny_threshold_low"), message)


def _spellings_agree(section: dict[str, Any]) -> Iterator[Finding]:
    for path, writer in _maps(section, "replicator", "writers", "*"):
        known = (schema_at(path) or {}).get("properties", {})
        for key, value in writer.items():
            canonical = known.get(key, {}).get("x-alias-of")
            if canonical in writer and writer[canonical] != value:
                message = f"{code(key)} and {code(canonical)} are the same switch, and differ; keep one of them"
                yield Finding((*path, key), message, at_key=True)


def _writers_have_own_folders(section: dict[str, Any]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for path, writer in _maps(section, "replicator", "writers", "*"):
        name = str(path[-1])
        folder = writer.get("output_dir", defaults_for("replicator.writers.IRABasicWriter.output_dir"))
        if not _is_name(folder) or name.startswith("RTSPWriter"):
            continue
        place = os.path.normpath(folder)
        if place in seen:
            both = f"{code(seen[place])} and {code(name)} both write to {code(folder)}"
            message = f"{both}, where files of one name overwrite each other; give each its own `output_dir`"
            where = (*path, "output_dir") if "output_dir" in writer else path
            yield Finding(where, message, at_key=True, severity="warning")
        seen.setdefault(place, name)


def _semantic_filters_are_readable(section: dict[str, Any]) -> Iterator[Finding]:
    for path, predicate in _select(section, "replicator", "writers", "*", "semantic_filter_predicate"):
        if not _is_name(predicate):
            continue
        try:
            parse_filter(predicate)
        except ConfigError as error:
            yield Finding(path, error.problems[0].message)


def _something_is_filmed(section: dict[str, Any]) -> Iterator[Finding]:
    cameras = any(group.get("num") != 0 for _, group in _maps(section, "sensor", "groups", "*"))
    cameras = cameras or any(group.get("write_data") is True for _, group in _maps(section, "robot", "groups", "*"))
    for path, writer in _maps(section, "replicator", "writers", "*"):
        if not cameras and not writer.get("sensor_prim_list"):
            message = "there is no camera to record: add a group under `sensor`, or name cameras in `sensor_prim_list`"
            yield Finding(path, message, at_key=True, severity="warning")


_RULES: tuple[Rule, ...] = (
    _version_is_known,
    _some_weight_is_positive,
    _colliders_are_known,
    _spawn_points_are_for_actors,
    _queues_of_one_name_are_one,
    _trees_are_well_formed,
    _actors_have_own_prims,
    _writers_record_something,
    _edge_thresholds_are_ordered,
    _spellings_agree,
    _writers_have_own_folders,
    _semantic_filters_are_readable,
    _something_is_filmed,
)

"""Cameras and writers of an old config."""

from __future__ import annotations

import re
from typing import Any

from isaacsim_agent_ext.config.dump import dump_inline
from isaacsim_agent_ext.config.schema import child_schema, schema_at
from isaacsim_agent_ext.config.wording import code
from isaacsim_agent_ext.migration.comments import Comment
from isaacsim_agent_ext.migration.old_map import OldMap

CAMERA_GROUP = "cameras"
"""The group of the cameras that an old config only counts."""

CAMERA_ROOT = "/World/Cameras"

_PLACEMENT = {
    "height_range": [2.0, 3.0],
    "look_down_angle_range": [0.0, 60.0],
    "focal_length_range": [13.0, 23.0],
    "distance_range": [6.5, 14.0],
}
"""Where 0.x put cameras unless its settings said otherwise [m, deg, mm, m]."""

_PRIM_PATH = re.compile(r"(/[^\W\d]\w*)+")
_FIRST_FRAME = 30


def convert_cameras(old: OldMap) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the section ``sensor``, or None, and the prim paths of cameras that the stage already has."""
    number, listed = old.count("camera_num"), old.names("camera_list")
    paths = []
    for name in listed:
        path = name if name.startswith("/") else f"{CAMERA_ROOT}/{name}"
        if _PRIM_PATH.fullmatch(path):
            paths.append(path)
        else:
            old.note("dropped", "camera_list", f"{code(name)} is no prim path")
    paths = list(dict.fromkeys(paths))
    if paths:
        old.note("changed", "camera_list", "now the `sensor_prim_list` of the writer")
        if number:
            old.note("dropped", "camera_num", "`camera_list` names the cameras to record")
        return None, paths
    if not number:
        if number == 0:
            old.note("dropped", "camera_num", "there are no cameras; a config without any has no section `sensor`")
        return None, []
    where = "placed as 0.x did by default; ranges that were extension settings stand in the config now"
    old.note("changed", "camera_num", f"the group {code(CAMERA_GROUP)} of {number}, {where}")
    return {"groups": {CAMERA_GROUP: {"num": number, "aim_at_targets": dict(_PLACEMENT)}}}, []


def convert_writer(old: OldMap, cameras: list[str], frames: int | None) -> dict[Any, Any] | None:
    """Return the section ``replicator``, or None when nothing is recorded.

    Args:
        old: The section of the old config.
        cameras: Prim paths of the cameras to record; empty for all of the config.
        frames: How long the simulation is [frame], or None for the default.
    """
    parameters = old.map("parameters")
    given = {key: parameters.take(key) for key in parameters.left_over()}
    name = old.text("writer")
    if name is None:
        if not given and not cameras:
            return None
        name = "IRABasicWriter"
        old.note("added", "", f"no writer is named; 0.x meant {code(name)}")
    writer: dict[Any, Any] = {}
    schema = child_schema(schema_at("replicator.writers") or {}, name)
    if schema is None or name.partition("_")[0] == "CustomWriter":
        writer["writer_name"] = name
        old.note(
            "changed", "writer", f"a `CustomWriter` with the name {code(name)}; it must be registered where you run"
        )
        name, schema = "CustomWriter", {}
    else:
        old.note("changed", "writer", f"now the block {code(f'replicator.writers.{name}')}")
    if "parameters" in old and given:
        old.note("renamed", "parameters", f"now in the block {code(f'replicator.writers.{name}')}")
    for key, value in given.items():
        if value is None or value == "":
            parameters.note("dropped", key, "it is empty; version 1 has a default of its own")
        else:
            writer[key] = value
    if cameras:
        writer["sensor_prim_list"] = cameras
    timed = any(key in writer for key in ("start_frame", "start_time", "end_frame", "end_time"))
    if frames is not None and frames <= _FIRST_FRAME and not timed:
        writer["start_frame"] = 0
        old.note("added", "", f"`start_frame: 0`, because recording starts at frame {_FIRST_FRAME} by default")
    return {"writers": {name: writer}}


def drop_parameter(section: dict[Any, Any], old: OldMap, writer: str, key: str, reason: str) -> None:
    """Take a parameter that 1.x refuses out of a writer, and keep it as a comment.

    Args:
        section: The section ``replicator``, changed in place.
        old: The section of the old config.
        writer: The writer's key.
        key: The parameter.
        reason: Why it is refused.
    """
    block = section["writers"][writer]
    block[Comment(f"not converted: {key}: {dump_inline(block.pop(key))}")] = None
    old.map("parameters").note("dropped", key, f"{reason}; kept as a comment")

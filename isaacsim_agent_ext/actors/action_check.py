"""What is wrong with an action: asked of those that come from code of users."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.actions import ACTIONS, Follow, Idle, MoveTo, PlayState, Sit, Turn
from isaacsim_agent_ext.scene.place import Place


def action_mistake(action: object, *, drives: bool) -> str | None:
    """Return what is wrong with an action, as the end of "it yielded ...", or None.

    Args:
        action: What a behavior yielded.
        drives: Whether a robot is to carry it out.
    """
    match action:
        case MoveTo():
            return _about("MoveTo", _path(action.path) or _speed(action.speed, drives=drives))
        case Idle():
            return _about("Idle", _seconds(action.seconds) or _angle("facing", action.facing, optional=True))
        case Turn():
            return _about("Turn", _angle("yaw", action.yaw))
        case Follow():
            return _about("Follow", _seconds(action.seconds) or _speed(action.speed, drives=drives))
        case Sit():
            place = (
                None if isinstance(action.place, Place) else f"the place {action.place!r}, expected actor.place(...)"
            )
            return _about("Sit", place or _seconds(action.seconds) or _speed(action.speed, drives=drives))
        case PlayState():
            return _about("PlayState", None if action.seconds is None else _seconds(action.seconds))
    return f"{action!r}, expected an action: {', '.join(kind.__name__ for kind in ACTIONS)}"


def _about(name: str, mistake: str | None) -> str | None:
    return None if mistake is None else f"{name} with {mistake}"


def _path(path: Any) -> str | None:
    if not isinstance(path, np.ndarray) or path.ndim != 2 or path.shape[1] != 3 or not len(path):
        kind = f"an array of shape {path.shape}" if isinstance(path, np.ndarray) else f"{path!r}"
        return f"the path {kind}, expected an array (n, 3) such as path_to(actor, point)"
    if not np.issubdtype(path.dtype, np.number) or not np.isfinite(path).all():
        return "a path whose coordinates are not all finite numbers"
    return None


def _place(place: Any) -> str | None:
    return None if isinstance(place, Place) else f"the place {place!r}, expected actor.place(prim_path)"


def _speed(speed: Any, *, drives: bool) -> str | None:
    if _is_number(speed) and speed > 0.0 and (drives or math.isfinite(speed)):
        return None
    return f"the speed {speed!r}, expected a number above 0 [m/s]"


def _seconds(seconds: Any) -> str | None:
    if _is_number(seconds) and 0.0 <= seconds < math.inf:
        return None
    return f"seconds {seconds!r}, expected a number of at least 0 [s]"


def _angle(name: str, angle: Any, *, optional: bool = False) -> str | None:
    if (angle is None and optional) or (_is_number(angle) and math.isfinite(angle)):
        return None
    return f"{name} {angle!r}, expected a number [rad]"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)

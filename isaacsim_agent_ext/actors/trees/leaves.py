"""What the nodes without children do."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from isaacsim_agent_ext.actors.actions import (
    AS_FAST_AS_POSSIBLE,
    ActorHandle,
    Follow,
    Idle,
    MoveTo,
    Outcome,
    PlayState,
    Sit,
    Tick,
    Turn,
)
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.legs import WAYPOINT_REACH, path_to
from isaacsim_agent_ext.actors.trees.process import Failed, Leaf, Pause, TreeRun, plain

Ports = Mapping[str, Any]

_FOLLOWING = 10.0  # [s] after which a follow is asked for again
_BEHIND = 1.0  # [m] when no distance is given
_MEETING = 0.4  # [m] kept between two bodies that meet
_MET = 0.55  # [m] by which it may be more


# ---- time, blackboards, events ---------------------------------------------------------------------------------


def wait(ports: Ports, tree: TreeRun) -> Leaf:
    """Let time pass."""
    if ports["duration"] > 0.0:
        yield Pause(max(ports["duration"], STEP))


def set_blackboard(ports: Ports, tree: TreeRun) -> Leaf:
    """Write to a slot, or empty it."""
    slot = ports["slot"]
    if ports["value"] is None:
        tree.board(slot).pop(slot.key, None)
    else:
        tree.board(slot)[slot.key] = copy.deepcopy(ports["value"])  # it may become a queue, and change
    yield from ()


def log_message(ports: Ports, tree: TreeRun) -> Leaf:
    """Put a message into the record of events."""
    tree.actor.record("tree_message", ports["message"], {})
    yield from ()


def dispatch_event(ports: Ports, tree: TreeRun) -> Leaf:
    """Announce an event, with a value of the blackboard if asked for."""
    payload = {}
    if ports["payload_key"]:
        if not ports["blackboard_key"]:
            raise Failed("payload_key is given, and blackboard_key, whose value it takes, is empty")
        payload[ports["payload_key"]] = plain(tree.local(ports["blackboard_key"]))
    tree.actor.dispatch(ports["event_name"], payload)
    yield from ()


def push_queue(ports: Ports, tree: TreeRun) -> Leaf:
    """Append an item to a queue."""
    queue = _queue(ports, tree)
    if not (ports["unique"] and ports["item"] in queue):
        queue.append(ports["item"])
    yield from ()


def pop_queue(ports: Ports, tree: TreeRun) -> Leaf:
    """Move the first item of a queue to a slot."""
    queue = _queue(ports, tree)
    if not queue:
        raise Failed(f"the queue at {ports['queue']} is empty")
    slot = ports["item"]
    tree.board(slot)[slot.key] = queue.pop(0)
    yield from ()


def _queue(ports: Ports, tree: TreeRun) -> list[Any]:
    slot = ports["queue"]
    queue = tree.board(slot).setdefault(slot.key, [])
    if not isinstance(queue, list):
        raise Failed(f"the blackboard holds {queue!r} at {slot}, no queue")
    return queue


# ---- people ----------------------------------------------------------------------------------------------------


def idle(ports: Ports, tree: TreeRun) -> Leaf:
    """Turn if asked to, and stand."""
    facing = None if ports.get("facing") is None else _yaw_to(tree.actor, ports["facing"])
    yield from _stand(ports["duration"], facing)


def look_at(ports: Ports, tree: TreeRun) -> Leaf:
    """Turn to a target, and stand."""
    yield from _stand(ports["duration"], _yaw_to(tree.actor, ports["target"]))


def _stand(seconds: float, facing: float | None) -> Leaf:
    if seconds > 0.0:
        yield Idle(max(seconds, STEP), facing=facing)
    elif facing is not None:
        _check((yield Turn(facing)), "it could not turn there")


def move_to(ports: Ports, tree: TreeRun) -> Leaf:
    """Walk to a target."""
    yield from _go(tree.actor, ports["target"], ports["speed"])


def move_along(ports: Ports, tree: TreeRun) -> Leaf:
    """Walk along a curve."""
    actor, target = tree.actor, ports["target"]
    curve = actor.place(target).curve
    if curve is None:
        raise Failed(f"{target} is no curve (BasisCurves) of at least two points")
    if ports["start_from_closest_point"]:
        curve = _from_nearest(curve, actor.position)
    legs = [_path(actor, curve[0], target)]
    for start, end in pairwise(curve):
        on_floor = actor.navmesh.closest_points(np.array([start, end]), reach=WAYPOINT_REACH)
        leg = None if np.isnan(on_floor).any() else actor.navmesh.path(on_floor[0], on_floor[1])
        if leg is None or not leg.complete:
            raise Failed(f"{_coordinates(end)} on the curve {target} is off the walkable floor or cannot be reached")
        legs.append(actor.shape(leg.points)[1:])
    yield from _walked((yield MoveTo(np.concatenate(legs), ports["speed"])), target)


def _from_nearest(curve: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Return what is left of a curve ``(n, 3)`` from its point nearest to a place ``(3,)``, seen from above."""
    starts, legs = curve[:-1], np.diff(curve, axis=0)
    lengths = np.maximum((legs[:, :2] ** 2).sum(axis=1), 1e-12)
    shares = np.clip(((here - starts)[:, :2] * legs[:, :2]).sum(axis=1) / lengths, 0.0, 1.0)
    nearest = starts + legs * shares[:, None]
    leg = int(((nearest - here)[:, :2] ** 2).sum(axis=1).argmin())
    return np.concatenate([nearest[leg : leg + 1], curve[leg + 1 :]])


def follow(ports: Ports, tree: TreeRun) -> Leaf:
    """Keep after somebody without end."""
    actor, target = tree.actor, ports["target"]
    distance = _BEHIND if ports["distance"] < 0.0 else ports["distance"]
    while True:
        _path(actor, _position(actor, target), target)
        yield Follow(target, distance, ports["speed"], _FOLLOWING)


def sit(ports: Ports, tree: TreeRun) -> Leaf:
    """Sit on a seat for a while."""
    actor, target = tree.actor, ports["target"]
    seat = f"seat {target}"
    if not actor.claim(seat):
        raise Failed(f"{target} is taken by {actor.holder(seat)}")
    try:
        outcome = yield Sit(actor.place(target), ports["duration"], ports["speed"])
        _check(outcome, f"{target} cannot be reached, or was taken meanwhile")
    finally:
        actor.release(seat)


# ---- robots ----------------------------------------------------------------------------------------------------


def robot_move_to(ports: Ports, tree: TreeRun) -> Leaf:
    """Drive to a target."""
    yield from _go(tree.actor, ports["target_object"] or ports["target_position"], AS_FAST_AS_POSSIBLE)


def robot_turn(ports: Ports, tree: TreeRun) -> Leaf:
    """Turn in place."""
    x, y, _ = ports["direction"]
    if x == 0.0 and y == 0.0:
        raise Failed("the direction points nowhere over the floor")
    _check((yield Turn(math.atan2(y, x))), "it could not turn there")


def robot_play_animation(ports: Ports, tree: TreeRun) -> Leaf:
    """Go through a state of the robot's own."""
    outcome = yield PlayState(ports["state_name"], ports["duration"] or None)
    _check(outcome, f"the robot cannot go to the state {ports['state_name']!r}")


# ---- ways ------------------------------------------------------------------------------------------------------


def _go(actor: ActorHandle, target: str | tuple[float, float, float], speed: float) -> Leaf:
    """Go to a point, a prim or an actor."""
    other = actor.other(target) if isinstance(target, str) else None
    if other is not None:
        yield from _meet(actor, other, speed)
        return
    path = _path(actor, _position(actor, target), target)
    yield from _walked((yield MoveTo(path, speed)), target)


def _meet(actor: ActorHandle, other: ActorHandle, speed: float) -> Leaf:
    """Go up to an actor, wherever it goes meanwhile."""
    if other.name == actor.name:
        raise Failed("the target is the actor itself")
    apart = actor.radius + other.radius + _MEETING
    while True:
        _path(actor, other.position, other.name)
        step = Tick(Follow(other.name, apart, speed, _FOLLOWING))
        outcome = Outcome.RUNNING
        while outcome is Outcome.RUNNING:
            if np.linalg.norm((other.position - actor.position)[:2]) <= apart + _MET:
                return
            outcome = yield step


def _path(actor: ActorHandle, point: np.ndarray, target: object) -> np.ndarray:
    path = path_to(actor, point)
    if path is None:
        named = f"{target} at " if isinstance(target, str) else ""
        raise Failed(f"{named}{_coordinates(point)} is off the walkable floor or cannot be reached")
    return path


def _walked(outcome: Outcome, target: object) -> Leaf:
    what = target if isinstance(target, str) else _coordinates(target)
    _check(outcome, f"the way to {what} stayed blocked")
    yield from ()


def _position(actor: ActorHandle, target: str | tuple[float, float, float]) -> np.ndarray:
    """Return where a point, a prim or an actor is ``(3,)`` [m]."""
    if not isinstance(target, str):
        return np.array(target, np.float64)
    other = actor.other(target)
    return actor.place(target).position if other is None else other.position


def _yaw_to(actor: ActorHandle, target: str | tuple[float, float, float]) -> float:
    away = _position(actor, target) - actor.position
    return math.atan2(away[1], away[0]) if away[0] or away[1] else actor.yaw


def _check(outcome: Outcome, reason: str) -> None:
    if outcome is Outcome.FAILED:
        raise Failed(reason)


def _coordinates(point: Any) -> str:
    return "(" + ", ".join(f"{float(value):.2f}" for value in point) + ")"


LEAVES: dict[str, Callable[[Ports, TreeRun], Leaf]] = {
    "Wait": wait,
    "SetBlackboard": set_blackboard,
    "LogMessage": log_message,
    "DispatchEvent": dispatch_event,
    "PushQueue": push_queue,
    "PopQueue": pop_queue,
    "Idle": idle,
    "MoveTo": move_to,
    "MoveAlong": move_along,
    "Follow": follow,
    "LookAt": look_at,
    "Sit": sit,
    "RobotMoveTo": robot_move_to,
    "RobotTurn": robot_turn,
    "RobotIdle": idle,
    "RobotPlayAnimation": robot_play_animation,
}
"""Every node without children, by the type's name."""

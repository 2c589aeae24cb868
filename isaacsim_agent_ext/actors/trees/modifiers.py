"""How modifiers wrap a node."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from isaacsim_agent_ext.actors.actions import Outcome, Tick
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.legs import path_to
from isaacsim_agent_ext.actors.routes import path_length
from isaacsim_agent_ext.actors.trees.library import RANDOM_TARGETS
from isaacsim_agent_ext.actors.trees.process import Failed, Inner, Pause, Process, Status, TreeRun, Want, plain
from isaacsim_agent_ext.actors.trees.tree import Node, Part

RETRY_PAUSE = 1.0
"""What an actor waits before a node that failed at once is run again [s]."""

_CANDIDATES = 12
_ROUNDS = 4
_EPSILON = 1e-6  # [s]


def repeat(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Run the node again and again."""
    done = 0
    while True:
        turn = tree.turn
        status = yield from inner({})
        done += 1
        if status is Status.FAILURE and ports["break_on_failure"]:
            return Status.FAILURE
        if status is Status.FAILURE and tree.failure is not None:
            tree.actor.warn(f"its behavior tree goes on repeating {node}, though {tree.failure}")
        if ports["count"] and done >= ports["count"]:
            return Status.SUCCESS
        if tree.turn == turn:
            yield Pause(STEP if status is Status.SUCCESS else RETRY_PAUSE)


def retry(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Run the node again while it fails."""
    spent = 0 if ports["reset_on_success"] else tree.memory.get(part.path, 0)
    while True:
        turn = tree.turn
        if (yield from inner({})) is Status.SUCCESS:
            return Status.SUCCESS
        if ports["max_retries"] and spent >= ports["max_retries"]:
            return Status.FAILURE
        spent += 1
        tree.memory[part.path] = spent
        if tree.turn == turn:
            yield Pause(RETRY_PAUSE)


def invert(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Turn success into failure and failure into success."""
    if (yield from inner({})) is Status.FAILURE:
        return Status.SUCCESS
    return tree.fail(part, f"{node} succeeded")


def force(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """End as told, whatever the node says."""
    yield from inner({})
    return Status.SUCCESS if ports["status"] == "success" else tree.fail(part, "it is forced to")


def delay(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Wait before the node runs."""
    if ports["duration"] > 0.0:
        yield Pause(ports["duration"])
    return (yield from inner({}))


def timeout(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Fail when the node still runs after a time, which its body is then free of."""
    left = ports["duration"]
    process = inner({})
    try:
        demand = next(process)
        while True:
            if isinstance(demand, Pause):
                outcome, waiting = Outcome.DONE, demand.seconds
                if waiting > left + _EPSILON:
                    yield Pause(left)
                    break
                yield demand
                left -= waiting
            else:
                tick = demand.action if isinstance(demand.action, Tick) else Tick(demand.action)
                outcome = Outcome.RUNNING
                while outcome is Outcome.RUNNING and left > _EPSILON:
                    outcome = yield Want(tick, demand.task)
                    left -= STEP
                    if tick is demand.action:
                        break
                if outcome is Outcome.RUNNING and left <= _EPSILON:
                    break
            demand = process.send(outcome)
    except StopIteration as end:
        status: Status = end.value
        return status
    finally:
        process.close()
    return tree.fail(part, f"{node} took longer than {ports['duration']:g} s")


def blackboard_equals(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Run the node only if a slot holds a value."""
    slot = ports["slot"]
    value = tree.board(slot).get(slot.key)
    if plain(value) != plain(ports["value"]):
        raise Failed(f"the blackboard holds {value!r} at {slot}, not {ports['value']!r}")
    return (yield from inner({}))


def random_point(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Give the node a random point that can be reached as its target."""
    actor, (least, most) = tree.actor, ports["radius"]
    rng, here = actor.rng("tree"), actor.position
    for _ in range(_ROUNDS):
        for point in actor.navmesh.random_points_around(rng, here, max(most, 1e-3), _CANDIDATES):
            if least <= math.dist(point[:2], here[:2]) <= most:
                path = path_to(actor, point)
                if path is not None and path_length(path) > 0.0:
                    target = tuple(float(value) for value in point)
                    return (yield from inner({RANDOM_TARGETS[node.kind.name]: target}))
    raise Failed(f"no point between {least:g} and {most:g} m from where it stands can be reached")


def in_state(part: Part, ports: Mapping[str, Any], tree: TreeRun, node: Node, inner: Inner) -> Process:
    """Run the node only if the robot is in a state."""
    state = tree.actor.state
    if state != ports["state_name"]:
        raise Failed(f"the robot is in the state {state}, not {ports['state_name']}")
    return (yield from inner({}))


MODIFIERS: dict[str, Callable[[Part, Mapping[str, Any], TreeRun, Node, Inner], Process]] = {
    "Repeat": repeat,
    "Retry": retry,
    "InvertStatus": invert,
    "ForceStatus": force,
    "Delay": delay,
    "Timeout": timeout,
    "BlackboardEquals": blackboard_equals,
    "RandomNavMeshPoint": random_point,
    "RobotIsInState": in_state,
}
"""Every modifier's function, by the type's name."""

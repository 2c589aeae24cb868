"""Carrying out a behavior tree: a generator of actions like any behavior, so that triggers interrupt and resume it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from isaacsim_agent_ext.actors.actions import Action, Actions, ActorHandle, Idle, Outcome
from isaacsim_agent_ext.actors.trees.composites import COMPOSITES
from isaacsim_agent_ext.actors.trees.leaves import LEAVES
from isaacsim_agent_ext.actors.trees.library import COMPOSITE
from isaacsim_agent_ext.actors.trees.modifiers import MODIFIERS
from isaacsim_agent_ext.actors.trees.process import Demand, Failed, Pause, Process, Status, TreeRun, Want
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, Node
from isaacsim_agent_ext.config.model import RunTree

RESTART_PAUSE = 2.0
"""What an actor waits after its tree has failed before it starts again [s]."""

_STANDING = 3600.0  # [s]


def run_named(behavior: RunTree, actor: ActorHandle) -> Actions:
    """Carry out a tree that the config names."""
    yield from run_tree(actor.tree(behavior), actor, for_ever=behavior.for_ever)


def run_tree(tree: BehaviorTree, actor: ActorHandle, *, for_ever: bool = False) -> Actions:
    """Carry out a tree.

    Args:
        tree: The tree.
        actor: Whom it moves.
        for_ever: Whether the actor has nothing else to do: it starts a tree that failed again after a pause, with the
            blackboard as it is, and stands once the tree has succeeded. Else it is over either way, after that pause
            when it failed.
    """
    board: dict[str, Any] = {}
    while True:
        run = TreeRun(actor, board)
        status = yield from _actions(run_node(tree.root, run), run)
        if status is Status.SUCCESS:
            actor.record("tree_succeeded", f"the behavior tree {tree.name} succeeded", {"tree": tree.name})
            while for_ever:
                yield Idle(_STANDING)
            return
        _tell_failure(tree, run)
        yield Idle(RESTART_PAUSE)
        if not for_ever:
            return


def _tell_failure(tree: BehaviorTree, run: TreeRun) -> None:
    failure = run.failure
    details = {"tree": tree.name}
    if failure is not None:
        details |= {"node": failure.part.path, "type": failure.part.kind.name, "reason": failure.reason}
    message = f"the behavior tree {tree.name} failed" + ("" if failure is None else f": {failure}")
    run.actor.record("tree_failed", message, details)
    run.actor.warn(message)


def _actions(process: Process, run: TreeRun) -> Generator[Action, Outcome, Status]:
    """Turn a process into actions: pauses are spent standing."""
    try:
        demand = next(process)
        while True:
            run.turn += 1
            demand = process.send((yield Idle(demand.seconds) if isinstance(demand, Pause) else demand.action))
    except StopIteration as end:
        status: Status = end.value
        return status
    finally:
        process.close()


def run_node(node: Node, tree: TreeRun) -> Process:
    """Run a node with its modifiers."""
    return _run(node, tree, 0, {})


def _run(node: Node, tree: TreeRun, level: int, given: Mapping[str, Any]) -> Process:
    """Run a node with its modifiers from one on, the outermost first."""
    if level == len(node.modifiers):
        return (yield from _run_bare(node, tree, given))
    modifier = node.modifiers[level]
    try:
        ports = tree.read(modifier, {})
        wrap = MODIFIERS[modifier.kind.name]
        return (
            yield from wrap(modifier, ports, tree, node, lambda more: _run(node, tree, level + 1, {**given, **more}))
        )
    except Failed as failure:
        return tree.fail(modifier, str(failure))


def _run_bare(node: Node, tree: TreeRun, given: Mapping[str, Any]) -> Process:
    try:
        ports = tree.read(node, given)
        if node.kind.role == COMPOSITE:
            compose = COMPOSITES[node.kind.name]
            return (yield from compose(node, ports, tree, lambda child: run_node(child, tree)))
        leaf = LEAVES[node.kind.name](ports, tree)
        task = object()
        try:
            wanted = next(leaf)
            while True:
                demand: Demand = wanted if isinstance(wanted, Pause) else Want(wanted, task)
                wanted = leaf.send((yield demand))
        finally:
            leaf.close()
    except StopIteration:
        return Status.SUCCESS
    except Failed as failure:
        return tree.fail(node, str(failure))

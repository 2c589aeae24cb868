"""How composites run their children."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isaacsim_agent_ext.actors.actions import Outcome, Tick
from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.trees.process import Demand, Pause, Process, Status, TreeRun, Want
from isaacsim_agent_ext.actors.trees.tree import Node

Ports = Mapping[str, Any]
RunChild = Callable[[Node], Process]

_EPSILON = 1e-6  # [s]


def sequence(node: Node, ports: Ports, tree: TreeRun, run: RunChild) -> Process:
    """Run the children in order; a failure ends it."""
    for child in node.children:
        if (yield from run(child)) is Status.FAILURE:
            return Status.FAILURE
    return Status.SUCCESS


def selector(node: Node, ports: Ports, tree: TreeRun, run: RunChild) -> Process:
    """Run the children in order, or in a drawn one; a success ends it."""
    children = list(node.children)
    if ports["shuffle"]:
        children = [children[index] for index in tree.actor.rng("tree").permutation(len(children))]
    for child in children:
        if (yield from run(child)) is Status.SUCCESS:
            return Status.SUCCESS
    return Status.FAILURE


class _Branch:
    """A child of a Parallel."""

    def __init__(self, process: Process):
        self.process = process
        self.status: Status | None = None
        self.want: Want | None = None
        self.tick: Tick | None = None
        self.left = math.inf  # [s] of its pause
        self._receive(lambda: next(process))

    def resume(self, outcome: Outcome) -> None:
        self._receive(lambda: self.process.send(outcome))

    def _receive(self, advance: Callable[[], Demand]) -> None:
        self.want, self.left = None, math.inf
        try:
            demand = advance()
        except StopIteration as end:
            self.status = end.value
            return
        if isinstance(demand, Pause):
            self.left = demand.seconds
        else:
            self.want = demand
            self.tick = demand.action if isinstance(demand.action, Tick) else Tick(demand.action)

    @property
    def steps(self) -> bool:
        """Whether it asks for one step at a time."""
        return self.want is not None and self.want.action is self.tick


def parallel(node: Node, ports: Ports, tree: TreeRun, run: RunChild) -> Process:
    """Run the children side by side until enough have succeeded or failed."""
    enough = {
        Status.SUCCESS: _threshold(ports["success_count"], len(node.children)),
        Status.FAILURE: _threshold(ports["failure_count"], len(node.children)),
    }
    branches: list[_Branch] = []
    queue: list[_Branch] = []  # who wants the body; the first has it
    try:
        for child in node.children:
            branches.append(_Branch(run(child)))
            _queue_up(branches[-1], None, queue)
            ended = _ended(branches, enough, len(node.children))
            if ended is not None:
                return ended
        while True:
            yield from _let_time_pass(branches, queue)
            ended = _ended(branches, enough, len(node.children))
            if ended is not None:
                return ended
    finally:
        for branch in branches:
            branch.process.close()


def _threshold(count: int, children: int) -> int:
    return children if count < 0 else max(1, min(count, children))


def _ended(branches: Sequence[_Branch], enough: Mapping[Status, int], children: int) -> Status | None:
    statuses = [branch.status for branch in branches]
    for status in (Status.FAILURE, Status.SUCCESS):
        if statuses.count(status) >= enough[status]:
            return status
    over = len(statuses) == children and None not in statuses
    return Status.FAILURE if over else None  # neither count can be reached any more


def _queue_up(branch: _Branch, before: Want | None, queue: list[_Branch]) -> None:
    """Keep the queue for the body after a branch was resumed: the same run of a node keeps its place."""
    if before is not None and branch.want is not None and branch.want.task is before.task:
        return
    if branch in queue:
        queue.remove(branch)
    if branch.want is not None:
        queue.append(branch)


def _let_time_pass(branches: Sequence[_Branch], queue: list[_Branch]) -> Process:
    """Ask for what the branches want together, and resume those that got theirs."""
    holder = queue[0] if queue else None
    pausing = [branch for branch in branches if branch.status is None and branch.want is None]
    if holder is None:
        seconds = max(min(branch.left for branch in pausing), 0.0)
        outcome = yield Pause(seconds)
    elif not pausing and not any(branch.steps for branch in queue):
        assert holder.want is not None
        seconds, outcome = 0.0, (yield holder.want)
    else:
        assert holder.want is not None
        assert holder.tick is not None
        seconds, outcome = STEP, (yield Want(holder.tick, holder.want.task))
    for branch in branches:
        if branch.status is not None:
            continue
        before = branch.want
        if before is None:
            branch.left -= seconds
            if branch.left <= _EPSILON:
                branch.resume(Outcome.DONE)
        elif branch is holder and outcome is not Outcome.RUNNING:
            branch.resume(outcome)
        elif branch.steps:
            branch.resume(Outcome.RUNNING)
        else:
            continue
        _queue_up(branch, before, queue)
    return Status.SUCCESS


COMPOSITES = {"Sequence": sequence, "Selector": selector, "Parallel": parallel}
"""Every composite's function, by the type's name."""

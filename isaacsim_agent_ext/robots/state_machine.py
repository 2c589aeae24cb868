"""The state machine of a robot: which of its states may follow which."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

IDLE, TURN_LEFT, TURN_RIGHT, FORWARD = "idle", "turn_left", "turn_right", "forward"

DRIVING_STATES = (IDLE, TURN_LEFT, TURN_RIGHT, FORWARD)
"""The states that every robot has."""

Transitions = Mapping[str, Sequence[str]]


def way_between(transitions: Transitions, start: str, end: str) -> tuple[str, ...] | None:
    """Return the shortest way from one state to another without the first, or None when there is none."""
    came_from: dict[str, str | None] = {start: None}
    todo = deque([start])
    while todo and end not in came_from:
        state = todo.popleft()
        for following in transitions.get(state, ()):
            if following not in came_from:
                came_from[following] = state
                todo.append(following)
    if end not in came_from:
        return None
    way: list[str] = []
    state = end
    while (before := came_from[state]) is not None:
        way.append(state)
        state = before
    return tuple(reversed(way))


class StateMachine:
    """The state one robot is in.

    Args:
        transitions: The states that may follow each state; those of `DRIVING_STATES` lead to each other.
    """

    def __init__(self, transitions: Transitions):
        self._transitions = transitions
        self.state = IDLE

    def request(self, state: str) -> bool:
        """Go one transition nearer to a state; a state that cannot follow at once is reached by way of others.

        Returns:
            Whether that state is reached.
        """
        if state != self.state:
            way = way_between(self._transitions, self.state, state)
            if way:
                self.state = way[0]
        return state == self.state

    def reaches(self, state: str) -> bool:
        """Return whether the machine is in a state or can get to it."""
        return state == self.state or way_between(self._transitions, self.state, state) is not None

"""One line for what several actors have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OF_ACTOR = re.compile(r"frame (?P<frame>\d+): (?P<actor>[^:\s]+): (?P<message>.+)", re.DOTALL)


def grouped_warnings(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Put what a simulation says of several actors, or of one several times, into one line each.

    ``frame 12: workers_0: cannot ...`` for ten actors becomes ``frame 12: workers_0 and 9 others: cannot ...``, with
    the first and the last frame where they differ.

    Args:
        texts: In any order, each a ``frame N: actor: message`` or anything else, which stays as it is.

    Returns:
        The lines in the order in which they first came up, and the texts that each stands for.
    """
    groups: dict[str, list[str]] = {}
    for text in texts:
        match = _OF_ACTOR.fullmatch(text)
        groups.setdefault(match["message"] if match else text, []).append(text)
    return {_line(each): tuple(each) for each in groups.values()}


def _line(texts: list[str]) -> str:
    matches = [match for text in texts if (match := _OF_ACTOR.fullmatch(text))]
    if len(matches) < 2:
        return texts[0]
    frames = sorted({int(match["frame"]) for match in matches})
    when = f"frame {frames[0]}" if len(frames) == 1 else f"frames {frames[0]} to {frames[-1]}"
    actors = list(dict.fromkeys(match["actor"] for match in matches))
    others = len(actors) - 1
    who = actors[0] + (f" and {others} other{'s' if others > 1 else ''}" if others else "")
    return f"{when}: {who}: {matches[0]['message']}"

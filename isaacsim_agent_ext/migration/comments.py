"""YAML with comments: what an old file said and a config cannot say stays where its reader looks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.config.dump import dump_block
from isaacsim_agent_ext.config.schema import ROOT_KEY
from isaacsim_agent_ext.config.wording import tame

_LONGEST_COMMENT = 300


@dataclass(frozen=True, slots=True, eq=False)
class Comment:
    """One line of comment among the items of a list or, as a key with the value None, among those of a map.

    Attributes:
        text: Without ``#``; characters that are not printable are escaped.
    """

    text: str


def without_comments(value: Any) -> Any:
    """Return data with all comments taken out."""
    if isinstance(value, Mapping):
        return {key: without_comments(child) for key, child in value.items() if not isinstance(key, Comment)}
    if isinstance(value, list):
        return [without_comments(child) for child in value if not isinstance(child, Comment)]
    return value


def dump_with_comments(section: Mapping[Any, Any]) -> str:
    """Return the YAML text of a config file, comments on lines of their own.

    Args:
        section: What stands under the root key.
    """
    plain = dump_block(without_comments(section))
    token = "comment"
    while token in plain:  # so that no text of the config is taken for a comment
        token += "_"
    comments: list[Comment] = []

    def marker(comment: Comment) -> str:
        comments.append(comment)
        return f"{token}{len(comments) - 1}"

    def with_markers(value: Any) -> Any:
        if isinstance(value, list):
            return [marker(item) if isinstance(item, Comment) else with_markers(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        marked: dict[str, Any] = {}
        for key, child in value.items():
            if isinstance(key, Comment):
                marked[marker(key)] = None
            elif isinstance(child, Mapping | list) and child and not without_comments(child):
                # Comments alone make no map or list: they go above it, and it is written as an empty one.
                marked |= {marker(comment): None for comment in child}
                marked[key] = without_comments(child)
            else:
                marked[key] = with_markers(child)
        return marked

    text = dump_block({ROOT_KEY: with_markers(section)}) + "\n"
    line = re.compile(rf"^( *)(?:- )?{token}(\d+)(?:: null)?$", re.MULTILINE)
    return line.sub(lambda found: f"{found[1]}# {tame(comments[int(found[2])].text, _LONGEST_COMMENT)}".rstrip(), text)

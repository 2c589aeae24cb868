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
        section: What stands under the root key. A list must not consist of comments alone.
    """
    plain = dump_block(without_comments(section))
    token = "comment"
    while token in plain:  # so that no text of the config is taken for a comment
        token += "_"
    comments: list[Comment] = []

    def tokens(value: Any) -> Any:
        if isinstance(value, Comment):
            comments.append(value)
            return f"{token}{len(comments) - 1}"
        if isinstance(value, Mapping):
            return {tokens(key): tokens(child) for key, child in value.items()}
        return [tokens(child) for child in value] if isinstance(value, list) else value

    text = dump_block({ROOT_KEY: tokens(section)}) + "\n"
    line = re.compile(rf"^( *)(?:- )?{token}(\d+)(?:: null)?$", re.MULTILINE)
    return line.sub(lambda found: f"{found[1]}# {tame(comments[int(found[2])].text, _LONGEST_COMMENT)}".rstrip(), text)

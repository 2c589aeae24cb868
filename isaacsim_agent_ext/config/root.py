"""The root of a config file: one key, and everything else under it."""

from __future__ import annotations

import re
from typing import Any

from isaacsim_agent_ext.config.document import Document
from isaacsim_agent_ext.config.schema import Format, agent_format, dotted
from isaacsim_agent_ext.config.wording import code, found, listing, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem

_OTHER_SECTION = re.compile(r"(isaacsim|omni)\..+")


def agent_section(document: Document, kind: Format | None = None) -> tuple[dict[str, Any], list[Problem]]:
    """Return what stands under the root key.

    Args:
        document: The file.
        kind: A kind of config file other than the agent config.

    Raises:
        ConfigError: There is no root key, or no map under it.
    """
    kind = kind or agent_format()
    root_key = kind.root_key
    data = document.data
    if not isinstance(data, dict):
        mark = document.value_marks[()]
        message = f"found {found(data)}, expected a map with the key {code(root_key)}"
        raise ConfigError([Problem("", message, document.name, mark.line, mark.column)])
    others = [key for key in data if key != root_key]
    if root_key not in data:
        raise ConfigError([_missing_root(document, others, kind)])
    problems = [_other_root_key(document, key, kind) for key in others]
    section = data[root_key]
    if not isinstance(section, dict):
        mark = document.value_marks[(root_key,)]
        indent = "; indent the keys that follow by two spaces" if section is None and others else ""
        keys = listing(kind.schema.get("required", ()))
        message = f"found {found(section)} under {code(root_key)}, expected a map{keys and f' with {keys}'}{indent}"
        raise ConfigError([Problem("", message, document.name, mark.line, mark.column)])
    return section, problems


def _missing_root(document: Document, others: list[str], kind: Format) -> Problem:
    root_key = kind.root_key
    known = kind.schema["properties"]
    guess = next((key for key in others if nearest(key, [root_key])), None)
    key = guess or (others[0] if others else None)
    mark = document.key_marks[(key,)] if key is not None else document.value_marks[()]
    if guess is not None:
        message = f"unknown key {code(guess)}, did you mean {code(root_key)}?"
    elif any(key in known for key in others):
        message = f"the key `{root_key}:` is missing at the top; begin the file with it and indent everything else"
    else:
        message = f"found {found(document.data)}, expected the key `{root_key}:` at the top"
    return Problem("", message, document.name, mark.line, mark.column)


def _other_root_key(document: Document, key: str, kind: Format) -> Problem:
    root_key = kind.root_key
    mark = document.key_marks[(key,)]
    if _OTHER_SECTION.fullmatch(key):
        message, severity = f"the section {code(key)} belongs to another extension and is left alone", "warning"
    elif key in kind.schema["properties"]:
        message, severity = f"the key {code(key)} belongs in `{root_key}`; indent it by two spaces", "error"
    else:
        message, severity = f"unknown key {code(key)}; the only key at the top is `{root_key}`", "error"
    return Problem(dotted((key,)), message, document.name, mark.line, mark.column, severity)

"""The root of a config file: one key, and everything else under it."""

from __future__ import annotations

import re
from typing import Any

from isaacsim_agent_ext.config.document import Document
from isaacsim_agent_ext.config.schema import ROOT_KEY, dotted, section_schema
from isaacsim_agent_ext.config.wording import code, found, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem

_OTHER_SECTION = re.compile(r"(isaacsim|omni)\..+")


def agent_section(document: Document) -> tuple[dict[str, Any], list[Problem]]:
    """Return what stands under the root key.

    Raises:
        ConfigError: There is no root key, or no map under it.
    """
    data = document.data
    if not isinstance(data, dict):
        mark = document.value_marks[()]
        message = f"found {found(data)}, expected a map with the key {code(ROOT_KEY)}"
        raise ConfigError([Problem("", message, document.name, mark.line, mark.column)])
    others = [key for key in data if key != ROOT_KEY]
    if ROOT_KEY not in data:
        raise ConfigError([_missing_root(document, others)])
    problems = [_other_root_key(document, key) for key in others]
    section = data[ROOT_KEY]
    if not isinstance(section, dict):
        mark = document.value_marks[(ROOT_KEY,)]
        indent = "; indent the keys that follow by two spaces" if section is None and others else ""
        message = (
            f"found {found(section)} under {code(ROOT_KEY)}, expected a map with `version` and `environment`{indent}"
        )
        raise ConfigError([Problem("", message, document.name, mark.line, mark.column)])
    return section, problems


def _missing_root(document: Document, others: list[str]) -> Problem:
    known = section_schema()["properties"]
    guess = next((key for key in others if nearest(key, [ROOT_KEY])), None)
    key = guess or (others[0] if others else None)
    mark = document.key_marks[(key,)] if key is not None else document.value_marks[()]
    if guess is not None:
        message = f"unknown key {code(guess)}, did you mean {code(ROOT_KEY)}?"
    elif any(key in known for key in others):
        message = f"the key `{ROOT_KEY}:` is missing at the top; begin the file with it and indent everything else"
    else:
        message = f"found {found(document.data)}, expected the key `{ROOT_KEY}:` at the top"
    return Problem("", message, document.name, mark.line, mark.column)


def _other_root_key(document: Document, key: str) -> Problem:
    mark = document.key_marks[(key,)]
    if _OTHER_SECTION.fullmatch(key):
        message, severity = f"the section {code(key)} belongs to another extension and is left alone", "warning"
    elif key in section_schema()["properties"]:
        message, severity = f"the key {code(key)} belongs in `{ROOT_KEY}`; indent it by two spaces", "error"
    else:
        message, severity = f"unknown key {code(key)}; the only key at the top is `{ROOT_KEY}`", "error"
    return Problem(dotted((key,)), message, document.name, mark.line, mark.column, severity)
